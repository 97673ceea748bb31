//! `send_transfer`: the caller pays the called side; with a condition the amount is put on hold.

use super::{AnswerError, Method, Parameters, read_true};
use crate::ledger::{Transfer, TransferError};
use crate::schema::{Document, Violation};

/// The method.
pub const METHOD: Method = Method::SendTransfer;

/// The body of a call: the transfer is the only parameter.
///
/// ```
/// use c2c::address::LedgerPrefix;
/// use c2c::amount::Amount;
/// use c2c::ledger::Transfer;
/// use c2c::rpc::{Method, Request, send_transfer};
/// let ledger = LedgerPrefix::new("peer.OR5Df.usd.9.")?;
/// let (us, them) = (ledger.account("us")?, ledger.account("them")?);
/// let transfer = Transfer::new("1".parse()?, ledger, us, them, Amount::new(107));
/// let body = send_transfer::body(&transfer);
/// let read = Request::read(Method::SendTransfer, body.as_bytes())?;
/// assert!(matches!(read, Request::SendTransfer(read) if *read == transfer));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn body(transfer: &Transfer) -> String {
    format!("[{}]", transfer.write())
}

/// Reads the transfer in the parameters. Whether the ledger takes it is the next question.
pub(super) fn read(parameters: &Parameters<'_>) -> Result<Transfer, Violation> {
    Transfer::read(required(parameters)?, "[0]").map_err(TransferError::into_violation)
}

/// Checks the transfer in the parameters.
pub(super) fn validate(parameters: &Parameters<'_>) -> Result<(), Vec<Violation>> {
    let transfer = required(parameters).map_err(|fault| vec![fault])?;
    Transfer::validate(transfer, "[0]")
}

fn required<'a>(parameters: &Parameters<'a>) -> Result<Document<'a>, Violation> {
    parameters.required(0, "transfer", "Send an array with one transfer.")
}

/// Makes sure that the peer has taken the transfer.
pub fn read_answer(status: u16, body: &[u8]) -> Result<(), AnswerError> {
    read_true(status, body)
}
