//! What came back of a call.

use std::fmt;

use crate::message::MessageError;
use crate::packet::{IlpError, PacketError};
use crate::schema::{Document, Exact, Kind, Reader, Violation};

/// Why a call that was answered did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// 401: the peer does not know this peering (yet).
    NotAdded,
    /// 403: the peer refuses the token.
    TokenRefused,
    /// The method failed on the other side. ilp-kit 3 says so with status 200.
    Failed {
        /// The status that it came with.
        status: u16,
        /// The class of the error.
        id: String,
        /// What the peer says.
        message: String,
    },
    /// Another status than 200.
    Status(u16),
    /// The answer is not JSON.
    NotJson(Box<Violation>),
    /// The answer is JSON of another kind.
    Unexpected {
        /// What it must be.
        wanted: &'static str,
        /// What it is, shortened.
        found: String,
    },
    /// The answer is a message with an error packet: what we asked for was not done.
    Refused(Box<IlpError>),
    /// The answer is a message with a packet that cannot be read.
    Packet(PacketError),
    /// The answer is no message, or not one from the peer to us.
    Message(MessageError),
}

impl AnswerError {
    /// The stable code, where the set-up has one for it.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotAdded => Some("RPC_401"),
            Self::TokenRefused => Some("RPC_403"),
            Self::Failed { .. } => Some("RPC_ERROR"),
            _ => None,
        }
    }

    /// The class of the error, where the method failed on the other side and said so in words: what it was
    /// called for was not done.
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::Failed { id, .. } => Some(id),
            _ => None,
        }
    }

    pub(super) fn unexpected(wanted: &'static str, body: &[u8]) -> Self {
        Self::Unexpected {
            wanted,
            found: shown(&String::from_utf8_lossy(&body[..body.len().min(200)])),
        }
    }
}

/// The result in an answer: nothing but 200 will do, and an object with `id` and `message` and without
/// `ledger` is a failure whatever its status.
pub(super) fn result(status: u16, body: &[u8]) -> Result<Document<'_>, AnswerError> {
    match status {
        401 => return Err(AnswerError::NotAdded),
        403 => return Err(AnswerError::TokenRefused),
        _ => {}
    }
    let mut reader = Reader::new(body);
    let read = reader.document().and_then(|document| {
        reader.finish()?;
        Ok(document)
    });
    if let Some((id, message)) = read.ok().and_then(failure) {
        return Err(AnswerError::Failed {
            status,
            id,
            message,
        });
    }
    if status != 200 {
        return Err(AnswerError::Status(status));
    }
    read.map_err(|fault| AnswerError::NotJson(Box::new(Violation::of_fault(body, fault))))
}

/// A result that is `true`: the peer has taken what we said.
pub(super) fn read_true(status: u16, body: &[u8]) -> Result<(), AnswerError> {
    match result(status, body)?.text() {
        b"true" => Ok(()),
        _ => Err(AnswerError::unexpected("true", body)),
    }
}

/// A result that is a number or a text of one.
pub(super) fn number(status: u16, body: &[u8]) -> Result<Exact, AnswerError> {
    let document = result(status, body)?;
    let mut reader = Reader::of(document);
    let text;
    let mut reader = match reader.kind() {
        Ok(Kind::Text) => {
            text = match reader.text() {
                Ok(text) => text.decode(),
                Err(_) => return Err(AnswerError::unexpected("a number", body)),
            };
            Reader::new(text.as_bytes())
        }
        _ => reader,
    };
    reader
        .number()
        .and_then(|number| {
            reader.finish()?;
            Ok(number.exact())
        })
        .map_err(|_| AnswerError::unexpected("a number", body))
}

/// `id` and `message` of a failed method.
fn failure(document: Document<'_>) -> Option<(String, String)> {
    let mut reader = Reader::of(document);
    if reader.kind().ok()? != Kind::Object {
        return None;
    }
    reader.open().ok()?;
    let (mut id, mut message, mut first) = (None, None, true);
    while let Some(key) = reader.key(first).ok()? {
        first = false;
        let slot = match &*key.decode() {
            "id" => &mut id,
            "message" => &mut message,
            "ledger" => return None,
            _ => {
                reader.skip().ok()?;
                continue;
            }
        };
        *slot = match reader.kind().ok()? {
            Kind::Text => Some(shown(&reader.text().ok()?.decode())),
            _ => {
                reader.skip().ok()?;
                None
            }
        };
    }
    Some((id?, message?))
}

/// What a peer says, no longer than a line.
fn shown(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

impl From<MessageError> for AnswerError {
    fn from(error: MessageError) -> Self {
        Self::Message(error)
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAdded => f.write_str(
                "The peer does not know this peering. Ask its operator to add us with the same currency and scale.",
            ),
            Self::TokenRefused => f.write_str(
                "The peer knows the prefix but refuses the token. Exchange tokens again.",
            ),
            Self::Failed {
                status,
                id,
                message,
            } => write!(f, "The peer answered {status} with error \"{message}\" ({id})."),
            Self::Status(status) => write!(
                f,
                "The peer answered {status}. Ask its operator to route the RPC address to the connector."
            ),
            Self::NotJson(violation) => write!(f, "The peer's answer cannot be read: {violation}"),
            Self::Unexpected { wanted, found } => {
                write!(f, "The peer answered {found:?} where {wanted} belongs.")
            }
            Self::Refused(error) => {
                let message = error.message().unwrap_or_default();
                write!(f, "The peer refused: {} {} {}", error.code, shown(&error.name), shown(&message))
            }
            Self::Packet(error) => write!(f, "The peer's answer has a broken packet: {error}"),
            Self::Message(error) => write!(f, "The peer's answer is not for us: {error}"),
        }
    }
}

impl std::error::Error for AnswerError {}
