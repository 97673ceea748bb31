//! The steps of the wizard, and what more than one of them has.

mod codes;
mod done;
mod invited;
mod kept;
mod me;
mod mutual;
mod offer;
mod peer;
mod tell;
mod terms;
mod told;

use std::rc::Rc;

use c2c::webfinger::Host;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub use codes::Codes;
pub use done::Done;
pub use invited::Invited;
pub use kept::Kept;
pub use me::Me;
pub use mutual::MutualCheck;
pub use offer::MyOffer;
pub use peer::Peer;
pub use tell::Tell;
pub use terms::Agreed;
pub use told::Told;

use c2c::snapshot::{DerivedView, ErrorBody};
use zeroize::Zeroizing;

use super::{Action, Derived, Field, How, Lookup, Problem, SecretText, Side, State};
use crate::client::{self, Missed, Token};
use crate::page::Wrong;

/// What every step gets.
#[derive(Clone, Properties, PartialEq)]
pub struct StepProps {
    /// What the wizard knows.
    pub state: Rc<State>,
    /// How a step tells it what the reader does.
    pub dispatch: Callback<Action>,
    /// Where a connector stands behind the page: its token, for asking it to look a host up.
    pub connector: Option<Token>,
    /// How a step passes that token on, once the reader has given it.
    pub sign_in: Callback<Token>,
}

/// Looks up a host's record and tells the wizard what came of it. What the browser cannot read, the
/// connector behind the page is asked for; it also knows why.
fn ask(side: Side, host: Host, connector: Option<Token>, dispatch: Callback<Action>) {
    dispatch.emit(Action::Ask(side, host.clone()));
    spawn_local(async move {
        let answer = match (client::record(&host).await, connector) {
            (Err(missed @ (Missed::Cors | Missed::Unreachable)), Some(token)) => {
                let found = client::lookup(&host, &token, missed).await;
                found.map(|bytes| (bytes, How::LookedUp))
            }
            (answer, _) => answer.map(|fetched| (fetched.bytes, How::Fetched)),
        };
        dispatch.emit(Action::Answer(side, host, answer));
    });
}

/// Has the connector behind the page derive, as soon as it holds the key and there is enough to tell it.
#[hook]
pub fn use_derived(step: &StepProps) {
    let wanted = step
        .state
        .to_derive()
        .filter(|_| step.state.derived == Derived::Idle);
    let (dispatch, token) = (step.dispatch.clone(), step.connector.clone().flatten());
    use_effect_with(wanted, move |wanted| {
        let Some(asked) = wanted.clone() else {
            return;
        };
        dispatch.emit(Action::Derive);
        spawn_local(async move {
            let (host, currency, scale) = &asked;
            let what = format!(
                "derive?host={}&currency={currency}&scale={scale}",
                host.base_url()
            );
            let derived = client::ask::<DerivedView>(&what, None, &token).await;
            let derived = derived.map(Rc::new).map_err(|error| told_problem(&error));
            dispatch.emit(Action::Derived(asked, derived));
        });
    });
}

/// What the connector behind the page says is wrong.
fn told_problem(error: &ErrorBody) -> Problem {
    let problem = Problem::new(&error.id, &error.message);
    match &error.hint {
        Some(hint) => problem.with_hint(hint.clone()),
        None => problem,
    }
}

/// Properties of [`AskToken`].
#[derive(Properties, PartialEq)]
struct AskTokenProps {
    sign_in: Callback<Token>,
}

/// The field for the admin token of the connector behind the page.
#[function_component(AskToken)]
fn ask_token(props: &AskTokenProps) -> Html {
    let field = use_node_ref();
    let onsubmit = {
        let (field, sign_in) = (field.clone(), props.sign_in.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = field.cast::<web_sys::HtmlInputElement>() {
                let token = Zeroizing::new(input.value().trim().to_owned());
                input.set_value("");
                sign_in.emit((!token.is_empty()).then(|| Rc::new(token)));
            }
        })
    };
    html! {
        <form class="field" {onsubmit} autocomplete="off">
            <label for="wizard-token">{"Admin token of your server"}</label>
            <div class="with-button">
                <input ref={field} id="wizard-token" data-testid="wizard-token" type="password" autocomplete="off" />
                <button type="submit" data-testid="wizard-token-use">{"Use it"}</button>
            </div>
            <p class="hint">{"It is in the file that the configuration names as admin_token_file, and stays in this tab's memory."}</p>
        </form>
    }
}

/// Where this app is for whoever is sent a link: the reader's own server, where one stands behind the page;
/// else the page itself, without what stands behind its #.
fn own_page(state: &State) -> String {
    if let Some(connector) = &state.connector {
        return connector.identity.url.clone();
    }
    let href = web_sys::window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    let page = href.split(['#', '?']).next().unwrap_or_default();
    page.trim_end_matches("index.html").to_owned()
}

/// What is wrong or unusual about a text, under its field.
fn text_field(
    props: &StepProps,
    field: Field,
    label: &str,
    hint: &str,
    placeholder: &'static str,
) -> Html {
    let state = &props.state;
    let id = field.name();
    let text = state.manual.text(field, &state.currency, &state.scale);
    let problem = state.manual.problem(field, &state.currency, &state.scale);
    let oninput = props.dispatch.reform(move |event: InputEvent| {
        Action::Tell(field, Rc::new(SecretText::new(typed(&event))))
    });
    let note = format!("{id}-note");
    html! {
        <div class="field">
            <label for={id}>{ label.to_owned() }</label>
            <input {id} data-testid={id} value={text.reveal().to_owned()} {oninput} {placeholder}
                autocapitalize="none" autocomplete="off" spellcheck="false"
                aria-invalid={problem.is_some().to_string()} aria-describedby={note.clone()} />
            if let Some(problem) = problem {
                <Wrong {problem} id={note} />
            } else {
                <p class="hint" id={note}>{ hint.to_owned() }</p>
            }
        </div>
    }
}

/// The text of a field in which something was just typed.
fn typed(event: &InputEvent) -> String {
    event
        .target_unchecked_into::<web_sys::HtmlInputElement>()
        .value()
}

/// A field for a host, with its button.
fn host_field(props: &StepProps, side: Side, label: &str, placeholder: &'static str) -> Html {
    let (state, dispatch) = (&props.state, &props.dispatch);
    let party = state.party(side);
    let id = match side {
        Side::Mine => "my-host",
        Side::Theirs => "their-host",
    };
    let oninput = dispatch.reform(move |event: InputEvent| Action::Host(side, typed(&event)));
    let onblur = dispatch.reform(move |_: FocusEvent| Action::Left(side));
    let host = party.host();
    let onsubmit = {
        let (dispatch, host, connector) = (dispatch.clone(), host.clone(), props.connector.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match &host {
                Some(host) => ask(side, host.clone(), connector.clone(), dispatch.clone()),
                None => dispatch.emit(Action::Left(side)),
            }
        })
    };
    let problem = state.host_problem(side);
    let asking = matches!(party.lookup, Lookup::Asking(_));
    html! {
        <form class="field" {onsubmit} autocomplete="off">
            <label for={id}>{ label.to_owned() }</label>
            <div class="with-button">
                <input {id} data-testid={id} value={party.text.to_string()} {oninput} {onblur} {placeholder}
                    inputmode="url" autocapitalize="none" autocomplete="off" spellcheck="false"
                    aria-invalid={problem.is_some().to_string()} aria-describedby={format!("{id}-note")} />
                <button type="submit" disabled={asking} data-testid={format!("{id}-look-up")}>
                    { if asking { "Asking…" } else { "Look up" } }
                </button>
            </div>
            if let Some(problem) = problem {
                <Wrong {problem} id={format!("{id}-note")} />
            } else if let Some(note) = party.stripped() {
                <p class="hint" id={format!("{id}-note")}>{ note }</p>
            }
        </form>
    }
}

/// The record that a host publishes, or why there is none, and the way round by hand.
fn record_card(props: &StepProps, side: Side) -> Html {
    let party = props.state.party(side);
    let which = match side {
        Side::Mine => "mine",
        Side::Theirs => "theirs",
    };
    let body = match &party.lookup {
        Lookup::Idle => Html::default(),
        Lookup::Asking(host) => html! {
            <p class="hint" role="status">{ format!("Asking {host} for its record…") }</p>
        },
        Lookup::Failed { problem, .. } => html! { <Wrong problem={problem.clone()} /> },
        Lookup::Found { host, record, how } => html! {
            <article class="record" data-testid={format!("record-{which}")}>
                <header>
                    <strong>{ record.title.clone().unwrap_or_else(|| host.to_string()) }</strong>
                    <span class="badge" data-testid={format!("record-{which}-badge")}>
                        { match how {
                            How::Fetched => "fetched",
                            How::LookedUp => "through your connector",
                            How::Pasted => "pasted",
                        } }
                    </span>
                </header>
                <dl>
                    <div><dt>{"Version"}</dt><dd>{ record.protocol_version.clone().unwrap_or_else(|| "not told".into()) }</dd></div>
                    <div><dt>{"Public key"}</dt><dd><code>{ record.public_key.to_string() }</code></dd></div>
                    <div><dt>{"RPC"}</dt><dd><code>{ record.rpc_uri.to_string() }</code></dd></div>
                </dl>
            </article>
        },
    };
    let failed = matches!(party.lookup, Lookup::Failed { .. });
    let toggle = {
        let open = !party.pasting;
        props
            .dispatch
            .reform(move |_: MouseEvent| Action::Paste(side, open))
    };
    html! {
        <div aria-live="polite">
            { body }
            if let Some(host) = party.host().filter(|_| failed || party.pasting) {
                <p class="row">
                    <a href={host.record_url()} target="_blank" rel="noopener noreferrer">{"Open record"}</a>
                    <button type="button" class="quiet" onclick={toggle} aria-expanded={party.pasting.to_string()}
                        data-testid={format!("paste-{which}-open")}>
                        { if party.pasting { "Close the box" } else { "Paste it" } }
                    </button>
                </p>
            }
            if party.pasting {
                <PasteBox {side} {which} dispatch={props.dispatch.clone()} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PasteBoxProps {
    side: Side,
    which: &'static str,
    dispatch: Callback<Action>,
}

/// A box for a record that the browser may not fetch.
#[function_component(PasteBox)]
fn paste_box(props: &PasteBoxProps) -> Html {
    let text = use_node_ref();
    let (side, which) = (props.side, props.which);
    let use_it = {
        let (dispatch, text) = (props.dispatch.clone(), text.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(area) = text.cast::<web_sys::HtmlTextAreaElement>() {
                dispatch.emit(Action::Pasted(side, area.value()));
            }
        })
    };
    let id = format!("paste-{which}");
    html! {
        <div class="field">
            <label for={id.clone()}>{"The record, as the host shows it"}</label>
            <textarea ref={text} id={id.clone()} data-testid={id} rows="6" spellcheck="false"
                placeholder="{ \"subject\": \"https://…\", \"properties\": … }" />
            <div class="row">
                <button type="button" onclick={use_it} data-testid={format!("paste-{which}-use")}>{"Use this record"}</button>
            </div>
        </div>
    }
}
