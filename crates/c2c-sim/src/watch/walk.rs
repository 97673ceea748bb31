//! A payment on its way, each connector choosing by its own table.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;

use c2c::address::LedgerPrefix;
use c2c::amount::MAX_SAFE_2017;
use c2c::curve::Rounding;
use c2c::route::Paths;
use c2c::table::{BestHop, NoHop, View};

use crate::{Lie, Network};

/// How a payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It comes out with this much; nothing if somebody cannot pass it on.
    Delivered(u64),
    /// It came to a ledger again on which it was before.
    Circle,
    /// Somebody would have to ask for a quote.
    Unknown,
}

/// Where a payment went.
#[derive(Debug)]
pub(super) struct Walk {
    to: String,
    amount: u64,
    /// What the first connector promises.
    pub(super) promised: Option<u64>,
    /// How many ledgers it says that there are.
    hops: usize,
    /// Each connector with the ledger on which the money came in.
    stops: Vec<(usize, LedgerPrefix)>,
    pub(super) end: End,
}

impl Walk {
    /// Follows `amount` from the ledger `source` of `node` to the ledger `to`.
    pub(super) fn new(
        network: &Network,
        node: usize,
        source: &LedgerPrefix,
        to: &str,
        amount: u64,
    ) -> Self {
        let destination = format!("{to}x");
        let mut walk = Self {
            to: to.to_owned(),
            amount,
            promised: None,
            hops: 0,
            stops: Vec::new(),
            end: End::Delivered(0),
        };
        let (mut node, mut ledger, mut amount) = (node, source.clone(), amount);
        let mut visited = BTreeSet::new();
        loop {
            let again = !visited.insert((node, ledger.clone()));
            walk.stops.push((node, ledger.clone()));
            if again {
                walk.end = End::Circle;
                return walk;
            }
            let at = network.node(node);
            if !at.is_running() {
                return walk;
            }
            let tables = at.connector.tables();
            let from = ledger.as_str();
            let best = tables.best_hop_for_source_amount(View::Local, from, &destination, amount);
            let Ok(best) = best else {
                return walk;
            };
            if walk.stops.len() == 1 {
                walk.promised = best.amount;
                walk.hops = best.hops;
            }
            let (Some(_), Some(passed)) = (best.amount, best.next_amount) else {
                walk.end = End::Unknown;
                return walk;
            };
            let passed = at.lie().map_or(passed, |lie| lie.passes(passed));
            if at.lie() == Some(Lie::Wanders)
                && let Some((next, other)) = after(network, node, &ledger)
            {
                (node, ledger, amount) = (other, next, passed);
                continue;
            }
            if best.next_ledger.as_str() == to {
                walk.end = End::Delivered(passed);
                return walk;
            }
            let (next, passed) =
                if tables.account_on(best.next_ledger.as_str()) == Some(best.next_hop) {
                    // Over another ledger of its own it goes on at once: nobody else decides there.
                    let from = (node, &ledger, amount);
                    let Some(end) = exchanged(network, from, to, &best) else {
                        return walk;
                    };
                    end
                } else {
                    (best.next_ledger.clone(), passed)
                };
            if next.as_str() == to {
                walk.end = End::Delivered(passed);
                return walk;
            }
            match reached(network, node, &next) {
                Some(other) => node = other,
                None => return walk,
            }
            (ledger, amount) = (next, passed);
        }
    }

    /// How many ledgers it passes: as many as the first connector says, or more, if it wanders.
    pub(super) fn ledgers(&self) -> usize {
        self.hops.max(self.stops.len() + 1)
    }

    /// Whether somebody on the way has an excuse: it is down, cut off, lies, or goes by what the next
    /// one would not tell any more.
    pub(super) fn is_excused(&self, network: &Network, trusting: bool) -> bool {
        let lies = |node: usize| !trusting && network.node(node).lie().is_some();
        if self.stops.iter().any(|(node, _)| lies(*node)) {
            return true;
        }
        // It ended with somebody who would send it to a peer that is not there.
        let last = self.stops.last().map(|(node, _)| *node);
        if last.is_some_and(|last| !network.node(last).is_running()) {
            return true;
        }
        let stuck = self.end == End::Delivered(0);
        if stuck && last.is_some_and(|last| has_lost_peers(network, last)) {
            return true;
        }
        self.stops.windows(2).any(|two| {
            let ((hearer, _), (teller, ledger)) = (&two[0], &two[1]);
            hearer != teller && is_stale(network, *hearer, *teller, ledger, &self.to)
        })
    }
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to {}, promised {:?}, {:?}, over",
            self.amount, self.to, self.promised, self.end
        )?;
        for (node, ledger) in &self.stops {
            write!(f, " {ledger}({node})")?;
        }
        Ok(())
    }
}

/// Who is at the other end of `ledger`, if the wire is not cut.
fn reached(network: &Network, node: usize, ledger: &LedgerPrefix) -> Option<usize> {
    let other = network.across(node, ledger);
    other.filter(|other| !network.is_cut(node, *other))
}

/// The peer of `node` that comes after the one on `ledger`, the first after the last, and its ledger.
fn after(network: &Network, node: usize, ledger: &LedgerPrefix) -> Option<(LedgerPrefix, usize)> {
    let peers = &network.node(node).stored;
    let later = (Bound::Excluded(ledger), Bound::Unbounded);
    let next = peers.range::<LedgerPrefix, _>(later).next();
    let (next, _) = next.or_else(|| peers.first_key_value())?;
    Some((next.clone(), reached(network, node, next)?))
}

/// Where a payment leaves a connector that exchanges it over a further ledger of its own, and with how
/// much: `best` names the further ledger; the way behind it is the one that delivers most.
fn exchanged(
    network: &Network,
    (node, source, amount): (usize, &LedgerPrefix, u64),
    to: &str,
    best: &BestHop<'_>,
) -> Option<(LedgerPrefix, u64)> {
    let at = network.node(node);
    let tables = at.connector.tables();
    let gives = |from: &LedgerPrefix, to: &LedgerPrefix, amount| {
        let mut pairs = tables.local_pairs();
        let (.., curve) = pairs.find(|(one, other, _)| *one == from && *other == to)?;
        Some(curve.amount_at(amount))
    };
    let first = gives(source, best.next_ledger, amount)?;
    // Exactly, as the choice between equally long ways is made.
    let told = at.stored.iter().filter_map(|(end, peer)| {
        let (curve, paths) = tables.heard_of(&peer.details.peer_account, to)?;
        let curve = curve.filter(|_| paths.longest() + 4 == best.hops)?;
        let passed = [source, best.next_ledger];
        let is_round = paths
            .ledgers()
            .any(|ledger| passed.iter().any(|at| at.as_address() == ledger));
        let out = gives(best.next_ledger, end, first).filter(|_| !is_round)?;
        // The rest takes no more than it takes.
        Some((
            curve.amount_at(out),
            end.clone(),
            out.min(curve.capacity().x),
        ))
    });
    let own = at.config().ledgers.iter().map(|own| &own.prefix);
    let own = own
        .filter(|own| own.as_str() == to && best.hops == 3)
        .filter_map(|own| Some((own, gives(best.next_ledger, own, first)?)))
        .map(|(own, out)| (out, own.clone(), out));
    let ends = told.chain(own);
    let (_, end, out) = ends.max_by_key(|(delivers, ..)| *delivers)?;
    Some((end, out))
}

/// The payments that are followed from one ledger to another, in words.
pub(super) fn all(network: &Network, node: usize, source: &LedgerPrefix, to: &str) -> String {
    amounts(network, node, source, to)
        .into_iter()
        .map(|amount| Walk::new(network, node, source, to, amount).to_string())
        .collect::<Vec<_>>()
        .join("; ")
}

/// Amounts to follow: little, half, and the most that is promised.
pub(super) fn amounts(
    network: &Network,
    node: usize,
    source: &LedgerPrefix,
    to: &str,
) -> BTreeSet<u64> {
    let tables = network.node(node).connector.tables();
    let destination = format!("{to}x");
    let largest = MAX_SAFE_2017;
    let from = source.as_str();
    match tables.best_hop_for_source_amount(View::Local, from, &destination, largest) {
        Ok(_) => BTreeSet::from([1_000, largest / 2, largest]),
        Err(NoHop::CannotCarry { most }) if most > 0 => {
            BTreeSet::from([(most / 1_000).max(1), most / 2 + 1, most])
        }
        Err(_) => BTreeSet::new(),
    }
}

/// Every route that a running connector holds of another: who, of whom, over which ledger, to where.
pub(super) fn held(network: &Network) -> Vec<(usize, usize, LedgerPrefix, String)> {
    let mut held = Vec::new();
    for (hearer, node) in network.nodes().iter().enumerate() {
        if !node.is_running() {
            continue;
        }
        for (ledger, peer) in &node.stored {
            let Some(teller) = network.across(hearer, ledger) else {
                continue;
            };
            let tables = node.connector.tables();
            for (prefix, _) in tables.heard_from(&peer.details.peer_account) {
                held.push((hearer, teller, ledger.clone(), prefix.to_string()));
            }
        }
    }
    held
}

/// Whether some peer of `node` is down or cut off.
fn has_lost_peers(network: &Network, node: usize) -> bool {
    network.node(node).stored.keys().any(|ledger| {
        network
            .across(node, ledger)
            .is_none_or(|other| !network.node(other).is_running() || network.is_cut(node, other))
    })
}

/// Whether `hearer` holds something else of `teller` than what that would tell now.
pub(super) fn is_stale(
    network: &Network,
    hearer: usize,
    teller: usize,
    ledger: &LedgerPrefix,
    to: &str,
) -> bool {
    let Some(peer) = network.node(hearer).stored.get(ledger) else {
        return true;
    };
    let held = network
        .node(hearer)
        .connector
        .tables()
        .heard_of(&peer.details.peer_account, to);
    let at = network.node(teller);
    let tells = at
        .connector
        .tables()
        .combined(View::Public, ledger.as_str(), to);
    let (held, tells) = match (held, tells) {
        // It is neither told nor held.
        (None, None) => return false,
        (Some((Some(held), paths)), Some(tells)) => ((held, paths), tells),
        _ => return true,
    };
    let curve = tells.curve.and_then(|curve| curve.cut_at(MAX_SAFE_2017));
    let routing = &at.config().routing;
    let told = curve.map(|curve| curve.simplify(routing.max_points, Rounding::Sound));
    let paths = if network.tells_no_paths(teller, ledger) {
        Paths::DIRECT
    } else if routing.full_paths {
        tells.paths_with_next
    } else {
        tells.paths
    };
    told.as_ref() != Some(held.0) || paths != *held.1
}
