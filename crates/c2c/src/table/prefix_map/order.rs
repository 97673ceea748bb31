//! The order in which prefixes are listed, made when somebody asks and kept until something is added.
//!
//! Adding a prefix costs no comparison. What was added since somebody asked is sorted once at the next
//! listing, and put among the rest with the next addition.

use std::sync::OnceLock;

/// Numbers of prefixes: a part that is sorted, and what came since.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    sorted: Vec<u32>,
    recent: Vec<u32>,
    /// The recent ones, sorted; made by the first listing after a change.
    asked: OnceLock<Vec<u32>>,
    /// How many of both are removed prefixes.
    removed: usize,
}

impl Order {
    /// The sorted part and the recent one, each in order. `text` is a number's prefix.
    pub(super) fn listed<'a>(&'a self, text: impl Fn(u32) -> &'a str) -> [&'a [u32]; 2] {
        let recent = self.asked.get_or_init(|| {
            let mut recent = self.recent.clone();
            recent.sort_by(|a, b| text(*a).cmp(text(*b)));
            recent
        });
        [&self.sorted, recent]
    }

    /// To be called before a number is added: what was sorted for a listing goes among the rest.
    pub(super) fn make_room<'a>(&mut self, text: impl Fn(u32) -> &'a str) {
        let Some(recent) = self.asked.take() else {
            return;
        };
        self.recent.clear();
        if recent.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity(self.sorted.len() + recent.len());
        let mut rest = self.sorted.as_slice();
        for number in recent {
            let before = ends_before(rest, |known| text(known) < text(number));
            merged.extend_from_slice(&rest[..before]);
            merged.push(number);
            rest = &rest[before..];
        }
        merged.extend_from_slice(rest);
        self.sorted = merged;
    }

    /// A new prefix has this number.
    pub(super) fn push(&mut self, number: u32) {
        self.recent.push(number);
    }

    /// A prefix was removed. Whether it is time to drop the removed ones.
    pub(super) fn note_removed(&mut self) -> bool {
        self.removed += 1;
        self.removed > 64 + (self.sorted.len() + self.recent.len()) / 2
    }

    /// Keeps the numbers that `keep` keeps: those that were not removed.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        self.sorted.retain(|number| keep(*number));
        match self.asked.take() {
            // What was sorted for a listing holds the same numbers, in order.
            Some(mut recent) => {
                recent.retain(|number| keep(*number));
                self.recent.clone_from(&recent);
                self.asked = OnceLock::from(recent);
            }
            None => self.recent.retain(|number| keep(*number)),
        }
        self.removed = 0;
    }
}

/// How many at the beginning of `list` satisfy `before`, found in steps that double: they are few.
fn ends_before(list: &[u32], before: impl Fn(u32) -> bool) -> usize {
    let mut step = 1;
    while list.get(step - 1).is_some_and(|number| before(*number)) {
        step *= 2;
    }
    let from = step / 2;
    let to = list.len().min(step);
    from + list[from..to].partition_point(|number| before(*number))
}
