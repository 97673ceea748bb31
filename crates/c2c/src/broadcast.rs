//! Route broadcasts: what a peer's update does to our tables, and what each peer is to be told.
//!
//! Facts are those of ilp-connector 21.1.10 (`MessageRouter#receiveRoutes`, `RouteBroadcaster`); what
//! is sent follows the specification where the two differ (spec, Route broadcasts): a changed curve
//! is told again, and every loss is told, to each peer what can no longer be reached from its ledger.
//!
//! # Invariants
//! - Nothing that is told promises more than our tables can carry, nor a number over 2^53 − 1.
//! - A destination that starts with `peer.` is neither taken nor told, nor is the default route told.
//! - What a peer sends costs a bounded amount of memory, refused routes included.

mod hold_down;
mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;

pub use hold_down::HoldDown;
pub use incoming::{Incoming, IncomingSettings, Outcome, Refusal, RefusedRoute, TooGoodPolicy};
pub use outgoing::{Outgoing, OutgoingSettings};
