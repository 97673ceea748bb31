//! Passing on what this process is asked to the one that leads, and its answer back.
//!
//! While nobody leads, requests are held for a moment: another process takes over. A call of a peer is passed on again
//! where its answer was lost, for every call of the protocol may be said again; what an operator asks only if
//! nothing of it can have arrived.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Request, StatusCode, Uri, request::Parts};
use axum::response::{IntoResponse as _, Response};
use c2c::key::SecretKey;
use c2c::webfinger::{Host, Record, WELL_KNOWN_PATH};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use zeroize::Zeroizing;

use super::desk::Desk;
use crate::app::RPC_PATH;
use crate::error::Refusal;
use crate::limits::{Caller, KnownCaller};
use crate::{site, webfinger};

/// How long a request is held while nobody leads, or who leads does not answer.
const MOST_HELD: Duration = Duration::from_secs(5);

/// How long the one that leads may take to answer: longer than it takes to give up itself.
const MOST_WAIT: Duration = Duration::from_secs(15);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a connection to the one that leads may take; it is near.
const MOST_CONNECTING: Duration = Duration::from_secs(1);

/// How long a body is that is read first, so that it can be passed on again.
const SHORT: usize = 64 << 10;

/// How long its sender may take.
const MOST_READING: Duration = Duration::from_secs(10);

/// By this header one process shows another that it is of the same connector.
pub(super) const TOKEN: HeaderName = HeaderName::from_static("c2c-process");

/// By this header it says who asks.
pub(super) const CALLER: HeaderName = HeaderName::from_static("c2c-caller");

/// What must not be passed on: it is about one connection.
const OF_A_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
];

/// Who leads, as far as is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Its term.
    pub(super) term: i64,
    /// Where it listens for us.
    pub(super) address: String,
}

/// What is needed to pass something on.
pub(super) struct PassOn {
    client: Client<HttpConnector, Body>,
    known: watch::Receiver<Option<Known>>,
    token: HeaderValue,
    host: Host,
    record: Record,
    web_root: Option<PathBuf>,
}

impl PassOn {
    /// Passes on to whoever is `known` to lead, showing `token`; host record and files it has itself.
    pub(super) fn new(
        known: watch::Receiver<Option<Known>>,
        token: HeaderValue,
        (host, record): (Host, Record),
        web_root: Option<PathBuf>,
    ) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(MOST_CONNECTING));
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            known,
            token,
            host,
            record,
            web_root,
        }
    }

    /// Answers a request: by the one that leads, unless it asks what is the same everywhere.
    pub(super) async fn on(&self, desk: &Desk, request: Request<Body>) -> Response {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if reads && path.starts_with("/health") {
            return self.health();
        }
        if reads && path == WELL_KNOWN_PATH {
            return webfinger::answered(request.uri().query(), &self.host, &self.record);
        }
        let is_asked = [
            "/api/",
            RPC_PATH,
            "/metrics",
            "/directory.json",
            "/connector.json",
        ]
        .iter()
        .any(|of| path.starts_with(of));
        if reads && !is_asked {
            return site::serve(self.web_root.clone(), path).await;
        }
        let (head, body) = request.into_parts();
        let is_short = body
            .size_hint()
            .upper()
            .is_some_and(|most| most <= SHORT as u64);
        if !is_short {
            // What is long goes through as it comes, once.
            return match self.attempt(desk, &head, body).await {
                Ok(response) => response,
                Err(_) => nobody_leads(),
            };
        }
        match timeout(MOST_READING, Limited::new(body, SHORT).collect()).await {
            Ok(Ok(body)) => self.again_and_again(desk, &head, body.to_bytes()).await,
            _ => Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                "SLOW",
                "The body did not come in time. Retry.",
            )
            .into_response(),
        }
    }

    async fn again_and_again(&self, desk: &Desk, head: &Parts, body: Bytes) -> Response {
        let is_call = head.uri.path() == RPC_PATH;
        let until = Instant::now() + MOST_HELD;
        loop {
            let mut known = self.known.clone();
            known.mark_unchanged();
            let other_leads = async {
                // Where nobody looks any more, this process leads.
                if known.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let attempted = tokio::select! {
                attempted = self.attempt(desk, head, Body::from(body.clone())) => attempted,
                // Whoever was asked leads no more, and need not be waited for.
                () = other_leads, if is_call => Err(Trouble::Unclear),
            };
            let may_repeat = match &attempted {
                // It does not lead any more, or not yet. One that is overloaded says when to come again.
                Ok(response) => {
                    is_call
                        && response.status() == StatusCode::SERVICE_UNAVAILABLE
                        && !response.headers().contains_key(header::RETRY_AFTER)
                }
                Err(Trouble::NotSent) => true,
                Err(Trouble::Unclear) => is_call,
            };
            if !may_repeat || Instant::now() >= until {
                return attempted.unwrap_or_else(|_| nobody_leads());
            }
            sleep(PAUSE).await;
        }
    }

    /// Asks whoever leads now, once.
    async fn attempt(&self, desk: &Desk, head: &Parts, body: Body) -> Result<Response, Trouble> {
        if let Some(leading) = desk.leading() {
            let mut request = Request::new(body);
            *request.method_mut() = head.method.clone();
            *request.uri_mut() = head.uri.clone();
            *request.headers_mut() = head.headers.clone();
            *request.extensions_mut() = head.extensions.clone();
            return Ok(leading.answer(request).await);
        }
        let known = self.known.borrow().clone().ok_or(Trouble::NotSent)?;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("http://{}{path}", known.address)
            .parse()
            .map_err(|_| Trouble::NotSent)?;
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = head.headers.clone();
        without_those_of_a_connection(request.headers_mut());
        request.headers_mut().insert(TOKEN, self.token.clone());
        // Whoever leads sees where the other process is, and has to know who asks.
        request.headers_mut().remove(CALLER);
        if let Some(Caller(address)) = head.extensions.get()
            && let Ok(address) = HeaderValue::try_from(address.to_string())
        {
            request.headers_mut().insert(CALLER, address);
        }
        // In HTTP/2 the host stands in the address.
        if let Some(authority) = head.uri.authority()
            && let Ok(host) = HeaderValue::try_from(authority.as_str())
        {
            request.headers_mut().insert(header::HOST, host);
        }
        let answer = timeout_at(Instant::now() + MOST_WAIT, self.client.request(request));
        match answer.await {
            Ok(Ok(response)) => {
                let mut response = response.map(Body::new);
                without_those_of_a_connection(response.headers_mut());
                let is_admin = ["/api/", "/metrics"].iter().any(|of| path.starts_with(of));
                let is_refused = matches!(
                    response.status(),
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
                );
                if is_admin && !is_refused {
                    response.extensions_mut().insert(KnownCaller);
                }
                Ok(response)
            }
            Ok(Err(error)) if error.is_connect() => Err(Trouble::NotSent),
            Ok(Err(_)) | Err(_) => Err(Trouble::Unclear),
        }
    }

    /// 200 while somebody leads.
    fn health(&self) -> Response {
        if self.known.borrow().is_some() {
            let health =
                serde_json::json!({ "ok": true, "alive": true, "ready": true, "leads": false });
            axum::Json(health).into_response()
        } else {
            nobody_leads()
        }
    }
}

/// Why there is no answer.
enum Trouble {
    /// Nothing has left.
    NotSent,
    /// It may have arrived.
    Unclear,
}

/// What is said when a request was held for as long as it may be.
pub(super) fn nobody_leads() -> Response {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "NOBODY_LEADS",
        "None of the connector's processes leads at the moment. Retry.",
    )
    .into_response()
}

/// What one process of a connector shows another: it follows from the secret, which all of them have.
pub(super) fn token(secret: &SecretKey) -> HeaderValue {
    let seed = Zeroizing::new(format!("c2c process {}", *secret.to_base64url()));
    let token = SecretKey::from_seed(seed.as_bytes())
        .public_key()
        .to_string();
    // It is base64url.
    let mut token = HeaderValue::try_from(token).unwrap_or(HeaderValue::from_static(""));
    token.set_sensitive(true);
    token
}

fn without_those_of_a_connection(headers: &mut HeaderMap) {
    for name in OF_A_CONNECTION {
        headers.remove(name);
    }
}
