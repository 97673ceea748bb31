//! `get_limit`: the most that the called side lets the caller owe it, in base units, positive.
//!
//! RFC 0021 shows a negative number; the software of 2017 answers a positive one, as a text or, where
//! ilp-kit 3 stands before it, as a number.

use super::{AnswerError, Method, number};
use crate::amount::Amount;

/// The method.
pub const METHOD: Method = Method::GetLimit;

/// The body of a call.
pub const BODY: &str = "[]";

/// Our answer: a text, so that no reader rounds it.
pub fn answer(limit: Amount) -> String {
    format!("\"{limit}\"")
}

/// Reads the peer's answer. A fraction is rounded down, and everything above 64 bits is 2^64 − 1: we
/// never count on more than the peer grants.
///
/// ```
/// use c2c::{amount::Amount, rpc::get_limit};
/// assert_eq!(get_limit::read_answer(200, b"\"100000000000\""), Ok(Amount::new(100_000_000_000)));
/// assert_eq!(get_limit::read_answer(200, b"-0"), Ok(Amount::ZERO));
/// let failed = get_limit::read_answer(200, br#"{"id": "TypeError", "message": "no such method"}"#);
/// assert_eq!(failed.unwrap_err().code(), Some("RPC_ERROR"));
/// ```
pub fn read_answer(status: u16, body: &[u8]) -> Result<Amount, AnswerError> {
    let exact = number(status, body)?;
    if exact.negative {
        return Err(AnswerError::unexpected("a limit of 0 or more", body));
    }
    Ok(Amount::new(exact.units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_comes_as_text_or_number() {
        for body in ["500", "\"500\"", " 500.0 ", "5e2", "\"5e2\"", "500.9"] {
            assert_eq!(
                read_answer(200, body.as_bytes()),
                Ok(Amount::new(500)),
                "{body}"
            );
        }
        assert_eq!(read_answer(200, b"18446744073709551615"), Ok(Amount::MAX));
        assert_eq!(read_answer(200, b"\"1e30\""), Ok(Amount::MAX));
        assert_eq!(read_answer(200, b"\"-0\""), Ok(Amount::ZERO));
        assert_eq!(
            read_answer(200, answer(Amount::MAX).as_bytes()),
            Ok(Amount::MAX)
        );
    }

    #[test]
    fn anything_else_is_a_failure() {
        assert_eq!(read_answer(401, b"[]"), Err(AnswerError::NotAdded));
        assert_eq!(read_answer(403, b""), Err(AnswerError::TokenRefused));
        assert_eq!(read_answer(502, b"<html>"), Err(AnswerError::Status(502)));
        assert!(matches!(
            read_answer(200, b"<html>"),
            Err(AnswerError::NotJson(_))
        ));
        for body in ["-500", "\"\"", "\"5 \\n x\"", "true", "null", "{}", "[5]"] {
            let found = read_answer(200, body.as_bytes());
            assert!(
                matches!(found, Err(AnswerError::Unexpected { .. })),
                "{body}: {found:?}"
            );
        }
        let failed = br#"{"id":"TypeError","message":"boom"}"#;
        for status in [200, 422, 500] {
            assert!(matches!(
                read_answer(status, failed),
                Err(AnswerError::Failed { .. })
            ));
        }
    }
}
