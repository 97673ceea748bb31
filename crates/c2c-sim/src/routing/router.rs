//! One router: its tables, whom it peers with, and what it tells them.

use std::collections::BTreeMap;

use c2c::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use c2c::amount::{Amount, Scale};
use c2c::broadcast::{Incoming, IncomingSettings, Outgoing, OutgoingSettings};
use c2c::connector::{Decimal, Rates};
use c2c::curve::PairTerms;
use c2c::message::RoutingUpdate;
use c2c::table::{Room, Settings, Side, Tables, Terms, Trade};
use c2c::timestamp::{Millis, Timestamp};

use crate::{ConnectorSpec, ScenarioError};

/// As `c2c::connector::Routing` has it.
const MIN_MESSAGE_WINDOW: Millis = Millis(1_000);

/// Whoever routes.
#[derive(Debug)]
pub(super) struct Router {
    pub(super) name: String,
    pub(super) spec: ConnectorSpec,
    pub(super) spread: Decimal,
    pub(super) interval: Millis,
    pub(super) removed: bool,
    pub(super) wake: Option<Timestamp>,
    pub(super) tables: Tables,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    pub(super) peers: BTreeMap<LedgerPrefix, Peer>,
    own: Vec<(LedgerPrefix, IlpAddress, CurrencyCode)>,
    rates: Rates,
}

/// A peer of a router.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) place: usize,
    pub(super) currency: CurrencyCode,
    /// Its account on the ledger between the two.
    pub(super) account: IlpAddress,
    /// When it last took an update.
    pub(super) last_reached: Timestamp,
    /// Whether it took the last one.
    pub(super) is_up: bool,
    ours: IlpAddress,
    scale: Scale,
    /// How much may come in from it and go out to it.
    limits: [Amount; 2],
}

impl Router {
    pub(super) fn new(spec: &ConnectorSpec) -> Result<Self, ScenarioError> {
        let place = format!("connector {}", spec.name);
        let wrong = |value: &str, reason: &str| ScenarioError::new(&place, value, &reason);
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if spec.name.is_empty() || spec.name.len() > 40 || !spec.name.chars().all(is_name) {
            let reason = "a name has 1 to 40 small letters, digits and hyphens";
            return Err(wrong(&spec.name, reason));
        }
        if spec.interval_ms == 0 {
            return Err(wrong("0", "an interval is at least 1 ms"));
        }
        let decimal = |text: &str| {
            let read = text.parse::<Decimal>();
            read.map_err(|error| wrong(text, &error.to_string()))
        };
        let code = |text: &str| {
            let read = CurrencyCode::new(text);
            read.map_err(|error| wrong(text, &error.to_string()))
        };
        let spread = decimal(&spec.spread)?;
        if spread.numerator() >= spread.denominator() {
            return Err(wrong(&spec.spread, "a spread is below 1"));
        }
        let mut rates = Rates::default();
        for rate in &spec.rates {
            rates
                .set(code(&rate.from)?, code(&rate.to)?, decimal(&rate.rate)?)
                .map_err(|error| wrong(&rate.rate, &error.to_string()))?;
        }
        let interval = Millis(spec.interval_ms);
        let mut router = Self {
            name: spec.name.clone(),
            spec: spec.clone(),
            spread,
            interval,
            removed: false,
            wake: None,
            tables: Tables::new(Settings::default()),
            incoming: Incoming::new(IncomingSettings::default()),
            outgoing: Outgoing::new(OutgoingSettings {
                interval,
                hold_down: Millis(spec.interval_ms.saturating_mul(3) / 2),
                ..OutgoingSettings::default()
            }),
            peers: BTreeMap::new(),
            own: Vec::new(),
            rates,
        };
        for (text, currency) in spec.ledgers().iter().zip(&spec.currencies) {
            let ledger = LedgerPrefix::new(text);
            let ledger = ledger.map_err(|error| wrong(text, &error.to_string()))?;
            let account = ledger.account("connector");
            let account = account.map_err(|error| wrong(text, &error.to_string()))?;
            router.tables.add_ledger(&ledger, &account);
            router.own.push((ledger, account, code(currency)?));
        }
        router.trade();
        Ok(router)
    }

    /// A peer is there, and is told from `tells_from` on. What is wrong with it, in words.
    pub(super) fn open(
        &mut self,
        now: Timestamp,
        tells_from: Timestamp,
        (place, name): (usize, &str),
        ledger: &LedgerPrefix,
        (currency, scale): (CurrencyCode, Scale),
        limits: [Amount; 2],
    ) -> Result<(), String> {
        let account = |name: &str| ledger.account(name).map_err(|error| error.to_string());
        let peer = Peer {
            place,
            currency,
            account: account(name)?,
            last_reached: now,
            is_up: false,
            ours: account(&self.name)?,
            scale,
            limits,
        };
        self.tables.add_ledger(ledger, &peer.ours);
        self.peers.insert(ledger.clone(), peer);
        self.outgoing.add_peer(ledger.clone(), tells_from);
        self.trade();
        Ok(())
    }

    /// A peer is gone, and everything that it told.
    pub(super) fn close(&mut self, ledger: &LedgerPrefix) {
        if let Some(peer) = self.peers.remove(ledger) {
            if !self.tables.remove_next_hop(&peer.account).is_empty() {
                self.outgoing.urge();
            }
            self.tables.remove_ledger(ledger);
            self.incoming.remove_peer(&peer.account);
            self.outgoing.remove_peer(ledger);
            self.trade();
        }
    }

    /// Routes that ran out go, and peers whose turn it is are told: how many destinations were lost, and the
    /// updates.
    pub(super) fn turn(&mut self, now: Timestamp) -> (usize, Vec<(LedgerPrefix, RoutingUpdate)>) {
        if self.removed {
            return (0, Vec::new());
        }
        let lost = self.tables.remove_expired(now).len();
        if lost > 0 {
            self.outgoing.urge();
        }
        let mut updates = Vec::new();
        for ledger in self.outgoing.due(now) {
            if let Some(update) = self.outgoing.next(now, &self.tables, &ledger) {
                updates.push((ledger, update));
            }
        }
        let settled = self.outgoing.settled(&self.tables);
        self.tables.forget_lost(settled);
        (lost, updates)
    }

    /// When it next has something to do.
    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        // A route lives up to and including its end.
        let expiry = self.tables.next_expiry().map(|end| end + Millis(1));
        let due = self.outgoing.next_due().into_iter().chain(expiry).min();
        due.filter(|_| !self.removed)
    }

    /// Has the tables know by which rule its ledgers trade, and how much room there is on each.
    pub(super) fn trade(&mut self) {
        let mut kinds: Vec<(CurrencyCode, Scale)> = Vec::new();
        let mut number = |currency: &CurrencyCode, scale: Scale| {
            let kind = (currency.clone(), scale);
            let known = kinds.iter().position(|known| *known == kind);
            known.unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            })
        };
        let mut sides = Vec::new();
        for (ledger, account, currency) in &self.own {
            sides.push(Side {
                ledger: ledger.clone(),
                account: account.clone(),
                kind: number(currency, Scale::KIT),
                receives: Room::Any,
                pays: Room::Any,
            });
        }
        for (ledger, peer) in &self.peers {
            sides.push(Side {
                ledger: ledger.clone(),
                account: peer.ours.clone(),
                kind: number(&peer.currency, peer.scale),
                receives: Room::Most(peer.limits[0].units()),
                pays: Room::Most(peer.limits[1].units()),
            });
        }
        let mut terms = BTreeMap::new();
        for (from, source) in kinds.iter().enumerate() {
            for (to, destination) in kinds.iter().enumerate() {
                let Some(rate) = self.rates.get(&source.0, &destination.0) else {
                    continue;
                };
                let spread = self.spread;
                let pair = PairTerms::new(rate.ratio(), spread.ratio(), source.1, destination.1);
                let shift =
                    !(rate == Decimal::ONE && spread.is_zero() && source.1 == destination.1);
                if let Ok(pair) = pair {
                    terms.insert((from, to), Terms { terms: pair, shift });
                }
            }
        }
        let trade = Trade {
            terms,
            min_message_window: MIN_MESSAGE_WINDOW,
        };
        let change = self.tables.set_trade(trade, sides);
        if change.gained || change.lost {
            self.outgoing.urge();
        }
    }
}
