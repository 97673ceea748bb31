//! Draws the moments of a recording: play, step, speed, a rail, and what happened.

use std::rc::Rc;

use c2c::timestamp::Timestamp;
use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::{Action, SPEEDS, State};
use crate::app::Offer;
use crate::open::Report;
use crate::page::span;
use crate::unit;

/// Properties of [`Timeline`].
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// The recording.
    pub report: Rc<Report>,
    /// Takes in which moment is wanted.
    pub offer: Callback<Offer>,
}

/// The bar over whatever room shows the routes of a recording.
#[function_component(Timeline)]
pub fn timeline(props: &TimelineProps) -> Html {
    let state = use_reducer(State::default);
    {
        let handle = state.dispatcher();
        use_effect_with(props.report.clone(), move |report| {
            handle.dispatch(Action::Open(report.clone()))
        });
    }
    {
        // What is shown follows; the last moment came with the recording.
        let offer = props.offer.clone();
        let fresh = use_mut_ref(|| true);
        use_effect_with(state.at, move |at| {
            if !fresh.replace(false) {
                offer.emit(Offer::Seek(*at));
            }
        });
    }
    {
        let handle = state.dispatcher();
        use_effect_with((state.playing, state.at, state.speed, state.quiet), {
            let stay = state.stay();
            move |(playing, ..)| {
                let timer = playing
                    .then(|| Timeout::new(stay, move || handle.dispatch(Action::Step(true))));
                move || drop(timer)
            }
        });
    }
    let act = |action: Action| {
        let handle = state.dispatcher();
        Callback::from(move |_: MouseEvent| handle.dispatch(action.clone()))
    };
    let slide = {
        let handle = state.dispatcher();
        Callback::from(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            if let Ok(at) = input.value().parse() {
                handle.dispatch(Action::To(at));
            }
        })
    };
    let quicken = {
        let handle = state.dispatcher();
        Callback::from(move |event: Event| {
            let select: web_sys::HtmlSelectElement = event.target_unchecked_into();
            handle.dispatch(Action::Speed(select.value().parse().unwrap_or(0)));
        })
    };
    let Some(frame) = state.frames().get(state.at) else {
        return Html::default();
    };
    let last = state.frames().len() - 1;
    let first = state.frames().iter().find_map(|frame| frame.at);
    let when = frame.at.map(|at| {
        #[allow(clippy::cast_precision_loss)]
        let since = first.map(|first| span((at - first.min(at)) as f64));
        (
            Timestamp::from_millis(at).to_string(),
            since.map(|since| format!("{since} after the beginning")),
        )
    });
    let near = state.at.saturating_sub(3)..(state.at + 4).min(last + 1);
    html! {
        <section class="card timeline" aria-label="Timeline" data-testid="timeline">
            <div class="row">
                <button type="button" onclick={act(Action::Step(false))} disabled={state.beside(false).is_none()} data-testid="step-back">{"Back"}</button>
                <button type="button" class="main" onclick={act(Action::Play(!state.playing))} data-testid="play">
                    { if state.playing { "Pause" } else { "Play" } }
                </button>
                <button type="button" onclick={act(Action::Step(true))} disabled={state.beside(true).is_none()} data-testid="step">{"Step"}</button>
                <label class="check">{"Speed"}
                    <select onchange={quicken} data-testid="speed">
                        { for SPEEDS.iter().enumerate().map(|(index, times)| html! {
                            <option value={index.to_string()} selected={index == state.speed}>{ format!("{times} ×") }</option>
                        }) }
                    </select>
                </label>
                <label class="check">
                    <input type="checkbox" checked={state.quiet} onchange={
                        let handle = state.dispatcher();
                        let quiet = !state.quiet;
                        Callback::from(move |_: Event| handle.dispatch(Action::Quiet(quiet)))
                    } data-testid="quiet" />{"Hide heartbeats"}
                </label>
            </div>
            <input type="range" min="0" max={last.to_string()} value={state.at.to_string()} oninput={slide}
                aria-label="Moment" aria-valuetext={format!("{} of {}: {}", state.at + 1, last + 1, frame.words)} data-testid="moment" />
            <p class="row" role="status">
                <strong data-testid="moment-words">{ frame.words.clone() }</strong>
                <span class="hint" data-testid="moment-time">
                    { match when {
                        Some((at, Some(since))) => format!("{at}, {since}"),
                        Some((at, None)) => at,
                        None => "no time told".to_owned(),
                    } }
                </span>
                <span class="hint">{ format!("{} of {}", unit::units(state.at as u64 + 1), unit::units(last as u64 + 1)) }</span>
            </p>
            <ol class="moments" aria-label="Around this moment">
                { for near.filter(|at| !(state.quiet && state.frames()[*at].heartbeat) || *at == state.at).map(|at| html! {
                    <li class={classes!((at == state.at).then_some("here"))}>
                        <button type="button" class="quiet" onclick={act(Action::To(at))} aria-current={(at == state.at).then_some("step")}>
                            { state.frames()[at].words.clone() }
                        </button>
                    </li>
                }) }
            </ol>
        </section>
    }
}
