//! The connector that is looked at: its spread, its peers, its next hops, and what if; and adding one.

use yew::prelude::*;

use super::{Shown, choice, value};
use crate::lab::hops::{FULL, HERE, grouped, words};
use crate::lab::script::percent;
use crate::lab::state::Supposing;
use crate::lab::{Action, Deed, LinkSeen, time};

/// The card.
pub fn panel(shown: &Shown<'_>) -> Html {
    let state = shown.state;
    let is_there = |place: &usize| state.seen.nodes.get(*place).is_some_and(|node| !node.gone);
    let node = state.chosen.filter(is_there);
    html! {
        <section class="card" aria-label="A connector">
            { match node {
                Some(place) => chosen(shown, place),
                None => html! { <p class="hint">{"No connector is looked at. Choose one to move its spread, break its links, see its next hops, and ask what if."}</p> },
            } }
            { add(shown, node) }
        </section>
    }
}

fn chosen(shown: &Shown<'_>, place: usize) -> Html {
    let (state, act) = (shown.state, shown.act);
    let (seen, hops) = (&state.seen, &state.hops);
    let node = &seen.nodes[place];
    let name = |place: usize| seen.nodes.get(place).map_or("?", |node| &node.name);
    let me = node.name.clone();
    let links = seen
        .links
        .iter()
        .filter(|link| link.ends.0 == place || link.ends.1 == place);
    let peer = |link: &LinkSeen| link.ends.0 + link.ends.1 - place;
    let button = |words: &'static str, testid: &'static str, action: Action| {
        html! {
            <button type="button" class="quiet" onclick={act.reform(move |_: MouseEvent| action.clone())} data-testid={testid}>{ words }</button>
        }
    };
    html! {
        <>
            <h2 data-testid="lab-name">{ format!("{me}, {}", node.currency) }</h2>
            <p>{ format!("It keeps {} of what it exchanges. Money between {} pairs of others goes through it.", percent(node.spread), shown.through) }</p>
            <div class="row">
                { button("Open its routes", "lab-show", Action::Show(place)) }
                { button("Take it away", "lab-remove", Action::Do(Deed::Remove(me.clone()))) }
            </div>
            { spread(shown, &me, node.spread) }
            <h3>{"Its peers"}</h3>
            <ul class="plain" data-testid="lab-peers">
                { for links.map(|link| {
                    let other = name(peer(link)).to_owned();
                    let (words, label, testid, deed) = if link.broken {
                        ("broken", "Mend", "lab-mend", Deed::Mend(me.clone(), other.clone()))
                    } else if link.up {
                        ("up", "Break", "lab-break", Deed::Break(me.clone(), other.clone()))
                    } else {
                        ("they do not hear each other", "Break", "lab-break", Deed::Break(me.clone(), other.clone()))
                    };
                    html! {
                        <li class="row">
                            <span>{ format!("{other}, {}: {words}", link.currency) }</span>
                            { button(label, testid, Action::Do(deed.clone())) }
                            { button("What if", "lab-what-if-link", Action::Suppose(deed)) }
                        </li>
                    }
                }) }
            </ul>
            { supposed(&state.supposing, act) }
            <details>
                <summary>{"Its next hops"}</summary>
                <div class="scroll lab-hops" tabindex="0" role="region" aria-label="Its next hops">
                    <table data-testid="lab-hops">
                        <thead><tr><th scope="col">{"To"}</th><th scope="col">{"Next"}</th><th scope="col">{"Way"}</th></tr></thead>
                        <tbody>
                            { for (0..seen.nodes.len()).filter(|to| hops.get(place, *to) != HERE && !seen.nodes[*to].gone).map(|to| {
                                let next = match hops.get(place, to) {
                                    FULL => "cannot carry one unit",
                                    next => usize::try_from(next).map_or("no way", name),
                                };
                                let way: Vec<&str> = hops.way(place, to).unwrap_or_default().into_iter().map(name).collect();
                                html! { <tr><th scope="row">{ name(to) }</th><td>{ next }</td><td>{ way.join(" → ") }</td></tr> }
                            }) }
                        </tbody>
                    </table>
                </div>
            </details>
        </>
    }
}

/// What would come of something else.
fn supposed(supposing: &Supposing, act: &Callback<Action>) -> Html {
    match supposing {
        Supposing::Nothing => Html::default(),
        Supposing::Asked(question, now) => html! {
            <p class="notice row" data-testid="lab-supposing">
                <span>{ format!("What if {}? The run is played twice, as it is and so; it is at {}…", question.deed.supposed(), time(*now)) }</span>
                <button type="button" class="quiet" onclick={act.reform(|_| Action::Drop)}>{"Cancel"}</button>
            </p>
        },
        Supposing::Refused(_, words) => {
            html! { <p class="wrong" data-testid="lab-supposed">{ words.to_string() }</p> }
        }
        Supposing::Told(question, outcome) => {
            let names: Vec<&str> = outcome.names.iter().map(String::as_str).collect();
            html! {
                <div class="notice" data-testid="lab-supposed">
                    <p><strong>{ format!("If {}:", question.deed.supposed()) }</strong>
                        { format!(" of {} pairs between which money arrives, {} would pay through {} instead of {}.", outcome.of, outcome.through_then, question.about, outcome.through) }
                        if outcome.turns.is_empty() {
                            { format!(" Nobody would choose another next hop to {0} or from {0}.", question.about) }
                        }
                        if outcome.elsewhere > 0 {
                            { format!(" {} next hops would change elsewhere.", outcome.elsewhere) }
                        }
                    </p>
                    <ul class="plain">{ for grouped(&outcome.turns).iter().map(|group| html! { <li>{ words(group, &names) }</li> }) }</ul>
                    <button type="button" class="quiet" onclick={act.reform(|_| Action::Drop)}>{"Close it"}</button>
                </div>
            }
        }
    }
}

/// Moves the spread, or asks what if.
fn spread(shown: &Shown<'_>, name: &str, now: u32) -> Html {
    let act = shown.act;
    let points = shown.state.slid.unwrap_or(now);
    let oninput = act.reform(|event: InputEvent| {
        let input: web_sys::HtmlInputElement = event.target_unchecked_into();
        Action::Slide(input.value().parse().unwrap_or(0))
    });
    let deed = Deed::Spread(name.to_owned(), points);
    let button = |words: &'static str, testid: &'static str, action: Action| {
        html! {
            <button type="button" onclick={act.reform(move |_: MouseEvent| action.clone())} disabled={points == now} data-testid={testid}>{ words }</button>
        }
    };
    html! {
        <div class="row">
            <label class="check">{"Spread"}
                <input type="range" min="0" max="500" step="5" value={points.to_string()} {oninput} aria-valuetext={percent(points)} data-testid="lab-spread" />
                <span class="bp">{ percent(points) }</span>
            </label>
            { button("Move it", "lab-move", Action::Do(deed.clone())) }
            { button("What if", "lab-what-if-spread", Action::Suppose(deed)) }
        </div>
    }
}

/// Adds a connector, which peers first with the one that is looked at unless another one is chosen.
fn add(shown: &Shown<'_>, looked_at: Option<usize>) -> Html {
    let (state, act) = (shown.state, shown.act);
    let [one, other] = state.mates;
    let first = one.or(looked_at);
    let name = state.new_name();
    let peers = [first, other].into_iter().flatten();
    let deed = Deed::Add(
        name.clone(),
        peers.map(|place| state.name(place).to_owned()).collect(),
    );
    let set_one =
        act.reform(move |event: Event| Action::Mates([value(&event).parse().ok(), other]));
    let set_other =
        act.reform(move |event: Event| Action::Mates([one, value(&event).parse().ok()]));
    html! {
        <div class="row">
            <span class="label">{ format!("Add {name}, which peers with") }</span>
            <select aria-label="Its first peer" onchange={set_one} data-testid="lab-add-one">{ choice(&state.seen, first, "choose one") }</select>
            <select aria-label="Its second peer" onchange={set_other} data-testid="lab-add-other">{ choice(&state.seen, other, "nobody else") }</select>
            <button type="button" onclick={act.reform(move |_: MouseEvent| Action::Do(deed.clone()))} data-testid="lab-add">{"Add it"}</button>
        </div>
    }
}
