//! Draws the room of routes.

mod detail;
mod table;

use std::cell::RefCell;
use std::rc::Rc;

use detail::Destination;
use table::Table;
use yew::prelude::*;

use super::{Action, Detail, Kept, Selection, State};
use crate::book::Book;
use crate::feed::Feed;
use crate::page::is_wide;

/// Properties of [`Routes`].
#[derive(Properties, PartialEq)]
pub struct RoutesProps {
    /// Where the data comes from, and the data.
    pub feed: Feed,
    /// What the reader set.
    pub state: UseReducerHandle<State>,
    /// The ledger that the address names.
    pub from: Option<String>,
    /// The destination that the address names.
    pub to: Option<String>,
    /// What there is to say or to choose about the data.
    pub source: Html,
}

/// The room of routes.
#[function_component(Routes)]
pub fn routes(props: &RoutesProps) -> Html {
    let Some(book) = props.feed.book.clone() else {
        return html! {
            <main class="room" id="room"><h1 class="unseen">{"Routes"}</h1>{ props.source.clone() }</main>
        };
    };
    html! {
        <main class="room" id="room">
            { props.source.clone() }
            if book.len() == 0 {
                <h1 class="unseen">{"Routes"}</h1>
                { empty(&book) }
            } else {
                <Loaded ..RoutesProps { feed: props.feed.clone(), state: props.state.clone(),
                    from: props.from.clone(), to: props.to.clone(), source: Html::default() } />
            }
        </main>
    }
}

#[function_component(Loaded)]
fn loaded(props: &RoutesProps) -> Html {
    let state = &props.state;
    let dispatch = {
        let handle = state.dispatcher();
        Callback::from(move |action| handle.dispatch(action))
    };
    let book = props.feed.book.clone().unwrap_or_default();
    // What was suggested stays as long as it is there, so that the page does not wander.
    let suggested = state
        .suggested
        .clone()
        .filter(|selection| selection.find(&book).is_some())
        .or_else(|| book.head().suggested.map(|at| Selection::at(&book, at)));
    {
        let dispatch = dispatch.clone();
        use_effect_with(suggested.clone(), move |suggested| {
            if let Some(selection) = suggested.clone() {
                dispatch.emit(Action::Suggest(selection));
            }
        });
    }
    // A wide window shows something at once; a narrow one has room for the table only.
    let chosen = match (&props.from, &props.to) {
        (Some(from), Some(to)) => Some(Selection {
            from: from.clone(),
            to: to.clone(),
        }),
        _ => suggested
            .clone()
            .filter(|_| props.from.is_none() && is_wide()),
    };
    {
        let dispatch = dispatch.clone();
        use_effect_with(chosen.clone(), move |_| {
            dispatch.emit(Action::Opened);
            dispatch.emit(Action::Full(false));
        });
    }
    let sources = use_memo(book.clone(), |book| {
        let sources = book.sources().into_iter().map(str::to_owned);
        sources.collect::<Vec<String>>()
    });
    let from = props
        .from
        .clone()
        .or_else(|| suggested.map(|selection| selection.from))
        .or_else(|| sources.first().cloned())
        .unwrap_or_default();
    let told = use_memo(
        (book.clone(), chosen.clone(), state.units.clone()),
        |(book, chosen, units)| {
            let route = book.route(chosen.as_ref()?.find(book)?);
            let detail = Detail::of(book.head().snapshot.as_ref(), &route, units);
            Some((Rc::new(detail), Rc::new(route)))
        },
    );
    // What was computed for the last question is of no use where other things are told.
    let kept = use_memo(told.clone(), |_| RefCell::new(Kept::default()));
    let detail = use_memo(
        (told.clone(), state.what_if.clone(), state.moved.clone()),
        |(told, what_if, moved)| {
            let (told, _) = (**told).as_ref()?;
            if !what_if.is_anything() {
                return Some(told.clone());
            }
            let kept = &mut kept.borrow_mut();
            Some(Rc::new(what_if.of(told, moved.as_deref(), kept)))
        },
    );
    let opened = props.to.is_some();
    html! {
        <div class={classes!("routes", opened.then_some("opened"), state.full.then_some("full"))}>
            <h1 class="unseen">{"Routes"}</h1>
            <Table book={book.clone()} feed={props.feed.clone()} {sources} {from} chosen={chosen.clone()}
                search={state.search.clone()} order={state.order} full={state.full} dispatch={dispatch.clone()} />
            <section class="detail" aria-label="Destination" data-testid="detail">
                if opened {
                    <a class="back" href={format!("#/routes?from={}", props.from.clone().unwrap_or_default())}>{"← All routes"}</a>
                }
                { match ((*detail).clone().zip((*told).clone()), chosen) {
                    (Some((detail, (told, route))), _) => html! {
                        <Destination {detail} {told} {route} feed={props.feed.clone()} state={(**state).clone()} {dispatch} />
                    },
                    (None, Some(chosen)) => html! {
                        <p class="empty" data-testid="route-gone">
                            { format!("There is no route from {} to {} at the moment. It may have run out, or been withdrawn.", chosen.from, chosen.to) }
                        </p>
                    },
                    (None, None) => html! { <p class="empty">{"Choose a destination to see who leads there, and why."}</p> },
                } }
            </section>
        </div>
    }
}

/// Why there is no route, and what to do about it.
pub fn empty(book: &Book) -> Html {
    let lonely = book
        .head()
        .snapshot
        .as_ref()
        .is_some_and(|snapshot| snapshot.peers.is_empty());
    let words = match &book.head().snapshot {
        Some(snapshot) if snapshot.peers.is_empty() => {
            "This connector knows no peer yet, so nobody tells it a route."
        }
        Some(_) => {
            "No routes yet. Peers tell theirs every 30 seconds or so; they appear here by themselves."
        }
        None => {
            "What you opened tells no route: it only says that all that was told before still holds."
        }
    };
    html! {
        <section class="card" data-testid="no-routes">
            <h2>{"No routes"}</h2>
            <p>{ words }</p>
            if lonely {
                <p><a href="#/peer">{"Peer with another connector"}</a></p>
            }
        </section>
    }
}
