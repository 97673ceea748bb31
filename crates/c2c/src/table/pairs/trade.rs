//! Pairs that follow from a rule: what one currency and scale gives for another, and how much room there is
//! on each ledger.

use std::collections::{BTreeMap, BTreeSet};

use super::{Indirect, Leg, Pairs, PairsChange, shifted};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, PairTerms};
use crate::table::{Tables, View};
use crate::timestamp::Millis;

/// How the ledgers of some kinds trade with each other. A kind is a number that stands for a currency and a
/// scale, or for whatever else decides about the terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trade {
    /// What the first kind gives for the second; where nothing is said, they do not trade.
    pub terms: BTreeMap<(usize, usize), Terms>,
    /// The time between the expiry of what comes in and of what goes out.
    pub min_message_window: Millis,
}

/// What one kind of ledger gives for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Rate, spread and scales.
    pub terms: PairTerms,
    /// Whether others are told one source unit less.
    pub shift: bool,
}

/// How much may move on a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// No limit is known.
    Any,
    /// At most this, which may be nothing.
    Most(u64),
}

impl Room {
    fn units(self) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Most(units) => Some(units),
        }
    }
}

/// One ledger of ours as a place to trade on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The ledger.
    pub ledger: LedgerPrefix,
    /// Our account on it.
    pub account: IlpAddress,
    /// Its kind.
    pub kind: usize,
    /// How much may come in.
    pub receives: Room,
    /// How much may go out.
    pub pays: Room,
}

/// The rule, and what it says of each ledger.
#[derive(Clone, Debug, Default)]
pub(in crate::table) struct Ruled {
    trade: Trade,
    /// By the numbers of the ledgers; none trades nothing.
    sides: Vec<Option<At>>,
    /// When the room to receive and the room to pay of each ledger last changed.
    moved: Vec<(u64, u64)>,
    /// When the rule itself last changed, or a way over several pairs.
    changed: u64,
}

/// What the rule says of one ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    kind: usize,
    receives: Room,
    pays: Room,
    /// Where it stands among all sides.
    place: usize,
}

impl At {
    fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.receives, self.pays) == (other.kind, other.receives, other.pays)
    }
}

impl Ruled {
    /// Makes room for so many ledgers.
    pub(super) fn grow(&mut self, count: usize) {
        self.sides.resize(count, None);
        self.moved.resize(count, (0, 0));
    }

    pub(super) fn window(&self) -> Millis {
        self.trade.min_message_window
    }

    #[inline]
    pub(super) fn has(&self, leg: Leg) -> bool {
        self.terms(leg)
            .is_some_and(|(terms, from, to)| gives(terms, from.receives, to.pays))
    }

    pub(super) fn curve(&self, view: View, leg: Leg) -> Option<Curve> {
        let (terms, from, to) = self.terms(leg)?;
        let curve = terms
            .terms
            .curve(from.receives.units(), to.pays.units())
            .filter(|curve| curve.capacity().y > 0)?;
        Some(match view {
            View::Public if terms.shift => shifted(&curve),
            _ => curve,
        })
    }

    pub(super) fn is_shifted(&self, leg: Leg) -> bool {
        self.terms(leg).is_some_and(|(terms, ..)| terms.shift)
    }

    /// Pairs stand in the order of their sources, and then of their destinations.
    pub(super) fn place(&self, (from, to): Leg) -> Leg {
        let place = |ledger: usize| self.side(ledger).map_or(usize::MAX, |side| side.place);
        (place(from), place(to))
    }

    pub(super) fn changed(&self, (from, to): Leg) -> u64 {
        let moved = |ledger: usize| self.moved.get(ledger).copied().unwrap_or_default();
        self.changed.max(moved(from).0).max(moved(to).1)
    }

    fn side(&self, ledger: usize) -> Option<&At> {
        self.sides.get(ledger)?.as_ref()
    }

    #[inline]
    fn terms(&self, (from, to): Leg) -> Option<(&Terms, &At, &At)> {
        if from == to {
            return None;
        }
        let (from, to) = (self.side(from)?, self.side(to)?);
        let terms = self.trade.terms.get(&(from.kind, to.kind))?;
        Some((terms, from, to))
    }

    /// The kinds that there are.
    fn kinds(&self) -> BTreeSet<usize> {
        self.sides.iter().flatten().map(|side| side.kind).collect()
    }

    /// Whether a ledger may have a way to another over several pairs: never where every kind that can be
    /// reached at all is reached at once.
    fn may_have_indirect(&self) -> bool {
        let kinds = self.kinds();
        let pays: BTreeSet<usize> = self
            .sides
            .iter()
            .flatten()
            .filter(|side| side.pays != Room::Most(0))
            .map(|side| side.kind)
            .collect();
        let to = |kind: usize| {
            let all = self.trade.terms.range((kind, 0)..=(kind, usize::MAX));
            all.map(|((_, to), terms)| (*to, terms))
                .filter(|(to, _)| pays.contains(to))
        };
        let reaches_more = |kind: usize| {
            let near: BTreeSet<usize> = to(kind).map(|(to, _)| to).collect();
            let further = near.iter().flat_map(|next| to(*next));
            further.map(|(to, _)| to).any(|far| !near.contains(&far))
        };
        // What has room for some kinds and not for others.
        let is_narrow = |side: &At| {
            let mut given = to(side.kind).map(|(_, terms)| gives(terms, side.receives, Room::Any));
            let first = given.next();
            first.is_some_and(|first| given.any(|other| other != first))
        };
        kinds.into_iter().any(reaches_more) || self.sides.iter().flatten().any(is_narrow)
    }
}

/// Whether anything goes out for what comes in.
#[inline]
fn gives(terms: &Terms, receives: Room, pays: Room) -> bool {
    terms.terms.gives(receives.units(), pays.units())
}

impl Tables {
    /// Has all pairs follow from `trade` and `sides`, in place of those there were. Those of a ledger that is
    /// not among the sides go.
    ///
    /// What peers announced stays, also where no pair leads to it for now.
    pub fn set_trade(&mut self, trade: Trade, sides: Vec<Side>) -> PairsChange {
        let before = self.ledgers.len();
        for side in &sides {
            self.own_ledger(&side.ledger, &side.account);
        }
        let count = self.ledgers.len();
        let mut new = Ruled::default();
        new.grow(count);
        for (place, side) in sides.into_iter().enumerate() {
            if let Some(id) = self.ledger_id(side.ledger.as_str()) {
                new.sides[id as usize] = Some(At {
                    kind: side.kind,
                    receives: side.receives,
                    pays: side.pays,
                    place,
                });
            }
        }
        new.trade = trade;
        let change = self.put_rule(new);
        if count > before {
            self.note_passed_ledgers();
        }
        change
    }

    /// Other room on `ledger`. None, and nothing is done, where a pair may come or go by it: then
    /// everything is to be set.
    pub fn set_room(
        &mut self,
        ledger: &LedgerPrefix,
        receives: Room,
        pays: Room,
    ) -> Option<PairsChange> {
        let id = self.ledger_id(ledger.as_str())? as usize;
        let Pairs::Ruled(ruled) = &mut self.pairs else {
            return None;
        };
        let old = *ruled.side(id)?;
        let terms = &ruled.trade.terms;
        let comes = |room: Room| room != Room::Most(0);
        let mut of_kind = terms.range((old.kind, 0)..=(old.kind, usize::MAX));
        let stays = comes(old.pays) == comes(pays)
            && of_kind.all(|(_, terms)| {
                gives(terms, old.receives, Room::Any) == gives(terms, receives, Room::Any)
            });
        if !stays {
            return None;
        }
        let new = At {
            receives,
            pays,
            ..old
        };
        if new.is_like(&old) {
            return Some(PairsChange::default());
        }
        self.version += 1;
        if old.receives != receives {
            ruled.moved[id].0 = self.version;
        }
        if old.pays != pays {
            ruled.moved[id].1 = self.version;
        }
        if !self.indirect.is_empty() {
            ruled.changed = self.version;
        }
        ruled.sides[id] = Some(new);
        Some(PairsChange {
            changed: true,
            ..PairsChange::default()
        })
    }

    /// The ledger numbered `id` trades nothing any more.
    pub(super) fn take_side_away(&mut self, id: usize) -> PairsChange {
        let Pairs::Ruled(ruled) = &self.pairs else {
            return PairsChange::default();
        };
        let mut new = ruled.clone();
        new.sides[id] = None;
        self.put_rule(new)
    }

    /// Puts a rule in place of the pairs there were, and marks what depends on what changed.
    fn put_rule(&mut self, mut new: Ruled) -> PairsChange {
        let count = self.ledgers.len();
        let old = std::mem::take(&mut self.pairs);
        let mut moved = BTreeSet::new();
        let is_other_rule = match &old {
            Pairs::Listed(_) => true,
            Pairs::Ruled(old) => {
                new.moved.clone_from(&old.moved);
                new.moved.resize(count, (0, 0));
                new.changed = old.changed;
                for ledger in 0..count {
                    let same = match (old.side(ledger), new.side(ledger)) {
                        (None, None) => true,
                        (Some(a), Some(b)) => a.is_like(b),
                        _ => false,
                    };
                    if !same {
                        moved.insert(ledger);
                    }
                }
                old.trade != new.trade
            }
        };
        if is_other_rule {
            moved.extend(0..count);
        }
        if !moved.is_empty() {
            self.version += 1;
        }
        for ledger in &moved {
            new.moved[*ledger] = (self.version, self.version);
        }
        let may_have_indirect = new.may_have_indirect();
        self.pairs = Pairs::Ruled(new);
        let known = match may_have_indirect {
            true => self.remake_indirect(),
            false => std::mem::take(&mut self.indirect),
        };
        if (known != self.indirect || !known.is_empty() && !moved.is_empty())
            && let Pairs::Ruled(ruled) = &mut self.pairs
        {
            self.version += 1;
            ruled.changed = self.version;
        }
        self.compare(&old, &known, &moved)
    }

    /// What became of the ways from and to the ledgers that `moved`, and of those over several pairs.
    fn compare(&self, old: &Pairs, known: &Indirect, moved: &BTreeSet<usize>) -> PairsChange {
        let count = self.ledgers.len();
        let mut change = PairsChange::default();
        let mut compare = |leg: Leg| {
            let (had, has) = (old.has(leg), self.pairs.has(leg));
            change.changed |= had || has;
            let had_way = had || known.contains_key(&leg);
            let has_way = has || self.indirect.contains_key(&leg);
            change.gained |= has_way && !had_way;
            change.lost |= had_way && !has_way;
        };
        let is_all = moved.len() == count;
        for &ledger in moved {
            for other in 0..count {
                compare((ledger, other));
                if !is_all {
                    compare((other, ledger));
                }
            }
        }
        for leg in known.keys().chain(self.indirect.keys()) {
            compare(*leg);
        }
        change
    }
}
