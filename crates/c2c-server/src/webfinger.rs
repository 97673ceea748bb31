//! `GET /.well-known/webfinger`: our host record, readable by any page.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use c2c::webfinger::{Host, Record, answer};

use crate::app::App;

/// 200 with the record, 400 without a resource, 404 for any other.
pub async fn record(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    answered(query.as_deref(), &app.host, &app.record)
}

/// The same, of a process without state.
pub fn answered(query: Option<&str>, host: &Host, record: &Record) -> Response {
    let answer = answer(query, host, record);
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::NOT_FOUND);
    let headers = [
        (header::CONTENT_TYPE, answer.content_type()),
        // Browsers of other hosts' wizards read it (RFC 7033, section 5).
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        // They compare clocks by it.
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "date"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (status, headers, answer.body().to_owned()).into_response()
}
