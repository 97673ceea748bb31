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
    let mut writer = Writer {
        points: Vec::with_capacity(h.len() - i + 2 * t.len()),
        cell: None,
    };
    // j: the first tail point above what the head, lowered, has reached.
    let mut j = 0;
    if i == 0 {
        // The head begins above the least: with its first point.
        let lowered = h[0].y - 1;
        j = t.partition_point(|p| p.x <= lowered);
        writer.push(h[0].x, height(t, j, lowered));
        i = 1;
    }
    for pair in h[i - 1..].windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        // Tail points strictly before the head's next corner. b.y > 0: there is a start at or before b.
        let lowered = b.y - 1;
        while let Some(&m) = t.get(j).filter(|m| m.x < lowered) {
            // m.x + 1 > a.y, else it had been passed before a.
            let rise = m.x + 1 - a.y;
            let (run, rest) = divide(rise, dx, dy);
            writer.turn(
                a.x + run,
                rest,
                Slope { dx, dy },
                j.checked_sub(1).map(|l| t[l]),
                m,
                t.get(j + 1).copied(),
            );
            j += 1;
        }
        if j == t.len() {
            // Flat from here on.
            break;
        }
        writer.close();
        j += usize::from(t[j].x == lowered);
        writer.push(b.x, height(t, j, lowered));
    }
    writer.close();
    Some(Curve::known(writer.points))
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
        (a * b / c, a * b % c)
    } else {
        let (product, c) = (wide(a, b), u128::from(c));
        (low(product / c), low(product % c))
    }
}

/// The slope of a head line.
#[derive(Clone, Copy)]
struct Slope {
    dx: u64,
    dy: u64,
}

/// A corner of the joined curve between two whole amounts: a point of the tail, reached `rest / dy`
/// units after the amount before.
#[derive(Clone, Copy)]
struct Turn {
    slope: Slope,
    rest: u64,
    y: u64,
    before: Option<(u64, u64)>,
    after: (u64, u64),
}

impl Turn {
    /// The line before, at the whole amount before the corner, rounded down.
    fn down(&self, (dx, dy): (u64, u64)) -> i128 {
        let (drop, exact) = quotient(dy, self.rest, self.slope.dx, dx);
        i128::from(self.y) - i128::try_from(drop).unwrap_or(i128::MAX >> 1) - i128::from(!exact)
    }

    /// The line after, at the whole amount after the corner, rounded down.
    fn up(&self, (dx, dy): (u64, u64)) -> i128 {
        let (rise, _) = quotient(dy, self.slope.dy - self.rest, self.slope.dx, dx);
        i128::from(self.y) + i128::try_from(rise).unwrap_or(i128::MAX >> 1)
    }

    /// Whether `line` rises by at most one unit for each unit of x.
    fn is_gentle(&self, (dx, dy): (u64, u64)) -> bool {
        let Slope { dx: sx, dy: sy } = self.slope;
        if (dx | dy | sx | sy) >> 32 == 0 {
            dy * sy <= dx * sx
        } else {
            wide(dy, sy) <= wide(dx, sx)
        }
    }
}

/// The corners that lie between the same two whole amounts.
struct Cell {
    /// The whole amount before them.
    x: u64,
    first: Turn,
    last: Turn,
}

/// Writes the joined curve.
struct Writer {
    points: Vec<Point>,
    cell: Option<Cell>,
}

impl Writer {
    fn push(&mut self, x: u64, y: u64) {
        if self.points.last().is_none_or(|p| p.x < x) {
            self.points.push(Point { x, y });
        }
    }

    /// A corner at the tail's point `m`, `rest / slope.dy` after `x`.
    fn turn(
        &mut self,
        x: u64,
        rest: u64,
        slope: Slope,
        before: Option<Point>,
        m: Point,
        after: Option<Point>,
    ) {
        if rest == 0 {
            self.close();
            self.push(x, m.y);
            return;
        }
        let turn = Turn {
            slope,
            rest,
            y: m.y,
            before: before.map(|p| (m.x - p.x, m.y - p.y)),
            after: after.map_or((1, 0), |p| (p.x - m.x, p.y - m.y)),
        };
        match &mut self.cell {
            Some(cell) if cell.x == x => cell.last = turn,
            _ => {
                self.close();
                self.cell = Some(Cell {
                    x,
                    first: turn,
                    last: turn,
                });
            }
        }
    }

    /// Writes the corners that were gathered between two whole amounts.
    fn close(&mut self) {
        let Some(Cell { x, first, last }) = self.cell.take() else {
            return;
        };
        let next = x + 1;
        let after = last.after;
        let Some(before) = first.before else {
            // The joined curve begins here.
            self.push(next, unsigned(last.up(after)));
            return;
        };
        if first.y == last.y && first.is_gentle(before) && last.is_gentle(after) {
            self.push(next, first.y);
            return;
        }
        self.push(x, unsigned(first.down(before)));
        self.push(next, unsigned(last.up(after)));
    }
}

/// A height on the line that is followed: between 0 and 2^64 − 1.
fn unsigned(y: i128) -> u64 {
    u64::try_from(y).unwrap_or_default()
}
