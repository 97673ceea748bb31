//! Why a command stopped, in words that say what to do.

use std::fmt;

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// Something is missing that we could not install: what, and how to get it.
    Missing(String),
    /// A program that we ran failed; its own words are above.
    Program {
        /// The command line, shortened.
        command: String,
        /// How it ended.
        ended: String,
    },
    /// A file could not be read or written.
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// What was built is not what it has to be.
    Wrong(String),
}

impl Failure {
    /// 2 for wrong usage, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }

    /// For `map_err` beside a file's path.
    pub fn file(path: impl fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_string();
        move |error| Self::File { path, error }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Missing(text) | Self::Wrong(text) => f.write_str(text),
            Self::Program { command, ended } => write!(f, "`{command}` {ended}"),
            Self::File { path, error } => write!(f, "{path}: {error}"),
        }
    }
}

impl std::error::Error for Failure {}
