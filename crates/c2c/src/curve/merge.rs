//! The best of several parallel curves.
//!
//! Curves are merged by a knockout: a tree whose leaves are the curves and whose inner nodes each
//! take the better of two streams of straight pieces, piece by piece, as the node above asks. The
//! pieces stay lines of the original curves, so nothing is rounded until the points are written, and
//! besides the result only the tree is in memory.
//!
//! Two pieces rarely cross at a whole amount. With k the last whole amount before a crossing, the
//! merged curve has points at k or k + 1 or both, each on the better line rounded down, so that at
//! every whole amount it is at most one unit below the better line and never above it.

use std::cmp::Ordering;

use super::{Curve, Line, Point, Rounding, combine_as_2017};

/// The best of several curves, and which is the best where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The merged curve.
    pub curve: Curve,
    /// Which curve wins where, from the first x of the merged curve to its last, without gaps.
    /// Beyond the last point the winner of the last section stays.
    pub segments: Vec<Segment>,
}

/// A section of whole source amounts in which one curve is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The first source amount.
    pub from: u64,
    /// The last source amount.
    pub to: u64,
    /// Which of the merged curves, counted from 0.
    pub winner: usize,
}

impl Curve {
    /// The better of two parallel curves at every amount (npm ilp-routing, `LiquidityCurve.combine`).
    ///
    /// With [`Rounding::Sound`], at every whole source amount at most one unit below the better of
    /// the two, and never above. DIFFERENCE: with [`Rounding::Reference`] it can be above, by
    /// rounding at a crossing and where a curve starts with y > 0 inside or beyond the other.
    ///
    /// ```
    /// # use c2c::curve::{Curve, Rounding};
    /// let small = Curve::from_points([(0, 0), (50, 60)])?;
    /// let large = Curve::from_points([(0, 0), (100, 100)])?;
    /// let best = small.combine(&large, Rounding::Sound);
    /// assert_eq!(best, Curve::from_points([(0, 0), (50, 60), (60, 60), (100, 100)])?);
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn combine(&self, other: &Curve, rounding: Rounding) -> Curve {
        match rounding {
            Rounding::Sound => combine(self.points(), other.points()),
            Rounding::Reference => combine_as_2017(self, other),
        }
    }
}

/// The best of `curves` at every amount, and which of them it is; None of none.
///
/// At every whole source amount the merged curve is at most one unit below the best curve and never
/// above it. The winner is the curve with the largest exact height there; of equals the one that
/// stands first in `curves`.
///
/// ```
/// use c2c::curve::{Curve, merge};
/// let incumbent = Curve::from_points([(0, 0), (100, 100)])?;
/// let cheaper = Curve::from_points([(0, 0), (50, 60)])?;
/// let merged = merge(&[&incumbent, &cheaper]).expect("two curves");
/// let winners: Vec<_> = merged.segments.iter().map(|s| (s.from, s.to, s.winner)).collect();
/// assert_eq!(winners, [(0, 0, 0), (1, 59, 1), (60, 100, 0)]);
/// # Ok::<(), c2c::curve::CurveError>(())
/// ```
pub fn merge(curves: &[&Curve]) -> Option<Merged> {
    let start = curves.iter().map(|c| c.origin().x).min()?;
    let mut streams: Vec<Box<dyn Pieces + '_>> = curves
        .iter()
        .enumerate()
        .map(|(index, curve)| Box::new(Leaf::new(curve, index)) as Box<dyn Pieces>)
        .collect();
    while streams.len() > 1 {
        let mut round = Vec::with_capacity(streams.len().div_ceil(2));
        let mut left = streams.into_iter();
        while let Some(first) = left.next() {
            round.push(match left.next() {
                Some(second) => Box::new(Node::new(first, second)),
                None => first,
            });
        }
        streams = round;
    }
    let mut points = Vec::new();
    let mut segments: Vec<Segment> = Vec::new();
    write_points(streams.pop()?, start, &mut points, |piece| {
        match segments.last_mut() {
            Some(last) if last.winner == piece.winner => last.to = piece.reach,
            _ => segments.push(Segment {
                from: piece.from.max(start),
                to: piece.reach,
                winner: piece.winner,
            }),
        }
    });
    let curve = Curve::known(points);
    let end = curve.capacity().x;
    segments.retain(|s| s.from <= end);
    if let Some(last) = segments.last_mut() {
        last.to = end;
    }
    Some(Merged { curve, segments })
}

/// Nobody: what stands before the first point of a curve.
const NOT_STARTED: usize = usize::MAX;

/// A straight piece of an envelope: `line` is the best at the whole amounts `from` to `reach`.
#[derive(Clone, Copy, Debug)]
struct Piece {
    line: Line,
    from: u64,
    reach: u64,
    winner: usize,
}

/// Pieces from left to right, the first from 0, the last up to 2^64 − 1.
///
/// The next piece begins where the last one ends if that is a corner of the same curve, else one
/// unit further.
trait Pieces {
    /// The next piece. After the last one, the last one again.
    fn pull(&mut self) -> Piece;
}

impl<P: Pieces + ?Sized> Pieces for Box<P> {
    fn pull(&mut self) -> Piece {
        (**self).pull()
    }
}

/// One curve.
struct Leaf<'a> {
    points: &'a [Point],
    next: usize,
    started: bool,
    index: usize,
}

impl<'a> Leaf<'a> {
    fn new(curve: &'a Curve, index: usize) -> Self {
        Self {
            points: curve.points(),
            next: 0,
            started: curve.origin().x == 0,
            index,
        }
    }
}

impl Pieces for Leaf<'_> {
    fn pull(&mut self) -> Piece {
        let i = self.next;
        let from = self.points[i];
        if !self.started {
            self.started = true;
            return Piece {
                line: Line::flat(Point { x: 0, y: 0 }),
                from: 0,
                reach: from.x - 1,
                winner: NOT_STARTED,
            };
        }
        let (line, reach) = match self.points.get(i + 1) {
            Some(&to) => {
                self.next = i + 1;
                (Line::between(from, to), to.x)
            }
            None => (Line::flat(from), u64::MAX),
        };
        Piece {
            line,
            from: from.x,
            reach,
            winner: self.index,
        }
    }
}

/// The better of two streams. Of equal heights the left one counts.
struct Node<L, R> {
    left: L,
    right: R,
    l: Piece,
    r: Piece,
    /// Everything below is decided.
    x: u64,
    /// Whether left counts at x − 1, if both lines there are still those at x.
    left_before: Option<bool>,
    /// A piece that is decided but not handed out: what follows may prolong it.
    ahead: Option<Piece>,
    /// The second half of a section with a crossing.
    second: Option<Piece>,
    finished: bool,
}

impl<L: Pieces, R: Pieces> Node<L, R> {
    fn new(mut left: L, mut right: R) -> Self {
        let (l, r) = (left.pull(), right.pull());
        Self {
            left,
            right,
            l,
            r,
            x: 0,
            left_before: None,
            ahead: None,
            second: None,
            finished: false,
        }
    }

    /// Decides the next section, up to where either line ends.
    fn decide(&mut self) -> Piece {
        if let Some(second) = self.second.take() {
            return second;
        }
        let (l, r) = (&self.l, &self.r);
        let (x, end) = (self.x, l.reach.min(r.reach));
        let piece = |of: &Piece, from, reach| Piece {
            line: of.line,
            from,
            reach,
            winner: of.winner,
        };
        let won = if r.winner == NOT_STARTED {
            self.left_before = None;
            piece(l, x, end)
        } else if l.winner == NOT_STARTED {
            self.left_before = None;
            piece(r, x, end)
        } else {
            let known = if l.from < x && r.from < x {
                self.left_before
            } else {
                None
            };
            let lo = if known.is_some() { x - 1 } else { x };
            let first = known.unwrap_or_else(|| l.line.compare_at(&r.line, lo) != Ordering::Less);
            let last = l.line.compare_at(&r.line, end) != Ordering::Less;
            self.left_before = Some(last);
            let (one, two) = if first { (l, r) } else { (r, l) };
            if first == last {
                piece(one, x, end)
            } else {
                let steps = l.line.steps_until_crossing(&r.line, lo, first);
                let until = lo + steps;
                if until < x {
                    piece(two, x, end)
                } else {
                    self.second = Some(piece(two, until + 1, end));
                    piece(one, x, until)
                }
            }
        };
        if end == u64::MAX {
            self.finished = true;
        } else {
            self.x = end + 1;
            if self.l.reach == end {
                self.l = self.left.pull();
            }
            if self.r.reach == end {
                self.r = self.right.pull();
            }
        }
        won
    }
}

impl<L: Pieces, R: Pieces> Pieces for Node<L, R> {
    fn pull(&mut self) -> Piece {
        let mut current = match self.ahead.take() {
            Some(piece) => piece,
            None => self.decide(),
        };
        while !self.finished || self.second.is_some() {
            let mut next = self.decide();
            if next.winner == current.winner {
                if next.line.x0 == current.line.x0 {
                    current.reach = next.reach;
                    continue;
                }
                if next.line.x0 == current.reach {
                    next.from = current.reach;
                }
            }
            self.ahead = Some(next);
            break;
        }
        current
    }
}

/// The better of two curves in one sweep over the corners of both, without divisions but where they
/// cross: whether a corner is above the other curve is a matter of two products.
fn combine(a: &[Point], b: &[Point]) -> Curve {
    let mut points = Vec::with_capacity(a.len() + b.len() + 16);
    let (mut i, mut j) = (0, 0);
    // The lines that leave the last corner of each, once it has begun.
    let (mut line_a, mut line_b) = (None, None);
    // The last corner of either, and whether a is the better there.
    let mut lo = 0;
    let mut a_before = true;
    loop {
        let (pa, pb) = (a.get(i), b.get(j));
        let (x, of_a, of_b) = match (pa, pb) {
            (Some(p), Some(q)) => (p.x.min(q.x), p.x <= q.x, q.x <= p.x),
            (Some(p), None) => (p.x, true, false),
            (None, Some(q)) => (q.x, false, true),
            (None, None) => break,
        };
        let next_a = if of_a { Some(line_from(a, i)) } else { line_a };
        let next_b = if of_b { Some(line_from(b, j)) } else { line_b };
        // Whether a is the better at x.
        let a_now = match (&next_a, &next_b) {
            (Some(la), Some(lb)) if of_a => lb.compare_height(la.y0, x) != Ordering::Less,
            (Some(la), Some(lb)) => la.compare_height(lb.y0, x) != Ordering::Greater,
            (la, _) => la.is_some(),
        };
        if a_now != a_before && lo < x {
            match (&line_a, &line_b) {
                (Some(la), Some(lb)) => {
                    let steps = la.steps_until_crossing(lb, lo, a_before);
                    let (from, to) = if a_before { (la, lb) } else { (lb, la) };
                    cross(from, to, lo + steps + 1, &mut points);
                }
                // One begins here, above the other.
                (Some(la), None) => next_b.iter().for_each(|lb| cross(la, lb, x, &mut points)),
                (None, Some(lb)) => next_a.iter().for_each(|la| cross(lb, la, x, &mut points)),
                (None, None) => {}
            }
        }
        if if a_now { of_a } else { of_b } {
            let y = if a_now { a[i].y } else { b[j].y };
            push(&mut points, x, y.into());
        }
        (i, j) = (i + usize::from(of_a), j + usize::from(of_b));
        (line_a, line_b, lo, a_before) = (next_a, next_b, x, a_now);
    }
    // Beyond the last corner both are flat: no crossing.
    Curve::known(points)
}

/// The line that leaves point `i`.
fn line_from(points: &[Point], i: usize) -> Line {
    match points.get(i + 1) {
        Some(&to) => Line::between(points[i], to),
        None => Line::flat(points[i]),
    }
}

/// Writes the points of an envelope that begins at `start`, and tells `each` piece.
fn write_points<P: Pieces>(
    mut pieces: P,
    start: u64,
    points: &mut Vec<Point>,
    mut each: impl FnMut(&Piece),
) {
    let mut before = loop {
        let piece = pieces.pull();
        if piece.winner != NOT_STARTED {
            break piece;
        }
    };
    each(&before);
    points.push(floor_point(&before.line, start));
    while before.reach < u64::MAX {
        let piece = pieces.pull();
        each(&piece);
        let x = piece.from;
        if x == before.reach {
            // A corner of one curve.
            push(points, x, piece.line.y0.into());
        } else {
            cross(&before.line, &piece.line, x, points);
        }
        before = piece;
    }
    if before.line.dy > 0 {
        // Not a flat end: a curve that rises up to the largest amount there is.
        push(points, u64::MAX, before.line.floor_at(u64::MAX));
    }
}

/// Writes the points between two lines, of which `a` is followed up to `next` − 1 and `b` from
/// `next` on.
fn cross(a: &Line, b: &Line, next: u64, points: &mut Vec<Point>) {
    let k = next - 1;
    let to = b.floor_at(next);
    if a.floor_at(next) != to {
        // One point at `next` would draw `a` too high, or more than a unit too low.
        let from = a.floor_at(k);
        push(points, k, from);
        if b.floor_at(k) == from {
            return;
        }
    }
    push(points, next, to);
}

fn floor_point(line: &Line, x: u64) -> Point {
    // On the line: between 0 and 2^64 − 1.
    let y = u64::try_from(line.floor_at(x)).unwrap_or_default();
    Point { x, y }
}

fn push(points: &mut Vec<Point>, x: u64, y: i128) {
    if points.last().is_none_or(|p| p.x < x) {
        // A height on the line that is followed there: between 0 and 2^64 − 1.
        let y = u64::try_from(y).unwrap_or_default();
        points.push(Point { x, y });
    }
}
