//! Shapes of networks: who peers with whom.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Random;

/// A shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topology {
    /// Each with the next.
    Line,
    /// A line whose ends meet.
    Ring,
    /// All with the first.
    Star,
    /// Each with one that was there before, of which none has more than two.
    Tree,
    /// Rows and columns.
    Grid,
    /// A tree by chance, and as many links again between any two.
    Random,
    /// Each newcomer with two, the rather the more peers they have.
    ScaleFree,
    /// Two lines from the first to the last.
    Parallel,
    /// Each newcomer with one, the rather the more peers it has, and one in ten with a second: a few that
    /// nearly everybody goes through, many at the edge with a single peer, and a ring here and there.
    Internet,
}

impl Topology {
    /// Every shape.
    pub const ALL: [Topology; 9] = [
        Self::Line,
        Self::Ring,
        Self::Star,
        Self::Tree,
        Self::Grid,
        Self::Random,
        Self::ScaleFree,
        Self::Parallel,
        Self::Internet,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Ring => "ring",
            Self::Star => "star",
            Self::Tree => "tree",
            Self::Grid => "grid",
            Self::Random => "random",
            Self::ScaleFree => "scale-free",
            Self::Parallel => "parallel",
            Self::Internet => "internet",
        }
    }

    /// The pairs that peer among `count` connectors, the smaller number first, each pair once. Together
    /// they reach everybody.
    pub fn links(self, count: usize, random: &mut Random) -> Vec<(usize, usize)> {
        let mut links = BTreeSet::new();
        let mut add = |a: usize, b: usize| {
            if a != b {
                links.insert((a.min(b), a.max(b)));
            }
        };
        match self {
            Self::Line => (1..count).for_each(|i| add(i - 1, i)),
            Self::Ring => (0..count).for_each(|i| add(i, (i + 1) % count)),
            Self::Star => (1..count).for_each(|i| add(0, i)),
            Self::Tree => (1..count).for_each(|i| add((i - 1) / 2, i)),
            Self::Grid => {
                let wide = count.isqrt().max(1);
                for i in 0..count {
                    if i % wide > 0 {
                        add(i - 1, i);
                    }
                    if i >= wide {
                        add(i - wide, i);
                    }
                }
            }
            Self::Random => {
                (1..count).for_each(|i| add(i, random.place(i)));
                (0..count).for_each(|_| add(random.place(count), random.place(count)));
            }
            Self::ScaleFree | Self::Internet => {
                // Every end of every link is a ticket: whoever has more links is drawn more often.
                let mut tickets = vec![0];
                for i in 1..count {
                    let peers = match self {
                        Self::Internet if i % 10 != 0 => 1,
                        _ => 2,
                    };
                    for _ in 0..peers {
                        let to = tickets[random.place(tickets.len())];
                        add(i, to);
                        tickets.push(to);
                    }
                    tickets.extend(vec![i; peers]);
                }
            }
            Self::Parallel => {
                let last = count.saturating_sub(1);
                let half = last.div_ceil(2);
                // 0 – 1 – … – half – last, and 0 – half+1 – … – last.
                (1..=half.min(last)).for_each(|i| add(i - 1, i));
                add(half, last);
                let mut before = 0;
                for i in half + 1..=last {
                    add(before, i);
                    before = i;
                }
            }
        }
        links.into_iter().collect()
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_reaches_everybody() {
        for topology in Topology::ALL {
            for count in [1, 2, 3, 4, 5, 9, 10, 30, 100] {
                let links = topology.links(count, &mut Random::new(count as u64));
                let mut reached = BTreeSet::from([0]);
                while let Some((a, b)) = links
                    .iter()
                    .find(|(a, b)| reached.contains(a) != reached.contains(b))
                {
                    reached.extend([*a, *b]);
                }
                assert_eq!(reached.len(), count, "{topology} of {count}");
                assert!(links.iter().all(|(a, b)| a < b && *b < count));
            }
        }
    }

    #[test]
    fn shapes_are_what_they_are_called() {
        let links = |topology: Topology, count| topology.links(count, &mut Random::new(1));
        assert_eq!(links(Topology::Line, 3), [(0, 1), (1, 2)]);
        assert_eq!(links(Topology::Ring, 3), [(0, 1), (0, 2), (1, 2)]);
        assert_eq!(links(Topology::Star, 3), [(0, 1), (0, 2)]);
        assert_eq!(links(Topology::Grid, 4), [(0, 1), (0, 2), (1, 3), (2, 3)]);
        assert_eq!(
            links(Topology::Parallel, 6),
            [(0, 1), (0, 4), (1, 2), (2, 3), (3, 5), (4, 5)]
        );
        let most = (0..60)
            .map(|i| {
                links(Topology::ScaleFree, 60)
                    .iter()
                    .filter(|(a, b)| *a == i || *b == i)
                    .count()
            })
            .max();
        assert!(most > Some(8), "some have many peers: {most:?}");
    }
}
