//! What a caller can do wrong. Peers cannot: whatever they send is answered.

use std::fmt;

use crate::accounts::AccountError;
use crate::address::{CurrencyCode, LedgerPrefix};
use crate::ledger::LedgerError;
use crate::timestamp::Millis;

use super::CallId;

/// A mistake of the program that drives the connector, or of the configuration that it was given.
///
/// Peers never cause one: their faults become answers, peer states and events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A peer with this ledger is there already. Remove it first, or change the terms.
    DuplicatePeer {
        /// The ledger.
        prefix: LedgerPrefix,
    },
    /// No peer has this ledger.
    UnknownPeer {
        /// The ledger that was asked for.
        prefix: LedgerPrefix,
    },
    /// A peer's ledger must start with `peer.`, and an own ledger must not.
    WrongKindOfLedger {
        /// The ledger.
        prefix: LedgerPrefix,
    },
    /// An account that is not on the ledger it was given for.
    AccountOffLedger {
        /// The ledger.
        prefix: LedgerPrefix,
        /// The account.
        account: String,
    },
    /// Two own ledgers of one name.
    DuplicateLedger {
        /// The ledger.
        prefix: LedgerPrefix,
    },
    /// The target of a configured route does not end in a dot, and would cover half of a name.
    UnsoundTarget {
        /// The target.
        target: String,
    },
    /// A call was reported as done that is not under way: reported twice, or never asked for.
    UnknownCall {
        /// The call.
        id: CallId,
    },
    /// The ledger refuses what was to be done with a transfer.
    Ledger(Box<LedgerError>),
    /// No ledger of our own has this name.
    UnknownLedger {
        /// The ledger that was asked for.
        prefix: LedgerPrefix,
    },
    /// The ledger of our own refuses what was to be done on it.
    Account(Box<AccountError>),
    /// The interval between broadcasts is 0.
    NoInterval,
    /// Routes would run out before the next broadcast can renew them.
    ExpiryWithinInterval {
        /// How long routes stay good.
        expiry: Millis,
        /// The interval between broadcasts.
        interval: Millis,
    },
    /// A share, such as the spread, that is 1 or more.
    ShareTooLarge {
        /// Which: `spread` or `slippage`.
        setting: &'static str,
    },
    /// A rate of 0. Leave the pair out if it is not traded.
    NoRate {
        /// What is sold.
        from: CurrencyCode,
        /// What is bought.
        to: CurrencyCode,
    },
    /// A curve cannot have fewer than two points.
    TooFewPoints {
        /// How many were asked for.
        points: usize,
    },
}

impl Error {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DuplicatePeer { .. } => "DUPLICATE",
            Self::UnknownPeer { .. } => "UNKNOWN_PEER",
            Self::WrongKindOfLedger { .. } => "PREFIX_FORMAT",
            Self::AccountOffLedger { .. } => "ACCOUNT_OFF_LEDGER",
            Self::DuplicateLedger { .. } => "DUPLICATE_LEDGER",
            Self::UnsoundTarget { .. } => "TARGET_PREFIX",
            Self::UnknownCall { .. } => "UNKNOWN_CALL",
            Self::Ledger(error) => error.name(),
            Self::UnknownLedger { .. } => "UNKNOWN_LEDGER",
            Self::Account(error) => error.code(),
            Self::NoInterval | Self::ExpiryWithinInterval { .. } => "INTERVAL",
            Self::ShareTooLarge { .. } => "SHARE",
            Self::NoRate { .. } => "RATE",
            Self::TooFewPoints { .. } => "MAX_POINTS",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicatePeer { prefix } => write!(
                f,
                "A peer with the ledger {prefix} is there already. Open that peering or change the terms."
            ),
            Self::UnknownPeer { prefix } => write!(
                f,
                "No peer has the ledger {prefix}. Look at the list of peers for its exact name."
            ),
            Self::WrongKindOfLedger { prefix } => write!(
                f,
                "{prefix} is the wrong kind of ledger: a peering prefix starts \"peer.\", an own ledger's does not."
            ),
            Self::AccountOffLedger { prefix, account } => write!(
                f,
                "The account {account} is not on the ledger {prefix}. Its address must start with the prefix."
            ),
            Self::DuplicateLedger { prefix } => write!(
                f,
                "The ledger {prefix} is configured twice. Leave one of them out."
            ),
            Self::UnsoundTarget { target } => write!(
                f,
                "The target {target} of a configured route does not end in a dot. Write {target}., or nothing at all for all addresses."
            ),
            Self::UnknownCall { id } => write!(
                f,
                "Call {} is not under way. Report each call once, when it is done.",
                id.0
            ),
            Self::Ledger(error) => error.fmt(f),
            Self::UnknownLedger { prefix } => write!(
                f,
                "{prefix} is no ledger of this connector's own. Name one of the configuration, or configure it."
            ),
            Self::Account(error) => error.fmt(f),
            Self::NoInterval => {
                write!(
                    f,
                    "The broadcast interval is 0. Use 30000 ms, or at least 1."
                )
            }
            Self::ExpiryWithinInterval { expiry, interval } => write!(
                f,
                "Routes would expire after {} ms, before the next broadcast at {} ms. Make the expiry longer than the interval.",
                expiry.0, interval.0
            ),
            Self::ShareTooLarge { setting } => write!(
                f,
                "The {setting} is 1 or more, which leaves nothing. Use a share below 1, such as 0.002."
            ),
            Self::NoRate { from, to } => write!(
                f,
                "The rate from {from} to {to} is 0. Leave the pair out if it is not traded."
            ),
            Self::TooFewPoints { points } => write!(
                f,
                "A curve of {points} points cannot be. Allow at least 2; 10 is usual."
            ),
        }
    }
}

impl std::error::Error for Error {}
