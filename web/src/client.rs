//! The page's only way out: the admin API of the connector behind it, and other hosts' records.
//!
//! Every request goes to a relative address or to the host that the reader named. Nothing here
//! stores or logs what it sends.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use c2c::snapshot::{ErrorBody, SnapshotView};
use c2c::webfinger::{ACCEPT, Host};
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_net::http::{RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use web_sys::{AbortController, EventSource, RequestCache, RequestCredentials, RequestMode};
use zeroize::Zeroizing;

/// The admin API, seen from the page: beside it, wherever the page is served from.
pub const API: &str = "api/v1";

/// How long an answer may take, in milliseconds.
const PATIENCE: u32 = 5_000;

/// Why the connector behind the page did not tell what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is none: the page is served as plain files.
    NoConnector,
    /// It wants its admin token.
    NeedsToken,
    /// It does not answer.
    Unreachable,
    /// It answered something else than was asked.
    Broken {
        /// What.
        message: Rc<str>,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnector => f.write_str("No connector stands behind this page."),
            Self::NeedsToken => f.write_str(
                "The connector asks for its admin token. It is in the file that its configuration names as admin_token_file.",
            ),
            Self::Unreachable => {
                f.write_str("The connector does not answer. Check that it runs; the page keeps asking.")
            }
            Self::Broken { message } => f.write_str(message),
        }
    }
}

/// The admin token, in this tab's memory only.
pub type Token = Option<Rc<Zeroizing<String>>>;

/// Everything the connector shows of itself.
pub async fn snapshot(token: &Token) -> Result<SnapshotView, Fault> {
    let request = to_connector("snapshot", token);
    let response = in_time(request).await.ok_or(Fault::Unreachable)?;
    let is_json = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"));
    let body = response.binary().await.map_err(|_| Fault::Unreachable)?;
    match response.status() {
        200 if is_json => serde_json::from_slice(&body).map_err(|fault| Fault::Broken {
            message: format!("The connector's answer cannot be read: {fault}. It may be of another version than this page.").into(),
        }),
        401 | 403 if is_json => Err(Fault::NeedsToken),
        200 | 404 | 405 if !is_json => Err(Fault::NoConnector),
        status => Err(broken(status, &body)),
    }
}

/// What the admin API answers to a question, as JSON.
pub async fn get(what: &str, token: &Token) -> Result<serde_json::Value, Fault> {
    let response = in_time(to_connector(what, token))
        .await
        .ok_or(Fault::Unreachable)?;
    let body = response.binary().await.map_err(|_| Fault::Unreachable)?;
    if response.status() == 200 {
        serde_json::from_slice(&body).map_err(|_| broken(response.status(), &body))
    } else {
        Err(told(response.status(), &body))
    }
}

/// Has the connector change something.
pub async fn change(
    method: &str,
    what: &str,
    body: Option<String>,
    token: &Token,
) -> Result<(), Fault> {
    let request = to_connector(what, token).method(match method {
        "PATCH" => gloo_net::http::Method::PATCH,
        _ => gloo_net::http::Method::DELETE,
    });
    let response = in_time_with(request.header("Content-Type", "application/json"), body)
        .await
        .ok_or(Fault::Unreachable)?;
    let status = response.status();
    if (200..300).contains(&status) {
        return Ok(());
    }
    let body = response.binary().await.map_err(|_| Fault::Unreachable)?;
    Err(told(status, &body))
}

/// Whether the connector is healthy.
pub async fn health() -> bool {
    let request = RequestBuilder::new("health").cache(RequestCache::NoStore);
    in_time(request)
        .await
        .is_some_and(|response| response.status() == 200)
}

fn told(status: u16, body: &[u8]) -> Fault {
    match status {
        401 | 403 => Fault::NeedsToken,
        _ => broken(status, body),
    }
}

fn broken(status: u16, body: &[u8]) -> Fault {
    Fault::Broken {
        message: match serde_json::from_slice::<ErrorBody>(body) {
            Ok(error) => format!("{} {}", error.message, error.hint.unwrap_or_default()),
            Err(_) => format!("The connector answered with status {status}."),
        }
        .into(),
    }
}

/// What the connector calls its events; each is a reason to ask again.
const EVENTS: [&str; 9] = [
    "peer_added",
    "peer_removed",
    "peer_state",
    "routes_changed",
    "route_refused",
    "broadcast_refused",
    "broadcast_heard",
    "unknown_caller",
    "missed",
];

/// The connector's stream of events, open until dropped.
pub struct Watch {
    source: EventSource,
    _listeners: Vec<EventListener>,
}

impl Watch {
    /// Opens the stream; `on_event` is called for whatever happens. The browser opens it again by
    /// itself where it breaks.
    pub fn open(on_event: impl FnMut() + 'static) -> Option<Watch> {
        let source = EventSource::new(&format!("{API}/events")).ok()?;
        let on_event = Rc::new(RefCell::new(on_event));
        let listen = |name: &'static str| {
            let on_event = on_event.clone();
            EventListener::new(&source, name, move |_| (on_event.borrow_mut())())
        };
        Some(Watch {
            _listeners: EVENTS.map(listen).into(),
            source,
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Why a host's record could not be read from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// `WF_UNREACHABLE`.
    Unreachable,
    /// `WF_CORS`: it answers, but lets no page read the answer.
    Cors,
    /// `WF_STATUS`.
    Status(u16),
    /// The connector behind the page was asked, and says this.
    Told(ErrorBody),
}

/// The bytes of a host's record. Where the browser keeps them from the page, a second request that
/// does not want to read the answer tells a host that is up from one that is not.
pub async fn record(host: &Host) -> Result<Vec<u8>, Missed> {
    let url = host.record_url();
    let request = || {
        RequestBuilder::new(&url)
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::Omit)
    };
    match in_time(request().header("Accept", ACCEPT)).await {
        Some(response) if response.status() == 200 => {
            response.binary().await.map_err(|_| Missed::Unreachable)
        }
        Some(response) => Err(Missed::Status(response.status())),
        None => match in_time(request().mode(RequestMode::NoCors)).await {
            Some(_) => Err(Missed::Cors),
            None => Err(Missed::Unreachable),
        },
    }
}

/// The bytes of a host's record, fetched by the connector behind the page: no browser is in its way.
pub async fn lookup(host: &Host, token: &Token) -> Result<Vec<u8>, Missed> {
    let request = to_connector(&format!("lookup?host={}", host.base_url()), token);
    let response = in_time(request).await.ok_or(Missed::Cors)?;
    let body = response.binary().await.map_err(|_| Missed::Cors)?;
    if response.status() == 200 {
        return Ok(body);
    }
    Err(serde_json::from_slice(&body).map_or(Missed::Cors, Missed::Told))
}

/// A question to the connector behind the page.
fn to_connector(what: &str, token: &Token) -> RequestBuilder {
    let request = RequestBuilder::new(&format!("{API}/{what}")).cache(RequestCache::NoStore);
    match token {
        Some(token) => request.header("Authorization", &format!("Bearer {}", token.as_str())),
        None => request,
    }
}

/// The answer, unless it takes too long or does not come.
async fn in_time(request: RequestBuilder) -> Option<Response> {
    in_time_with(request, None).await
}

/// The same for a question with a body.
async fn in_time_with(request: RequestBuilder, body: Option<String>) -> Option<Response> {
    let abort = AbortController::new().ok();
    let signal = abort.as_ref().map(AbortController::signal);
    let request = request.abort_signal(signal.as_ref());
    let request = match body {
        Some(body) => request.body(body).ok()?,
        None => request.build().ok()?,
    };
    let answer = std::pin::pin!(request.send());
    match select(answer, TimeoutFuture::new(PATIENCE)).await {
        Either::Left((answer, _)) => answer.ok(),
        Either::Right(_) => {
            if let Some(abort) = abort {
                abort.abort();
            }
            None
        }
    }
}
