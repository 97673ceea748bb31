//! What the operator asks, and is answered: JSON with a status.

use crate::address::LedgerPrefix;
use crate::packet::{ErrorCode, Packet};
use crate::quote::{About, Question, Remembered, Step};
use crate::snapshot::{ErrorBody, QuoteFound};
use crate::timestamp::{Millis, Timestamp};

use super::{Answer, Connector, NoQuote, Output, RequestId, Whom, quote_on_one_ledger, quote_view};

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

impl Connector {
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
                match self.ask_for(now, whom, question.clone(), remote) {
                    Ok(()) => return,
                    Err(error) => Err(error.into()),
                }
            }
            Ok(Step::Answer(packet)) => Ok(packet),
            Err(error) => Err(error.into()),
        };
        self.answer_operator(now, request, &ledger, &question, answer);
    }

    pub(super) fn answer_operator(
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

    /// Answers the operator with an error.
    pub(super) fn refuse(&mut self, request: RequestId, status: u16, body: &ErrorBody) {
        self.answer_json(request, status, body);
    }

    /// Answers the operator.
    pub(super) fn answer_json(
        &mut self,
        request: RequestId,
        status: u16,
        body: &impl serde::Serialize,
    ) {
        // Texts and numbers only, which JSON has room for.
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.outputs.push_back(Output::Answer(Answer {
            id: request,
            status,
            body,
        }));
    }
}
