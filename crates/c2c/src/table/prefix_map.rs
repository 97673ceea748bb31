//! Prefixes to values: found by the longest match in a few probes, listed in order.
//!
//! The longest match costs one pass over the address and one probe for each place where it can be
//! cut, places at which no prefix of the map ends being left out. How the map hashes never shows:
//! whatever is listed comes from an ordered index.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::route::Prefix;

/// The number under which a prefix is kept. Numbers of removed prefixes are given out again.
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
    entries: Vec<Option<Entry<T>>>,
    free: Vec<u32>,
    /// Open addressing: the slot's number plus one, 0 for an empty place. A power of two long.
    places: Vec<u32>,
    ordered: BTreeMap<Prefix, u32>,
    /// How many prefixes end at each kind of cut (see [`Cuts`]).
    kinds: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    prefix: Prefix,
    hash: u64,
    value: T,
}

impl<T> Default for PrefixMap<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            places: Vec::new(),
            ordered: BTreeMap::new(),
            kinds: Vec::new(),
        }
    }
}

impl<T> PrefixMap<T> {
    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.ordered.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ordered.is_empty()
    }

    /// Where exactly `prefix` is kept.
    pub fn get(&self, prefix: &str) -> Option<Slot> {
        let (kind, hash) = Cuts::whole(prefix);
        self.kinds.get(kind).is_some_and(|n| *n > 0).then_some(())?;
        self.probe(hash, prefix)
    }

    /// Keeps `value` under `prefix` in place of what was there.
    pub fn insert(&mut self, prefix: Prefix, value: T) -> Slot {
        if let Some(slot) = self.get(prefix.as_str()) {
            *self.value_mut(slot) = value;
            return slot;
        }
        let (kind, hash) = Cuts::whole(prefix.as_str());
        if self.kinds.len() <= kind {
            self.kinds.resize(kind + 1, 0);
        }
        self.kinds[kind] += 1;
        if (self.ordered.len() + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        self.ordered.insert(prefix.clone(), number);
        self.entries[number as usize] = Some(Entry {
            prefix,
            hash,
            value,
        });
        self.occupy(hash, number);
        Slot(number)
    }

    /// Takes `slot` out; its number will be given out again.
    pub fn remove(&mut self, slot: Slot) -> Option<T> {
        let entry = self.entries.get_mut(slot.index())?.take()?;
        self.ordered.remove(&entry.prefix);
        self.kinds[Cuts::whole(entry.prefix.as_str()).0] -= 1;
        self.vacate(entry.hash, slot.0);
        self.free.push(slot.0);
        Some(entry.value)
    }

    /// The prefix kept at `slot`.
    ///
    /// # Panics
    /// If `slot` was removed: a slot is good until its removal.
    pub fn prefix(&self, slot: Slot) -> &Prefix {
        &self.entry(slot).prefix
    }

    /// The value kept at `slot`, if it was not removed.
    pub fn at(&self, slot: Slot) -> Option<&T> {
        let entry = self.entries.get(slot.index())?.as_ref()?;
        Some(&entry.value)
    }

    /// The value kept at `slot`. Panics like [`PrefixMap::prefix`].
    pub fn value(&self, slot: Slot) -> &T {
        &self.entry(slot).value
    }

    /// The value kept at `slot`, to change. Panics like [`PrefixMap::prefix`].
    pub fn value_mut(&mut self, slot: Slot) -> &mut T {
        self.entries[slot.index()]
            .as_mut()
            .map(|entry| &mut entry.value)
            .expect("the slot has not been removed")
    }

    /// The longest prefix of `address` that `accept` takes.
    pub fn longest(&self, address: &str, mut accept: impl FnMut(Slot) -> bool) -> Option<Slot> {
        let mut found = None;
        for (kind, hash, length) in Cuts::new(address) {
            if kind >= self.kinds.len() {
                break;
            }
            if self.kinds[kind] == 0 {
                continue;
            }
            if let Some(slot) = self.probe(hash, &address[..length])
                && accept(slot)
            {
                found = Some(slot);
            }
        }
        found
    }

    /// Every prefix in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&Prefix, Slot)> {
        self.ordered
            .iter()
            .map(|(prefix, number)| (prefix, Slot(*number)))
    }

    /// Every prefix that starts with the text `start`, itself among them, in alphabetical order.
    pub fn starting_with<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a Prefix, Slot)> {
        // A text that is no prefix starts nothing.
        let from = Prefix::new(start).ok();
        from.into_iter()
            .flat_map(|from| {
                self.ordered
                    .range((Bound::Included(from), Bound::Unbounded))
            })
            .take_while(move |(prefix, _)| prefix.as_str().starts_with(start))
            .map(|(prefix, number)| (prefix, Slot(*number)))
    }

    fn entry(&self, slot: Slot) -> &Entry<T> {
        self.entries[slot.index()]
            .as_ref()
            .expect("the slot has not been removed")
    }

    fn probe(&self, hash: u64, prefix: &str) -> Option<Slot> {
        let mask = self.places.len().checked_sub(1)?;
        let mut place = start_of(hash, mask);
        // The table is never full, so that an empty place comes.
        loop {
            let number = self.places[place].checked_sub(1)?;
            if let Some(entry) = &self.entries[number as usize]
                && entry.hash == hash
                && entry.prefix.as_str() == prefix
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
        self.places[place] = number + 1;
    }

    /// Empties the place of `number` and moves up what had to step aside for it.
    fn vacate(&mut self, hash: u64, number: u32) {
        let mask = self.places.len() - 1;
        let mut hole = start_of(hash, mask);
        while self.places[hole] != number + 1 {
            hole = (hole + 1) & mask;
        }
        let mut place = hole;
        loop {
            place = (place + 1) & mask;
            let Some(other) = self.places[place].checked_sub(1) else {
                break;
            };
            let Some(entry) = &self.entries[other as usize] else {
                break;
            };
            let home = start_of(entry.hash, mask);
            // It may move into the hole unless its home lies after the hole.
            if place.wrapping_sub(home) & mask >= place.wrapping_sub(hole) & mask {
                self.places[hole] = other + 1;
                hole = place;
            }
        }
        self.places[hole] = 0;
    }

    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(16);
        self.places = vec![0; size];
        let occupied: Vec<(u64, u32)> = self
            .ordered
            .values()
            .filter_map(|number| {
                self.entries[*number as usize]
                    .as_ref()
                    .map(|entry| (entry.hash, *number))
            })
            .collect();
        for (hash, number) in occupied {
            self.occupy(hash, number);
        }
    }
}

/// The places at which an address can be cut, from the shortest prefix to the longest: each with its
/// kind, its hash and its length. The empty prefix is of kind 0, the first `i` segments are of kind
/// 2`i` − 1 without and 2`i` with the dot behind them.
struct Cuts<'a> {
    text: &'a [u8],
    at: usize,
    segments: usize,
    hash: u64,
    next: Next,
}

enum Next {
    Nothing,
    Segment,
    Dot,
}

impl<'a> Cuts<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            segments: 0,
            hash: SEED,
            next: Next::Nothing,
        }
    }

    /// Kind and hash of the whole of `text`, its last cut.
    fn whole(text: &str) -> (usize, u64) {
        Cuts::new(text)
            .last()
            .map_or((0, SEED), |(kind, hash, _)| (kind, hash))
    }
}

impl Iterator for Cuts<'_> {
    type Item = (usize, u64, usize);

    fn next(&mut self) -> Option<(usize, u64, usize)> {
        match self.next {
            Next::Nothing => {
                self.next = Next::Segment;
                return Some((0, SEED, 0));
            }
            Next::Segment => {
                let rest = &self.text[self.at..];
                if rest.is_empty() {
                    return None;
                }
                let length = rest.iter().position(|b| *b == b'.').unwrap_or(rest.len());
                self.segments += 1;
                self.at += length;
                if self.at < self.text.len() {
                    self.next = Next::Dot;
                }
                if length > 0 {
                    self.hash = hash_segment(self.hash, &rest[..length]);
                    return Some((2 * self.segments - 1, self.hash, self.at));
                }
                // Of an empty segment there is only the cut behind its dot.
            }
            Next::Dot => {}
        }
        self.next = Next::Segment;
        self.at += 1;
        self.hash = mix(self.hash, DOT);
        Some((2 * self.segments, self.hash, self.at))
    }
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const DOT: u64 = 0xd6e8_feb8_6659_fd93;
const SPREAD: u64 = 0xa076_1d64_78bd_642f;

fn start_of(hash: u64, mask: usize) -> usize {
    // The mask is below 2^32, so that the upper half of the hash is enough.
    (hash >> 32) as usize & mask
}

fn hash_segment(mut hash: u64, segment: &[u8]) -> u64 {
    for word in segment.chunks(8) {
        let mut bytes = [0; 8];
        bytes[..word.len()].copy_from_slice(word);
        hash = mix(hash, u64::from_le_bytes(bytes));
    }
    hash
}

/// Both halves of the product, folded: every bit of either reaches every bit of the result.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the halves of a product are wanted"
)]
fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word) * u128::from(SPREAD);
    (product as u64) ^ ((product >> 64) as u64).wrapping_add(SEED)
}

#[cfg(test)]
mod tests {
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
