//! A ledger of our own: accounts, what is paid between them, and invoices.
//!
//! The connector has an account on it, as everybody else. Money comes onto the ledger and leaves it through
//! that account alone, and so it is the only one that may fall without a bound: what it lacks is what the
//! others hold, and is covered by what peers owe us. All balances of a ledger and all that is on hold on it
//! add up to 0, always.
//!
//! | what happens | payer | receiver |
//! | --- | --- | --- |
//! | a payment is prepared | − amount at once, the hold | |
//! | it is executed | | + amount |
//! | it is rejected, or runs out | + amount | |
//! | one for an invoice is [delivered](AccountLedger::deliver) | − amount | + amount |
//!
//! What is resolved stays as it is: to say the same again succeeds and does nothing, to say otherwise is
//! refused. At the instant at which it expires a payment has run out: every operation first lets run out
//! what is due.
//!
//! Each operation answers with an [`Outcome`]: the [`Entry`]s to be stored in one transaction, and the answer
//! to be let out after that.

mod entry;
mod error;
mod invoice;
mod moves;
mod name;

#[cfg(test)]
mod tests;

pub use entry::{Account, Entry, Outcome, Record};
pub use error::AccountError;
pub use invoice::Invoice;
pub use name::AccountName;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::address::{IlpAddress, LedgerPrefix};
use crate::ledger::{Done, TransferId};
use crate::timestamp::{Millis, Timestamp};

/// The most payments on hold on one ledger, and the most invoices that are kept.
pub const MOST_OPEN: usize = 100_000;

/// How many resolved payments whose time is over are kept in memory.
const MOST_RESOLVED: usize = 10_000;

/// How long an invoice is kept after its time, so that who pays it late is told why that is refused.
pub const KEPT_AFTER: Millis = Millis(24 * 60 * 60 * 1_000);

/// The accounts of one ledger, and what moves between them.
///
/// ```
/// use c2c::accounts::AccountLedger;
/// use c2c::address::LedgerPrefix;
/// use c2c::amount::Amount;
/// use c2c::ledger::{Fulfillment, Transfer};
/// use c2c::timestamp::{Millis, Timestamp};
/// let prefix = LedgerPrefix::new("example.green.")?;
/// let (alice, us) = (prefix.account("alice")?, prefix.account("connector")?);
/// let mut ledger = AccountLedger::new(prefix.clone(), &us)?;
/// let now = Timestamp::from_millis(1_504_224_000_000);
/// ledger.open(now, "alice".parse()?, 100, 0).answer?;
/// assert_eq!(ledger.balance_of("connector"), Some(-100));
///
/// let fulfillment = Fulfillment::from_bytes([7; 32]);
/// let paid = Transfer::new("1".parse()?, prefix, alice, us, Amount::new(60))
///     .with_hold(fulfillment.condition(), now + Millis(5_000));
/// ledger.prepare(now, paid.clone()).answer?;
/// assert_eq!(ledger.balance_of("alice"), Some(40)); // on hold
/// ledger.fulfill(now, &paid.id, &fulfillment).answer?;
/// assert_eq!(ledger.balance_of("connector"), Some(-40));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AccountLedger {
    prefix: LedgerPrefix,
    /// Our own account.
    own: AccountName,
    accounts: BTreeMap<AccountName, Account>,
    records: BTreeMap<TransferId, Record>,
    /// Those on hold, by when they run out.
    due: BTreeSet<(Timestamp, TransferId)>,
    /// Resolved ones whose time is not over, by when it will be.
    unsafe_to_forget: BTreeSet<(Timestamp, TransferId)>,
    /// Resolved ones that may be forgotten, the oldest first.
    resolved: VecDeque<TransferId>,
    /// By their address.
    invoices: BTreeMap<IlpAddress, Invoice>,
    /// The invoices by when they are forgotten.
    forgotten_at: BTreeSet<(Timestamp, IlpAddress)>,
    sequence: u64,
    latest: Timestamp,
}

impl AccountLedger {
    /// A ledger with nothing but our own account `account` on it, which may fall without a bound.
    pub fn new(prefix: LedgerPrefix, account: &IlpAddress) -> Result<Self, AccountError> {
        let own = AccountName::of(&prefix, account).ok_or_else(|| AccountError::Unknown {
            account: account.to_string(),
        })?;
        let mine = Account {
            name: own.clone(),
            balance: 0,
            minimum: None,
        };
        Ok(Self {
            prefix,
            accounts: BTreeMap::from([(own.clone(), mine)]),
            own,
            records: BTreeMap::new(),
            due: BTreeSet::new(),
            unsafe_to_forget: BTreeSet::new(),
            resolved: VecDeque::new(),
            invoices: BTreeMap::new(),
            forgotten_at: BTreeSet::new(),
            sequence: 0,
            latest: Timestamp::default(),
        })
    }

    /// The ledger as it was stored: the number of its last entry, all its accounts, all payments that are on
    /// hold or whose time is not over, and all invoices that are not to be forgotten yet. Other payments
    /// may be left out, and count as forgotten.
    pub fn with_state(
        mut self,
        sequence: u64,
        accounts: impl IntoIterator<Item = Account>,
        records: impl IntoIterator<Item = Record>,
        invoices: impl IntoIterator<Item = Invoice>,
    ) -> Self {
        self.sequence = sequence;
        for mut account in accounts {
            // Whatever was stored: ours has no bound.
            if account.name == self.own {
                account.minimum = None;
            }
            self.accounts.insert(account.name.clone(), account);
        }
        records.into_iter().for_each(|record| self.keep(record));
        invoices
            .into_iter()
            .for_each(|invoice| self.keep_invoice(invoice));
        self
    }

    /// The name of the ledger.
    pub fn prefix(&self) -> &LedgerPrefix {
        &self.prefix
    }

    /// The name of our own account.
    pub fn own(&self) -> &AccountName {
        &self.own
    }

    /// All accounts, by their names.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// An account.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.get(name)
    }

    /// What an account holds, in base units, without what it has on hold.
    pub fn balance_of(&self, name: &str) -> Option<i128> {
        self.account(name).map(|account| account.balance)
    }

    /// Base units that each account has prepared to pay, and not paid yet; only those that have.
    pub fn on_hold(&self) -> BTreeMap<AccountName, i128> {
        let mut held = BTreeMap::new();
        for record in self.due.iter().filter_map(|(_, id)| self.records.get(id)) {
            if let Some(name) = self.name_of(&record.transfer.from) {
                *held.entry(name).or_default() += i128::from(record.transfer.amount.units());
            }
        }
        held
    }

    /// A payment that is kept.
    pub fn record(&self, id: &TransferId) -> Option<&Record> {
        self.records.get(id)
    }

    /// All payments that are kept, by their ids.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The invoice with this address.
    pub fn invoice_at(&self, address: &str) -> Option<&Invoice> {
        self.invoices.get(address)
    }

    /// All invoices that are kept, by their addresses.
    pub fn invoices(&self) -> impl Iterator<Item = &Invoice> {
        self.invoices.values()
    }

    /// When the next payment on hold runs out.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The number of the last entry; 0 before there is any.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The name of the account that `address` belongs to, if it is on this ledger.
    fn name_of(&self, address: &IlpAddress) -> Option<AccountName> {
        AccountName::of(&self.prefix, address)
    }

    /// The account that `address` belongs to.
    fn found(&self, address: &IlpAddress) -> Result<&Account, AccountError> {
        let name = self.name_of(address);
        name.and_then(|name| self.accounts.get(&*name))
            .ok_or_else(|| AccountError::Unknown {
                account: address.to_string(),
            })
    }

    /// Lets run out what is due, and then does `work`.
    fn operate(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Self, Timestamp, &mut Vec<Entry>) -> Result<Done, AccountError>,
    ) -> Outcome {
        // Time does not run backwards.
        let now = now.max(self.latest);
        self.latest = now;
        let mut entries = Vec::new();
        while let Some(due) = self.first_due(now) {
            let expired = Record {
                state: crate::ledger::State::Expired,
                changed_at: now,
                ..due.clone()
            };
            let back = self.moved(&expired.transfer.from, expired.transfer.amount, 1);
            self.write(
                Some(expired),
                back.into_iter().collect(),
                None,
                &mut entries,
            );
        }
        let answer = work(self, now, &mut entries);
        self.forget(now);
        Outcome { entries, answer }
    }

    fn first_due(&self, now: Timestamp) -> Option<&Record> {
        let (at, id) = self.due.first()?;
        self.records.get(id).filter(|_| *at <= now)
    }

    /// The account of `address` with `amount` more, or less. So many amounts of 64 bits fit into 128.
    fn moved(
        &self,
        address: &IlpAddress,
        amount: crate::amount::Amount,
        sign: i128,
    ) -> Option<Account> {
        let account = self.found(address).ok()?;
        Some(Account {
            balance: account.balance + sign * i128::from(amount.units()),
            ..account.clone()
        })
    }

    /// The one place where anything changes: payment, accounts, invoice and entry together.
    fn write(
        &mut self,
        record: Option<Record>,
        accounts: Vec<Account>,
        invoice: Option<Invoice>,
        entries: &mut Vec<Entry>,
    ) {
        self.sequence = self.sequence.saturating_add(1);
        for account in &accounts {
            self.accounts.insert(account.name.clone(), account.clone());
        }
        if let Some(record) = &record {
            self.keep(record.clone());
        }
        if let Some(invoice) = &invoice {
            self.keep_invoice(invoice.clone());
        }
        entries.push(Entry {
            sequence: self.sequence,
            record,
            accounts,
            invoice,
        });
    }

    /// Puts a payment in the place of the one before it.
    fn keep(&mut self, record: Record) {
        let id = record.transfer.id.clone();
        let until = record.transfer.hold.map(|hold| hold.expires_at);
        match (until, record.state.is_final()) {
            (Some(until), false) => {
                self.due.insert((until, id.clone()));
            }
            (Some(until), true) => {
                self.due.remove(&(until, id.clone()));
                self.unsafe_to_forget.insert((until, id.clone()));
            }
            (None, _) => self.resolved.push_back(id.clone()),
        }
        self.records.insert(id, record);
    }

    fn keep_invoice(&mut self, invoice: Invoice) {
        let at = invoice.expires_at + KEPT_AFTER;
        self.forgotten_at.insert((at, invoice.address.clone()));
        self.invoices.insert(invoice.address.clone(), invoice);
    }

    /// Forgets the oldest of what may be forgotten.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.unsafe_to_forget.first()
            && *at <= now
            && let Some((_, id)) = self.unsafe_to_forget.pop_first()
        {
            self.resolved.push_back(id);
        }
        while self.resolved.len() > MOST_RESOLVED
            && let Some(id) = self.resolved.pop_front()
        {
            self.records.remove(&id);
        }
        while let Some((at, _)) = self.forgotten_at.first()
            && *at <= now
            && let Some((_, address)) = self.forgotten_at.pop_first()
        {
            self.invoices.remove(&address);
        }
    }
}
