//! `GET /metrics`: what the server counts, in the text format of `OpenMetrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::Refusal;
use crate::metrics::{Machine, Standing};

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All figures.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    match figures(&app) {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "METRICS",
            format!("The figures cannot be written: {error}."),
        )
        .into_response(),
    }
}

/// All figures as text.
pub fn figures(app: &App) -> Result<String, std::fmt::Error> {
    let (destinations, peers, callers, now) = app.driver.look(|engine, now| {
        let peers = engine.peers().peers;
        let callers = engine.inbox().callers.len();
        (engine.tables().destinations(), peers, callers, now)
    });
    let peers = peers.into_iter().map(|peer| {
        let heard = app.driver.last_broadcast_of(&peer.prefix);
        (peer, heard.map(|at| now.since(at).0))
    });
    let standing = Standing {
        destinations,
        peers: peers.collect(),
        callers,
        connections: app.limits.open(),
        in_flight: app.limits.in_flight(),
        refused: app.limits.refused().collect(),
        machine: Machine::look(app.database.file()),
        is_sound: app.driver.is_sound(),
    };
    app.driver.metrics().write(&standing)
}
