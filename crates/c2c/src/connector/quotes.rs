//! Quotes that peers ask of us, and those that we ask on their behalf.

use std::collections::BTreeMap;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::message::{Envelope, Parties};
use crate::packet::{ErrorCode, IlpError, Packet};
use crate::quote::{Known, Question, QuoteError, QuoteSettings, Remembered, Remote, Step};
use crate::rpc::{Method, send_message, send_request};
use crate::schema::Dialect;
use crate::timestamp::{Millis, Timestamp};

use super::{
    Answer, CallId, CallOutcome, Connector, Doing, Letter, NewPayment, Output, RequestId, Routing,
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
    /// Questions by message: the ledger of whoever is asked, until when the answer is waited for, and the call
    /// by which it was asked.
    letters: BTreeMap<String, (LedgerPrefix, Timestamp, CallId)>,
}

/// A question that waits for its next hop.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    whom: Whom,
    pub(super) question: Question,
    next_hop: IlpAddress,
    /// The message by which the next hop was asked, where its answer is another message.
    letter: Option<String>,
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
    /// A peer, by a message that is answered by another.
    Letter {
        ledger: LedgerPrefix,
        letter: Box<Letter>,
    },
}

impl Whom {
    /// Where the money would come from.
    fn ledger(&self) -> &LedgerPrefix {
        match self {
            Self::Peer { asked, .. } => &asked.ledger,
            Self::Operator { ledger, .. }
            | Self::Payment { ledger, .. }
            | Self::Letter { ledger, .. } => ledger,
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
            letters: BTreeMap::new(),
        }
    }

    /// What waits for the answer of the peer `from` to the message `id`; it does not wait any more.
    pub(super) fn take_letter(&mut self, from: &LedgerPrefix, id: &str) -> Option<Waiting> {
        let (_, _, call) = self.letters.get(id).filter(|(of, ..)| of == from)?;
        let waiting = self.waiting.remove(call);
        self.letters.remove(id);
        waiting
    }

    /// When the first question by message is given up.
    pub(super) fn next_letter(&self) -> Option<Timestamp> {
        self.letters.values().map(|(_, until, _)| *until).min()
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
                match self.ask_for(now, whom, question, remote) {
                    Ok(()) => return None,
                    Err(error) => Err(error.into()),
                }
            }
            Ok((_, Step::Answer(packet))) => Ok(packet),
            Err(error) => Err(error.into()),
        };
        Some(written(now, &asked, answer))
    }

    /// Asks a next hop for its curve, for `whom`.
    pub(super) fn ask_for(
        &mut self,
        now: Timestamp,
        whom: Whom,
        question: Question,
        remote: Remote,
    ) -> Result<(), QuoteError> {
        if self.quotes.waiting.len() >= MOST_WAITING {
            return Err(refusing(
                ErrorCode::T03,
                &"Too many questions wait for other connectors. Ask again in a second.",
            ));
        }
        let peer = self.peers.get(&remote.next_ledger);
        let peer = peer.filter(|peer| *peer.ledger.peer_account() == remote.next_hop);
        let dialect = peer.map(super::Entry::dialect).ok_or_else(|| {
            let text = "The next connector cannot be asked for its curve.";
            refusing(ErrorCode::T01, &text)
        })?;
        let (call, letter) = match dialect {
            Dialect::V21 => (self.ask_next_hop(&question, &remote)?, None),
            Dialect::V17 => {
                let (call, id) = self.ask_by_letter(whom.ledger(), &question, &remote)?;
                let patience = match &whom {
                    Whom::Peer { .. } => PATIENCE,
                    _ => self.config.routing.call_timeout,
                };
                let letter = (remote.next_ledger.clone(), now + patience, call);
                self.quotes.letters.insert(id.clone(), letter);
                (call, Some(id))
            }
        };
        let waiting = Waiting {
            whom,
            question,
            next_hop: remote.next_hop,
            letter,
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

    pub(super) fn quote_settings(&self) -> QuoteSettings {
        let routing = &self.config.routing;
        QuoteSettings {
            min_message_window: routing.min_message_window,
            max_hold: routing.max_hold_time,
            expiry: routing.quote_expiry,
        }
    }

    fn ask_next_hop(&mut self, question: &Question, remote: &Remote) -> Result<CallId, QuoteError> {
        let cannot = |text: &str| refusing(ErrorCode::T01, &text);
        let peer = self
            .peers
            .get(&remote.next_ledger)
            .ok_or_else(|| cannot("The next connector is no peer any more."))?;
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
        let Some(waiting) = self.quotes.waiting.get(&id) else {
            return;
        };
        if waiting.letter.is_some()
            && let CallOutcome::Answered { status, body } = outcome
            && send_message::read_answer(*status, body).is_ok()
        {
            // It is taken. The answer is a message of its own.
            return;
        }
        let Some(waiting) = self.quotes.waiting.remove(&id) else {
            return;
        };
        let answer = match &waiting.letter {
            Some(letter) => {
                self.quotes.letters.remove(letter);
                Err(NoQuote::Ours(refusing(
                    ErrorCode::T01,
                    &"The next connector does not answer.",
                )))
            }
            None => self.second_step(now, prefix, &waiting, outcome),
        };
        self.finish_quote(now, waiting, answer);
    }

    /// Gives up questions by message that nobody has answered.
    pub(super) fn mind_letters(&mut self, now: Timestamp) {
        if self.quotes.next_letter().is_none_or(|at| at > now) {
            return;
        }
        let letters = self.quotes.letters.iter();
        let due: Vec<(String, LedgerPrefix)> = letters
            .filter(|(_, (_, until, _))| *until <= now)
            .map(|(id, (from, ..))| (id.clone(), from.clone()))
            .collect();
        for (id, from) in due {
            if let Some(waiting) = self.quotes.take_letter(&from, &id) {
                let text = "The next connector does not answer.";
                let none = NoQuote::Ours(refusing(ErrorCode::T01, &text));
                self.finish_quote(now, waiting, Err(none));
            }
        }
    }

    /// What came of a question is told to whoever wants to know.
    pub(super) fn finish_quote(
        &mut self,
        now: Timestamp,
        waiting: Waiting,
        answer: Result<Packet, NoQuote>,
    ) {
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
            Whom::Letter { ledger, letter } => self.answer_letter(&ledger, &letter, answer),
        }
    }

    /// The answer that follows from what a next hop said about this question alone.
    pub(super) fn step_with(
        &self,
        now: Timestamp,
        waiting: &Waiting,
        known: Known,
    ) -> Result<Packet, QuoteError> {
        let mut this = Remembered::new(1, Millis(0));
        this.keep(now, &waiting.next_hop, known);
        let (question, settings) = (&waiting.question, self.quote_settings());
        match question.step(&self.tables, &this, &settings, now, waiting.whom.ledger())? {
            Step::Answer(packet) => Ok(packet),
            Step::Ask(_) => Err(refusing(ErrorCode::T01, &"The way has changed meanwhile.")),
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
