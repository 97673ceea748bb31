//! Quotes that peers ask of us, and those that we ask on their behalf.

use std::collections::BTreeMap;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::message::{Envelope, Parties};
use crate::packet::{ErrorCode, IlpError, Packet};
use crate::quote::{Known, Question, QuoteError, QuoteSettings, Remembered, Remote, Step};
use crate::rpc::{Method, send_request};
use crate::schema::Dialect;
use crate::timestamp::{Millis, Timestamp};

use super::{Answer, CallId, CallOutcome, Connector, Doing, Output, RequestId, Routing};

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
    request: RequestId,
    asked: Asker,
    question: Question,
    next_hop: IlpAddress,
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
enum NoQuote {
    Ours(QuoteError),
    Theirs(Box<IlpError>),
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
            Ok((question, Step::Ask(remote))) => match self.ask_next_hop(&question, &remote) {
                Ok(call) => {
                    let waiting = Waiting {
                        request,
                        asked,
                        question,
                        next_hop: remote.next_hop,
                    };
                    self.quotes.waiting.insert(call, waiting);
                    return None;
                }
                Err(error) => Err(error.into()),
            },
            Ok((_, Step::Answer(packet))) => Ok(packet),
            Err(error) => Err(error.into()),
        };
        Some(written(now, &asked, answer))
    }

    fn first_step(
        &self,
        now: Timestamp,
        asked: &Asker,
        packet: &[u8],
    ) -> Result<(Question, Step), QuoteError> {
        let packet = Packet::decode(packet).map_err(|error| refusing(ErrorCode::F00, &error))?;
        let question = Question::of(packet)?;
        let step = self.step(now, asked, &question)?;
        Ok((question, step))
    }

    fn step(&self, now: Timestamp, asked: &Asker, question: &Question) -> Result<Step, QuoteError> {
        let routing = &self.config.routing;
        let settings = QuoteSettings {
            min_message_window: routing.min_message_window,
            max_hold: routing.max_hold_time,
            expiry: routing.quote_expiry,
        };
        let remembered = &self.quotes.remembered;
        question.step(&self.tables, remembered, &settings, now, &asked.ledger)
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
        let body = written(now, &waiting.asked, answer);
        self.outputs.push_back(Output::Answer(Answer {
            id: waiting.request,
            status: 200,
            body: body.into_bytes(),
        }));
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
        match self.step(now, &waiting.asked, &waiting.question)? {
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
