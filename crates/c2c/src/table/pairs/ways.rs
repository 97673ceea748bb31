//! The ways over more than one pair.

use super::{Indirect, Leg};
use crate::table::{Head, Heads, LedgerId, Tables};

impl Tables {
    /// Finds the ways over more than one pair anew, and answers those that were known.
    pub(super) fn remake_indirect(&mut self) -> Indirect {
        let count = self.ledgers.len();
        let distances = self.distances();
        let mut found = Indirect::new();
        for source in 0..count {
            for destination in 0..count {
                if distances[source][destination].is_none_or(|steps| steps < 2) {
                    continue;
                }
                let ways = self.shortest(source, destination, &distances);
                let mut listed: Vec<usize> = (0..ways.len()).collect();
                listed.sort_by_key(|way| {
                    last_leg(source, &ways[*way]).and_then(|leg| self.pairs.place(leg))
                });
                found.insert((source, destination), Heads { ways, listed });
            }
        }
        std::mem::replace(&mut self.indirect, found)
    }

    /// The least number of pairs from each ledger to each other.
    fn distances(&self) -> Vec<Vec<Option<usize>>> {
        let count = self.ledgers.len();
        let is_end = |to: usize| (0..count).any(|from| self.pairs.has((from, to)));
        let ends: Vec<usize> = (0..count).filter(|to| is_end(*to)).collect();
        let from = |source: usize| {
            let mut steps = vec![None; count];
            let mut reached = vec![source];
            // Mostly every ledger is one step away from every other.
            let mut left: Vec<usize> = ends.iter().copied().filter(|to| *to != source).collect();
            for step in 1..=count {
                let mut next = Vec::new();
                for from in reached {
                    left.retain(|to| {
                        let is_reached = self.pairs.has((from, *to));
                        if is_reached {
                            steps[*to] = Some(step);
                            next.push(*to);
                        }
                        !is_reached
                    });
                }
                if next.is_empty() || left.is_empty() {
                    break;
                }
                reached = next;
            }
            steps
        };
        (0..count).map(from).collect()
    }

    /// The shortest ways from `source` to `destination`, two pairs at least, one for each ledger that can
    /// come next.
    fn shortest(
        &self,
        source: usize,
        destination: usize,
        distances: &[Vec<Option<usize>>],
    ) -> Vec<Head> {
        let Some(steps) = distances[source][destination] else {
            return Vec::new();
        };
        let id = |ledger: usize| LedgerId::try_from(ledger).unwrap_or(LedgerId::MAX);
        let onward = |from: usize, steps: usize| {
            (0..self.ledgers.len()).filter(move |to| {
                let near = if steps == 1 {
                    *to == destination
                } else {
                    distances[*to][destination] == Some(steps - 1)
                };
                near && self.pairs.has((from, *to))
            })
        };
        let mut nexts: Vec<usize> = onward(source, steps).collect();
        nexts.sort_by(|a, b| {
            let [a, b] = [*a, *b].map(|ledger| self.ledgers[ledger].prefix.as_str());
            b.len().cmp(&a.len()).then_with(|| b.cmp(a))
        });
        nexts
            .into_iter()
            .map(|next| {
                let mut ledgers = vec![id(next)];
                let mut at = next;
                for left in (1..steps).rev() {
                    // Some ledger is one step nearer: that is what the distance says.
                    let Some(nearer) = onward(at, left).next() else {
                        break;
                    };
                    ledgers.push(id(nearer));
                    at = nearer;
                }
                Head {
                    ledgers: ledgers.into(),
                }
            })
            .collect()
    }
}

/// The last pair of a way.
fn last_leg(source: usize, head: &Head) -> Option<Leg> {
    let (last, before) = head.ledgers.split_last()?;
    let from = before.last().map_or(source, |ledger| *ledger as usize);
    Some((from, *last as usize))
}
