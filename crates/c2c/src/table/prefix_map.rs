//! Prefixes to values: found by the longest match in a few probes, listed in order.
//!
//! The longest match costs one pass over the address and one probe for each place where it can be
//! cut, places at which no prefix of the map ends being left out. How the map hashes never shows:
//! numbers are given out in the order of insertion, and listings are sorted.

use crate::route::Prefix;

mod cuts;
mod matches;
mod order;

use cuts::{Kinds, cuts, whole};
use order::Order;

/// The number under which a prefix is kept. Numbers of removed prefixes are given out again, later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub(crate) u32);

impl Slot {
    /// As an index.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A map from prefixes, for the longest match on segment boundaries.
///
/// ```
/// use c2c::route::Prefix;
/// use c2c::table::PrefixMap;
/// let mut map = PrefixMap::default();
/// map.insert(Prefix::DEFAULT, "anything");
/// map.insert(Prefix::new("g.us.")?, "the States");
/// let found = |address| map.longest(address, |_| true).map(|slot| *map.value(slot));
/// assert_eq!(found("g.us.bank.alice"), Some("the States"));
/// assert_eq!(found("g.usd.bank"), Some("anything"));
/// # Ok::<(), c2c::address::AddressError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PrefixMap<T> {
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
    /// Open addressing: the number plus one, and above it half of the hash; 0 for an empty place. A
    /// power of two long.
    places: Vec<u64>,
    len: usize,
    /// How many prefixes end at each kind of cut (see `cuts`), and at which any does.
    counts: Vec<u32>,
    kinds: Kinds,
    order: Order,
    seed: u64,
}

/// Where a prefix is kept, or would be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    kind: usize,
    hash: u64,
    pub(super) slot: Option<Slot>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    prefix: Prefix,
    hash: u64,
    /// None: removed, and still in the order of listing.
    value: Option<T>,
}

impl<T> Default for PrefixMap<T> {
    fn default() -> Self {
        Self::with_seed(0)
    }
}

impl<T> PrefixMap<T> {
    /// An empty map whose hash depends on `seed`. Where strangers choose the prefixes, a seed that
    /// they do not know keeps them from choosing ones that meet. Nothing else depends on it.
    pub fn with_seed(seed: u64) -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            places: Vec::new(),
            len: 0,
            counts: Vec::new(),
            kinds: Kinds::default(),
            order: Order::default(),
            seed,
        }
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where exactly `prefix` is kept.
    pub fn get(&self, prefix: &str) -> Option<Slot> {
        self.find(prefix.as_bytes())
    }

    /// Where exactly the prefix that has these bytes is kept.
    #[inline]
    pub(super) fn find(&self, prefix: &[u8]) -> Option<Slot> {
        let (_, hash) = whole(prefix, self.seed);
        self.probe(hash, prefix)
    }

    /// Keeps `value` under `prefix` in place of what was there.
    pub fn insert(&mut self, prefix: Prefix, value: T) -> Slot {
        let (kind, hash) = whole(prefix.as_str().as_bytes(), self.seed);
        if let Some(slot) = self.probe(hash, prefix.as_str().as_bytes()) {
            *self.value_mut(slot) = value;
            return slot;
        }
        self.insert_new(kind, hash, prefix, value)
    }

    /// Where `prefix` is, or would be, kept.
    pub(super) fn place(&self, prefix: &str) -> Place {
        let (kind, hash) = whole(prefix.as_bytes(), self.seed);
        let slot = self.probe(hash, prefix.as_bytes());
        Place { kind, hash, slot }
    }

    /// Keeps `value` under `prefix` at its `place`, where nothing is kept.
    pub(super) fn put(&mut self, place: Place, prefix: Prefix, value: T) -> Slot {
        self.insert_new(place.kind, place.hash, prefix, value)
    }

    /// Takes `slot` out; its number will be given out again.
    pub fn remove(&mut self, slot: Slot) -> Option<T> {
        let entry = self.entries.get_mut(slot.index())?;
        let value = entry.value.take()?;
        let hash = entry.hash;
        let (kind, _) = whole(entry.prefix.as_str().as_bytes(), self.seed);
        self.counts[kind] -= 1;
        if self.counts[kind] == 0 {
            self.kinds = Kinds::of(&self.counts);
        }
        self.vacate(hash, slot.0);
        self.len -= 1;
        if self.order.note_removed() {
            self.drop_removed();
        }
        Some(value)
    }

    /// The prefix kept at `slot`.
    ///
    /// # Panics
    /// If `slot` was removed: a slot is good until its removal.
    pub fn prefix(&self, slot: Slot) -> &Prefix {
        let entry = &self.entries[slot.index()];
        assert!(entry.value.is_some(), "the slot has not been removed");
        &entry.prefix
    }

    /// The value kept at `slot`, if it was not removed.
    pub fn at(&self, slot: Slot) -> Option<&T> {
        self.entries.get(slot.index())?.value.as_ref()
    }

    /// The value kept at `slot`. Panics like [`PrefixMap::prefix`].
    pub fn value(&self, slot: Slot) -> &T {
        self.entries[slot.index()]
            .value
            .as_ref()
            .expect("the slot has not been removed")
    }

    /// The prefix and the value kept at `slot`. Panics like [`PrefixMap::prefix`].
    #[inline]
    pub(super) fn entry(&self, slot: Slot) -> (&Prefix, &T) {
        let entry = &self.entries[slot.index()];
        let value = entry.value.as_ref();
        (&entry.prefix, value.expect("the slot has not been removed"))
    }

    /// The value kept at `slot`, to change. Panics like [`PrefixMap::prefix`].
    pub fn value_mut(&mut self, slot: Slot) -> &mut T {
        self.entries[slot.index()]
            .value
            .as_mut()
            .expect("the slot has not been removed")
    }

    /// The longest prefix of `address` that `accept` takes.
    pub fn longest(&self, address: &str, mut accept: impl FnMut(Slot) -> bool) -> Option<Slot> {
        self.matches(address).find(|slot| accept(*slot))
    }

    /// Every number that is given out, in no telling order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        let given = self.entries.iter().zip(0..);
        given
            .filter(|(entry, _)| entry.value.is_some())
            .map(|(_, number)| Slot(number))
    }

    /// Every prefix in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&Prefix, Slot)> {
        self.from(0, 0)
    }

    /// Every prefix that comes after `prefix` in alphabetical order.
    pub fn after<'a>(&'a self, prefix: &str) -> impl Iterator<Item = (&'a Prefix, Slot)> {
        let before = |number: &u32| self.text(*number) <= prefix;
        let [sorted, recent] = self.listed().map(|list| list.partition_point(before));
        self.from(sorted, recent)
    }

    /// Every prefix that starts with the text `start`, itself among them, in alphabetical order.
    pub fn starting_with<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a Prefix, Slot)> {
        let before = |number: &u32| self.text(*number) < start;
        let [sorted, recent] = self.listed().map(|list| list.partition_point(before));
        self.from(sorted, recent)
            .take_while(move |(prefix, _)| prefix.as_str().starts_with(start))
    }

    /// Both parts of the order from these places on, merged.
    fn from(&self, sorted: usize, recent: usize) -> impl Iterator<Item = (&Prefix, Slot)> {
        let [all, late] = self.listed();
        let mut sorted = all[sorted..].iter().copied().peekable();
        let mut recent = late[recent..].iter().copied().peekable();
        std::iter::from_fn(move || match (sorted.peek(), recent.peek()) {
            (Some(a), Some(b)) if self.text(*b) < self.text(*a) => recent.next(),
            (Some(_), _) => sorted.next(),
            (None, _) => recent.next(),
        })
        .filter_map(|number| {
            let entry = &self.entries[number as usize];
            entry.value.as_ref()?;
            Some((&entry.prefix, Slot(number)))
        })
    }

    fn listed(&self) -> [&[u32]; 2] {
        self.order.listed(|number| self.text(number))
    }

    /// The prefix of `number`, also if it was removed.
    fn text(&self, number: u32) -> &str {
        self.entries[number as usize].prefix.as_str()
    }

    fn insert_new(&mut self, kind: usize, hash: u64, prefix: Prefix, value: T) -> Slot {
        if self.counts.len() <= kind {
            self.counts.resize(kind + 1, 0);
        }
        self.counts[kind] += 1;
        if self.counts[kind] == 1 {
            self.kinds = Kinds::of(&self.counts);
        }
        self.len += 1;
        if self.len * 4 > self.places.len() * 3 {
            self.grow();
        }
        let entries = &self.entries;
        self.order
            .make_room(|number| entries[number as usize].prefix.as_str());
        let entry = Entry {
            prefix,
            hash,
            value: Some(value),
        };
        let number = match self.free.pop() {
            Some(number) => {
                self.entries[number as usize] = entry;
                number
            }
            None => {
                self.entries.push(entry);
                u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.order.push(number);
        self.occupy(hash, number);
        Slot(number)
    }

    /// Gives the numbers of removed prefixes free.
    fn drop_removed(&mut self) {
        let (entries, free) = (&mut self.entries, &mut self.free);
        self.order.retain(|number| {
            let entry = &mut entries[number as usize];
            let is_kept = entry.value.is_some();
            if !is_kept {
                entry.prefix = Prefix::DEFAULT;
                free.push(number);
            }
            is_kept
        });
    }

    #[inline]
    fn probe(&self, hash: u64, prefix: &[u8]) -> Option<Slot> {
        let mask = self.places.len().checked_sub(1)?;
        let mut place = start_of(hash, mask);
        // The table is never full, so that an empty place comes.
        loop {
            let found = self.places[place];
            let number = low(found).checked_sub(1)?;
            if found >> 32 == hash >> 32
                && let Some(entry) = self.entries.get(number as usize)
                && entry.prefix.as_str().as_bytes() == prefix
            {
                return Some(Slot(number));
            }
            place = (place + 1) & mask;
        }
    }

    fn occupy(&mut self, hash: u64, number: u32) {
        let mask = self.places.len() - 1;
        let mut place = start_of(hash, mask);
        while self.places[place] != 0 {
            place = (place + 1) & mask;
        }
        self.places[place] = hash >> 32 << 32 | u64::from(number + 1);
    }

    /// Empties the place of `number` and moves up what had to step aside for it.
    fn vacate(&mut self, hash: u64, number: u32) {
        let mask = self.places.len() - 1;
        let mut hole = start_of(hash, mask);
        while low(self.places[hole]) != number + 1 {
            hole = (hole + 1) & mask;
        }
        let mut place = hole;
        loop {
            place = (place + 1) & mask;
            let found = self.places[place];
            let Some(other) = low(found).checked_sub(1) else {
                break;
            };
            let home = start_of(self.entries[other as usize].hash, mask);
            // It may move into the hole unless its home lies after the hole.
            if place.wrapping_sub(home) & mask >= place.wrapping_sub(hole) & mask {
                self.places[hole] = found;
                hole = place;
            }
        }
        self.places[hole] = 0;
    }

    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(16);
        let before = std::mem::replace(&mut self.places, vec![0; size]);
        for found in before {
            if let Some(number) = low(found).checked_sub(1) {
                self.occupy(self.entries[number as usize].hash, number);
            }
        }
    }
}

/// The lower half of a hash says where to begin; the upper half stands in the place.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the mask is below 2^32, and the lower half is wanted"
)]
fn start_of(hash: u64, mask: usize) -> usize {
    hash as usize & mask
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn low(place: u64) -> u32 {
    place as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn map(prefixes: &[&str]) -> PrefixMap<String> {
        let mut map = PrefixMap::default();
        for prefix in prefixes {
            map.insert(Prefix::new(prefix).unwrap(), (*prefix).to_owned());
        }
        map
    }

    fn longest<'a>(map: &'a PrefixMap<String>, address: &str) -> Option<&'a str> {
        map.longest(address, |_| true)
            .map(|slot| map.value(slot).as_str())
    }

    #[test]
    fn cuts_fall_on_segments() {
        let map = map(&["", "g", "g.us.", "g.us.bank", "..", "a.."]);
        for (address, expected) in [
            ("g.us.bank.x", "g.us.bank"),
            ("g.us.bankers", "g.us."),
            ("g.us", "g"),
            ("g.", "g"),
            ("gg", ""),
            ("", ""),
            ("..x", ".."),
            ("a..", "a.."),
            ("a...b", "a.."),
        ] {
            assert_eq!(longest(&map, address), Some(expected), "{address}");
        }
    }

    #[test]
    fn a_refused_match_gives_way_to_a_shorter_one() {
        let map = map(&["g.", "g.us."]);
        let us = map.get("g.us.").unwrap();
        let found = map.longest("g.us.x", |slot| slot != us).unwrap();
        assert_eq!(map.value(found), "g.");
    }

    proptest::proptest! {
        #[test]
        fn prop_as_a_slow_twin(
            operations in proptest::collection::vec(("[ab.]{0,5}", proptest::bool::ANY), 0..200),
            asked in proptest::collection::vec("[ab.]{0,7}", 0..20),
        ) {
            let mut map = PrefixMap::default();
            let mut twin = BTreeMap::new();
            for (text, insert) in operations {
                let prefix = Prefix::new(&text).unwrap();
                if insert {
                    map.insert(prefix.clone(), text.clone());
                    twin.insert(prefix, text);
                } else if let Some(slot) = map.get(&text) {
                    proptest::prop_assert_eq!(map.remove(slot), twin.remove(&prefix));
                } else {
                    proptest::prop_assert!(!twin.contains_key(&prefix));
                }
            }
            let listed: Vec<_> = map.iter().map(|(prefix, _)| prefix.clone()).collect();
            proptest::prop_assert_eq!(listed, twin.keys().cloned().collect::<Vec<_>>());
            for address in asked {
                let slow = twin.keys().filter(|p| p.covers(&address)).max_by_key(|p| p.as_str().len());
                let fast = map.longest(&address, |_| true).map(|slot| map.prefix(slot));
                proptest::prop_assert_eq!(fast, slow);
                let under: Vec<_> = map.starting_with(&address).map(|(p, _)| p).collect();
                let slow: Vec<_> =
                    twin.keys().filter(|p| p.as_str().starts_with(&address)).collect();
                proptest::prop_assert_eq!(under, slow);
            }
        }
    }
}
