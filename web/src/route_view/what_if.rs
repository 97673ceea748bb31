//! What if a next hop were gone, kept more, or carried less: the same rule over other candidates.

use std::collections::BTreeSet;

use c2c::amount::Amount;
use c2c::curve::{Curve, merge};
use c2c::snapshot::{MergedView, Points, RouteView, SegmentView};

/// What is different from what is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Next hops that are gone.
    pub gone: BTreeSet<String>,
    /// How much more we keep of what comes out, in basis points.
    pub spread: u32,
    /// The most that one next hop may carry.
    pub limit: Option<u64>,
}

impl WhatIf {
    /// Whether anything is different.
    pub fn is_anything(&self) -> bool {
        *self != Self::default()
    }

    /// The same with a next hop gone, or back.
    pub fn turned(&self, next_hop: &str) -> WhatIf {
        let mut what_if = self.clone();
        if !what_if.gone.remove(next_hop) {
            what_if.gone.insert(next_hop.to_owned());
        }
        what_if
    }

    /// The route as it would be. Candidates that are gone stay in the list, without a curve to win with.
    pub fn of(&self, route: &RouteView) -> RouteView {
        if !self.is_anything() {
            return route.clone();
        }
        let mut route = route.clone();
        route
            .candidates
            .retain(|candidate| !self.gone.contains(candidate.next_hop.as_str()));
        let shortest = route
            .candidates
            .iter()
            .map(|candidate| candidate.hops)
            .min()
            .unwrap_or(0);
        for candidate in &mut route.candidates {
            candidate.points = candidate
                .points
                .take()
                .and_then(|points| self.changed(&points));
            candidate.wins = false;
        }
        let curves: Vec<(usize, Curve)> = route
            .candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| candidate.hops == shortest)
            .filter_map(|(at, candidate)| Some((at, curve(candidate.points.as_ref()?)?)))
            .collect();
        let all: Vec<&Curve> = curves.iter().map(|(_, curve)| curve).collect();
        route.merged = merge(&all).map(|merged| {
            let segments = merged.segments.iter().map(|segment| {
                let winner = &mut route.candidates[curves[segment.winner].0];
                winner.wins = true;
                SegmentView {
                    from: Amount::new(segment.from),
                    to: Amount::new(segment.to),
                    next_hop: winner.next_hop.clone(),
                }
            });
            MergedView {
                segments: segments.collect(),
                points: points(&merged.curve),
            }
        });
        route
    }

    /// A curve of which more is kept, and which ends earlier; rounded down.
    fn changed(&self, told: &Points) -> Option<Points> {
        let kept = u128::from(10_000u32.saturating_sub(self.spread));
        let mut shown: Vec<(u64, u64)> = Vec::with_capacity(told.len());
        let whole = curve(told)?;
        let corners = told.iter().map(|(x, _)| x.units());
        let most = self.limit.unwrap_or(u64::MAX);
        let last = corners.clone().any(|x| x > most).then_some(most);
        for x in corners.filter(|x| *x <= most).chain(last) {
            if shown.last().is_some_and(|(before, _)| *before >= x) {
                continue;
            }
            // A share of a 64-bit number is one again.
            let y = u64::try_from(u128::from(whole.amount_at(x)) * kept / 10_000).ok()?;
            shown.push((x, y));
        }
        (!shown.is_empty()).then(|| {
            shown
                .into_iter()
                .map(|(x, y)| (Amount::new(x), Amount::new(y)))
                .collect()
        })
    }
}

fn curve(points: &Points) -> Option<Curve> {
    Curve::from_points(points.iter().map(|(x, y)| (x.units(), y.units()))).ok()
}

fn points(curve: &Curve) -> Points {
    curve
        .points()
        .iter()
        .map(|point| (Amount::new(point.x), Amount::new(point.y)))
        .collect()
}
