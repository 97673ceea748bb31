//! `reject_incoming_transfer`: the caller, who receives a transfer, refuses it.

use super::{AnswerError, Method, Parameters, read_true};
use crate::ledger::{Json, TransferId};
use crate::schema::{Code, Violation};

/// The method.
pub const METHOD: Method = Method::RejectIncomingTransfer;

/// The body of a call: the id and the reason, which in 2017 is an object with `code`, `name`, `message`
/// and more; an empty one where there is none.
///
/// ```
/// use c2c::rpc::reject_incoming_transfer;
/// assert_eq!(reject_incoming_transfer::body(&"1".parse()?, None), r#"["1",{}]"#);
/// # Ok::<(), c2c::ledger::InvalidId>(())
/// ```
pub fn body(id: &TransferId, reason: Option<&Json>) -> String {
    let id = serde_json::Value::from(id.as_str());
    format!("[{id},{}]", reason.map_or("{}", Json::as_str))
}

/// Reads the parameters. Anything is taken for a reason, also nothing.
pub(super) fn read(parameters: &Parameters<'_>) -> Result<(TransferId, Option<Json>), Violation> {
    let hint = "Send an array with the id, a text, and the reason, an object.";
    let id = parameters.text(0, "id", Code::ItemCount, hint, TransferId::new)?;
    let reason = parameters.optional(1).map(Json::read).transpose();
    let reason = reason.map_err(|fault| {
        let mut fault = Violation::of_fault(parameters.body(), fault);
        fault.path = "[1]".to_owned();
        fault
    })?;
    Ok((id, reason.filter(|reason| reason.as_str() != "null")))
}

/// Makes sure that the peer has taken the rejection.
pub fn read_answer(status: u16, body: &[u8]) -> Result<(), AnswerError> {
    read_true(status, body)
}
