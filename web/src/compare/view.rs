//! Draws the comparison.

use std::rc::Rc;

use yew::prelude::*;

use super::{Differences, Ends};
use crate::app::Place;
use crate::book::Book;
use crate::feed::Feed;

/// How many routes of a kind are listed.
const LISTED: usize = 200;

/// What was laid aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Aside {
    /// What to call it.
    pub name: String,
    /// It.
    pub book: Rc<Book>,
}

/// Properties of [`Compare`].
#[derive(Properties, PartialEq)]
pub struct CompareProps {
    /// What is shown.
    pub feed: Feed,
    /// What it is compared with.
    pub aside: UseStateHandle<Option<Aside>>,
    /// What there is to say or to choose about the data.
    pub source: Html,
}

/// The room.
#[function_component(Compare)]
pub fn compare(props: &CompareProps) -> Html {
    let aside = (*props.aside).clone();
    let lay = props.feed.book.clone().map(|book| {
        let (set, name) = (props.aside.clone(), props.feed.name());
        Callback::from(move |_: MouseEvent| {
            set.set(Some(Aside {
                name: name.clone(),
                book: book.clone(),
            }))
        })
    });
    let found = use_memo((aside.clone(), props.feed.book.clone()), |(aside, book)| {
        let (aside, book) = (aside.as_ref()?, book.as_ref()?);
        Some(Differences::between(&aside.book, book))
    });
    html! {
        <main class="room" id="room">
            <h1>{"Compare"}</h1>
            { props.source.clone() }
            <section class="card" data-testid="compare">
                <p class="lead">{ match &aside {
                    None => "Lay aside what is shown now, then open something else, or wait for news, or go to another moment: the differences stand here.".to_owned(),
                    Some(aside) => format!("From {} to what is shown now.", aside.name),
                } }</p>
                if let Some(lay) = lay {
                    <div class="row"><button type="button" class="main" onclick={lay} data-testid="lay-aside">{"Lay aside what is shown"}</button></div>
                }
                if let Some(found) = &*found {
                    <p role="status" data-testid="differences">
                        { format!("{} added, {} removed, {} changed, {} as they were.", found.added.len(), found.removed.len(), found.changed.len(), found.same) }
                    </p>
                    { list("Added", &found.added, true) }
                    { list("Removed", &found.removed, false) }
                    if !found.changed.is_empty() {
                        <h2>{"Changed"}</h2>
                        <ul class="plain" data-testid="changed">
                            { for found.changed.iter().take(LISTED).map(|((from, to), words)| html! {
                                <li><a href={Place::of_route(from, to)}>{ to.clone() }</a>{ format!(" from {from}: {}.", words.join("; ")) }</li>
                            }) }
                        </ul>
                        { more(found.changed.len()) }
                    }
                }
            </section>
        </main>
    }
}

fn list(title: &'static str, ends: &[Ends], linked: bool) -> Html {
    if ends.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h2>{ title }</h2>
            <ul class="plain" data-testid={title.to_lowercase()}>
                { for ends.iter().take(LISTED).map(|(from, to)| html! {
                    <li>
                        if linked { <a href={Place::of_route(from, to)}>{ to.clone() }</a> } else { <span>{ to.clone() }</span> }
                        <span class="hint">{ format!(" from {from}") }</span>
                    </li>
                }) }
            </ul>
            { more(ends.len()) }
        </>
    }
}

fn more(all: usize) -> Html {
    if all > LISTED {
        html! { <p class="hint">{ format!("And {} more.", all - LISTED) }</p> }
    } else {
        Html::default()
    }
}
