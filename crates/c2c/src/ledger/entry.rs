//! What the ledger keeps of each transfer, and what it writes down of each change.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Fulfillment, Json, LedgerError, Transfer};
use crate::timestamp::Timestamp;

/// Which way a transfer goes, seen from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The peer pays us.
    Incoming,
    /// We pay the peer.
    Outgoing,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        })
    }
}

/// How a transfer stands. All but the first are final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On hold, until it is fulfilled, rejected or runs out.
    Prepared,
    /// Done: by a fulfillment, or at once where it had no condition.
    Executed {
        /// What executed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fulfillment: Option<Fulfillment>,
    },
    /// Refused by its receiver.
    Rejected {
        /// Why: in 2017 an object with `code`, `name`, `message` and more, but anything is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Json>,
    },
    /// Called back by us, because the peer had refused to take it.
    Cancelled,
    /// Neither fulfilled nor rejected in time.
    Expired,
}

impl State {
    /// The name, as stores and logs write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Executed { .. } => "executed",
            Self::Rejected { .. } => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing can change it any more.
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Prepared)
    }

    /// Whether it came to nothing.
    pub const fn is_rolled_back(&self) -> bool {
        matches!(
            self,
            Self::Rejected { .. } | Self::Cancelled | Self::Expired
        )
    }
}

/// A transfer as the ledger keeps it: what a store has one row for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The transfer.
    pub transfer: Transfer,
    /// Which way it goes.
    pub direction: Direction,
    /// How it stands.
    pub state: State,
    /// Whether the peer still has to take our last word about it: that it is sent, for an outgoing one;
    /// that it is fulfilled or rejected, for an incoming one. Such a call is repeated after a restart.
    pub to_tell: bool,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Whether the peer may see this end otherwise than we do. Set once it has ended, and kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

/// Why the peer may see the end of a transfer otherwise than we do. Protocol and clocks leave this where
/// the last call about a transfer came when its time was over: one side has executed it, and for the other
/// it has run out. No call of 2017 asks how a transfer stands, so only the balances can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The peer said the contrary, in words.
    Contradicted,
    /// The peer does not find it: it took an earlier call of ours of which the answer was lost, or it let
    /// the transfer run out before.
    Unclear,
}

/// One change, with all that a store needs of it: in one transaction it replaces the row of the transfer,
/// sets the balance; it may keep the entry in a journal beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts the changes of this ledger, from 1, without a gap.
    pub sequence: u64,
    /// The transfer after the change.
    pub record: Record,
    /// By how much the balance moved.
    #[serde(with = "signed")]
    pub moved: i128,
    /// The balance after the change.
    #[serde(with = "signed")]
    pub balance: i128,
}

impl Entry {
    /// Whether nothing changed but that the peer took our last word: no money moved, and no hold.
    pub fn is_acknowledgement(&self) -> bool {
        let record = &self.record;
        let is_told = matches!(
            (record.direction, &record.state),
            (
                Direction::Outgoing,
                State::Prepared | State::Executed { .. }
            ) | (
                Direction::Incoming,
                State::Executed { .. } | State::Rejected { .. }
            )
        );
        (is_told || record.doubt.is_some()) && self.moved == 0 && !record.to_tell
    }
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what changed must be stored before the answer is let out"]
pub struct Outcome {
    /// What changed, in order; to be stored before the answer is let out, also where that is a refusal:
    /// transfers whose time was over have run out first.
    pub entries: Vec<Entry>,
    /// How the operation ended.
    pub answer: Result<Done, LedgerError>,
}

/// How an operation succeeded. The peer is answered `true` either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Something changed.
    Changed,
    /// It was so before: nothing is to be done a second time.
    Repeated,
}

/// Balances as decimal texts, so that no reader rounds them.
mod signed {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
