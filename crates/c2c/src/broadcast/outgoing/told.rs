//! What one peer was told, and when it is its turn again.

use std::collections::{BTreeMap, BTreeSet};

use super::OutgoingSettings;
use crate::curve::Curve;
use crate::table::{Slot, Version};
use crate::timestamp::Timestamp;

/// One peer, and what it holds of us.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// By slot, the hash of what the peer holds: [`NOTHING`], [`SOMETHING`], or a real one.
    pub(super) told: Vec<u64>,
    /// The curves that it holds, if small changes are not told.
    pub(super) kept: BTreeMap<Slot, Kept>,
    /// How many are not [`NOTHING`].
    pub(super) holds: usize,
    /// Up to here it was told everything but `later`.
    pub(super) seen: Version,
    /// Changed, but not yet told.
    pub(super) later: BTreeSet<Slot>,
    /// Up to here it was told everything.
    pub(super) settled: Version,
    pub(super) flight: Option<Flight>,
    pub(super) last_sent: Option<Timestamp>,
    pub(super) last_acknowledged: Option<Timestamp>,
    /// When an update last arrived, or may have.
    pub(super) last_arrived: Option<Timestamp>,
    /// Nothing is told before then.
    pub(super) from: Timestamp,
    pub(super) next_round: Timestamp,
    pub(super) urgent: bool,
    pub(super) ask_full_table: bool,
}

/// An update under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) version: Version,
    pub(super) entries: Vec<Entry>,
    pub(super) later: BTreeSet<Slot>,
}

/// One prefix of an update under way.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) slot: Slot,
    pub(super) hash: u64,
    pub(super) kept: Option<Kept>,
}

/// What a peer was told of a prefix: the curve, and a hash of all else.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) rest: u64,
    pub(super) curve: Curve,
}

/// The peer holds nothing of this.
pub(super) const NOTHING: u64 = 0;
/// The peer may hold something of this, nobody knows what.
pub(super) const SOMETHING: u64 = 1;

impl Told {
    pub(super) fn of(&self, slot: Slot) -> u64 {
        self.told.get(slot.index()).copied().unwrap_or(NOTHING)
    }

    pub(super) fn set(&mut self, slot: Slot, hash: u64) {
        if self.told.len() <= slot.index() {
            self.told.resize(slot.index() + 1, NOTHING);
        }
        let before = std::mem::replace(&mut self.told[slot.index()], hash);
        match (before, hash) {
            (NOTHING, NOTHING) => {}
            (NOTHING, _) => self.holds += 1,
            (_, NOTHING) => self.holds -= 1,
            _ => {}
        }
    }

    /// The peer took this.
    pub(super) fn take(&mut self, entry: Entry) {
        self.set(entry.slot, entry.hash);
        match entry.kept {
            Some(kept) => drop(self.kept.insert(entry.slot, kept)),
            None => drop(self.kept.remove(&entry.slot)),
        }
    }

    pub(super) fn resend(&mut self) {
        self.seen = Version::START;
        for told in &mut self.told {
            *told = (*told).min(SOMETHING);
        }
        if let Some(flight) = &mut self.flight {
            // What is under way arrives before, and does not count.
            flight.version = Version::START;
            for entry in &mut flight.entries {
                entry.hash = entry.hash.min(SOMETHING);
            }
        }
    }

    pub(super) fn settle(&mut self) {
        if self.later.is_empty() {
            self.settled = self.seen;
        }
    }

    pub(super) fn due_at(&self, settings: &OutgoingSettings) -> Option<Timestamp> {
        if self.flight.is_some() {
            return None;
        }
        let spaced = self
            .last_sent
            .map_or(Timestamp::default(), |sent| sent + settings.least_spacing);
        let due = if self.urgent {
            spaced.min(self.next_round)
        } else {
            self.next_round
        };
        Some(due.max(self.from))
    }
}
