//! How a connector is set up, with the defaults of 2017.

use std::collections::BTreeSet;

use crate::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::Scale;
use crate::broadcast::TooGoodPolicy;
use crate::key::{PublicKey, SecretKey};
use crate::timestamp::Millis;

use super::{Decimal, Error, Rates};

/// Everything that a connector is told at its start and does not change while it runs, rates apart.
#[derive(Clone, Debug)]
pub struct Config {
    /// The public base URL: the subject of the host record.
    pub url: String,
    /// A name to show.
    pub title: Option<String>,
    /// The key to publish. The secret stays outside.
    pub public_key: PublicKey,
    /// What peers are told, such as `Compatible: ilp-kit v3.0.0`.
    pub protocol_version: String,
    /// Where peers send their calls.
    pub rpc_uri: String,
    /// Ledgers of our own.
    pub ledgers: Vec<OwnLedger>,
    /// What is traded, and at which rate.
    pub rates: Rates,
    /// Routes that nobody has to announce.
    pub static_routes: Vec<StaticRoute>,
    /// Intervals, margins and sizes.
    pub routing: Routing,
    /// What the ids of forwarded transfers are made with. Whoever knows it can take an id before us, so give
    /// a secret; and the same at each start, so that nothing is forwarded twice.
    pub id_secret: SecretKey,
}

impl Config {
    /// A connector without ledgers, rates and static routes, with the settings of 2017.
    pub fn new(url: &str, public_key: PublicKey) -> Self {
        Self {
            url: url.to_owned(),
            title: None,
            public_key,
            protocol_version: "Compatible: ilp-kit v3.0.0".to_owned(),
            rpc_uri: format!("{url}/rpc"),
            ledgers: Vec::new(),
            rates: Rates::default(),
            static_routes: Vec::new(),
            routing: Routing::default(),
            id_secret: SecretKey::from_bytes(public_key.as_bytes()),
        }
    }

    /// Our host without its scheme, as peers call us.
    pub(super) fn host(&self) -> &str {
        self.url
            .split_once("://")
            .map_or(&*self.url, |(_, host)| host)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for ledger in &self.ledgers {
            let prefix = || ledger.prefix.clone();
            if ledger.prefix.is_peer() {
                return Err(Error::WrongKindOfLedger { prefix: prefix() });
            }
            if !ledger.account.is_under(ledger.prefix.as_str()) {
                return Err(Error::AccountOffLedger {
                    prefix: prefix(),
                    account: ledger.account.to_string(),
                });
            }
            if !seen.insert(&ledger.prefix) {
                return Err(Error::DuplicateLedger { prefix: prefix() });
            }
        }
        for route in &self.static_routes {
            let target = &route.target_prefix;
            if !target.is_empty() && LedgerPrefix::new(target).is_err() {
                return Err(Error::UnsoundTarget {
                    target: target.clone(),
                });
            }
        }
        self.routing.check()
    }
}

/// A ledger of our own, on which we hold an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLedger {
    /// Its name. It does not start with `peer.`.
    pub prefix: LedgerPrefix,
    /// Its currency.
    pub currency: CurrencyCode,
    /// Base units per currency unit: 10^scale.
    pub scale: Scale,
    /// Our account on it.
    pub account: IlpAddress,
}

/// A route that is configured, without a curve: quotes for it are asked remotely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticRoute {
    /// Addresses under it take the route: a prefix that ends in a dot, or nothing for all addresses.
    pub target_prefix: String,
    /// The ledger of a peer that carries it.
    pub via: LedgerPrefix,
}

/// Intervals, margins and sizes. The default is that of ilp-connector 21.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// Between two broadcasts to a peer: 30 s.
    pub broadcast_interval: Millis,
    /// How long what we announce, and what we heard, stays good without another broadcast: 45 s.
    pub route_expiry: Millis,
    /// How much longer a source transfer lives than the next one: 1 s.
    pub min_message_window: Millis,
    /// The longest hold of a transfer: 10 s.
    pub max_hold_time: Millis,
    /// The share that is kept of every exchange: 0.002.
    pub spread: Decimal,
    /// The share by which a payment may fall short: 0.001.
    pub slippage: Decimal,
    /// The most points of a curve that is broadcast: 10.
    pub max_points: usize,
    /// Whether curves are broadcast at all: yes.
    pub broadcast_curves: bool,
    /// Whether the next ledger is put in front of the paths that are broadcast: yes.
    ///
    /// DIFFERENCE: ilp-connector 21 leaves it out, so that all routes from afar look equally long.
    pub full_paths: bool,
    /// The least time between two broadcasts that new and lost routes cause at once: 1 s.
    pub least_spacing: Millis,
    /// Whether new and lost routes wait for the interval too: no.
    pub hold_for_interval: bool,
    /// Between two questions to a peer for its full table: 10 min. 0: it is only asked when it is new or
    /// back.
    ///
    /// DIFFERENCE: ilp-connector 21.1.10 asks no more than once. Its own changes get lost where they happen
    /// while a broadcast is under way, and what ran out it withdraws from nobody; this mends both.
    pub full_table_interval: Millis,
    /// A curve that got better by no more than this many hundredths of a percent is not told again: 0, so
    /// that every change is. What got worse is always told.
    pub change_threshold: u64,
    /// Whether longer routes extend a curve past what the shortest ones carry, where they deliver more:
    /// no, which is the rule of the specification.
    pub extend_by_longer: bool,
    /// What happens to a route that pays more than our rates and all other routes explain: it is taken.
    pub too_good: TooGoodPolicy,
    /// By how much it may, in hundredths of a percent: 500.
    pub too_good_above: u64,
    /// What prefixes are hashed with: 0. Give a random number where strangers may announce prefixes of
    /// their choice. Nothing that can be seen depends on it.
    pub hash_seed: u64,
    /// How many bytes of what changed the tables are written down, to be played again: 0, which is
    /// nothing.
    pub journal_bytes: usize,
    /// How long a curve that we answer, or were answered, is good: 45 s.
    pub quote_expiry: Millis,
    /// How long a call to a peer may take: 5 s.
    ///
    /// DIFFERENCE: ilp-plugin-virtual 16 gives up after 2 s.
    pub call_timeout: Millis,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            broadcast_interval: Millis(30_000),
            route_expiry: Millis(45_000),
            min_message_window: Millis(1_000),
            max_hold_time: Millis(10_000),
            spread: Decimal::thousandths(2),
            slippage: Decimal::thousandths(1),
            max_points: 10,
            broadcast_curves: true,
            full_paths: true,
            least_spacing: Millis(1_000),
            hold_for_interval: false,
            full_table_interval: Millis(600_000),
            change_threshold: 0,
            extend_by_longer: false,
            too_good: TooGoodPolicy::Accept,
            too_good_above: 500,
            hash_seed: 0,
            journal_bytes: 0,
            quote_expiry: Millis(45_000),
            call_timeout: Millis(5_000),
        }
    }
}

impl Routing {
    fn check(&self) -> Result<(), Error> {
        if self.broadcast_interval.0 == 0 {
            return Err(Error::NoInterval);
        }
        if self.route_expiry <= self.broadcast_interval {
            return Err(Error::ExpiryWithinInterval {
                expiry: self.route_expiry,
                interval: self.broadcast_interval,
            });
        }
        for (setting, share) in [("spread", self.spread), ("slippage", self.slippage)] {
            check_share(setting, share)?;
        }
        if self.max_points < 2 {
            return Err(Error::TooFewPoints {
                points: self.max_points,
            });
        }
        Ok(())
    }
}

/// A share below 1.
pub(super) fn check_share(setting: &'static str, share: Decimal) -> Result<(), Error> {
    if share.numerator() >= share.denominator() {
        return Err(Error::ShareTooLarge { setting });
    }
    Ok(())
}
