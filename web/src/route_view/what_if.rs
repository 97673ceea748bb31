//! What if a next hop were gone, gave less or carried less, or we kept more: the same rule over other
//! candidates.
//!
//! What is asked while a slider moves is answered anew for every frame. So what the moved thing does not
//! touch is kept in [`Kept`]: our own share is taken off after the contest, which it cannot change, and
//! where one next hop is moved, the others have been merged once.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use c2c::curve::{Curve, Segment, merge};

use super::{Candidate, Detail};
use crate::curve_view::{Line, Merged, Plot, Section};

/// What is different from what is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Next hops that are gone.
    pub gone: BTreeSet<String>,
    /// How much more we keep of what comes out, in basis points.
    pub spread: u32,
    /// The most that one next hop may carry.
    pub limit: Option<u64>,
    /// What is different of single next hops.
    pub hops: BTreeMap<String, Change>,
}

/// What is different of one next hop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// How much less it gives, in basis points.
    pub less: u32,
    /// The most that it carries.
    pub limit: Option<u64>,
}

/// What was computed for the last question and may do for the next.
#[derive(Debug, Default)]
pub struct Kept {
    /// What was asked last, its answer, and whether that was computed while something moved.
    all: Option<(WhatIf, Rc<Contest>, bool)>,
    /// The same without the next hop that moves.
    others: Option<(WhatIf, Rc<Contest>)>,
}

/// The candidates as they would be, before our own share is taken off, and who wins where.
#[derive(Debug)]
struct Contest {
    /// One for each candidate that is told: none where it is gone, or has no curve.
    curves: Vec<Option<Curve>>,
    merged: Option<(Curve, Vec<Segment>)>,
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

    /// The same with a change of one next hop.
    pub fn changed(&self, next_hop: &str, change: Change) -> WhatIf {
        let mut what_if = self.clone();
        if change == Change::default() {
            what_if.hops.remove(next_hop);
        } else {
            what_if.hops.insert(next_hop.to_owned(), change);
        }
        what_if
    }

    /// What is different of a next hop.
    pub fn of_hop(&self, next_hop: &str) -> Change {
        self.hops.get(next_hop).copied().unwrap_or_default()
    }

    /// The destination as it would be. `moved` is the next hop that is being changed, and will be again in a
    /// moment: the answer is then at most one unit lower than it will be when that is over.
    pub fn of(&self, told: &Detail, moved: Option<&str>, kept: &mut Kept) -> Detail {
        let contested = WhatIf {
            spread: 0,
            ..self.clone()
        };
        let moved = moved.and_then(|moved| {
            let at = |candidate: &Candidate| candidate.view.next_hop.as_str() == moved;
            told.candidates.iter().position(at)
        });
        let contest = match (&kept.all, moved) {
            (Some((asked, contest, passing)), _)
                if *asked == contested && (!passing || moved.is_some()) =>
            {
                contest.clone()
            }
            (_, Some(moved)) => Rc::new(contested.with_one(told, moved, kept)),
            (_, None) => Rc::new(contested.contest(told, |_| true)),
        };
        let detail = self.shown(told, &contest);
        kept.all = Some((contested, contest, moved.is_some()));
        detail
    }

    /// The contest of the candidates that `take_part`.
    fn contest(&self, told: &Detail, take_part: impl Fn(usize) -> bool) -> Contest {
        let shortest = self.shortest(told);
        let curves: Vec<Option<Curve>> = told
            .candidates
            .iter()
            .enumerate()
            .map(|(at, candidate)| {
                let takes_part = take_part(at) && !self.is_gone(candidate);
                takes_part.then(|| self.curve_of(candidate)).flatten()
            })
            .collect();
        let (who, rivals): (Vec<usize>, Vec<&Curve>) = curves
            .iter()
            .enumerate()
            .filter(|(at, _)| told.candidates[*at].view.hops == shortest)
            .filter_map(|(at, curve)| Some((at, curve.as_ref()?)))
            .unzip();
        let merged = merge(&rivals).map(|merged| {
            let named = |segment: &Segment| Segment {
                winner: who[segment.winner],
                ..*segment
            };
            (merged.curve, merged.segments.iter().map(named).collect())
        });
        Contest { curves, merged }
    }

    /// The same, where all but one were merged before.
    fn with_one(&self, told: &Detail, one: usize, kept: &mut Kept) -> Contest {
        let candidate = &told.candidates[one];
        let asked = self.changed(candidate.view.next_hop.as_str(), Change::default());
        let others = match &kept.others {
            Some((before, contest)) if *before == asked && contest.curves[one].is_none() => {
                contest.clone()
            }
            _ => Rc::new(self.contest(told, |at| at != one)),
        };
        kept.others = Some((asked, others.clone()));
        let mut contest = Contest {
            curves: others.curves.clone(),
            merged: others.merged.clone(),
        };
        if self.is_gone(candidate) {
            return contest;
        }
        contest.curves[one] = self.curve_of(candidate);
        if candidate.view.hops == self.shortest(told)
            && let Some(curve) = &contest.curves[one]
        {
            contest.merged = match &others.merged {
                None => whole(curve, one),
                Some((before, segments)) => merge(&[before, curve]).map(|merged| {
                    let mut sections = Vec::new();
                    for segment in merged.segments {
                        if segment.winner == 1 {
                            sections.push(Segment {
                                winner: one,
                                ..segment
                            });
                            continue;
                        }
                        let first = segments.partition_point(|other| other.to < segment.from);
                        let rest = segments[first..].iter();
                        sections.extend(rest.take_while(|other| other.from <= segment.to).map(
                            |other| Segment {
                                from: other.from.max(segment.from),
                                to: other.to.min(segment.to),
                                winner: other.winner,
                            },
                        ));
                    }
                    (merged.curve, sections)
                }),
            };
        }
        contest
    }

    /// Lays out what comes of a contest once our own share is taken off.
    fn shown(&self, told: &Detail, contest: &Contest) -> Detail {
        let shortest = self.shortest(told);
        let mut lines = Vec::new();
        let mut line_of = vec![None; told.candidates.len()];
        let mut candidates = Vec::new();
        for (at, candidate) in told.candidates.iter().enumerate() {
            if self.is_gone(candidate) {
                continue;
            }
            let ghost = candidate.view.hops > shortest;
            let curve = contest.curves[at].as_ref();
            let curve = curve.map(|curve| less(curve, self.spread));
            let line = curve.clone().map(|curve| {
                lines.push(Line {
                    name: candidate.name.clone(),
                    curve,
                    hue: candidate.hue,
                    ghost,
                });
                lines.len() - 1
            });
            line_of[at] = line;
            candidates.push(Candidate {
                curve,
                ghost,
                line,
                ..candidate.clone()
            });
        }
        let merged = contest.merged.as_ref().map(|(curve, segments)| Merged {
            curve: less(curve, self.spread),
            sections: segments
                .iter()
                .filter_map(|segment| {
                    Some(Section {
                        from: segment.from,
                        to: segment.to,
                        line: line_of.get(segment.winner).copied().flatten()?,
                    })
                })
                .collect(),
        });
        Detail {
            selection: told.selection.clone(),
            destination_ledger: told.destination_ledger.clone(),
            candidates,
            plot: Rc::new(Plot {
                lines,
                merged,
                source: told.plot.source.clone(),
                destination: told.plot.destination.clone(),
            }),
        }
    }

    fn is_gone(&self, candidate: &Candidate) -> bool {
        self.gone.contains(candidate.view.next_hop.as_str())
    }

    fn shortest(&self, told: &Detail) -> u32 {
        let staying = told.candidates.iter().filter(|one| !self.is_gone(one));
        staying.map(|one| one.view.hops).min().unwrap_or(0)
    }

    /// The curve of a candidate with its own changes, before our share is taken off.
    fn curve_of(&self, candidate: &Candidate) -> Option<Curve> {
        let change = self.of_hop(candidate.view.next_hop.as_str());
        let curve = less(candidate.curve.as_ref()?, change.less);
        let limit = [self.limit, change.limit].into_iter().flatten().min();
        match limit {
            Some(most) => cut(&curve, most),
            None => Some(curve),
        }
    }
}

/// A curve that wins everywhere.
fn whole(curve: &Curve, winner: usize) -> Option<(Curve, Vec<Segment>)> {
    let segment = Segment {
        from: curve.origin().x,
        to: curve.capacity().x,
        winner,
    };
    Some((curve.clone(), vec![segment]))
}

/// A curve of which so many basis points less come out, rounded down.
fn less(curve: &Curve, basis_points: u32) -> Curve {
    if basis_points == 0 {
        return curve.clone();
    }
    let kept = u64::from(10_000u32.saturating_sub(basis_points));
    let points = curve.points();
    // The last point gives most: where its product fits into 64 bits, every other does.
    let less = if curve.capacity().y <= u64::MAX / 10_000 {
        Curve::from_points(points.iter().map(|p| (p.x, p.y * kept / 10_000)))
    } else {
        let share = |y: u64| u128::from(y) * u128::from(kept) / 10_000;
        // A share of a 64-bit number is one again.
        let share = |y: u64| u64::try_from(share(y)).unwrap_or(u64::MAX);
        Curve::from_points(points.iter().map(|p| (p.x, share(p.y))))
    };
    // Shares keep the order of what they are shares of.
    less.unwrap_or_else(|_| curve.clone())
}

/// A curve that ends at the source amount `most`; none where nothing is left of it.
fn cut(curve: &Curve, most: u64) -> Option<Curve> {
    let points = curve.points();
    let left = points.partition_point(|p| p.x <= most);
    if left == points.len() {
        return Some(curve.clone());
    }
    let end = points[..left].last().is_none_or(|last| last.x < most);
    let end = (end && left > 0).then(|| (most, curve.amount_at(most)));
    let kept = points[..left].iter().map(|p| (p.x, p.y));
    Curve::from_points(kept.chain(end)).ok()
}

#[cfg(test)]
mod tests;
