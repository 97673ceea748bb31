//! Our own pairs of ledgers, and the ways that they make from one ledger of ours to another.
//!
//! Pairs are told one by one ([`Tables::set_local_pairs`]), or as a rule from which they follow
//! ([`Tables::set_trade`]): with a thousand ledgers there are a million pairs, and nobody keeps those. A
//! way over one pair is not kept either, but follows from the pair. What is kept is the ways over several,
//! which there are only where two ledgers do not trade with each other, and both do with a third.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Beginning, Head, Heads, Ledger, LedgerId, Tables, View, ended_at};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::Curve;
use crate::route::Prefix;
use crate::timestamp::Millis;

mod listed;
mod trade;
mod ways;

// What the children share goes through here; none of them knows another.
use listed::Listed;
use trade::Ruled;

pub use trade::{Room, Side, Terms, Trade};

/// Two ledgers on which we have accounts, in one direction, with what we give for what comes in.
///
/// A pair through which nothing can go is none: leave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPair {
    /// Where money comes in.
    pub source_ledger: LedgerPrefix,
    /// Where it goes out.
    pub destination_ledger: LedgerPrefix,
    /// Our account on the source ledger.
    pub source_account: IlpAddress,
    /// Our account on the destination ledger.
    pub destination_account: IlpAddress,
    /// What goes out for what comes in, as it is.
    pub curve: Curve,
    /// Whether others are told one source unit less: true but where ledgers trade one to one, at
    /// equal scales and without a spread.
    pub shift: bool,
    /// The time between the expiry of what comes in and of what goes out.
    pub min_message_window: Millis,
}

/// What new pairs did to the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairsChange {
    /// Whether some ledger got a way to another that it had not before.
    pub gained: bool,
    /// Whether some ledger lost its way to another.
    pub lost: bool,
    /// Whether any curve or window changed; where pairs follow from a rule, whether one may have.
    pub changed: bool,
}

/// All pairs there are, by the numbers of their ledgers.
#[derive(Clone, Debug)]
pub(super) enum Pairs {
    Listed(Listed),
    Ruled(Ruled),
}

impl Default for Pairs {
    fn default() -> Self {
        Self::Listed(Listed::default())
    }
}

/// The number of a ledger from, and of one to.
type Leg = (usize, usize);

/// The ways over more than one pair, and those that were there before.
type Indirect = BTreeMap<Leg, Heads>;

impl Pairs {
    fn has(&self, leg: Leg) -> bool {
        match self {
            Self::Listed(listed) => listed.pair(leg).is_some(),
            Self::Ruled(ruled) => ruled.has(leg),
        }
    }

    fn curve(&self, view: View, leg: Leg) -> Option<Cow<'_, Curve>> {
        match self {
            Self::Listed(listed) => Some(Cow::Borrowed(listed.pair(leg)?.curve(view))),
            Self::Ruled(ruled) => ruled.curve(view, leg).map(Cow::Owned),
        }
    }

    fn window(&self, leg: Leg) -> Option<Millis> {
        match self {
            Self::Listed(listed) => Some(listed.pair(leg)?.window),
            Self::Ruled(ruled) => ruled.has(leg).then(|| ruled.window()),
        }
    }

    /// Whether others are told one source unit less.
    fn is_shifted(&self, leg: Leg) -> bool {
        match self {
            Self::Listed(listed) => listed
                .pair(leg)
                .is_some_and(|pair| pair.public != pair.local),
            Self::Ruled(ruled) => ruled.is_shifted(leg),
        }
    }

    /// Where it stands among all pairs.
    fn place(&self, leg: Leg) -> Option<Leg> {
        match self {
            Self::Listed(listed) => Some((listed.pair(leg)?.listed, 0)),
            Self::Ruled(ruled) => ruled.has(leg).then(|| ruled.place(leg)),
        }
    }

    /// The version at which the way from one ledger to another last changed, or may have.
    fn changed(&self, leg: Leg) -> u64 {
        match self {
            Self::Listed(listed) => listed.changed(leg),
            Self::Ruled(ruled) => ruled.changed(leg),
        }
    }
}

/// `curve` with one source unit less for the sender, and with the same end.
///
/// DIFFERENCE: in 21.1.10 the end moves too, by one unit over what the source ledger has room for.
fn shifted(curve: &Curve) -> Curve {
    curve
        .shift_x(1)
        .and_then(|moved| ended_at(&moved, curve.capacity().x))
        .unwrap_or_else(|| curve.clone())
}

impl Tables {
    /// What goes out for what comes in over one pair of ours, if there is that pair.
    #[inline]
    pub(super) fn leg_curve(&self, view: View, leg: Leg) -> Option<Cow<'_, Curve>> {
        self.pairs.curve(view, leg)
    }

    /// The time that one pair of ours needs.
    #[inline]
    pub(super) fn leg_window(&self, leg: Leg) -> Option<Millis> {
        self.pairs.window(leg)
    }

    /// The shortest ways from one ledger of ours to another.
    #[inline]
    pub(super) fn heads(&self, from: usize, to: usize) -> &[Head] {
        if self.pairs.has((from, to)) {
            std::slice::from_ref(&self.direct[to])
        } else if self.indirect.is_empty() {
            &[]
        } else {
            let heads = self.indirect.get(&(from, to));
            heads.map_or(&[], |heads| &heads.ways)
        }
    }

    /// The same ways, in the order in which the pairs at their ends are listed: the one at `place`.
    pub(super) fn listed_head(&self, from: usize, to: usize, place: usize) -> Option<&Head> {
        if self.pairs.has((from, to)) {
            return (place == 0).then(|| &self.direct[to]);
        }
        let heads = self.indirect.get(&(from, to))?;
        heads.ways.get(*heads.listed.get(place)?)
    }

    /// The version at which the ways from one ledger to another last changed, or may have.
    pub(super) fn way_changed(&self, from: usize, to: usize) -> u64 {
        self.pairs.changed((from, to))
    }

    /// Every pair, by source and destination.
    pub fn local_pairs(&self) -> impl Iterator<Item = (&LedgerPrefix, &LedgerPrefix, Curve)> {
        self.legs_by_number().filter_map(|leg| {
            let curve = self.leg_curve(View::Local, leg)?.into_owned();
            let [from, to] = [leg.0, leg.1].map(|ledger| &self.ledgers[ledger].prefix);
            Some((from, to, curve))
        })
    }

    /// What the pair from `source` to `destination` gives, if there is one.
    pub fn pair_curve(
        &self,
        view: View,
        source: &LedgerPrefix,
        destination: &LedgerPrefix,
    ) -> Option<Cow<'_, Curve>> {
        let from = self.ledger_id(source.as_str())? as usize;
        let to = self.ledger_id(destination.as_str())? as usize;
        self.leg_curve(view, (from, to))
    }

    /// Every pair as [`Tables::set_local_pairs`] takes it, or those from and to one ledger.
    pub fn listed_pairs(&self, of: Option<&LedgerPrefix>) -> Vec<LocalPair> {
        let of = of.map(|of| self.ledger_id(of.as_str()).map(|id| id as usize));
        let wanted = |leg: &Leg| of.is_none_or(|of| of == Some(leg.0) || of == Some(leg.1));
        let mut legs: Vec<(Leg, Leg)> = self
            .legs_by_number()
            .filter(wanted)
            .filter_map(|leg| Some((self.pairs.place(leg)?, leg)))
            .collect();
        legs.sort_unstable();
        legs.into_iter()
            .filter_map(|(_, leg)| {
                let [from, to] = [leg.0, leg.1].map(|ledger| &self.ledgers[ledger]);
                Some(LocalPair {
                    source_ledger: from.prefix.clone(),
                    destination_ledger: to.prefix.clone(),
                    source_account: from.account.clone(),
                    destination_account: to.account.clone(),
                    curve: self.leg_curve(View::Local, leg)?.into_owned(),
                    shift: self.pairs.is_shifted(leg),
                    min_message_window: self.leg_window(leg)?,
                })
            })
            .collect()
    }

    /// The numbers of all pairs.
    pub(super) fn legs_by_number(&self) -> impl Iterator<Item = Leg> {
        let count = self.ledgers.len();
        (0..count)
            .flat_map(move |from| (0..count).map(move |to| (from, to)))
            .filter(|leg| self.pairs.has(*leg))
    }

    /// Takes away a ledger of ours: its pairs, what was heard over it, and what it can reach.
    pub fn remove_ledger(&mut self, ledger: &LedgerPrefix) -> PairsChange {
        let Some(id) = self.ledger_id(ledger.as_str()) else {
            return PairsChange::default();
        };
        let gone: Vec<_> = self
            .hops
            .iter()
            .filter(|hop| hop.account.is_under(ledger.as_str()))
            .map(|hop| hop.account.clone())
            .collect();
        for account in gone {
            self.remove_next_hop(&account);
        }
        match self.pairs {
            Pairs::Listed(_) => self.unlist(id as usize),
            Pairs::Ruled(_) => self.take_side_away(id as usize),
        }
    }

    /// Makes a ledger of ours known before any pair leads to it, so that what is heard over it is kept.
    pub fn add_ledger(&mut self, ledger: &LedgerPrefix, account: &IlpAddress) {
        self.own_ledger(ledger, account);
        self.note_passed_ledgers();
    }

    fn own_ledger(&mut self, ledger: &LedgerPrefix, account: &IlpAddress) {
        if let Some(id) = self.ledger_id(ledger.as_str()) {
            self.ledgers[id as usize].account = account.clone();
            return;
        }
        let id = LedgerId::try_from(self.ledgers.len()).unwrap_or(LedgerId::MAX);
        self.ledgers.push(Ledger {
            begins: Beginning::of(ledger.as_str()),
            prefix: ledger.clone(),
            account: account.clone(),
        });
        self.direct.push(Head {
            ledgers: [id].into(),
        });
        let count = self.ledgers.len();
        match &mut self.pairs {
            Pairs::Listed(listed) => listed.grow(count),
            Pairs::Ruled(ruled) => ruled.grow(count),
        }
        self.ledger_ids.insert(ledger.into(), id);
        let prefix = Prefix::from(ledger);
        let slot = match self.destinations.get(prefix.as_str()) {
            Some(slot) => slot,
            None => self
                .destinations
                .insert(prefix, super::Destination::default()),
        };
        self.destinations.value_mut(slot).own = Some(id);
        self.touch(slot);
    }

    fn touch_ledgers(&mut self, touched: BTreeSet<usize>) {
        for ledger in touched {
            let prefix = self.ledgers[ledger].prefix.clone();
            if let Some(slot) = self.destinations.get(prefix.as_str()) {
                self.touch(slot);
            }
        }
    }

    /// Finds for every route which of our ledgers it passes: needed when there are more of them.
    fn note_passed_ledgers(&mut self) {
        let slots: Vec<_> = self.destinations.slots().collect();
        for slot in slots {
            for place in 0..self.destinations.value(slot).heard.len() {
                let destination = self.destinations.value(slot);
                let passes = self.passes(destination.own, &destination.heard[place].paths);
                let heard = &mut self.destinations.value_mut(slot).heard[place];
                if heard.passes != passes {
                    heard.passes = passes;
                    self.touch(slot);
                }
            }
        }
    }
}
