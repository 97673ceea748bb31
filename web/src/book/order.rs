//! Searching and sorting: places of routes, never the routes themselves.

use std::cmp::Reverse;

use super::{Book, NEVER, NONE, RouteRow, count};

/// What a table of routes is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The prefix that it leads to.
    #[default]
    Destination,
    /// Who carries the first section.
    NextHop,
    /// Ledgers on the way.
    Hops,
    /// What comes out for what goes in, at half of the capacity.
    Rate,
    /// The most that can be sent usefully.
    Capacity,
    /// When the first winner runs out.
    Expires,
    /// When it was seen to change.
    Changed,
}

/// A column, and which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub column: Column,
    /// The largest first.
    pub falling: bool,
}

impl Order {
    /// The order after the head of `column` was pressed: another column rises, the same one turns.
    pub fn pressed(self, column: Column) -> Order {
        Order {
            column,
            falling: self.column == column && !self.falling,
        }
    }
}

impl Book {
    /// The routes from `source` whose prefix starts with `search`, or covers it as an address: what covers
    /// it comes first, the longest before all, since it is the one that is taken.
    pub fn search(&self, source: &str, search: &str, order: Order) -> Vec<u32> {
        let search = search.trim();
        let name = |row: &RouteRow| self.names.get(row.source);
        let from = self.routes.partition_point(|row| name(row) < source);
        let to = self.routes.partition_point(|row| name(row) <= source);
        let mut found: Vec<u32> = (count(from)..count(to))
            .filter(|at| {
                let target = self.ends(*at).1;
                target.starts_with(search) || search.starts_with(target)
            })
            .collect();
        self.sort(&mut found, order);
        if !search.is_empty() {
            found.sort_by_key(|at| Reverse(self.covers(*at, search)));
        }
        found
    }

    /// How long the prefix of a route is, counted from 1, where it covers the address that is searched for.
    pub fn covers(&self, at: u32, search: &str) -> usize {
        let target = self.ends(at).1;
        if !search.is_empty() && search.starts_with(target) {
            target.len() + 1
        } else {
            0
        }
    }

    /// What comes out at half of the capacity, for what goes in.
    pub fn middle(&self, at: u32) -> Option<(u64, u64)> {
        let run = self.routes[at as usize].merged;
        let (pairs, _) = self.points[run.range()].as_chunks::<2>();
        let half = pairs.last()?[0] / 2;
        let above = pairs.partition_point(|[x, _]| *x <= half);
        let [x0, y0] = *pairs.get(above.checked_sub(1)?)?;
        let Some([x1, y1]) = pairs.get(above).copied() else {
            return Some((half, y0));
        };
        // Between two points of a curve; the product of two 64-bit numbers fits 128 bits.
        let rise = u128::from(y1.checked_sub(y0)?) * u128::from(half - x0)
            / u128::from(x1.checked_sub(x0)?.max(1));
        Some((half, y0 + u64::try_from(rise).ok()?))
    }

    /// To how many destinations several next hops share the amounts.
    pub fn contested(&self) -> usize {
        (0..count(self.len()))
            .filter(|at| self.segments_of(*at).len() >= 2)
            .count()
    }

    /// The routes of which a candidate is too good to be true.
    pub fn suspicious(&self) -> Vec<u32> {
        let doubtful = |at: &u32| {
            self.candidates_of(*at)
                .iter()
                .any(|row| row.too_good != NONE)
        };
        (0..count(self.len())).filter(doubtful).collect()
    }

    /// A route worth a look: one with several winners, from a ledger that is `own` where there is one.
    pub(super) fn suggestion(&self, own: impl Fn(&str) -> bool) -> Option<u32> {
        let worth = |at: u32| {
            let sections = self.segments_of(at).len();
            let ghosts = self
                .candidates_of(at)
                .iter()
                .filter(|row| !row.wins)
                .count();
            (
                sections >= 2,
                sections >= 2 && own(self.ends(at).0),
                sections.min(3),
                ghosts.min(2),
            )
        };
        // Of equals the first is taken, so that the suggestion does not wander.
        (0..count(self.len())).rev().max_by_key(|at| worth(*at))
    }

    fn sort(&self, found: &mut [u32], order: Order) {
        let row = |at: u32| &self.routes[at as usize];
        let leading = |at: u32| {
            let candidates = self.candidates_of(at);
            candidates
                .iter()
                .find(|row| row.wins)
                .or(candidates.first())
        };
        let key = |at: u32| -> u64 {
            match order.column {
                Column::Destination | Column::NextHop => 0,
                Column::Hops => {
                    let hops = self.candidates_of(at).iter().map(|row| u64::from(row.hops));
                    hops.min().unwrap_or(0)
                }
                Column::Rate => self.middle(at).map_or(0, |(x, y)| {
                    #[allow(clippy::cast_precision_loss)]
                    let rate = if x == 0 { 0.0 } else { y as f64 / x as f64 };
                    // The bits of numbers from 0 on rise as the numbers do.
                    rate.to_bits()
                }),
                Column::Capacity => self.most(at).unwrap_or(0),
                Column::Expires => {
                    let winners = self.candidates_of(at).iter().filter(|row| row.wins);
                    winners.map(|row| row.expires).min().unwrap_or(NEVER)
                }
                Column::Changed => row(at).changed,
            }
        };
        match order.column {
            // They stand in this order already.
            Column::Destination => {}
            Column::NextHop => {
                found.sort_by_key(|at| leading(*at).map(|row| self.names.get(row.next_ledger)))
            }
            _ => found.sort_by_cached_key(|at| key(*at)),
        }
        if order.falling {
            found.reverse();
        }
    }
}
