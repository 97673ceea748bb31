//! Parallel routes combined by the specification's rule: what a ledger's peers are told.

use super::{Candidate, Slot, Tables, View, Way};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Point, Rounding, merge};
use crate::route::{Paths, Prefix};
use crate::timestamp::Millis;

/// All candidates for a prefix as one: only those as short as the shortest, and of these, section by
/// section, the one that delivers most (spec, Route broadcasts). Longer ones only extend it, and only
/// if the settings say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combined {
    /// Where the money comes in.
    pub source_ledger: LedgerPrefix,
    /// Our account there.
    pub source_account: IlpAddress,
    /// Where it ends.
    pub destination_ledger: Prefix,
    /// Addresses under it go there.
    pub target_prefix: Prefix,
    /// What comes out for what goes in; none if a quote must be asked for.
    pub curve: Option<Curve>,
    /// Who wins which section of the curve.
    pub sections: Vec<Section>,
    /// The longest window of those combined.
    pub min_message_window: Millis,
    /// The ledgers between next ledger and destination, of all those combined.
    pub paths: Paths,
    /// The same with the next ledger in front, unless that is the destination.
    pub paths_with_next: Paths,
    /// How many ledgers the longest that counts passes, both ends counted.
    pub hops: usize,
}

/// A stretch of a combined curve and who delivers most on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The least source amount of it.
    pub from: u64,
    /// The largest source amount of it.
    pub to: u64,
    /// Which of the candidates, by its place among them.
    pub candidate: usize,
    /// Its next hop.
    pub next_hop: IlpAddress,
}

impl Tables {
    /// What is known of `prefix` from the ledger `source`, as one.
    pub fn combined(&self, view: View, source: &str, prefix: &str) -> Option<Combined> {
        let source = self.ledger_id(source)? as usize;
        self.combine(
            source,
            &self.candidates_at(view, source, self.destinations.get(prefix)?),
        )
    }

    /// As [`Tables::combined`], for the prefix kept at `slot`. The sections number the candidates among
    /// those that can count; of longer ones nothing is computed.
    pub fn combined_at(&self, view: View, source: &str, slot: Slot) -> Option<Combined> {
        self.destinations.at(slot)?;
        let source = self.ledger_id(source)? as usize;
        if self.settings.extend_by_longer {
            return self.combine(source, &self.candidates_at(view, source, slot));
        }
        self.combine(source, &self.shortest_at(view, source, slot))
    }

    /// The candidates as short as the shortest through which anything gets.
    fn shortest_at(&self, view: View, source: usize, slot: Slot) -> Vec<Candidate> {
        let ways: Vec<(usize, Way<'_>)> = self
            .ways(source, slot)
            .map(|way| (self.length(way), way))
            .collect();
        let mut least = 0;
        loop {
            let lengths = ways.iter().map(|(length, _)| *length);
            let Some(shortest) = lengths.filter(|length| *length >= least).min() else {
                return Vec::new();
            };
            let among = ways.iter().filter(|(length, _)| *length == shortest);
            let found: Vec<Candidate> = among
                .filter_map(|(_, way)| Some(self.candidate(*way, self.curve(view, *way)?)))
                .collect();
            if !found.is_empty() {
                return found;
            }
            least = shortest + 1;
        }
    }

    pub(super) fn combine(&self, source: usize, candidates: &[Candidate]) -> Option<Combined> {
        let mut hops = candidates.iter().map(|candidate| candidate.hops).min()?;
        let mut gathered = Gathered::default();
        self.gather(candidates, hops, &mut gathered);
        let first = &candidates[*gathered.kept.first()?];
        let (mut curve, mut sections) = self.merge(candidates, &gathered.kept);
        if self.settings.extend_by_longer
            && self.settings.rounding == Rounding::Sound
            && let Some(short) = &mut curve
        {
            let mut longer: Vec<usize> = candidates.iter().map(|one| one.hops).collect();
            longer.sort_unstable();
            longer.dedup();
            for length in longer.into_iter().skip(1) {
                // A shorter way of which nothing is known may carry anything, and then it does.
                let shorter = || candidates.iter().filter(|one| one.hops < length);
                if shorter().any(|one| one.curve.is_none()) {
                    break;
                }
                // Whatever one of them carries goes no longer way, also where it delivers no more.
                let ends = shorter().filter_map(|one| Some(one.curve.as_ref()?.capacity().x));
                let reach = ends.max().unwrap_or(0);
                let before = gathered.clone();
                gathered.kept.clear();
                self.gather(candidates, length, &mut gathered);
                let (more, won) = self.merge(candidates, &gathered.kept);
                let extended = more.and_then(|more| extended(short, &more, reach));
                let Some((all, from)) = extended else {
                    gathered = before;
                    continue;
                };
                *short = all;
                hops = length;
                let beyond = won.into_iter().filter(|section| section.to >= from);
                sections.extend(beyond.map(|section| Section {
                    from: section.from.max(from),
                    ..section
                }));
            }
        }
        let ledger = &self.ledgers[source];
        Some(Combined {
            source_ledger: ledger.prefix.clone(),
            source_account: ledger.account.clone(),
            destination_ledger: first.destination_ledger.clone(),
            target_prefix: first.target_prefix.clone(),
            curve,
            sections,
            min_message_window: gathered.window,
            paths: gathered.paths,
            paths_with_next: gathered.paths_with_next,
            hops,
        })
    }

    /// Adds those of `candidates` that have `hops` ledgers.
    fn gather(&self, candidates: &[Candidate], hops: usize, gathered: &mut Gathered) {
        let mut among: Vec<usize> = (0..candidates.len())
            .filter(|i| candidates[*i].hops == hops)
            .collect();
        // DIFFERENCE: in 10.1.0 one route without a curve takes the curve from all equally long
        // ones. The best hop prefers a curve, so what it promises is true without the others.
        let sound = self.settings.rounding == Rounding::Sound;
        if sound && among.iter().any(|i| candidates[*i].curve.is_some()) {
            among.retain(|i| candidates[*i].curve.is_some());
        }
        for i in among {
            let candidate = &candidates[i];
            let with_next = paths_with_next_of(candidate);
            if gathered.is_empty {
                gathered.is_empty = false;
                gathered.paths = candidate.paths.clone();
                gathered.paths_with_next = with_next;
            } else {
                let union = gathered.paths_with_next.union(&with_next);
                // Others must see every ledger, or they cannot see a loop: what has no room among
                // the paths has none in the curve.
                if sound && union.count() > self.settings.max_paths {
                    continue;
                }
                gathered.paths = gathered.paths.union(&candidate.paths);
                gathered.paths_with_next = union;
            }
            gathered.window = gathered.window.max(candidate.min_message_window);
            gathered.kept.push(i);
        }
    }

    fn merge(&self, candidates: &[Candidate], kept: &[usize]) -> (Option<Curve>, Vec<Section>) {
        let curves: Vec<&Curve> = kept
            .iter()
            .filter_map(|i| candidates[*i].curve.as_ref())
            .collect();
        if curves.is_empty() || curves.len() < kept.len() {
            return (None, Vec::new());
        }
        let Some(merged) = merge(&curves) else {
            return (None, Vec::new());
        };
        let sections = merged
            .segments
            .iter()
            .map(|segment| {
                let candidate = kept[segment.winner];
                Section {
                    from: segment.from,
                    to: segment.to,
                    candidate,
                    next_hop: candidates[candidate].next_hop.clone(),
                }
            })
            .collect();
        let curve = match self.settings.rounding {
            Rounding::Sound => Some(merged.curve),
            Rounding::Reference => curves
                .iter()
                .copied()
                .cloned()
                .reduce(|all, one| all.combine(&one, Rounding::Reference)),
        };
        (curve, sections)
    }
}

/// What is combined so far.
#[derive(Clone, Debug)]
struct Gathered {
    is_empty: bool,
    /// The places of those gathered last.
    kept: Vec<usize>,
    paths: Paths,
    paths_with_next: Paths,
    window: Millis,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            is_empty: true,
            kept: Vec::new(),
            paths: Paths::DIRECT,
            paths_with_next: Paths::DIRECT,
            window: Millis::default(),
        }
    }
}

/// `short`, and beyond its end and `reach` what `long` delivers where that is more than the end of `short`, which
/// stays what is delivered up to there. With the source amount from which `long` counts; none if it
/// counts nowhere.
fn extended(short: &Curve, long: &Curve, reach: u64) -> Option<(Curve, u64)> {
    let end = short.capacity();
    let more = end.y.checked_add(1)?;
    let reach = reach.max(end.x);
    let from = long.least_source_for(more)?.max(reach.checked_add(1)?);
    if from > long.capacity().x {
        return None;
    }
    let mut points = short.points().to_vec();
    if from - 1 > end.x {
        points.push(Point {
            x: from - 1,
            y: end.y,
        });
    }
    points.push(Point {
        x: from,
        y: long.amount_at(from),
    });
    points.extend(long.points().iter().filter(|point| point.x > from));
    // In order: x rises by construction, and neither curve falls.
    Curve::from_points(points).ok().map(|curve| (curve, from))
}

fn paths_with_next_of(candidate: &Candidate) -> Paths {
    if candidate.destination_ledger.as_str() == candidate.next_ledger.as_str() {
        return candidate.paths.clone();
    }
    let next = [candidate.next_ledger.as_address().clone()];
    Paths::DIRECT.through(&next, &candidate.paths)
}
