//! One fault of a document, and the stable codes.

use std::fmt;

use serde::{Serialize, Serializer};

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
    /// An array with too few or too many items.
    ItemCount,
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
            Self::ItemCount => "ITEM_COUNT",
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
