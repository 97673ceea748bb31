//! `POST /rpc?method=…&prefix=…`: what a peer calls. The engine decides; this carries.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use c2c::rpc::{MAX_BODY, Refusal as RpcRefusal};
use c2c::snapshot::ErrorBody;

use crate::app::App;
use crate::error::Refusal;

/// How long a peer may take to send a body. It has given up by then itself.
const MOST_READING: Duration = Duration::from_secs(10);

/// Passes one call to the engine and its answer back.
pub async fn call(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let query = query.unwrap_or_default();
    let (method, prefix) = (parameter(&query, "method"), parameter(&query, "prefix"));
    let bearer = bearer(&headers);
    let admitted = app
        .driver
        .look(|engine, _| engine.admits(&prefix, bearer.as_deref()));
    // A stranger gets its refusal without being read, so that it cannot fill the memory.
    let body = if admitted {
        match tokio::time::timeout(MOST_READING, to_bytes(body, MAX_BODY)).await {
            Ok(Ok(body)) => body.to_vec(),
            Ok(Err(_)) => return refuse(RpcRefusal::too_large()),
            Err(_) => return slow(),
        }
    } else {
        Vec::new()
    };
    let answer = app.driver.request(method, prefix, bearer, body).await;
    let Some(answer) = answer else {
        return Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "BUSY",
            "The connector did not answer in time. Retry.",
        )
        .into_response();
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer.body).into_response()
}

/// What follows `Bearer ` in the header `Authorization`; the word may be in any case.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// A query parameter as it is: prefixes and method names need no escaping, and whoever escapes them
/// names a ledger that nobody has.
fn parameter(query: &str, name: &str) -> String {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

fn refuse(refusal: RpcRefusal) -> Response {
    let status =
        StatusCode::from_u16(refusal.status.code()).unwrap_or(StatusCode::PAYLOAD_TOO_LARGE);
    let body = ErrorBody {
        id: refusal.id.to_owned(),
        message: refusal.message,
        path: refusal.path,
        hint: refusal.hint,
    };
    (status, axum::Json(body)).into_response()
}

fn slow() -> Response {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        "SLOW",
        "The body did not come in time. Retry.",
    )
    .into_response()
}
