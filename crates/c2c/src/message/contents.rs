//! A message with all that it carries, checked to the bottom: envelope, packet, routing update, quote.

use super::{BROADCAST_ROUTES, QUOTE_ERROR, QUOTE_REQUEST, QUOTE_RESPONSE};
use super::{Call, Envelope, QuoteRequest, QuoteResponse};
use crate::packet::Packet;
use crate::schema::{Code, Dialect, Document, Violation, path_of, scan};

/// What a message carries. Where there are several things, the first of this list counts, as for a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contents {
    /// A binary packet.
    Packet,
    /// A routing update, in either dialect.
    RoutingUpdate,
    /// A question for a quote, as JSON.
    QuoteRequest,
    /// Its answer.
    QuoteResponse,
    /// Why there is none.
    QuoteError,
    /// A method that this protocol does not name: anybody may add some.
    Other,
    /// Nothing: the answer to a routing update.
    Nothing,
}

impl Contents {
    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::RoutingUpdate => "update",
            Self::QuoteRequest => "quote-request",
            Self::QuoteResponse => "quote-response",
            Self::QuoteError => "quote-error",
            Self::Other => "other",
            Self::Nothing => "nothing",
        }
    }
}

/// Holds a message against all that is known of it, and answers what it carries; or what is wrong, in the order of
/// the document. `place` is where the message stands in it, such as `[0]`, for the paths.
///
/// Whether the message is for its receiver is another question: [`Envelope::check`].
///
/// ```
/// use c2c::message::{Contents, validate};
/// use c2c::schema::Document;
/// let text = r#"{"ledger": "peer.a.", "to": "peer.a.us", "custom": {"method": "broadcast_routes",
///   "data": {"new_routes": [], "hold_down_time": "45000", "unreachable_through_me": []}}}"#;
/// let faults = validate(Document::whole(text.as_bytes()), "").unwrap_err();
/// assert_eq!(faults[0].path, "custom.data.hold_down_time");
/// assert_eq!((faults[0].line, faults[0].column), (2, 48));
/// let right = text.replace("\"45000\"", "45000");
/// let carried = validate(Document::whole(right.as_bytes()), "");
/// assert_eq!(carried, Ok(Contents::RoutingUpdate));
/// ```
pub fn validate(document: Document<'_>, place: &str) -> Result<Contents, Vec<Violation>> {
    let all = document.surroundings();
    let mut faults = Vec::new();
    let (envelope, places) = match Envelope::read_parts(document, place, &mut faults) {
        Ok(parts) => parts,
        Err(fault) => return Err(vec![fault]),
    };
    let mut carried = Contents::Nothing;
    if let Some(packet) = &envelope.ilp {
        carried = Contents::Packet;
        if let Err(error) = Packet::decode(packet) {
            let said = error.to_string();
            let (message, hint) = said.split_once(". ").unwrap_or((&said, ""));
            let message = format!("{}.", message.trim_end_matches('.'));
            let path = path_of(place, "ilp");
            let hint = hint.to_owned();
            faults.push(Violation::at(
                all,
                Code::Packet,
                places.ilp,
                path,
                message,
                hint,
            ));
        }
    }
    for (dialect, call, at, member) in [
        (Dialect::V21, &envelope.custom, places.custom, "custom"),
        (Dialect::V17, &envelope.data, places.data, "data"),
    ] {
        let Some(call) = call else { continue };
        let there = Called {
            all,
            at,
            path: path_of(place, member),
            dialect,
        };
        let found = there.validate(call, envelope.ilp.is_some(), &mut faults);
        carried = carried.min(found);
    }
    match faults.is_empty() {
        true => Ok(carried),
        false => Err(Violation::in_order(faults)),
    }
}

/// Where a call stands.
struct Called<'a> {
    all: &'a [u8],
    at: usize,
    path: String,
    dialect: Dialect,
}

impl Called<'_> {
    /// What a call is. Beside a packet one without a method means nothing, and does no harm.
    fn validate(
        &self,
        call: &Call<'_>,
        beside_packet: bool,
        faults: &mut Vec<Violation>,
    ) -> Contents {
        let carried = match (&*call.method, self.dialect) {
            ("", _) if beside_packet => return Contents::Nothing,
            ("", _) => {
                let hint = format!("Name one, such as {BROADCAST_ROUTES}.");
                faults.push(self.missing("method", hint));
                return Contents::Other;
            }
            (BROADCAST_ROUTES, _) => Contents::RoutingUpdate,
            (QUOTE_REQUEST, Dialect::V17) => Contents::QuoteRequest,
            (QUOTE_RESPONSE, Dialect::V17) => Contents::QuoteResponse,
            (QUOTE_ERROR, Dialect::V17) => Contents::QuoteError,
            _ => return Contents::Other,
        };
        if call.id.is_none() && carried != Contents::RoutingUpdate {
            let hint = "Add a UUID: it ties the answer to the question.";
            faults.push(self.missing("id", hint.to_owned()));
        }
        let Some(data) = call.data else {
            let hint = format!("Add what {} says.", call.method);
            faults.push(self.missing("data", hint));
            return carried;
        };
        let place = path_of(&self.path, "data");
        let found = match carried {
            Contents::QuoteRequest => QuoteRequest::read_document(data, &place).map(drop),
            Contents::QuoteResponse => QuoteResponse::read_document(data, &place).map(drop),
            Contents::RoutingUpdate => scan(data, self.dialect, &mut ()).map_err(|mut found| {
                // An update names its places from its own beginning.
                for fault in &mut found {
                    fault.path = path_of(&place, &fault.path);
                }
                found
            }),
            // Whatever stands there is some error.
            _ => Ok(()),
        };
        faults.extend(found.err().unwrap_or_default());
        carried
    }

    fn missing(&self, member: &str, hint: String) -> Violation {
        let path = path_of(&self.path, member);
        let message = format!("{member} is missing.");
        Violation::at(self.all, Code::Required, self.at, path, message, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Parties;
    use crate::packet::Payment;

    const ENDS: &str = r#""ledger":"peer.a.","from":"peer.a.x","to":"peer.a.y""#;
    const ASKED: &str =
        r#"{"source_address":"peer.a.x","destination_address":"example.b.y","source_amount":"5"}"#;

    fn checked(text: &str) -> Result<Contents, Vec<Violation>> {
        validate(Document::whole(text.as_bytes()), "[0]")
    }

    #[test]
    fn what_a_message_carries_is_told() {
        let packet = Packet::Payment(Payment {
            amount: 5.into(),
            account: "example.b.y".parse().unwrap(),
            data: vec![],
        });
        let ledger = crate::address::LedgerPrefix::new("peer.a.").unwrap();
        let (from, to) = (ledger.account("x").unwrap(), ledger.account("y").unwrap());
        let parties = Parties {
            ledger: &ledger,
            from: &from,
            to: &to,
        };
        let with_packet = Envelope::new(parties)
            .with_ilp(packet.encode().unwrap())
            .write();
        assert_eq!(checked(&with_packet), Ok(Contents::Packet));
        let answer = r#"{"source_ledger":"peer.a.","destination_ledger":"example.b.","source_connector_account":"peer.a.us",
            "source_amount":"5","destination_amount":4,"source_expiry_duration":"6.5","destination_expiry_duration":5}"#;
        for (rest, carried) in [
            (String::new(), Contents::Nothing),
            (
                r#","custom":{"method":"broadcast_routes","data":{"new_routes":[],"hold_down_time":1,"unreachable_through_me":[]}}"#.to_owned(),
                Contents::RoutingUpdate,
            ),
            (
                r#","data":{"method":"broadcast_routes","data":{"new_routes":[],"hold_down_time":1,"unreachable_through_me":[]}}"#.to_owned(),
                Contents::RoutingUpdate,
            ),
            (
                format!(r#","data":{{"id":"1","method":"quote_request","data":{ASKED}}}"#),
                Contents::QuoteRequest,
            ),
            (
                format!(r#","data":{{"id":"1","method":"quote_response","data":{answer}}}"#),
                Contents::QuoteResponse,
            ),
            (
                r#","data":{"id":"1","method":"error","data":{"id":"X","message":"y"}}"#.to_owned(),
                Contents::QuoteError,
            ),
            (
                r#","custom":{"method":"settlement_methods_request"}"#.to_owned(),
                Contents::Other,
            ),
        ] {
            assert_eq!(checked(&format!("{{{ENDS}{rest}}}")), Ok(carried), "{rest}");
        }
    }

    #[test]
    fn each_fault_is_listed_with_its_place_value_and_cure() {
        let quote = |changed: &str| {
            format!(r#"{{{ENDS},"data":{{"id":"1","method":"quote_request","data":{changed}}}}}"#)
        };
        for (text, expected) in [
            ("[]".to_owned(), vec![(Code::Type, "[0]")]),
            (
                r#"{"ledger":5,"ilp":"!"}"#.to_owned(),
                vec![
                    (Code::Required, "[0].to"),
                    (Code::Type, "[0].ledger"),
                    (Code::Base64, "[0].ilp"),
                ],
            ),
            (
                format!(r#"{{{ENDS},"ilp":"AQAA"}}"#),
                vec![(Code::Packet, "[0].ilp")],
            ),
            (
                format!(r#"{{{ENDS},"custom":{{}}}}"#),
                vec![(Code::Required, "[0].custom.method")],
            ),
            (
                format!(r#"{{{ENDS},"custom":{{"method":"broadcast_routes"}}}}"#),
                vec![(Code::Required, "[0].custom.data")],
            ),
            (
                format!(r#"{{{ENDS},"data":{{"method":"quote_request","data":{ASKED}}}}}"#),
                vec![(Code::Required, "[0].data.id")],
            ),
            (quote("5"), vec![(Code::Type, "[0].data.data")]),
            (
                quote(&ASKED.replace("\"5\"", "\"0.5\"").replace("peer.a.x", "a b")),
                vec![
                    (Code::Address, "[0].data.data.source_address"),
                    (Code::NotWhole, "[0].data.data.source_amount"),
                ],
            ),
            (
                quote(&ASKED.replace("\"5\"", "\"99999999999999999999\"")),
                vec![(Code::TooLarge, "[0].data.data.source_amount")],
            ),
            (
                quote(&ASKED.replace('}', r#","destination_amount":"1","slippage":1}"#)),
                vec![
                    (Code::UnknownMember, "[0].data.data.destination_amount"),
                    (Code::Decimal, "[0].data.data.slippage"),
                ],
            ),
            (
                quote(&ASKED.replace('}', r#","source_expiry_duration":"soon"}"#)),
                vec![(Code::Decimal, "[0].data.data.source_expiry_duration")],
            ),
            (
                format!(r#"{{{ENDS},"data":{{"id":"1","method":"quote_response","data":{{}}}}}}"#),
                [
                    "source_ledger",
                    "destination_ledger",
                    "source_connector_account",
                    "source_amount",
                    "destination_amount",
                    "source_expiry_duration",
                    "destination_expiry_duration",
                ]
                .map(|_| (Code::Required, "[0].data.data."))
                .to_vec(),
            ),
            (format!("{{{ENDS}"), vec![(Code::Syntax, "")]),
        ] {
            let faults = checked(&text).unwrap_err();
            assert_eq!(faults.len(), expected.len(), "{text}: {faults:?}");
            for (fault, (code, path)) in faults.iter().zip(expected) {
                assert_eq!(fault.code, code, "{text}: {fault}");
                match path.ends_with('.') {
                    true => assert!(fault.path.starts_with(path), "{text}: {fault}"),
                    false => assert_eq!(fault.path, path, "{text}: {fault}"),
                }
                assert!(
                    !fault.message.is_empty() && !fault.hint.is_empty(),
                    "{fault:?}"
                );
            }
        }
    }

    #[test]
    fn a_call_without_a_method_does_no_harm_beside_a_packet() {
        let packet = r#""ilp":"BQ0AAAAAAAAABQAAE4gA","custom":{}"#;
        assert_eq!(
            checked(&format!("{{{ENDS},{packet}}}")),
            Ok(Contents::Packet)
        );
    }
}
