//! What changed, in the order in which it did, so that a broadcast touches nothing else.

use super::{Slot, Tables};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::route::Prefix;

/// A point in the history of a table. Later changes have higher ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Before every change.
    pub const START: Version = Version(0);
}

impl Tables {
    /// How far the history goes.
    pub fn version(&self) -> Version {
        Version(self.version)
    }

    /// Where every prefix is kept, in no telling order.
    pub fn all(&self) -> impl Iterator<Item = Slot> {
        self.destinations.slots()
    }

    /// What may have changed since `version` as seen from the ledger `source`, each prefix once and
    /// in no telling order: what was heard or lost, and what lies beyond a pair that moved.
    pub fn changed_since(&self, source: &LedgerPrefix, version: Version) -> Vec<Slot> {
        if version.0 < self.forgotten {
            return self.all().collect();
        }
        let first = self.log.partition_point(|(at, _)| *at <= version.0);
        let mut slots: Vec<Slot> = self
            .log
            .range(first..)
            .filter(|(at, slot)| self.is_last_change(*at, *slot))
            .map(|(_, slot)| *slot)
            .collect();
        if let Some(source) = self.ledger_id(source.as_str()) {
            let moved = |ledger: usize| self.way_changed(source as usize, ledger) > version.0;
            let ledgers: Vec<bool> = (0..self.ledgers.len()).map(moved).collect();
            let ends = self
                .ledgers
                .iter()
                .zip(&ledgers)
                .filter(|(_, moved)| **moved);
            slots.extend(ends.filter_map(|(end, _)| self.destinations.get(end.prefix.as_str())));
            for hop in &self.hops {
                let on = self.ledgers_of(&hop.account);
                if on.into_iter().any(|ledger| ledgers[ledger]) {
                    slots.extend(hop.slots.iter());
                }
            }
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// The ledgers of ours on which `account` is: one, or several where one lies within another.
    fn ledgers_of(&self, account: &IlpAddress) -> Vec<usize> {
        let text = account.as_str();
        text.match_indices('.')
            .filter_map(|(dot, _)| self.ledger_id(&text[..=dot]))
            .map(|id| id as usize)
            .collect()
    }

    /// The prefix kept at `slot`; none if it was given up.
    pub fn prefix_at(&self, slot: Slot) -> Option<&Prefix> {
        self.destinations.at(slot)?;
        Some(self.destinations.prefix(slot))
    }

    /// Gives up prefixes to which nothing leads and that last changed at or before `version`: once
    /// everybody has been told that they are lost, nobody needs them.
    pub fn forget_lost(&mut self, version: Version) {
        let known = self.log.partition_point(|(at, _)| *at <= version.0);
        let old: Vec<(u64, Slot)> = self.log.drain(..known).collect();
        self.forgotten = self.forgotten.max(version.0);
        for (at, slot) in old {
            if self.is_last_change(at, slot) {
                let destination = self.destinations.value(slot);
                if destination.heard.is_empty() && destination.own.is_none() {
                    self.destinations.remove(slot);
                }
            }
        }
    }

    /// Notes that something about `slot` changed.
    pub(super) fn touch(&mut self, slot: Slot) {
        self.version += 1;
        self.destinations.value_mut(slot).changed = self.version;
        self.log.push_back((self.version, slot));
        if self.log.len() > 2 * self.destinations.len() + 1024 {
            let log = std::mem::take(&mut self.log);
            self.log = log
                .into_iter()
                .filter(|(at, slot)| self.is_last_change(*at, *slot))
                .collect();
        }
    }

    fn is_last_change(&self, at: u64, slot: Slot) -> bool {
        self.destinations
            .at(slot)
            .is_some_and(|destination| destination.changed == at)
    }
}
