//! How long a peer's routes stay good without another word from it.

use crate::timestamp::{Millis, Timestamp};

/// When a peer was last heard, and until when its routes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldDown {
    last_heard: Timestamp,
    until: Timestamp,
}

impl HoldDown {
    /// Heard at `now`, good for `time`.
    pub fn new(now: Timestamp, time: Millis) -> Self {
        Self {
            last_heard: now,
            until: now + time,
        }
    }

    /// When the peer was last heard.
    pub fn last_heard(&self) -> Timestamp {
        self.last_heard
    }

    /// Until when its routes hold.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether at `now` the time is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until < now
    }
}
