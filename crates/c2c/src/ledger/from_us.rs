//! What we do ourselves, before the peer is called: pay it, and execute or refuse what it pays.

use super::{Direction, Done, Doubt, Fulfillment, Json, LedgerError, Outcome, PeerLedger, Record};
use super::{State, Transfer, TransferId};
use crate::timestamp::Timestamp;

impl PeerLedger {
    /// We send a transfer: call the peer's `send_transfer` once the outcome is stored. One with a
    /// condition counts when it is fulfilled, one without at once. More than the peer's limit leaves is
    /// refused, if we know it. The same again is a repeat: the call may be made again.
    ///
    /// DIFFERENCE: ilp-plugin-virtual 16 lets the peer refuse what is over the peer's limit, and does not
    /// notice where the transfer is conditional.
    pub fn send(&mut self, now: Timestamp, transfer: Transfer) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            ledger.check_parties(&transfer, Direction::Outgoing)?;
            if let Some(done) = ledger.repeats(&transfer)? {
                return Ok(done);
            }
            ledger.check_new(now, &transfer)?;
            if let Some(room) = ledger.room_to_pay()
                && transfer.amount > room
            {
                let amount = transfer.amount;
                return Err(LedgerError::OverPeerLimit { amount, room });
            }
            let moved = match transfer.hold {
                Some(_) => 0,
                None => -i128::from(transfer.amount.units()),
            };
            let record = Record {
                state: State::at_first(&transfer),
                transfer,
                direction: Direction::Outgoing,
                to_tell: true,
                changed_at: now,
                doubt: None,
            };
            ledger.write(record, moved, entries);
            Ok(Done::Changed)
        })
    }

    /// We execute a transfer of the peer: call its `fulfill_condition` once the outcome is stored, and
    /// again until it answers. The amount was counted when it came.
    pub fn fulfill(
        &mut self,
        now: Timestamp,
        id: &TransferId,
        fulfillment: &Fulfillment,
    ) -> Outcome {
        let fulfillment = *fulfillment;
        self.operate(now, |ledger, now, entries| {
            let executed = ledger.execute(now, id, fulfillment, Direction::Incoming)?;
            Ok(ledger.write_changed(executed, 0, entries))
        })
    }

    /// We refuse a transfer of the peer: its hold is given back. Call the peer's
    /// `reject_incoming_transfer` once the outcome is stored.
    pub fn reject(&mut self, now: Timestamp, id: &TransferId, reason: Option<Json>) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            let record = ledger.on_hold(id, Direction::Incoming)?;
            let moved = -i128::from(record.transfer.amount.units());
            let rejected = ledger.roll_back(now, id, Direction::Incoming, reason)?;
            Ok(ledger.write_changed(rejected, moved, entries))
        })
    }

    /// The peer refused our `send_transfer` in so many words (status 422): it has nothing on hold, and what
    /// an unconditional one took is put back, above our limit if need be, for it is owed to us.
    ///
    /// Not for calls that were not answered: the peer may have taken the transfer. One with a condition
    /// then runs out by itself, one without is sent again under its id.
    ///
    /// DIFFERENCE: ilp-plugin-virtual 16 puts an unconditional amount back whenever a call fails, so that
    /// the two sides may differ for good.
    pub fn cancel(&mut self, now: Timestamp, id: &TransferId) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            let record = ledger.found(id)?;
            if record.direction != Direction::Outgoing {
                return Err(LedgerError::WrongSide {
                    id: id.clone(),
                    needed: Direction::Outgoing,
                });
            }
            let moved = match (&record.state, record.to_tell) {
                (State::Prepared, true) => 0,
                (State::Executed { fulfillment: None }, true) => {
                    i128::from(record.transfer.amount.units())
                }
                (State::Prepared | State::Executed { fulfillment: None }, false) => {
                    return Err(LedgerError::AlreadyTaken { id: id.clone() });
                }
                (State::Executed { .. }, _) => {
                    return Err(LedgerError::AlreadyFulfilled { id: id.clone() });
                }
                _ => return Ok(Done::Repeated),
            };
            let cancelled = Record {
                state: State::Cancelled,
                to_tell: false,
                changed_at: now,
                ..record.clone()
            };
            ledger.write(cancelled, moved, entries);
            Ok(Done::Changed)
        })
    }

    /// The peer took our last word about a transfer: it answered `true`, or that it does not find what we
    /// told it to fulfill or reject, which kits say of what they resolved before. Storing this may wait.
    pub fn acknowledged(&mut self, now: Timestamp, id: &TransferId) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            let record = ledger.found(id)?;
            let told = record.to_tell.then(|| Record {
                to_tell: false,
                changed_at: now,
                ..record.clone()
            });
            Ok(ledger.write_changed(told, 0, entries))
        })
    }

    /// The peer's answer to our last word contradicts it, or may. It is not told again, and stays as it is:
    /// what both sides count must be compared, and settled by their operators.
    pub fn doubted(&mut self, now: Timestamp, id: &TransferId, doubt: Doubt) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            let record = ledger.found(id)?;
            let doubted = (record.to_tell && record.state.is_final()).then(|| Record {
                to_tell: false,
                changed_at: now,
                doubt: Some(doubt),
                ..record.clone()
            });
            Ok(ledger.write_changed(doubted, 0, entries))
        })
    }

    /// Lets run out what is due: to be called at [`next_expiry`](Self::next_expiry). Every other operation
    /// does the same first, so that what is called late changes nothing but when others learn of it.
    pub fn expire(&mut self, now: Timestamp) -> Outcome {
        self.operate(now, |_, _, entries| {
            Ok(match entries.is_empty() {
                true => Done::Repeated,
                false => Done::Changed,
            })
        })
    }
}
