//! Connectors on invented time: a network whose delays, losses and faults come from a seed.
//!
//! Every connector is driven exactly as the server drives it: inputs with the time, outputs in order,
//! stored before anything is let out. The same seed and the same steps give the same run.

use std::collections::BTreeMap;

use c2c::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use c2c::amount::{Amount, Scale};
use c2c::connector::{
    Answer, Call, CallFailure, CallId, CallOutcome, Change, Config, Connector, Event, Input,
    Output, OwnLedger, Peer, Request, RequestId,
};
use c2c::key::SecretKey;
use c2c::peering::{Details, Terms};
use c2c::snapshot::{CandidateView, PeerState, RouteView};
use c2c::timestamp::{Millis, Timestamp};
use c2c::webfinger::{Host, Record, RpcUri};

/// When every run begins: 1 September 2017, when ilp-connector 21.1.10 came out.
pub const START: Timestamp = Timestamp::from_millis(1_504_224_000_000);

/// More inputs than this for one connector at one instant is a connector that turns in a circle.
const MOST_AT_ONE_INSTANT: u32 = 10_000;

/// A connector and what surrounds it.
pub struct Node {
    /// Its name: its host is `NAME.example`, its own ledger `example.NAME.`.
    pub name: String,
    /// The connector.
    pub connector: Connector,
    /// What it told, and when.
    pub events: Vec<(Timestamp, Event)>,
    /// Everything that went in, to be played again.
    pub journal: Vec<(Timestamp, Input)>,
    /// What a disk would hold.
    pub stored: BTreeMap<LedgerPrefix, Peer>,
    config: Config,
    secret: SecretKey,
    running: bool,
    /// Calls of connectors that ended before the answer came are nobody's any more.
    life: u32,
    busy: (Timestamp, u32),
}

/// Something on its way.
enum Parcel {
    Request {
        from: usize,
        life: u32,
        call: Box<Call>,
        deadline: Timestamp,
    },
    Done {
        to: usize,
        life: u32,
        id: CallId,
        outcome: CallOutcome,
    },
}

/// A request that a connector has not answered yet.
struct Open {
    from: usize,
    life: u32,
    id: CallId,
    deadline: Timestamp,
}

/// Several connectors, and the wires between them.
pub struct Network {
    now: Timestamp,
    nodes: Vec<Node>,
    parcels: BTreeMap<(Timestamp, u64), Parcel>,
    open: BTreeMap<(usize, RequestId), Open>,
    sent: u64,
    random: Random,
    /// The shortest and the longest time that a message takes.
    pub delay: (Millis, Millis),
    /// How many of a thousand calls get lost.
    pub loss: u64,
    /// Pairs that do not reach each other, both ways.
    cut: Vec<(usize, usize)>,
}

impl Network {
    /// A network without connectors, whose delays and losses come from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            now: START,
            nodes: Vec::new(),
            parcels: BTreeMap::new(),
            open: BTreeMap::new(),
            sent: 0,
            random: Random(seed),
            delay: (Millis(5), Millis(50)),
            loss: 0,
            cut: Vec::new(),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Adds a connector with the ledger `example.NAME.` in `currency` at scale 9; `change` may change
    /// its configuration. Its number is its place, from 0.
    pub fn add(&mut self, name: &str, currency: &str, change: impl FnOnce(&mut Config)) -> usize {
        let secret = SecretKey::from_bytes(format!("the secret of {name}").as_bytes());
        let mut config = Config::new(&format!("https://{name}.example"), secret.public_key());
        config.title = Some(name.to_owned());
        config.ledgers.push(OwnLedger {
            prefix: ledger(&format!("example.{name}.")),
            currency: code(currency),
            scale: Scale::KIT,
            account: IlpAddress::new(&format!("example.{name}.connector")).expect("a short name"),
        });
        change(&mut config);
        let connector = Connector::new(config.clone(), self.now).expect("a sound configuration");
        self.nodes.push(Node {
            name: name.to_owned(),
            connector,
            events: Vec::new(),
            journal: Vec::new(),
            stored: BTreeMap::new(),
            config,
            secret,
            running: true,
            life: 0,
            busy: (START, 0),
        });
        self.nodes.len() - 1
    }

    /// The connector `node` and what surrounds it.
    pub fn node(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    /// What `node` derives of `other`'s record: the peering as WebFinger makes it.
    pub fn details(&self, node: usize, other: usize, currency: &str) -> Details {
        let peer = &self.nodes[other];
        let host = Host::parse(&format!("{}.example", peer.name)).expect("a host");
        let rpc = RpcUri::parse(&peer.config.rpc_uri, false).expect("an address for calls");
        let mut record = Record::new(&host, peer.secret.public_key(), rpc);
        record.protocol_version = Some(peer.config.protocol_version.clone());
        let terms = Terms {
            currency: code(currency),
            scale: Scale::KIT,
            limit: Amount::ZERO,
        };
        Details::from_webfinger(&self.nodes[node].secret, &record, &host, &terms)
            .expect("two different keys")
    }

    /// `node` adds `other` as a peer; `other` does nothing. The ledger between them.
    pub fn invite(
        &mut self,
        node: usize,
        other: usize,
        currency: &str,
        limit: u64,
    ) -> LedgerPrefix {
        let details = self.details(node, other, currency);
        let prefix = details.prefix.clone();
        let peer = Peer::new(details, Amount::new(limit));
        self.input(node, Input::AddPeer(Box::new(peer)));
        prefix
    }

    /// Both add each other.
    pub fn peer(&mut self, one: usize, other: usize, currency: &str, limit: u64) -> LedgerPrefix {
        self.invite(one, other, currency, limit);
        self.invite(other, one, currency, limit)
    }

    /// Hands `input` to `node` now, and does what it asks for.
    pub fn input(&mut self, node: usize, input: Input) {
        let at = &mut self.nodes[node];
        at.busy = match at.busy {
            (then, count) if then == self.now => (then, count + 1),
            _ => (self.now, 1),
        };
        assert!(
            at.busy.1 < MOST_AT_ONE_INSTANT,
            "{} turns in a circle",
            at.name
        );
        at.journal.push((self.now, input.clone()));
        at.connector
            .handle_input(self.now, input)
            .expect("the network makes no mistakes");
        self.drain(node);
    }

    /// Calls `node` as a stranger, or as whoever holds the token, and gives the answer.
    pub fn call(
        &mut self,
        node: usize,
        method: &str,
        prefix: &str,
        bearer: Option<&str>,
        body: &str,
    ) -> (u16, String) {
        let id = RequestId(u64::MAX - self.sent);
        self.sent += 1;
        let request = Input::Request(Request {
            id,
            method: method.to_owned(),
            prefix: prefix.to_owned(),
            bearer: bearer.map(str::to_owned),
            body: body.into(),
        });
        let now = self.now;
        let at = &mut self.nodes[node];
        at.journal.push((now, request.clone()));
        at.connector
            .handle_input(now, request)
            .expect("whatever is called is answered");
        let answer = self.drain(node).into_iter().find(|answer| answer.id == id);
        let answer = answer.expect("one answer for each request");
        let body = String::from_utf8(answer.body).expect("answers are text");
        (answer.status, body)
    }

    /// Lets time pass until `end`, and everything happen that happens until then.
    pub fn run_until(&mut self, end: Timestamp) {
        loop {
            let parcel = self.parcels.keys().next().copied();
            let wakeup = (0..self.nodes.len())
                .filter(|node| self.nodes[*node].running)
                .filter_map(|node| Some((self.nodes[node].connector.next_wakeup()?, node)))
                .min();
            let by_parcel = parcel.map(|(at, _)| at);
            let by_wakeup = wakeup.map(|(at, _)| at);
            let Some(next) = by_parcel.into_iter().chain(by_wakeup).min() else {
                break;
            };
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            match (parcel, wakeup) {
                (Some(key), _) if Some(next) == by_parcel => {
                    if let Some(parcel) = self.parcels.remove(&key) {
                        self.deliver(parcel);
                    }
                }
                (_, Some((_, node))) => self.input(node, Input::Wake),
                _ => break,
            }
        }
        self.now = self.now.max(end);
    }

    /// Lets `time` pass.
    pub fn run(&mut self, time: Millis) {
        self.run_until(self.now + time);
    }

    /// `node` stops at once: what it was doing is lost, what it stored is not.
    pub fn stop(&mut self, node: usize) {
        self.nodes[node].running = false;
        self.nodes[node].life += 1;
    }

    /// `node` starts again with what it stored.
    pub fn start(&mut self, node: usize) {
        let at = &mut self.nodes[node];
        at.connector = Connector::new(at.config.clone(), self.now).expect("it started before");
        at.running = true;
        at.journal.clear();
        let peers: Vec<Peer> = at.stored.values().cloned().collect();
        for peer in peers {
            self.input(node, Input::RestorePeer(Box::new(peer)));
        }
    }

    /// Cuts the wire between two connectors.
    pub fn cut(&mut self, one: usize, other: usize) {
        self.cut.push((one, other));
    }

    /// Mends it.
    pub fn mend(&mut self, one: usize, other: usize) {
        self.cut.retain(|pair| *pair != (one, other));
    }

    /// How `node` sees its peering on the ledger `prefix`.
    pub fn state(&self, node: usize, prefix: &LedgerPrefix) -> PeerState {
        let view = self.nodes[node].connector.peer_view(prefix);
        view.expect("a peer with this ledger").state
    }

    /// The route of `node` from `source` to exactly `target`, if there is one.
    pub fn route(&self, node: usize, source: &str, target: &str) -> Option<RouteView> {
        let routes = self.nodes[node].connector.routes(None, None).routes;
        routes
            .into_iter()
            .find(|route| route.source_ledger.as_str() == source && route.target_prefix == target)
    }

    /// The ways of `node` from its own ledger to exactly `target`.
    pub fn ways(&self, node: usize, target: &str) -> Vec<CandidateView> {
        let own = format!("example.{}.", self.nodes[node].name);
        self.route(node, &own, target)
            .map(|route| route.candidates)
            .unwrap_or_default()
    }

    /// Does what `node` asks for. Its answers to calls from outside the network come back.
    fn drain(&mut self, node: usize) -> Vec<Answer> {
        let mut elsewhere = Vec::new();
        while let Some(output) = self.nodes[node].connector.poll_output() {
            match output {
                Output::Persist(Change::PeerSaved(peer)) => {
                    let prefix = peer.prefix().clone();
                    self.nodes[node].stored.insert(prefix, *peer);
                }
                Output::Persist(Change::PeerRemoved(prefix)) => {
                    self.nodes[node].stored.remove(&prefix);
                }
                Output::Event(event) => self.nodes[node].events.push((self.now, event)),
                Output::Call(call) => self.send(node, call),
                Output::Answer(answer) => match self.open.remove(&(node, answer.id)) {
                    Some(open) => self.answer(node, open, answer),
                    None => elsewhere.push(answer),
                },
            }
        }
        elsewhere
    }

    fn send(&mut self, from: usize, call: Call) {
        let life = self.nodes[from].life;
        let deadline = self.now + call.timeout;
        if self.is_lost() {
            let outcome = CallOutcome::Failed(CallFailure::Timeout);
            let id = call.id;
            self.post(
                deadline,
                Parcel::Done {
                    to: from,
                    life,
                    id,
                    outcome,
                },
            );
            return;
        }
        let at = self.now + self.some_delay();
        let call = Box::new(call);
        self.post(
            at,
            Parcel::Request {
                from,
                life,
                call,
                deadline,
            },
        );
    }

    fn answer(&mut self, node: usize, open: Open, answer: Answer) {
        let at = self.now + self.some_delay();
        let Open {
            from,
            life,
            id,
            deadline,
        } = open;
        let is_late = at > deadline || self.is_lost() || self.is_cut(node, from);
        let (at, outcome) = if is_late {
            (deadline, CallOutcome::Failed(CallFailure::Timeout))
        } else {
            let Answer { status, body, .. } = answer;
            (at, CallOutcome::Answered { status, body })
        };
        self.post(
            at,
            Parcel::Done {
                to: from,
                life,
                id,
                outcome,
            },
        );
    }

    fn deliver(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::Done {
                to,
                life,
                id,
                outcome,
            } => {
                let at = &self.nodes[to];
                if at.running && at.life == life {
                    self.input(to, Input::CallDone { id, outcome });
                }
            }
            Parcel::Request {
                from,
                life,
                call,
                deadline,
            } => {
                let id = call.id;
                let to = self.nodes.iter().position(|node| {
                    let own = call.url.strip_prefix(&node.config.rpc_uri);
                    own.is_some_and(|rest| rest.starts_with('?'))
                });
                let reached = to.filter(|to| self.nodes[*to].running && !self.is_cut(from, *to));
                let Some(to) = reached else {
                    let outcome = CallOutcome::Failed(CallFailure::Unreachable);
                    let at = self.now;
                    self.post(
                        at,
                        Parcel::Done {
                            to: from,
                            life,
                            id,
                            outcome,
                        },
                    );
                    return;
                };
                let request = RequestId(self.sent);
                self.sent += 1;
                self.open.insert(
                    (to, request),
                    Open {
                        from,
                        life,
                        id,
                        deadline,
                    },
                );
                let (_, query) = call.url.split_once('?').unwrap_or_default();
                let value = |name: &str| {
                    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs
                        .filter(|(key, _)| *key == name)
                        .map(|(_, value)| value.to_owned())
                        .next()
                };
                let input = Input::Request(Request {
                    id: request,
                    method: value("method").unwrap_or_default(),
                    prefix: value("prefix").unwrap_or_default(),
                    bearer: Some(call.bearer.reveal().to_owned()),
                    body: call.body,
                });
                self.input(to, input);
            }
        }
    }

    fn post(&mut self, at: Timestamp, parcel: Parcel) {
        self.sent += 1;
        self.parcels.insert((at, self.sent), parcel);
    }

    fn is_cut(&self, one: usize, other: usize) -> bool {
        let pairs = &self.cut;
        pairs.contains(&(one, other)) || pairs.contains(&(other, one))
    }

    fn some_delay(&mut self) -> Millis {
        let (least, most) = self.delay;
        Millis(least.0 + self.random.below(most.0 - least.0 + 1))
    }

    fn is_lost(&mut self) -> bool {
        self.random.below(1000) < self.loss
    }
}

/// Plays a journal to a new connector, and gives the connector and everything that it put out.
pub fn replay(config: Config, journal: &[(Timestamp, Input)]) -> (Connector, Vec<String>) {
    let mut connector = Connector::new(config, START).expect("it started before");
    let mut outputs = Vec::new();
    for (now, input) in journal {
        connector
            .handle_input(*now, input.clone())
            .expect("it was taken before");
        while let Some(output) = connector.poll_output() {
            outputs.push(format!("{output:?}"));
        }
    }
    (connector, outputs)
}

/// A ledger prefix that is known to be one.
pub fn ledger(text: &str) -> LedgerPrefix {
    LedgerPrefix::new(text).expect("a ledger prefix")
}

/// A currency code that is known to be one.
pub fn code(text: &str) -> CurrencyCode {
    CurrencyCode::new(text).expect("a currency code")
}

/// Numbers that look random and come from a seed: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end.max(1)
    }
}
