//! The prefixes of an address that are kept, the longest first.

use super::{PrefixMap, Slot, cuts};

/// As many cuts of an address are remembered in one pass over it: few prefixes have more than four
/// segments, and hardly any ends without a dot.
const REMEMBERED: usize = 8;

/// What is kept of the prefixes of an address, the longest first: that is nearly always the one.
pub(in super::super) struct Matches<'a, T> {
    map: &'a PrefixMap<T>,
    address: &'a [u8],
    /// Hash and length of the last cuts, by their number, which begins again where there is no more room.
    last: [(u64, usize); REMEMBERED],
    /// How many cuts were not tried yet.
    left: usize,
    /// How many of the first are not remembered,
    forgotten: usize,
    /// until they are needed.
    first: Vec<(u64, usize)>,
}

impl<T> Matches<'_, T> {
    #[cold]
    fn remember_first(&mut self) {
        let (most, first) = (self.forgotten, &mut self.first);
        cuts(
            self.address,
            self.map.seed,
            self.map.kinds,
            |hash, length| {
                if first.len() < most {
                    first.push((hash, length));
                }
            },
        );
    }
}

impl<T> Iterator for Matches<'_, T> {
    type Item = Slot;

    #[inline(always)]
    fn next(&mut self) -> Option<Slot> {
        loop {
            self.left = self.left.checked_sub(1)?;
            let (hash, length) = if self.left >= self.forgotten {
                self.last[self.left % REMEMBERED]
            } else {
                if self.first.is_empty() {
                    self.remember_first();
                }
                self.first[self.left]
            };
            let found = self.map.probe(hash, &self.address[..length]);
            if found.is_some() {
                return found;
            }
        }
    }
}

impl<T> PrefixMap<T> {
    /// What is kept of the prefixes of `address`, the longest first.
    #[inline(always)]
    pub(in super::super) fn matches<'a>(&'a self, address: &'a str) -> Matches<'a, T> {
        let address = address.as_bytes();
        let mut last = [(0, 0); REMEMBERED];
        let mut count = 0;
        cuts(address, self.seed, self.kinds, |hash, length| {
            last[count % REMEMBERED] = (hash, length);
            count += 1;
        });
        Matches {
            map: self,
            address,
            last,
            left: count,
            forgotten: count.saturating_sub(REMEMBERED),
            first: Vec::new(),
        }
    }
}
