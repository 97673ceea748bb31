//! Choosing what to look at: the connector behind the page, a file, a pasted text, the example.

use std::rc::Rc;

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;
use zeroize::Zeroizing;

use crate::client::{Fault, Token};
use crate::feed::{Feed, FeedAction, Origin};
use crate::page::{Notice, Tone};

/// Properties of [`Source`].
#[derive(Properties, PartialEq)]
pub struct SourceProps {
    /// What is shown now.
    pub feed: UseReducerHandle<Feed>,
    /// The admin token, in this tab's memory.
    pub token: UseStateHandle<Token>,
}

/// The notice above the routes, where there is something to say or to choose.
#[function_component(Source)]
pub fn source(props: &SourceProps) -> Html {
    let feed = &props.feed;
    let open = html! { <Open feed={feed.clone()} /> };
    match (&feed.origin, &feed.fault) {
        (Origin::Seeking, None) => html! {
            <p class="notice" role="status">{"Looking for a connector behind this page…"}</p>
        },
        (Origin::Seeking | Origin::Live, Some(Fault::NeedsToken)) => html! {
            <>
                <SignIn token={props.token.clone()} />
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
            let feed = feed.dispatcher();
            let close = Callback::from(move |_: MouseEvent| feed.dispatch(FeedAction::Close));
            html! {
                <p class="notice row" data-testid="snapshot-notice">
                    <span>{ format!("{name}: a snapshot. It stands still; times are those of the moment it was taken.") }</span>
                    <button type="button" class="quiet" onclick={close} data-testid="close-snapshot">{"Close it"}</button>
                </p>
            }
        }
    }
}

#[derive(Properties, PartialEq)]
struct OpenProps {
    feed: UseReducerHandle<Feed>,
}

#[function_component(Open)]
fn open(props: &OpenProps) -> Html {
    let text = use_node_ref();
    let pasting = use_state_eq(|| false);
    let feed = props.feed.dispatcher();
    let example = {
        let feed = feed.clone();
        Callback::from(move |_: MouseEvent| {
            feed.dispatch(FeedAction::Example {
                now: js_sys::Date::now(),
            });
        })
    };
    let file = {
        let feed = feed.clone();
        Callback::from(move |event: Event| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else {
                return;
            };
            input.set_value("");
            let feed = feed.clone();
            spawn_local(async move {
                let text = JsFuture::from(file.text())
                    .await
                    .ok()
                    .and_then(|text| text.as_string());
                feed.dispatch(FeedAction::Open {
                    name: file.name().into(),
                    text: text.unwrap_or_default().into(),
                    now: js_sys::Date::now(),
                });
            });
        })
    };
    let toggle = {
        let pasting = pasting.clone();
        Callback::from(move |_: MouseEvent| pasting.set(!*pasting))
    };
    let paste = {
        let text = text.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(area) = text.cast::<web_sys::HtmlTextAreaElement>() {
                feed.dispatch(FeedAction::Open {
                    name: "Pasted".into(),
                    text: area.value().into(),
                    now: js_sys::Date::now(),
                });
            }
        })
    };
    html! {
        <div class="open">
            <div class="row">
                <button type="button" class="main" onclick={example} data-testid="load-demo">{"Load demo network"}</button>
                <label class="file-button">
                    {"Open a snapshot file"}
                    <input type="file" class="unseen" accept=".json,application/json" onchange={file} data-testid="open-snapshot" />
                </label>
                <button type="button" onclick={toggle} aria-expanded={pasting.to_string()} data-testid="paste-snapshot">
                    {"Paste a snapshot"}
                </button>
            </div>
            if *pasting {
                <div class="field">
                    <label for="snapshot-text">{"The JSON of GET /api/v1/snapshot"}</label>
                    <textarea ref={text} id="snapshot-text" data-testid="snapshot-text" rows="6" spellcheck="false" />
                    <div class="row">
                        <button type="button" onclick={paste} data-testid="use-snapshot">{"Show it"}</button>
                    </div>
                </div>
            }
            if let Some(reason) = &props.feed.refused {
                <p class="wrong" role="alert" data-testid="snapshot-refused">{ reason.to_string() }</p>
            }
            <p class="hint">{"Nothing that you open is uploaded."}</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SignInProps {
    token: UseStateHandle<Token>,
}

/// Asks for the admin token. It stays in this tab's memory and goes only to the connector.
#[function_component(SignIn)]
fn sign_in(props: &SignInProps) -> Html {
    let field = use_node_ref();
    let onsubmit = {
        let (field, token) = (field.clone(), props.token.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = field.cast::<web_sys::HtmlInputElement>() {
                let text = Zeroizing::new(input.value().trim().to_owned());
                input.set_value("");
                token.set(Some(Rc::new(text)));
            }
        })
    };
    html! {
        <form class="card field narrow" {onsubmit} autocomplete="off" data-testid="sign-in">
            <h1>{"This connector is locked"}</h1>
            <label for="admin-token">{"Admin token"}</label>
            <div class="with-button">
                <input ref={field} id="admin-token" data-testid="admin-token" type="password" autocomplete="off" />
                <button type="submit" class="main">{"Open"}</button>
            </div>
            if props.token.is_some() {
                <p class="wrong" role="alert">{"The connector did not take this token. Copy it again."}</p>
            }
            <p class="hint">{ Fault::NeedsToken.to_string() }</p>
        </form>
    }
}
