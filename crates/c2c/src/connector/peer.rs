//! One peer: its ledger, how the peering stands and why, and when to call it again.

use std::fmt;

use crate::key::PublicKey;
use crate::ledger::PeerLedger;
use crate::message::Parties;
use crate::peering::{Details, Mode};
use crate::rpc::AnswerError;
use crate::schema::Dialect;
use crate::snapshot::{Balance, KeyView, PeerMode, PeerState, PeerView};
use crate::timestamp::{Millis, Timestamp};

use super::{CallFailure, CallId, Pace, Peer, Routing, Told};

/// The first pause before a failed call is made again; each further one is twice as long.
const FIRST_RETRY: Millis = Millis(1_000);
/// The longest pause.
const LAST_RETRY: Millis = Millis(30_000);
/// How often a peer that does not ask for our limit is called so that it does.
const REMINDERS: u32 = 3;
/// How often a peer is asked for its full table before it may keep silent about it for a while.
const QUESTIONS: u32 = 5;
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
            message: message
                .chars()
                .take(MAX_QUOTED)
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect(),
        }
    }

    /// Why an answer of the peer was no success.
    pub(super) fn of_answer(status: u16, error: AnswerError) -> Self {
        match error {
            AnswerError::NotAdded => Self::NotAdded,
            AnswerError::TokenRefused => Self::TokenRefused,
            AnswerError::Failed {
                status, message, ..
            } => Self::failed(status, &message),
            AnswerError::Message(error) => Self::failed(status, &error.to_string()),
            AnswerError::Refused(error) => {
                let text = error.message().unwrap_or_else(|| error.code.to_string());
                Self::failed(status, &text)
            }
            AnswerError::Packet(error) => Self::failed(status, &error.to_string()),
            _ => Self::Nonsense { status },
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
    /// Another key than the peering was made with, as its host publishes it since then.
    pub(super) other_key: Option<(PublicKey, Timestamp)>,
    /// What the operator chose; none: by protocol version.
    pub(super) chosen_dialect: Option<Dialect>,
    /// How our last call ended.
    standing: Reason,
    /// What it answered to our last broadcast, if that was a fault of its own.
    refusal: Option<Reason>,
    /// When it last called with its token, or answered.
    pub(super) last_heard: Option<Timestamp>,
    /// When one of our calls last succeeded, or, before that, when the peer was added.
    pub(super) last_reached: Timestamp,
    /// When `get_limit` is to be called next.
    pub(super) check_at: Timestamp,
    /// When `get_limit` was last answered.
    last_check: Option<Timestamp>,
    /// How often the peer is still to be called so that it asks for our limit, which it may not know.
    reminders: u32,
    /// When it would be called next if the next call were not such a one.
    refresh_at: Option<Timestamp>,
    /// When everything was last put up to be told again.
    pub(super) last_resend: Timestamp,
    /// When everything is to be put up to be told again.
    pub(super) resend_at: Option<Timestamp>,
    /// Whether it ever asked for our full table.
    pub(super) asks_us: bool,
    /// Whether it is to be asked for its full table: it is new to us, or we have just started, or what
    /// it told was given up.
    pub(super) ask_all: bool,
    /// When it last took that question, or when it was added.
    asked_all_at: Timestamp,
    /// How often it took that question without an answer.
    questions: u32,
    /// Whether it may be asked for its full table: not if it is older than ilp-connector 21.1.9, which
    /// refuses the whole update.
    pub(super) may_be_asked: bool,
    /// When it was restored: it may hold what an earlier life of ours told it.
    pub(super) restored_at: Option<Timestamp>,
    /// Failed calls in a row.
    failures: u32,
    /// Broadcasts in a row that failed although the call before them went well.
    relapses: u32,
    /// How much it may tell us at once.
    pub(super) pace: Pace,
    /// What it last told of its balance.
    pub(super) told_balance: Option<Told>,
    /// The `get_limit` under way.
    pub(super) check: Option<CallId>,
    /// The broadcast under way.
    pub(super) broadcast: Option<CallId>,
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
            other_key: peer.other_key,
            chosen_dialect: peer.dialect,
            standing: Reason::NotCalled,
            refusal: None,
            last_heard: None,
            last_reached: now,
            check_at: now,
            last_check: None,
            reminders: REMINDERS,
            refresh_at: None,
            last_resend: now,
            resend_at: None,
            asks_us: false,
            ask_all: true,
            asked_all_at: now,
            questions: 0,
            may_be_asked: true,
            restored_at: None,
            failures: 0,
            relapses: 0,
            pace: Pace::default(),
            told_balance: None,
            check: None,
            broadcast: None,
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
            other_key: self.other_key,
        }
    }

    /// How broadcasts to it are written: as the operator chose, else 17 for an ilp-kit older than
    /// version 3, and 21 for all others.
    pub(super) fn dialect(&self) -> Dialect {
        self.chosen_dialect
            .unwrap_or_else(|| dialect_of(&self.details.protocol_version))
    }

    /// The parties of a message from us to it.
    pub(super) fn call_parties(&self) -> Parties<'_> {
        Parties {
            ledger: self.ledger.prefix(),
            from: self.ledger.account(),
            to: self.ledger.peer_account(),
        }
    }

    /// What to call it in a sentence.
    pub(super) fn host(&self) -> &str {
        host_of(&self.details)
    }

    /// Whether the next update is to ask for its full table.
    pub(super) fn asks_all(&self) -> bool {
        self.ask_all && self.may_be_asked && self.dialect() == Dialect::V21
    }

    /// From when on it may be told, where what it was told before it was restored lives for `lives`.
    /// Whoever takes the question for its full table takes ours for everything; for all others any word
    /// of ours renews what an earlier life told them, also what is gone since.
    pub(super) fn tells_from(&self, now: Timestamp, lives: Millis) -> Timestamp {
        let forgets = self.may_be_asked && self.dialect() == Dialect::V21;
        match self.restored_at.filter(|_| !forgets) {
            Some(at) => now.max(at + lives),
            None => now,
        }
    }

    /// Why the peering stands as it does.
    pub(super) fn reason(&self) -> &Reason {
        match (&self.standing, &self.refusal) {
            (Reason::Fine, Some(refusal)) => refusal,
            (standing, _) => standing,
        }
    }

    /// Whether our last call reached it and it knew us.
    pub(super) fn is_reached(&self) -> bool {
        self.standing == Reason::Fine
    }

    /// Whether it is not known to be out of reach: our last call reached it, or there was none yet.
    pub(super) fn may_answer(&self) -> bool {
        matches!(self.standing, Reason::Fine | Reason::NotCalled)
    }

    /// `get_limit` went well. The next one is after `refresh`; or after `interval`, as long as the peer
    /// has not asked for ours: it does not if it did so within its own interval.
    pub(super) fn checked(&mut self, now: Timestamp, interval: Millis, refresh: Millis) {
        self.reached(now);
        self.last_check = Some(now);
        self.check_at = if self.reminders > 0 {
            self.reminders -= 1;
            self.refresh_at = Some(now + refresh);
            now + interval + FIRST_RETRY
        } else {
            now + refresh
        };
    }

    /// Our limit changed: the peer is called, so that it asks for it.
    pub(super) fn limit_changed(&mut self, now: Timestamp) {
        self.reminders = REMINDERS;
        self.check_at = now;
    }

    /// A broadcast was acknowledged, perhaps with the question for the full table. `answered` says
    /// whether the peer told anything when it was last asked for that, as long as it has time to.
    ///
    /// It is asked again when `routing` says so; and if it told nothing within an interval, a few times
    /// sooner, out of step with its own rounds: ilp-connector 21.1.10 forgets a question that comes while
    /// a broadcast of its own is under way. Whether it is to be asked so is the answer.
    pub(super) fn acknowledged(
        &mut self,
        now: Timestamp,
        asked_all: bool,
        answered: Option<bool>,
        routing: &Routing,
    ) -> bool {
        self.reached(now);
        self.refusal = None;
        self.relapses = 0;
        if asked_all {
            self.ask_all = false;
            self.asked_all_at = now;
            self.questions += 1;
            return false;
        }
        let since = |time: Millis| self.asked_all_at + time <= now;
        match answered {
            Some(true) => self.questions = 0,
            Some(false) => {
                let is_time = self.questions < QUESTIONS && since(routing.broadcast_interval);
                self.ask_all |= is_time;
                return is_time;
            }
            None if routing.full_table_interval.0 > 0 && since(routing.full_table_interval) => {
                self.questions = 0;
                self.ask_all = true;
            }
            None => {}
        }
        false
    }

    /// A broadcast arrived and was answered with an error. That it is there is not in doubt.
    pub(super) fn refused(&mut self, now: Timestamp, reason: Reason) {
        self.reached(now);
        self.refusal = Some(reason);
    }

    /// A call did not get through, or the peer does not know us: it is asked for its limit after a
    /// pause that doubles.
    pub(super) fn failed(&mut self, now: Timestamp, reason: Reason) {
        if !matches!(reason, Reason::NoAnswer(_)) {
            self.last_heard = Some(now);
        }
        let pause = FIRST_RETRY.0 << self.failures.min(5);
        self.failures = self.failures.saturating_add(1);
        self.check_at = now + Millis(pause.min(LAST_RETRY.0));
        self.standing = reason;
    }

    /// A broadcast did not get through.
    pub(super) fn broadcast_failed(&mut self, now: Timestamp, reason: Reason) {
        if self.is_reached() {
            self.relapses = self.relapses.saturating_add(1);
        }
        self.failed(now, reason);
    }

    /// Whether it may be told at once when it is back. One that answers every check and fails at every
    /// broadcast, perhaps because that is too much for it, is told once an interval.
    pub(super) fn is_told_at_once(&self) -> bool {
        self.relapses < 2
    }

    /// It called us with the right token. If our own calls failed so far, they are tried again soon.
    pub(super) fn called(&mut self, now: Timestamp) {
        self.last_heard = Some(now);
        if !self.is_reached() {
            self.failures = 0;
            self.check_at = self.check_at.min(now + FIRST_RETRY);
        }
    }

    /// It asked for our limit: perhaps because it has just started, or because its own has changed.
    /// So it is asked in turn, unless that was done within the last `interval`.
    pub(super) fn asked_limit(&mut self, now: Timestamp, interval: Millis) {
        self.reminders = 0;
        if let Some(refresh_at) = self.refresh_at.take()
            && self.is_reached()
        {
            self.check_at = refresh_at;
        }
        if self.last_check.is_some_and(|last| last + interval <= now) {
            self.check_at = self.check_at.min(now + FIRST_RETRY);
        }
    }

    fn reached(&mut self, now: Timestamp) {
        self.last_heard = Some(now);
        self.last_reached = now;
        self.failures = 0;
        self.standing = Reason::Fine;
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
            state: self.reason().state(),
            reason: self.reason().text(details, me),
            code: self.reason().code().map(str::to_owned),
            other_key: self.other_key.map(|(key, since)| KeyView {
                key: key.to_string(),
                since,
            }),
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
fn host_of(peer: &Details) -> &str {
    match &peer.mode {
        Mode::WebFinger { host, .. } => host.as_str(),
        Mode::Manual => peer.rpc_uri.authority(),
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
