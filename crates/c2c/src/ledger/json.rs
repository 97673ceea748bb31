//! A JSON value in one canonical form.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::schema::{Document, Fault, Kind, Reader};

/// A JSON value that is kept and passed on without being understood: notes on a transfer, the reason of
/// a rejection. Members are sorted and white space is gone, so that two that say the same are equal;
/// numbers keep their digits.
///
/// ```
/// use c2c::ledger::Json;
/// use c2c::schema::Document;
/// let read = |text: &'static str| Json::read(Document::whole(text.as_bytes()));
/// assert_eq!(read(r#"{"b": 1.0, "a": [true]}"#)?, read(r#"{"a":[true],"b":1.0}"#)?);
/// assert_eq!(read(r#"{"b": 1.0, "a": [true]}"#)?.as_str(), r#"{"a":[true],"b":1.0}"#);
/// # Ok::<(), c2c::schema::Fault>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Json(Box<str>);

impl Json {
    /// Reads the value at the beginning of `document`. Of members that stand twice the last one counts.
    /// The depth is bounded by [`MAX_DEPTH`](crate::schema::MAX_DEPTH).
    pub fn read(document: Document<'_>) -> Result<Self, Fault> {
        let mut reader = Reader::of(document);
        let mut out = String::with_capacity(document.text().len());
        write_value(&mut reader, &mut out)?;
        reader.finish()?;
        Ok(Self(out.into()))
    }

    /// The text of the value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Json {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        Self::read(Document::whole(text.as_bytes()))
    }
}

impl From<Json> for String {
    fn from(json: Json) -> String {
        json.0.into()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes the next value. The reader bounds how deep this calls itself.
fn write_value(reader: &mut Reader<'_>, out: &mut String) -> Result<(), Fault> {
    match reader.kind()? {
        Kind::Object => {
            reader.open()?;
            let (mut members, mut first) = (BTreeMap::new(), true);
            while let Some(key) = reader.key(first)? {
                first = false;
                let mut value = String::new();
                write_value(reader, &mut value)?;
                members.insert(key.decode().into_owned(), value);
            }
            for (index, (key, value)) in members.iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                write_text(out, key);
                out.push(':');
                out.push_str(value);
            }
            out.push_str(if members.is_empty() { "{}" } else { "}" });
        }
        Kind::Array => {
            reader.open()?;
            out.push('[');
            let mut first = true;
            while reader.item(first)? {
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                write_value(reader, out)?;
            }
            out.push(']');
        }
        Kind::Text => {
            let text = reader.text()?.decode();
            write_text(out, &text);
        }
        Kind::Number | Kind::True | Kind::False | Kind::Null => {
            let start = reader.at();
            reader.skip()?;
            // What the reader takes for a number or a literal is ASCII.
            out.extend(reader.since(start).iter().map(|&byte| char::from(byte)));
        }
    }
    Ok(())
}

/// A text with its quotes and escapes.
pub(super) fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Json, Fault> {
        Json::read(Document::whole(text.as_bytes()))
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        for (text, same) in [
            (" { } ", "{}"),
            ("[ ]", "[]"),
            ("[1, -2.50e3 ,null]", "[1,-2.50e3,null]"),
            (
                r#"{"b":{"d":1,"c":2},"a":"\u0041\n"}"#,
                r#"{"a":"A\n","b":{"c":2,"d":1}}"#,
            ),
            (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
            ("18446744073709551617", "18446744073709551617"),
        ] {
            assert_eq!(read(text).unwrap().as_str(), same, "{text}");
        }
        for text in ["", "{", "[1,]", "nul", "1 2", "{\"a\"}"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn prop_the_canonical_form_is_its_own(text in "[\\[\\]{}\",:a1 .-]{0,30}|\\PC{0,20}") {
            if let Ok(json) = read(&text) {
                prop_assert_eq!(&read(json.as_str()).unwrap(), &json);
            }
        }
    }
}
