//! Connectors on invented time, and the wires between them.
//!
//! Every connector is driven exactly as the server drives it: inputs with the time of its own clock,
//! outputs in order, stored before anything is let out. The same seed and the same steps give the same
//! run, natively and in wasm.
//!
//! # The wire
//! Calls take any time between two bounds, get lost, arrive twice, or are held up so that later ones
//! overtake them; answers take their time and get lost. Whatever has not come when the caller gives up
//! never comes: the connection is closed then. So an update never arrives for the first time after a
//! later one of the same peer, as over HTTP.
//!
//! Where [`Wire::copied_late`] says so, calls arrive once more up to a minute later. That must do no harm,
//! but for an update that comes again after a later one, or after it was given up: the protocol has no
//! number by which a receiver could tell, and takes it for news. Its sender counts as *misquoted* from
//! then on, and what is believed because of that is judged like what a liar told.

mod clock;
mod counters;
mod digest;
mod edit;
mod happening;
mod lie;
mod node;
mod post;

pub use clock::Clock;
pub use counters::{Faults, Traffic};
pub use happening::{Happening, What};
pub use lie::Lie;
pub use node::Node;
pub use post::Wire;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use c2c::address::LedgerPrefix;
use c2c::connector::{Change, Config, Connector, Error, Input, Output, Request, RequestId};
use c2c::schema::Dialect;
use c2c::timestamp::{Millis, Timestamp};

use crate::Random;
use post::{LastUpdate, Open, Parcel};

/// When every run begins: 1 September 2017, when ilp-connector 21.1.10 came out.
pub const START: Timestamp = Timestamp::from_millis(1_504_224_000_000);

/// More inputs than this for one connector at one instant is a connector that turns in a circle.
const MOST_AT_ONE_INSTANT: u32 = 100_000;
/// How many happenings wait for a viewer; the oldest give way.
const MOST_HAPPENINGS: usize = 100_000;

/// Several connectors, the wires between them, and the time.
///
/// ```
/// use c2c::timestamp::Millis;
/// use c2c_sim::Network;
/// let mut network = Network::new(1);
/// let red = network.add("red", "USD", |_| {});
/// let blue = network.add("blue", "USD", |_| {});
/// network.peer(red, blue, "USD", 1_000_000_000);
/// network.run(Millis(2_000));
/// assert_eq!(network.ways(red, "example.blue.").len(), 1);
/// ```
#[derive(Debug)]
pub struct Network {
    now: Timestamp,
    nodes: Vec<Node>,
    /// Who takes the calls to an address.
    addresses: BTreeMap<String, usize>,
    parcels: BTreeMap<(Timestamp, u64), Parcel>,
    /// Who wants to be woken when.
    wakes: BTreeSet<(Timestamp, usize)>,
    open: BTreeMap<(usize, RequestId), Open>,
    sent: u64,
    random: Random,
    /// What befalls messages from now on.
    pub wire: Wire,
    /// Pairs that do not reach each other, the smaller number first.
    cut: BTreeSet<(usize, usize)>,
    recording: bool,
    happenings: VecDeque<Happening>,
    traffic: Traffic,
    faults: Faults,
    /// Connectors that turned in a circle and were stopped.
    spun: Vec<usize>,
    shape_changes: u64,
    last_disturbed: Timestamp,
    last_lied: Timestamp,
    last_joined: Timestamp,
    updates: Option<Vec<(usize, Vec<u8>)>>,
    last_updates: BTreeMap<(usize, LedgerPrefix), LastUpdate>,
    /// Who is believed to say what it said before.
    misquoted: BTreeSet<usize>,
}

/// What one step touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it was.
    pub at: Timestamp,
    /// Which connector took something in; none if the call came to nothing.
    pub node: Option<usize>,
}

impl Network {
    /// A network without connectors, whose delays and losses come from `seed`. What goes in and what
    /// happens is recorded; see [`Network::record`].
    pub fn new(seed: u64) -> Self {
        Self {
            now: START,
            nodes: Vec::new(),
            addresses: BTreeMap::new(),
            parcels: BTreeMap::new(),
            wakes: BTreeSet::new(),
            open: BTreeMap::new(),
            sent: 0,
            random: Random::new(seed),
            wire: Wire::default(),
            cut: BTreeSet::new(),
            recording: true,
            happenings: VecDeque::new(),
            traffic: Traffic::default(),
            faults: Faults::default(),
            spun: Vec::new(),
            shape_changes: 0,
            last_disturbed: START,
            last_lied: START,
            last_joined: START,
            updates: None,
            last_updates: BTreeMap::new(),
            misquoted: BTreeSet::new(),
        }
    }

    /// Notes that a connector came, or was cut off no more.
    fn joined(&mut self) {
        self.last_joined = self.now;
        self.reshaped();
    }

    /// Notes that a connector came, went, or was cut off or back.
    fn reshaped(&mut self) {
        self.shape_changes += 1;
        self.last_disturbed = self.now;
    }

    /// Whether journals, events and happenings are kept from now on: for viewers and for replays, at
    /// the cost of their memory.
    pub fn record(&mut self, recording: bool) {
        self.recording = recording;
    }

    /// The time by the right clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The connector `node` and what surrounds it.
    pub fn node(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    /// All of them, removed ones too, so that places stay.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The connector of that name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }

    /// What went over the wires.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// What went wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Connectors that turned in a circle, and were stopped for it. Always empty.
    pub fn spun(&self) -> &[usize] {
        &self.spun
    }

    /// What happened since this was last asked, the oldest first.
    pub fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happenings).into()
    }

    /// How many messages are on their way.
    pub fn on_their_way(&self) -> usize {
        self.parcels.len()
    }

    /// Who is at the other end of a ledger of `node`.
    pub fn across(&self, node: usize, ledger: &LedgerPrefix) -> Option<usize> {
        let peer = self.nodes[node].stored.get(ledger)?;
        self.addresses.get(peer.details.rpc_uri.as_str()).copied()
    }

    /// How often a connector came, went, or was cut off or back.
    pub fn shape_changes(&self) -> u64 {
        self.shape_changes
    }

    /// When terms or shape were last changed, or a lie told.
    pub fn last_disturbed(&self) -> Timestamp {
        self.last_disturbed
    }

    /// When a connector last came, or came back, or a wire was mended: what is not so any more may
    /// spread anew from then on.
    pub fn last_joined(&self) -> Timestamp {
        self.last_joined
    }

    /// When a lie was last told.
    pub fn last_lied(&self) -> Timestamp {
        self.last_lied
    }

    /// Connectors of which an old update arrived once more, so that they may be believed to say what they
    /// do not say any more. [`Network::forget_misquoted`] ends that.
    pub fn misquoted(&self) -> &BTreeSet<usize> {
        &self.misquoted
    }

    /// Nobody counts as misquoted any more: each was down for as long as what it tells lives.
    pub fn forget_misquoted(&mut self) {
        self.misquoted.clear();
        self.last_lied = self.now;
    }

    /// Whether `node` tells the peer on `ledger` in the dialect without paths.
    pub fn tells_no_paths(&self, node: usize, ledger: &LedgerPrefix) -> bool {
        let peer = self.nodes[node].stored.get(ledger);
        peer.is_some_and(|peer| peer.dialect == Some(Dialect::V17))
    }

    /// How many ledgers a route may pass at most that it does not name, because somebody on its way is
    /// told no paths.
    pub fn unnamed(&self) -> usize {
        let nodes = self.nodes.iter();
        let peers = nodes.flat_map(|node| node.stored.values());
        let older = peers.filter(|peer| peer.dialect == Some(Dialect::V17));
        if older.count() == 0 {
            return 0;
        }
        self.nodes.len()
    }

    /// From now on keeps the updates that connectors send, for [`Network::take_updates`].
    pub fn keep_updates(&mut self) {
        self.updates = Some(Vec::new());
    }

    /// The bodies of updates that were sent since this was last asked, with their senders.
    pub fn take_updates(&mut self) -> Vec<(usize, Vec<u8>)> {
        self.updates.as_mut().map_or_else(Vec::new, std::mem::take)
    }

    /// Whether `one` and `other` are cut off from each other.
    pub fn is_cut(&self, one: usize, other: usize) -> bool {
        self.cut.contains(&(one.min(other), one.max(other)))
    }

    /// Hands `input` to `node` now, and does what it asks for. An error is a mistake of the caller and
    /// changes nothing.
    pub fn input(&mut self, node: usize, input: Input) -> Result<(), Error> {
        let now = self.now;
        let at = &mut self.nodes[node];
        at.busy = match at.busy {
            (then, count) if then == now => (then, count + 1),
            _ => (now, 1),
        };
        if at.busy.1 > MOST_AT_ONE_INSTANT {
            self.spun.push(node);
            self.stop(node);
            return Ok(());
        }
        self.traffic.inputs += 1;
        let local = at.clock.shows(now);
        if self.recording {
            at.journal.push((local, input.clone()));
        }
        let taken = at.connector.handle_input(local, input);
        if taken.is_err() {
            // It changed nothing, so it need not be played again.
            at.journal.pop();
        }
        self.drain(node);
        self.note_wake(node);
        taken
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
        let at = &mut self.nodes[node];
        let local = at.clock.shows(self.now);
        if self.recording {
            at.journal.push((local, request.clone()));
        }
        // A request is always taken: what is wrong with it stands in the answer.
        let answered = match at.connector.handle_input(local, request) {
            Ok(()) => self.drain(node).into_iter().find(|answer| answer.id == id),
            Err(_) => None,
        };
        self.note_wake(node);
        answered.map_or((0, String::new()), |answer| {
            (
                answer.status,
                String::from_utf8_lossy(&answer.body).into_owned(),
            )
        })
    }

    /// When something happens next; none if nothing will.
    pub fn next(&self) -> Option<Timestamp> {
        let parcel = self.parcels.keys().next().map(|(at, _)| *at);
        let wake = self.wakes.first().map(|(at, _)| *at);
        parcel.into_iter().chain(wake).min()
    }

    /// Lets the next thing happen, if it does until `end`.
    pub fn step(&mut self, end: Timestamp) -> Option<Step> {
        let next = self.next().filter(|next| *next <= end)?;
        self.now = self.now.max(next);
        let parcel = self
            .parcels
            .first_entry()
            .filter(|first| first.key().0 == next);
        let node = if let Some(first) = parcel {
            let parcel = first.remove();
            self.deliver(parcel)
        } else {
            let (_, node) = self.wakes.pop_first()?;
            self.nodes[node].wake = None;
            // A wake is no mistake.
            let _ = self.input(node, Input::Wake);
            Some(node)
        };
        Some(Step { at: self.now, node })
    }

    /// Lets time pass until `end`, and everything happen that happens until then.
    pub fn run_until(&mut self, end: Timestamp) {
        while self.step(end).is_some() {}
        self.rest_until(end);
    }

    /// Lets `time` pass.
    pub fn run(&mut self, time: Millis) {
        self.run_until(self.now + time);
    }

    /// Lets time pass in which nothing happens: no step is left before `end`.
    pub(crate) fn rest_until(&mut self, end: Timestamp) {
        self.now = self.now.max(end);
    }

    /// Does what `node` asks for. Its answers to calls from outside the network come back.
    fn drain(&mut self, node: usize) -> Vec<c2c::connector::Answer> {
        let mut elsewhere = Vec::new();
        while let Some(output) = self.nodes[node].connector.poll_output() {
            match output {
                Output::Persist(Change::PeerSaved(peer)) => {
                    let prefix = peer.prefix().clone();
                    self.nodes[node].stored.insert(prefix, *peer);
                }
                Output::Persist(Change::LedgerMoved { ledger, entry }) => {
                    self.nodes[node].store_entry(ledger, *entry);
                }
                Output::Persist(Change::PeerRemoved(prefix)) => {
                    self.nodes[node].stored.remove(&prefix);
                    self.nodes[node].ledgers.remove(&prefix);
                }
                // Nobody opens accounts here.
                Output::Persist(Change::AccountsMoved { .. }) => {}
                Output::Event(event) => self.told(node, event),
                Output::Call(call) => self.send(node, call),
                Output::Answer(answer) => match self.open.remove(&(node, answer.id)) {
                    Some(open) => self.answer(node, open, answer),
                    None => elsewhere.push(answer),
                },
            }
        }
        elsewhere
    }

    fn told(&mut self, node: usize, event: c2c::connector::Event) {
        if let c2c::connector::Event::BroadcastSent {
            routes, withdrawn, ..
        } = &event
        {
            self.traffic.routes += routes;
            self.traffic.withdrawn += withdrawn;
        }
        if self.recording {
            let local = self.nodes[node].clock.shows(self.now);
            self.nodes[node].events.push((local, event.clone()));
            self.happened(What::Told { node, event });
        }
    }

    /// Notes when `node` wants to be woken.
    fn note_wake(&mut self, node: usize) {
        let at = &mut self.nodes[node];
        if let Some(wake) = at.wake.take() {
            self.wakes.remove(&(wake, node));
        }
        if at.running
            && let Some(local) = at.connector.next_wakeup()
        {
            let wake = at.clock.when(local).max(self.now);
            at.wake = Some(wake);
            self.wakes.insert((wake, node));
        }
    }

    fn happened(&mut self, what: What) {
        if self.recording {
            if self.happenings.len() >= MOST_HAPPENINGS {
                self.happenings.pop_front();
            }
            self.happenings.push_back(Happening { at: self.now, what });
        }
    }

    /// The ledgers between `one` and `other`, as `one` knows them.
    pub fn ledgers_between(&self, one: usize, other: usize) -> Vec<LedgerPrefix> {
        let address = &self.nodes[other].config.rpc_uri;
        let stored = self.nodes[one].stored.iter();
        stored
            .filter(|(_, peer)| peer.details.rpc_uri.as_str() == address)
            .map(|(prefix, _)| prefix.clone())
            .collect()
    }
}

/// Plays a journal to a new connector, and gives the connector and everything that it put out.
pub fn replay(
    config: Config,
    journal: &[(Timestamp, Input)],
) -> Result<(Connector, Vec<String>), Error> {
    let began = journal.first().map_or(START, |(at, _)| *at);
    let mut connector = Connector::new(config, began)?;
    let mut outputs = Vec::new();
    for (now, input) in journal {
        connector.handle_input(*now, input.clone())?;
        while let Some(output) = connector.poll_output() {
            outputs.push(format!("{output:?}"));
        }
    }
    Ok((connector, outputs))
}
