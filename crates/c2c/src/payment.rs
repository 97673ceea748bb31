//! What becomes of a payment that comes in: the next transfer, or a refusal. Decisions only; nothing is
//! kept here.
//!
//! The rules are those of ilp-connector 21, section by section of `route-builder.js`:
//!
//! - A payment to our own account on the ledger is for us, and is left to whoever waits for it.
//! - The hop is asked for with the real amount. On the last ledger the packet's amount is paid, if what came
//!   in is enough for it but for the slippage, and worth it before the spread; before it, what our own pair
//!   makes of what came in.
//! - Where the last ledger is one of our own, the payment has arrived: the receiver's account is paid there.
//! - The next transfer has the same condition and packet, and expires a window earlier.
//! - Its id is made of the ledger and id of what came in and a secret ([`next_id`]), so that the same payment
//!   never goes on twice, and says in its private note what it goes on for ([`Source`]).

mod next;
mod refusal;

pub use next::{Delivery, Next, Sides, Terms, Worth, next};
pub use refusal::Refusal;

use crate::address::LedgerPrefix;
use crate::key::SecretKey;
use crate::ledger::{Json, Transfer, TransferId};

/// The transfer that another one goes on for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its ledger.
    pub ledger: LedgerPrefix,
    /// Its id.
    pub id: TransferId,
}

impl Source {
    /// What `transfer` goes on for, if it does: what its private note says, in the words of
    /// ilp-connector 21.
    pub fn of(transfer: &Transfer) -> Option<Self> {
        let note: serde_json::Value =
            serde_json::from_str(transfer.note_to_self.as_ref()?.as_str()).ok()?;
        Some(Self {
            ledger: note["source_transfer_ledger"].as_str()?.parse().ok()?,
            id: note["source_transfer_id"].as_str()?.parse().ok()?,
        })
    }

    /// The private note of a transfer that goes on for `incoming`.
    fn note(incoming: &Transfer) -> Option<Json> {
        let note = serde_json::json!({
            "source_transfer_amount": incoming.amount.to_string(),
            "source_transfer_id": incoming.id.as_str(),
            "source_transfer_ledger": incoming.ledger.as_str(),
        });
        Json::try_from(note.to_string()).ok()
    }
}

/// The id of the transfer that goes on for the transfer `id` on `ledger`: a UUID that nobody can guess
/// without `secret`, and always the same (npm ilp-connector 21, `getDeterministicUuid`).
///
/// ```
/// use c2c::key::SecretKey;
/// use c2c::payment::next_id;
/// let secret = SecretKey::from_bytes(&[0; 32]);
/// let id = next_id(
///     &secret,
///     &"peer.abcde.usd.9.".parse()?,
///     &"0e798bd6-213b-4b2f-bc1c-040788e7bae5".parse()?,
/// );
/// assert_eq!(id.as_str(), "0230a5de-3fa2-4fc0-804c-a1956dd00c41");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn next_id(secret: &SecretKey, ledger: &LedgerPrefix, id: &TransferId) -> TransferId {
    let digest = secret.sign(format!("{ledger}/{id}").as_bytes());
    let mut text = String::with_capacity(36);
    for (at, digit) in digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .enumerate()
    {
        match at {
            8 | 13 | 18 | 23 => text.push('-'),
            14 => text.push('4'),
            19 => text.push('8'),
            36.. => break,
            _ => text.push(char::from_digit(digit.into(), 16).unwrap_or('0')),
        }
    }
    TransferId::new(&text).expect("36 visible characters")
}

#[cfg(test)]
mod tests;
