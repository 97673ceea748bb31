//! The app: which room is open, where the data comes from, and the frame around both.

mod opener;
mod place;
mod source;
mod still;

use std::cell::Cell;
use std::rc::Rc;

use futures::StreamExt as _;
use futures::channel::mpsc;
use futures::future::select;
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub use opener::Offer;
use opener::use_opener;
pub use place::Place;
use source::Source;
pub use source::{SignIn, faults};
use still::use_still;

use crate::client::{self, Fault, Token};
use crate::compare::{Aside, Compare};
use crate::directory::Hosts;
use crate::feed::{Feed, FeedAction, Origin};
use crate::graph::Graph;
use crate::lab::{self, Lab, use_lab};
use crate::operate::Operate;
use crate::overview::Overview;
use crate::page::{span, use_now};
use crate::route_view::{self, Routes};
use crate::share::Shared;
use crate::validate::Validate;
use crate::wizard::{self, Wizard};

/// How long the page waits before it asks again, in milliseconds, when nothing tells it earlier.
const EVERY: u32 = 5_000;

/// The whole page.
#[function_component(App)]
pub fn app() -> Html {
    let place = use_place();
    let feed = use_reducer(Feed::default);
    let wizard = use_reducer(wizard::State::default);
    let routes = use_reducer(route_view::State::default);
    let token = use_state(|| Token::None);
    let ask = use_connector(&feed, &token);
    let offer = use_opener(&feed);
    let lab = use_lab(&offer);
    use_bench(&place, &lab);
    {
        // What a link carries is opened once, when the page is.
        let (offer, routes) = (offer.clone(), routes.dispatcher());
        use_effect_with((), move |()| {
            let hash = web_sys::window().and_then(|window| window.location().hash().ok());
            if let Some(shared) = hash.as_deref().and_then(Shared::read) {
                if let Some(data) = &shared.data {
                    let name = shared
                        .at
                        .as_ref()
                        .map_or_else(|| "Shared".to_owned(), |at| format!("Shared, {at}"));
                    offer.emit(Offer::Text {
                        name: name.into(),
                        text: data.as_str().into(),
                    });
                }
                routes.dispatch(route_view::Action::Restore(shared));
            }
        });
    }
    use_letter(&place, &wizard);
    use_still(&feed);

    let connector = feed.snapshot.clone().filter(|_| feed.asks());
    let aside = use_state_eq(|| None::<Aside>);
    let source = html! { <Source feed={feed.clone()} token={token.clone()} {offer} /> };
    let shown = (*feed).clone();
    let room = match &place {
        Place::Peer { .. } | Place::Letter(_) => {
            html! { <Wizard state={wizard} {connector} token={token.clone()} /> }
        }
        Place::Directory => {
            let behind = connector.is_some().then(|| (*token).clone());
            html! { <Hosts connector={behind} /> }
        }
        Place::Routes { from, to } => html! {
            <Routes feed={shown} state={routes} from={from.clone()} to={to.clone()} {source} />
        },
        Place::Overview => html! { <Overview feed={shown} {source} /> },
        Place::Graph { from, under } => html! {
            <Graph feed={shown} from={from.clone()} under={under.clone()} {source} />
        },
        Place::Compare => html! { <Compare feed={shown} {aside} {source} /> },
        Place::Validate => html! { <Validate /> },
        Place::Lab(_) => html! { <Lab state={lab} /> },
        Place::Operate => html! { <Operate feed={shown} token={token.clone()} {source} {ask} /> },
    };
    html! {
        <>
            <a class="skip" href="#room">{"Skip to the page"}</a>
            <header class="masthead">
                <a class="wordmark" href="#/routes">{"Interledger connector"}</a>
                <nav aria-label="Rooms">
                    { for Place::ROOMS.iter().map(|(name, href)| html! {
                        <a href={*href} aria-current={(place.name() == *name).then_some("page")}>{ *name }</a>
                    }) }
                </nav>
                <Status feed={(*feed).clone()} />
            </header>
            { room }
            <footer class="foot">
                <p>{"Keys and curves are computed in this page. It asks only the connector behind it and the hosts that you name."}</p>
            </footer>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct StatusProps {
    feed: Feed,
}

/// Who is shown, and how fresh it is, in words.
#[function_component(Status)]
fn status(props: &StatusProps) -> Html {
    let feed = &props.feed;
    let now = use_now(1_000);
    let who = feed.snapshot.as_ref().map(|snapshot| {
        let identity = &snapshot.identity;
        identity
            .title
            .clone()
            .unwrap_or_else(|| identity.url.clone())
    });
    let (class, words) = match (&feed.origin, who) {
        (Origin::Seeking, _) if feed.fault == Some(Fault::NeedsToken) => ("", "Locked".to_owned()),
        (Origin::Seeking, _) if feed.fault.is_some() => ("bad", "No answer".to_owned()),
        (Origin::Seeking, _) => ("", "Looking for a connector…".to_owned()),
        (Origin::Nobody, _) => ("", "No connector here".to_owned()),
        (Origin::File { name }, _) => ("", format!("Opened: {name}")),
        (Origin::Live, who) => {
            let who = who.unwrap_or_default();
            match feed.stale(now) {
                Some(age) => ("bad", format!("{who}: last heard {} ago", span(age))),
                None if feed.waiting.is_some() => {
                    ("good", format!("Live: {who}, still while you look"))
                }
                None => ("good", format!("Live: {who}")),
            }
        }
    };
    html! { <p class={classes!("status", class)} data-testid="status">{ words }</p> }
}

/// The room that the address names, followed as it changes.
#[hook]
fn use_place() -> Place {
    // The room that is opened first is the first that is drawn.
    let place = use_state_eq(|| placed().unwrap_or_default());
    let found = place.setter();
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                if let Some(place) = placed() {
                    found.set(place);
                }
            })
        });
        move || drop(listener)
    });
    (*place).clone()
}

/// The room that the address names; an anchor within the page, such as the skip link's, is none.
fn placed() -> Option<Place> {
    // Drawn outside of a browser it has no window that could be asked.
    if cfg!(not(target_arch = "wasm32")) {
        return Some(Place::default());
    }
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    hash.as_deref().map_or(Some(Place::default()), Place::read)
}

/// Passes on to the wizard what an address brings: a letter, which then leaves the address bar and the history,
/// or a host to begin with.
#[hook]
fn use_letter(place: &Place, wizard: &UseReducerHandle<wizard::State>) {
    let told = wizard.dispatcher();
    use_effect_with(place.clone(), move |place| match place {
        Place::Letter(letter) => {
            if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
                let moved = history.replace_state_with_url(&JsValue::NULL, "", Some("#/peer"));
                // A browser that keeps the address still shows the letter.
                drop(moved);
            }
            told.dispatch(wizard::Action::letter(letter, wizard::now()));
        }
        Place::Peer { host: Some(host) } => {
            told.dispatch(wizard::Action::Choose(wizard::Mode::WebFinger));
            told.dispatch(wizard::Action::Host(wizard::Side::Theirs, host.clone()));
        }
        _ => {}
    });
}

/// Puts on the lab's bench what an address holds, and lets the lab stand while one is in another room.
#[hook]
fn use_bench(place: &Place, lab: &UseReducerHandle<lab::State>) {
    let told = lab.dispatcher();
    use_effect_with(place.clone(), move |place| match place {
        Place::Lab(query) => {
            if let Some((script, until)) = lab::Script::from_link(query) {
                told.dispatch(lab::Action::Open(Rc::new(script), until));
            }
        }
        _ => told.dispatch(lab::Action::Play(false)),
    });
}

/// Asks the connector behind the page, again and again, and earlier when it says that something
/// happened, or when what is answered here is called.
#[hook]
fn use_connector(feed: &UseReducerHandle<Feed>, token: &Token) -> Callback<()> {
    let told = feed.dispatcher();
    let poke = use_mut_ref(|| None::<mpsc::Sender<()>>);
    {
        let poke = poke.clone();
        use_effect_with((feed.asks(), token.clone()), move |(asks, token)| {
            let alive = Rc::new(Cell::new(*asks));
            if *asks {
                let (sender, poked) = mpsc::channel(1);
                poke.replace(Some(sender.clone()));
                spawn_local(ask(told, token.clone(), alive.clone(), sender, poked));
            }
            move || alive.set(false)
        });
    }
    Callback::from(move |()| {
        if let Some(poke) = poke.borrow_mut().as_mut() {
            // A full channel is one that is about to be heard.
            drop(poke.try_send(()));
        }
    })
}

async fn ask(
    told: UseReducerDispatcher<Feed>,
    token: Token,
    alive: Rc<Cell<bool>>,
    poke: mpsc::Sender<()>,
    mut poked: mpsc::Receiver<()>,
) {
    if !client::may_be_there().await {
        return told.dispatch(FeedAction::Missed(Fault::NoConnector));
    }
    let mut watching: Option<client::Watch> = None;
    while alive.get() {
        let answer = client::snapshot(&token).await;
        if !alive.get() {
            return;
        }
        match answer {
            Ok(snapshot) => {
                told.dispatch(FeedAction::Heard(Rc::new(snapshot), js_sys::Date::now()));
                if watching.as_ref().is_none_or(|watch| !watch.is_open()) {
                    let mut poke = poke.clone();
                    watching = client::Watch::open(&token, move || drop(poke.try_send(())));
                }
            }
            Err(fault) => told.dispatch(FeedAction::Missed(fault)),
        }
        select(poked.next(), TimeoutFuture::new(EVERY)).await;
        // Events come in bursts: one look after a moment shows what all of them did.
        TimeoutFuture::new(300).await;
        while poked.try_recv().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_page_begins_with_words() {
        let page = yew::ServerRenderer::<App>::new()
            .hydratable(false)
            .render()
            .await;
        assert!(
            page.contains("Looking for a connector behind this page…"),
            "{page}"
        );
        assert!(page.contains(r#"aria-current="page">Routes"#), "{page}");
        assert!(
            !page.contains("style="),
            "the content-security policy blocks style attributes"
        );
    }
}
