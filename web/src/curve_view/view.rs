//! Draws a [`Plot`]. Colour, dash and width come from the style sheet; only geometry is set here.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use super::path::path;
use super::{Axis, Focus, HUES, Measure, Plot, Spread, Step, from_units};
use crate::unit::{self, Unit};

/// How far a pointer moves before that is a brush and no click, in pixels.
const BRUSH: i32 = 8;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 30.0;
/// The strip above the plot that names the winner of each section.
const BAND: f64 = 22.0;
/// About how wide a letter of a label is.
const LETTER: f64 = 6.6;

/// What [`CurveView`] draws.
#[derive(Properties, PartialEq)]
pub struct CurveViewProps {
    /// The data.
    pub plot: Rc<Plot>,
    /// What the vertical axis tells.
    pub measure: Measure,
    /// How the horizontal axis is spread.
    pub spread: Spread,
    /// The source amount that was typed or chosen.
    pub pinned: Option<u64>,
    /// The source amount under the pointer, or where the keyboard is.
    pub looked: Option<u64>,
    /// The source amounts that are shown; none: all of them.
    pub zoom: Option<(u64, u64)>,
    /// Tells which source amounts they want to see.
    pub on_zoom: Callback<Option<(u64, u64)>>,
    /// Tells where the reader looks; nothing when they leave.
    pub on_look: Callback<Option<u64>>,
    /// Tells that they chose this source amount.
    pub on_pin: Callback<u64>,
    /// What the chart shows, in a sentence.
    pub summary: AttrValue,
}

/// The chart: curves, the merged curve coloured by winner, a cross-hair, and its keyboard.
#[function_component(CurveView)]
pub fn curve_view(props: &CurveViewProps) -> Html {
    let frame = use_node_ref();
    let width = use_width(&frame);
    let track = use_state_eq(|| 0usize);
    let said = use_state_eq(String::new);
    let geometry = Geometry::new(props, width);

    let at = props.looked.or(props.pinned);
    // Where a brush began: in pixels and in units.
    let brush = use_mut_ref(|| None::<(i32, u64)>);
    let onpointerdown = {
        let (frame, brush, geometry) = (frame.clone(), brush.clone(), geometry.clone());
        Callback::from(move |event: PointerEvent| {
            *brush.borrow_mut() = geometry
                .pointed(&frame, &event)
                .map(|units| (event.client_x(), units));
        })
    };
    let onpointermove = {
        let (frame, on_look, geometry) = (frame.clone(), props.on_look.clone(), geometry.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(units) = geometry.pointed(&frame, &event) {
                on_look.emit(Some(units));
            }
        })
    };
    let onpointerleave = {
        let on_look = props.on_look.clone();
        Callback::from(move |_: PointerEvent| on_look.emit(None))
    };
    let onclick = {
        let (frame, on_pin, geometry) = (frame.clone(), props.on_pin.clone(), geometry.clone());
        let (brush, on_zoom) = (brush.clone(), props.on_zoom.clone());
        Callback::from(move |event: MouseEvent| {
            let Some(units) = geometry.pointed(&frame, &event) else {
                return;
            };
            match brush.take() {
                // A brush over some width shows what is under it; anything less is a click.
                Some((px, from)) if (event.client_x() - px).abs() > BRUSH && from != units => {
                    on_zoom.emit(Some((from.min(units), from.max(units))));
                }
                _ => on_pin.emit(units),
            }
        })
    };
    let onkeydown = {
        let (plot, on_look, on_pin) = (
            props.plot.clone(),
            props.on_look.clone(),
            props.on_pin.clone(),
        );
        let (track, said, frame) = (track.clone(), said.clone(), frame.clone());
        let (on_zoom, zoom) = (props.on_zoom.clone(), props.zoom);
        Callback::from(move |event: KeyboardEvent| {
            let focus = Focus {
                track: *track,
                at: at.unwrap_or_default(),
            };
            match event.key().as_str() {
                "Enter" | " " => {
                    on_pin.emit(focus.at);
                    said.set(format!("Chosen. {}", plot.announce(focus)));
                }
                "+" | "-" | "0" => {
                    let closer = plot.zoomed(zoom, focus.at, event.key().as_str());
                    on_zoom.emit(closer);
                    said.set(match closer {
                        Some((from, to)) => format!(
                            "Shown: from {} to {}.",
                            unit::both(from, plot.source.as_ref()),
                            unit::both(to, plot.source.as_ref())
                        ),
                        None => "All amounts are shown.".to_owned(),
                    });
                }
                "Escape" => {
                    on_look.emit(None);
                    if let Some(element) = frame.cast::<web_sys::HtmlElement>() {
                        let _ = element.blur();
                    }
                }
                key => {
                    let Some(step) = Step::of_key(key) else {
                        return;
                    };
                    let focus = focus.step(step, &plot);
                    track.set(focus.track);
                    said.set(plot.announce(focus));
                    on_look.emit(Some(focus.at));
                }
            }
            event.prevent_default();
        })
    };

    html! {
        <figure class="chart" data-testid="chart">
            <div class="chart-axes">
                <span>{ geometry.y_title(&props.plot, &props.measure) }</span>
            </div>
            <div ref={frame} class="chart-frame" tabindex="0" role="application"
                aria-roledescription="chart" aria-label={props.summary.clone()}
                aria-describedby="chart-keys"
                {onpointerdown} {onpointermove} {onpointerleave} {onclick} {onkeydown}>
                <svg width={px(geometry.width)} height={px(geometry.height)}
                    viewBox={format!("0 0 {} {}", geometry.width, geometry.height)}
                    aria-hidden="true" focusable="false">
                    { geometry.grid(&props.plot) }
                    { geometry.band(&props.plot) }
                    { geometry.lines(&props.plot, &props.measure, *track) }
                    { geometry.end_labels(&props.plot, &props.measure) }
                    { geometry.cross_hair(&props.plot, &props.measure, props.pinned, "pinned") }
                    { geometry.cross_hair(&props.plot, &props.measure, props.looked, "looked") }
                </svg>
            </div>
            <figcaption class="chart-axes">
                <span id="chart-keys" class="hint">
                    {"Arrow keys walk along the points and between curves, Home and End jump, Enter chooses, + and − zoom, 0 shows all. Drag to zoom."}
                </span>
                <span>{ title("You send", props.plot.source.as_ref()) }</span>
            </figcaption>
            <p class="unseen" role="status" aria-live="polite" data-testid="chart-announcement">
                { (*said).clone() }
            </p>
        </figure>
    }
}

/// Properties of [`Swatch`].
#[derive(Properties, PartialEq)]
pub struct SwatchProps {
    /// Which colour and dash.
    pub hue: usize,
    /// Whether it stands for a line that is drawn faintly.
    #[prop_or_default]
    pub ghost: bool,
}

/// A short piece of a line, for a legend.
#[function_component(Swatch)]
pub fn swatch(props: &SwatchProps) -> Html {
    html! {
        <svg class={classes!("swatch", hue(props.hue, props.ghost))} width="28" height="10" aria-hidden="true">
            <line class="line" x1="1" y1="5" x2="27" y2="5" />
        </svg>
    }
}

/// Where everything stands.
#[derive(Clone, PartialEq)]
struct Geometry {
    width: f64,
    height: f64,
    x: Axis,
    y: Axis,
    source_unit: f64,
    destination_unit: f64,
}

impl Geometry {
    fn new(props: &CurveViewProps, width: f64) -> Self {
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

    fn pointed(&self, frame: &NodeRef, event: &web_sys::MouseEvent) -> Option<u64> {
        let element = frame.cast::<web_sys::Element>()?;
        let left = element.get_bounding_client_rect().left();
        Some(self.x.round_units_at(f64::from(event.client_x()) - left))
    }

    fn y_title(&self, plot: &Plot, measure: &Measure) -> String {
        match (measure, &plot.source, &plot.destination) {
            (Measure::Amount, _, destination) => title("They receive", destination.as_ref()),
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
        let edges = plot.merged.iter().flat_map(|m| m.sections.iter().skip(1)).map(|section| {
            let at = px(self.x.at(from_units(section.from)));
            html! { <line class="edge" x1={at.clone()} x2={at} y1={px(top - 6.0)} y2={px(bottom)} /> }
        });
        html! {
            <g>
                { for y_ticks }
                { for x_ticks }
                <line class="axis" x1={px(left)} x2={px(right)} y1={px(bottom)} y2={px(bottom)} />
                { for edges }
            </g>
        }
    }

    fn band(&self, plot: &Plot) -> Html {
        let Some(merged) = &plot.merged else {
            return Html::default();
        };
        let right = self.x.range().1;
        let last = merged.sections.len().saturating_sub(1);
        let parts = merged.sections.iter().enumerate().map(|(index, section)| {
            let line = &plot.lines[section.line];
            let from = self.x.at(from_units(section.from)).max(LEFT);
            let to = if index == last {
                right
            } else {
                self.x.at(from_units(section.to))
            };
            let width = (to - from).max(1.0);
            html! {
                <g class={hue(line.hue, line.ghost)}>
                    <rect class="band" x={px(from)} y="6" width={px((width - 1.5).max(1.0))} height={px(BAND)} rx="3" />
                    <text class="band-name" x={px(from + 8.0)} y="21">{ fitted(&line.name, width - 14.0) }</text>
                </g>
            }
        });
        html! { <g data-testid="chart-band">{ for parts }</g> }
    }

    fn lines(&self, plot: &Plot, measure: &Measure, track: usize) -> Html {
        let reach = plot.reach();
        let offset = usize::from(plot.merged.is_some());
        // What is left of the axis would pile up on it.
        let least = self.x.units_at(self.x.range().0);
        let draw = |curve: &c2c::curve::Curve, from: u64, to: u64| {
            let from = from.max(least);
            path(curve, (from, to.max(from)), &self.x, &self.y, measure)
        };
        let mut order: Vec<_> = plot.lines.iter().enumerate().collect();
        order.sort_by_key(|(index, line)| (!line.ghost, index + offset == track));
        let lines = order.into_iter().map(|(index, line)| {
            let (first, last) = (line.curve.points()[0], line.curve.capacity());
            let strong = (index + offset == track).then_some("walked");
            html! {
                <g class={classes!("candidate", hue(line.hue, line.ghost), strong)}>
                    <path class="line" d={draw(&line.curve, first.x, last.x)} />
                    if measure.is_straight() && last.x < reach {
                        <path class="tail" d={draw(&line.curve, last.x, reach)} />
                    }
                </g>
            }
        });
        let merged = plot.merged.iter().flat_map(|merged| {
            merged.sections.iter().map(move |section| {
                let line = &plot.lines[section.line];
                let d = draw(&merged.curve, section.from, section.to);
                html! {
                    <g class={classes!("merged", hue(line.hue, line.ghost))}>
                        <path class="halo" d={d.clone()} />
                        <path class="line" d={d} />
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
                { for lines }{ for merged }
                { self.tail_words(plot, measure) }
            </svg>
        }
    }

    /// Says that sending more than the merged curve carries buys nothing.
    fn tail_words(&self, plot: &Plot, measure: &Measure) -> Html {
        let Some(merged) = plot.merged.as_ref().filter(|_| measure.is_straight()) else {
            return Html::default();
        };
        let end = merged.curve.capacity();
        let (x, y) = (self.x.at(from_units(end.x)), self.y.at(from_units(end.y)));
        let right = self.x.range().1;
        if x > right - 4.0 || x < LEFT {
            return Html::default();
        }
        html! {
            <>
                <path class="flat" d={format!("M{x:.1} {y:.1}H{right:.1}")} />
                <text class="flat-words" x={px(right)} y={px(y + 16.0)} text-anchor="end">{"full: more buys nothing"}</text>
            </>
        }
    }

    /// Names at the ends of the lines, moved apart where they would overlap; left out where there
    /// is no room.
    fn end_labels(&self, plot: &Plot, measure: &Measure) -> Html {
        let mut taken: Vec<(f64, f64, f64)> = Vec::new();
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
            let free = [-9.0, 18.0, -24.0, 33.0]
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

    fn cross_hair(
        &self,
        plot: &Plot,
        measure: &Measure,
        at: Option<u64>,
        class: &'static str,
    ) -> Html {
        let Some(units) = at else {
            return Html::default();
        };
        let x = self.x.at(from_units(units));
        if x > self.x.range().1 + 0.5 {
            return Html::default();
        }
        let (bottom, top) = self.y.range();
        let dots = plot.lines.iter().filter_map(|line| {
            let y = self.y.at(measure.value(&line.curve, units)?);
            (y >= TOP - 0.5 && y <= bottom + 0.5).then(|| {
                html! { <circle class={classes!("dot", hue(line.hue, line.ghost))} cx={px(x)} cy={px(y)} r="4" /> }
            })
        });
        html! {
            <g class={classes!("cross-hair", class)}>
                <line x1={px(x)} x2={px(x)} y1={px(top - 6.0)} y2={px(bottom)} />
                <path class="marker" d={format!("M{x:.1} {:.1}l-5 8h10z", bottom + 1.0)} />
                { for dots }
            </g>
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
            Spread::Linear => (lowest, highest + (highest - lowest).max(1.0) * 0.08),
            Spread::Log => (lowest * 0.7, highest * 1.6),
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

fn title(what: &str, unit: Option<&Unit>) -> String {
    match unit {
        Some(unit) => format!("{what}, {}", unit.code),
        None => format!("{what}, base units"),
    }
}

fn hue(hue: usize, ghost: bool) -> Classes {
    let ghost = ghost.then_some("ghost");
    classes!(format!("hue-{}", hue.min(HUES - 1)), ghost)
}

fn px(value: f64) -> AttrValue {
    format!("{value:.1}").into()
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

/// The width of an element in pixels, followed as it changes.
#[hook]
fn use_width(element: &NodeRef) -> f64 {
    let width = use_state_eq(|| 720.0);
    let found = width.clone();
    use_effect_with(element.clone(), move |element| {
        let element = element.cast::<web_sys::Element>();
        let watched = element.clone();
        let measure = move || {
            if let Some(element) = &watched {
                let seen = element.get_bounding_client_rect().width();
                if seen > 0.0 {
                    found.set(seen.floor().max(240.0));
                }
            }
        };
        measure();
        let closure = Closure::<dyn FnMut()>::new(measure);
        let observer = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, &element) {
            observer.observe(element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(closure);
        }
    });
    *width
}
