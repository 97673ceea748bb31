//! How much callers get: requests a second, connections, and places among those who are being answered.
//!
//! Whoever has shown that it is a peer, by one call with its token, is counted as that peer from then on, and no
//! stranger can take its share: strangers are counted by their address, and where there is no room for another
//! connection the oldest of a stranger makes room. Among the calls that the engine has not answered yet, those
//! that end a payment find a place where others do not.

mod bucket;
mod connection;

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::Refusal;
use bucket::{Bucket, Rate};
pub use connection::{Caller, Connection, KnownCaller, Pass};

/// How many addresses are counted one by one. Where more call at once, the others share one count.
const MOST_ADDRESSES: usize = 65_536;

/// What the settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second of one address that has not shown to be a peer; 0: any number.
    pub address_per_second: u32,
    /// Calls a second of one peer; 0: any number.
    pub peer_per_second: u32,
    /// Open connections.
    pub connections: usize,
    /// Open connections of one address.
    pub connections_per_address: usize,
    /// Calls that may wait for the engine's answer.
    pub in_flight: usize,
    /// The proxy that tells, by `X-Forwarded-For`, who calls.
    pub trusted_proxy: Option<IpAddr>,
}

/// What is counted of all callers.
pub struct Counts {
    limits: Limits,
    started: Instant,
    addresses: Mutex<HashMap<IpAddr, Arc<Address>>>,
    /// What all those share who are too many to be counted one by one.
    others: Arc<Address>,
    peers: Mutex<HashMap<String, Arc<Peer>>>,
    open: AtomicUsize,
    next: AtomicU64,
    /// Connections whose caller has not shown to be a peer, the oldest first.
    strangers: Mutex<BTreeMap<u64, Weak<Connection>>>,
    in_flight: AtomicUsize,
    refused: [AtomicU64; REASONS.len()],
}

/// Why a request or a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// An address asks too often.
    Address,
    /// A peer calls too often.
    Peer,
    /// There are too many connections.
    Connections,
    /// Too many calls wait for their answers.
    Overload,
}

/// The reasons with the names by which they are counted, in the order of the type.
const REASONS: [(Reason, &str); 4] = [
    (Reason::Address, "address"),
    (Reason::Peer, "peer"),
    (Reason::Connections, "connections"),
    (Reason::Overload, "overload"),
];

/// What is counted of one address.
#[derive(Debug, Default)]
struct Address {
    bucket: Bucket,
    connections: AtomicUsize,
    /// Who has shown to be a peer from behind a trusted proxy, where connections tell nothing.
    peer: std::sync::OnceLock<Arc<Peer>>,
}

/// What is counted of one peer.
#[derive(Debug, Default)]
struct Peer {
    bucket: Bucket,
    in_flight: AtomicUsize,
}

/// What is refused, and when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overload {
    /// Why.
    pub reason: Reason,
    /// Not sooner than after so long.
    pub retry_after: Duration,
}

impl Counts {
    /// Nobody has called yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            started: Instant::now(),
            addresses: Mutex::default(),
            others: Arc::default(),
            peers: Mutex::default(),
            open: AtomicUsize::new(0),
            next: AtomicU64::new(0),
            strangers: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            refused: Default::default(),
        }
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// How many calls wait for their answers.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Whether there is room for another call.
    pub fn has_room(&self) -> bool {
        self.in_flight() < self.limits.in_flight
    }

    /// What was refused, by reason.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self
            .refused
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        REASONS.iter().map(|(_, name)| *name).zip(counts)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn refuse(&self, reason: Reason, retry_after: Duration) -> Overload {
        if let Some(index) = REASONS.iter().position(|(of, _)| *of == reason) {
            self.refused[index].fetch_add(1, Ordering::Relaxed);
        }
        Overload {
            reason,
            retry_after,
        }
    }

    /// What is counted of an address. One of a proxy or of this machine says nothing about who calls.
    fn address(&self, address: IpAddr) -> Option<Arc<Address>> {
        let is_local = self.limits.trusted_proxy.is_none() && address.is_loopback();
        if is_local || self.limits.trusted_proxy == Some(address) {
            return None;
        }
        let mut addresses = lock(&self.addresses);
        if let Some(found) = addresses.get(&group(address)) {
            return Some(found.clone());
        }
        if addresses.len() >= MOST_ADDRESSES {
            let now = self.now();
            addresses.retain(|_, counted| {
                Arc::strong_count(counted) > 1 || !counted.bucket.is_full(now)
            });
        }
        if addresses.len() >= MOST_ADDRESSES {
            return Some(self.others.clone());
        }
        let counted = Arc::<Address>::default();
        addresses.insert(group(address), counted.clone());
        Some(counted)
    }

    /// What is counted of the peer with this ledger, of which the engine has just said that it is one.
    fn peer(&self, prefix: &str) -> Arc<Peer> {
        let mut peers = lock(&self.peers);
        if let Some(found) = peers.get(prefix) {
            return found.clone();
        }
        // Those who were removed, and have no connection any more.
        if peers.len() >= MOST_ADDRESSES {
            peers.retain(|_, counted| Arc::strong_count(counted) > 1);
        }
        let counted = Arc::<Peer>::default();
        peers.insert(prefix.to_owned(), counted.clone());
        counted
    }

    fn address_rate(&self) -> Rate {
        Rate::per_second(self.limits.address_per_second)
    }

    fn peer_rate(&self) -> Rate {
        Rate::per_second(self.limits.peer_per_second)
    }
}

impl Overload {
    /// A wait of whole seconds, as the header has it.
    pub fn seconds(self) -> u64 {
        let millis = u64::try_from(self.retry_after.as_millis()).unwrap_or(u64::MAX);
        millis.div_ceil(1000).max(1)
    }
}

impl IntoResponse for Overload {
    fn into_response(self) -> Response {
        let refusal = match self.reason {
            Reason::Address => Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TOO_OFTEN",
                "Too many requests came from your address. Wait as long as Retry-After says.",
            ),
            Reason::Peer => Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TOO_OFTEN",
                "Too many calls came from this peer. Wait as long as Retry-After says, then send it again.",
            ),
            Reason::Connections => Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "TOO_MANY_CONNECTIONS",
                "Too many connections are open. Use the one you have, or come again later.",
            ),
            Reason::Overload => Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "OVERLOADED",
                "Too many calls wait for their answers. Nothing was done; send it again later.",
            ),
        };
        let mut response = refusal.into_response();
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(self.seconds()));
        response
    }
}

/// Whoever has one IPv6 address has all that begin alike.
fn group(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => {
                let bits = u128::from(v6) >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from(bits))
            }
        },
    }
}

/// Nothing that is counted can be left half done by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
