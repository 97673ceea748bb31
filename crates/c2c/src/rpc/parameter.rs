//! The parameters of a call, and what is said where one is not what it must be.

use std::borrow::Cow;

use crate::schema::{Code, Document, Kind, Reader, Violation};

/// The most parameters that any method takes.
const MOST: usize = 2;

/// The parameters, as many as are looked at. More than a method takes are ignored, as in 2017.
pub(super) struct Parameters<'a> {
    body: &'a [u8],
    found: [Option<Document<'a>>; MOST],
}

impl<'a> Parameters<'a> {
    /// All that was read.
    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Reads the body of a call: one array, and nothing after it.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Violation> {
        let not_json = |fault| Violation::of_fault(body, fault);
        let mut reader = Reader::new(body);
        if reader.kind().map_err(not_json)? != Kind::Array {
            let message = "The parameters must be an array.".to_owned();
            let hint = "Send [] where there are none.".to_owned();
            let at = reader.at();
            let fault = Violation::at(body, Code::Type, at, String::new(), message, hint);
            return Err(fault);
        }
        let mut read = || {
            let (mut first, mut count, mut found) = (true, 0, [None; MOST]);
            reader.open()?;
            while reader.item(first)? {
                first = false;
                let document = reader.document()?;
                if let Some(place) = found.get_mut(count) {
                    *place = Some(document);
                }
                count += 1;
            }
            reader.finish()?;
            Ok(found)
        };
        let found = read().map_err(not_json)?;
        Ok(Self { body, found })
    }

    /// The parameter at `index`; the fault says that `what` is missing.
    pub(super) fn required(
        &self,
        index: usize,
        what: &str,
        hint: &str,
    ) -> Result<Document<'a>, Violation> {
        self.optional(index).ok_or_else(|| {
            let message = format!("The {what} is missing.");
            self.refuse(index, Code::Required, message, hint)
        })
    }

    /// The parameter at `index`, if it is there.
    pub(super) fn optional(&self, index: usize) -> Option<Document<'a>> {
        self.found.get(index).copied().flatten()
    }

    /// The text at `index`, of which `read` makes a value or says what is wrong, and then the cure; the fault
    /// is a `code` then.
    pub(super) fn text<T, E: ToString>(
        &self,
        index: usize,
        what: &str,
        code: Code,
        hint: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Violation> {
        let document = self.required(index, what, hint)?;
        let mut reader = Reader::of(document);
        let text = match reader.kind() {
            Ok(Kind::Text) => reader.text().map(|text| text.decode()),
            Ok(kind) => {
                let message = format!("The {what} must be a text, not {}.", kind.in_words());
                return Err(self.refuse(index, Code::Type, message, hint));
            }
            Err(fault) => Err(fault),
        };
        let text: Cow<'_, str> = text.map_err(|fault| Violation::of_fault(self.body, fault))?;
        read(&text).map_err(|error| {
            let said = error.to_string();
            let (message, cure) = said.split_once(". ").unwrap_or((said.as_str(), hint));
            let message = format!("{}.", message.trim_end_matches('.'));
            self.refuse(index, code, message, cure)
        })
    }

    fn refuse(&self, index: usize, code: Code, message: String, hint: &str) -> Violation {
        // A document ends where its value ends.
        let at = self.optional(index).map_or(0, |document| {
            document.surroundings().len() - document.text().len()
        });
        let path = format!("[{index}]");
        Violation::at(self.body, code, at, path, message, hint.to_owned())
    }
}
