//! Messages on their way.

use c2c::address::LedgerPrefix;
use c2c::connector::{Answer, Call, CallFailure, CallId, CallOutcome, Input, Request, RequestId};
use c2c::rpc::Method;
use c2c::timestamp::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Network, What};

/// What befalls messages. The default: they take 5 to 50 ms and all arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wire {
    /// The shortest time that a message takes, in milliseconds.
    pub least_ms: u64,
    /// The longest.
    pub most_ms: u64,
    /// How many of a thousand calls get lost.
    pub requests_lost: u64,
    /// How many of a thousand answers get lost.
    pub answers_lost: u64,
    /// How many of a thousand calls arrive twice.
    pub copied: u64,
    /// How many of a thousand calls arrive again later, when others may have come and the caller has its
    /// answer, or gave up.
    pub copied_late: u64,
    /// How much later, at most.
    pub copied_late_ms: u64,
    /// How many of a thousand calls are held up for up to `late_ms` longer.
    pub late: u64,
    /// The longest that a call is held up.
    pub late_ms: u64,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            least_ms: 5,
            most_ms: 50,
            requests_lost: 0,
            answers_lost: 0,
            copied: 0,
            copied_late: 0,
            copied_late_ms: 60_000,
            late: 0,
            late_ms: 4_000,
        }
    }
}

/// Something on its way.
#[derive(Debug)]
pub(super) enum Parcel {
    Request {
        from: usize,
        life: u32,
        call: Box<Call>,
        deadline: Timestamp,
        /// A second one of the same call: nobody waits for its answer.
        is_copy: bool,
        /// Which update of the sender to this peer it is, if it is one.
        update: Option<u64>,
    },
    Done {
        to: usize,
        life: u32,
        id: CallId,
        outcome: CallOutcome,
        /// Whose update it was the answer to, over which ledger, and which one.
        update: Option<(LedgerPrefix, u64)>,
    },
}

/// The last update from a connector to a peer.
#[derive(Debug)]
pub(super) struct LastUpdate {
    number: u64,
    life: u32,
    is_answered: bool,
}

/// A request that a connector has not answered yet.
#[derive(Debug)]
pub(super) struct Open {
    from: usize,
    life: u32,
    id: CallId,
    deadline: Timestamp,
    is_copy: bool,
    update: Option<(LedgerPrefix, u64)>,
}

impl Network {
    pub(super) fn send(&mut self, from: usize, mut call: Call) {
        let life = self.nodes[from].life;
        let deadline = self.now + call.timeout;
        self.traffic.calls += 1;
        self.traffic.bytes += call.body.len() as u64;
        let mut update = None;
        if matches!(call.method, Method::SendRequest | Method::SendMessage) {
            self.sent += 1;
            update = Some(self.sent);
            let last = LastUpdate {
                number: self.sent,
                life,
                is_answered: false,
            };
            self.last_updates.insert((from, call.peer.clone()), last);
            self.lie(from, &mut call);
            if let Some(updates) = &mut self.updates {
                updates.push((from, call.body.clone()));
            }
        }
        let mut at = self.now + self.some_delay();
        if self.random.chance(self.wire.late) {
            self.faults.late += 1;
            at = at + Millis(self.random.below(self.wire.late_ms));
        }
        let lost = self.random.chance(self.wire.requests_lost);
        self.faults.requests_lost += u64::from(lost);
        let arrives = (!lost && at <= deadline).then_some(at);
        if self.recording
            && let Some(to) = self.receiver(&call)
        {
            self.happened(What::Sent {
                from,
                to,
                method: call.method.name().to_owned(),
                bytes: call.body.len(),
                arrives,
            });
        }
        if self.random.chance(self.wire.copied_late) {
            self.faults.late_copies += 1;
            let later = at + Millis(self.random.below(self.wire.copied_late_ms));
            let copy = Parcel::Request {
                from,
                life,
                call: Box::new(call.clone()),
                deadline,
                is_copy: true,
                update,
            };
            self.post(later, copy);
        }
        let named = update.map(|number| (call.peer.clone(), number));
        if arrives.is_none() {
            let outcome = CallOutcome::Failed(CallFailure::Timeout);
            let id = call.id;
            let done = Parcel::Done {
                to: from,
                life,
                id,
                outcome,
                update: named,
            };
            self.post(deadline, done);
            return;
        }
        if self.random.chance(self.wire.copied) {
            // It comes before the first is answered: afterwards the connection is not used for it.
            self.faults.copies += 1;
            let call = Box::new(call.clone());
            let copy = Parcel::Request {
                from,
                life,
                call,
                deadline,
                is_copy: true,
                update,
            };
            self.post(at, copy);
        }
        let call = Box::new(call);
        let request = Parcel::Request {
            from,
            life,
            call,
            deadline,
            is_copy: false,
            update,
        };
        self.post(at, request);
    }

    pub(super) fn answer(&mut self, node: usize, open: Open, answer: Answer) {
        if open.is_copy {
            return;
        }
        let at = self.now + self.some_delay();
        let lost = self.random.chance(self.wire.answers_lost);
        self.faults.answers_lost += u64::from(lost);
        let is_late = at > open.deadline || lost || self.is_cut(node, open.from);
        let (at, outcome, arrives) = if is_late {
            let outcome = CallOutcome::Failed(CallFailure::Timeout);
            (open.deadline, outcome, None)
        } else {
            self.traffic.answered += 1;
            let Answer { status, body, .. } = answer;
            (at, CallOutcome::Answered { status, body }, Some(at))
        };
        self.happened(What::Answered {
            from: node,
            to: open.from,
            status: answer.status,
            arrives,
        });
        let done = Parcel::Done {
            to: open.from,
            life: open.life,
            id: open.id,
            outcome,
            update: open.update,
        };
        self.post(at, done);
    }

    /// Hands a parcel over. Which connector took something in.
    pub(super) fn deliver(&mut self, parcel: Parcel) -> Option<usize> {
        match parcel {
            Parcel::Done {
                to,
                life,
                id,
                outcome,
                update,
            } => {
                let at = &self.nodes[to];
                if !at.running || at.life != life {
                    return None;
                }
                if let Some((ledger, number)) = update
                    && let CallOutcome::Answered { .. } = outcome
                    && let Some(last) = self.last_updates.get_mut(&(to, ledger))
                {
                    last.is_answered |= last.number == number;
                }
                // The call was made and is reported once.
                let _ = self.input(to, Input::CallDone { id, outcome });
                Some(to)
            }
            Parcel::Request {
                from,
                life,
                call,
                deadline,
                is_copy,
                update,
            } => {
                let reached = self
                    .receiver(&call)
                    .filter(|to| self.nodes[*to].running && !self.is_cut(from, *to));
                let Some(to) = reached else {
                    self.faults.unreachable += 1;
                    if !is_copy {
                        let outcome = CallOutcome::Failed(CallFailure::Unreachable);
                        let done = Parcel::Done {
                            to: from,
                            life,
                            id: call.id,
                            outcome,
                            update: None,
                        };
                        self.post(self.now, done);
                    }
                    return None;
                };
                if let Some(number) = update
                    && is_copy
                    && self.is_old(from, &call.peer, number, deadline)
                {
                    self.faults.stale_copies += 1;
                    self.misquoted.insert(from);
                    self.last_disturbed = self.now;
                    self.last_lied = self.now;
                }
                let update = update.map(|number| (call.peer.clone(), number));
                let request = RequestId(self.sent);
                self.sent += 1;
                let open = Open {
                    from,
                    life,
                    id: call.id,
                    deadline,
                    is_copy,
                    update,
                };
                self.open.insert((to, request), open);
                // A request is always taken: what is wrong with it stands in the answer.
                let _ = self.input(to, Input::Request(request_of(request, *call)));
                Some(to)
            }
        }
    }

    /// Whether the update `number` of `from` over `ledger` may not be what it would say: it sent another
    /// one since, or stopped, or gave it up.
    fn is_old(&self, from: usize, ledger: &LedgerPrefix, number: u64, deadline: Timestamp) -> bool {
        let last = self.last_updates.get(&(from, ledger.clone()));
        let at = &self.nodes[from];
        last.is_none_or(|last| {
            let gave_up = !last.is_answered && deadline < self.now;
            last.number != number || last.life != at.life || !at.running || gave_up
        })
    }

    pub(super) fn post(&mut self, at: Timestamp, parcel: Parcel) {
        self.sent += 1;
        self.parcels.insert((at, self.sent), parcel);
    }

    /// Who takes calls at the address of `call`.
    fn receiver(&self, call: &Call) -> Option<usize> {
        let (address, _) = call.url.split_once('?')?;
        self.addresses.get(address).copied()
    }

    fn lie(&mut self, from: usize, call: &mut Call) {
        let Some(lie) = self.nodes[from].lie else {
            return;
        };
        let claimed: Vec<String> = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(node, _)| *node != from)
            .filter_map(|(_, node)| Some(node.config.ledgers.first()?.prefix.to_string()))
            .collect();
        let mut old = self.nodes[from].old.remove(&call.peer);
        let told = lie.tell(&call.body, &mut old, &claimed, &mut self.random);
        if let Some(old) = old {
            self.nodes[from].old.insert(call.peer.clone(), old);
        }
        if let Some(body) = told {
            call.body = body;
            self.last_disturbed = self.now;
            self.last_lied = self.now;
            let counter = match lie {
                super::Lie::TooGood => &mut self.faults.too_good,
                super::Lie::Claims => &mut self.faults.claims,
                super::Lie::Malformed => &mut self.faults.malformed,
                super::Lie::Replays => &mut self.faults.replays,
                super::Lie::Leaks => &mut self.faults.leaks,
                super::Lie::Keeps => &mut self.faults.kept,
                super::Lie::Flaps => &mut self.faults.flaps,
                // They say what their engine says.
                super::Lie::Skims | super::Lie::Wanders => return,
            };
            *counter += 1;
            if let Some(to) = self.receiver(call) {
                self.happened(What::Lied {
                    node: from,
                    to,
                    lie,
                });
            }
        }
    }

    fn some_delay(&mut self) -> Millis {
        Millis(self.random.between(self.wire.least_ms, self.wire.most_ms))
    }
}

/// The call as it comes in at the other end.
fn request_of(id: RequestId, call: Call) -> Request {
    let (_, query) = call.url.split_once('?').unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map_or_else(String::new, |(_, value)| value.to_owned())
    };
    Request {
        id,
        method: value("method"),
        prefix: value("prefix"),
        bearer: Some(call.bearer.reveal().to_owned()),
        body: call.body,
    }
}
