//! The curves that the benchmark runs on. `curve.mjs` makes the same ones.

/// SplitMix64.
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
}

/// A curve of `count` points from the origin, with random steps of up to `bits` bits in x and y.
pub fn curve(seed: u64, count: usize, bits: u32) -> Vec<(u64, u64)> {
    let mut dice = Dice::new(seed);
    let (mut x, mut y) = (0, 0);
    let mut points = vec![(0, 0)];
    while points.len() < count {
        x += 1 + (dice.next() >> (64 - bits));
        y += dice.next() >> (64 - bits);
        points.push((x, y));
    }
    points
}
