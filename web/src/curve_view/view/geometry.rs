//! Where everything stands on a chart.

use yew::prelude::*;

use super::CurveViewProps;
use crate::curve_view::{Axis, Measure, Plot, Spread, from_units};
use crate::unit::Unit;

/// Left of the plot, for the numbers of the axis.
pub const LEFT: f64 = 62.0;
const RIGHT: f64 = 18.0;
/// Above it, for the band of winners.
pub const TOP: f64 = 40.0;
const BOTTOM: f64 = 30.0;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// How wide the whole is, in pixels.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// The source amounts.
    pub x: Axis,
    /// What the measure tells of them.
    pub y: Axis,
    /// How many base units the numbers along the horizontal axis count by.
    pub source_unit: f64,
    /// The same of the vertical axis.
    pub destination_unit: f64,
}

impl Geometry {
    /// The geometry of what `props` asks for.
    pub fn new(props: &CurveViewProps, width: f64) -> Self {
        let plot = &props.plot;
        let height = (width * 0.52).clamp(250.0, 400.0);
        let (low, reach) = match (props.zoom, props.spread) {
            (Some((from, to)), _) => (from_units(from), from_units(to.max(from + 1))),
            (None, Spread::Linear) => (0.0, from_units(plot.reach())),
            (None, Spread::Log) => (from_units(plot.least()), from_units(plot.reach())),
        };
        let x = Axis::new(props.spread, (low, reach), (LEFT, width - RIGHT));
        // Where amounts are spread by their ratio, so is what comes out: straight lines stay straight.
        let up = match props.measure {
            Measure::Amount => props.spread,
            Measure::Rate { .. } | Measure::Below { .. } => Spread::Linear,
        };
        let range = (height - BOTTOM, TOP);
        let y = Axis::new(up, heights(plot, &props.measure, &x, props.spread), range);
        let one = |unit: &Option<Unit>| {
            unit.as_ref()
                .map_or(1.0, |unit| from_units(unit.scale.units_per_one()))
        };
        let destination_unit = match props.measure {
            Measure::Amount => one(&plot.destination),
            Measure::Rate { .. } | Measure::Below { .. } => 1.0,
        };
        Self {
            width,
            height,
            x,
            y,
            source_unit: one(&plot.source),
            destination_unit,
        }
    }

    /// The source amount that a pointer is over.
    pub fn pointed(&self, frame: &NodeRef, event: &web_sys::MouseEvent) -> Option<u64> {
        let element = frame.cast::<web_sys::Element>()?;
        let left = element.get_bounding_client_rect().left();
        Some(self.x.round_units_at(f64::from(event.client_x()) - left))
    }

    /// What the vertical axis tells.
    pub fn y_title(&self, plot: &Plot, measure: &Measure) -> String {
        match (measure, &plot.source, &plot.destination) {
            (Measure::Amount, _, destination) => super::title("They receive", destination.as_ref()),
            (Measure::Rate { .. }, Some(source), Some(destination)) => {
                format!(
                    "{} received for each {} sent",
                    destination.code, source.code
                )
            }
            (Measure::Below { .. }, ..) => "Basis points below the best".to_owned(),
            (Measure::Rate { .. }, ..) => "Units received for each unit sent".to_owned(),
        }
    }
}

/// The lowest and highest value that the vertical axis has to show.
fn heights(plot: &Plot, measure: &Measure, x: &Axis, spread: Spread) -> (f64, f64) {
    let merged = plot.merged.iter().map(|m| &m.curve);
    let lines = plot.lines.iter().map(|line| &line.curve);
    if let Measure::Amount = measure {
        let used: Vec<_> = if plot.merged.is_some() {
            merged.collect()
        } else {
            lines.collect()
        };
        let at = |units| {
            used.iter()
                .map(move |curve| from_units(curve.amount_at(units)))
        };
        let (least, most) = (x.units_at(x.range().0), x.units_at(x.range().1));
        let highest = at(most).fold(1.0, f64::max);
        let lowest = at(least).fold(highest, f64::min);
        return match spread {
            Spread::Linear => (lowest, highest + (highest - lowest).max(1.0) * 0.12),
            Spread::Log => (lowest * 0.7, highest * 2.5),
        };
    }
    if let Measure::Below { .. } = measure {
        // What is far worse falls off the bottom, what is longer and better has some room on top.
        let (from, to) = x.range();
        let sampled = (1..=48u32).map(|n| x.units_at(from + (to - from) * f64::from(n) / 48.0));
        let values = || {
            let lines: Vec<_> = lines.clone().collect();
            sampled.clone().flat_map(move |at| {
                lines
                    .clone()
                    .into_iter()
                    .filter_map(move |curve| measure.value(curve, at))
            })
        };
        let low = values().fold(-10.0, f64::min).max(-1_000.0);
        let high = values().fold(0.0, f64::max).min(1_000.0);
        return (low * 1.1, high + (high - low) * 0.08);
    }
    // Rates are taken where curves are used: their flat ends would squeeze all the rest. What is far
    // worse than the worst that is used falls off the bottom.
    let (from, to) = x.range();
    let rates = |curve: &c2c::curve::Curve| {
        let last = curve.capacity().x;
        (2..=48u32)
            .map(|n| x.units_at(from + (to - from) * f64::from(n) / 48.0))
            .filter(|at| *at <= last)
            .chain([last])
            .filter_map(|at| measure.value(curve, at))
            .collect::<Vec<f64>>()
    };
    let high = merged
        .clone()
        .chain(lines.clone())
        .flat_map(rates)
        .fold(0.0, f64::max);
    let used: Vec<f64> = if plot.merged.is_some() {
        merged.flat_map(rates).collect()
    } else {
        lines.flat_map(rates).collect()
    };
    let low = used.into_iter().fold(high, f64::min);
    let room = ((high - low) * 0.25).max(high * 1e-3);
    ((low - room).max(0.0), (high + room * 0.6).max(1e-12))
}
