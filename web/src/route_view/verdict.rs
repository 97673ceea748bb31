//! Who carries an amount, and which test every other candidate lost (spec, Route broadcasts): fewest
//! ledgers first, then most delivered; of equals the one that was known first.

use c2c::table::{Rejection, Standing, compare};
use c2c::timestamp::Timestamp;

use super::{Candidate, Detail};
use crate::unit::rough as amount;

/// What comes of one candidate at one amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It carries the amount.
    Wins,
    /// It does not.
    Loses(Rejection),
}

/// What comes of every candidate at one source amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The source amount.
    pub at: u64,
    /// The winner, as an index into [`Detail::candidates`].
    pub winner: Option<usize>,
    /// What arrives, by the merged curve.
    pub arrives: Option<u64>,
    /// How much more than that the winner's own curve gives: merged curves are rounded down.
    pub rounded: u64,
    /// One for each of [`Detail::candidates`].
    pub verdicts: Vec<Verdict>,
}

impl Judgement {
    /// Judges the candidates at the source amount `at`.
    pub fn at(detail: &Detail, at: u64) -> Judgement {
        let plot = &detail.plot;
        let within = |curve: &c2c::curve::Curve| at <= curve.capacity().x;
        let merged = plot.merged.as_ref().filter(|merged| within(&merged.curve));
        let line = merged.and_then(|_| plot.winner(at));
        let winner = line.and_then(|line| {
            detail
                .candidates
                .iter()
                .position(|candidate| candidate.line == Some(line))
        });
        let best = winner.map(|winner| &detail.candidates[winner]);
        let verdicts = detail
            .candidates
            .iter()
            .enumerate()
            .map(|(index, candidate)| {
                if Some(index) == winner {
                    Verdict::Wins
                } else {
                    judge(candidate, best, at)
                }
            })
            .collect();
        let arrives = merged
            .filter(|_| winner.is_some())
            .map(|merged| merged.curve.amount_at(at));
        let own = best.and_then(|best| best.curve.as_ref());
        Judgement {
            at,
            winner,
            arrives,
            rounded: own.zip(arrives).map_or(0, |(own, arrives)| {
                own.amount_at(at).saturating_sub(arrives)
            }),
            verdicts,
        }
    }
}

fn judge(candidate: &Candidate, best: Option<&Candidate>, at: u64) -> Verdict {
    // What is shown is what was there when it was told: whether it ran out since is shown beside.
    let then = Timestamp::from_millis(0);
    let best = best.unwrap_or(candidate);
    Verdict::Loses(compare(then, at, standing(best), standing(candidate)))
}

fn standing(candidate: &Candidate) -> Standing<'_> {
    Standing {
        hops: candidate.view.hops as usize,
        curve: candidate.curve.as_ref(),
        expires_at: candidate.view.expires_at,
    }
}

impl Verdict {
    /// The verdict in words, with amounts in their currencies where these are known.
    pub fn words(&self, detail: &Detail) -> String {
        let (source, destination) = (
            detail.plot.source.as_ref(),
            detail.plot.destination.as_ref(),
        );
        let Verdict::Loses(rejection) = self else {
            return "carries it".to_owned();
        };
        match *rejection {
            Rejection::Full { most } => format!("full: carries at most {}", amount(most, source)),
            Rejection::TooSmall { least } => format!("starts only at {}", amount(least, source)),
            Rejection::Longer { by, amount: None } => format!("{} longer", ledgers(by)),
            Rejection::Longer {
                by,
                amount: Some(would),
            } => format!(
                "{} longer; it would deliver {}",
                ledgers(by),
                amount(would, destination)
            ),
            Rejection::DeliversLess { by, basis_points }
                if (1..1_000_000).contains(&basis_points) =>
            {
                format!(
                    "delivers {} less ({basis_points} bp)",
                    amount(by, destination)
                )
            }
            Rejection::DeliversLess { by, .. } => {
                format!("delivers {} less", amount(by, destination))
            }
            other => other.to_string(),
        }
    }
}

impl Detail {
    /// Why each section of the merged curve has its winner, in a sentence such as "Via A up to 1,000
    /// USD: same length, delivers 40 bp more. Above, B: A is full."
    pub fn why(&self) -> String {
        /// How many sections a sentence can bear.
        const MOST: usize = 3;
        let Some(merged) = &self.plot.merged else {
            return match self.candidates.as_slice() {
                [] => "Nobody is known who leads there.".to_owned(),
                _ => "No candidate publishes a curve: only a quote tells what arrives.".to_owned(),
            };
        };
        let count = merged.sections.len();
        let mut parts = Vec::new();
        let mut before: Option<usize> = None;
        for (index, section) in merged.sections.iter().take(MOST).enumerate() {
            let middle = section.from + (section.to - section.from).div_ceil(2);
            let judged = Judgement::at(self, middle);
            let Some(winner) = judged.winner else {
                continue;
            };
            let name = &self.candidates[winner].name;
            let place = match (index, index + 1 == count) {
                (0, true) => format!("Via {name}"),
                (0, false) => format!(
                    "Via {name} up to {}",
                    amount(section.to, self.plot.source.as_ref())
                ),
                (_, true) => format!("Above, {name}"),
                (_, false) => format!(
                    "Then {name} up to {}",
                    amount(section.to, self.plot.source.as_ref())
                ),
            };
            parts.push(format!("{place}: {}.", self.reason(&judged, before)));
            before = Some(winner);
        }
        if count > MOST {
            parts.push(format!("And {} sections more.", count - MOST));
        }
        parts.join(" ")
    }

    /// Why the winner wins: by what the strongest of the others lost.
    fn reason(&self, judged: &Judgement, before: Option<usize>) -> String {
        let others = || judged.verdicts.iter().zip(&self.candidates);
        if let Some(before) = before
            && let Verdict::Loses(Rejection::Full { .. }) = judged.verdicts[before]
        {
            return format!("{} is full", self.candidates[before].name);
        }
        let closest = others()
            .filter_map(|(verdict, candidate)| match verdict {
                Verdict::Loses(Rejection::KnownLater) => Some((0, 0, candidate)),
                Verdict::Loses(Rejection::DeliversLess { by, basis_points }) => {
                    Some((*by, *basis_points, candidate))
                }
                _ => None,
            })
            .min_by_key(|(by, ..)| *by);
        match closest {
            Some((0, _, other)) => {
                return format!("as short and as good as {}, and known first", other.name);
            }
            Some((by, 0, other)) => {
                let more = amount(by, self.plot.destination.as_ref());
                return format!("as short as {}, and delivers {more} more", other.name);
            }
            Some((_, basis_points, other)) => {
                return format!(
                    "as short as {}, and delivers {basis_points} bp more",
                    other.name
                );
            }
            None => {}
        }
        let is_full = |verdict: &Verdict| matches!(verdict, Verdict::Loses(Rejection::Full { .. }));
        if let Some((_, full)) = others().find(|(verdict, _)| is_full(verdict)) {
            return format!("{} is full", full.name);
        }
        let longer = others().filter_map(|(verdict, candidate)| match verdict {
            Verdict::Loses(Rejection::Longer { by, .. }) => Some((*by, candidate)),
            _ => None,
        });
        match longer.min_by_key(|(by, _)| *by) {
            Some((by, other)) => {
                format!("{} shorter than {}", ledgers(by), other.name)
            }
            None if self.candidates.len() == 1 => "the only one known".to_owned(),
            None => "the only one with a curve that reaches it".to_owned(),
        }
    }
}

fn ledgers(count: usize) -> String {
    format!("{count} {}", if count == 1 { "ledger" } else { "ledgers" })
}
