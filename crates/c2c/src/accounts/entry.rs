//! What is kept of each account and payment, and what is written down of each change.

use serde::{Deserialize, Serialize};

use super::{AccountError, AccountName, Invoice};
use crate::ledger::{Done, State, Transfer};
use crate::timestamp::Timestamp;

/// An account: what a store has one row for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name on the ledger.
    pub name: AccountName,
    /// What it holds, in base units, without what it has on hold.
    pub balance: i128,
    /// It never falls below this by a payment; none: it has no bound, as our own account.
    pub minimum: Option<i128>,
}

/// A payment as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The transfer from one account of the ledger to another.
    pub transfer: Transfer,
    /// How it stands.
    pub state: State,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// One change, with all that a store needs of it: in one transaction it replaces the rows of the payment, the
/// accounts and the invoice that are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts the changes of this ledger, from 1, without a gap.
    pub sequence: u64,
    /// The payment after the change, if one changed.
    pub record: Option<Record>,
    /// The accounts after the change that changed.
    pub accounts: Vec<Account>,
    /// The invoice after the change, if one changed.
    pub invoice: Option<Invoice>,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what changed must be stored before the answer is let out"]
pub struct Outcome {
    /// What changed, in order; also where the answer is a refusal: what was due has run out first.
    pub entries: Vec<Entry>,
    /// How the operation ended.
    pub answer: Result<Done, AccountError>,
}
