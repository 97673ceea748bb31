//! Writes down what is changed, and `GET /audit` shows it.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use c2c::rpc::MAX_BODY;
use serde::Deserialize;
use serde_json::{Value, json};

use super::good_query;
use crate::app::App;
use crate::audit::{Entry, shown, written};
use crate::error::Refusal;
use crate::limits::Caller;

/// How many entries are shown unless the request says otherwise, and at most.
const LISTED: usize = 100;
const MOST_LISTED: usize = 10_000;

/// Ends of paths at which POST asks and changes nothing.
const QUESTIONS: [&str; 4] = ["/quotes", "/check", "/mismatch", "/reconcile"];

#[derive(Deserialize)]
pub struct AuditQuery {
    limit: Option<usize>,
}

/// `GET /audit`: what was changed, the latest first.
pub async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let most = good_query(query)?.limit.unwrap_or(LISTED).min(MOST_LISTED);
    let audit = app.audit.clone();
    let read = tokio::task::spawn_blocking(move || audit.last(most)).await;
    let entries = read.map_err(|error| error.to_string());
    let entries = entries.and_then(|read| read.map_err(|error| error.to_string()));
    let entries = entries.map_err(|error| {
        let text = format!("The audit log cannot be read: {error}.");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "AUDIT", text)
    })?;
    Ok(Json(json!({ "entries": entries })))
}

/// Writes a line for each request that may change something, once it is answered.
pub async fn keep(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read
        || QUESTIONS
            .iter()
            .any(|end| request.uri().path().ends_with(end))
    {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        let text = format!("The body is longer than {MAX_BODY} bytes, or broke off.");
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", text).into_response();
    };
    let caller = head.extensions.get::<Caller>().map(|caller| caller.0);
    let (method, path) = (head.method.to_string(), head.uri.path().to_owned());
    let said = shown(&body);
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    let entry = Entry {
        time: written(app.driver.look(|_, now| now)),
        caller,
        method,
        path,
        status: response.status().as_u16(),
        body: said,
    };
    let audit = app.audit.clone();
    let kept = tokio::task::spawn_blocking(move || audit.write(&entry)).await;
    if !matches!(kept, Ok(Ok(()))) {
        tracing::error!("a change could not be written to the audit log");
    }
    response
}
