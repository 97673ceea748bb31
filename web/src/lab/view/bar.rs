//! Playing: the buttons, and how it stands in figures.

use yew::prelude::*;

use super::{Shown, value};
use crate::lab::state::{Pace, SPEEDS};
use crate::lab::{Action, Goal, time};
use crate::unit::units;

/// The card.
pub fn bar(shown: &Shown<'_>) -> Html {
    let (state, act) = (shown.state, shown.act);
    let (seen, rests) = (&state.seen, state.is_at_rest());
    let plays = state.pace != Pace::Paused;
    let there = seen.nodes.iter().filter(|node| !node.gone).count();
    let class = if rests {
        "good"
    } else if seen.restless {
        "bad"
    } else {
        ""
    };
    let figures = [
        ("Time", time(seen.now), "lab-time"),
        (
            "Next hops known",
            format!(
                "{} of {}",
                units(state.hops.known() as u64),
                units((there * there.saturating_sub(1)) as u64)
            ),
            "lab-known",
        ),
        ("Routes told", units(seen.told), "lab-told"),
        ("Withdrawn", units(seen.withdrawn), "lab-withdrawn"),
    ];
    html! {
        <section class="card timeline" aria-label="Play">
            <div class="row">
                <button type="button" class="main" onclick={act.reform(move |_| Action::Play(!plays))} data-testid="lab-play">
                    { if plays { "Pause" } else { "Play" } }
                </button>
                <button type="button" onclick={act.reform(|_| Action::Step)} disabled={plays} data-testid="lab-step">{"Step"}</button>
                <button type="button" onclick={act.reform(|_| Action::Until(Goal::Rest))} disabled={plays || rests} data-testid="lab-rest">{"Play to rest"}</button>
                <label class="check">{"Speed"}
                    <select onchange={act.reform(|event: Event| Action::Speed(value(&event).parse().unwrap_or(0)))} data-testid="lab-speed">
                        { for SPEEDS.iter().enumerate().map(|(place, times)| html! {
                            <option value={place.to_string()} selected={place == state.speed}>{ format!("{times} ×") }</option>
                        }) }
                    </select>
                </label>
                <span class={classes!("badge", class)} data-testid="lab-standing">{ state.standing() }</span>
            </div>
            <dl class="lab-figures">
                { for figures.map(|(what, figure, testid)| html! {
                    <div><dt>{ what }</dt><dd data-testid={testid}>{ figure }</dd></div>
                }) }
            </dl>
        </section>
    }
}
