//! Fetching another host's record without being led astray: only hosts that may be dialled, a fixed
//! path, at most three redirects, each checked like the first address, 64 kB, five seconds.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use c2c::webfinger::{ACCEPT, Host, MAX_RECORD_BYTES, Record, RecordError};
use reqwest::{Client, Response, Url, header};

use crate::dial::{self, DialError, Policy, Trouble};

const MOST_TIME: Duration = Duration::from_secs(5);
const MOST_REDIRECTS: usize = 3;
/// Look-ups in one minute, for all callers together.
const MOST_A_MINUTE: usize = 60;

/// Looks records up.
pub struct Lookup {
    client: Client,
    policy: Policy,
    recent: Mutex<VecDeque<Instant>>,
}

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The record.
    pub record: Record,
    /// How far the host's clock is from ours, in seconds; none if it did not say.
    pub clock_difference: Option<u64>,
}

/// Why there is no record. The texts are for the person who peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// `LOOKUP_BLOCKED`, or an address that is never dialled.
    Forbidden {
        /// Who was asked.
        host: Host,
        /// Why not.
        reason: DialError,
    },
    /// `WF_UNREACHABLE`.
    Unreachable {
        /// Who was asked.
        host: Host,
    },
    /// `WF_TLS`.
    Tls {
        /// Who was asked.
        host: Host,
        /// What is wrong with the certificate.
        reason: String,
    },
    /// `WF_STATUS`.
    Status {
        /// Who was asked.
        host: Host,
        /// What it answered.
        status: u16,
    },
    /// What came is not a usable record.
    Record(RecordError),
    /// `LOOKUP_RATE`: too many look-ups in a minute.
    TooMany,
}

impl LookupError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forbidden { .. } => "LOOKUP_BLOCKED",
            Self::Unreachable { .. } => "WF_UNREACHABLE",
            Self::Tls { .. } => "WF_TLS",
            Self::Status { .. } => "WF_STATUS",
            Self::Record(error) => error.code(),
            Self::TooMany => "LOOKUP_RATE",
        }
    }

    /// The status that fits when somebody looks a host up through us.
    pub fn status(&self) -> u16 {
        match self {
            Self::Forbidden { .. } | Self::Record(_) => 422,
            Self::Unreachable { .. } | Self::Tls { .. } | Self::Status { .. } => 502,
            Self::TooMany => 429,
        }
    }

    /// Where exactly the fault is, if more is known than the message says.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Forbidden { reason: DialError::Scheme, .. } => Some(
                "Plain http is dialled only to 127.0.0.1 and [::1], and only with allow_loopback_http = true."
                    .to_owned(),
            ),
            Self::Record(error) => Some(error.hint()),
            _ => None,
        }
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden {
                reason: reason @ DialError::Port(_),
                ..
            } => reason.fmt(f),
            Self::Forbidden { host, .. } => write!(
                f,
                "{host} resolves to a private address. Allow it in server settings if intended."
            ),
            Self::Unreachable { host } => write!(
                f,
                "No answer from {host}. Check spelling and that the host is up, then retry."
            ),
            Self::Tls { host, reason } => write!(
                f,
                "{host}'s certificate is invalid: {reason}. Peering now would be unsafe; ask its operator to fix it."
            ),
            Self::Status { host, status } => write!(
                f,
                "{host} answered {status} to WebFinger. Ask its operator to route /.well-known/webfinger to the connector."
            ),
            Self::Record(error) => error.fmt(f),
            Self::TooMany => write!(
                f,
                "Over {MOST_A_MINUTE} look-ups in a minute. Wait a little, then retry."
            ),
        }
    }
}

impl std::error::Error for LookupError {}

impl Lookup {
    /// One that dials what `policy` allows.
    pub fn new(policy: Policy) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: dial::client(policy, Duration::from_secs(3))?,
            policy,
            recent: Mutex::new(VecDeque::new()),
        })
    }

    /// The record that `host` publishes about itself.
    pub async fn record(&self, host: &Host) -> Result<Found, LookupError> {
        // What is not dialled takes nobody's turn.
        self.check(host, &record_url(host)?)?;
        self.count()?;
        let unreachable = || LookupError::Unreachable { host: host.clone() };
        tokio::time::timeout(MOST_TIME, self.fetch(host))
            .await
            .map_err(|_| unreachable())?
    }

    async fn fetch(&self, host: &Host) -> Result<Found, LookupError> {
        let (headers, body) = self.follow(host).await?;
        let record =
            Record::parse(&body, host, self.policy.loopback_http).map_err(LookupError::Record)?;
        Ok(Found {
            record,
            clock_difference: clock_difference(&headers),
        })
    }

    /// Follows redirects by hand, so that each address is checked before it is dialled.
    async fn follow(&self, host: &Host) -> Result<(header::HeaderMap, Vec<u8>), LookupError> {
        let status = |status: u16| LookupError::Status {
            host: host.clone(),
            status,
        };
        let mut url = record_url(host)?;
        for _ in 0..=MOST_REDIRECTS {
            self.check(host, &url)?;
            let response = self
                .client
                .get(url.clone())
                .header(header::ACCEPT, ACCEPT)
                .send()
                .await
                .map_err(|error| sort(host, &error))?;
            if !response.status().is_redirection() {
                if response.status() != reqwest::StatusCode::OK {
                    return Err(status(response.status().as_u16()));
                }
                let headers = response.headers().clone();
                return Ok((headers, read(host, response).await?));
            }
            let found = response.status().as_u16();
            url = response
                .headers()
                .get(header::LOCATION)
                .and_then(|location| location.to_str().ok())
                .and_then(|location| url.join(location).ok())
                .ok_or_else(|| status(found))?;
        }
        Err(status(310))
    }

    fn check(&self, host: &Host, url: &Url) -> Result<(), LookupError> {
        let forbidden = |reason| LookupError::Forbidden {
            host: host.clone(),
            reason,
        };
        self.policy.check(url).map_err(forbidden)
    }

    fn count(&self) -> Result<(), LookupError> {
        // Nothing in here panics while the lock is held.
        let mut recent = self
            .recent
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        while recent
            .front()
            .is_some_and(|then| now.duration_since(*then) > Duration::from_secs(60))
        {
            recent.pop_front();
        }
        if recent.len() >= MOST_A_MINUTE {
            return Err(LookupError::TooMany);
        }
        recent.push_back(now);
        Ok(())
    }
}

/// Where a host publishes its record. A host is made of the characters of a URL, so this cannot fail.
fn record_url(host: &Host) -> Result<Url, LookupError> {
    let url = host.record_url().parse();
    url.map_err(|_| LookupError::Unreachable { host: host.clone() })
}

/// At most one byte more than a record may have, so that the reader of the record says what is wrong.
async fn read(host: &Host, mut response: Response) -> Result<Vec<u8>, LookupError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| sort(host, &error))? {
        let room = MAX_RECORD_BYTES + 1 - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() > MAX_RECORD_BYTES {
            break;
        }
    }
    Ok(body)
}

fn sort(host: &Host, error: &reqwest::Error) -> LookupError {
    let host = host.clone();
    match dial::trouble(error) {
        Trouble::Forbidden(reason) => LookupError::Forbidden { host, reason },
        Trouble::Tls(reason) => LookupError::Tls { host, reason },
        Trouble::Timeout | Trouble::Unreachable => LookupError::Unreachable { host },
    }
}

fn clock_difference(headers: &header::HeaderMap) -> Option<u64> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let theirs = httpdate::parse_http_date(date).ok()?;
    let ours = SystemTime::now();
    let apart = ours
        .duration_since(theirs)
        .or_else(|_| theirs.duration_since(ours))
        .ok()?;
    Some(apart.as_secs())
}
