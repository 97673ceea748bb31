//! Sending: for each peer what it was told, and what it is to be told next.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::LedgerPrefix;
use crate::message::{RouteRecord, RoutingUpdate};
use crate::table::{Slot, Tables, Version};
use crate::timestamp::{Millis, Timestamp};

mod record;
mod small_change;
mod told;

// What the children share goes through here; none of them knows another.
use record::{hash_record, hash_rest, record, size};
use small_change::is_small;
use told::{Entry, Flight, Kept, NOTHING, SOMETHING, Told};

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
    /// A curve that got better by no more than this, in hundredths of a percent of what was told, waits
    /// for a larger change, counted from what was told, or for the full table. 0: every change is told.
    ///
    /// A curve that got worse anywhere, by however little, is told with the next round, as is one whose
    /// window or paths changed: a peer never goes on believing in too much. With a threshold each peer's
    /// curves are kept as they were told, 16 bytes a point.
    pub change_threshold: u64,
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
            change_threshold: 0,
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
    looked_at: u64,
}

impl Outgoing {
    /// No peers yet.
    pub fn new(settings: OutgoingSettings) -> Self {
        Self {
            settings,
            peers: BTreeMap::new(),
            looked_at: 0,
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
            kept: BTreeMap::new(),
            holds: 0,
            seen: Version::START,
            later: BTreeSet::new(),
            settled: Version::START,
            flight: None,
            last_sent: None,
            last_acknowledged: None,
            last_arrived: None,
            from: now,
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
    ///
    /// Whoever asks has started, or knows no more what it told: so it tells everything with the
    /// question, and the one that is asked forgets what is not in it.
    pub fn ask_full_table(&mut self, ledger: &LedgerPrefix) {
        if let Some(told) = self.peers.get_mut(ledger)
            && !std::mem::replace(&mut told.ask_full_table, true)
        {
            told.resend();
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
        if told.ask_full_table {
            // Nothing waits: the peer takes what is in it for everything.
            told.next_round = told.next_round.min(now);
        }
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
            self.looked_at += 1;
            let before = told.of(slot);
            let record = record(settings, tables, ledger, slot);
            let hash = record.as_ref().map_or(NOTHING, hash_record);
            if hash == before {
                continue;
            }
            let threshold = settings.change_threshold;
            let kept = record.as_ref().filter(|_| threshold > 0).and_then(kept);
            if before > SOMETHING
                && let (Some(kept), Some(known)) = (&kept, told.kept.get(&slot))
                && kept.rest == known.rest
                && is_small(&known.curve, &kept.curve, threshold)
            {
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
            flight.entries.push(Entry { slot, hash, kept });
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
            for entry in flight.entries {
                told.take(entry);
            }
            told.seen = told.seen.max(flight.version);
            told.later.extend(flight.later);
            told.last_acknowledged = Some(now);
            told.last_arrived = Some(now);
            told.ask_full_table = false;
            told.settle();
        }
    }

    /// The update under way to the peer on `ledger` failed, or was answered with an error: nobody
    /// knows what it took, so that everything follows with the next round. `may_have_arrived` says
    /// whether it can have reached the peer all the same, and prolonged what that holds: where only the
    /// answer was lost, for instance.
    pub fn failed(&mut self, ledger: &LedgerPrefix, now: Timestamp, may_have_arrived: bool) {
        let Some(told) = self.peers.get_mut(ledger) else {
            return;
        };
        let Some(flight) = told.flight.take() else {
            return;
        };
        for entry in flight.entries {
            if entry.hash != NOTHING {
                told.set(entry.slot, SOMETHING);
            }
        }
        told.resend();
        told.urgent = false;
        if may_have_arrived {
            told.last_arrived = Some(now);
        }
        let since = told.last_arrived.or(told.last_sent).unwrap_or(now);
        if since + self.settings.hold_down < now {
            // What it may have held has run out there by now.
            told.told.clear();
            told.kept.clear();
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

    /// How many prefixes were looked at for all updates so far: what a round costs.
    pub fn looked_at(&self) -> u64 {
        self.looked_at
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

/// What of `record` a later change is held against.
fn kept(record: &RouteRecord) -> Option<Kept> {
    match &record.points {
        Some(Ok(curve)) => Some(Kept {
            rest: hash_rest(record),
            curve: curve.clone(),
        }),
        _ => None,
    }
}
