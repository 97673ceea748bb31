//! Taking routes away, and telling what cannot be reached any more.

use super::{Heard, Slot, Tables, bytes_of};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::route::Prefix;

/// A prefix to which some ledger of ours has no way any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The ledger of ours.
    pub source_ledger: LedgerPrefix,
    /// What cannot be reached from it.
    pub prefix: Prefix,
}

impl Tables {
    /// Takes away what `account` announced to exactly `prefix`, and tells what is lost by it. What
    /// is configured stays.
    pub fn remove_route(&mut self, account: &IlpAddress, prefix: &str) -> Vec<Lost> {
        let mut lost = Vec::new();
        if let Some(hop) = self.hop_ids.get(account).copied()
            && let Some(slot) = self.destinations.get(prefix)
        {
            self.remove_heard(
                slot,
                |heard| heard.hop == hop && !heard.configured,
                &mut lost,
            );
        }
        lost
    }

    /// Takes away everything that `account` announced, configured routes excepted.
    pub fn remove_peer(&mut self, account: &IlpAddress) -> Vec<Lost> {
        self.remove_hop(account, false)
    }

    /// Takes away every route through `account`, configured ones too.
    pub fn remove_next_hop(&mut self, account: &IlpAddress) -> Vec<Lost> {
        self.remove_hop(account, true)
    }

    fn remove_hop(&mut self, account: &IlpAddress, configured: bool) -> Vec<Lost> {
        let mut lost = Vec::new();
        if let Some(hop) = self.hop_ids.get(account).copied() {
            let slots: Vec<Slot> = self.hops[hop as usize].slots.iter().collect();
            for slot in slots {
                let gone = |heard: &Heard| heard.hop == hop && (configured || !heard.configured);
                self.remove_heard(slot, gone, &mut lost);
            }
        }
        lost
    }

    /// Takes what `gone` names out of `slot`.
    pub(super) fn remove_heard(
        &mut self,
        slot: Slot,
        gone: impl Fn(&Heard) -> bool,
        lost: &mut Vec<Lost>,
    ) {
        let destination = self.destinations.value_mut(slot);
        if !destination.heard.iter().any(&gone) {
            return;
        }
        let removed = destination.heard.take(gone);
        for heard in &removed {
            self.give_back(slot, heard);
            if !self
                .destinations
                .value(slot)
                .heard
                .iter()
                .any(|other| other.hop == heard.hop)
            {
                self.hops[heard.hop as usize].slots.remove(slot);
            }
        }
        for source in 0..self.ledgers.len() {
            let had = removed.iter().any(|heard| self.leads(source, heard));
            if had && !self.has_way(source, slot) {
                lost.push(Lost {
                    source_ledger: self.ledgers[source].prefix.clone(),
                    prefix: self.destinations.prefix(slot).clone(),
                });
            }
        }
        self.touch(slot);
    }

    /// The hop of `heard`, which was kept at `slot`, has as much room again.
    pub(super) fn give_back(&mut self, slot: Slot, heard: &Heard) {
        let bytes = bytes_of(
            self.destinations.prefix(slot),
            heard.curve.as_ref(),
            &heard.paths,
        );
        let hop = &mut self.hops[heard.hop as usize];
        hop.bytes = hop.bytes.saturating_sub(bytes);
    }
}
