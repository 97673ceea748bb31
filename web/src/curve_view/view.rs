//! Draws a [`Plot`]. Colour, dash and width come from the style sheet; only geometry is set here.

//!
//! The drawing and the cross-hair over it are apart: while the pointer moves, only the cross-hair does.

mod drawing;
mod geometry;

use std::rc::Rc;

use drawing::Drawing;
use geometry::{Geometry, LEFT, TOP};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use super::{Focus, HUES, Measure, Plot, Spread, Step, from_units};
use crate::unit::{self, Unit};

/// How far a pointer moves before that is a brush and no click, in pixels.
const BRUSH: i32 = 8;
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
    let geometry = {
        let asked = (
            props.plot.clone(),
            props.measure.clone(),
            props.spread,
            props.zoom,
            width.to_bits(),
        );
        use_memo(asked, |_| Geometry::new(props, width))
    };

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
                    <Drawing geometry={geometry.clone()} plot={props.plot.clone()} measure={props.measure.clone()} track={*track} />
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

impl Geometry {
    /// The line at a source amount, and where it meets the curves that are drawn by name.
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
        let dots = plot.lines.iter().take(HUES).filter_map(|line| {
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

fn title(what: &str, unit: Option<&Unit>) -> String {
    match unit {
        Some(unit) => format!("{what}, {}", unit.code),
        None => format!("{what}, base units"),
    }
}

fn hue(hue: usize, ghost: bool) -> Classes {
    const NAMES: [&str; HUES] = [
        "hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7",
    ];
    let ghost = ghost.then_some("ghost");
    classes!(NAMES[hue.min(HUES - 1)], ghost)
}

fn px(value: f64) -> AttrValue {
    format!("{value:.1}").into()
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
