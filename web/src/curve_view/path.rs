//! From a curve to the line that is drawn: never more than a few points for each column of pixels, and of
//! these only the ones that can be seen.

use c2c::curve::Curve;

use super::{Axis, Measure, from_units};

/// How far apart a bent line is sampled, in pixels.
const SAMPLE: f64 = 3.0;
/// How far the line may be from where it belongs, in pixels: less than anybody sees.
const NEAR: f64 = 0.25;

/// The source amounts at which the columns of pixels begin.
///
/// Curves rise, so the first and the last corner within a column stand for all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Where each column ends.
    edges: Vec<u64>,
    /// Where a bent line is sampled.
    samples: Vec<u64>,
}

impl Columns {
    /// The columns of `x`, each so many pixels wide.
    pub fn of(x: &Axis, width: f64) -> Self {
        let (from, to) = x.range();
        let every = |step: f64| {
            let px = std::iter::successors(Some(from), move |px| Some(px + step));
            px.take_while(move |px| *px < to)
                .map(|px| x.units_at(px))
                .collect::<Vec<u64>>()
        };
        Self {
            edges: every(width).split_off(1),
            samples: every(SAMPLE * width),
        }
    }
}

/// The `d` of an SVG path along `curve` between the source amounts `from` and `to`.
pub fn path(
    curve: &Curve,
    (from, to): (u64, u64),
    (x, columns): (&Axis, &Columns),
    y: &Axis,
    measure: &Measure,
) -> String {
    let mut d = String::new();
    let mut sleeve = Sleeve::default();
    for (at, out) in stops(curve, (from, to), (x, columns), measure) {
        match measure.of(curve, at, out) {
            Some(value) => sleeve.go((x.at(from_units(at)), y.at(value)), &mut d),
            None => sleeve.lift(&mut d),
        }
    }
    sleeve.lift(&mut d);
    d
}

/// The source amounts at which the line bends, or is sampled where it is not straight, and what comes out.
fn stops(
    curve: &Curve,
    (from, to): (u64, u64),
    (x, columns): (&Axis, &Columns),
    measure: &Measure,
) -> Vec<(u64, u64)> {
    let all = curve.points();
    let first = all.partition_point(|p| p.x < from);
    let points = &all[first..all.partition_point(|p| p.x <= to).max(first)];
    // Both lists rise, and are taken together.
    let bent = !(x.is_linear() && measure.is_straight());
    let samples = if bent {
        columns.samples.as_slice()
    } else {
        &[]
    };
    let first = samples.partition_point(|at| *at <= from);
    let mut samples = samples[first..]
        .iter()
        .copied()
        .take_while(|at| *at < to)
        .peekable();
    let mut stops = Vec::with_capacity(64);
    stops.push((from, curve.amount_at(from)));
    let mut push = |at: u64, out: u64| {
        while let Some(sample) = samples.next_if(|sample| *sample <= at) {
            if sample < at {
                stops.push((sample, curve.amount_at(sample)));
            }
        }
        if stops.last().is_none_or(|(last, _)| *last < at) {
            stops.push((at, out));
        }
    };
    let mut edge = points.first().map_or(0, |point| {
        columns.edges.partition_point(|edge| *edge <= point.x)
    });
    let mut begins = true;
    for (at, point) in points.iter().enumerate() {
        let ends = match (points.get(at + 1), columns.edges.get(edge)) {
            (Some(next), Some(end)) => next.x >= *end,
            (None, _) => true,
            (_, None) => false,
        };
        if begins || ends {
            push(point.x, point.y);
        }
        begins = ends;
        if let Some(next) = points.get(at + 1).filter(|_| ends) {
            let rest = &columns.edges[edge..];
            // Most columns follow each other.
            edge += match rest.iter().take(4).position(|edge| *edge > next.x) {
                Some(near) => near,
                None => rest.partition_point(|edge| *edge <= next.x),
            };
        }
    }
    push(to, curve.amount_at(to));
    stops
}

/// Draws as few straight lines as pass near every point: from the last corner, all slopes that do are
/// between two, which close with every point.
#[derive(Default)]
struct Sleeve {
    corner: Option<(f64, f64)>,
    last: Option<(f64, f64)>,
    slopes: (f64, f64),
}

impl Sleeve {
    fn go(&mut self, point: (f64, f64), d: &mut String) {
        let Some(corner) = self.corner else {
            write(d, 'M', point);
            self.begin(point);
            return;
        };
        if let Some(last) = self.last {
            let right = point.0 - corner.0;
            let slope = (point.1 - corner.1) / right;
            let fits = right > 0.0 && slope >= self.slopes.0 && slope <= self.slopes.1;
            if !fits {
                write(d, 'L', last);
                self.begin(last);
            }
        }
        self.last = Some(point);
        if let Some((x, y)) = self.corner {
            let right = (point.0 - x).max(1e-9);
            let (low, high) = ((point.1 - y - NEAR) / right, (point.1 - y + NEAR) / right);
            self.slopes = (self.slopes.0.max(low), self.slopes.1.min(high));
        }
    }

    fn begin(&mut self, corner: (f64, f64)) {
        *self = Self {
            corner: Some(corner),
            last: None,
            slopes: (f64::NEG_INFINITY, f64::INFINITY),
        };
    }

    fn lift(&mut self, d: &mut String) {
        if let Some(last) = self.last {
            write(d, 'L', last);
        }
        *self = Self::default();
    }
}

/// A point with one digit behind the dot, `L12.5 300.0`.
fn write(d: &mut String, letter: char, (x, y): (f64, f64)) {
    let mut number = |before: char, value: f64| {
        d.push(before);
        // Axes put nothing further than half their length beyond their ends.
        #[allow(clippy::cast_possible_truncation)]
        let tenths = (value * 10.0).round() as i32;
        if tenths < 0 {
            d.push('-');
        }
        let tenths = tenths.unsigned_abs();
        d.push_str(&(tenths / 10).to_string());
        d.push('.');
        d.push(char::from_digit(tenths % 10, 10).unwrap_or('0'));
    };
    number(letter, x);
    number(' ', y);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve_view::Spread;

    fn axes(high: f64) -> (Axis, Axis) {
        (
            Axis::new(Spread::Linear, (0.0, high), (0.0, 800.0)),
            Axis::new(Spread::Linear, (0.0, high), (300.0, 0.0)),
        )
    }

    #[test]
    fn a_short_curve_keeps_every_corner() {
        let curve = Curve::from_points([(0, 0), (400, 300), (800, 300)]).unwrap();
        let (x, y) = axes(800.0);
        let path = |part| {
            path(
                &curve,
                part,
                (&x, &Columns::of(&x, 1.0)),
                &y,
                &Measure::Amount,
            )
        };
        assert_eq!(path((0, 800)), "M0.0 300.0L400.0 187.5L800.0 187.5");
        assert_eq!(path((200, 400)), "M200.0 243.8L400.0 187.5");
    }

    #[test]
    fn a_long_curve_is_drawn_with_two_corners_a_column() {
        let curve = Curve::from_points((0..100_000u64).map(|n| (n * 3, n / 100 * 300))).unwrap();
        let (x, y) = axes(300_000.0);
        let d = path(
            &curve,
            (0, 299_997),
            (&x, &Columns::of(&x, 1.0)),
            &y,
            &Measure::Amount,
        );
        let corners = d.matches(['M', 'L']).count();
        assert!((300..=1602).contains(&corners), "{corners}");
    }

    #[test]
    fn what_nobody_sees_is_not_drawn_and_the_rest_is_where_it_belongs() {
        let bent = |n: u64| n * 900 + (n * 7) % 800;
        let curve = Curve::from_points((0..1000u64).map(|n| (n * 1000, bent(n)))).unwrap();
        let (x, y) = axes(1_000_000.0);
        let (x, y) = (&x, &y);
        let d = path(
            &curve,
            (0, 999_000),
            (x, &Columns::of(x, 1.0)),
            y,
            &Measure::Amount,
        );
        let drawn: Vec<(f64, f64)> = d[1..]
            .split('L')
            .map(|point| point.split_once(' ').unwrap())
            .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
            .collect();
        assert!(drawn.len() < 30, "{}", drawn.len());
        for n in 1..1000 {
            let (px, py) = (x.at(from_units(n * 1000)), y.at(from_units(bent(n))));
            let right = drawn
                .partition_point(|point| point.0 < px)
                .clamp(1, drawn.len() - 1);
            let ((x0, y0), (x1, y1)) = (drawn[right - 1], drawn[right]);
            let line = y0 + (y1 - y0) * (px - x0) / (x1 - x0);
            // Digits that are cut off come on top.
            assert!((line - py).abs() < NEAR + 0.4, "{n}: {line} {py}");
        }
    }

    #[test]
    fn nothing_has_no_rate() {
        let curve = Curve::from_points([(0, 0), (100, 50)]).unwrap();
        let (x, y) = axes(100.0);
        let rate = Measure::Rate { factor: 1.0 };
        let d = path(&curve, (0, 100), (&x, &Columns::of(&x, 1.0)), &y, &rate);
        assert!(d.starts_with('M') && !d.contains("NaN"), "{d}");
    }
}
