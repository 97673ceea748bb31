//! What is done on a ledger of our own: accounts are opened, payments prepared and resolved, invoices made
//! and paid.

use super::{
    Account, AccountError, AccountLedger, AccountName, Entry, Invoice, MOST_OPEN, Outcome, Record,
};
use crate::address::IlpAddress;
use crate::amount::Amount;
use crate::ledger::{Done, Fulfillment, Json, MAX_ATTACHED, State, Transfer, TransferId};
use crate::timestamp::Timestamp;

impl AccountLedger {
    /// Opens an account with `balance` base units, which our own account pays, and which may not fall below
    /// `minimum`. The same again is a repeat, as long as nothing happened on the account.
    pub fn open(
        &mut self,
        now: Timestamp,
        name: AccountName,
        balance: u64,
        minimum: i128,
    ) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            if name == ledger.own {
                return Err(AccountError::Reserved { name });
            }
            let account = Account {
                name: name.clone(),
                balance: balance.into(),
                minimum: Some(minimum),
            };
            match ledger.account(&name) {
                Some(known) if *known == account => return Ok(Done::Repeated),
                Some(_) => return Err(AccountError::Exists { name }),
                None => {}
            }
            if account.balance < minimum {
                return Err(AccountError::BelowMinimum {
                    balance: account.balance,
                    minimum,
                });
            }
            let unnamed = |_| AccountError::Name {
                found: name.to_string(),
            };
            let address = ledger.prefix.account(&name).map_err(unnamed)?;
            let own = ledger.prefix.account(&ledger.own).map_err(unnamed)?;
            if balance == 0 {
                ledger.write(None, vec![account], None, entries);
                return Ok(Done::Changed);
            }
            let id =
                TransferId::new(&format!("opening.{name}")).map_err(|_| AccountError::Name {
                    found: name.to_string(),
                })?;
            if ledger.records.contains_key(&id) {
                return Err(AccountError::Duplicate { id });
            }
            let amount = Amount::new(balance);
            let paid = ledger.moved(&own, amount, -1);
            let record = Record {
                transfer: Transfer::new(id, ledger.prefix.clone(), own, address, amount),
                state: State::Executed { fulfillment: None },
                changed_at: now,
            };
            let accounts = [account].into_iter().chain(paid).collect();
            ledger.write(Some(record), accounts, None, entries);
            Ok(Done::Changed)
        })
    }

    /// An account pays another one on condition: the money is on hold until it is fulfilled, rejected or runs
    /// out. The same again is a repeat, in any state. Without a condition nothing is prepared.
    pub fn prepare(&mut self, now: Timestamp, transfer: Transfer) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            if let Some(done) = ledger.repeats(&transfer)? {
                return Ok(done);
            }
            let Some(hold) = transfer.hold else {
                return Err(AccountError::NoCondition);
            };
            if hold.expires_at <= now {
                return Err(AccountError::TooLate {
                    expires_at: hold.expires_at,
                });
            }
            if ledger.due.len() + ledger.unsafe_to_forget.len() >= MOST_OPEN {
                return Err(AccountError::TooMany { kept: MOST_OPEN });
            }
            ledger.found(&transfer.to)?;
            let payer = ledger.debited(&transfer)?;
            let record = Record {
                state: State::Prepared,
                transfer,
                changed_at: now,
            };
            ledger.write(Some(record), vec![payer], None, entries);
            Ok(Done::Changed)
        })
    }

    /// What was prepared is executed. At the instant at which it expires it is too late.
    pub fn fulfill(
        &mut self,
        now: Timestamp,
        id: &TransferId,
        fulfillment: &Fulfillment,
    ) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            let record = ledger.known(id)?;
            if record.state.is_rolled_back() {
                return Err(AccountError::AlreadyRolledBack { id: id.clone() });
            }
            let hold = record.transfer.hold;
            if !hold.is_some_and(|hold| hold.condition.is_met_by(fulfillment)) {
                return Err(AccountError::WrongFulfillment { id: id.clone() });
            }
            if record.state.is_final() {
                return Ok(Done::Repeated);
            }
            let executed = Record {
                state: State::Executed {
                    fulfillment: Some(*fulfillment),
                },
                changed_at: now,
                ..record.clone()
            };
            let transfer = &executed.transfer;
            let receiver = ledger.moved(&transfer.to, transfer.amount, 1);
            let accounts = receiver.into_iter().collect();
            ledger.write(Some(executed), accounts, None, entries);
            Ok(Done::Changed)
        })
    }

    /// What was prepared comes to nothing, and the payer has the money again. What ran out before has come to
    /// nothing already: a repeat. A reason longer than [`MAX_ATTACHED`] is not kept.
    pub fn reject(&mut self, now: Timestamp, id: &TransferId, reason: Option<Json>) -> Outcome {
        let reason = reason.filter(|reason| reason.as_str().len() <= MAX_ATTACHED);
        self.operate(now, |ledger, now, entries| {
            let record = ledger.known(id)?;
            match record.state {
                State::Prepared => {}
                State::Executed { .. } => {
                    return Err(AccountError::AlreadyExecuted { id: id.clone() });
                }
                _ => return Ok(Done::Repeated),
            }
            let rejected = Record {
                state: State::Rejected { reason },
                changed_at: now,
                ..record.clone()
            };
            let transfer = &rejected.transfer;
            let payer = ledger.moved(&transfer.from, transfer.amount, 1);
            let accounts = payer.into_iter().collect();
            ledger.write(Some(rejected), accounts, None, entries);
            Ok(Done::Changed)
        })
    }

    /// A payment arrives for `destination`, the address of an invoice: if it pays that, it is executed at once,
    /// by the invoice's preimage. One without a condition is executed for whatever account it names.
    pub fn deliver(
        &mut self,
        now: Timestamp,
        transfer: Transfer,
        destination: &IlpAddress,
    ) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            if let Some(done) = ledger.repeats(&transfer)? {
                return Ok(done);
            }
            let receiver = ledger.found(&transfer.to)?;
            if receiver.name == ledger.own {
                return Err(AccountError::Reserved {
                    name: receiver.name.clone(),
                });
            }
            let (fulfillment, invoice) = match transfer.hold {
                None => (None, None),
                Some(hold) => {
                    let invoice = ledger.payable(now, &transfer, destination)?;
                    if hold.condition != invoice.condition() {
                        return Err(AccountError::WrongCondition {
                            address: destination.clone(),
                        });
                    }
                    let paid = Invoice {
                        paid_by: Some(transfer.id.clone()),
                        ..invoice.clone()
                    };
                    (Some(invoice.preimage), Some(paid))
                }
            };
            let payer = ledger.debited(&transfer)?;
            let paid = ledger.moved(&transfer.to, transfer.amount, 1);
            let record = Record {
                state: State::Executed { fulfillment },
                transfer,
                changed_at: now,
            };
            let accounts = [payer].into_iter().chain(paid).collect();
            ledger.write(Some(record), accounts, invoice, entries);
            Ok(Done::Changed)
        })
    }

    /// Asks for `amount` to be paid to an account before `expires_at`. The preimage must be 32 random bytes
    /// that nobody else knows; the same again is a repeat.
    pub fn invoice(
        &mut self,
        now: Timestamp,
        account: AccountName,
        amount: Amount,
        preimage: Fulfillment,
        expires_at: Timestamp,
    ) -> Outcome {
        self.operate(now, |ledger, now, entries| {
            if account == ledger.own {
                return Err(AccountError::Reserved { name: account });
            }
            if !ledger.accounts.contains_key(&account) {
                return Err(AccountError::Unknown {
                    account: format!("{}{account}", ledger.prefix),
                });
            }
            if amount == Amount::ZERO {
                return Err(AccountError::Nothing);
            }
            if expires_at <= now {
                return Err(AccountError::TooLate { expires_at });
            }
            if ledger.invoices.len() >= MOST_OPEN {
                return Err(AccountError::TooMany { kept: MOST_OPEN });
            }
            let invoice = Invoice::new(&ledger.prefix, account, amount, preimage, expires_at)?;
            if ledger.invoices.contains_key(&invoice.address) {
                return Ok(Done::Repeated);
            }
            ledger.write(None, Vec::new(), Some(invoice), entries);
            Ok(Done::Changed)
        })
    }

    /// Lets run out what is due: to be called at [`next_expiry`](Self::next_expiry). Every other operation
    /// does the same first.
    pub fn expire(&mut self, now: Timestamp) -> Outcome {
        self.operate(now, |_, _, entries: &mut Vec<Entry>| {
            Ok(match entries.is_empty() {
                true => Done::Repeated,
                false => Done::Changed,
            })
        })
    }

    /// The payer after the amount has left. Whoever is paid must be another account: both are written down
    /// as they stand afterwards.
    fn debited(&self, transfer: &Transfer) -> Result<Account, AccountError> {
        if transfer.amount == Amount::ZERO {
            return Err(AccountError::Nothing);
        }
        let payer = self.found(&transfer.from)?;
        if payer.name == self.found(&transfer.to)?.name {
            return Err(AccountError::SameAccount);
        }
        let balance = payer.balance - i128::from(transfer.amount.units());
        match payer.minimum {
            Some(minimum) if balance < minimum => Err(AccountError::NotEnough {
                account: payer.name.clone(),
                room: (payer.balance - minimum).max(0),
                amount: transfer.amount,
            }),
            _ => Ok(Account {
                balance,
                ..payer.clone()
            }),
        }
    }

    /// The invoice at `destination`, if `transfer` may pay it but for its condition.
    fn payable(
        &self,
        now: Timestamp,
        transfer: &Transfer,
        destination: &IlpAddress,
    ) -> Result<&Invoice, AccountError> {
        let address = destination.clone();
        let invoice = self.invoices.get(destination);
        // Whoever knows another account's invoice does not get it paid to this one.
        let mine =
            |invoice: &&Invoice| Some(&invoice.account) == self.name_of(&transfer.to).as_ref();
        let Some(invoice) = invoice.filter(mine) else {
            return Err(AccountError::NoInvoice { address });
        };
        if invoice.paid_by.is_some() {
            return Err(AccountError::Paid { address });
        }
        if invoice.expires_at <= now {
            return Err(AccountError::InvoiceExpired {
                address,
                expires_at: invoice.expires_at,
            });
        }
        if transfer.amount < invoice.amount {
            return Err(AccountError::TooLittle {
                amount: transfer.amount,
                needed: invoice.amount,
            });
        }
        Ok(invoice)
    }

    /// Whether the payment is known: the same, or another under its id.
    fn repeats(&self, transfer: &Transfer) -> Result<Option<Done>, AccountError> {
        match self.records.get(&transfer.id) {
            None => Ok(None),
            Some(known) if known.transfer.says_the_same_as(transfer) => Ok(Some(Done::Repeated)),
            Some(_) => Err(AccountError::Duplicate {
                id: transfer.id.clone(),
            }),
        }
    }

    /// A payment that is kept and had a condition.
    fn known(&self, id: &TransferId) -> Result<&Record, AccountError> {
        let record = self.records.get(id);
        record
            .filter(|record| record.transfer.hold.is_some())
            .ok_or_else(|| AccountError::NotFound { id: id.clone() })
    }
}
