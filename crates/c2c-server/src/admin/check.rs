//! `POST /peers/{prefix}/check`: is the other there, is it still who it was, does it know us?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use c2c::connector::{Input, key_changed};
use c2c::snapshot::{CheckStep, CheckView, PeerMode, PeerState, PeerView};
use c2c::webfinger::Host;

use super::{peers, reconcile};
use crate::app::App;
use crate::error::Refusal;
use crate::lookup::LookupError;

/// Clocks that are further apart than this endanger transfers, whose margins are about a second. A
/// header tells whole seconds, and the call took a while.
const MOST_APART: u64 = 3;

/// Takes the steps in order. A step that fails does not keep the later ones from being taken.
pub async fn check(
    State(app): State<Arc<App>>,
    Path(prefix): Path<String>,
) -> Result<Json<CheckView>, Refusal> {
    let prefix = peers::known(&prefix)?;
    let before = peers::view(&app, &prefix)?;
    let mut steps = Vec::new();
    if before.mode == PeerMode::WebFinger {
        record_and_clock(&app, &before, &mut steps).await?;
    }
    app.driver.check_peer(&prefix).await?;
    let after = peers::view(&app, &prefix)?;
    steps.push(auth(&after));
    steps.push(limit(&after));
    // Who does not answer, or does not know us, tells no balance either.
    if matches!(after.state, PeerState::Checked | PeerState::Broken) {
        steps.push(reconcile::step(&app, &prefix).await?);
    }
    steps.push(broadcast(&app, &after));
    let ok = steps.iter().all(|step| step.ok);
    Ok(Json(CheckView { ok, steps }))
}

async fn record_and_clock(
    app: &App,
    peer: &PeerView,
    steps: &mut Vec<CheckStep>,
) -> Result<(), Refusal> {
    let name = peer.host.as_deref().unwrap_or_default();
    let host = match Host::parse(name) {
        Ok(host) => host,
        Err(error) => {
            steps.push(bad("record", error.code(), error.to_string()));
            return Ok(());
        }
    };
    let found = match app.lookup.record(&host).await {
        Ok(found) => found,
        Err(error) => {
            let name = match error {
                LookupError::Tls { .. } => "tls",
                _ => "record",
            };
            let mut step = bad(name, error.code(), error.to_string());
            step.hint = error.hint();
            steps.push(step);
            return Ok(());
        }
    };
    let key = found.record.public_key;
    let seen = Input::KeySeen(peer.prefix.clone(), key);
    app.driver.feed(seen).await?;
    match peers::view(app, &peer.prefix)?.other_key {
        None => {
            let text = format!("{host} publishes the key {key} that this peering was made with.");
            steps.push(good("record", text));
        }
        Some(other) => steps.push(bad(
            "record",
            "KEY_CHANGED",
            key_changed(&host, other.since),
        )),
    }
    steps.push(match host.is_plain_http() {
        true => good("tls", "None: plain http that stays on this machine."),
        false => good("tls", format!("{host} has a certificate that is valid.")),
    });
    match found.clock_difference {
        Some(apart) if apart > MOST_APART => steps.push(bad(
            "clock",
            "CLOCK",
            format!(
                "Your clocks differ by {apart} s. Transfers carry absolute expiry times and margins of about 1 s; sync both."
            ),
        )),
        Some(_) => steps.push(good("clock", "Your clocks agree.")),
        None => steps.push(good("clock", format!("{host} does not tell its time."))),
    }
    Ok(())
}

fn auth(peer: &PeerView) -> CheckStep {
    match (peer.state, &peer.code) {
        (PeerState::Checked, _) => good("auth", peer.reason.clone()),
        (_, Some(code)) => bad("auth", code, peer.reason.clone()),
        (_, None) => bad("auth", "RPC_TIMEOUT", peer.reason.clone()),
    }
}

fn limit(peer: &PeerView) -> CheckStep {
    match peer.peer_limit {
        Some(limit) => good(
            "their limit",
            format!(
                "You may owe them up to {} {} ({limit} units).",
                limit.to_currency(peer.scale),
                peer.currency
            ),
        ),
        None => bad(
            "their limit",
            "NO_LIMIT",
            "They have not told their limit yet.",
        ),
    }
}

fn broadcast(app: &App, peer: &PeerView) -> CheckStep {
    match app.driver.last_broadcast_of(&peer.prefix) {
        Some(time) => good(
            "first broadcast",
            format!("Their last broadcast came at {time}."),
        ),
        None => {
            let text = "No broadcast of theirs has come since this server started.";
            let mut step = bad("first broadcast", "NO_BROADCAST", text);
            step.hint =
                Some("One comes every 30 s or so once both sides know the peering.".to_owned());
            step
        }
    }
}

fn good(name: &str, message: impl Into<String>) -> CheckStep {
    CheckStep {
        name: name.to_owned(),
        ok: true,
        code: None,
        message: message.into(),
        hint: None,
    }
}

fn bad(name: &str, code: &str, message: impl Into<String>) -> CheckStep {
    CheckStep {
        name: name.to_owned(),
        ok: false,
        code: Some(code.to_owned()),
        message: message.into(),
        hint: None,
    }
}
