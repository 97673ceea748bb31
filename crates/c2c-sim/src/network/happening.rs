//! What a viewer is shown while it happens.

use c2c::connector::Event;
use c2c::snapshot::iso;
use c2c::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened, and when by the right clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    #[serde(with = "iso")]
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened. Connectors are meant by their place in the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A call left.
    Sent {
        /// Who calls.
        from: usize,
        /// Who is called.
        to: usize,
        /// The method.
        method: String,
        /// How long the body is.
        bytes: usize,
        /// When it arrives; none: never.
        #[serde(default, with = "iso::option")]
        arrives: Option<Timestamp>,
    },
    /// An answer left.
    Answered {
        /// Who answers.
        from: usize,
        /// Who called.
        to: usize,
        /// The HTTP status.
        status: u16,
        /// When it arrives; none: never.
        #[serde(default, with = "iso::option")]
        arrives: Option<Timestamp>,
    },
    /// A connector told something of itself.
    Told {
        /// Who.
        node: usize,
        /// What.
        event: Event,
    },
    /// A connector stopped.
    Stopped {
        /// Who.
        node: usize,
    },
    /// A connector started.
    Started {
        /// Who.
        node: usize,
    },
    /// A wire was cut.
    Cut {
        /// One end.
        one: usize,
        /// The other.
        other: usize,
    },
    /// A wire was mended.
    Mended {
        /// One end.
        one: usize,
        /// The other.
        other: usize,
    },
    /// A connector sent something that is not what its engine says.
    Lied {
        /// Who.
        node: usize,
        /// To whom.
        to: usize,
        /// How.
        lie: super::Lie,
    },
}
