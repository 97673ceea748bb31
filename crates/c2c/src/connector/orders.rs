//! Payments that start here: priced, prepared from an account, and then sent on as any other.

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::ledger::{Condition, Transfer, TransferId};
use crate::packet::{ErrorCode, Packet, Payment};
use crate::quote::{About, Question, QuoteError, Step};
use crate::snapshot::ErrorBody;
use crate::timestamp::{Millis, Timestamp};

use super::{Connector, NoQuote, RequestId, Whom};

/// How long the receiver's ledger is asked to hold the money, as ilp-connector 17 does by itself.
const HOLD: Millis = Millis(5_000);

/// A payment that starts on a ledger of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// Its name on the ledger. To order the same payment again under its name is a repeat, until it has
    /// expired; after that it is refused, if its expiry is said.
    pub id: TransferId,
    /// The account that pays.
    pub from: IlpAddress,
    /// The receiver.
    pub destination: IlpAddress,
    /// What is to arrive, in base units of the receiver's ledger.
    pub destination_amount: Amount,
    /// What the receiver's fulfillment meets.
    pub condition: Condition,
    /// What the account pays; none: what a quote says.
    pub source_amount: Option<Amount>,
    /// Until when the money is on hold; none: for the longest time that is allowed.
    pub expires_at: Option<Timestamp>,
}

/// Why a payment does not begin.
struct NoPayment {
    status: u16,
    body: ErrorBody,
}

impl NoPayment {
    /// There is no price.
    fn of(error: &NoQuote) -> Self {
        let (status, body) = error.refusal("destination_amount");
        Self { status, body }
    }

    fn new(status: u16, id: &str, path: &str, message: String) -> Self {
        Self {
            status,
            body: ErrorBody {
                id: id.to_owned(),
                message,
                path: Some(path.to_owned()),
                hint: None,
            },
        }
    }
}

impl Connector {
    /// Somebody here pays. The request is answered when the payment has ended, or at once if it does not
    /// begin.
    pub(super) fn order(&mut self, now: Timestamp, request: RequestId, order: NewPayment) {
        if let Err(refused) = self.begin(now, request, order) {
            self.refuse(request, refused.status, &refused.body);
        }
    }

    fn begin(
        &mut self,
        now: Timestamp,
        request: RequestId,
        order: NewPayment,
    ) -> Result<(), NoPayment> {
        let prefix = self.payer(&order)?;
        let key = (prefix.clone(), order.id.clone());
        if self.accounts.quoting.contains_key(&key) {
            let text = format!(
                "The payment {} is being prepared. Ask for it later.",
                order.id
            );
            return Err(NoPayment::new(409, "IN_PROGRESS", "id", text));
        }
        if let Some(ended) = self.repeats(&prefix, &order)? {
            if ended {
                self.answer_payment(&key, request);
            } else {
                self.accounts.waiting.entry(key).or_default().push(request);
            }
            return Ok(());
        }
        if let Some(amount) = order.source_amount {
            return self.prepare(now, request, &prefix, &order, amount);
        }
        if order.destination.is_under(prefix.as_str()) {
            let amount = order.destination_amount;
            return self.prepare(now, request, &prefix, &order, amount);
        }
        let question = Question {
            destination: order.destination.clone(),
            hold: HOLD.min(self.config.routing.max_hold_time),
            about: About::Destination(order.destination_amount.units()),
        };
        match self.step(now, &prefix, &question) {
            Ok(Step::Answer(packet)) => self.priced(now, request, &prefix, &order, Ok(packet)),
            Ok(Step::Ask(remote)) => {
                let whom = Whom::Payment {
                    request,
                    ledger: prefix.clone(),
                    order: Box::new(order.clone()),
                };
                match self.ask_for(now, whom, question, remote) {
                    Ok(()) => {
                        self.accounts.quoting.insert(key, request);
                        Ok(())
                    }
                    Err(error) => {
                        self.priced(now, request, &prefix, &order, Err(NoQuote::Ours(error)))
                    }
                }
            }
            Err(error) => self.priced(now, request, &prefix, &order, Err(NoQuote::Ours(error))),
        }
    }

    /// A next hop has been asked for its curve.
    pub(super) fn quoted_for_payment(
        &mut self,
        now: Timestamp,
        request: RequestId,
        prefix: &LedgerPrefix,
        order: &NewPayment,
        answer: Result<Packet, NoQuote>,
    ) {
        let key = (prefix.clone(), order.id.clone());
        self.accounts.quoting.remove(&key);
        if let Err(refused) = self.priced(now, request, prefix, order, answer) {
            self.refuse(request, refused.status, &refused.body);
        }
    }

    /// What the payment costs is known, or not.
    fn priced(
        &mut self,
        now: Timestamp,
        request: RequestId,
        prefix: &LedgerPrefix,
        order: &NewPayment,
        answer: Result<Packet, NoQuote>,
    ) -> Result<(), NoPayment> {
        match answer {
            Ok(Packet::ByDestinationResponse(answer)) => {
                self.prepare(now, request, prefix, order, answer.source_amount)
            }
            Ok(_) => {
                let error = QuoteError {
                    code: ErrorCode::T00,
                    message: "The quote is for something else.".to_owned(),
                };
                Err(NoPayment::of(&NoQuote::Ours(error)))
            }
            Err(error) => Err(NoPayment::of(&error)),
        }
    }

    /// The account pays our own: the money is on hold, and goes on.
    fn prepare(
        &mut self,
        now: Timestamp,
        request: RequestId,
        prefix: &LedgerPrefix,
        order: &NewPayment,
        amount: Amount,
    ) -> Result<(), NoPayment> {
        let Some(account) = self.tables.account_on(prefix.as_str()).cloned() else {
            return Err(unknown(&order.from));
        };
        let packet = Packet::Payment(Payment {
            amount: order.destination_amount,
            account: order.destination.clone().into(),
            data: Vec::new(),
        });
        let packet = packet.encode().map_err(|error| {
            NoPayment::new(422, "DESTINATION", "destination", error.to_string())
        })?;
        let longest = now + self.config.routing.max_hold_time;
        let expires_at = order.expires_at.unwrap_or(longest);
        let from = order.from.clone();
        let transfer = Transfer::new(order.id.clone(), prefix.clone(), from, account, amount)
            .with_hold(order.condition, expires_at)
            .with_ilp(packet);
        let done = self.operate_own(now, prefix, |ledger, now| ledger.prepare(now, transfer));
        let Some(done) = done else {
            return Err(unknown(&order.from));
        };
        let _ = done.map_err(|error| {
            use crate::accounts::AccountError as E;
            let (status, path) = match &error {
                E::Unknown { .. } => (404, "from"),
                E::NotEnough { .. } => (422, "from"),
                E::TooLate { .. } => (422, "expires_at"),
                E::Duplicate { .. } => (409, "id"),
                E::TooMany { .. } => (503, "from"),
                _ => (422, "source_amount"),
            };
            NoPayment::new(status, error.code(), path, error.to_string())
        })?;
        let key = (prefix.clone(), order.id.clone());
        self.accounts.waiting.entry(key).or_default().push(request);
        Ok(())
    }

    /// The ledger of the account that pays, if the order can be one.
    fn payer(&self, order: &NewPayment) -> Result<LedgerPrefix, NoPayment> {
        let ledger = self.accounts.ledgers().find(|ledger| {
            let address = ledger.prefix().as_address();
            order.from.is_under(address.as_str())
        });
        let ledger = ledger.ok_or_else(|| unknown(&order.from))?;
        let name = order.from.as_str().get(ledger.prefix().as_str().len()..);
        let account = name.and_then(|name| ledger.account(name));
        match account {
            None => return Err(unknown(&order.from)),
            Some(account) if account.name == *ledger.own() => {
                let text = format!(
                    "The account {} is the connector's own. Pay from another account.",
                    order.from
                );
                return Err(NoPayment::new(422, "ACCOUNT_RESERVED", "from", text));
            }
            Some(_) => {}
        }
        let zero = |path: &str| {
            let text = "The amount is 0. Pay at least 1 base unit.".to_owned();
            Err(NoPayment::new(422, "AMOUNT_ZERO", path, text))
        };
        if order.destination_amount == Amount::ZERO {
            return zero("destination_amount");
        }
        match order.source_amount {
            Some(Amount::ZERO) => return zero("source_amount"),
            Some(amount)
                if order.destination.is_under(ledger.prefix().as_str())
                    && amount != order.destination_amount =>
            {
                let text = "On one ledger what is paid is what arrives. Leave source_amount out.";
                let path = "source_amount";
                return Err(NoPayment::new(422, "SOURCE_AMOUNT", path, text.to_owned()));
            }
            _ => {}
        }
        Ok(ledger.prefix().clone())
    }

    /// Whether the payment was ordered before, and then whether it has ended.
    fn repeats(
        &self,
        prefix: &LedgerPrefix,
        order: &NewPayment,
    ) -> Result<Option<bool>, NoPayment> {
        let ledger = self.accounts.ledger(prefix);
        let Some(known) = ledger.and_then(|ledger| ledger.record(&order.id)) else {
            return Ok(None);
        };
        let transfer = &known.transfer;
        let packet = transfer.ilp.as_deref().map(Packet::decode);
        let Some(Ok(Packet::Payment(payment))) = packet else {
            return Err(duplicate(order));
        };
        let hold = transfer.hold;
        let is_same = transfer.from == order.from
            && payment.account.as_str() == order.destination.as_str()
            && payment.amount == order.destination_amount
            && hold.is_some_and(|hold| hold.condition == order.condition)
            && order
                .source_amount
                .is_none_or(|amount| amount == transfer.amount)
            && order
                .expires_at
                .is_none_or(|at| hold.is_some_and(|hold| hold.expires_at == at));
        match is_same {
            true => Ok(Some(known.state.is_final())),
            false => Err(duplicate(order)),
        }
    }

    /// A payment has ended: whoever waits for it is answered.
    pub(super) fn payment_ended(&mut self, ledger: &LedgerPrefix, id: &TransferId) {
        let key = (ledger.clone(), id.clone());
        for request in self.accounts.waiting.remove(&key).unwrap_or_default() {
            self.answer_payment(&key, request);
        }
    }

    fn answer_payment(&mut self, key: &(LedgerPrefix, TransferId), request: RequestId) {
        let view = self.payment(&key.0, &key.1);
        self.answer_json(request, 200, &view);
    }
}

fn unknown(account: &IlpAddress) -> NoPayment {
    let text = format!(
        "There is no account {account} on a ledger of this connector. Open it first, or look at the list of accounts."
    );
    NoPayment::new(404, "UNKNOWN_ACCOUNT", "from", text)
}

fn duplicate(order: &NewPayment) -> NoPayment {
    let text = format!(
        "Another payment has the id {}. Choose a new one, such as a random UUID.",
        order.id
    );
    NoPayment::new(409, "DUPLICATE_ID", "id", text)
}
