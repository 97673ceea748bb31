//! Quotes as JSON in one-way messages, the way of ilp-connector 17: `quote_request` and `quote_response`, tied
//! together by the `id` of the call. Amounts and durations are texts, durations in seconds.

use serde_json::{Value, json};

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::{Amount, AmountError};
use crate::curve::Ratio;
use crate::schema::{Code, Document, Members, Violation, Wrong};
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
        Self::read_document(Document::whole(text), "").map_err(QuoteFault::from)
    }

    /// The same of a part of a message, which stands at `place`, with all that is wrong.
    pub fn read_document(document: Document<'_>, place: &str) -> Result<Self, Vec<Violation>> {
        let rule = "Every question has source_address, destination_address and one amount.";
        let mut members = read_members(document, place, &REQUEST, rule)?;
        if !members.is_object("A question") {
            return Err(members.into_faults());
        }
        let source_address = members.required("source_address", address);
        let destination_address = members.required("destination_address", address);
        let source = members.optional_number("source_amount", amount);
        let destination = members.optional_number("destination_amount", amount);
        let given = ["source_amount", "destination_amount"].map(|name| members.has(name));
        if given[0] == given[1] {
            let (code, member) = match given[0] {
                true => (Code::UnknownMember, "destination_amount"),
                false => (Code::Required, "source_amount"),
            };
            let message = "Exactly one of source_amount and destination_amount must be given.";
            members.refuse(
                code,
                member,
                message,
                "Ask for what arrives, or for what it takes.",
            );
        }
        let source_hold = members.optional_number("source_expiry_duration", duration);
        let destination_hold = members.optional_number("destination_expiry_duration", duration);
        let slippage = members.optional_number("slippage", share);
        let amount = match (source, destination) {
            (Some(units), _) => Some(QuotedAmount::Source(units)),
            (None, units) => units.map(QuotedAmount::Destination),
        };
        match (source_address, destination_address, amount) {
            (Some(source_address), Some(destination_address), Some(amount)) => ended(
                members,
                Self {
                    source_address,
                    destination_address,
                    amount,
                    source_hold,
                    destination_hold,
                    slippage,
                },
            ),
            _ => Err(members.into_faults()),
        }
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
        Self::read_document(Document::whole(text), "").map_err(QuoteFault::from)
    }

    /// The same of a part of a message, which stands at `place`, with all that is wrong.
    pub fn read_document(document: Document<'_>, place: &str) -> Result<Self, Vec<Violation>> {
        let rule = "Every answer has both ledgers, the connector's account, both amounts and both durations.";
        let mut members = read_members(document, place, &RESPONSE, rule)?;
        if !members.is_object("An answer") {
            return Err(members.into_faults());
        }
        let source_ledger = members.required("source_ledger", |text| {
            LedgerPrefix::new(text).map_err(|error| (Code::Address, error.to_string()))
        });
        let destination_ledger = members.required("destination_ledger", address);
        let source_connector_account = members.required("source_connector_account", address);
        let source_amount = members.required_number("source_amount", amount);
        let destination_amount = members.required_number("destination_amount", amount);
        let source_hold = members.required_number("source_expiry_duration", duration);
        let destination_hold = members.required_number("destination_expiry_duration", duration);
        let read = || {
            Some(Self {
                source_ledger: source_ledger?,
                destination_ledger: destination_ledger?,
                source_connector_account: source_connector_account?,
                source_amount: source_amount?,
                destination_amount: destination_amount?,
                source_hold: source_hold?,
                destination_hold: destination_hold?,
            })
        };
        match read() {
            Some(read) => ended(members, read),
            None => Err(members.into_faults()),
        }
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

/// A question or an answer that cannot be read: the first of what is wrong with it.
impl From<Vec<Violation>> for QuoteFault {
    fn from(faults: Vec<Violation>) -> Self {
        let text = |fault: &Violation| match (&*fault.path, &*fault.hint) {
            ("", hint) => format!("{} {hint}", fault.message),
            (path, hint) => format!("{path}: {} {hint}", fault.message),
        };
        Self {
            class: "InvalidUriParameterError".to_owned(),
            message: faults
                .first()
                .map(text)
                .unwrap_or_default()
                .trim_end()
                .to_owned(),
        }
    }
}

impl std::fmt::Display for QuoteFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

impl std::error::Error for QuoteFault {}

/// The members of a question that are looked at.
const REQUEST: [&str; 7] = [
    "source_address",
    "destination_address",
    "source_amount",
    "destination_amount",
    "source_expiry_duration",
    "destination_expiry_duration",
    "slippage",
];

/// The members of an answer that are looked at.
const RESPONSE: [&str; 7] = [
    "source_ledger",
    "destination_ledger",
    "source_connector_account",
    "source_amount",
    "destination_amount",
    "source_expiry_duration",
    "destination_expiry_duration",
];

fn read_members<'a, const N: usize>(
    document: Document<'a>,
    place: &'a str,
    known: &'static [&'static str; N],
    rule: &'static str,
) -> Result<Members<'a, N>, Vec<Violation>> {
    Members::read(document, place, known, rule)
        .map_err(|fault| vec![Violation::of_fault(document.surroundings(), fault)])
}

/// What was read, unless something was wrong.
fn ended<T, const N: usize>(members: Members<'_, N>, read: T) -> Result<T, Vec<Violation>> {
    let faults = members.into_faults();
    match faults.is_empty() {
        true => Ok(read),
        false => Err(faults),
    }
}

fn address(text: &str) -> Result<IlpAddress, Wrong> {
    IlpAddress::new(text).map_err(|error| (Code::Address, error.to_string()))
}

fn amount(text: &str) -> Result<Amount, Wrong> {
    text.parse().map_err(|error: AmountError| match error {
        AmountError::TooLarge { .. } => (Code::TooLarge, error.to_string()),
        _ => (Code::NotWhole, error.to_string()),
    })
}

/// A decimal below 1, as it is written.
fn share(text: &str) -> Result<String, Wrong> {
    let share = text.parse::<Ratio>().ok();
    match share.is_some_and(|share| share.numerator() < share.denominator()) {
        true => Ok(text.to_owned()),
        false => {
            let said = "This is no share. Write a decimal below 1, such as 0.001.";
            Err((Code::Decimal, said.to_owned()))
        }
    }
}

/// Seconds as a decimal text to milliseconds, a finer fraction rounded up.
fn duration(text: &str) -> Result<Millis, Wrong> {
    let wrong = || {
        let said = "This is no duration. Write seconds as a decimal text, such as 5 or 1.5.";
        (Code::Decimal, said.to_owned())
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
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
    millis.map(Millis).ok_or_else(wrong)
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
            assert_eq!(duration(text).ok().map(|hold| hold.0), millis, "{text}");
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
