//! The same networks with nothing but their routes: the rooms of the engine that hold tables, hear updates and
//! tell them, without peering checks, money and JSON around them. For a browser that has no room for a whole
//! connector.
//!
//! A test holds what it comes to against [`Network`](crate::Network): at rest both know the same ways. On the way
//! there they differ in when things happen, for here peers know each other from the start, and calls and answers
//! are lost or late, but never come twice.

mod router;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use c2c::address::LedgerPrefix;
use c2c::connector::Decimal;
use c2c::table::{Tables, Version};
use c2c::timestamp::{Millis, Timestamp};

use crate::network::{START, Step};
use crate::{ConnectorSpec, LinkSpec, Random, Scenario, ScenarioError, Wire};
use router::Router;
use wire::Parcel;

/// A network of routers.
///
/// ```
/// use c2c::timestamp::Millis;
/// use c2c_sim::{Routing, START, Scenario, Topology};
/// let mut routing = Routing::from_scenario(&Scenario::generate(Topology::Line, 3, 1))?;
/// while routing.step(START + Millis(60_000)).is_some() {}
/// assert!(routing.told() > 0);
/// # Ok::<(), c2c_sim::ScenarioError>(())
/// ```
#[derive(Debug)]
pub struct Routing {
    now: Timestamp,
    routers: Vec<Router>,
    parcels: BTreeMap<(Timestamp, u64), Parcel>,
    /// Who has something to do when.
    wakes: BTreeSet<(Timestamp, usize)>,
    posted: u64,
    random: Random,
    wire: Wire,
    /// Pairs that do not reach each other, the smaller number first.
    cut: BTreeSet<(usize, usize)>,
    news: Vec<News>,
    told: u64,
    withdrawn: u64,
}

/// What a viewer is shown while it happens. Routers are meant by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub node: usize,
    /// What.
    pub what: Word,
}

/// What happened to a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It told a peer, which took it.
    Told {
        /// Whom.
        to: usize,
        /// How many routes.
        routes: usize,
        /// How many destinations it took back.
        withdrawn: usize,
    },
    /// Its table changed.
    Changed {
        /// How many routes it took.
        found: usize,
        /// How many destinations it lost.
        lost: usize,
    },
    /// It does not reach a peer any more.
    Silent {
        /// Whom.
        to: usize,
    },
    /// It reaches a peer, for the first time or again.
    Reached {
        /// Whom.
        to: usize,
    },
}

/// A peering, from its end with the smaller place.
#[derive(Clone, Copy, Debug)]
pub struct Peering<'a> {
    /// Both places.
    pub ends: (usize, usize),
    /// The currency between them.
    pub currency: &'a str,
    /// Whether the wire is cut.
    pub is_cut: bool,
    /// Whether both reached each other when they last tried.
    pub is_up: bool,
}

impl Routing {
    /// The network that `scenario` describes. Peers know each other and each other's limits at once.
    pub fn from_scenario(scenario: &Scenario) -> Result<Self, ScenarioError> {
        let mut routing = Self {
            now: START,
            routers: Vec::new(),
            parcels: BTreeMap::new(),
            wakes: BTreeSet::new(),
            posted: 0,
            random: Random::new(scenario.seed),
            wire: scenario.wire,
            cut: BTreeSet::new(),
            news: Vec::new(),
            told: 0,
            withdrawn: 0,
        };
        for spec in &scenario.connectors {
            routing.add_connector(spec)?;
        }
        for link in &scenario.links {
            routing.add_link(link)?;
        }
        Ok(routing)
    }

    /// Adds a router. Its place.
    pub fn add_connector(&mut self, spec: &ConnectorSpec) -> Result<usize, ScenarioError> {
        if self.find(&spec.name).is_some() {
            let reason = "the name is taken; choose another";
            return Err(ScenarioError::new(
                &format!("connector {}", spec.name),
                &spec.name,
                &reason,
            ));
        }
        self.routers.push(Router::new(spec)?);
        Ok(self.routers.len() - 1)
    }

    /// Makes a peering on both sides.
    pub fn add_link(&mut self, link: &LinkSpec) -> Result<(), ScenarioError> {
        let place = format!("link {} – {}", link.between[0], link.between[1]);
        let wrong = |value: &str, reason: &str| ScenarioError::new(&place, value, &reason);
        let find = |name: &String| {
            self.find(name)
                .ok_or_else(|| wrong(name, "there is no such connector"))
        };
        let (one, other) = (find(&link.between[0])?, find(&link.between[1])?);
        if one == other {
            let reason = "a connector does not peer with itself; name two";
            return Err(wrong(&link.between[0], reason));
        }
        let (currency, scale) = link.terms()?;
        let code = currency.as_str().to_lowercase();
        let names = (&self.routers[one].name, &self.routers[other].name);
        let text = format!("peer.{}-{}.{code}.{}.", names.0, names.1, scale.get());
        let ledger = LedgerPrefix::new(&text).map_err(|error| wrong(&text, &error.to_string()))?;
        if self.routers[one].peers.contains_key(&ledger) {
            return Err(wrong(&text, "the two peer in this currency already"));
        }
        for (node, peer, limits) in [
            (one, other, link.limits),
            (other, one, [link.limits[1], link.limits[0]]),
        ] {
            let name = self.routers[peer].name.clone();
            let tells_from = self.now + self.delay();
            let router = &mut self.routers[node];
            let terms = (currency.clone(), scale);
            router
                .open(self.now, tells_from, (peer, &name), &ledger, terms, limits)
                .map_err(|reason| wrong(&text, &reason))?;
            self.turn(node);
        }
        Ok(())
    }

    /// Takes a router away for good, and its peerings.
    pub fn remove(&mut self, node: usize) {
        self.routers[node].removed = true;
        let peers = std::mem::take(&mut self.routers[node].peers);
        for (ledger, peer) in peers {
            self.routers[peer.place].close(&ledger);
            self.turn(peer.place);
        }
        self.note_wake(node);
    }

    /// Cuts the wire between two.
    pub fn cut(&mut self, one: usize, other: usize) {
        self.cut.insert((one.min(other), one.max(other)));
    }

    /// Mends it.
    pub fn mend(&mut self, one: usize, other: usize) {
        self.cut.remove(&(one.min(other), one.max(other)));
    }

    /// `node` keeps another share from now on.
    pub fn set_spread(&mut self, node: usize, spread: Decimal) {
        self.routers[node].spread = spread;
        self.routers[node].trade();
        self.turn(node);
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How many routers there are, removed ones too, so that places stay.
    pub fn count(&self) -> usize {
        self.routers.len()
    }

    /// The router of that name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.routers.iter().position(|router| router.name == name)
    }

    /// The name of the router at that place.
    pub fn name(&self, node: usize) -> &str {
        &self.routers[node].name
    }

    /// Whether it was taken away.
    pub fn is_removed(&self, node: usize) -> bool {
        self.routers[node].removed
    }

    /// Its tables.
    pub fn tables(&self, node: usize) -> &Tables {
        &self.routers[node].tables
    }

    /// How often they changed.
    pub fn version(&self, node: usize) -> Version {
        self.routers[node].tables.version()
    }

    /// The share that it keeps.
    pub fn spread(&self, node: usize) -> Decimal {
        self.routers[node].spread
    }

    /// What it began as, but for its spread.
    pub fn spec(&self, node: usize) -> &ConnectorSpec {
        &self.routers[node].spec
    }

    /// Who is at the other end of a ledger of `node`.
    pub fn across(&self, node: usize, ledger: &LedgerPrefix) -> Option<usize> {
        let peer = self.routers[node].peers.get(ledger)?;
        Some(peer.place)
    }

    /// Whether two peer.
    pub fn are_peers(&self, one: usize, other: usize) -> bool {
        let mut peers = self.routers[one].peers.values();
        peers.any(|peer| peer.place == other)
    }

    /// All peerings.
    pub fn peerings(&self) -> impl Iterator<Item = Peering<'_>> {
        let routers = self.routers.iter().enumerate();
        routers.flat_map(move |(one, router)| {
            let peers = router
                .peers
                .iter()
                .filter(move |(_, peer)| one < peer.place);
            peers.map(move |(ledger, peer)| {
                let other = self.routers[peer.place].peers.get(ledger);
                Peering {
                    ends: (one, peer.place),
                    currency: peer.currency.as_str(),
                    is_cut: self.is_cut(one, peer.place),
                    is_up: peer.is_up && other.is_some_and(|other| other.is_up),
                }
            })
        })
    }

    /// What happened since this was last asked, the oldest first.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Routes told since the beginning.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Destinations withdrawn since the beginning.
    pub fn withdrawn(&self) -> u64 {
        self.withdrawn
    }

    /// Lets the next thing happen, if it does until `end`.
    pub fn step(&mut self, end: Timestamp) -> Option<Step> {
        let parcel = self.parcels.keys().next().map(|(at, _)| *at);
        let wake = self.wakes.first().map(|(at, _)| *at);
        let next = parcel.into_iter().chain(wake).min();
        let next = next.filter(|next| *next <= end)?;
        self.now = self.now.max(next);
        let node = if parcel == Some(next) {
            let (_, parcel) = self.parcels.pop_first()?;
            self.deliver(parcel)
        } else {
            let (_, node) = self.wakes.pop_first()?;
            self.routers[node].wake = None;
            self.turn(node);
            Some(node)
        };
        Some(Step { at: self.now, node })
    }

    /// Lets time pass in which nothing happens: no step is left before `end`.
    pub fn rest_until(&mut self, end: Timestamp) {
        self.now = self.now.max(end);
    }

    /// How long no table may have changed for all to be at rest: as long as a route lives, and two intervals.
    pub fn quiet_time(&self) -> Millis {
        let longest = self.routers.iter().map(|router| router.interval.0).max();
        Millis(longest.unwrap_or(0).saturating_mul(4))
    }

    /// Whether two are cut off from each other.
    fn is_cut(&self, one: usize, other: usize) -> bool {
        self.cut.contains(&(one.min(other), one.max(other)))
    }

    /// Has `node` do what its time has come for, and notes when it is to be asked again.
    fn turn(&mut self, node: usize) {
        let (lost, updates) = self.routers[node].turn(self.now);
        if lost > 0 {
            self.say(node, Word::Changed { found: 0, lost });
        }
        for (ledger, update) in updates {
            self.send(node, ledger, update);
        }
        self.note_wake(node);
    }

    fn note_wake(&mut self, node: usize) {
        let router = &mut self.routers[node];
        if let Some(wake) = router.wake.take() {
            self.wakes.remove(&(wake, node));
        }
        if let Some(wake) = router.next_wake() {
            let wake = wake.max(self.now);
            router.wake = Some(wake);
            self.wakes.insert((wake, node));
        }
    }

    fn say(&mut self, node: usize, what: Word) {
        let at = self.now;
        self.news.push(News { at, node, what });
    }
}
