//! Why a hop wins: which test every other candidate lost, and by how much.
//!
//! The tests, in their order: not run out, able to carry the amount, fewest ledgers, a curve rather
//! than none, most delivered (or least asked), known first (spec, Route broadcasts).

use std::fmt::{self, Write as _};

use super::{Asked, Candidate, NoHop, Section, Tables, View, Way, Worth};
use crate::address::IlpAddress;
use crate::curve::Curve;
use crate::route::Prefix;
use crate::timestamp::Timestamp;

/// The answer to "which way does this payment take, and why?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The prefix that matched.
    pub target_prefix: Prefix,
    /// The next hop that wins; none if none can carry the amount.
    pub winner: Option<IlpAddress>,
    /// What goes in; none if it is not known without a quote.
    pub source_amount: Option<u64>,
    /// What comes out; none if it is not known without a quote.
    pub destination_amount: Option<u64>,
    /// All of it in a sentence.
    pub sentence: String,
    /// Every other candidate, in the table's order.
    pub rejected: Vec<Rejected>,
}

/// A section of a combined curve, and what every other candidate lost by on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedSection {
    /// The section and its winner.
    pub section: Section,
    /// The source amount at which the others were compared: the middle of the section.
    pub compared_at: u64,
    /// Every other candidate, in the table's order.
    pub rejected: Vec<Rejected>,
}

/// A candidate that lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its next hop.
    pub next_hop: IlpAddress,
    /// Its place among the candidates.
    pub candidate: usize,
    /// The first test it lost.
    pub reason: Rejection,
}

/// The test that a candidate lost, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It ran out.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The amount is more than it can carry.
    Full {
        /// The most it can, in the unit of the amount asked with.
        most: u64,
    },
    /// The amount is too small to come out at its end.
    TooSmall {
        /// The least that is enough, in the unit of the amount asked with.
        least: u64,
    },
    /// It passes more ledgers.
    Longer {
        /// How many more.
        by: usize,
        /// What it would deliver, or cost, if that is known: a ghost of what the rule leaves out.
        amount: Option<u64>,
    },
    /// It has no curve, the winner has.
    AskForQuote,
    /// The winner delivers more.
    DeliversLess {
        /// How much more, in destination units.
        by: u64,
        /// That, in hundredths of a percent of what this one delivers, rounded down.
        basis_points: u64,
    },
    /// It asks for more.
    CostsMore {
        /// How much more, in source units.
        by: u64,
        /// That, in hundredths of a percent of what the winner asks, rounded down.
        basis_points: u64,
    },
    /// It is as good, but was known later.
    KnownLater,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { at } => write!(f, "ran out at {at}"),
            Self::Full { most } => write!(f, "is full: it carries at most {most}"),
            Self::TooSmall { least } => write!(f, "starts only at {least}"),
            Self::Longer { by, amount: None } => write!(f, "is {} longer", Ledgers(*by)),
            Self::Longer {
                by,
                amount: Some(amount),
            } => {
                write!(f, "is {} longer; it would make {amount}", Ledgers(*by))
            }
            Self::AskForQuote => write!(f, "has no curve: ask for a quote"),
            Self::DeliversLess { by, basis_points } => {
                write!(f, "delivers {by} less ({basis_points} bp)")
            }
            Self::CostsMore { by, basis_points } => {
                write!(f, "costs {by} more ({basis_points} bp)")
            }
            Self::KnownLater => write!(f, "is as good, but was known later"),
        }
    }
}

struct Ledgers(usize);

impl fmt::Display for Ledgers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.0,
            if self.0 == 1 { "ledger" } else { "ledgers" }
        )
    }
}

struct Judged<'a> {
    way: Way<'a>,
    hops: usize,
    worth: Worth,
    expired: Option<Timestamp>,
}

impl Tables {
    /// Which way a payment takes at `now`, and why no other. `name` says what to call a next hop in
    /// the sentence.
    pub fn explain(
        &self,
        view: View,
        now: Timestamp,
        source: &str,
        destination: &str,
        asked: Asked,
        name: &dyn Fn(&IlpAddress) -> String,
    ) -> Result<Explanation, NoHop> {
        let (source, slot) = self.find(source, destination)?;
        let judged: Vec<Judged<'_>> = self
            .ways(source, slot)
            .map(|way| Judged {
                way,
                hops: self.length(way),
                worth: self.worth(view, way, asked),
                expired: way
                    .heard
                    .and_then(|heard| self.expires_at(heard))
                    .filter(|end| *end < now),
            })
            .collect();
        let alive = judged.iter().filter(|judged| judged.expired.is_none());
        let winner = self
            .winner(view, alive.map(|judged| judged.way), asked)
            .and_then(|(way, _)| judged.iter().position(|judged| judged.way == way));
        let hop_of = |judged: &Judged<'_>| self.candidate(judged.way, None).next_hop;
        let rejected: Vec<Rejected> = judged
            .iter()
            .enumerate()
            .filter(|(i, _)| Some(*i) != winner)
            .map(|(i, loser)| Rejected {
                next_hop: hop_of(loser),
                candidate: i,
                reason: self.rejection(view, loser, winner.map(|i| &judged[i]), asked),
            })
            .collect();
        let known = winner.and_then(|i| judged[i].worth.amount());
        let (source_amount, destination_amount) = match asked {
            Asked::Source(amount) => (Some(amount), known),
            Asked::Destination(amount) => (known, Some(amount)),
        };
        let winner_hop = winner.map(|i| hop_of(&judged[i]));
        let mut sentence = match (&winner_hop, known, asked) {
            (None, _, _) => "no route can carry this amount".to_owned(),
            (Some(hop), None, _) => format!("via {}: ask for a quote", name(hop)),
            (Some(hop), Some(out), Asked::Source(amount)) => {
                format!("via {}: {amount} delivers {out}", name(hop))
            }
            (Some(hop), Some(cost), Asked::Destination(amount)) => {
                format!("via {}: {amount} costs {cost}", name(hop))
            }
        };
        list_losers(&mut sentence, &rejected, name);
        Ok(Explanation {
            target_prefix: self.destinations.prefix(slot).clone(),
            winner: winner_hop,
            source_amount,
            destination_amount,
            sentence,
            rejected,
        })
    }

    /// Per section of the combined curve: its winner, and what every other candidate lost by.
    /// Candidates are those of [`Tables::candidates`], longer ones with their ghost curves included.
    pub fn explain_sections(
        &self,
        view: View,
        now: Timestamp,
        source: &str,
        prefix: &str,
    ) -> Vec<ExplainedSection> {
        let candidates = self.candidates(view, source, prefix);
        let Some(combined) = self.combined(view, source, prefix) else {
            return Vec::new();
        };
        combined
            .sections
            .into_iter()
            .map(|section| {
                let at = section.from + (section.to - section.from).div_ceil(2);
                let winner = &candidates[section.candidate];
                let rejected = candidates
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| *i != section.candidate)
                    .map(|(i, loser)| Rejected {
                        next_hop: loser.next_hop.clone(),
                        candidate: i,
                        reason: compare(now, at, winner.standing(), loser.standing()),
                    })
                    .collect();
                ExplainedSection {
                    section,
                    compared_at: at,
                    rejected,
                }
            })
            .collect()
    }

    fn rejection(
        &self,
        view: View,
        loser: &Judged<'_>,
        winner: Option<&Judged<'_>>,
        asked: Asked,
    ) -> Rejection {
        if let Some(at) = loser.expired {
            return Rejection::Expired { at };
        }
        if matches!(loser.worth, Worth::Cannot | Worth::Full(_) | Worth::Nothing) {
            return match self.curve(view, loser.way).flatten() {
                None => Rejection::Full { most: 0 },
                Some(curve) => cannot(&curve, asked),
            };
        }
        let Some(winner) = winner else {
            return Rejection::AskForQuote;
        };
        if loser.hops > winner.hops {
            let amount = loser.worth.amount();
            return Rejection::Longer {
                by: loser.hops - winner.hops,
                amount,
            };
        }
        match (winner.worth.amount(), loser.worth.amount()) {
            (Some(won), Some(lost)) => match asked {
                Asked::Source(_) => less(won, lost),
                Asked::Destination(_) if lost == won => Rejection::KnownLater,
                Asked::Destination(_) => Rejection::CostsMore {
                    by: lost.saturating_sub(won),
                    basis_points: basis_points(lost.saturating_sub(won), won),
                },
            },
            (Some(_), None) => Rejection::AskForQuote,
            _ => Rejection::KnownLater,
        }
    }
}

/// What of a candidate the tests look at.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// How many ledgers it passes, both ends counted.
    pub hops: usize,
    /// What comes out at the end for what goes in; none if a quote must be asked for.
    pub curve: Option<&'a Curve>,
    /// When it runs out; none if never.
    pub expires_at: Option<Timestamp>,
}

impl Candidate {
    /// What of this candidate the tests look at.
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            hops: self.hops,
            curve: self.curve.as_ref(),
            expires_at: self.expires_at,
        }
    }
}

/// The first test that `loser` lost against `winner` where `at` comes in. Where nobody wins, a
/// candidate compared with itself tells why it cannot.
pub fn compare(now: Timestamp, at: u64, winner: Standing<'_>, loser: Standing<'_>) -> Rejection {
    if let Some(end) = loser.expires_at.filter(|end| *end < now) {
        return Rejection::Expired { at: end };
    }
    let carried = loser.curve.map(|curve| curve.amount_at(at));
    if loser.hops > winner.hops {
        return Rejection::Longer {
            by: loser.hops - winner.hops,
            amount: carried,
        };
    }
    match (winner.curve, loser.curve) {
        (_, None) => Rejection::AskForQuote,
        (_, Some(curve)) if !curve_takes(curve, at) => cannot(curve, Asked::Source(at)),
        (None, _) => Rejection::KnownLater,
        (Some(won), Some(lost)) => less(won.amount_at(at), lost.amount_at(at)),
    }
}

/// Explained sections in a sentence, such as "via A up to 1000: same length, delivers 40 bp more;
/// above, B: A is full". `name` says what to call a next hop.
pub fn sentence(sections: &[ExplainedSection], name: &dyn Fn(&IlpAddress) -> String) -> String {
    const MOST: usize = 3;
    let mut sentence = String::new();
    for (i, explained) in sections.iter().take(MOST).enumerate() {
        let winner = name(&explained.section.next_hop);
        let last = i + 1 == sections.len();
        let up_to = explained.section.to;
        // Writing into a String does not fail.
        let _ = match (i, last) {
            (0, true) => write!(sentence, "via {winner}: "),
            (0, false) => write!(sentence, "via {winner} up to {up_to}: "),
            (_, true) => write!(sentence, "; above, {winner}: "),
            (_, false) => write!(sentence, "; above, {winner} up to {up_to}: "),
        };
        let before = i.checked_sub(1).map(|i| &sections[i].section.next_hop);
        sentence.push_str(&reason(explained, before, name));
    }
    if sections.len() > MOST {
        let _ = write!(sentence, "; and {} sections more", sections.len() - MOST);
    }
    sentence
}

/// Why the winner of a section wins it: by what the strongest of the others lost.
fn reason(
    explained: &ExplainedSection,
    before: Option<&IlpAddress>,
    name: &dyn Fn(&IlpAddress) -> String,
) -> String {
    let rejected = &explained.rejected;
    let full = |rejected: &&Rejected| matches!(rejected.reason, Rejection::Full { .. });
    if let Some(full) = rejected
        .iter()
        .filter(full)
        .find(|r| Some(&r.next_hop) == before)
    {
        return format!("{} is full", name(&full.next_hop));
    }
    let closest = rejected
        .iter()
        .filter_map(|rejected| match rejected.reason {
            Rejection::DeliversLess { by, basis_points } => Some((by, basis_points)),
            Rejection::KnownLater => Some((0, 0)),
            _ => None,
        })
        .min();
    let same = if before.is_none() {
        "same length, "
    } else {
        ""
    };
    match closest {
        Some((0, _)) => return format!("{same}as good, and known first"),
        Some((by, 0)) => return format!("{same}delivers {by} more"),
        Some((_, basis_points)) => return format!("{same}delivers {basis_points} bp more"),
        None => {}
    }
    if let Some(full) = rejected.iter().find(full) {
        return format!("{} is full", name(&full.next_hop));
    }
    let shorter = rejected
        .iter()
        .filter_map(|rejected| match rejected.reason {
            Rejection::Longer { by, .. } => Some(by),
            _ => None,
        })
        .min();
    match shorter {
        Some(by) => format!("shortest, by {}", Ledgers(by)),
        None if rejected.is_empty() => "the only route".to_owned(),
        None => "the only route with a curve that reaches it".to_owned(),
    }
}

fn less(won: u64, lost: u64) -> Rejection {
    match won.saturating_sub(lost) {
        0 => Rejection::KnownLater,
        by => Rejection::DeliversLess {
            by,
            basis_points: basis_points(by, lost),
        },
    }
}

fn cannot(curve: &Curve, asked: Asked) -> Rejection {
    let (first, last) = (curve.origin(), curve.capacity());
    match asked {
        Asked::Source(amount) if amount > last.x => Rejection::Full { most: last.x },
        Asked::Source(_) => Rejection::TooSmall {
            least: curve.least_source_for(1).unwrap_or(last.x).max(first.x),
        },
        Asked::Destination(_) => Rejection::Full { most: last.y },
    }
}

fn curve_takes(curve: &Curve, amount: u64) -> bool {
    curve.origin().x <= amount && amount <= curve.capacity().x
}

fn basis_points(by: u64, of: u64) -> u64 {
    let parts = (u128::from(by) * 10_000).checked_div(u128::from(of));
    parts.map_or(u64::MAX, |parts| u64::try_from(parts).unwrap_or(u64::MAX))
}

fn list_losers(sentence: &mut String, rejected: &[Rejected], name: &dyn Fn(&IlpAddress) -> String) {
    const MOST: usize = 4;
    for rejected in rejected.iter().take(MOST) {
        // Writing into a String does not fail.
        let _ = write!(
            sentence,
            "; {} {}",
            name(&rejected.next_hop),
            rejected.reason
        );
    }
    if rejected.len() > MOST {
        let _ = write!(sentence, "; and {} more", rejected.len() - MOST);
    }
}
