//! Fewer points, and never more than before.
//!
//! ilp-routing drops the corner whose triangle is smallest, which raises the curve wherever the
//! corner lies below the chord of its neighbours. Here two neighbouring corners give way to one that
//! is placed as high as it can stand: of a, b, c, d the corners b and c become
//!
//! - c, if b lies on or above a–c, or b, if c lies on or above b–d;
//! - else the point where a–b and d–c, prolonged, meet each other, or one of them the other's line.
//!
//! The step that costs least area is taken first. Both ends stay.

use super::{Curve, Line, Point, Rounding, simplify_as_2017, wide};

/// The smallest number of points that can keep both ends and stay below every curve.
const LEAST: usize = 3;

impl Curve {
    /// The curve with at most `max_points` points (npm ilp-routing, `LiquidityCurve.simplify`).
    ///
    /// With [`Rounding::Sound`] it has the same origin and capacity and is at no amount above the
    /// original. At least three points are allowed: two cannot follow a curve that bends upwards.
    ///
    /// DIFFERENCE: with [`Rounding::Reference`] it can be above the original, and can lose its end
    /// where three points lie on a line.
    ///
    /// The area lost is not always the least possible. Of every curve of up to six points on a grid
    /// of 0 to 6, reduced to three and to four points, it is at most five times the least that any
    /// curve with whole coordinates and the same law loses, none where none need be, and 1.03 times
    /// the least over all of them. That is tried out, not proven for larger curves.
    ///
    /// ```
    /// # use c2c::curve::{Curve, Rounding};
    /// let curve = Curve::from_points([(0, 0), (10, 2), (20, 100), (40, 110)])?;
    /// let reference = curve.simplify(3, Rounding::Reference);
    /// assert_eq!(reference.amount_at(10), 50, "more than the 2 there are");
    /// let sound = curve.simplify(3, Rounding::Sound);
    /// assert_eq!(sound, Curve::from_points([(0, 0), (10, 2), (40, 110)])?);
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn simplify(&self, max_points: usize, rounding: Rounding) -> Curve {
        match rounding {
            Rounding::Sound => sound(self, max_points.max(LEAST)),
            Rounding::Reference => simplify_as_2017(self, max_points),
        }
    }
}

fn sound(curve: &Curve, max: usize) -> Curve {
    if curve.points().len() <= max {
        return curve.clone();
    }
    let mut points = curve.points().to_vec();
    thin(&mut points, max.saturating_mul(4).max(64));
    // One at a time, the cheapest first.
    let around =
        |points: &[Point], at: usize| (points[at], points[at + 1], points[at + 2], points[at + 3]);
    let new = |(a, b, c, d)| Step::new(a, b, c, d);
    let mut steps: Vec<Step> = (0..points.len() - 3)
        .map(|at| new(around(&points, at)))
        .collect();
    while points.len() > max {
        let Some((at, step)) = steps.iter().enumerate().min_by_key(|(_, s)| s.cost) else {
            break;
        };
        let (a, b, c, d) = around(&points, at);
        points[at + 1] = step.corner(a, b, c, d);
        points.remove(at + 2);
        steps.remove(at);
        for near in at.saturating_sub(2)..(at + 2).min(steps.len()) {
            steps[near] = new(around(&points, near));
        }
    }
    Curve::known(points)
}

/// Takes cheap steps from left to right, allowing four times the cost in each round, until at most
/// `enough` points are left: a long curve need not look for the very cheapest each time.
fn thin(points: &mut Vec<Point>, enough: usize) {
    if points.len() <= enough {
        return;
    }
    let mut sample: Vec<Cost> = (0..64)
        .filter_map(|i| points.get(i * (points.len() - 4) / 64..)?.first_chunk())
        .map(|&[a, b, c, d]| Step::new(a, b, c, d).cost)
        .collect();
    sample.sort_unstable();
    let mut allowed = sample.get(sample.len() / 2).copied().unwrap_or_default();
    while points.len() > enough {
        let mut excess = points.len() - enough;
        // The points up to `kept` are done; those between are free.
        let mut kept = 0;
        for i in 0..points.len() {
            points[kept] = points[i];
            kept += 1;
            while excess > 0
                && let Some(&[a, b, c, d]) = points[..kept].last_chunk()
            {
                let step = Step::new(a, b, c, d);
                if step.cost > allowed {
                    break;
                }
                points[kept - 3] = step.corner(a, b, c, d);
                points[kept - 2] = d;
                kept -= 1;
                excess -= 1;
            }
        }
        points.truncate(kept);
        allowed = allowed.fourfold();
    }
}

/// Up to how many bits of width and height it matters that corners stand on whole units.
const SMALL: u32 = 12;

/// Two neighbouring corners, b and c, that become one.
#[derive(Clone, Copy)]
struct Step {
    /// The area lost, roughly.
    cost: Cost,
    /// About where the new corner stands.
    near: u64,
}

impl Step {
    /// The cheapest step for four neighbours.
    fn new(a: Point, b: Point, c: Point, d: Point) -> Self {
        let step = Self::roughly(a, b, c, d);
        if ((d.x - a.x) | (d.y - a.y)) >> SMALL != 0 {
            return step;
        }
        // Where it matters that the new corner stands on whole units, for sure.
        let to = step.corner(a, b, c, d);
        let double = |p: Point, q: Point| (q.x - p.x) * (p.y - a.y + (q.y - a.y));
        let before = double(a, b) + double(b, c) + double(c, d);
        let after = double(a, to) + double(to, d);
        Self {
            cost: Cost::new(before - after, 0),
            near: step.near,
        }
    }

    /// The cheapest step, worked out in units of the frame: good enough to choose by.
    fn roughly(a: Point, b: Point, c: Point, d: Point) -> Self {
        let frame = Frame::new(a, d);
        let (first, middle, last) = (frame.side(a, b), frame.side(b, c), frame.side(c, d));
        let c_above = rise(first, middle);
        let b_above = rise(middle, last);
        // How much steeper a–b is than c–d, times the widths of both.
        let steeper = (first.1 * last.0).saturating_sub(last.1 * first.0);
        // What goes if c is dropped, or b.
        let without_c = (b_above.unsigned_abs(), b.x);
        let without_b = (c_above.unsigned_abs(), c.x);
        let (area, near) = match (c_above > 0, b_above > 0) {
            (false, false) => without_b.min(without_c),
            (true, true) => {
                // Prolonged, the outer sides meet between b and c.
                let gap_b = (b_above.unsigned_abs() / last.0).max(1);
                let gap_c = (c_above.unsigned_abs() / first.0).max(1);
                let run = share(middle.0, gap_b, gap_b + gap_c);
                (gap_c * run, b.x + frame.width(run))
            }
            (true, false) if c_above.unsigned_abs() < steeper => {
                // a–b, prolonged, meets c–d.
                let above = c_above.unsigned_abs();
                let run = share(last.0, above, steeper);
                let area = (above / first.0).saturating_mul(middle.0 + run);
                without_c.min((area, c.x + frame.width(run)))
            }
            (false, true) if b_above.unsigned_abs() < steeper => {
                // d–c, prolonged, meets a–b.
                let above = b_above.unsigned_abs();
                let run = share(first.0, above, steeper);
                let area = (above / last.0).saturating_mul(middle.0 + run);
                without_b.min((area, b.x.saturating_sub(frame.width(run))))
            }
            (true, false) => without_c,
            (false, true) => without_b,
        };
        Self {
            cost: Cost::new(area, frame.x_bits + frame.y_bits),
            near,
        }
    }

    /// The new corner, exactly: as high as it can stand at the best of the amounts about `near`.
    fn corner(&self, a: Point, b: Point, c: Point, d: Point) -> Point {
        let small = ((d.x - a.x) | (d.y - a.y)) >> SMALL == 0;
        if !small {
            if self.near == b.x && !bends_up(b, c, d) {
                return b;
            }
            if self.near == c.x && !bends_up(a, b, c) {
                return c;
            }
        }
        // Under c there is always room: a–b, prolonged, does not fall below b.
        let mut best = highest(a, b, c, d, c.x).unwrap_or(b);
        let mut most = area(a, best, d);
        let near = self.near.saturating_sub(1)..=self.near.saturating_add(1);
        for x in near.chain([b.x]) {
            if a.x < x
                && x < d.x
                && let Some(to) = highest(a, b, c, d, x)
                && area(a, to, d) > most
            {
                most = area(a, to, d);
                best = to;
            }
        }
        best
    }
}

/// Twice the area below a–q–d and above `a`; in the largest boxes, about a quarter of the area.
fn area(a: Point, q: Point, d: Point) -> u128 {
    let coarse = if ((d.x - a.x) | (d.y - a.y)) >> 62 == 0 {
        0
    } else {
        3
    };
    let (up, high) = (u128::from(q.y - a.y), u128::from(d.y - a.y));
    u128::from(q.x - a.x) * (up >> coarse) + u128::from(d.x - q.x) * ((up + high) >> coarse)
}

/// Whether `q` is below the line from `p` to `r`.
fn bends_up(p: Point, q: Point, r: Point) -> bool {
    wide(q.y - p.y, r.x - q.x) < wide(r.y - q.y, q.x - p.x)
}

/// The highest point at `x`, strictly between `a` and `d`, such that the lines from `a` and to `d`
/// stay on or below a–b–c–d; None if it would be below `a`.
fn highest(a: Point, b: Point, c: Point, d: Point, x: u64) -> Option<Point> {
    let line = Line::between;
    let bounds = if x < b.x {
        [line(a, b), line(b, d), line(c, d)]
    } else if x <= c.x {
        [line(a, b), line(b, c), line(c, d)]
    } else {
        [line(a, b), line(a, c), line(c, d)]
    };
    let y = bounds.iter().map(|bound| bound.floor_at(x)).min()?;
    let y = u64::try_from(y).ok().filter(|y| *y >= a.y)?;
    Some(Point { x, y })
}

/// How far the end of the next side is above this side, prolonged, times this side's width.
fn rise((dx, dy): (u64, u64), (next_dx, next_dy): (u64, u64)) -> i64 {
    // Sides are below 2^31.
    (next_dy * dx).cast_signed() - (dy * next_dx).cast_signed()
}

/// `whole * part / all`, at most `whole`, which is below 2^31; `all` is below 2^63 and not 0. Where
/// `all` exceeds 33 bits, roughly.
fn share(whole: u64, part: u64, all: u64) -> u64 {
    let excess = (64 - all.leading_zeros()).saturating_sub(33);
    whole * (part >> excess) / (all >> excess).max(1)
}

/// A size to compare: the length of the number first, then its bits from the top.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    length: u32,
    bits: u64,
}

impl Cost {
    /// `area * 2^power`; the power is above −64.
    fn new(area: u64, power: i32) -> Self {
        if area == 0 {
            return Self::default();
        }
        let zeros = area.leading_zeros();
        Self {
            length: (128 - zeros).saturating_add_signed(power),
            bits: area << zeros,
        }
    }

    /// Four times as much, and something where it was nothing.
    fn fourfold(self) -> Self {
        Self {
            length: self.length.max(16) + 2,
            bits: self.bits,
        }
    }
}

/// The box from one point to another, in units such that its sides have 31 bits: coarse ones for
/// large boxes, fine ones for small.
struct Frame {
    from: Point,
    /// One unit of the frame is 2^x_bits units of x.
    x_bits: i32,
    y_bits: i32,
}

impl Frame {
    fn new(from: Point, to: Point) -> Self {
        let excess = |size: u64| 33 - size.leading_zeros().min(63).cast_signed();
        Self {
            from,
            x_bits: excess(to.x - from.x),
            y_bits: excess(to.y - from.y),
        }
    }

    fn place(&self, p: Point) -> (u64, u64) {
        let scale = |size: u64, bits: i32| {
            if bits >= 0 {
                size >> bits
            } else {
                size << -bits
            }
        };
        (
            scale(p.x - self.from.x, self.x_bits),
            scale(p.y - self.from.y, self.y_bits),
        )
    }

    /// A width of the frame in units of x, rounded down.
    fn width(&self, run: u64) -> u64 {
        if self.x_bits >= 0 {
            run << self.x_bits
        } else {
            run >> -self.x_bits
        }
    }

    /// Width and height of the side from `a` to `b`; the width is never 0.
    fn side(&self, a: Point, b: Point) -> (u64, u64) {
        let ((ax, ay), (bx, by)) = (self.place(a), self.place(b));
        ((bx - ax).max(1), by - ay)
    }
}
