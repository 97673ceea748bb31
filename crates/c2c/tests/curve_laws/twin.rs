//! The slow plain twin: what a curve means, written down once more, with nothing in common with the
//! engine but the definition. Heights are exact fractions; look-ups go through every point.

use std::cmp::Ordering;

/// An exact height: `whole + part / of`.
#[derive(Clone, Copy, Debug)]
pub struct Height {
    pub whole: u64,
    pub part: u64,
    pub of: u64,
}

impl Height {
    fn exactly(whole: u64) -> Self {
        Self {
            whole,
            part: 0,
            of: 1,
        }
    }
}

impl PartialEq for Height {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Height {}

impl PartialOrd for Height {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Height {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u128::from(self.part) * u128::from(other.of);
        let right = u128::from(other.part) * u128::from(self.of);
        self.whole.cmp(&other.whole).then(left.cmp(&right))
    }
}

/// The exact height of the curve through `points` at `x`: nothing before the first point, the last y
/// after the last.
pub fn height(points: &[(u64, u64)], x: u64) -> Height {
    let mut before: Option<(u64, u64)> = None;
    for &(px, py) in points {
        if px == x {
            return Height::exactly(py);
        }
        if px > x {
            return match before {
                None => Height::exactly(0),
                Some((ax, ay)) => {
                    let product = u128::from(py - ay) * u128::from(x - ax);
                    let dx = u128::from(px - ax);
                    Height {
                        whole: ay + u64::try_from(product / dx).expect("at most py - ay"),
                        part: u64::try_from(product % dx).expect("below dx"),
                        of: px - ax,
                    }
                }
            };
        }
        before = Some((px, py));
    }
    Height::exactly(before.expect("a point").1)
}

/// What comes out in whole units.
pub fn amount(points: &[(u64, u64)], x: u64) -> u64 {
    height(points, x).whole
}

/// The least x with `amount(x) >= y`, by halving.
pub fn least_source(points: &[(u64, u64)], y: u64) -> Option<u64> {
    if amount(points, u64::MAX) < y {
        return None;
    }
    let (mut below, mut enough) = (0, u64::MAX);
    while below < enough {
        let middle = below + (enough - below) / 2;
        if amount(points, middle) >= y {
            enough = middle;
        } else {
            below = middle + 1;
        }
    }
    Some(enough)
}
