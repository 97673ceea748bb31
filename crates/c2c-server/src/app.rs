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

use crate::admin_token::AdminToken;
use crate::audit::Audit;
use crate::config::Database;
use crate::dial::Policy;
use crate::directory::{self, Directory};
use crate::driver::Driver;
use crate::error::Refusal;
use crate::limits::Counts;
use crate::lookup::Lookup;
use crate::rates::Board;
use crate::{admin, health, rpc, site, webfinger};

/// What the handlers share.
pub struct App {
    /// The engine.
    pub driver: Arc<Driver>,
    /// Look-ups of other hosts.
    pub lookup: Lookup,
    /// Where state is kept.
    pub database: Database,
    /// Where backups of it go.
    pub backup_folder: PathBuf,
    /// Held by the one backup that may be under way.
    pub backing_up: tokio::sync::Mutex<()>,
    /// The settings as they may be shown.
    pub settings: serde_json::Value,
    /// What is traded.
    pub rates: Arc<Board>,
    /// Our own host.
    pub host: Host,
    /// What we publish about ourselves.
    pub record: Record,
    /// Derives peerings. It never leaves the process.
    pub secret: SecretKey,
    /// The bearer token of `/api/v1`.
    pub admin_token: AdminToken,
    /// From where `/api/v1` may be used.
    pub reach: admin::Reach,
    /// What was changed there.
    pub audit: Arc<Audit>,
    /// What callers get.
    pub limits: Arc<Counts>,
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
        .merge(health::router())
        .method_not_allowed_fallback(wrong_method)
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

/// 405, with the methods that there are in the header.
async fn wrong_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD",
        "That cannot be done here in this way. Use another HTTP method.",
    )
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
