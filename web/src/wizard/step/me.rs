//! Who I am: my host, my secret, and whether the two fit together.

use std::rc::Rc;

use c2c::key::SecretKey;
use c2c::webfinger::{Record, RpcUri};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;
use zeroize::Zeroizing;

use super::{StepProps, host_field, record_card};
use crate::page::{Copy, Notice, Tone, Wrong};
use crate::wizard::{Action, Keeper, Lookup, Secret, SecretText, Side};

/// The first step.
#[function_component(Me)]
pub fn me(props: &StepProps) -> Html {
    let state = &props.state;
    html! {
        <>
            { host_field(props, Side::Mine, "My host", "wallet1.com") }
            { keeper(props) }
            { record_card(props, Side::Mine) }
            if let Some(fit) = state.own_record() {
                { match fit {
                    Ok(()) => html! {
                        <Notice tone={Tone::Good} testid="own-record-ok">
                            <p>{"Your published record shows the key of this secret."}</p>
                        </Notice>
                    },
                    Err(problem) => html! { <Wrong {problem} /> },
                } }
            }
            { offer_record(props) }
        </>
    }
}

/// Where I publish nothing yet: the record to publish, as a text.
fn offer_record(props: &StepProps) -> Html {
    let (Lookup::Failed { host, .. }, Secret::Held { public, .. }) =
        (&props.state.mine.lookup, &props.state.secret)
    else {
        return Html::default();
    };
    let Ok(rpc) = RpcUri::parse(&format!("{}/rpc", host.base_url()), true) else {
        return Html::default();
    };
    let mut record = Record::new(host, *public, rpc);
    record.protocol_version = Some("Compatible: ilp-kit v3.0.0".to_owned());
    let json = record.to_json();
    let copied = json.clone();
    html! {
        <div class="field" data-testid="record-offer">
            <span class="label">{"The record to publish"}</span>
            <pre class="export">{ json }</pre>
            <p class="row">
                <Copy label="Copy the record" text={Callback::from(move |()| Zeroizing::new(copied.clone()))} />
                <span class="hint">{"Answer /.well-known/webfinger with it, with Access-Control-Allow-Origin: *. A running c2c serve does so by itself."}</span>
            </p>
        </div>
    }
}

/// Who holds the key: the connector behind the page, or this tab.
fn keeper(props: &StepProps) -> Html {
    let Some(connector) = &props.state.connector else {
        return secret_field(props);
    };
    let now = props.state.keeper();
    let choose = |keeper: Keeper, name: &str, testid: &'static str| {
        let onclick = props
            .dispatch
            .reform(move |_: MouseEvent| Action::Keep(keeper));
        html! {
            <button type="button" {onclick} aria-pressed={(now == keeper).to_string()} data-testid={testid}>
                { name.to_owned() }
            </button>
        }
    };
    let key = connector.identity.public_key.clone();
    let copied = key.clone();
    html! {
        <>
            <div class="choice" role="group" aria-label="Who holds my key">
                { choose(Keeper::Server, "My server holds the key", "keeper-server") }
                { choose(Keeper::Tab, "This tab does", "keeper-tab") }
            </div>
            if now == Keeper::Server {
                <div class="field">
                    <span class="label">{"My server's public key"}</span>
                    <p class="value">
                        <code data-testid="server-public-key">{ key }</code>
                        <Copy label="Copy my server's public key"
                            text={Callback::from(move |()| Zeroizing::new(copied.clone()))} />
                    </p>
                    <p class="hint">{"Your server derives; its secret never comes into this page."}</p>
                </div>
            } else {
                { secret_field(props) }
            }
        </>
    }
}

fn secret_field(props: &StepProps) -> Html {
    match &props.state.secret {
        Secret::Held {
            key,
            public,
            unsaved,
        } => held(props, key, &public.to_string(), *unsaved),
        other => {
            let problem = match other {
                Secret::Refused(problem) => Some(problem.clone()),
                _ => None,
            };
            html! { <AskSecret dispatch={props.dispatch.clone()} {problem} /> }
        }
    }
}

#[derive(Properties, PartialEq)]
struct AskSecretProps {
    dispatch: Callback<Action>,
    problem: Option<crate::wizard::Problem>,
}

/// The field for a secret. What is typed leaves the field once it is loaded; what is none stays, to be
/// mended.
#[function_component(AskSecret)]
fn ask_secret(props: &AskSecretProps) -> Html {
    let field = use_node_ref();
    let generate = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            let mut bytes = Zeroizing::new([0u8; 32]);
            if getrandom::fill(bytes.as_mut_slice()).is_ok() {
                dispatch.emit(Action::Made(Rc::new(SecretKey::from_bytes(
                    bytes.as_slice(),
                ))));
            }
        })
    };
    let load = {
        let (dispatch, field) = (props.dispatch.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = field.cast::<web_sys::HtmlInputElement>() {
                let text = SecretText::new(input.value());
                if text.is_secret() {
                    input.set_value("");
                }
                dispatch.emit(Action::Load(Rc::new(text)));
            }
        })
    };
    let open = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: Event| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else {
                return;
            };
            input.set_value("");
            let dispatch = dispatch.clone();
            spawn_local(async move {
                let text = JsFuture::from(file.text())
                    .await
                    .ok()
                    .and_then(|text| text.as_string());
                dispatch.emit(Action::Load(Rc::new(SecretText::new(
                    text.unwrap_or_default(),
                ))));
            });
        })
    };
    html! {
        <form class="field" onsubmit={load} autocomplete="off">
            <label for="my-secret">{"My secret"}</label>
            <div class="with-button">
                <input ref={field} id="my-secret" data-testid="my-secret" type="password"
                    placeholder="base64url, 32 bytes" autocomplete="off" spellcheck="false"
                    aria-describedby="my-secret-hint my-secret-wrong"
                    aria-invalid={props.problem.is_some().to_string()} />
                <button type="submit" data-testid="load-secret">{"Load"}</button>
            </div>
            <div class="row">
                <button type="button" onclick={generate} data-testid="generate-secret">{"Generate a new one"}</button>
                <label class="file-button">
                    {"Open secret file"}
                    <input type="file" class="unseen" onchange={open} data-testid="secret-file" />
                </label>
            </div>
            <p class="hint" id="my-secret-hint">
                {"It stays in this tab's memory. It is not sent, not stored, and gone when the tab closes."}
            </p>
            if let Some(problem) = props.problem.clone() {
                <Wrong {problem} id="my-secret-wrong" />
            }
        </form>
    }
}

fn held(props: &StepProps, key: &Rc<SecretKey>, public: &str, unsaved: bool) -> Html {
    let dispatch = props.dispatch.clone();
    let forget = dispatch.reform(|_: MouseEvent| Action::Forget);
    let saved = dispatch.reform(|()| Action::Saved);
    let copied = public.to_owned();
    let public_text = Callback::from(move |()| Zeroizing::new(copied.clone()));
    let key = key.clone();
    let secret_text = Callback::from(move |()| key.to_base64url());
    html! {
        <div class="field" data-testid="secret-held">
            <span class="label">{"My public key"}</span>
            <p class="value">
                <code data-testid="my-public-key">{ public.to_owned() }</code>
                <Copy label="Copy my public key" text={public_text} />
            </p>
            if unsaved {
                <Notice tone={Tone::Careful} testid="unsaved-secret">
                    <p>{"This secret was made here and exists only in this tab. Copy it into your connector's secret file before you close the tab."}</p>
                    <p class="row">
                        <span class="label">{"Secret ••••••••"}</span>
                        <Copy label="Copy the secret" text={secret_text} on_done={saved} />
                    </p>
                </Notice>
            } else {
                <p class="hint">{"The secret is in this tab's memory only."}</p>
            }
            <div class="row">
                <button type="button" onclick={forget} data-testid="forget-secret">{"Forget this secret"}</button>
            </div>
        </div>
    }
}
