//! Why a payment comes to nothing, as the object that ilp-connector 21 puts into a rejection.

use std::fmt;

use crate::address::IlpAddress;
use crate::ledger::{Json, LedgerError};
use crate::packet::ErrorCode;
use crate::timestamp::Timestamp;

/// A refusal that arises here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind.
    pub code: ErrorCode,
    /// What is wrong, in words.
    pub message: String,
    /// Our account on the ledger where it arose.
    pub triggered_by: IlpAddress,
    /// When.
    pub triggered_at: Timestamp,
}

impl Refusal {
    /// The code for what the ledger of the next transfer refuses by its class: ours before the call, or the
    /// peer's in answer to it (npm ilp-connector 21, `payments.js`).
    ///
    /// DIFFERENCE: a ledger that keeps no more transfers is busy, and one that is too late timed out;
    /// both are T01 there.
    pub fn code_of(class: &str) -> ErrorCode {
        match class {
            "InvalidFieldsError" | "DuplicateIdError" => ErrorCode::F00,
            "InsufficientBalanceError" => ErrorCode::T04,
            "AccountNotFoundError" => ErrorCode::F02,
            _ => ErrorCode::T01,
        }
    }

    /// The code for a refusal of our own ledger.
    pub fn code_of_ledger(error: &LedgerError) -> ErrorCode {
        match error {
            LedgerError::TooLate { .. } => ErrorCode::R02,
            LedgerError::TooMany { .. } => ErrorCode::T03,
            error => Self::code_of(error.name()),
        }
    }

    /// The object: `code`, `name`, `message`, `triggered_by`, `triggered_at` and an empty `additional_info`.
    pub fn to_json(&self) -> Option<Json> {
        let object = serde_json::json!({
            "code": self.code.as_str(),
            "name": self.code.name().unwrap_or("Unknown"),
            "message": self.message,
            "triggered_by": self.triggered_by.as_str(),
            "triggered_at": self.triggered_at.to_string(),
            "additional_info": {},
        });
        Json::try_from(object.to_string()).ok()
    }

    /// The reason of a rejection that came from further on, as we pass it on: `forwarded_by` is our account
    /// on the ledger where it goes. A reason that is no object, or none at all, is put into one.
    pub fn passed_on(
        reason: Option<&Json>,
        account: &IlpAddress,
        from: &IlpAddress,
        now: Timestamp,
    ) -> Option<Json> {
        let value = reason.and_then(|reason| serde_json::from_str(reason.as_str()).ok());
        let mut object = match value {
            Some(serde_json::Value::Object(object)) if object.contains_key("code") => object,
            other => {
                let own = Self {
                    code: ErrorCode::F99,
                    message: "The payment was rejected without a reason that can be read."
                        .to_owned(),
                    triggered_by: from.clone(),
                    triggered_at: now,
                };
                let text = own.to_json()?.to_string();
                let mut object: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(&text).ok()?;
                if let Some(other) = other {
                    let info = serde_json::json!({ "reason": other });
                    object.insert("additional_info".to_owned(), info);
                }
                object
            }
        };
        object.insert("forwarded_by".to_owned(), account.as_str().into());
        Json::try_from(serde_json::Value::Object(object).to_string()).ok()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.code.name().unwrap_or("Unknown");
        write!(f, "{} {name}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}
