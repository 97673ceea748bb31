//! Messages over a peer ledger, one kind a file.
//!
//! Every message travels in an [`Envelope`]: which ledger, from which account to which, and what is in
//! it: a binary packet (`ilp`), a call in the dialect of ilp-kit 3 (`custom`) or one in the dialect that
//! the specification cites (`data`). A response is an envelope too, with `from` and `to` swapped; it
//! always names all three, for ilp-plugin-virtual 16 throws without them.
//!
//! DIFFERENCE: an envelope with the deprecated member `account` is checked like any other.
//! ilp-plugin-virtual 16 leaves out the checks of `ledger`, `from` and `to` there.

mod broadcast_routes;
mod contents;
mod envelope;
mod error;
#[cfg(test)]
mod properties;
mod quote_message;

pub use broadcast_routes::{
    BROADCAST_ROUTES, HeardRecord, HeardUpdate, Points, PointsError, RouteRecord, RoutingUpdate,
    Shared, UnusableRoute,
};
pub use contents::{Contents, validate};
pub use envelope::{Call, Envelope};
pub use error::MessageError;
pub use quote_message::{
    QUOTE_ERROR, QUOTE_REQUEST, QUOTE_RESPONSE, QuoteFault, QuoteRequest, QuoteResponse,
    QuotedAmount,
};

use crate::address::{IlpAddress, LedgerPrefix};

/// Who speaks to whom on which ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties<'a> {
    /// The peer ledger.
    pub ledger: &'a LedgerPrefix,
    /// The sender's account on it.
    pub from: &'a IlpAddress,
    /// The receiver's account on it.
    pub to: &'a IlpAddress,
}

impl<'a> Parties<'a> {
    /// The way back.
    pub const fn reversed(self) -> Self {
        Self {
            ledger: self.ledger,
            from: self.to,
            to: self.from,
        }
    }
}
