//! The known members of an object: where each stands, what it holds, and all that is wrong with them.

use super::{Code, Document, Fault, Kind, Reader, Violation};

/// Why a text is not what it must be: the kind of fault, what is wrong, and then the cure.
pub type Wrong = (Code, String);

/// The members of one object. Each is asked for once; what is wrong is gathered on the way, so that whoever
/// reads on learns of all of it. Members that are not known are passed over.
///
/// ```
/// use c2c::schema::{Document, Members};
/// let document = Document::whole(br#"{"id": 5, "to": "b"}"#);
/// let mut members = Members::read(document, "[0]", &["id", "from", "to"], "Every letter has id, from and to.")?;
/// assert!(members.is_object("A letter"));
/// let to = members.required("to", |text| Ok(text.to_owned()));
/// assert_eq!(to.as_deref(), Some("b"));
/// assert_eq!(members.required("id", |text| Ok(text.len())), None);
/// assert_eq!(members.required("from", |text| Ok(text.len())), None);
/// let faults = members.into_faults();
/// assert_eq!((&*faults[0].path, &*faults[1].path), ("[0].id", "[0].from"));
/// # Ok::<(), c2c::schema::Fault>(())
/// ```
#[derive(Debug)]
pub struct Members<'a, const N: usize> {
    all: &'a [u8],
    place: &'a str,
    at: usize,
    kind: Kind,
    known: &'static [&'static str; N],
    rule: &'static str,
    found: [Option<(usize, Kind, Document<'a>)>; N],
    faults: Vec<Violation>,
}

impl<'a, const N: usize> Members<'a, N> {
    /// Reads the whole document. `place` is where it stands in what came in, such as `[0]`, for the paths of
    /// faults; `rule` says which members are always there.
    pub fn read(
        document: Document<'a>,
        place: &'a str,
        known: &'static [&'static str; N],
        rule: &'static str,
    ) -> Result<Self, Fault> {
        let mut reader = Reader::of(document);
        let kind = reader.kind()?;
        let mut members = Self {
            all: document.surroundings(),
            place,
            at: reader.at(),
            kind,
            known,
            rule,
            found: [None; N],
            faults: Vec::new(),
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
                if let Some(slot) = known.iter().position(|known| key.is(known)) {
                    members.found[slot] = Some((at, kind, value));
                }
            }
        } else {
            reader.skip()?;
        }
        reader.finish()?;
        Ok(members)
    }

    /// Whether it is an object at all; if not, that is the fault, and says that `what` must be one.
    pub fn is_object(&mut self, what: &str) -> bool {
        let is_object = self.kind == Kind::Object;
        if !is_object {
            let message = format!("{what} must be an object, not {}.", self.kind.in_words());
            let names = self.known.map(|name| format!("{name:?}")).join(", ");
            self.refuse(Code::Type, "", &message, &format!("Write {{{names}}}."));
        }
        is_object
    }

    /// A text that must be there, of which `read` makes a value.
    pub fn required<T>(
        &mut self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match self.has(member) {
            true => self.text(member, false, false, read),
            false => self.missing(member),
        }
    }

    /// A text that may be absent, or empty, which counts as absent.
    pub fn optional<T>(
        &mut self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.text(member, true, false, read)
    }

    /// The same where a number may stand in place of its text: then it is read as it is written.
    pub fn optional_number<T>(
        &mut self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.text(member, false, true, read)
    }

    /// A text, or a number in its place, that must be there.
    pub fn required_number<T>(
        &mut self,
        member: &str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match self.has(member) {
            true => self.text(member, false, true, read),
            false => self.missing(member),
        }
    }

    /// An object that may be absent.
    pub fn object(&mut self, member: &str) -> Option<Document<'a>> {
        let (_, kind, value) = self.slot(member)?;
        if kind == Kind::Object {
            return Some(value);
        }
        let message = format!("{member} must be an object, not {}.", kind.in_words());
        let hint = format!("Write an object, or leave {member} out.");
        self.refuse(Code::Type, member, &message, &hint);
        None
    }

    /// Whether a member is there, and is not null.
    pub fn has(&self, member: &str) -> bool {
        self.slot(member).is_some()
    }

    /// Whether it is there, and is neither null nor the empty text.
    pub fn is_given(&self, member: &str) -> bool {
        self.slot(member)
            .is_some_and(|(.., value)| value.text() != b"\"\"")
    }

    /// Adds a fault of a member, or of the whole where that is empty.
    pub fn refuse(&mut self, code: Code, member: &str, message: &str, hint: &str) {
        let at = self.slot(member).map_or(self.at, |(at, ..)| at);
        let path = path_of(self.place, member);
        let (message, hint) = (message.to_owned(), hint.to_owned());
        self.faults
            .push(Violation::at(self.all, code, at, path, message, hint));
    }

    /// Adds the fault of a value that is no JSON.
    pub fn refuse_reading(&mut self, fault: Fault) {
        self.faults.push(Violation::of_fault(self.all, fault));
    }

    /// All that was wrong, in the order in which it was asked for.
    pub fn into_faults(self) -> Vec<Violation> {
        self.faults
    }

    fn missing<T>(&mut self, member: &str) -> Option<T> {
        let message = format!("{member} is missing.");
        let hint = format!("Add {member}. {}", self.rule);
        self.refuse(Code::Required, member, &message, &hint);
        None
    }

    fn slot(&self, member: &str) -> Option<(usize, Kind, Document<'a>)> {
        let slot = self.known.iter().position(|known| *known == member)?;
        self.found[slot].filter(|(_, kind, _)| *kind != Kind::Null)
    }

    fn text<T>(
        &mut self,
        member: &str,
        may_be_empty: bool,
        may_be_number: bool,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let (_, kind, value) = self.slot(member)?;
        let mut reader = Reader::of(value);
        let text = match kind {
            Kind::Text => reader.text().map(|text| text.decode()),
            Kind::Number if may_be_number => {
                let raw = reader.number().map(|number| number.raw());
                raw.map(String::from_utf8_lossy)
            }
            other => {
                let message = format!("{member} must be a text, not {}.", other.in_words());
                let hint = format!("Write {member} in quotes.");
                self.refuse(Code::Type, member, &message, &hint);
                return None;
            }
        };
        let text = match text {
            Ok(text) if text.is_empty() && may_be_empty => return None,
            Ok(text) => text,
            Err(fault) => {
                self.refuse_reading(fault);
                return None;
            }
        };
        match read(&text) {
            Ok(value) => Some(value),
            // What is wrong and the cure are two sentences of the type's own error.
            Err((code, said)) => {
                let (message, hint) = said.split_once(". ").unwrap_or((said.as_str(), ""));
                let message = format!("{}.", message.trim_end_matches('.'));
                self.refuse(code, member, &message, hint);
                None
            }
        }
    }
}

/// The path of a member of what stands at `place`.
pub(crate) fn path_of(place: &str, member: &str) -> String {
    match (place, member) {
        (place, "") => place.to_owned(),
        ("", member) => member.to_owned(),
        (place, member) => format!("{place}.{member}"),
    }
}
