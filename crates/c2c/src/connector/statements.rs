//! What is shown of money: accounts, invoices, payments, transfers, quotes.

use crate::accounts::{AccountLedger, Invoice};
use crate::address::LedgerPrefix;
use crate::amount::Amount;
use crate::ledger::{Fulfillment, Json, State, TransferId};
use crate::packet::Packet;
use crate::quote::{About, Question};
use crate::snapshot::{
    AccountView, AccountsView, Balance, InvoiceView, InvoicesView, PaymentView, QuoteFound,
    QuoteView, TransferView, TransfersView,
};
use crate::timestamp::Timestamp;

use super::Connector;

impl Connector {
    /// The accounts on our own ledgers, in the order of ledgers, then names.
    pub fn accounts(&self) -> AccountsView {
        let ledgers = self.accounts.ledgers();
        AccountsView {
            accounts: ledgers.flat_map(|ledger| self.of_ledger(ledger)).collect(),
        }
    }

    fn of_ledger(&self, ledger: &AccountLedger) -> Vec<AccountView> {
        let prefix = ledger.prefix();
        let mut ledgers = self.config.ledgers.iter();
        let Some(own) = ledgers.find(|own| own.prefix == *prefix) else {
            return Vec::new();
        };
        let on_hold = ledger.on_hold();
        let accounts = ledger.accounts().filter_map(|account| {
            Some(AccountView {
                ledger: prefix.clone(),
                name: account.name.to_string(),
                address: prefix.account(&account.name).ok()?,
                currency: own.currency.clone(),
                scale: own.scale,
                balance: Balance(account.balance),
                on_hold: Balance(on_hold.get(&account.name).copied().unwrap_or(0)),
                minimum: account.minimum.map(Balance),
            })
        });
        accounts.collect()
    }

    /// The invoices that are kept, in the order of their addresses.
    pub fn invoices(&self, now: Timestamp) -> InvoicesView {
        let ledgers = self.accounts.ledgers();
        let invoices = ledgers.flat_map(|ledger| {
            let invoices = ledger.invoices();
            invoices.filter_map(|invoice| invoice_view(ledger.prefix(), invoice, now))
        });
        InvoicesView {
            invoices: invoices.collect(),
        }
    }

    /// A payment that started here, as long as it is kept in mind.
    pub fn payment(&self, ledger: &LedgerPrefix, id: &TransferId) -> Option<PaymentView> {
        let record = self.accounts.ledger(ledger)?.record(id)?;
        let transfer = &record.transfer;
        let packet = transfer.ilp.as_deref().map(Packet::decode);
        let Some(Ok(Packet::Payment(payment))) = packet else {
            return None;
        };
        let hold = transfer.hold?;
        let (fulfillment, reason) = ending(&record.state);
        Some(PaymentView {
            id: id.clone(),
            state: record.state.name().to_owned(),
            from: transfer.from.clone(),
            destination: payment.account.as_address()?.clone(),
            source_amount: transfer.amount,
            destination_amount: payment.amount,
            condition: hold.condition,
            expires_at: hold.expires_at,
            fulfillment,
            reason,
        })
    }

    /// The ledger of ours on which the payment `id` started.
    pub fn ledger_of_payment(&self, id: &TransferId) -> Option<&LedgerPrefix> {
        let mut ledgers = self.accounts.ledgers();
        let found = ledgers.find(|ledger| self.payment(ledger.prefix(), id).is_some())?;
        Some(found.prefix())
    }

    /// The transfers that are kept in mind, on `ledger` or on all, in `state` or in any: the `most` of them
    /// that changed last, the latest first.
    pub fn transfers(
        &self,
        ledger: Option<&str>,
        state: Option<&str>,
        most: usize,
    ) -> TransfersView {
        let is_asked = |prefix: &LedgerPrefix| ledger.is_none_or(|asked| asked == prefix.as_str());
        let peers = self.peers.iter().filter(|(prefix, _)| is_asked(prefix));
        let with_peers = peers.flat_map(|(_, peer)| {
            let records = peer.ledger.transfers();
            records.map(|record| {
                let direction = Some(record.direction);
                (
                    &record.transfer,
                    &record.state,
                    record.changed_at,
                    direction,
                )
            })
        });
        let own = self.accounts.ledgers();
        let own = own.filter(|ledger| is_asked(ledger.prefix()));
        let on_own = own.flat_map(|ledger| {
            let records = ledger.records();
            records.map(|record| (&record.transfer, &record.state, record.changed_at, None))
        });
        let mut found: Vec<_> = with_peers
            .chain(on_own)
            .filter(|(_, found, ..)| state.is_none_or(|asked| asked == found.name()))
            .collect();
        found.sort_unstable_by_key(|(transfer, _, at, _)| {
            (std::cmp::Reverse(*at), &transfer.ledger, &transfer.id)
        });
        found.truncate(most);
        let views = found.into_iter().map(|(transfer, state, at, direction)| {
            let (fulfillment, reason) = ending(state);
            TransferView {
                ledger: transfer.ledger.clone(),
                id: transfer.id.clone(),
                direction,
                from: transfer.from.clone(),
                to: transfer.to.clone(),
                amount: transfer.amount,
                state: state.name().to_owned(),
                condition: transfer.hold.map(|hold| hold.condition),
                expires_at: transfer.hold.map(|hold| hold.expires_at),
                fulfillment,
                reason,
                changed_at: at,
            }
        });
        TransfersView {
            transfers: views.collect(),
        }
    }
}

fn invoice_view(ledger: &LedgerPrefix, invoice: &Invoice, now: Timestamp) -> Option<InvoiceView> {
    Some(InvoiceView {
        address: invoice.address.clone(),
        amount: invoice.amount,
        condition: invoice.condition(),
        expires_at: invoice.expires_at,
        account: ledger.account(&invoice.account).ok()?,
        state: invoice.state(now).to_owned(),
        paid_by: invoice.paid_by.clone(),
    })
}

/// What executed a transfer, or why it was rejected.
fn ending(state: &State) -> (Option<Fulfillment>, Option<serde_json::Value>) {
    match state {
        State::Executed { fulfillment } => (*fulfillment, None),
        State::Rejected { reason } => {
            let value = |reason: &Json| serde_json::from_str(reason.as_str()).ok();
            (None, reason.as_ref().and_then(value))
        }
        _ => (None, None),
    }
}

/// The answer to `question` about payments from `ledger`.
pub(super) fn quote_view(
    ledger: &LedgerPrefix,
    question: &Question,
    answer: &Packet,
    found: QuoteFound,
) -> QuoteView {
    let mut view = empty(ledger, question, found);
    let hold = match answer {
        Packet::BySourceResponse(answer) => {
            view.destination_amount = Some(answer.destination_amount);
            answer.source_hold
        }
        Packet::ByDestinationResponse(answer) => {
            view.source_amount = Some(answer.source_amount);
            answer.source_hold
        }
        Packet::LiquidityResponse(answer) => {
            let points = answer.points.iter();
            let units = |(x, y): &(u64, u64)| (Amount::new(*x), Amount::new(*y));
            view.points = Some(points.map(units).collect());
            view.applies_to_prefix = Some(answer.applies_to_prefix.as_str().to_owned());
            view.expires_at = Some(answer.expires_at);
            answer.source_hold
        }
        _ => question.hold,
    };
    view.source_hold_ms = hold.0;
    view
}

/// From one account of a ledger to another: what is paid arrives.
pub(super) fn quote_on_one_ledger(ledger: &LedgerPrefix, question: &Question) -> QuoteView {
    let mut view = empty(ledger, question, QuoteFound::SameLedger);
    let amount = view.source_amount.or(view.destination_amount);
    (view.source_amount, view.destination_amount) = (amount, amount);
    if amount.is_none() {
        let ends = [Amount::ZERO, Amount::MAX];
        view.points = Some(ends.map(|units| (units, units)).to_vec());
        view.applies_to_prefix = Some(ledger.to_string());
    }
    view
}

/// What was asked, without an answer yet.
fn empty(ledger: &LedgerPrefix, question: &Question, found: QuoteFound) -> QuoteView {
    let (source_amount, destination_amount) = match question.about {
        About::Liquidity => (None, None),
        About::Source(units) => (Some(Amount::new(units)), None),
        About::Destination(units) => (None, Some(Amount::new(units))),
    };
    QuoteView {
        source_ledger: ledger.clone(),
        destination: question.destination.clone(),
        source_amount,
        destination_amount,
        points: None,
        applies_to_prefix: None,
        source_hold_ms: question.hold.0,
        destination_hold_ms: question.hold.0,
        expires_at: None,
        found,
    }
}
