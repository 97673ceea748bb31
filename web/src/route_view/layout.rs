//! From a snapshot to the rows of the table and the plot of one destination.

use std::collections::BTreeMap;
use std::rc::Rc;

use c2c::amount::Amount;
use c2c::curve::Curve;
use c2c::snapshot::{CandidateView, RouteView, SnapshotView};
use c2c::timestamp::Timestamp;

use crate::book::Book;
use crate::curve_view::{HUES, Line, Merged, Plot, Section, from_units};
use crate::unit::Unit;

/// One route, by its two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The ledger that the money comes from.
    pub from: String,
    /// The prefix that it goes to.
    pub to: String,
}

impl Selection {
    /// The place of the route in `book`, where it is still there.
    pub fn find(&self, book: &Book) -> Option<u32> {
        book.find(&self.from, &self.to)
    }

    /// The route at a place.
    pub fn at(book: &Book, at: u32) -> Self {
        let (from, to) = book.ends(at);
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    fn of(route: &RouteView) -> Self {
        Self {
            from: route.source_ledger.to_string(),
            to: route.target_prefix.clone(),
        }
    }
}

/// One row of the table of routes.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which route it is.
    pub selection: Selection,
    /// The next hops that win a section, or the first known where there is no curve.
    pub next_hops: Vec<String>,
    /// How many candidates there are.
    pub candidates: usize,
    /// Ledgers on the way, both ends counted.
    pub hops: u32,
    /// What comes out for each one that goes in, at half of the capacity.
    pub rate: Option<String>,
    /// The most that can be sent usefully, and in which unit; none without a curve.
    pub capacity: Option<(u64, Option<Unit>)>,
    /// When the first winner runs out.
    pub expires_at: Option<Timestamp>,
    /// When it was seen to change.
    pub changed: Option<Timestamp>,
    /// Whether a candidate is too good to be true.
    pub too_good: bool,
    /// Whether this is a prefix of the address that is searched for.
    pub longest_match: bool,
}

/// The row of the route at a place, where `search` is looked for.
pub fn row(book: &Book, names: &Names<'_>, at: u32, search: &str) -> Row {
    let snapshot = book.head().snapshot.as_ref();
    let outline = book.outline(at);
    let won = outline.iter().any(|candidate| candidate.wins);
    let shown = || outline.iter().filter(|candidate| candidate.wins == won);
    // Where nobody wins by a curve, the first known stands for all.
    let shown = || shown().take(if won { usize::MAX } else { 1 });
    let (source, target) = book.ends(at);
    let unit = |ledger: &str| Unit::of_ledger(snapshot, ledger);
    let (from, to) = (unit(source), unit(book.destination(at)));
    Row {
        selection: Selection {
            from: source.to_owned(),
            to: target.to_owned(),
        },
        next_hops: shown()
            .map(|candidate| names.name(candidate.next_hop, candidate.next_ledger))
            .collect(),
        candidates: outline.len(),
        hops: outline.iter().map(|c| c.hops).min().unwrap_or(0),
        rate: book
            .middle(at)
            .and_then(|(sent, got)| rate(sent, got, from.as_ref(), to.as_ref())),
        capacity: book.most(at).map(|most| (most, from)),
        expires_at: shown().filter_map(|candidate| candidate.expires_at).min(),
        changed: book.changed(at),
        too_good: outline.iter().any(|candidate| candidate.too_good),
        longest_match: book.covers(at, search.trim()) > 0,
    }
}

/// What comes out for each one that goes in, to five digits; in currency where both are known.
fn rate(sent: u64, got: u64, source: Option<&Unit>, destination: Option<&Unit>) -> Option<String> {
    let of = |unit: Option<&Unit>| unit.map_or(1.0, |unit| from_units(unit.scale.units_per_one()));
    let both = source.is_some() && destination.is_some();
    let factor = if both {
        of(source) / of(destination)
    } else {
        1.0
    };
    (sent > 0).then(|| {
        let rate = from_units(got) / from_units(sent) * factor;
        if (1e-4..1e6).contains(&rate) {
            format!("{rate:.5}")
        } else {
            format!("{rate:.4e}")
        }
    })
}

/// One candidate of a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What to call it.
    pub name: Rc<str>,
    /// The connector's own view of it.
    pub view: Rc<CandidateView>,
    /// Its curve, where it has a sound one.
    pub curve: Option<Curve>,
    /// Its colour.
    pub hue: usize,
    /// Whether it is longer than the shortest, and so not used.
    pub ghost: bool,
    /// Its line in the plot.
    pub line: Option<usize>,
}

/// One destination: its candidates, and their plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Which route.
    pub selection: Selection,
    /// Where it ends.
    pub destination_ledger: String,
    /// Every candidate: the winners first, then by length.
    pub candidates: Vec<Candidate>,
    /// The chart.
    pub plot: Rc<Plot>,
}

impl Detail {
    /// Lays `route` out. `units` is what the reader said of ledgers that the connector does not know.
    pub fn of(
        snapshot: Option<&SnapshotView>,
        route: &RouteView,
        units: &BTreeMap<String, Unit>,
    ) -> Detail {
        let unit =
            |ledger: &str| Unit::of_ledger(snapshot, ledger).or_else(|| units.get(ledger).cloned());
        let names = Names::of(snapshot);
        let shortest = route.candidates.iter().map(|c| c.hops).min().unwrap_or(0);
        let first_section = |candidate: &CandidateView| {
            let segments = route.merged.iter().flat_map(|merged| &merged.segments);
            segments
                .clone()
                .position(|s| s.next_hop == candidate.next_hop)
                .unwrap_or(usize::MAX)
        };
        let mut order: Vec<&CandidateView> = route.candidates.iter().collect();
        order.sort_by_key(|candidate| (first_section(candidate), candidate.hops));
        let mut lines = Vec::new();
        // Ghosts have the colours that the others leave.
        let is_ghost = |view: &CandidateView| view.hops > shortest && !view.wins;
        let mut ghosts = order.iter().filter(|view| !is_ghost(view)).count();
        let mut used = 0;
        let candidates: Vec<Candidate> = order
            .into_iter()
            .map(|view| {
                let ghost = is_ghost(view);
                let next = if ghost { &mut ghosts } else { &mut used };
                let hue = (*next).min(HUES - 1);
                *next += 1;
                let curve = view.points.as_deref().and_then(curve);
                let name: Rc<str> = names
                    .name(view.next_hop.as_str(), view.next_ledger.as_str())
                    .into();
                let line = curve.clone().map(|curve| {
                    lines.push(Line {
                        name: name.clone(),
                        curve,
                        hue,
                        ghost,
                    });
                    lines.len() - 1
                });
                Candidate {
                    name,
                    view: Rc::new(view.clone()),
                    curve,
                    hue,
                    ghost,
                    line,
                }
            })
            .collect();
        let merged = route.merged.as_ref().and_then(|merged| {
            let sections = merged.segments.iter().filter_map(|segment| {
                let winner = |c: &&Candidate| c.view.next_hop == segment.next_hop;
                Some(Section {
                    from: segment.from.units(),
                    to: segment.to.units(),
                    line: candidates.iter().find(winner)?.line?,
                })
            });
            Some(Merged {
                curve: curve(&merged.points)?,
                sections: sections.collect(),
            })
        });
        Detail {
            selection: Selection::of(route),
            destination_ledger: route.destination_ledger.to_string(),
            plot: Rc::new(Plot {
                lines,
                merged,
                source: unit(route.source_ledger.as_str()),
                destination: unit(route.destination_ledger.as_str()),
            }),
            candidates,
        }
    }

    /// A source amount to begin with: round in its currency, and in the widest section that is not
    /// the last.
    pub fn first_amount(&self) -> u64 {
        let Some(merged) = &self.plot.merged else {
            return self
                .plot
                .source
                .as_ref()
                .map_or(1, |unit| unit.scale.units_per_one());
        };
        let target = match merged.sections.as_slice() {
            [first, _, ..] => first.to / 2,
            _ => merged.curve.capacity().x / 2,
        };
        let digit = 10u64.pow(target.max(1).ilog10());
        (target / digit).max(1) * digit
    }
}

/// A curve of the points of a snapshot; none where they are none.
fn curve(points: &[(Amount, Amount)]) -> Option<Curve> {
    Curve::from_points(points.iter().map(|(x, y)| (x.units(), y.units()))).ok()
}

/// What to call next hops: peers by their host, the connector itself by a word.
pub struct Names<'a> {
    /// Whether peers are known at all: if not, each next hop goes by its account.
    told: bool,
    peers: BTreeMap<&'a str, String>,
    own: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub fn of(snapshot: Option<&'a SnapshotView>) -> Self {
        let name = |host: &str| {
            let host = host.split_once("://").map_or(host, |(_, rest)| rest);
            host.trim_end_matches('/').to_owned()
        };
        Self {
            told: snapshot.is_some(),
            peers: snapshot
                .iter()
                .flat_map(|snapshot| &snapshot.peers)
                .map(|peer| {
                    let named = peer.host.as_deref().map(name);
                    (
                        peer.prefix.as_str(),
                        named.unwrap_or_else(|| peer.prefix.to_string()),
                    )
                })
                .collect(),
            own: snapshot
                .iter()
                .flat_map(|snapshot| &snapshot.identity.ledgers)
                .map(|ledger| ledger.account.as_str())
                .collect(),
        }
    }

    /// What to call the account `next_hop` on the ledger `next_ledger`.
    pub fn name(&self, next_hop: &str, next_ledger: &str) -> String {
        if !self.told {
            return next_hop.to_owned();
        }
        if self.own.contains(&next_hop) {
            return "this connector".to_owned();
        }
        match self.peers.get(next_ledger) {
            Some(name) => name.clone(),
            None => next_ledger.to_owned(),
        }
    }
}
