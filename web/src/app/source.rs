//! Choosing what to look at: the connector behind the page, a file, a pasted text, the example.

use std::rc::Rc;

use yew::prelude::*;
use zeroize::Zeroizing;

use super::Offer;
use crate::client::{Fault, Token};
use crate::feed::{Feed, Opening, Origin};
use crate::open::{Refused, Report, Wrong};
use crate::page::{Notice, Tone, span, use_now};
use crate::timeline::Timeline;
use crate::unit;

/// Properties of [`Source`].
#[derive(Properties, PartialEq)]
pub struct SourceProps {
    /// What is shown now.
    pub feed: UseReducerHandle<Feed>,
    /// The admin token, in this tab's memory.
    pub token: UseStateHandle<Token>,
    /// Takes in what is opened.
    pub offer: Callback<Offer>,
}

/// The notice above the routes, where there is something to say or to choose.
#[function_component(Source)]
pub fn source(props: &SourceProps) -> Html {
    let feed = &props.feed;
    let open = html! { <Open feed={feed.clone()} offer={props.offer.clone()} /> };
    html! {
        <>
            if let Some(opening) = &feed.opening {
                { reading(opening, &props.offer) }
            }
            { standing(props, open) }
            <Stale feed={(**feed).clone()} />
        </>
    }
}

#[derive(Properties, PartialEq)]
struct StaleProps {
    feed: Feed,
}

/// How old what is shown is, where nothing was heard for longer than it should be.
#[function_component(Stale)]
fn stale(props: &StaleProps) -> Html {
    let now = use_now(1_000);
    match props.feed.stale(now) {
        Some(age) if props.feed.origin == Origin::Live && now > 0.0 => html! {
            <p class="notice notice-careful" data-testid="stale">
                { format!("Last heard {} ago. What you see may no longer hold; the page keeps asking.", span(age)) }
            </p>
        },
        _ => Html::default(),
    }
}

/// What there is to say of what is shown; `open` lets one open something else.
fn standing(props: &SourceProps, open: Html) -> Html {
    let feed = &props.feed;
    match (&feed.origin, &feed.fault) {
        (Origin::Seeking, None) => html! {
            <p class="notice" role="status">{"Looking for a connector behind this page…"}</p>
        },
        (Origin::Seeking | Origin::Live, Some(Fault::NeedsToken)) => html! {
            <>
                <SignIn title="This connector is locked" token={props.token.clone()} />
                { open }
            </>
        },
        (Origin::Seeking, Some(fault)) => html! {
            <>
                <Notice tone={Tone::Bad} testid="feed-fault"><p>{ fault.to_string() }</p></Notice>
                { open }
            </>
        },
        (Origin::Live, Some(fault)) => html! {
            <Notice tone={Tone::Careful} testid="feed-fault">
                <p>{ format!("{fault} What you see is what it told last.") }</p>
            </Notice>
        },
        (Origin::Live, None) => Html::default(),
        (Origin::Nobody, _) => html! {
            <section class="card welcome" data-testid="welcome">
                <h1>{"Who carries your money, and why?"}</h1>
                <p class="lead">{"No connector stands behind this page, so there is nothing live to show. Open what a connector told earlier, or look at an example."}</p>
                { open }
            </section>
        },
        (Origin::File { name }, _) => {
            let close = props.offer.reform(|_: MouseEvent| Offer::Close);
            let stands = match &feed.snapshot {
                Some(_) => "It stands still; times are those of the moment it was taken.",
                None => "It stands still; times count from the moment you opened it.",
            };
            let report = feed.report.clone().unwrap_or_default();
            let held = feed.book.as_ref().map_or_else(String::new, |book| {
                let count = |count: usize, one: &str| {
                    format!(
                        "{} {one}{}",
                        unit::units(count as u64),
                        if count == 1 { "" } else { "s" }
                    )
                };
                format!(
                    "{}, {}.",
                    count(book.len(), "destination"),
                    count(book.candidates(), "way")
                )
            });
            html! {
                <>
                    <p class="notice row" data-testid="snapshot-notice">
                        <span>{ format!("{name}: {}. {held} {stands}", report.kind) }</span>
                        <button type="button" class="quiet" onclick={close} data-testid="close-snapshot">{"Close it"}</button>
                    </p>
                    { partial(&report) }
                    if !report.frames.is_empty() {
                        <Timeline report={report.clone()} offer={props.offer.clone()} />
                    }
                    if let Some(wrong) = &feed.refused {
                        { refused(wrong) }
                    }
                </>
            }
        }
    }
}

/// Says what is being read and how far, with a way to stop it.
fn reading(opening: &Opening, offer: &Callback<Offer>) -> Html {
    let cancel = offer.reform(|_: MouseEvent| Offer::Cancel);
    let (words, of) = match &opening.progress {
        None => (format!("Opening {}…", opening.name), None),
        Some(progress) => {
            let done = unit::units(progress.done as u64);
            match progress.of {
                0 if progress.done == 0 => (format!("{} {}…", progress.what, opening.name), None),
                0 => (format!("{}: {done}…", progress.what), None),
                of => (
                    format!("{}: {done} of {}…", progress.what, unit::units(of as u64)),
                    Some((progress.done, of)),
                ),
            }
        }
    };
    html! {
        <div class="notice row" data-testid="reading">
            <span role="status">{ words.clone() }</span>
            if let Some((done, of)) = of {
                <progress value={done.to_string()} max={of.to_string()} aria-label={words} />
            } else {
                <progress aria-label={words} />
            }
            <button type="button" onclick={cancel} data-testid="cancel-reading">{"Cancel"}</button>
        </div>
    }
}

/// What of a text was not taken, where something was not.
fn partial(report: &Report) -> Html {
    let Some(words) = report.in_words() else {
        return Html::default();
    };
    html! {
        <details class="notice notice-careful" data-testid="partial">
            <summary>{ format!("{words}; the others are shown.") }</summary>
            { faults(&report.refused) }
            if report.refused_count > report.refused.len() {
                <p>{ format!("And {} more.", report.refused_count - report.refused.len()) }</p>
            }
        </details>
    }
}

fn refused(wrong: &Wrong) -> Html {
    html! {
        <div class="wrong" role="alert" data-testid="snapshot-refused">
            <p>{ wrong.message.clone() }</p>
            if wrong.faults.len() > 1 {
                { faults(&wrong.faults) }
            }
        </div>
    }
}

/// Faults, one a line.
pub fn faults(list: &[Refused]) -> Html {
    html! {
        <ul class="faults">
            { for list.iter().map(|fault| html! {
                <li>
                    <code>{ fault.place.clone() }</code>{" "}
                    <span>{ format!("{} {}", fault.message, fault.hint) }</span>
                    <code class="code">{ fault.code.clone() }</code>
                </li>
            }) }
        </ul>
    }
}

#[derive(Properties, PartialEq)]
struct OpenProps {
    feed: UseReducerHandle<Feed>,
    offer: Callback<Offer>,
}

#[function_component(Open)]
fn open(props: &OpenProps) -> Html {
    let (text, link, watch) = (use_node_ref(), use_node_ref(), use_node_ref());
    let pasting = use_state_eq(|| false);
    let example = props.offer.reform(|_: MouseEvent| Offer::Example);
    let file = {
        let offer = props.offer.clone();
        Callback::from(move |event: Event| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                offer.emit(Offer::File(file));
            }
            input.set_value("");
        })
    };
    let toggle = {
        let pasting = pasting.clone();
        Callback::from(move |_: MouseEvent| pasting.set(!*pasting))
    };
    let paste = {
        let (text, offer) = (text.clone(), props.offer.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(area) = text.cast::<web_sys::HtmlTextAreaElement>() {
                offer.emit(Offer::Text {
                    name: "Pasted".into(),
                    text: area.value().into(),
                });
            }
        })
    };
    let follow = {
        let (link, watch, offer) = (link.clone(), watch.clone(), props.offer.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let input = |field: &NodeRef| field.cast::<web_sys::HtmlInputElement>();
            if let Some(url) = input(&link)
                .map(|input| input.value().trim().to_owned())
                .filter(|url| !url.is_empty())
            {
                let watch = input(&watch).is_some_and(|input| input.checked());
                offer.emit(Offer::Link {
                    url: url.into(),
                    watch,
                });
            }
        })
    };
    html! {
        <div class="open">
            <div class="row">
                <button type="button" class="main" onclick={example} data-testid="load-demo">{"Load demo network"}</button>
                <label class="file-button">
                    {"Open a file"}
                    <input type="file" class="unseen" accept=".json,.jsonl,.ndjson,.txt,application/json" onchange={file} data-testid="open-snapshot" />
                </label>
                <button type="button" onclick={toggle} aria-expanded={pasting.to_string()} data-testid="paste-snapshot">
                    {"Paste or link"}
                </button>
            </div>
            // What was pasted stays where it is while it is shut, and while it is wrong.
            <div class="paste" hidden={!*pasting}>
                <div class="field">
                    <label for="snapshot-text">{"A snapshot, routing update, message, list of routes, curve or recording"}</label>
                    <textarea ref={text} id="snapshot-text" data-testid="snapshot-text" rows="6" spellcheck="false" />
                    <div class="row">
                        <button type="button" onclick={paste} data-testid="use-snapshot">{"Show it"}</button>
                    </div>
                </div>
                <form class="field" onsubmit={follow} autocomplete="off">
                    <label for="link">{"Or a link to one"}</label>
                    <div class="with-button">
                        <input ref={link} id="link" type="url" inputmode="url" data-testid="link" placeholder="https://example.org/routes.json" />
                        <button type="submit" data-testid="use-link">{"Fetch it"}</button>
                    </div>
                    <label class="check"><input ref={watch} type="checkbox" data-testid="watch-link" />{"Ask it again every 5 seconds"}</label>
                </form>
            </div>
            if let Some(wrong) = &props.feed.refused {
                { refused(wrong) }
            }
            <p class="hint">{"Or drop a file anywhere on this page. Nothing that you open is uploaded."}</p>
        </div>
    }
}

/// Properties of [`SignIn`].
#[derive(Properties, PartialEq)]
pub struct SignInProps {
    /// What it is for.
    pub title: AttrValue,
    /// The token.
    pub token: UseStateHandle<Token>,
}

/// Asks for the admin token. It stays in this tab's memory and goes only to the connector.
#[function_component(SignIn)]
pub fn sign_in(props: &SignInProps) -> Html {
    let field = use_node_ref();
    let onsubmit = {
        let (field, token) = (field.clone(), props.token.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = field.cast::<web_sys::HtmlInputElement>() {
                let text = Zeroizing::new(input.value().trim().to_owned());
                input.set_value("");
                token.set((!text.is_empty()).then(|| Rc::new(text)));
            }
        })
    };
    let without = {
        let token = props.token.clone();
        Callback::from(move |_: MouseEvent| token.set(None))
    };
    html! {
        <form class="card field narrow" {onsubmit} autocomplete="off" data-testid="sign-in">
            <h2>{ props.title.clone() }</h2>
            <label for="admin-token">{"Admin token"}</label>
            <div class="with-button">
                <input ref={field} id="admin-token" data-testid="admin-token" type="password" autocomplete="off" />
                <button type="submit" class="main">{"Open"}</button>
            </div>
            if props.token.is_some() {
                <div class="wrong row" role="alert" data-testid="token-refused">
                    <span>{"The connector did not take this token. Copy it again."}</span>
                    <button type="button" class="quiet" onclick={without} data-testid="without-token">{"Go on without it"}</button>
                </div>
            }
            <p class="hint">{"It is in the file that the connector's configuration names as admin_token_file. It stays in this tab's memory and goes to this connector alone."}</p>
        </form>
    }
}
