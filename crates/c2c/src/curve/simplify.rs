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

use std::collections::BinaryHeap;

use super::{Curve, Point, Rounding, low, simplify_as_2017, wide};

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
    /// the least over all of them. For larger curves it is held against the best choice among the
    /// curve's own corners: of random curves of up to 17 points, reduced to three to ten, it loses at
    /// most eight times what that loses, and on average three quarters. Both are tried out, not proven.
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
    thin(&mut points, max.saturating_mul(8).max(64));
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
    // What a step costs once few points are left, about; a small part of that is cheap.
    let coarse: Vec<Point> = points
        .iter()
        .copied()
        .step_by(points.len().div_ceil(enough))
        .collect();
    let sample: BinaryHeap<Cost> = coarse
        .windows(4)
        .map(|w| Step::new(w[0], w[1], w[2], w[3]).cost)
        .collect();
    let sample = sample.into_sorted_vec();
    let mut allowed = sample
        .get(sample.len() / 2)
        .map_or(Cost::NONE, |cost| cost.down(8));
    while points.len() > enough {
        let mut excess = points.len() - enough;
        // The points up to `kept` are done; those between are free.
        let mut kept = 0;
        for i in 0..points.len() {
            points[kept] = points[i];
            kept += 1;
            if excess > 0
                && let Some(&[a, b, c, d]) = points[..kept].last_chunk()
            {
                let step = Step::new(a, b, c, d);
                if step.cost <= allowed {
                    points[kept - 3] = step.corner(a, b, c, d);
                    points[kept - 2] = d;
                    kept -= 1;
                    excess -= 1;
                }
            }
        }
        points.truncate(kept);
        allowed = allowed.up(2);
    }
}

/// Up to how many bits of width and height it matters that corners stand on whole units.
const SMALL: u32 = 12;

/// Two neighbouring corners, b and c, that become one.
#[derive(Clone, Copy)]
struct Step {
    /// Twice the area lost, roughly.
    cost: Cost,
    way: Way,
}

/// Where the one corner stands.
#[derive(Clone, Copy)]
enum Way {
    /// At b.
    First,
    /// At c.
    Second,
    /// Where a–b and d–c, prolonged, meet each other or the other's line.
    Meeting,
}

impl Step {
    /// The cheapest step for four neighbours.
    #[inline]
    fn new(a: Point, b: Point, c: Point, d: Point) -> Self {
        let step = Self::roughly(&Sides::new(a, b, c, d));
        if ((d.x - a.x) | (d.y - a.y)) >> SMALL != 0 {
            step
        } else {
            step.for_sure(a, b, c, d)
        }
    }

    /// The same where it matters that the new corner stands on whole units.
    #[inline(never)]
    fn for_sure(self, a: Point, b: Point, c: Point, d: Point) -> Self {
        let to = self.corner(a, b, c, d);
        let lost = area(a, &[b, c, d]) - area(a, &[to, d]);
        Self {
            cost: Cost::of(lost),
            way: self.way,
        }
    }

    /// The cheapest step, good enough to choose by.
    fn roughly(sides: &Sides) -> Self {
        let Sides { bend_b, bend_c, .. } = *sides;
        // Twice the triangles a, b, c and b, c, d: what goes if b is dropped, or c.
        let (at_b, at_c) = (bend_b.unsigned_abs(), bend_c.unsigned_abs());
        let (area, way) = match (bend_b > 0, bend_c > 0) {
            (false, false) if at_b < at_c => (at_b, Way::Second),
            (false, false) => (at_c, Way::First),
            (true, true) => (sides.meeting(), Way::Meeting),
            // a–b, prolonged, meets c–d before d; or d–c, prolonged, meets a–b after a.
            (true, false) if at_b < sides.closing() => sides.meeting_or(at_c, Way::First),
            (false, true) if at_c < sides.closing() => sides.meeting_or(at_b, Way::Second),
            (true, false) => (at_c, Way::First),
            (false, true) => (at_b, Way::Second),
        };
        Self {
            cost: Cost::new(area, sides.left_out),
            way,
        }
    }

    /// The new corner, exactly: as high as it can stand at the best of the amounts about `near`.
    fn corner(&self, a: Point, b: Point, c: Point, d: Point) -> Point {
        let near = match self.way {
            Way::First => b.x,
            Way::Second => c.x,
            Way::Meeting => Sides::new(a, b, c, d).near(b.x),
        };
        if ((d.x - a.x) | (d.y - a.y)) >> SMALL != 0 {
            match self.way {
                Way::First if !bends_up(b, c, d) => return b,
                Way::Second if !bends_up(a, b, c) => return c,
                _ => {}
            }
            if let Some(to) = highest(a, b, c, d, near)
                && self.is_as_cheap(to, [a, b, c, d])
            {
                return to;
            }
        }
        // Under c there is always room: a–b, prolonged, does not fall below b.
        let mut best = highest(a, b, c, d, c.x).unwrap_or(b);
        let mut most = area(a, &[best, d]);
        let about = near.saturating_sub(1)..=near.saturating_add(1);
        for x in about.chain([b.x]) {
            if let Some(to) = highest(a, b, c, d, x) {
                let left = area(a, &[to, d]);
                if left > most {
                    most = left;
                    best = to;
                }
            }
        }
        best
    }

    /// Whether the new corner `to` costs about what was expected, or no more than rounding does: not
    /// where a side is so steep that a unit of x is too coarse.
    fn is_as_cheap(&self, to: Point, [a, b, c, d]: [Point; 4]) -> bool {
        let before = area(a, &[b, c, d]);
        let lost = before.saturating_sub(area(a, &[to, d]));
        let rounding = u128::from(d.x - a.x) + u128::from(d.y - a.y);
        lost <= 4 * rounding || Cost::of(lost) <= self.cost.up(2).down(coarseness(a, d))
    }
}

/// An area of up to 255 bits, by its order of magnitude and the bits that lead it: one number to
/// compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(u64);

impl Cost {
    /// No area.
    const NONE: Self = Self(0);

    /// How many bits the order of magnitude stands above.
    const LEADING: u32 = 56;

    /// An area that stands for one with `left_out` more bits.
    fn new(area: u64, left_out: u32) -> Self {
        if area == 0 {
            return Self::NONE;
        }
        let zeros = area.leading_zeros();
        let size = u64::from(u64::BITS - zeros + left_out);
        // The bit that leads is known.
        let leading = (area << zeros << 1) >> (u64::BITS - Self::LEADING);
        Self(size << Self::LEADING | leading)
    }

    fn of(area: u128) -> Self {
        let left_out = u64::BITS.saturating_sub(area.leading_zeros());
        Self::new(low(area >> left_out), left_out)
    }

    /// Twice as much, so many times; at least the least there is.
    fn up(self, times: u32) -> Self {
        Self(self.0.max(1 << Self::LEADING) + (u64::from(times) << Self::LEADING))
    }

    /// Half as much, so many times.
    fn down(self, times: u32) -> Self {
        let less = self.0.saturating_sub(u64::from(times) << Self::LEADING);
        if less >> Self::LEADING == 0 {
            Self::NONE
        } else {
            Self(less)
        }
    }
}

/// How many bits of height are left out where an area is counted, so that it fits.
fn coarseness(a: Point, d: Point) -> u32 {
    if ((d.x - a.x) | (d.y - a.y)) >> 62 == 0 {
        0
    } else {
        3
    }
}

/// Twice the area above `a` below the line from `a` along `points`; with its coarseness.
fn area<const N: usize>(a: Point, points: &[Point; N]) -> u128 {
    let d = points[N - 1];
    let mut from = (a.x, 0);
    if ((d.x - a.x) | (d.y - a.y)) >> 31 == 0 {
        let mut sum = 0;
        for p in points {
            let up = p.y - a.y;
            sum += (p.x - from.0) * (up + from.1);
            from = (p.x, up);
        }
        return sum.into();
    }
    let coarse = coarseness(a, d);
    let mut sum = 0;
    for p in points {
        let up = (p.y - a.y) >> coarse;
        sum += wide(p.x - from.0, up + from.1);
        from = (p.x, up);
    }
    sum
}

/// Whether `q` is below the line from `p` to `r`.
fn bends_up(p: Point, q: Point, r: Point) -> bool {
    wide(q.y - p.y, r.x - q.x) < wide(r.y - q.y, q.x - p.x)
}

/// The highest point at `x`, strictly between `a` and `d`, such that the lines from `a` and to `d`
/// stay on or below a–b–c–d; None if it would be below `a`, or if `x` is not between them.
fn highest(a: Point, b: Point, c: Point, d: Point, x: u64) -> Option<Point> {
    if x <= a.x || d.x <= x {
        return None;
    }
    // The side that x is on, then the two that count besides.
    let (side, others) = if x < b.x {
        ((a, b), [(b, d), (c, d)])
    } else if x <= c.x {
        ((b, c), [(a, b), (c, d)])
    } else {
        ((c, d), [(a, b), (a, c)])
    };
    if ((d.x - a.x) | (d.y - a.y)) >> 31 == 0 {
        return Some(Point {
            x,
            y: a.y + highest_narrow(a, side, others, x)?,
        });
    }
    highest_wide(a, side, others, x).map(|y| Point { x, y })
}

/// How high above `a`, in a box whose sides are below 2^31.
fn highest_narrow(
    a: Point,
    side: (Point, Point),
    others: [(Point, Point); 2],
    x: u64,
) -> Option<u64> {
    // Everything is a difference of two amounts in the box.
    let less = |p: u64, q: u64| p.wrapping_sub(q).cast_signed();
    let line = |(p, q): (Point, Point)| {
        let (dx, dy) = (less(q.x, p.x), less(q.y, p.y));
        (dx, dy * less(x, p.x), less(p.y, a.y))
    };
    let (dx, rise, from) = line(side);
    let mut y = from + rise / dx;
    for other in others {
        let (dx, rise, from) = line(other);
        if (y - from) * dx > rise {
            y = from + rise.div_euclid(dx);
            if y < 0 {
                return None;
            }
        }
    }
    Some(y.cast_unsigned())
}

/// The same height in a box of any size. To tell whether a line is below takes no division.
fn highest_wide(
    a: Point,
    (from, to): (Point, Point),
    others: [(Point, Point); 2],
    x: u64,
) -> Option<u64> {
    let mut y = from.y + share(to.y - from.y, x - from.x, to.x - from.x).0;
    for (p, q) in others {
        let (dx, dy) = (q.x - p.x, q.y - p.y);
        if p.x <= x {
            let run = x - p.x;
            if y > p.y && wide(y - p.y, dx) > wide(dy, run) {
                y = p.y + share(dy, run, dx).0;
            }
        } else {
            let run = p.x - x;
            let fall = wide(dy, run);
            if y >= p.y || wide(p.y - y, dx) < fall {
                if p.y < a.y || wide(p.y - a.y, dx) < fall {
                    return None;
                }
                let (down, exact) = share(dy, run, dx);
                y = p.y - down - u64::from(!exact);
            }
        }
    }
    (y >= a.y).then_some(y)
}

/// `whole * part / all` rounded down, known to fit, and whether that is exact.
fn share(whole: u64, part: u64, all: u64) -> (u64, bool) {
    if (whole | part) >> 32 == 0 {
        let product = whole * part;
        let quotient = product / all;
        (quotient, quotient * all == product)
    } else if (whole | part | all) >> (2 * HALF) == 0 {
        // Two divisions of 64 bits, the second one of the rest, are quicker than one of 128.
        let high = whole * (part >> HALF);
        let quotient = high / all;
        let rest = ((high - quotient * all) << HALF) + whole * (part & ((1 << HALF) - 1));
        let last = rest / all;
        ((quotient << HALF) + last, last * all == rest)
    } else {
        share_wide(whole, part, all)
    }
}

/// How many bits of one factor [`share`] takes at a time.
const HALF: u32 = 21;

/// The same for any size, out of the way of what is smaller.
#[inline(never)]
fn share_wide(whole: u64, part: u64, all: u64) -> (u64, bool) {
    let product = wide(whole, part);
    let quotient = product / u128::from(all);
    (low(quotient), quotient * u128::from(all) == product)
}

/// The three sides of four neighbours a, b, c, d, by what they span. Sides of more than 31 bits are
/// counted in coarser units.
struct Sides {
    /// The width of a–b.
    run: u64,
    /// How many bits of width are left out.
    left_out_x: u32,
    /// How many bits of an area are left out.
    left_out: u32,
    /// a–b times b–c: positive if the curve bends up at b.
    bend_b: i64,
    /// b–c times c–d: positive if it bends up at c.
    bend_c: i64,
    /// a–b times c–d: positive if c–d is the steeper.
    bend: i64,
}

impl Sides {
    fn new(a: Point, b: Point, c: Point, d: Point) -> Self {
        let bits = |width: u64| 33_u32.saturating_sub(width.leading_zeros());
        let (x, y) = (bits(d.x - a.x), bits(d.y - a.y));
        let side = |p: Point, q: Point| {
            // Below 2^31.
            let (dx, dy) = ((q.x - p.x) >> x, (q.y - p.y) >> y);
            (dx.max(1).cast_signed(), dy.cast_signed())
        };
        let times = |(dx, dy): (i64, i64), (to_dx, to_dy): (i64, i64)| dx * to_dy - dy * to_dx;
        let (first, middle, last) = (side(a, b), side(b, c), side(c, d));
        Self {
            run: first.0.cast_unsigned(),
            left_out_x: x,
            left_out: x + y,
            bend_b: times(first, middle),
            bend_c: times(middle, last),
            bend: times(first, last),
        }
    }

    /// How much steeper a–b is than c–d, times the widths of both.
    fn closing(&self) -> u64 {
        self.bend.min(0).unsigned_abs()
    }

    /// Twice the triangle of b, c and the point where a–b and d–c, prolonged, meet.
    fn meeting(&self) -> u64 {
        let (b, c) = (self.bend_b.unsigned_abs(), self.bend_c.unsigned_abs());
        let all = self.bend.unsigned_abs();
        // Products of 64 bits, as precise as they can be.
        let excess = |size: u64| 32_u32.saturating_sub(size.leading_zeros());
        let (above, below) = (excess(b | c), excess(all));
        let Some(quotient) = ((b >> above) * (c >> above)).checked_div(all >> below) else {
            return u64::MAX;
        };
        let power = 2 * above;
        if power < below {
            quotient >> (below - power)
        } else {
            // Below 2^63, but for nearly parallel lines that meet far off.
            quotient.saturating_mul(1 << (power - below).min(63))
        }
    }

    /// That, or another way and what it costs, whichever is cheaper.
    fn meeting_or(&self, other: u64, way: Way) -> (u64, Way) {
        let meeting = self.meeting();
        if meeting < other {
            (meeting, Way::Meeting)
        } else {
            (other, way)
        }
    }

    /// About where they meet.
    fn near(&self, b: u64) -> u64 {
        let (part, all) = (self.bend_c.unsigned_abs(), self.bend.unsigned_abs());
        // It meets where it was chosen, so `all` is not 0 there.
        let whole = part.checked_div(all).unwrap_or(0);
        let rest = rough_share(self.run, part - whole * all, all);
        let way = self.run.saturating_mul(whole).saturating_add(rest);
        let way = way.saturating_mul(1 << self.left_out_x);
        if (self.bend_c > 0) == (self.bend > 0) {
            b.saturating_add(way)
        } else {
            b.saturating_sub(way)
        }
    }
}

/// `whole * part / all`, where `whole` is below 2^31 and `part` below `all`. Where `all` exceeds 33
/// bits, roughly.
fn rough_share(whole: u64, part: u64, all: u64) -> u64 {
    let excess = 31_u32.saturating_sub(all.leading_zeros());
    whole * (part >> excess) / (all >> excess).max(1)
}
