//! RPC calls that come in: who may call, what is answered.

use crate::peering::AuthToken;
use crate::rpc::{Method, Refusal, Status};
use crate::snapshot::Event;
use crate::timestamp::Timestamp;

use super::{Answer, Connector, Output, Request};

impl Connector {
    /// Answers `request`. Whatever stands in it, there is exactly one answer.
    pub(super) fn answer(&mut self, now: Timestamp, request: Request) {
        let id = request.id;
        let (status, body) = match self.call(now, &request) {
            Ok(body) => (200, body),
            Err(refusal) => (refusal.status.code(), refusal.to_json()),
        };
        self.outputs.push_back(Output::Answer(Answer {
            id,
            status,
            body: body.into_bytes(),
        }));
    }

    fn call(&mut self, now: Timestamp, request: &Request) -> Result<String, Refusal> {
        if let Err(refusal) = self.authenticate(request) {
            self.note_stranger(now, request, &refusal);
            return Err(refusal);
        }
        let method = Method::from_name(&request.method)?;
        // Found by `authenticate` above.
        let Some(peer) = self.peers.get_mut(request.prefix.as_str()) else {
            return Err(Refusal::unauthorized());
        };
        peer.called(now);
        match method {
            Method::GetLimit => Ok(text(&peer.ledger.limit().to_string())),
            Method::GetBalance => Ok(text(&peer.ledger.balance().to_string())),
            _ => Err(Refusal::not_supported(method)),
        }
    }

    /// Whether the bearer is that of a peer: 401 if there is no such ledger or no bearer, 403 if the
    /// token is another one. Tokens are compared in constant time.
    fn authenticate(&self, request: &Request) -> Result<(), Refusal> {
        let peer = self.peers.get(request.prefix.as_str());
        let (Some(peer), Some(bearer)) = (peer, &request.bearer) else {
            return Err(Refusal::unauthorized());
        };
        let accepted: &AuthToken = &peer.details.accept_token;
        if !accepted.matches(bearer) {
            return Err(Refusal::forbidden());
        }
        Ok(())
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

/// Digits as a JSON text.
fn text(digits: &str) -> String {
    format!("\"{digits}\"")
}
