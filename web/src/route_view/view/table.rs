//! The table of routes: search, source, and as many rows as can be seen.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::Place;
use crate::book::{Book, Column, Order};
use crate::feed::{Feed, Origin};
use crate::page::{runs_out, span, use_now};
use crate::route_view::{Action, Names, Row, Selection, row};
use crate::unit;

/// How high a row is, in pixels, as the style sheet has it.
const HEIGHT: usize = 44;
/// How many rows are drawn beyond what can be seen, on either side.
const BEYOND: usize = 6;
/// How many rows fit before the window was measured.
const FIT: usize = 24;

/// Properties of [`Table`].
#[derive(Properties, PartialEq)]
pub struct TableProps {
    /// The routes.
    pub book: Rc<Book>,
    /// Where they come from.
    pub feed: Feed,
    /// The ledgers that money can come from.
    pub sources: Rc<Vec<String>>,
    /// The one that it comes from.
    pub from: String,
    /// The route that is shown beside.
    pub chosen: Option<Selection>,
    /// What is searched for.
    pub search: Rc<str>,
    /// What it is sorted by.
    pub order: Order,
    /// Whether it has the window for itself, with all its columns.
    pub full: bool,
    /// How to change it.
    pub dispatch: Callback<Action>,
}

/// The table.
#[function_component(Table)]
pub fn table(props: &TableProps) -> Html {
    let now = props.feed.connector_time(use_now(1_000));
    let (search, order) = (props.search.clone(), props.order);
    let found = use_memo(
        (
            props.book.clone(),
            props.from.clone(),
            search.clone(),
            order,
        ),
        |(book, from, search, order)| book.search(from, search, *order),
    );
    let frame = use_node_ref();
    // The first row that can be seen, and how many.
    let seen = use_state_eq(|| (0, FIT));
    let onscroll = {
        let (frame, seen) = (frame.clone(), seen.clone());
        Callback::from(move |_: Event| {
            if let Some(frame) = frame.cast::<web_sys::Element>() {
                let rows = |px: i32| usize::try_from(px).unwrap_or(0) / HEIGHT;
                // In steps, so that not each pixel draws the table anew.
                let first = rows(frame.scroll_top()) / 4 * 4;
                seen.set((first, rows(frame.client_height()) + 4));
            }
        })
    };
    {
        let (frame, seen) = (frame.clone(), seen.clone());
        use_effect_with((search.clone(), props.from.clone(), order), move |_| {
            if let Some(frame) = frame.cast::<web_sys::Element>() {
                frame.set_scroll_top(0);
                seen.set((0, seen.1));
            }
        });
    }
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
            // An address of the page's own is never refused.
            let _ = window
                .location()
                .set_hash(&format!("/routes?from={}", select.value()));
        }
    });
    let live = props.feed.origin == Origin::Live;
    let first = seen.0.saturating_sub(BEYOND).min(found.len());
    let last = (seen.0 + seen.1 + BEYOND).min(found.len());
    // A row that leaves on one side comes back on the other with another text: nothing is made anew
    // while one scrolls, and what stays in sight stays the same element.
    let slots = seen.1 + 2 * BEYOND;
    let names = Names::of(props.book.head().snapshot.as_ref());
    let rows = found[first..last].iter().zip(first..).map(|(at, index)| {
        let row = row(&props.book, &names, *at, &search);
        // Of all that cover the address, the longest comes first, and is taken.
        let row = Row {
            longest_match: row.longest_match && index == 0,
            ..row
        };
        line(&row, index, slots, props.chosen.as_ref(), now, live)
    });
    let head = |column: Column, name: &'static str, class: &'static str| {
        let here = order.column == column;
        let sort = match (here, order.falling) {
            (false, _) => None,
            (true, false) => Some("ascending"),
            (true, true) => Some("descending"),
        };
        let onclick = props
            .dispatch
            .reform(move |_: MouseEvent| Action::Sort(column));
        html! {
            <th scope="col" class={class} aria-sort={sort}>
                <button type="button" class="sort" {onclick} data-testid={format!("sort-{}", name.to_lowercase().replace(' ', "-"))}>
                    { name }<span aria-hidden="true">{ match sort { Some("ascending") => " ↑", Some(_) => " ↓", None => "" } }</span>
                </button>
            </th>
        }
    };
    let want = !props.full;
    let full = props
        .dispatch
        .reform(move |_: MouseEvent| Action::Full(want));
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
                        placeholder="Prefix or address" autocomplete="off" autocapitalize="none" spellcheck="false" />
                </div>
            </header>
            <div class="row list-tools">
                <p class="hint" role="status" data-testid="route-count">{ count(found.len(), &search) }</p>
                <button type="button" class="quiet wide-only" onclick={full} aria-pressed={props.full.to_string()} data-testid="all-columns">
                    { if props.full { "Curves beside" } else { "All columns" } }
                </button>
            </div>
            <div ref={frame} class="rows" {onscroll} data-testid="rows" tabindex="0" role="region" aria-label="Destinations">
                <table data-testid="routes-table" aria-rowcount={(found.len() + 1).to_string()}>
                    <thead>
                        <tr aria-rowindex="1">
                            { head(Column::Destination, "Destination", "") }
                            { head(Column::NextHop, "Next hop", "") }
                            { head(Column::Hops, "Ledgers", "number-cell") }
                            { head(Column::Rate, "Rate", "number-cell") }
                            { head(Column::Capacity, "Carries up to", "number-cell") }
                            { head(Column::Expires, "Runs out", "number-cell") }
                            if live {
                                { head(Column::Changed, "Changed", "number-cell") }
                            }
                        </tr>
                    </thead>
                    <tbody>
                        { spacer("above", first) }
                        { for rows }
                        { spacer("below", found.len() - last) }
                    </tbody>
                </table>
            </div>
        </section>
    }
}

/// The room of rows that are not drawn.
fn spacer(key: &'static str, rows: usize) -> Html {
    html! {
        <tr key={key} class="spacer" role="presentation" aria-hidden="true">
            if rows > 0 {
                <td height={(rows * HEIGHT).to_string()}></td>
            }
        </tr>
    }
}

fn count(all: usize, search: &str) -> String {
    match (all, search.is_empty()) {
        (0, _) => format!(
            "No route leads to “{search}” from here. Try a shorter prefix, or another ledger."
        ),
        (1, true) => "1 destination.".to_owned(),
        (1, false) => format!("1 destination for “{search}”."),
        (_, true) => format!("{} destinations.", unit::units(all as u64)),
        (_, false) => format!("{} destinations for “{search}”.", unit::units(all as u64)),
    }
}

fn line(
    row: &Row,
    index: usize,
    slots: usize,
    chosen: Option<&Selection>,
    now: f64,
    live: bool,
) -> Html {
    let here = chosen == Some(&row.selection);
    let to = match row.selection.to.as_str() {
        "" => "anywhere else",
        to => to,
    };
    let capacity = match &row.capacity {
        Some((most, Some(unit))) => unit.currency(*most),
        Some((most, None)) => unit::units(*most),
        None => "ask for a quote".to_owned(),
    };
    #[allow(clippy::cast_precision_loss)]
    let changed = row.changed.map_or_else(
        || "before".to_owned(),
        |at| format!("{} ago", span(now - at.as_millis() as f64)),
    );
    let hops = row.next_hops.join(", ");
    let rate = row.rate.clone().unwrap_or_else(|| "—".to_owned());
    html! {
        <tr key={index % slots} class={classes!(here.then_some("here"))} data-testid="route-row" aria-rowindex={(index + 2).to_string()}>
            <th scope="row" title={to.to_owned()}>
                <a href={Place::of_route(&row.selection.from, &row.selection.to)} aria-current={here.then_some("true")}>
                    { to.to_owned() }
                </a>
                if row.longest_match {
                    <span class="badge">{"longest"}<span class="spare">{" match"}</span></span>
                }
                if row.too_good {
                    <span class="badge careful"><span class="spare">{"too good"}</span>{"?"}</span>
                }
            </th>
            <td title={hops.clone()}>
                { hops }
                if row.candidates > row.next_hops.len() {
                    <span class="quiet-text">{ format!(" of {}", row.candidates) }</span>
                }
            </td>
            <td class="number-cell">{ row.hops }</td>
            <td class="number-cell">{ rate }</td>
            <td class="number-cell">{ capacity }</td>
            <td class="number-cell">{ runs_out(row.expires_at, now) }</td>
            if live {
                <td class="number-cell">{ changed }</td>
            }
        </tr>
    }
}
