//! Our own pairs of ledgers: every two on which we have accounts, where a rate is known and both
//! sides have room.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{CurrencyCode, LedgerPrefix};
use crate::amount::{Amount, Scale};
use crate::curve::PairTerms;
use crate::payment::Worth;
use crate::table::{PairsChange, Room, Side, Terms, Trade};

use super::{Connector, Decimal, Entry};

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

/// What decides about the terms of a ledger.
type Kind = (CurrencyCode, Scale);

impl Connector {
    /// Has the tables know where a limit, a balance or a rate moved. What they compute is only what changed.
    pub(super) fn reload_pairs(&mut self) -> PairsChange {
        let moved = match std::mem::take(&mut self.moved) {
            Moved::Some(ledgers) => ledgers,
            Moved::All => return self.reload_all_pairs(),
        };
        let mut change = PairsChange::default();
        for ledger in moved {
            let Some(peer) = self.peers.get(&ledger) else {
                return self.reload_all_pairs();
            };
            let (receives, pays) = room(peer);
            let Some(of_this) = self.tables.set_room(&ledger, receives, pays) else {
                return self.reload_all_pairs();
            };
            if let (Some(journal), true) = (&mut self.journal, of_this.changed) {
                journal.pairs_of(&ledger, &self.tables.listed_pairs(Some(&ledger)));
            }
            change.changed |= of_this.changed;
        }
        change
    }

    fn reload_all_pairs(&mut self) -> PairsChange {
        let (trade, sides) = self.trade();
        let change = self.tables.set_trade(trade, sides);
        if let (Some(journal), true) = (&mut self.journal, change.changed) {
            journal.pairs(&self.tables.listed_pairs(None));
        }
        change
    }

    /// By which rule our ledgers trade, and how much room there is on each. A pair without liquidity has no
    /// route, not a flat one of zero as in ilp-connector 21.
    fn trade(&self) -> (Trade, Vec<Side>) {
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut number = |currency: &CurrencyCode, scale: Scale| {
            let next = kinds.len();
            *kinds.entry((currency.clone(), scale)).or_insert(next)
        };
        let mut sides = Vec::with_capacity(self.config.ledgers.len() + self.peers.len());
        for own in &self.config.ledgers {
            sides.push(Side {
                ledger: own.prefix.clone(),
                account: own.account.clone(),
                kind: number(&own.currency, own.scale),
                receives: Room::Any,
                pays: Room::Any,
            });
        }
        for peer in self.peers.values() {
            let details = &peer.details;
            let (receives, pays) = room(peer);
            sides.push(Side {
                ledger: details.prefix.clone(),
                account: details.account.clone(),
                kind: number(&details.currency, details.scale),
                receives,
                pays,
            });
        }
        let mut by_currency: BTreeMap<&CurrencyCode, Vec<(&Kind, usize)>> = BTreeMap::new();
        for (kind, number) in &kinds {
            by_currency
                .entry(&kind.0)
                .or_default()
                .push((kind, *number));
        }
        let rated = self.config.rates.iter().map(|(from, to, _)| (from, to));
        let same = by_currency.keys().map(|currency| (*currency, *currency));
        let mut terms = BTreeMap::new();
        for (from, to) in rated.chain(same) {
            let of = |currency| by_currency.get(currency).map_or(&[][..], Vec::as_slice);
            for (source, from) in of(from) {
                for (destination, to) in of(to) {
                    if let Some(found) = self.terms(source, destination) {
                        terms.insert((*from, *to), found);
                    }
                }
            }
        }
        let min_message_window = self.config.routing.min_message_window;
        let trade = Trade {
            terms,
            min_message_window,
        };
        (trade, sides)
    }

    /// What one kind of ledger gives for another; none if they are not traded.
    fn terms(&self, source: &Kind, destination: &Kind) -> Option<Terms> {
        let rate = self.config.rates.get(&source.0, &destination.0)?;
        let spread = self.config.routing.spread;
        let terms = PairTerms::new(rate.ratio(), spread.ratio(), source.1, destination.1);
        let one_to_one = rate == Decimal::ONE && spread.is_zero() && source.1 == destination.1;
        Some(Terms {
            terms: terms.ok()?,
            shift: !one_to_one,
        })
    }

    /// What `amount` is worth over the pair from one ledger to another, by its rate alone.
    pub(super) fn worth(&self, from: &str, to: &str, amount: u64) -> Option<Worth> {
        let ((from, source), _) = self.kind_and_room(from)?;
        let ((to, destination), most) = self.kind_and_room(to)?;
        let rate = self.config.rates.get(from, to)?.ratio();
        let worth = |spread: Decimal| {
            let terms = PairTerms::new(rate, spread.ratio(), source, destination).ok()?;
            Some((terms.amount_at(amount), terms.rate()))
        };
        let (net, rate) = worth(self.config.routing.spread)?;
        let (gross, _) = worth(Decimal::ZERO)?;
        let unit = rate.numerator().div_ceil(rate.denominator());
        Some(Worth {
            net: net.min(most),
            gross,
            unit: u64::try_from(unit).unwrap_or(u64::MAX),
        })
    }

    /// The kind of one of our ledgers, and how much may go out there; none as long as that is not known.
    fn kind_and_room(&self, ledger: &str) -> Option<((&CurrencyCode, Scale), u64)> {
        if let Some(peer) = self.peers.get(ledger) {
            let kind = (&peer.details.currency, peer.details.scale);
            return Some((kind, peer.ledger.room_to_pay()?.units()));
        }
        let mut ledgers = self.config.ledgers.iter();
        let own = ledgers.find(|own| own.prefix.as_str() == ledger)?;
        Some(((&own.currency, own.scale), u64::MAX))
    }
}

/// How much may come in on the ledger with a peer, and go out: nothing as long as it has not told its limit.
fn room(peer: &Entry) -> (Room, Room) {
    let pays = peer.ledger.room_to_pay().unwrap_or(Amount::ZERO);
    (
        Room::Most(peer.ledger.room_to_receive().units()),
        Room::Most(pays.units()),
    )
}
