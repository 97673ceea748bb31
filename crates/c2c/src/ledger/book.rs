//! The transfers that are kept, in memory that is bounded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Direction, Record, State, TransferId};
use crate::timestamp::Timestamp;

/// How many transfers that the peer may see otherwise are kept beside the other resolved ones.
const MOST_DOUBTED: usize = 1_000;

/// How much of one ledger is kept in memory.
///
/// What is on hold is never forgotten: at the bound further transfers of the peer are refused. What is
/// resolved is forgotten from the oldest on. A conditional transfer that comes again after that is refused,
/// for its time is over; one without a condition cannot be told from a new one, so a driver with a store
/// looks there first ([`PeerLedger::may_have_forgotten`](super::PeerLedger::may_have_forgotten)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Transfers on hold, both ways together, and resolved ones whose time is not over.
    pub held: usize,
    /// Bytes in packets, notes and reasons of those; and of the others that are kept as many again.
    pub bytes: usize,
    /// Resolved transfers.
    pub resolved: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            held: 100_000,
            bytes: 32 << 20,
            resolved: 10_000,
        }
    }
}

/// All transfers that are kept, and what is asked of them often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Book {
    records: BTreeMap<TransferId, Record>,
    /// Those on hold, by when they run out.
    due: BTreeSet<(Timestamp, TransferId)>,
    /// Base units on hold each way.
    held_in: i128,
    held_out: i128,
    /// Bytes attached to what may not be forgotten, and to what may.
    held_bytes: usize,
    resolved_bytes: usize,
    /// Resolved ones whose time is not over, by when it will be.
    unsafe_to_forget: BTreeSet<(Timestamp, TransferId)>,
    /// Resolved ones that may be forgotten, the oldest first.
    resolved: VecDeque<TransferId>,
    /// Those of them that the peer may see otherwise, the oldest first: kept longer.
    doubted: VecDeque<TransferId>,
    /// Whether any was forgotten.
    pub(super) forgot: bool,
}

impl Book {
    pub(super) fn get(&self, id: &TransferId) -> Option<&Record> {
        self.records.get(id)
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    pub(super) fn held_in(&self) -> i128 {
        self.held_in
    }

    pub(super) fn held_out(&self) -> i128 {
        self.held_out
    }

    /// Whether one more with so many bytes attached fits.
    pub(super) fn has_room(&self, bounds: &Bounds, attached: usize) -> bool {
        self.due.len() + self.unsafe_to_forget.len() < bounds.held
            && self.held_bytes.saturating_add(attached) <= bounds.bytes
    }

    /// When the next one runs out.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The next one that has run out.
    pub(super) fn first_due(&self, now: Timestamp) -> Option<&Record> {
        let (at, id) = self.due.first()?;
        self.records.get(id).filter(|_| *at <= now)
    }

    /// Puts a record in the place of the one before it.
    pub(super) fn put(&mut self, record: Record) {
        let id = record.transfer.id.clone();
        let new = Weight::of(&record);
        let before = self.records.insert(id.clone(), record);
        let before = before.as_ref().map(Weight::of);
        if let Some(before) = &before {
            self.count_held(&id, before, -1);
            let bytes = self.bytes_beside(&id, before);
            *bytes -= before.bytes;
        }
        let was_final = before.is_some_and(|before| before.is_final);
        if new.is_final && !was_final {
            match new.expires_at {
                Some(at) => {
                    self.unsafe_to_forget.insert((at, id.clone()));
                }
                None => self.resolved.push_back(id.clone()),
            }
        }
        self.count_held(&id, &new, 1);
        let bytes = self.bytes_beside(&id, &new);
        *bytes += new.bytes;
    }

    /// Forgets the oldest of what may be forgotten, down to the bounds.
    pub(super) fn forget(&mut self, now: Timestamp, bounds: &Bounds) {
        while let Some((at, _)) = self.unsafe_to_forget.first()
            && *at <= now
            && let Some((_, id)) = self.unsafe_to_forget.pop_first()
        {
            let bytes = self.records.get(&id).map_or(0, bytes);
            self.held_bytes -= bytes;
            self.resolved_bytes += bytes;
            self.resolved.push_back(id);
        }
        while (self.resolved.len() > bounds.resolved || self.resolved_bytes > bounds.bytes)
            && let Some(id) = self.resolved.pop_front()
        {
            let is_doubted = self.records.get(&id).is_some_and(|it| it.doubt.is_some());
            if is_doubted {
                self.doubted.push_back(id);
                continue;
            }
            self.drop_resolved(&id);
        }
        while self.doubted.len() > MOST_DOUBTED
            && let Some(id) = self.doubted.pop_front()
        {
            self.drop_resolved(&id);
        }
    }

    fn drop_resolved(&mut self, id: &TransferId) {
        if let Some(record) = self.records.remove(id) {
            self.resolved_bytes -= bytes(&record);
        }
        self.forgot = true;
    }

    /// Where the bytes of a record are counted, by where it is now.
    fn bytes_beside(&mut self, id: &TransferId, weight: &Weight) -> &mut usize {
        let held = weight.expires_at.is_some_and(|at| {
            !weight.is_final || self.unsafe_to_forget.contains(&(at, id.clone()))
        });
        match held {
            true => &mut self.held_bytes,
            false => &mut self.resolved_bytes,
        }
    }

    /// Counts what is on hold, up or down. Money of so many transfers of 64 bits fits into 128.
    fn count_held(&mut self, id: &TransferId, weight: &Weight, sign: i128) {
        let (Some(at), false) = (weight.expires_at, weight.is_final) else {
            return;
        };
        let amount = sign * i128::from(weight.units);
        match weight.direction {
            Direction::Incoming => self.held_in += amount,
            Direction::Outgoing => self.held_out += amount,
        }
        let key = (at, id.clone());
        if sign > 0 {
            self.due.insert(key);
        } else {
            self.due.remove(&key);
        }
    }
}

/// What is counted of a record.
struct Weight {
    is_final: bool,
    expires_at: Option<Timestamp>,
    direction: Direction,
    units: u64,
    bytes: usize,
}

impl Weight {
    fn of(record: &Record) -> Self {
        Self {
            is_final: record.state.is_final(),
            expires_at: record.transfer.hold.map(|hold| hold.expires_at),
            direction: record.direction,
            units: record.transfer.amount.units(),
            bytes: bytes(record),
        }
    }
}

/// How many bytes a record has in what others wrote.
fn bytes(record: &Record) -> usize {
    let reason = match &record.state {
        State::Rejected {
            reason: Some(reason),
        } => reason.as_str().len(),
        _ => 0,
    };
    record.transfer.attached() + reason
}
