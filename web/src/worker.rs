//! Long work beside the page: reading what is large, stepping through recordings, simulating networks.
//!
//! The worker is the same wasm with another beginning. [`Ask`] goes in and [`Told`] comes out as JSON,
//! with a file or a packed book beside it. What takes too long is ended with its worker.

mod inside;
mod outside;

use serde::{Deserialize, Serialize};

pub use inside::serve;
pub use outside::Beside;

use crate::open::{Progress, Report, Wrong};

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// To read the file that comes with it, at this time in milliseconds.
    Open {
        /// When.
        now: u64,
    },
    /// To fetch a link and read what it answers.
    Fetch {
        /// The whole address.
        url: String,
        /// When.
        now: u64,
    },
    /// For the routes at a moment of the recording that was read.
    Seek {
        /// Which moment, from 0.
        frame: usize,
    },
    /// To do something in the lab, by its number: an order as it is written.
    Lab(u64, String),
}

/// What the worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// It is still at it.
    Progress(Progress),
    /// It read the file; the book comes with it.
    Opened(Box<Report>),
    /// It could not.
    Wrong(Wrong),
    /// The book of a moment comes with it.
    Moment {
        /// Which moment.
        frame: usize,
    },
    /// What comes of the order of that number: a reply as it is written.
    Lab(u64, String),
}
