//! Where the cases come from: a seeded sequence of curves of every size, and all of a small world.

/// SplitMix64: small, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// A number of up to `bits` bits, every length as likely.
    pub fn number(&mut self, bits: u64) -> u64 {
        match self.below(bits + 1) {
            0 => 0,
            n => self.next() >> (64 - n),
        }
    }
}

/// Points of a curve: few or some, close or far, from the origin or not, up to 2^64 − 1.
pub fn curve(dice: &mut Dice) -> Vec<(u64, u64)> {
    let count = match dice.below(4) {
        0 => 1 + dice.below(2),
        1 | 2 => 2 + dice.below(4),
        _ => 3 + dice.below(10),
    };
    let (xs, ys) = (bits(dice), bits(dice));
    let mut points = Vec::new();
    let (mut x, mut y) = (0, 0);
    if dice.below(2) == 0 {
        x = dice.number(xs);
        y = if dice.below(2) == 0 {
            dice.number(ys)
        } else {
            0
        };
    }
    points.push((x, y));
    for _ in 1..count {
        let step = 1 + dice.number(xs);
        let rise = if dice.below(5) == 0 {
            0
        } else {
            dice.number(ys)
        };
        let Some(next) = x.checked_add(step) else {
            break;
        };
        x = next;
        y = y.saturating_add(rise);
        points.push((x, y));
    }
    if dice.below(16) == 0 && x < u64::MAX {
        points.push((u64::MAX, y.saturating_add(dice.number(64))));
    }
    points
}

fn bits(dice: &mut Dice) -> u64 {
    [3, 6, 12, 31, 33, 53, 61, 64][usize::try_from(dice.below(8)).expect("small")]
}

/// A source amount worth asking about: on, beside or between the points.
pub fn amount(dice: &mut Dice, curves: &[&[(u64, u64)]]) -> u64 {
    let pick = |dice: &mut Dice| {
        let curve = curves[usize::try_from(dice.below(curves.len() as u64)).expect("small")];
        curve[usize::try_from(dice.below(curve.len() as u64)).expect("small")].0
    };
    let x = pick(dice);
    match dice.below(8) {
        0 | 1 => x,
        2 => x.saturating_add(1),
        3 => x.saturating_sub(1),
        4 => dice.number(64),
        5 => x.saturating_add(dice.number(8)),
        6 => x.saturating_sub(dice.number(8)),
        _ => {
            let (a, b) = (x.min(u64::MAX - 1), pick(dice));
            let (lo, hi) = (a.min(b), a.max(b));
            lo + dice.below((hi - lo).saturating_add(1))
        }
    }
}

/// Every curve of up to three points on the grid 0 … 6.
pub fn small_world() -> Vec<Vec<(u64, u64)>> {
    grid_curves(7, 3)
}

/// Every curve of up to `most` points on a grid of `size` by `size`.
pub fn grid_curves(size: u64, most: usize) -> Vec<Vec<(u64, u64)>> {
    fn grow(size: u64, most: usize, points: &mut Vec<(u64, u64)>, all: &mut Vec<Vec<(u64, u64)>>) {
        if points.len() == most {
            return;
        }
        let (x0, y0) = points.last().map_or((0, 0), |p| (p.0 + 1, p.1));
        for x in x0..size {
            for y in y0..size {
                points.push((x, y));
                all.push(points.clone());
                grow(size, most, points, all);
                points.pop();
            }
        }
    }
    let mut all = Vec::new();
    grow(size, most, &mut Vec::new(), &mut all);
    all
}
