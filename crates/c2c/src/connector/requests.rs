//! RPC calls that come in: who may call, what is answered.

use crate::address::{IlpAddress, LedgerPrefix};
use crate::message::{Envelope, Parties};
use crate::packet::ErrorCode;
use crate::rpc::{self, Method, Refusal, Status, get_balance, get_limit};
use crate::schema::{Document, Violation};
use crate::snapshot::{Event, RefusedBroadcastView};
use crate::timestamp::Timestamp;

use super::{Answer, Asker, Connector, Output, Request, RequestId};

/// How many updates that were refused as a whole are remembered.
const MAX_REFUSED: usize = 100;

impl Connector {
    /// Answers `request`. Whatever stands in it, there is exactly one answer; of a quote for which another
    /// connector has to be asked, later.
    pub(super) fn answer(&mut self, now: Timestamp, request: Request) {
        let id = request.id;
        let (status, body) = match self.call(now, &request) {
            Ok(Some(body)) => (200, body),
            Ok(None) => return,
            Err(refusal) => (refusal.status.code(), refusal.to_json()),
        };
        self.outputs.push_back(Output::Answer(Answer {
            id,
            status,
            body: body.into_bytes(),
        }));
    }

    /// The body of the answer, or none as long as it is not known.
    fn call(&mut self, now: Timestamp, request: &Request) -> Result<Option<String>, Refusal> {
        let prefix = match self.authenticate(&request.prefix, request.bearer.as_deref()) {
            Ok(prefix) => prefix,
            Err(refusal) => {
                self.is_stirred = false;
                self.note_stranger(now, request, &refusal);
                return Err(refusal);
            }
        };
        let method = Method::from_name(&request.method)?;
        // Found by `authenticate` above.
        let Some(peer) = self.peers.get_mut(&prefix) else {
            return Err(Refusal::unauthorized());
        };
        self.is_stirred = !peer.is_reached();
        peer.called(now);
        match rpc::Request::read(method, &request.body)? {
            rpc::Request::GetLimit => {
                self.is_stirred = true;
                let limit = peer.ledger.limit();
                self.may_have_started(now, &prefix);
                Ok(Some(get_limit::answer(limit)))
            }
            rpc::Request::GetBalance => Ok(Some(get_balance::answer(peer.ledger.balance()))),
            rpc::Request::SendRequest(envelope) => {
                self.respond(now, request.id, &prefix, &envelope)
            }
            rpc::Request::SendMessage(envelope) => self.take(now, &prefix, &envelope).map(Some),
            about_transfer @ (rpc::Request::SendTransfer(_)
            | rpc::Request::FulfillCondition(..)
            | rpc::Request::RejectIncomingTransfer(..)
            | rpc::Request::ExpireTransfer(_)) => {
                self.transfer_called(now, &prefix, about_transfer).map(Some)
            }
        }
    }

    /// The response to a message. What is wrong with its contents is said by an ILP error in an
    /// ordinary response, as by ilp-plugin-virtual 16; what is wrong with the envelope, by a refusal.
    fn respond(
        &mut self,
        now: Timestamp,
        request: RequestId,
        prefix: &LedgerPrefix,
        envelope: &Envelope<'_>,
    ) -> Result<Option<String>, Refusal> {
        let (account, peer_account) = self.both_accounts(prefix, envelope)?;
        let fault = match (&envelope.ilp, envelope.routing_update()) {
            (Some(packet), _) => {
                let asked = Asker {
                    ledger: prefix.clone(),
                    peer_account,
                    account,
                };
                return Ok(self.quote(now, request, asked, packet));
            }
            (None, Some((dialect, document))) => {
                self.keep_pace(now, prefix, document)?;
                let heard = self.hear(now, prefix, dialect, document);
                heard
                    .err()
                    .map(|faults| self.refuse_update(now, prefix, &faults))
            }
            _ => Some("Invalid request method".to_owned()),
        };
        let asked = Parties {
            ledger: prefix,
            from: &peer_account,
            to: &account,
        };
        let Some(fault) = fault else {
            return Ok(Some(Envelope::new(asked.reversed()).write()));
        };
        // An error with a text of our own is within every bound of the encoding; without one, the
        // response would pass for an acknowledgement.
        match Envelope::refusing(asked, ErrorCode::F00, now, &fault) {
            Ok(response) => Ok(Some(response.write())),
            Err(_) => Err(Refusal::not_accepted(fault)),
        }
    }

    /// Takes a one-way message, the way of routes and quotes in the dialect as cited. Nobody waits for what is
    /// wrong with its contents.
    fn take(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        envelope: &Envelope<'_>,
    ) -> Result<String, Refusal> {
        self.both_accounts(prefix, envelope)?;
        if let Some((dialect, document)) = envelope.routing_update() {
            self.keep_pace(now, prefix, document)?;
            if let Err(faults) = self.hear(now, prefix, dialect, document) {
                self.refuse_update(now, prefix, &faults);
            }
        } else if let Some((call, data)) = envelope
            .data
            .as_ref()
            .and_then(|call| Some((call, call.data?)))
        {
            self.keep_pace(now, prefix, data)?;
            self.take_letter(now, prefix, call);
        }
        Ok("true".to_owned())
    }

    /// Refuses what is more than a peer may tell us in this time.
    fn keep_pace(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        update: Document<'_>,
    ) -> Result<(), Refusal> {
        let peer = self.peers.get_mut(prefix);
        match peer.is_none_or(|peer| peer.pace.takes(now, update.text().len())) {
            true => Ok(()),
            false => Err(Refusal::too_many()),
        }
    }

    /// Our account and the peer's, if the message is from the peer to us.
    fn both_accounts(
        &self,
        prefix: &LedgerPrefix,
        envelope: &Envelope<'_>,
    ) -> Result<(IlpAddress, IlpAddress), Refusal> {
        let Some(peer) = self.peers.get(prefix) else {
            return Err(Refusal::unauthorized());
        };
        let (account, peer_account) = (peer.ledger.account(), peer.ledger.peer_account());
        let parties = Parties {
            ledger: prefix,
            from: peer_account,
            to: account,
        };
        envelope
            .check(parties)
            .map_err(|error| Refusal::message(&error))?;
        Ok((account.clone(), peer_account.clone()))
    }

    /// Remembers an update that was refused as a whole, and says what is wrong with it.
    fn refuse_update(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        faults: &[Violation],
    ) -> String {
        let first = faults.first();
        let text = |of: fn(&Violation) -> &String| first.map(of).cloned().unwrap_or_default();
        let view = RefusedBroadcastView {
            peer: prefix.clone(),
            path: text(|fault| &fault.path),
            message: text(|fault| &fault.message),
            hint: text(|fault| &fault.hint),
            faults: u64::try_from(faults.len()).unwrap_or(u64::MAX),
            time: now,
        };
        let reason = first.map(Violation::to_string).unwrap_or_default();
        self.refused_updates.push_back(view);
        if self.refused_updates.len() > MAX_REFUSED {
            self.refused_updates.pop_front();
        }
        self.tell(Event::BroadcastRefused {
            peer: prefix.clone(),
            reason: reason.clone(),
        });
        reason
    }

    /// Whether a call with this prefix and bearer comes from a peer. Whoever drives the connector need
    /// not read the body of any other: it gets the same answer without.
    pub fn admits(&self, prefix: &str, bearer: Option<&str>) -> bool {
        self.authenticate(prefix, bearer).is_ok()
    }

    /// The ledger that the call is for, if the bearer is that of its peer: 401 if there is no such
    /// ledger or no bearer, 403 if the token is another one. Tokens are compared in constant time.
    fn authenticate(&self, prefix: &str, bearer: Option<&str>) -> Result<LedgerPrefix, Refusal> {
        let (Some((prefix, peer)), Some(bearer)) = (self.peers.get_key_value(prefix), bearer)
        else {
            return Err(Refusal::unauthorized());
        };
        if !peer.details.accept_token.matches(bearer) {
            return Err(Refusal::forbidden());
        }
        Ok(prefix.clone())
    }

    fn note_stranger(&mut self, now: Timestamp, request: &Request, refusal: &Refusal) {
        let code = match refusal.status {
            Status::Forbidden => "RPC_403",
            _ => "RPC_401",
        };
        let (is_first, prefix) = self.inbox.note(now, &request.prefix, &request.method, code);
        if is_first {
            self.tell(Event::UnknownCaller {
                prefix,
                code: code.to_owned(),
            });
        }
    }
}
