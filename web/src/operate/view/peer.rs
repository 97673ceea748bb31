//! One peer: how the peering stands, what is owed between the two limits, and what can be changed about it.

use c2c::peering::check_limit;
use c2c::snapshot::{PeerState, PeerView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::SignIn;
use crate::client::{self, Fault, Token};
use crate::operate::Bar;
use crate::overview::ago;
use crate::unit::{self, Unit};

/// Properties of [`Peer`].
#[derive(Properties, PartialEq)]
pub struct PeerProps {
    /// The peer.
    pub peer: PeerView,
    /// The admin token, in this tab's memory.
    pub token: UseStateHandle<Token>,
    /// Has the connector asked at once.
    pub ask: Callback<()>,
    /// The connector's time in milliseconds.
    pub now: f64,
}

/// What is being done to a peer.
#[derive(Clone, Debug, Default, PartialEq)]
enum Doing {
    #[default]
    Nothing,
    Editing,
    Removing,
    /// The connector was asked.
    Sent,
    /// It wants the token first; the change follows once that is there.
    Locked(Change),
}

/// What is to be changed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    /// The most they may owe us, in base units.
    Limit(u64),
    Remove,
}

impl Change {
    fn method(self) -> &'static str {
        match self {
            Self::Limit(_) => "PATCH",
            Self::Remove => "DELETE",
        }
    }

    fn body(self) -> Option<String> {
        match self {
            Self::Limit(units) => {
                Some(serde_json::json!({ "limit": units.to_string() }).to_string())
            }
            Self::Remove => None,
        }
    }
}

/// A peer's card.
#[function_component(Peer)]
pub fn peer(props: &PeerProps) -> Html {
    let peer = &props.peer;
    let unit = Unit {
        code: peer.currency.as_str().into(),
        scale: peer.scale,
    };
    let doing = use_state_eq(Doing::default);
    let wrong = use_state_eq(|| None::<String>);
    // What stands in the field is ours to keep: the page is drawn again each second.
    let typed = use_state_eq(String::new);
    let set = |to: Doing| {
        let (doing, wrong) = (doing.clone(), wrong.clone());
        Callback::from(move |_: MouseEvent| {
            wrong.set(None);
            doing.set(to.clone());
        })
    };
    let edit = {
        let (typed, open) = (typed.clone(), set(Doing::Editing));
        let limit = unit.number(peer.limit.units());
        Callback::from(move |event: MouseEvent| {
            typed.set(limit.clone());
            open.emit(event);
        })
    };
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                typed.set(input.value());
            }
        })
    };
    let send = {
        let (doing, wrong) = (doing.clone(), wrong.clone());
        let (token, ask) = ((*props.token).clone(), props.ask.clone());
        let what = format!("peers/{}", peer.prefix);
        Callback::from(move |change: Change| {
            let (doing, wrong, ask) = (doing.clone(), wrong.clone(), ask.clone());
            let (token, what) = (token.clone(), what.clone());
            doing.set(Doing::Sent);
            spawn_local(async move {
                match client::change(change.method(), &what, change.body(), &token).await {
                    Ok(()) => {
                        doing.set(Doing::Nothing);
                        ask.emit(());
                    }
                    Err(Fault::NeedsToken) => doing.set(Doing::Locked(change)),
                    Err(fault) => {
                        wrong.set(Some(fault.to_string()));
                        doing.set(match change {
                            Change::Limit(_) => Doing::Editing,
                            Change::Remove => Doing::Removing,
                        });
                    }
                }
            });
        })
    };
    {
        // What waited for the token goes on once that is there.
        let (send, doing) = (send.clone(), doing.clone());
        use_effect_with((*props.token).clone(), move |token| {
            if let (Doing::Locked(change), Some(_)) = (&*doing, token) {
                send.emit(*change);
            }
        });
    }
    let save = {
        let (send, typed, wrong, scale) = (send.clone(), typed.clone(), wrong.clone(), peer.scale);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match check_limit(&typed.replace(',', ""), scale, false) {
                Ok(limit) => {
                    wrong.set(None);
                    send.emit(Change::Limit(limit.value.units()));
                }
                Err(error) => wrong.set(Some(error.to_string())),
            }
        })
    };
    let remove = send.reform(|_: MouseEvent| Change::Remove);
    let name = peer.host.clone().unwrap_or_else(|| peer.prefix.to_string());
    let field = format!("limit-of-{}", peer.prefix);
    html! {
        <article class="peer" data-testid="peer" data-prefix={peer.prefix.to_string()}>
            { standing(peer, &name, props.now) }
            { bar(peer, &unit) }
            { match &*doing {
                Doing::Nothing => html! {
                    <div class="row">
                        <button type="button" class="small" onclick={edit} aria-label={format!("Edit limit of {name}")} data-testid="edit-limit">{"Edit limit"}</button>
                        <button type="button" class="small" onclick={set(Doing::Removing)} aria-label={format!("Remove {name}")} data-testid="remove-peer">{"Remove"}</button>
                    </div>
                },
                Doing::Editing => html! {
                    <form class="row" onsubmit={save} autocomplete="off">
                        <label class="label" for={field.clone()}>{ format!("Most they may owe me, in {}", peer.currency) }</label>
                        <input id={field} class="short" inputmode="decimal" data-testid="new-limit" value={(*typed).clone()} {oninput} />
                        <button type="submit" class="main small" data-testid="save-limit">{"Save"}</button>
                        <button type="button" class="small" onclick={set(Doing::Nothing)}>{"Leave it"}</button>
                    </form>
                },
                Doing::Removing => html! {
                    <div class="row" role="group" aria-label={format!("Remove {name}?")}>
                        <span class="careful-text">{ format!("Remove {name}? Its routes go, and what is owed stays owed.") }</span>
                        <button type="button" class="main small" onclick={remove} data-testid="really-remove">{"Yes, remove"}</button>
                        <button type="button" class="small" onclick={set(Doing::Nothing)}>{"Keep it"}</button>
                    </div>
                },
                Doing::Sent => html! { <p class="hint" role="status">{"Telling the connector…"}</p> },
                Doing::Locked(_) => html! {
                    <>
                        <SignIn title="Sign in to change something" token={props.token.clone()} />
                        <div class="row"><button type="button" class="small" onclick={set(Doing::Nothing)}>{"Leave it"}</button></div>
                    </>
                },
            } }
            if let Some(wrong) = &*wrong {
                <p class="wrong" role="alert">{ wrong.clone() }</p>
            }
        </article>
    }
}

/// Who it is, and how the peering stands, with the reason.
fn standing(peer: &PeerView, name: &str, now: f64) -> Html {
    let tone = match peer.state {
        PeerState::Checked => Some("good"),
        PeerState::Silent => Some("careful"),
        PeerState::Broken => Some("bad"),
        PeerState::Invited | PeerState::Waiting => None,
    };
    let heard = peer
        .last_heard
        .map_or_else(String::new, |at| format!(" Heard {}.", ago(at, now)));
    let reason = &peer.reason;
    html! {
        <>
            <header class="row">
                <span><strong>{ name.to_owned() }</strong>{" "}<code class="hint">{ peer.prefix.to_string() }</code></span>
                <span class={classes!("badge", tone)} data-testid="state">{ peer.state.as_str() }</span>
            </header>
            <p class="hint">{ format!("{reason}{heard}") }</p>
            if let Some(key) = &peer.other_key {
                <p class="wrong" role="alert">{ format!("{name} publishes another key since {}. Confirm it by voice before you peer anew.", key.since) }</p>
            }
        </>
    }
}

/// What is owed, between what either may owe.
fn bar(peer: &PeerView, unit: &Unit) -> Html {
    let bar = Bar::of(peer);
    let (from, width) = (bar.zero.min(bar.balance), bar.zero.abs_diff(bar.balance));
    let owed = u64::try_from(peer.balance.0.unsigned_abs()).unwrap_or(u64::MAX);
    let owes = match peer.balance.0 {
        0 => "Nobody owes anything".to_owned(),
        1.. => format!("They owe {}", unit::both(owed, Some(unit))),
        _ => format!("We owe {}", unit::both(owed, Some(unit))),
    };
    let ours = peer.peer_limit.map_or_else(
        || "not told yet".to_owned(),
        |limit| unit.currency(limit.units()),
    );
    let theirs = unit.currency(peer.limit.units());
    html! {
        <>
            <svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label={format!("{owes}; we may owe {ours}, they may owe {theirs}")}>
                <rect class="bar-all" width="1000" height="14" rx="3" />
                <rect class={if peer.balance.0 < 0 { "bar-ours" } else { "bar-theirs" }} x={from.to_string()} width={width.to_string()} height="14" />
                <rect class="bar-zero" x={bar.zero.saturating_sub(1).to_string()} width="3" height="14" />
            </svg>
            <div class="bar-words">
                <span><span class="label">{"We may owe"}</span>{" "}{ ours }</span>
                <strong data-testid="balance">{ owes }</strong>
                <span data-testid="limit-words"><span class="label">{"They may owe"}</span>{" "}{ theirs }</span>
            </div>
        </>
    }
}
