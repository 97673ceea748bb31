//! Invoices: what somebody is to be paid, and the secret that says it was.

use std::fmt;

use super::{AccountError, AccountName};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::ledger::{Condition, Fulfillment, TransferId};
use crate::timestamp::Timestamp;

/// How many characters of its condition name an invoice: 132 bits, so that no two share a name.
const NAMED_BY: usize = 22;

/// A demand to be paid. Whoever pays its address at least its amount under its condition gets the preimage,
/// which nobody else holds: it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Invoice {
    /// The account that is paid.
    pub account: AccountName,
    /// Where to pay: the account's address and, behind it, a name for this invoice.
    pub address: IlpAddress,
    /// The least to pay, in base units.
    pub amount: Amount,
    /// What fulfills the payment.
    pub preimage: Fulfillment,
    /// From this instant on it is not paid any more.
    pub expires_at: Timestamp,
    /// The payment that paid it.
    pub paid_by: Option<TransferId>,
}

impl Invoice {
    /// A new one, named after its condition.
    pub(super) fn new(
        ledger: &LedgerPrefix,
        account: AccountName,
        amount: Amount,
        preimage: Fulfillment,
        expires_at: Timestamp,
    ) -> Result<Self, AccountError> {
        let condition = preimage.condition().to_string();
        let name: String = condition.chars().take(NAMED_BY).collect();
        let address = ledger.account(&format!("{account}.{name}"));
        let address = address.map_err(|_| AccountError::Name {
            found: account.to_string(),
        })?;
        Ok(Self {
            account,
            address,
            amount,
            preimage,
            expires_at,
            paid_by: None,
        })
    }

    /// What a payment must be held by.
    pub fn condition(&self) -> Condition {
        self.preimage.condition()
    }

    /// How it stands at `now`: `open`, `paid` or `expired`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match &self.paid_by {
            Some(_) => "paid",
            None if self.expires_at <= now => "expired",
            None => "open",
        }
    }
}

impl fmt::Debug for Invoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoice")
            .field("address", &self.address)
            .field("amount", &self.amount)
            .field("expires_at", &self.expires_at)
            .field("paid_by", &self.paid_by)
            .finish_non_exhaustive()
    }
}
