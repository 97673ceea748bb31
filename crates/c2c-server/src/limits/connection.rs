//! One connection, and what its caller gets.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use tokio::sync::Notify;

use super::{Address, Counts, Overload, Peer, Reason, lock};
use crate::app::RPC_PATH;

/// Where the proxy that is trusted says who calls.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Which part of all places one peer may take.
const SHARE: usize = 4;

/// When to come again where all places are taken: calls are answered within milliseconds.
const SOON: Duration = Duration::from_secs(1);

/// An open connection.
pub struct Connection {
    counts: Arc<Counts>,
    number: u64,
    remote: IpAddr,
    /// None: a proxy or somebody on this machine.
    address: Option<Arc<Address>>,
    /// Its caller has the admin token, or is a peer.
    is_known: AtomicBool,
    /// Which peer calls by it.
    peer: OnceLock<Arc<Peer>>,
    close: Notify,
}

/// Who makes a request, for whoever has to know. A request that has none came from nobody knows where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(pub IpAddr);

/// In an answer: its caller has shown the admin token.
#[derive(Clone, Copy, Debug)]
pub struct KnownCaller;

/// A request that was let in. Its place is free again once this is dropped.
pub struct Pass {
    connection: Arc<Connection>,
    /// Where a proxy brings it.
    forwarded: Option<Arc<Address>>,
    has_place: bool,
    peer: Option<Arc<Peer>>,
}

impl Counts {
    /// Counts a new connection from `remote`. Where there is no room, the oldest connection of a stranger is told
    /// to close.
    pub fn connect(self: &Arc<Self>, remote: IpAddr) -> Result<Arc<Connection>, Overload> {
        let address = self.address(remote);
        let full = || self.refuse(Reason::Connections, SOON);
        if let Some(address) = &address {
            let before = address.connections.fetch_add(1, Ordering::Relaxed);
            if before >= self.limits.connections_per_address {
                address.connections.fetch_sub(1, Ordering::Relaxed);
                return Err(full());
            }
        }
        // From here on it is counted, and no more once it is dropped.
        self.open.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection {
            counts: self.clone(),
            number: self.next.fetch_add(1, Ordering::Relaxed),
            remote,
            address,
            is_known: AtomicBool::new(false),
            peer: OnceLock::new(),
            close: Notify::new(),
        });
        let is_full = self.open() > self.limits.connections;
        if is_full && !self.close_oldest() {
            return Err(full());
        }
        // Behind a proxy are peers too.
        if self.limits.trusted_proxy != Some(remote) {
            let weak = Arc::downgrade(&connection);
            lock(&self.strangers).insert(connection.number, weak);
        }
        Ok(connection)
    }

    /// Whether there was one that could be closed.
    fn close_oldest(&self) -> bool {
        while let Some((_, oldest)) = lock(&self.strangers).pop_first() {
            if let Some(oldest) = Weak::upgrade(&oldest) {
                oldest.close.notify_one();
                self.refuse(Reason::Connections, SOON);
                return true;
            }
        }
        false
    }
}

impl Connection {
    /// Lets a request in, or says when to come again. `query` is that of a call to the RPC address.
    pub fn admit(
        self: &Arc<Self>,
        method: &Method,
        path: &str,
        rpc_method: &str,
        headers: &HeaderMap,
    ) -> Result<Pass, Overload> {
        let counts = &self.counts;
        let forwarded = self.forwarded(headers).and_then(|by| counts.address(by));
        let peer = match &forwarded {
            Some(address) => address.peer.get(),
            None => self.peer.get(),
        };
        if let Some(peer) = peer {
            peer.bucket
                .take(counts.now(), counts.peer_rate())
                .map_err(|wait| counts.refuse(Reason::Peer, wait))?;
        } else if let Some(address) = forwarded.as_ref().or(self.address.as_ref())
            && !(forwarded.is_none() && self.is_known.load(Ordering::Relaxed))
        {
            address
                .bucket
                .take(counts.now(), counts.address_rate())
                .map_err(|wait| counts.refuse(Reason::Address, wait))?;
        }
        let mut pass = Pass {
            connection: self.clone(),
            peer: peer.cloned(),
            forwarded,
            has_place: false,
        };
        if *method == Method::POST && path == RPC_PATH {
            pass.take_place(ends_a_payment(rpc_method))?;
        }
        Ok(pass)
    }

    /// Who calls, as far as that is known.
    pub fn caller(&self, headers: &HeaderMap) -> Caller {
        Caller(self.forwarded(headers).unwrap_or(self.remote))
    }

    /// Returns once somebody else needs its place.
    pub async fn closing(&self) {
        self.close.notified().await;
    }

    /// The last one of the list is what the proxy itself has seen; what stands before it anybody may have written.
    fn forwarded(&self, headers: &HeaderMap) -> Option<IpAddr> {
        if self.counts.limits.trusted_proxy != Some(self.remote) {
            return None;
        }
        let last = headers.get_all(FORWARDED_FOR).iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::Relaxed);
        if let Some(address) = &self.address {
            address.connections.fetch_sub(1, Ordering::Relaxed);
        }
        if !self.is_known.load(Ordering::Relaxed) {
            lock(&self.counts.strangers).remove(&self.number);
        }
    }
}

impl Pass {
    fn take_place(&mut self, ends_a_payment: bool) -> Result<(), Overload> {
        let counts = &self.connection.counts;
        let most = counts.limits.in_flight;
        // What ends a payment frees money on both sides.
        let most = if ends_a_payment { most * 2 } else { most };
        let before = counts.in_flight.fetch_add(1, Ordering::Relaxed);
        let of_peer = self
            .peer
            .as_ref()
            .map_or(0, |peer| peer.in_flight.fetch_add(1, Ordering::Relaxed));
        self.has_place = true;
        if before >= most || of_peer >= most.div_ceil(SHARE) {
            return Err(counts.refuse(Reason::Overload, SOON));
        }
        Ok(())
    }

    /// The call named the ledger `prefix` and was answered with `status`: only the peer itself gets one of these.
    pub fn called(&self, prefix: &str, status: StatusCode) {
        if !matches!(status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY)
            || self.peer.is_some()
        {
            return;
        }
        let known = match &self.forwarded {
            Some(address) => &address.peer,
            None => &self.connection.peer,
        };
        let counts = &self.connection.counts;
        known.get_or_init(|| counts.peer(prefix));
        self.known();
    }

    /// The caller has shown that it may do what it asks.
    pub fn known(&self) {
        let connection = &self.connection;
        if self.forwarded.is_none() && !connection.is_known.swap(true, Ordering::Relaxed) {
            lock(&connection.counts.strangers).remove(&connection.number);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.has_place {
            return;
        }
        self.connection
            .counts
            .in_flight
            .fetch_sub(1, Ordering::Relaxed);
        if let Some(peer) = &self.peer {
            peer.in_flight.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn ends_a_payment(method: &str) -> bool {
    matches!(method, "fulfill_condition" | "reject_incoming_transfer")
}
