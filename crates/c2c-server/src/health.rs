//! Whether the server is alive, and whether it is ready: one that is not alive is to be started again, one that is
//! not ready is to be spared calls for a while.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::json;

use crate::app::App;
use crate::error::Refusal;

/// `/health` and the two questions apart.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// 200 while the engine runs and what it says is stored; 503 afterwards.
async fn health(State(app): State<Arc<App>>) -> Response {
    if app.driver.is_sound() {
        let ready = not_ready(&app).is_none();
        Json(json!({ "ok": true, "alive": true, "ready": ready })).into_response()
    } else {
        stopping().into_response()
    }
}

/// 200 as long as anything is answered and the state can be stored.
async fn live(State(app): State<Arc<App>>) -> Response {
    if *app.driver.failure().borrow() {
        let text = "The state can no longer be stored. The server ends; start it again.";
        return Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "FAILED", text).into_response();
    }
    Json(json!({ "alive": true })).into_response()
}

/// 200 while calls are taken and answered.
async fn ready(State(app): State<Arc<App>>) -> Response {
    match not_ready(&app) {
        None => Json(json!({ "ready": true })).into_response(),
        Some(refusal) => refusal.into_response(),
    }
}

fn not_ready(app: &App) -> Option<Refusal> {
    if !app.driver.is_sound() || *app.stopping.borrow() {
        return Some(stopping());
    }
    let overloaded = || {
        let text = "As many calls wait for their answers as there are places.";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", text)
    };
    (!app.limits.has_room()).then(overloaded)
}

fn stopping() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "STOPPING",
        "The server is stopping.",
    )
}
