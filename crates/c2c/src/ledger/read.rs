//! A transfer out of JSON.

use super::{
    Condition, Hold, InvalidDigest, Json, MAX_ATTACHED, Transfer, TransferError, TransferId,
};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::{Amount, AmountError};
use crate::key::from_base64_lenient;
use crate::schema::{Code, Document, Members, Violation};
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

/// What the hint says where one is missing.
const RULE: &str = "Every transfer has id, ledger, from, to and amount.";

impl Transfer {
    /// Reads a transfer. `place` is where it stands in what came in, such as `[0]`, for the paths of
    /// faults. Whether it is on this ledger and from the peer is the ledger's question.
    ///
    /// DIFFERENCE: the amount is a text of digits; ilp-plugin-virtual 16 takes fractions and JSON
    /// numbers too. `account`, `direction`, `noteToSelf` and what else there is are ignored; there
    /// `account` switches checks off.
    pub fn read(document: Document<'_>, place: &str) -> Result<Self, TransferError> {
        read_transfer(document, place).map_err(|mut faults| faults.swap_remove(0).into())
    }

    /// All that is wrong with a transfer, in the order of the document.
    pub fn validate(document: Document<'_>, place: &str) -> Result<(), Vec<Violation>> {
        read_transfer(document, place)
            .map(drop)
            .map_err(Violation::in_order)
    }
}

/// A transfer, or its faults, of which there is one at least.
fn read_transfer(document: Document<'_>, place: &str) -> Result<Transfer, Vec<Violation>> {
    let mut members = Members::read(document, place, &KNOWN, RULE)
        .map_err(|fault| vec![Violation::of_fault(document.surroundings(), fault)])?;
    if !members.is_object("A transfer") {
        return Err(members.into_faults());
    }
    let id = members.required("id", |text| {
        TransferId::new(text).map_err(|error| (Code::ItemCount, error.to_string()))
    });
    let ledger = members.required("ledger", |text| {
        LedgerPrefix::new(text).map_err(|error| (Code::Address, error.to_string()))
    });
    let account =
        |text: &str| IlpAddress::new(text).map_err(|error| (Code::Address, error.to_string()));
    let from = members.required("from", account);
    let to = members.required("to", account);
    let amount = members.required("amount", amount);
    let hold = hold(&mut members);
    let ilp = members.optional("ilp", |text| {
        from_base64_lenient(text).map_err(|_| {
            let message = "ilp is not base64. Write the packet in base64 or base64url.";
            (Code::Base64, message.to_owned())
        })
    });
    let (data, custom) = (note(&mut members, "data"), note(&mut members, "custom"));
    let (Some(id), Some(ledger), Some(from), Some(to), Some(amount)) =
        (id, ledger, from, to, amount)
    else {
        return Err(members.into_faults());
    };
    let read = Transfer {
        id,
        ledger,
        from,
        to,
        amount,
        hold,
        ilp,
        data,
        custom,
        note_to_self: None,
    };
    if read.attached() > MAX_ATTACHED {
        let message = format!(
            "Packet and notes of the transfer take {} bytes.",
            read.attached()
        );
        let hint = format!("Send at most {MAX_ATTACHED} bytes in ilp, data and custom together.");
        members.refuse(Code::TooLong, "", &message, &hint);
    }
    let faults = members.into_faults();
    if faults.is_empty() {
        Ok(read)
    } else {
        Err(faults)
    }
}

/// Condition and expiry: both, or neither. One that is there and wrong is a fault of its own.
fn hold(members: &mut Members<'_, { KNOWN.len() }>) -> Option<Hold> {
    let both = ["executionCondition", "expiresAt"].map(|member| members.is_given(member));
    let condition = members.optional("executionCondition", |text| {
        text.parse::<Condition>().map_err(|error| match error {
            InvalidDigest::Form | InvalidDigest::NotCanonical => (Code::Base64, error.to_string()),
        })
    });
    let expires_at = members.optional("expiresAt", |text| match text.parse::<Timestamp>() {
        Ok(time) if time <= Timestamp::MAX_WRITTEN => Ok(time),
        Ok(_) => Err((
            Code::TooLarge,
            "No time after the year 9999 can be written.".to_owned(),
        )),
        Err(error) => Err((Code::Time, error.to_string())),
    });
    let mut half = |missing: &str, there: &str| {
        let message = format!("{missing} is missing, though {there} is there.");
        members.refuse(Code::Required, missing, &message, "Send both or neither.");
    };
    match both {
        [true, false] => half("expiresAt", "executionCondition"),
        [false, true] => half("executionCondition", "expiresAt"),
        _ => {}
    }
    Some(Hold {
        condition: condition?,
        expires_at: expires_at?,
    })
}

/// An object that may be absent.
fn note(members: &mut Members<'_, { KNOWN.len() }>, member: &str) -> Option<Json> {
    let object = members.object(member)?;
    match Json::read(object) {
        Ok(note) => Some(note),
        Err(fault) => {
            members.refuse_reading(fault);
            None
        }
    }
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
