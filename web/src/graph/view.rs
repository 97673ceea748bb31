//! Draws the network. Every ledger is a link: a route opens its destination, a group what is in it.

use std::collections::BTreeSet;

use yew::prelude::*;

use super::{Map, Node};
use crate::app::Place;
use crate::book::Book;
use crate::feed::Feed;
use crate::route_view::empty;

const WIDE: usize = 250;
const HIGH: usize = 30;
const BOX: usize = 190;
/// Half of how high a box is.
const HALF: usize = 11;

/// Properties of [`Graph`].
#[derive(Properties, PartialEq)]
pub struct GraphProps {
    /// What is shown.
    pub feed: Feed,
    /// The ledger that the address names.
    pub from: Option<String>,
    /// The beginning of names that the address names.
    pub under: Option<String>,
    /// What there is to say or to choose about the data.
    pub source: Html,
}

/// The room.
#[function_component(Graph)]
pub fn graph(props: &GraphProps) -> Html {
    let Some(book) = props.feed.book.clone() else {
        return html! { <main class="room" id="room"><h1 class="unseen">{"Graph"}</h1>{ props.source.clone() }</main> };
    };
    if book.len() == 0 {
        return html! {
            <main class="room" id="room"><h1>{"Graph"}</h1>{ props.source.clone() }{ empty(&book) }</main>
        };
    }
    let suggested = book.head().suggested.map(|at| book.ends(at).0.to_owned());
    let from = props.from.clone().or(suggested).unwrap_or_default();
    let under = props.under.clone().unwrap_or_default();
    let onchange = Callback::from(|event: Event| {
        let select: web_sys::HtmlSelectElement = event.target_unchecked_into();
        if let Some(window) = web_sys::window() {
            // An address of the page's own is never refused.
            let _ = window
                .location()
                .set_hash(&format!("/graph?from={}", select.value()));
        }
    });
    html! {
        <main class="room" id="room">
            <h1>{"Graph"}</h1>
            { props.source.clone() }
            <section class="card">
                <div class="row">
                    <label class="check">{"From"}
                        <select {onchange} data-testid="graph-source">
                            { for book.sources().into_iter().map(|source| html! {
                                <option value={source.to_owned()} selected={source == from}>{ source.to_owned() }</option>
                            }) }
                        </select>
                    </label>
                    if !under.is_empty() {
                        <a href={format!("#/graph?from={from}")}>{ format!("← All, not only {under}") }</a>
                    }
                </div>
                <Drawing {book} {from} {under} />
            </section>
        </main>
    }
}

#[derive(Properties, PartialEq)]
struct DrawingProps {
    book: std::rc::Rc<Book>,
    from: String,
    under: String,
}

#[function_component(Drawing)]
fn drawing(props: &DrawingProps) -> Html {
    let DrawingProps { book, from, under } = props;
    let map = use_memo(
        (book.clone(), from.clone(), under.clone()),
        |(book, from, under)| Map::of(book, from, under),
    );
    let (width, height) = (map.columns.max(1) * WIDE, map.rows.max(1) * HIGH + 20);
    let top = |node: &Node| {
        // Short columns stand in the middle.
        let column = map
            .nodes
            .iter()
            .filter(|other| other.column == node.column)
            .count();
        (map.rows - column.min(map.rows)) * HIGH / 2 + node.row * HIGH + 10
    };
    let place: Vec<(usize, usize)> = map
        .nodes
        .iter()
        .map(|node| (node.column * WIDE + 4, top(node)))
        .collect();
    // A way and the way back are one line. Who is nearer comes first among the nodes.
    let edges = map.edges.iter().map(|(a, b)| (*a.min(b), *a.max(b)));
    let edges: BTreeSet<(usize, usize)> = edges.collect();
    html! {
        <>
            <p class="hint" role="status" data-testid="graph-words">
                { format!("{} {}, {} ways between them.{}", map.nodes.len(), if map.grouped { "ledgers and groups" } else { "ledgers" }, map.edges.len(),
                    if map.grouped { " A group opens when you choose it." } else { "" }) }
            </p>
            <div class="scroll graph" tabindex="0" role="region" aria-label="The network">
                <svg width={width.to_string()} height={height.to_string()} viewBox={format!("0 0 {width} {height}")} data-testid="graph">
                    { for edges.into_iter().map(|(one, other)| html! {
                        <path class="edge" d={edge(place[one], place[other])} />
                    }) }
                    { for map.nodes.iter().zip(&place).map(|(node, (x, y))| {
                        let link = if node.count > 1 {
                            Some(format!("#/graph?from={from}&under={}", node.name))
                        } else {
                            book.find(from, &node.name).map(|_| Place::of_route(from, &node.name))
                        };
                        let words = match node.count {
                            1 => node.name.clone(),
                            count => format!("{} ({count})", node.name),
                        };
                        let shape = html! {
                            <g class={classes!("node", (node.count > 1).then_some("group"), (node.column == 0).then_some("start"))}>
                                <rect x={x.to_string()} y={y.to_string()} width={BOX.to_string()} height="22" rx="4" />
                                <text x={(x + 8).to_string()} y={(y + 15).to_string()}>{ cut(&words) }</text>
                                <title>{ words.clone() }</title>
                            </g>
                        };
                        match link {
                            Some(href) => html! { <a {href} aria-label={words} data-testid="graph-node">{ shape }</a> },
                            None => shape,
                        }
                    }) }
                </svg>
            </div>
        </>
    }
}

/// The line from the right of one box to the left of another in a later column, or round the right of both where
/// they stand in the same one.
fn edge((x1, y1): (usize, usize), (x2, y2): (usize, usize)) -> String {
    let (right, y1, y2) = (x1 + BOX, y1 + HALF, y2 + HALF);
    if x1 == x2 {
        let round = right + 14 + (y1.abs_diff(y2) / 8).min(40);
        return format!("M{right} {y1}C{round} {y1} {round} {y2} {right} {y2}");
    }
    let middle = right.midpoint(x2);
    format!("M{right} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")
}

/// As much of a name as fits into its box; the end tells more than the beginning.
fn cut(name: &str) -> String {
    const FITS: usize = 27;
    let length = name.chars().count();
    if length <= FITS {
        name.to_owned()
    } else {
        format!(
            "…{}",
            name.chars().skip(length - FITS + 1).collect::<String>()
        )
    }
}
