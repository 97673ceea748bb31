//! The slots at which one hop announces something: a bit each, in words that exist where one is set.

use std::collections::BTreeMap;

use super::Slot;

/// A set of slots, listed in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct SlotSet {
    words: BTreeMap<u32, u64>,
    len: usize,
}

impl SlotSet {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        let word = self.words.get(&(slot.0 / 64));
        word.is_some_and(|word| word & bit(slot) != 0)
    }

    pub(super) fn insert(&mut self, slot: Slot) {
        let word = self.words.entry(slot.0 / 64).or_default();
        self.len += usize::from(*word & bit(slot) == 0);
        *word |= bit(slot);
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        let Some(word) = self.words.get_mut(&(slot.0 / 64)) else {
            return;
        };
        self.len -= usize::from(*word & bit(slot) != 0);
        *word &= !bit(slot);
        if *word == 0 {
            self.words.remove(&(slot.0 / 64));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        self.words.iter().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let next = left.trailing_zeros();
                left &= left.checked_sub(1)?;
                Some(Slot(at * 64 + next))
            })
        })
    }
}

fn bit(slot: Slot) -> u64 {
    1 << (slot.0 % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    proptest::proptest! {
        #[test]
        fn prop_as_a_set_of_numbers(
            operations in proptest::collection::vec((0u32..300, proptest::bool::ANY), 0..300),
        ) {
            let mut set = SlotSet::default();
            let mut twin = BTreeSet::new();
            for (number, insert) in operations {
                if insert {
                    set.insert(Slot(number));
                    twin.insert(number);
                } else {
                    set.remove(Slot(number));
                    twin.remove(&number);
                }
                proptest::prop_assert_eq!(set.len(), twin.len());
                proptest::prop_assert_eq!(set.is_empty(), twin.is_empty());
                proptest::prop_assert_eq!(set.contains(Slot(number)), twin.contains(&number));
            }
            let listed: Vec<u32> = set.iter().map(|slot| slot.0).collect();
            proptest::prop_assert_eq!(listed, twin.into_iter().collect::<Vec<_>>());
        }
    }
}
