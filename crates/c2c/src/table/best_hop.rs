//! The best hop for one payment, asked with its real amount.

use std::fmt;

use super::{Heard, Tables, View, Way};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Rounding};
use crate::route::Prefix;
use crate::timestamp::Millis;

/// Where to send a payment next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestHop {
    /// Whom the next transfer goes to: a peer's account, or ours on the next ledger.
    pub next_hop: IlpAddress,
    /// The ledger of the next transfer.
    pub next_ledger: LedgerPrefix,
    /// Where the route ends.
    pub destination_ledger: Prefix,
    /// The prefix that matched.
    pub target_prefix: Prefix,
    /// How many ledgers it passes, both ends counted.
    pub hops: usize,
    /// Whether it is made of our own pairs only.
    pub is_local: bool,
    /// Asked by source amount: what comes out at the end. By destination amount: what must go in.
    /// None if a quote must be asked for.
    pub amount: Option<u64>,
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
    /// It has no curve.
    Unknown,
    /// It cannot carry it.
    Cannot,
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
    ) -> Result<BestHop, NoHop> {
        self.best(
            source,
            destination,
            |tables, way| tables.delivered(view, way, amount),
            |new, old| new > old,
        )
        .map_err(|error| match error {
            NoHop::CannotCarry { .. } => NoHop::CannotCarry {
                most: self.largest(view, source, destination, |end| end.x),
            },
            other => other,
        })
    }

    /// The hop for a payment that must deliver `amount`: the fewest ledgers; of equally long ways the
    /// one that costs least; of equally good ones the one known first.
    pub fn best_hop_for_destination_amount(
        &self,
        view: View,
        source: &str,
        destination: &str,
        amount: u64,
    ) -> Result<BestHop, NoHop> {
        self.best(
            source,
            destination,
            |tables, way| tables.cost(view, way, amount),
            |new, old| new < old,
        )
        .map_err(|error| match error {
            NoHop::CannotCarry { .. } => NoHop::CannotCarry {
                most: self.largest(view, source, destination, |end| end.y),
            },
            other => other,
        })
    }

    fn best(
        &self,
        source: &str,
        destination: &str,
        worth: impl Fn(&Self, Way<'_>) -> Worth,
        better: impl Fn(u64, u64) -> bool,
    ) -> Result<BestHop, NoHop> {
        if self.ledger_of(source).is_none() {
            return Err(NoHop::UnknownSource);
        }
        let (source, slot) = self.find(source, destination).ok_or(NoHop::Unreachable)?;
        let mut best: Option<(Way<'_>, usize, Worth)> = None;
        for way in self.ways(source, slot) {
            let length = self.length(way);
            if best
                .as_ref()
                .is_some_and(|(_, shortest, _)| length > *shortest)
            {
                continue;
            }
            let worth = worth(self, way);
            if worth == Worth::Cannot {
                continue;
            }
            let wins = match &best {
                None => true,
                Some((_, shortest, _)) if length < *shortest => true,
                Some((_, _, old)) => match (worth, *old) {
                    (Worth::Amount(new), Worth::Amount(old)) => better(new, old),
                    (Worth::Amount(_), Worth::Unknown) => true,
                    _ => false,
                },
            };
            if wins {
                best = Some((way, length, worth));
            }
        }
        let (way, hops, worth) = best.ok_or(NoHop::CannotCarry { most: 0 })?;
        let candidate = self.candidate(way, None);
        Ok(BestHop {
            next_hop: candidate.next_hop,
            next_ledger: candidate.next_ledger,
            destination_ledger: candidate.destination_ledger,
            target_prefix: candidate.target_prefix,
            hops,
            is_local: candidate.is_local,
            amount: match worth {
                Worth::Amount(amount) => Some(amount),
                _ => None,
            },
            min_message_window: candidate.min_message_window,
        })
    }

    /// What comes out at the end of `way` for `amount`, passing from curve to curve as money does.
    pub(super) fn delivered(&self, view: View, way: Way<'_>, amount: u64) -> Worth {
        if self.settings.rounding == Rounding::Reference {
            return match self.curve(view, way) {
                None => Worth::Cannot,
                Some(None) => Worth::Unknown,
                Some(Some(curve)) if self.settings.leave_out_full && !carries(&curve, amount) => {
                    Worth::Cannot
                }
                Some(Some(curve)) => Worth::Amount(curve.amount_at(amount)),
            };
        }
        let mut carried = amount;
        for (from, to) in self.legs(way) {
            let Some(pair) = &self.pairs[from][to] else {
                return Worth::Cannot;
            };
            let leg = if view == View::Local {
                &pair.local
            } else {
                &pair.public
            };
            if self.settings.leave_out_full && !carries(leg, carried) {
                return Worth::Cannot;
            }
            carried = leg.amount_at(carried);
        }
        match way.heard {
            None => {}
            Some(Heard { curve: None, .. }) => return Worth::Unknown,
            Some(Heard {
                curve: Some(curve), ..
            }) => {
                if self.settings.leave_out_full && !carries(curve, carried) {
                    return Worth::Cannot;
                }
                carried = curve.amount_at(carried);
            }
        }
        if carried == 0 && amount > 0 && self.settings.leave_out_full {
            return Worth::Cannot;
        }
        Worth::Amount(carried)
    }

    /// What must go into `way` so that `amount` comes out at the end.
    pub(super) fn cost(&self, view: View, way: Way<'_>, amount: u64) -> Worth {
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
        for (from, to) in self.legs(way).rev() {
            needed = needed
                .zip(self.pairs[from][to].as_ref())
                .and_then(|(amount, pair)| {
                    let leg = if view == View::Local {
                        &pair.local
                    } else {
                        &pair.public
                    };
                    leg.least_source_for(amount)
                });
        }
        needed.map_or(Worth::Cannot, Worth::Amount)
    }

    /// The largest end of any way's curve, by `side`.
    fn largest(
        &self,
        view: View,
        source: &str,
        destination: &str,
        side: impl Fn(crate::curve::Point) -> u64,
    ) -> u64 {
        let Some((source, slot)) = self.find(source, destination) else {
            return 0;
        };
        self.ways(source, slot)
            .filter_map(|way| self.curve(view, way)??.capacity().into())
            .map(side)
            .max()
            .unwrap_or(0)
    }
}

/// Whether `amount` lies within what `curve` takes.
fn carries(curve: &Curve, amount: u64) -> bool {
    curve.origin().x <= amount && amount <= curve.capacity().x
}
