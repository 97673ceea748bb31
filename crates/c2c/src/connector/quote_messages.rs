//! Quotes in JSON, by one-way messages in both directions: how peers of ilp-connector 17 ask, and how they are
//! asked. They answer for an amount only, so that what they say is never remembered.

use crate::address::LedgerPrefix;
use crate::amount::Amount;
use crate::curve::Curve;
use crate::ledger::MAX_ID_LENGTH;
use crate::message::{
    Call, Envelope, QUOTE_ERROR, QUOTE_REQUEST, QUOTE_RESPONSE, QuoteFault, QuoteRequest,
    QuoteResponse, QuotedAmount,
};
use crate::packet::{ErrorCode, Packet};
use crate::payment;
use crate::quote::{About, Known, Question, QuoteError, Remote, Step};
use crate::rpc::{Method, send_message};
use crate::schema::{Dialect, Document};
use crate::table::View;
use crate::timestamp::{Millis, Timestamp};

use super::{CallId, Connector, Decimal, Doing, NoQuote, Whom};

/// How long the receiver's ledger holds the money, where a question says nothing.
const HOLD: Millis = Millis(5_000);

/// A question of a peer, and what ties the answer to it.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) id: String,
    pub(super) request: QuoteRequest,
    slippage: Decimal,
}

impl Connector {
    /// Takes what a one-way message says about quotes. The answer to a question is a message of its own.
    pub(super) fn take_letter(&mut self, now: Timestamp, prefix: &LedgerPrefix, call: &Call<'_>) {
        let id = call.id.as_deref().filter(|id| id.len() <= MAX_ID_LENGTH);
        let (Some(id), Some(data)) = (id, call.data) else {
            return;
        };
        match &*call.method {
            QUOTE_REQUEST => {
                let asked = QuoteRequest::read(data.text());
                let asked = asked.and_then(|request| self.letter(prefix, id, request));
                match asked {
                    Ok((letter, question)) => self.quote_letter(now, prefix, letter, question),
                    Err(fault) => self.reply(prefix, id, QUOTE_ERROR, &fault.write()),
                }
            }
            QUOTE_RESPONSE => {
                let answer = QuoteResponse::read(data.text());
                self.letter_answered(now, prefix, id, answer);
            }
            QUOTE_ERROR => {
                let fault = QuoteFault::read(data.text());
                self.letter_answered(now, prefix, id, Err(fault));
            }
            _ => {}
        }
    }

    /// What a peer asks, as we ask.
    fn letter(
        &self,
        prefix: &LedgerPrefix,
        id: &str,
        request: QuoteRequest,
    ) -> Result<(Letter, Question), QuoteFault> {
        if !request.source_address.is_under(prefix.as_str()) {
            let text = format!("source_address must be on {prefix}, over which the question came.");
            return Err(fault("InvalidUriParameterError", &text));
        }
        let slippage = match &request.slippage {
            None => self.config.routing.slippage,
            Some(text) => text
                .parse()
                .ok()
                .filter(|share: &Decimal| share.numerator() < share.denominator())
                .ok_or_else(|| {
                    let text = "slippage must be a decimal below 1, such as 0.001.";
                    fault("InvalidUriParameterError", text)
                })?,
        };
        let hold = match (request.destination_hold, request.source_hold) {
            (Some(hold), _) => hold,
            // What is left of it follows from the way.
            (None, Some(_)) => Millis(0),
            (None, None) => HOLD,
        };
        let question = Question {
            destination: request.destination_address.clone(),
            hold,
            about: match request.amount {
                QuotedAmount::Source(units) => About::Source(units.units()),
                QuotedAmount::Destination(units) => About::Destination(units.units()),
            },
        };
        let letter = Letter {
            id: id.to_owned(),
            request,
            slippage,
        };
        Ok((letter, question))
    }

    fn quote_letter(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        letter: Letter,
        question: Question,
    ) {
        let answer = match self.step(now, prefix, &question) {
            Ok(Step::Ask(remote)) => {
                let whom = Whom::Letter {
                    ledger: prefix.clone(),
                    letter: Box::new(letter.clone()),
                };
                match self.ask_for(now, whom, question, remote) {
                    Ok(()) => return,
                    Err(error) => Err(NoQuote::Ours(error)),
                }
            }
            Ok(Step::Answer(packet)) => Ok(packet),
            Err(error) => Err(NoQuote::Ours(error)),
        };
        self.answer_letter(prefix, &letter, answer);
    }

    /// Answers a question of a peer by a message.
    pub(super) fn answer_letter(
        &mut self,
        prefix: &LedgerPrefix,
        letter: &Letter,
        answer: Result<Packet, NoQuote>,
    ) {
        let answer = match answer {
            Ok(packet) => self.response(prefix, letter, &packet),
            Err(error) => Err(fault_of(&error)),
        };
        match answer {
            Ok(response) => self.reply(prefix, &letter.id, QUOTE_RESPONSE, &response.write()),
            Err(fault) => self.reply(prefix, &letter.id, QUOTE_ERROR, &fault.write()),
        }
    }

    fn response(
        &self,
        prefix: &LedgerPrefix,
        letter: &Letter,
        packet: &Packet,
    ) -> Result<QuoteResponse, QuoteFault> {
        let request = &letter.request;
        let unacceptable = |text: &str| fault("UnacceptableAmountError", text);
        let (source_amount, destination_amount, hold) = match (packet, request.amount) {
            (Packet::BySourceResponse(answer), QuotedAmount::Source(source)) => {
                let left = less(answer.destination_amount, letter.slippage);
                (source, left, answer.source_hold)
            }
            (Packet::ByDestinationResponse(answer), QuotedAmount::Destination(wanted)) => {
                let more = more(answer.source_amount, letter.slippage)
                    .ok_or_else(|| unacceptable("The amount is too large."))?;
                (more, wanted, answer.source_hold)
            }
            _ => return Err(fault("ExternalError", "The quote is for something else.")),
        };
        if destination_amount == Amount::ZERO {
            return Err(unacceptable(
                "Nothing arrives for this amount: ask with more.",
            ));
        }
        // What the question was asked with: none where the rest is to follow from the way.
        let asked = match (request.destination_hold, request.source_hold) {
            (Some(hold), _) => hold,
            (None, Some(_)) => Millis(0),
            (None, None) => HOLD,
        };
        let window = hold.0.saturating_sub(asked.0);
        let (source_hold, destination_hold) = match (request.source_hold, request.destination_hold)
        {
            (Some(source), Some(destination)) => (source, destination),
            (Some(source), None) => (source, Millis(source.0.saturating_sub(window))),
            (None, _) => (hold, asked),
        };
        let is_enough = source_hold.0.saturating_sub(destination_hold.0) >= window;
        let is_short = destination_hold <= self.config.routing.max_hold_time;
        if !is_enough || !is_short || destination_hold == Millis(0) {
            let text = format!("The way needs {window} ms more at the payer than at the receiver.");
            return Err(fault("UnacceptableExpiryError", &text));
        }
        let destination = request.destination_address.as_str();
        let hop = self.tables.best_hop_for_source_amount(
            View::Local,
            prefix.as_str(),
            destination,
            source_amount.units(),
        );
        let ledger = hop.map_or(&request.destination_address, |hop| hop.destination_ledger);
        let account = self.tables.account_on(prefix.as_str());
        Ok(QuoteResponse {
            source_ledger: prefix.clone(),
            destination_ledger: ledger.clone(),
            source_connector_account: account.unwrap_or(prefix.as_address()).clone(),
            source_amount,
            destination_amount,
            source_hold,
            destination_hold,
        })
    }

    /// Sends a one-way message that nobody answers.
    fn reply(&mut self, prefix: &LedgerPrefix, id: &str, method: &str, data: &str) {
        self.send_letter(prefix, id, method, data, Doing::Letter);
    }

    fn send_letter(
        &mut self,
        prefix: &LedgerPrefix,
        id: &str,
        method: &str,
        data: &str,
        doing: Doing,
    ) -> Option<CallId> {
        let peer = self.peers.get(prefix)?;
        let call = Call {
            id: Some(id.into()),
            ..Call::new(method, Document::whole(data.as_bytes()))
        };
        let message = Envelope::new(peer.call_parties()).with_call(Dialect::V17, call);
        let body = send_message::body(&message.write()).into_bytes();
        self.call_peer(prefix, Method::SendMessage, doing, body)
    }

    /// Asks a peer of ilp-connector 17. The answer is a message of its own, with the id that comes back here.
    pub(super) fn ask_by_letter(
        &mut self,
        source: &LedgerPrefix,
        question: &Question,
        remote: &Remote,
    ) -> Result<(CallId, String), QuoteError> {
        let cannot = |text: &str| QuoteError {
            code: ErrorCode::T01,
            message: text.to_owned(),
        };
        let amount = match question.about {
            About::Liquidity => {
                return Err(cannot(
                    "The next connector tells no curves. Ask with an amount.",
                ));
            }
            About::Destination(units) => QuotedAmount::Destination(Amount::new(units)),
            About::Source(units) => {
                let pair = self
                    .tables
                    .pair_curve(View::Local, source, &remote.next_ledger)
                    .ok_or_else(|| cannot("This way has no liquidity now."))?;
                QuotedAmount::Source(Amount::new(pair.amount_at(units)))
            }
        };
        let account = self.tables.account_on(remote.next_ledger.as_str());
        let source_address = account.ok_or_else(|| cannot("The next ledger is gone."))?;
        let request = QuoteRequest {
            source_address: source_address.clone(),
            destination_address: question.destination.clone(),
            amount,
            source_hold: None,
            destination_hold: Some(question.hold),
            // What we leave for changes of the price is for us to say.
            slippage: Some("0".to_owned()),
        };
        // Unique as long as this program runs, and a UUID.
        let number = self.next_call.to_string();
        let number = number.parse().map_err(|_| cannot("There is no id left."))?;
        let id = payment::next_id(&self.config.id_secret, &remote.next_ledger, &number);
        let id = id.as_str().to_owned();
        let data = request.write();
        let next = &remote.next_ledger;
        let call = self.send_letter(next, &id, QUOTE_REQUEST, &data, Doing::Quote);
        let call = call.ok_or_else(|| cannot("The next connector is no peer any more."))?;
        Ok((call, id))
    }

    /// A peer has answered a question of ours by a message.
    fn letter_answered(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: &str,
        answer: Result<QuoteResponse, QuoteFault>,
    ) {
        let Some(waiting) = self.quotes.take_letter(prefix, id) else {
            return;
        };
        let known = answer.map_err(|fault| {
            NoQuote::Ours(QuoteError {
                code: ErrorCode::T01,
                message: format!("The next connector refuses: {fault}"),
            })
        });
        let packet = known.and_then(|response| {
            let known = known_of(&response, &waiting.question, now)?;
            Ok(self.step_with(now, &waiting, known)?)
        });
        self.finish_quote(now, waiting, packet);
    }
}

/// What an answer says: for the amount that was asked, and no other.
fn known_of(
    response: &QuoteResponse,
    question: &Question,
    now: Timestamp,
) -> Result<Known, QuoteError> {
    let point = (
        response.source_amount.units(),
        response.destination_amount.units(),
    );
    let curve = Curve::from_points([point]).map_err(|error| QuoteError {
        code: ErrorCode::T01,
        message: format!("The next connector's answer is none: {error}"),
    })?;
    let window = response.source_hold.0.saturating_sub(question.hold.0);
    Ok(Known {
        curve,
        window: Millis(window),
        prefix: question.destination.clone(),
        expires_at: now,
    })
}

/// `amount` less the share, rounded down.
fn less(amount: Amount, share: Decimal) -> Amount {
    let (above, below) = (
        u128::from(share.numerator()),
        u128::from(share.denominator()),
    );
    let kept = u128::from(amount.units()) * below.saturating_sub(above) / below;
    // No more than before.
    Amount::new(u64::try_from(kept).unwrap_or(amount.units()))
}

/// `amount` and the share of it, rounded up.
fn more(amount: Amount, share: Decimal) -> Option<Amount> {
    let (above, below) = (
        u128::from(share.numerator()),
        u128::from(share.denominator()),
    );
    let added = u128::from(amount.units()) * (below + above);
    u64::try_from(added.div_ceil(below)).ok().map(Amount::new)
}

fn fault(class: &str, message: &str) -> QuoteFault {
    QuoteFault {
        class: class.to_owned(),
        message: message.to_owned(),
    }
}

/// Why there is no quote, by the classes of ilp-connector 17.
fn fault_of(error: &NoQuote) -> QuoteFault {
    match error {
        NoQuote::Ours(error) => {
            let class = match error.code {
                ErrorCode::F02 => "AssetsNotTradedError",
                ErrorCode::F00 => "UnacceptableAmountError",
                _ => "ExternalError",
            };
            fault(class, &error.message)
        }
        NoQuote::Theirs(error) => fault("ExternalError", &error.message().unwrap_or_default()),
    }
}
