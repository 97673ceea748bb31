//! The network as a drawing. A mouse chooses connectors in it; without one, the two choices above it do.

use yew::prelude::*;

use super::{Shown, choice, value};
use crate::lab::{Action, State};

/// The size of the drawing, and the room around its places.
const SIZE: (u32, u32) = (1000, 640);
const EDGE: u32 = 45;
/// Up to how many connectors have their names beside them.
const NAMED: usize = 40;

/// The card.
pub fn map(shown: &Shown<'_>) -> Html {
    let act = shown.act;
    let State {
        seen,
        places,
        hops,
        chosen,
        to,
        ..
    } = shown.state;
    let at = |place: usize| {
        let (x, y) = places.get(place).copied().unwrap_or((500, 500));
        (
            EDGE + x * (SIZE.0 - 2 * EDGE) / 1000,
            EDGE + y * (SIZE.1 - 2 * EDGE) / 1000,
        )
    };
    let many = seen.nodes.len() > NAMED;
    let radius = if many { 7 } else { 13 };
    let line = |class: &'static str, (one, other): (usize, usize)| {
        let ((x1, y1), (x2, y2)) = (at(one), at(other));
        html! { <line {class} x1={x1.to_string()} y1={y1.to_string()} x2={x2.to_string()} y2={y2.to_string()} /> }
    };
    let way = chosen.zip(*to).and_then(|(from, to)| hops.way(from, to));
    let is_on_way = |one: usize, other: usize| {
        let steps = way.iter().flat_map(|way| way.windows(2));
        steps.into_iter().any(|step| *step == [one, other])
    };
    let next = |node: usize| usize::try_from(hops.get(node, (*to)?)).ok();
    let broken = seen.links.iter().filter(|link| link.broken).count();
    let pick = |choose: fn(Option<usize>) -> Action| {
        act.reform(move |event: Event| choose(value(&event).parse().ok()))
    };
    html! {
        <section class="card" aria-label="The drawing">
            <div class="row">
                <label class="check">{"Connector"}
                    <select onchange={pick(Action::Choose)} data-testid="lab-chosen">{ choice(seen, *chosen, "none") }</select>
                </label>
                <label class="check">{"Ways to"}
                    <select onchange={pick(Action::To)} data-testid="lab-to">{ choice(seen, *to, "nowhere") }</select>
                </label>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="The drawing of the network">
                <svg class={classes!("lab-map", many.then_some("many"))} viewBox={format!("0 0 {} {}", SIZE.0, SIZE.1)} role="img" data-testid="lab-map"
                    aria-label={format!("{} connectors, {} links, {broken} of them broken.", seen.nodes.iter().filter(|node| !node.gone).count(), seen.links.len())}>
                    <marker id="lab-arrow" viewBox="0 0 8 8" refX={(radius / 2 + 8).to_string()} refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 8 4 0 8z" /></marker>
                    { for seen.links.iter().map(|link| {
                        let ((x1, y1), (x2, y2)) = (at(link.ends.0), at(link.ends.1));
                        html! {
                            <>
                                { line(if link.broken { "link broken" } else if link.up { "link" } else { "link waits" }, link.ends) }
                                if link.broken {
                                    <text class="cross" x={x1.midpoint(x2).to_string()} y={(y1.midpoint(y2) + 7).to_string()}>{"✕"}</text>
                                }
                            </>
                        }
                    }) }
                    { for (0..seen.nodes.len()).filter_map(|node| Some((node, next(node)?))).map(|(node, next)| {
                        line(if is_on_way(node, next) { "way chosen" } else { "way" }, (node, next))
                    }) }
                    { for seen.nodes.iter().enumerate().filter(|(_, node)| !node.gone).map(|(place, node)| {
                        let (x, y) = at(place);
                        let is_chosen = *chosen == Some(place);
                        let class = classes!("node", node.fresh.then_some("fresh"), is_chosen.then_some("chosen"), (*to == Some(place)).then_some("to"));
                        let onclick = act.reform(move |_: MouseEvent| Action::Choose((!is_chosen).then_some(place)));
                        html! {
                            <g {class} {onclick}>
                                <circle cx={x.to_string()} cy={y.to_string()} r={radius.to_string()} />
                                if !many || is_chosen || *to == Some(place) {
                                    <text x={x.to_string()} y={(y + radius + 19).to_string()}>{ &node.name }</text>
                                }
                                <title>{ &node.name }</title>
                            </g>
                        }
                    }) }
                </svg>
            </div>
            <p class="hint">{ match (to, chosen) {
                (Some(_), _) => "An arrow shows where each sends one unit of its currency for that destination; the thick ones are the way of the connector you look at. Dashed and crossed: broken. Filled: its table has just changed.",
                (None, _) => "Choose a connector to look at it, and a destination to see the ways there. Dashed and crossed: broken. Dotted: the two do not know each other yet. Filled: its table has just changed.",
            } }</p>
        </section>
    }
}
