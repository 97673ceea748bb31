//! A transfer out of JSON.

use super::{
    Condition, Hold, InvalidDigest, Json, MAX_ATTACHED, Transfer, TransferError, TransferId,
};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::{Amount, AmountError};
use crate::key::from_base64_lenient;
use crate::schema::{Code, Document, Fault, Kind, Reader, Violation};
use crate::timestamp::Timestamp;

/// The members that are looked at.
const KNOWN: [&str; 10] = [
    "id",
    "ledger",
    "from",
    "to",
    "amount",
    "executionCondition",
    "expiresAt",
    "ilp",
    "data",
    "custom",
];

impl Transfer {
    /// Reads a transfer. `place` is where it stands in what came in, such as `[0]`, for the paths of
    /// faults. Whether it is on this ledger and from the peer is the ledger's question.
    ///
    /// DIFFERENCE: the amount is a text of digits; ilp-plugin-virtual 16 takes fractions and JSON
    /// numbers too. `account`, `direction`, `noteToSelf` and what else there is are ignored; there
    /// `account` switches checks off.
    pub fn read(document: Document<'_>, place: &str) -> Result<Self, TransferError> {
        read_transfer(document, place)
    }
}

fn read_transfer(document: Document<'_>, place: &str) -> Result<Transfer, TransferError> {
    let all = document.surroundings();
    let not_json = |fault| Violation::of_fault(all, fault);
    let members = Members::read(document, place).map_err(not_json)?;
    if members.kind != Kind::Object {
        let message = "A transfer must be an object.";
        let hint = "Write {\"id\", \"ledger\", \"from\", \"to\", \"amount\", …}.";
        return Err(members.fault(Code::Type, "", message, hint).into());
    }
    let id = members.required("id", |text| {
        TransferId::new(text).map_err(|error| (Code::ItemCount, error.to_string()))
    })?;
    let ledger = members.required("ledger", |text| {
        LedgerPrefix::new(text).map_err(|error| (Code::Address, error.to_string()))
    })?;
    let account =
        |text: &str| IlpAddress::new(text).map_err(|error| (Code::Address, error.to_string()));
    let from = members.required("from", account)?;
    let to = members.required("to", account)?;
    let amount = members.required("amount", amount)?;
    let condition = members.optional("executionCondition", |text| {
        text.parse::<Condition>().map_err(|error| match error {
            InvalidDigest::Form | InvalidDigest::NotCanonical => (Code::Base64, error.to_string()),
        })
    })?;
    let expires_at = members.optional("expiresAt", |text| match text.parse::<Timestamp>() {
        Ok(time) if time <= Timestamp::MAX_WRITTEN => Ok(time),
        Ok(_) => Err((
            Code::TooLarge,
            "No time after the year 9999 can be written.".to_owned(),
        )),
        Err(error) => Err((Code::Time, error.to_string())),
    })?;
    let hold = match (condition, expires_at) {
        (Some(condition), Some(expires_at)) => Some(Hold {
            condition,
            expires_at,
        }),
        (None, None) => None,
        (Some(_), None) => return Err(members.half("expiresAt", "executionCondition").into()),
        (None, Some(_)) => return Err(members.half("executionCondition", "expiresAt").into()),
    };
    let ilp = members.optional("ilp", |text| {
        from_base64_lenient(text).map_err(|_| {
            let message = "ilp is not base64. Write the packet in base64 or base64url.";
            (Code::Base64, message.to_owned())
        })
    })?;
    let read = Transfer {
        id,
        ledger,
        from,
        to,
        amount,
        hold,
        ilp,
        data: members.object("data")?,
        custom: members.object("custom")?,
        note_to_self: None,
    };
    if read.attached() > MAX_ATTACHED {
        let message = format!(
            "Packet and notes of the transfer take {} bytes.",
            read.attached()
        );
        let hint = format!("Send at most {MAX_ATTACHED} bytes in ilp, data and custom together.");
        return Err(members.fault(Code::TooLong, "", &message, &hint).into());
    }
    Ok(read)
}

/// A text of digits that is an amount, and not nothing.
fn amount(text: &str) -> Result<Amount, (Code, String)> {
    match text.parse::<Amount>() {
        Ok(Amount::ZERO) => Err((
            Code::Minimum,
            "amount must be positive. Send at least \"1\".".to_owned(),
        )),
        Ok(amount) => Ok(amount),
        Err(AmountError::TooLarge { .. }) => Err((
            Code::TooLarge,
            "amount exceeds 64 bits. Send less, in several transfers.".to_owned(),
        )),
        Err(_) => Err((
            Code::NotWhole,
            "amount must be a whole number of base units. Write digits, such as \"107\"."
                .to_owned(),
        )),
    }
}

/// Where the members stand.
struct Members<'a> {
    all: &'a [u8],
    place: &'a str,
    at: usize,
    kind: Kind,
    found: [Option<(usize, Kind, Document<'a>)>; KNOWN.len()],
}

impl<'a> Members<'a> {
    fn read(document: Document<'a>, place: &'a str) -> Result<Self, Fault> {
        let mut reader = Reader::of(document);
        let kind = reader.kind()?;
        let mut members = Self {
            all: document.surroundings(),
            place,
            at: reader.at(),
            kind,
            found: [None; KNOWN.len()],
        };
        if kind == Kind::Object {
            reader.open()?;
            let mut first = true;
            while let Some(key) = reader.key(first)? {
                first = false;
                let kind = reader.kind()?;
                let at = reader.at();
                let value = reader.document()?;
                // A member that stands twice counts as the last one: it simply takes the slot.
                if let Some(slot) = KNOWN.iter().position(|known| key.is(known)) {
                    members.found[slot] = Some((at, kind, value));
                }
            }
        } else {
            reader.skip()?;
        }
        reader.finish()?;
        Ok(members)
    }

    fn slot(&self, member: &str) -> Option<(usize, Kind, Document<'a>)> {
        let slot = KNOWN.iter().position(|known| *known == member)?;
        self.found[slot].filter(|(_, kind, _)| *kind != Kind::Null)
    }

    fn fault(&self, code: Code, member: &str, message: &str, hint: &str) -> Violation {
        let at = self.slot(member).map_or(self.at, |(at, ..)| at);
        let path = match (self.place, member) {
            (place, "") => place.to_owned(),
            ("", member) => member.to_owned(),
            (place, member) => format!("{place}.{member}"),
        };
        Violation::at(
            self.all,
            code,
            at,
            path,
            message.to_owned(),
            hint.to_owned(),
        )
    }

    fn half(&self, missing: &str, there: &str) -> Violation {
        let message = format!("{missing} is missing, though {there} is there.");
        self.fault(Code::Required, missing, &message, "Send both or neither.")
    }

    fn required<T>(
        &self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, (Code, String)>,
    ) -> Result<T, Violation> {
        match self.text(member, read, false)? {
            Some(value) => Ok(value),
            None => {
                let message = format!("{member} is missing.");
                let hint =
                    format!("Add {member}: every transfer has id, ledger, from, to and amount.");
                Err(self.fault(Code::Required, member, &message, &hint))
            }
        }
    }

    /// A text that may be absent, or empty, which ilp-plugin-virtual takes for absent.
    fn optional<T>(
        &self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, (Code, String)>,
    ) -> Result<Option<T>, Violation> {
        self.text(member, read, true)
    }

    fn text<T>(
        &self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, (Code, String)>,
        may_be_empty: bool,
    ) -> Result<Option<T>, Violation> {
        let Some((_, kind, value)) = self.slot(member) else {
            return Ok(None);
        };
        if kind != Kind::Text {
            let message = format!("{member} must be a text, not {}.", kind.in_words());
            let hint = format!("Write {member} in quotes.");
            return Err(self.fault(Code::Type, member, &message, &hint));
        }
        let text = Reader::of(value)
            .text()
            .map_err(|fault| Violation::of_fault(self.all, fault))?
            .decode();
        if text.is_empty() && may_be_empty {
            return Ok(None);
        }
        match read(&text) {
            Ok(value) => Ok(Some(value)),
            // What is wrong and the cure are two sentences of the type's own error.
            Err((code, said)) => {
                let (message, hint) = said.split_once(". ").unwrap_or((said.as_str(), ""));
                let dot = if message.ends_with('.') { "" } else { "." };
                Err(self.fault(code, member, &format!("{message}{dot}"), hint))
            }
        }
    }

    fn object(&self, member: &str) -> Result<Option<Json>, Violation> {
        match self.slot(member) {
            None => Ok(None),
            Some((_, Kind::Object, value)) => Json::read(value)
                .map(Some)
                .map_err(|fault| Violation::of_fault(self.all, fault)),
            Some((_, kind, _)) => {
                let message = format!("{member} must be an object, not {}.", kind.in_words());
                let hint = format!("Write an object, or leave {member} out.");
                Err(self.fault(Code::Type, member, &message, &hint))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = r#"{"id":"i","ledger":"peer.a.","from":"peer.a.x","to":"peer.a.y","amount":"5",
        "executionCondition":"Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU","expiresAt":"2017-06-14T11:58:18.509Z",
        "ilp":"AQAA","data":{"b":1,"a":2},"custom":{},"direction":"outgoing","account":"x","noteToSelf":{"x":1}}"#;

    fn read(text: &str) -> Result<Transfer, TransferError> {
        Transfer::read(Document::whole(text.as_bytes()), "[0]")
    }

    #[test]
    fn what_is_written_is_read() {
        let transfer = read(WHOLE).unwrap();
        assert_eq!(transfer.ilp.as_deref(), Some(&[1, 0, 0][..]));
        assert_eq!(transfer.data.as_ref().unwrap().as_str(), r#"{"a":2,"b":1}"#);
        assert_eq!(transfer.note_to_self, None);
        assert_eq!(read(&transfer.write()).unwrap(), transfer);
        let stored = serde_json::to_string(&transfer).unwrap();
        assert_eq!(serde_json::from_str::<Transfer>(&stored).unwrap(), transfer);
        let mut with_note = transfer.clone();
        with_note.note_to_self = Some(Json::try_from("{\"secret\":1}".to_owned()).unwrap());
        assert!(!with_note.write().contains("secret"));
        assert!(with_note.says_the_same_as(&transfer));
    }

    #[test]
    fn faults_name_their_place_value_and_cure() {
        for (old, new, code, path) in [
            ("\"id\":\"i\"", "\"id\":\"\"", Code::ItemCount, "[0].id"),
            ("\"id\":\"i\"", "\"id\":5", Code::Type, "[0].id"),
            ("\"id\":\"i\",", "", Code::Required, "[0].id"),
            ("\"peer.a.\"", "\"peer.a\"", Code::Address, "[0].ledger"),
            ("\"peer.a.x\"", "\"peer a\"", Code::Address, "[0].from"),
            (
                "\"to\":\"peer.a.y\"",
                "\"to\":null",
                Code::Required,
                "[0].to",
            ),
            ("\"5\"", "5", Code::Type, "[0].amount"),
            ("\"5\"", "\"0\"", Code::Minimum, "[0].amount"),
            ("\"5\"", "\"-5\"", Code::NotWhole, "[0].amount"),
            ("\"5\"", "\"1.5\"", Code::NotWhole, "[0].amount"),
            ("\"5\"", "\"1e3\"", Code::NotWhole, "[0].amount"),
            (
                "\"5\"",
                "\"18446744073709551616\"",
                Code::TooLarge,
                "[0].amount",
            ),
            ("fKSU", "fKS", Code::Base64, "[0].executionCondition"),
            ("fKSU", "fKSV", Code::Base64, "[0].executionCondition"),
            ("2017-06-14T", "2017-02-30T", Code::Time, "[0].expiresAt"),
            (
                "2017-06-14T11:58:18.509Z",
                "soon",
                Code::Time,
                "[0].expiresAt",
            ),
            (
                "2017-06-14T11:58:18.509Z",
                "",
                Code::Required,
                "[0].expiresAt",
            ),
            (
                "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU",
                "",
                Code::Required,
                "[0].executionCondition",
            ),
            ("\"AQAA\"", "\"!\"", Code::Base64, "[0].ilp"),
            ("\"AQAA\"", "[1]", Code::Type, "[0].ilp"),
            ("{\"b\":1,\"a\":2}", "[]", Code::Type, "[0].data"),
            ("\"custom\":{}", "\"custom\":1", Code::Type, "[0].custom"),
            ("{\"x\":1}}", "{\"x\":1}", Code::Syntax, ""),
        ] {
            assert!(WHOLE.contains(old), "{old}");
            let error = read(&WHOLE.replacen(old, new, 1)).unwrap_err();
            let fault = error.violation();
            assert_eq!(
                (fault.code, fault.path.as_str()),
                (code, path),
                "{new}: {fault}"
            );
            assert!(
                !fault.message.is_empty() && !fault.value.is_empty() || path.is_empty(),
                "{fault:?}"
            );
        }
        assert_eq!(read("[]").unwrap_err().violation().path, "[0]");
    }

    #[test]
    fn what_is_attached_is_bounded() {
        let packet = "AAAA".repeat(MAX_ATTACHED / 3 + 1);
        let error = read(&WHOLE.replace("AQAA", &packet)).unwrap_err();
        assert_eq!(error.violation().code, Code::TooLong);
    }

    proptest! {
        #[test]
        fn prop_any_bytes_are_read_or_refused(at in 0usize..400, cut in 0usize..400, byte in any::<u8>()) {
            let mut bytes = WHOLE.as_bytes().to_vec();
            let place = at % bytes.len();
            bytes[place] = byte;
            bytes.truncate(bytes.len().saturating_sub(cut % 40));
            if let Ok(transfer) = Transfer::read(Document::whole(&bytes), "") {
                prop_assert_eq!(read(&transfer.write()).unwrap(), transfer);
            }
        }
    }
}
