//! Draws the operator's pages.

mod peer;

use c2c::snapshot::{SnapshotView, TransferView, TransfersView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use peer::Peer;

use crate::app::SignIn;
use crate::client::{self, Fault, Token};
use crate::feed::{Feed, Origin};
use crate::overview::ago;
use crate::page::use_now;
use crate::unit::{self, Unit};

/// How many of the latest transfers are listed.
const TRANSFERS: usize = 20;

/// How many refused routes are listed, and how many refused broadcasts.
const REFUSED: usize = 10;

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
    let transfers = use_state_eq(|| None::<Vec<TransferView>>);
    let healthy = use_state_eq(|| None::<bool>);
    {
        // The book changes with each event of the connector: so do these.
        let (transfers, healthy) = (transfers.setter(), healthy.setter());
        let token = (*props.token).clone();
        use_effect_with((props.feed.heard.to_bits(), live), move |(_, live)| {
            if *live {
                spawn_local(async move {
                    let what = format!("transfers?limit={TRANSFERS}");
                    // Where it does not answer, what it told last stays.
                    if let Ok(told) = client::ask::<TransfersView>(&what, None, &token).await {
                        transfers.set(Some(told.transfers));
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
    let locked = matches!(props.feed.fault, Some(Fault::NeedsToken));
    html! {
        <main class="room" id="room">
            <h1>{"Connector"}</h1>
            { props.source.clone() }
            <section class="card" data-testid="identity" aria-label="This connector">
                <div class="row">
                    <span><strong>{ snapshot.identity.title.clone().unwrap_or_default() }</strong>{" "}<code>{ snapshot.identity.url.clone() }</code></span>
                    { health(*healthy) }
                </div>
                if !locked {
                    <Session token={props.token.clone()} />
                }
            </section>
            <section class="card" aria-labelledby="peers-title">
                <h2 id="peers-title">{ format!("Peers ({})", snapshot.peers.len()) }</h2>
                if snapshot.peers.is_empty() {
                    <p class="hint">{"None yet. "}<a href="#/peer">{"Peer with another connector"}</a></p>
                }
                <div class="peers" data-testid="peers">{ for peers }</div>
            </section>
            <section class="card" data-testid="transfers">
                <h2>{"Transfers"}</h2>
                { transfer_table(&snapshot, transfers.as_deref(), now) }
            </section>
            <div class="columns-2">
                { inbox(&snapshot, now) }
                { refused(&snapshot, now) }
            </div>
        </main>
    }
}

fn health(healthy: Option<bool>) -> Html {
    let (class, words) = match healthy {
        Some(true) => ("mark-good", "Healthy: what it says is stored."),
        Some(false) => ("mark-bad", "It does not take calls: it starts or stops."),
        None => ("", "Asking how it is…"),
    };
    html! { <span class={classes!("hint", class)} role="status" data-testid="health">{ words }</span> }
}

#[derive(Properties, PartialEq)]
struct SessionProps {
    token: UseStateHandle<Token>,
}

/// Whether this tab may change something, and the way to that and back.
#[function_component(Session)]
fn session(props: &SessionProps) -> Html {
    let asking = use_state_eq(|| false);
    let toggle = {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| asking.set(!*asking))
    };
    let out = {
        let (token, asking) = (props.token.clone(), asking.clone());
        Callback::from(move |_: MouseEvent| {
            asking.set(false);
            token.set(None);
        })
    };
    if props.token.is_some() {
        return html! {
            <div class="row" data-testid="signed-in">
                <span class="hint">{"Signed in: the admin token is in this tab's memory until you sign out or close it."}</span>
                <button type="button" class="quiet" onclick={out} data-testid="sign-out">{"Sign out"}</button>
            </div>
        };
    }
    html! {
        <>
            <div class="row">
                <span class="hint">{"You see everything here. Who changes something signs in with the admin token."}</span>
                <button type="button" class="quiet" onclick={toggle} aria-expanded={asking.to_string()} data-testid="sign-in-open">{"Sign in"}</button>
            </div>
            if *asking {
                <SignIn title="Sign in" token={props.token.clone()} />
            }
        </>
    }
}

fn transfer_table(snapshot: &SnapshotView, transfers: Option<&[TransferView]>, now: f64) -> Html {
    let Some(transfers) = transfers else {
        return html! { <p class="hint" role="status">{"Asking for them…"}</p> };
    };
    if transfers.is_empty() {
        return html! { <p class="hint">{"None lately."}</p> };
    }
    let row = |transfer: &TransferView| {
        let ledger = transfer.ledger.to_string();
        let peer = snapshot
            .peers
            .iter()
            .find(|peer| peer.prefix == transfer.ledger);
        let name = peer.and_then(|peer| peer.host.clone());
        let unit = Unit::of_ledger(Some(snapshot), &ledger);
        let way = transfer
            .direction
            .map_or_else(|| "own ledger".to_owned(), |way| way.to_string());
        html! {
            <tr key={format!("{ledger}{}", transfer.id)}>
                <th scope="row">
                    { name.clone().unwrap_or_else(|| ledger.clone()) }
                    if name.is_some() { <span class="under">{ ledger.clone() }</span> }
                </th>
                <td>{ way }</td>
                <td>{ transfer.state.clone() }</td>
                <td class="number-cell">
                    { unit.as_ref().map_or_else(|| unit::both(transfer.amount.units(), None), |unit| unit.currency(transfer.amount.units())) }
                    if unit.is_some() { <span class="under">{ unit::both(transfer.amount.units(), None) }</span> }
                </td>
                <td class="number-cell">{ ago(transfer.changed_at, now) }</td>
            </tr>
        }
    };
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label="Transfers">
            <table>
                <thead><tr>
                    <th scope="col">{"Ledger"}</th><th scope="col">{"Way"}</th><th scope="col">{"State"}</th>
                    <th scope="col" class="number-cell">{"Amount"}</th><th scope="col" class="number-cell">{"Changed"}</th>
                </tr></thead>
                <tbody>{ for transfers.iter().map(row) }</tbody>
            </table>
        </div>
    }
}

/// Who called without being a peer: perhaps somebody who peered with us already.
fn inbox(snapshot: &SnapshotView, now: f64) -> Html {
    html! {
        <section class="card" data-testid="inbox">
            <h2>{"Callers who are no peers"}</h2>
            if snapshot.inbox.is_empty() {
                <p class="hint">{"Nobody unknown called."}</p>
            } else {
                <p class="hint">{"Perhaps somebody peered with you, and waits for you to do the same."}</p>
            }
            <ul class="plain">{ for snapshot.inbox.iter().rev().map(|caller| {
                let times = match caller.times {
                    1 => "once".to_owned(),
                    times => format!("{} times", unit::units(times)),
                };
                let why = match caller.code.as_str() {
                    "RPC_403" => "with a wrong token",
                    _ => "with a prefix that is not known here",
                };
                html! {
                    <li>
                        <code>{ caller.prefix.clone() }</code>
                        <span class="under">{ format!("{times} {why}, last {}: {} {}", ago(caller.last, now), caller.method, caller.code) }</span>
                    </li>
                }
            }) }</ul>
        </section>
    }
}

/// What peers told and was not taken.
fn refused(snapshot: &SnapshotView, now: f64) -> Html {
    let refused = &snapshot.refused;
    html! {
        <section class="card" data-testid="refused-routes">
            <h2>{"Refused routes"}</h2>
            if refused.refused.is_empty() && refused.broadcasts.is_empty() {
                <p class="hint">{"All that peers told was taken."}</p>
            }
            <ul class="plain">
                { for refused.broadcasts.iter().rev().take(REFUSED).map(|broadcast| html! {
                    <li>
                        <code>{ broadcast.peer.to_string() }</code>
                        <span class="under">{ format!("a whole broadcast: {} {} {}", broadcast.path, broadcast.message, broadcast.hint) }</span>
                    </li>
                }) }
                { for refused.refused.iter().rev().take(REFUSED).map(|route| html! {
                    <li>
                        <code>{ route.destination_ledger.clone() }</code>
                        <span class="under">{ format!("{}, from {}, {}", route.reason, route.peer, ago(route.time, now)) }</span>
                    </li>
                }) }
            </ul>
        </section>
    }
}
