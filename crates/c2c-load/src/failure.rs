//! Why a run ended early, in a sentence.

use std::fmt;

/// What went wrong.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure in words.
    pub fn new(text: impl fmt::Display) -> Self {
        Self(text.to_string())
    }

    /// `what` could not be done because of an error.
    pub fn of<E: fmt::Display>(what: &str) -> impl Fn(E) -> Self {
        let what = what.to_owned();
        move |error| Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
