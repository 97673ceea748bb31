//! Peering, in the browser: by the records of two hosts, or by telling each other; until both sides have the
//! same six facts.
//!
//! [`State`] is what the wizard knows and a pure function of what the reader did; the steps draw it. A secret
//! lives in that state, in this tab's memory: it is in no address, no log and no request but the header by
//! which a peer knows its caller. Kept is only what the reader asks to be kept, sealed where it is secret.

mod check;
mod compare;
mod exports;
mod facts;
mod letters;
mod manual;
mod party;
mod passphrase;
pub mod peerings;
mod problem;
mod qr;
mod secret;
mod state;
mod step;

use std::rc::Rc;

use c2c::key::to_base64url;
use c2c::snapshot::SnapshotView;
use c2c::timestamp::Timestamp;
use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast as _;
use yew::prelude::*;
use zeroize::Zeroizing;

pub use check::{About, Found, Outcome, STEPS, Step, command, of_browser, of_server};
pub use compare::{Compared, Comparison};
pub use exports::{ByHost, Export, by_host, by_telling};
pub use facts::{Facts, Row, spoken};
pub use manual::{Field, Manual};
pub use party::{How, Lookup, Party, Side, missed_problem, read_record};
pub use passphrase::Passphrase;
pub use peerings::Peering;
pub use problem::Problem;
pub use qr::Qr;
pub use secret::{Secret, SecretText};
pub use state::{Action, Derived, Keeper, Mode, State};
use step::{
    Agreed, Codes, Done, Invited, Kept, Me, MutualCheck, MyOffer, Peer, StepProps, Tell, Told,
    use_derived,
};

use crate::client::Token;

/// Properties of [`Wizard`].
#[derive(Properties, PartialEq)]
pub struct WizardProps {
    /// The state, kept by the app so that it survives a look at another room.
    pub state: UseReducerHandle<State>,
    /// What the connector behind the page shows; none on a static host.
    pub connector: Option<Rc<SnapshotView>>,
    /// What it wants to be asked with, in this tab's memory.
    pub token: UseStateHandle<Token>,
}

/// The peering room.
#[function_component(Wizard)]
pub fn wizard(props: &WizardProps) -> Html {
    let state = Rc::new((*props.state).clone());
    use_warning_on_close(state.would_lose_secret());
    let handle = props.state.dispatcher();
    {
        let handle = handle.clone();
        use_effect_with((), move |()| {
            if let Some(random) = random_text() {
                handle.dispatch(Action::Begin(now(), Rc::new(random)));
            }
        });
    }
    {
        let (handle, connector) = (handle.clone(), props.connector.clone());
        use_effect_with(connector, move |connector| {
            if let Some(connector) = connector {
                handle.dispatch(Action::Behind(connector.clone()));
            }
        });
    }
    let step = StepProps {
        state: state.clone(),
        dispatch: Callback::from(move |action| handle.dispatch(action)),
        connector: props.connector.is_some().then(|| (*props.token).clone()),
        sign_in: {
            let token = props.token.clone();
            Callback::from(move |given| token.set(given))
        },
    };
    use_derived(&step);
    let manual = state.mode == Mode::Manual;
    let way = |mode: Mode, name: &str, testid: &'static str| {
        let onclick = step
            .dispatch
            .reform(move |_: MouseEvent| Action::Choose(mode));
        html! {
            <button type="button" {onclick} aria-pressed={(state.mode == mode).to_string()} data-testid={testid}>
                { name.to_owned() }
            </button>
        }
    };
    let lead = match manual {
        false => {
            "Each of you publishes a public key under your host name. From your secret and their key, the name of your shared ledger and the token for your calls are computed."
        }
        true => {
            "You write each other what is needed: where you take calls, on which ledger, and a token each, which goes another way than the rest."
        }
    };
    html! {
        <main class="room wizard" id="room">
            <header class="room-head">
                <h1>{"Peer with another connector"}</h1>
                <p class="lead">{ lead }</p>
                <div class="choice" role="group" aria-label="How to peer">
                    { way(Mode::WebFinger, "By host names", "mode-webfinger") }
                    { way(Mode::Manual, "Without WebFinger", "mode-manual") }
                </div>
            </header>
            <Invited ..step.clone() />
            <div class="columns">
                <div class="steps">
                    if manual {
                        { card("me", "1", "Me and terms", html! { <MyOffer ..step.clone() /> }) }
                        { card("tell", "2", offer_title(&state), html! { <Tell ..step.clone() /> }) }
                        { card("told", "3", "What they told", html! { <Told ..step.clone() /> }) }
                    } else {
                        { card("me", "1", "Me", html! { <Me ..step.clone() /> }) }
                        { card("peer", "2", "Them", html! { <Peer ..step.clone() /> }) }
                        { card("terms", "3", "Terms", html! { <Agreed ..step.clone() /> }) }
                        { card("tell", "4", offer_title(&state), html! { <Tell ..step.clone() /> }) }
                    }
                </div>
                <div class="steps">
                    { card("codes", if manual { "4" } else { "5" }, "Compare by voice", html! { <Codes ..step.clone() /> }) }
                    { card("check", if manual { "5" } else { "6" }, "Mutual check", html! { <MutualCheck ..step.clone() /> }) }
                    { card("facts", if manual { "6" } else { "7" }, "Six facts", html! { <Done ..step.clone() /> }) }
                </div>
            </div>
            <Kept ..step.clone() />
        </main>
    }
}

fn card(name: &'static str, number: &'static str, title: &str, body: Html) -> Html {
    let id = format!("step-{name}");
    html! {
        <section class="card" aria-labelledby={id.clone()} data-step={name}>
            <h2 {id}><span class="number">{ number }</span>{ title.to_owned() }</h2>
            { body }
        </section>
    }
}

fn offer_title(state: &State) -> &'static str {
    match state.received {
        None => "Tell them",
        Some(_) => "Answer them",
    }
}

/// The time by the browser's clock.
pub fn now() -> Timestamp {
    let millis = js_sys::Date::now().max(0.0);
    // A browser's clock counts whole milliseconds, which is far below 2^53.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Timestamp::from_millis(millis as u64)
}

/// 64 random characters of base64url.
fn random_text() -> Option<SecretText> {
    let mut bytes = Zeroizing::new([0u8; 48]);
    getrandom::fill(bytes.as_mut_slice()).ok()?;
    Some(SecretText::new(to_base64url(bytes.as_slice())))
}

/// Asks before the tab closes, as long as `wanted`.
#[hook]
fn use_warning_on_close(wanted: bool) {
    use_effect_with(wanted, |wanted| {
        let listener = wanted.then(web_sys::window).flatten().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "beforeunload", options, |event| {
                event.prevent_default();
                // Older browsers ask only where something is returned.
                if let Some(event) = event.dyn_ref::<web_sys::BeforeUnloadEvent>() {
                    event.set_return_value("The secret made here is not saved.");
                }
            })
        });
        move || drop(listener)
    });
}

#[cfg(test)]
mod tests;
