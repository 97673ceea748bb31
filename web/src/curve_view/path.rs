//! From a curve to the line that is drawn: never more than a few points for each column of pixels.

use std::fmt::Write as _;

use c2c::curve::Curve;

use super::{Axis, Measure, from_units};

/// How far apart a bent line is sampled, in pixels.
const SAMPLE: f64 = 3.0;

/// The `d` of an SVG path along `curve` between the source amounts `from` and `to`.
///
/// Curves rise, so the first and the last corner within a column of pixels stand for all of it:
/// the visible range is found by binary search, and a curve of a million points costs what one of
/// a thousand does.
pub fn path(
    curve: &Curve,
    (from, to): (u64, u64),
    x: &Axis,
    y: &Axis,
    measure: &Measure,
) -> String {
    let mut d = String::new();
    let mut pen = Pen::Up;
    for at in stops(curve, (from, to), x, measure) {
        let Some(value) = measure.value(curve, at) else {
            pen = Pen::Up;
            continue;
        };
        let letter = match pen {
            Pen::Up => 'M',
            Pen::Down => 'L',
        };
        pen = Pen::Down;
        let _ = write!(d, "{letter}{:.1} {:.1}", x.at(from_units(at)), y.at(value));
    }
    d
}

/// The source amounts at which the line bends, or is sampled where it is not straight.
fn stops(curve: &Curve, (from, to): (u64, u64), x: &Axis, measure: &Measure) -> Vec<u64> {
    let points = curve.points();
    let mut stops = vec![from, to];
    let first = points.partition_point(|p| p.x < from);
    let end = points.partition_point(|p| p.x <= to);
    let mut at = first;
    while at < end {
        let column = x.at(from_units(points[at].x)).floor();
        let rest = &points[at..end];
        let next = at + rest.partition_point(|p| x.at(from_units(p.x)).floor() <= column);
        // The partition holds at least the point it began with, because the axis only rises.
        let next = next.max(at + 1);
        stops.push(points[at].x);
        stops.push(points[next - 1].x);
        at = next;
    }
    if !(x.is_linear() && measure.is_straight()) {
        let (mut px, end) = (x.at(from_units(from)), x.at(from_units(to)));
        while px < end {
            stops.push(x.units_at(px).clamp(from, to));
            px += SAMPLE;
        }
    }
    stops.sort_unstable();
    stops.dedup();
    stops
}

enum Pen {
    Up,
    Down,
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
        assert_eq!(
            path(&curve, (0, 800), &x, &y, &Measure::Amount),
            "M0.0 300.0L400.0 187.5L800.0 187.5"
        );
        assert_eq!(
            path(&curve, (200, 400), &x, &y, &Measure::Amount),
            "M200.0 243.8L400.0 187.5"
        );
    }

    #[test]
    fn a_long_curve_is_drawn_with_two_corners_a_column() {
        let curve = Curve::from_points((0..100_000u64).map(|n| (n * 3, n * 2))).unwrap();
        let (x, y) = axes(300_000.0);
        let d = path(&curve, (0, 299_997), &x, &y, &Measure::Amount);
        let corners = d.matches(['M', 'L']).count();
        assert!((800..=1602).contains(&corners), "{corners}");
    }

    #[test]
    fn nothing_has_no_rate() {
        let curve = Curve::from_points([(0, 0), (100, 50)]).unwrap();
        let (x, y) = axes(100.0);
        let rate = Measure::Rate { factor: 1.0 };
        let d = path(&curve, (0, 100), &x, &y, &rate);
        assert!(d.starts_with('M') && !d.contains("NaN"), "{d}");
    }
}
