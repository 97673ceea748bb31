//! The candidates for a destination: every way there is, made from what was heard and our pairs.

use super::{Destination, Head, Heard, NoHop, Slot, Tables, View, ended_at};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Rounding};
use crate::route::{Paths, Prefix};
use crate::timestamp::{Millis, Timestamp};

/// One way from a ledger of ours to a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Whom the next transfer goes to: a peer's account, or ours on the next ledger.
    pub next_hop: IlpAddress,
    /// The ledger of the next transfer.
    pub next_ledger: LedgerPrefix,
    /// Where it ends.
    pub destination_ledger: Prefix,
    /// Addresses under it take this way.
    pub target_prefix: Prefix,
    /// How many ledgers it passes, both ends counted.
    pub hops: usize,
    /// The ledgers between next ledger and destination.
    pub paths: Paths,
    /// What comes out at the end for what goes in; none if a quote must be asked for.
    pub curve: Option<Curve>,
    /// The time that all hops together need.
    pub min_message_window: Millis,
    /// When it runs out; none if never.
    pub expires_at: Option<Timestamp>,
    /// Whether it is made of our own pairs only.
    pub is_local: bool,
    /// Whether it stands in the configuration.
    pub is_configured: bool,
}

/// A way before anything is computed of it. Ways are equal if they stand at the same place.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) source: usize,
    pub(super) head: &'a Head,
    /// None: it ends where the head ends.
    pub(super) heard: Option<&'a Heard>,
    pub(super) slot: Slot,
}

impl PartialEq for Way<'_> {
    fn eq(&self, other: &Self) -> bool {
        let place = |way: &Self| {
            let heard = way.heard.map(std::ptr::from_ref);
            (std::ptr::from_ref(way.head), heard)
        };
        place(self) == place(other)
    }
}

/// The ways from one ledger to one prefix, in the table's order.
#[derive(Clone, Copy)]
pub(super) struct Ways<'a> {
    tables: &'a Tables,
    source: usize,
    slot: Slot,
    destination: &'a Destination,
    /// How many of our own ways were handed out.
    own: usize,
    /// What was heard at this place is next,
    heard: usize,
    /// joined with the way of ours at this one.
    head: usize,
}

impl<'a> Iterator for Ways<'a> {
    type Item = Way<'a>;

    #[inline]
    fn next(&mut self) -> Option<Way<'a>> {
        let Self {
            tables,
            source,
            slot,
            destination,
            ..
        } = *self;
        if let Some(own) = destination.own
            && let Some(head) = tables.listed_head(source, own as usize, self.own)
        {
            self.own += 1;
            return Some(Way {
                source,
                head,
                heard: None,
                slot,
            });
        }
        while let Some(heard) = destination.heard.get(self.heard) {
            let heads = tables.heads(source, heard.ledger as usize);
            let counts = !heard.replaced || !self.is_replaced(heard);
            while let Some(head) = heads.get(self.head).filter(|_| counts) {
                self.head += 1;
                if tables.joins(source, head, heard) {
                    return Some(Way {
                        source,
                        head,
                        heard: Some(heard),
                        slot,
                    });
                }
            }
            self.heard += 1;
            self.head = 0;
        }
        None
    }
}

impl Ways<'_> {
    /// Whether what replaced `heard`, which stands before it, can be used instead.
    fn is_replaced(&self, heard: &Heard) -> bool {
        self.destination.heard[..self.heard]
            .iter()
            .any(|newer| newer.hop == heard.hop && self.tables.leads(self.source, newer))
    }
}

impl Tables {
    /// The ledgers of ours, in alphabetical order.
    pub fn sources(&self) -> impl Iterator<Item = &LedgerPrefix> {
        self.ledger_ids
            .iter()
            .map(|(_, slot)| &self.ledgers[*self.ledger_ids.value(slot) as usize].prefix)
    }

    /// Our account on `ledger`.
    pub fn account_on(&self, ledger: &str) -> Option<&IlpAddress> {
        self.ledger_id(ledger)
            .map(|id| &self.ledgers[id as usize].account)
    }

    /// Every prefix that can be reached from the ledger `source`, in alphabetical order.
    pub fn prefixes_from(&self, source: &str) -> impl Iterator<Item = &Prefix> {
        let source = self.ledger_id(source).map(|id| id as usize);
        source.into_iter().flat_map(move |source| {
            self.destinations
                .iter()
                .filter(move |(_, slot)| self.ways(source, *slot).next().is_some())
                .map(|(prefix, _)| prefix)
        })
    }

    /// The prefix that an address takes from the ledger on which `source` is: the longest to which
    /// there is a way.
    pub fn longest_prefix(&self, source: &str, destination: &str) -> Option<&Prefix> {
        let (_, slot) = self.find(source, destination).ok()?;
        Some(self.destinations.prefix(slot))
    }

    /// Every way from the ledger `source` to exactly `prefix`, in the order in which they were first
    /// heard, our own pairs before all others.
    pub fn candidates(&self, view: View, source: &str, prefix: &str) -> Vec<Candidate> {
        let (Some(source), Some(slot)) = (self.ledger_id(source), self.destinations.get(prefix))
        else {
            return Vec::new();
        };
        self.candidates_at(view, source as usize, slot)
    }

    /// What `account` announces, as it was heard, configured routes left out: prefixes and curves, in
    /// alphabetical order.
    pub fn heard_from(
        &self,
        account: &IlpAddress,
    ) -> impl Iterator<Item = (&Prefix, Option<&Curve>)> {
        let hop = self.hop_ids.get(account).copied();
        let mut all: Vec<(&Prefix, Option<&Curve>)> = hop
            .into_iter()
            .flat_map(|hop| {
                self.hops[hop as usize]
                    .slots
                    .iter()
                    .map(move |slot| (hop, slot))
            })
            .filter_map(|(hop, slot)| {
                let heard = &self.destinations.value(slot).heard;
                let heard = heard
                    .iter()
                    .find(|heard| heard.hop == hop && !heard.configured && !heard.replaced)?;
                Some((self.destinations.prefix(slot), heard.curve.as_ref()))
            })
            .collect();
        all.sort_by_key(|(prefix, _)| *prefix);
        all.into_iter()
    }

    /// What `account` announces to exactly `prefix`, as it was heard, a configured route left out: its
    /// curve and its paths.
    pub fn heard_of(&self, account: &IlpAddress, prefix: &str) -> Option<(Option<&Curve>, &Paths)> {
        let hop = *self.hop_ids.get(account)?;
        let slot = self.destinations.get(prefix)?;
        let mut heard = self.destinations.value(slot).heard.iter();
        let heard = heard.find(|heard| heard.hop == hop && !heard.configured && !heard.replaced)?;
        Some((heard.curve.as_ref(), &heard.paths))
    }

    pub(super) fn candidates_at(&self, view: View, source: usize, slot: Slot) -> Vec<Candidate> {
        self.ways(source, slot)
            .filter_map(|way| {
                let curve = self.curve(view, way)?;
                Some(self.candidate(way, curve))
            })
            .collect()
    }

    /// The ledger on which `source` is and the longest prefix of `destination` reached from it.
    pub(super) fn find(&self, source: &str, destination: &str) -> Result<(usize, Slot), NoHop> {
        let source = self.ledger_of(source).ok_or(NoHop::UnknownSource)?;
        let slot = self
            .destinations
            .longest(destination, |slot| self.has_way(source, slot))
            .ok_or(NoHop::Unreachable)?;
        Ok((source, slot))
    }

    /// Every way from the ledger `source` to `slot`: our own pairs first, then what was heard.
    pub(super) fn ways(&self, source: usize, slot: Slot) -> Ways<'_> {
        Ways {
            tables: self,
            source,
            slot,
            destination: self.destinations.value(slot),
            own: 0,
            heard: 0,
            head: 0,
        }
    }

    /// The curve of `way`: none if it cannot be joined, some of none if it has none.
    #[expect(
        clippy::option_option,
        reason = "no way, and a way without a curve, are two things"
    )]
    pub(super) fn curve(&self, view: View, way: Way<'_>) -> Option<Option<Curve>> {
        let mut curve = match way.heard {
            None => None,
            Some(Heard { curve: None, .. }) => return Some(None),
            Some(Heard {
                curve: Some(curve), ..
            }) => Some(curve.clone()),
        };
        for pair in self.legs(way).rev() {
            let leg = self.leg_curve(view, pair)?;
            curve = Some(match curve {
                None => leg.into_owned(),
                Some(tail) => {
                    let carries = self.leg_curve(View::Local, pair)?;
                    self.join(&leg, &tail, &carries)?
                }
            });
        }
        Some(curve)
    }

    /// `head` and then `tail`, up to where more comes out of the one than the other takes. What comes
    /// out is what `carries`, the head as it is, says, also where less of it is promised.
    ///
    /// DIFFERENCE: 10.1.0 ends at the least amount that fills the tail, which may overfill it.
    fn join(&self, head: &Curve, tail: &Curve, carries: &Curve) -> Option<Curve> {
        let joined = Curve::join(head, tail, self.settings.rounding)?;
        if self.settings.rounding == Rounding::Reference {
            return Some(joined);
        }
        let over = tail.capacity().x.checked_add(1);
        match over.and_then(|over| carries.least_source_for(over)) {
            Some(too_much) => ended_at(&joined, too_much.checked_sub(1)?),
            None => Some(joined),
        }
    }

    pub(super) fn candidate(&self, way: Way<'_>, curve: Option<Curve>) -> Candidate {
        let next = &self.ledgers[way.head.ledgers[0] as usize];
        Candidate {
            next_hop: self.next_hop(way).clone(),
            next_ledger: next.prefix.clone(),
            destination_ledger: self.end_of(way).clone().into(),
            target_prefix: self.destinations.prefix(way.slot).clone(),
            hops: self.length(way),
            paths: self.paths(way),
            curve,
            min_message_window: self.window(way),
            expires_at: way.heard.and_then(|heard| self.expires_at(heard)),
            is_local: way.heard.is_none(),
            is_configured: way.heard.is_some_and(|heard| heard.configured),
        }
    }

    /// Whom the next transfer of `way` goes to: the peer, or our own account on the next ledger.
    pub(super) fn next_hop(&self, way: Way<'_>) -> &IlpAddress {
        match way.heard {
            Some(heard) if way.head.ledgers.len() == 1 => &self.hops[heard.hop as usize].account,
            _ => &self.ledgers[way.head.ledgers[0] as usize].account,
        }
    }

    /// Where `way` ends: for the default route, at the next ledger.
    pub(super) fn end_of(&self, way: Way<'_>) -> &IlpAddress {
        let prefix = self.destinations.prefix(way.slot);
        let next = &self.ledgers[way.head.ledgers[0] as usize].prefix;
        prefix.address().unwrap_or(next.as_address())
    }

    /// The number of ledgers on the longest alternative of `way`, both ends counted.
    pub(super) fn length(&self, way: Way<'_>) -> usize {
        let between = way.head.ledgers.len() - 1;
        match way.heard {
            None => 2 + between,
            Some(heard) => {
                let ends_next = self.destinations.prefix(way.slot).is_default();
                between + heard.paths.longest() + if ends_next { 2 } else { 3 }
            }
        }
    }

    pub(super) fn window(&self, way: Way<'_>) -> Millis {
        let heard = way.heard.map_or(Millis(0), |heard| heard.window);
        self.legs(way)
            .filter_map(|leg| self.leg_window(leg))
            .fold(heard, |all, window| all + window)
    }

    fn paths(&self, way: Way<'_>) -> Paths {
        let ledgers = &way.head.ledgers;
        let between = match way.heard {
            // The end is the destination, not between.
            None => &ledgers[1..ledgers.len().max(2) - 1],
            Some(_) => &ledgers[1..],
        };
        let between: Vec<IlpAddress> = between
            .iter()
            .map(|ledger| self.ledgers[*ledger as usize].prefix.as_address().clone())
            .collect();
        Paths::DIRECT.through(
            &between,
            way.heard.map_or(&Paths::DIRECT, |heard| &heard.paths),
        )
    }

    /// The pairs of ours that `way` uses, in order.
    pub(super) fn legs<'a>(
        &self,
        way: Way<'a>,
    ) -> impl DoubleEndedIterator<Item = (usize, usize)> + use<'a> {
        let ledgers = &way.head.ledgers;
        (0..ledgers.len()).map(move |leg| {
            let from = leg
                .checked_sub(1)
                .map_or(way.source, |before| ledgers[before] as usize);
            (from, ledgers[leg] as usize)
        })
    }
}
