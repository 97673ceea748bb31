//! Peers: listed, added, changed, removed. An addition is complete or leaves nothing behind.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use c2c::address::LedgerPrefix;
use c2c::connector::{self, Input, Peer};
use c2c::peering::{Details, FieldError, Terms};
use c2c::snapshot::{PeerView, PeersView};
use c2c::webfinger::Host;

use super::derive;
use super::terms::{self, Fields};
use crate::app::App;
use crate::driver::DriveError;
use crate::error::Refusal;

/// `GET /peers`.
pub async fn list(State(app): State<Arc<App>>) -> Json<PeersView> {
    Json(app.driver.look(|engine, _| engine.peers()))
}

/// `GET /peers/{prefix}`.
pub async fn one(
    State(app): State<Arc<App>>,
    Path(prefix): Path<String>,
) -> Result<Json<PeerView>, Refusal> {
    view(&app, &known(&prefix)?).map(Json)
}

/// `POST /peers`, by record or by hand.
pub async fn add(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<(StatusCode, Json<PeerView>), Refusal> {
    let (details, limit) = match fields.text("mode")?.as_str() {
        "webfinger" => by_record(&app, &fields).await?,
        "manual" => fields.manual(&app)?,
        other => {
            let text = format!("\"{other}\" is not a way to peer. Use webfinger or manual.");
            return Err(Refusal::field("mode", "MODE", text));
        }
    };
    let prefix = details.prefix.clone();
    let taken = duplicate_ledger(&details);
    let peer = Box::new(Peer::new(details, limit));
    app.driver
        .feed(Input::AddPeer(peer))
        .await
        .map_err(|error| match error {
            DriveError::Refused(connector::Error::DuplicatePeer { .. }) => taken,
            other => other.into(),
        })?;
    Ok((StatusCode::CREATED, Json(view(&app, &prefix)?)))
}

/// `PATCH /peers/{prefix}`: another limit.
pub async fn change(
    State(app): State<Arc<App>>,
    Path(prefix): Path<String>,
    fields: Fields,
) -> Result<Json<PeerView>, Refusal> {
    let prefix = known(&prefix)?;
    view(&app, &prefix)?;
    let limit = fields.limit()?;
    app.driver
        .feed(Input::SetLimit(prefix.clone(), limit))
        .await?;
    view(&app, &prefix).map(Json)
}

/// `DELETE /peers/{prefix}`.
pub async fn remove(
    State(app): State<Arc<App>>,
    Path(prefix): Path<String>,
) -> Result<StatusCode, Refusal> {
    app.driver.feed(Input::RemovePeer(known(&prefix)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The prefix in the path, if it can be one.
pub fn known(text: &str) -> Result<LedgerPrefix, Refusal> {
    LedgerPrefix::new(text).map_err(|_| unknown(text))
}

/// A peer as it is shown, or 404.
pub fn view(app: &App, prefix: &LedgerPrefix) -> Result<PeerView, Refusal> {
    app.driver
        .look(|engine, _| engine.peer_view(prefix))
        .ok_or_else(|| unknown(prefix.as_str()))
}

async fn by_record(app: &App, fields: &Fields) -> Result<(Details, c2c::amount::Amount), Refusal> {
    let host = terms::host(&fields.text("host")?, app)?;
    let terms = fields.terms()?;
    // Known already: the host is not asked at all.
    if peers_with(app, &host, &terms) {
        return Err(terms::refused("host", &duplicate(&host, &terms)));
    }
    let found = app.lookup.record(&host).await?;
    let details = derive::from_record(app, &found.record, &host, &terms)?;
    Ok((details, terms.limit))
}

fn peers_with(app: &App, host: &Host, terms: &Terms) -> bool {
    let peers = app.driver.look(|engine, _| engine.peers().peers);
    peers.iter().any(|peer| {
        peer.host.as_deref() == Some(host.as_str())
            && peer.currency == terms.currency
            && peer.scale == terms.scale
    })
}

fn duplicate(host: &Host, terms: &Terms) -> FieldError {
    FieldError::Duplicate {
        host: host.clone(),
        currency: terms.currency.clone(),
        scale: terms.scale,
    }
}

/// The same ledger, whatever the host is called.
fn duplicate_ledger(details: &Details) -> Refusal {
    Refusal::new(
        StatusCode::CONFLICT,
        "DUPLICATE",
        format!(
            "You already peer with {} in {}, scale {}. Open that peering or change the terms.",
            details.rpc_uri.authority(),
            details.currency,
            details.scale
        ),
    )
    .at("prefix")
}

/// The refusal of a ledger that no peer has.
pub fn unknown(prefix: &str) -> Refusal {
    let shown: String = prefix.chars().take(80).collect();
    Refusal::new(
        StatusCode::NOT_FOUND,
        "UNKNOWN_PEER",
        format!("No peer has the ledger {shown}. Look at the list of peers for its exact name."),
    )
}
