//! What changed since something was last done, and the log.

use yew::prelude::*;

use super::Shown;
use crate::lab::bench::Line;
use crate::lab::hops::{grouped, words};
use crate::lab::time;

/// How many changes and lines are listed.
const LISTED: usize = 80;

/// Both cards.
pub fn news(shown: &Shown<'_>) -> Html {
    let (state, turns) = (shown.state, shown.turns);
    let (seen, before) = (&state.seen, &state.before);
    let groups = grouped(turns);
    let names: Vec<&str> = seen.nodes.iter().map(|node| node.name.as_str()).collect();
    let since = state.last.as_ref().map_or(0, |(at, _)| *at);
    let passed = seen.changed.saturating_sub(since);
    let told = seen.told - before.told.min(seen.told);
    let withdrawn = seen.withdrawn - before.withdrawn.min(seen.withdrawn);
    html! {
        <div class="columns-2">
            <section class="card" aria-label="What changed">
                <h2>{ match &state.last {
                    None => "Since the beginning".to_owned(),
                    Some((at, deed)) => format!("{} at {}", deed.words(), time(*at)),
                } }</h2>
                <p data-testid="lab-turns">
                    { format!("{} other next hops, {told} routes told, {withdrawn} destinations withdrawn", turns.len()) }
                    { if state.is_at_rest() { format!("; it came to rest after {}.{} s.", passed / 1_000, passed % 1_000 / 100) } else { ".".to_owned() } }
                </p>
                <ul class="plain lab-log" tabindex="0" aria-label="Other next hops" data-testid="lab-changes">
                    { for groups.iter().take(LISTED).map(|group| html! { <li>{ words(group, &names) }</li> }) }
                    if groups.len() > LISTED {
                        <li class="hint">{ format!("And {} more.", groups.len() - LISTED) }</li>
                    }
                </ul>
            </section>
            { log(&state.log) }
        </div>
    }
}

/// The log, the newest first.
fn log(lines: &[Line]) -> Html {
    html! {
        <section class="card" aria-label="Log">
            <h2>{"Log"}</h2>
            <ul class="plain lab-log" tabindex="0" aria-label="What happened, the newest first" data-testid="lab-log">
                { for lines.iter().rev().take(LISTED).map(|line| html! {
                    <li class={classes!(line.deed.then_some("deed"))}><span class="hint">{ time(line.at) }</span>{ format!(" {}", line.words) }</li>
                }) }
            </ul>
        </section>
    }
}
