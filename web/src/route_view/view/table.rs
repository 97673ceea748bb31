//! The table of routes: search, source, rows.

use std::rc::Rc;

use c2c::snapshot::SnapshotView;
use yew::prelude::*;

use crate::app::Place;
use crate::feed::Feed;
use crate::page::{runs_out, use_now};
use crate::route_view::{Action, Row, Selection, State, rows};
use crate::unit;

/// Properties of [`Table`].
#[derive(Properties, PartialEq)]
pub struct TableProps {
    /// The routes.
    pub snapshot: Rc<SnapshotView>,
    /// Where they come from.
    pub feed: Feed,
    /// The ledgers that money can come from.
    pub sources: Vec<String>,
    /// The one that it comes from.
    pub from: String,
    /// The route that is shown beside.
    pub chosen: Option<Selection>,
    /// What the reader set.
    pub state: State,
    /// How to change it.
    pub dispatch: Callback<Action>,
}

/// The table.
#[function_component(Table)]
pub fn table(props: &TableProps) -> Html {
    let now = props.feed.connector_time(use_now(1_000));
    let search = props.state.search.clone();
    let found = use_memo(
        (props.snapshot.clone(), props.from.clone(), search.clone()),
        |(snapshot, from, search)| rows(snapshot, from, search),
    );
    let oninput = props.dispatch.reform(|event: InputEvent| {
        Action::Search(
            event
                .target_unchecked_into::<web_sys::HtmlInputElement>()
                .value(),
        )
    });
    let onchange = Callback::from(|event: Event| {
        let select: web_sys::HtmlSelectElement = event.target_unchecked_into();
        if let Some(window) = web_sys::window() {
            let _ = window
                .location()
                .set_hash(&format!("/routes?from={}", select.value()));
        }
    });
    let more = props.dispatch.reform(|_: MouseEvent| Action::More);
    let shown = found.len().min(props.state.rows);
    html! {
        <section class="list" aria-labelledby="routes-title">
            <header class="list-head">
                <h2 id="routes-title">{"Routes"}</h2>
                <div class="field">
                    <label for="source">{"From"}</label>
                    <select id="source" data-testid="source" {onchange}>
                        { for props.sources.iter().map(|source| html! {
                            <option value={source.clone()} selected={*source == props.from}>{ source.clone() }</option>
                        }) }
                    </select>
                </div>
                <div class="field">
                    <label for="search">{"To"}</label>
                    <input id="search" data-testid="search" type="search" value={search.to_string()} {oninput}
                        placeholder="A prefix or an address" autocomplete="off" autocapitalize="none" spellcheck="false" />
                </div>
            </header>
            <p class="hint" role="status" data-testid="route-count">{ count(&found, shown, &search) }</p>
            <div class="scroll">
                <table data-testid="routes-table">
                    <thead>
                        <tr>
                            <th scope="col">{"Destination"}</th>
                            <th scope="col">{"Next hop"}</th>
                            <th scope="col" class="number-cell">{"Ledgers"}</th>
                            <th scope="col" class="number-cell">{"Carries up to"}</th>
                            <th scope="col" class="number-cell">{"Runs out"}</th>
                        </tr>
                    </thead>
                    <tbody>
                        { for found.iter().take(shown).map(|row| line(row, props.chosen.as_ref(), now)) }
                    </tbody>
                </table>
            </div>
            if shown < found.len() {
                <button type="button" onclick={more} data-testid="more-rows">{ format!("Show more of {}", unit::units(found.len() as u64)) }</button>
            }
        </section>
    }
}

fn count(found: &[Row], shown: usize, search: &str) -> String {
    let all = found.len();
    match (all, search.is_empty()) {
        (0, _) => format!(
            "No route leads to “{search}” from here. Try a shorter prefix, or another ledger."
        ),
        (1, true) => "1 destination.".to_owned(),
        (1, false) => format!("1 destination for “{search}”."),
        (_, true) if shown < all => format!("{all} destinations, {shown} shown."),
        (_, true) => format!("{all} destinations."),
        (_, false) => format!("{all} destinations for “{search}”."),
    }
}

fn line(row: &Row, chosen: Option<&Selection>, now: f64) -> Html {
    let here = chosen == Some(&row.selection);
    let to = match row.selection.to.as_str() {
        "" => "anywhere else",
        to => to,
    };
    let capacity = match &row.capacity {
        Some((most, Some(unit))) => unit.currency(*most),
        Some((most, None)) => unit::units(*most),
        None => "ask".to_owned(),
    };
    html! {
        <tr class={classes!(here.then_some("here"))} data-testid="route-row">
            <th scope="row">
                <a href={Place::of_route(&row.selection.from, &row.selection.to)} aria-current={here.then_some("true")}>
                    { to.to_owned() }
                </a>
                if row.longest_match {
                    <span class="badge">{"longest match"}</span>
                }
            </th>
            <td>
                { row.next_hops.join(", ") }
                if row.candidates > row.next_hops.len() {
                    <span class="quiet-text">{ format!(" of {}", row.candidates) }</span>
                }
            </td>
            <td class="number-cell">{ row.hops }</td>
            <td class="number-cell">{ capacity }</td>
            <td class="number-cell">{ runs_out(row.expires_at, now) }</td>
        </tr>
    }
}
