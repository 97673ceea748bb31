//! Exact arithmetic on the straight pieces of a curve.
//!
//! Products of two coordinates take 128 bits and of three 192. Where the sides of a piece are below
//! 2^32 everything fits into 64 bits, which is several times faster in wasm; the test for it costs
//! next to nothing.

use std::cmp::Ordering;

use super::Point;

/// The straight line from (x0, y0) to (x0 + dx, y0 + dy); dx is never 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub x0: u64,
    pub y0: u64,
    pub dx: u64,
    pub dy: u64,
}

impl Line {
    /// From `a` to `b`, neighbours on a curve.
    pub fn between(a: Point, b: Point) -> Self {
        Self {
            x0: a.x,
            y0: a.y,
            dx: b.x - a.x,
            dy: b.y - a.y,
        }
    }

    /// What follows the last point of a curve.
    pub fn flat(from: Point) -> Self {
        Self {
            x0: from.x,
            y0: from.y,
            dx: (u64::MAX - from.x).max(1),
            dy: 0,
        }
    }

    /// Whether products of two sides fit into 64 bits.
    fn is_narrow(&self) -> bool {
        (self.dx | self.dy) >> 32 == 0
    }

    /// The height at `x`, rounded down, on the line or prolonged; far off it need not be exact, only
    /// far above or below every amount.
    pub fn floor_at(&self, x: u64) -> i128 {
        let product = |run: u64| wide(self.dy, run);
        if x < self.x0 {
            let down = product(self.x0 - x).div_ceil(u128::from(self.dx));
            return i128::from(self.y0) - signed(down);
        }
        let run = x - self.x0;
        let up = if (self.dy | run) >> 32 == 0 {
            u128::from(self.dy * run / self.dx)
        } else {
            product(run) / u128::from(self.dx)
        };
        i128::from(self.y0) + signed(up)
    }

    /// The height at an `x` on the line: whole units, and what is left of the product.
    fn height(&self, x: u64) -> (u64, u64) {
        let run = x - self.x0;
        if self.is_narrow() {
            let product = self.dy * run;
            (self.y0 + product / self.dx, product % self.dx)
        } else {
            let product = u128::from(self.dy) * u128::from(run);
            let dx = u128::from(self.dx);
            // run <= dx: the quotient is at most dy, the rest below dx.
            (self.y0 + low(product / dx), low(product % dx))
        }
    }

    /// Where the line passes whole units at `x` for sure: its ends.
    fn corner(&self, x: u64) -> Option<u64> {
        if x == self.x0 {
            Some(self.y0)
        } else if x - self.x0 == self.dx {
            Some(self.y0 + self.dy)
        } else {
            None
        }
    }

    /// Compares a whole height `y` with the line at an `x` on it.
    pub fn compare_height(&self, y: u64, x: u64) -> Ordering {
        if y < self.y0 {
            return Ordering::Less;
        }
        let (rise, run) = (y - self.y0, x - self.x0);
        if rise > self.dy {
            return Ordering::Greater;
        }
        if self.is_narrow() {
            (rise * self.dx).cmp(&(self.dy * run))
        } else {
            wide(rise, self.dx).cmp(&wide(self.dy, run))
        }
    }

    /// Compares the exact heights of two lines at an `x` on both.
    pub fn compare_at(&self, other: &Line, x: u64) -> Ordering {
        if let Some(y) = self.corner(x) {
            return other.compare_height(y, x);
        }
        if let Some(y) = other.corner(x) {
            return self.compare_height(y, x).reverse();
        }
        let (whole, rest) = self.height(x);
        let (other_whole, other_rest) = other.height(x);
        whole
            .cmp(&other_whole)
            .then_with(|| wide(rest, other.dx).cmp(&wide(other_rest, self.dx)))
    }

    /// How many whole steps from `lo`, an x on both lines, the order of their heights stays as it is
    /// there; at some x on both lines further right it is different. With `lower`, being level
    /// still counts as the same order.
    pub fn steps_until_crossing(&self, other: &Line, lo: u64, level_is_same: bool) -> u64 {
        let (gap, closing) = self.gap_and_closing(other, lo);
        if level_is_same {
            gap.divide(closing)
        } else {
            gap.divide_below(closing)
        }
    }

    /// The distance of the two lines at `lo`, and by how much it changes with each unit of x, both
    /// times `self.dx * other.dx`, without their signs.
    pub fn gap_and_closing(&self, other: &Line, lo: u64) -> (U192, u128) {
        let base = self.y0.min(other.y0);
        // Heights over the base, times dx: below 2^64 times 2^64, as `lo` is on both lines.
        let over = |line: &Line| wide(line.y0 - base, line.dx) + wide(line.dy, lo - line.x0);
        let mine = U192::product(over(self), other.dx);
        let its = U192::product(over(other), self.dx);
        let closing = wide(self.dy, other.dx).abs_diff(wide(other.dy, self.dx));
        (mine.distance(its), closing)
    }

    /// The line with x and y exchanged; it must not be flat.
    pub fn mirrored(&self) -> Line {
        Line {
            x0: self.y0,
            y0: self.x0,
            dx: self.dy,
            dy: self.dx,
        }
    }
}

/// The product of two coordinates.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn wide(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// The product of two coordinates, by halves: wasm has no such multiplication, and a call for it
/// through memory costs several times as much.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
pub(super) fn wide(a: u64, b: u64) -> u128 {
    const LOW: u64 = 0xffff_ffff;
    let (a_high, a_low, b_high, b_low) = (a >> 32, a & LOW, b >> 32, b & LOW);
    let lowest = a_low * b_low;
    let cross = a_low * b_high;
    // At most (2^32 - 1)^2 + 2 * (2^32 - 1): it fits.
    let middle = a_high * b_low + (cross & LOW) + (lowest >> 32);
    let high = a_high * b_high + (cross >> 32) + (middle >> 32);
    u128::from(high) << 64 | u128::from(middle << 32 | lowest & LOW)
}

/// `a * b / (c * d)`, rounded down, and whether that is exact. `c * d` is not 0, and the quotient is
/// known to fit.
pub(super) fn quotient(a: u64, b: u64, c: u64, d: u64) -> (u64, bool) {
    if (a | b | c | d) >> 32 == 0 {
        let (top, bottom) = (a * b, c * d);
        let quotient = top / bottom;
        (quotient, quotient * bottom == top)
    } else {
        quotient_wide(a, b, c, d)
    }
}

/// The same for any size, out of the way of what is small.
#[inline(never)]
fn quotient_wide(a: u64, b: u64, c: u64, d: u64) -> (u64, bool) {
    let (top, bottom) = (wide(a, b), wide(c, d));
    let quotient = top / bottom;
    (low(quotient), quotient * bottom == top)
}

/// A value that is known to fit into 64 bits.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn low(value: u128) -> u64 {
    debug_assert!(value >> 64 == 0);
    value as u64
}

/// A value whose top bit does not matter: nothing here that is compared gets that large.
fn signed(value: u128) -> i128 {
    i128::try_from(value).unwrap_or(i128::MAX >> 1)
}

/// A whole number of 192 bits: `hi * 2^64 + lo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct U192 {
    hi: u128,
    lo: u64,
}

impl U192 {
    /// A product.
    #[allow(clippy::cast_possible_truncation)] // the halves
    pub fn product(a: u128, b: u64) -> Self {
        let low = u128::from(a as u64) * u128::from(b);
        let high = (a >> 64) * u128::from(b) + (low >> 64);
        Self {
            hi: high,
            lo: low as u64,
        }
    }

    /// The distance between two numbers.
    fn distance(self, other: Self) -> Self {
        let (a, b) = if self >= other {
            (self, other)
        } else {
            (other, self)
        };
        let (lo, borrow) = a.lo.overflowing_sub(b.lo);
        Self {
            hi: a.hi - b.hi - u128::from(borrow),
            lo,
        }
    }

    /// The largest n with n * `divisor` <= self; the caller knows that it fits into 64 bits.
    pub fn divide(self, divisor: u128) -> u64 {
        if self.hi >> 64 == 0 {
            let value = self.hi << 64 | u128::from(self.lo);
            return low((value / divisor).min(u128::from(u64::MAX)));
        }
        let mut quotient = 0;
        for bit in (0..64).rev() {
            let next = quotient | 1 << bit;
            if Self::product(divisor, next) <= self {
                quotient = next;
            }
        }
        quotient
    }

    /// The largest n with n * `divisor` < self, which is not 0.
    fn divide_below(self, divisor: u128) -> u64 {
        let quotient = self.divide(divisor);
        quotient - u64::from(Self::product(divisor, quotient) == self)
    }
}
