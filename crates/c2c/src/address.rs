//! ILP addresses and ledger prefixes, checked once, when they are made.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest address that is taken, in characters. The schemas of 2017 set no bound; we must.
pub const MAX_ADDRESS_LENGTH: usize = 1023;

/// An address, or a prefix of addresses: one or more of `A–Z a–z 0–9 . _ ~ -`. Cheap to clone.
///
/// ```
/// use c2c::address::IlpAddress;
/// let alice = IlpAddress::new("example.red.alice")?;
/// assert!(alice.is_under("example.red.") && alice.is_under("example.red"));
/// assert!(!alice.is_under("example.re"));
/// assert!(IlpAddress::new("example red").is_err());
/// # Ok::<(), c2c::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IlpAddress(Arc<str>);

impl IlpAddress {
    /// Checks and keeps `text`.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        check(text)?;
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is on a ledger between two peers, or such a ledger: it starts with `peer.`.
    pub fn is_peer(&self) -> bool {
        self.0.starts_with("peer.")
    }

    /// Whether this lies under `prefix`. A prefix that does not end in a dot covers only itself and
    /// what follows it after a dot: `g.us` covers `g.us` and `g.us.x`, never `g.usd`.
    pub fn is_under(&self, prefix: &str) -> bool {
        match self.0.strip_prefix(prefix) {
            None => false,
            Some(rest) => {
                prefix.is_empty()
                    || prefix.ends_with('.')
                    || rest.is_empty()
                    || rest.starts_with('.')
            }
        }
    }
}

/// The name of a ledger: an address that ends in a dot, such as `peer.OR5Df.usd.9.`. Cheap to clone.
///
/// ```
/// use c2c::address::LedgerPrefix;
/// let prefix = LedgerPrefix::new("peer.OR5Df.usd.9.")?;
/// assert!(prefix.is_peer());
/// assert_eq!(prefix.account("alice")?.as_str(), "peer.OR5Df.usd.9.alice");
/// assert!(LedgerPrefix::new("peer.OR5Df.usd.9").is_err());
/// # Ok::<(), c2c::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LedgerPrefix(IlpAddress);

impl LedgerPrefix {
    /// Checks and keeps `text`.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let address = IlpAddress::new(text)?;
        if !text.ends_with('.') {
            return Err(AddressError::NoFinalDot {
                value: text.to_owned(),
            });
        }
        Ok(Self(address))
    }

    /// The text, with its final dot.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same as an address.
    pub fn as_address(&self) -> &IlpAddress {
        &self.0
    }

    /// Whether this is a ledger between two peers.
    pub fn is_peer(&self) -> bool {
        self.0.is_peer()
    }

    /// The account `name` on this ledger.
    pub fn account(&self, name: &str) -> Result<IlpAddress, AddressError> {
        IlpAddress::new(&format!("{self}{name}"))
    }
}

impl TryFrom<IlpAddress> for LedgerPrefix {
    type Error = AddressError;

    /// An address that ends in a dot, without copying it.
    fn try_from(address: IlpAddress) -> Result<Self, AddressError> {
        if address.as_str().ends_with('.') {
            return Ok(Self(address));
        }
        Err(AddressError::NoFinalDot {
            value: address.as_str().to_owned(),
        })
    }
}

/// Upper case in ledger information, lower case in the prefix: `USD`, `usd`.
///
/// ```
/// use c2c::address::CurrencyCode;
/// let code = CurrencyCode::new("usd")?;
/// assert_eq!((code.as_str(), code.to_lower().as_str()), ("USD", "usd"));
/// # Ok::<(), c2c::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CurrencyCode(Arc<str>);

impl CurrencyCode {
    /// 1 to 16 of `A–Z a–z 0–9 _ ~ -`, kept in upper case.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let fits =
            (1..=16).contains(&text.len()) && text.bytes().all(|b| is_address_byte(b) && b != b'.');
        if !fits {
            return Err(AddressError::Currency {
                value: text.chars().take(40).collect(),
            });
        }
        Ok(Self(text.to_ascii_uppercase().into()))
    }

    /// Upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands in a ledger prefix.
    pub fn to_lower(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Why a text is no address, prefix or currency code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// Nothing was given.
    Empty,
    /// Longer than [`MAX_ADDRESS_LENGTH`].
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A character outside the alphabet.
    Character {
        /// The character.
        found: char,
        /// Where, counted from 0; messages count from 1.
        at: usize,
    },
    /// A ledger prefix without its final dot.
    NoFinalDot {
        /// What was given.
        value: String,
    },
    /// Not a currency code.
    Currency {
        /// What was given, shortened.
        value: String,
    },
}

impl AddressError {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong { .. } | Self::Character { .. } => "ADDRESS_FORMAT",
            Self::NoFinalDot { .. } => "PREFIX_FORMAT",
            Self::Currency { .. } => "CODE_FORMAT",
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(
                f,
                "An address is empty. Write one, such as example.red.alice."
            ),
            Self::TooLong { length } => write!(
                f,
                "An address of {length} characters is too long. At most {MAX_ADDRESS_LENGTH} are taken."
            ),
            Self::Character { found, at } => write!(
                f,
                "Character {found:?} at position {} cannot be in an address. Use A–Z, a–z, 0–9 and . _ ~ -",
                at + 1
            ),
            Self::NoFinalDot { value } => write!(
                f,
                "\"{value}\" is not a ledger prefix: it must end with a dot, such as peer.k3x9Q.usd.9."
            ),
            Self::Currency { value } => write!(
                f,
                "\"{value}\" cannot go into an address. Use letters or digits, such as USD."
            ),
        }
    }
}

impl std::error::Error for AddressError {}

/// Whether `byte` may stand in an address.
pub const fn is_address_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-')
}

fn check(text: &str) -> Result<(), AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if !text.bytes().all(is_address_byte)
        && let Some((at, found)) = text
            .char_indices()
            .find(|(_, c)| !u8::try_from(*c).is_ok_and(is_address_byte))
    {
        return Err(AddressError::Character { found, at });
    }
    if text.len() > MAX_ADDRESS_LENGTH {
        return Err(AddressError::TooLong { length: text.len() });
    }
    Ok(())
}

macro_rules! text_type {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.as_str())
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }
        impl FromStr for $name {
            type Err = AddressError;
            fn from_str(text: &str) -> Result<Self, AddressError> {
                Self::new(text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = AddressError;
            fn try_from(text: String) -> Result<Self, AddressError> {
                Self::new(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.as_str().to_owned()
            }
        }
    };
}

text_type!(IlpAddress);
text_type!(LedgerPrefix);
text_type!(CurrencyCode);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_address_is_refused_with_its_place() {
        let fault = IlpAddress::new("g.ä").unwrap_err();
        assert_eq!(fault, AddressError::Character { found: 'ä', at: 2 });
        assert!(
            fault
                .to_string()
                .starts_with("Character 'ä' at position 3 ")
        );
        assert_eq!(IlpAddress::new(""), Err(AddressError::Empty));
        for text in ["a b", "a/b", "a\n", "a\0", "a+b", "a=b", "a:b", "a,b"] {
            assert!(IlpAddress::new(text).is_err(), "{text:?}");
        }
        assert!(IlpAddress::new(&"a".repeat(MAX_ADDRESS_LENGTH)).is_ok());
        let long = IlpAddress::new(&"a".repeat(MAX_ADDRESS_LENGTH + 1)).unwrap_err();
        assert_eq!(
            (long.code(), long),
            ("ADDRESS_FORMAT", AddressError::TooLong { length: 1024 })
        );
    }

    #[test]
    fn a_prefix_covers_whole_segments_only() {
        let address = IlpAddress::new("g.us.x").unwrap();
        for prefix in ["", "g.", "g", "g.us", "g.us.", "g.us.x"] {
            assert!(address.is_under(prefix), "{prefix}");
        }
        for prefix in ["g.u", "g.us.x.", "g.us.x.y", "g.usd", "x"] {
            assert!(!address.is_under(prefix), "{prefix}");
        }
    }

    #[test]
    fn a_ledger_prefix_ends_in_a_dot() {
        let fault = LedgerPrefix::new("peer.a.usd.9").unwrap_err();
        assert_eq!(fault.code(), "PREFIX_FORMAT");
        assert!(!LedgerPrefix::new("peers.").unwrap().is_peer());
        assert!(serde_json::from_str::<LedgerPrefix>("\"peer.a\"").is_err());
    }

    #[test]
    fn a_currency_code_has_1_to_16_characters() {
        assert_eq!(
            CurrencyCode::new("usd").unwrap(),
            CurrencyCode::new("USD").unwrap()
        );
        assert!(CurrencyCode::new("A-b_c~0123456789").is_ok());
        for text in ["", "US.D", "US D", "€", "ABCDEFGHIJKLMNOPQ"] {
            let fault = CurrencyCode::new(text).unwrap_err();
            assert_eq!(fault.code(), "CODE_FORMAT");
            assert_eq!(
                fault.to_string(),
                format!(
                    "\"{text}\" cannot go into an address. Use letters or digits, such as USD."
                )
            );
        }
    }

    proptest! {
        #[test]
        fn prop_addresses_keep_their_text(text in "[a-zA-Z0-9._~-]{1,80}") {
            let address = IlpAddress::new(&text).unwrap();
            prop_assert_eq!(address.as_str(), &text);
            prop_assert!(address.is_under(&text));
            let json = serde_json::to_string(&address).unwrap();
            prop_assert_eq!(serde_json::from_str::<IlpAddress>(&json).unwrap(), address);
        }
    }
}
