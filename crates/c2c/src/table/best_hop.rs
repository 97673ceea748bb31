//! The best hop for one payment, asked with its real amount.

use std::borrow::Cow;
use std::fmt;

use super::{Heard, Slot, Tables, View, Way};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Rounding};
use crate::route::Prefix;
use crate::timestamp::Millis;

/// Where to send a payment next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestHop<'a> {
    /// Whom the next transfer goes to: a peer's account, or ours on the next ledger.
    pub next_hop: &'a IlpAddress,
    /// The ledger of the next transfer.
    pub next_ledger: &'a LedgerPrefix,
    /// Where the route ends.
    pub destination_ledger: &'a IlpAddress,
    /// The prefix that matched.
    pub target_prefix: &'a Prefix,
    /// How many ledgers it passes, both ends counted.
    pub hops: usize,
    /// Whether it is made of our own pairs only.
    pub is_local: bool,
    /// Asked by source amount: what comes out at the end. By destination amount: what must go in.
    /// None if a quote must be asked for.
    pub amount: Option<u64>,
    /// What the next transfer carries: what comes out of our own pair, and no more than the rest of
    /// the way takes. None if it is not known what comes in.
    pub next_amount: Option<u64>,
    /// The time that all hops together need.
    pub min_message_window: Millis,
}

/// Why there is no hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHop {
    /// The source is on no ledger of ours.
    UnknownSource,
    /// Nothing leads to the destination.
    Unreachable,
    /// Something leads there, but can carry no such amount.
    CannotCarry {
        /// The most that can be asked for, in the unit of the amount asked with.
        most: u64,
    },
}

impl fmt::Display for NoHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSource => write!(f, "The source is on no ledger of this connector."),
            Self::Unreachable => write!(f, "No route leads to the destination."),
            Self::CannotCarry { most } => write!(
                f,
                "No route to the destination can carry this amount; the most is {most}."
            ),
        }
    }
}

impl std::error::Error for NoHop {}

/// What a way does with an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// It delivers, or costs, this much.
    Amount(u64),
    /// More comes in than it can carry; it delivers this much, its most.
    Full(u64),
    /// What comes in is too little for anything to come out.
    Nothing,
    /// It has no curve.
    Unknown,
    /// It cannot do it.
    Cannot,
}

impl Worth {
    /// How much it delivers or costs, if that is known and something.
    pub(super) fn amount(self) -> Option<u64> {
        match self {
            Self::Amount(amount) | Self::Full(amount) => Some(amount),
            _ => None,
        }
    }

    fn is_within(self) -> bool {
        matches!(self, Self::Amount(_) | Self::Nothing | Self::Unknown)
    }

    fn is_something(self) -> bool {
        matches!(self, Self::Amount(_) | Self::Full(_) | Self::Unknown)
    }

    /// Whether this is better than `other`, which was known first.
    fn beats(self, other: Worth, asked: Asked) -> bool {
        match (self.amount(), other.amount()) {
            (Some(new), Some(old)) => match asked {
                Asked::Source(_) => new > old,
                Asked::Destination(_) => new < old,
            },
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => self == Self::Unknown && other != Self::Unknown,
        }
    }
}

/// The amount that a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// This much comes in.
    Source(u64),
    /// This much must come out.
    Destination(u64),
}

impl Tables {
    /// The hop for a payment that comes in with `amount`: the fewest ledgers; of equally long ways the
    /// one that delivers most; of equally good ones the one known first.
    ///
    /// A way without a curve loses to an equally long one with a curve.
    pub fn best_hop_for_source_amount(
        &self,
        view: View,
        source: &str,
        destination: &str,
        amount: u64,
    ) -> Result<BestHop<'_>, NoHop> {
        self.best(view, source, destination, Asked::Source(amount))
    }

    /// The hop for a payment that must deliver `amount`: the fewest ledgers; of equally long ways the
    /// one that costs least; of equally good ones the one known first.
    pub fn best_hop_for_destination_amount(
        &self,
        view: View,
        source: &str,
        destination: &str,
        amount: u64,
    ) -> Result<BestHop<'_>, NoHop> {
        self.best(view, source, destination, Asked::Destination(amount))
    }

    fn best(
        &self,
        view: View,
        source: &str,
        destination: &str,
        asked: Asked,
    ) -> Result<BestHop<'_>, NoHop> {
        let source = self.ledger_of(source).ok_or(NoHop::UnknownSource)?;
        for slot in self.destinations.matches(destination) {
            if let Some(hop) = self.straight(view, source, slot, asked) {
                return Ok(hop);
            }
            if let Some((way, worth)) = self.winner(view, self.ways(source, slot), asked) {
                return Ok(self.hop(view, way, worth, asked));
            }
            if self.has_way(source, slot) {
                let most = self.largest(view, source, slot, asked);
                return Err(NoHop::CannotCarry { most });
            }
        }
        Err(NoHop::Unreachable)
    }

    /// The hop to `slot` where nothing is to be chosen: one peer announces it, one pair of ours leads to
    /// that peer, and both have curves that carry the amount. Nearly all payments go like this, so that it
    /// is told without lists of ways. None says nothing of other ways.
    #[inline]
    fn straight(&self, view: View, source: usize, slot: Slot, asked: Asked) -> Option<BestHop<'_>> {
        let (prefix, destination) = self.destinations.entry(slot);
        let ([heard], None) = (&*destination.heard, destination.own) else {
            return None;
        };
        let [head] = self.heads(source, heard.ledger as usize) else {
            return None;
        };
        let ([next], Some(curve)) = (&*head.ledgers, &heard.curve) else {
            return None;
        };
        if self.settings.rounding == Rounding::Reference || !self.joins(source, head, heard) {
            return None;
        }
        let pair = (source, *next as usize);
        let leg = self.leg_curve(view, pair)?;
        let (amount, passed) = match asked {
            Asked::Source(amount) => {
                let passed = leg.amount_at(amount);
                let is_full = amount > leg.capacity().x || passed > curve.capacity().x;
                match self.limited(amount, curve.amount_at(passed), is_full) {
                    Worth::Amount(delivered) => (delivered, passed),
                    _ => return None,
                }
            }
            Asked::Destination(amount) => {
                let needed = curve.least_source_for(amount)?;
                let cost = leg.least_source_for(needed)?;
                (cost, leg.amount_at(cost))
            }
        };
        let ledger = &self.ledgers[*next as usize].prefix;
        Some(BestHop {
            next_hop: &self.hops[heard.hop as usize].account,
            next_ledger: ledger,
            destination_ledger: prefix.address().unwrap_or(ledger.as_address()),
            target_prefix: prefix,
            hops: heard.paths.longest() + if prefix.is_default() { 2 } else { 3 },
            is_local: false,
            amount: Some(amount),
            next_amount: Some(passed.min(curve.capacity().x)),
            min_message_window: heard.window + self.leg_window(pair)?,
        })
    }

    /// What is told of `way`.
    fn hop<'a>(&'a self, view: View, way: Way<'a>, worth: Worth, asked: Asked) -> BestHop<'a> {
        let ledger = &self.ledgers[way.head.ledgers[0] as usize];
        let prefix = self.destinations.prefix(way.slot);
        let comes_in = match asked {
            Asked::Source(amount) => Some(amount),
            Asked::Destination(_) => worth.amount(),
        };
        BestHop {
            next_hop: self.next_hop(way),
            next_ledger: &ledger.prefix,
            destination_ledger: self.end_of(way),
            target_prefix: prefix,
            hops: self.length(way),
            is_local: way.heard.is_none(),
            amount: worth.amount(),
            next_amount: comes_in.and_then(|amount| self.passed_on(view, way, amount)),
            min_message_window: self.window(way),
        }
    }

    /// The best of `ways`: of the shortest that can carry the amount the one that delivers most or
    /// costs least, of equals the first.
    ///
    /// A length is passed over as a whole, where none of its ways carries the amount: as a combined
    /// curve promises it, beyond the end of one way that way still delivers its most.
    pub(super) fn winner<'a>(
        &self,
        view: View,
        ways: impl Iterator<Item = Way<'a>> + Clone,
        asked: Asked,
    ) -> Option<(Way<'a>, Worth)> {
        let mut least = 0;
        // What a shorter one delivers that is too small for the amount: promised beyond its end too, where
        // longer ones extend a curve.
        let mut at_least: Option<(Way<'a>, Worth)> = None;
        let mut is_reached = false;
        let mut untold: Option<(Way<'a>, Worth)> = None;
        loop {
            let mut shortest = usize::MAX;
            let (mut is_within, mut is_something) = (false, false);
            let mut best: Option<(Way<'a>, Worth)> = None;
            for way in ways.clone() {
                let length = self.length(way);
                if length < least || length > shortest {
                    continue;
                }
                if length < shortest {
                    shortest = length;
                    (best, is_within, is_something) = (None, false, false);
                }
                let worth = self.worth(view, way, asked);
                is_within |= worth.is_within();
                is_something |= worth.is_something();
                if worth != Worth::Cannot && best.is_none_or(|(_, old)| worth.beats(old, asked)) {
                    best = Some((way, worth));
                }
            }
            if shortest == usize::MAX {
                return untold.or(at_least.filter(|_| is_reached));
            }
            is_reached |= is_within;
            if let Some((way, worth)) = best {
                if is_within && is_something && self.hides(ways.clone(), shortest) {
                    untold = untold.or(Some((way, worth)));
                } else if is_within && is_something {
                    let less = at_least.filter(|(_, least)| !worth.beats(*least, asked));
                    return less.or(Some((way, worth)));
                } else if self.settings.extend_by_longer
                    && matches!(worth, Worth::Full(_))
                    && at_least.is_none_or(|(_, old)| worth.beats(old, asked))
                {
                    at_least = Some((way, worth));
                }
            }
            least = shortest + 1;
        }
    }

    /// Whether others are told of longer ways than those of `length`, because these are too narrow to be
    /// told of: then they do not take what the longer ones promise.
    fn hides<'a>(&self, ways: impl Iterator<Item = Way<'a>> + Clone, length: usize) -> bool {
        let is_told = |way: Way<'_>| self.curve(View::Public, way).is_some();
        self.settings.rounding == Rounding::Sound
            && ways.clone().any(|way| self.length(way) > length)
            && !ways.filter(|way| self.length(*way) == length).any(is_told)
    }

    /// What `way` does with the amount asked.
    pub(super) fn worth(&self, view: View, way: Way<'_>, asked: Asked) -> Worth {
        match asked {
            Asked::Source(amount) => self.delivered(view, way, amount),
            Asked::Destination(amount) => self.cost(view, way, amount),
        }
    }

    /// What comes out at the end of `way` for `amount`, passing from curve to curve as money does.
    fn delivered(&self, view: View, way: Way<'_>, amount: u64) -> Worth {
        if self.settings.rounding == Rounding::Reference {
            return match self.curve(view, way) {
                None => Worth::Cannot,
                Some(None) => Worth::Unknown,
                Some(Some(curve)) => {
                    self.limited(amount, curve.amount_at(amount), amount > curve.capacity().x)
                }
            };
        }
        let mut carried = amount;
        let mut is_full = false;
        for leg in self.leg_curves(view, way) {
            is_full |= carried > leg.capacity().x;
            carried = leg.amount_at(carried);
        }
        match way.heard {
            None => {}
            Some(Heard { curve: None, .. }) if is_full => return Worth::Cannot,
            Some(Heard { curve: None, .. }) => return Worth::Unknown,
            Some(Heard {
                curve: Some(curve), ..
            }) => {
                is_full |= carried > curve.capacity().x;
                carried = curve.amount_at(carried);
            }
        }
        self.limited(amount, carried, is_full)
    }

    #[inline]
    fn limited(&self, amount: u64, delivered: u64, is_full: bool) -> Worth {
        match delivered {
            _ if !self.settings.leave_out_full => Worth::Amount(delivered),
            0 if amount > 0 => Worth::Nothing,
            _ if is_full => Worth::Full(delivered),
            _ => Worth::Amount(delivered),
        }
    }

    /// What goes on to the next ledger of `way` when `amount` comes in: no more than the rest takes.
    fn passed_on(&self, view: View, way: Way<'_>, amount: u64) -> Option<u64> {
        let mut legs = self.leg_curves(view, way);
        let passed = legs.next()?.amount_at(amount);
        let heard = || way.heard.and_then(|heard| heard.curve.as_ref());
        let rest = legs.next().or_else(|| heard().map(Cow::Borrowed));
        Some(rest.map_or(passed, |rest| passed.min(rest.capacity().x)))
    }

    /// The curves of the pairs that `way` uses, in order.
    fn leg_curves<'a>(
        &'a self,
        view: View,
        way: Way<'a>,
    ) -> impl DoubleEndedIterator<Item = Cow<'a, Curve>> {
        self.legs(way)
            .filter_map(move |leg| self.leg_curve(view, leg))
    }

    /// What must go into `way` so that `amount` comes out at the end.
    fn cost(&self, view: View, way: Way<'_>, amount: u64) -> Worth {
        if self.settings.rounding == Rounding::Reference {
            return match self.curve(view, way) {
                None => Worth::Cannot,
                Some(None) => Worth::Unknown,
                Some(Some(curve)) => curve
                    .amount_reverse(amount)
                    .map_or(Worth::Cannot, Worth::Amount),
            };
        }
        let mut needed = Some(amount);
        match way.heard {
            None => {}
            Some(Heard { curve: None, .. }) => return Worth::Unknown,
            Some(Heard {
                curve: Some(curve), ..
            }) => {
                needed = needed.and_then(|amount| curve.least_source_for(amount));
            }
        }
        for leg in self.leg_curves(view, way).rev() {
            needed = needed.and_then(|amount| leg.least_source_for(amount));
        }
        needed.map_or(Worth::Cannot, Worth::Amount)
    }

    /// The most that can be asked for on any way to `slot`.
    fn largest(&self, view: View, source: usize, slot: Slot, asked: Asked) -> u64 {
        self.ways(source, slot)
            .filter_map(|way| self.curve(view, way)?)
            .map(|curve| match asked {
                Asked::Source(_) => curve.capacity().x,
                Asked::Destination(_) => curve.capacity().y,
            })
            .max()
            .unwrap_or(0)
    }
}
