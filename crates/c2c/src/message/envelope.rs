//! The envelope of every message: read, checked, written.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{BROADCAST_ROUTES, MessageError, Parties};
use crate::key::{from_base64_lenient, to_base64url};
use crate::packet::{ErrorCode, IlpError, Packet, PacketError};
use crate::schema::{Code, Dialect, Document, Fault, Kind, Reader, Text, Violation, path_of};
use crate::timestamp::Timestamp;

/// A message with its addresses, as it came in or goes out (npm ilp-plugin-virtual 16.0.1, `sendRequest`).
/// Members that are not listed here are ignored.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The ledger that it says it is on.
    pub ledger: Cow<'a, str>,
    /// The account that it says it comes from; kits from the commit after 16.0.1 on leave it out.
    pub from: Option<Cow<'a, str>>,
    /// The account that it says it goes to.
    pub to: Cow<'a, str>,
    /// A binary packet.
    pub ilp: Option<Vec<u8>>,
    /// A call in the dialect as deployed.
    pub custom: Option<Call<'a>>,
    /// A call in the dialect as cited.
    pub data: Option<Call<'a>>,
}

/// A method by name and its data.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// What ties a question to its answer, in the dialect as cited.
    pub id: Option<Cow<'a, str>>,
    /// The method's name; empty where there is none.
    pub method: Cow<'a, str>,
    /// What it is given, not read yet.
    pub data: Option<Document<'a>>,
}

impl<'a> Call<'a> {
    /// A call of `method` with `data`, which is JSON.
    pub fn new(method: &'a str, data: Document<'a>) -> Self {
        Self {
            id: None,
            method: Cow::Borrowed(method),
            data: Some(data),
        }
    }
}

impl<'a> Envelope<'a> {
    /// An empty message, which is also the answer to a routing update.
    pub fn new(parties: Parties<'a>) -> Self {
        Self {
            ledger: Cow::Borrowed(parties.ledger.as_str()),
            from: Some(Cow::Borrowed(parties.from.as_str())),
            to: Cow::Borrowed(parties.to.as_str()),
            ilp: None,
            custom: None,
            data: None,
        }
    }

    /// The answer to a message that cannot be handled: an error packet in an envelope. `asked` are the
    /// parties of that message; the error arises at the account that it went to.
    ///
    /// ilp-connector 21 answers F00 whatever went wrong, with the text in the packet's data.
    pub fn refusing(
        asked: Parties<'a>,
        code: ErrorCode,
        now: Timestamp,
        message: &str,
    ) -> Result<Self, PacketError> {
        let error = IlpError::new(code, asked.to.clone(), now, message);
        let packet = Packet::Error(error).encode()?;
        Ok(Self::new(asked.reversed()).with_ilp(packet))
    }

    /// The error packet in the message, if it has one. A packet that claims to be one and cannot be read
    /// is an error too.
    pub fn ilp_error(&self) -> Option<Result<IlpError, PacketError>> {
        const ERROR: u8 = 8;
        let packet = self
            .ilp
            .as_ref()
            .filter(|packet| packet.first() == Some(&ERROR))?;
        match Packet::decode(packet) {
            Ok(Packet::Error(error)) => Some(Ok(error)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// The same with a packet in it.
    pub fn with_ilp(mut self, packet: Vec<u8>) -> Self {
        self.ilp = Some(packet);
        self
    }

    /// The same with a call in it, where `dialect` has it.
    pub fn with_call(mut self, dialect: Dialect, call: Call<'a>) -> Self {
        match dialect {
            Dialect::V17 => self.data = Some(call),
            Dialect::V21 => self.custom = Some(call),
        }
        self
    }

    /// Reads an envelope. `place` is where it stands in what came in, such as `[0]`, for the paths of
    /// faults.
    pub fn read(document: Document<'a>, place: &str) -> Result<Self, MessageError> {
        Self::read_or_fault(document, place).map_err(MessageError::from)
    }

    /// The same, with the first thing that is wrong.
    pub(crate) fn read_or_fault(document: Document<'a>, place: &str) -> Result<Self, Violation> {
        let mut faults = Vec::new();
        let (envelope, _) = Self::read_parts(document, place, &mut faults)?;
        match faults.is_empty() {
            true => Ok(envelope),
            false => Err(faults.swap_remove(0)),
        }
    }

    /// The same, with all that is wrong and where things stand. What is wrong is left out of the envelope.
    pub(super) fn read_parts(
        document: Document<'a>,
        place: &str,
        faults: &mut Vec<Violation>,
    ) -> Result<(Self, Places), Violation> {
        let mut reader = Reader::of(document);
        let all = document.surroundings();
        let members =
            Self::read_members(&mut reader).map_err(|fault| Violation::of_fault(all, fault))?;
        Ok(members.finish(all, place, faults))
    }

    /// Makes sure that the message is on this ledger, to this account and, if it says from whom, from
    /// this one.
    pub fn check(&self, parties: Parties<'_>) -> Result<(), MessageError> {
        let from = self.from.as_deref().unwrap_or(parties.from.as_str());
        for (member, found, expected) in [
            ("ledger", &*self.ledger, parties.ledger.as_str()),
            ("from", from, parties.from.as_str()),
            ("to", &*self.to, parties.to.as_str()),
        ] {
            if found != expected {
                return Err(MessageError::Misdirected {
                    member,
                    expected: expected.to_owned(),
                    found: found.chars().take(100).collect(),
                });
            }
        }
        Ok(())
    }

    /// The routing update in the message, if there is one, and the dialect that its place tells.
    pub fn routing_update(&self) -> Option<(Dialect, Document<'a>)> {
        [(Dialect::V21, &self.custom), (Dialect::V17, &self.data)]
            .into_iter()
            .filter_map(|(dialect, call)| Some((dialect, call.as_ref()?)))
            .filter(|(_, call)| call.method == BROADCAST_ROUTES)
            .find_map(|(dialect, call)| Some((dialect, call.data?)))
    }

    /// Writes the message as JSON. A packet is written in base64url without padding.
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(256);
        out.push_str("{\"ledger\":");
        write_text(&mut out, &self.ledger);
        if let Some(from) = &self.from {
            out.push_str(",\"from\":");
            write_text(&mut out, from);
        }
        out.push_str(",\"to\":");
        write_text(&mut out, &self.to);
        if let Some(packet) = &self.ilp {
            // Writing to a String cannot fail.
            let _ = write!(out, ",\"ilp\":\"{}\"", to_base64url(packet));
        }
        for (name, call) in [("custom", &self.custom), ("data", &self.data)] {
            if let Some(call) = call {
                let _ = write!(out, ",\"{name}\":");
                call.write(&mut out);
            }
        }
        out.push('}');
        out
    }

    fn read_members(reader: &mut Reader<'a>) -> Result<Members<'a>, Fault> {
        let mut members = Members {
            at: 0,
            ledger: Slot::Absent,
            from: Slot::Absent,
            to: Slot::Absent,
            ilp: Slot::Absent,
            custom: Slot::Absent,
            data: Slot::Absent,
            is_object: false,
        };
        let kind = reader.kind()?;
        members.at = reader.at();
        if kind != Kind::Object {
            reader.skip()?;
            reader.finish()?;
            return Ok(members);
        }
        members.is_object = true;
        reader.open()?;
        let mut first = true;
        // A member that stands twice counts as the last one: it simply takes the slot.
        while let Some(key) = reader.key(first)? {
            first = false;
            match &*key.decode() {
                "ledger" => members.ledger = read_text(reader)?,
                "from" => members.from = read_text(reader)?,
                "to" => members.to = read_text(reader)?,
                "ilp" => members.ilp = read_text(reader)?,
                "custom" => members.custom = read_call(reader)?,
                "data" => members.data = read_call(reader)?,
                _ => reader.skip()?,
            }
        }
        reader.finish()?;
        Ok(members)
    }
}

impl Call<'_> {
    fn write(&self, out: &mut String) {
        out.push('{');
        if let Some(id) = &self.id {
            out.push_str("\"id\":");
            write_text(out, id);
            out.push(',');
        }
        out.push_str("\"method\":");
        write_text(out, &self.method);
        if let Some(data) = &self.data {
            out.push_str(",\"data\":");
            out.push_str(&String::from_utf8_lossy(data.text()));
        }
        out.push('}');
    }
}

/// A member that was looked for.
enum Slot<T> {
    Absent,
    Found(usize, T),
    /// Of another kind than it must be.
    Wrong(usize, Kind),
}

/// What stands in the envelope, right or wrong.
struct Members<'a> {
    at: usize,
    is_object: bool,
    ledger: Slot<Text<'a>>,
    from: Slot<Text<'a>>,
    to: Slot<Text<'a>>,
    ilp: Slot<Text<'a>>,
    custom: Slot<Call<'a>>,
    data: Slot<Call<'a>>,
}

/// Where the parts of a message begin, those that are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) ilp: usize,
    pub(super) custom: usize,
    pub(super) data: usize,
}

impl<'a> Members<'a> {
    fn finish(
        self,
        all: &[u8],
        place: &str,
        faults: &mut Vec<Violation>,
    ) -> (Envelope<'a>, Places) {
        let places = Places {
            ilp: self.ilp.at(),
            custom: self.custom.at(),
            data: self.data.at(),
        };
        let mut refuse = |code, at, member: &str, message: &str, hint: &str| {
            let path = path_of(place, member);
            let (message, hint) = (message.to_owned(), hint.to_owned());
            faults.push(Violation::at(all, code, at, path, message, hint));
        };
        let mut envelope = Envelope {
            ledger: Cow::Borrowed(""),
            from: None,
            to: Cow::Borrowed(""),
            ilp: None,
            custom: None,
            data: None,
        };
        if !self.is_object {
            let hint = "Write {\"ledger\", \"from\", \"to\", …}.";
            let message = "A message must be an object.";
            refuse(Code::Type, self.at, "", message, hint);
            return (envelope, places);
        }
        let mut wrong = |at, member: &str, kind: Kind, wanted: &str| {
            let message = format!("{member} must be {wanted}, not {}.", kind.in_words());
            let hint = format!("Write {wanted}, or leave {member} out if it is optional.");
            refuse(Code::Type, at, member, &message, &hint);
        };
        let mut ilp = None;
        for (slot, member, held) in [
            (self.ilp, "ilp", &mut ilp),
            (self.from, "from", &mut envelope.from),
        ] {
            match slot {
                Slot::Found(_, text) => *held = Some(text.decode()),
                Slot::Wrong(_, Kind::Null) | Slot::Absent => {}
                Slot::Wrong(at, kind) => wrong(at, member, kind, "a text"),
            }
        }
        for (slot, member, held) in [
            (self.custom, "custom", &mut envelope.custom),
            (self.data, "data", &mut envelope.data),
        ] {
            match slot {
                Slot::Found(_, call) => *held = Some(call),
                Slot::Wrong(_, Kind::Null) | Slot::Absent => {}
                Slot::Wrong(at, kind) => wrong(at, member, kind, "an object"),
            }
        }
        let mut missing = Vec::new();
        for (slot, member, held) in [
            (self.ledger, "ledger", &mut envelope.ledger),
            (self.to, "to", &mut envelope.to),
        ] {
            match slot {
                Slot::Found(_, text) => *held = text.decode(),
                Slot::Wrong(at, kind) => wrong(at, member, kind, "a text"),
                Slot::Absent => missing.push(member),
            }
        }
        for member in missing {
            let message = format!("{member} is missing.");
            let hint = format!("Add {member}: every message names ledger, from and to.");
            refuse(Code::Required, self.at, member, &message, &hint);
        }
        // ilp-plugin-virtual takes an empty one for none.
        if let Some(text) = ilp.filter(|text| !text.is_empty()) {
            match from_base64_lenient(&text) {
                Ok(packet) => envelope.ilp = Some(packet),
                Err(_) => {
                    let hint = "Write the packet in base64 or base64url.";
                    refuse(Code::Base64, places.ilp, "ilp", "ilp is not base64.", hint);
                }
            }
        }
        (envelope, places)
    }
}

impl<T> Slot<T> {
    /// Where it begins; 0 where it is not there.
    fn at(&self) -> usize {
        match self {
            Self::Found(at, _) | Self::Wrong(at, _) => *at,
            Self::Absent => 0,
        }
    }
}

fn read_text<'a>(reader: &mut Reader<'a>) -> Result<Slot<Text<'a>>, Fault> {
    let kind = reader.kind()?;
    let at = reader.at();
    if kind == Kind::Text {
        return Ok(Slot::Found(at, reader.text()?));
    }
    reader.skip()?;
    Ok(Slot::Wrong(at, kind))
}

fn read_call<'a>(reader: &mut Reader<'a>) -> Result<Slot<Call<'a>>, Fault> {
    let kind = reader.kind()?;
    let at = reader.at();
    if kind != Kind::Object {
        reader.skip()?;
        return Ok(Slot::Wrong(at, kind));
    }
    let mut call = Call {
        id: None,
        method: Cow::Borrowed(""),
        data: None,
    };
    let text = |slot| match slot {
        Slot::Found(_, text) => Some(Text::decode(&text)),
        Slot::Absent | Slot::Wrong(..) => None,
    };
    reader.open()?;
    let mut first = true;
    while let Some(key) = reader.key(first)? {
        first = false;
        match &*key.decode() {
            "id" => call.id = text(read_text(reader)?),
            "method" => call.method = text(read_text(reader)?).unwrap_or_default(),
            "data" => call.data = Some(reader.document()?),
            _ => reader.skip()?,
        }
    }
    Ok(Slot::Found(at, call))
}

/// A text with its quotes and escapes.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control @ '\0'..' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{IlpAddress, LedgerPrefix};

    struct Ends(LedgerPrefix, IlpAddress, IlpAddress);

    impl Ends {
        fn new() -> Self {
            let ledger = LedgerPrefix::new("peer.abcde.usd.9.").unwrap();
            let (a, b) = (ledger.account("a").unwrap(), ledger.account("b").unwrap());
            Self(ledger, a, b)
        }

        fn parties(&self) -> Parties<'_> {
            Parties {
                ledger: &self.0,
                from: &self.1,
                to: &self.2,
            }
        }
    }

    fn read(text: &str) -> Result<Envelope<'_>, MessageError> {
        Envelope::read(Document::whole(text.as_bytes()), "[0]")
    }

    #[test]
    fn what_is_written_is_read() {
        let ends = Ends::new();
        let update = br#"{"new_routes":[]}"#;
        for dialect in [Dialect::V17, Dialect::V21] {
            let text = Envelope::new(ends.parties())
                .with_ilp(vec![8, 255, 254])
                .with_call(
                    dialect,
                    Call::new(BROADCAST_ROUTES, Document::whole(update)),
                )
                .write();
            let found = read(&text).unwrap();
            found.check(ends.parties()).unwrap();
            assert!(found.check(ends.parties().reversed()).is_err());
            assert_eq!(found.ilp.as_deref(), Some(&[8, 255, 254][..]));
            let (place, document) = found.routing_update().unwrap();
            assert_eq!((place, document.text()), (dialect, &update[..]));
        }
    }

    #[test]
    fn a_refusal_is_an_error_packet_on_the_way_back() {
        let ends = Ends::new();
        let now = Timestamp::from_millis(1_500_000_000_000);
        let text = Envelope::refusing(ends.parties(), ErrorCode::F00, now, "no \"such\" method")
            .unwrap()
            .write();
        let found = read(&text).unwrap();
        found.check(ends.parties().reversed()).unwrap();
        let error = found.ilp_error().unwrap().unwrap();
        assert_eq!(error.code, ErrorCode::F00);
        assert_eq!(error.triggered_by.as_address(), Some(&ends.2));
        assert_eq!(error.message().as_deref(), Some("no \"such\" method"));
        let empty = Envelope::new(ends.parties());
        assert!(empty.ilp_error().is_none());
        assert!(empty.clone().with_ilp(vec![1, 0]).ilp_error().is_none());
        assert!(empty.with_ilp(vec![8, 200]).ilp_error().unwrap().is_err());
    }

    #[test]
    fn an_empty_answer_names_its_parties() {
        let ends = Ends::new();
        assert_eq!(
            Envelope::new(ends.parties().reversed()).write(),
            r#"{"ledger":"peer.abcde.usd.9.","from":"peer.abcde.usd.9.b","to":"peer.abcde.usd.9.a"}"#
        );
    }

    #[test]
    fn sender_may_be_absent_but_never_another() {
        let ends = Ends::new();
        let text = r#"{"ledger":"peer.abcde.usd.9.","to":"peer.abcde.usd.9.b","timeout":5000,"account":"x"}"#;
        assert!(read(text).unwrap().check(ends.parties()).is_ok());
        let text =
            r#"{"ledger":"peer.abcde.usd.9.","to":"peer.abcde.usd.9.b","from":"x","account":"x"}"#;
        assert!(matches!(
            read(text).unwrap().check(ends.parties()),
            Err(MessageError::Misdirected { member: "from", .. })
        ));
    }

    #[test]
    fn faults_name_their_place() {
        for (text, code, path) in [
            ("[]", Code::Type, "[0]"),
            ("{}", Code::Required, "[0].ledger"),
            (r#"{"ledger":"a","to":5}"#, Code::Type, "[0].to"),
            (r#"{"ledger":"a","to":"b","ilp":1}"#, Code::Type, "[0].ilp"),
            (
                r#"{"ledger":"a","to":"b","ilp":"!"}"#,
                Code::Base64,
                "[0].ilp",
            ),
            (
                r#"{"ledger":"a","to":"b","custom":[]}"#,
                Code::Type,
                "[0].custom",
            ),
            (r#"{"ledger":"a","to":"b""#, Code::Syntax, ""),
        ] {
            match read(text) {
                Err(MessageError::Invalid(fault)) => {
                    assert_eq!((fault.code, fault.path.as_str()), (code, path), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_empty_packet_is_none() {
        let found = read(r#"{"ledger":"a","to":"b","ilp":""}"#).unwrap();
        assert_eq!(found.ilp, None);
    }

    #[test]
    fn the_last_of_two_members_counts() {
        let text = r#"{"ledger":5,"to":"b","ledger":"x","custom":7,"custom":{"method":1,"method":"m","data":1,"data":[2]}}"#;
        let found = read(text).unwrap();
        assert_eq!(found.ledger, "x");
        let call = found.custom.unwrap();
        assert_eq!(call.method, "m");
        assert_eq!(call.data.unwrap().text(), b"[2]");
    }
}
