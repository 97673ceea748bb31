//! Asking a curve.

use super::{Curve, Point, Ratio};

impl Curve {
    /// What comes out for `source` base units going in, rounded down.
    ///
    /// Nothing below the first point; the last y at and beyond the last point
    /// (npm ilp-routing, `LiquidityCurve.amountAt`).
    pub fn amount_at(&self, source: u64) -> u64 {
        let points = self.points();
        let above = points.partition_point(|p| p.x <= source);
        match (points.get(above.wrapping_sub(1)), points.get(above)) {
            (None, _) => 0,
            (Some(last), None) => last.y,
            (Some(&a), Some(&b)) => between(a, b, source),
        }
    }

    /// [`amount_at`](Self::amount_at) for many amounts.
    pub fn amounts_at(&self, sources: &[u64]) -> Vec<u64> {
        sources.iter().map(|&x| self.amount_at(x)).collect()
    }

    /// The least amount going in for which at least `destination` comes out, exactly: one unit less
    /// delivers less. None where the curve never delivers that much.
    pub fn least_source_for(&self, destination: u64) -> Option<u64> {
        if destination == 0 {
            return Some(0);
        }
        self.reverse(destination, true)
    }

    /// The amount going in for `destination` coming out as ilp-routing 10.1.0 has it: rounded
    /// **down**, so it may deliver less (npm ilp-routing, `LiquidityCurve.amountReverse`).
    ///
    /// ```
    /// # use c2c::curve::Curve;
    /// let curve = Curve::from_points([(0, 0), (10, 3)])?;
    /// assert_eq!(curve.amount_reverse(1), Some(3));
    /// assert_eq!(curve.amount_at(3), 0);
    /// assert_eq!(curve.least_source_for(1), Some(4));
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn amount_reverse(&self, destination: u64) -> Option<u64> {
        self.reverse(destination, false)
    }

    /// The rate of the next unit after `source`, as an exact fraction: the slope of the line that leaves
    /// there. Zero before the first point and from the last one on.
    ///
    /// ```
    /// # use c2c::curve::{Curve, Ratio};
    /// let curve = Curve::from_points([(0, 0), (100, 99), (300, 199)])?;
    /// assert_eq!(curve.marginal_rate(100), Ratio::new(1, 2).expect("not over zero"));
    /// assert_eq!(curve.average_rate(300), Ratio::new(199, 300));
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn marginal_rate(&self, source: u64) -> Ratio {
        let points = self.points();
        let above = points.partition_point(|p| p.x <= source);
        match (points.get(above.wrapping_sub(1)), points.get(above)) {
            (Some(a), Some(b)) => {
                let slope = Ratio::new((b.y - a.y).into(), (b.x - a.x).into());
                slope.unwrap_or(Ratio::ZERO)
            }
            _ => Ratio::ZERO,
        }
    }

    /// What comes out for `source`, for each unit of it, as an exact fraction; None for nothing.
    pub fn average_rate(&self, source: u64) -> Option<Ratio> {
        Ratio::new(self.amount_at(source).into(), source.into())
    }

    fn reverse(&self, y: u64, up: bool) -> Option<u64> {
        let points = self.points();
        let at = points.partition_point(|p| p.y < y);
        let &b = points.get(at)?;
        let Some(&a) = points.get(at.wrapping_sub(1)) else {
            return Some(b.x);
        };
        let (dx, dy, rise) = (b.x - a.x, b.y - a.y, y - a.y);
        // rise <= dy, so the quotient is at most dx, rounded up too.
        let offset = if is_narrow(dx, rise) {
            let product = dx * rise;
            if up {
                product.div_ceil(dy)
            } else {
                product / dy
            }
        } else {
            let product = u128::from(dx) * u128::from(rise);
            let quotient = if up {
                product.div_ceil(u128::from(dy))
            } else {
                product / u128::from(dy)
            };
            narrow(quotient)
        };
        Some(a.x + offset)
    }
}

/// The y, rounded down, at `x` on the line from `a` to `b`; a.x <= x <= b.x.
fn between(a: Point, b: Point, x: u64) -> u64 {
    let (dx, dy, run) = (b.x - a.x, b.y - a.y, x - a.x);
    if is_narrow(dy, run) {
        a.y + dy * run / dx
    } else {
        // run <= dx, so the quotient is at most dy.
        a.y + narrow(u128::from(dy) * u128::from(run) / u128::from(dx))
    }
}

/// Whether a product fits into 64 bits for sure: it has no more bits than both factors together.
fn is_narrow(a: u64, b: u64) -> bool {
    // To count bits takes longer than to see that both are small.
    (a | b) >> 32 == 0 || a.leading_zeros() + b.leading_zeros() >= 64
}

/// A value that is known to fit.
#[allow(clippy::cast_possible_truncation)]
fn narrow(value: u128) -> u64 {
    debug_assert!(value >> 64 == 0);
    value as u64
}
