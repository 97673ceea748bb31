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

use super::line::Line;
use super::{Curve, Point, Rounding, reference};

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
            Rounding::Reference => reference::simplify(self, max_points),
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
    let mut steps: Vec<Step> = points
        .windows(4)
        .map(|w| step(w[0], w[1], w[2], w[3]))
        .collect();
    while points.len() > max {
        let Some((at, _)) = steps.iter().enumerate().min_by_key(|(_, s)| s.cost) else {
            break;
        };
        // The step at `at` joins the points at + 1 and at + 2.
        points[at + 1] = steps[at].to;
        points.remove(at + 2);
        steps.remove(at);
        for near in at.saturating_sub(2)..(at + 2).min(steps.len()) {
            steps[near] = step(
                points[near],
                points[near + 1],
                points[near + 2],
                points[near + 3],
            );
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
    let mut sample: Vec<u128> = (0..64)
        .filter_map(|i| points.get(i * (points.len() - 4) / 64..)?.first_chunk())
        .map(|&[a, b, c, d]| step(a, b, c, d).cost)
        .collect();
    sample.sort_unstable();
    let mut allowed = sample.get(sample.len() / 2).copied().unwrap_or(0);
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
                let step = step(a, b, c, d);
                if step.cost > allowed {
                    break;
                }
                points[kept - 3] = step.to;
                points[kept - 2] = d;
                kept -= 1;
                excess -= 1;
            }
        }
        points.truncate(kept);
        allowed = allowed.saturating_mul(4).max(1);
    }
}

/// Two neighbouring corners that become one.
#[derive(Clone, Copy)]
struct Step {
    /// Twice the area lost; for what is wider or higher than 31 bits, roughly.
    cost: u128,
    to: Point,
}

impl Step {
    fn cheaper(self, other: Self) -> Self {
        if other.cost < self.cost { other } else { self }
    }
}

/// The best step that joins `b` and `c`.
fn step(a: Point, b: Point, c: Point, d: Point) -> Step {
    let frame = Frame::new(a, d);
    let chain = frame.area(a, b) + frame.area(b, c) + frame.area(c, d);
    let with = |to: Point| Step {
        cost: u128::from(chain.saturating_sub(frame.area(a, to) + frame.area(to, d)))
            << (frame.x_bits + frame.y_bits),
        to,
    };
    let (first, middle, last) = (frame.side(a, b), frame.side(b, c), frame.side(c, d));
    // How far c is above a–b prolonged, and b above d–c prolonged, over first.0 and last.0.
    let c_above = Rise::above(first, middle);
    let b_above = Rise::above(middle, last);
    // How much steeper a–b is than c–d, over both.
    let steeper = (first.1 * last.0).saturating_sub(last.1 * first.0);
    // Steps that keep b or c. In a coarse frame it may only look as if they could stay where they are.
    let exact = frame.x_bits + frame.y_bits == 0;
    let keep = |p: Point| {
        if exact {
            Some(p)
        } else {
            highest(a, b, c, d, p.x)
        }
    };
    // Under c there is always room: a–b prolonged does not fall below b.
    let keep_c = || with(keep(c).unwrap_or(b));
    let keep_b = || keep(b).map_or_else(keep_c, with);
    let (mut best, near) = match (c_above, b_above) {
        (Rise::Down, Rise::Down) => return keep_b().cheaper(keep_c()),
        (Rise::Up(c_above), Rise::Up(b_above)) => {
            // Prolonged, the outer sides meet between b and c.
            let (left, right) = balance(b_above, first.0, c_above, last.0);
            let run = share(middle.0, left, left + right);
            let to = highest(a, b, c, d, c.x).unwrap_or(b);
            (with(to), b.x + (run << frame.x_bits))
        }
        (Rise::Up(c_above), Rise::Down) => {
            // c is dropped, or a–b prolonged until it meets c–d.
            if c_above >= steeper {
                return keep_b();
            }
            let run = share(last.0, c_above, steeper);
            (keep_b(), c.x + (run << frame.x_bits))
        }
        (Rise::Down, Rise::Up(b_above)) => {
            // b is dropped, or d–c prolonged until it meets a–b.
            if b_above >= steeper {
                return keep_c();
            }
            let run = share(first.0, b_above, steeper);
            let at = b.x.saturating_sub(run << frame.x_bits);
            (keep_c(), at.saturating_sub(1))
        }
    };
    for x in [near, near.saturating_add(1)] {
        if a.x < x
            && x < d.x
            && let Some(to) = highest(a, b, c, d, x)
        {
            best = best.cheaper(with(to));
        }
    }
    best
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

/// How a corner bends.
enum Rise {
    /// Upwards, so that what follows is above the side before, prolonged, by this much (times the
    /// width of the side that is prolonged).
    Up(u64),
    /// Downwards or not at all.
    Down,
}

impl Rise {
    fn above((dx, dy): (u64, u64), (next_dx, next_dy): (u64, u64)) -> Self {
        match (next_dy * dx).checked_sub(dy * next_dx) {
            None | Some(0) => Self::Down,
            Some(rise) => Self::Up(rise),
        }
    }
}

/// `whole * part / all`, at most `whole`; none of them above 62 bits, `all` not 0. Where the product
/// exceeds 64 bits, roughly.
fn share(whole: u64, part: u64, all: u64) -> u64 {
    let excess = (64 - all.leading_zeros()).saturating_sub(33);
    whole * (part >> excess) / (all >> excess).max(1)
}

/// `a * b` and `c * d`, both without so many of their last bits that both are below 2^62.
fn balance(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let bits = |n: u64| 64 - n.leading_zeros();
    let excess = (bits(a) + bits(b))
        .max(bits(c) + bits(d))
        .saturating_sub(62);
    ((a >> excess) * b, (c >> excess) * d)
}

/// The box from one point to another, in units so coarse that its sides are below 2^31: the square
/// of a side is below 2^62.
struct Frame {
    from: Point,
    x_bits: u32,
    y_bits: u32,
}

impl Frame {
    fn new(from: Point, to: Point) -> Self {
        let excess = |size: u64| (64 - size.leading_zeros()).saturating_sub(31);
        Self {
            from,
            x_bits: excess(to.x - from.x),
            y_bits: excess(to.y - from.y),
        }
    }

    fn place(&self, p: Point) -> (u64, u64) {
        (
            (p.x - self.from.x) >> self.x_bits,
            (p.y - self.from.y) >> self.y_bits,
        )
    }

    /// Width and height of the side from `a` to `b`; the width is never 0.
    fn side(&self, a: Point, b: Point) -> (u64, u64) {
        let ((ax, ay), (bx, by)) = (self.place(a), self.place(b));
        ((bx - ax).max(1), by - ay)
    }

    /// Twice the area below the side from `a` to `b`, at most 2^63 in all.
    fn area(&self, a: Point, b: Point) -> u64 {
        let ((ax, ay), (bx, by)) = (self.place(a), self.place(b));
        (bx - ax) * (ay + by)
    }
}
