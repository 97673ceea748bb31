//! Routes that peers tell us, and routes that we tell them.

use crate::address::{IlpAddress, LedgerPrefix};
use crate::message::{HeardUpdate, RoutingUpdate};
use crate::route::{Paths, Prefix};
use crate::rpc::{Method, send_message, send_request};
use crate::schema::{Dialect, Document, Violation};
use crate::snapshot::Event;
use crate::table::{HeardRoute, Lifetime, Lost, PairsChange};
use crate::timestamp::{Millis, Timestamp};

use super::{CallFailure, CallId, CallOutcome, Connector, Doing, Entry, Moved, Reason, Sent};

impl Connector {
    /// Everything whose time has come: routes that ran out go, peers whose turn it is are told.
    pub(super) fn tell_peers(&mut self, now: Timestamp) {
        let before = self.tables.version();
        let lost = self.tables.remove_expired(now);
        if let Some(journal) = &mut self.journal
            && self.tables.version() != before
        {
            journal.expired(now);
        }
        self.note_lost(&lost);
        // There is a round in every interval, so that nothing waits much longer than for its time.
        self.resend(now);
        for prefix in self.outgoing.due(now) {
            if self.peers.get(&prefix).is_some_and(Entry::asks_all) {
                self.outgoing.ask_full_table(&prefix);
            }
            if let Some(update) = self.outgoing.next(now, &self.tables, &prefix) {
                self.send_update(now, &prefix, &update);
            }
        }
        let settled = self.outgoing.settled(&self.tables);
        self.tables.forget_lost(settled);
    }

    /// When [`Connector::tell_peers`] next has something to do.
    pub(super) fn next_telling(&self) -> Option<Timestamp> {
        // A route lives up to and including its end.
        let expiry = self.tables.next_expiry().map(|end| end + Millis(1));
        self.outgoing.next_due().into_iter().chain(expiry).min()
    }

    fn send_update(&mut self, now: Timestamp, prefix: &LedgerPrefix, update: &RoutingUpdate) {
        let Some(peer) = self.peers.get(prefix) else {
            return;
        };
        let dialect = peer.dialect();
        let message = update.write_message(dialect, peer.call_parties());
        let doing = Doing::Broadcast(Sent {
            routes: count(update.new_routes.len()),
            withdrawn: count(update.unreachable_through_me.len()),
            asks_all: update.request_full_table,
        });
        let body = send_request::body(&message).into_bytes();
        if update.request_full_table {
            // From now on: its answer may overtake its acknowledgement.
            let account = peer.details.peer_account.clone();
            let patience = self.told_lives();
            if let Some(journal) = &mut self.journal {
                journal.asked(now, &account, patience);
            }
            self.incoming
                .asked_full_table(&self.tables, now, &account, patience);
        }
        let id = self.call_peer(prefix, Method::for_routes(dialect), doing, body);
        if let Some(peer) = self.peers.get_mut(prefix) {
            peer.broadcast = id;
        }
    }

    /// A broadcast of ours is over.
    pub(super) fn told(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: CallId,
        sent: Sent,
        outcome: &CallOutcome,
    ) {
        let lives = self.told_lives();
        // The peer may have been removed, and even added again, in the meantime.
        let Some(peer) = self
            .peers
            .get_mut(prefix)
            .filter(|peer| peer.broadcast == Some(id))
        else {
            return;
        };
        peer.broadcast = None;
        let before = peer.reason().clone();
        match read_acknowledgement(peer, outcome) {
            Ok(()) => {
                let routing = &self.config.routing;
                let answered = self
                    .incoming
                    .full_table_answered(&peer.details.peer_account);
                let off_step = peer.acknowledged(now, sent.asks_all, answered, routing);
                self.outgoing.acknowledge(prefix, now);
                if off_step {
                    let third = Millis(routing.broadcast_interval.0 / 3);
                    self.outgoing.start_round(prefix, now + third);
                }
                self.tell(Event::BroadcastSent {
                    peer: prefix.clone(),
                    routes: sent.routes,
                    withdrawn: sent.withdrawn,
                });
            }
            Err(reason) => {
                if sent.asks_all {
                    // It is asked again.
                    let account = &peer.details.peer_account;
                    if let Some(journal) = &mut self.journal {
                        journal.not_asked(account);
                    }
                    self.incoming.not_asked(account);
                }
                let code = reason.code().unwrap_or_default().to_owned();
                let text = reason.text(&peer.details, self.config.host());
                let may_have_arrived = !matches!(
                    reason,
                    Reason::NoAnswer(CallFailure::Unreachable | CallFailure::Tls)
                );
                let is_failed = matches!(reason, Reason::MethodFailed { .. });
                if is_failed || matches!(reason, Reason::Nonsense { .. }) {
                    peer.refused(now, reason);
                } else {
                    peer.broadcast_failed(now, reason);
                }
                if is_failed && sent.asks_all {
                    // Perhaps it is too old for the question: the same again without it.
                    peer.may_be_asked = false;
                    self.outgoing.remove_peer(prefix);
                    let soon = now + self.config.routing.least_spacing;
                    let from = peer.tells_from(soon, lives);
                    self.outgoing.add_peer(prefix.clone(), from);
                } else {
                    self.outgoing.failed(prefix, now, may_have_arrived);
                }
                self.tell(Event::BroadcastFailed {
                    peer: prefix.clone(),
                    code,
                    reason: text,
                });
                self.give_up(now, prefix);
            }
        }
        self.tell_state(prefix, &before);
    }

    /// How long a peer holds what it was told, when the call may still be under way.
    pub(super) fn told_lives(&self) -> Millis {
        let routing = &self.config.routing;
        routing.route_expiry + routing.call_timeout
    }

    /// If no call of ours has reached the peer for as long as a route lives, what it told is of no
    /// use: payments would not reach it either. When it is back, it is asked for everything again.
    pub(super) fn give_up(&mut self, now: Timestamp, prefix: &LedgerPrefix) {
        let Some(peer) = self.peers.get_mut(prefix) else {
            return;
        };
        if peer.last_reached + self.config.routing.route_expiry >= now {
            return;
        }
        peer.ask_all = true;
        let account = peer.details.peer_account.clone();
        if let Some(journal) = &mut self.journal {
            journal.peer_gone(&account);
        }
        let lost = self.tables.remove_peer(&account);
        self.note_lost(&lost);
    }

    /// The peer asked for our limit, as ilp-kit does when it starts: it may have forgotten what we told
    /// it, and our own calls need not have noticed. So everything is told again, at most once in an
    /// interval: then after it, for perhaps the peer gave up in between what it heard. Not so one that
    /// asks for our full table when it did.
    pub(super) fn may_have_started(&mut self, now: Timestamp, prefix: &LedgerPrefix) {
        let interval = self.config.routing.broadcast_interval;
        let Some(peer) = self.peers.get_mut(prefix) else {
            return;
        };
        peer.asked_limit(now, interval);
        let at = now.max(peer.last_resend + interval);
        if at == now || !peer.asks_us {
            peer.resend_at = Some(at);
        }
        self.resend(now);
    }

    /// Tells those everything again whose time has come.
    fn resend(&mut self, now: Timestamp) {
        for (prefix, peer) in &mut self.peers {
            if peer.resend_at.take_if(|at| *at <= now).is_some() {
                peer.last_resend = now;
                self.outgoing.resend_all(prefix);
            }
        }
    }

    /// A routing update from the peer on `prefix`: it changes the tables, or is refused as a whole
    /// with every fault that was found.
    pub(super) fn hear(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        dialect: Dialect,
        document: Document<'_>,
    ) -> Result<(), Vec<Violation>> {
        let update = HeardUpdate::read(document, dialect)?;
        let Some(peer) = self.peers.get(prefix) else {
            return Ok(());
        };
        let withdrawn = count(update.unreachable_through_me.len());
        let sender = peer.details.peer_account.clone();
        if let Some(journal) = &mut self.journal {
            journal.update(now, &sender, dialect, document);
        }
        let outcome = self
            .incoming
            .apply_heard(&mut self.tables, now, &sender, &update);
        for refused in &outcome.refused {
            self.tell(Event::RouteRefused {
                peer: prefix.clone(),
                destination: refused
                    .destination
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string),
                code: refused.reason.code().to_owned(),
                reason: refused.reason.to_string(),
            });
        }
        self.tell(Event::BroadcastHeard {
            peer: prefix.clone(),
            routes: count(outcome.accepted),
            refused: count(outcome.refused_count),
            withdrawn,
        });
        // Where nothing is new a heartbeat only gives routes longer to live, or shorter.
        let expiry = self.tables.next_expiry().map(|end| end + Millis(1));
        self.is_stirred |= outcome.changed
            || outcome.full_table_asked
            || outcome.is_back
            || outcome.broadcast_now
            || expiry.is_some_and(|at| at < self.quiet_until);
        if outcome.full_table_asked
            && let Some(peer) = self.peers.get_mut(prefix)
        {
            peer.asks_us = true;
            peer.resend_at = None;
        }
        if outcome.full_table_asked || outcome.is_back {
            self.outgoing.resend_all(prefix);
        }
        if outcome.broadcast_now {
            self.outgoing.urge();
        }
        if outcome.changed || outcome.broadcast_now {
            self.tell(Event::RoutesChanged {
                found: count(outcome.accepted),
                lost: count(outcome.lost.len()),
            });
        }
        Ok(())
    }

    /// A peer is there: its ledger is known, the routes configured through it are in the table.
    pub(super) fn open_routes(&mut self, prefix: &LedgerPrefix) {
        let Some(peer) = self.peers.get(prefix) else {
            return;
        };
        let (account, next_hop) = (peer.ledger.account(), peer.ledger.peer_account());
        if let Some(journal) = &mut self.journal {
            journal.ledger(prefix, account);
        }
        self.tables.add_ledger(prefix, account);
        for route in self
            .config
            .static_routes
            .iter()
            .filter(|route| route.via == *prefix)
        {
            // Checked when the connector was made.
            let Ok(target) = Prefix::new(&route.target_prefix) else {
                continue;
            };
            let heard = HeardRoute {
                source_ledger: prefix.clone(),
                prefix: target,
                curve: None,
                min_message_window: self.config.routing.min_message_window,
                paths: Paths::DIRECT,
                source_account: next_hop.clone(),
            };
            if let Some(journal) = &mut self.journal {
                journal.configured(&heard);
            }
            // Refused only where it would lead in a circle, as with a target of our own.
            let _ = self.tables.add_route(heard, Lifetime::Configured);
        }
        self.moved = Moved::All;
    }

    /// A peer is gone: so are its ledger and everything that it told.
    pub(super) fn close_routes(&mut self, prefix: &LedgerPrefix, account: &IlpAddress) {
        if let Some(journal) = &mut self.journal {
            journal.ledger_gone(prefix, account);
        }
        let lost = self.tables.remove_next_hop(account);
        self.note_lost(&lost);
        let change = self.tables.remove_ledger(prefix);
        self.note_pairs(change);
        self.incoming.remove_peer(account);
        self.quotes.forget(account);
        self.outgoing.remove_peer(prefix);
    }

    fn note_lost(&mut self, lost: &[Lost]) {
        if !lost.is_empty() {
            self.outgoing.urge();
            let lost = count(lost.len());
            self.tell(Event::RoutesChanged { found: 0, lost });
        }
    }

    pub(super) fn note_pairs(&mut self, change: PairsChange) {
        if change.gained || change.lost {
            self.is_stirred = true;
            self.outgoing.urge();
        }
        if change.changed {
            self.tell(Event::RoutesChanged { found: 0, lost: 0 });
        }
    }
}

/// Whether the peer took an update.
fn read_acknowledgement(peer: &Entry, outcome: &CallOutcome) -> Result<(), Reason> {
    let (status, body) = match outcome {
        CallOutcome::Answered { status, body } => (*status, body),
        CallOutcome::Failed(failure) => return Err(Reason::NoAnswer(*failure)),
    };
    match peer.dialect() {
        Dialect::V17 => send_message::read_answer(status, body),
        Dialect::V21 => send_request::read_taken(status, body, peer.call_parties()),
    }
    .map_err(|error| Reason::of_answer(status, error))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
