//! Liquidity curves on a screen: what is drawn, and how one walks along it.
//!
//! A [`Plot`] is the data, [`Focus`] where the reader is; both are plain values that are tested
//! without a browser. The drawing itself is in `view`.

mod path;
mod scale;
mod view;

use std::rc::Rc;

use c2c::curve::Curve;

use crate::unit::{self, Unit};
// What the children of `view` share goes through here.
use path::{Columns, path};
pub use scale::{Axis, Spread, from_units};
pub use view::{CurveView, Swatch};

/// How many lines have a colour and dash of their own; further ones share the last.
pub const HUES: usize = 8;

/// Everything a chart of one destination shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// One line a candidate, the winners first.
    pub lines: Vec<Line>,
    /// What the best of them carry together; none where no curve is known.
    pub merged: Option<Merged>,
    /// What goes in.
    pub source: Option<Unit>,
    /// What comes out.
    pub destination: Option<Unit>,
}

/// The curve of one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What to call it.
    pub name: Rc<str>,
    /// Its curve.
    pub curve: Curve,
    /// Which colour and dash, below [`HUES`].
    pub hue: usize,
    /// Longer than the shortest: drawn faintly, as it is not used.
    pub ghost: bool,
}

/// The merged curve and who wins where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The curve.
    pub curve: Curve,
    /// From the smallest source amount to the largest.
    pub sections: Vec<Section>,
}

/// A part of the merged curve that one line wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// From this source amount…
    pub from: u64,
    /// …to this one.
    pub to: u64,
    /// The winner, as an index into [`Plot::lines`].
    pub line: usize,
}

/// What the vertical axis tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Measure {
    /// What comes out.
    #[default]
    Amount,
    /// What comes out of each one that goes in, in currency.
    Rate {
        /// Turns units by units into currency by currency.
        factor: f64,
    },
    /// By how much less comes out than by the best curve there, in hundredths of a percent of that: 0 on
    /// top, what is better above it.
    Below {
        /// The best.
        best: Curve,
    },
}

impl Measure {
    /// The height of `curve` at the source amount `at`; none where nothing goes in or nothing is
    /// carried, and so there is no rate.
    pub fn value(&self, curve: &Curve, at: u64) -> Option<f64> {
        self.of(curve, at, curve.amount_at(at))
    }

    /// The same, where it is known what comes `out` there.
    fn of(&self, curve: &Curve, at: u64, out: u64) -> Option<f64> {
        match self {
            Measure::Amount => Some(from_units(out)),
            Measure::Below { .. }
                if at == 0 || at < curve.points()[0].x || at > curve.capacity().x =>
            {
                None
            }
            Measure::Below { best } => {
                let most = best.amount_at(at);
                (most > 0).then(|| (from_units(out) / from_units(most) - 1.0) * 10_000.0)
            }
            Measure::Rate { .. } if at == 0 || at < curve.points()[0].x || out == 0 => None,
            Measure::Rate { factor } => Some(from_units(out) / from_units(at) * factor),
        }
    }

    /// Whether the straight parts of a curve stay straight.
    pub fn is_straight(&self) -> bool {
        matches!(self, Measure::Amount)
    }
}

impl Plot {
    /// The largest source amount worth showing: a little beyond where the last winner is full.
    pub fn reach(&self) -> u64 {
        let merged = self.merged.as_ref().map(|m| m.curve.capacity().x);
        let lines = self.lines.iter().map(|line| line.curve.capacity().x);
        let most = merged.or_else(|| lines.max()).unwrap_or(1);
        most.saturating_add(most / 12).max(10)
    }

    /// The smallest source amount that a logarithmic axis shows: two decades below where the first
    /// winner gives way, or three below the end.
    pub fn least(&self) -> u64 {
        let sections = self
            .merged
            .as_ref()
            .map(|merged| merged.sections.as_slice());
        let least = match sections {
            Some([first, _, ..]) => first.to / 100,
            _ => self.reach() / 1000,
        };
        least.max(1)
    }

    /// Whether a linear axis would squeeze what happens into its first pixels.
    pub fn wants_log(&self) -> bool {
        let sections = self
            .merged
            .as_ref()
            .map(|merged| merged.sections.as_slice());
        matches!(sections, Some([first, _, ..]) if first.to < self.reach() / 20)
    }

    /// The amounts shown after a key: `+` halves them around `at`, `-` doubles them, anything else shows all.
    pub fn zoomed(&self, shown: Option<(u64, u64)>, at: u64, key: &str) -> Option<(u64, u64)> {
        let (from, to) = shown.unwrap_or((0, self.reach()));
        let width = to.saturating_sub(from);
        let wanted = match key {
            "+" => (width / 2).max(8),
            "-" => width.saturating_mul(2),
            _ => return None,
        };
        if wanted >= self.reach() {
            return None;
        }
        let from = at.saturating_sub(wanted / 2).min(self.reach() - wanted);
        Some((from, from + wanted))
    }

    /// Who wins at the source amount `at`.
    pub fn winner(&self, at: u64) -> Option<usize> {
        let merged = self.merged.as_ref()?;
        let from = merged.sections.partition_point(|s| s.to < at);
        let section = merged.sections.get(from).or(merged.sections.last())?;
        (section.from <= at).then_some(section.line)
    }

    /// The curves one can walk along: the merged one first, then the lines.
    pub fn tracks(&self) -> impl Iterator<Item = (Rc<str>, &Curve)> {
        let merged = self.merged.as_ref();
        merged
            .map(|m| ("Merged curve".into(), &m.curve))
            .into_iter()
            .chain(self.lines.iter().map(|l| (l.name.clone(), &l.curve)))
    }

    /// What lies below the merged curve, where there is one.
    pub fn below(&self) -> Option<Measure> {
        let best = self.merged.as_ref()?.curve.clone();
        Some(Measure::Below { best })
    }

    /// The first factor of [`Measure::Rate`], where both units are known; else units by units.
    pub fn rate(&self) -> Measure {
        let factor = match (&self.source, &self.destination) {
            (Some(source), Some(destination)) => {
                from_units(source.scale.units_per_one())
                    / from_units(destination.scale.units_per_one())
            }
            _ => 1.0,
        };
        Measure::Rate { factor }
    }

    /// What a screen reader says about the reader's place.
    pub fn announce(&self, focus: Focus) -> String {
        let Some((name, curve)) = self.tracks().nth(focus.track) else {
            return "No curve to walk along.".to_owned();
        };
        let points = curve.points();
        let place = match points.binary_search_by_key(&focus.at, |p| p.x) {
            Ok(index) => format!("point {} of {}", index + 1, points.len()),
            Err(_) => "between points".to_owned(),
        };
        let put = unit::both(focus.at, self.source.as_ref());
        let got = unit::both(curve.amount_at(focus.at), self.destination.as_ref());
        let mut text = format!("{name}, {place}: send {put}, they receive {got}.");
        let winner = self
            .winner(focus.at)
            .filter(|_| curve.amount_at(focus.at) > 0);
        if let Some(winner) = winner {
            text += &format!(" {} carries it.", self.lines[winner].name);
        }
        if focus.at > curve.capacity().x {
            text += " Sending more delivers no more.";
        }
        text
    }
}

/// Where the reader of a chart is: on which curve, at which source amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// Which of [`Plot::tracks`].
    pub track: usize,
    /// The source amount.
    pub at: u64,
}

/// A step along a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the next corner of the curve.
    Next,
    /// To the corner before.
    Back,
    /// A fiftieth of the chart ahead, whether there is a corner or not.
    Ahead,
    /// A fiftieth of the chart back.
    Behind,
    /// To the curve before this one.
    Up,
    /// To the curve after this one.
    Down,
    /// To the first corner.
    First,
    /// To the last corner.
    Last,
}

impl Step {
    /// The step that a key of the keyboard takes.
    pub fn of_key(key: &str) -> Option<Step> {
        Some(match key {
            "ArrowRight" => Step::Next,
            "ArrowLeft" => Step::Back,
            "PageUp" => Step::Ahead,
            "PageDown" => Step::Behind,
            "ArrowUp" => Step::Up,
            "ArrowDown" => Step::Down,
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return None,
        })
    }
}

impl Focus {
    /// Where one step leads; nowhere new at the ends.
    pub fn step(self, step: Step, plot: &Plot) -> Focus {
        let count = plot.tracks().count();
        let Some((_, curve)) = plot.tracks().nth(self.track) else {
            return Focus::default();
        };
        let points = curve.points();
        let at = |x: u64| Focus { at: x, ..self };
        match step {
            Step::Next => points
                .iter()
                .find(|p| p.x > self.at)
                .map_or(self, |p| at(p.x)),
            Step::Back => {
                let before = points.iter().rev().find(|p| p.x < self.at);
                before.map_or(self, |p| at(p.x))
            }
            Step::Ahead => at(self.at.saturating_add(plot.reach() / 50).min(plot.reach())),
            Step::Behind => at(self.at.saturating_sub(plot.reach() / 50)),
            Step::First => at(points[0].x),
            Step::Last => at(curve.capacity().x),
            Step::Up => Focus {
                track: self.track.saturating_sub(1),
                ..self
            },
            Step::Down => Focus {
                track: (self.track + 1).min(count - 1),
                ..self
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use c2c::amount::Scale;

    fn plot() -> Plot {
        let curve = |points: &[(u64, u64)]| Curve::from_points(points.iter().copied()).unwrap();
        let line = |name: &str, hue, points: &[(u64, u64)]| Line {
            name: name.into(),
            curve: curve(points),
            hue,
            ghost: false,
        };
        Plot {
            lines: vec![
                line("anna", 0, &[(0, 0), (1000, 990)]),
                line("bert", 1, &[(0, 0), (5000, 4900)]),
            ],
            merged: Some(Merged {
                curve: curve(&[(0, 0), (1000, 990), (1011, 990), (5000, 4900)]),
                sections: vec![
                    Section {
                        from: 0,
                        to: 1010,
                        line: 0,
                    },
                    Section {
                        from: 1010,
                        to: 5000,
                        line: 1,
                    },
                ],
            }),
            source: Some(Unit {
                code: "USD".into(),
                scale: Scale::new(2).unwrap(),
            }),
            destination: None,
        }
    }

    #[test]
    fn the_winner_of_each_section_is_found() {
        let plot = plot();
        assert_eq!(plot.winner(1), Some(0));
        assert_eq!(plot.winner(1010), Some(0));
        assert_eq!(plot.winner(1011), Some(1));
        assert_eq!(plot.winner(u64::MAX), Some(1), "flat beyond the end");
    }

    #[test]
    fn arrows_walk_along_the_corners_and_between_curves() {
        let plot = plot();
        let start = Focus { track: 0, at: 500 };
        assert_eq!(start.step(Step::Next, &plot).at, 1000);
        assert_eq!(start.step(Step::Back, &plot).at, 0);
        assert_eq!(start.step(Step::Last, &plot).at, 5000);
        assert_eq!(
            start.step(Step::Last, &plot).step(Step::Next, &plot).at,
            5000
        );
        let on_bert = start.step(Step::Down, &plot).step(Step::Down, &plot);
        assert_eq!(on_bert, Focus { track: 2, at: 500 });
        assert_eq!(on_bert.step(Step::Down, &plot), on_bert);
        assert_eq!(Step::of_key("x"), None);
    }

    #[test]
    fn places_are_told_in_exact_integers() {
        let text = plot().announce(Focus { track: 0, at: 1000 });
        assert_eq!(
            text,
            "Merged curve, point 2 of 4: send 1,000 units (10 USD), they receive 990 units. anna carries it."
        );
        let beyond = plot().announce(Focus { track: 1, at: 2000 });
        assert!(beyond.ends_with("bert carries it. Sending more delivers no more."));
    }

    #[test]
    fn keys_come_closer_and_go_back() {
        let plot = plot();
        let half = plot.zoomed(None, 1000, "+").unwrap();
        assert_eq!(half, (0, plot.reach() / 2));
        let quarter = plot.zoomed(Some(half), 2000, "+").unwrap();
        assert!(quarter.0 < 2000 && 2000 < quarter.1 && quarter.1 - quarter.0 == plot.reach() / 4);
        assert_eq!(plot.zoomed(Some(half), 0, "-"), None, "nearly all is all");
        assert_eq!(plot.zoomed(Some(quarter), 0, "0"), None);
    }

    #[test]
    fn what_lies_below_the_best_is_told_in_basis_points() {
        let plot = plot();
        let below = plot.below().unwrap();
        let value = |line: usize, at| below.value(&plot.lines[line].curve, at).map(f64::round);
        assert_eq!((value(0, 1000), value(1, 1000)), (Some(0.0), Some(-101.0)));
        assert_eq!(
            (value(0, 2000), value(0, 0)),
            (None, None),
            "beyond its end, and at nothing"
        );
    }

    #[test]
    fn a_small_first_section_asks_for_a_logarithmic_axis() {
        let mut plot = plot();
        assert!(!plot.wants_log());
        assert_eq!(plot.least(), 10);
        let merged = plot.merged.as_mut().unwrap();
        merged.curve = Curve::from_points([(0, 0), (1000, 990), (9_000_000, 4900)]).unwrap();
        assert!(plot.wants_log());
    }

    #[tokio::test]
    async fn the_chart_is_coloured_and_named_by_winner() {
        let props = || view::CurveViewProps {
            plot: Rc::new(plot()),
            measure: Measure::Amount,
            spread: Spread::Linear,
            pinned: Some(500),
            looked: None,
            zoom: None,
            on_look: yew::Callback::noop(),
            on_zoom: yew::Callback::noop(),
            on_pin: yew::Callback::noop(),
            summary: "Two curves.".into(),
        };
        let renderer = yew::ServerRenderer::<CurveView>::with_props(props);
        let svg = renderer.hydratable(false).render().await;
        assert_eq!(svg.matches(r#"class="merged hue-"#).count(), 2, "{svg}");
        assert!(
            svg.contains(">anna</text>") && svg.contains(">bert</text>"),
            "{svg}"
        );
        assert!(svg.contains("You send, USD") && svg.contains("They receive, base units"));
        assert!(!svg.contains("NaN") && !svg.contains("style="), "{svg}");
    }
}
