//! Who can reach whom at all, and since when not.

use std::collections::{BTreeMap, BTreeSet};

use c2c::timestamp::{Millis, Timestamp};

use super::lives;
use crate::Network;

/// What cannot be reached by whom, and since when. Rates and limits count for nothing here, so that
/// nothing is called lost that is not.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// The shape for which it was worked out.
    shape: Option<u64>,
    /// (who, whose ledgers).
    lost: BTreeMap<(usize, usize), Timestamp>,
}

impl Reach {
    /// Works it out anew if the shape changed.
    pub(super) fn update(&mut self, network: &Network) {
        if self.shape == Some(network.shape_changes()) {
            return;
        }
        self.shape = Some(network.shape_changes());
        let before = std::mem::take(&mut self.lost);
        let mut group = vec![None; network.nodes().len()];
        for start in 0..group.len() {
            if group[start].is_some() || !network.node(start).is_running() {
                continue;
            }
            let mut reached = BTreeSet::from([start]);
            while let Some(node) = reached.pop_first() {
                if group[node].replace(start).is_some() {
                    continue;
                }
                for ledger in network.node(node).stored.keys() {
                    let other = network.across(node, ledger).filter(|other| {
                        network.node(*other).is_running() && !network.is_cut(node, *other)
                    });
                    reached.extend(other.filter(|other| group[*other].is_none()));
                }
            }
        }
        for (who, mine) in group.iter().enumerate() {
            for (whose, theirs) in group.iter().enumerate() {
                if mine.is_some() && mine != theirs {
                    let since = before.get(&(who, whose)).copied();
                    self.lost
                        .insert((who, whose), since.unwrap_or(network.now()));
                }
            }
        }
    }

    /// How many routes were looked for, and those that are there though they should be gone.
    pub(super) fn stale(&self, network: &Network) -> (u64, Vec<String>) {
        let mut looked = 0;
        let mut found = Vec::new();
        for ((who, whose), since) in &self.lost {
            let tables = network.node(*who).connector.tables();
            let since = (*since).max(network.last_lied()).max(network.last_joined());
            for ledger in &network.node(*whose).config().ledgers {
                looked += 1;
                for (account, hops) in held(tables, ledger.prefix.as_str()) {
                    let hops = hops + network.unnamed();
                    let lived = lives(network, *who).0.saturating_mul(hops as u64);
                    if since + Millis(lived) < network.now() {
                        found.push(format!(
                            "connector {who} holds {} from {account}, lost {} ms ago",
                            ledger.prefix,
                            network.now().since(since).0
                        ));
                    }
                }
            }
        }
        (looked, found)
    }
}

/// Who told of exactly `prefix`, and over how many ledgers it would go.
fn held(tables: &c2c::table::Tables, prefix: &str) -> BTreeMap<String, usize> {
    let mut held = BTreeMap::new();
    for source in tables.sources() {
        for way in tables.candidates(c2c::table::View::Local, source.as_str(), prefix) {
            held.insert(way.next_hop.to_string(), way.hops);
        }
    }
    held
}
