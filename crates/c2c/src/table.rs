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

use std::collections::{BTreeMap, VecDeque};

use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Point, Rounding};
use crate::route::{Paths, Prefix};
use crate::timestamp::{Millis, Timestamp};

mod add;
mod applies_to;
mod best_hop;
mod candidates;
mod changes;
mod combined;
mod digest;
mod expiry;
mod heard_list;
mod pairs;
mod prefix_map;
mod reach;
mod remove;
mod slot_set;
#[cfg(test)]
mod tests;
mod too_good;
mod why;

// What the children share goes through here; none of them knows another.
use best_hop::Worth;
use candidates::Way;
use heard_list::HeardList;
use pairs::Pairs;
use slot_set::SlotSet;

pub use add::{Added, NotAdded};
pub use best_hop::{Asked, BestHop, NoHop};
pub use candidates::Candidate;
pub use changes::Version;
pub use combined::{Combined, Section};
pub use pairs::{LocalPair, PairsChange, Room, Side, Terms, Trade};
pub use prefix_map::{PrefixMap, Slot};
pub use remove::Lost;
pub use too_good::TooGood;
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
    /// Whether longer routes extend a combined curve past what the shortest ones carry, where they
    /// deliver more. Off: the rule of the specification, by which longer ones do not count.
    pub extend_by_longer: bool,
    /// The most ledgers that one path may name.
    pub max_path: usize,
    /// The most alternative paths of one route.
    pub max_paths: usize,
    /// The most routes that one peer may keep here.
    pub max_routes_per_peer: usize,
    /// The most bytes that the routes of one peer may take here, about.
    pub max_bytes_per_peer: usize,
    /// What prefixes are hashed with. Nothing that can be seen depends on it; one that strangers do not
    /// know keeps them from announcing prefixes that slow the tables down.
    pub hash_seed: u64,
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
            extend_by_longer: false,
            max_path: 64,
            max_paths: 64,
            max_routes_per_peer: 1_000_000,
            max_bytes_per_peer: 512 << 20,
            hash_seed: 0,
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
    pairs: Pairs,
    /// By ledger, the way that ends there after one pair, from wherever there is that pair.
    direct: Vec<Head>,
    /// By source and destination, the shortest ways over more than one pair.
    indirect: BTreeMap<(usize, usize), Heads>,
    hops: Vec<Hop>,
    hop_ids: BTreeMap<IlpAddress, HopId>,
    /// The hop that was asked for last.
    last_hop: HopId,
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
    begins: Beginning,
}

/// The first eight bytes of a text, the first one lowest, and ones where it has any. Most ledgers are
/// told apart by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beginning {
    bytes: u64,
    mask: u64,
}

impl Beginning {
    #[inline]
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        if let Some(eight) = bytes.first_chunk::<8>() {
            return Self {
                bytes: u64::from_le_bytes(*eight),
                mask: u64::MAX,
            };
        }
        let shift = |all: u64, byte: u8| all << 8 | u64::from(byte);
        Self {
            bytes: bytes.iter().rev().copied().fold(0, shift),
            mask: bytes.iter().fold(0, |all, _| shift(all, 0xff)),
        }
    }

    /// Whether all of this begins `other` too.
    #[inline]
    fn begins(self, other: Self) -> bool {
        (self.bytes ^ other.bytes) & self.mask == 0
    }
}

/// The ways from a ledger to another over more than one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heads {
    /// In the order of 10.1.0's tables by next ledger: what was heard over them comes in this order.
    ways: Vec<Head>,
    /// Their places in the order in which the pairs at their ends are listed: so they come themselves.
    listed: Vec<usize>,
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
    /// The ledger over which it told something last.
    ledger: LedgerId,
    /// Until when what was known at the heartbeat numbered `beat` lives.
    until: Timestamp,
    beat: u32,
    /// No route of this hop runs out before then.
    earliest: Timestamp,
    slots: SlotSet,
    /// What its routes take, about.
    bytes: usize,
}

/// What is known of one prefix.
#[derive(Clone, Debug, Default)]
struct Destination {
    /// In the order in which the hops were first heard; a replaced one keeps its place.
    heard: HeardList,
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
            ledgers: Vec::new(),
            ledger_ids: PrefixMap::with_seed(settings.hash_seed),
            pairs: Pairs::default(),
            direct: Vec::new(),
            indirect: BTreeMap::new(),
            hops: Vec::new(),
            hop_ids: BTreeMap::new(),
            last_hop: 0,
            destinations: PrefixMap::with_seed(settings.hash_seed),
            version: 0,
            log: VecDeque::new(),
            forgotten: 0,
            settings,
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

    fn ledger_id(&self, prefix: &str) -> Option<LedgerId> {
        self.ledger_ids
            .get(prefix)
            .map(|slot| *self.ledger_ids.value(slot))
    }

    /// The ledger of ours on which `address` is.
    #[inline]
    fn ledger_of(&self, address: &str) -> Option<usize> {
        // A few are compared faster than looked up. All end with a dot, so that whatever starts with
        // one is on it.
        const FEW: usize = 16;
        if self.ledgers.len() <= FEW {
            let begins = Beginning::of(address);
            let (mut found, mut longest) = (None, 0);
            for (id, ledger) in self.ledgers.iter().enumerate() {
                let prefix = ledger.prefix.as_str();
                if ledger.begins.begins(begins)
                    && prefix.len() > longest
                    && address.as_bytes().starts_with(prefix.as_bytes())
                {
                    (found, longest) = (Some(id), prefix.len());
                }
            }
            return found;
        }
        self.ledger_ids
            .longest(address, |_| true)
            .map(|slot| *self.ledger_ids.value(slot) as usize)
    }

    /// The ledger of ours named `prefix`, over which the hop most likely told something before.
    fn ledger_told_over(&self, hop: Option<HopId>, prefix: &[u8]) -> Option<LedgerId> {
        hop.map(|hop| self.hops[hop as usize].ledger)
            .filter(|id| self.ledgers[*id as usize].prefix.as_str().as_bytes() == prefix)
            .or_else(|| {
                let slot = self.ledger_ids.find(prefix)?;
                Some(*self.ledger_ids.value(slot))
            })
    }

    /// The number of the hop with this account, which is most likely the one asked for last.
    fn known_hop(&mut self, account: &IlpAddress) -> Option<HopId> {
        let last = self.hops.get(self.last_hop as usize);
        if last.is_none_or(|hop| hop.account != *account) {
            self.last_hop = *self.hop_ids.get(account)?;
        }
        Some(self.last_hop)
    }

    fn new_hop(&mut self, account: &IlpAddress) -> HopId {
        let id = HopId::try_from(self.hops.len()).unwrap_or(HopId::MAX);
        self.hops.push(Hop {
            account: account.clone(),
            ledger: 0,
            until: Timestamp::default(),
            beat: 0,
            earliest: Timestamp::from_millis(u64::MAX),
            slots: SlotSet::default(),
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
