//! Routes that pay more than our rates and all other routes explain.

use std::fmt;

use super::{Candidate, Tables, View};
use crate::address::IlpAddress;
use crate::curve::Curve;

/// How far a route is too good to be true, and what it would draw to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooGood {
    /// By how much it delivers more than anything else that leads there, at most, in hundredths of a
    /// percent of that.
    pub basis_points: u64,
    /// The source amount at which it does.
    pub at: u64,
    /// The amounts, from the first to the last, for which it would win; none if it would for none.
    pub wins: Option<(u64, u64)>,
    /// The part of all amounts that can be carried for which it would win, in hundredths of a percent.
    pub attracts: u64,
}

impl fmt::Display for TooGood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it pays {} bp more than our rates and all other routes explain, at {}",
            self.basis_points, self.at
        )?;
        match self.wins {
            Some((from, to)) => write!(
                f,
                "; it would win from {from} to {to}, {} bp of what can be carried",
                self.attracts
            ),
            None => write!(f, "; it wins nowhere"),
        }
    }
}

impl Tables {
    /// Whether what `account` announces to exactly `prefix` delivers over `most` hundredths of a percent
    /// more than anything else that we know to lead there, our own pairs among it; seen from the first
    /// of our ledgers from which both can be used.
    ///
    /// None also where nothing else is known: the first route to a place cannot be too good.
    pub fn too_good(&self, account: &IlpAddress, prefix: &str, most: u64) -> Option<TooGood> {
        let slot = self.destinations.get(prefix)?;
        // Nearly always only one leads there: that costs nothing.
        let destination = self.destinations.value(slot);
        if destination.heard.len() < 2 && destination.own.is_none() {
            return None;
        }
        (0..self.ledgers.len()).find_map(|source| {
            let candidates = self.candidates_at(View::Local, source, slot);
            let is_its = |candidate: &&Candidate| {
                candidate.next_hop == *account && !candidate.is_local && !candidate.is_configured
            };
            let its = candidates.iter().find(is_its)?;
            let others: Vec<&Curve> = candidates
                .iter()
                .filter(|other| !is_its(other))
                .filter_map(|other| other.curve.as_ref())
                .collect();
            let (basis_points, at) = excess(its.curve.as_ref()?, &others)?;
            if basis_points <= most {
                return None;
            }
            let combined = self.combine(source, &candidates)?;
            let won = || {
                let sections = combined.sections.iter();
                sections.filter(|section| section.next_hop == *account)
            };
            let width: u128 = won()
                .map(|section| u128::from(section.to - section.from))
                .sum();
            let all = combined.curve.as_ref().map_or(0, |all| all.capacity().x);
            Some(TooGood {
                basis_points,
                at,
                wins: won()
                    .next()
                    .zip(won().next_back())
                    .map(|(first, last)| (first.from, last.to)),
                attracts: part(width, all.into()),
            })
        })
    }
}

/// By how much more than the best of `others` a curve delivers, where that is most, and at which amount;
/// amounts that none of them carries are not compared.
fn excess(curve: &Curve, others: &[&Curve]) -> Option<(u64, u64)> {
    let bends = others.iter().flat_map(|other| other.points());
    let bends = bends.chain(curve.points()).map(|point| point.x);
    bends
        .filter_map(|x| {
            let carry = others.iter().filter(|other| x <= other.capacity().x);
            let best = carry.map(|other| other.amount_at(x)).max()?;
            let more = curve.amount_at(x).checked_sub(best)?;
            (best > 0).then(|| (part(more.into(), best.into()), x))
        })
        // Of equals the smallest amount.
        .max_by_key(|(more, x)| (*more, std::cmp::Reverse(*x)))
}

/// `some` in hundredths of a percent of `all`.
fn part(some: u128, all: u128) -> u64 {
    let part = (some * 10_000).checked_div(all).unwrap_or(0);
    u64::try_from(part).unwrap_or(u64::MAX)
}
