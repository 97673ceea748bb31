//! Moving a curve, and cutting it to a range.

use super::{Curve, Point, Rounding};

impl Curve {
    /// The curve moved right by `by` units of the source ledger, or left where `by` is negative.
    ///
    /// What leaves the range 0 to 2^64 − 1 is cut off where it leaves it; None if nothing is left.
    /// A connector moves its public curves right by one unit, to make up for rounding
    /// (npm ilp-routing, `LiquidityCurve.shiftX`).
    ///
    /// DIFFERENCE: ilp-routing refuses a shift that puts a point exactly on 0, and wraps at 2^64.
    ///
    /// ```
    /// # use c2c::curve::Curve;
    /// let curve = Curve::from_points([(0, 0), (5, 5), (10, 10)])?;
    /// let right = curve.shift_x(1).expect("in range");
    /// assert_eq!(right, Curve::from_points([(1, 0), (6, 5), (11, 10)])?);
    /// let left = curve.shift_x(-7).expect("in range");
    /// assert_eq!(left, Curve::from_points([(0, 7), (3, 10)])?);
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn shift_x(&self, by: i128) -> Option<Curve> {
        let Ok(distance) = u64::try_from(by.unsigned_abs()) else {
            // Further than the range is wide.
            let left = by < 0;
            return left.then(|| Curve::known(vec![at(0, self.capacity().y)]));
        };
        let mut points = Vec::with_capacity(self.points().len());
        if by >= 0 {
            let kept = self
                .points()
                .iter()
                .map_while(|p| Some(at(p.x.checked_add(distance)?, p.y)));
            points.extend(kept);
            let end = *points.last()?;
            if points.len() < self.points().len() && end.x < u64::MAX {
                points.push(at(u64::MAX, self.amount_at(u64::MAX - distance)));
            }
        } else {
            if self.origin().x < distance {
                points.push(at(0, self.amount_at(distance)));
            }
            let first = points.len();
            points.extend(
                self.points()
                    .iter()
                    .filter(|p| p.x > distance || (p.x == distance && first == 0))
                    .map(|p| at(p.x - distance, p.y)),
            );
        }
        Some(Curve::known(points))
    }

    /// The curve moved up by `by` units of the destination ledger, or down where `by` is negative.
    ///
    /// Above 2^64 − 1 it is capped. What falls below nothing gives way to one point with y = 0; None
    /// if all of it does. With [`Rounding::Sound`] that point stands at the least amount going in
    /// for which −`by` came out before, with [`Rounding::Reference`] at that amount rounded down
    /// (npm ilp-routing, `LiquidityCurve.shiftY`).
    ///
    /// DIFFERENCE: ilp-routing refuses a shift that puts a point exactly on 0, wraps at 2^64, and
    /// answers the curve of one point 0, 0 where nothing is left.
    pub fn shift_y(&self, by: i128, rounding: Rounding) -> Option<Curve> {
        let distance = u64::try_from(by.unsigned_abs()).ok();
        if by >= 0 {
            let distance = distance.unwrap_or(u64::MAX);
            let up = |p: &Point| at(p.x, p.y.saturating_add(distance));
            return Some(Curve::known(self.points().iter().map(up).collect()));
        }
        let distance = distance?;
        let mut points = Vec::with_capacity(self.points().len());
        if self.origin().y < distance {
            let x = match rounding {
                Rounding::Sound => self.least_source_for(distance)?,
                Rounding::Reference => self.amount_reverse(distance)?,
            };
            let y = match rounding {
                Rounding::Sound => self.amount_at(x) - distance,
                Rounding::Reference => 0,
            };
            points.push(at(x, y));
        }
        let start = points.first().map(|p| p.x);
        points.extend(
            self.points()
                .iter()
                .filter(|p| p.y >= distance && start.is_none_or(|x| p.x > x))
                .map(|p| at(p.x, p.y - distance)),
        );
        Some(Curve::known(points))
    }

    /// The part of the curve whose coordinates do not exceed `max`, and never more than the curve
    /// gives; None where it only begins beyond.
    ///
    /// Curves for software of 2017 are cut at [`MAX_SAFE_2017`](crate::amount::MAX_SAFE_2017): it
    /// cannot broadcast larger numbers.
    pub fn cut_at(&self, max: u64) -> Option<Curve> {
        let end = self.capacity();
        if end.x <= max && end.y <= max {
            return Some(self.clone());
        }
        if self.origin().x > max {
            return None;
        }
        let inside = |p: &&Point| p.x <= max && p.y <= max;
        let mut points: Vec<Point> = self.points().iter().take_while(inside).copied().collect();
        // Where it would reach y = max, or else where it reaches x = max.
        let last = match self.least_source_for(max) {
            Some(x) if x <= max => at(x, max),
            _ => at(max, self.amount_at(max)),
        };
        if points.last().is_none_or(|p| p.x < last.x) {
            points.push(last);
        }
        Some(Curve::known(points))
    }
}

fn at(x: u64, y: u64) -> Point {
    Point { x, y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_range_is_cut_where_it_leaves() {
        let curve = Curve::from_points([(0, 0), (u64::MAX, u64::MAX)]).unwrap();
        let right = curve.shift_x(5).unwrap();
        assert_eq!(right.points(), [at(5, 0), at(u64::MAX, u64::MAX - 5)]);
        assert_eq!(right.shift_x(i128::from(u64::MAX)), None);
        assert_eq!(curve.shift_x(i128::MAX), None);
        let up = curve.shift_y(5, Rounding::Sound).unwrap();
        assert_eq!(up.points(), [at(0, 5), at(u64::MAX, u64::MAX)]);
        assert_eq!(curve.shift_y(i128::MIN, Rounding::Sound), None);
        let far_left = curve.shift_x(i128::MIN).unwrap();
        assert_eq!(far_left.points(), [at(0, u64::MAX)]);
    }

    #[test]
    fn a_point_that_lands_on_zero_stands_once() {
        let curve = Curve::from_points([(0, 0), (5, 5), (10, 10)]).unwrap();
        let left = curve.shift_x(-5).unwrap();
        assert_eq!(left.points(), [at(0, 5), at(5, 10)]);
        let down = curve.shift_y(-5, Rounding::Reference).unwrap();
        assert_eq!(down.points(), [at(5, 0), at(10, 5)]);
        assert_eq!(curve.shift_y(-11, Rounding::Sound), None);
    }

    #[test]
    fn cuts_stay_below_the_curve() {
        let curve = Curve::from_points([(0, 0), (10, 30), (20, 35)]).unwrap();
        assert_eq!(curve.cut_at(16).unwrap().points(), [at(0, 0), at(6, 16)]);
        assert_eq!(curve.cut_at(40).unwrap(), curve);
        let late = Curve::from_points([(50, 0), (60, 1)]).unwrap();
        assert_eq!(late.cut_at(49), None);
        assert_eq!(late.cut_at(55).unwrap().points(), [at(50, 0), at(55, 0)]);
        let jump = Curve::from_points([(3, 50)]).unwrap();
        assert_eq!(jump.cut_at(9).unwrap().points(), [at(3, 9)]);
    }
}
