//! Receiving: an update, route by route, into the tables.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

mod recount;
mod refusal;

pub use refusal::{Refusal, RefusedRoute};

use recount::Recount;

use super::HoldDown;
use crate::address::{IlpAddress, LedgerPrefix};
use crate::message::{HeardRecord, HeardUpdate, RouteRecord, RoutingUpdate, Shared};
use crate::route::{Paths, Prefix};
use crate::table::{HeardRoute, Lifetime, Lost, NotAdded, Tables, TooGood};
use crate::timestamp::{Millis, Timestamp};

/// What is taken, and how much of what is refused is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingSettings {
    /// Whether curves are kept; without them every quote is asked for.
    pub store_curves: bool,
    /// The longest hold-down time that a peer is granted.
    pub max_hold_down: Millis,
    /// What happens to a route that pays more than our rates and all other routes explain.
    pub too_good: TooGoodPolicy,
    /// By how much it may, in hundredths of a percent.
    pub too_good_above: u64,
    /// How many refused routes are remembered, the newest.
    pub refused_kept: usize,
    /// How many refused routes of one update are remembered; the rest are counted.
    pub refused_kept_per_update: usize,
}

impl Default for IncomingSettings {
    fn default() -> Self {
        Self {
            store_curves: true,
            max_hold_down: Millis(3_600_000),
            too_good: TooGoodPolicy::Accept,
            too_good_above: 500,
            refused_kept: 1000,
            refused_kept_per_update: 100,
        }
    }
}

/// What happens to a route that is too good to be true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TooGoodPolicy {
    /// It is taken, and nobody looks.
    #[default]
    Accept,
    /// It is taken, and shown with what it would attract.
    Flag,
    /// It is not taken.
    Refuse,
}

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many routes are in the tables now.
    pub accepted: usize,
    /// Those that are not; the first ones of very many.
    pub refused: Vec<RefusedRoute>,
    /// How many are not.
    pub refused_count: usize,
    /// Those that were taken although they are too good to be true; the first ones of very many.
    pub flagged: Vec<RefusedRoute>,
    /// What can no longer be reached, and from which ledger.
    pub lost: Vec<Lost>,
    /// Whether the peer asked for our full table with the next broadcast.
    pub full_table_asked: bool,
    /// Whether the peer is heard for the first time, or again after its hold-down time: it may have
    /// forgotten what we told it.
    pub is_back: bool,
    /// Whether something is new or lost, which others should hear at once.
    pub broadcast_now: bool,
    /// Whether any route changed.
    pub changed: bool,
}

/// Takes away what `sender` announced before and does not tell again: `told` is all that it has.
fn forget_rest(
    outcome: &mut Outcome,
    tables: &mut Tables,
    sender: &IlpAddress,
    told: &BTreeSet<&str>,
) {
    let gone: Vec<Prefix> = tables
        .heard_from(sender)
        .filter(|(prefix, _)| !told.contains(prefix.as_str()))
        .map(|(prefix, _)| prefix.clone())
        .collect();
    for prefix in gone {
        outcome
            .lost
            .extend(tables.remove_route(sender, prefix.as_str()));
    }
    outcome.broadcast_now |= !outcome.lost.is_empty();
}

/// What is remembered of what peers send.
#[derive(Clone, Debug)]
pub struct Incoming {
    settings: IncomingSettings,
    peers: BTreeMap<IlpAddress, HoldDown>,
    recounts: BTreeMap<IlpAddress, Recount>,
    refused: VecDeque<RefusedRoute>,
}

impl Incoming {
    /// Nothing heard yet.
    pub fn new(settings: IncomingSettings) -> Self {
        Self {
            settings,
            peers: BTreeMap::new(),
            recounts: BTreeMap::new(),
            refused: VecDeque::new(),
        }
    }

    /// `peer` is asked at `now` for its full table. What it announced and has not told again when
    /// `patience` is over goes with the update that follows, if it told anything again at all. It may tell
    /// before the question is acknowledged, so that this is to be called when the question goes out.
    pub fn asked_full_table(
        &mut self,
        tables: &Tables,
        now: Timestamp,
        peer: &IlpAddress,
        patience: Millis,
    ) {
        let held = tables.heard_from(peer);
        let left = held.map(|(prefix, _)| prefix.as_str().to_owned()).collect();
        let recount = Recount::new(now + patience, left);
        self.recounts.insert(peer.clone(), recount);
    }

    /// Whether `peer`, asked for its full table, told anything of it; none when nobody waits for that.
    pub fn full_table_answered(&self, peer: &IlpAddress) -> Option<bool> {
        self.recounts.get(peer).map(Recount::is_answered)
    }

    /// The question to `peer` for its full table failed: nothing goes for not being told again.
    pub fn not_asked(&mut self, peer: &IlpAddress) {
        self.recounts.remove(peer);
    }

    /// Does what `update`, sent by `sender`, says.
    ///
    /// In this order: what the sender announced before gets new life; what it lost is removed; each
    /// route is taken or refused by itself. DIFFERENCE: in 21.1.10 a broken curve stops the update
    /// half way, and a new route's first end is the receiver's own; here it is the hold-down time of
    /// the message from the start.
    ///
    /// DIFFERENCE: whoever asks for the full table has started, and tells with the question all that it
    /// has; what it announced before and does not repeat goes. In 21.1.10 every heartbeat that follows
    /// renews it, for ever.
    pub fn apply(
        &mut self,
        tables: &mut Tables,
        now: Timestamp,
        sender: &IlpAddress,
        update: RoutingUpdate,
    ) -> Outcome {
        let hold_down = HoldDown::new(now, update.hold_down_time.min(self.settings.max_hold_down));
        let lost = &update.unreachable_through_me;
        let mut outcome = self.begin(tables, sender, hold_down, lost);
        if let Some(recount) = self.recounts.get_mut(sender) {
            for route in &update.new_routes {
                recount.heard(route.destination_ledger.as_str());
            }
        }
        outcome.full_table_asked = update.request_full_table;
        if update.request_full_table {
            let told = update.new_routes.iter();
            let told = told
                .map(|route| route.destination_ledger.as_str())
                .collect();
            forget_rest(&mut outcome, tables, sender, &told);
        }
        // Routes that could not be held were left out of the list, and still count in its order.
        let mut unusable = update.unusable.into_iter().peekable();
        let mut records = update.new_routes.into_iter();
        for index in 0.. {
            if let Some(route) = unusable.next_if(|route| route.index == index) {
                let reason = Refusal::Address {
                    member: route.member,
                    error: route.error,
                };
                self.refuse(&mut outcome, hold_down, sender, index, None, reason);
            } else if let Some(record) = records.next() {
                self.take(tables, &mut outcome, hold_down, sender, index, record);
            } else {
                break;
            }
        }
        self.finish(tables, now, sender, &mut outcome);
        outcome
    }

    /// The same for an update as it came: what only says again what stands in the tables is looked up,
    /// and costs no memory.
    pub fn apply_heard(
        &mut self,
        tables: &mut Tables,
        now: Timestamp,
        sender: &IlpAddress,
        update: &HeardUpdate<'_>,
    ) -> Outcome {
        let hold_down = HoldDown::new(now, update.hold_down_time.min(self.settings.max_hold_down));
        let lost = &update.unreachable_through_me;
        let mut outcome = self.begin(tables, sender, hold_down, lost);
        outcome.full_table_asked = update.request_full_table;
        if update.request_full_table {
            let told = update.routes();
            let told: Vec<_> = told.map(|route| route.text().destination_ledger).collect();
            let told = told.iter().filter_map(|text| text.plain()).collect();
            forget_rest(&mut outcome, tables, sender, &told);
        }
        if let Some(recount) = self.recounts.get_mut(sender) {
            for route in update.routes() {
                if let Some(destination) = route.text().destination_ledger.plain() {
                    recount.heard(destination);
                }
            }
        }
        let mut shared = Shared::default();
        for (index, route) in update.routes().enumerate() {
            if let Some(usable) = self.renew(tables, sender, hold_down.until(), &route)
                && usable
            {
                outcome.accepted += 1;
                continue;
            }
            match route.record(&mut shared) {
                Ok(record) => self.take(tables, &mut outcome, hold_down, sender, index, record),
                Err((member, error)) => {
                    let reason = Refusal::Address { member, error };
                    self.refuse(&mut outcome, hold_down, sender, index, None, reason);
                }
            }
        }
        self.finish(tables, now, sender, &mut outcome);
        outcome
    }

    /// What an update does before its routes count.
    fn begin(
        &mut self,
        tables: &mut Tables,
        sender: &IlpAddress,
        hold_down: HoldDown,
        unreachable: &[IlpAddress],
    ) -> Outcome {
        let before = self.peers.insert(sender.clone(), hold_down);
        tables.heartbeat(sender, hold_down.until());
        let mut outcome = Outcome {
            is_back: before.is_none_or(|before| before.is_over(hold_down.last_heard())),
            ..Outcome::default()
        };
        for prefix in unreachable {
            if let Some(recount) = self.recounts.get_mut(sender) {
                recount.heard(prefix.as_str());
            }
            outcome
                .lost
                .extend(tables.remove_route(sender, prefix.as_str()));
        }
        outcome.broadcast_now = !outcome.lost.is_empty();
        outcome
    }

    fn finish(
        &mut self,
        tables: &mut Tables,
        now: Timestamp,
        sender: &IlpAddress,
        outcome: &mut Outcome,
    ) {
        if let Some(recount) = self.recounts.remove(sender) {
            if recount.is_over(now) {
                let gone = recount.gone();
                let lost = gone.iter().flat_map(|to| tables.remove_route(sender, to));
                outcome.lost.extend(lost);
                outcome.broadcast_now |= !outcome.lost.is_empty();
            } else {
                self.recounts.insert(sender.clone(), recount);
            }
        }
        let noted = outcome.refused.iter().chain(&outcome.flagged);
        self.refused.extend(noted.cloned());
        self.forget_refused();
    }

    /// Forgets the oldest of those who were refused most often, so that nobody's faults push out what is
    /// to be seen of others.
    fn forget_refused(&mut self) {
        let surplus = self
            .refused
            .len()
            .saturating_sub(self.settings.refused_kept);
        if surplus == 0 {
            return;
        }
        let mut counts: BTreeMap<IlpAddress, usize> = BTreeMap::new();
        for route in &self.refused {
            *counts.entry(route.peer.clone()).or_default() += 1;
        }
        let mut give_way: BTreeMap<IlpAddress, usize> = BTreeMap::new();
        for _ in 0..surplus {
            if let Some((peer, count)) = counts.iter_mut().max_by_key(|(_, count)| **count) {
                *count -= 1;
                *give_way.entry(peer.clone()).or_default() += 1;
            }
        }
        self.refused
            .retain(|route| match give_way.get_mut(&route.peer) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            });
    }

    /// Renews `route` if it stands in the tables as it is told now; whether it can be used.
    fn renew(
        &self,
        tables: &mut Tables,
        sender: &IlpAddress,
        until: Timestamp,
        route: &HeardRecord<'_, '_>,
    ) -> Option<bool> {
        let text = route.text();
        // What stands in the tables passed every check when it was taken.
        if !text.source_account.is(sender.as_str()) {
            return None;
        }
        tables.renew(
            sender,
            text.source_ledger.plain_bytes()?,
            text.destination_ledger.plain_bytes()?,
            Millis(text.min_message_window),
            until,
            |curve, paths| {
                let told = self.settings.store_curves || curve.is_some();
                told && route.has_curve(curve) && route.has_paths(paths.iter())
            },
        )
    }

    fn refuse(
        &self,
        outcome: &mut Outcome,
        hold_down: HoldDown,
        sender: &IlpAddress,
        index: usize,
        destination: Option<IlpAddress>,
        reason: Refusal,
    ) {
        outcome.refused_count += 1;
        if outcome.refused.len() < self.settings.refused_kept_per_update {
            outcome.refused.push(RefusedRoute {
                peer: sender.clone(),
                index,
                destination,
                reason,
                at: hold_down.last_heard(),
            });
        }
    }

    /// The routes that were refused, the newest last.
    pub fn refused(&self) -> impl DoubleEndedIterator<Item = &RefusedRoute> {
        self.refused.iter()
    }

    /// When `peer` was last heard and until when its routes hold.
    pub fn hold_down(&self, peer: &IlpAddress) -> Option<HoldDown> {
        self.peers.get(peer).copied()
    }

    /// Forgets `peer` and its refused routes.
    pub fn remove_peer(&mut self, peer: &IlpAddress) {
        self.peers.remove(peer);
        self.recounts.remove(peer);
        self.refused.retain(|route| route.peer != *peer);
    }

    /// Takes one route, or notes why not.
    fn take(
        &self,
        tables: &mut Tables,
        outcome: &mut Outcome,
        hold_down: HoldDown,
        sender: &IlpAddress,
        index: usize,
        record: RouteRecord,
    ) {
        let destination = record.destination_ledger.clone();
        let added = self
            .checked(sender, record)
            .and_then(|route| {
                let lifetime = Lifetime::Until(hold_down.until());
                let added = tables.add_route(route, lifetime);
                added.map_err(Refusal::NotAdded)
            })
            .and_then(|added| match (added.usable, added.loops) {
                (true, _) => Ok(added),
                (false, true) => Err(Refusal::NotAdded(NotAdded::Loop)),
                (false, false) => Err(Refusal::OutOfReach),
            });
        let added = added.and_then(|added| match self.suspicion(tables, sender, &destination) {
            Some(found) if self.settings.too_good == TooGoodPolicy::Refuse => {
                let lost = tables.remove_route(sender, destination.as_str());
                outcome.broadcast_now |= !lost.is_empty();
                outcome.lost.extend(lost);
                Err(Refusal::TooGood { found, kept: false })
            }
            found => Ok((added, found)),
        });
        match added {
            Ok((added, found)) => {
                if let Some(found) = found
                    && outcome.flagged.len() < self.settings.refused_kept_per_update
                {
                    outcome.flagged.push(RefusedRoute {
                        peer: sender.clone(),
                        index,
                        destination: Some(destination),
                        reason: Refusal::TooGood { found, kept: true },
                        at: hold_down.last_heard(),
                    });
                }
                outcome.accepted += 1;
                outcome.broadcast_now |= added.is_new;
                outcome.changed |= added.changed;
            }
            Err(reason) => {
                self.refuse(outcome, hold_down, sender, index, Some(destination), reason);
            }
        }
    }

    /// Whether what `sender` announces to `prefix` is too good to be true, if anybody wants to know.
    pub fn suspicion(
        &self,
        tables: &Tables,
        sender: &IlpAddress,
        prefix: &IlpAddress,
    ) -> Option<TooGood> {
        match self.settings.too_good {
            TooGoodPolicy::Accept => None,
            TooGoodPolicy::Flag | TooGoodPolicy::Refuse => {
                tables.too_good(sender, prefix.as_str(), self.settings.too_good_above)
            }
        }
    }

    /// The route of `record` as the tables take it, or why it is not to be taken.
    fn checked(&self, sender: &IlpAddress, record: RouteRecord) -> Result<HeardRoute, Refusal> {
        if record.source_account != *sender {
            return Err(Refusal::NotTheSender {
                source_account: record.source_account,
            });
        }
        if !record
            .source_account
            .as_str()
            .starts_with(record.source_ledger.as_str())
        {
            return Err(Refusal::NotOnLedger {
                source_ledger: record.source_ledger,
            });
        }
        if record.destination_ledger.is_peer() {
            return Err(Refusal::PeerDestination);
        }
        let curve = match record.points {
            Some(points) if self.settings.store_curves => Some(points.map_err(Refusal::Curve)?),
            _ => None,
        };
        // Only a ledger of ours leads anywhere, and these all end with a dot.
        let source_ledger = LedgerPrefix::try_from(record.source_ledger)
            .map_err(|_| Refusal::NotAdded(NotAdded::NoWayTo))?;
        Ok(HeardRoute {
            source_ledger,
            prefix: Prefix::from(record.destination_ledger),
            curve,
            min_message_window: record.min_message_window,
            paths: Paths::new(record.paths),
            source_account: record.source_account,
        })
    }
}
