//! `get_balance`: the called side's own balance. Positive: the caller owes it.

use super::{AnswerError, Method, number};

/// The method.
pub const METHOD: Method = Method::GetBalance;

/// The body of a call.
pub const BODY: &str = "[]";

/// Our answer: a text, so that no reader rounds it.
pub fn answer(balance: i128) -> String {
    format!("\"{balance}\"")
}

/// Reads the peer's answer: how much we owe it, by its own books. A size above 64 bits or a fraction is
/// no balance.
///
/// ```
/// use c2c::rpc::get_balance;
/// assert_eq!(get_balance::read_answer(200, b"\"-250\""), Ok(-250));
/// assert_eq!(get_balance::read_answer(200, b"-0"), Ok(0));
/// ```
pub fn read_answer(status: u16, body: &[u8]) -> Result<i128, AnswerError> {
    let exact = number(status, body)?;
    if exact.over || !exact.whole {
        return Err(AnswerError::unexpected("a whole number of 64 bits", body));
    }
    let size = i128::from(exact.units);
    Ok(if exact.negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_has_a_sign_and_no_fraction() {
        for balance in [0, -1, 500, i128::from(u64::MAX), -i128::from(u64::MAX)] {
            assert_eq!(read_answer(200, answer(balance).as_bytes()), Ok(balance));
        }
        for body in ["0.5", "18446744073709551616", "\"x\"", "\"- 5\""] {
            let found = read_answer(200, body.as_bytes());
            assert!(
                matches!(found, Err(AnswerError::Unexpected { .. })),
                "{body}: {found:?}"
            );
        }
    }
}
