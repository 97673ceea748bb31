//! Our own pairs of ledgers: every two on which we have accounts, where a rate is known and both
//! sides have room.

use std::collections::BTreeSet;

use crate::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::{Amount, Scale};
use crate::curve::PairTerms;
use crate::table::{LocalPair, PairsChange};

use super::{Connector, Decimal};

/// One of our ledgers, own or shared with a peer.
struct Side<'a> {
    prefix: &'a LedgerPrefix,
    account: &'a IlpAddress,
    currency: &'a CurrencyCode,
    scale: Scale,
    /// How much may come in.
    receives: Room,
    /// How much may go out.
    pays: Room,
}

/// How much may move on a ledger.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// No limit is known on our own ledgers.
    Any,
    /// At most this, which may be nothing.
    Most(Amount),
    /// The peer has not told its limit yet.
    Unknown,
}

/// On which ledgers a limit, a balance or a rate moved since the pairs were made.
#[derive(Clone, Debug)]
pub(super) enum Moved {
    /// On these.
    Some(BTreeSet<LedgerPrefix>),
    /// Perhaps on each, or there is one more or less.
    All,
}

impl Default for Moved {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl Moved {
    /// Something moved on `ledger`.
    pub(super) fn note(&mut self, ledger: &LedgerPrefix) {
        if let Self::Some(ledgers) = self {
            ledgers.insert(ledger.clone());
        }
    }
}

impl Connector {
    /// Makes anew the pairs that a limit, a balance or a rate may have moved, and puts them into the
    /// tables. What the tables compute is only what changed.
    pub(super) fn reload_pairs(&mut self) -> PairsChange {
        let moved = match std::mem::take(&mut self.moved) {
            Moved::Some(ledgers) if ledgers.len() * 2 < self.peers.len() || ledgers.len() == 1 => {
                ledgers
            }
            Moved::Some(ledgers) if ledgers.is_empty() => return PairsChange::default(),
            Moved::Some(_) | Moved::All => return self.reload_all_pairs(),
        };
        let mut change = PairsChange::default();
        for ledger in moved {
            let Some(of_this) = self.reload_pairs_of(&ledger) else {
                return self.reload_all_pairs();
            };
            change.changed |= of_this.changed;
        }
        change
    }

    /// The pairs from and to one ledger; none where that is not enough.
    fn reload_pairs_of(&mut self, ledger: &LedgerPrefix) -> Option<PairsChange> {
        let sides = self.sides();
        let mine = sides.iter().find(|side| side.prefix == ledger)?;
        let mut pairs = Vec::new();
        for other in sides.iter().filter(|side| side.prefix != ledger) {
            pairs.extend(self.pair(mine, other));
            pairs.extend(self.pair(other, mine));
        }
        let listed = self.journal.is_some().then(|| pairs.clone());
        let change = self.tables.set_pairs_of(ledger, pairs)?;
        if let (Some(journal), Some(pairs), true) = (&mut self.journal, listed, change.changed) {
            journal.pairs_of(ledger, &pairs);
        }
        Some(change)
    }

    fn reload_all_pairs(&mut self) -> PairsChange {
        let sides = self.sides();
        let mut pairs = Vec::new();
        for source in &sides {
            for destination in &sides {
                if source.prefix != destination.prefix {
                    pairs.extend(self.pair(source, destination));
                }
            }
        }
        let listed = self.journal.is_some().then(|| pairs.clone());
        let change = self.tables.set_local_pairs(pairs);
        if let (Some(journal), Some(pairs), true) = (&mut self.journal, listed, change.changed) {
            journal.pairs(&pairs);
        }
        change
    }

    /// The pair from `source` to `destination`; none if it is not traded or one side has no room. A
    /// pair without liquidity has no route, not a flat one of zero as in ilp-connector 21.
    fn pair(&self, source: &Side<'_>, destination: &Side<'_>) -> Option<LocalPair> {
        let rate = self
            .config
            .rates
            .get(source.currency, destination.currency)?;
        let spread = self.config.routing.spread;
        let limit = |room| match room {
            Room::Any => Some(None),
            Room::Most(amount) if amount > Amount::ZERO => Some(Some(amount.units())),
            Room::Most(_) | Room::Unknown => None,
        };
        let terms = PairTerms::new(
            rate.ratio(),
            spread.ratio(),
            source.scale,
            destination.scale,
        );
        let curve = terms
            .ok()?
            .curve(limit(source.receives)?, limit(destination.pays)?)
            .filter(|curve| curve.capacity().y > 0)?;
        let one_to_one =
            rate == Decimal::ONE && spread.is_zero() && source.scale == destination.scale;
        Some(LocalPair {
            source_ledger: source.prefix.clone(),
            destination_ledger: destination.prefix.clone(),
            source_account: source.account.clone(),
            destination_account: destination.account.clone(),
            curve,
            shift: !one_to_one,
            min_message_window: self.config.routing.min_message_window,
        })
    }

    fn sides(&self) -> Vec<Side<'_>> {
        let own = self.config.ledgers.iter().map(|ledger| Side {
            prefix: &ledger.prefix,
            account: &ledger.account,
            currency: &ledger.currency,
            scale: ledger.scale,
            receives: Room::Any,
            pays: Room::Any,
        });
        let peers = self.peers.values().map(|peer| Side {
            prefix: &peer.details.prefix,
            account: &peer.details.account,
            currency: &peer.details.currency,
            scale: peer.details.scale,
            receives: Room::Most(peer.ledger.room_to_receive()),
            pays: peer.ledger.room_to_pay().map_or(Room::Unknown, Room::Most),
        });
        own.chain(peers).collect()
    }
}
