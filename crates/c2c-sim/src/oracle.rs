//! What every table must hold once all is quiet, worked out from the whole graph.
//!
//! Nothing of the tables' code is used: the graph of ledgers is searched breadth first, a length at a
//! time, and curves are joined and merged through [`c2c::curve`] by the specification's rule: of all
//! ways only those as short as the shortest, and of these, section by section, the one that delivers
//! most. What a connector tells its peers it tells with the points that it is set to, so what is held
//! is compared with a curve simplified likewise; and nothing may be above the same curve worked out
//! without any simplification.
//!
//! # What the graph leaves open
//! Where more shortest ways lead to a ledger than a route may name, which of them are named depends on
//! who was heard first. Such destinations are *crowded*, and so is what is built on them.
//!
//! Where a curve had more points than are told, which of them give way hangs on single units, and these on
//! who was heard first. Such curves are *thinned*, and so is what is built on them.
//!
//! These are compared *by their last step*: with what the connector before must tell, worked out likewise
//! from what that one holds, which is compared in its turn. Of one that is crowded at this very step only
//! the length and the upper bound are compared. Of one that is thinned at this very step: its length, paths
//! and next hops, both ends, that it promises nowhere more than without thinning, and that it loses not
//! much more area than another order of thinning does. [`Compared`] says how many were compared how.

mod compare;
mod graph;
mod step;

pub use compare::{Compared, Difference};

// What the children share goes through here; none of them knows another.
use compare::{Slack, alike, below};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use c2c::amount::MAX_SAFE_2017;
use c2c::curve::{Curve, Point, Rounding, merge};
use c2c::table;

use crate::Network;
use graph::{Graph, Pair};

/// A ledger, by its place in the list of all.
type Ledger = usize;

/// A connector's view of a destination from one of its ledgers.
type Key = (usize, Ledger, Ledger);

/// Everything that is to be known once all is quiet.
#[derive(Debug)]
pub struct Oracle {
    graph: Graph,
    /// What each connector tells over each ledger about each destination.
    told: BTreeMap<Key, Told>,
    most_paths: usize,
    most_ledgers: usize,
}

/// What one connector tells about one destination.
#[derive(Clone, Debug)]
struct Told {
    /// How many ledgers lie on the way, both ends counted.
    length: usize,
    /// The ledgers between, every alternative.
    paths: Rc<BTreeSet<Vec<Ledger>>>,
    /// The curve as it is told.
    curve: Rc<Curve>,
    /// The same without any simplification, here or further on.
    whole: Rc<Curve>,
    /// Whether there are more alternatives than can be told.
    crowded: bool,
    /// Whether points gave way, here or further on.
    thinned: bool,
}

/// A way from a ledger to a destination.
#[derive(Clone, Debug)]
struct Way {
    /// Over which own ledgers it begins: one, or two where no pair leads straight.
    head: Vec<Ledger>,
    /// What it goes on with, told by the connector beyond the last ledger of the head; none: it ends
    /// there.
    tail: Option<Told>,
    /// Whom the money is sent to beyond the head.
    beyond: Option<usize>,
}

impl Oracle {
    /// Works everything out for `network` as it is now.
    pub fn new(network: &Network) -> Self {
        let settings = table::Settings::default();
        let mut oracle = Self {
            graph: Graph::new(network),
            told: BTreeMap::new(),
            most_paths: settings.max_paths,
            most_ledgers: settings.max_path,
        };
        oracle.search();
        oracle
    }

    /// Settles what is told, the shortest first: a way is always longer than what it goes on with.
    fn search(&mut self) {
        let mut by_length: BTreeMap<usize, BTreeMap<Key, Vec<Way>>> = BTreeMap::new();
        for (node, ledgers) in self.graph.own() {
            for destination in ledgers {
                for source in self.graph.ledgers_of(node) {
                    for head in self.graph.heads(node, source, destination) {
                        let length = 1 + head.len();
                        let way = Way {
                            head,
                            tail: None,
                            beyond: None,
                        };
                        let key = (node, source, destination);
                        by_length
                            .entry(length)
                            .or_default()
                            .entry(key)
                            .or_default()
                            .push(way);
                    }
                }
            }
        }
        while let Some((length, found)) = by_length.pop_first() {
            for (key, ways) in found {
                if self.told.contains_key(&key) {
                    continue;
                }
                let Some(told) = self.combine(key, &ways, length) else {
                    continue;
                };
                let (node, ledger, destination) = key;
                self.told.insert(key, told.clone());
                // Whoever is at the other end of the ledger hears it.
                let Some(hearer) = self.graph.across(node, ledger) else {
                    continue;
                };
                let told = self.as_heard(node, ledger, told);
                if !self.is_taken(&told, ledger, destination) {
                    continue;
                }
                for source in self.graph.ledgers_of(hearer) {
                    for head in self.graph.heads(hearer, source, ledger) {
                        if self.goes_round(source, &head, &told, destination) {
                            continue;
                        }
                        let length = told.length + head.len();
                        let way = Way {
                            head,
                            tail: Some(told.clone()),
                            beyond: Some(node),
                        };
                        let key = (hearer, source, destination);
                        by_length
                            .entry(length)
                            .or_default()
                            .entry(key)
                            .or_default()
                            .push(way);
                    }
                }
            }
        }
    }

    /// `told` as it arrives: without paths, and so as short as can be, in the dialect that has none. That
    /// is only where no ring passes the ledger: all that is known behind it of what lies before it comes
    /// this way, and is as much shorter.
    fn as_heard(&self, teller: usize, ledger: Ledger, told: Told) -> Told {
        if !self.graph.tells_no_paths(teller, ledger) {
            return told;
        }
        Told {
            length: 2,
            paths: Rc::new(BTreeSet::from([Vec::new()])),
            ..told
        }
    }

    /// Whether a receiver keeps what it is told over `ledger` about `destination`.
    fn is_taken(&self, told: &Told, ledger: Ledger, destination: Ledger) -> bool {
        destination != ledger
            && told.paths.iter().all(|path| {
                path.len() <= self.most_ledgers
                    && !path.contains(&ledger)
                    && !path.contains(&destination)
            })
    }

    /// Whether a way would pass a ledger twice over any alternative.
    fn goes_round(
        &self,
        source: Ledger,
        head: &[Ledger],
        told: &Told,
        destination: Ledger,
    ) -> bool {
        let twice = |ledger: &Ledger| *ledger == source || head.contains(ledger);
        twice(&destination) || told.paths.iter().any(|path| path.iter().any(twice))
    }

    /// What is told of equally long ways; none if nothing gets through any of them.
    fn combine(&self, key: Key, ways: &[Way], length: usize) -> Option<Told> {
        let (node, source, _) = key;
        let mut paths = BTreeSet::new();
        let (mut curves, mut wholes) = (Vec::new(), Vec::new());
        let (mut crowded, mut thinned) = (false, false);
        for way in ways {
            let Some(curve) = self.curve(node, source, way, Of::Told, Face::Public) else {
                continue;
            };
            wholes.extend(self.curve(node, source, way, Of::Whole, Face::Public));
            curves.push(curve);
            crowded |= way.tail.as_ref().is_some_and(|tail| tail.crowded);
            thinned |= way.tail.as_ref().is_some_and(|tail| tail.thinned);
            paths.extend(self.between(way));
        }
        crowded |= paths.len() > self.most_paths;
        let all: Vec<&Curve> = curves.iter().collect();
        let among = all.len();
        let wholes: Vec<&Curve> = wholes.iter().collect();
        let merged = merge(&all)?.curve.cut_at(MAX_SAFE_2017)?;
        let points = self.graph.points(node);
        // Each curve may bring a corner or two of two points more, by the order.
        thinned |= merged.points().len() + 4 * among > points;
        Some(Told {
            length,
            paths: Rc::new(paths),
            curve: Rc::new(merged.simplify(points, Rounding::Sound)),
            whole: Rc::new(merge(&wholes)?.curve),
            crowded,
            thinned,
        })
    }

    /// The ledgers strictly between source and destination, every alternative.
    fn between(&self, way: &Way) -> Vec<Vec<Ledger>> {
        match &way.tail {
            None => vec![way.head[..way.head.len() - 1].to_vec()],
            Some(tail) => tail
                .paths
                .iter()
                .map(|path| way.head.iter().chain(path).copied().collect())
                .collect(),
        }
    }

    /// What comes out at the end of `way` for what goes in at `source`; none if nothing does.
    fn curve(&self, node: usize, source: Ledger, way: &Way, of: Of, face: Face) -> Option<Curve> {
        let mut froms = vec![source];
        froms.extend(&way.head[..way.head.len() - 1]);
        let mut curve: Option<Curve> = way.tail.as_ref().map(|tail| match of {
            Of::Told => (*tail.curve).clone(),
            Of::Whole => (*tail.whole).clone(),
        });
        for (from, to) in froms.into_iter().zip(&way.head).rev() {
            let pair = self.graph.pair(node, from, *to)?;
            let leg = match face {
                Face::Local => &pair.local,
                Face::Public => &pair.public,
            };
            curve = Some(match curve {
                None => leg.clone(),
                Some(tail) => joined(leg, &tail, pair)?,
            });
        }
        curve
    }
}

/// Which curve a way goes on with.
#[derive(Clone, Copy)]
enum Of {
    /// As it is told.
    Told,
    /// Without any simplification.
    Whole,
}

/// Which of a pair's curves counts.
#[derive(Clone, Copy)]
enum Face {
    /// As it is.
    Local,
    /// One source unit less for the sender.
    Public,
}

/// `leg` and then `tail`, as far as what comes out of the pair goes into the tail.
fn joined(leg: &Curve, tail: &Curve, pair: &Pair) -> Option<Curve> {
    let joined = Curve::join(leg, tail, Rounding::Sound)?;
    let over = tail.capacity().x.checked_add(1)?;
    match pair.local.least_source_for(over) {
        Some(too_much) => ended(&joined, too_much.checked_sub(1)?),
        None => Some(joined),
    }
}

/// `curve` up to the source amount `end`; none if it begins only behind.
fn ended(curve: &Curve, end: u64) -> Option<Curve> {
    if end >= curve.capacity().x {
        return Some(curve.clone());
    }
    if end < curve.origin().x {
        return None;
    }
    let before = curve.points().iter().copied().filter(|point| point.x < end);
    let last = Point {
        x: end,
        y: curve.amount_at(end),
    };
    Curve::from_points(before.chain([last])).ok()
}
