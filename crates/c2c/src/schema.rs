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
//!
//! The reading is bounded: no more than [`MAX_LENGTH`] bytes, no deeper than [`MAX_DEPTH`], no more than
//! [`MAX_VIOLATIONS`] faults listed, and no memory that grows with anything but the values handed out.

mod alphabet;
mod cure;
mod members;
mod number;
mod reader;
mod text;
mod update;
mod violation;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(crate) use members::path_of;
pub use members::{Members, Wrong};
use number::plain_integer;
pub use number::{Exact, Number};
pub use reader::{Document, Fault, Kind, Reader};
pub use text::Text;
pub use update::{PointsText, RouteText, Visit, scan, scan_heard};
pub use violation::{Code, Violation};

use alphabet::{ADDRESS, BASE64, PLAIN, is_base64_byte, is_plain_byte};
use cure::{base64_hint, unknown_hint};
use text::TextFault;
use violation::{Found, locate, shorten};

use serde::{Deserialize, Serialize};

/// The most faults that are listed for one document.
pub const MAX_VIOLATIONS: usize = 100;

/// The longest document that is read, in bytes. An RPC body is much shorter; a dump for the visualizer
/// may hold 100,000 routes.
pub const MAX_LENGTH: usize = 64 << 20;

/// How deep arrays and objects may be nested. An update needs five levels, an RPC body nine.
pub const MAX_DEPTH: u32 = 64;

/// Which of the two message formats a document is held against. Never mix them within one document.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Dialect {
    /// As cited by the specification: points as pairs of numbers, no paths. Sent by `send_message`.
    #[serde(rename = "cited")]
    V17,
    /// As deployed in ilp-kit 3: points as base64, paths. Sent by `send_request`.
    #[default]
    #[serde(rename = "deployed")]
    V21,
}

impl Dialect {
    /// The schema as a JSON Schema (draft 7), for tools that want one. [`validate`] gives the same
    /// verdict, but for numbers that floating point would round.
    pub const fn json_schema(self) -> &'static str {
        match self {
            Self::V17 => include_str!("../schemas/routing-update.cited.json"),
            Self::V21 => include_str!("../schemas/routing-update.deployed.json"),
        }
    }
}

/// Holds a routing update against the schema of `dialect`, and lists what is wrong in the order in
/// which it stands there.
///
/// ```
/// use c2c::schema::{Dialect, validate};
/// let heartbeat = br#"{"new_routes": [], "hold_down_time": 4.5e4, "unreachable_through_me": []}"#;
/// assert!(validate(heartbeat, Dialect::V21).is_ok());
///
/// let wrong = br#"{"new_routes": [], "hold_down_time": "45000", "unreachable_through_me": []}"#;
/// let faults = validate(wrong, Dialect::V21).unwrap_err();
/// assert_eq!(faults[0].path, "hold_down_time");
/// assert_eq!((faults[0].line, faults[0].column), (1, 38));
/// assert_eq!(faults[0].hint, "Write the number without quotes.");
/// ```
pub fn validate(bytes: &[u8], dialect: Dialect) -> Result<(), Vec<Violation>> {
    scan(Document::whole(bytes), dialect, &mut ())
}
