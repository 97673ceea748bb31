//! `send_message`: a message without an answer, the way of routes before ilp-kit 3. We send it to peers
//! that speak the dialect as cited.

use super::{AnswerError, Method, read_true};

/// The method.
pub const METHOD: Method = Method::SendMessage;

/// The body of a call: the message, as it was written, is the only parameter.
pub fn body(message: &str) -> String {
    format!("[{message}]")
}

/// Makes sure that the peer has taken the message.
///
/// ```
/// use c2c::rpc::send_message;
/// assert!(send_message::read_answer(200, b"true").is_ok());
/// assert!(send_message::read_answer(200, b"false").is_err());
/// ```
pub fn read_answer(status: u16, body: &[u8]) -> Result<(), AnswerError> {
    read_true(status, body)
}
