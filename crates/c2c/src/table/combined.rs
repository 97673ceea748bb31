//! Parallel routes combined by the specification's rule: what a ledger's peers are told.

use super::{Candidate, Slot, Tables, View};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Rounding, merge};
use crate::route::{Paths, Prefix};
use crate::timestamp::Millis;

/// All candidates for a prefix as one: only those as short as the shortest, and of these, section by
/// section, the one that delivers most (spec, Route broadcasts).
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
    /// How many ledgers, both ends counted.
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

    /// As [`Tables::combined`], for the prefix kept at `slot`.
    pub fn combined_at(&self, view: View, source: &str, slot: Slot) -> Option<Combined> {
        self.destinations.at(slot)?;
        let source = self.ledger_id(source)? as usize;
        self.combine(source, &self.candidates_at(view, source, slot))
    }

    pub(super) fn combine(&self, source: usize, candidates: &[Candidate]) -> Option<Combined> {
        let shortest = candidates.iter().map(|candidate| candidate.hops).min()?;
        let mut among: Vec<usize> = (0..candidates.len())
            .filter(|i| candidates[*i].hops == shortest)
            .collect();
        // DIFFERENCE: in 10.1.0 one route without a curve takes the curve from all equally long
        // ones. The best hop prefers a curve, so what it promises is true without the others.
        let sound = self.settings.rounding == Rounding::Sound;
        if sound && among.iter().any(|i| candidates[*i].curve.is_some()) {
            among.retain(|i| candidates[*i].curve.is_some());
        }
        let mut paths = Paths::DIRECT;
        let mut paths_with_next = Paths::DIRECT;
        let mut kept = Vec::new();
        for i in among {
            let with_next = paths_with_next_of(&candidates[i]);
            if kept.is_empty() {
                (paths, paths_with_next) = (candidates[i].paths.clone(), with_next);
            } else {
                let union = paths_with_next.union(&with_next);
                // Others must see every ledger, or they cannot see a loop: what has no room among
                // the paths has none in the curve.
                if sound && union.count() > self.settings.max_paths {
                    continue;
                }
                (paths, paths_with_next) = (paths.union(&candidates[i].paths), union);
            }
            kept.push(i);
        }
        let first = &candidates[*kept.first()?];
        let (curve, sections) = self.merge(candidates, &kept);
        let ledger = &self.ledgers[source];
        Some(Combined {
            source_ledger: ledger.prefix.clone(),
            source_account: ledger.account.clone(),
            destination_ledger: first.destination_ledger.clone(),
            target_prefix: first.target_prefix.clone(),
            curve,
            sections,
            min_message_window: kept
                .iter()
                .map(|i| candidates[*i].min_message_window)
                .max()
                .unwrap_or_default(),
            paths,
            paths_with_next,
            hops: shortest,
        })
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

fn paths_with_next_of(candidate: &Candidate) -> Paths {
    if candidate.destination_ledger.as_str() == candidate.next_ledger.as_str() {
        return candidate.paths.clone();
    }
    let next = [candidate.next_ledger.as_address().clone()];
    Paths::DIRECT.through(&next, &candidate.paths)
}
