//! How things stand when somebody asks.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use c2c::snapshot::PeerView;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::Machine;

/// A figure of each peer. Balances of more than 2^53 units are rounded here, and nowhere else.
type OfPeers = Family<OfPeer, Gauge<f64, AtomicU64>>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPeer {
    peer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct In {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    reason: &'static str,
}

/// Peers and routes at one moment.
pub struct Standing {
    /// How many prefixes something is known of.
    pub destinations: usize,
    /// The peers, and how many milliseconds ago each last sent a broadcast that was taken, if it did.
    pub peers: Vec<(PeerView, Option<u64>)>,
    /// Unknown callers that are kept in mind.
    pub callers: usize,
    /// Open connections.
    pub connections: usize,
    /// Calls that wait for their answers.
    pub in_flight: usize,
    /// Requests and connections for which there was no room, by reason.
    pub refused: Vec<(&'static str, u64)>,
    /// What the server takes of its machine.
    pub machine: Machine,
    /// Whether what is said is stored.
    pub is_sound: bool,
}

impl Standing {
    /// The figures, to be written once.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("c2c");
        let gauge = |value: usize| {
            let gauge = Gauge::<i64>::default();
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            gauge
        };
        registry.register(
            "destinations",
            "Prefixes to which a route is known",
            gauge(self.destinations),
        );
        registry.register(
            "sound",
            "1 while what is answered is stored",
            gauge(self.is_sound.into()),
        );
        registry.register(
            "inbox_callers",
            "Unknown callers that are kept in mind",
            gauge(self.callers),
        );
        registry.register("connections", "Open connections", gauge(self.connections));
        registry.register(
            "rpc_in_flight",
            "Calls that wait for their answers",
            gauge(self.in_flight),
        );
        let refused = Family::<Of, Counter>::default();
        for (reason, count) in &self.refused {
            refused.get_or_create(&Of { reason }).inc_by(*count);
        }
        registry.register(
            "refused_requests",
            "Requests and connections for which there was no room",
            refused,
        );
        let bytes = |bytes: u64| gauge(usize::try_from(bytes).unwrap_or(usize::MAX));
        if let Some(database) = self.machine.database {
            registry.register_with_unit(
                "database",
                "The database and what was written ahead of it",
                Unit::Bytes,
                bytes(database),
            );
        }
        if let Some(resident) = self.machine.resident {
            registry.register_with_unit("resident", "In memory", Unit::Bytes, bytes(resident));
        }
        let mut states: BTreeMap<&'static str, i64> = BTreeMap::new();
        let (ages, balances) = (OfPeers::default(), OfPeers::default());
        let (limits, their_limits) = (OfPeers::default(), OfPeers::default());
        for (peer, age) in &self.peers {
            *states.entry(peer.state.as_str()).or_default() += 1;
            let of = OfPeer {
                peer: peer.prefix.to_string(),
            };
            balances.get_or_create(&of).set(near(peer.balance.0));
            limits
                .get_or_create(&of)
                .set(near(peer.limit.units().into()));
            if let Some(limit) = peer.peer_limit {
                their_limits
                    .get_or_create(&of)
                    .set(near(limit.units().into()));
            }
            if let Some(age) = age {
                ages.get_or_create(&of).set(near((*age).into()) / 1000.0);
            }
        }
        let peers = Family::<In, Gauge>::default();
        for (state, count) in states {
            peers.get_or_create(&In { state }).set(count);
        }
        registry.register("peers", "Peers by how the peering stands", peers);
        registry.register_with_unit(
            "broadcast_age",
            "Since the last broadcast of a peer that was taken",
            Unit::Seconds,
            ages,
        );
        registry.register(
            "balance_units",
            "What a peer owes us; negative: what we owe it",
            balances,
        );
        registry.register("limit_units", "The most that a peer may owe us", limits);
        registry.register(
            "peer_limit_units",
            "The most that we may owe a peer",
            their_limits,
        );
        registry
    }
}

/// The nearest number that a reader of metrics can have.
#[allow(clippy::cast_precision_loss)]
fn near(units: i128) -> f64 {
    units as f64
}
