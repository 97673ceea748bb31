//! What goes wrong: for callers a [`Refusal`] with its status, for the operator a start [`Error`].

use std::fmt;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use c2c::accounts::AccountError;
use c2c::connector;
use c2c::snapshot::ErrorBody;

use crate::config::ConfigError;
use crate::driver::{DriveError, StartError};
use crate::lookup::LookupError;
use crate::secret_file::SecretFileError;
use crate::store::StoreError;
use crate::tls::TlsError;

/// An error answer over HTTP: `{id, message, path?, hint?}` with a fitting status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    body: ErrorBody,
}

impl Refusal {
    /// A refusal with a stable code and a text for people.
    pub fn new(status: StatusCode, id: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            body: ErrorBody {
                id: id.to_owned(),
                message: message.into(),
                path: None,
                hint: None,
            },
        }
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.body.path = Some(path.to_owned());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.body.hint = Some(hint.into());
        self
    }

    /// A field that cannot be what it is.
    pub fn field(path: &str, id: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, id, message).at(path)
    }
}

impl Refusal {
    /// The body alone, for an answer that is not over HTTP.
    pub fn into_body(self) -> ErrorBody {
        self.body
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<DriveError> for Refusal {
    fn from(error: DriveError) -> Self {
        match error {
            DriveError::Stopping => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "STOPPING",
                "The server is stopping and changes nothing any more. Start it again and retry.",
            ),
            DriveError::Refused(error) => {
                let status = match error {
                    connector::Error::UnknownPeer { .. }
                    | connector::Error::UnknownLedger { .. } => StatusCode::NOT_FOUND,
                    connector::Error::DuplicatePeer { .. } => StatusCode::CONFLICT,
                    connector::Error::Account(ref error) => match **error {
                        AccountError::Unknown { .. } => StatusCode::NOT_FOUND,
                        AccountError::Exists { .. } => StatusCode::CONFLICT,
                        AccountError::TooMany { .. } => StatusCode::SERVICE_UNAVAILABLE,
                        _ => StatusCode::UNPROCESSABLE_ENTITY,
                    },
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                };
                Self::new(status, error.code(), error.to_string())
            }
        }
    }
}

impl From<LookupError> for Refusal {
    fn from(error: LookupError) -> Self {
        let status =
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut refusal = Self::new(status, error.code(), error.to_string());
        refusal.body.hint = error.hint();
        refusal
    }
}

/// Why a command ends. [`Error::exit_code`] tells a problem from wrong usage.
#[derive(Debug)]
pub enum Error {
    /// The settings are no good.
    Config(ConfigError),
    /// A secret file is no good.
    SecretFile(SecretFileError),
    /// The database is no good.
    Store(StoreError),
    /// The engine does not start.
    Start(StartError),
    /// The HTTP client cannot be made.
    Client(reqwest::Error),
    /// The certificate is no good.
    Tls(TlsError),
    /// The address to listen on is taken, or not ours.
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A file or folder refuses.
    File {
        /// Which.
        path: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The server could not go on.
    Failed,
    /// A running server refused, or did not answer.
    Remote {
        /// Its error.
        body: ErrorBody,
    },
    /// The command found a problem, and has said so.
    Found,
    /// An argument cannot be what it is.
    Usage {
        /// What is wrong, with the cure.
        message: String,
    },
}

impl Error {
    /// 1 for a problem, 2 for wrong usage.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Usage { .. } => 2,
            _ => 1,
        }
    }

    /// The error as scripts get it.
    pub fn body(&self) -> ErrorBody {
        let id = match self {
            Self::Config(_) => "CONFIG",
            Self::SecretFile(_) => "SECRET_FILE",
            Self::Store(_) => "STORE",
            Self::Start(_) => "START",
            Self::Client(_) => "CLIENT",
            Self::Tls(_) => "TLS",
            Self::Listen { .. } => "LISTEN",
            Self::File { .. } => "FILE",
            Self::Failed => "FAILED",
            Self::Remote { body } => return body.clone(),
            Self::Found => "FOUND",
            Self::Usage { .. } => "USAGE",
        };
        ErrorBody {
            id: id.to_owned(),
            message: self.to_string(),
            path: None,
            hint: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::SecretFile(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Start(error) => error.fmt(f),
            Self::Client(error) => write!(f, "The HTTP client cannot be made: {error}."),
            Self::Tls(error) => error.fmt(f),
            Self::Listen { address, reason } => write!(
                f,
                "{address}: {reason}. Stop what listens there, or choose another address with --listen."
            ),
            Self::File { path, reason } => write!(f, "{path}: {reason}."),
            Self::Failed => write!(
                f,
                "The server stopped because its state could not be stored."
            ),
            Self::Remote { body } => {
                write!(f, "{}: {}", body.id, body.message)?;
                match &body.hint {
                    Some(hint) => write!(f, " {hint}"),
                    None => Ok(()),
                }
            }
            Self::Found => write!(f, "There is a problem."),
            Self::Usage { message } => message.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

macro_rules! from {
    ($($variant:ident($source:ty)),*) => {$(
        impl From<$source> for Error {
            fn from(error: $source) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

from!(
    Config(ConfigError),
    SecretFile(SecretFileError),
    Store(StoreError),
    Start(StartError),
    Client(reqwest::Error),
    Tls(TlsError)
);
