//! `/api/v1`: what the operator, the web app and scripts see and change. The shapes are those of
//! [`c2c::snapshot`]; errors are `{id, message, path?, hint?}`.

mod accounts;
mod audit;
mod care;
mod check;
mod derive;
mod events;
mod guard;
mod metrics;
mod mismatch;
pub mod openapi;
mod payments;
mod peers;
mod rates;
mod reconcile;
mod routes;
mod terms;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use c2c::snapshot::{Identity, InboxView};
use c2c::webfinger::CONTENT_TYPE;
use serde::Deserialize;

use crate::app::App;
use crate::error::Refusal;
pub use guard::Reach;
pub use metrics::figures;

/// Everything under `/api/v1`, behind its guard.
pub fn router(state: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/identity", get(identity))
        .route("/peers", get(peers::list).post(peers::add))
        .route(
            "/peers/{prefix}",
            get(peers::one).patch(peers::change).delete(peers::remove),
        )
        .route("/peers/{prefix}/check", post(check::check))
        .route("/peers/{prefix}/mismatch", post(mismatch::find))
        .route("/peers/{prefix}/reconcile", post(reconcile::reconcile))
        .route("/routes", get(routes::list))
        .route("/routes/why", get(routes::why))
        .route("/routes/refused", get(routes::refused))
        .route("/accounts", get(accounts::list).post(accounts::open))
        .route("/invoices", get(accounts::invoices).post(accounts::invoice))
        .route("/quotes", post(payments::quote))
        .route("/payments", post(payments::pay))
        .route("/payments/{id}", get(payments::one))
        .route("/transfers", get(payments::transfers))
        .route("/rates", get(rates::list).put(rates::set))
        .route("/snapshot", get(routes::snapshot))
        .route("/lookup", get(lookup))
        .route("/derive", get(derive::derive))
        .route("/inbox", get(inbox))
        .route("/events", get(events::events))
        .route("/audit", get(audit::list))
        .route("/bundle", get(care::bundle))
        .route("/backup", post(care::backup))
        .route("/openapi.json", get(openapi::openapi))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(state.clone(), audit::keep))
        .layer(middleware::from_fn_with_state(state, guard::guard))
}

/// `/metrics`, behind the same guard: balances are nobody else's business.
pub fn metrics(state: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .layer(middleware::from_fn_with_state(state, guard::guard))
}

async fn identity(State(app): State<Arc<App>>) -> Json<Identity> {
    Json(app.driver.look(|engine, _| engine.identity()))
}

async fn inbox(State(app): State<Arc<App>>) -> Json<InboxView> {
    Json(app.driver.look(|engine, _| engine.inbox()))
}

#[derive(Deserialize)]
struct LookupQuery {
    #[serde(default)]
    host: String,
}

/// The record of a host that blocks browsers, written anew from what was understood of it.
async fn lookup(
    State(app): State<Arc<App>>,
    query: Result<Query<LookupQuery>, QueryRejection>,
) -> Result<Response, Refusal> {
    let query = good_query(query)?;
    let host = terms::host(&query.host, &app)?;
    let found = app.lookup.record(&host).await?;
    let kind = [(header::CONTENT_TYPE, CONTENT_TYPE)];
    Ok((kind, found.record.to_json()).into_response())
}

/// The query, or what is wrong with it.
fn good_query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    query.map(|Query(query)| query).map_err(|rejection| {
        Refusal::new(StatusCode::BAD_REQUEST, "QUERY", rejection.body_text())
            .with_hint("Give each parameter once.")
    })
}

async fn nothing_here() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "The admin API has nothing of this name.",
    )
    .with_hint("Look at /api/v1/identity, /peers, /routes, /rates, /accounts, /invoices, /quotes, /payments, /transfers, /snapshot, /events, /lookup, /derive, /inbox, /audit, /bundle, /backup and /openapi.json.")
}

async fn wrong_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD",
        "That cannot be done here in this way. Use another HTTP method.",
    )
}
