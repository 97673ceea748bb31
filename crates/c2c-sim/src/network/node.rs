//! A connector and what surrounds it.

use std::collections::BTreeMap;

use c2c::address::LedgerPrefix;
use c2c::connector::{Config, Connector, Event, Input, Peer};
use c2c::key::SecretKey;
use c2c::ledger::{self, Record, TransferId};
use c2c::timestamp::Timestamp;

use super::{Clock, Lie};

/// A connector, its disk, its clock, and what it was told and told.
#[derive(Debug)]
pub struct Node {
    /// Its name: its host is `NAME.example`, its first own ledger `example.NAME.`.
    pub name: String,
    /// The connector.
    pub connector: Connector,
    /// What it told, and when by its own clock.
    pub events: Vec<(Timestamp, Event)>,
    /// Everything that went in since it started, to be played again, with the times of its own clock.
    pub journal: Vec<(Timestamp, Input)>,
    /// What a disk would hold.
    pub stored: BTreeMap<LedgerPrefix, Peer>,
    /// What a disk would hold of each ledger with a peer: the number of the last entry, and every transfer.
    pub ledgers: BTreeMap<LedgerPrefix, (u64, BTreeMap<TransferId, Record>)>,
    /// How it started, and would start again.
    pub(super) config: Config,
    pub(super) secret: SecretKey,
    pub(super) clock: Clock,
    pub(super) running: bool,
    pub(super) removed: bool,
    /// Calls of connectors that ended before the answer came are nobody's any more.
    pub(super) life: u32,
    pub(super) busy: (Timestamp, u32),
    pub(super) wake: Option<Timestamp>,
    pub(super) lie: Option<Lie>,
    /// For a liar that replays: the first update with routes that it sent to each peer.
    pub(super) old: BTreeMap<LedgerPrefix, Vec<u8>>,
}

impl Node {
    /// Stores what happened on a ledger.
    pub(super) fn store_entry(&mut self, ledger: LedgerPrefix, entry: ledger::Entry) {
        if let Some(peer) = self.stored.get_mut(&ledger) {
            peer.balance = entry.balance;
        }
        let (sequence, transfers) = self.ledgers.entry(ledger).or_default();
        *sequence = entry.sequence;
        transfers.insert(entry.record.transfer.id.clone(), entry.record);
    }

    /// What was stored of its ledgers, as it goes in after a restart.
    pub(super) fn stored_ledgers(&self) -> Vec<Input> {
        let restore = |(ledger, (sequence, transfers)): (&LedgerPrefix, &(u64, BTreeMap<_, _>))| {
            Input::RestoreLedger {
                ledger: ledger.clone(),
                sequence: *sequence,
                transfers: transfers.values().cloned().collect(),
            }
        };
        self.ledgers.iter().map(restore).collect()
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Whether it was removed for good.
    pub fn is_removed(&self) -> bool {
        self.removed
    }

    /// How often it stopped. What was on its way to or from an earlier life came to nothing.
    pub fn life(&self) -> u32 {
        self.life
    }

    /// How its clock goes.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// How it lies; none: it is honest.
    pub fn lie(&self) -> Option<Lie> {
        self.lie
    }

    /// How it started, and would start again.
    pub fn config(&self) -> &Config {
        &self.config
    }
}
