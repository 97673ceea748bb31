//! What a connector is told.

use std::fmt;

use crate::accounts::{self, Account, AccountName, Invoice};
use crate::address::LedgerPrefix;
use crate::amount::Amount;
use crate::key::PublicKey;
use crate::ledger::{Fulfillment, Json, Record, Transfer, TransferId};
use crate::peering::Details;
use crate::quote::Question;
use crate::schema::Dialect;
use crate::timestamp::Timestamp;

use super::{Decimal, NewPayment, Rates};

/// One thing that happened outside. Time comes beside it.
#[derive(Clone, Debug)]
pub enum Input {
    /// The operator added a peer. It is called at once, and the change is handed out to be stored.
    AddPeer(Box<Peer>),
    /// A peer that was stored before. As [`Input::AddPeer`], but nothing is handed out to be stored.
    RestorePeer(Box<Peer>),
    /// What was stored of the ledger with a peer, after the peer itself and before anything else happens.
    /// What the peer still has to be told is told then, and payments go on where they stopped.
    RestoreLedger {
        /// The ledger.
        ledger: LedgerPrefix,
        /// The number of its last entry.
        sequence: u64,
        /// Its transfers: all that are on hold, all of which something is still to be told, all whose
        /// time is not over; others as far as they shall be remembered.
        transfers: Vec<Record>,
    },
    /// What was stored of a ledger of our own, before anything else happens. Payments go on where they stopped.
    RestoreAccounts(Box<StoredAccounts>),
    /// The operator opens an account on a ledger of our own. The same again is a repeat.
    OpenAccount {
        /// The ledger.
        ledger: LedgerPrefix,
        /// The account's name there.
        name: AccountName,
        /// What our own account pays it to begin with.
        balance: Amount,
        /// It never falls below this by a payment.
        minimum: i128,
    },
    /// An account on a ledger of our own is to be paid: whoever pays gets the preimage.
    MakeInvoice {
        /// The ledger.
        ledger: LedgerPrefix,
        /// Who is to be paid, what, and until when.
        invoice: Box<NewInvoice>,
    },
    /// An account on a ledger of our own pays. It is answered by one [`super::Output::Answer`] of this id, when
    /// the payment has ended, or cannot begin.
    Pay {
        /// A number of the caller's choice that comes back with the answer.
        id: RequestId,
        /// The payment.
        payment: Box<NewPayment>,
    },
    /// The operator asks what arrives, or what it takes. It is answered by one [`super::Output::Answer`] of this
    /// id.
    Quote {
        /// A number of the caller's choice that comes back with the answer.
        id: RequestId,
        /// The ledger of ours that the money would come from.
        ledger: LedgerPrefix,
        /// What is asked.
        question: Box<Question>,
    },
    /// Somebody here pays a peer. Refused where the ledger refuses it; otherwise the peer is called until it
    /// answers or the transfer has run out. The same again is a repeat.
    SendTransfer(Box<Transfer>),
    /// Whom a transfer of a peer was for executes it.
    FulfillTransfer {
        /// The ledger with the peer.
        ledger: LedgerPrefix,
        /// The transfer.
        id: TransferId,
        /// What executes it.
        fulfillment: Fulfillment,
    },
    /// Whom a transfer of a peer was for refuses it.
    RejectTransfer {
        /// The ledger with the peer.
        ledger: LedgerPrefix,
        /// The transfer.
        id: TransferId,
        /// Why.
        reason: Option<Json>,
    },
    /// The operator removed a peer: its routes go, and others are told.
    RemovePeer(LedgerPrefix),
    /// The operator changed the most that a peer may owe us. Curves move at the next broadcast.
    SetLimit(LedgerPrefix, Amount),
    /// Rates changed. Curves move at the next broadcast; what is newly tradable is told at once.
    SetRates(Rates),
    /// The share that is kept of every exchange changed. Curves move at the next broadcast.
    SetSpread(Decimal),
    /// The record of the peer's host was looked up, and publishes this key. Another one than the peering was
    /// made with raises an alarm, which stands until the old one is seen again or the peering ends.
    KeySeen(LedgerPrefix, PublicKey),
    /// The operator wants the peering checked now rather than at its next turn.
    CheckPeer(LedgerPrefix),
    /// The operator wants the two sides of a ledger compared: the peer is asked for its balance. See
    /// [`super::Connector::reconciliation`] when that call is over.
    AskBalance(LedgerPrefix),
    /// Somebody called `POST /rpc`. It is answered by one [`super::Output::Answer`] of the same id.
    Request(Request),
    /// A call that was asked for by [`super::Output::Call`] is over.
    CallDone {
        /// Which call.
        id: CallId,
        /// How it ended.
        outcome: CallOutcome,
    },
    /// The time that [`super::Connector::next_wakeup`] named has come.
    Wake,
}

/// What was stored of a ledger of our own.
#[derive(Clone, Debug)]
pub struct StoredAccounts {
    /// The ledger.
    pub ledger: LedgerPrefix,
    /// The number of its last entry.
    pub sequence: u64,
    /// All its accounts.
    pub accounts: Vec<Account>,
    /// Its payments: all that are on hold, and all whose time is not over; others as far as they shall be
    /// remembered.
    pub payments: Vec<accounts::Record>,
    /// Its invoices: all whose time is not over by [`accounts::KEPT_AFTER`].
    pub invoices: Vec<Invoice>,
}

/// An invoice that is to be made.
#[derive(Clone)]
pub struct NewInvoice {
    /// The account that is paid.
    pub account: AccountName,
    /// The least to pay, in base units.
    pub amount: Amount,
    /// 32 random bytes that nobody else knows.
    pub preimage: Fulfillment,
    /// From this instant on it is not paid any more.
    pub expires_at: Timestamp,
}

impl fmt::Debug for NewInvoice {
    /// Without the preimage.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewInvoice")
            .field("account", &self.account)
            .field("amount", &self.amount)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// An RPC call that came in, as it is on the wire: nothing about it has been checked.
#[derive(Clone, Debug)]
pub struct Request {
    /// A number of the caller's choice that comes back with the answer.
    pub id: RequestId,
    /// `method` of the query; empty if missing.
    pub method: String,
    /// `prefix` of the query; empty if missing.
    pub prefix: String,
    /// What follows `Bearer ` in the header `Authorization`.
    pub bearer: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A peer: the six facts of the specification, the accounts, and how far we trust it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// What both sides agreed on, or derived.
    pub details: Details,
    /// The most it may owe us, in base units: `maxBalance` of ilp-plugin-virtual.
    pub limit: Amount,
    /// What it owes us, in base units; negative: what we owe it. 0 for a new peering.
    pub balance: i128,
    /// The most we may owe it, as it last told.
    pub peer_limit: Option<Amount>,
    /// Which dialect of broadcasts it understands; none: as its protocol version says.
    pub dialect: Option<Dialect>,
    /// Another key than the peering was made with, as its host publishes it since then.
    pub other_key: Option<(PublicKey, Timestamp)>,
}

impl Peer {
    /// A new peer: nothing owed, nothing known of its limit.
    pub fn new(details: Details, limit: Amount) -> Self {
        Self {
            details,
            limit,
            balance: 0,
            peer_limit: None,
            dialect: None,
            other_key: None,
        }
    }

    /// The ledger between us, by which the peer is named.
    pub fn prefix(&self) -> &LedgerPrefix {
        &self.details.prefix
    }
}

/// Ties an answer to the request that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Ties the end of a call to the call. Never used twice by one connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The peer answered, well or badly.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The body, at most [`crate::rpc::MAX_BODY`] bytes of it.
        body: Vec<u8>,
    },
    /// There was no answer.
    Failed(CallFailure),
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallFailure {
    /// None came in time.
    Timeout,
    /// No connection: the name is unknown, the port closed, the connection lost.
    Unreachable,
    /// The certificate is invalid.
    Tls,
    /// It was longer than [`crate::rpc::MAX_BODY`].
    TooLarge,
}
