//! Filling a book: with whole routes as a connector shows them, or with single ones as peers tell them.

use std::collections::BTreeMap;
use std::rc::Rc;

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::curve::{Curve, merge};
use c2c::snapshot::{CandidateView, RouteView, SnapshotView, TooGoodView};

use super::{Book, CandidateRow, Head, NEVER, NONE, RouteRow, Run, SegmentRow, count};
use crate::unit::Unit;

/// After how many routes it is told how far one is.
const EVERY: usize = 2_000;

/// A book that is being filled.
#[derive(Default)]
pub struct Builder {
    book: Book,
    known: BTreeMap<Rc<str>, u32>,
    too_good: Vec<TooGoodView>,
    loose: Vec<LooseRow>,
}

/// A route as a peer tells it: it competes with all others to the same destination.
pub struct Loose<'a> {
    /// The ledger on which the teller takes the money.
    pub source: &'a LedgerPrefix,
    /// Where it leads.
    pub destination: &'a IlpAddress,
    /// The teller's account.
    pub next_hop: &'a IlpAddress,
    /// What comes out for what goes in.
    pub curve: Option<&'a Curve>,
    /// The ledgers between, alternatively.
    pub paths: &'a [Vec<IlpAddress>],
    /// In milliseconds.
    pub window: u64,
    /// In milliseconds; none: never.
    pub expires: Option<u64>,
}

struct LooseRow {
    source: u32,
    destination: u32,
    candidate: CandidateRow,
}

impl Builder {
    /// How many routes were put in.
    pub fn len(&self) -> usize {
        self.book.routes.len() + self.loose.len()
    }

    /// Puts a whole route in.
    pub fn route(&mut self, route: &RouteView) {
        let source = self.name(route.source_ledger.as_str());
        let destination = self.name(route.destination_ledger.as_str());
        let target = self.name(&route.target_prefix);
        for candidate in &route.candidates {
            let row = self.candidate(candidate);
            self.book.candidates.push(row);
        }
        let mut merged = Run::default();
        if let Some(view) = &route.merged {
            let points = view.points.iter().flat_map(|(x, y)| [x.units(), y.units()]);
            merged = self.points(points);
            for segment in &view.segments {
                let next_hop = self.name(segment.next_hop.as_str());
                self.book.segments.push(SegmentRow {
                    from: segment.from.units(),
                    to: segment.to.units(),
                    next_hop,
                });
            }
        }
        self.close(source, destination, target, merged);
    }

    /// Puts a single route in.
    pub fn loose(&mut self, route: &Loose<'_>) {
        let longest = route.paths.iter().map(Vec::len).max().unwrap_or(0);
        let points = route.curve.map_or_else(Run::default, |curve| {
            self.points(curve.points().iter().flat_map(|point| [point.x, point.y]))
        });
        let candidate = CandidateRow {
            next_hop: self.name(route.next_hop.as_str()),
            next_ledger: self.name(route.source.as_str()),
            hops: count(longest + 2),
            wins: false,
            too_good: NONE,
            points,
            paths: self.paths(route.paths),
            window: route.window,
            expires: route.expires.unwrap_or(NEVER),
        };
        let row = LooseRow {
            source: candidate.next_ledger,
            destination: self.name(route.destination.as_str()),
            candidate,
        };
        self.loose.push(row);
    }

    /// Takes single routes back: to these destinations, through `teller`, or through anybody where the
    /// teller is not known.
    pub fn withdraw(&mut self, teller: Option<&str>, destinations: &[&str]) {
        let names = &self.book.names;
        self.loose.retain(|row| {
            let told = teller.is_none_or(|teller| names.get(row.candidate.next_hop) == teller);
            !(told && destinations.contains(&names.get(row.destination)))
        });
    }

    /// The book. `progress` is told now and then how many routes are done.
    pub fn finish(
        mut self,
        snapshot: Option<SnapshotView>,
        progress: &mut dyn FnMut(usize),
    ) -> Book {
        self.compete(progress);
        let mut book = self.book;
        let mut order: Vec<u32> = (0..count(book.routes.len())).collect();
        order.sort_by(|a, b| book.ends(*a).cmp(&book.ends(*b)));
        if !order.is_sorted() {
            book = reordered(&book, &order);
        }
        let mut head = Head {
            snapshot,
            too_good: self.too_good,
            suggested: None,
        };
        let own = |ledger: &str| {
            let ledgers = head
                .snapshot
                .iter()
                .flat_map(|snapshot| &snapshot.identity.ledgers);
            ledgers.clone().any(|own| own.prefix.as_str() == ledger)
        };
        head.suggested = book.suggestion(own);
        book.head = Rc::new(head);
        book
    }

    /// Lets the single routes to one destination compete, as the rule says: the fewest ledgers first, then
    /// who delivers most.
    ///
    /// Amounts compare where they are of one currency and scale. Which those are, the name of a ledger
    /// between peers tells; routes from ledgers that do not say it compete by themselves.
    fn compete(&mut self, progress: &mut dyn FnMut(usize)) {
        let mut loose = std::mem::take(&mut self.loose);
        let mut pools: BTreeMap<u32, u32> = BTreeMap::new();
        for row in &loose {
            pools.entry(row.source).or_insert(row.source);
        }
        if pools.len() > 1 {
            for (source, pool) in &mut pools {
                let unit = Unit::from_name(self.book.names.get(*source));
                let name =
                    unit.map(|unit| format!("{}.{}.", unit.code.to_lowercase(), unit.scale.get()));
                if let Some(name) = name.filter(|name| LedgerPrefix::new(name).is_ok()) {
                    *pool = self.name(&name);
                }
            }
        }
        for row in &mut loose {
            row.source = pools[&row.source];
        }
        // What was told last counts; the order of telling stays between different next hops.
        loose.sort_by_key(|row| (row.source, row.destination));
        let mut done = 0;
        let mut rest = loose.as_slice();
        while let Some(first) = rest.first() {
            let same =
                |row: &LooseRow| (row.source, row.destination) == (first.source, first.destination);
            let length = rest.iter().position(|row| !same(row)).unwrap_or(rest.len());
            let (group, after) = rest.split_at(length);
            let mut candidates: Vec<CandidateRow> = Vec::with_capacity(length);
            for row in group {
                match candidates
                    .iter_mut()
                    .find(|known| known.next_hop == row.candidate.next_hop)
                {
                    Some(known) => *known = row.candidate,
                    None => candidates.push(row.candidate),
                }
            }
            self.contest(first.source, first.destination, &mut candidates);
            rest = after;
            if (done + length) / EVERY > done / EVERY {
                progress(done + length);
            }
            done += length;
        }
    }

    fn contest(&mut self, source: u32, destination: u32, candidates: &mut [CandidateRow]) {
        let shortest = candidates.iter().map(|row| row.hops).min().unwrap_or(0);
        let curves: Vec<(usize, Curve)> = candidates
            .iter()
            .enumerate()
            .filter(|(_, row)| row.hops == shortest)
            .filter_map(|(at, row)| Some((at, self.curve(row.points)?)))
            .collect();
        let merged = match curves.as_slice() {
            [] => Run::default(),
            [(at, curve)] => {
                let (origin, capacity) = (curve.origin(), curve.capacity());
                self.book.segments.push(SegmentRow {
                    from: origin.x,
                    to: capacity.x,
                    next_hop: candidates[*at].next_hop,
                });
                candidates[*at].wins = true;
                candidates[*at].points
            }
            several => {
                let all: Vec<&Curve> = several.iter().map(|(_, curve)| curve).collect();
                match merge(&all) {
                    Some(merged) => {
                        for segment in &merged.segments {
                            let winner = &mut candidates[several[segment.winner].0];
                            winner.wins = true;
                            self.book.segments.push(SegmentRow {
                                from: segment.from,
                                to: segment.to,
                                next_hop: winner.next_hop,
                            });
                        }
                        let points = merged.curve.points();
                        self.points(points.iter().flat_map(|point| [point.x, point.y]))
                    }
                    None => Run::default(),
                }
            }
        };
        if merged.length == 0
            && let Some(first) = candidates.iter_mut().find(|row| row.hops == shortest)
        {
            first.wins = true;
        }
        self.book.candidates.extend_from_slice(candidates);
        self.close(source, destination, destination, merged);
    }

    fn curve(&self, run: Run) -> Option<Curve> {
        let (pairs, _) = self.book.points[run.range()].as_chunks::<2>();
        Curve::from_points(pairs.iter().map(|[x, y]| (*x, *y))).ok()
    }

    fn close(&mut self, source: u32, destination: u32, target: u32, merged: Run) {
        self.book.routes.push(RouteRow {
            source,
            destination,
            target,
            candidates: count(self.book.candidates.len()),
            segments: count(self.book.segments.len()),
            merged,
            changed: 0,
        });
    }

    fn candidate(&mut self, view: &CandidateView) -> CandidateRow {
        let points = view.points.as_ref().map_or_else(Run::default, |points| {
            self.points(points.iter().flat_map(|(x, y)| [x.units(), y.units()]))
        });
        let too_good = view.too_good.as_ref().map_or(NONE, |doubt| {
            self.too_good.push(doubt.clone());
            count(self.too_good.len() - 1)
        });
        CandidateRow {
            next_hop: self.name(view.next_hop.as_str()),
            next_ledger: self.name(view.next_ledger.as_str()),
            hops: view.hops,
            wins: view.wins,
            too_good,
            points,
            paths: self.paths(&view.paths),
            window: view.min_message_window.0.0,
            expires: view.expires_at.map_or(NEVER, |at| at.as_millis()),
        }
    }

    fn points(&mut self, numbers: impl Iterator<Item = u64>) -> Run {
        let at = self.book.points.len();
        self.book.points.extend(numbers);
        Run {
            at: count(at),
            length: count(self.book.points.len() - at),
        }
    }

    fn paths(&mut self, paths: &[Vec<IlpAddress>]) -> Run {
        let at = self.book.paths.len();
        for path in paths {
            self.book.paths.push(count(path.len()));
            for ledger in path {
                let name = self.name(ledger.as_str());
                self.book.paths.push(name);
            }
        }
        Run {
            at: count(at),
            length: count(self.book.paths.len() - at),
        }
    }

    fn name(&mut self, text: &str) -> u32 {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let index = self.book.names.push(text);
        self.known.insert(text.into(), index);
        index
    }
}

/// The same book with its routes in another order.
fn reordered(book: &Book, order: &[u32]) -> Book {
    let mut sorted = Book {
        routes: Vec::with_capacity(order.len()),
        candidates: Vec::with_capacity(book.candidates.len()),
        segments: Vec::with_capacity(book.segments.len()),
        ..book.clone()
    };
    for at in order {
        sorted.candidates.extend_from_slice(book.candidates_of(*at));
        sorted.segments.extend_from_slice(book.segments_of(*at));
        sorted.routes.push(RouteRow {
            candidates: count(sorted.candidates.len()),
            segments: count(sorted.segments.len()),
            ..book.routes[*at as usize]
        });
    }
    sorted
}
