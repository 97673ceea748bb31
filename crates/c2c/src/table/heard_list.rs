//! What is heard of one prefix: nearly always from one hop, and then it takes no memory of its own.

use std::ops::{Deref, DerefMut};

use super::Heard;

/// A list of what was heard, which stands in place where it is one.
#[derive(Clone, Debug, Default)]
pub(super) enum HeardList {
    #[default]
    None,
    One(Heard),
    /// Never less than two.
    More(Vec<Heard>),
}

impl HeardList {
    /// Adds `heard` behind all others.
    pub(super) fn push(&mut self, heard: Heard) {
        self.insert(self.len(), heard);
    }

    /// Puts `heard` before the one at `place`, or behind all if there is none.
    pub(super) fn insert(&mut self, place: usize, heard: Heard) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(heard),
            Self::One(one) => Self::More(match place {
                0 => vec![heard, one],
                _ => vec![one, heard],
            }),
            Self::More(mut all) => {
                // Few have many: room for eight would be wasted.
                if all.len() < 4 {
                    all.reserve_exact(1);
                }
                all.insert(place, heard);
                Self::More(all)
            }
        };
    }

    /// Takes out those that `gone` names.
    pub(super) fn take(&mut self, gone: impl Fn(&Heard) -> bool) -> Vec<Heard> {
        let all = match std::mem::take(self) {
            Self::None => Vec::new(),
            Self::One(one) => vec![one],
            Self::More(all) => all,
        };
        let (taken, mut kept): (Vec<Heard>, Vec<Heard>) = all.into_iter().partition(gone);
        *self = match kept.len() {
            0 | 1 => kept.pop().map_or(Self::None, Self::One),
            _ => Self::More(kept),
        };
        taken
    }
}

impl Deref for HeardList {
    type Target = [Heard];

    #[inline]
    fn deref(&self) -> &[Heard] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::More(all) => all,
        }
    }
}

impl DerefMut for HeardList {
    fn deref_mut(&mut self) -> &mut [Heard] {
        match self {
            Self::None => &mut [],
            Self::One(one) => std::slice::from_mut(one),
            Self::More(all) => all,
        }
    }
}
