//! With which terms a peer may have added us, when it does not know those that we added it with.
//!
//! The prefix between two connectors depends on currency and scale, the token does not. So whoever
//! added us with another currency or scale knows our token under another prefix: a call of `get_limit`
//! for each likely prefix finds out which.

use super::SharedSecret;
use crate::address::{CurrencyCode, LedgerPrefix};
use crate::amount::Scale;
use crate::timestamp::Millis;

/// The most calls that one search makes.
pub const MOST_CALLS: usize = 12;

/// The least time between two of them.
pub const BETWEEN_CALLS: Millis = Millis(500);

/// The currencies that peerings of 2017 were made in, the most frequent first.
const USUAL_CURRENCIES: [&str; 5] = ["USD", "EUR", "XRP", "BTC", "GBP"];

/// Terms under which a peer may know us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The currency.
    pub currency: CurrencyCode,
    /// The scale.
    pub scale: Scale,
    /// The ledger that these make.
    pub prefix: LedgerPrefix,
}

/// What to ask for, in order, at most [`MOST_CALLS`]: what was agreed itself; the scale of ilp-kit, whose
/// form always sends 9; the scales that currencies have; other currencies.
///
/// ```
/// use c2c::amount::Scale;
/// use c2c::key::SecretKey;
/// use c2c::peering::{mismatch, shared_secret};
///
/// let secret = SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=")?;
/// let shared = shared_secret(&secret, &"_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU".parse()?)?;
/// let guesses = mismatch::guesses(&shared, &"EUR".parse()?, Scale::new(2)?);
/// assert_eq!(guesses[0].prefix.as_str(), "peer.OR5Df.eur.2.");
/// assert_eq!(guesses[1].prefix.as_str(), "peer.OR5Df.eur.9.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn guesses(shared: &SharedSecret, currency: &CurrencyCode, scale: Scale) -> Vec<Guess> {
    let scales = [9, 2, 6, 0].map(Scale::new).into_iter().flatten();
    let usual = USUAL_CURRENCIES.map(CurrencyCode::new);
    let usual: Vec<CurrencyCode> = usual.into_iter().flatten().collect();
    let same_currency = scales.map(|scale| (currency.clone(), scale));
    let two = Scale::new(2);
    let others = |scale: Scale| usual.iter().map(move |currency| (currency.clone(), scale));
    let mut guesses: Vec<Guess> = Vec::new();
    for (currency, scale) in std::iter::once((currency.clone(), scale))
        .chain(same_currency)
        .chain(others(scale))
        .chain(others(Scale::KIT))
        .chain(two.into_iter().flat_map(others))
    {
        let prefix = shared.prefix(&currency, scale);
        if guesses.len() < MOST_CALLS && !guesses.iter().any(|guess| guess.prefix == prefix) {
            guesses.push(Guess {
                currency,
                scale,
                prefix,
            });
        }
    }
    guesses
}

/// What the answer to one call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The peer knows us by this prefix and this token.
    Hit,
    /// It knows the prefix, and refuses the token.
    OtherToken,
    /// It does not know the prefix: on to the next.
    Unknown,
    /// It says nothing that would help: the search ends.
    NoHelp,
}

impl Verdict {
    /// What an answer of this HTTP status to `get_limit` says; `is_limit` where it was a limit.
    ///
    /// ilp-kit answers an unknown prefix with 401 and a wrong token with 403.
    pub fn of(status: u16, is_limit: bool) -> Self {
        match status {
            200 if is_limit => Self::Hit,
            401 | 404 => Self::Unknown,
            403 => Self::OtherToken,
            _ => Self::NoHelp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;
    use crate::peering::shared_secret;

    #[test]
    fn every_guess_is_another_prefix_and_the_agreed_one_comes_first() {
        let secret = |byte| SecretKey::from_bytes(&[byte; 32]);
        let shared = shared_secret(&secret(1), &secret(2).public_key()).unwrap();
        for (currency, scale) in [("USD", 9), ("usd", 2), ("EUR", 18), ("LONGCODE_1", 0)] {
            let (currency, scale) = (currency.parse().unwrap(), Scale::new(scale).unwrap());
            let guesses = guesses(&shared, &currency, scale);
            assert_eq!(guesses[0].prefix, shared.prefix(&currency, scale));
            assert!((10..=MOST_CALLS).contains(&guesses.len()), "{guesses:?}");
            let mut prefixes: Vec<_> = guesses.iter().map(|guess| &guess.prefix).collect();
            prefixes.sort();
            prefixes.dedup();
            assert_eq!(prefixes.len(), guesses.len());
        }
    }

    #[test]
    fn an_answer_says_whether_to_go_on() {
        assert_eq!(Verdict::of(200, true), Verdict::Hit);
        assert_eq!(Verdict::of(200, false), Verdict::NoHelp);
        assert_eq!(Verdict::of(401, false), Verdict::Unknown);
        assert_eq!(Verdict::of(403, false), Verdict::OtherToken);
        assert_eq!(Verdict::of(502, false), Verdict::NoHelp);
    }
}
