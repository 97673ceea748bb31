//! What next hops answered, until it runs out.

use std::collections::BTreeMap;

use super::QuoteError;
use crate::address::IlpAddress;
use crate::curve::Curve;
use crate::packet::LiquidityResponse;
use crate::timestamp::{Millis, Timestamp};

/// The answer of a next hop: its curve, and for whom and how long it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What arrives for what the next hop is sent.
    pub curve: Curve,
    /// How much longer than the receiver's ledger the ledger to the next hop must hold the money.
    pub window: Millis,
    /// For which addresses.
    pub prefix: IlpAddress,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Known {
    /// Reads an answer to a question about `destination` that asked with `hold`.
    pub fn read(
        answer: LiquidityResponse,
        destination: &IlpAddress,
        hold: Millis,
    ) -> Result<Self, QuoteError> {
        let prefix = answer
            .applies_to_prefix
            .as_address()
            .filter(|prefix| destination.as_str().starts_with(prefix.as_str()))
            .cloned()
            // The empty one covers every address, but what holds there was not asked.
            .unwrap_or_else(|| destination.clone());
        let curve = Curve::from_points(answer.points)
            .map_err(|error| QuoteError::bad(format!("The next hop's curve is none: {error}")))?;
        Ok(Self {
            curve,
            window: Millis(answer.source_hold.0.saturating_sub(hold.0)),
            prefix,
            expires_at: answer.expires_at,
        })
    }
}

/// The answers of all next hops.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// By next hop and prefix.
    known: BTreeMap<(IlpAddress, IlpAddress), Known>,
    most: usize,
    longest: Millis,
}

impl Remembered {
    /// Nothing yet, and never more than `most` answers, none for longer than `longest`.
    pub fn new(most: usize, longest: Millis) -> Self {
        Self {
            known: BTreeMap::new(),
            most,
            longest,
        }
    }

    /// What `next_hop` answered for the most of `destination`'s segments, if that is still good.
    pub fn find(&self, now: Timestamp, next_hop: &IlpAddress, destination: &str) -> Option<&Known> {
        let mut end = destination.len();
        loop {
            let prefix = IlpAddress::new(&destination[..end]).ok()?;
            let known = self.known.get(&(next_hop.clone(), prefix));
            if let Some(known) = known.filter(|known| now <= known.expires_at) {
                return Some(known);
            }
            end = destination[..end - 1].rfind('.')? + 1;
        }
    }

    /// Keeps an answer; whatever ran out goes, and where there is no room the one that runs out first.
    pub fn keep(&mut self, now: Timestamp, next_hop: &IlpAddress, mut known: Known) {
        known.expires_at = known.expires_at.min(now + self.longest);
        let key = (next_hop.clone(), known.prefix.clone());
        self.known.insert(key, known);
        if self.known.len() > self.most {
            self.known.retain(|_, known| now <= known.expires_at);
        }
        while self.known.len() > self.most {
            let first = self.known.iter().min_by_key(|(_, known)| known.expires_at);
            let Some(key) = first.map(|(key, _)| key.clone()) else {
                break;
            };
            self.known.remove(&key);
        }
    }

    /// Forgets what `next_hop` answered.
    pub fn forget(&mut self, next_hop: &IlpAddress) {
        self.known.retain(|(hop, _), _| hop != next_hop);
    }
}
