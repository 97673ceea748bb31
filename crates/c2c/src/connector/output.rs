//! What a connector wants done.

use std::fmt;

use crate::accounts;
use crate::address::LedgerPrefix;
use crate::ledger;
use crate::peering::AuthToken;
use crate::rpc::Method;
use crate::snapshot::Event;
use crate::timestamp::Millis;

use super::{CallId, Peer, RequestId};

/// One thing to do. They are to be done in the order in which they are polled.
#[derive(Clone, Debug)]
pub enum Output {
    /// Answer the RPC call of this id, once everything before it is stored.
    Answer(Answer),
    /// Call a peer, once everything before it is stored, and report the end by
    /// [`super::Input::CallDone`].
    Call(Call),
    /// Make this durable before any later answer or call is let out.
    Persist(Change),
    /// Tell whoever watches: logs, server-sent events.
    Event(Event),
}

/// The answer to an RPC call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The call.
    pub id: RequestId,
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: Vec<u8>,
}

/// A `POST` to a peer, with `Content-Type` and `Accept` `application/json`.
#[derive(Clone)]
pub struct Call {
    /// Comes back with the end of the call.
    pub id: CallId,
    /// Whom it is for.
    pub peer: LedgerPrefix,
    /// What is called.
    pub method: Method,
    /// The whole URL, query included.
    pub url: String,
    /// Goes into `Authorization: Bearer …`.
    pub bearer: AuthToken,
    /// A JSON array.
    pub body: Vec<u8>,
    /// How long to wait for the whole answer.
    pub timeout: Millis,
}

impl fmt::Debug for Call {
    /// Without the token, and with the body's length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("url", &self.url)
            .field("body", &self.body.len())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// What must outlive the process.
#[derive(Clone, Debug)]
pub enum Change {
    /// A peer is new, or something of it changed: replace what is stored under its prefix.
    PeerSaved(Box<Peer>),
    /// Something happened on the ledger with a peer: replace the row of the transfer, set balance and
    /// sequence of the ledger, all in one transaction.
    LedgerMoved {
        /// The ledger.
        ledger: LedgerPrefix,
        /// What happened.
        entry: Box<ledger::Entry>,
    },
    /// Something happened on a ledger of our own: replace the rows of the payment, of the accounts and of the
    /// invoice that are in the entry, and set the sequence of the ledger, all in one transaction.
    AccountsMoved {
        /// The ledger.
        ledger: LedgerPrefix,
        /// What happened.
        entry: Box<accounts::Entry>,
    },
    /// A peer is gone, and what is stored of its ledger with it.
    PeerRemoved(LedgerPrefix),
}
