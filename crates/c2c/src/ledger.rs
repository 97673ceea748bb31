//! The ledger between two peers: two accounts, kept by both sides, each from its own point of view.
//!
//! A positive balance means that the other side owes us. Both sides start at 0, and while nothing is
//! on hold the two balances are opposite numbers. Each side sets one limit, on its own balance: the
//! most it lets the other owe it. There is no lower limit of our own; how far we may go into debt is
//! the peer's limit, as its `get_limit` tells it.
//!
//! The rules are those of ilp-plugin-virtual 16:
//!
//! | what happens | balance of the receiver | balance of the sender |
//! | --- | --- | --- |
//! | a transfer with a condition is sent | + amount at once, the hold | |
//! | it is fulfilled | | − amount |
//! | it is rejected, or runs out | − amount | |
//! | a transfer without a condition is sent | + amount | − amount, before the call |
//!
//! A transfer that is resolved stays as it is: to say the same again succeeds and does nothing, to say
//! otherwise is refused. At the instant at which it expires a transfer has run out: every operation first
//! lets run out what is due.
//!
//! # How it is driven
//!
//! Each operation answers with an [`Outcome`]: the [`Entry`]s to be stored in one transaction, and the
//! answer to be let out after that. The operations of the peer are [`PeerLedger::receive`],
//! [`fulfilled`](PeerLedger::fulfilled), [`rejected`](PeerLedger::rejected) and
//! [`told_expired`](PeerLedger::told_expired), one for each of its calls; ours are
//! [`send`](PeerLedger::send), [`fulfill`](PeerLedger::fulfill), [`reject`](PeerLedger::reject) and
//! [`expire`](PeerLedger::expire), with [`acknowledged`](PeerLedger::acknowledged) and
//! [`cancel`](PeerLedger::cancel) for what the peer says to our calls. What it was not told for sure is in
//! [`to_tell`](PeerLedger::to_tell), also after a restart.

mod book;
mod condition;
mod entry;
mod error;
mod from_peer;
mod from_us;
mod json;
mod read;
mod transfer;

#[cfg(test)]
mod tests;

pub use book::Bounds;
pub use condition::{Condition, Fulfillment, InvalidDigest};
pub use entry::{Direction, Done, Doubt, Entry, Outcome, Record, State};
pub use error::{LedgerError, TransferError};
pub use json::Json;
pub use transfer::{Hold, InvalidId, MAX_ATTACHED, MAX_ID_LENGTH, Transfer, TransferId};

use book::Book;
use json::write_text;

use std::fmt;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::timestamp::Timestamp;

/// One side of a peer ledger: who, how much is owed, how much may be, and what is under way.
///
/// ```
/// use c2c::address::LedgerPrefix;
/// use c2c::amount::Amount;
/// use c2c::ledger::{Done, Fulfillment, PeerLedger, Transfer};
/// use c2c::timestamp::{Millis, Timestamp};
/// let prefix = LedgerPrefix::new("peer.OR5Df.usd.9.")?;
/// let (us, them) = (prefix.account("us")?, prefix.account("them")?);
/// let mut ledger = PeerLedger::new(us.clone(), them.clone(), prefix.clone(), Amount::new(100));
/// let now = Timestamp::from_millis(1_504_224_000_000);
///
/// let paid = Transfer::new("1".parse()?, prefix.clone(), them.clone(), us.clone(), Amount::new(100));
/// assert_eq!(ledger.receive(now, paid.clone()).answer?, Done::Changed); // reaching the limit is allowed,
/// assert_eq!(ledger.receive(now, paid).answer?, Done::Repeated);
/// let more = Transfer::new("2".parse()?, prefix.clone(), them.clone(), us.clone(), Amount::new(1));
/// let refused = ledger.receive(now, more).answer.unwrap_err(); // passing it is not
/// assert_eq!(refused.name(), "NotAcceptedError");
///
/// let fulfillment = Fulfillment::from_bytes([7; 32]);
/// let held = Transfer::new("3".parse()?, prefix, us, them, Amount::new(130))
///     .with_hold(fulfillment.condition(), now + Millis(5_000));
/// ledger.send(now, held).answer?;
/// assert_eq!(ledger.balance(), 100);
/// let outcome = ledger.fulfilled(now + Millis(4_999), &"3".parse()?, &fulfillment);
/// assert_eq!((outcome.entries[0].moved, ledger.balance()), (-130, -30));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerLedger {
    prefix: LedgerPrefix,
    account: IlpAddress,
    peer_account: IlpAddress,
    limit: Amount,
    peer_limit: Option<Amount>,
    balance: i128,
    bounds: Bounds,
    book: Book,
    sequence: u64,
    latest: Timestamp,
}

impl PeerLedger {
    /// A ledger on which nothing has happened yet. `limit` is the most that the peer may owe us.
    pub fn new(
        account: IlpAddress,
        peer_account: IlpAddress,
        prefix: LedgerPrefix,
        limit: Amount,
    ) -> Self {
        Self {
            prefix,
            account,
            peer_account,
            limit,
            peer_limit: None,
            balance: 0,
            bounds: Bounds::default(),
            book: Book::default(),
            sequence: 0,
            latest: Timestamp::default(),
        }
    }

    /// The same ledger with a balance that was stored before.
    pub fn with_balance(mut self, balance: i128) -> Self {
        self.balance = balance;
        self
    }

    /// The same ledger with other bounds on what it keeps in memory.
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// The ledger as it was stored: its balance, the number of its last entry, and its transfers. Hand in
    /// all that are on hold, all that are still to be told, and all whose time is not over. The others
    /// may be left out, and count as forgotten.
    pub fn with_state(
        mut self,
        balance: i128,
        sequence: u64,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        self.balance = balance;
        self.sequence = sequence;
        self.book.forgot = sequence > 0;
        records.into_iter().for_each(|record| self.book.put(record));
        self
    }

    /// Does again what an entry says, for a store that keeps a journal. Entries come in order, each once.
    pub fn replay(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        let expected = self.sequence.saturating_add(1);
        if entry.sequence != expected {
            return Err(ReplayError {
                expected,
                found: entry.sequence,
            });
        }
        self.sequence = entry.sequence;
        self.balance = entry.balance;
        self.latest = self.latest.max(entry.record.changed_at);
        self.book.put(entry.record.clone());
        Ok(())
    }

    /// Puts back a transfer that was forgotten, from the store. One that is kept is not touched.
    pub fn recall(&mut self, record: Record) {
        if self.book.get(&record.transfer.id).is_none() {
            self.book.put(record);
        }
    }

    /// Whether `transfer` may be one that was resolved and forgotten: then a driver with a store looks
    /// there before [`receive`](Self::receive), and calls [`recall`](Self::recall) with what it finds. The
    /// answer is no for everything that has a condition and time left.
    pub fn may_have_forgotten(&self, now: Timestamp, transfer: &Transfer) -> bool {
        let over = transfer
            .hold
            .is_none_or(|hold| hold.expires_at <= now.max(self.latest));
        self.book.forgot && over && self.book.get(&transfer.id).is_none()
    }

    /// A transfer that is kept.
    pub fn transfer(&self, id: &TransferId) -> Option<&Record> {
        self.book.get(id)
    }

    /// All transfers that are kept, by their ids.
    pub fn transfers(&self) -> impl Iterator<Item = &Record> {
        self.book.records()
    }

    /// Those of which the peer still has to take our last word, by their ids: `send_transfer` for outgoing
    /// ones, `fulfill_condition` or `reject_incoming_transfer` for incoming ones.
    pub fn to_tell(&self) -> impl Iterator<Item = &Record> {
        self.transfers().filter(|record| record.to_tell)
    }

    /// When the next transfer on hold runs out.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.book.next_due()
    }

    /// The number of the last entry; 0 before there is any.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Base units on hold: incoming, which the balance counts already, and outgoing, which it does not.
    pub fn on_hold_both_ways(&self) -> (i128, i128) {
        (self.book.held_in(), self.book.held_out())
    }

    /// The name of the ledger.
    pub fn prefix(&self) -> &LedgerPrefix {
        &self.prefix
    }

    /// Our account on it.
    pub fn account(&self) -> &IlpAddress {
        &self.account
    }

    /// The peer's account on it.
    pub fn peer_account(&self) -> &IlpAddress {
        &self.peer_account
    }

    /// Base units that the peer owes us; negative where we owe it.
    pub fn balance(&self) -> i128 {
        self.balance
    }

    /// The most that the peer may owe us: our answer to `get_limit`.
    pub fn limit(&self) -> Amount {
        self.limit
    }

    /// Changes our limit. It may be set below the balance: nothing more is received then until the
    /// balance has come down.
    pub fn set_limit(&mut self, limit: Amount) {
        self.limit = limit;
    }

    /// The most that we may owe the peer, once it has told us.
    pub fn peer_limit(&self) -> Option<Amount> {
        self.peer_limit
    }

    /// Keeps the peer's answer to `get_limit`.
    pub fn set_peer_limit(&mut self, limit: Amount) {
        self.peer_limit = Some(limit);
    }

    /// How much more the peer may come to owe us: limit minus balance, never below 0.
    pub fn room_to_receive(&self) -> Amount {
        clamp(i128::from(self.limit.units()).saturating_sub(self.balance))
    }

    /// How much more we may come to owe the peer: balance plus its limit, less what is on hold either
    /// way, never below 0. What the peer has on hold is not ours yet, and what we have on hold the peer
    /// counts already. None as long as the limit is not known.
    pub fn room_to_pay(&self) -> Option<Amount> {
        let held = self.book.held_in() + self.book.held_out();
        self.peer_limit.map(|limit| {
            clamp(
                i128::from(limit.units())
                    .saturating_add(self.balance)
                    .saturating_sub(held),
            )
        })
    }

    /// Lets run out what is due, and then does `work`.
    fn operate(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Self, Timestamp, &mut Vec<Entry>) -> Result<Done, LedgerError>,
    ) -> Outcome {
        // Time does not run backwards.
        let now = now.max(self.latest);
        self.latest = now;
        let mut entries = Vec::new();
        while let Some(due) = self.book.first_due(now) {
            let moved = match due.direction {
                Direction::Incoming => -i128::from(due.transfer.amount.units()),
                Direction::Outgoing => 0,
            };
            let expired = Record {
                state: State::Expired,
                to_tell: false,
                changed_at: now,
                ..due.clone()
            };
            self.write(expired, moved, &mut entries);
        }
        let answer = work(self, now, &mut entries);
        self.book.forget(now, &self.bounds);
        Outcome { entries, answer }
    }

    /// The one place where anything changes: the record, the balance and the entry together.
    fn write(&mut self, record: Record, moved: i128, entries: &mut Vec<Entry>) {
        self.balance = self.balance.saturating_add(moved);
        self.sequence = self.sequence.saturating_add(1);
        self.book.put(record.clone());
        entries.push(Entry {
            sequence: self.sequence,
            record,
            moved,
            balance: self.balance,
        });
    }

    fn check_parties(&self, transfer: &Transfer, direction: Direction) -> Result<(), LedgerError> {
        let (from, to) = match direction {
            Direction::Incoming => (&self.peer_account, &self.account),
            Direction::Outgoing => (&self.account, &self.peer_account),
        };
        for (member, found, expected) in [
            ("ledger", transfer.ledger.as_str(), self.prefix.as_str()),
            ("from", transfer.from.as_str(), from.as_str()),
            ("to", transfer.to.as_str(), to.as_str()),
        ] {
            if found != expected {
                return Err(LedgerError::Misdirected {
                    member,
                    found: found.chars().take(100).collect(),
                    expected: expected.to_owned(),
                });
            }
        }
        match transfer.amount {
            Amount::ZERO => Err(LedgerError::Nothing),
            _ => Ok(()),
        }
    }

    /// Whether the transfer is known: the same, or another under its id.
    fn repeats(&self, transfer: &Transfer) -> Result<Option<Done>, LedgerError> {
        match self.book.get(&transfer.id) {
            None => Ok(None),
            Some(known) if known.transfer.says_the_same_as(transfer) => Ok(Some(Done::Repeated)),
            Some(_) => Err(LedgerError::Duplicate {
                id: transfer.id.clone(),
            }),
        }
    }

    /// Whether there is time and room for a transfer that is not known.
    fn check_new(&self, now: Timestamp, transfer: &Transfer) -> Result<(), LedgerError> {
        if let Some(hold) = transfer.hold
            && hold.expires_at <= now
        {
            return Err(LedgerError::TooLate {
                id: transfer.id.clone(),
                expires_at: hold.expires_at,
            });
        }
        if !self.book.has_room(&self.bounds, transfer.attached()) {
            return Err(LedgerError::TooMany {
                kept: self.bounds.held,
            });
        }
        Ok(())
    }

    fn found(&self, id: &TransferId) -> Result<&Record, LedgerError> {
        let missing = || LedgerError::NotFound { id: id.clone() };
        self.book.get(id).ok_or_else(missing)
    }

    /// A transfer with a condition, whatever became of it.
    fn conditional(&self, id: &TransferId) -> Result<&Record, LedgerError> {
        let record = self.found(id)?;
        match record.transfer.hold {
            Some(_) => Ok(record),
            None => Err(LedgerError::NotConditional { id: id.clone() }),
        }
    }

    /// A transfer with a condition that goes the way it must.
    fn on_hold(&self, id: &TransferId, needed: Direction) -> Result<&Record, LedgerError> {
        let record = self.conditional(id)?;
        if record.direction == needed {
            return Ok(record);
        }
        Err(LedgerError::WrongSide {
            id: id.clone(),
            needed,
        })
    }
}

impl State {
    /// How a new transfer stands.
    pub const fn at_first(transfer: &Transfer) -> Self {
        match transfer.hold {
            Some(_) => Self::Prepared,
            None => Self::Executed { fulfillment: None },
        }
    }
}

/// An entry that is not the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayError {
    /// The number of the next one.
    pub expected: u64,
    /// The number that came.
    pub found: u64,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Entry {} came where {} is the next. Replay the journal in order, from where the stored state ends.",
            self.found, self.expected
        )
    }
}

impl std::error::Error for ReplayError {}

/// `units` within what an amount can hold.
fn clamp(units: i128) -> Amount {
    Amount::new(u64::try_from(units.max(0)).unwrap_or(u64::MAX))
}
