//! From a snapshot to the rows of the table and the plot of one destination.

use std::collections::BTreeMap;
use std::rc::Rc;

use c2c::amount::Amount;
use c2c::curve::Curve;
use c2c::snapshot::{CandidateView, RouteView, SnapshotView};
use c2c::timestamp::Timestamp;

use crate::curve_view::{HUES, Line, Merged, Plot, Section};
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
    /// The route in `snapshot`, where it is still there.
    pub fn find<'a>(&self, snapshot: &'a SnapshotView) -> Option<&'a RouteView> {
        snapshot.routes.iter().find(|route| {
            route.source_ledger.as_str() == self.from && route.target_prefix == self.to
        })
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
    /// The most that can be sent usefully, and in which unit; none without a curve.
    pub capacity: Option<(u64, Option<Unit>)>,
    /// When the first winner runs out.
    pub expires_at: Option<Timestamp>,
    /// Whether this is the longest prefix of the address that is searched for.
    pub longest_match: bool,
}

/// The ledgers that money can come from, in their order.
pub fn sources(snapshot: &SnapshotView) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for route in &snapshot.routes {
        if sources
            .last()
            .is_none_or(|last| last != route.source_ledger.as_str())
        {
            sources.push(route.source_ledger.to_string());
        }
    }
    sources.sort();
    sources.dedup();
    sources
}

/// The routes from the ledger `from` whose prefix starts with `search`, or covers it as an address:
/// then the longest comes first, since it is the one that is taken.
pub fn rows(snapshot: &SnapshotView, from: &str, search: &str) -> Vec<Row> {
    let search = search.trim();
    let mut found: Vec<&RouteView> = snapshot
        .routes
        .iter()
        .filter(|route| route.source_ledger.as_str() == from)
        .filter(|route| {
            let prefix = route.target_prefix.as_str();
            prefix.starts_with(search) || search.starts_with(prefix)
        })
        .collect();
    let covers = |route: &RouteView| !search.is_empty() && search.starts_with(&route.target_prefix);
    found.sort_by_key(|route| {
        let length = if covers(route) {
            route.target_prefix.len() + 1
        } else {
            0
        };
        std::cmp::Reverse(length)
    });
    let longest = found
        .first()
        .filter(|route| covers(route))
        .map(|route| &route.target_prefix);
    let names = Names::of(snapshot);
    found
        .iter()
        .map(|route| Row {
            longest_match: Some(&route.target_prefix) == longest,
            ..row(snapshot, &names, route)
        })
        .collect()
}

/// A route worth a look: one with several winners, from a ledger of the connector's own where there
/// is one.
pub fn suggestion(snapshot: &SnapshotView) -> Option<Selection> {
    let own = |route: &RouteView| {
        snapshot
            .identity
            .ledgers
            .iter()
            .any(|ledger| ledger.prefix == route.source_ledger)
    };
    let worth = |route: &RouteView| {
        let sections = route
            .merged
            .as_ref()
            .map_or(0, |merged| merged.segments.len());
        let ghosts = route
            .candidates
            .iter()
            .filter(|candidate| !candidate.wins)
            .count();
        (sections >= 2, own(route), sections.min(3), ghosts.min(2))
    };
    // Of equals the first is taken, so that the suggestion does not wander.
    let best = snapshot
        .routes
        .iter()
        .rev()
        .max_by_key(|route| worth(route))?;
    Some(Selection::of(best))
}

/// One candidate of a destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What to call it.
    pub name: Rc<str>,
    /// The connector's own view of it.
    pub view: CandidateView,
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
#[derive(Clone, Debug, PartialEq)]
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
        snapshot: &SnapshotView,
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
        let mut used = 0;
        let candidates: Vec<Candidate> = order
            .into_iter()
            .map(|view| {
                let ghost = view.hops > shortest && !view.wins;
                let hue = used.min(HUES - 1);
                used += usize::from(!ghost);
                let curve = view.points.as_deref().and_then(curve);
                let name: Rc<str> = names.name(view).into();
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
                    view: view.clone(),
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

fn row(snapshot: &SnapshotView, names: &Names, route: &RouteView) -> Row {
    let winners: Vec<&CandidateView> = route.candidates.iter().filter(|c| c.wins).collect();
    let shown = if winners.is_empty() {
        route.candidates.iter().take(1).collect()
    } else {
        winners
    };
    let last = route
        .merged
        .as_ref()
        .and_then(|merged| merged.points.last());
    Row {
        selection: Selection::of(route),
        next_hops: shown
            .iter()
            .map(|candidate| names.name(candidate))
            .collect(),
        candidates: route.candidates.len(),
        hops: route.candidates.iter().map(|c| c.hops).min().unwrap_or(0),
        capacity: last.map(|(x, _)| {
            (
                x.units(),
                Unit::of_ledger(snapshot, route.source_ledger.as_str()),
            )
        }),
        expires_at: shown
            .iter()
            .filter_map(|candidate| candidate.expires_at)
            .min(),
        longest_match: false,
    }
}

/// A curve of the points of a snapshot; none where they are none.
fn curve(points: &[(Amount, Amount)]) -> Option<Curve> {
    Curve::from_points(points.iter().map(|(x, y)| (x.units(), y.units()))).ok()
}

/// What to call next hops: peers by their host, the connector itself by a word.
struct Names<'a> {
    peers: BTreeMap<&'a str, String>,
    own: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(snapshot: &'a SnapshotView) -> Self {
        let name = |host: &str| {
            let host = host.split_once("://").map_or(host, |(_, rest)| rest);
            host.trim_end_matches('/').to_owned()
        };
        Self {
            peers: snapshot
                .peers
                .iter()
                .map(|peer| {
                    let named = peer.host.as_deref().map(name);
                    (
                        peer.prefix.as_str(),
                        named.unwrap_or_else(|| peer.prefix.to_string()),
                    )
                })
                .collect(),
            own: snapshot
                .identity
                .ledgers
                .iter()
                .map(|ledger| ledger.account.as_str())
                .collect(),
        }
    }

    fn name(&self, candidate: &CandidateView) -> String {
        if self.own.contains(&candidate.next_hop.as_str()) {
            return "this connector".to_owned();
        }
        match self.peers.get(candidate.next_ledger.as_str()) {
            Some(name) => name.clone(),
            None => candidate.next_ledger.to_string(),
        }
    }
}
