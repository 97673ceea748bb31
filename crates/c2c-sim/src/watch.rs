//! What must hold at every step, checked where something changed.
//!
//! Payments are followed as they would go: from each ledger of a connector whose table changed, with
//! amounts from small to the most that it says it can carry, each connector on the way choosing by its
//! own table.
//!
//! # What holds while news is under way
//! Whoever speaks of distances learns of a change later than whoever made it. So a payment may be
//! promised more than it gets, or go in a circle, while somebody on its way goes by what is no longer so:
//! a peer that changed its mind and has not told yet, one that is down or cut off, or one that lies. No
//! protocol of this kind does better. What is checked is this:
//!
//! - No payment goes in a circle, and none delivers less than was promised, if everybody on its way goes by
//!   what the next one would tell now ([`Broken::Circle`], [`Broken::Promise`]).
//! - A circle or a broken promise is gone when a route lives out, times the ledgers on the way, after
//!   whatever was last changed in the network ([`Broken::Lasting`]).
//!
//!   Where somebody on the way is told no paths, ledgers are not counted that there are: as many more lives
//!   of a route as there are connectors are granted.
//! - No connector is told of a ledger between two others ([`Broken::PeerLedger`]).
//! - A route to a ledger that cannot be reached any more is gone when a route lives out, times the ledgers
//!   on the route ([`Broken::Withdrawn`]).
//! - No connector turns in a circle at one instant ([`Broken::Spin`]).
//! - Left alone, the network comes to rest ([`Broken::Unrest`]). Then there is no circle and no broken
//!   promise at all, and every table holds what the [`Oracle`] says ([`Broken::Table`]).

mod reach;
mod walk;

use std::collections::BTreeMap;
use std::fmt;

use c2c::address::LedgerPrefix;
use c2c::table::Version;
use c2c::timestamp::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Network, Oracle, Step};
use reach::Reach;
use walk::{End, Walk};

/// How often what is wrong for now is looked at again, in milliseconds.
const AGAIN: u64 = 10_000;
/// How many violations of each kind are kept.
const MOST_KEPT: usize = 10;

/// A check that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Broken {
    /// A payment goes in a circle though everybody knows everything.
    Circle,
    /// A payment delivers less than was promised though everybody knows everything.
    Promise,
    /// A circle or a broken promise does not go away.
    Lasting,
    /// Somebody was told of a ledger between two others.
    PeerLedger,
    /// A route to what cannot be reached stays.
    Withdrawn,
    /// A table does not hold what it must.
    Table,
    /// A connector turns in a circle at one instant.
    Spin,
    /// The network does not come to rest.
    Unrest,
}

/// A check that failed, when and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// When, in milliseconds from the start.
    pub at_ms: u64,
    /// Which check.
    pub broken: Broken,
    /// Where, and what was found.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} ms, {:?}: {}", self.at_ms, self.broken, self.what)
    }
}

/// How often each thing was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// Payments followed.
    pub circles: u64,
    /// Promises compared with what comes out.
    pub promises: u64,
    /// Of these, found wrong while news was under way.
    pub excused: u64,
    /// Updates searched for ledgers between peers.
    pub updates: u64,
    /// Routes to what cannot be reached looked for.
    pub withdrawn: u64,
    /// Circles and broken promises looked at again.
    pub lasting: u64,
    /// Steps after which no connector had turned in a circle at one instant.
    pub steps: u64,
    /// Networks that came to rest.
    pub rests: u64,
    /// Entries of tables compared with what the peer tells, and with the oracle's.
    pub entries: u64,
    /// Of these, compared with the oracle's exactly but for rounding.
    pub exact: u64,
    /// Compared with what the connector before must make of what it holds.
    pub by_step: u64,
    /// Compared by bounds only.
    pub bounded: u64,
}

impl Checks {
    /// Adds what `other` counted.
    pub fn add(&mut self, other: &Self) {
        self.circles += other.circles;
        self.promises += other.promises;
        self.excused += other.excused;
        self.updates += other.updates;
        self.withdrawn += other.withdrawn;
        self.lasting += other.lasting;
        self.steps += other.steps;
        self.rests += other.rests;
        self.entries += other.entries;
        self.exact += other.exact;
        self.by_step += other.by_step;
        self.bounded += other.bounded;
    }

    /// Each number with what it counts.
    pub fn list(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("no circle", self.circles),
            ("promise kept", self.promises),
            ("(excused)", self.excused),
            ("no peer ledger told", self.updates),
            ("withdrawn in time", self.withdrawn),
            ("no lasting fault", self.lasting),
            ("no spin", self.steps),
            ("comes to rest", self.rests),
            ("table entry right", self.entries),
            ("(as the oracle's exactly)", self.exact),
            ("(by its last step)", self.by_step),
            ("(by bounds only)", self.bounded),
        ]
    }
}

/// Watches a network.
#[derive(Debug)]
pub struct Watch {
    /// How far each connector's table was looked at, and in which of its lives.
    seen: Vec<(u32, Version)>,
    checks: Checks,
    violations: Vec<Violation>,
    found: u64,
    /// What is wrong for now, and since when.
    wrong: BTreeMap<(usize, LedgerPrefix, String), Timestamp>,
    again_at: Timestamp,
    reach: Reach,
    /// Whether liars count as honest: to see the checks fail.
    trusting: bool,
}

impl Watch {
    /// Watches `network` from now on.
    pub fn new(network: &mut Network) -> Self {
        network.keep_updates();
        Self {
            seen: Vec::new(),
            checks: Checks::default(),
            violations: Vec::new(),
            found: 0,
            wrong: BTreeMap::new(),
            again_at: network.now() + Millis(AGAIN),
            reach: Reach::default(),
            trusting: false,
        }
    }

    /// Takes liars for honest, so that what they do is a violation.
    pub fn trusting(mut self) -> Self {
        self.trusting = true;
        self
    }

    /// What was checked.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// What failed, the first ones of many.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many checks failed.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// Lets `time` pass and looks at every step.
    pub fn run(&mut self, network: &mut Network, time: Millis) {
        let end = network.now() + time;
        while let Some(step) = network.step(end) {
            self.look(network, step);
        }
        network.rest_until(end);
    }

    /// Lets time pass until no table has changed for as long as a route lives and two intervals more,
    /// at most `most`, and looks at every step. Whether it came to rest.
    pub fn run_until_quiet(&mut self, network: &mut Network, most: Millis) -> bool {
        let end = network.now() + most;
        let mut since = network.now();
        let mut last = versions(network);
        loop {
            let quiet_at = since + quiet_time(network);
            if quiet_at > end {
                self.report(
                    network,
                    Broken::Unrest,
                    format!("not quiet after {} ms", most.0),
                );
                return false;
            }
            let Some(step) = network.step(quiet_at) else {
                network.rest_until(quiet_at);
                self.checks.rests += 1;
                return true;
            };
            self.look(network, step);
            if let Some(node) = step.node {
                let version = network.node(node).connector.tables().version();
                if last.get(node) != Some(&version) {
                    last = versions(network);
                    since = step.at;
                }
            }
        }
    }

    /// Looks at what `step` changed.
    pub fn look(&mut self, network: &mut Network, step: Step) {
        for (sender, body) in network.take_updates() {
            if self.trusting || network.node(sender).lie().is_none() {
                self.checks.updates += 1;
                if tells_peer_ledger(&body) {
                    let what = format!("connector {sender} tells of a ledger between peers");
                    self.report(network, Broken::PeerLedger, what);
                }
            }
        }
        self.checks.steps += 1;
        if let Some(node) = network.spun().first() {
            self.report(network, Broken::Spin, format!("connector {node}"));
        }
        self.reach.update(network);
        if let Some(node) = step.node
            && network.node(node).is_running()
        {
            self.look_at_changes(network, node);
        }
        if step.at >= self.again_at {
            self.again_at = step.at + Millis(AGAIN);
            self.look_again(network);
        }
    }

    /// Follows payments from every entry of `node` that changed since it was last looked at.
    fn look_at_changes(&mut self, network: &Network, node: usize) {
        if self.seen.len() <= node {
            self.seen.resize(network.nodes().len(), (0, Version::START));
        }
        let (life, version) = self.seen[node];
        let at = network.node(node);
        let tables = at.connector.tables();
        let from = if life == at.life() {
            version
        } else {
            Version::START
        };
        let now = tables.version();
        self.seen[node] = (at.life(), now);
        if from == now {
            return;
        }
        for source in tables.sources() {
            for slot in tables.changed_since(source, from) {
                if let Some(prefix) = tables.prefix_at(slot)
                    && !prefix.is_peer()
                    && !prefix.is_default()
                {
                    self.follow(network, node, source, prefix.as_str());
                }
            }
        }
    }

    /// Follows payments of several amounts, and notes what is wrong.
    fn follow(&mut self, network: &Network, node: usize, source: &LedgerPrefix, to: &str) {
        let wrong = self.wrong_over(network, node, source, to);
        let key = (node, source.clone(), to.to_owned());
        if wrong.is_some() {
            self.wrong.entry(key).or_insert(network.now());
        } else {
            self.wrong.remove(&key);
        }
    }

    /// Over how many ledgers a payment goes that ends in a circle or gets less than promised, the longest
    /// of them; none if all is well. A violation, if nobody on its way has an excuse.
    fn wrong_over(
        &mut self,
        network: &Network,
        node: usize,
        source: &LedgerPrefix,
        to: &str,
    ) -> Option<usize> {
        let mut longest = None;
        for amount in walk::amounts(network, node, source, to) {
            let walk = Walk::new(network, node, source, to, amount);
            self.checks.circles += 1;
            let broken = match walk.end {
                End::Circle => Broken::Circle,
                End::Delivered(is) => {
                    self.checks.promises += 1;
                    if walk.promised.is_none_or(|promised| promised <= is) {
                        continue;
                    }
                    Broken::Promise
                }
                End::Unknown => continue,
            };
            longest = longest.max(Some(walk.ledgers()));
            if walk.is_excused(network, self.trusting) {
                self.checks.excused += 1;
            } else {
                self.report(network, broken, walk.to_string());
            }
        }
        longest
    }

    /// Looks again at what was wrong, and for routes to what cannot be reached.
    fn look_again(&mut self, network: &Network) {
        let lies = |node: &crate::Node| node.is_running() && node.lie().is_some();
        let is_believed = network.misquoted().is_empty() && !network.nodes().iter().any(lies);
        let honest = self.trusting || is_believed;
        for ((node, source, to), since) in std::mem::take(&mut self.wrong) {
            if !network.node(node).is_running() {
                continue;
            }
            let Some(ledgers) = self.wrong_over(network, node, &source, &to) else {
                continue;
            };
            let since = since.max(network.last_disturbed());
            let ledgers = ledgers + network.unnamed();
            let lived = lives(network, node).0.saturating_mul(ledgers as u64);
            self.checks.lasting += 1;
            if honest && since + Millis(lived) < network.now() {
                let what = format!("for {lived} ms, {}", walk::all(network, node, &source, &to));
                self.report(network, Broken::Lasting, what);
            } else {
                self.wrong.insert((node, source, to), since);
            }
        }
        if honest {
            let (looked, found) = self.reach.stale(network);
            self.checks.withdrawn += looked;
            for what in found {
                self.report(network, Broken::Withdrawn, what);
            }
        }
    }

    /// Everything at once, for a network that has come to rest: no payment goes wrong, and every table
    /// holds what the oracle says.
    pub fn look_at_all(&mut self, network: &Network) {
        for (place, node) in network.nodes().iter().enumerate() {
            if !node.is_running() {
                continue;
            }
            let tables = node.connector.tables();
            for source in tables.sources() {
                for prefix in tables.prefixes_from(source.as_str()) {
                    if !prefix.is_peer()
                        && self
                            .wrong_over(network, place, source, prefix.as_str())
                            .is_some()
                    {
                        let what = walk::all(network, place, source, prefix.as_str());
                        self.report(network, Broken::Lasting, what);
                    }
                }
            }
        }
        for (hearer, teller, ledger, prefix) in walk::held(network) {
            self.checks.entries += 1;
            if walk::is_stale(network, hearer, teller, &ledger, &prefix) {
                let what =
                    format!("connector {hearer} holds of {teller} what it does not tell: {prefix}");
                self.report(network, Broken::Table, what);
            }
        }
        let (compared, differences) = Oracle::new(network).compare(network);
        self.checks.entries += compared.total();
        self.checks.exact += compared.exact;
        self.checks.by_step += compared.by_step;
        self.checks.bounded += compared.bounded;
        for difference in differences {
            self.report(network, Broken::Table, difference.to_string());
        }
    }

    fn report(&mut self, network: &Network, broken: Broken, what: String) {
        self.found += 1;
        let alike = self
            .violations
            .iter()
            .filter(|known| known.broken == broken);
        if alike.count() < MOST_KEPT {
            self.violations.push(Violation {
                at_ms: network.now().since(crate::START).0,
                broken,
                what,
            });
        }
    }
}

/// How long the routes that `node` hears live.
fn lives(network: &Network, node: usize) -> Millis {
    network.node(node).config().routing.route_expiry
}

/// As long as a route lives, and two intervals, by the slowest clock.
fn quiet_time(network: &Network) -> Millis {
    let routing = network.nodes().iter().map(|node| &node.config().routing);
    let longest = routing
        .map(|routing| routing.route_expiry.0 + 2 * routing.broadcast_interval.0)
        .max()
        .unwrap_or(0);
    Millis(longest + longest / 10)
}

fn versions(network: &Network) -> Vec<Version> {
    let nodes = network.nodes().iter();
    nodes
        .map(|node| node.connector.tables().version())
        .collect()
}

/// Whether an update names a ledger between two peers, as reachable or as lost.
fn tells_peer_ledger(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let lost = text
        .split_once("\"unreachable_through_me\":[")
        .and_then(|(_, rest)| rest.split_once(']'));
    text.contains("\"destination_ledger\":\"peer.")
        || lost.is_some_and(|(lost, _)| lost.contains("\"peer."))
}
