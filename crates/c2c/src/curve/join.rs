//! Two curves end to end.
//!
//! Through head and then tail, whole units change hands in the middle: tail(head(x)) is a staircase,
//! which no curve of reasonable size can follow. The joined curve keeps below it by lowering the
//! head by one unit of the middle ledger, without rounding: t(h(x) − 1), h and t being the straight
//! lines without rounding. It is never above tail(head(x)) and never below tail(head(x) − 1).
//! A corner between two whole amounts is written as a point at each, on the line before and on the
//! line after, rounded down; or as one, where both lines rise by at most a unit for each unit of x.

use super::{Curve, Point, Rounding, join_as_2017, low, quotient, wide};

impl Curve {
    /// Goes through `head` and then `tail`; None if nothing that comes out of the head can go into
    /// the tail (npm ilp-routing, `LiquidityCurve.join`).
    ///
    /// With [`Rounding::Sound`], at every whole source amount x at most tail(head(x)), and at least
    /// tail(head(x) − 1) − 1.
    ///
    /// DIFFERENCE: ilp-routing rounds the head's reverse down, so that the joined curve can promise
    /// more than going step by step gives. Where nothing can go through it answers a curve without
    /// points.
    ///
    /// ```
    /// # use c2c::curve::{Curve, Rounding};
    /// let head = Curve::from_points([(0, 0), (10, 3)])?;
    /// let tail = Curve::from_points([(0, 0), (1, 1000), (3, 1001)])?;
    /// let reference = Curve::join(&head, &tail, Rounding::Reference).expect("they meet");
    /// assert_eq!(reference.amount_at(3), 1000);
    /// assert_eq!(tail.amount_at(head.amount_at(3)), 0, "step by step");
    /// let sound = Curve::join(&head, &tail, Rounding::Sound).expect("they meet");
    /// assert_eq!(sound.amount_at(3), 0);
    /// assert_eq!(sound.amount_at(7), 1000);
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn join(head: &Curve, tail: &Curve, rounding: Rounding) -> Option<Curve> {
        match rounding {
            Rounding::Sound => sound(head, tail),
            Rounding::Reference => join_as_2017(head, tail),
        }
    }
}

fn sound(head: &Curve, tail: &Curve) -> Option<Curve> {
    // The first amount for which the lowered head reaches the tail.
    let least = tail.origin().x.checked_add(1)?;
    let start = head.least_source_for(least)?;
    let (h, t) = (head.points(), tail.points());
    let mut i = h.partition_point(|p| p.x < start);
    let mut points = Vec::with_capacity(h.len() - i + 2 * t.len());
    // j: the first tail point above what the head, lowered, has reached.
    let mut j = 0;
    if i == 0 {
        // The head begins above the least: with its first point.
        let lowered = h[0].y - 1;
        j = t.partition_point(|p| p.x <= lowered);
        push(&mut points, h[0].x, height(t, j, lowered));
        i = 1;
    }
    for pair in h[i - 1..].windows(2) {
        let side = Side {
            a: pair[0],
            dx: pair[1].x - pair[0].x,
            dy: pair[1].y - pair[0].y,
        };
        // Tail points strictly before the head's next corner. Its y > 0: there is a start at or
        // before it.
        let lowered = pair[1].y - 1;
        while let Some(m) = t.get(j).filter(|m| m.x < lowered) {
            let (x, rest) = side.reach(m.x);
            if rest == 0 {
                push(&mut points, x, m.y);
                j += 1;
                continue;
            }
            // The corners that lie between the same two whole amounts, from `first` to `j`.
            let (first, first_rest) = (j, rest);
            let mut last_rest = rest;
            j += 1;
            while let Some(m) = t.get(j).filter(|m| m.x < lowered)
                && let Some(rest) = side.rest_within(m.x, x)
            {
                last_rest = rest;
                j += 1;
            }
            side.turn(&mut points, x, t, (first, first_rest), (j - 1, last_rest));
        }
        if j == t.len() {
            // Flat from here on.
            break;
        }
        j += usize::from(t[j].x == lowered);
        push(&mut points, pair[1].x, height(t, j, lowered));
    }
    Some(Curve::known(points))
}

fn push(points: &mut Vec<Point>, x: u64, y: u64) {
    if points.last().is_none_or(|p| p.x < x) {
        points.push(Point { x, y });
    }
}

/// The tail's amount for `x`, of whose points `passed` are at or before it.
fn height(tail: &[Point], passed: usize, x: u64) -> u64 {
    let Some(&a) = tail.get(passed.wrapping_sub(1)) else {
        return 0;
    };
    match tail.get(passed) {
        None => a.y,
        Some(b) => a.y + divide(b.y - a.y, x - a.x, b.x - a.x).0,
    }
}

/// `a * b / c` and the rest, where the quotient is known to fit.
fn divide(a: u64, b: u64, c: u64) -> (u64, u64) {
    if (a | b) >> 32 == 0 {
        let quotient = a * b / c;
        (quotient, a * b - quotient * c)
    } else {
        divide_wide(a, b, c)
    }
}

/// The same for any size, out of the way of what is small.
#[inline(never)]
fn divide_wide(a: u64, b: u64, c: u64) -> (u64, u64) {
    let product = wide(a, b);
    let quotient = low(product / u128::from(c));
    (quotient, low(product - wide(quotient, c)))
}

/// A side of the head, from the corner `a` on. It rises: dy is not 0 where a tail point is reached.
struct Side {
    a: Point,
    dx: u64,
    dy: u64,
}

impl Side {
    /// Where the side, lowered, reaches `middle`: the whole amount at or before, and the rest in
    /// parts of dy.
    fn reach(&self, middle: u64) -> (u64, u64) {
        // middle + 1 > a.y, else it had been passed before a.
        let (run, rest) = divide(middle + 1 - self.a.y, self.dx, self.dy);
        (self.a.x + run, rest)
    }

    /// The rest in parts of dy if `middle` is reached after `x` and before x + 1.
    fn rest_within(&self, middle: u64, x: u64) -> Option<u64> {
        let (rise, run) = (middle + 1 - self.a.y, x - self.a.x);
        let rest = if (rise | self.dx | self.dy | run) >> 32 == 0 {
            rise * self.dx - run * self.dy
        } else {
            u64::try_from(wide(rise, self.dx) - wide(run, self.dy)).ok()?
        };
        (rest < self.dy).then_some(rest)
    }

    /// Writes corners between the whole amounts x and x + 1, each by its place in the tail and its
    /// rest: the first and the last of them.
    fn turn(
        &self,
        points: &mut Vec<Point>,
        x: u64,
        tail: &[Point],
        (first, first_rest): (usize, u64),
        (last, last_rest): (usize, u64),
    ) {
        let (m, n) = (tail[first], tail[last]);
        // The line after, at x + 1: at most the height of the next tail point.
        let after = tail.get(last + 1).map(|p| (p.x - n.x, p.y - n.y));
        let up = after.map_or(0, |(dx, dy)| {
            quotient(dy, self.dy - last_rest, self.dx, dx).0
        });
        if let Some(before) = first.checked_sub(1).map(|l| tail[l]) {
            let (dx, dy) = (m.x - before.x, m.y - before.y);
            let gentle = m.y == n.y
                && self.is_gentle(dx, dy)
                && after.is_none_or(|(dx, dy)| self.is_gentle(dx, dy));
            if gentle {
                return push(points, x + 1, m.y);
            }
            // The line before, at x: at least the height of the tail point before.
            let (drop, exact) = quotient(dy, first_rest, self.dx, dx);
            push(points, x, m.y - drop - u64::from(!exact));
        }
        push(points, x + 1, n.y + up);
    }

    /// Whether a tail side rises by at most one unit for each unit of x.
    fn is_gentle(&self, dx: u64, dy: u64) -> bool {
        if (dx | dy | self.dx | self.dy) >> 32 == 0 {
            dy * self.dy <= dx * self.dx
        } else {
            wide(dy, self.dy) <= wide(dx, self.dx)
        }
    }
}
