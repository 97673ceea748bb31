//! Routing updates as JSON: one pass over the bytes that either hands out what stands there or lists
//! what is wrong, each fault with its path, line, column, value and cure.
//!
//! Two dialects exist. [`Dialect::V17`] is what the specification cites: the RoutingUpdate schema of
//! ilp-connector 17.0.2 with the Routes schema of five-bells-shared 22.0.1. [`Dialect::V21`] is what
//! ilp-kit 3 spoke: ilp-connector 21.1.10 with five-bells-shared 25.1.1. Both are written down in our
//! own words in `crates/c2c/schemas`.
//!
//! A schema fault refuses the whole document, as in 2017. A curve that passes the schema and makes no
//! sense (points out of order, a length that is no multiple of 16) is not a schema fault: `message`
//! keeps it on its route, and only that route is skipped.

mod violation;

pub use violation::{Code, Violation};

use serde::{Deserialize, Serialize};

/// Which of the two message formats a document is held against. Never mix them within one document.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// As cited by the specification: points as pairs of numbers, no paths. Sent by `send_message`.
    #[serde(rename = "cited")]
    V17,
    /// As deployed in ilp-kit 3: points as base64, paths. Sent by `send_request`.
    #[default]
    #[serde(rename = "deployed")]
    V21,
}

/// The most faults that are listed for one document.
pub const MAX_VIOLATIONS: usize = 100;
