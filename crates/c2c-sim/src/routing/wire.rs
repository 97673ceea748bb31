//! Updates and their answers on the way.

use c2c::address::LedgerPrefix;
use c2c::message::RoutingUpdate;
use c2c::timestamp::{Millis, Timestamp};

use super::{Routing, Word};

/// How long a call may take.
const TIMEOUT: Millis = Millis(5_000);

/// Something on its way.
#[derive(Debug)]
pub(super) enum Parcel {
    /// An update.
    Update {
        from: usize,
        ledger: LedgerPrefix,
        update: Box<RoutingUpdate>,
        sent: Sent,
    },
    /// What came of one.
    Done {
        to: usize,
        ledger: LedgerPrefix,
        sent: Sent,
        /// None: it was taken; else whether it may have arrived.
        failed: Option<bool>,
    },
}

/// How much an update held, and when it is given up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    routes: usize,
    withdrawn: usize,
    deadline: Timestamp,
}

impl Routing {
    pub(super) fn send(&mut self, from: usize, ledger: LedgerPrefix, update: RoutingUpdate) {
        let sent = Sent {
            routes: update.new_routes.len(),
            withdrawn: update.unreachable_through_me.len(),
            deadline: self.now + TIMEOUT,
        };
        let at = self.now + self.delay();
        if self.random.chance(self.wire.requests_lost) || at > sent.deadline {
            let failed = Some(true);
            let to = from;
            return self.post(
                sent.deadline,
                Parcel::Done {
                    to,
                    ledger,
                    sent,
                    failed,
                },
            );
        }
        let update = Box::new(update);
        self.post(
            at,
            Parcel::Update {
                from,
                ledger,
                update,
                sent,
            },
        );
    }

    /// Hands a parcel over. Which router took something in.
    pub(super) fn deliver(&mut self, parcel: Parcel) -> Option<usize> {
        match parcel {
            Parcel::Update {
                from,
                ledger,
                update,
                sent,
            } => {
                let to = self.across(from, &ledger)?;
                if self.is_cut(from, to) || self.routers[to].removed {
                    let failed = Some(false);
                    let to = from;
                    self.post(
                        self.now,
                        Parcel::Done {
                            to,
                            ledger,
                            sent,
                            failed,
                        },
                    );
                    return None;
                }
                self.hear(to, &ledger, *update);
                let at = self.now + self.delay();
                let is_late = at > sent.deadline || self.random.chance(self.wire.answers_lost);
                let (at, failed) = if is_late {
                    (sent.deadline, Some(true))
                } else {
                    (at, None)
                };
                self.post(
                    at,
                    Parcel::Done {
                        to: from,
                        ledger,
                        sent,
                        failed,
                    },
                );
                Some(to)
            }
            Parcel::Done {
                to,
                ledger,
                sent,
                failed,
            } => {
                self.done(to, &ledger, sent, failed);
                Some(to)
            }
        }
    }

    /// A router hears an update.
    fn hear(&mut self, node: usize, ledger: &LedgerPrefix, update: RoutingUpdate) {
        let router = &mut self.routers[node];
        let Some(peer) = router.peers.get(ledger) else {
            return;
        };
        let outcome = router
            .incoming
            .apply(&mut router.tables, self.now, &peer.account, update);
        if outcome.full_table_asked || outcome.is_back {
            router.outgoing.resend_all(ledger);
        }
        if outcome.broadcast_now {
            router.outgoing.urge();
        }
        if outcome.changed || outcome.broadcast_now {
            let (found, lost) = (outcome.accepted, outcome.lost.len());
            self.say(node, Word::Changed { found, lost });
        }
        self.turn(node);
    }

    /// An update of `node` is over.
    fn done(&mut self, node: usize, ledger: &LedgerPrefix, sent: Sent, failed: Option<bool>) {
        let now = self.now;
        let router = &mut self.routers[node];
        let Some(peer) = router.peers.get_mut(ledger) else {
            return;
        };
        let (to, was_up) = (peer.place, peer.is_up);
        peer.is_up = failed.is_none();
        let Some(may_have_arrived) = failed else {
            peer.last_reached = now;
            router.outgoing.acknowledge(ledger, now);
            self.told += sent.routes as u64;
            self.withdrawn += sent.withdrawn as u64;
            if !was_up {
                self.say(node, Word::Reached { to });
            }
            if sent.routes + sent.withdrawn > 0 {
                let Sent {
                    routes, withdrawn, ..
                } = sent;
                self.say(
                    node,
                    Word::Told {
                        to,
                        routes,
                        withdrawn,
                    },
                );
            }
            return self.turn(node);
        };
        router.outgoing.failed(ledger, now, may_have_arrived);
        // What a peer told is of no use where no payment would reach it either.
        let lives = Millis(router.interval.0.saturating_mul(3) / 2);
        if peer.last_reached + lives < now {
            let account = peer.account.clone();
            let lost = router.tables.remove_peer(&account).len();
            if lost > 0 {
                router.outgoing.urge();
                self.say(node, Word::Changed { found: 0, lost });
            }
        }
        if was_up {
            self.say(node, Word::Silent { to });
        }
        self.turn(node);
    }

    pub(super) fn delay(&mut self) -> Millis {
        Millis(self.random.between(self.wire.least_ms, self.wire.most_ms))
    }

    fn post(&mut self, at: Timestamp, parcel: Parcel) {
        self.posted += 1;
        self.parcels.insert((at, self.posted), parcel);
    }
}
