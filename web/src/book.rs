//! Every route that is shown, column by column: 100,000 of them cross from the worker in one piece,
//! are searched in a moment, and become a [`RouteView`] only where somebody looks.

mod build;
mod order;
mod pack;

use std::rc::Rc;

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::amount::Amount;
use c2c::snapshot::{
    CandidateView, MergedView, Points, RouteView, Seconds, SegmentView, SnapshotView, TooGoodView,
};
use c2c::timestamp::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

pub use build::{Builder, Loose};
pub use order::{Column, Order};

/// No time, no index.
const NONE: u32 = u32::MAX;
const NEVER: u64 = u64::MAX;

/// All routes of one moment, in the order of source, then target, and what stands beside them.
///
/// The columns hold each other: every index in one of them is in range. [`Builder`] makes them so, and
/// `pack` refuses bytes that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    head: Rc<Head>,
    names: Texts,
    routes: Vec<RouteRow>,
    candidates: Vec<CandidateRow>,
    segments: Vec<SegmentRow>,
    points: Vec<u64>,
    paths: Vec<u32>,
}

/// What a book says beside its routes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Everything of the snapshot but its routes; none where single curves or updates were opened.
    #[serde(default)]
    pub snapshot: Option<SnapshotView>,
    /// The doubts about single candidates.
    #[serde(default)]
    pub too_good: Vec<TooGoodView>,
    /// The route that is worth a look, by its place.
    #[serde(default)]
    pub suggested: Option<u32>,
}

/// Texts, each once, told by a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    fn get(&self, index: u32) -> &str {
        let at = index as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from as usize..self.ends[at] as usize]
    }

    fn push(&mut self, text: &str) -> u32 {
        let index = count(self.ends.len());
        self.text.push_str(text);
        self.ends.push(count(self.text.len()));
        index
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RouteRow {
    source: u32,
    destination: u32,
    target: u32,
    /// Where its candidates and its segments end; they begin where those of the route before do.
    candidates: u32,
    segments: u32,
    /// Its merged curve; of length 0 where there is none.
    merged: Run,
    /// When it changed, as far as that was seen; 0: it was not.
    changed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CandidateRow {
    next_hop: u32,
    next_ledger: u32,
    hops: u32,
    wins: bool,
    too_good: u32,
    points: Run,
    paths: Run,
    window: u64,
    expires: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SegmentRow {
    from: u64,
    to: u64,
    next_hop: u32,
}

/// So many entries of a column, from there on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    at: u32,
    length: u32,
}

impl Run {
    fn range(self) -> std::ops::Range<usize> {
        self.at as usize..self.at as usize + self.length as usize
    }
}

/// One candidate as a table shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline<'a> {
    /// The account of the next connector.
    pub next_hop: &'a str,
    /// The ledger that it is on.
    pub next_ledger: &'a str,
    /// Ledgers on the way.
    pub hops: u32,
    /// Whether it wins a section.
    pub wins: bool,
    /// Whether it is too good to be true.
    pub too_good: bool,
    /// When it runs out.
    pub expires_at: Option<Timestamp>,
}

impl Book {
    /// The book of a snapshot.
    pub fn of(snapshot: SnapshotView) -> Book {
        let mut builder = Builder::default();
        let mut head = snapshot;
        for route in std::mem::take(&mut head.routes) {
            builder.route(&route);
        }
        builder.finish(Some(head), &mut |_| {})
    }

    /// What stands beside the routes.
    pub fn head(&self) -> &Rc<Head> {
        &self.head
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// How many candidates all routes have together.
    pub fn candidates(&self) -> usize {
        self.candidates.len()
    }

    /// The ledgers that money can come from, in their order.
    pub fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<u32> = self.routes.iter().map(|route| route.source).collect();
        sources.dedup();
        sources
            .into_iter()
            .map(|name| self.names.get(name))
            .collect()
    }

    /// Where a route comes from and goes to.
    pub fn ends(&self, route: u32) -> (&str, &str) {
        let row = &self.routes[route as usize];
        (self.names.get(row.source), self.names.get(row.target))
    }

    /// The place of the route from `source` to the prefix `target`.
    pub fn find(&self, source: &str, target: &str) -> Option<u32> {
        let key = |row: &RouteRow| (self.names.get(row.source), self.names.get(row.target));
        let at = self
            .routes
            .partition_point(|row| key(row) < (source, target));
        let row = self.routes.get(at)?;
        (key(row) == (source, target)).then(|| count(at))
    }

    /// The route at a place, all of it.
    pub fn route(&self, at: u32) -> RouteView {
        let row = &self.routes[at as usize];
        let merged = (row.merged.length > 0).then(|| MergedView {
            points: self.points(row.merged),
            segments: self
                .segments_of(at)
                .iter()
                .map(|segment| SegmentView {
                    from: Amount::new(segment.from),
                    to: Amount::new(segment.to),
                    next_hop: self.address(segment.next_hop),
                })
                .collect(),
        });
        RouteView {
            source_ledger: self.ledger(row.source),
            destination_ledger: self.address(row.destination),
            target_prefix: self.names.get(row.target).to_owned(),
            candidates: self
                .candidates_of(at)
                .iter()
                .map(|row| self.candidate(row))
                .collect(),
            merged,
            sentence: String::new(),
        }
    }

    /// What a row of a table tells of the candidates of a route: nothing is copied for it.
    pub fn outline(&self, at: u32) -> Vec<Outline<'_>> {
        let outline = |row: &CandidateRow| Outline {
            next_hop: self.names.get(row.next_hop),
            next_ledger: self.names.get(row.next_ledger),
            hops: row.hops,
            wins: row.wins,
            too_good: row.too_good != NONE,
            expires_at: (row.expires != NEVER).then(|| Timestamp::from_millis(row.expires)),
        };
        self.candidates_of(at).iter().map(outline).collect()
    }

    /// The ledger that a route leads to.
    pub fn destination(&self, at: u32) -> &str {
        self.names.get(self.routes[at as usize].destination)
    }

    /// The largest source amount that the merged curve of a route has a point for.
    pub fn most(&self, at: u32) -> Option<u64> {
        let points = &self.points[self.routes[at as usize].merged.range()];
        points.len().checked_sub(2).map(|last| points[last])
    }

    /// When the route at a place was seen to change.
    pub fn changed(&self, at: u32) -> Option<Timestamp> {
        let changed = self.routes[at as usize].changed;
        (changed > 0).then(|| Timestamp::from_millis(changed))
    }

    /// Notes for each route when it changed: at `now` where it is other than in `before`, else when it
    /// did there. That it runs out later than it did is no change.
    pub fn note_changes(&mut self, before: &Book, now: Timestamp) {
        for at in 0..count(self.len()) {
            let (source, target) = self.ends(at);
            let same = before.find(source, target).filter(|old| {
                let (old, new) = (before.route(*old), self.route(at));
                alike(&old, &new)
            });
            self.routes[at as usize].changed = match same {
                Some(old) => before.routes[old as usize].changed,
                None => now.as_millis(),
            };
        }
    }

    fn candidate(&self, row: &CandidateRow) -> CandidateView {
        let mut paths = Vec::new();
        let mut rest = &self.paths[row.paths.range()];
        while let Some((&length, after)) = rest.split_first() {
            let (path, after) = after.split_at(length as usize);
            paths.push(path.iter().map(|name| self.address(*name)).collect());
            rest = after;
        }
        CandidateView {
            next_hop: self.address(row.next_hop),
            next_ledger: self.ledger(row.next_ledger),
            paths,
            hops: row.hops,
            points: (row.points.length > 0).then(|| self.points(row.points)),
            min_message_window: Seconds(Millis(row.window)),
            expires_at: (row.expires != NEVER).then(|| Timestamp::from_millis(row.expires)),
            wins: row.wins,
            too_good: (row.too_good != NONE)
                .then(|| self.head.too_good.get(row.too_good as usize).cloned())
                .flatten(),
        }
    }

    fn candidates_of(&self, route: u32) -> &[CandidateRow] {
        let at = route as usize;
        let from = at
            .checked_sub(1)
            .map_or(0, |before| self.routes[before].candidates);
        &self.candidates[from as usize..self.routes[at].candidates as usize]
    }

    fn segments_of(&self, route: u32) -> &[SegmentRow] {
        let at = route as usize;
        let from = at
            .checked_sub(1)
            .map_or(0, |before| self.routes[before].segments);
        &self.segments[from as usize..self.routes[at].segments as usize]
    }

    fn points(&self, run: Run) -> Points {
        let (pairs, _) = self.points[run.range()].as_chunks::<2>();
        pairs
            .iter()
            .map(|[x, y]| (Amount::new(*x), Amount::new(*y)))
            .collect()
    }

    fn address(&self, name: u32) -> IlpAddress {
        IlpAddress::new(self.names.get(name))
            .expect("the builder and the unpacker take addresses only in these columns")
    }

    fn ledger(&self, name: u32) -> LedgerPrefix {
        LedgerPrefix::new(self.names.get(name))
            .expect("the builder and the unpacker take ledgers only in these columns")
    }
}

/// Whether two views of a route differ in nothing but when it runs out.
pub fn alike(one: &RouteView, other: &RouteView) -> bool {
    let without = |route: &RouteView| {
        let mut route = route.clone();
        route.sentence.clear();
        for candidate in &mut route.candidates {
            candidate.expires_at = None;
        }
        route
    };
    without(one) == without(other)
}

/// A count or an index. What comes in is at most 64 MB, so that nothing of it is counted beyond 32 bits.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}

#[cfg(test)]
mod tests;
