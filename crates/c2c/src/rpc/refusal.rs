//! Why a call is refused: a status and a typed body.

use std::fmt;

use serde::Serialize;

use super::{MAX_BODY, Method};
use crate::ledger::LedgerError;
use crate::message::MessageError;
use crate::schema::Violation;

/// The statuses that a refusal can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Status {
    /// No prefix, no bearer token, or no such ledger.
    Unauthorized = 401,
    /// The token is wrong for that ledger.
    Forbidden = 403,
    /// The body is longer than [`MAX_BODY`].
    TooLarge = 413,
    /// The method is unknown, its parameters are wrong, or it failed.
    Unprocessable = 422,
    /// The peer sends more than it may in a time.
    TooMany = 429,
}

impl Status {
    /// The number.
    pub const fn code(self) -> u16 {
        self as u16
    }
}

/// A refused call: what goes back to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: Status,
    /// The class of the error, named as ilp-plugin-virtual 16 names it where it has one.
    pub id: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where in the parameters, if it is in them: `[0].custom.data.new_routes[3].points`.
    pub path: Option<String>,
    /// The cure.
    pub hint: Option<String>,
}

impl Refusal {
    /// The call names no ledger that we keep, or carries no bearer token. Both look the same from
    /// outside, so that prefixes cannot be tried out.
    pub fn unauthorized() -> Self {
        Self::new(
            Status::Unauthorized,
            "UnauthorizedError",
            "This connector does not know this peering.",
        )
        .with_hint("Send prefix in the URL and the bearer token; both sides must have added each other with the same currency and scale.")
    }

    /// The ledger is known, the token is not its token.
    pub fn forbidden() -> Self {
        Self::new(
            Status::Forbidden,
            "ForbiddenError",
            "The token is wrong for this ledger.",
        )
        .with_hint(
            "Derive the token again from both current public keys, or exchange tokens again.",
        )
    }

    /// The body is too long.
    pub fn too_large() -> Self {
        Self::new(
            Status::TooLarge,
            "PayloadTooLargeError",
            format!("The body is longer than {MAX_BODY} bytes."),
        )
        .with_hint("Send the routes in several updates.")
    }

    /// The peer sends more routing updates than it may in a time.
    pub fn too_many() -> Self {
        Self::new(
            Status::TooMany,
            "TooManyRequestsError",
            "More routing updates come than are taken in this time.",
        )
        .with_hint("Send what changed only, at most one update in 30 seconds.")
    }

    /// No method of this name exists.
    pub fn unknown_method(name: &str) -> Self {
        let shown: String = name.chars().take(40).collect();
        let known: Vec<&str> = Method::ALL.iter().map(|m| m.name()).collect();
        Self::new(
            Status::Unprocessable,
            "TypeError",
            format!("There is no method {shown:?}."),
        )
        .with_hint(format!("Use one of {}.", known.join(", ")))
    }

    /// The parameters are not what the method takes.
    pub fn invalid_fields(violation: &Violation) -> Self {
        Self {
            status: Status::Unprocessable,
            id: "InvalidFieldsError",
            message: format!(
                "{}:{}: {}",
                violation.line, violation.column, violation.message
            ),
            path: Some(violation.path.clone()).filter(|path| !path.is_empty()),
            hint: Some(violation.hint.clone()).filter(|hint| !hint.is_empty()),
        }
    }

    /// The message in the parameters is not one, or not one for this ledger.
    pub fn message(error: &MessageError) -> Self {
        match error {
            MessageError::Invalid(violation) => Self::invalid_fields(violation),
            MessageError::Misdirected { member, .. } => Self::new(
                Status::Unprocessable,
                "InvalidFieldsError",
                error.to_string(),
            )
            .at(format!("[0].{member}")),
        }
    }

    /// The parameters are well formed, and refused: not from the peer, not for this ledger, over the limit.
    pub fn not_accepted(message: impl Into<String>) -> Self {
        Self::new(Status::Unprocessable, "NotAcceptedError", message)
    }

    /// The ledger refuses: what it says, the cure after the first sentence.
    pub fn ledger(error: &LedgerError) -> Self {
        let said = error.to_string();
        match said.rsplit_once(". ") {
            Some((message, cure)) => {
                Self::new(Status::Unprocessable, error.name(), format!("{message}."))
                    .with_hint(cure)
            }
            None => Self::new(Status::Unprocessable, error.name(), said),
        }
    }

    /// The same with a cure.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a place in the parameters.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The body of the answer: `{"id", "message", "path"?, "hint"?}`.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            id: &'a str,
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            path: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            hint: Option<&'a str>,
        }
        let body = Body {
            id: self.id,
            message: &self.message,
            path: self.path.as_deref(),
            hint: self.hint.as_deref(),
        };
        serde_json::to_string(&body).expect("texts always serialize")
    }

    fn new(status: Status, id: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            id,
            message: message.into(),
            path: None,
            hint: None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.status.code(), self.id)?;
        if let Some(path) = &self.path {
            write!(f, "{path}: ")?;
        }
        write!(f, "{}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_an_honest_status_and_a_typed_body() {
        let unknown = Method::from_name("get_rich").unwrap_err();
        assert_eq!(unknown.status.code(), 422);
        let body: serde_json::Value = serde_json::from_str(&unknown.to_json()).unwrap();
        assert_eq!(body["id"], "TypeError");
        assert!(body["hint"].as_str().unwrap().contains("get_limit"));
        assert!(body.get("path").is_none());
    }

    #[test]
    fn a_huge_method_name_is_not_echoed() {
        let refusal = Refusal::unknown_method(&"x".repeat(100_000));
        assert!(refusal.message.len() < 100);
    }
}
