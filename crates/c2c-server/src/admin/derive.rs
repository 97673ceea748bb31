//! `GET /derive?host=&currency=&scale=`: what a peering with a host would come to, before it is added. The
//! server's secret stays where it is; of the token only the fingerprint is told.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use c2c::amount::Amount;
use c2c::peering::{
    CheckWords, Details, FieldError, PeeringError, Terms, check_currency, check_scale,
};
use c2c::snapshot::DerivedView;
use serde::Deserialize;

use super::{good_query, terms};
use crate::app::App;
use crate::error::Refusal;

/// What is asked for.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    host: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    scale: String,
}

/// Looks the host up and derives; keeps nothing.
pub async fn derive(
    State(app): State<Arc<App>>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<DerivedView>, Refusal> {
    let asked = good_query(query)?;
    let currency = check_currency(&asked.currency).map_err(|e| terms::refused("currency", &e))?;
    let scale = check_scale(&asked.scale, false).map_err(|e| terms::refused("scale", &e))?;
    let host = terms::host(&asked.host, &app)?;
    let found = app.lookup.record(&host).await?;
    let terms = Terms {
        currency,
        scale: scale.value,
        limit: Amount::ZERO,
    };
    let details = from_record(&app, &found.record, &host, &terms)?;
    let own = app.secret.public_key();
    Ok(Json(DerivedView {
        prefix: details.prefix,
        account: details.account,
        peer_account: details.peer_account,
        currency: details.currency,
        scale: details.scale,
        rpc_uri: details.rpc_uri.to_string(),
        protocol_version: details.protocol_version,
        token_fingerprint: details.send_token.fingerprint(),
        public_key: own.to_string(),
        peer_key: found.record.public_key.to_string(),
        check_words: CheckWords::of_keys(&own, &found.record.public_key).to_string(),
    }))
}

/// The details of a peering with the host of a record.
pub fn from_record(
    app: &App,
    record: &c2c::webfinger::Record,
    host: &c2c::webfinger::Host,
    terms: &Terms,
) -> Result<Details, Refusal> {
    Details::from_webfinger(&app.secret, record, host, terms).map_err(|error| match error {
        PeeringError::OwnKey => terms::refused("host", &FieldError::HostSelf),
        other => Refusal::field("host", other.code(), other.to_string()),
    })
}
