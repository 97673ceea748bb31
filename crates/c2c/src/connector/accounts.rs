//! The ledgers of our own: what the operator does on them, and what payments do.
//!
//! A payment that starts here is prepared from an account to our own, and then is a transfer to us as any
//! other: the room `payments` sends it on and passes back what becomes of it.

use std::collections::BTreeMap;

use crate::accounts::{AccountError, AccountLedger, AccountName, Entry, Outcome};
use crate::address::LedgerPrefix;
use crate::ledger::{Done, Fulfillment, Json, State, TransferId};
use crate::payment::{Delivery, Source};
use crate::snapshot::{Balance, Event};
use crate::timestamp::Timestamp;

use super::{Change, Config, Connector, Error, FollowUp, Output, RequestId, StoredAccounts};

/// The ledgers, and who waits for the end of a payment.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    ledgers: BTreeMap<LedgerPrefix, AccountLedger>,
    /// Who asked for a payment and is answered when it has ended.
    pub(super) waiting: BTreeMap<(LedgerPrefix, TransferId), Vec<RequestId>>,
    /// Payments for which a next hop is being asked, and who asked for them.
    pub(super) quoting: BTreeMap<(LedgerPrefix, TransferId), RequestId>,
}

impl Accounts {
    /// The ledgers of `config`, with nothing on them.
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let mut ledgers = BTreeMap::new();
        for own in &config.ledgers {
            let ledger = AccountLedger::new(own.prefix.clone(), &own.account);
            let ledger = ledger.map_err(|_| Error::AccountOffLedger {
                prefix: own.prefix.clone(),
                account: own.account.to_string(),
            })?;
            ledgers.insert(own.prefix.clone(), ledger);
        }
        Ok(Self {
            ledgers,
            ..Self::default()
        })
    }

    /// One ledger.
    pub(super) fn ledger(&self, prefix: &LedgerPrefix) -> Option<&AccountLedger> {
        self.ledgers.get(prefix)
    }

    /// All of them.
    pub(super) fn ledgers(&self) -> impl Iterator<Item = &AccountLedger> {
        self.ledgers.values()
    }

    /// The payments to our own accounts that are on hold.
    pub(super) fn on_hold(&self) -> impl Iterator<Item = (LedgerPrefix, TransferId)> {
        self.ledgers.values().flat_map(|ledger| {
            let records = ledger.records();
            let held = records.filter(|record| !record.state.is_final());
            held.map(|record| (ledger.prefix().clone(), record.transfer.id.clone()))
        })
    }

    /// When the next payment runs out.
    pub(super) fn next_expiry(&self) -> Option<Timestamp> {
        let ledgers = self.ledgers.values();
        ledgers.filter_map(AccountLedger::next_expiry).min()
    }
}

impl Connector {
    /// Whether a ledger is one of our own.
    pub(super) fn is_own(&self, prefix: &LedgerPrefix) -> bool {
        self.accounts.ledgers.contains_key(prefix)
    }

    /// The operator opens an account.
    pub(super) fn open_account(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        name: AccountName,
        balance: u64,
        minimum: i128,
    ) -> Result<(), Error> {
        self.ask_own(now, prefix, |ledger, now| {
            ledger.open(now, name, balance, minimum)
        })
    }

    /// Somebody here wants to be paid.
    pub(super) fn make_invoice(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        invoice: super::NewInvoice,
    ) -> Result<(), Error> {
        let super::NewInvoice {
            account,
            amount,
            preimage,
            expires_at,
        } = invoice;
        self.ask_own(now, prefix, |ledger, now| {
            ledger.invoice(now, account, amount, preimage, expires_at)
        })
    }

    /// What was stored of a ledger comes back.
    pub(super) fn restore_accounts(&mut self, stored: StoredAccounts) -> Result<(), Error> {
        let Some(ledger) = self.accounts.ledgers.get_mut(&stored.ledger) else {
            return Err(Error::UnknownLedger {
                prefix: stored.ledger,
            });
        };
        *ledger = ledger.clone().with_state(
            stored.sequence,
            stored.accounts,
            stored.payments,
            stored.invoices,
        );
        self.is_restoring = true;
        Ok(())
    }

    fn ask_own(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        work: impl FnOnce(&mut AccountLedger, Timestamp) -> Outcome,
    ) -> Result<(), Error> {
        match self.operate_own(now, prefix, work) {
            None => Err(Error::UnknownLedger {
                prefix: prefix.clone(),
            }),
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(Error::Account(Box::new(error))),
        }
    }

    /// Does `work` on a ledger of our own, and hands out what came of it to be stored. None if there is no
    /// such ledger.
    pub(super) fn operate_own(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        work: impl FnOnce(&mut AccountLedger, Timestamp) -> Outcome,
    ) -> Option<Result<Done, AccountError>> {
        let ledger = self.accounts.ledgers.get_mut(prefix)?;
        let Outcome { entries, answer } = work(ledger, now);
        for entry in entries {
            let (ledger, entry) = (prefix.clone(), Box::new(entry));
            self.note_own(now, &ledger, &entry);
            let change = Change::AccountsMoved { ledger, entry };
            self.outputs.push_back(Output::Persist(change));
        }
        Some(answer)
    }

    /// What follows from an entry: watchers hear of it, what was prepared goes on. Who waits for its end is
    /// answered when everything that belongs to it is written down.
    fn note_own(&mut self, now: Timestamp, prefix: &LedgerPrefix, entry: &Entry) {
        for account in &entry.accounts {
            self.tell(Event::AccountChanged {
                ledger: prefix.clone(),
                name: account.name.to_string(),
                balance: Balance(account.balance),
            });
        }
        if let Some(invoice) = &entry.invoice {
            self.tell(Event::InvoiceChanged {
                address: invoice.address.clone(),
                amount: invoice.amount,
                state: invoice.state(now).to_owned(),
            });
        }
        let Some(record) = &entry.record else { return };
        let transfer = &record.transfer;
        self.tell(Event::PaymentChanged {
            ledger: prefix.clone(),
            id: transfer.id.clone(),
            from: transfer.from.clone(),
            to: transfer.to.clone(),
            state: record.state.name().to_owned(),
            amount: transfer.amount,
        });
        let (ledger, id) = (prefix.clone(), transfer.id.clone());
        if record.state == State::Prepared {
            self.follow_ups.push_back(FollowUp::Came { ledger, id });
        } else {
            self.follow_ups.push_back(FollowUp::Paid { ledger, id });
        }
    }

    /// A payment arrives on a ledger of our own. The answer is what executes it, if it was on hold.
    pub(super) fn deliver(
        &mut self,
        now: Timestamp,
        delivery: Delivery,
    ) -> Result<Option<Fulfillment>, AccountError> {
        let Delivery {
            transfer,
            destination,
        } = delivery;
        let (prefix, id) = (transfer.ledger.clone(), transfer.id.clone());
        let done = self.operate_own(now, &prefix, |ledger, now| {
            ledger.deliver(now, transfer, &destination)
        });
        done.unwrap_or_else(|| {
            Err(AccountError::Unknown {
                account: destination.to_string(),
            })
        })?;
        let ledger = self.accounts.ledgers.get(&prefix);
        let record = ledger.and_then(|ledger| ledger.record(&id));
        Ok(record.and_then(|record| match &record.state {
            State::Executed { fulfillment } => *fulfillment,
            _ => None,
        }))
    }

    /// What an account here paid has arrived.
    pub(super) fn fulfill_own(
        &mut self,
        now: Timestamp,
        source: &Source,
        fulfillment: &Fulfillment,
    ) {
        let done = self.operate_own(now, &source.ledger, |ledger, now| {
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

    /// What an account here was to pay comes to nothing.
    pub(super) fn reject_own(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: &TransferId,
        reason: Option<Json>,
    ) {
        let done = self.operate_own(now, prefix, |ledger, now| ledger.reject(now, id, reason));
        if let Some(Err(error)) = done {
            self.tell(Event::TransferDisputed {
                peer: prefix.clone(),
                id: id.clone(),
                reason: format!("What it went on as came to nothing, but: {error}"),
            });
        }
    }

    /// Lets run out what is due on the ledgers of our own.
    pub(super) fn mind_accounts(&mut self, now: Timestamp) {
        if self.accounts.next_expiry().is_none_or(|at| at > now) {
            return;
        }
        let prefixes: Vec<LedgerPrefix> = self.accounts.ledgers.keys().cloned().collect();
        for prefix in prefixes {
            // That nothing was due is no fault.
            let _ = self.operate_own(now, &prefix, AccountLedger::expire);
        }
    }
}
