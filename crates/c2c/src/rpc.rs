//! The remote procedure calls of a peer ledger, one method a file.
//!
//! A call is `POST RPC_URI?method=NAME&prefix=PREFIX` with a bearer token; the body is a JSON array, the
//! parameters in order. A result leaves as 200 with JSON. A refusal leaves with an honest status
//! ([`Status`]) and an object with `id` and `message`.
//!
//! DIFFERENCE: ilp-kit 3 answers a failed method with status 200 and the same object, because its
//! framework ignores the status that it sets. We send 422 and, as a caller, understand both.

mod answer;
mod parameter;
mod refusal;
#[cfg(test)]
mod tests;

pub mod expire_transfer;
pub mod fulfill_condition;
pub mod get_balance;
pub mod get_limit;
pub mod reject_incoming_transfer;
pub mod send_message;
pub mod send_request;
pub mod send_transfer;

pub use answer::AnswerError;
pub use refusal::{Refusal, Status};

use answer::{number, read_true, result};
use parameter::Parameters;

use std::fmt;

use crate::address::LedgerPrefix;
use crate::ledger::{Fulfillment, Json, Transfer, TransferId};
use crate::message::Envelope;
use crate::schema::{Code, Dialect, Violation};

/// The longest body that is read, in bytes: what ilp-kit 3 takes.
pub const MAX_BODY: usize = 1 << 20;

/// A method of the RPC, by the names of ilp-plugin-virtual 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// The most that the called side lets the caller owe it.
    GetLimit,
    /// The called side's own balance.
    GetBalance,
    /// A message that is answered by a message: routes, quotes.
    SendRequest,
    /// A message without an answer, for peers older than ilp-kit 3.
    SendMessage,
    /// A transfer is prepared, or made at once.
    SendTransfer,
    /// The receiver of a transfer executes it.
    FulfillCondition,
    /// The receiver of a transfer refuses it.
    RejectIncomingTransfer,
    /// A transfer has run out.
    ExpireTransfer,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 8] = [
        Self::GetLimit,
        Self::GetBalance,
        Self::SendRequest,
        Self::SendMessage,
        Self::SendTransfer,
        Self::FulfillCondition,
        Self::RejectIncomingTransfer,
        Self::ExpireTransfer,
    ];

    /// The name in the URL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GetLimit => "get_limit",
            Self::GetBalance => "get_balance",
            Self::SendRequest => "send_request",
            Self::SendMessage => "send_message",
            Self::SendTransfer => "send_transfer",
            Self::FulfillCondition => "fulfill_condition",
            Self::RejectIncomingTransfer => "reject_incoming_transfer",
            Self::ExpireTransfer => "expire_transfer",
        }
    }

    /// The method of this name, or the refusal to send back.
    pub fn from_name(name: &str) -> Result<Self, Refusal> {
        Self::ALL
            .into_iter()
            .find(|method| method.name() == name)
            .ok_or_else(|| Refusal::unknown_method(name))
    }

    /// The method that carries routing updates of `dialect`.
    pub const fn for_routes(dialect: Dialect) -> Self {
        match dialect {
            Dialect::V17 => Self::SendMessage,
            Dialect::V21 => Self::SendRequest,
        }
    }

    /// The URL of a call. `rpc_uri` has no query of its own; nothing in it needs escaping.
    ///
    /// ```
    /// use c2c::{address::LedgerPrefix, rpc::Method};
    /// let prefix = LedgerPrefix::new("peer.OR5Df.usd.9.")?;
    /// assert_eq!(
    ///     Method::GetLimit.url("https://wallet2.com/rpc", &prefix),
    ///     "https://wallet2.com/rpc?method=get_limit&prefix=peer.OR5Df.usd.9."
    /// );
    /// # Ok::<(), c2c::address::AddressError>(())
    /// ```
    pub fn url(self, rpc_uri: &str, prefix: &LedgerPrefix) -> String {
        format!("{rpc_uri}?method={self}&prefix={prefix}")
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A call that came in: which method, and its parameters, well formed but not held against any ledger.
#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// [`Method::GetLimit`].
    GetLimit,
    /// [`Method::GetBalance`].
    GetBalance,
    /// [`Method::SendRequest`] with its message.
    SendRequest(Box<Envelope<'a>>),
    /// [`Method::SendMessage`] with its message.
    SendMessage(Box<Envelope<'a>>),
    /// [`Method::SendTransfer`] with its transfer.
    SendTransfer(Box<Transfer>),
    /// [`Method::FulfillCondition`]: which transfer is executed, and by what.
    FulfillCondition(TransferId, Fulfillment),
    /// [`Method::RejectIncomingTransfer`]: which transfer is refused, and why.
    RejectIncomingTransfer(TransferId, Option<Json>),
    /// [`Method::ExpireTransfer`]: which transfer has run out.
    ExpireTransfer(TransferId),
}

impl<'a> Request<'a> {
    /// Reads the body of a call.
    ///
    /// ```
    /// use c2c::rpc::{Method, Request};
    /// assert!(matches!(Request::read(Method::GetLimit, b"[]"), Ok(Request::GetLimit)));
    /// let refusal = Request::read(Method::SendRequest, b"[{}]").unwrap_err();
    /// assert_eq!(refusal.status.code(), 422);
    /// assert_eq!(refusal.path.as_deref(), Some("[0].ledger"));
    /// ```
    pub fn read(method: Method, body: &'a [u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY {
            return Err(Refusal::too_large());
        }
        Self::read_or_fault(method, body).map_err(|fault| Refusal::invalid_fields(&fault))
    }

    fn read_or_fault(method: Method, body: &'a [u8]) -> Result<Self, Violation> {
        let parameters = Parameters::read(body)?;
        match method {
            Method::GetLimit => Ok(Self::GetLimit),
            Method::GetBalance => Ok(Self::GetBalance),
            Method::SendRequest => send_request::read(&parameters)
                .map(Box::new)
                .map(Self::SendRequest),
            Method::SendMessage => send_request::read(&parameters)
                .map(Box::new)
                .map(Self::SendMessage),
            Method::SendTransfer => send_transfer::read(&parameters)
                .map(Box::new)
                .map(Self::SendTransfer),
            Method::FulfillCondition => fulfill_condition::read(&parameters)
                .map(|(id, fulfillment)| Self::FulfillCondition(id, fulfillment)),
            Method::RejectIncomingTransfer => reject_incoming_transfer::read(&parameters)
                .map(|(id, reason)| Self::RejectIncomingTransfer(id, reason)),
            Method::ExpireTransfer => expire_transfer::read(&parameters).map(Self::ExpireTransfer),
        }
    }
}

/// All that is wrong with the body of a call, in the order of the document: the parameters, and what they carry to
/// the bottom, such as the routes of an update in a message.
///
/// ```
/// use c2c::rpc::{self, Method};
/// assert_eq!(rpc::validate(Method::GetBalance, b"[]"), Ok(()));
/// let faults = rpc::validate(Method::SendTransfer, br#"[{"id": "1", "amount": 5}]"#).unwrap_err();
/// let paths: Vec<&str> = faults.iter().map(|fault| &*fault.path).collect();
/// assert_eq!(paths, ["[0].ledger", "[0].from", "[0].to", "[0].amount"]);
/// ```
pub fn validate(method: Method, body: &[u8]) -> Result<(), Vec<Violation>> {
    if body.len() > MAX_BODY {
        let message = format!("The body is longer than {MAX_BODY} bytes.");
        let hint = "Send the routes in several updates.".to_owned();
        return Err(vec![Violation::at(
            body,
            Code::TooLong,
            0,
            String::new(),
            message,
            hint,
        )]);
    }
    let parameters = Parameters::read(body).map_err(|fault| vec![fault])?;
    match method {
        Method::SendRequest | Method::SendMessage => send_request::validate(&parameters),
        Method::SendTransfer => send_transfer::validate(&parameters),
        Method::GetLimit
        | Method::GetBalance
        | Method::FulfillCondition
        | Method::RejectIncomingTransfer
        | Method::ExpireTransfer => Request::read_or_fault(method, body)
            .map(drop)
            .map_err(|fault| vec![fault]),
    }
}
