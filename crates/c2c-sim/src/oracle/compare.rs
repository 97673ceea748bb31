//! The tables as they are beside the tables as they must be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use c2c::curve::{Curve, merge};
use c2c::table::{Tables, View};

use super::{Face, Ledger, Of, Oracle, Told, Way};
use crate::Network;

/// Where a table holds something else than it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose table, by its place.
    pub node: usize,
    /// From which ledger, or from whom it was heard.
    pub source: String,
    /// To where.
    pub destination: String,
    /// What is there, and what must be.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "connector {}, {} to {}: {}",
            self.node, self.source, self.destination, self.what
        )
    }
}

/// How many entries were compared how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// With what the whole graph gives, point by point but for rounding.
    pub exact: u64,
    /// With what the connector makes, or the one before must make, of what it holds.
    pub by_step: u64,
    /// In length and upper bound only.
    pub bounded: u64,
}

impl Compared {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.exact + self.by_step + self.bounded
    }
}

impl Oracle {
    /// Every difference between the tables of the running connectors and what they must hold, and how
    /// many entries were compared how.
    ///
    /// Compared are, for each peer, every route that is held from it: its paths and its curve, point by
    /// point; and for each ledger of the connector every destination: the length of the shortest way,
    /// the next hops of this length, and what they deliver together at the points of both curves,
    /// between them, and beyond.
    pub fn compare(&self, network: &Network) -> (Compared, Vec<Difference>) {
        let mut compared = Compared::default();
        let mut found = Vec::new();
        for (node, _) in self.graph.own() {
            let tables = network.node(node).connector.tables();
            self.heard(network, node, tables, &mut compared, &mut found);
            for source in self.graph.ledgers_of(node) {
                self.reached(network, (node, source), tables, &mut compared, &mut found);
            }
        }
        (compared, found)
    }

    /// What is held from each peer.
    fn heard(
        &self,
        network: &Network,
        node: usize,
        tables: &Tables,
        compared: &mut Compared,
        found: &mut Vec<Difference>,
    ) {
        for (prefix, peer) in &network.node(node).stored {
            let account = &peer.details.peer_account;
            let mut expected = self.told_over(node, prefix.as_str());
            let held: Vec<_> = tables.heard_from(account).collect();
            let differs = |destination: &str, what: String| Difference {
                node,
                source: prefix.to_string(),
                destination: destination.to_owned(),
                what,
            };
            for (destination, curve) in held {
                let name = destination.as_str();
                let number = self.graph.find(name);
                let told = number.and_then(|ledger| Some((ledger, expected.remove(&ledger)?)));
                let Some((to, told)) = told else {
                    compared.exact += 1;
                    found.push(differs(name, "held, and nobody tells it".to_owned()));
                    continue;
                };
                let Some(curve) = curve else {
                    compared.exact += 1;
                    found.push(differs(name, "held without a curve".to_owned()));
                    continue;
                };
                let held: Option<BTreeSet<Vec<Ledger>>> =
                    tables.heard_of(account, name).and_then(|(_, paths)| {
                        let number = |path: &[c2c::IlpAddress]| {
                            path.iter().map(|at| self.graph.find(at.as_str())).collect()
                        };
                        paths.iter().map(number).collect()
                    });
                if !told.crowded && held.as_ref() != Some(&*told.paths) {
                    let what = format!("held over {held:?}, told over {:?}", told.paths);
                    found.push(differs(name, what));
                }
                if !told.crowded
                    && let Err(what) = told.allows(curve, self.graph.coarse())
                {
                    found.push(differs(name, what));
                }
                if !told.crowded && !told.thinned {
                    compared.exact += 1;
                    continue;
                }
                let step = self
                    .graph
                    .find(prefix.as_str())
                    .and_then(|ledger| Some((self.graph.across(node, ledger)?, ledger, to)))
                    .and_then(|key| self.told_by_step(network, key));
                let step = step
                    .ok_or_else(|| "held, and the one before has no way".to_owned())
                    .and_then(|step| self.is_step(&step, curve, held.as_ref()))
                    .map_err(|what| format!("by the step before, {what}"));
                match step {
                    Ok(true) => compared.by_step += 1,
                    Ok(false) => compared.bounded += 1,
                    Err(what) => {
                        compared.by_step += 1;
                        found.push(differs(name, what));
                    }
                }
            }
            for (missing, told) in expected {
                if !told.crowded {
                    let name = self.graph.name(missing).as_str();
                    found.push(differs(name, "told, and not held".to_owned()));
                }
            }
        }
    }

    /// What `node` hears over the ledger `prefix` and keeps, by destination.
    fn told_over(&self, node: usize, prefix: &str) -> BTreeMap<Ledger, Told> {
        let Some(ledger) = self.graph.find(prefix) else {
            return BTreeMap::new();
        };
        let Some(teller) = self.graph.across(node, ledger) else {
            return BTreeMap::new();
        };
        let range = (teller, ledger, 0)..=(teller, ledger, Ledger::MAX);
        let told = self.told.range(range);
        told.map(|((.., to), told)| (*to, self.as_heard(teller, ledger, told.clone())))
            .filter(|(to, told)| self.is_taken(told, ledger, *to))
            .collect()
    }

    /// What can be reached from one ledger.
    fn reached(
        &self,
        network: &Network,
        (node, source): (usize, Ledger),
        tables: &Tables,
        compared: &mut Compared,
        found: &mut Vec<Difference>,
    ) {
        let name = self.graph.name(source).as_str();
        let mut expected = self.ways(node, source);
        let mut differs = |destination: &str, what: String| {
            found.push(Difference {
                node,
                source: name.to_owned(),
                destination: destination.to_owned(),
                what,
            });
        };
        for prefix in tables.prefixes_from(name) {
            if prefix.is_peer() {
                continue;
            }
            let Some(combined) = tables.combined(View::Local, name, prefix.as_str()) else {
                // Something is known, and nothing gets through: it counts as nothing.
                continue;
            };
            let Some(to) = self.graph.find(prefix.as_str()) else {
                compared.exact += 1;
                differs(prefix.as_str(), "reached, and unknown".to_owned());
                continue;
            };
            let key = (node, source, to);
            // Where curves were thinned, one may get through that just would not by the whole graph.
            let ways = expected.remove(&to);
            let ways = ways.unwrap_or_else(|| self.all_held_ways(network, key));
            if ways.is_empty() {
                compared.exact += 1;
                differs(
                    prefix.as_str(),
                    "reached, and nothing leads there".to_owned(),
                );
                continue;
            }
            let is_open = |way: &Way| {
                let tail = way.tail.as_ref();
                tail.is_some_and(|tail| tail.crowded || tail.thinned)
            };
            let what = self.same(network, (node, source), &combined, &ways);
            let what = match what {
                Ok(true) if !ways.iter().any(is_open) => {
                    compared.exact += 1;
                    continue;
                }
                Ok(_) => {
                    let ways = self.all_held_ways(network, key);
                    let what = self.same(network, (node, source), &combined, &ways);
                    what.map_err(|what| format!("by what it holds, {what}"))
                }
                Err(what) => Err(what),
            };
            match what {
                Ok(true) => compared.by_step += 1,
                Ok(false) => compared.bounded += 1,
                Err(what) => {
                    compared.exact += 1;
                    differs(prefix.as_str(), what);
                }
            }
        }
        for (missing, ways) in expected {
            if ways
                .iter()
                .any(|way| !way.tail.as_ref().is_some_and(|tail| tail.crowded))
            {
                differs(self.graph.name(missing).as_str(), "not reached".to_owned());
            }
        }
    }

    /// Every way by what is held through which something gets.
    fn all_held_ways(&self, network: &Network, key: (usize, Ledger, Ledger)) -> Vec<Way> {
        let (node, source, _) = key;
        let mut ways: Vec<Way> = self
            .held_ways(network, key)
            .into_values()
            .flatten()
            .collect();
        let carries = |way: &Way| {
            self.curve(node, source, way, Of::Told, Face::Local)
                .is_some()
        };
        ways.retain(carries);
        ways
    }

    /// Every way of `node` from `source` through which something gets, by destination.
    fn ways(&self, node: usize, source: Ledger) -> BTreeMap<Ledger, Vec<Way>> {
        let mut all: BTreeMap<Ledger, Vec<Way>> = BTreeMap::new();
        for (_, own) in self
            .graph
            .own()
            .into_iter()
            .filter(|(place, _)| *place == node)
        {
            for destination in own {
                for head in self.graph.heads(node, source, destination) {
                    all.entry(destination).or_default().push(Way {
                        head,
                        tail: None,
                        beyond: None,
                    });
                }
            }
        }
        for ledger in self.graph.ledgers_of(node) {
            let heads = self.graph.heads(node, source, ledger);
            if heads.is_empty() {
                continue;
            }
            let told = self.told_over(node, self.graph.name(ledger).as_str());
            for (destination, told) in told {
                for head in &heads {
                    if !self.goes_round(source, head, &told, destination) {
                        all.entry(destination).or_default().push(Way {
                            head: head.clone(),
                            tail: Some(told.clone()),
                            beyond: self.graph.across(node, ledger),
                        });
                    }
                }
            }
        }
        for ways in all.values_mut() {
            ways.retain(|way| {
                self.curve(node, source, way, Of::Told, Face::Local)
                    .is_some()
            });
        }
        all.retain(|_, ways| !ways.is_empty());
        all
    }

    /// Whether `combined` is what `ways` make together, and whether by more than bounds.
    fn same(
        &self,
        network: &Network,
        (node, source): (usize, Ledger),
        combined: &c2c::table::Combined,
        ways: &[Way],
    ) -> Result<bool, String> {
        let length = |way: &Way| way.head.len() + way.tail.as_ref().map_or(1, |tail| tail.length);
        let shortest = ways.iter().map(length).min().unwrap_or(0);
        let among: Vec<&Way> = ways.iter().filter(|way| length(way) == shortest).collect();
        let crowded = ways
            .iter()
            .any(|way| way.tail.as_ref().is_some_and(|tail| tail.crowded));
        if combined.hops != shortest && !(crowded && combined.hops > shortest) {
            return Err(format!("{} ledgers, not {shortest}", combined.hops));
        }
        let made = |of| {
            let curves: Vec<Curve> = among
                .iter()
                .filter_map(|way| self.curve(node, source, way, of, Face::Local))
                .collect();
            merge(&curves.iter().collect::<Vec<_>>()).map(|merged| merged.curve)
        };
        let (Some(curve), Some(must), Some(most)) =
            (&combined.curve, made(Of::Told), made(Of::Whole))
        else {
            return Err("no curve".to_owned());
        };
        let is_full = among
            .iter()
            .map(|way| self.between(way).len())
            .sum::<usize>()
            > self.most_paths;
        let slack = Slack {
            units: (shortest as u64).saturating_mul(self.graph.coarse()),
            thinned: among
                .iter()
                .any(|way| way.tail.as_ref().is_some_and(|tail| tail.thinned)),
        };
        if crowded || is_full {
            below(curve, &most, slack)?;
            return Ok(false);
        }
        alike(curve, &must, &most, slack)?;
        // Who carries some section must be one of those that the way goes to.
        let accounts: BTreeSet<String> = among
            .iter()
            .filter_map(|way| self.next_hop(network, node, way))
            .collect();
        for section in &combined.sections {
            if !accounts.contains(section.next_hop.as_str()) {
                return Err(format!("goes to {}, not to {accounts:?}", section.next_hop));
            }
        }
        Ok(true)
    }

    /// Whose account the next transfer goes to.
    fn next_hop(&self, network: &Network, node: usize, way: &Way) -> Option<String> {
        let next = self.graph.name(way.head[0]);
        let at = network.node(node);
        let peer = at.stored.get(next);
        let own = || {
            let ledger = at.config().ledgers.iter().find(|own| own.prefix == *next);
            ledger.map(|own| own.account.to_string())
        };
        if way.head.len() == 1 && way.beyond.is_some() {
            return Some(peer?.details.peer_account.to_string());
        }
        peer.map(|peer| peer.details.account.to_string())
            .or_else(own)
    }
}

impl Told {
    /// Whether `held` is this, but for rounding; `coarse` is what one unit may be worth.
    fn allows(&self, held: &Curve, coarse: u64) -> Result<(), String> {
        let slack = Slack {
            units: (self.length as u64).saturating_mul(coarse),
            thinned: self.thinned,
        };
        alike(held, &self.curve, &self.whole, slack)
    }
}

/// By how much two curves may differ that were worked out in another order.
///
/// A merged curve may lie one unit below the best of those it is made of, and a joined one may be lower
/// by one unit of the ledger in the middle: at which amounts depends on which of two equal lines was heard
/// first. So each connector on the way may shift a curve by one unit of the coarsest ledger, to the side or
/// down. Where a curve had more points than are told, which of them give way hangs on such units, and with
/// every connector more: there only the upper bound is held against it.
#[derive(Clone, Copy)]
pub(super) struct Slack {
    pub(super) units: u64,
    pub(super) thinned: bool,
}

/// Whether `is` is `must` but for rounding, and promises no more than `most`.
pub(super) fn alike(is: &Curve, must: &Curve, most: &Curve, slack: Slack) -> Result<(), String> {
    below(is, most, slack)?;
    if slack.thinned {
        return Ok(());
    }
    for amount in samples(&[is, must]) {
        let found = is.amount_at(amount);
        let before = must.amount_at(amount.saturating_sub(slack.units));
        let least = before.saturating_sub(slack.units);
        let behind = must.amount_at(amount.saturating_add(slack.units));
        let largest = behind.saturating_add(slack.units);
        if !(least..=largest).contains(&found) {
            let must = must.amount_at(amount);
            return Err(format!("{found} for {amount}, not {must}"));
        }
    }
    Ok(())
}

/// Whether `is` promises nowhere more than `most`, but for rounding.
pub(super) fn below(is: &Curve, most: &Curve, slack: Slack) -> Result<(), String> {
    for amount in samples(&[is, most]) {
        let found = is.amount_at(amount);
        let behind = most.amount_at(amount.saturating_add(slack.units));
        if found > behind.saturating_add(slack.units) {
            let most = most.amount_at(amount);
            return Err(format!("{found} for {amount}, and the ways carry {most}"));
        }
    }
    Ok(())
}

/// Amounts at which two curves can differ: their points, the middles between, and beyond.
fn samples(curves: &[&Curve]) -> BTreeSet<u64> {
    let mut samples = BTreeSet::from([0, 1, u64::MAX]);
    for curve in curves {
        let points = curve.points();
        for point in points {
            samples.extend([
                point.x.saturating_sub(1),
                point.x,
                point.x.saturating_add(1),
            ]);
        }
        for two in points.windows(2) {
            samples.insert(two[0].x + (two[1].x - two[0].x) / 2);
        }
    }
    samples
}
