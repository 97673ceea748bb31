//! Building a network, and changing it while it runs.

use std::collections::BTreeMap;

use c2c::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use c2c::amount::{Amount, Scale};
use c2c::connector::{Config, Connector, Decimal, Error, Input, OwnLedger, Peer, Rates};
use c2c::key::SecretKey;
use c2c::peering::{Details, Terms};
use c2c::schema::Dialect;
use c2c::snapshot::{CandidateView, PeerState, RouteView, SnapshotView};
use c2c::webfinger::{Host, Record, RpcUri};

use super::{Clock, Lie, Network, Node, START, What};
use crate::{ConnectorSpec, LinkSpec, Scenario, ScenarioError};

impl Network {
    /// The network that `scenario` describes, its connectors started and its peerings made on both
    /// sides. Nothing is recorded; see [`Network::record`].
    pub fn from_scenario(scenario: &Scenario) -> Result<Self, ScenarioError> {
        let mut network = Self::new(scenario.seed);
        network.record(false);
        network.wire = scenario.wire;
        for spec in &scenario.connectors {
            network.add_connector(spec)?;
        }
        for link in &scenario.links {
            network.add_link(link)?;
        }
        Ok(network)
    }

    /// Adds and starts a connector. Its place.
    pub fn add_connector(&mut self, spec: &ConnectorSpec) -> Result<usize, ScenarioError> {
        let place = format!("connector {}", spec.name);
        let wrong = |value: &str, reason: &dyn std::fmt::Display| {
            Err(ScenarioError::new(&place, value, &reason.to_string()))
        };
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if spec.name.is_empty() || spec.name.len() > 40 || !spec.name.chars().all(is_name) {
            return wrong(
                &spec.name,
                &"a name has 1 to 40 small letters, digits and hyphens",
            );
        }
        if self.find(&spec.name).is_some() {
            return wrong(&spec.name, &"the name is taken; choose another");
        }
        let mut ledgers = Vec::new();
        for (text, currency) in spec.ledgers().iter().zip(&spec.currencies) {
            let code = CurrencyCode::new(currency);
            match (LedgerPrefix::new(text), code) {
                (Ok(prefix), Ok(code)) => ledgers.push((prefix, code)),
                (Err(error), _) => return wrong(text, &error),
                (_, Err(error)) => return wrong(currency, &error),
            }
        }
        let mut config = blank(&spec.name);
        spec.configure(&mut config.0)?;
        for (prefix, currency) in ledgers {
            match prefix.account("connector") {
                Ok(account) => config.0.ledgers.push(own_ledger(prefix, currency, account)),
                Err(error) => return wrong(prefix.as_str(), &error),
            }
        }
        let started = Connector::new(config.0.clone(), spec.clock.shows(self.now));
        match started {
            Ok(connector) => Ok(self.place(&spec.name, config, spec.clock, connector)),
            Err(error) => wrong(error.code(), &error),
        }
    }

    /// Adds a connector with the ledger `example.NAME.` in `currency` at scale 9; `change` may change
    /// its configuration. Its number is its place, from 0.
    ///
    /// # Panics
    ///
    /// If that makes no connector.
    pub fn add(&mut self, name: &str, currency: &str, change: impl FnOnce(&mut Config)) -> usize {
        let mut config = blank(name);
        let prefix = LedgerPrefix::new(&format!("example.{name}.")).expect("a short name");
        let account = prefix.account("connector").expect("a short name");
        let code = CurrencyCode::new(currency).expect("a currency code");
        config.0.ledgers.push(own_ledger(prefix, code, account));
        change(&mut config.0);
        let connector = Connector::new(config.0.clone(), self.now).expect("a sound configuration");
        self.place(name, config, Clock::default(), connector)
    }

    fn place(
        &mut self,
        name: &str,
        (config, secret): (Config, SecretKey),
        clock: Clock,
        connector: Connector,
    ) -> usize {
        self.faults.clocks += u64::from(!clock.is_right());
        let place = self.nodes.len();
        self.addresses.insert(config.rpc_uri.clone(), place);
        self.nodes.push(Node {
            name: name.to_owned(),
            connector,
            events: Vec::new(),
            journal: Vec::new(),
            stored: BTreeMap::new(),
            ledgers: BTreeMap::new(),
            config,
            secret,
            clock,
            running: true,
            removed: false,
            life: 0,
            busy: (START, 0),
            wake: None,
            lie: None,
            old: BTreeMap::new(),
        });
        self.joined();
        self.happened(What::Started { node: place });
        place
    }

    /// Makes a peering on both sides. The ledger between the two.
    pub fn add_link(&mut self, link: &LinkSpec) -> Result<LedgerPrefix, ScenarioError> {
        let place = format!("link {} – {}", link.between[0], link.between[1]);
        let (currency, scale) = link.terms()?;
        let find = |name: &String| {
            self.find(name)
                .ok_or_else(|| ScenarioError::new(&place, name, &"there is no such connector"))
        };
        let (one, other) = (find(&link.between[0])?, find(&link.between[1])?);
        if one == other {
            let reason = "a connector does not peer with itself; name two";
            return Err(ScenarioError::new(&place, &link.between[0], &reason));
        }
        self.joined();
        let mut prefix = None;
        for (node, peer, place_in_link) in [(one, other, 0), (other, one, 1)] {
            let limit = link.limits[place_in_link];
            let details = self
                .derive(node, peer, &currency, scale)
                .ok_or_else(|| ScenarioError::new(&place, &link.currency, &"no peering"))?;
            prefix = Some(details.prefix.clone());
            let mut peer = Peer::new(details, limit);
            if link.dialects[place_in_link] == Dialect::V17 {
                peer.dialect = Some(Dialect::V17);
                self.faults.older += 1;
            }
            self.input(node, Input::AddPeer(Box::new(peer)))
                .map_err(|error| ScenarioError::new(&place, error.code(), &error))?;
        }
        prefix.ok_or_else(|| ScenarioError::new(&place, "", &"no peering"))
    }

    /// What `node` derives of `other`'s record: the peering as WebFinger makes it, at scale 9.
    ///
    /// # Panics
    ///
    /// If `currency` is none.
    pub fn details(&self, node: usize, other: usize, currency: &str) -> Details {
        let code = CurrencyCode::new(currency).expect("a currency code");
        self.derive(node, other, &code, Scale::KIT)
            .expect("two different connectors")
    }

    fn derive(
        &self,
        node: usize,
        other: usize,
        currency: &CurrencyCode,
        scale: Scale,
    ) -> Option<Details> {
        let peer = &self.nodes[other];
        let host = Host::parse(&format!("{}.example", peer.name)).ok()?;
        let rpc = RpcUri::parse(&peer.config.rpc_uri, false).ok()?;
        let mut record = Record::new(&host, peer.config.public_key, rpc);
        record.protocol_version = Some(peer.config.protocol_version.clone());
        let terms = Terms {
            currency: currency.clone(),
            scale,
            limit: Amount::ZERO,
        };
        Details::from_webfinger(&self.nodes[node].secret, &record, &host, &terms).ok()
    }

    /// `node` adds `other` as a peer; `other` does nothing. The ledger between them.
    ///
    /// # Panics
    ///
    /// If they are peers already.
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
        self.input(node, Input::AddPeer(Box::new(peer)))
            .expect("no peers yet");
        prefix
    }

    /// Both add each other.
    pub fn peer(&mut self, one: usize, other: usize, currency: &str, limit: u64) -> LedgerPrefix {
        self.invite(one, other, currency, limit);
        self.invite(other, one, currency, limit)
    }

    /// `node` stops at once: what it was doing is lost, what it stored is not.
    pub fn stop(&mut self, node: usize) {
        let at = &mut self.nodes[node];
        if at.running {
            at.running = false;
            if at.lie.is_some() {
                // What it told or kept back is believed until it runs out.
                self.last_lied = self.now;
            }
            at.life += 1;
            self.faults.crashes += 1;
            if let Some(wake) = at.wake.take() {
                self.wakes.remove(&(wake, node));
            }
            self.open.retain(|(to, _), _| *to != node);
            self.reshaped();
            self.happened(What::Stopped { node });
        }
    }

    /// `node` starts again with what it stored. Nothing happens if it runs, or was removed.
    ///
    /// # Panics
    ///
    /// Never: it started before.
    pub fn start(&mut self, node: usize) {
        let now = self.now;
        let at = &mut self.nodes[node];
        if at.running || at.removed {
            return;
        }
        let local = at.clock.shows(now);
        at.connector = Connector::new(at.config.clone(), local).expect("it started before");
        at.running = true;
        at.journal.clear();
        let peers: Vec<Peer> = at.stored.values().cloned().collect();
        let ledgers = at.stored_ledgers();
        self.joined();
        self.happened(What::Started { node });
        for peer in peers {
            self.input(node, Input::RestorePeer(Box::new(peer)))
                .expect("it was stored");
        }
        for ledger in ledgers {
            self.input(node, ledger)
                .expect("its peer was stored before it");
        }
    }

    /// Takes `node` away for good: it stops, and all its peers remove it.
    pub fn remove(&mut self, node: usize) {
        self.stop(node);
        self.nodes[node].removed = true;
        self.faults.removed += 1;
        for other in 0..self.nodes.len() {
            for prefix in self.ledgers_between(other, node) {
                self.nodes[other].stored.remove(&prefix);
                self.nodes[other].ledgers.remove(&prefix);
                if self.nodes[other].running {
                    // It was stored, so the connector knows it.
                    let _ = self.input(other, Input::RemovePeer(prefix));
                }
            }
        }
    }

    /// Cuts the wire between two connectors.
    pub fn cut(&mut self, one: usize, other: usize) {
        if self.cut.insert((one.min(other), one.max(other))) {
            self.faults.cuts += 1;
            self.reshaped();
            self.happened(What::Cut { one, other });
        }
    }

    /// Mends it.
    pub fn mend(&mut self, one: usize, other: usize) {
        if self.cut.remove(&(one.min(other), one.max(other))) {
            self.joined();
            self.happened(What::Mended { one, other });
        }
    }

    /// Cuts every wire between `inside` and all others.
    pub fn part(&mut self, inside: &[usize]) {
        self.faults.partitions += 1;
        for one in inside {
            for other in (0..self.nodes.len()).filter(|other| !inside.contains(other)) {
                if !self.ledgers_between(*one, other).is_empty() {
                    self.cut(*one, other);
                }
            }
        }
    }

    /// Mends every wire.
    pub fn mend_all(&mut self) {
        for (one, other) in self.cut.clone() {
            self.mend(one, other);
        }
    }

    /// From now on `node` lies like this, or no more. What was believed stays until it runs out: stop it
    /// for as long as routes live to be rid of that.
    pub fn set_lie(&mut self, node: usize, lie: Option<Lie>) {
        if self.nodes[node].lie.is_some() {
            // What it told or kept back is believed until it runs out.
            self.last_lied = self.now;
        }
        match lie {
            Some(Lie::Skims) => self.faults.skimming += 1,
            Some(Lie::Wanders) => self.faults.wandering += 1,
            _ => {}
        }
        self.nodes[node].lie = lie;
        self.nodes[node].old.clear();
        self.last_disturbed = self.now;
    }

    /// `node` trusts its peer on the ledger `prefix` with `limit` from now on. Nothing happens while it
    /// is down.
    pub fn set_limit(
        &mut self,
        node: usize,
        prefix: &LedgerPrefix,
        limit: Amount,
    ) -> Result<(), Error> {
        self.change(node, Input::SetLimit(prefix.clone(), limit), |_| {})
    }

    /// `node` keeps another share from now on.
    pub fn set_spread(&mut self, node: usize, spread: Decimal) -> Result<(), Error> {
        self.change(node, Input::SetSpread(spread), |config| {
            config.routing.spread = spread;
        })
    }

    /// `node` trades at other rates from now on.
    pub fn set_rates(&mut self, node: usize, rates: Rates) -> Result<(), Error> {
        self.change(node, Input::SetRates(rates.clone()), |config| {
            config.rates = rates;
        })
    }

    /// Changes what a running connector is told, and what it will start with again.
    fn change(
        &mut self,
        node: usize,
        input: Input,
        keep: impl FnOnce(&mut Config),
    ) -> Result<(), Error> {
        if self.nodes[node].running {
            self.input(node, input)?;
            keep(&mut self.nodes[node].config);
            self.faults.changes += 1;
            self.last_disturbed = self.now;
        }
        Ok(())
    }

    /// What every running connector shows of itself, by its place.
    pub fn snapshots(&self) -> Vec<(usize, SnapshotView)> {
        let running = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.running);
        running
            .map(|(place, node)| (place, node.connector.snapshot()))
            .collect()
    }

    /// How `node` sees its peering on the ledger `prefix`; none if it has none there.
    pub fn state(&self, node: usize, prefix: &LedgerPrefix) -> Option<PeerState> {
        let view = self.nodes[node].connector.peer_view(prefix)?;
        Some(view.state)
    }

    /// The route of `node` from `source` to exactly `target`, if there is one.
    pub fn route(&self, node: usize, source: &str, target: &str) -> Option<RouteView> {
        let connector = &self.nodes[node].connector;
        let routes = connector.routes(Some(source), Some(target)).routes;
        routes
            .into_iter()
            .find(|route| route.target_prefix == target)
    }

    /// The ways of `node` from its first own ledger to exactly `target`.
    pub fn ways(&self, node: usize, target: &str) -> Vec<CandidateView> {
        let own = format!("example.{}.", self.nodes[node].name);
        self.route(node, &own, target)
            .map_or_else(Vec::new, |route| route.candidates)
    }
}

/// A configuration without ledgers, and the secret that goes with it.
fn blank(name: &str) -> (Config, SecretKey) {
    let secret = SecretKey::from_bytes(format!("the secret of {name}").as_bytes());
    let mut config = Config::new(&format!("https://{name}.example"), secret.public_key());
    config.title = Some(name.to_owned());
    (config, secret)
}

fn own_ledger(prefix: LedgerPrefix, currency: CurrencyCode, account: IlpAddress) -> OwnLedger {
    OwnLedger {
        prefix,
        currency,
        scale: Scale::KIT,
        account,
    }
}
