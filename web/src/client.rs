//! The page's only way out: the admin API of the connector behind it, and other hosts' records.
//!
//! Every request goes to a relative address or to the host that the reader named. Nothing here
//! stores or logs what it sends.

mod watch;

use std::fmt;
use std::rc::Rc;

use c2c::peering::AuthToken;
use c2c::snapshot::{ErrorBody, SnapshotView};
use c2c::webfinger::{ACCEPT, Host};
use futures::future::{Either, select};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use serde::de::DeserializeOwned;
use web_sys::{AbortController, ReferrerPolicy, RequestCache, RequestCredentials, RequestMode};
use zeroize::Zeroizing;

pub use watch::Watch;

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

/// Whether a connector may stand behind the page: where it is plain files, one of them says that there is none.
pub async fn may_be_there() -> bool {
    let request = RequestBuilder::new("connector.json").cache(RequestCache::NoStore);
    let Ok(response) = in_time(request.build()).await else {
        return true;
    };
    let body = response.binary().await.unwrap_or_else(|_| Vec::new());
    serde_json::from_slice::<serde_json::Value>(&body)
        .map_or(true, |told| told["connector"] != false)
}

/// Everything the connector shows of itself.
pub async fn snapshot(token: &Token) -> Result<SnapshotView, Fault> {
    let request = to_connector("snapshot", token);
    let response = in_time(request.build())
        .await
        .map_err(|_| Fault::Unreachable)?;
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

/// Has the connector change something.
pub async fn change(
    method: &str,
    what: &str,
    body: Option<String>,
    token: &Token,
) -> Result<(), Fault> {
    let request = to_connector(what, token).method(match method {
        "PATCH" => Method::PATCH,
        _ => Method::DELETE,
    });
    let request = request.header("Content-Type", "application/json");
    let request = match body {
        Some(body) => request.body(body),
        None => request.build(),
    };
    let response = in_time(request).await.map_err(|_| Fault::Unreachable)?;
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
    in_time(request.build())
        .await
        .is_ok_and(|response| response.status() == 200)
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

/// What a host answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// By how much the browser's clock is ahead of its, in milliseconds, where it lets pages read its time.
    pub ahead: Option<f64>,
}

/// The bytes of a host's record. Where the browser keeps them from the page, a second request that
/// does not want to read the answer tells a host that is up from one that is not.
pub async fn record(host: &Host) -> Result<Fetched, Missed> {
    let url = host.record_url();
    match in_time(to_stranger(&url).header("Accept", ACCEPT).build()).await {
        Ok(response) if response.status() == 200 => {
            let ahead = ahead(&response);
            let bytes = response.binary().await.map_err(|_| Missed::Unreachable)?;
            Ok(Fetched { bytes, ahead })
        }
        Ok(response) => Err(Missed::Status(response.status())),
        Err(_) if is_up(&url).await => Err(Missed::Cors),
        Err(_) => Err(Missed::Unreachable),
    }
}

/// The bytes of a host's record, fetched by the connector behind the page: no browser is in its way.
/// Where the connector cannot be asked, `before` stays what is known.
pub async fn lookup(host: &Host, token: &Token, before: Missed) -> Result<Vec<u8>, Missed> {
    let request = to_connector(&format!("lookup?host={}", host.base_url()), token);
    let Ok(response) = in_time(request.build()).await else {
        return Err(before);
    };
    let status = response.status();
    let Ok(body) = response.binary().await else {
        return Err(before);
    };
    match (status, serde_json::from_slice::<ErrorBody>(&body)) {
        (200, _) => Ok(body),
        // Without its token it tells nothing about the host.
        (401, _) | (_, Err(_)) => Err(before),
        (_, Ok(error)) => Err(Missed::Told(error)),
    }
}

/// Asks the connector behind the page for something, or has it do something where there is a `body`.
pub async fn ask<T: DeserializeOwned>(
    what: &str,
    body: Option<&serde_json::Value>,
    token: &Token,
) -> Result<T, ErrorBody> {
    let silent = || ErrorBody {
        id: "NO_CONNECTOR".to_owned(),
        message: "The connector behind this page does not answer. Check that it runs, then retry."
            .to_owned(),
        path: None,
        hint: None,
    };
    let request = to_connector(what, token);
    let request = match body {
        None => request.build(),
        Some(body) => request
            .method(Method::POST)
            .header("Content-Type", "application/json")
            .body(body.to_string()),
    };
    // A check waits for others, who may take their time.
    let patience = if body.is_some() {
        6 * PATIENCE
    } else {
        2 * PATIENCE
    };
    let response = within(patience, request).await.map_err(|_| silent())?;
    let status = response.status();
    let body = response.binary().await.map_err(|_| silent())?;
    if (200..300).contains(&status) {
        return serde_json::from_slice(&body).map_err(|_| silent());
    }
    Err(serde_json::from_slice(&body).unwrap_or_else(|_| silent()))
}

/// What a peer answered to a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// By how much the browser's clock is ahead of its, in milliseconds, where it lets pages read its time.
    pub ahead: Option<f64>,
}

/// Why a peer's answer to a call did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallMissed {
    /// It took over five seconds.
    Timeout,
    /// It is up, and lets no page call it.
    Blocked,
    /// It does not answer.
    Unreachable,
}

/// Calls a peer. The token goes into the header of this request and nowhere else.
pub async fn call(url: &str, token: &AuthToken, body: &str) -> Result<Called, CallMissed> {
    let bearer = Zeroizing::new(format!("Bearer {}", token.reveal()));
    let request = to_stranger(url)
        .method(Method::POST)
        .header("Authorization", &bearer)
        .header("Content-Type", "application/json")
        .body(body);
    match in_time(request).await {
        Ok(response) => {
            let (status, ahead) = (response.status(), ahead(&response));
            let body = response
                .binary()
                .await
                .map_err(|_| CallMissed::Unreachable)?;
            Ok(Called {
                status,
                body,
                ahead,
            })
        }
        Err(Silence::TooLong) => Err(CallMissed::Timeout),
        Err(Silence::Failed) if is_up(url).await => Err(CallMissed::Blocked),
        Err(Silence::Failed) => Err(CallMissed::Unreachable),
    }
}

/// Why there is no list of hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoList {
    /// The page's own server does not answer, and no list was kept.
    Unreachable,
    /// It has none, and answers with this status.
    Status(u16),
}

impl fmt::Display for NoList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str(
                "The list does not come: the server of this page does not answer. Check your network, then ask again.",
            ),
            Self::Status(404) => f.write_str("There is no list here."),
            Self::Status(status) => {
                write!(f, "The list does not come: the server of this page answers with status {status}. Ask again later.")
            }
        }
    }
}

impl std::error::Error for NoList {}

/// The list of hosts beside the page.
pub async fn directory() -> Result<Vec<u8>, NoList> {
    let request = RequestBuilder::new("directory.json").cache(RequestCache::NoCache);
    let response = in_time(request.build())
        .await
        .map_err(|_| NoList::Unreachable)?;
    match response.status() {
        200 => response.binary().await.map_err(|_| NoList::Unreachable),
        status => Err(NoList::Status(status)),
    }
}

/// A request to somebody else's host: no cookies, nothing from the cache.
fn to_stranger(url: &str) -> RequestBuilder {
    RequestBuilder::new(url)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer)
}

/// Whether something answers, which the page may not read.
async fn is_up(url: &str) -> bool {
    in_time(to_stranger(url).mode(RequestMode::NoCors).build())
        .await
        .is_ok()
}

/// How the browser's clock stands to the one that an answer was given by.
fn ahead(response: &Response) -> Option<f64> {
    let theirs = js_sys::Date::parse(&response.headers().get("date")?);
    theirs.is_finite().then(|| js_sys::Date::now() - theirs)
}

/// A question to the connector behind the page.
fn to_connector(what: &str, token: &Token) -> RequestBuilder {
    let request = RequestBuilder::new(&format!("{API}/{what}")).cache(RequestCache::NoStore);
    match token {
        Some(token) => request.header("Authorization", &format!("Bearer {}", token.as_str())),
        None => request,
    }
}

/// Why there is no answer.
enum Silence {
    /// It took too long.
    TooLong,
    /// The browser got none, or keeps it.
    Failed,
}

/// The answer, unless it takes too long or does not come.
async fn in_time(request: Result<Request, gloo_net::Error>) -> Result<Response, Silence> {
    within(PATIENCE, request).await
}

async fn within(
    patience: u32,
    request: Result<Request, gloo_net::Error>,
) -> Result<Response, Silence> {
    let request = request.map_err(|_| Silence::Failed)?;
    let abort = AbortController::new().ok();
    let signal = abort.as_ref().map(AbortController::signal);
    let options = web_sys::RequestInit::new();
    options.set_signal(signal.as_ref());
    let request: web_sys::Request = request.into();
    let request = web_sys::Request::new_with_request_and_init(&request, &options)
        .map_err(|_| Silence::Failed)?;
    let answer = std::pin::pin!(Request::from(request).send());
    match select(answer, TimeoutFuture::new(patience)).await {
        Either::Left((answer, _)) => answer.map_err(|_| Silence::Failed),
        Either::Right(_) => {
            if let Some(abort) = abort {
                abort.abort();
            }
            Err(Silence::TooLong)
        }
    }
}
