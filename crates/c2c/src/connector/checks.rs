//! `get_limit`, by which we learn whether a peer knows us and how far it trusts us.

use crate::address::LedgerPrefix;
use crate::amount::Amount;
use crate::key::PublicKey;
use crate::peering::{Details, Mode};
use crate::rpc::{Method, get_limit};
use crate::snapshot::{Event, PeerState};
use crate::timestamp::{Millis, Timestamp};
use crate::webfinger::Host;

use super::{Call, CallId, CallOutcome, Connector, Doing, Error, Output, Reason};

/// After how many broadcast intervals a peer that answered is asked for its limit again: an hour, with
/// the interval of 2017.
const REFRESH_INTERVALS: u64 = 120;

impl Connector {
    /// Calls every peer whose time has come.
    pub(super) fn check_peers(&mut self, now: Timestamp) {
        let due: Vec<LedgerPrefix> = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.check.is_none() && peer.check_at <= now)
            .map(|(prefix, _)| prefix.clone())
            .collect();
        for prefix in due {
            let body = get_limit::BODY.into();
            let id = self.call_peer(&prefix, Method::GetLimit, Doing::Check, body);
            if let Some(peer) = self.peers.get_mut(&prefix) {
                peer.check = id;
            }
        }
    }

    /// Asks for a call to be made.
    pub(super) fn call_peer(
        &mut self,
        prefix: &LedgerPrefix,
        method: Method,
        doing: Doing,
        body: Vec<u8>,
    ) -> Option<CallId> {
        let timeout = self.config.routing.call_timeout;
        self.call_peer_within(prefix, method, doing, body, timeout)
    }

    /// The same, waiting no longer than `timeout`.
    pub(super) fn call_peer_within(
        &mut self,
        prefix: &LedgerPrefix,
        method: Method,
        doing: Doing,
        body: Vec<u8>,
        timeout: Millis,
    ) -> Option<CallId> {
        let details = &self.peers.get(prefix)?.details;
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(id, (prefix.clone(), doing));
        self.outputs.push_back(Output::Call(Call {
            id,
            peer: prefix.clone(),
            method,
            url: method.url(details.rpc_uri.as_str(), prefix),
            bearer: details.send_token.clone(),
            body,
            timeout,
        }));
        Some(id)
    }

    /// A `get_limit` is over.
    pub(super) fn checked(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        id: CallId,
        outcome: &CallOutcome,
    ) {
        let interval = self.config.routing.broadcast_interval;
        let refresh = Millis(interval.0 * REFRESH_INTERVALS);
        let lives = self.told_lives();
        // The peer may have been removed, and even added again, in the meantime.
        let Some(peer) = self
            .peers
            .get_mut(prefix)
            .filter(|peer| peer.check == Some(id))
        else {
            return;
        };
        peer.check = None;
        let before = peer.reason().clone();
        match read_limit(outcome) {
            Ok(limit) => {
                let is_back = !peer.is_reached();
                let is_other = peer.ledger.peer_limit() != Some(limit);
                peer.checked(now, interval, refresh);
                peer.ledger.set_peer_limit(limit);
                let at_once = is_back && peer.is_told_at_once();
                if is_back {
                    let from = peer.tells_from(now, lives);
                    self.outgoing.add_peer(prefix.clone(), from);
                }
                if at_once {
                    self.outgoing.start_round(prefix, now);
                }
                if is_other {
                    self.moved.note(prefix);
                    self.save(prefix);
                }
            }
            Err(reason) => {
                peer.failed(now, reason);
                self.give_up(now, prefix);
            }
        }
        self.tell_state(prefix, &before);
    }

    /// The host of a peer publishes `key`.
    pub(super) fn key_seen(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        key: PublicKey,
    ) -> Result<(), Error> {
        let peer = self.peer(prefix)?;
        let Mode::WebFinger { host, peer_key } = &peer.details.mode else {
            return Ok(());
        };
        let seen = (*peer_key != key).then_some(key);
        if peer.other_key.map(|(key, _)| key) == seen {
            return Ok(());
        }
        let reason = match seen {
            Some(_) => key_changed(host, now),
            None => format!("{host} publishes the key again that this peering was made with."),
        };
        peer.other_key = seen.map(|key| (key, now));
        self.save(prefix);
        self.tell(Event::KeyChanged {
            peer: prefix.clone(),
            key: seen.map(|key| key.to_string()),
            reason,
        });
        Ok(())
    }

    /// Tells how a peering stands, if it stands differently than with the reason `before`.
    pub(super) fn tell_state(&mut self, prefix: &LedgerPrefix, before: &Reason) {
        let Some(peer) = self.peers.get(prefix) else {
            return;
        };
        let reason = peer.reason();
        if reason == before {
            return;
        }
        let event = Event::PeerState {
            peer: prefix.clone(),
            state: reason.state(),
            code: reason.code().map(str::to_owned),
            reason: reason.text(&peer.details, self.config.host()),
        };
        self.tell(event);
    }
}

/// `KEY_CHANGED`: what to do about a host that publishes another key `since` then.
pub fn key_changed(host: &Host, since: Timestamp) -> String {
    let since = since.to_string();
    let day = since.split('T').next().unwrap_or_default();
    format!("{host} changed its key on {day}. Confirm by voice before re-deriving.")
}

/// What is wrong with a peering, after a call of `get_limit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The stable code, such as `RPC_401`.
    pub code: &'static str,
    /// How the peering stands.
    pub state: PeerState,
    /// What is wrong, and what to do.
    pub message: String,
}

/// The limit that a peer tells, or what its answer says is wrong. `me` is our own host.
pub fn judge_limit(outcome: &CallOutcome, details: &Details, me: &str) -> Result<Amount, Fault> {
    read_limit(outcome).map_err(|reason| Fault {
        // Only what was not called, or is fine, has no code.
        code: reason.code().unwrap_or_default(),
        state: reason.state(),
        message: reason.text(details, me),
    })
}

fn read_limit(outcome: &CallOutcome) -> Result<Amount, Reason> {
    match outcome {
        CallOutcome::Answered { status, body } => {
            get_limit::read_answer(*status, body).map_err(|error| Reason::of_answer(*status, error))
        }
        CallOutcome::Failed(failure) => Err(Reason::NoAnswer(*failure)),
    }
}
