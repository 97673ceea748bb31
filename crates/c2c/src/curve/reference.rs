//! The answers of ilp-routing 10.1.0, where they differ from the sound ones.

use std::cmp::Ordering;

use super::{Curve, Line, Point, U192, low, wide};

/// npm ilp-routing, `LiquidityCurve.combine`.
///
/// At the corners of both curves the larger amount, and between them every crossing with x rounded
/// up and y down; of points with equal x the first.
pub(super) fn combine(a: &Curve, b: &Curve) -> Curve {
    let (mut i, mut j) = (0, 0);
    let (pa, pb) = (a.points(), b.points());
    let mut points: Vec<Point> = Vec::with_capacity(pa.len() + pb.len());
    // The last corner, and the whole heights of both curves there.
    let mut before = (0, 0, 0);
    while i < pa.len() || j < pb.len() {
        let x = match (pa.get(i), pb.get(j)) {
            (Some(p), Some(q)) => p.x.min(q.x),
            (Some(p), None) | (None, Some(p)) => p.x,
            (None, None) => break,
        };
        let (from_a, from_b) = (i, j);
        i += usize::from(pa.get(i).is_some_and(|p| p.x == x));
        j += usize::from(pb.get(j).is_some_and(|p| p.x == x));
        let (ya, yb) = (floor_of(pa, i, x), floor_of(pb, j, x));
        // Between the last corner and this one, if both curves have begun there, and if not the same one is
        // higher by more than rounding at both.
        let (lo, la, lb) = before;
        let is_apart = (la > lb && ya > yb) || (la < lb && ya < yb);
        if from_a > 0 && from_b > 0 && !is_apart {
            let (la, lb) = (line_after(pa, from_a - 1), line_after(pb, from_b - 1));
            points.extend(crossing(&la, &lb, lo, x));
        }
        if points.last().is_none_or(|p| p.x < x) {
            points.push(Point { x, y: ya.max(yb) });
        }
        before = (x, ya, yb);
    }
    Curve::known(points)
}

/// npm ilp-routing, `LiquidityCurve.join`.
///
/// Head points by what the tail makes of them, tail points by the head's reverse, rounded down; of
/// points with equal x the first, head points first.
pub(super) fn join(head: &Curve, tail: &Curve) -> Option<Curve> {
    let (h, t) = (head.points(), tail.points());
    let (min, max) = (tail.origin().x, tail.capacity().x);
    // Both lists rise in x, so that they are merged as they come; a cursor follows each on the other curve.
    let mut passed = 0;
    let mut from_head = h
        .iter()
        .filter(|p| min <= p.y && p.y <= max)
        .map(|p| {
            while t.get(passed).is_some_and(|q| q.x <= p.y) {
                passed += 1;
            }
            (p.x, floor_of(t, passed, p.y))
        })
        .peekable();
    let mut below = 0;
    let mut from_tail = t
        .iter()
        .map_while(|q| {
            while h.get(below)?.y < q.x {
                below += 1;
            }
            let Some(a) = below.checked_sub(1).map(|i| h[i]) else {
                return Some((h[0].x, q.y));
            };
            let run = share(h[below].x - a.x, q.x - a.y, h[below].y - a.y);
            Some((a.x + run, q.y))
        })
        .peekable();
    let mut points: Vec<Point> = Vec::with_capacity(h.len() + t.len());
    loop {
        let next = match (from_head.peek(), from_tail.peek()) {
            (Some(p), Some(q)) if q.0 < p.0 => from_tail.next(),
            (Some(_), _) => from_head.next(),
            (None, _) => from_tail.next(),
        };
        let Some((x, y)) = next else { break };
        if points.last().is_none_or(|p| p.x < x) {
            points.push(Point { x, y });
        }
    }
    (!points.is_empty()).then(|| Curve::known(points))
}

/// npm ilp-routing, `LiquidityCurve.simplify` with npm vis-why 1.2.3 and its heap, npm sterta.
///
/// The areas are those of double precision, worked out in integers. Beyond 2^53, where the original
/// throws or loses digits, they are exact.
pub(super) fn simplify(curve: &Curve, max_points: usize) -> Curve {
    let points = curve.points();
    if points.len() < 3 || (max_points >= 3 && points.len() <= max_points) {
        return curve.clone();
    }
    let ends = || Curve::known(vec![curve.origin(), curve.capacity()]);
    if max_points < 3 {
        return ends();
    }
    let mut triangles = Triangles::new(points);
    if triangles.all.is_empty() {
        return ends();
    }
    let mut first = 0;
    for _ in 0..triangles.heap.len().saturating_sub(max_points - 2) {
        let gone = triangles.pop();
        let Triangle {
            c, a, prev, next, ..
        } = triangles.all[gone];
        match prev {
            Some(prev) => triangles.change(prev, |t| (t.next, t.c) = (next, c)),
            None => first = next.unwrap_or(gone),
        }
        if let Some(next) = next {
            triangles.change(next, |t| (t.prev, t.a) = (prev, a));
        }
    }
    let mut triangle = &triangles.all[first];
    let mut kept = vec![triangle.a, triangle.b];
    while let Some(next) = triangle.next {
        triangle = &triangles.all[next];
        kept.push(triangle.b);
    }
    kept.push(triangle.c);
    Curve::known(kept)
}

/// The line that leaves point `i`.
fn line_after(points: &[Point], i: usize) -> Line {
    match points.get(i + 1) {
        Some(&to) => Line::between(points[i], to),
        None => Line::flat(points[i]),
    }
}

/// The height at `x`, of which `passed` points are at or before.
fn floor_of(points: &[Point], passed: usize, x: u64) -> u64 {
    let Some(a) = passed.checked_sub(1).map(|i| points[i]) else {
        return 0;
    };
    match points.get(passed) {
        Some(b) if a.x < x => a.y + share(b.y - a.y, x - a.x, b.x - a.x),
        _ => a.y,
    }
}

/// `whole * part / all` rounded down, where the part is at most all of it.
fn share(whole: u64, part: u64, all: u64) -> u64 {
    if (whole | part) >> 32 == 0 {
        whole * part / all
    } else {
        low(wide(whole, part) / u128::from(all))
    }
}

/// Where two lines cross strictly between `lo` and `hi`, x rounded up and y down.
fn crossing(a: &Line, b: &Line, lo: u64, hi: u64) -> Option<Point> {
    let (first, last) = (a.compare_at(b, lo), a.compare_at(b, hi));
    if first == Ordering::Equal || last == Ordering::Equal || first == last {
        return None;
    }
    let (gap, closing) = a.gap_and_closing(b, lo);
    let steps = gap.divide(closing);
    let whole = U192::product(closing, steps) == gap;
    let x = lo + steps + u64::from(!whole);
    let y = if a.dy == 0 {
        a.y0
    } else if b.dy == 0 {
        b.y0
    } else {
        let (a, b) = (a.mirrored(), b.mirrored());
        let base = a.x0.max(b.x0);
        let (gap, closing) = a.gap_and_closing(&b, base);
        base + gap.divide(closing)
    };
    Some(Point { x, y })
}

/// A point with its neighbours, and the area the three span.
#[derive(Clone, Copy)]
struct Triangle {
    a: Point,
    b: Point,
    c: Point,
    area: u128,
    prev: Option<usize>,
    next: Option<usize>,
    /// Where it stands in the heap, from 0.
    place: usize,
}

/// The triangles of a line, and a heap of them by area, laid out as npm sterta lays it out: ties are
/// broken by the layout.
struct Triangles {
    all: Vec<Triangle>,
    heap: Vec<usize>,
}

impl Triangles {
    /// The original skips triangles of no area, but then pairs up the wrong neighbours.
    fn new(points: &[Point]) -> Self {
        let mut all: Vec<Triangle> = Vec::new();
        let mut a = points[0];
        for pair in points[1..].windows(2) {
            let (b, c) = (pair[0], pair[1]);
            let area = double_area(a, b, c);
            if area == 0 {
                continue;
            }
            let place = all.len();
            let prev = place.checked_sub(1);
            if let Some(prev) = prev {
                all[prev].next = Some(place);
            }
            all.push(Triangle {
                a,
                b,
                c,
                area,
                prev,
                next: None,
                place,
            });
            a = b;
        }
        let heap = (0..all.len()).collect();
        let mut triangles = Self { all, heap };
        for place in (0..triangles.heap.len().div_ceil(2)).rev() {
            triangles.down(place);
        }
        triangles
    }

    fn area(&self, place: usize) -> u128 {
        self.all[self.heap[place]].area
    }

    fn swap(&mut self, p: usize, q: usize) {
        self.heap.swap(p, q);
        self.all[self.heap[p]].place = p;
        self.all[self.heap[q]].place = q;
    }

    fn up(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.area(place) >= self.area(parent) {
                break;
            }
            self.swap(parent, place);
            place = parent;
        }
    }

    fn down(&mut self, mut place: usize) {
        loop {
            let mut smallest = place;
            for child in [2 * place + 1, 2 * place + 2] {
                if child < self.heap.len() && self.area(child) < self.area(smallest) {
                    smallest = child;
                }
            }
            if smallest == place {
                break;
            }
            self.swap(smallest, place);
            place = smallest;
        }
    }

    /// Takes the smallest out; there is one.
    fn pop(&mut self) -> usize {
        let smallest = self.heap.swap_remove(0);
        if let Some(&moved) = self.heap.first() {
            self.all[moved].place = 0;
            self.down(0);
        }
        smallest
    }

    /// Takes `triangle` out of the heap, changes it, and puts it back.
    fn change(&mut self, triangle: usize, how: impl FnOnce(&mut Triangle)) {
        let place = self.all[triangle].place;
        if place == self.heap.len() - 1 {
            self.heap.pop();
        } else {
            let rises = self.area(self.heap.len() - 1) < self.area(place);
            let moved = self.heap.swap_remove(place);
            debug_assert!(moved == triangle);
            self.all[self.heap[place]].place = place;
            if rises {
                self.up(place);
            } else {
                self.down(place);
            }
        }
        let t = &mut self.all[triangle];
        how(t);
        t.area = double_area(t.a, t.b, t.c);
        t.place = self.heap.len();
        self.heap.push(triangle);
        self.up(self.heap.len() - 1);
    }
}

/// Twice the area of a triangle, as double precision has it.
fn double_area(a: Point, b: Point, c: Point) -> u128 {
    let product = |p: u64, q: u64| u128::from(p) * u128::from(q);
    let left = product(c.x - a.x, b.y - a.y);
    let right = product(b.x - a.x, c.y - a.y);
    if (c.x | c.y) >> 53 == 0 {
        to_double(to_double(left).abs_diff(to_double(right)))
    } else {
        left.abs_diff(right)
    }
}

/// The nearest number of 53 significant bits, of two equally near ones the even one.
fn to_double(value: u128) -> u128 {
    let excess = (128 - value.leading_zeros()).saturating_sub(53);
    if excess == 0 {
        return value;
    }
    let kept = value >> excess;
    let rest = value & ((1 << excess) - 1);
    let half = 1 << (excess - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    (kept + u128::from(up)) << excess
}
