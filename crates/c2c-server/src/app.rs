//! The server as a function: state in, router out. Tests call the router without a socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use c2c::key::SecretKey;
use c2c::rpc::MAX_BODY;
use c2c::webfinger::{Host, Record, WELL_KNOWN_PATH};
use tokio::sync::watch;
use tracing::Level;
use zeroize::Zeroizing;

use crate::dial::Policy;
use crate::directory::{self, Directory};
use crate::driver::Driver;
use crate::error::Refusal;
use crate::lookup::Lookup;
use crate::rates::Board;
use crate::{admin, rpc, site, webfinger};

/// What the handlers share.
pub struct App {
    /// The engine.
    pub driver: Arc<Driver>,
    /// Look-ups of other hosts.
    pub lookup: Lookup,
    /// What is traded.
    pub rates: Arc<Board>,
    /// Our own host.
    pub host: Host,
    /// What we publish about ourselves.
    pub record: Record,
    /// Derives peerings. It never leaves the process.
    pub secret: SecretKey,
    /// The bearer token of `/api/v1`.
    pub admin_token: Zeroizing<String>,
    /// Whether reading under `/api/v1` needs no token, on loopback.
    pub open_dashboard: bool,
    /// What may be dialled.
    pub dial: Policy,
    /// The web app's files.
    pub web_root: Option<PathBuf>,
    /// Who is in the list at `/directory.json`.
    pub directory: Directory,
    /// Held by the one search for a mismatch that may be under way.
    pub mismatch: tokio::sync::Mutex<()>,
    /// Turns true when the server stops: what would go on for ever ends then.
    pub stopping: watch::Receiver<bool>,
}

/// Where peers call.
pub const RPC_PATH: &str = "/rpc";

/// The whole server.
pub fn app(state: Arc<App>) -> Router {
    Router::new()
        .route(WELL_KNOWN_PATH, get(webfinger::record))
        .route(RPC_PATH, post(rpc::call).options(rpc::before_call))
        .route("/directory.json", get(directory::list))
        .route("/connector.json", get(behind))
        .route("/health", get(health))
        .nest("/api/v1", admin::router(state.clone()))
        .merge(admin::metrics(state.clone()))
        .fallback(files)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(log))
        .with_state(state)
}

/// Tells the web app that a connector stands behind it. On plain files the file of this name says that there is none,
/// so that the app need not ask in vain.
async fn behind() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "connector": true }))
}

/// 200 while the engine runs and what it says is stored; 503 afterwards.
async fn health(State(app): State<Arc<App>>) -> Response {
    if app.driver.is_sound() {
        Json(serde_json::json!({ "ok": true })).into_response()
    } else {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "STOPPING",
            "The server is stopping.",
        )
        .into_response()
    }
}

async fn files(State(app): State<Arc<App>>, request: Request) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => site::serve(app.web_root.clone(), request.uri().path()).await,
        _ => Refusal::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "There is nothing here. RPC calls go to /rpc, the admin API is under /api/v1.",
        )
        .into_response(),
    }
}

async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    logged(&method, &path, next.run(request)).await
}

/// One line a request: never the query of a page, a header or a body, which may hold secrets.
pub async fn logged(
    method: &Method,
    path: &str,
    answering: impl Future<Output = Response>,
) -> Response {
    let start = tracing::enabled!(Level::DEBUG).then(Instant::now);
    let response = answering.await;
    let status = response.status().as_u16();
    let us = start.map(|start| u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
    if response.status().is_server_error() {
        tracing::warn!(%method, path, status, us, "request");
    } else {
        tracing::debug!(%method, path, status, us, "request");
    }
    response
}

#[cfg(test)]
mod tests;
