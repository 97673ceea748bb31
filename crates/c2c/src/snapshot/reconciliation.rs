//! How the two sides of a ledger compare.

use serde::{Deserialize, Serialize};

use super::Balance;
use crate::address::LedgerPrefix;
use crate::amount::Amount;
use crate::ledger::{Direction, TransferId};
use crate::timestamp::Timestamp;

/// `POST /peers/{prefix}/reconcile`: what we count, what the peer counts, and of which transfers the two are
/// not sure to think alike.
///
/// What is on hold is counted by its receiver alone. So the two balances, ours and the peer's, make up what is
/// on hold together, and whatever is beside that is the difference: positive where the two together count too
/// much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationView {
    /// The ledger between the two.
    pub prefix: LedgerPrefix,
    /// Whether the balances agree.
    pub ok: bool,
    /// The whole in a sentence.
    pub message: String,
    /// What to do about it.
    #[serde(default)]
    pub hint: Option<String>,
    /// What the peer owes us, as we count.
    pub balance: Balance,
    /// What we owe the peer, as it counts; none if it did not tell.
    #[serde(default)]
    pub peer_balance: Option<Balance>,
    /// Base units on hold for us, which we count.
    pub on_hold_incoming: Balance,
    /// Base units on hold for the peer, which it counts.
    pub on_hold_outgoing: Balance,
    /// How far the two are apart.
    #[serde(default)]
    pub difference: Option<Balance>,
    /// How much of that no transfer below explains.
    #[serde(default)]
    pub unexplained: Option<Balance>,
    /// When the peer told its balance.
    #[serde(default, with = "crate::snapshot::iso::option")]
    pub asked_at: Option<Timestamp>,
    /// Whether nothing moved here while the peer was asked. If something did, the difference may be that.
    pub still: bool,
    /// The transfers, by their ids.
    pub transfers: Vec<DoubtView>,
}

/// A transfer of which the two sides are not sure to think alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtView {
    /// The transfer.
    pub id: TransferId,
    /// Which way it goes, seen from us.
    pub direction: Direction,
    /// How it stands here.
    pub state: String,
    /// How much it carries.
    pub amount: Amount,
    /// How sure it is.
    pub kind: DoubtKind,
    /// What is known of it, in a sentence.
    pub message: String,
    /// When it last changed here.
    #[serde(with = "crate::snapshot::iso")]
    pub changed_at: Timestamp,
}

/// How sure it is that the two sides see a transfer differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtKind {
    /// The peer said so.
    Contradicted,
    /// The peer did not know it any more, and the difference would be explained by it.
    Unclear,
    /// Nothing was said, but it ended about its time, and the difference would be explained by it.
    Suspected,
    /// The peer has yet to take our last word about it.
    UnderWay,
}
