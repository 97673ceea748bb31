//! How much a peer may tell us in a time: a bucket of bytes that drains.
//!
//! Reading updates and keeping what stands in them costs more than sending them. A table of 100,000
//! routes fits in at once; a heartbeat is a thousand times less than what drains in a second.

use crate::timestamp::Timestamp;

/// What the bucket holds.
const MOST: u64 = 64 << 20;
/// What any update costs beside its bytes: so that some five hundred a second are taken for long, and four
/// thousand at once, however little stands in them.
const EACH: u64 = 16 << 10;
/// What drains in a millisecond: 8 MB a second.
const DRAINS: u64 = 8_000;

/// How full one peer's bucket is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    filled: u64,
    at: Timestamp,
}

impl Pace {
    /// Whether `bytes` more are taken at `now`. What is refused does not fill the bucket.
    pub(super) fn takes(&mut self, now: Timestamp, bytes: usize) -> bool {
        let drained = now.since(self.at).0.saturating_mul(DRAINS);
        self.filled = self.filled.saturating_sub(drained);
        self.at = now;
        let filled = u64::try_from(bytes).map_or(u64::MAX, |bytes| {
            self.filled.saturating_add(bytes).saturating_add(EACH)
        });
        let takes = filled <= MOST;
        if takes {
            self.filled = filled;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_refused_and_a_heartbeat_never() {
        let at = |ms: u64| Timestamp::from_millis(1_500_000_000_000 + ms);
        let mut pace = Pace::default();
        let body = 1 << 20;
        let taken = (0..1_000).filter(|ms| pace.takes(at(*ms), body)).count();
        assert!((64..80).contains(&taken), "{taken}");
        assert!(!pace.takes(at(1_000), body));
        assert!(pace.takes(at(2_000), body), "it drains");
        let mut pace = Pace::default();
        assert!((0..10_000).all(|turn| pace.takes(at(10 * turn), 300)));
        let mut pace = Pace::default();
        let taken = (0..100_000).filter(|ms| pace.takes(at(*ms), 300)).count();
        assert!(
            (40_000..60_000).contains(&taken),
            "a thousand a second: {taken}"
        );
        assert!(!Pace::default().takes(at(0), usize::MAX));
    }
}
