//! What the peer's calls do: it pays us, and it executes or refuses what we pay.

use super::{
    Direction, Done, Doubt, Entry, Fulfillment, Json, LedgerError, Outcome, PeerLedger, Record,
};
use super::{MAX_ATTACHED, State, Transfer, TransferId};
use crate::timestamp::Timestamp;

impl PeerLedger {
    /// `send_transfer` of the peer. The amount counts at once, as a hold if there is a condition; more
    /// than the limit is refused, reaching it exactly is allowed. The same again is a repeat, in any state.
    ///
    /// DIFFERENCE: ilp-plugin-virtual 16 prepares a resolved transfer anew on the side that sent it, and
    /// takes one whose time is over, to let it run out. Here nothing comes back, and what is late is refused.
    pub fn receive(&mut self, now: Timestamp, transfer: Transfer) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            ledger.check_parties(&transfer, Direction::Incoming)?;
            if let Some(done) = ledger.repeats(&transfer)? {
                return Ok(done);
            }
            ledger.check_new(now, &transfer)?;
            let moved = i128::from(transfer.amount.units());
            if ledger.balance.saturating_add(moved) > i128::from(ledger.limit.units()) {
                return Err(LedgerError::OverLimit {
                    amount: transfer.amount,
                    balance: ledger.balance,
                    limit: ledger.limit,
                });
            }
            let record = Record {
                state: State::at_first(&transfer),
                transfer,
                direction: Direction::Incoming,
                to_tell: false,
                changed_at: now,
                doubt: None,
            };
            ledger.write(record, moved, entries);
            Ok(Done::Changed)
        })
    }

    /// `fulfill_condition` of the peer: a transfer of ours is executed, and only now it counts. At the
    /// instant at which it expires it is too late; that the peer has executed it all the same is kept as a
    /// [`Doubt`], for it counts the amount.
    pub fn fulfilled(
        &mut self,
        now: Timestamp,
        id: &TransferId,
        fulfillment: &Fulfillment,
    ) -> Outcome {
        let fulfillment = *fulfillment;
        self.operate(now, |ledger, now, entries| {
            let record = ledger.on_hold(id, Direction::Outgoing)?;
            let moved = -i128::from(record.transfer.amount.units());
            let is_right = record
                .transfer
                .hold
                .is_some_and(|hold| hold.condition.is_met_by(&fulfillment));
            if record.state == State::Expired && is_right && record.doubt.is_none() {
                let doubted = Record {
                    changed_at: now,
                    doubt: Some(Doubt::Contradicted),
                    ..record.clone()
                };
                ledger.write(doubted, 0, entries);
            }
            let executed = ledger.execute(now, id, fulfillment, Direction::Outgoing)?;
            Ok(ledger.write_changed(executed, moved, entries))
        })
    }

    /// `reject_incoming_transfer` of the peer: a transfer of ours comes to nothing. One that ran out
    /// before has come to nothing already: a repeat. A reason longer than [`MAX_ATTACHED`] is not kept.
    pub fn rejected(&mut self, now: Timestamp, id: &TransferId, reason: Option<Json>) -> Outcome {
        let reason = reason.filter(|reason| reason.as_str().len() <= MAX_ATTACHED);
        self.operate(now, |ledger, now, entries| {
            let rejected = ledger.roll_back(now, id, Direction::Outgoing, reason)?;
            Ok(ledger.write_changed(rejected, 0, entries))
        })
    }

    /// `expire_transfer` of the peer, about a transfer of either side. Whether it has run out is a
    /// question of our own clock alone; if so, its hold was given back already.
    ///
    /// DIFFERENCE: ilp-plugin-virtual 16 keeps the hold of an incoming transfer for good here.
    pub fn told_expired(&mut self, now: Timestamp, id: &TransferId) -> Outcome {
        self.operate(now, |ledger, now, _| {
            let record = ledger.conditional(id)?;
            match (&record.state, record.transfer.hold) {
                (State::Prepared, Some(hold)) => Err(LedgerError::TooEarly {
                    id: id.clone(),
                    expires_at: hold.expires_at,
                    now,
                }),
                (State::Executed { .. }, _) => {
                    Err(LedgerError::AlreadyFulfilled { id: id.clone() })
                }
                _ => Ok(Done::Repeated),
            }
        })
    }

    /// The record after `fulfillment`; none if it was executed by it before.
    pub(super) fn execute(
        &self,
        now: Timestamp,
        id: &TransferId,
        fulfillment: Fulfillment,
        direction: Direction,
    ) -> Result<Option<Record>, LedgerError> {
        let record = self.on_hold(id, direction)?;
        if record.state.is_rolled_back() {
            return Err(LedgerError::AlreadyRolledBack { id: id.clone() });
        }
        let hold = record.transfer.hold;
        if !hold.is_some_and(|hold| hold.condition.is_met_by(&fulfillment)) {
            return Err(LedgerError::WrongFulfillment { id: id.clone() });
        }
        Ok((!record.state.is_final()).then(|| Record {
            state: State::Executed {
                fulfillment: Some(fulfillment),
            },
            to_tell: direction == Direction::Incoming,
            changed_at: now,
            ..record.clone()
        }))
    }

    /// The record after a rejection; none if it came to nothing before.
    pub(super) fn roll_back(
        &self,
        now: Timestamp,
        id: &TransferId,
        direction: Direction,
        reason: Option<Json>,
    ) -> Result<Option<Record>, LedgerError> {
        let record = self.on_hold(id, direction)?;
        match record.state {
            State::Executed { .. } => Err(LedgerError::AlreadyFulfilled { id: id.clone() }),
            State::Prepared => Ok(Some(Record {
                state: State::Rejected { reason },
                to_tell: direction == Direction::Incoming,
                changed_at: now,
                ..record.clone()
            })),
            _ => Ok(None),
        }
    }

    /// Writes what changed, if something did.
    pub(super) fn write_changed(
        &mut self,
        record: Option<Record>,
        moved: i128,
        entries: &mut Vec<Entry>,
    ) -> Done {
        match record {
            Some(record) => {
                self.write(record, moved, entries);
                Done::Changed
            }
            None => Done::Repeated,
        }
    }
}
