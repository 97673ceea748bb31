//! Our own pairs of ledgers, and the ways that they make from one ledger of ours to another.

use std::collections::{BTreeMap, BTreeSet};

use super::{Beginning, Head, Heads, Ledger, LedgerId, Pair, Tables, View, ended_at};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::Curve;
use crate::route::Prefix;
use crate::timestamp::Millis;

/// Two ledgers on which we have accounts, in one direction, with what we give for what comes in.
///
/// A pair through which nothing can go is none: leave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPair {
    /// Where money comes in.
    pub source_ledger: LedgerPrefix,
    /// Where it goes out.
    pub destination_ledger: LedgerPrefix,
    /// Our account on the source ledger.
    pub source_account: IlpAddress,
    /// Our account on the destination ledger.
    pub destination_account: IlpAddress,
    /// What goes out for what comes in, as it is.
    pub curve: Curve,
    /// Whether others are told one source unit less: true but where ledgers trade one to one, at
    /// equal scales and without a spread.
    pub shift: bool,
    /// The time between the expiry of what comes in and of what goes out.
    pub min_message_window: Millis,
}

/// What new pairs did to the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairsChange {
    /// Whether some ledger got a way to another that it had not before.
    pub gained: bool,
    /// Whether some ledger lost its way to another.
    pub lost: bool,
    /// Whether any curve or window changed.
    pub changed: bool,
}

/// `curve` with one source unit less for the sender, and with the same end.
///
/// DIFFERENCE: in 21.1.10 the end moves too, by one unit over what the source ledger has room for.
fn shifted(curve: &Curve) -> Curve {
    curve
        .shift_x(1)
        .and_then(|moved| ended_at(&moved, curve.capacity().x))
        .unwrap_or_else(|| curve.clone())
}

impl Pair {
    fn new(pair: LocalPair, listed: usize) -> Self {
        Self {
            public: if pair.shift {
                shifted(&pair.curve)
            } else {
                pair.curve.clone()
            },
            local: pair.curve,
            window: pair.min_message_window,
            listed,
        }
    }

    /// Whether it gives the same for the same.
    fn is_like(&self, other: &Self) -> bool {
        self.local == other.local && self.public == other.public && self.window == other.window
    }
}

impl Head {
    /// Whether one of its pairs, as source and destination, is among `pairs`.
    fn uses(&self, source: usize, pairs: &BTreeSet<(usize, usize)>) -> bool {
        let ends = || self.ledgers.iter().map(|ledger| *ledger as usize);
        std::iter::once(source)
            .chain(ends())
            .zip(ends())
            .any(|leg| pairs.contains(&leg))
    }
}

impl Tables {
    /// Puts `pairs` in place of all pairs there were, and marks what depends on those that changed.
    ///
    /// What peers announced stays, also where no pair leads to it for now.
    pub fn set_local_pairs(&mut self, pairs: Vec<LocalPair>) -> PairsChange {
        let before = self.ledgers.len();
        for pair in &pairs {
            self.own_ledger(&pair.source_ledger, &pair.source_account);
            self.own_ledger(&pair.destination_ledger, &pair.destination_account);
        }
        let count = self.ledgers.len();
        let mut table = vec![vec![None; count]; count];
        for (listed, pair) in pairs.into_iter().enumerate() {
            let ends = [&pair.source_ledger, &pair.destination_ledger];
            let [Some(source), Some(destination)] = ends.map(|end| self.ledger_id(end.as_str()))
            else {
                continue;
            };
            if source != destination {
                table[source as usize][destination as usize] = Some(Pair::new(pair, listed));
            }
        }
        let old = std::mem::replace(&mut self.pairs, table);
        let change = self.remake_heads(&old);
        if count > before {
            self.note_passed_ledgers();
        }
        change
    }

    /// Puts `pairs` in place of those from and to `ledger`, and marks what depends on those that
    /// changed. None, and nothing is done, where one comes or goes: that can move ways between others,
    /// so that all pairs are to be set.
    pub fn set_pairs_of(
        &mut self,
        ledger: &LedgerPrefix,
        pairs: Vec<LocalPair>,
    ) -> Option<PairsChange> {
        let id = self.ledger_id(ledger.as_str())? as usize;
        let mut legs = BTreeMap::new();
        for pair in pairs {
            let ends = [&pair.source_ledger, &pair.destination_ledger];
            let [from, to] = ends.map(|end| self.ledger_id(end.as_str()));
            let leg = (from? as usize, to? as usize);
            if leg.0 != leg.1 && (leg.0 == id || leg.1 == id) {
                legs.insert(leg, pair);
            }
        }
        let count = self.ledgers.len();
        let there: BTreeSet<(usize, usize)> = (0..count)
            .flat_map(|other| [(id, other), (other, id)])
            .filter(|leg| self.pair_at(*leg).is_some())
            .collect();
        if !there.iter().eq(legs.keys()) {
            return None;
        }
        let mut moved = BTreeSet::new();
        for (leg, pair) in legs {
            let old = self.pair_at(leg)?;
            let new = Pair::new(pair, old.listed);
            if !new.is_like(old) {
                moved.insert(leg);
                self.pairs[leg.0][leg.1] = Some(new);
            }
        }
        Some(self.note_moved(&moved))
    }

    /// Marks the ways over pairs that `moved` and stayed.
    fn note_moved(&mut self, moved: &BTreeSet<(usize, usize)>) -> PairsChange {
        // The direct way is the only one where there is one.
        let indirect = self
            .indirect
            .iter()
            .filter(|(from, to)| {
                let ways = &self.heads[*from][*to].ways;
                ways.iter().any(|head| head.uses(*from, moved))
            })
            .copied();
        let ways: BTreeSet<(usize, usize)> = moved.iter().copied().chain(indirect).collect();
        for &(from, to) in &ways {
            self.version += 1;
            self.heads[from][to].changed = self.version;
        }
        self.touch_ledgers(ways.into_iter().map(|(_, to)| to).collect());
        PairsChange {
            changed: !moved.is_empty(),
            ..PairsChange::default()
        }
    }

    fn touch_ledgers(&mut self, touched: BTreeSet<usize>) {
        for ledger in touched {
            let prefix = self.ledgers[ledger].prefix.clone();
            if let Some(slot) = self.destinations.get(prefix.as_str()) {
                self.touch(slot);
            }
        }
    }

    fn pair_at(&self, (from, to): (usize, usize)) -> Option<&Pair> {
        self.pairs.get(from)?.get(to)?.as_ref()
    }

    /// Every pair, by source and destination.
    pub fn local_pairs(&self) -> impl Iterator<Item = (&LedgerPrefix, &LedgerPrefix, &Curve)> {
        self.pairs.iter().enumerate().flat_map(move |(source, to)| {
            to.iter()
                .enumerate()
                .filter_map(move |(destination, pair)| {
                    let pair = pair.as_ref()?;
                    Some((
                        &self.ledgers[source].prefix,
                        &self.ledgers[destination].prefix,
                        &pair.local,
                    ))
                })
        })
    }

    /// What the pair from `source` to `destination` gives, if there is one.
    pub fn pair_curve(
        &self,
        view: View,
        source: &LedgerPrefix,
        destination: &LedgerPrefix,
    ) -> Option<&Curve> {
        let from = self.ledger_id(source.as_str())? as usize;
        let to = self.ledger_id(destination.as_str())? as usize;
        Some(self.pair_at((from, to))?.curve(view))
    }

    /// Takes away a ledger of ours: its pairs, what was heard over it, and what it can reach.
    pub fn remove_ledger(&mut self, ledger: &LedgerPrefix) -> PairsChange {
        let Some(id) = self.ledger_id(ledger.as_str()) else {
            return PairsChange::default();
        };
        let gone: Vec<_> = self
            .hops
            .iter()
            .filter(|hop| hop.account.is_under(ledger.as_str()))
            .map(|hop| hop.account.clone())
            .collect();
        for account in gone {
            self.remove_next_hop(&account);
        }
        let old = self.pairs.clone();
        for (source, to) in self.pairs.iter_mut().enumerate() {
            to[id as usize] = None;
            if source == id as usize {
                to.iter_mut().for_each(|pair| *pair = None);
            }
        }
        self.remake_heads(&old)
    }

    /// Makes a ledger of ours known before any pair leads to it, so that what is heard over it is kept.
    pub fn add_ledger(&mut self, ledger: &LedgerPrefix, account: &IlpAddress) {
        self.own_ledger(ledger, account);
        let count = self.ledgers.len();
        self.pairs.resize_with(count, Vec::new);
        for row in &mut self.pairs {
            row.resize(count, None);
        }
        self.heads.resize_with(count, Vec::new);
        for row in &mut self.heads {
            row.resize_with(count, Heads::default);
        }
        self.note_passed_ledgers();
    }

    fn own_ledger(&mut self, ledger: &LedgerPrefix, account: &IlpAddress) {
        if let Some(id) = self.ledger_id(ledger.as_str()) {
            self.ledgers[id as usize].account = account.clone();
            return;
        }
        let id = LedgerId::try_from(self.ledgers.len()).unwrap_or(LedgerId::MAX);
        self.ledgers.push(Ledger {
            begins: Beginning::of(ledger.as_str()),
            prefix: ledger.clone(),
            account: account.clone(),
        });
        self.ledger_ids.insert(ledger.into(), id);
        let prefix = Prefix::from(ledger);
        let slot = match self.destinations.get(prefix.as_str()) {
            Some(slot) => slot,
            None => self
                .destinations
                .insert(prefix, super::Destination::default()),
        };
        self.destinations.value_mut(slot).own = Some(id);
        self.touch(slot);
    }

    /// Finds the ways anew and marks those that changed. `old` are the pairs as they were.
    fn remake_heads(&mut self, old: &[Vec<Option<Pair>>]) -> PairsChange {
        let count = self.ledgers.len();
        let had = |from: usize, to: usize| old.get(from).and_then(|row| row.get(to)?.as_ref());
        let mut moved = BTreeSet::new();
        for from in 0..count {
            for to in 0..count {
                let same = match (had(from, to), &self.pairs[from][to]) {
                    (None, None) => true,
                    (Some(a), Some(b)) => a.is_like(b),
                    _ => false,
                };
                if !same {
                    moved.insert((from, to));
                }
            }
        }
        self.heads.resize_with(count, Vec::new);
        for row in &mut self.heads {
            row.resize_with(count, Heads::default);
        }
        let mut change = PairsChange {
            changed: !moved.is_empty(),
            ..PairsChange::default()
        };
        if moved.is_empty() {
            return change;
        }
        let distances = self.distances();
        let mut touched = BTreeSet::new();
        self.indirect.clear();
        for source in 0..count {
            for destination in 0..count {
                let ways = self.shortest(source, destination, &distances);
                if distances[source][destination].is_some_and(|steps| steps > 1) {
                    self.indirect.push((source, destination));
                }
                let known = &self.heads[source][destination].ways;
                let uses_moved = ways.iter().any(|head| head.uses(source, &moved));
                if *known == ways && !uses_moved {
                    continue;
                }
                change.gained |= known.is_empty() && !ways.is_empty();
                change.lost |= !known.is_empty() && ways.is_empty();
                self.version += 1;
                let mut listed: Vec<usize> = (0..ways.len()).collect();
                listed
                    .sort_by_key(|way| self.last_pair(source, &ways[*way]).map(|pair| pair.listed));
                self.heads[source][destination] = Heads {
                    listed,
                    ways,
                    changed: self.version,
                };
                touched.insert(destination);
            }
        }
        self.touch_ledgers(touched);
        change
    }

    /// The least number of pairs from each ledger to each other.
    fn distances(&self) -> Vec<Vec<Option<usize>>> {
        let count = self.ledgers.len();
        let from = |source: usize| {
            let mut steps = vec![None; count];
            let mut reached = vec![source];
            let mut found = 1;
            for step in 1..=count {
                if found == count {
                    // Mostly every ledger is one step away from every other.
                    break;
                }
                let mut next = Vec::new();
                for from in reached {
                    for (to, pair) in self.pairs[from].iter().enumerate() {
                        if pair.is_some() && steps[to].is_none() && to != source {
                            steps[to] = Some(step);
                            found += 1;
                            next.push(to);
                        }
                    }
                }
                if next.is_empty() {
                    break;
                }
                reached = next;
            }
            steps
        };
        (0..count).map(from).collect()
    }

    /// The shortest ways from `source` to `destination`, one for each ledger that can come next.
    fn shortest(
        &self,
        source: usize,
        destination: usize,
        distances: &[Vec<Option<usize>>],
    ) -> Vec<Head> {
        let Some(steps) = distances[source][destination] else {
            return Vec::new();
        };
        let id = |ledger: usize| LedgerId::try_from(ledger).unwrap_or(LedgerId::MAX);
        let onward = |from: usize, steps: usize| {
            self.pairs[from]
                .iter()
                .enumerate()
                .filter_map(move |(to, pair)| {
                    let near = if steps == 1 {
                        to == destination
                    } else {
                        distances[to][destination] == Some(steps - 1)
                    };
                    (pair.is_some() && near).then_some(to)
                })
        };
        if steps == 1 {
            return vec![Head {
                ledgers: [id(destination)].into(),
            }];
        }
        let mut nexts: Vec<usize> = onward(source, steps).collect();
        nexts.sort_by(|a, b| {
            let [a, b] = [*a, *b].map(|ledger| self.ledgers[ledger].prefix.as_str());
            b.len().cmp(&a.len()).then_with(|| b.cmp(a))
        });
        nexts
            .into_iter()
            .map(|next| {
                let mut ledgers = vec![id(next)];
                let mut at = next;
                for left in (1..steps).rev() {
                    // Some ledger is one step nearer: that is what the distance says.
                    let Some(nearer) = onward(at, left).next() else {
                        break;
                    };
                    ledgers.push(id(nearer));
                    at = nearer;
                }
                Head {
                    ledgers: ledgers.into(),
                }
            })
            .collect()
    }

    fn last_pair(&self, source: usize, head: &Head) -> Option<&Pair> {
        let (last, before) = head.ledgers.split_last()?;
        let from = before.last().map_or(source, |ledger| *ledger as usize);
        self.pairs[from][*last as usize].as_ref()
    }

    /// Finds for every route which of our ledgers it passes: needed when there are more of them.
    fn note_passed_ledgers(&mut self) {
        let slots: Vec<_> = self.destinations.slots().collect();
        for slot in slots {
            for place in 0..self.destinations.value(slot).heard.len() {
                let destination = self.destinations.value(slot);
                let passes = self.passes(destination.own, &destination.heard[place].paths);
                let heard = &mut self.destinations.value_mut(slot).heard[place];
                if heard.passes != passes {
                    heard.passes = passes;
                    self.touch(slot);
                }
            }
        }
    }
}
