//! Why the ledger refuses, by the names of ilp-plugin-virtual 16.

use std::fmt;

use super::{Direction, TransferId};
use crate::amount::Amount;
use crate::schema::Violation;
use crate::timestamp::Timestamp;

/// Why bytes are not taken for a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferError(Box<Violation>);

impl TransferError {
    /// What is wrong, where, and how to cure it.
    pub fn violation(&self) -> &Violation {
        &self.0
    }

    /// The same for good.
    pub fn into_violation(self) -> Violation {
        *self.0
    }
}

impl From<Violation> for TransferError {
    fn from(violation: Violation) -> Self {
        Self(Box::new(violation))
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for TransferError {}

/// Why the ledger refuses to move. The text begins as in ilp-plugin-virtual 16 where that refuses too,
/// and goes on with the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// `ledger`, `from` or `to` names another than it must.
    Misdirected {
        /// Which of the three.
        member: &'static str,
        /// What stands there.
        found: String,
        /// What must.
        expected: String,
    },
    /// The amount is 0.
    Nothing,
    /// Another transfer has this id.
    Duplicate {
        /// The id.
        id: TransferId,
    },
    /// The peer would owe more than our limit. It must pay first, or we must raise the limit.
    OverLimit {
        /// What was to come in.
        amount: Amount,
        /// The balance before.
        balance: i128,
        /// Our limit.
        limit: Amount,
    },
    /// We would owe more than the peer's limit.
    OverPeerLimit {
        /// What was to go out.
        amount: Amount,
        /// How much may.
        room: Amount,
    },
    /// A new transfer whose time is over already.
    TooLate {
        /// The id.
        id: TransferId,
        /// When it ran out.
        expires_at: Timestamp,
    },
    /// More transfers or more bytes are on hold than are kept.
    TooMany {
        /// How many transfers are kept.
        kept: usize,
    },
    /// No transfer has this id, or it was resolved long ago.
    NotFound {
        /// The id.
        id: TransferId,
    },
    /// A transfer without a condition is executed from the start.
    NotConditional {
        /// The id.
        id: TransferId,
    },
    /// Only the receiver of a transfer executes or rejects it.
    WrongSide {
        /// The id.
        id: TransferId,
        /// Which way it would have to go, seen from us.
        needed: Direction,
    },
    /// The fulfillment is that of another condition.
    WrongFulfillment {
        /// The id.
        id: TransferId,
    },
    /// It is executed, and stays so.
    AlreadyFulfilled {
        /// The id.
        id: TransferId,
    },
    /// It was rejected, cancelled or has run out, and stays so.
    AlreadyRolledBack {
        /// The id.
        id: TransferId,
    },
    /// Its time is not over yet by our clock.
    TooEarly {
        /// The id.
        id: TransferId,
        /// When it will be.
        expires_at: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The peer has taken it: it cannot be called back.
    AlreadyTaken {
        /// The id.
        id: TransferId,
    },
}

impl LedgerError {
    /// The class of the error in answers to the peer (npm ilp-plugin-virtual 16.0.1, `errors.js`);
    /// `InsufficientBalanceError` by the plugin interface of the time, for it never leaves us.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Misdirected { .. } | Self::Nothing => "InvalidFieldsError",
            Self::Duplicate { .. } => "DuplicateIdError",
            Self::OverLimit { .. }
            | Self::TooLate { .. }
            | Self::TooMany { .. }
            | Self::WrongSide { .. }
            | Self::WrongFulfillment { .. }
            | Self::AlreadyTaken { .. } => "NotAcceptedError",
            Self::OverPeerLimit { .. } => "InsufficientBalanceError",
            Self::NotFound { .. } => "TransferNotFoundError",
            Self::NotConditional { .. } => "TransferNotConditionalError",
            Self::AlreadyFulfilled { .. } => "AlreadyFulfilledError",
            Self::AlreadyRolledBack { .. } => "AlreadyRolledBackError",
            Self::TooEarly { .. } => "Error",
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misdirected {
                member: "ledger",
                found,
                expected,
            } => write!(
                f,
                "ledger ({found}) must match ILP prefix: {expected}. Send the transfer over its own ledger."
            ),
            Self::Misdirected {
                member,
                found,
                expected,
            } => write!(
                f,
                "{member} ({found}) must match account: {expected}. Name the two accounts of this ledger, the payer in from."
            ),
            Self::Nothing => f.write_str("amount (0) must be positive. Send at least 1."),
            Self::Duplicate { id } => write!(
                f,
                "transfer {id} matches the id of another but not the contents. Give a new transfer a new id."
            ),
            Self::OverLimit {
                amount,
                balance,
                limit,
            } => write!(
                f,
                "adding amount ({amount}) to balance ({balance}) exceeds maximum ({limit}). Settle first, or ask for a higher limit."
            ),
            Self::OverPeerLimit { amount, room } => write!(
                f,
                "An amount of {amount} is more than the {room} that the peer's limit leaves. Settle first, or ask the peer for a higher limit."
            ),
            Self::TooLate { id, expires_at } => write!(
                f,
                "transfer {id} expired at {expires_at}. Send it with a later time; if that was later, set the clocks."
            ),
            Self::TooMany { kept } => write!(
                f,
                "No more than {kept} transfers are kept at a time. Resolve some, then send it again."
            ),
            Self::NotFound { id } => write!(
                f,
                "no prepared transfer with id {id} was found. Check the id; what was resolved long ago is not kept."
            ),
            Self::NotConditional { id } => write!(
                f,
                "transfer with id {id} is not conditional. It is executed already, and final."
            ),
            Self::WrongSide { id, needed } => write!(
                f,
                "transfer with id {id} is not {needed}. Its receiver alone may execute or reject it."
            ),
            Self::WrongFulfillment { id } => write!(
                f,
                "Fulfillment does not match the condition of {id}. Send the 32 bytes whose SHA-256 is the condition."
            ),
            Self::AlreadyFulfilled { id } => write!(
                f,
                "transfer with id {id} has already executed. Nothing can undo it; send a transfer back instead."
            ),
            Self::AlreadyRolledBack { id } => write!(
                f,
                "transfer with id {id} has already rolled back. Send a new transfer with a new id."
            ),
            Self::TooEarly {
                id,
                expires_at,
                now,
            } => write!(
                f,
                "{id} doesn't expire until {expires_at} (current time is {now}). Wait, or set the clocks."
            ),
            Self::AlreadyTaken { id } => write!(
                f,
                "transfer with id {id} was taken by the peer. Let it be fulfilled, be rejected or run out."
            ),
        }
    }
}

impl std::error::Error for LedgerError {}
