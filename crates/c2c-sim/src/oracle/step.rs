//! What a connector must make of what it holds: one step of the whole.
//!
//! Where rounding or the order of news leaves open what is told from afar, it leaves nothing open here: what
//! a peer holds is held against what the connector before it must tell, worked out from what that one
//! holds, and so on, step by step, back to where the destination is.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use c2c::curve::Curve;

use super::{Ledger, Oracle, Slack, Told, Way, alike, below};
use crate::Network;

/// How many times the area may be lost that is lost where the same points are thinned in another order:
/// the bound that [`Curve::simplify`] is tried against.
const WORSE: u128 = 8;
/// Which part of the whole area may be lost besides, where hardly anything is lost in another order.
const PART: u128 = 200;

impl Oracle {
    /// Every way of `node` from `source` to `destination` by what it holds, by length.
    pub(super) fn held_ways(
        &self,
        network: &Network,
        (node, source, destination): (usize, Ledger, Ledger),
    ) -> BTreeMap<usize, Vec<Way>> {
        let mut ways: BTreeMap<usize, Vec<Way>> = BTreeMap::new();
        let is_own =
            |(place, own): &(usize, Vec<Ledger>)| *place == node && own.contains(&destination);
        if self.graph.own().iter().any(is_own) {
            for head in self.graph.heads(node, source, destination) {
                let (tail, beyond) = (None, None);
                let way = Way { head, tail, beyond };
                ways.entry(1 + way.head.len()).or_default().push(way);
            }
        }
        let at = network.node(node);
        let name = self.graph.name(destination).as_str();
        for (prefix, peer) in &at.stored {
            let account = &peer.details.peer_account;
            let held = at.connector.tables().heard_of(account, name);
            let (Some((Some(curve), paths)), Some(ledger)) =
                (held, self.graph.find(prefix.as_str()))
            else {
                continue;
            };
            let number = |path: &[c2c::IlpAddress]| {
                let ledgers = path.iter().map(|at| self.graph.find(at.as_str()));
                ledgers.collect::<Option<Vec<Ledger>>>()
            };
            let Some(paths) = paths.iter().map(number).collect::<Option<BTreeSet<_>>>() else {
                continue;
            };
            let curve = Rc::new(curve.clone());
            let told = Told {
                length: 2 + paths.iter().map(Vec::len).max().unwrap_or(0),
                paths: Rc::new(paths),
                whole: Rc::clone(&curve),
                curve,
                crowded: false,
                thinned: false,
            };
            for head in self.graph.heads(node, source, ledger) {
                if !self.goes_round(source, &head, &told, destination) {
                    let tail = Some(told.clone());
                    let beyond = self.graph.across(node, ledger);
                    let way = Way { head, tail, beyond };
                    let length = told.length + way.head.len();
                    ways.entry(length).or_default().push(way);
                }
            }
        }
        ways
    }

    /// What `teller` must tell over `ledger` about `destination`, by what it holds.
    pub(super) fn told_by_step(
        &self,
        network: &Network,
        (teller, ledger, destination): (usize, Ledger, Ledger),
    ) -> Option<Told> {
        let key = (teller, ledger, destination);
        let ways = self.held_ways(network, key);
        let told = ways
            .into_iter()
            .find_map(|(length, ways)| self.combine(key, &ways, length))?;
        Some(self.as_heard(teller, ledger, told))
    }

    /// Whether `held`, over `paths`, is what the connector `told` makes it; whether it could be compared
    /// by more than bounds.
    pub(super) fn is_step(
        &self,
        told: &Told,
        held: &Curve,
        paths: Option<&BTreeSet<Vec<Ledger>>>,
    ) -> Result<bool, String> {
        let slack = Slack {
            units: self.graph.coarse().saturating_mul(2),
            thinned: told.thinned,
        };
        if told.crowded {
            below(held, &told.whole, slack)?;
            return Ok(false);
        }
        if paths != Some(&*told.paths) {
            return Err(format!(
                "held over {paths:?}, by the step over {:?}",
                told.paths
            ));
        }
        alike(held, &told.curve, &told.whole, slack)?;
        if told.thinned {
            is_thinned_well(held, told, slack)?;
        }
        Ok(true)
    }
}

/// Whether `held` has the ends of the whole, and loses not much more of its area than it would if its
/// points were thinned in another order.
fn is_thinned_well(held: &Curve, told: &Told, slack: Slack) -> Result<(), String> {
    let (is, must) = (held, &told.curve);
    let near = |a: u64, b: u64| a.abs_diff(b) <= slack.units;
    let begins = near(is.origin().x, must.origin().x) && near(is.origin().y, must.origin().y);
    // Where a curve ends in a nearly flat stretch, a unit less moves its end far along it.
    let ends = [is.capacity(), must.capacity()];
    let mut at_ends = ends
        .into_iter()
        .map(|end| (is.amount_at(end.x), told.whole.amount_at(end.x)));
    if !begins || !near(ends[0].y, ends[1].y) || !at_ends.all(|(is, must)| near(is, must)) {
        let must = [must.origin(), must.capacity()];
        let is = [is.origin(), is.capacity()];
        return Err(format!("thinned from {is:?}, and the step has {must:?}"));
    }
    let end = told.whole.capacity().x;
    let [whole, must, is] = [&told.whole, &told.curve, held].map(|curve| area(curve, end));
    // A unit more or less, of either ledger, all along.
    let around = u128::from(end) + u128::from(told.whole.capacity().y);
    let open = 4 * u128::from(slack.units) * around;
    let allowed = WORSE * whole.saturating_sub(must) + whole / PART + open;
    let lost = whole.saturating_sub(is);
    if lost > allowed {
        return Err(format!(
            "thinned by {lost} of {whole}, where {allowed} may go"
        ));
    }
    Ok(())
}

/// Twice the area under `curve` up to the source amount `end`.
fn area(curve: &Curve, end: u64) -> u128 {
    let points = curve.points();
    let between: u128 = points
        .windows(2)
        .map(|two| u128::from(two[1].x - two[0].x) * (u128::from(two[0].y) + u128::from(two[1].y)))
        .sum();
    let last = curve.capacity();
    between + 2 * u128::from(end.saturating_sub(last.x)) * u128::from(last.y)
}

#[cfg(test)]
mod tests {
    use c2c::curve::Rounding;

    use super::*;

    fn curve(points: &[(u64, u64)]) -> Rc<Curve> {
        Rc::new(Curve::from_points(points.iter().copied()).unwrap())
    }

    #[test]
    fn what_is_thinned_too_much_is_seen() {
        let arc = |i: u64| (i * 100_000_000, i * (40 - i) * 2_000_000);
        let arc: Vec<(u64, u64)> = (0..=20).map(arc).collect();
        let whole = curve(&arc);
        let told = Told {
            length: 3,
            paths: Rc::new(BTreeSet::new()),
            curve: Rc::new(whole.simplify(10, Rounding::Sound)),
            whole,
            crowded: false,
            thinned: true,
        };
        let slack = Slack {
            units: 2,
            thinned: true,
        };
        let fault = |held: &Curve| is_thinned_well(held, &told, slack).err();
        assert_eq!(fault(&told.curve), None);
        let every =
            |step: usize| -> Vec<(u64, u64)> { arc.iter().copied().step_by(step).collect() };
        assert_eq!(fault(&curve(&every(4))), None, "other corners");
        let chord = fault(&curve(&every(20))).unwrap();
        assert!(chord.starts_with("thinned by"), "{chord}");
        let short = fault(&curve(&arc[..20])).unwrap();
        assert!(short.starts_with("thinned from"), "{short}");
    }
}
