//! Why a message is not taken.

use std::fmt;

use crate::schema::Violation;

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// It is not an envelope.
    Invalid(Box<Violation>),
    /// `ledger`, `from` or `to` names another than it must.
    Misdirected {
        /// Which of the three.
        member: &'static str,
        /// What must stand there.
        expected: String,
        /// What stands there, shortened.
        found: String,
    },
}

impl From<Violation> for MessageError {
    fn from(violation: Violation) -> Self {
        Self::Invalid(Box::new(violation))
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violation) => violation.fmt(f),
            Self::Misdirected {
                member,
                expected,
                found,
            } => write!(
                f,
                "{member} is {found:?} and must be {expected:?}. Address the message with the accounts of this ledger."
            ),
        }
    }
}

impl std::error::Error for MessageError {}
