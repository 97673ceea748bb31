//! What the server counts of itself, for `GET /metrics`, where Prometheus and its like read it.
//!
//! What happens is counted as it happens; how things stand is looked up when somebody asks. Labels are names of
//! our own and prefixes of peers, so that no caller makes the list longer.

mod machine;
mod standing;

use std::fmt;
use std::time::Duration;

use c2c::connector::{CallFailure, CallOutcome, Event};
use c2c::rpc::Method;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub use machine::Machine;
pub use standing::Standing;

use crate::store::writer::Flush;

/// Upper bounds of times in seconds: from what one call takes to what the callers of 2017 wait.
const SECONDS: [f64; 12] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0,
];

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    calls: Family<Called, Counter>,
    /// By method, in their order; the last is for names that nobody knows.
    kinds: Vec<Kind>,
    our_calls: Family<OurCall, Counter>,
    transfers: Family<Transfer, Counter>,
    refused_routes: Family<Refused, Counter>,
    refused_broadcasts: Counter,
    strangers: Counter,
    commits: Counter,
    changes: Counter,
    commit_times: Histogram,
}

/// What is counted of one method, at hand: nearly every call is answered with 200.
struct Kind {
    name: &'static str,
    good: Counter,
    times: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    method: &'static str,
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfMethod {
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OurCall {
    method: &'static str,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transfer {
    direction: String,
    state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    reason: String,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("c2c");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", version);
        let calls = Family::<Called, Counter>::default();
        let times = Family::<OfMethod, Histogram>::new_with_constructor(histogram);
        let known = Method::ALL.into_iter().map(Method::name);
        let kinds = known.chain(["other"]).map(|name| Kind {
            name,
            good: at(
                &calls,
                Called {
                    method: name,
                    status: 200,
                },
            ),
            times: at(&times, OfMethod { method: name }),
        });
        let kinds = kinds.collect();
        let metrics = Self {
            calls: calls.clone(),
            kinds,
            our_calls: Family::default(),
            transfers: Family::default(),
            refused_routes: Family::default(),
            refused_broadcasts: Counter::default(),
            strangers: Counter::default(),
            commits: Counter::default(),
            changes: Counter::default(),
            commit_times: histogram(),
            registry: Registry::default(),
        };
        registry.register("rpc_calls", "Calls that were answered", calls);
        registry.register_with_unit(
            "rpc",
            "From the head of a call to its answer",
            Unit::Seconds,
            times,
        );
        for (name, help, counter) in [
            (
                "refused_broadcasts",
                "Broadcasts refused as a whole",
                &metrics.refused_broadcasts,
            ),
            (
                "strangers",
                "Callers who are no peers, each counted once",
                &metrics.strangers,
            ),
            (
                "store_commits",
                "Transactions that were made durable",
                &metrics.commits,
            ),
            ("store_changes", "Changes in them", &metrics.changes),
        ] {
            registry.register(name, help, counter.clone());
        }
        registry.register(
            "peer_calls",
            "Calls to peers that are over",
            metrics.our_calls.clone(),
        );
        registry.register(
            "transfers",
            "Transfers that came to a state",
            metrics.transfers.clone(),
        );
        registry.register(
            "refused_routes",
            "Routes not taken from broadcasts",
            metrics.refused_routes.clone(),
        );
        registry.register_with_unit(
            "store_commit",
            "What a transaction took, its flush included",
            Unit::Seconds,
            metrics.commit_times.clone(),
        );
        Self {
            registry,
            ..metrics
        }
    }

    /// A call was answered.
    pub fn answered(&self, method: &str, status: u16, took: Duration) {
        let known = self.kinds.iter().find(|kind| kind.name == method);
        let Some(kind) = known.or(self.kinds.last()) else {
            return;
        };
        kind.times.observe(took.as_secs_f64());
        if status == 200 {
            kind.good.inc();
        } else {
            let called = Called {
                method: kind.name,
                status: status.into(),
            };
            self.calls.get_or_create(&called).inc();
        }
    }

    /// A call of ours is over.
    pub fn called(&self, method: Method, outcome: &CallOutcome) {
        let outcome = match outcome {
            CallOutcome::Answered { status, .. } => status.to_string(),
            CallOutcome::Failed(failure) => word(*failure).to_owned(),
        };
        let method = method.name();
        self.our_calls
            .get_or_create(&OurCall { method, outcome })
            .inc();
    }

    /// Something happened in the engine.
    pub fn happened(&self, event: &Event) {
        match event {
            Event::TransferChanged {
                direction, state, ..
            } => {
                let transfer = Transfer {
                    direction: direction.to_string(),
                    state: state.clone(),
                };
                self.transfers.get_or_create(&transfer).inc();
            }
            Event::RouteRefused { code, .. } => {
                let reason = code.clone();
                self.refused_routes.get_or_create(&Refused { reason }).inc();
            }
            Event::BroadcastRefused { .. } => {
                self.refused_broadcasts.inc();
            }
            Event::UnknownCaller { .. } => {
                self.strangers.inc();
            }
            _ => {}
        }
    }

    /// Changes became durable.
    pub fn flushed(&self, flush: Flush) {
        self.commits.inc();
        self.changes
            .inc_by(u64::try_from(flush.changes).unwrap_or(u64::MAX));
        self.commit_times.observe(flush.took.as_secs_f64());
    }

    /// All of it as text, with how things stand.
    pub fn write(&self, standing: &Standing) -> Result<String, fmt::Error> {
        let mut all = String::new();
        text::encode_registry(&mut all, &self.registry)?;
        text::encode_registry(&mut all, &standing.registry())?;
        text::encode_eof(&mut all)?;
        Ok(all)
    }
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

/// The one with these labels.
fn at<L, M: Clone>(family: &Family<L, M, impl Fn() -> M>, labels: L) -> M
where
    L: Clone + std::hash::Hash + Eq,
{
    family.get_or_create(&labels).clone()
}

const fn word(failure: CallFailure) -> &'static str {
    match failure {
        CallFailure::Timeout => "timeout",
        CallFailure::Tls => "tls",
        CallFailure::Unreachable => "unreachable",
        CallFailure::TooLarge => "too_large",
    }
}
