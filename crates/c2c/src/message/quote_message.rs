//! Quotes as JSON in one-way messages, the way of ilp-connector 17: `quote_request` and `quote_response`, tied
//! together by the `id` of the call. Amounts and durations are texts, durations in seconds.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::timestamp::Millis;

/// The method that asks.
pub const QUOTE_REQUEST: &str = "quote_request";

/// The method that answers.
pub const QUOTE_RESPONSE: &str = "quote_response";

/// The method that says what went wrong.
pub const QUOTE_ERROR: &str = "error";

/// What is asked: what arrives, or what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedAmount {
    /// This much is sent.
    Source(Amount),
    /// This much shall arrive.
    Destination(Amount),
}

/// A question (npm ilp-connector 17, `models/quote.js`).
///
/// ```
/// use c2c::message::{QuoteRequest, QuotedAmount};
/// let asked = QuoteRequest::read(br#"{"source_address":"peer.OR5Df.usd.9.them",
///     "destination_address":"example.blue.bob","source_amount":"100","destination_expiry_duration":"1.5"}"#)?;
/// assert_eq!(asked.amount, QuotedAmount::Source(100.into()));
/// assert_eq!(asked.destination_hold.map(|hold| hold.0), Some(1_500));
/// assert_eq!(QuoteRequest::read(asked.write().as_bytes())?, asked);
/// # Ok::<(), c2c::message::QuoteFault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteRequest {
    /// Who pays, on a ledger of whoever is asked.
    pub source_address: IlpAddress,
    /// The receiver.
    pub destination_address: IlpAddress,
    /// What is asked.
    pub amount: QuotedAmount,
    /// How long the payer's ledger holds the money.
    pub source_hold: Option<Millis>,
    /// How long the receiver's ledger holds it.
    pub destination_hold: Option<Millis>,
    /// The share that is to be left for changes of the price, as a decimal; none: whoever answers decides.
    pub slippage: Option<String>,
}

impl QuoteRequest {
    /// Reads what stands in `data` of the call.
    pub fn read(text: &[u8]) -> Result<Self, QuoteFault> {
        let raw: RawRequest = parsed(text)?;
        let amount = match (raw.source_amount, raw.destination_amount) {
            (Some(units), None) => QuotedAmount::Source(amount("source_amount", &units)?),
            (None, Some(units)) => QuotedAmount::Destination(amount("destination_amount", &units)?),
            _ => {
                return Err(QuoteFault::of(
                    "Exactly one of source_amount and destination_amount must be given.",
                ));
            }
        };
        Ok(Self {
            source_address: address("source_address", raw.source_address)?,
            destination_address: address("destination_address", raw.destination_address)?,
            amount,
            source_hold: duration("source_expiry_duration", raw.source_expiry_duration)?,
            destination_hold: duration(
                "destination_expiry_duration",
                raw.destination_expiry_duration,
            )?,
            slippage: raw.slippage.map(Loose::into_text),
        })
    }

    /// The same as it stands in `data`.
    pub fn write(&self) -> String {
        let mut data = json!({
            "source_address": self.source_address,
            "destination_address": self.destination_address,
        });
        let (name, units) = match self.amount {
            QuotedAmount::Source(units) => ("source_amount", units),
            QuotedAmount::Destination(units) => ("destination_amount", units),
        };
        data[name] = units.to_string().into();
        for (name, hold) in [
            ("source_expiry_duration", self.source_hold),
            ("destination_expiry_duration", self.destination_hold),
        ] {
            if let Some(hold) = hold {
                data[name] = seconds(hold).into();
            }
        }
        if let Some(slippage) = &self.slippage {
            data["slippage"] = slippage.as_str().into();
        }
        data.to_string()
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteResponse {
    /// The payer's ledger.
    pub source_ledger: LedgerPrefix,
    /// The receiver's.
    pub destination_ledger: IlpAddress,
    /// Whom the payer pays: the account of whoever answers.
    pub source_connector_account: IlpAddress,
    /// What is sent.
    pub source_amount: Amount,
    /// What arrives.
    pub destination_amount: Amount,
    /// How long the payer's ledger must hold the money.
    pub source_hold: Millis,
    /// How long the receiver's ledger holds it.
    pub destination_hold: Millis,
}

impl QuoteResponse {
    /// Reads what stands in `data` of the call. A curve beside the amounts is not looked at.
    pub fn read(text: &[u8]) -> Result<Self, QuoteFault> {
        let raw: RawResponse = parsed(text)?;
        let ledger = address("source_ledger", raw.source_ledger)?;
        let missing = |name: &str| QuoteFault::of(&format!("{name} is missing."));
        let units = |name: &str, units: Option<Loose>| {
            let units = units.ok_or_else(|| missing(name))?;
            amount(name, &units)
        };
        let hold = |name: &str, hold| duration(name, hold)?.ok_or_else(|| missing(name));
        Ok(Self {
            source_ledger: LedgerPrefix::try_from(ledger)
                .map_err(|error| QuoteFault::of(&format!("source_ledger: {error}")))?,
            destination_ledger: address("destination_ledger", raw.destination_ledger)?,
            source_connector_account: address(
                "source_connector_account",
                raw.source_connector_account,
            )?,
            source_amount: units("source_amount", raw.source_amount)?,
            destination_amount: units("destination_amount", raw.destination_amount)?,
            source_hold: hold("source_expiry_duration", raw.source_expiry_duration)?,
            destination_hold: hold(
                "destination_expiry_duration",
                raw.destination_expiry_duration,
            )?,
        })
    }

    /// The same as it stands in `data`.
    pub fn write(&self) -> String {
        json!({
            "source_ledger": self.source_ledger,
            "destination_ledger": self.destination_ledger,
            "source_connector_account": self.source_connector_account,
            "source_amount": self.source_amount.to_string(),
            "destination_amount": self.destination_amount.to_string(),
            "source_expiry_duration": seconds(self.source_hold),
            "destination_expiry_duration": seconds(self.destination_hold),
        })
        .to_string()
    }
}

/// Why there is no answer: the class of an error, and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteFault {
    /// Such as `UnacceptableAmountError`.
    pub class: String,
    /// What is wrong.
    pub message: String,
}

impl QuoteFault {
    /// The most characters of class and message that are kept of another's.
    const MOST: usize = 200;

    /// A question or answer that cannot be read.
    fn of(message: &str) -> Self {
        Self {
            class: "InvalidUriParameterError".to_owned(),
            message: message.to_owned(),
        }
    }

    /// Reads what stands in `data` of the call. Whatever stands there is some fault.
    pub fn read(text: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(text).unwrap_or(Value::Null);
        let text = |name: &str| {
            let text = value[name].as_str().unwrap_or_default();
            text.chars().take(Self::MOST).collect()
        };
        Self {
            class: text("id"),
            message: text("message"),
        }
    }

    /// The same as it stands in `data`.
    pub fn write(&self) -> String {
        json!({ "id": self.class, "message": self.message }).to_string()
    }
}

impl std::fmt::Display for QuoteFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

impl std::error::Error for QuoteFault {}

#[derive(Deserialize)]
struct RawRequest {
    source_address: Option<String>,
    destination_address: Option<String>,
    source_amount: Option<Loose>,
    destination_amount: Option<Loose>,
    source_expiry_duration: Option<Loose>,
    destination_expiry_duration: Option<Loose>,
    slippage: Option<Loose>,
}

#[derive(Deserialize)]
struct RawResponse {
    source_ledger: Option<String>,
    destination_ledger: Option<String>,
    source_connector_account: Option<String>,
    source_amount: Option<Loose>,
    destination_amount: Option<Loose>,
    source_expiry_duration: Option<Loose>,
    destination_expiry_duration: Option<Loose>,
}

/// A number, which should be a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Text(String),
    Number(serde_json::Number),
}

impl Loose {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, QuoteFault> {
    serde_json::from_slice(text).map_err(|error| QuoteFault::of(&error.to_string()))
}

fn address(name: &str, text: Option<String>) -> Result<IlpAddress, QuoteFault> {
    let text = text.unwrap_or_default();
    let address = IlpAddress::new(&text);
    address.map_err(|error| QuoteFault::of(&format!("{name}: {error}")))
}

fn amount(name: &str, units: &Loose) -> Result<Amount, QuoteFault> {
    let text = match units {
        Loose::Text(text) => text.clone(),
        Loose::Number(number) => number.to_string(),
    };
    let amount = text.parse::<Amount>();
    amount.map_err(|error| QuoteFault::of(&format!("{name}: {error}")))
}

/// Seconds as a decimal text to milliseconds, a finer fraction rounded up.
fn duration(name: &str, text: Option<Loose>) -> Result<Option<Millis>, QuoteFault> {
    let Some(text) = text.map(Loose::into_text) else {
        return Ok(None);
    };
    let wrong = || {
        let text = format!("{name} must be seconds as a decimal text, such as 5 or 1.5.");
        QuoteFault::of(&text)
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.len() <= 30 && part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let kept = fraction.get(..3).unwrap_or(fraction);
    let finer = fraction.get(3..).unwrap_or_default();
    let up = u64::from(finer.bytes().any(|digit| digit != b'0'));
    let thousandths: u64 = format!("{kept:0<3}").parse().map_err(|_| wrong())?;
    let millis = whole.parse::<u64>().ok();
    let millis = millis.and_then(|whole| whole.checked_mul(1_000));
    let millis = millis.and_then(|whole| whole.checked_add(thousandths + up));
    millis.map(Millis).map(Some).ok_or_else(wrong)
}

/// Milliseconds as seconds in a decimal text.
fn seconds(hold: Millis) -> String {
    let (whole, rest) = (hold.0 / 1_000, hold.0 % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let response = QuoteResponse {
            source_ledger: "peer.abcde.usd.9.".parse().unwrap(),
            destination_ledger: "example.blue.".parse().unwrap(),
            source_connector_account: "peer.abcde.usd.9.us".parse().unwrap(),
            source_amount: Amount::MAX,
            destination_amount: Amount::new(1),
            source_hold: Millis(6_050),
            destination_hold: Millis(5_000),
        };
        let text = response.write();
        assert!(
            text.contains(r#""source_expiry_duration":"6.05""#),
            "{text}"
        );
        assert_eq!(QuoteResponse::read(text.as_bytes()), Ok(response));
        let fault = QuoteFault {
            class: "ExternalError".to_owned(),
            message: "no \"answer\"".to_owned(),
        };
        assert_eq!(QuoteFault::read(fault.write().as_bytes()), fault);
    }

    #[test]
    fn durations_are_rounded_up() {
        for (text, millis) in [
            ("5", Some(5_000)),
            ("1.5", Some(1_500)),
            ("0.0001", Some(1)),
            ("0.0010", Some(1)),
            ("", None),
            (".5", None),
            ("-1", None),
            ("1e3", None),
            ("99999999999999999999", None),
            ("18446744073709551.615", Some(u64::MAX)),
            ("18446744073709551.616", None),
        ] {
            let found = duration("x", Some(Loose::Text(text.to_owned())));
            assert_eq!(found.ok().flatten().map(|hold| hold.0), millis, "{text}");
        }
    }

    #[test]
    fn what_is_no_question_is_said() {
        let base = json!({"source_address": "a.b", "destination_address": "c.d"});
        for (changed, word) in [
            (json!({}), "Exactly one"),
            (
                json!({"source_amount": "1", "destination_amount": "1"}),
                "Exactly one",
            ),
            (json!({"source_amount": "1.5"}), "source_amount"),
            (json!({"destination_amount": -1}), "destination_amount"),
            (
                json!({"source_amount": "1", "source_address": "a b"}),
                "source_address",
            ),
            (
                json!({"source_amount": "1", "destination_address": null}),
                "destination_address",
            ),
            (
                json!({"source_amount": "1", "source_expiry_duration": "soon"}),
                "seconds",
            ),
            (json!({"source_amount": []}), ""),
        ] {
            let mut data = base.clone();
            for (name, value) in changed.as_object().unwrap() {
                data[name] = value.clone();
            }
            let fault = QuoteRequest::read(data.to_string().as_bytes()).unwrap_err();
            assert!(fault.message.contains(word), "{fault}");
        }
        assert!(QuoteRequest::read(b"[]").is_err());
        let mut data = base;
        data["source_amount"] = 7.into();
        let asked = QuoteRequest::read(data.to_string().as_bytes()).unwrap();
        assert_eq!(asked.amount, QuotedAmount::Source(Amount::new(7)));
    }
}
