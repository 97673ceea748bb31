//! Routing tables: what was heard, joined with our own pairs of ledgers.
//!
//! What a peer announces is kept once, as it was heard. A route from one of our ledgers is that
//! joined with the pair that leads from the ledger to the peer's, and is made when somebody asks. So
//! a changed curve, of a peer or of our own, costs what it costs to keep it, a heartbeat moves one
//! instant, and a table holds no copy of a curve for each ledger that money may come from.
//!
//! # Invariants
//! - A route passes no ledger twice, over any of its alternative paths.
//! - Where a pair leads straight to a ledger, no route takes the way through another of our accounts.
//! - No route lives longer than its peer said, but for configured ones, which do not run out.
//! - Every change gets a higher [`Version`] than all before it; [`Tables::changed_since`] lists what
//!   changed and nothing else.
//!
//! # From 10.1.0
//! With [`Settings::as_reference`] the results are those of ilp-routing 10.1.0 without its faults
//! (`self-hop`, `skips-while-removing`, `static-routes-expire`, `empty-curve`, `applies-to-hang`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Point, Rounding};
use crate::route::{Paths, Prefix};
use crate::timestamp::{Millis, Timestamp};

mod applies_to;
mod best_hop;
mod candidates;
mod changes;
mod combined;
mod expiry;
mod pairs;
mod prefix_map;
#[cfg(test)]
mod tests;
mod why;

// What the children share goes through here; none of them knows another.
use best_hop::Worth;
use candidates::Way;

pub use best_hop::{Asked, BestHop, NoHop};
pub use candidates::Candidate;
pub use changes::Version;
pub use combined::{Combined, Section};
pub use pairs::{LocalPair, PairsChange};
pub use prefix_map::{PrefixMap, Slot};
pub use why::{ExplainedSection, Explanation, Rejected, Rejection, Standing, compare, sentence};

/// How tables round and choose, and what they take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How curves are joined and combined: soundly, or as 10.1.0 did.
    pub rounding: Rounding,
    /// Whether a route that cannot carry the source amount is left out before lengths are compared.
    ///
    /// DIFFERENCE: 10.1.0 leaves such routes out by destination amount only.
    pub leave_out_full: bool,
    /// Whether a route stays for those of our ledgers from which its replacement would go in a circle.
    ///
    /// DIFFERENCE: it does in 10.1.0, though the peer does not stand by it any more.
    pub keep_replaced: bool,
    /// The most ledgers that one path may name.
    pub max_path: usize,
    /// The most alternative paths of one route.
    pub max_paths: usize,
    /// The most routes that one peer may keep here.
    pub max_routes_per_peer: usize,
    /// The most bytes that the routes of one peer may take here, about.
    pub max_bytes_per_peer: usize,
}

impl Settings {
    /// As 10.1.0 rounded and chose.
    pub fn as_reference() -> Self {
        Self {
            rounding: Rounding::Reference,
            leave_out_full: false,
            keep_replaced: true,
            ..Self::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rounding: Rounding::Sound,
            leave_out_full: true,
            keep_replaced: false,
            max_path: 64,
            max_paths: 64,
            max_routes_per_peer: 1_000_000,
            max_bytes_per_peer: 512 << 20,
        }
    }
}

/// Which of the two sets of tables is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// Our pairs as they are: for payments and quotes.
    Local,
    /// Our pairs shifted by one source unit: for what is told to others.
    Public,
}

/// A route as a peer announces it, or as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardRoute {
    /// The ledger between us and the one who announces it.
    pub source_ledger: LedgerPrefix,
    /// Where it leads; addresses under it take it.
    pub prefix: Prefix,
    /// What comes out for what goes in on `source_ledger`; none if quotes must be asked for.
    pub curve: Option<Curve>,
    /// The time that its hops need between their expiries.
    pub min_message_window: Millis,
    /// The ledgers between.
    pub paths: Paths,
    /// The account of the one who announces it: the next hop.
    pub source_account: IlpAddress,
}

/// How long a route lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as it is configured: no heartbeat gives it an end.
    Configured,
    /// Until then, unless a heartbeat says otherwise.
    Until(Timestamp),
}

/// What adding a route did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Whether some ledger of ours got a way to the prefix through this hop that it had not before.
    pub is_new: bool,
    /// Whether curve, window or paths differ from what was there.
    pub changed: bool,
    /// Whether any of our ledgers can use it now. It is kept if not: our balances may change.
    pub usable: bool,
}

/// Why a route was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// No pair of ours leads to its source ledger.
    NoWayTo,
    /// It passes a ledger twice, or every ledger of ours that leads to it.
    Loop,
    /// One of its paths names more ledgers than are taken.
    PathTooLong {
        /// How many.
        ledgers: usize,
        /// How many are taken.
        most: usize,
    },
    /// It has more alternative paths than are taken.
    TooManyPaths {
        /// How many.
        paths: usize,
        /// How many are taken.
        most: usize,
    },
    /// The peer has as many routes here as one may have.
    TooManyRoutes {
        /// How many are taken.
        most: usize,
    },
    /// The peer's routes, with their curves and paths, take as many bytes as one peer may have here.
    TooManyBytes {
        /// How many that is.
        most: usize,
    },
}

impl fmt::Display for NotAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWayTo => write!(f, "no pair of our ledgers leads to its source ledger"),
            Self::Loop => write!(f, "it would lead in a circle: it passes a ledger twice"),
            Self::PathTooLong { ledgers, most } => {
                write!(
                    f,
                    "a path names {ledgers} ledgers; at most {most} are taken"
                )
            }
            Self::TooManyPaths { paths, most } => {
                write!(
                    f,
                    "it has {paths} alternative paths; at most {most} are taken"
                )
            }
            Self::TooManyRoutes { most } => {
                write!(
                    f,
                    "the peer has {most} routes here already, the most that are taken"
                )
            }
            Self::TooManyBytes { most } => {
                write!(
                    f,
                    "with it the peer's routes would take over {most} bytes, the most that are kept"
                )
            }
        }
    }
}

impl std::error::Error for NotAdded {}

/// A prefix to which some ledger of ours has no way any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The ledger of ours.
    pub source_ledger: LedgerPrefix,
    /// What cannot be reached from it.
    pub prefix: Prefix,
}

/// The routing tables of one connector: both views of them.
///
/// ```
/// use c2c::address::LedgerPrefix;
/// use c2c::curve::Curve;
/// use c2c::route::{Paths, Prefix};
/// use c2c::table::{HeardRoute, Lifetime, LocalPair, Settings, Tables, View};
/// use c2c::timestamp::{Millis, Timestamp};
///
/// let (ours, peer) = (LedgerPrefix::new("example.a.")?, LedgerPrefix::new("peer.k3x9Q.usd.9.")?);
/// let mut tables = Tables::new(Settings::default());
/// tables.set_local_pairs(vec![LocalPair {
///     source_ledger: ours.clone(),
///     destination_ledger: peer.clone(),
///     source_account: ours.account("me")?,
///     destination_account: peer.account("me")?,
///     curve: Curve::from_points([(0, 0), (1000, 998)])?,
///     shift: true,
///     min_message_window: Millis(1000),
/// }]);
/// let heard = HeardRoute {
///     source_ledger: peer.clone(),
///     prefix: Prefix::new("example.b.")?,
///     curve: Some(Curve::from_points([(0, 0), (500, 400)])?),
///     min_message_window: Millis(1000),
///     paths: Paths::DIRECT,
///     source_account: peer.account("bob")?,
/// };
/// tables.add_route(heard, Lifetime::Until(Timestamp::from_millis(45_000)))?;
/// let hop = tables.best_hop_for_source_amount(View::Local, "example.a.me", "example.b.x", 100)?;
/// assert_eq!((hop.next_hop.as_str(), hop.amount), ("peer.k3x9Q.usd.9.bob", Some(79)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tables {
    settings: Settings,
    ledgers: Vec<Ledger>,
    ledger_ids: PrefixMap<LedgerId>,
    /// `pairs[source][destination]`.
    pairs: Vec<Vec<Option<Pair>>>,
    /// `heads[source][destination]`: the ways from one of our ledgers to another, shortest only.
    heads: Vec<Vec<Heads>>,
    hops: Vec<Hop>,
    hop_ids: BTreeMap<IlpAddress, HopId>,
    destinations: PrefixMap<Destination>,
    version: u64,
    log: VecDeque<(u64, Slot)>,
    /// The log tells nothing of changes up to here.
    forgotten: u64,
}

type LedgerId = u32;
type HopId = u32;

#[derive(Clone, Debug)]
struct Ledger {
    prefix: LedgerPrefix,
    account: IlpAddress,
}

#[derive(Clone, Debug)]
struct Pair {
    local: Curve,
    public: Curve,
    window: Millis,
    /// Its place in the list of pairs.
    listed: usize,
}

/// The ways from a ledger to another, and when one of them last changed.
#[derive(Clone, Debug, Default)]
struct Heads {
    /// In the order of 10.1.0's tables by next ledger: what was heard over them comes in this order.
    ways: Vec<Head>,
    /// Their places in the order in which the pairs at their ends are listed: so they come themselves.
    listed: Vec<usize>,
    changed: u64,
}

/// A way over pairs of ours: the ledgers passed, the source not counted, the last one its end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    ledgers: Box<[LedgerId]>,
}

/// One who announces routes.
#[derive(Clone, Debug)]
struct Hop {
    account: IlpAddress,
    /// Until when what was known at the heartbeat numbered `beat` lives.
    until: Timestamp,
    beat: u32,
    /// No route of this hop runs out before then.
    earliest: Timestamp,
    slots: BTreeSet<Slot>,
    /// What its routes take, about.
    bytes: usize,
}

/// What is known of one prefix.
#[derive(Clone, Debug, Default)]
struct Destination {
    /// In the order in which the hops were first heard; a replaced one keeps its place.
    heard: Vec<Heard>,
    /// Set if the prefix is a ledger of ours.
    own: Option<LedgerId>,
    /// The version of the last change.
    changed: u64,
}

#[derive(Clone, Debug)]
struct Heard {
    curve: Option<Curve>,
    paths: Paths,
    window: Millis,
    ledger: LedgerId,
    hop: HopId,
    /// Until when, as of the heartbeat numbered `beat`; the last heartbeat counts if it came later.
    until: Timestamp,
    beat: u32,
    configured: bool,
    /// Whether it counts only where no newer one of the same hop, which stands before it, does.
    replaced: bool,
    /// The ledgers of ours that it passes or ends at. Nearly always none, which takes no memory.
    passes: Box<[LedgerId]>,
}

impl Tables {
    /// Tables without any ledger.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ledgers: Vec::new(),
            ledger_ids: PrefixMap::default(),
            pairs: Vec::new(),
            heads: Vec::new(),
            hops: Vec::new(),
            hop_ids: BTreeMap::new(),
            destinations: PrefixMap::default(),
            version: 0,
            log: VecDeque::new(),
            forgotten: 0,
        }
    }

    /// How these tables round and choose.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many prefixes something is known of.
    pub fn destinations(&self) -> usize {
        self.destinations.len()
    }

    /// Keeps `route`, in place of what the same hop announced to the same prefix before.
    ///
    /// A replacement that is refused still takes away what it was to replace: the peer does not
    /// stand by the old one any more (see [`Settings::keep_replaced`]).
    pub fn add_route(&mut self, route: HeardRoute, lifetime: Lifetime) -> Result<Added, NotAdded> {
        let heard = match self.check(&route, lifetime) {
            Ok(heard) => heard,
            Err(error) => {
                if !self.settings.keep_replaced {
                    self.remove_route(&route.source_account, route.prefix.as_str());
                }
                return Err(error);
            }
        };
        let slot = match self.destinations.get(route.prefix.as_str()) {
            Some(slot) => slot,
            None => self
                .destinations
                .insert(route.prefix, Destination::default()),
        };
        let hop = &mut self.hops[heard.hop as usize];
        hop.slots.insert(slot);
        if !heard.configured {
            hop.earliest = hop.earliest.min(heard.until);
        }
        let place = self.destinations.value(slot).heard.iter().position(|old| {
            old.hop == heard.hop && old.configured == heard.configured && !old.replaced
        });
        let (is_new, changed) = match place {
            None => (self.is_usable(&heard), true),
            Some(place) => {
                let old = &self.destinations.value(slot).heard[place];
                let same_ways = old.ledger == heard.ledger
                    && old.passes == heard.passes
                    && starts_at(old) == starts_at(&heard);
                let changed = old.curve != heard.curve
                    || old.window != heard.window
                    || old.paths != heard.paths
                    || old.ledger != heard.ledger;
                (!same_ways && self.gains(old, &heard), changed)
            }
        };
        let usable = is_new || self.is_usable(&heard);
        if self.settings.keep_replaced
            && let Some(place) = place
        {
            self.keep_replaced(slot, place, &heard);
        }
        let bytes = bytes_of(
            self.destinations.prefix(slot),
            heard.curve.as_ref(),
            &heard.paths,
        );
        self.hops[heard.hop as usize].bytes += bytes;
        let heards = &mut self.destinations.value_mut(slot).heard;
        match place {
            Some(place) => {
                let old = std::mem::replace(&mut heards[place], heard);
                self.give_back(slot, &old);
            }
            None => heards.push(heard),
        }
        if changed {
            self.touch(slot);
        }
        Ok(Added {
            is_new,
            changed,
            usable,
        })
    }

    /// Keeps what stands at `place` behind `heard`, which replaces it, for the ledgers that can use
    /// only the old one.
    fn keep_replaced(&mut self, slot: Slot, place: usize, heard: &Heard) {
        let old = &self.destinations.value(slot).heard[place];
        if self.gains(heard, old) {
            let old = Heard {
                replaced: true,
                ..old.clone()
            };
            let bytes = bytes_of(
                self.destinations.prefix(slot),
                old.curve.as_ref(),
                &old.paths,
            );
            self.hops[old.hop as usize].bytes += bytes;
            self.destinations
                .value_mut(slot)
                .heard
                .insert(place + 1, old);
        }
    }

    /// Takes away what `account` announced to exactly `prefix`, and tells what is lost by it. What
    /// is configured stays.
    pub fn remove_route(&mut self, account: &IlpAddress, prefix: &str) -> Vec<Lost> {
        let mut lost = Vec::new();
        if let Some(hop) = self.hop_ids.get(account).copied()
            && let Some(slot) = self.destinations.get(prefix)
        {
            self.remove_heard(
                slot,
                |heard| heard.hop == hop && !heard.configured,
                &mut lost,
            );
        }
        lost
    }

    /// Takes away everything that `account` announced, configured routes excepted.
    pub fn remove_peer(&mut self, account: &IlpAddress) -> Vec<Lost> {
        self.remove_hop(account, false)
    }

    /// Takes away every route through `account`, configured ones too.
    pub fn remove_next_hop(&mut self, account: &IlpAddress) -> Vec<Lost> {
        self.remove_hop(account, true)
    }

    fn remove_hop(&mut self, account: &IlpAddress, configured: bool) -> Vec<Lost> {
        let mut lost = Vec::new();
        if let Some(hop) = self.hop_ids.get(account).copied() {
            let slots: Vec<Slot> = self.hops[hop as usize].slots.iter().copied().collect();
            for slot in slots {
                let gone = |heard: &Heard| heard.hop == hop && (configured || !heard.configured);
                self.remove_heard(slot, gone, &mut lost);
            }
        }
        lost
    }

    /// Takes what `gone` names out of `slot`.
    fn remove_heard(&mut self, slot: Slot, gone: impl Fn(&Heard) -> bool, lost: &mut Vec<Lost>) {
        let destination = self.destinations.value_mut(slot);
        if !destination.heard.iter().any(&gone) {
            return;
        }
        let (removed, kept): (Vec<Heard>, Vec<Heard>) = std::mem::take(&mut destination.heard)
            .into_iter()
            .partition(gone);
        destination.heard = kept;
        for heard in &removed {
            self.give_back(slot, heard);
            if !self
                .destinations
                .value(slot)
                .heard
                .iter()
                .any(|other| other.hop == heard.hop)
            {
                self.hops[heard.hop as usize].slots.remove(&slot);
            }
        }
        for source in 0..self.ledgers.len() {
            let had = removed.iter().any(|heard| self.leads(source, heard));
            if had && !self.has_way(source, slot) {
                lost.push(Lost {
                    source_ledger: self.ledgers[source].prefix.clone(),
                    prefix: self.destinations.prefix(slot).clone(),
                });
            }
        }
        self.touch(slot);
    }

    /// The hop of `heard`, which was kept at `slot`, has as much room again.
    fn give_back(&mut self, slot: Slot, heard: &Heard) {
        let bytes = bytes_of(
            self.destinations.prefix(slot),
            heard.curve.as_ref(),
            &heard.paths,
        );
        let hop = &mut self.hops[heard.hop as usize];
        hop.bytes = hop.bytes.saturating_sub(bytes);
    }

    /// Whether some ledger of ours can use `heard`.
    fn is_usable(&self, heard: &Heard) -> bool {
        (0..self.ledgers.len()).any(|source| self.leads(source, heard))
    }

    /// Whether some ledger of ours can use `new` that could not use `old`.
    fn gains(&self, old: &Heard, new: &Heard) -> bool {
        (0..self.ledgers.len()).any(|source| self.leads(source, new) && !self.leads(source, old))
    }

    /// Whether there is any way from the ledger `source` to `slot`.
    fn has_way(&self, source: usize, slot: Slot) -> bool {
        let destination = self.destinations.value(slot);
        let own = destination
            .own
            .is_some_and(|own| !self.heads[source][own as usize].ways.is_empty());
        own || destination
            .heard
            .iter()
            .any(|heard| self.leads(source, heard))
    }

    /// Whether `heard` can be used from the ledger `source`.
    fn leads(&self, source: usize, heard: &Heard) -> bool {
        self.heads[source][heard.ledger as usize]
            .ways
            .iter()
            .any(|head| self.joins(source, head, heard))
    }

    /// Whether `head`, which leads from `source` to the ledger of `heard`, may be joined with it: no
    /// ledger twice, and something that gets through the first gets into the second.
    fn joins(&self, source: usize, head: &Head, heard: &Heard) -> bool {
        let twice = heard
            .passes
            .iter()
            .any(|ledger| *ledger as usize == source || head.ledgers.contains(ledger));
        !twice && starts_at(heard).is_none_or(|least| least <= self.most_through(source, head))
    }

    /// The most that comes out at the end of `head`.
    fn most_through(&self, source: usize, head: &Head) -> u64 {
        let mut from = source;
        let mut amount = None;
        for ledger in &head.ledgers {
            if let Some(pair) = &self.pairs[from][*ledger as usize] {
                let end = pair.local.capacity();
                amount = Some(amount.map_or(end.y, |amount| pair.local.amount_at(amount)));
            }
            from = *ledger as usize;
        }
        amount.unwrap_or(0)
    }

    fn check(&mut self, route: &HeardRoute, lifetime: Lifetime) -> Result<Heard, NotAdded> {
        let most = &self.settings;
        if route.paths.longest() > most.max_path {
            return Err(NotAdded::PathTooLong {
                ledgers: route.paths.longest(),
                most: most.max_path,
            });
        }
        if route.paths.count() > most.max_paths {
            return Err(NotAdded::TooManyPaths {
                paths: route.paths.count(),
                most: most.max_paths,
            });
        }
        let ledger = self
            .ledger_id(route.source_ledger.as_str())
            .ok_or(NotAdded::NoWayTo)?;
        let circular = route.prefix.as_str() == route.source_ledger.as_str()
            || route.paths.ledgers().any(|passed| {
                passed.as_str() == route.prefix.as_str()
                    || passed.as_str() == route.source_ledger.as_str()
            });
        let passes = self.passes(&route.prefix, &route.paths);
        let mut ways = (0..self.ledgers.len()).flat_map(|source| {
            let ways = &self.heads[source][ledger as usize].ways;
            ways.iter().map(move |head| (source, head))
        });
        let blocks = |(source, head): (usize, &Head)| {
            passes
                .iter()
                .any(|passed| *passed as usize == source || head.ledgers.contains(passed))
        };
        // Where nothing leads to its ledger for now, it is kept until something does.
        let everywhere = ways
            .next()
            .is_some_and(|way| blocks(way) && ways.all(blocks));
        if circular || everywhere {
            return Err(NotAdded::Loop);
        }
        let hop = self.hop_id(&route.source_account);
        let most = self.settings.max_routes_per_peer;
        let known = &self.hops[hop as usize];
        if known.slots.len() >= most
            && !self
                .destinations
                .get(route.prefix.as_str())
                .is_some_and(|slot| known.slots.contains(&slot))
        {
            return Err(NotAdded::TooManyRoutes { most });
        }
        let most = self.settings.max_bytes_per_peer;
        let adds = bytes_of(&route.prefix, route.curve.as_ref(), &route.paths);
        let replaces: usize = self
            .destinations
            .get(route.prefix.as_str())
            .map_or(0, |slot| {
                let heards = self.destinations.value(slot).heard.iter();
                heards
                    .filter(|heard| heard.hop == hop)
                    .map(|heard| bytes_of(&route.prefix, heard.curve.as_ref(), &heard.paths))
                    .sum()
            });
        if known.bytes.saturating_sub(replaces).saturating_add(adds) > most {
            return Err(NotAdded::TooManyBytes { most });
        }
        let beat = known.beat;
        let (configured, until) = match lifetime {
            Lifetime::Configured => (true, Timestamp::from_millis(u64::MAX)),
            Lifetime::Until(until) => (false, until),
        };
        Ok(Heard {
            curve: route.curve.clone(),
            paths: route.paths.clone(),
            window: route.min_message_window,
            ledger,
            hop,
            until,
            beat,
            configured,
            replaced: false,
            passes,
        })
    }

    /// The ledgers of ours at `prefix` or on `paths`.
    fn passes(&self, prefix: &Prefix, paths: &Paths) -> Box<[LedgerId]> {
        let mut passes: Vec<LedgerId> = self.ledger_id(prefix.as_str()).into_iter().collect();
        if !paths.is_direct() {
            passes.extend(
                paths
                    .ledgers()
                    .filter_map(|ledger| self.ledger_id(ledger.as_str())),
            );
            passes.sort_unstable();
            passes.dedup();
        }
        passes.into()
    }

    fn ledger_id(&self, prefix: &str) -> Option<LedgerId> {
        self.ledger_ids
            .get(prefix)
            .map(|slot| *self.ledger_ids.value(slot))
    }

    /// The ledger of ours on which `address` is.
    fn ledger_of(&self, address: &str) -> Option<usize> {
        self.ledger_ids
            .longest(address, |_| true)
            .map(|slot| *self.ledger_ids.value(slot) as usize)
    }

    fn hop_id(&mut self, account: &IlpAddress) -> HopId {
        if let Some(id) = self.hop_ids.get(account) {
            return *id;
        }
        let id = HopId::try_from(self.hops.len()).unwrap_or(HopId::MAX);
        self.hops.push(Hop {
            account: account.clone(),
            until: Timestamp::default(),
            beat: 0,
            earliest: Timestamp::from_millis(u64::MAX),
            slots: BTreeSet::new(),
            bytes: 0,
        });
        self.hop_ids.insert(account.clone(), id);
        id
    }

    fn expires_at(&self, heard: &Heard) -> Option<Timestamp> {
        let hop = &self.hops[heard.hop as usize];
        let until = if hop.beat != heard.beat {
            hop.until
        } else {
            heard.until
        };
        (!heard.configured).then_some(until)
    }
}

/// What a route takes here, about.
fn bytes_of(prefix: &Prefix, curve: Option<&Curve>, paths: &Paths) -> usize {
    const ITSELF: usize = 256;
    let points = curve.map_or(0, |curve| curve.points().len());
    let path: usize = paths
        .ledgers()
        .map(|ledger| ledger.as_str().len() + 32)
        .sum();
    ITSELF + prefix.as_str().len() + points * size_of::<Point>() + path
}

/// The least amount that `heard` takes.
fn starts_at(heard: &Heard) -> Option<u64> {
    heard.curve.as_ref().map(|curve| curve.origin().x)
}

/// `curve` up to the source amount `end`; none if it starts only behind.
fn ended_at(curve: &Curve, end: u64) -> Option<Curve> {
    if curve.capacity().x <= end {
        return Some(curve.clone());
    }
    if end < curve.origin().x {
        return None;
    }
    let before = curve.points().iter().copied().filter(|point| point.x < end);
    let last = Point {
        x: end,
        y: curve.amount_at(end),
    };
    // In order: all before lie below the end, and a curve never falls.
    Curve::from_points(before.chain([last])).ok()
}
