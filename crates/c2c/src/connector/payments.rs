//! Payments: what comes in on one ledger goes on on another, and what becomes of it there is passed back.
//!
//! Everything that is needed is in the ledgers themselves: a transfer that goes on for another names it in
//! its private note, and its id follows from the other's. So what was stored is all that a restart needs.
//! What goes on and what came in are stored together, before anybody is told of either.

use crate::address::LedgerPrefix;
use crate::ledger::{Direction, Done, LedgerError, State, Transfer, TransferId};
use crate::packet::ErrorCode;
use crate::payment::{self, Next, Refusal, Sides, Source, Terms};
use crate::snapshot::Event;
use crate::timestamp::Timestamp;

use super::{Connector, FollowUp};

/// A transfer to us that has come: of a peer, or of an account on a ledger of our own.
struct Incoming<'a> {
    transfer: &'a Transfer,
    state: &'a State,
}

impl Connector {
    /// Does what follows from what happened on the ledgers, until nothing follows any more.
    pub(super) fn follow_up(&mut self, now: Timestamp) {
        while let Some(next) = self.follow_ups.pop_front() {
            match next {
                FollowUp::Came { ledger, id } => self.go_on(now, &ledger, &id),
                FollowUp::Ended {
                    ledger,
                    source,
                    state,
                    refused,
                } => self.pass_back(now, &ledger, &source, &state, refused),
                FollowUp::Paid { ledger, id } => self.payment_ended(&ledger, &id),
            }
        }
    }

    /// A transfer to us has come.
    fn go_on(&mut self, now: Timestamp, ledger: &LedgerPrefix, id: &TransferId) {
        match self.next_of(now, ledger, id) {
            None | Some(Ok(Next::Ours)) => {}
            Some(Err(refusal)) => self.turn_down(now, ledger, id, &refusal),
            Some(Ok(Next::Deliver(delivery))) => {
                let source = Source {
                    ledger: ledger.clone(),
                    id: id.clone(),
                };
                let account = delivery.transfer.from.clone();
                match self.deliver(now, *delivery) {
                    Ok(None) => {}
                    Ok(Some(fulfillment)) => self.fulfill_source(now, &source, &fulfillment),
                    Err(error) => {
                        let refusal = Refusal {
                            code: error.ilp_code(),
                            message: error.to_string(),
                            triggered_by: account,
                            triggered_at: now,
                        };
                        self.turn_down(now, ledger, id, &refusal);
                    }
                }
            }
            Some(Ok(Next::Transfer(next))) => {
                let (there, account) = (next.ledger.clone(), next.from.clone());
                let sent = self.operate(now, &there, None, |ledger, now| ledger.send(now, *next));
                let error = match sent {
                    Some(Ok(Done::Changed | Done::Repeated)) => return,
                    Some(Err(error)) => Some(error),
                    None => None,
                };
                let code = error
                    .as_ref()
                    .map_or(ErrorCode::T01, Refusal::code_of_ledger);
                let refusal = Refusal {
                    code,
                    message: error.map_or_else(
                        || "The next ledger is gone.".to_owned(),
                        |error| format!("The next transfer failed: {error}"),
                    ),
                    triggered_by: account,
                    triggered_at: now,
                };
                self.turn_down(now, ledger, id, &refusal);
            }
        }
    }

    /// What becomes of a transfer that has come; none if it is not there or comes to nothing already.
    fn next_of(
        &self,
        now: Timestamp,
        ledger: &LedgerPrefix,
        id: &TransferId,
    ) -> Option<Result<Next, Refusal>> {
        let incoming = self.incoming(ledger, id)?;
        if incoming.state.is_rolled_back() {
            return None;
        }
        let sides = |ledger: &str| {
            let peer = self.peers.get(ledger)?;
            Some(Sides {
                account: peer.ledger.account().clone(),
                peer_account: peer.ledger.peer_account().clone(),
            })
        };
        let own = |ledger: &str| {
            let mut ledgers = self.config.ledgers.iter();
            let found = ledgers.find(|own| own.prefix.as_str() == ledger)?;
            Some(found.account.clone())
        };
        let worth = |from: &str, to: &str, amount: u64| self.worth(from, to, amount);
        let routing = &self.config.routing;
        let terms = Terms {
            tables: &self.tables,
            sides: &sides,
            own: &own,
            worth: &worth,
            id_secret: &self.config.id_secret,
            min_message_window: routing.min_message_window,
            max_hold_time: routing.max_hold_time,
            slippage: routing.slippage.ratio(),
        };
        let decided = payment::next(now, incoming.transfer, &terms);
        // A peer that does not answer would keep the money on hold until it runs out. One that was not called
        // yet, for we have just started, is given the chance.
        Some(decided.and_then(|next| {
            match &next {
                Next::Transfer(transfer)
                    if !self
                        .peers
                        .get(&transfer.ledger)
                        .is_some_and(super::Entry::may_answer) =>
                {
                    Err(Refusal {
                        code: ErrorCode::T01,
                        message: "The next connector does not answer.".to_owned(),
                        triggered_by: transfer.from.clone(),
                        triggered_at: now,
                    })
                }
                Next::Ours if self.is_own(ledger) => Err(Refusal {
                    code: ErrorCode::F06,
                    message: "The connector's own account expects no payment.".to_owned(),
                    triggered_by: incoming.transfer.to.clone(),
                    triggered_at: now,
                }),
                _ => Ok(next),
            }
        }))
    }

    /// A transfer to us that is kept.
    fn incoming(&self, ledger: &LedgerPrefix, id: &TransferId) -> Option<Incoming<'_>> {
        if let Some(peer) = self.peers.get(ledger) {
            let record = peer.ledger.transfer(id)?;
            return Some(Incoming {
                transfer: &record.transfer,
                state: &record.state,
            });
        }
        let record = self.accounts.ledger(ledger)?.record(id)?;
        Some(Incoming {
            transfer: &record.transfer,
            state: &record.state,
        })
    }

    /// Rejects a transfer of a peer. One without a condition is kept: it is executed, and nobody waits.
    fn turn_down(
        &mut self,
        now: Timestamp,
        ledger: &LedgerPrefix,
        id: &TransferId,
        refusal: &Refusal,
    ) {
        self.reject_source(now, ledger, id, refusal.to_json());
    }

    /// What went on has ended: the transfer that it went on for ends the same way.
    fn pass_back(
        &mut self,
        now: Timestamp,
        ledger: &LedgerPrefix,
        source: &Source,
        state: &State,
        refused: Option<String>,
    ) {
        let (Some(there), Some(here)) = (
            self.tables.account_on(ledger.as_str()),
            self.tables.account_on(source.ledger.as_str()),
        ) else {
            return;
        };
        let arose_there = |code: ErrorCode, message: String| Refusal {
            code,
            message,
            triggered_by: there.clone(),
            triggered_at: now,
        };
        let reason = match state {
            State::Prepared | State::Executed { fulfillment: None } => return,
            State::Executed {
                fulfillment: Some(fulfillment),
            } => {
                let fulfillment = *fulfillment;
                return self.fulfill_source(now, source, &fulfillment);
            }
            State::Rejected { reason } => Refusal::passed_on(reason.as_ref(), here, there, now),
            // DIFFERENCE: ilp-connector 21 stumbles here, and lets the incoming transfer run out.
            State::Expired => {
                let message = "The next transfer ran out.".to_owned();
                arose_there(ErrorCode::R00, message).to_json()
            }
            State::Cancelled => {
                let class = refused.unwrap_or_default();
                let message = format!("The next connector refused the transfer: {class}");
                arose_there(Refusal::code_of(&class), message).to_json()
            }
        };
        self.reject_source(now, &source.ledger, &source.id, reason);
    }

    fn fulfill_source(
        &mut self,
        now: Timestamp,
        source: &Source,
        fulfillment: &crate::ledger::Fulfillment,
    ) {
        if self.is_own(&source.ledger) {
            return self.fulfill_own(now, source, fulfillment);
        }
        let done = self.operate(now, &source.ledger, None, |ledger, now| {
            ledger.fulfill(now, &source.id, fulfillment)
        });
        // Only where this program stood still for longer than the window: we have paid, and are not paid.
        if let Some(Err(error)) = done {
            self.tell(Event::TransferDisputed {
                peer: source.ledger.clone(),
                id: source.id.clone(),
                reason: format!("What it went on as is paid, but: {error}"),
            });
        }
    }

    fn reject_source(
        &mut self,
        now: Timestamp,
        ledger: &LedgerPrefix,
        id: &TransferId,
        reason: Option<crate::ledger::Json>,
    ) {
        if self.is_own(ledger) {
            return self.reject_own(now, ledger, id, reason);
        }
        let done = self.operate(now, ledger, None, |ledger, now| {
            ledger.reject(now, id, reason)
        });
        match done {
            // It has run out, or was without a condition.
            None | Some(Ok(_) | Err(LedgerError::NotConditional { .. })) => {}
            Some(Err(error)) => self.tell(Event::TransferDisputed {
                peer: ledger.clone(),
                id: id.clone(),
                reason: format!("What it went on as came to nothing, but: {error}"),
            }),
        }
    }

    /// Goes on with payments where a restart has left them. What came in and what it went on as were stored
    /// together; so whatever is on hold and did not go on is for us, or was cut off before it was decided.
    pub(super) fn resume_payments(&mut self, now: Timestamp) {
        let mut left = Vec::new();
        for (prefix, peer) in &self.peers {
            for record in peer.ledger.transfers() {
                let transfer = &record.transfer;
                match record.direction {
                    Direction::Outgoing if record.state.is_final() => {
                        self.follow_ups
                            .extend(Source::of(transfer).and_then(|source| {
                                self.is_on_hold(&source).then(|| FollowUp::Ended {
                                    ledger: prefix.clone(),
                                    source,
                                    state: record.state.clone(),
                                    refused: None,
                                })
                            }));
                    }
                    Direction::Incoming if !record.state.is_final() => {
                        left.push((prefix.clone(), transfer.id.clone()));
                    }
                    _ => {}
                }
            }
        }
        left.extend(self.accounts.on_hold());
        left.retain(|(prefix, id)| {
            let next = payment::next_id(&self.config.id_secret, prefix, id);
            let mut peers = self.peers.values();
            !peers.any(|peer| peer.ledger.transfer(&next).is_some())
        });
        for (ledger, id) in left {
            if let Some(Ok(Next::Transfer(_) | Next::Deliver(_)) | Err(_)) =
                self.next_of(now, &ledger, &id)
            {
                let Some(account) = self.tables.account_on(ledger.as_str()) else {
                    continue;
                };
                let refusal = Refusal {
                    code: ErrorCode::T00,
                    message: "The connector was restarted before the payment went on.".to_owned(),
                    triggered_by: account.clone(),
                    triggered_at: now,
                };
                self.turn_down(now, &ledger, &id, &refusal);
            }
        }
    }

    fn is_on_hold(&self, source: &Source) -> bool {
        let incoming = self.incoming(&source.ledger, &source.id);
        incoming.is_some_and(|incoming| !incoming.state.is_final())
    }

    /// What went on over a ledger that is being removed cannot be fulfilled any more: it is rejected where
    /// it came from.
    pub(super) fn cut_off(&mut self, ledger: &LedgerPrefix) {
        let Some(peer) = self.peers.get(ledger) else {
            return;
        };
        let on_hold = peer
            .ledger
            .transfers()
            .filter(|record| record.direction == Direction::Outgoing && !record.state.is_final());
        let sources: Vec<Source> = on_hold
            .filter_map(|record| Source::of(&record.transfer))
            .collect();
        let (account, now) = (peer.ledger.account().clone(), self.now);
        for source in sources {
            let refusal = Refusal {
                code: ErrorCode::T01,
                message: "The next connector is no peer any more.".to_owned(),
                triggered_by: account.clone(),
                triggered_at: now,
            };
            self.turn_down(now, &source.ledger, &source.id, &refusal);
        }
    }
}
