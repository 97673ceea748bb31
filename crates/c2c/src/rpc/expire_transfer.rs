//! `expire_transfer`: the caller says that a transfer has run out.
//!
//! DIFFERENCE: we take this call and never make it. ilp-plugin-virtual 16 calls it from both sides, and
//! where the sender's call comes first the receiver's balance stays too high for good. Every side lets run
//! out by its own clock, so nobody needs to be told.

use super::{Method, Parameters};
use crate::ledger::TransferId;
use crate::schema::{Code, Violation};

/// The method.
pub const METHOD: Method = Method::ExpireTransfer;

/// Reads the id in the parameters.
pub(super) fn read(parameters: &Parameters<'_>) -> Result<TransferId, Violation> {
    let hint = "Send an array with the id of the transfer, a text.";
    parameters.text(0, "id", Code::ItemCount, hint, TransferId::new)
}
