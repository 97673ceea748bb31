//! The remote procedure calls of a peer ledger, one method a file.
//!
//! A call is `POST RPC_URI?method=NAME&prefix=PREFIX` with a bearer token; the body is a JSON array, the
//! parameters in order. A result leaves as 200 with JSON. A refusal leaves with an honest status
//! ([`Status`]) and an object with `id` and `message`.
//!
//! DIFFERENCE: ilp-kit 3 answers a failed method with status 200 and the same object, because its
//! framework ignores the status that it sets. We send 422 and, as a caller, understand both.

mod refusal;

pub use refusal::{Refusal, Status};

use std::fmt;

use crate::address::LedgerPrefix;

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
