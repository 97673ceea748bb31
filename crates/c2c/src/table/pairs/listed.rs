//! Pairs that were told one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Indirect, Leg, LocalPair, Pairs, PairsChange, shifted};
use crate::address::LedgerPrefix;
use crate::curve::Curve;
use crate::table::{Head, Heads, Tables, View};
use crate::timestamp::Millis;

/// One pair.
#[derive(Clone, Debug)]
pub(in crate::table) struct Pair {
    pub(super) local: Curve,
    pub(super) public: Curve,
    pub(super) window: Millis,
    /// Its place in the list of pairs.
    pub(super) listed: usize,
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

    #[inline]
    pub(super) fn curve(&self, view: View) -> &Curve {
        match view {
            View::Local => &self.local,
            View::Public => &self.public,
        }
    }

    /// Whether it gives the same for the same.
    fn is_like(&self, other: &Self) -> bool {
        self.local == other.local && self.public == other.public && self.window == other.window
    }
}

/// All of them, by source and destination.
#[derive(Clone, Debug, Default)]
pub(in crate::table) struct Listed {
    pairs: Vec<Vec<Option<Pair>>>,
    /// When the ways from one to the other last changed.
    changed: Vec<Vec<u64>>,
}

impl Listed {
    #[inline]
    pub(super) fn pair(&self, (from, to): Leg) -> Option<&Pair> {
        self.pairs.get(from)?.get(to)?.as_ref()
    }

    pub(super) fn changed(&self, (from, to): Leg) -> u64 {
        let row = self.changed.get(from);
        row.and_then(|row| row.get(to)).copied().unwrap_or(0)
    }

    /// Makes room for so many ledgers.
    pub(super) fn grow(&mut self, count: usize) {
        self.pairs.resize_with(count, Vec::new);
        self.changed.resize_with(count, Vec::new);
        for row in &mut self.pairs {
            row.resize(count, None);
        }
        for row in &mut self.changed {
            row.resize(count, 0);
        }
    }
}

impl Head {
    /// Whether one of its pairs, as source and destination, is among `pairs`.
    fn uses(&self, source: usize, pairs: &BTreeSet<Leg>) -> bool {
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
        let mut new = Listed::default();
        new.grow(count);
        for leg in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
            new.changed[leg.0][leg.1] = self.pairs.changed(leg);
        }
        for (listed, pair) in pairs.into_iter().enumerate() {
            let ends = [&pair.source_ledger, &pair.destination_ledger];
            let [Some(source), Some(destination)] = ends.map(|end| self.ledger_id(end.as_str()))
            else {
                continue;
            };
            if source != destination {
                new.pairs[source as usize][destination as usize] = Some(Pair::new(pair, listed));
            }
        }
        let old = std::mem::replace(&mut self.pairs, Pairs::Listed(new));
        let change = self.remake_listed(&old);
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
        let Pairs::Listed(listed) = &mut self.pairs else {
            return None;
        };
        let there: BTreeSet<Leg> = (0..count)
            .flat_map(|other| [(id, other), (other, id)])
            .filter(|leg| listed.pair(*leg).is_some())
            .collect();
        if !there.iter().eq(legs.keys()) {
            return None;
        }
        let mut moved = BTreeSet::new();
        for (leg, pair) in legs {
            let old = listed.pair(leg)?;
            let new = Pair::new(pair, old.listed);
            if !new.is_like(old) {
                moved.insert(leg);
                listed.pairs[leg.0][leg.1] = Some(new);
            }
        }
        Some(self.note_moved(&moved))
    }

    /// Takes away all pairs of the ledger numbered `id`.
    pub(super) fn unlist(&mut self, id: usize) -> PairsChange {
        let old = self.pairs.clone();
        if let Pairs::Listed(listed) = &mut self.pairs {
            for (source, to) in listed.pairs.iter_mut().enumerate() {
                to[id] = None;
                if source == id {
                    to.iter_mut().for_each(|pair| *pair = None);
                }
            }
        }
        self.remake_listed(&old)
    }

    /// Marks the ways over pairs that `moved` and stayed.
    fn note_moved(&mut self, moved: &BTreeSet<Leg>) -> PairsChange {
        // The direct way is the only one where there is one.
        let indirect = self
            .indirect
            .iter()
            .filter(|((from, _), heads)| heads.ways.iter().any(|head| head.uses(*from, moved)))
            .map(|(leg, _)| *leg);
        let ways: BTreeSet<Leg> = moved.iter().copied().chain(indirect).collect();
        for leg in &ways {
            self.note_way_changed(*leg);
        }
        self.touch_ledgers(ways.into_iter().map(|(_, to)| to).collect());
        PairsChange {
            changed: !moved.is_empty(),
            ..PairsChange::default()
        }
    }

    fn note_way_changed(&mut self, (from, to): Leg) {
        self.version += 1;
        if let Pairs::Listed(listed) = &mut self.pairs {
            listed.changed[from][to] = self.version;
        }
    }

    /// Finds the ways anew and marks those that changed. `old` are the pairs as they were.
    fn remake_listed(&mut self, old: &Pairs) -> PairsChange {
        let count = self.ledgers.len();
        let legs = || (0..count).flat_map(|from| (0..count).map(move |to| (from, to)));
        let moved: BTreeSet<Leg> = legs().filter(|leg| !self.is_as_in(old, *leg)).collect();
        let mut change = PairsChange {
            changed: !moved.is_empty(),
            ..PairsChange::default()
        };
        if moved.is_empty() {
            return change;
        }
        let known: Indirect = self.remake_indirect();
        let mut touched = BTreeSet::new();
        for leg in legs() {
            let before = match old.has(leg) {
                true => std::slice::from_ref(&self.direct[leg.1]),
                false => known.get(&leg).map_or(&[][..], |heads: &Heads| &heads.ways),
            };
            let ways = self.heads(leg.0, leg.1);
            if before == ways && !ways.iter().any(|head| head.uses(leg.0, &moved)) {
                continue;
            }
            change.gained |= before.is_empty() && !ways.is_empty();
            change.lost |= !before.is_empty() && ways.is_empty();
            self.note_way_changed(leg);
            touched.insert(leg.1);
        }
        self.touch_ledgers(touched);
        change
    }

    /// Whether the pair gives the same for the same as it did.
    fn is_as_in(&self, old: &Pairs, leg: Leg) -> bool {
        if let (Pairs::Listed(old), Pairs::Listed(new)) = (old, &self.pairs) {
            return match (old.pair(leg), new.pair(leg)) {
                (None, None) => true,
                (Some(a), Some(b)) => a.is_like(b),
                _ => false,
            };
        }
        let of = |pairs: &Pairs| {
            let [local, public] = [View::Local, View::Public]
                .map(|view| pairs.curve(view, leg).map(std::borrow::Cow::into_owned));
            (local, public, pairs.window(leg))
        };
        of(old) == of(&self.pairs)
    }
}
