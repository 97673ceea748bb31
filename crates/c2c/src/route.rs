//! Routes: where money comes in, over which ledgers it goes, where it ends, and what comes out.
//!
//! Facts are those of ilp-routing 10.1.0 (`Route`), on whose vectors this room is tested; the rule
//! for parallel routes is that of the specification (spec, Route broadcasts).

use std::fmt;
use std::sync::Arc;

use crate::address::{AddressError, IlpAddress, LedgerPrefix};
use crate::curve::{Curve, Rounding};
use crate::timestamp::{Millis, Timestamp};

mod paths;

pub use paths::Paths;

/// What addresses must start with to take a route: an address, or nothing at all for the default
/// route. Cheap to clone.
///
/// ```
/// use c2c::route::Prefix;
/// let prefix = Prefix::new("g.us.")?;
/// assert!(prefix.covers("g.us.bank.alice"));
/// assert!(!prefix.covers("g.usd.bank"));
/// assert!(Prefix::DEFAULT.covers("g.usd.bank"));
/// # Ok::<(), c2c::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Option<IlpAddress>);

impl Prefix {
    /// The empty prefix, which every address starts with.
    pub const DEFAULT: Prefix = Prefix(None);

    /// Checks and keeps `text`; the empty text is [`Prefix::DEFAULT`].
    pub fn new(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Ok(Self::DEFAULT);
        }
        IlpAddress::new(text).map(|address| Self(Some(address)))
    }

    /// The text, empty for the default route.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", IlpAddress::as_str)
    }

    /// The prefix as an address; none for the default route.
    pub fn address(&self) -> Option<&IlpAddress> {
        self.0.as_ref()
    }

    /// Whether this is the default route's.
    pub fn is_default(&self) -> bool {
        self.0.is_none()
    }

    /// Whether this is on a ledger between two peers.
    pub fn is_peer(&self) -> bool {
        self.0.as_ref().is_some_and(IlpAddress::is_peer)
    }

    /// Whether `address` lies under this prefix, on segment boundaries.
    pub fn covers(&self, address: &str) -> bool {
        let prefix = self.as_str();
        address.strip_prefix(prefix).is_some_and(|rest| {
            prefix.is_empty() || prefix.ends_with('.') || rest.is_empty() || rest.starts_with('.')
        })
    }
}

impl From<IlpAddress> for Prefix {
    fn from(address: IlpAddress) -> Self {
        Self(Some(address))
    }
}

impl From<LedgerPrefix> for Prefix {
    fn from(ledger: LedgerPrefix) -> Self {
        Self(Some(ledger.as_address().clone()))
    }
}

impl From<&LedgerPrefix> for Prefix {
    fn from(ledger: &LedgerPrefix) -> Self {
        Self(Some(ledger.as_address().clone()))
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// One way from a source ledger to a destination, as a value of its own.
///
/// The tables keep routes in a smaller form and hand them out like this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where the money comes in.
    pub source_ledger: Prefix,
    /// The ledger of the next transfer.
    pub next_ledger: Prefix,
    /// Where the money ends.
    pub destination_ledger: Prefix,
    /// Addresses under it take this route.
    pub target_prefix: Prefix,
    /// How much comes out for how much that goes in; none if quotes must be asked for.
    pub curve: Option<Curve>,
    /// The time that all hops together need between their expiries.
    pub min_message_window: Millis,
    /// Alternative lists of the ledgers between next ledger and destination.
    pub paths: Paths,
    /// Whether it is made of our own pairs of ledgers only.
    pub is_local: bool,
    /// The announcing peer's account, which is the next hop; none once routes are combined.
    pub source_account: Option<IlpAddress>,
    /// When it runs out; none if never.
    pub expires_at: Option<Timestamp>,
}

impl Route {
    /// How many ledgers the longest alternative passes, both ends counted.
    ///
    /// The number is that of ilp-routing 10.1.0 (`_getMaxPathLength`): a pair of own ledgers has 2,
    /// a route by way of one peer 3.
    pub fn path_length(&self) -> usize {
        self.paths.longest()
            + if self.next_ledger == self.destination_ledger {
                2
            } else {
                3
            }
    }

    /// This route and then `tail`; none if they do not meet, would pass a ledger twice, or share no
    /// amount that both can carry.
    ///
    /// The loop check looks at every alternative of either side: one bad one spoils the whole.
    pub fn join(&self, tail: &Route, rounding: Rounding) -> Option<Route> {
        if self.destination_ledger != tail.source_ledger || self.loops_with(tail) {
            return None;
        }
        let curve = match (&self.curve, &tail.curve) {
            (Some(head), Some(tail)) => Some(Curve::join(head, tail, rounding)?),
            _ => None,
        };
        let destination_ledger = if tail.destination_ledger.is_default() {
            self.next_ledger.clone()
        } else {
            tail.destination_ledger.clone()
        };
        Some(Route {
            source_ledger: self.source_ledger.clone(),
            next_ledger: self.next_ledger.clone(),
            target_prefix: tail.target_prefix.clone(),
            curve,
            min_message_window: self.min_message_window + tail.min_message_window,
            paths: self.paths.through(&self.between(tail), &tail.paths),
            is_local: self.is_local && tail.is_local,
            source_account: self.source_account.clone(),
            expires_at: earlier(self.expires_at, tail.expires_at),
            destination_ledger,
        })
    }

    /// The better of two routes between the same ledgers by the specification's rule: the shorter as
    /// a whole; of two equally long ones, section by section, the one that delivers more.
    ///
    /// A route without a curve takes the curve from an equally long one too, as in 10.1.0.
    pub fn combine(&self, other: &Route, rounding: Rounding) -> Route {
        match self.path_length().cmp(&other.path_length()) {
            std::cmp::Ordering::Less => self.clone(),
            std::cmp::Ordering::Greater => other.clone(),
            std::cmp::Ordering::Equal => Route {
                source_ledger: self.source_ledger.clone(),
                next_ledger: self.next_ledger.clone(),
                destination_ledger: self.destination_ledger.clone(),
                target_prefix: self.destination_ledger.clone(),
                curve: match (&self.curve, &other.curve) {
                    (Some(a), Some(b)) => Some(a.combine(b, rounding)),
                    _ => None,
                },
                min_message_window: self.min_message_window.max(other.min_message_window),
                paths: self.paths.union(&other.paths),
                is_local: false,
                source_account: None,
                expires_at: earlier(self.expires_at, other.expires_at),
            },
        }
    }

    /// The ledgers that lie between this route's paths and `tail`'s: where they meet, and the tail's
    /// next ledger, each unless it is the end of its own route.
    fn between(&self, tail: &Route) -> Vec<IlpAddress> {
        let meeting =
            (self.destination_ledger != self.next_ledger).then_some(&self.destination_ledger);
        let next = (tail.next_ledger != tail.destination_ledger).then_some(&tail.next_ledger);
        [meeting, next]
            .into_iter()
            .flatten()
            .filter_map(|prefix| prefix.address().cloned())
            .collect()
    }

    fn loops_with(&self, tail: &Route) -> bool {
        let mut ends: Vec<&str> = vec![
            self.source_ledger.as_str(),
            self.next_ledger.as_str(),
            tail.destination_ledger.as_str(),
        ];
        if self.destination_ledger != self.next_ledger {
            ends.push(self.destination_ledger.as_str());
        }
        if tail.next_ledger != tail.destination_ledger {
            ends.push(tail.next_ledger.as_str());
        }
        let twice = (1..ends.len()).any(|i| ends[..i].contains(&ends[i]));
        twice
            || self
                .paths
                .ledgers()
                .any(|ledger| ends.contains(&ledger.as_str()))
            || tail.paths.ledgers().any(|ledger| {
                ends.contains(&ledger.as_str()) || self.paths.ledgers().any(|l| l == ledger)
            })
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A list of ledgers between the next ledger and the destination. Cheap to clone.
pub type Path = Arc<[IlpAddress]>;
