//! One peer: its ledger, how the peering stands and why, and when to call it again.

use std::fmt;

use crate::ledger::PeerLedger;
use crate::peering::{Details, Mode};
use crate::schema::Dialect;
use crate::snapshot::{Balance, PeerMode, PeerState, PeerView};
use crate::timestamp::{Millis, Timestamp};

use super::{CallFailure, CallId, Peer};

/// The first pause before a failed call is made again; each further one is twice as long.
const FIRST_RETRY: Millis = Millis(1_000);
/// The longest pause.
const LAST_RETRY: Millis = Millis(30_000);
/// How much of a peer's own error text is kept, in characters.
const MAX_QUOTED: usize = 200;

/// Why a peering stands as it does. The texts are for the operator and name the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was not called yet.
    NotCalled,
    /// All is well.
    Fine,
    /// It answered 401: it does not know the peering.
    NotAdded,
    /// It answered 403: it knows the prefix and refuses the token.
    TokenRefused,
    /// The method failed there, whatever the status said.
    MethodFailed {
        /// The HTTP status: 200 from ilp-kit 3, 422 from others.
        status: u16,
        /// What it says, shortened.
        message: String,
    },
    /// It answered with something that cannot be an answer.
    Nonsense {
        /// The HTTP status.
        status: u16,
    },
    /// There was no answer.
    NoAnswer(CallFailure),
}

impl Reason {
    /// A method that failed, its text shortened.
    pub(super) fn failed(status: u16, message: &str) -> Self {
        Self::MethodFailed {
            status,
            message: message.chars().take(MAX_QUOTED).collect(),
        }
    }

    /// The stable code; none where nothing is wrong.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotCalled | Self::Fine => None,
            Self::NotAdded => Some("RPC_401"),
            Self::TokenRefused => Some("RPC_403"),
            Self::MethodFailed { .. } | Self::NoAnswer(CallFailure::TooLarge) => Some("RPC_ERROR"),
            Self::Nonsense { .. } => Some("RPC_STATUS"),
            Self::NoAnswer(CallFailure::Timeout) => Some("RPC_TIMEOUT"),
            Self::NoAnswer(CallFailure::Unreachable) => Some("RPC_UNREACHABLE"),
            Self::NoAnswer(CallFailure::Tls) => Some("RPC_TLS"),
        }
    }

    /// The state that goes with it.
    pub const fn state(&self) -> PeerState {
        match self {
            Self::NotCalled => PeerState::Invited,
            Self::Fine => PeerState::Checked,
            Self::NotAdded => PeerState::Waiting,
            Self::NoAnswer(CallFailure::Timeout | CallFailure::Unreachable) => PeerState::Silent,
            Self::TokenRefused
            | Self::MethodFailed { .. }
            | Self::Nonsense { .. }
            | Self::NoAnswer(CallFailure::Tls | CallFailure::TooLarge) => PeerState::Broken,
        }
    }

    /// The reason in one or two sentences, with the cure. `me` is our own host.
    pub fn text(&self, peer: &Details, me: &str) -> String {
        let them = host_of(peer);
        let (code, scale) = (&peer.currency, peer.scale);
        match self {
            Self::NotCalled => format!("{them} was not called yet."),
            Self::Fine => format!("{them} and {me} both know this peering."),
            Self::NotAdded => format!(
                "{them} does not know this peering. Ask them to add {me} with {code}, scale {scale}; or press Find the mismatch."
            ),
            Self::TokenRefused => {
                format!("{them} knows the prefix but refuses the token. Exchange tokens again.")
            }
            Self::MethodFailed { status, message } => format!(
                "{them} answered {status} but with error \"{message}\". Its connector has a fault; send them the bundle."
            ),
            Self::Nonsense { status } => format!(
                "{them} answered {status} with something that is no answer. Ask its operator to route its RPC address to the connector."
            ),
            Self::NoAnswer(CallFailure::Timeout) => {
                format!("{them} took over 5 s. Your peering is saved; we retry.")
            }
            Self::NoAnswer(CallFailure::Unreachable) => format!(
                "No answer from {them}. Check that the host is up. Your peering is saved; we retry."
            ),
            Self::NoAnswer(CallFailure::Tls) => format!(
                "{them}'s certificate is invalid. Peering now would be unsafe; ask its operator to fix it."
            ),
            Self::NoAnswer(CallFailure::TooLarge) => format!(
                "{them} answered with more than 1 MiB. Its connector has a fault; send them the bundle."
            ),
        }
    }
}

/// A peer as the engine keeps it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) details: Details,
    pub(super) ledger: PeerLedger,
    /// What the operator chose; none: by protocol version.
    pub(super) chosen_dialect: Option<Dialect>,
    pub(super) reason: Reason,
    /// When it last called with its token, or answered.
    pub(super) last_heard: Option<Timestamp>,
    /// When one of our calls last succeeded, or, before that, when the peer was added.
    pub(super) last_reached: Timestamp,
    /// When `get_limit` is to be called next.
    pub(super) check_at: Timestamp,
    /// Failed calls in a row.
    failures: u32,
    /// The `get_limit` under way.
    pub(super) check: Option<CallId>,
}

impl Entry {
    pub(super) fn new(now: Timestamp, peer: Peer) -> Self {
        let details = peer.details;
        let mut ledger = PeerLedger::new(
            details.account.clone(),
            details.peer_account.clone(),
            details.prefix.clone(),
            peer.limit,
        )
        .with_balance(peer.balance);
        if let Some(limit) = peer.peer_limit {
            ledger.set_peer_limit(limit);
        }
        Self {
            details,
            ledger,
            chosen_dialect: peer.dialect,
            reason: Reason::NotCalled,
            last_heard: None,
            last_reached: now,
            check_at: now,
            failures: 0,
            check: None,
        }
    }

    /// What is to be stored of it.
    pub(super) fn record(&self) -> Peer {
        Peer {
            details: self.details.clone(),
            limit: self.ledger.limit(),
            balance: self.ledger.balance(),
            peer_limit: self.ledger.peer_limit(),
            dialect: self.chosen_dialect,
        }
    }

    /// How broadcasts to it are written: as the operator chose, else 17 for an ilp-kit older than
    /// version 3, and 21 for all others.
    pub(super) fn dialect(&self) -> Dialect {
        self.chosen_dialect
            .unwrap_or_else(|| dialect_of(&self.details.protocol_version))
    }

    pub(super) fn is_checked(&self) -> bool {
        self.reason == Reason::Fine
    }

    /// A call went well. The next check is after `refresh`.
    pub(super) fn reached(&mut self, now: Timestamp, refresh: Millis) {
        self.last_heard = Some(now);
        self.last_reached = now;
        self.failures = 0;
        self.reason = Reason::Fine;
        self.check_at = now + refresh;
    }

    /// A call went badly: it is tried again after a pause that doubles.
    pub(super) fn failed(&mut self, now: Timestamp, reason: Reason) {
        if !matches!(reason, Reason::NoAnswer(_)) {
            self.last_heard = Some(now);
        }
        let pause = FIRST_RETRY.0 << self.failures.min(5);
        self.failures = self.failures.saturating_add(1);
        self.check_at = now + Millis(pause.min(LAST_RETRY.0));
        self.reason = reason;
    }

    /// It called us with the right token. If our own calls failed so far, they are tried again soon.
    pub(super) fn called(&mut self, now: Timestamp) {
        self.last_heard = Some(now);
        if !self.is_checked() {
            self.failures = 0;
            self.check_at = self.check_at.min(now + FIRST_RETRY);
        }
    }

    pub(super) fn view(&self, me: &str) -> PeerView {
        let details = &self.details;
        let host = match &details.mode {
            Mode::WebFinger { host, .. } => Some(host.to_string()),
            Mode::Manual => None,
        };
        PeerView {
            prefix: details.prefix.clone(),
            mode: match details.mode {
                Mode::WebFinger { .. } => PeerMode::WebFinger,
                Mode::Manual => PeerMode::Manual,
            },
            host,
            rpc_uri: details.rpc_uri.to_string(),
            protocol_version: details.protocol_version.clone(),
            currency: details.currency.clone(),
            scale: details.scale,
            account: details.account.clone(),
            peer_account: details.peer_account.clone(),
            limit: self.ledger.limit(),
            balance: Balance(self.ledger.balance()),
            peer_limit: self.ledger.peer_limit(),
            dialect: self.dialect(),
            state: self.reason.state(),
            reason: self.reason.text(details, me),
            code: self.reason.code().map(str::to_owned),
            last_heard: self.last_heard,
            token_fingerprint: details.send_token.fingerprint(),
        }
    }
}

impl fmt::Display for PeerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What to call the peer in a sentence.
fn host_of(peer: &Details) -> String {
    match &peer.mode {
        Mode::WebFinger { host, .. } => host.to_string(),
        Mode::Manual => peer.rpc_uri.authority().to_owned(),
    }
}

/// Dialect 17 for what names itself an ilp-kit below version 3.
fn dialect_of(protocol_version: &str) -> Dialect {
    let major = protocol_version
        .split_once("ilp-kit v")
        .and_then(|(_, version)| version.split(['.', '-']).next())
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(0..=2) => Dialect::V17,
        _ => Dialect::V21,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_kit_is_spoken_to_in_the_old_dialect() {
        for (version, dialect) in [
            ("Compatible: ilp-kit v3.0.0", Dialect::V21),
            ("Compatible: ilp-kit v3.0.0-alpha4", Dialect::V21),
            ("Compatible: ilp-kit v2.0.1", Dialect::V17),
            ("Compatible: ilp-kit v10.0.0", Dialect::V21),
            ("ilp-kit v", Dialect::V21),
            ("not told", Dialect::V21),
            ("", Dialect::V21),
        ] {
            assert_eq!(dialect_of(version), dialect, "{version}");
        }
    }
}
