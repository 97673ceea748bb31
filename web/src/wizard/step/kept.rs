//! What is kept in this browser, and only because the reader asked for it: the peerings without their secrets,
//! and the secrets sealed by a passphrase.

use std::rc::Rc;

use futures::FutureExt as _;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use zeroize::Zeroizing;

use super::StepProps;
use crate::page::Copy;
use crate::vault::{self, store};
use crate::wizard::peerings::{read, with, without, write};
use crate::wizard::{Action, Keeper, Mode, Passphrase, Peering, Problem, Secret, SecretText};

/// The band below the steps.
#[function_component(Kept)]
pub fn kept(props: &StepProps) -> Html {
    let state = &props.state;
    let has_vault = use_state_eq(|| false);
    {
        let (dispatch, has_vault) = (props.dispatch.clone(), has_vault.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                has_vault.set(store::get(store::VAULT).await.is_some());
                if let Some(text) = store::get(store::PEERINGS).await {
                    dispatch.emit(Action::Peerings(read(&text)));
                }
            });
        });
    }
    {
        // A record that has moved is noted where the peering is kept, so that the alarm lasts.
        let (noted, dispatch) = (state.note_alarm(), props.dispatch.clone());
        use_effect_with(noted, move |noted| {
            if let Some(noted) = noted.clone() {
                keep(noted, dispatch);
            }
        });
    }
    let facts = match state.facts() {
        Some(Ok(facts)) => Some(facts),
        _ => None,
    };
    let this = facts.as_ref().and_then(|facts| state.peering(facts));
    let keep_this = {
        let (dispatch, this, peerings) =
            (props.dispatch.clone(), this.clone(), state.peerings.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(this) = this.clone() {
                dispatch.emit(Action::OpenPeering(this.clone()));
                keep(with(&peerings, this), dispatch.clone());
            }
        })
    };
    let all = state.peerings.clone();
    let in_tab = state.mode == Mode::WebFinger && state.keeper() == Keeper::Tab;
    html! {
        <section class="card" aria-labelledby="step-kept" data-step="kept">
            <h2 id="step-kept">{"Kept in this browser"}</h2>
            <p class="hint">{"Nothing, unless you ask for it here: peerings without their secrets, and secrets sealed by a passphrase of yours."}</p>
            if in_tab || *has_vault {
                <Vault step={props.clone()} {has_vault} />
            }
            <div class="row">
                <button type="button" onclick={keep_this} disabled={this.is_none()} data-testid="keep-peering">{"Keep this peering"}</button>
                if !all.is_empty() {
                    <Copy label="Copy all kept peerings as JSON" text={Callback::from(move |()| Zeroizing::new(write(&all)))} />
                    <span class="hint">{"copies all of them as JSON; no secret is in it"}</span>
                }
            </div>
            if state.peerings.is_empty() {
                <p class="empty" data-testid="no-peerings">{"No peering is kept."}</p>
            } else {
                <ul class="kept" data-testid="peerings">
                    { for state.peerings.iter().map(|peering| one(props, peering)) }
                </ul>
            }
        </section>
    }
}

fn one(props: &StepProps, peering: &Peering) -> Html {
    let open = {
        let peering = peering.clone();
        props
            .dispatch
            .reform(move |_: MouseEvent| Action::OpenPeering(peering.clone()))
    };
    let remove = {
        let (dispatch, peering) = (props.dispatch.clone(), peering.clone());
        let all = props.state.peerings.clone();
        Callback::from(move |_: MouseEvent| keep(without(&all, &peering), dispatch.clone()))
    };
    let state = match peering.other_key_since {
        Some(_) => "key changed".to_owned(),
        None => peering.state.as_str().to_owned(),
    };
    html! {
        <li data-peering={peering.prefix.clone()}>
            <span>
                <strong>{ peering.name() }</strong>
                <span class="badge">{ state }</span>
                <span class="under">{ format!("{} · {}, scale {}", peering.prefix, peering.currency, peering.scale) }</span>
                <span class="under">{ peering.reason.clone() }</span>
            </span>
            <span class="row">
                <button type="button" class="quiet" onclick={open}>{"Open"}</button>
                <button type="button" class="quiet" onclick={remove} aria-label={format!("Forget {}", peering.name())}>{"Forget"}</button>
            </span>
        </li>
    }
}

fn keep(peerings: Vec<Peering>, dispatch: Callback<Action>) {
    spawn_local(async move {
        if store::put(store::PEERINGS, &write(&peerings)).await {
            dispatch.emit(Action::Peerings(peerings));
        }
    });
}

#[derive(Properties, PartialEq)]
struct VaultProps {
    step: StepProps,
    has_vault: UseStateHandle<bool>,
}

/// The secret, sealed by a passphrase, in this browser.
#[function_component(Vault)]
fn vault_(props: &VaultProps) -> Html {
    let held = match &props.step.state.secret {
        Secret::Held { key, .. } => Some(key.clone()),
        _ => None,
    };
    let sealing = held.is_some();
    let on_use = {
        let (has_vault, dispatch) = (props.has_vault.clone(), props.step.dispatch.clone());
        Callback::from(move |pass: Zeroizing<String>| {
            let (has_vault, dispatch, held) = (has_vault.clone(), dispatch.clone(), held.clone());
            async move {
                match held {
                    Some(key) => seal(&key.to_base64url(), &pass, &has_vault, &dispatch).await,
                    None => unseal(&pass, &dispatch).await,
                }
            }
            .boxed_local()
        })
    };
    let forget = {
        let has_vault = props.has_vault.clone();
        Callback::from(move |_: MouseEvent| {
            let has_vault = has_vault.clone();
            spawn_local(async move {
                if store::forget(store::VAULT).await {
                    has_vault.set(false);
                }
            });
        })
    };
    let has_one = *props.has_vault;
    if !sealing && !has_one {
        return Html::default();
    }
    html! {
        <div class="field">
            <Passphrase
                id="vault-passphrase"
                label={if sealing { "Keep my secret here, sealed by this passphrase" } else { "Open the secret that is kept here, with its passphrase" }}
                button={if sealing { "Seal and keep" } else { "Open" }}
                testid="vault-use"
                is_new={sealing}
                {on_use}
            />
            if has_one {
                <p class="row">
                    <span class="hint" data-testid="vault-there">{"A sealed secret is kept in this browser."}</span>
                    <button type="button" class="quiet" onclick={forget} data-testid="vault-forget">{"Forget it"}</button>
                </p>
            }
        </div>
    }
}

async fn seal(
    secret: &str,
    passphrase: &str,
    has_vault: &UseStateHandle<bool>,
    dispatch: &Callback<Action>,
) -> Option<Problem> {
    let Some(sealed) = vault::seal(secret, passphrase).await else {
        return Some(Problem::new(
            "NO_CRYPTO",
            "This browser seals only on pages that came by https. Copy the secret into a file instead.",
        ));
    };
    if !store::put(store::VAULT, &sealed).await {
        return Some(Problem::new(
            "NO_STORAGE",
            "This browser keeps nothing for this page, as in a private window. Copy the secret into a file instead.",
        ));
    }
    has_vault.set(true);
    dispatch.emit(Action::Saved);
    None
}

async fn unseal(passphrase: &str, dispatch: &Callback<Action>) -> Option<Problem> {
    let sealed = store::get(store::VAULT).await?;
    match vault::unseal(&sealed, passphrase).await {
        Some(secret) => {
            let secret = SecretText::new(secret.to_string());
            dispatch.emit(Action::Load(Rc::new(secret)));
            None
        }
        None => Some(Problem::new(
            "PASSPHRASE",
            "This passphrase does not open it. Try again, or forget it and load the secret from its file.",
        )),
    }
}
