//! What a peer that was asked for its full table has still to tell again.

use std::collections::BTreeSet;

use crate::timestamp::Timestamp;

/// What a peer announced before it was asked for everything, less what it told again since.
///
/// What is left when there was time enough, the peer no longer has: its withdrawal got lost, or was never
/// sent. ilp-connector 21.1.10 says nothing of routes that ran out, and renews with every heartbeat what it
/// does not have any more.
#[derive(Clone, Debug)]
pub(super) struct Recount {
    /// When everything should have been told.
    until: Timestamp,
    left: BTreeSet<String>,
    /// Whether it had announced nothing, so that whatever it tells is an answer.
    had_nothing: bool,
    /// Whether anything was told again: if not, the peer did not understand, or forgot the question.
    answered: bool,
}

impl Recount {
    pub fn new(until: Timestamp, left: BTreeSet<String>) -> Self {
        Self {
            until,
            had_nothing: left.is_empty(),
            left,
            answered: false,
        }
    }

    /// `destination` is told, or withdrawn.
    pub fn heard(&mut self, destination: &str) {
        self.answered |= self.left.remove(destination) || self.had_nothing;
    }

    /// Whether anything was told again.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Whether it is over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.answered && self.left.is_empty() || self.until < now
    }

    /// What the peer no longer has.
    pub fn gone(self) -> BTreeSet<String> {
        if self.answered {
            self.left
        } else {
            BTreeSet::new()
        }
    }
}
