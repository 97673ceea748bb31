//! What happens, for logs and for `GET /events`.

use serde::{Deserialize, Serialize};

use super::{Balance, PeerState};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::ledger::{Direction, TransferId};

/// Something that happened in a connector. Nothing in it is secret.
///
/// In JSON the member `event` names the kind: `{"event":"peer_removed","peer":"peer.k3x9Q.usd.9."}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A peer was added.
    PeerAdded {
        /// The ledger between us.
        peer: LedgerPrefix,
    },
    /// A peer was removed.
    PeerRemoved {
        /// The ledger between us.
        peer: LedgerPrefix,
    },
    /// A peering stands differently than before.
    PeerState {
        /// The ledger between us.
        peer: LedgerPrefix,
        /// How it stands now.
        state: PeerState,
        /// The code of the reason; none where all is well.
        #[serde(default)]
        code: Option<String>,
        /// Why, in one sentence with the cure.
        reason: String,
    },
    /// A peer's host publishes another key than the peering was made with, or the same one again.
    KeyChanged {
        /// The ledger between us.
        peer: LedgerPrefix,
        /// The key that it publishes now; none: the one that the peering was made with.
        #[serde(default)]
        key: Option<String>,
        /// What to do, in one sentence.
        reason: String,
    },
    /// The table changed: whoever shows it reads it again.
    RoutesChanged {
        /// How many prefixes were found that were not known before.
        found: u64,
        /// How many were lost.
        lost: u64,
    },
    /// A route of a broadcast was not taken.
    RouteRefused {
        /// Who told it.
        peer: LedgerPrefix,
        /// The destination it was for.
        destination: String,
        /// A code for the reason.
        code: String,
        /// The reason in words.
        reason: String,
    },
    /// A broadcast was refused as a whole.
    BroadcastRefused {
        /// Who sent it.
        peer: LedgerPrefix,
        /// What is wrong with it.
        reason: String,
    },
    /// A broadcast was taken.
    BroadcastHeard {
        /// Who sent it.
        peer: LedgerPrefix,
        /// How many of its routes came into the table.
        routes: u64,
        /// How many were refused.
        refused: u64,
        /// How many destinations it took back.
        withdrawn: u64,
    },
    /// A broadcast was sent, and the peer acknowledged it.
    BroadcastSent {
        /// To whom.
        peer: LedgerPrefix,
        /// How many routes it carried; none at all is a heartbeat.
        routes: u64,
        /// How many destinations it took back.
        withdrawn: u64,
    },
    /// A broadcast did not reach its peer.
    BroadcastFailed {
        /// To whom.
        peer: LedgerPrefix,
        /// A code for the reason.
        code: String,
        /// The reason in words.
        reason: String,
    },
    /// A transfer on a ledger with a peer came, or stands differently than before.
    TransferChanged {
        /// The ledger between us.
        peer: LedgerPrefix,
        /// The transfer.
        id: TransferId,
        /// Which way it goes, seen from us.
        direction: Direction,
        /// How it stands: `prepared`, `executed`, `rejected`, `cancelled` or `expired`.
        state: String,
        /// How much it carries.
        amount: Amount,
    },
    /// The two sides of a ledger do not agree about a transfer: money may be owed that one of them does
    /// not count.
    TransferDisputed {
        /// The ledger between us.
        peer: LedgerPrefix,
        /// The transfer.
        id: TransferId,
        /// How, in words.
        reason: String,
    },
    /// An account on a ledger of our own was opened, or holds more or less than before.
    AccountChanged {
        /// The ledger.
        ledger: LedgerPrefix,
        /// The account's name there.
        name: String,
        /// What it holds now, in base units.
        balance: Balance,
    },
    /// An invoice was made or paid.
    InvoiceChanged {
        /// Where it is to be paid.
        address: IlpAddress,
        /// What it asks for.
        amount: Amount,
        /// How it stands: `open` or `paid`.
        state: String,
    },
    /// A payment on a ledger of our own was prepared or made, or stands differently than before.
    PaymentChanged {
        /// The ledger.
        ledger: LedgerPrefix,
        /// The payment's id there.
        id: TransferId,
        /// Who pays.
        from: IlpAddress,
        /// Who is paid.
        to: IlpAddress,
        /// How it stands: `prepared`, `executed`, `rejected` or `expired`.
        state: String,
        /// How much it carries.
        amount: Amount,
    },
    /// Rates changed: curves follow with the next broadcast.
    RatesChanged {
        /// How many directions are listed now.
        listed: u64,
    },
    /// Somebody called who is no peer, or with a wrong token.
    UnknownCaller {
        /// The prefix they named, shortened to 128 characters.
        prefix: String,
        /// `RPC_401` or `RPC_403`.
        code: String,
    },
}
