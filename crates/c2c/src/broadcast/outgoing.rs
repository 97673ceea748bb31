//! Sending: for each peer what it was told, and what it is to be told next.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::MAX_SAFE_2017;
use crate::curve::{Curve, Rounding};
use crate::message::{RouteRecord, RoutingUpdate};
use crate::route::Paths;
use crate::table::{Slot, Tables, Version, View};
use crate::timestamp::{Millis, Timestamp};

/// When and how peers are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingSettings {
    /// From one round to the next: changes wait for it, heartbeats come with it.
    pub interval: Millis,
    /// How long what we told stays good without another word from us. More than the interval.
    pub hold_down: Millis,
    /// The least time between two updates to one peer, when new and lost routes go out at once.
    pub least_spacing: Millis,
    /// Whether new and lost routes wait for the next round too.
    pub hold_for_interval: bool,
    /// The most points of a curve.
    pub max_points: usize,
    /// Whether curves are told; without them every quote is asked for.
    pub broadcast_curves: bool,
    /// Whether the next ledger is put in front of every path.
    ///
    /// DIFFERENCE: ilp-connector 21.1.10 leaves it out, so that all remote routes look equally long
    /// and loops over more than one connector are not seen. Its receivers take it.
    pub next_ledger_in_paths: bool,
    /// About how many bytes of JSON one update may have. ilp-kit takes 1 MB.
    pub max_bytes: usize,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self {
            interval: Millis(30_000),
            hold_down: Millis(45_000),
            least_spacing: Millis(1_000),
            hold_for_interval: false,
            max_points: 10,
            broadcast_curves: true,
            next_ledger_in_paths: true,
            max_bytes: 800_000,
        }
    }
}

/// What every peer was told, and when it is its turn again.
///
/// The loop: [`Outgoing::next_due`] says when, [`Outgoing::due`] to whom, [`Outgoing::next`] what;
/// then [`Outgoing::acknowledge`] or [`Outgoing::failed`] says how it went. Nothing more is said to
/// a peer before that.
#[derive(Clone, Debug)]
pub struct Outgoing {
    settings: OutgoingSettings,
    peers: BTreeMap<LedgerPrefix, Told>,
}

#[derive(Clone, Debug)]
struct Told {
    /// By slot, the hash of what the peer holds: [`NOTHING`], [`SOMETHING`], or a real one.
    told: Vec<u64>,
    /// How many are not [`NOTHING`].
    holds: usize,
    /// Up to here it was told everything but `later`.
    seen: Version,
    /// Changed, but not yet told.
    later: BTreeSet<Slot>,
    /// Up to here it was told everything.
    settled: Version,
    flight: Option<Flight>,
    last_sent: Option<Timestamp>,
    last_acknowledged: Option<Timestamp>,
    next_round: Timestamp,
    urgent: bool,
    ask_full_table: bool,
}

/// An update under way.
#[derive(Clone, Debug)]
struct Flight {
    version: Version,
    entries: Vec<(Slot, u64)>,
    later: BTreeSet<Slot>,
}

/// The peer holds nothing of this.
const NOTHING: u64 = 0;
/// The peer may hold something of this, nobody knows what.
const SOMETHING: u64 = 1;

impl Outgoing {
    /// No peers yet.
    pub fn new(settings: OutgoingSettings) -> Self {
        Self {
            settings,
            peers: BTreeMap::new(),
        }
    }

    /// How and when peers are told.
    pub fn settings(&self) -> &OutgoingSettings {
        &self.settings
    }

    /// Puts `settings` in place; what was told before is told anew where it differs.
    pub fn set_settings(&mut self, settings: OutgoingSettings) {
        self.settings = settings;
        for told in self.peers.values_mut() {
            told.resend();
        }
    }

    /// A peer to tell from `now` on, over the ledger between us. Keeps what is known of a known one.
    pub fn add_peer(&mut self, ledger: LedgerPrefix, now: Timestamp) {
        self.peers.entry(ledger).or_insert_with(|| Told {
            told: Vec::new(),
            holds: 0,
            seen: Version::START,
            later: BTreeSet::new(),
            settled: Version::START,
            flight: None,
            last_sent: None,
            last_acknowledged: None,
            next_round: now,
            urgent: false,
            ask_full_table: false,
        });
    }

    /// No longer a peer to tell.
    pub fn remove_peer(&mut self, ledger: &LedgerPrefix) {
        self.peers.remove(ledger);
    }

    /// Something is new or lost: everybody is told as soon as the spacing allows, unless the settings
    /// hold it for the interval.
    pub fn urge(&mut self) {
        if !self.settings.hold_for_interval {
            for told in self.peers.values_mut() {
                told.urgent = true;
            }
        }
    }

    /// The peer on `ledger` is to be told everything again, with the next update: it asked for that,
    /// or was silent and may have forgotten.
    pub fn resend_all(&mut self, ledger: &LedgerPrefix) {
        if let Some(told) = self.peers.get_mut(ledger) {
            told.resend();
            told.urgent = !self.settings.hold_for_interval;
        }
    }

    /// The peer on `ledger` is to be asked for its full table, with the next update. Not for peers
    /// older than ilp-connector 21.1.9: they refuse the whole update.
    pub fn ask_full_table(&mut self, ledger: &LedgerPrefix) {
        if let Some(told) = self.peers.get_mut(ledger) {
            told.ask_full_table = true;
        }
    }

    /// The next round to the peer on `ledger` starts at `now`.
    pub fn start_round(&mut self, ledger: &LedgerPrefix, now: Timestamp) {
        if let Some(told) = self.peers.get_mut(ledger) {
            told.next_round = now;
        }
    }

    /// When some peer is next to be told something; none as long as all updates are under way.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.peers
            .values()
            .filter_map(|told| told.due_at(&self.settings))
            .min()
    }

    /// The peers to be told something at `now`.
    pub fn due(&self, now: Timestamp) -> Vec<LedgerPrefix> {
        self.peers
            .iter()
            .filter(|(_, told)| told.due_at(&self.settings).is_some_and(|due| due <= now))
            .map(|(ledger, _)| ledger.clone())
            .collect()
    }

    /// The update for the peer on `ledger`; none if one is under way, or if it is not its round and
    /// nothing is new or lost.
    ///
    /// In a round it holds everything that changed since what the peer acknowledged, or nothing: then
    /// it is the heartbeat. Between rounds it holds what is new and what is lost. What has no room
    /// follows as soon as this is acknowledged.
    pub fn next(
        &mut self,
        now: Timestamp,
        tables: &Tables,
        ledger: &LedgerPrefix,
    ) -> Option<RoutingUpdate> {
        let settings = &self.settings;
        let told = self
            .peers
            .get_mut(ledger)
            .filter(|told| told.flight.is_none())?;
        let is_round = told.next_round <= now;
        let mut slots: BTreeSet<Slot> = tables
            .changed_since(ledger, told.seen)
            .into_iter()
            .collect();
        slots.append(&mut told.later);
        let mut update = RoutingUpdate {
            new_routes: Vec::new(),
            hold_down_time: settings.hold_down,
            unreachable_through_me: Vec::new(),
            request_full_table: told.ask_full_table,
            unusable: Vec::new(),
        };
        let mut flight = Flight {
            version: tables.version(),
            entries: Vec::new(),
            later: BTreeSet::new(),
        };
        let mut bytes = 0;
        let mut more = false;
        for slot in slots {
            let before = told.of(slot);
            let record = record(settings, tables, ledger, slot);
            let hash = record.as_ref().map_or(NOTHING, hash_record);
            if hash == before {
                continue;
            }
            // Prefixes live until everybody was told that they are lost.
            let lost = tables.prefix_at(slot).and_then(|prefix| prefix.address());
            let adds = match (&record, lost) {
                (Some(record), _) => size(record),
                (None, Some(lost)) => lost.as_str().len() + 4,
                (None, None) => 0,
            };
            let waits = !is_round && before != NOTHING && hash != NOTHING;
            more |= !waits && bytes + adds > settings.max_bytes;
            if waits || more {
                flight.later.insert(slot);
                continue;
            }
            bytes += adds;
            match record {
                Some(record) => update.new_routes.push(record),
                None => update.unreachable_through_me.extend(lost.cloned()),
            }
            flight.entries.push((slot, hash));
        }
        told.urgent = false;
        if !is_round && flight.entries.is_empty() {
            told.seen = flight.version;
            told.later = flight.later;
            told.settle();
            return None;
        }
        if is_round && !more {
            told.next_round = now + settings.interval;
        }
        told.urgent |= more;
        told.last_sent = Some(now);
        told.flight = Some(flight);
        Some(update)
    }

    /// The update under way to the peer on `ledger` arrived and was taken.
    pub fn acknowledge(&mut self, ledger: &LedgerPrefix, now: Timestamp) {
        let Some(told) = self.peers.get_mut(ledger) else {
            return;
        };
        if let Some(flight) = told.flight.take() {
            for (slot, hash) in flight.entries {
                told.set(slot, hash);
            }
            told.seen = told.seen.max(flight.version);
            told.later.extend(flight.later);
            told.last_acknowledged = Some(now);
            told.ask_full_table = false;
            told.settle();
        }
    }

    /// The update under way to the peer on `ledger` failed, or was answered with an error: nobody
    /// knows what it took, so that everything follows with the next round.
    pub fn failed(&mut self, ledger: &LedgerPrefix, now: Timestamp) {
        let Some(told) = self.peers.get_mut(ledger) else {
            return;
        };
        let Some(flight) = told.flight.take() else {
            return;
        };
        for (slot, hash) in flight.entries {
            if hash != NOTHING {
                told.set(slot, SOMETHING);
            }
        }
        told.resend();
        told.urgent = false;
        let since = told.last_acknowledged.or(told.last_sent).unwrap_or(now);
        if since + self.settings.hold_down < now {
            // What it may have held has run out there by now.
            told.told.clear();
            told.holds = 0;
        }
        told.next_round = told.next_round.max(now + self.settings.interval);
    }

    /// Up to here everybody was told everything: what was lost before need not be remembered.
    pub fn settled(&self, tables: &Tables) -> Version {
        self.peers
            .values()
            .filter(|told| told.holds > 0 || told.flight.is_some())
            .map(|told| told.settled)
            .min()
            .unwrap_or_else(|| tables.version())
    }

    /// How many destinations the peer on `ledger` holds of us, as far as it acknowledged.
    pub fn told(&self, ledger: &LedgerPrefix) -> usize {
        self.peers.get(ledger).map_or(0, |told| told.holds)
    }

    /// When the peer on `ledger` last acknowledged an update.
    pub fn last_acknowledged(&self, ledger: &LedgerPrefix) -> Option<Timestamp> {
        self.peers.get(ledger)?.last_acknowledged
    }
}

impl Told {
    fn of(&self, slot: Slot) -> u64 {
        self.told.get(slot.index()).copied().unwrap_or(NOTHING)
    }

    fn set(&mut self, slot: Slot, hash: u64) {
        if self.told.len() <= slot.index() {
            self.told.resize(slot.index() + 1, NOTHING);
        }
        let before = std::mem::replace(&mut self.told[slot.index()], hash);
        match (before, hash) {
            (NOTHING, NOTHING) => {}
            (NOTHING, _) => self.holds += 1,
            (_, NOTHING) => self.holds -= 1,
            _ => {}
        }
    }

    fn resend(&mut self) {
        self.seen = Version::START;
        for told in &mut self.told {
            *told = (*told).min(SOMETHING);
        }
        if let Some(flight) = &mut self.flight {
            // What is under way arrives before, and does not count.
            flight.version = Version::START;
            for (_, hash) in &mut flight.entries {
                *hash = (*hash).min(SOMETHING);
            }
        }
    }

    fn settle(&mut self) {
        if self.later.is_empty() {
            self.settled = self.seen;
        }
    }

    fn due_at(&self, settings: &OutgoingSettings) -> Option<Timestamp> {
        if self.flight.is_some() {
            return None;
        }
        let spaced = self
            .last_sent
            .map_or(Timestamp::default(), |sent| sent + settings.least_spacing);
        Some(if self.urgent {
            spaced.min(self.next_round)
        } else {
            self.next_round
        })
    }
}

/// What the peer on `ledger` is to be told of `slot`; none if nothing leads there from its ledger,
/// or if it is nothing to tell, or more than one update may hold.
fn record(
    settings: &OutgoingSettings,
    tables: &Tables,
    ledger: &LedgerPrefix,
    slot: Slot,
) -> Option<RouteRecord> {
    let prefix = tables.prefix_at(slot)?;
    let destination = prefix
        .address()
        .filter(|destination| !destination.is_peer())?
        .clone();
    let combined = tables.combined_at(View::Public, ledger.as_str(), slot)?;
    let points = match combined.curve {
        Some(curve) if settings.broadcast_curves => {
            let told: Curve = curve.cut_at(MAX_SAFE_2017)?;
            Some(told.simplify(settings.max_points, Rounding::Sound))
        }
        _ => None,
    };
    let paths = if settings.next_ledger_in_paths {
        &combined.paths_with_next
    } else {
        &combined.paths
    };
    let record = RouteRecord {
        source_ledger: ledger.as_address().clone(),
        destination_ledger: destination,
        points: points.map(Ok),
        min_message_window: combined.min_message_window,
        source_account: combined.source_account,
        paths: listed(paths),
    };
    // One that fills an update by itself, with paths that a peer made up, would take all others with it:
    // whoever gets it refuses the whole.
    (size(&record) <= settings.max_bytes).then_some(record)
}

fn listed(paths: &Paths) -> Vec<Vec<IlpAddress>> {
    paths.iter().map(<[IlpAddress]>::to_vec).collect()
}

/// About how many bytes `record` takes in JSON.
fn size(record: &RouteRecord) -> usize {
    let points = match &record.points {
        Some(Ok(curve)) => curve.points().len() * 22,
        _ => 0,
    };
    let paths: usize = record
        .paths
        .iter()
        .map(|path| {
            3 + path
                .iter()
                .map(|ledger| ledger.as_str().len() + 3)
                .sum::<usize>()
        })
        .sum();
    let addresses = record.source_ledger.as_str().len()
        + record.destination_ledger.as_str().len()
        + record.source_account.as_str().len();
    // The names of the fields and their punctuation.
    150 + addresses + points + paths
}

/// A number that tells one announcement from another: 64 bits, never [`NOTHING`] or [`SOMETHING`].
fn hash_record(record: &RouteRecord) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    if let Some(Ok(curve)) = &record.points {
        for point in curve.points() {
            hash.word(point.x);
            hash.word(point.y);
        }
        hash.word(1);
    }
    hash.word(record.min_message_window.0);
    hash.text(record.source_account.as_str());
    for path in &record.paths {
        for ledger in path {
            hash.text(ledger.as_str());
        }
        hash.word(2);
    }
    hash.0.max(SOMETHING + 1)
}

struct Hash(u64);

impl Hash {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of a product are wanted"
    )]
    fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64 ^ (product >> 64) as u64).wrapping_add(0xa076_1d64_78bd_642f);
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for bytes in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.word(u64::from_le_bytes(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Prefix;
    use crate::table::{HeardRoute, Lifetime, LocalPair, Settings};

    fn ledger(name: &str) -> LedgerPrefix {
        LedgerPrefix::new(&format!("peer.{name}.usd.9.")).unwrap()
    }

    /// A peer that announces one route with very long paths must not keep the others from being told.
    #[test]
    fn a_route_that_fills_an_update_by_itself_is_left_out() {
        let (from, to) = (ledger("asks"), ledger("tells"));
        let mut tables = Tables::new(Settings::default());
        tables.set_local_pairs(vec![LocalPair {
            source_account: from.account("us").unwrap(),
            destination_account: to.account("us").unwrap(),
            source_ledger: from.clone(),
            destination_ledger: to.clone(),
            curve: Curve::from_points([(0, 0), (1000, 1000)]).unwrap(),
            shift: false,
            min_message_window: Millis(1000),
        }]);
        let long: Vec<IlpAddress> = (0..60)
            .map(|i| IlpAddress::new(&format!("g.{i}.{}.", "x".repeat(40))).unwrap())
            .collect();
        for (number, paths) in [
            (0, Paths::DIRECT),
            (1, Paths::new([long])),
            (2, Paths::DIRECT),
        ] {
            let route = HeardRoute {
                source_ledger: to.clone(),
                prefix: Prefix::new(&format!("example.n{number}.")).unwrap(),
                curve: None,
                min_message_window: Millis(1000),
                paths,
                source_account: to.account("them").unwrap(),
            };
            tables.add_route(route, Lifetime::Configured).unwrap();
        }
        let mut outgoing = Outgoing::new(OutgoingSettings {
            max_bytes: 2_000,
            ..OutgoingSettings::default()
        });
        let now = Timestamp::from_millis(0);
        outgoing.add_peer(from.clone(), now);
        let update = outgoing.next(now, &tables, &from).unwrap();
        let told: Vec<&str> = update
            .new_routes
            .iter()
            .map(|route| route.destination_ledger.as_str())
            .collect();
        assert_eq!(told, ["example.n0.", "example.n2."]);
    }
}
