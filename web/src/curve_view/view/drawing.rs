//! What of a chart stays while the reader only looks: axes, curves, names.

use std::cell::RefCell;
use std::rc::Rc;

use c2c::curve::{Curve, Point};
use yew::prelude::*;

use super::{Geometry, HUES, LEFT, TOP, hue, px};
use crate::curve_view::{Columns, Measure, Plot, Section, from_units, path};
use crate::unit;

/// The strip above the plot that names the winner of each section.
const BAND: f64 = 22.0;
/// About how wide a letter of a label is.
const LETTER: f64 = 6.6;
/// What is said of the flat end of the merged curve.
const FULL: &str = "full: more buys nothing";

/// Properties of [`Drawing`].
#[derive(Properties, PartialEq)]
pub struct DrawingProps {
    /// Where everything stands.
    pub geometry: Rc<Geometry>,
    /// The data.
    pub plot: Rc<Plot>,
    /// What the vertical axis tells.
    pub measure: Measure,
    /// The curve that the keyboard walks along.
    pub track: usize,
}

/// The drawing.
#[function_component(Drawing)]
pub fn drawing(props: &DrawingProps) -> Html {
    let traced = use_mut_ref(Traced::default);
    let (geometry, plot, measure) = (&props.geometry, &props.plot, &props.measure);
    traced.borrow_mut().begin(geometry, measure);
    let lines = geometry.lines(plot, measure, props.track, &traced);
    traced.borrow_mut().end();
    html! {
        <>
            { geometry.grid(plot) }
            { geometry.band(plot) }
            { lines }
            { geometry.end_labels(plot, measure) }
        </>
    }
}

/// The paths that were drawn last: what stands where it stood is not traced again.
#[derive(Default)]
struct Traced {
    on: Option<(Rc<Geometry>, Measure)>,
    columns: Rc<Columns>,
    /// Wider ones, for what is only a backdrop.
    coarse: Rc<Columns>,
    last: Vec<Trace>,
    now: Vec<Trace>,
}

struct Trace {
    curve: Curve,
    part: (u64, u64),
    d: AttrValue,
}

impl Traced {
    fn begin(&mut self, geometry: &Rc<Geometry>, measure: &Measure) {
        let on = (geometry.clone(), measure.clone());
        if self.on.as_ref() != Some(&on) {
            self.last.clear();
            self.columns = Rc::new(Columns::of(&geometry.x, 1.0));
            self.coarse = Rc::new(Columns::of(&geometry.x, 3.0));
            self.on = Some(on);
        }
    }

    /// Most curves are asked for in the order in which they were the last time.
    fn path(
        &mut self,
        curve: &Curve,
        part: (u64, u64),
        trace: impl FnOnce() -> String,
    ) -> AttrValue {
        let before = self.last.get(self.now.len());
        let same = before
            .filter(|old| old.part == part && std::ptr::eq(old.curve.points(), curve.points()));
        let d = same.map_or_else(|| trace().into(), |old| old.d.clone());
        self.now.push(Trace {
            curve: curve.clone(),
            part,
            d: d.clone(),
        });
        d
    }

    fn end(&mut self) {
        self.last = std::mem::take(&mut self.now);
    }
}

impl Geometry {
    fn grid(&self, plot: &Plot) -> Html {
        let (left, right) = self.x.range();
        let (bottom, top) = self.y.range();
        // Ticks are round in the currency: the scale is a power of ten, so they are round in units.
        let columns = if self.width < 480.0 { 3 } else { 6 };
        let x_ticks = self.x.ticks(columns).into_iter().map(|value| {
            let at = self.x.at(value);
            html! {
                <text class="tick" x={px(at)} y={px(bottom + 18.0)} text-anchor="middle">
                    { unit::short(value / self.source_unit) }
                </text>
            }
        });
        let y_ticks = self.y.ticks(5).into_iter().map(|value| {
            let at = self.y.at(value);
            html! {
                <>
                    <line class="grid" x1={px(left)} x2={px(right)} y1={px(at)} y2={px(at)} />
                    <text class="tick" x={px(left - 8.0)} y={px(at + 4.0)} text-anchor="end">
                        { unit::short(value / self.destination_unit) }
                    </text>
                </>
            }
        });
        let mut edges = String::new();
        for section in self.sections(plot).iter().skip(1) {
            let at = self.x.at(from_units(section.from));
            edges += &format!("M{at:.1} {:.1}V{bottom:.1}", top - 6.0);
        }
        html! {
            <g>
                { for y_ticks }
                { for x_ticks }
                <line class="axis" x1={px(left)} x2={px(right)} y1={px(bottom)} y2={px(bottom)} />
                <path class="edge" d={edges} />
            </g>
        }
    }

    fn band(&self, plot: &Plot) -> Html {
        let right = self.x.range().1;
        let sections = self.sections(plot);
        let last = sections.len().saturating_sub(1);
        let parts = sections.iter().enumerate().map(|(index, section)| {
            let line = &plot.lines[section.line];
            let from = self.x.at(from_units(section.from)).max(LEFT);
            let to = if index == last {
                right
            } else {
                self.x.at(from_units(section.to))
            };
            let width = (to - from).max(1.0);
            let name = fitted(&line.name, width - 14.0);
            html! {
                <g class={hue(line.hue, line.ghost)}>
                    <rect class="band" x={px(from)} y="6" width={px((width - 1.5).max(1.0))} height={px(BAND)} rx="3" />
                    if !name.is_empty() {
                        <text class="band-name" x={px(from + 8.0)} y="21">{ name }</text>
                    }
                </g>
            }
        });
        html! { <g data-testid="chart-band">{ for parts }</g> }
    }

    /// The sections that can be told apart: one that is no pixel wide goes with the one before it.
    fn sections(&self, plot: &Plot) -> Vec<Section> {
        let mut seen: Vec<Section> = Vec::new();
        let all = plot.merged.iter().flat_map(|merged| &merged.sections);
        for section in all {
            let px = |units: u64| self.x.at(from_units(units));
            match seen.last_mut() {
                Some(last) if px(section.to) - px(section.from) < 1.0 => last.to = section.to,
                _ => seen.push(*section),
            }
        }
        seen
    }

    fn lines(
        &self,
        plot: &Plot,
        measure: &Measure,
        track: usize,
        traced: &RefCell<Traced>,
    ) -> Html {
        let reach = plot.reach();
        let offset = usize::from(plot.merged.is_some());
        // What is left of the axis would pile up on it.
        let least = self.x.units_at(self.x.range().0);
        let (fine, coarse) = {
            let traced = traced.borrow();
            (traced.columns.clone(), traced.coarse.clone())
        };
        let draw = |columns: &Columns, curve: &Curve, from: u64, to: u64| {
            let from = from.max(least);
            let part = (from, to.max(from));
            let trace = || path(curve, part, (&self.x, columns), &self.y, measure);
            traced.borrow_mut().path(curve, part, trace)
        };
        let mut order: Vec<_> = plot.lines.iter().enumerate().collect();
        order.sort_by_key(|(index, line)| (!line.ghost, index + offset == track));
        let lines = order.into_iter().map(|(index, line)| {
            let (first, last) = (line.curve.origin(), line.curve.capacity());
            let walked = index + offset == track;
            // Those that have no colour of their own are a backdrop to the others.
            let rest = (index >= HUES && !walked).then_some("rest");
            let columns = if rest.is_some() { &coarse } else { &fine };
            let ends = measure.is_straight() && last.x < reach && rest.is_none();
            html! {
                <g class={classes!("candidate", hue(line.hue, line.ghost), walked.then_some("walked"), rest)}>
                    <path class="line" d={draw(columns, &line.curve, first.x, last.x)} />
                    if ends {
                        <path class="tail" d={self.flat(last)} />
                    }
                </g>
            }
        });
        let halo = plot.merged.iter().map(|merged| {
            let (first, last) = (merged.curve.origin(), merged.curve.capacity());
            html! { <g class="merged"><path class="halo" d={draw(&fine, &merged.curve, first.x, last.x)} /></g> }
        });
        let sections = self.sections(plot);
        let merged = plot.merged.iter().flat_map(|merged| {
            let (draw, fine) = (&draw, &fine);
            sections.iter().map(move |section| {
                let line = &plot.lines[section.line];
                html! {
                    <g class={classes!("merged", hue(line.hue, line.ghost))}>
                        <path class="line" d={draw(fine, &merged.curve, section.from, section.to)} />
                    </g>
                }
            })
        });
        // A drawing within the drawing cuts off what leaves the plot.
        let (left, right) = (LEFT - 2.0, self.width - 4.0);
        let (top, bottom) = (TOP - 4.0, self.y.range().0 + 2.0);
        html! {
            <svg x={px(left)} y={px(top)} width={px(right - left)} height={px(bottom - top)}
                viewBox={format!("{left} {top} {} {}", right - left, bottom - top)}>
                { for lines }{ for halo }{ for merged }
                { self.tail_words(plot, measure) }
            </svg>
        }
    }

    /// The flat line behind the end of a curve.
    fn flat(&self, end: Point) -> String {
        let (x, y) = (self.x.at(from_units(end.x)), self.y.at(from_units(end.y)));
        format!("M{x:.1} {y:.1}H{:.1}", self.x.range().1)
    }

    /// The end of the merged curve, where what is behind it is shown.
    fn full(&self, plot: &Plot, measure: &Measure) -> Option<Point> {
        let merged = plot.merged.as_ref().filter(|_| measure.is_straight())?;
        let end = merged.curve.capacity();
        let x = self.x.at(from_units(end.x));
        (x <= self.x.range().1 - 4.0 && x >= LEFT).then_some(end)
    }

    /// Where words about the end of the merged curve stand: over it, where no curve is, as long as there is room.
    fn above(&self, end: Point) -> f64 {
        let y = self.y.at(from_units(end.y));
        if y - 9.0 > TOP + 8.0 {
            y - 9.0
        } else {
            y + 16.0
        }
    }

    /// Says that sending more than the merged curve carries buys nothing.
    fn tail_words(&self, plot: &Plot, measure: &Measure) -> Html {
        let Some(end) = self.full(plot, measure) else {
            return Html::default();
        };
        let (right, y) = (self.x.range().1, self.above(end));
        html! {
            <>
                <path class="flat" d={self.flat(end)} />
                <text class="flat-words" x={px(right)} y={px(y)} text-anchor="end">{ FULL }</text>
            </>
        }
    }

    /// Names at the ends of the lines, moved apart where they would overlap; left out where there
    /// is no room.
    fn end_labels(&self, plot: &Plot, measure: &Measure) -> Html {
        let words = self.full(plot, measure).map(|end| {
            #[allow(clippy::cast_precision_loss)]
            let width = FULL.len() as f64 * LETTER;
            let right = self.x.range().1;
            (right - width, right, self.above(end))
        });
        let mut taken: Vec<(f64, f64, f64)> = words.into_iter().collect();
        let mut labels = Vec::new();
        for line in plot.lines.iter().take(HUES) {
            let end = line.curve.capacity();
            let Some(value) = measure.value(&line.curve, end.x) else {
                continue;
            };
            let (x, y) = (self.x.at(from_units(end.x)), self.y.at(value));
            let (bottom, top) = self.y.range();
            if x > self.x.range().1 + 1.0 || y > bottom + 1.0 || y < top - 1.0 {
                continue;
            }
            #[allow(clippy::cast_precision_loss)]
            let width = line.name.chars().count() as f64 * LETTER;
            let left = (x - width - 4.0).max(LEFT + 2.0);
            let free = [-9.0, -24.0, 18.0, 33.0]
                .map(|d| y + d)
                .into_iter()
                .find(|y| {
                    *y > TOP + 8.0
                        && *y < self.y.range().0 - 3.0
                        && taken.iter().all(|(l, r, other)| {
                            left > *r + 4.0 || left + width < *l - 4.0 || (y - other).abs() > 14.0
                        })
                });
            labels.push(html! {
                <g class={hue(line.hue, line.ghost)}>
                    <circle class="end" cx={px(x)} cy={px(y)} r="3.5" />
                    if let Some(y) = free {
                        <text class="end-name" x={px(left)} y={px(y)}>{ line.name.to_string() }</text>
                    }
                </g>
            });
            if let Some(y) = free {
                taken.push((left, left + width, y));
            }
        }
        html! { <g>{ for labels }</g> }
    }
}

/// As much of `name` as fits into `width`; nothing where that would be no help.
fn fitted(name: &str, width: f64) -> String {
    let length = name.chars().count();
    #[allow(clippy::cast_precision_loss)]
    let fits = |letters: usize| letters as f64 * LETTER <= width;
    if fits(length) {
        return name.to_owned();
    }
    let kept = (3..length).rev().find(|letters| fits(letters + 1));
    kept.map_or_else(String::new, |letters| {
        name.chars().take(letters).chain(['…']).collect()
    })
}
