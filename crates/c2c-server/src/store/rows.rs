//! Which row of the database is which transfer's.
//!
//! Rows are numbered as they come, so that a burst of them is written to the end of the table and not all over it.
//! One that changes after it was forgotten here gets another row, and the later one counts.

use std::collections::{BTreeSet, HashMap, VecDeque};

use c2c::address::LedgerPrefix;
use c2c::ledger::{Record, State, TransferId};

/// Of how many closed transfers the rows are kept in mind.
const CLOSED_IN_MIND: usize = 10_000;

/// What is kept in mind.
#[derive(Debug, Default)]
pub(super) struct Rows {
    numbers: HashMap<(LedgerPrefix, TransferId), i64>,
    /// Those that need not change any more, the oldest first.
    closed: VecDeque<(LedgerPrefix, TransferId)>,
}

impl Rows {
    /// The row of a transfer, if it may still change.
    pub(super) fn number(&self, ledger: &LedgerPrefix, record: &Record) -> Option<i64> {
        let key = (ledger.clone(), record.transfer.id.clone());
        self.numbers.get(&key).copied()
    }

    /// Keeps in mind that the row `number` is that of `record`.
    pub(super) fn keep(&mut self, ledger: &LedgerPrefix, record: &Record, number: i64) {
        let key = (ledger.clone(), record.transfer.id.clone());
        if !is_open(record) {
            self.closed.push_back(key.clone());
        }
        self.numbers.insert(key, number);
        while self.closed.len() > CLOSED_IN_MIND {
            if let Some(key) = self.closed.pop_front() {
                self.numbers.remove(&key);
            }
        }
    }

    /// These rows are gone.
    pub(super) fn forget_rows(&mut self, gone: &BTreeSet<i64>) {
        self.numbers.retain(|_, number| !gone.contains(number));
        self.closed.retain(|key| self.numbers.contains_key(key));
    }

    /// A ledger is gone.
    pub(super) fn forget(&mut self, ledger: &LedgerPrefix) {
        self.numbers.retain(|(of, _), _| of != ledger);
        self.closed.retain(|(of, _)| of != ledger);
    }
}

/// Whether something has still to become of it, or the peer to be told, or the peer may see it otherwise.
pub(super) fn is_open(record: &Record) -> bool {
    record.to_tell || record.doubt.is_some() || record.state == State::Prepared
}
