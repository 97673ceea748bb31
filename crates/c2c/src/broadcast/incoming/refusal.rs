//! Why a route is not taken, or only with a doubt.

use std::fmt;

use crate::address::{AddressError, IlpAddress};
use crate::message::PointsError;
use crate::table::{NotAdded, TooGood};
use crate::timestamp::Timestamp;

/// Why one route of an update was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its source account is not the account that sent the update.
    NotTheSender {
        /// Its source account.
        source_account: IlpAddress,
    },
    /// Its source account is not on its source ledger.
    NotOnLedger {
        /// Its source ledger.
        source_ledger: IlpAddress,
    },
    /// It leads to a ledger between two peers.
    PeerDestination,
    /// An address in it is none that we can hold.
    Address {
        /// The member at fault.
        member: &'static str,
        /// What is wrong with it.
        error: AddressError,
    },
    /// Its curve is none.
    Curve(PointsError),
    /// The tables do not take it.
    NotAdded(NotAdded),
    /// It is too good to be true.
    TooGood {
        /// By how much, and what it would attract.
        found: TooGood,
        /// Whether it was taken all the same.
        kept: bool,
    },
    /// Nothing that we can pass on reaches its least amount. It is kept: our balances may change.
    OutOfReach,
}

impl Refusal {
    /// A short word for logs and counters.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotTheSender { .. } => "ROUTE_NOT_THE_SENDER",
            Self::NotOnLedger { .. } => "ROUTE_NOT_ON_LEDGER",
            Self::PeerDestination => "ROUTE_PEER_DESTINATION",
            Self::Address { .. } => "ROUTE_ADDRESS",
            Self::Curve(_) => "ROUTE_CURVE",
            Self::NotAdded(NotAdded::NoWayTo) => "ROUTE_NO_WAY_TO",
            Self::NotAdded(NotAdded::Loop) => "ROUTE_LOOP",
            Self::NotAdded(NotAdded::PathTooLong { .. }) => "ROUTE_PATH_TOO_LONG",
            Self::NotAdded(NotAdded::TooManyPaths { .. }) => "ROUTE_TOO_MANY_PATHS",
            Self::NotAdded(NotAdded::TooManyRoutes { .. }) => "ROUTE_TOO_MANY",
            Self::NotAdded(NotAdded::TooManyBytes { .. }) => "ROUTE_TOO_LARGE",
            Self::TooGood { .. } => "ROUTE_TOO_GOOD",
            Self::OutOfReach => "ROUTE_OUT_OF_REACH",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTheSender { source_account } => {
                write!(
                    f,
                    "its source_account {source_account} is not the account that sent it"
                )
            }
            Self::NotOnLedger { source_ledger } => {
                write!(
                    f,
                    "its source_account is not on its source_ledger {source_ledger}"
                )
            }
            Self::PeerDestination => {
                write!(
                    f,
                    "its destination starts with peer.; ledgers between peers are not announced"
                )
            }
            Self::Address { member, error } => write!(f, "its {member}: {error}"),
            Self::Curve(error) => write!(f, "its points are no curve: {error}"),
            Self::NotAdded(error) => error.fmt(f),
            Self::TooGood { found, kept } => {
                let done = if *kept { "it is kept" } else { "it is refused" };
                write!(f, "{found}; {done}")
            }
            Self::OutOfReach => {
                write!(
                    f,
                    "nothing of ours can pass on its least amount now; it is kept unused"
                )
            }
        }
    }
}

/// A route that was not taken: from whom, when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRoute {
    /// Who sent it.
    pub peer: IlpAddress,
    /// Its place in the update, from 0.
    pub index: usize,
    /// Where it claimed to lead; none if that cannot be held.
    pub destination: Option<IlpAddress>,
    /// Why not.
    pub reason: Refusal,
    /// When.
    pub at: Timestamp,
}
