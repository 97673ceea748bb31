//! Quotes that peers ask of us, and those that we ask on their behalf.

use std::collections::BTreeMap;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::message::{Envelope, Parties};
use crate::packet::{ErrorCode, IlpError, Packet};
use crate::quote::{About, Known, Question, QuoteError, QuoteSettings, Remembered, Remote, Step};
use crate::rpc::{Method, send_request};
use crate::schema::Dialect;
use crate::snapshot::{ErrorBody, QuoteFound};
use crate::timestamp::{Millis, Timestamp};

use super::{
    Answer, CallId, CallOutcome, Connector, Doing, NewPayment, Output, RequestId, Routing,
    quote_on_one_ledger, quote_view,
};

/// How many questions wait for a next hop at once.
const MOST_WAITING: usize = 1000;

/// How many answers of next hops are remembered.
const MOST_REMEMBERED: usize = 10_000;

/// How long a next hop may take. Whoever asked us gives up after 2 s.
const PATIENCE: Millis = Millis(1_500);

/// What was asked, and what was answered.
#[derive(Clone, Debug)]
pub(super) struct Quotes {
    remembered: Remembered,
    /// By the call that asks the next hop.
    waiting: BTreeMap<CallId, Waiting>,
}

/// A question that waits for its next hop.
#[derive(Clone, Debug)]
struct Waiting {
    whom: Whom,
    question: Question,
    next_hop: IlpAddress,
}

/// Who wants to know.
#[derive(Clone, Debug)]
pub(super) enum Whom {
    /// A peer.
    Peer { request: RequestId, asked: Asker },
    /// The operator, about payments from this ledger.
    Operator {
        request: RequestId,
        ledger: LedgerPrefix,
    },
    /// A payment that starts on this ledger of ours, and is to be priced.
    Payment {
        request: RequestId,
        ledger: LedgerPrefix,
        order: Box<NewPayment>,
    },
}

impl Whom {
    /// Where the money would come from.
    fn ledger(&self) -> &LedgerPrefix {
        match self {
            Self::Peer { asked, .. } => &asked.ledger,
            Self::Operator { ledger, .. } | Self::Payment { ledger, .. } => ledger,
        }
    }
}

/// Between whom a question went: from the peer to us.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) ledger: LedgerPrefix,
    pub(super) peer_account: IlpAddress,
    pub(super) account: IlpAddress,
}

impl Asker {
    fn parties(&self) -> Parties<'_> {
        Parties {
            ledger: &self.ledger,
            from: &self.peer_account,
            to: &self.account,
        }
    }
}

/// Why there is no quote: for a reason of ours, or for one that the next hop told.
pub(super) enum NoQuote {
    Ours(QuoteError),
    Theirs(Box<IlpError>),
}

impl NoQuote {
    /// The answer to the operator: status and body. `amount` is the field that the amount came in.
    pub(super) fn refusal(&self, amount: &str) -> (u16, ErrorBody) {
        let (code, message, status) = match self {
            Self::Ours(error) if error.code == ErrorCode::T01 => {
                (error.code, error.message.clone(), 502)
            }
            Self::Ours(error) if error.code == ErrorCode::T03 => {
                (error.code, error.message.clone(), 503)
            }
            Self::Ours(error) => (error.code, error.message.clone(), 422),
            Self::Theirs(error) => {
                let said = error.message().unwrap_or_default();
                let message = format!("{} refuses: {} {said}", error.triggered_by, error.code);
                (error.code, message, 502)
            }
        };
        let (path, hint) = match code {
            ErrorCode::F02 => (
                "destination",
                "Look at GET /routes for what can be reached.",
            ),
            ErrorCode::T01 | ErrorCode::T03 => ("destination", "Try again in a second."),
            _ => (
                amount,
                "Look at GET /routes/why for what the way can carry.",
            ),
        };
        let body = ErrorBody {
            id: code.to_string(),
            message,
            path: Some(path.to_owned()),
            hint: Some(hint.to_owned()),
        };
        (status, body)
    }
}

impl From<QuoteError> for NoQuote {
    fn from(error: QuoteError) -> Self {
        Self::Ours(error)
    }
}

impl Quotes {
    pub(super) fn new(routing: &Routing) -> Self {
        Self {
            remembered: Remembered::new(MOST_REMEMBERED, routing.quote_expiry),
            waiting: BTreeMap::new(),
        }
    }

    /// Forgets what a next hop answered.
    pub(super) fn forget(&mut self, next_hop: &IlpAddress) {
        self.remembered.forget(next_hop);
    }
}

impl Connector {
    /// The message that answers a packet, or none if the next hop has to be asked first: then it is
    /// answered when that is over.
    pub(super) fn quote(
        &mut self,
        now: Timestamp,
        request: RequestId,
        asked: Asker,
        packet: &[u8],
    ) -> Option<String> {
        let answer = match self.first_step(now, &asked, packet) {
            Ok((question, Step::Ask(remote))) => {
                let whom = Whom::Peer {
                    request,
                    asked: asked.clone(),
                };
                match self.ask_for(whom, question, remote) {
                    Ok(()) => return None,
                    Err(error) => Err(error.into()),
                }
            }
            Ok((_, Step::Answer(packet))) => Ok(packet),
            Err(error) => Err(error.into()),
        };
        Some(written(now, &asked, answer))
    }

    /// The operator asks, about payments from `ledger`.
    pub(super) fn quote_operator(
        &mut self,
        now: Timestamp,
        request: RequestId,
        ledger: LedgerPrefix,
        question: Question,
    ) {
        if self.is_own(&ledger) && question.destination.is_under(ledger.as_str()) {
            let view = quote_on_one_ledger(&ledger, &question);
            return self.answer_json(request, 200, &view);
        }
        let answer = match self.step(now, &ledger, &question) {
            Ok(Step::Ask(remote)) => {
                let whom = Whom::Operator {
                    request,
                    ledger: ledger.clone(),
                };
                match self.ask_for(whom, question.clone(), remote) {
                    Ok(()) => return,
                    Err(error) => Err(error.into()),
                }
            }
            Ok(Step::Answer(packet)) => Ok(packet),
            Err(error) => Err(error.into()),
        };
        self.answer_operator(now, request, &ledger, &question, answer);
    }

    fn answer_operator(
        &mut self,
        now: Timestamp,
        request: RequestId,
        ledger: &LedgerPrefix,
        question: &Question,
        answer: Result<Packet, NoQuote>,
    ) {
        let packet = match answer {
            Ok(packet) => packet,
            Err(error) => {
                let field = match question.about {
                    About::Destination(_) => "destination_amount",
                    _ => "source_amount",
                };
                let (status, body) = error.refusal(field);
                return self.refuse(request, status, &body);
            }
        };
        // Without what next hops answered the tables alone say it, or do not.
        let nothing = Remembered::new(0, Millis(0));
        let settings = self.quote_settings();
        let alone = question.step(&self.tables, &nothing, &settings, now, ledger);
        let found = match alone {
            Ok(Step::Answer(_)) => QuoteFound::Curve,
            _ => QuoteFound::Remote,
        };
        let view = quote_view(ledger, question, &packet, found);
        self.answer_json(request, 200, &view);
    }

    /// Asks a next hop for its curve, for `whom`.
    pub(super) fn ask_for(
        &mut self,
        whom: Whom,
        question: Question,
        remote: Remote,
    ) -> Result<(), QuoteError> {
        let call = self.ask_next_hop(&question, &remote)?;
        let waiting = Waiting {
            whom,
            question,
            next_hop: remote.next_hop,
        };
        self.quotes.waiting.insert(call, waiting);
        Ok(())
    }

    fn first_step(
        &self,
        now: Timestamp,
        asked: &Asker,
        packet: &[u8],
    ) -> Result<(Question, Step), QuoteError> {
        let packet = Packet::decode(packet).map_err(|error| refusing(ErrorCode::F00, &error))?;
        let question = Question::of(packet)?;
        let step = self.step(now, &asked.ledger, &question)?;
        Ok((question, step))
    }

    /// The answer to a question about payments from `ledger`, or whom to ask first.
    pub(super) fn step(
        &self,
        now: Timestamp,
        ledger: &LedgerPrefix,
        question: &Question,
    ) -> Result<Step, QuoteError> {
        let remembered = &self.quotes.remembered;
        question.step(
            &self.tables,
            remembered,
            &self.quote_settings(),
            now,
            ledger,
        )
    }

    fn quote_settings(&self) -> QuoteSettings {
        let routing = &self.config.routing;
        QuoteSettings {
            min_message_window: routing.min_message_window,
            max_hold: routing.max_hold_time,
            expiry: routing.quote_expiry,
        }
    }

    fn ask_next_hop(&mut self, question: &Question, remote: &Remote) -> Result<CallId, QuoteError> {
        let cannot = |text: &str| refusing(ErrorCode::T01, &text);
        if self.quotes.waiting.len() >= MOST_WAITING {
            return Err(refusing(
                ErrorCode::T03,
                &"Too many questions wait for other connectors. Ask again in a second.",
            ));
        }
        let peer = self
            .peers
            .get(&remote.next_ledger)
            .filter(|peer| *peer.ledger.peer_account() == remote.next_hop)
            .filter(|peer| peer.dialect() == Dialect::V21)
            .ok_or_else(|| cannot("The next connector cannot be asked for its curve."))?;
        let packet = question.remote().encode();
        let packet = packet.map_err(|error| refusing(ErrorCode::F00, &error))?;
        let message = Envelope::new(peer.call_parties()).with_ilp(packet);
        let body = send_request::body(&message.write()).into_bytes();
        let patience = PATIENCE.min(self.config.routing.call_timeout);
        self.call_peer_within(
            &remote.next_ledger,
            Method::SendRequest,
            Doing::Quote,
            body,
            patience,
        )
        .ok_or_else(|| cannot("The next connector is no peer any more."))
    }

    /// A question to a next hop is over: whoever waits for it is answered.
    pub(super) fn quoted(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: CallId,
        outcome: &CallOutcome,
    ) {
        let Some(waiting) = self.quotes.waiting.remove(&id) else {
            return;
        };
        let answer = self.second_step(now, prefix, &waiting, outcome);
        match waiting.whom {
            Whom::Peer { request, asked } => {
                let body = written(now, &asked, answer).into_bytes();
                self.outputs.push_back(Output::Answer(Answer {
                    id: request,
                    status: 200,
                    body,
                }));
            }
            Whom::Operator { request, ledger } => {
                self.answer_operator(now, request, &ledger, &waiting.question, answer);
            }
            Whom::Payment {
                request,
                ledger,
                order,
            } => self.quoted_for_payment(now, request, &ledger, &order, answer),
        }
    }

    fn second_step(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        waiting: &Waiting,
        outcome: &CallOutcome,
    ) -> Result<Packet, NoQuote> {
        let none = |text: &str| NoQuote::Ours(refusing(ErrorCode::T01, &text));
        let (CallOutcome::Answered { status, body }, Some(peer)) =
            (outcome, self.peers.get(prefix))
        else {
            return Err(none("The next connector does not answer."));
        };
        let message = send_request::read_answer(*status, body, peer.call_parties())
            .map_err(|error| refusing(ErrorCode::T01, &error))?;
        let packet = message.ilp.as_deref().map(Packet::decode);
        let known = match packet {
            Some(Ok(Packet::LiquidityResponse(answer))) => {
                let question = &waiting.question;
                Known::read(answer, &question.destination, question.hold)?
            }
            Some(Ok(Packet::Error(error))) => return Err(NoQuote::Theirs(Box::new(error))),
            _ => return Err(none("The next connector answered with something else.")),
        };
        self.quotes.remembered.keep(now, &waiting.next_hop, known);
        match self.step(now, waiting.whom.ledger(), &waiting.question)? {
            Step::Answer(packet) => Ok(packet),
            Step::Ask(_) => Err(none("The next connector's curve has run out already.")),
        }
    }
}

/// The message that answers: with the packet, or with an error packet.
fn written(now: Timestamp, asked: &Asker, answer: Result<Packet, NoQuote>) -> String {
    let packet = match answer {
        Ok(packet) => packet,
        Err(NoQuote::Theirs(error)) => Packet::Error(error.forwarded_by(asked.account.clone())),
        Err(NoQuote::Ours(error)) => Packet::Error(IlpError::new(
            error.code,
            asked.account.clone(),
            now,
            &error.message,
        )),
    };
    let reply = Envelope::new(asked.parties().reversed());
    match packet.encode() {
        Ok(packet) => reply.with_ilp(packet).write(),
        // A hold or a time that has no room in its field.
        Err(error) => Envelope::refusing(asked.parties(), ErrorCode::F00, now, &error.to_string())
            .map_or_else(|_| reply.write(), |refusal| refusal.write()),
    }
}

fn refusing(code: ErrorCode, reason: &dyn std::fmt::Display) -> QuoteError {
    QuoteError {
        code,
        message: reason.to_string(),
    }
}
