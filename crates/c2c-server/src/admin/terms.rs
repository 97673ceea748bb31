//! What a request sends, field by field. The rules are those of the wizard ([`c2c::peering`]); each
//! fault names its field.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use c2c::amount::Amount;
use c2c::peering::{
    Details, FieldError, Manual, Terms, check_currency, check_limit_units, check_peer_host,
    check_scale,
};
use c2c::rpc::MAX_BODY;
use c2c::snapshot::iso;
use c2c::timestamp::Timestamp;
use c2c::webfinger::Host;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::app::App;
use crate::error::Refusal;

/// The fields of a request body, which must be a JSON object.
pub struct Fields(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let body = Bytes::from_request(request, state).await.map_err(|_| {
            let text = format!("The body is longer than {MAX_BODY} bytes, or broke off.");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", text)
        })?;
        match serde_json::from_slice(&body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(bad_body("The body is JSON, but not an object.")),
            Err(error) => Err(bad_body(&format!("The body is not JSON: {error}."))),
        }
    }
}

impl Fields {
    /// A field as text; numbers are taken as they are written.
    pub fn text(&self, name: &str) -> Result<Zeroizing<String>, Refusal> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(Zeroizing::new(text.clone())),
            Some(Value::Number(number)) => Ok(Zeroizing::new(number.to_string())),
            Some(_) => {
                let text = format!("{name} must be a text.");
                Err(Refusal::field(name, "FIELD_TYPE", text))
            }
            None => {
                let text = format!("{name} is missing.");
                Err(Refusal::field(name, "FIELD_MISSING", text))
            }
        }
    }

    /// A field as text, if it is there and not null.
    pub fn optional(&self, name: &str) -> Result<Option<Zeroizing<String>>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    /// A field that is read as what it must be; `code` says what is wrong with another.
    pub fn parsed<T>(&self, name: &str, code: &str) -> Result<T, Refusal>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        read(name, code, &self.text(name)?)
    }

    /// The same, if it is there.
    pub fn parsed_if_there<T>(&self, name: &str, code: &str) -> Result<Option<T>, Refusal>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.optional(name)?;
        text.map(|text| read(name, code, &text)).transpose()
    }

    /// A whole number, if it is there.
    pub fn whole_if_there<T: std::str::FromStr>(
        &self,
        name: &str,
        code: &str,
    ) -> Result<Option<T>, Refusal> {
        let text = self.optional(name)?;
        let read = text.map(|text| {
            text.parse().map_err(|_| {
                let text = format!(
                    "\"{}\" is not a whole number, or is too large.",
                    text.as_str()
                );
                Refusal::field(name, code, text)
            })
        });
        read.transpose()
    }

    /// A time, if it is there: ISO 8601 in UTC.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.optional(name)? else {
            return Ok(None);
        };
        let wrong = || {
            let text = format!("\"{}\" is no time.", text.as_str());
            Refusal::field(name, "TIME_FORMAT", text)
                .with_hint("Write it in UTC, such as 2017-06-14T11:58:18.509Z.")
        };
        iso::parse(&text).map(Some).ok_or_else(wrong)
    }

    /// The limit: whole base units, above 0.
    pub fn limit(&self) -> Result<Amount, Refusal> {
        let text = self.text("limit")?;
        check_limit_units(&text).map_err(|error| {
            if text.contains('.') {
                return Refusal::field(
                    "limit",
                    "LIMIT_DECIMALS",
                    format!(
                        "{} has decimals. Give whole base units here.",
                        text.as_str()
                    ),
                );
            }
            refused("limit", &error)
        })
    }

    /// Currency, scale and limit.
    pub fn terms(&self) -> Result<Terms, Refusal> {
        let currency = check_currency(&self.text("currency")?);
        let scale = check_scale(&self.text("scale")?, false);
        Ok(Terms {
            currency: currency.map_err(|error| refused("currency", &error))?,
            scale: scale.map_err(|error| refused("scale", &error))?.value,
            limit: self.limit()?,
        })
    }

    /// A peering that people told each other.
    pub fn manual(&self, app: &App) -> Result<(Details, Amount), Refusal> {
        let told = Manual {
            rpc_uri: &self.text("rpc_uri")?,
            protocol_version: &self.text("protocol_version")?,
            send_token: &self.text("send_token")?,
            accept_token: &self.text("accept_token")?,
            prefix: &self.text("prefix")?,
            account: &self.text("account")?,
            peer_account: &self.text("peer_account")?,
            currency: &self.text("currency")?,
            scale: &self.text("scale")?,
        };
        let limit = self.limit()?;
        match told.check(app.dial.loopback_http) {
            Ok(details) => Ok((details.value, limit)),
            Err(faults) => Err(match faults.first() {
                Some(fault) => refused(fault.field, &fault.error),
                None => bad_body("The peering is incomplete."),
            }),
        }
    }
}

/// What `text` says, or that the field cannot be read.
fn read<T>(name: &str, code: &str, text: &str) -> Result<T, Refusal>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| Refusal::field(name, code, error.to_string()))
}

/// A host that is not our own.
pub fn host(text: &str, app: &App) -> Result<Host, Refusal> {
    let input = check_peer_host(text, Some(&app.host));
    Ok(input.map_err(|error| refused("host", &error))?.host)
}

/// A refused field; what is there already conflicts, everything else cannot be processed.
pub fn refused(field: &str, error: &FieldError) -> Refusal {
    let status = match error {
        FieldError::Duplicate { .. } => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let refusal = Refusal::new(status, error.code(), error.to_string()).at(field);
    match error.hint() {
        Some(hint) => refusal.with_hint(hint),
        None => refusal,
    }
}

fn bad_body(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "NOT_JSON", message)
        .with_hint("Send a JSON object with Content-Type: application/json.")
}
