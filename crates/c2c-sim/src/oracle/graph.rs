//! Ledgers, who has accounts on them, and what each connector gives on one for what comes in on another.

use std::collections::{BTreeMap, BTreeSet};

use c2c::address::{CurrencyCode, LedgerPrefix};
use c2c::amount::Scale;
use c2c::connector::{Config, Decimal};
use c2c::curve::{Curve, PairTerms};

use super::{Ledger, ended};
use crate::Network;

/// The whole graph.
#[derive(Debug)]
pub(super) struct Graph {
    names: Vec<LedgerPrefix>,
    numbers: BTreeMap<LedgerPrefix, Ledger>,
    nodes: BTreeMap<usize, Facts>,
    /// Both ends of a ledger between peers, where both run and reach each other.
    ends: BTreeMap<Ledger, [usize; 2]>,
    /// Who tells over which ledger in the dialect without paths.
    older: BTreeSet<(usize, Ledger)>,
    coarse: u64,
}

#[derive(Debug)]
struct Facts {
    ledgers: Vec<Ledger>,
    own: Vec<Ledger>,
    pairs: BTreeMap<(Ledger, Ledger), Pair>,
    points: usize,
}

/// What a connector gives.
#[derive(Debug)]
pub(super) struct Pair {
    /// As it is.
    pub(super) local: Curve,
    /// One source unit less for the sender, unless it trades one to one.
    pub(super) public: Curve,
}

/// One of a connector's ledgers.
struct Side {
    ledger: Ledger,
    currency: CurrencyCode,
    scale: Scale,
    /// How much may come in, and go out; none: any amount.
    room: (Option<u64>, Option<u64>),
}

impl Graph {
    pub(super) fn new(network: &Network) -> Self {
        let mut graph = Self {
            names: Vec::new(),
            numbers: BTreeMap::new(),
            nodes: BTreeMap::new(),
            ends: BTreeMap::new(),
            older: BTreeSet::new(),
            coarse: 1,
        };
        for (place, node) in network.nodes().iter().enumerate() {
            if !node.is_running() {
                continue;
            }
            let config = node.config();
            let mut sides: Vec<Side> = config
                .ledgers
                .iter()
                .map(|ledger| Side {
                    ledger: graph.number(&ledger.prefix),
                    currency: ledger.currency.clone(),
                    scale: ledger.scale,
                    room: (None, None),
                })
                .collect();
            let own = sides.iter().map(|side| side.ledger).collect();
            for (prefix, peer) in &node.stored {
                let ledger = graph.number(prefix);
                if network.tells_no_paths(place, prefix) {
                    graph.older.insert((place, ledger));
                }
                let other = network.across(place, prefix);
                let trusts = other.and_then(|other| {
                    let view = network.node(other).stored.get(prefix)?;
                    Some((other, view.limit))
                });
                let reached = trusts.filter(|(other, _)| {
                    network.node(*other).is_running() && !network.is_cut(place, *other)
                });
                if let Some((other, _)) = reached {
                    graph.ends.insert(ledger, [place, other]);
                }
                // Who cannot be asked trusts us as far as it last said.
                let known = match reached {
                    Some((_, limit)) => Some(limit),
                    None => peer.peer_limit,
                };
                if let Some(limit) = known {
                    sides.push(Side {
                        ledger,
                        currency: peer.details.currency.clone(),
                        scale: peer.details.scale,
                        room: (Some(peer.limit.units()), Some(limit.units())),
                    });
                }
            }
            let facts = Facts {
                ledgers: sides.iter().map(|side| side.ledger).collect(),
                own,
                pairs: pairs(config, &sides),
                points: config.routing.max_points,
            };
            graph.nodes.insert(place, facts);
        }
        graph.coarse = graph
            .nodes
            .values()
            .flat_map(|facts| facts.pairs.values())
            .map(|pair| pair.local.capacity())
            .map(|end| end.x.max(end.y).div_ceil(end.x.min(end.y).max(1)))
            .max()
            .unwrap_or(1);
        graph
    }

    fn number(&mut self, prefix: &LedgerPrefix) -> Ledger {
        if let Some(number) = self.numbers.get(prefix) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(prefix.clone());
        self.numbers.insert(prefix.clone(), number);
        number
    }

    /// How many units of one ledger one unit of another may be worth, at most.
    pub(super) fn coarse(&self) -> u64 {
        self.coarse
    }

    /// Whether `node` tells over `ledger` in the dialect without paths.
    pub(super) fn tells_no_paths(&self, node: usize, ledger: Ledger) -> bool {
        self.older.contains(&(node, ledger))
    }

    /// The name of a ledger.
    pub(super) fn name(&self, ledger: Ledger) -> &LedgerPrefix {
        &self.names[ledger]
    }

    /// The ledger of that name.
    pub(super) fn find(&self, name: &str) -> Option<Ledger> {
        self.numbers.get(name).copied()
    }

    /// Every running connector and its own ledgers.
    pub(super) fn own(&self) -> Vec<(usize, Vec<Ledger>)> {
        let nodes = self.nodes.iter();
        nodes
            .map(|(place, facts)| (*place, facts.own.clone()))
            .collect()
    }

    /// Every ledger of a connector that can be used.
    pub(super) fn ledgers_of(&self, node: usize) -> Vec<Ledger> {
        self.nodes
            .get(&node)
            .map_or_else(Vec::new, |facts| facts.ledgers.clone())
    }

    /// The most points that a connector tells.
    pub(super) fn points(&self, node: usize) -> usize {
        self.nodes.get(&node).map_or(0, |facts| facts.points)
    }

    /// Who is at the other end of `ledger`, if it can be told anything.
    pub(super) fn across(&self, node: usize, ledger: Ledger) -> Option<usize> {
        let [one, other] = *self.ends.get(&ledger)?;
        Some(if one == node { other } else { one })
    }

    /// What `node` gives on `to` for what comes in on `from`.
    pub(super) fn pair(&self, node: usize, from: Ledger, to: Ledger) -> Option<&Pair> {
        self.nodes.get(&node)?.pairs.get(&(from, to))
    }

    /// The ways of `node` from one of its ledgers to another, the shortest only: straight, or over one
    /// further ledger of its own.
    ///
    /// Three pairs in a row would need four currencies of which no two further apart are traded.
    pub(super) fn heads(&self, node: usize, from: Ledger, to: Ledger) -> Vec<Vec<Ledger>> {
        if from == to {
            return Vec::new();
        }
        if self.pair(node, from, to).is_some() {
            return vec![vec![to]];
        }
        self.ledgers_of(node)
            .into_iter()
            .filter(|over| {
                self.pair(node, from, *over).is_some() && self.pair(node, *over, to).is_some()
            })
            .map(|over| vec![over, to])
            .collect()
    }
}

fn pairs(config: &Config, sides: &[Side]) -> BTreeMap<(Ledger, Ledger), Pair> {
    let mut pairs = BTreeMap::new();
    for from in sides {
        for to in sides.iter().filter(|to| to.ledger != from.ledger) {
            if let Some(pair) = pair(config, from, to) {
                pairs.insert((from.ledger, to.ledger), pair);
            }
        }
    }
    pairs
}

fn pair(config: &Config, from: &Side, to: &Side) -> Option<Pair> {
    let rate = config.rates.get(&from.currency, &to.currency)?;
    let spread = config.routing.spread;
    let terms = PairTerms::new(rate.ratio(), spread.ratio(), from.scale, to.scale).ok()?;
    let local = terms.curve(from.room.0, to.room.1)?;
    if local.capacity().y == 0 {
        return None;
    }
    let is_even = rate == Decimal::ONE && spread.is_zero() && from.scale == to.scale;
    let public = if is_even {
        local.clone()
    } else {
        local
            .shift_x(1)
            .and_then(|moved| ended(&moved, local.capacity().x))
            .unwrap_or_else(|| local.clone())
    };
    Some(Pair { local, public })
}
