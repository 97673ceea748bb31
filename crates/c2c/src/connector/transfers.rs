//! Transfers with peers: their calls go to the ledger, ours are made until they are answered.
//!
//! What happens on a ledger is handed out to be stored before the call is answered, or the peer called. Of
//! each transfer the peer has to take one last word of ours; which one stands in the ledger, also after a
//! restart. It is said again after pauses that double from ten milliseconds to half a minute:
//!
//! - `send_transfer` until it is answered or the transfer has run out; one without a condition until it is
//!   answered. A refusal in words calls it back, where it is sure that nothing of it took effect: the words
//!   are those of a ledger that refuses a transfer, and no earlier call can arrive after them.
//! - `fulfill_condition` until it is answered, for the peer may have taken it and only the answer been lost.
//!   What the peer says against it is kept as a doubt, for the two sides to be compared.
//! - `reject_incoming_transfer` until it is answered or the transfer has run out.
//!
//! `expire_transfer` is never called: both sides let run out by their own clocks.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::LedgerPrefix;
use crate::ledger::{
    Direction, Done, Doubt, Entry, Fulfillment, Json, LedgerError, Outcome, PeerLedger, Record,
    State, Transfer, TransferId,
};
use crate::payment::Source;
use crate::rpc::{
    self, Method, Refusal, fulfill_condition, reject_incoming_transfer, send_transfer,
};
use crate::snapshot::Event;
use crate::timestamp::{Millis, Timestamp};

use super::{CallId, CallOutcome, Change, Connector, Doing, Error, FollowUp, Output};

/// The first pause before a word is said again; each further one is twice as long.
const FIRST_PAUSE: Millis = Millis(10);
/// The longest pause.
const LAST_PAUSE: Millis = Millis(30_000);

/// How long a call may take, as in ilp-plugin-virtual 16: transfers last for seconds, and there must be time
/// to say it again. A call about one that runs out earlier waits for a third of the time that is left, so that
/// a lost call leaves time for two more, but no less than this.
const TIMEOUT: Millis = Millis(2_000);
const LEAST_TIMEOUT: Millis = Millis(300);

/// How long a call that was not answered may still be under way, and arrive.
const LINGERS: Millis = Millis(60_000);

/// What our last word about a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Sent,
    Fulfilled,
    Rejected,
}

impl Word {
    /// What is to be said of `record`.
    const fn about(record: &Record) -> Self {
        match (record.direction, &record.state) {
            (Direction::Outgoing, _) => Self::Sent,
            (Direction::Incoming, State::Executed { .. }) => Self::Fulfilled,
            (Direction::Incoming, _) => Self::Rejected,
        }
    }

    const fn method(self) -> Method {
        match self {
            Self::Sent => send_transfer::METHOD,
            Self::Fulfilled => fulfill_condition::METHOD,
            Self::Rejected => reject_incoming_transfer::METHOD,
        }
    }
}

/// Whether a ledger that answers with this class has not taken a transfer. Anything else may have gone wrong
/// after it was taken: a store that failed, a server that did not wait for its connector.
fn is_refused_for_good(class: &str) -> bool {
    matches!(
        class,
        "InvalidFieldsError"
            | "DuplicateIdError"
            | "NotAcceptedError"
            | "InsufficientBalanceError"
            | "AccountNotFoundError"
    )
}

/// What peers still have to be told of, and when it is said next.
#[derive(Clone, Debug, Default)]
pub(super) struct Telling {
    due: BTreeSet<(Timestamp, LedgerPrefix, TransferId)>,
    words: BTreeMap<(LedgerPrefix, TransferId), Saying>,
}

/// One word that is being said.
#[derive(Clone, Debug)]
struct Saying {
    failures: u32,
    /// When it is said next; none while a call is under way.
    at: Option<Timestamp>,
    call: Option<CallId>,
    /// Until when a call of ours that was not answered may arrive; none where all were answered.
    lingers_until: Option<Timestamp>,
}

impl Telling {
    /// When something is to be said next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, ..)| *at)
    }

    /// There is something new to say of a transfer, from `now` on. What was under way is not waited for.
    fn begin(&mut self, now: Timestamp, ledger: &LedgerPrefix, id: &TransferId) {
        self.end(ledger, id);
        let saying = Saying {
            failures: 0,
            at: Some(now),
            call: None,
            lingers_until: None,
        };
        self.due.insert((now, ledger.clone(), id.clone()));
        self.words.insert((ledger.clone(), id.clone()), saying);
    }

    /// The call about a transfer was not answered.
    fn unanswered(&mut self, now: Timestamp, ledger: &LedgerPrefix, id: &TransferId) {
        if let Some(saying) = self.words.get_mut(&(ledger.clone(), id.clone())) {
            saying.lingers_until = Some(now + LINGERS);
        }
    }

    /// Until when a call about a transfer that was not answered may arrive, if there was one.
    fn lingers_until(&self, ledger: &LedgerPrefix, id: &TransferId) -> Option<Timestamp> {
        self.words.get(&(ledger.clone(), id.clone()))?.lingers_until
    }

    /// Nothing more is to be said of a transfer.
    fn end(&mut self, ledger: &LedgerPrefix, id: &TransferId) {
        if self.words.is_empty() {
            return;
        }
        let key = (ledger.clone(), id.clone());
        if let Some(at) = self.words.remove(&key).and_then(|saying| saying.at) {
            self.due.remove(&(at, key.0, key.1));
        }
    }

    /// The next that is due; it counts as being said.
    fn take(&mut self, now: Timestamp) -> Option<(LedgerPrefix, TransferId)> {
        if self.next()? > now {
            return None;
        }
        let (_, ledger, id) = self.due.pop_first()?;
        let key = (ledger, id);
        if let Some(saying) = self.words.get_mut(&key) {
            saying.at = None;
        }
        Some(key)
    }

    fn called(&mut self, ledger: &LedgerPrefix, id: &TransferId, call: Option<CallId>) {
        if let Some(saying) = self.words.get_mut(&(ledger.clone(), id.clone())) {
            saying.call = call;
        }
    }

    /// Whether `call` is the one by which this is being said; it is over then.
    fn is_said_by(&mut self, ledger: &LedgerPrefix, id: &TransferId, call: CallId) -> bool {
        let saying = self.words.get_mut(&(ledger.clone(), id.clone()));
        saying.is_some_and(|saying| {
            saying
                .call
                .take_if(|under_way| *under_way == call)
                .is_some()
        })
    }

    /// It did not get through: it is said again after a pause.
    fn again(&mut self, now: Timestamp, ledger: &LedgerPrefix, id: &TransferId) {
        let key = (ledger.clone(), id.clone());
        if let Some(saying) = self.words.get_mut(&key) {
            let pause = FIRST_PAUSE.0 << saying.failures.min(12);
            saying.failures = saying.failures.saturating_add(1);
            let at = now + Millis(pause.min(LAST_PAUSE.0));
            saying.at = Some(at);
            self.due.insert((at, key.0, key.1));
        }
    }

    /// A peer is gone.
    fn forget(&mut self, ledger: &LedgerPrefix) {
        self.due.retain(|(_, of, _)| of != ledger);
        self.words.retain(|(of, _), _| of != ledger);
    }
}

impl Connector {
    /// A peer's call about a transfer.
    pub(super) fn transfer_called(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        request: rpc::Request<'_>,
    ) -> Result<String, Refusal> {
        let done = self.operate(now, prefix, None, |ledger, now| match request {
            rpc::Request::SendTransfer(transfer) => ledger.receive(now, *transfer),
            rpc::Request::FulfillCondition(id, fulfillment) => {
                ledger.fulfilled(now, &id, &fulfillment)
            }
            rpc::Request::RejectIncomingTransfer(id, reason) => ledger.rejected(now, &id, reason),
            rpc::Request::ExpireTransfer(id) => ledger.told_expired(now, &id),
            // The others are not about transfers, and change nothing.
            _ => ledger.expire(now),
        });
        match done {
            None => Err(Refusal::unauthorized()),
            Some(Ok(Done::Changed | Done::Repeated)) => Ok("true".to_owned()),
            Some(Err(error)) => Err(Refusal::ledger(&error)),
        }
    }

    /// Somebody here pays a peer.
    pub(super) fn send_transfer(
        &mut self,
        now: Timestamp,
        transfer: Transfer,
    ) -> Result<(), Error> {
        let prefix = transfer.ledger.clone();
        self.ask_ledger(now, &prefix, |ledger, now| ledger.send(now, transfer))
    }

    /// Somebody here executes a transfer of a peer.
    pub(super) fn fulfill_transfer(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: &TransferId,
        fulfillment: &Fulfillment,
    ) -> Result<(), Error> {
        self.ask_ledger(now, prefix, |ledger, now| {
            ledger.fulfill(now, id, fulfillment)
        })
    }

    /// Somebody here refuses a transfer of a peer.
    pub(super) fn reject_transfer(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: &TransferId,
        reason: Option<Json>,
    ) -> Result<(), Error> {
        self.ask_ledger(now, prefix, |ledger, now| ledger.reject(now, id, reason))
    }

    fn ask_ledger(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        work: impl FnOnce(&mut PeerLedger, Timestamp) -> Outcome,
    ) -> Result<(), Error> {
        match self.operate(now, prefix, None, work) {
            None => Err(Error::UnknownPeer {
                prefix: prefix.clone(),
            }),
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(Error::Ledger(Box::new(error))),
        }
    }

    /// Does `work` on the ledger, and hands out what came of it to be stored. `refused` is the class of the
    /// peer's refusal that is the cause, if one is. None if there is no such peer.
    pub(super) fn operate(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        refused: Option<&str>,
        work: impl FnOnce(&mut PeerLedger, Timestamp) -> Outcome,
    ) -> Option<Result<Done, LedgerError>> {
        let peer = self.peers.get_mut(prefix)?;
        let before = peer.ledger.next_expiry();
        let Outcome { entries, answer } = work(&mut peer.ledger, now);
        let after = peer.ledger.next_expiry();
        self.note_expiry(prefix, before, after);
        for entry in entries {
            self.note_entry(now, prefix, &entry, refused);
            let (ledger, entry) = (prefix.clone(), Box::new(entry));
            let change = Change::LedgerMoved { ledger, entry };
            self.outputs.push_back(Output::Persist(change));
        }
        Some(answer)
    }

    /// What follows from an entry: curves move, the peer is told, watchers hear of it, payments go on.
    fn note_entry(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        entry: &Entry,
        refused: Option<&str>,
    ) {
        let record = &entry.record;
        let id = &record.transfer.id;
        if record.to_tell {
            self.telling.begin(now, prefix, id);
        } else {
            self.telling.end(prefix, id);
        }
        if entry.is_acknowledgement() {
            if record.direction == Direction::Outgoing && record.doubt.is_some() {
                self.tell(Event::TransferDisputed {
                    peer: prefix.clone(),
                    id: id.clone(),
                    reason: "It ran out here, and the peer has executed it all the same."
                        .to_owned(),
                });
            }
            return;
        }
        self.moved.note(prefix);
        self.tell(Event::TransferChanged {
            peer: prefix.clone(),
            id: id.clone(),
            direction: record.direction,
            state: record.state.name().to_owned(),
            amount: record.transfer.amount,
        });
        match record.direction {
            Direction::Incoming if record.state == State::at_first(&record.transfer) => {
                self.follow_ups.push_back(FollowUp::Came {
                    ledger: prefix.clone(),
                    id: id.clone(),
                });
            }
            Direction::Outgoing if record.state.is_final() => {
                if let Some(source) = Source::of(&record.transfer) {
                    self.follow_ups.push_back(FollowUp::Ended {
                        ledger: prefix.clone(),
                        source,
                        state: record.state.clone(),
                        refused: refused.map(str::to_owned),
                    });
                }
            }
            _ => {}
        }
    }

    /// Everything about transfers whose time has come: what has run out, and what is to be said.
    pub(super) fn mind_transfers(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.is_restoring) {
            self.resume_payments(now);
        }
        self.follow_up(now);
        while self.expiries.first().is_some_and(|(at, _)| *at <= now)
            && let Some((_, prefix)) = self.expiries.pop_first()
        {
            // That nothing was due is no fault.
            let _ = self.operate(now, &prefix, None, PeerLedger::expire);
        }
        self.mind_accounts(now);
        self.mind_letters(now);
        self.follow_up(now);
        while let Some((prefix, id)) = self.telling.take(now) {
            self.say(now, &prefix, &id);
        }
    }

    /// When [`Connector::mind_transfers`] next has something to do.
    pub(super) fn next_minding(&self) -> Option<Timestamp> {
        let expiry = self.expiries.first().map(|(at, _)| *at);
        let own = self.accounts.next_expiry();
        expiry
            .into_iter()
            .chain(self.telling.next())
            .chain(own)
            .chain(self.quotes.next_letter())
            .min()
    }

    /// The next transfer of a ledger that runs out does so at another time.
    fn note_expiry(
        &mut self,
        prefix: &LedgerPrefix,
        before: Option<Timestamp>,
        after: Option<Timestamp>,
    ) {
        if before == after {
            return;
        }
        if let Some(at) = before {
            self.expiries.remove(&(at, prefix.clone()));
        }
        if let Some(at) = after {
            self.expiries.insert((at, prefix.clone()));
        }
    }

    /// Calls the peer with our last word about a transfer.
    fn say(&mut self, now: Timestamp, prefix: &LedgerPrefix, id: &TransferId) {
        let record = self
            .peers
            .get(prefix)
            .and_then(|peer| peer.ledger.transfer(id));
        let Some(record) = record.filter(|record| record.to_tell) else {
            // It was forgotten, which is after its time.
            return self.telling.end(prefix, id);
        };
        let word = Word::about(record);
        let body = match (word, &record.state) {
            (
                Word::Fulfilled,
                State::Executed {
                    fulfillment: Some(fulfillment),
                },
            ) => fulfill_condition::body(id, fulfillment),
            (Word::Rejected, State::Rejected { reason }) => {
                reject_incoming_transfer::body(id, reason.as_ref())
            }
            (Word::Sent, _) => send_transfer::body(&record.transfer),
            // Of nothing else is there anything to tell.
            _ => return self.telling.end(prefix, id),
        };
        let doing = Doing::Say {
            transfer: id.clone(),
            word,
        };
        let left = record.transfer.hold.map(|hold| hold.expires_at.since(now));
        let timeout = match left {
            Some(left) if left > Millis(0) => {
                TIMEOUT.min(LEAST_TIMEOUT.max(Millis(left.0.div_ceil(3))))
            }
            _ => TIMEOUT,
        }
        .min(self.config.routing.call_timeout);
        let call = self.call_peer_within(prefix, word.method(), doing, body.into_bytes(), timeout);
        self.telling.called(prefix, id, call);
    }

    /// A call with our last word is over.
    pub(super) fn said(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        call: CallId,
        id: &TransferId,
        word: Word,
        outcome: &CallOutcome,
    ) {
        // The transfer may have ended in the meantime, or the peer been removed.
        if !self.telling.is_said_by(prefix, id, call) {
            return;
        }
        let refusal = match outcome {
            CallOutcome::Answered { status, body } => {
                match send_transfer::read_answer(*status, body) {
                    Ok(()) => return self.acknowledged(now, prefix, id),
                    Err(error) => error.class().map(str::to_owned),
                }
            }
            CallOutcome::Failed(_) => None,
        };
        let lingers_until = self.telling.lingers_until(prefix, id);
        match (word, refusal.as_deref()) {
            (Word::Sent, Some(class))
                if is_refused_for_good(class) && lingers_until.is_none_or(|until| until <= now) =>
            {
                // One that was fulfilled meanwhile stays so.
                let _ = self.operate(now, prefix, Some(class), |ledger, now| {
                    ledger.cancel(now, id)
                });
            }
            (Word::Fulfilled, Some("AlreadyFulfilledError"))
            | (Word::Rejected, Some("TransferNotFoundError" | "AlreadyRolledBackError")) => {
                self.acknowledged(now, prefix, id);
            }
            // Done by an earlier call, very likely. By none that we know of: then it has run out there, or the
            // call has come twice on the way. The balances tell.
            (Word::Fulfilled, Some("TransferNotFoundError")) => {
                if lingers_until.is_none() {
                    self.tell(Event::TransferDisputed {
                        peer: prefix.clone(),
                        id: id.clone(),
                        reason: "We called fulfill_condition; the peer does not find the transfer."
                            .to_owned(),
                    });
                }
                self.doubted(now, prefix, id, Doubt::Unclear);
            }
            (
                Word::Fulfilled,
                Some(
                    class @ ("InvalidFieldsError"
                    | "AlreadyRolledBackError"
                    | "TransferNotConditionalError"
                    | "NotAcceptedError"),
                ),
            )
            | (
                Word::Rejected,
                Some(
                    class @ ("InvalidFieldsError"
                    | "AlreadyFulfilledError"
                    | "TransferNotConditionalError"
                    | "NotAcceptedError"),
                ),
            ) => {
                self.tell(Event::TransferDisputed {
                    peer: prefix.clone(),
                    id: id.clone(),
                    reason: format!("We called {}; the peer says {class}.", word.method()),
                });
                self.doubted(now, prefix, id, Doubt::Contradicted);
            }
            (Word::Rejected, _) if self.has_run_out(now, prefix, id) => {
                self.acknowledged(now, prefix, id);
            }
            (_, None) => {
                self.telling.unanswered(now, prefix, id);
                self.telling.again(now, prefix, id);
            }
            (_, Some(_)) => self.telling.again(now, prefix, id),
        }
    }

    /// The peer sees a transfer otherwise, or may.
    fn doubted(&mut self, now: Timestamp, prefix: &LedgerPrefix, id: &TransferId, doubt: Doubt) {
        self.telling.end(prefix, id);
        // One that was forgotten meanwhile is in the store.
        let _ = self.operate(now, prefix, None, |ledger, now| {
            ledger.doubted(now, id, doubt)
        });
    }

    /// The peer has taken our last word, or needs it no more.
    fn acknowledged(&mut self, now: Timestamp, prefix: &LedgerPrefix, id: &TransferId) {
        self.telling.end(prefix, id);
        // One that was forgotten meanwhile is not asked for again.
        let _ = self.operate(now, prefix, None, |ledger, now| {
            ledger.acknowledged(now, id)
        });
    }

    fn has_run_out(&self, now: Timestamp, prefix: &LedgerPrefix, id: &TransferId) -> bool {
        let record = self
            .peers
            .get(prefix)
            .and_then(|peer| peer.ledger.transfer(id));
        let hold = record.and_then(|record| record.transfer.hold);
        hold.is_none_or(|hold| hold.expires_at <= now)
    }

    /// What was stored of a ledger comes back.
    pub(super) fn restore_ledger(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        sequence: u64,
        transfers: Vec<Record>,
    ) -> Result<(), Error> {
        let peer = self.peer(prefix)?;
        let ledger = peer.ledger.clone();
        let balance = ledger.balance();
        let before = ledger.next_expiry();
        peer.ledger = ledger.with_state(balance, sequence, transfers);
        let after = peer.ledger.next_expiry();
        let to_tell = peer.ledger.to_tell();
        let ids: Vec<TransferId> = to_tell.map(|record| record.transfer.id.clone()).collect();
        self.note_expiry(prefix, before, after);
        for id in ids {
            self.telling.begin(now, prefix, &id);
            // Whether an earlier life has called is not known.
            self.telling.unanswered(now, prefix, &id);
        }
        self.is_restoring = true;
        self.moved.note(prefix);
        Ok(())
    }

    /// A peer is being removed.
    pub(super) fn forget_transfers(&mut self, prefix: &LedgerPrefix) {
        self.cut_off(prefix);
        self.telling.forget(prefix);
        self.expiries.retain(|(_, of)| of != prefix);
    }
}
