//! Requests as bytes, made before they are needed.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::amount::Amount;
use c2c::ledger::{Fulfillment, Transfer, TransferId};
use c2c::message::{Call as MessageCall, Envelope, Parties};
use c2c::packet::{BySourceRequest, Packet, Payment};
use c2c::schema::{Dialect, Document};
use c2c::timestamp::{Millis, Timestamp};

use crate::failure::Failure;

/// An update that tells nothing but that we are there.
const HEARTBEAT: &str = r#"{"new_routes":[],"hold_down_time":45000,"unreachable_through_me":[]}"#;

/// How long transfers of the load last: longer than any run.
const HOLD: Millis = Millis(30 * 60_000);

/// One end of a peering that is played here: it calls, the server answers.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where the server listens.
    pub server: SocketAddr,
    /// The ledger between.
    pub prefix: LedgerPrefix,
    /// Our account on it.
    pub account: IlpAddress,
    /// The server's.
    pub server_account: IlpAddress,
    /// What we call with.
    pub token: String,
}

/// A request that is made again and again, perhaps with another id each time.
#[derive(Clone, Debug)]
pub struct Call {
    bytes: Vec<u8>,
    /// Where twelve digits count up.
    digits: Option<usize>,
    count: u64,
}

impl Call {
    /// The bytes of the next one.
    pub fn bytes(&mut self) -> &[u8] {
        if let Some(at) = self.digits {
            self.count += 1;
            let digits = format!("{:012x}", self.count);
            self.bytes[at..at + digits.len()].copy_from_slice(digits.as_bytes());
        }
        &self.bytes
    }
}

impl Line {
    /// `get_balance`.
    pub fn get_balance(&self) -> Call {
        self.call("get_balance", "[]")
    }

    /// A heartbeat: an update without routes.
    pub fn heartbeat(&self) -> Call {
        let update = MessageCall::new("broadcast_routes", Document::whole(HEARTBEAT.as_bytes()));
        let message = Envelope::new(self.parties()).with_call(Dialect::V21, update);
        self.call("send_request", &format!("[{}]", message.write()))
    }

    /// A question what arrives at `destination` for an amount.
    pub fn quote(&self, destination: &str) -> Result<Call, Failure> {
        let packet = Packet::BySourceRequest(BySourceRequest {
            destination_account: destination.parse().map_err(Failure::of("destination"))?,
            source_amount: Amount::new(1_000_000),
            destination_hold: Millis(5_000),
        });
        let packet = packet.encode().map_err(Failure::of("quote"))?;
        let message = Envelope::new(self.parties()).with_ilp(packet);
        Ok(self.call("send_request", &format!("[{}]", message.write())))
    }

    /// A transfer on hold for the server itself, which leaves it to whoever waits for it. `run` tells the ids
    /// of one run from those of another.
    pub fn transfer(&self, run: u16) -> Result<Call, Failure> {
        let id = format!("{run:08x}-0000-4000-8000-{:012x}", 0);
        let packet = Packet::Payment(Payment {
            amount: Amount::new(1),
            account: self.server_account.clone().into(),
            data: Vec::new(),
        });
        let fulfillment = Fulfillment::from_bytes([7; 32]);
        let transfer = Transfer::new(
            id.parse::<TransferId>().map_err(Failure::of("id"))?,
            self.prefix.clone(),
            self.account.clone(),
            self.server_account.clone(),
            Amount::new(1),
        )
        .with_hold(fulfillment.condition(), now() + HOLD)
        .with_ilp(packet.encode().map_err(Failure::of("packet"))?);
        let mut call = self.call("send_transfer", &format!("[{}]", transfer.write()));
        let at = call
            .bytes
            .windows(id.len())
            .position(|bytes| bytes == id.as_bytes())
            .map(|at| at + id.len() - 12);
        call.digits = at;
        Ok(call)
    }

    /// A call of `method` with `body`.
    pub fn call(&self, method: &str, body: &str) -> Call {
        let Self {
            server,
            prefix,
            token,
            ..
        } = self;
        let length = body.len();
        let bytes = format!(
            "POST /rpc?method={method}&prefix={prefix} HTTP/1.1\r\nhost: {server}\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .into_bytes();
        Call {
            bytes,
            digits: None,
            count: 0,
        }
    }

    fn parties(&self) -> Parties<'_> {
        Parties {
            ledger: &self.prefix,
            from: &self.account,
            to: &self.server_account,
        }
    }
}

/// The system's time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transfer_has_another_id() {
        let prefix: LedgerPrefix = "peer.a.usd.9.".parse().unwrap();
        let line = Line {
            server: "127.0.0.1:1".parse().unwrap(),
            account: prefix.account("us").unwrap(),
            server_account: prefix.account("them").unwrap(),
            token: "token".to_owned(),
            prefix,
        };
        let mut call = line.transfer(3).unwrap();
        let first = call.bytes().to_vec();
        let second = String::from_utf8(call.bytes().to_vec()).unwrap();
        assert_ne!(first, second.as_bytes());
        assert!(second.contains("00000003-0000-4000-8000-000000000002"));
        assert!(second.contains("\"ilp\":"));
    }
}
