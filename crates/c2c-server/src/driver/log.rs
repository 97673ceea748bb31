//! One line an event, and no more lines about one peer than somebody can read: whoever sends nonsense
//! all day must not fill the disk.

use std::collections::BTreeMap;

use c2c::connector::Event;
use c2c::timestamp::{Millis, Timestamp};

/// Warnings about one peer in one [`SPAN`].
const MOST: u64 = 20;
/// A minute.
const SPAN: Millis = Millis(60_000);

/// What was logged lately, by peer; all strangers count as one.
#[derive(Default)]
pub struct Log {
    since: Timestamp,
    lines: BTreeMap<String, u64>,
}

impl Log {
    /// Writes the line of an event, or counts it.
    pub fn line(&mut self, now: Timestamp, event: &Event) {
        if now.since(self.since) >= SPAN {
            self.since = now;
            for (about, lines) in std::mem::take(&mut self.lines) {
                if lines > MOST {
                    let left_out = lines - MOST;
                    tracing::warn!(about, left_out, "more warnings came in that minute");
                }
            }
        }
        if self.has_room(event) {
            write(event);
        }
    }

    fn has_room(&mut self, event: &Event) -> bool {
        let about = match event {
            Event::RouteRefused { peer, .. }
            | Event::BroadcastRefused { peer, .. }
            | Event::BroadcastFailed { peer, .. } => peer.as_str(),
            Event::UnknownCaller { .. } => "strangers",
            _ => return true,
        };
        let lines = self.lines.entry(about.to_owned()).or_default();
        *lines += 1;
        *lines <= MOST
    }
}

/// One line an event.
fn write(event: &Event) {
    match event {
        Event::PeerAdded { peer } => tracing::info!(%peer, "peer added"),
        Event::PeerRemoved { peer } => tracing::info!(%peer, "peer removed"),
        Event::PeerState {
            peer,
            state,
            code,
            reason,
        } => {
            let code = code.as_deref().unwrap_or("OK");
            tracing::info!(%peer, %state, code, reason, "peer");
        }
        Event::KeyChanged { peer, key, reason } => {
            let key = key.as_deref().unwrap_or("as before");
            tracing::warn!(%peer, key, reason, "key changed");
        }
        // Amounts move with every payment.
        Event::RoutesChanged { found: 0, lost: 0 } => tracing::debug!("amounts of routes changed"),
        Event::RoutesChanged { found, lost } => tracing::info!(found, lost, "routes changed"),
        Event::RouteRefused {
            peer,
            destination,
            code,
            reason,
        } => tracing::warn!(%peer, destination, code, reason, "route refused"),
        Event::BroadcastRefused { peer, reason } => {
            tracing::warn!(%peer, reason, "broadcast refused");
        }
        Event::BroadcastHeard {
            peer,
            routes,
            refused,
            withdrawn,
        } => tracing::debug!(%peer, routes, refused, withdrawn, "broadcast heard"),
        Event::BroadcastSent {
            peer,
            routes,
            withdrawn,
        } => tracing::debug!(%peer, routes, withdrawn, "broadcast sent"),
        Event::BroadcastFailed { peer, code, reason } => {
            tracing::warn!(%peer, code, reason, "broadcast failed");
        }
        Event::TransferChanged {
            peer,
            id,
            direction,
            state,
            amount,
        } => tracing::debug!(%peer, %id, %direction, state, %amount, "transfer"),
        Event::TransferDisputed { peer, id, reason } => {
            tracing::error!(%peer, %id, reason, "transfer disputed");
        }
        Event::AccountChanged {
            ledger,
            name,
            balance,
        } => tracing::debug!(%ledger, name, %balance, "account"),
        Event::InvoiceChanged {
            address,
            amount,
            state,
        } => tracing::debug!(%address, %amount, state, "invoice"),
        Event::PaymentChanged {
            ledger,
            id,
            from,
            to,
            state,
            amount,
        } => tracing::debug!(%ledger, %id, %from, %to, state, %amount, "payment"),
        Event::RatesChanged { listed } => tracing::info!(listed, "rates changed"),
        Event::UnknownCaller { prefix, code } => {
            tracing::warn!(prefix, code, "unknown caller");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_peer_leaves_room_for_the_others() {
        let mut log = Log::default();
        let refused = |peer: &str| Event::BroadcastRefused {
            peer: peer.parse().unwrap(),
            reason: String::new(),
        };
        let loud = refused("peer.loud.usd.9.");
        assert_eq!((0..1000).filter(|_| log.has_room(&loud)).count(), 20);
        assert!(log.has_room(&refused("peer.calm.usd.9.")));
        log.line(Timestamp::from_millis(1_500_000_000_000), &loud);
        assert_eq!(log.lines["peer.loud.usd.9."], 1, "a new minute");
    }
}
