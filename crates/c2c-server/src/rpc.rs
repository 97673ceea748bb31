//! `POST /rpc?method=…&prefix=…`: what a peer calls. The engine decides; this carries.

use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use c2c::rpc::{MAX_BODY, Refusal as RpcRefusal};
use c2c::snapshot::ErrorBody;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::error::Elapsed;

use crate::app::App;
use crate::error::Refusal;

/// How long a peer may take to send a body. It has given up by then itself.
const MOST_READING: Duration = Duration::from_secs(10);

/// How long a body is that is read from anybody.
const SHORT: u64 = 4096;

/// [`answer`] as a handler of the router.
pub async fn call(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(&app, query.as_deref(), &headers, body).await
}

/// Passes one call to the engine and its answer back, and counts it.
pub async fn answer<B>(app: &App, query: Option<&str>, headers: &HeaderMap, body: B) -> Response
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let began = Instant::now();
    let query = query.unwrap_or_default();
    let method = parameter(query, "method");
    let response = pass(app, method, query, headers, body).await;
    let metrics = app.driver.metrics();
    metrics.answered(method, response.status().as_u16(), began.elapsed());
    response
}

async fn pass<B>(app: &App, method: &str, query: &str, headers: &HeaderMap, body: B) -> Response
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let prefix = parameter(query, "prefix");
    let bearer = bearer(headers);
    // A stranger gets its refusal without being read, so that it cannot fill the memory. What is short is read
    // at once, and asked only then who sends it.
    let admitted = body.size_hint().upper().is_some_and(|most| most <= SHORT)
        || app
            .driver
            .look(|engine, _| engine.admits(prefix, bearer.as_deref()));
    let body = if admitted {
        match read(Limited::new(body, MAX_BODY).collect()).await {
            Ok(Ok(body)) => body.to_bytes().into(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return refuse(RpcRefusal::too_large());
            }
            Ok(Err(_)) => return broken_off(),
            Err(_) => return slow(),
        }
    } else {
        Vec::new()
    };
    let answer = app
        .driver
        .request(method.to_owned(), prefix.to_owned(), bearer, body)
        .await;
    let Some(answer) = answer else {
        return Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "BUSY",
            "The connector did not answer in time. Retry.",
        )
        .into_response();
    };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    // Only browsers say where they come from. Whoever has the token of a peering may check it from a page;
    // nothing is given to a page for the browser it runs in.
    if headers.contains_key(header::ORIGIN) {
        response.headers_mut().insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
    }
    response
}

/// `OPTIONS`: what a browser asks before a page's wizard checks a peering.
pub async fn before_call() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Waits for a body. It is mostly there the second time one looks; only else a timer is started.
async fn read<F: Future>(reading: F) -> Result<F::Output, Elapsed> {
    let mut reading = std::pin::pin!(reading);
    let mut looked = false;
    let found = std::future::poll_fn(|context| match reading.as_mut().poll(context) {
        Poll::Ready(body) => Poll::Ready(Some(body)),
        Poll::Pending if looked => Poll::Ready(None),
        Poll::Pending => {
            looked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    });
    match found.await {
        Some(body) => Ok(body),
        None => tokio::time::timeout(MOST_READING, reading).await,
    }
}

/// The method that a query names, or nothing.
pub fn called(query: Option<&str>) -> &str {
    parameter(query.unwrap_or_default(), "method")
}

/// The ledger that a query names, or nothing.
pub fn ledger(query: Option<&str>) -> &str {
    parameter(query.unwrap_or_default(), "prefix")
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
fn parameter<'a>(query: &'a str, name: &str) -> &'a str {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map_or("", |(_, value)| value)
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

fn broken_off() -> Response {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "BROKEN_OFF",
        "The body broke off. Send it whole.",
    )
    .into_response()
}

fn slow() -> Response {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        "SLOW",
        "The body did not come in time. Retry.",
    )
    .into_response()
}
