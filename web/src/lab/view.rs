//! Draws the lab: what is on the bench, how it is played, the network, the connector that is looked at, and what
//! changed.

mod bar;
mod map;
mod news;
mod panel;
mod setup;

use yew::prelude::*;

use super::hops::Turn;
use super::{Action, State};
use bar::bar;
use map::map;
use news::news;
use panel::panel;
use setup::setup;

/// What all parts are drawn from. They are functions, not components, for each of those takes 6 kB of the page.
struct Shown<'a> {
    state: &'a State,
    act: &'a Callback<Action>,
    /// Next hops that are other ones than before something was last done.
    turns: &'a [Turn],
    /// Between how many pairs of others money goes through the chosen connector.
    through: usize,
}

/// Properties of [`Lab`].
#[derive(Properties, PartialEq)]
pub struct LabProps {
    /// What is known of it.
    pub state: UseReducerHandle<State>,
}

/// The room.
#[function_component(Lab)]
pub fn lab(props: &LabProps) -> Html {
    let state = &props.state;
    let dispatch = state.dispatcher();
    let act = use_callback((), move |action: Action, ()| dispatch.dispatch(action));
    let turns = use_memo(
        (state.hops.clone(), state.before.clone()),
        |(hops, before)| hops.turns_since(&before.hops),
    );
    let through = use_memo((state.hops.clone(), state.chosen), |(hops, chosen)| {
        chosen.map_or(0, |place| hops.through(place))
    });
    let shown = Shown {
        state,
        act: &act,
        turns: &turns,
        through: *through,
    };
    let is_there = !state.seen.nodes.is_empty();
    html! {
        <main class="room lab" id="room">
            <h1>{"Lab"}</h1>
            { setup(&shown) }
            if let Some(wrong) = &state.wrong {
                <p class="wrong" role="alert" data-testid="lab-wrong">{ wrong.to_string() }</p>
            }
            // It stands before anything is said, so that what is said is heard.
            <p class="unseen" aria-live="polite" data-testid="lab-said">{ state.said.to_string() }</p>
            if state.script.is_none() {
                <p class="notice" data-testid="lab-empty">{"Nothing is on the bench. Choose a network above and put it there: real connectors on invented time, played in your browser. Then break a link, move a spread or add a connector, and watch the routes settle."}</p>
            } else if !is_there {
                <p class="notice" role="status">{ state.standing() }</p>
            } else {
                { bar(&shown) }
                <div class="lab-columns">
                    { map(&shown) }
                    { panel(&shown) }
                </div>
                { news(&shown) }
            }
        </main>
    }
}

/// What stands in a field or a choice that something happened in.
fn value(event: &Event) -> String {
    let target: web_sys::HtmlInputElement = event.target_unchecked_into();
    target.value()
}

/// A choice among the connectors that are there, or none of them.
fn choice(seen: &super::Seen, chosen: Option<usize>, nobody: &'static str) -> Html {
    html! {
        <>
            <option value="" selected={chosen.is_none()}>{ nobody }</option>
            { for seen.nodes.iter().enumerate().filter(|(_, node)| !node.gone).map(|(place, node)| html! {
                <option value={place.to_string()} selected={chosen == Some(place)}>{ &node.name }</option>
            }) }
        </>
    }
}
