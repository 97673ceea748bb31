//! A transfer between the two accounts of a peer ledger.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Condition, Json, write_text};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::key::to_base64url;
use crate::timestamp::Timestamp;

/// The longest id that is taken, in bytes. UUIDs, which everybody sends, have 36.
pub const MAX_ID_LENGTH: usize = 256;

/// The most that packet, `data` and `custom` of one transfer may take together, in bytes.
pub const MAX_ATTACHED: usize = 64 << 10;

/// What a transfer is called: any text that is not empty, not longer than [`MAX_ID_LENGTH`] and without
/// control characters. ilp-plugin-virtual 16 sends UUIDs and checks for none. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TransferId(Arc<str>);

impl TransferId {
    /// Checks and keeps `text`.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() || text.len() > MAX_ID_LENGTH || text.chars().any(char::is_control) {
            return Err(InvalidId { length: text.len() });
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no id of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId {
    /// Its length in bytes.
    pub length: usize,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "An id of {} bytes cannot name a transfer. Use a UUID, or another text of 1 to {MAX_ID_LENGTH} bytes without control characters.",
            self.length
        )
    }
}

impl std::error::Error for InvalidId {}

impl FromStr for TransferId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl TryFrom<String> for TransferId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(&text)
    }
}

impl From<TransferId> for String {
    fn from(id: TransferId) -> String {
        id.as_str().to_owned()
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// What a transfer on hold waits for, and until when. One never comes without the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What executes it.
    pub condition: Condition,
    /// From this instant on it cannot be executed any more.
    pub expires_at: Timestamp,
}

/// A transfer: money from one account of a peer ledger to the other, with what it is for
/// (npm ilp-plugin-virtual 16.0.1, `sendTransfer`).
///
/// ```
/// use c2c::ledger::Transfer;
/// use c2c::schema::Document;
/// let text = r#"{"id":"0e798bd6-213b-4b2f-bc1c-040788e7bae5","ledger":"peer.OR5Df.usd.9.",
///     "from":"peer.OR5Df.usd.9.them","to":"peer.OR5Df.usd.9.us","amount":"107"}"#;
/// let transfer = Transfer::read(Document::whole(text.as_bytes()), "[0]")?;
/// assert_eq!(transfer.amount.units(), 107);
/// assert_eq!(transfer.hold, None); // without a condition it is executed at once
///
/// let wrong = text.replace("\"107\"", "1.5");
/// let fault = Transfer::read(Document::whole(wrong.as_bytes()), "[0]").unwrap_err();
/// assert_eq!(fault.violation().path, "[0].amount");
/// # Ok::<(), c2c::ledger::TransferError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its name, on this ledger and for good.
    pub id: TransferId,
    /// The ledger.
    pub ledger: LedgerPrefix,
    /// Who pays.
    pub from: IlpAddress,
    /// Who is paid.
    pub to: IlpAddress,
    /// How much, never nothing.
    pub amount: Amount,
    /// Condition and expiry; none for a transfer that is executed at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The ILP packet: what it is for. Kept as it came, whatever it holds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "octets")]
    pub ilp: Option<Vec<u8>>,
    /// A note for the other side: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
    /// Another note for the other side: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Json>,
    /// The sender's private note. It is never sent, and read from nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note_to_self: Option<Json>,
}

impl Transfer {
    /// A transfer of `amount` without condition, packet or notes.
    pub fn new(
        id: TransferId,
        ledger: LedgerPrefix,
        from: IlpAddress,
        to: IlpAddress,
        amount: Amount,
    ) -> Self {
        Self {
            id,
            ledger,
            from,
            to,
            amount,
            hold: None,
            ilp: None,
            data: None,
            custom: None,
            note_to_self: None,
        }
    }

    /// The same on hold.
    pub fn with_hold(mut self, condition: Condition, expires_at: Timestamp) -> Self {
        self.hold = Some(Hold {
            condition,
            expires_at,
        });
        self
    }

    /// The same with a packet.
    pub fn with_ilp(mut self, packet: Vec<u8>) -> Self {
        self.ilp = Some(packet);
        self
    }

    /// The transfer as JSON, as it is sent: without the note to self, the packet in base64url.
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(512);
        for (name, value) in [
            ("{\"id\":", self.id.as_str()),
            (",\"ledger\":", self.ledger.as_str()),
            (",\"from\":", self.from.as_str()),
            (",\"to\":", self.to.as_str()),
            (",\"amount\":", &self.amount.to_string()),
        ] {
            out.push_str(name);
            write_text(&mut out, value);
        }
        if let Some(hold) = &self.hold {
            out.push_str(",\"executionCondition\":\"");
            out.push_str(&hold.condition.to_string());
            out.push_str("\",\"expiresAt\":\"");
            out.push_str(&hold.expires_at.to_string());
            out.push('"');
        }
        if let Some(packet) = &self.ilp {
            out.push_str(",\"ilp\":\"");
            out.push_str(&to_base64url(packet));
            out.push('"');
        }
        for (name, note) in [(",\"data\":", &self.data), (",\"custom\":", &self.custom)] {
            if let Some(note) = note {
                out.push_str(name);
                out.push_str(note.as_str());
            }
        }
        out.push('}');
        out
    }

    /// Whether `other` is the same transfer said again: all but the private note is equal.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.id == other.id
            && self.ledger == other.ledger
            && self.from == other.from
            && self.to == other.to
            && self.amount == other.amount
            && self.hold == other.hold
            && self.ilp == other.ilp
            && self.data == other.data
            && self.custom == other.custom
    }

    /// How many bytes packet and notes take.
    pub fn attached(&self) -> usize {
        let note = |json: &Option<Json>| json.as_ref().map_or(0, |json| json.as_str().len());
        self.ilp.as_ref().map_or(0, Vec::len)
            + note(&self.data)
            + note(&self.custom)
            + note(&self.note_to_self)
    }
}

/// Optional bytes as base64url in stored records.
mod octets {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::key::{from_base64_lenient, to_base64url};

    pub fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_str(&to_base64url(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| from_base64_lenient(&text).map_err(serde::de::Error::custom))
            .transpose()
    }
}
