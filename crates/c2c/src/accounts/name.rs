//! What an account is called.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::AccountError;
use crate::address::{IlpAddress, LedgerPrefix, is_address_byte};

/// The longest name, in characters.
const MOST: usize = 64;

/// The name of an account: 1 to 64 of `A–Z a–z 0–9 _ ~ -`, one segment of an address. Cheap to clone.
///
/// ```
/// use c2c::accounts::AccountName;
/// use c2c::address::{IlpAddress, LedgerPrefix};
/// let green = LedgerPrefix::new("example.green.")?;
/// let invoice = IlpAddress::new("example.green.alice.x3")?;
/// assert_eq!(AccountName::of(&green, &invoice), Some("alice".parse()?));
/// assert!("al.ice".parse::<AccountName>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(Arc<str>);

impl AccountName {
    /// The account on `ledger` that `address` belongs to: the segment after the prefix.
    pub fn of(ledger: &LedgerPrefix, address: &IlpAddress) -> Option<Self> {
        let rest = address.as_str().strip_prefix(ledger.as_str())?;
        rest.split('.').next()?.parse().ok()
    }
}

impl FromStr for AccountName {
    type Err = AccountError;
    fn from_str(text: &str) -> Result<Self, AccountError> {
        let fits = (1..=MOST).contains(&text.len())
            && text.bytes().all(|b| is_address_byte(b) && b != b'.');
        match fits {
            true => Ok(Self(text.into())),
            false => Err(AccountError::Name {
                found: text.chars().take(80).collect(),
            }),
        }
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountError;
    fn try_from(text: String) -> Result<Self, AccountError> {
        text.parse()
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> String {
        name.0.as_ref().to_owned()
    }
}

impl Deref for AccountName {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for AccountName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}
