//! Alternative paths of a route, kept without memory where there is only the direct one.

use std::sync::Arc;

use super::Path;
use crate::address::IlpAddress;

/// Alternative lists of ledgers between next ledger and destination: never none, in the order in
/// which they were found, each once. Cheap to clone; the direct path alone takes no memory.
///
/// ```
/// use c2c::route::Paths;
/// assert_eq!(Paths::DIRECT.iter().count(), 1);
/// assert_eq!(Paths::DIRECT.longest(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths(Option<Arc<[Path]>>);

impl Paths {
    /// One path, with nothing between.
    pub const DIRECT: Paths = Paths(None);

    /// The `paths` given, without repetitions; the direct one if there is none.
    pub fn new<P: AsRef<[IlpAddress]>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut paths = paths.into_iter();
        let Some(first) = paths.next() else {
            return Self::DIRECT;
        };
        match paths.next() {
            // The direct one alone, which nearly all routes have, takes no memory.
            None if first.as_ref().is_empty() => Self::DIRECT,
            second => {
                let all = [Some(first), second].into_iter().flatten().chain(paths);
                Self::from_distinct(all.map(|path| Path::from(path.as_ref())))
            }
        }
    }

    /// Each alternative in turn.
    pub fn iter(&self) -> impl Iterator<Item = &[IlpAddress]> {
        let direct: Option<&[IlpAddress]> = self.0.is_none().then_some(&[]);
        direct.into_iter().chain(
            self.0
                .iter()
                .flat_map(|paths| paths.iter().map(|path| &**path)),
        )
    }

    /// Every ledger in any of them.
    pub fn ledgers(&self) -> impl Iterator<Item = &IlpAddress> {
        self.iter().flatten()
    }

    /// How many alternatives there are, at least 1.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(1, |paths| paths.len())
    }

    /// How many ledgers the longest has.
    pub fn longest(&self) -> usize {
        let Some(paths) = &self.0 else { return 0 };
        paths.iter().map(|path| path.len()).max().unwrap_or(0)
    }

    /// Whether there is only the direct one.
    pub fn is_direct(&self) -> bool {
        self.0.is_none()
    }

    /// Every path of these, then `between`, then every path of `tail`.
    pub fn through(&self, between: &[IlpAddress], tail: &Paths) -> Paths {
        if between.is_empty() && self.is_direct() {
            return tail.clone();
        }
        if between.is_empty() && tail.is_direct() {
            return self.clone();
        }
        Self::from_distinct(self.iter().flat_map(|head| {
            tail.iter()
                .map(move |tail| head.iter().chain(between).chain(tail).cloned().collect())
        }))
    }

    /// These, and those of `other` that are not among them.
    pub fn union(&self, other: &Paths) -> Paths {
        if self == other {
            return self.clone();
        }
        Self::new(self.iter().chain(other.iter()))
    }

    fn from_distinct(paths: impl Iterator<Item = Path>) -> Self {
        let mut distinct: Vec<Path> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for path in paths {
            if seen.insert(path.clone()) {
                distinct.push(path);
            }
        }
        match distinct.as_slice() {
            [] => Self::DIRECT,
            [only] if only.is_empty() => Self::DIRECT,
            _ => Self(Some(distinct.into())),
        }
    }
}
