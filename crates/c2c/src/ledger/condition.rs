//! What a transfer waits for, and what executes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::key::{from_base64_lenient, to_base64url};

/// The condition of a transfer: the SHA-256 of its [`Fulfillment`], written as 43 characters of base64url.
///
/// ```
/// use c2c::ledger::{Condition, Fulfillment};
/// let fulfillment = Fulfillment::from_bytes([7; 32]);
/// let condition = fulfillment.condition();
/// assert!(condition.is_met_by(&fulfillment));
/// assert!(!condition.is_met_by(&Fulfillment::from_bytes([8; 32])));
/// assert_eq!(condition.to_string().parse(), Ok(condition));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition([u8; 32]);

impl Condition {
    /// These 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `fulfillment` executes what waits for this.
    pub fn is_met_by(&self, fulfillment: &Fulfillment) -> bool {
        fulfillment.condition() == *self
    }
}

/// The 32 bytes that execute a transfer, written as 43 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fulfillment([u8; 32]);

impl Fulfillment {
    /// These 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The condition that it meets.
    pub fn condition(&self) -> Condition {
        Condition(Sha256::digest(self.0).into())
    }
}

impl FromStr for Condition {
    type Err = InvalidDigest;

    /// Reads 43 characters of base64url in their one canonical spelling.
    ///
    /// DIFFERENCE: ilp-plugin-virtual 16 takes a condition whose last character has bits that belong to
    /// no byte, and then no fulfillment for it, for it compares texts. Passed on in its canonical
    /// spelling it could be fulfilled further on and not here, so it is refused.
    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let condition = Self(read(text)?);
        if condition.to_string() == text {
            Ok(condition)
        } else {
            Err(InvalidDigest::NotCanonical)
        }
    }
}

impl FromStr for Fulfillment {
    type Err = InvalidDigest;

    /// Reads 43 characters of base64url. Bits of the last one that belong to no byte are ignored, as in
    /// ilp-plugin-virtual 16.
    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        read(text).map(Self)
    }
}

/// Why a text is no condition or fulfillment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidDigest {
    /// Not 43 characters of the URL alphabet.
    Form,
    /// A condition in another spelling than its canonical one.
    NotCanonical,
}

impl fmt::Display for InvalidDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => {
                "Not a valid 32-byte base64url encoded string. Write 43 characters of A–Z a–z 0–9 - _, without padding."
            }
            Self::NotCanonical => {
                "The last character has bits that belong to no byte. Encode the 32 bytes again."
            }
        })
    }
}

impl std::error::Error for InvalidDigest {}

/// 32 bytes from 43 characters of base64url.
fn read(text: &str) -> Result<[u8; 32], InvalidDigest> {
    let url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.len() != 43 || !text.bytes().all(url) {
        return Err(InvalidDigest::Form);
    }
    from_base64_lenient(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(InvalidDigest::Form)
}

macro_rules! digest {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&to_base64url(&self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidDigest;
            fn try_from(text: String) -> Result<Self, InvalidDigest> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    };
}

digest!(Condition);
digest!(Fulfillment);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_but_zeros_is_known() {
        let zeros = Fulfillment::from_bytes([0; 32]);
        assert_eq!(
            zeros.condition().to_string(),
            "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU"
        );
        assert_eq!("A".repeat(43).parse(), Ok(zeros));
    }

    #[test]
    fn only_43_characters_of_the_url_alphabet_are_taken() {
        for text in [
            "",
            "A",
            &"A".repeat(42),
            &"A".repeat(44),
            &"+".repeat(43),
            &"ä".repeat(43),
        ] {
            assert_eq!(
                text.parse::<Fulfillment>(),
                Err(InvalidDigest::Form),
                "{text}"
            );
            assert_eq!(
                text.parse::<Condition>(),
                Err(InvalidDigest::Form),
                "{text}"
            );
        }
    }

    #[test]
    fn a_condition_has_one_spelling() {
        let odd = format!("{}B", "A".repeat(42));
        assert_eq!(odd.parse::<Condition>(), Err(InvalidDigest::NotCanonical));
        assert_eq!(odd.parse(), Ok(Fulfillment::from_bytes([0; 32])));
    }
}
