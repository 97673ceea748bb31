//! `send_request`: a message that is answered by a message.

use super::{AnswerError, Method, Parameters, result};
use crate::message::{self, Envelope, MessageError, Parties};
use crate::schema::{Document, Violation};

/// The method.
pub const METHOD: Method = Method::SendRequest;

/// The body of a call: the message, as it was written, is the only parameter.
pub fn body(message: &str) -> String {
    format!("[{message}]")
}

/// Reads the message in the parameters. Whether it is for us is the next question:
/// [`Envelope::check`].
pub(super) fn read<'a>(parameters: &Parameters<'a>) -> Result<Envelope<'a>, Violation> {
    Envelope::read_or_fault(required(parameters)?, "[0]")
}

/// Checks the message in the parameters with all that it carries.
pub(super) fn validate(parameters: &Parameters<'_>) -> Result<(), Vec<Violation>> {
    let message = required(parameters).map_err(|fault| vec![fault])?;
    message::validate(message, "[0]").map(drop)
}

fn required<'a>(parameters: &Parameters<'a>) -> Result<Document<'a>, Violation> {
    parameters.required(0, "message", "Send an array with one message.")
}

/// Reads the peer's answer to a message from us to it. `asked` are the parties of that message.
pub fn read_answer<'a>(
    status: u16,
    body: &'a [u8],
    asked: Parties<'_>,
) -> Result<Envelope<'a>, AnswerError> {
    let document = result(status, body)?;
    let envelope = Envelope::read(document, "").map_err(|error| match error {
        // Anything that is not an object is not even an attempt at a message.
        MessageError::Invalid(fault) if fault.path.is_empty() => {
            AnswerError::unexpected("a message", body)
        }
        error => error.into(),
    })?;
    envelope.check(asked.reversed())?;
    Ok(envelope)
}

/// Makes sure that the peer has taken a routing update.
///
/// DIFFERENCE: ilp-connector 21 does not look into the answer. Here an error packet in it counts as not
/// delivered, so that everything is told again.
pub fn read_taken(status: u16, body: &[u8], asked: Parties<'_>) -> Result<(), AnswerError> {
    match read_answer(status, body, asked)?.ilp_error() {
        None => Ok(()),
        Some(Ok(error)) => Err(AnswerError::Refused(Box::new(error))),
        Some(Err(error)) => Err(AnswerError::Packet(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::LedgerPrefix;
    use crate::rpc::Request;

    #[test]
    fn a_message_goes_and_its_answer_comes() {
        let ledger = LedgerPrefix::new("peer.abcde.usd.9.").unwrap();
        let (us, them) = (
            ledger.account("us").unwrap(),
            ledger.account("them").unwrap(),
        );
        let asked = Parties {
            ledger: &ledger,
            from: &us,
            to: &them,
        };
        let call = body(&Envelope::new(asked).write());
        let Request::SendRequest(got) = Request::read(METHOD, call.as_bytes()).unwrap() else {
            panic!("another method");
        };
        got.check(asked).unwrap();

        let answer = Envelope::new(asked.reversed()).write();
        assert!(read_answer(200, answer.as_bytes(), asked).is_ok());
        assert!(read_taken(200, answer.as_bytes(), asked).is_ok());
        let now = crate::timestamp::Timestamp::from_millis(0);
        let refusal = Envelope::refusing(asked, crate::packet::ErrorCode::F00, now, "bad").unwrap();
        let refused = read_taken(200, refusal.write().as_bytes(), asked).unwrap_err();
        assert!(matches!(refused, AnswerError::Refused(_)), "{refused}");
        let foreign = Envelope::new(asked).write();
        assert!(matches!(
            read_answer(200, foreign.as_bytes(), asked),
            Err(AnswerError::Message(MessageError::Misdirected { .. }))
        ));
        assert!(matches!(
            read_answer(200, b"true", asked),
            Err(AnswerError::Unexpected { .. })
        ));
        // A message may carry `id` and `message`; its `ledger` tells it from a failure.
        let with_id = answer.replace('{', r#"{"id":"a","message":"b","#);
        assert!(read_answer(200, with_id.as_bytes(), asked).is_ok());
    }

    #[test]
    fn wrong_parameters_are_refused_with_their_place() {
        for (body, path) in [
            ("[]", Some("[0]")),
            ("[5]", Some("[0]")),
            ("{}", None),
            ("[{\"ledger\":1}]", Some("[0].ledger")),
            ("[{\"ledger\":1}", None),
            ("", None),
        ] {
            let refusal = Request::read(METHOD, body.as_bytes()).unwrap_err();
            assert_eq!(refusal.status.code(), 422, "{body}");
            assert_eq!(refusal.path.as_deref(), path, "{body}");
        }
    }
}
