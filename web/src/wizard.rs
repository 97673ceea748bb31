//! Peering by WebFinger, in the browser: two hosts, terms, and the six facts that follow from them.
//!
//! [`State`] is what the wizard knows and a pure function of what the reader did; the steps draw
//! it. The secret lives in that state, in this tab's memory, and nowhere else: it is in no address,
//! no storage and no request.

mod compare;
mod state;
mod step;

use std::rc::Rc;

use c2c::snapshot::SnapshotView;
use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

pub use compare::{Compared, Comparison};
pub use state::{Action, How, Lookup, Problem, Secret, SecretText, Side, State};
use step::{Agreed, Facts, Me, Peer, StepProps};

use crate::client::Token;

/// Properties of [`Wizard`].
#[derive(Properties, PartialEq)]
pub struct WizardProps {
    /// The state, kept by the app so that it survives a look at another room.
    pub state: UseReducerHandle<State>,
    /// What the connector behind the page shows; none on a static host.
    pub connector: Option<Rc<SnapshotView>>,
    /// What it wants to be asked with.
    pub token: Token,
}

/// The peering room.
#[function_component(Wizard)]
pub fn wizard(props: &WizardProps) -> Html {
    use_warning_on_close(props.state.would_lose_secret());
    let handle = props.state.dispatcher();
    {
        let (handle, connector) = (handle.clone(), props.connector.clone());
        use_effect_with(connector, move |connector| {
            if let Some(connector) = connector {
                handle.dispatch(Action::Behind(connector.clone()));
            }
        });
    }
    let step = StepProps {
        state: Rc::new((*props.state).clone()),
        dispatch: Callback::from(move |action| handle.dispatch(action)),
        connector: props.connector.is_some().then(|| props.token.clone()),
    };
    html! {
        <main class="room wizard" id="room">
            <header class="room-head">
                <h1>{"Peer with another connector"}</h1>
                <p class="lead">{"Each of you publishes a public key under your host name. From your secret and their key, this page computes the name of your shared ledger and the token for your calls."}</p>
            </header>
            <div class="columns">
                <div class="steps">
                    <section class="card" aria-labelledby="step-me">
                        <h2 id="step-me"><span class="number">{"1"}</span>{"Me"}</h2>
                        <Me ..step.clone() />
                    </section>
                    <section class="card" aria-labelledby="step-peer">
                        <h2 id="step-peer"><span class="number">{"2"}</span>{"Them"}</h2>
                        <Peer ..step.clone() />
                    </section>
                    <section class="card" aria-labelledby="step-terms">
                        <h2 id="step-terms"><span class="number">{"3"}</span>{"Terms"}</h2>
                        <Agreed ..step.clone() />
                    </section>
                </div>
                <section class="card result" aria-labelledby="step-facts">
                    <h2 id="step-facts"><span class="number">{"4"}</span>{"Six facts"}</h2>
                    <Facts {step} connector={props.connector.clone()} />
                </section>
            </div>
        </main>
    }
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
