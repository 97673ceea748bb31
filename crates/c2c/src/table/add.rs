//! Taking routes in: what is checked, what is replaced, what counts as new.

use std::fmt;

use super::{
    Destination, Head, Heard, HeardRoute, LedgerId, Lifetime, Slot, Tables, bytes_of, starts_at,
};
use crate::address::IlpAddress;
use crate::curve::Curve;
use crate::route::Paths;
use crate::timestamp::{Millis, Timestamp};

/// What adding a route did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Whether some ledger of ours got a way to the prefix through this hop that it had not before.
    pub is_new: bool,
    /// Whether curve, window or paths differ from what was there.
    pub changed: bool,
    /// Whether any of our ledgers can use it now. It is kept if not: our balances may change.
    pub usable: bool,
    /// Whether none can because it passes every ledger of ours that leads to it. It is kept too: a
    /// further ledger may come, or a further pair, and the peer would not tell it again.
    pub loops: bool,
}

/// Why a route was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// No pair of ours leads to its source ledger.
    NoWayTo,
    /// It passes a ledger twice by itself.
    Loop,
    /// One of its paths names more ledgers than are taken.
    PathTooLong {
        /// How many.
        ledgers: usize,
        /// How many are taken.
        most: usize,
    },
    /// It has more alternative paths than are taken.
    TooManyPaths {
        /// How many.
        paths: usize,
        /// How many are taken.
        most: usize,
    },
    /// The peer has as many routes here as one may have.
    TooManyRoutes {
        /// How many are taken.
        most: usize,
    },
    /// The peer's routes, with their curves and paths, take as many bytes as one peer may have here.
    TooManyBytes {
        /// How many that is.
        most: usize,
    },
}

impl fmt::Display for NotAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWayTo => write!(f, "no pair of our ledgers leads to its source ledger"),
            Self::Loop => write!(f, "it would lead in a circle: it passes a ledger twice"),
            Self::PathTooLong { ledgers, most } => {
                write!(
                    f,
                    "a path names {ledgers} ledgers; at most {most} are taken"
                )
            }
            Self::TooManyPaths { paths, most } => {
                write!(
                    f,
                    "it has {paths} alternative paths; at most {most} are taken"
                )
            }
            Self::TooManyRoutes { most } => {
                write!(
                    f,
                    "the peer has {most} routes here already, the most that are taken"
                )
            }
            Self::TooManyBytes { most } => {
                write!(
                    f,
                    "with it the peer's routes would take over {most} bytes, the most that are kept"
                )
            }
        }
    }
}

impl std::error::Error for NotAdded {}

impl Tables {
    /// Keeps `route`, in place of what the same hop announced to the same prefix before.
    ///
    /// A replacement that is refused still takes away what it was to replace: the peer does not
    /// stand by the old one any more (see [`super::Settings::keep_replaced`]).
    pub fn add_route(&mut self, route: HeardRoute, lifetime: Lifetime) -> Result<Added, NotAdded> {
        let place = self.destinations.place(route.prefix.as_str());
        let heard = match self.check(&route, place.slot, lifetime) {
            Ok(heard) => heard,
            Err(error) => {
                if !self.settings.keep_replaced {
                    self.remove_route(&route.source_account, route.prefix.as_str());
                }
                return Err(error);
            }
        };
        let slot = match place.slot {
            Some(slot) => slot,
            None => self
                .destinations
                .put(place, route.prefix, Destination::default()),
        };
        let hop = &mut self.hops[heard.hop as usize];
        hop.slots.insert(slot);
        if !heard.configured {
            hop.earliest = hop.earliest.min(heard.until);
        }
        let place = self.destinations.value(slot).heard.iter().position(|old| {
            old.hop == heard.hop && old.configured == heard.configured && !old.replaced
        });
        let (is_new, changed) = match place {
            None => (self.is_usable(&heard), true),
            Some(place) => {
                let old = &self.destinations.value(slot).heard[place];
                let same_ways = old.ledger == heard.ledger
                    && old.passes == heard.passes
                    && starts_at(old) == starts_at(&heard);
                let changed = old.curve != heard.curve
                    || old.window != heard.window
                    || old.paths != heard.paths
                    || old.ledger != heard.ledger;
                (!same_ways && self.gains(old, &heard), changed)
            }
        };
        let usable = is_new || self.is_usable(&heard);
        let loops = !usable && self.loops_everywhere(&heard);
        if self.settings.keep_replaced
            && let Some(place) = place
        {
            self.keep_replaced(slot, place, &heard);
        }
        let bytes = bytes_of(
            self.destinations.prefix(slot),
            heard.curve.as_ref(),
            &heard.paths,
        );
        self.hops[heard.hop as usize].bytes += bytes;
        let heards = &mut self.destinations.value_mut(slot).heard;
        match place {
            Some(place) => {
                let old = std::mem::replace(&mut heards[place], heard);
                self.give_back(slot, &old);
            }
            None => heards.push(heard),
        }
        if changed {
            self.touch(slot);
        }
        Ok(Added {
            is_new,
            changed,
            usable,
            loops,
        })
    }

    /// Keeps what stands at `place` behind `heard`, which replaces it, for the ledgers that can use
    /// only the old one.
    fn keep_replaced(&mut self, slot: Slot, place: usize, heard: &Heard) {
        let old = &self.destinations.value(slot).heard[place];
        if self.gains(heard, old) {
            let old = Heard {
                replaced: true,
                ..old.clone()
            };
            let bytes = bytes_of(
                self.destinations.prefix(slot),
                old.curve.as_ref(),
                &old.paths,
            );
            self.hops[old.hop as usize].bytes += bytes;
            self.destinations
                .value_mut(slot)
                .heard
                .insert(place + 1, old);
        }
    }

    /// Whether something leads to the ledger of `heard`, and every way there passes a ledger of it.
    fn loops_everywhere(&self, heard: &Heard) -> bool {
        let mut ways = (0..self.ledgers.len()).flat_map(|source| {
            let ways = self.heads(source, heard.ledger as usize);
            ways.iter().map(move |head| (source, head))
        });
        let blocks = |(source, head): (usize, &Head)| {
            heard
                .passes
                .iter()
                .any(|passed| *passed as usize == source || head.ledgers.contains(passed))
        };
        ways.next()
            .is_some_and(|way| blocks(way) && ways.all(blocks))
    }

    fn check(
        &mut self,
        route: &HeardRoute,
        slot: Option<Slot>,
        lifetime: Lifetime,
    ) -> Result<Heard, NotAdded> {
        let most = &self.settings;
        if route.paths.longest() > most.max_path {
            return Err(NotAdded::PathTooLong {
                ledgers: route.paths.longest(),
                most: most.max_path,
            });
        }
        if route.paths.count() > most.max_paths {
            return Err(NotAdded::TooManyPaths {
                paths: route.paths.count(),
                most: most.max_paths,
            });
        }
        let hop = self.known_hop(&route.source_account);
        let ledger = self
            .ledger_told_over(hop, route.source_ledger.as_str().as_bytes())
            .ok_or(NotAdded::NoWayTo)?;
        let circular = route.prefix.as_str() == route.source_ledger.as_str()
            || route.paths.ledgers().any(|passed| {
                passed.as_str() == route.prefix.as_str()
                    || passed.as_str() == route.source_ledger.as_str()
            });
        let own = slot.and_then(|slot| self.destinations.value(slot).own);
        let passes = self.passes(own, &route.paths);
        if circular {
            return Err(NotAdded::Loop);
        }
        let hop = hop.unwrap_or_else(|| self.new_hop(&route.source_account));
        let most = self.settings.max_routes_per_peer;
        let known = &mut self.hops[hop as usize];
        known.ledger = ledger;
        if known.slots.len() >= most && !slot.is_some_and(|slot| known.slots.contains(slot)) {
            return Err(NotAdded::TooManyRoutes { most });
        }
        let most = self.settings.max_bytes_per_peer;
        let adds = bytes_of(&route.prefix, route.curve.as_ref(), &route.paths);
        let replaces: usize = slot.map_or(0, |slot| {
            let heards = self.destinations.value(slot).heard.iter();
            heards
                .filter(|heard| heard.hop == hop)
                .map(|heard| bytes_of(&route.prefix, heard.curve.as_ref(), &heard.paths))
                .sum()
        });
        if known.bytes.saturating_sub(replaces).saturating_add(adds) > most {
            return Err(NotAdded::TooManyBytes { most });
        }
        let beat = known.beat;
        let (configured, until) = match lifetime {
            Lifetime::Configured => (true, Timestamp::from_millis(u64::MAX)),
            Lifetime::Until(until) => (false, until),
        };
        Ok(Heard {
            curve: route.curve.clone(),
            paths: route.paths.clone(),
            window: route.min_message_window,
            ledger,
            hop,
            until,
            beat,
            configured,
            replaced: false,
            passes,
        })
    }

    /// What `account` announced is announced again by it, and nothing of it differs: it has the window
    /// `window`, and what `same` looks at. It lives until `until`, and costs no more than looking it up.
    ///
    /// Whether any of our ledgers can use it; none if something differs, and nothing was done.
    pub fn renew(
        &mut self,
        account: &IlpAddress,
        source_ledger: impl AsRef<[u8]>,
        prefix: impl AsRef<[u8]>,
        window: Millis,
        until: Timestamp,
        same: impl FnOnce(Option<&Curve>, &Paths) -> bool,
    ) -> Option<bool> {
        let hop = self.known_hop(account)?;
        let ledger = self.ledger_told_over(Some(hop), source_ledger.as_ref())?;
        let slot = self.destinations.find(prefix.as_ref())?;
        let heards = &self.destinations.value(slot).heard;
        let is_it = |old: &Heard| old.hop == hop && !old.configured && !old.replaced;
        let place = heards.iter().position(is_it)?;
        // What was kept beside it for some ledgers is not announced again with it.
        let is_alone = !heards
            .get(place + 1)
            .is_some_and(|next| next.hop == hop && next.replaced);
        let heard = &heards[place];
        let is_same = is_alone
            && heard.ledger == ledger
            && heard.window == window
            && same(heard.curve.as_ref(), &heard.paths);
        if !is_same {
            return None;
        }
        let usable = self.is_usable(heard);
        let known = &mut self.hops[hop as usize];
        known.earliest = known.earliest.min(until);
        let beat = known.beat;
        let heard = &mut self.destinations.value_mut(slot).heard[place];
        (heard.until, heard.beat) = (until, beat);
        Some(usable)
    }

    /// The ledgers of ours among `own`, where a route ends, and those on `paths`.
    pub(super) fn passes(&self, own: Option<LedgerId>, paths: &Paths) -> Box<[LedgerId]> {
        let mut passes: Vec<LedgerId> = own.into_iter().collect();
        if !paths.is_direct() {
            passes.extend(
                paths
                    .ledgers()
                    .filter_map(|ledger| self.ledger_id(ledger.as_str())),
            );
            passes.sort_unstable();
            passes.dedup();
        }
        passes.into()
    }
}
