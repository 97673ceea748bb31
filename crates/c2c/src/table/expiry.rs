//! Heartbeats, and routes that run out.

use super::{Heard, Lost, Slot, Tables};
use crate::address::IlpAddress;
use crate::timestamp::Timestamp;

impl Tables {
    /// A heartbeat of `account`: everything it announced lives until then, configured routes, which
    /// do not run out, excepted. Costs the same however much it announced.
    pub fn heartbeat(&mut self, account: &IlpAddress, until: Timestamp) {
        if let Some(id) = self.hop_ids.get(account) {
            let hop = &mut self.hops[*id as usize];
            hop.beat = hop.beat.wrapping_add(1);
            hop.until = until;
            hop.earliest = until;
        }
    }

    /// Takes away every route whose end lies before `now`, and tells what is lost by it.
    pub fn remove_expired(&mut self, now: Timestamp) -> Vec<Lost> {
        let mut lost = Vec::new();
        for hop in 0..self.hops.len() {
            if self.hops[hop].earliest >= now {
                continue;
            }
            let slots: Vec<Slot> = self.hops[hop].slots.iter().collect();
            let mut earliest = Timestamp::from_millis(u64::MAX);
            for slot in slots {
                let ends: Vec<Option<Timestamp>> = self
                    .destinations
                    .value(slot)
                    .heard
                    .iter()
                    .map(|heard| {
                        if heard.hop as usize == hop {
                            self.expires_at(heard)
                        } else {
                            None
                        }
                    })
                    .collect();
                let is_over = |end: &Option<Timestamp>| end.is_some_and(|end| end < now);
                if ends.iter().any(is_over) {
                    let keys: Vec<_> = self
                        .destinations
                        .value(slot)
                        .heard
                        .iter()
                        .zip(&ends)
                        .filter(|(_, end)| is_over(end))
                        .map(|(heard, _)| heard.hop)
                        .collect();
                    let gone = |heard: &Heard| keys.contains(&heard.hop) && !heard.configured;
                    self.remove_heard(slot, gone, &mut lost);
                } else if let Some(end) = ends.into_iter().flatten().min() {
                    earliest = earliest.min(end);
                }
            }
            self.hops[hop].earliest = earliest;
        }
        lost
    }

    /// When the next route may run out; none if none will.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.hops
            .iter()
            .filter(|hop| !hop.slots.is_empty())
            .map(|hop| hop.earliest)
            .min()
            .filter(|earliest| *earliest < Timestamp::from_millis(u64::MAX))
    }
}
