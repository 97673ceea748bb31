//! Draws the operator's pages.

use c2c::peering::check_limit;
use c2c::snapshot::PeerView;
use serde_json::Value;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Bar;
use crate::app::SignIn;
use crate::client::{self, Fault, Token};
use crate::feed::{Feed, Origin};
use crate::overview::beside;
use crate::page::use_now;
use crate::unit::{self, Unit};

/// Properties of [`Operate`].
#[derive(Properties, PartialEq)]
pub struct OperateProps {
    /// What is shown.
    pub feed: Feed,
    /// The admin token, in this tab's memory.
    pub token: UseStateHandle<Token>,
    /// What there is to say or to choose about the data.
    pub source: Html,
    /// Has the connector asked at once: something of it was just changed from here.
    pub ask: Callback<()>,
}

/// The room.
#[function_component(Operate)]
pub fn operate(props: &OperateProps) -> Html {
    let now = props.feed.connector_time(use_now(1_000));
    let live = props.feed.origin == Origin::Live;
    let snapshot = props.feed.snapshot.clone().filter(|_| live);
    let transfers = use_state_eq(Vec::<Value>::new);
    let healthy = use_state_eq(|| None::<bool>);
    {
        // The book changes with each event of the connector: so do these.
        let (transfers, healthy, token) =
            (transfers.clone(), healthy.clone(), (*props.token).clone());
        use_effect_with((props.feed.heard.to_bits(), live), move |(_, live)| {
            if *live {
                spawn_local(async move {
                    if let Ok(answer) = client::get("transfers?limit=20", &token).await {
                        transfers.set(
                            answer
                                .get("transfers")
                                .and_then(Value::as_array)
                                .cloned()
                                .unwrap_or_default(),
                        );
                    }
                    healthy.set(Some(client::health().await));
                });
            }
        });
    }
    let Some(snapshot) = snapshot else {
        return html! {
            <main class="room" id="room">
                <h1>{"Connector"}</h1>
                { props.source.clone() }
                if !matches!(props.feed.fault, Some(Fault::NeedsToken)) && props.feed.origin != Origin::Seeking {
                    <p class="empty" data-testid="nobody-behind">{"These pages belong to a connector that serves this app. None stands behind it here, or something else is open: close that first."}</p>
                }
            </main>
        };
    };
    let peers = snapshot.peers.iter().map(|peer| html! {
        <Peer key={peer.prefix.to_string()} peer={peer.clone()} token={props.token.clone()} ask={props.ask.clone()} {now} />
    });
    let refused = snapshot.refused.refused.iter().rev().take(20);
    html! {
        <main class="room" id="room">
            <h1>{"Connector"}</h1>
            { props.source.clone() }
            <section class="card" data-testid="identity">
                <p class="row">
                    <span><strong>{ snapshot.identity.title.clone().unwrap_or_default() }</strong>{" "}<code>{ snapshot.identity.url.clone() }</code></span>
                    <span class={classes!("hint", (*healthy == Some(true)).then_some("mark-good"))} data-testid="health">
                        { match *healthy { Some(true) => "Healthy: what it says is stored.", Some(false) => "It is stopping.", None => "Asking…" } }
                    </span>
                </p>
            </section>
            <section class="card" aria-labelledby="peers-title">
                <h2 id="peers-title">{ format!("Peers ({})", snapshot.peers.len()) }</h2>
                if snapshot.peers.is_empty() {
                    <p class="hint">{"None yet. "}<a href="#/peer">{"Peer with another connector"}</a></p>
                }
                <div class="peers" data-testid="peers">{ for peers }</div>
            </section>
            <div class="columns-2">
                <section class="card" data-testid="transfers">
                    <h2>{"Transfers"}</h2>
                    if transfers.is_empty() {
                        <p class="hint">{"None lately."}</p>
                    } else {
                        <div class="scroll" tabindex="0" role="region" aria-label="Transfers"><table>
                            <thead><tr><th scope="col">{"Ledger"}</th><th scope="col">{"State"}</th><th scope="col" class="number-cell">{"Units"}</th></tr></thead>
                            <tbody>{ for transfers.iter().map(|transfer| {
                                let text = |member: &str| transfer.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
                                html! { <tr><th scope="row">{ text("ledger") }<span class="under">{ text("direction") }</span></th><td>{ text("state") }</td>
                                    <td class="number-cell">{ text("amount").parse().map(unit::units).unwrap_or_default() }</td></tr> }
                            }) }</tbody>
                        </table></div>
                    }
                </section>
                <section class="card" data-testid="inbox">
                    <h2>{"Callers who are no peers"}</h2>
                    if snapshot.inbox.is_empty() {
                        <p class="hint">{"Nobody unknown called."}</p>
                    }
                    <ul class="plain">{ for snapshot.inbox.iter().rev().map(|caller| html! {
                        <li><code>{ caller.prefix.clone() }</code>{ format!(" {} times, last {} ({}, {})", caller.times, beside(caller.last, now), caller.method, caller.code) }</li>
                    }) }</ul>
                </section>
                <section class="card" data-testid="refused-routes">
                    <h2>{"Refused routes"}</h2>
                    if snapshot.refused.refused.is_empty() && snapshot.refused.broadcasts.is_empty() {
                        <p class="hint">{"All that peers told was taken."}</p>
                    }
                    <ul class="plain">
                        { for snapshot.refused.broadcasts.iter().rev().take(10).map(|broadcast| html! {
                            <li><code>{ broadcast.peer.to_string() }</code>{ format!(" a whole broadcast: {} {} {}", broadcast.path, broadcast.message, broadcast.hint) }</li>
                        }) }
                        { for refused.map(|route| html! {
                            <li><code>{ route.destination_ledger.clone() }</code>{ format!(" from {}: {}, {}", route.peer, route.reason, beside(route.time, now)) }</li>
                        }) }
                    </ul>
                </section>
            </div>
        </main>
    }
}

#[derive(Properties, PartialEq)]
struct PeerProps {
    peer: PeerView,
    token: UseStateHandle<Token>,
    ask: Callback<()>,
    now: f64,
}

/// What is being done to a peer.
#[derive(Clone, Copy, Default, PartialEq)]
enum Doing {
    #[default]
    Nothing,
    Editing,
    Removing,
    /// Neither goes without the token, which is asked for.
    Locked,
}

#[function_component(Peer)]
fn peer(props: &PeerProps) -> Html {
    let peer = &props.peer;
    let unit = Unit {
        code: peer.currency.as_str().into(),
        scale: peer.scale,
    };
    let doing = use_state_eq(Doing::default);
    let wrong = use_state_eq(|| None::<String>);
    // What stands in the field is ours to keep: the page is drawn again each second.
    let typed = use_state_eq(String::new);
    let edit = {
        let (doing, wrong, typed) = (doing.clone(), wrong.clone(), typed.clone());
        let limit = unit.number(peer.limit.units());
        Callback::from(move |_: MouseEvent| {
            wrong.set(None);
            typed.set(limit.clone());
            doing.set(Doing::Editing);
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
    let set = |to: Doing| {
        let (doing, wrong) = (doing.clone(), wrong.clone());
        Callback::from(move |_: MouseEvent| {
            wrong.set(None);
            doing.set(to);
        })
    };
    let send = {
        let (doing, wrong, token, ask, prefix) = (
            doing.clone(),
            wrong.clone(),
            (*props.token).clone(),
            props.ask.clone(),
            peer.prefix.to_string(),
        );
        move |method: &'static str, body: Option<String>| {
            let (doing, wrong, token) = (doing.clone(), wrong.clone(), token.clone());
            let (ask, prefix) = (ask.clone(), prefix.clone());
            spawn_local(async move {
                match client::change(method, &format!("peers/{prefix}"), body, &token).await {
                    Ok(()) => {
                        doing.set(Doing::Nothing);
                        ask.emit(());
                    }
                    Err(Fault::NeedsToken) => doing.set(Doing::Locked),
                    Err(fault) => wrong.set(Some(fault.to_string())),
                }
            });
        }
    };
    let save = {
        let (send, typed, wrong, scale) = (send.clone(), typed.clone(), wrong.clone(), peer.scale);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match check_limit(&typed.replace(',', ""), scale, false) {
                Ok(limit) => send(
                    "PATCH",
                    Some(serde_json::json!({ "limit": limit.value.to_string() }).to_string()),
                ),
                Err(error) => wrong.set(Some(error.to_string())),
            }
        })
    };
    let remove = Callback::from(move |_: MouseEvent| send("DELETE", None));
    let bar = Bar::of(peer);
    let (from, width) = (bar.zero.min(bar.balance), bar.zero.abs_diff(bar.balance));
    let owes = match peer.balance.0 {
        0 => "nobody owes anything".to_owned(),
        owed => {
            let amount = u64::try_from(owed.unsigned_abs()).unwrap_or(u64::MAX);
            format!(
                "{} {}",
                if owed > 0 { "they owe" } else { "we owe" },
                unit::both(amount, Some(&unit))
            )
        }
    };
    let theirs = peer.peer_limit.map_or_else(
        || "not told yet".to_owned(),
        |limit| unit.currency(limit.units()),
    );
    let name = peer.host.clone().unwrap_or_else(|| peer.prefix.to_string());
    html! {
        <article class="peer" data-testid="peer" data-prefix={peer.prefix.to_string()}>
            <header class="row">
                <span><strong>{ name.clone() }</strong>{" "}<code class="hint">{ peer.prefix.to_string() }</code></span>
                <span class={classes!("badge", (peer.state.as_str() == "checked").then_some("good"))}>{ peer.state.as_str() }</span>
            </header>
            <p class="hint">{ format!("{}{}", peer.reason, peer.last_heard.map(|at| format!(" Heard {}.", beside(at, props.now))).unwrap_or_default()) }</p>
            if let Some(key) = &peer.other_key {
                <p class="wrong" role="alert">{ format!("{name} publishes another key since {}. Confirm it by voice before you peer anew.", key.since) }</p>
            }
            <svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label={format!("{owes}; we may owe {theirs}, they may owe {}", unit.currency(peer.limit.units()))}>
                <rect class="bar-all" width="1000" height="14" rx="3" />
                <rect class={if peer.balance.0 < 0 { "bar-ours" } else { "bar-theirs" }} x={from.to_string()} width={width.to_string()} height="14" />
                <rect class="bar-zero" x={bar.zero.saturating_sub(1).to_string()} width="3" height="14" />
            </svg>
            <p class="row bar-words">
                <span>{ format!("We may owe {theirs}") }</span>
                <span data-testid="balance">{ owes }</span>
                <span data-testid="limit-words">{ format!("They may owe {}", unit.currency(peer.limit.units())) }</span>
            </p>
            { match *doing {
                Doing::Nothing => html! {
                    <div class="row">
                        <button type="button" onclick={edit} data-testid="edit-limit">{"Edit limit"}</button>
                        <button type="button" onclick={set(Doing::Removing)} data-testid="remove-peer">{"Remove"}</button>
                    </div>
                },
                Doing::Editing => html! {
                    <form class="row" onsubmit={save} autocomplete="off">
                        <label class="check">{"Most they may owe me"}
                            <input inputmode="decimal" data-testid="new-limit" value={(*typed).clone()} {oninput} />{ peer.currency.to_string() }
                        </label>
                        <button type="submit" class="main" data-testid="save-limit">{"Save"}</button>
                        <button type="button" onclick={set(Doing::Nothing)}>{"Leave it"}</button>
                    </form>
                },
                Doing::Removing => html! {
                    <div class="row" role="group" aria-label={format!("Remove {name}?")}>
                        <span>{ format!("Remove {name}? Its routes go, and what is owed stays owed.") }</span>
                        <button type="button" class="main" onclick={remove} data-testid="really-remove">{"Yes, remove"}</button>
                        <button type="button" onclick={set(Doing::Nothing)}>{"Keep it"}</button>
                    </div>
                },
                Doing::Locked => html! {
                    <>
                        <p class="hint">{"Whoever changes something shows the admin token first; then do it once more."}</p>
                        <SignIn token={props.token.clone()} />
                        <div class="row"><button type="button" onclick={set(Doing::Nothing)}>{"Back"}</button></div>
                    </>
                },
            } }
            if let Some(wrong) = &*wrong {
                <p class="wrong" role="alert">{ wrong.clone() }</p>
            }
        </article>
    }
}
