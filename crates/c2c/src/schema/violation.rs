//! One fault of a document, and the stable codes.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Fault;

/// What kind of fault it is. The text form is stable: programs may compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The bytes are not JSON.
    Syntax,
    /// A text is not UTF-8.
    NotUtf8,
    /// The document is longer than is read.
    TooLong,
    /// Arrays and objects nested deeper than is read.
    TooDeep,
    /// A value of the wrong type.
    Type,
    /// A member that must be there is not.
    Required,
    /// A member that must not be there is.
    UnknownMember,
    /// A number below the least that may stand there.
    Minimum,
    /// A number that is not whole.
    NotWhole,
    /// A number too large for any reader.
    TooLarge,
    /// A text that is not an address.
    Address,
    /// A text that is not standard base64.
    Base64,
    /// A text that is not a time.
    Time,
    /// An array with too few or too many items.
    ItemCount,
    /// Bytes that are no packet.
    Packet,
    /// A text that is not a decimal.
    Decimal,
}

impl Code {
    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "JSON_SYNTAX",
            Self::NotUtf8 => "NOT_UTF8",
            Self::TooLong => "TOO_LONG",
            Self::TooDeep => "TOO_DEEP",
            Self::Type => "TYPE",
            Self::Required => "REQUIRED",
            Self::UnknownMember => "UNKNOWN_MEMBER",
            Self::Minimum => "MINIMUM",
            Self::NotWhole => "NOT_WHOLE",
            Self::TooLarge => "TOO_LARGE",
            Self::Address => "ADDRESS",
            Self::Base64 => "BASE64",
            Self::Time => "TIME",
            Self::ItemCount => "ITEM_COUNT",
            Self::Packet => "PACKET",
            Self::Decimal => "DECIMAL",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One fault: what, where, and how to cure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What kind of fault.
    pub code: Code,
    /// Where in the document, such as `new_routes[3].points`; empty for the document itself.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in characters.
    pub column: u32,
    /// What stands there, shortened; empty where something is missing.
    pub value: String,
    /// What is wrong.
    pub message: String,
    /// The cure.
    pub hint: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violation {}

impl Violation {
    /// The fault of a document that cannot be read at all. `bytes` are what was read.
    pub fn of_fault(bytes: &[u8], fault: Fault) -> Self {
        let found = match bytes.get(fault.at..).and_then(first_character) {
            Some(character) => format!("{character:?}"),
            None => "the end".to_owned(),
        };
        let (message, hint) = match fault.code {
            Code::TooLong => (
                format!("The document is {} bytes long.", bytes.len()),
                format!("It may be {}; send it in parts.", fault.expected),
            ),
            Code::TooDeep => (
                "Arrays and objects are nested too deep.".to_owned(),
                format!("There may be {}.", fault.expected),
            ),
            Code::NotUtf8 => (
                "A text is not UTF-8.".to_owned(),
                "Save the document as UTF-8.".to_owned(),
            ),
            _ => (
                format!(
                    "This is not JSON: expected {}, found {found}.",
                    fault.expected
                ),
                syntax_hint(bytes, fault.at).to_owned(),
            ),
        };
        Self::at(bytes, fault.code, fault.at, String::new(), message, hint)
    }
}

impl Violation {
    /// A fault at byte `at` of `bytes`, for readers of other documents than updates.
    pub fn at(
        bytes: &[u8],
        code: Code,
        at: usize,
        path: String,
        message: String,
        hint: String,
    ) -> Self {
        let value = bytes.get(at..).map(shorten).unwrap_or_default();
        let found = Found {
            code,
            at,
            path,
            value,
            message,
            hint,
        };
        locate(bytes, vec![found]).remove(0)
    }
}

impl Violation {
    /// Faults that were found in any order, in that of the document.
    pub(crate) fn in_order(mut faults: Vec<Self>) -> Vec<Self> {
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults
    }
}

/// A fault whose line and column are not counted yet.
pub(super) struct Found {
    pub code: Code,
    pub at: usize,
    pub path: String,
    pub value: String,
    pub message: String,
    pub hint: String,
}

/// Puts faults into the order of the document, and counts lines and columns in one pass over it.
pub(super) fn locate(bytes: &[u8], listed: Vec<Found>) -> Vec<Violation> {
    // At most a hundred, and nearly in order already: each is put where it belongs.
    let mut found: Vec<Found> = Vec::with_capacity(listed.len());
    for fault in listed {
        let place = found.partition_point(|other| other.at <= fault.at);
        found.insert(place, fault);
    }
    let (mut line, mut column, mut at) = (1u32, 1u32, 0);
    found
        .into_iter()
        .map(|fault| {
            for &byte in &bytes[at..fault.at.min(bytes.len()).max(at)] {
                match byte {
                    b'\n' => (line, column) = (line.saturating_add(1), 1),
                    // The following bytes of a character are no columns of their own.
                    0x80..0xC0 => {}
                    _ => column = column.saturating_add(1),
                }
            }
            at = at.max(fault.at.min(bytes.len()));
            Violation {
                code: fault.code,
                path: fault.path,
                line,
                column,
                value: fault.value,
                message: fault.message,
                hint: fault.hint,
            }
        })
        .collect()
}

/// The beginning of a value as it stands in the document, on one line.
pub(super) fn shorten(raw: &[u8]) -> String {
    const MOST: usize = 40;
    // Four bytes are the most that a character takes.
    let cut = &raw[..raw.len().min(MOST * 4)];
    let text = String::from_utf8_lossy(cut);
    let mut shown: String = text
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if cut.len() < raw.len() || text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

fn first_character(bytes: &[u8]) -> Option<char> {
    String::from_utf8_lossy(&bytes[..bytes.len().min(4)])
        .chars()
        .next()
}

fn syntax_hint(bytes: &[u8], at: usize) -> &'static str {
    let before = bytes[..at.min(bytes.len())].trim_ascii_end();
    match bytes.get(at) {
        _ if bytes.starts_with(b"\xEF\xBB\xBF") => "Remove the byte order mark at the beginning.",
        None => "The end is missing: copy the whole document.",
        Some(b'<') if before.is_empty() => "This looks like a web page; ask for the JSON document.",
        Some(b'\'') => "Use double quotes.",
        Some(b'}' | b']') if before.ends_with(b",") => "Remove the comma before it.",
        Some(b'/' | b'#') => "Remove comments: JSON has none.",
        Some(b'+') => "Write the number without the plus sign.",
        Some(b'.') => "Write a digit before the point.",
        Some(b'N' | b'I') => "JSON has no NaN and no Infinity: write a number.",
        _ => "Correct the document here.",
    }
}
