//! `fulfill_condition`: the caller, who receives a transfer, executes it.

use super::{AnswerError, Method, Parameters, read_true};
use crate::ledger::{Fulfillment, TransferId};
use crate::schema::{Code, Violation};

/// The method.
pub const METHOD: Method = Method::FulfillCondition;

/// The body of a call: the id and the fulfillment in base64url.
///
/// ```
/// use c2c::ledger::Fulfillment;
/// use c2c::rpc::fulfill_condition;
/// let body = fulfill_condition::body(&"1".parse()?, &Fulfillment::from_bytes([0; 32]));
/// assert_eq!(body, r#"["1","AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]"#);
/// # Ok::<(), c2c::ledger::InvalidId>(())
/// ```
pub fn body(id: &TransferId, fulfillment: &Fulfillment) -> String {
    let id = serde_json::Value::from(id.as_str());
    format!("[{id},\"{fulfillment}\"]")
}

/// Reads the parameters.
pub(super) fn read(parameters: &Parameters<'_>) -> Result<(TransferId, Fulfillment), Violation> {
    let hint = "Send an array with the id and the fulfillment, two texts.";
    let id = parameters.text(0, "id", Code::ItemCount, hint, TransferId::new)?;
    let fulfillment = parameters.text(1, "fulfillment", Code::Base64, hint, str::parse)?;
    Ok((id, fulfillment))
}

/// Makes sure that the peer has taken the fulfillment.
pub fn read_answer(status: u16, body: &[u8]) -> Result<(), AnswerError> {
    read_true(status, body)
}
