//! So many a second, and a burst of them: one number that atomics can move.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many seconds' worth may come at once.
const BURST: u64 = 5;

/// How much is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How far apart, in nanoseconds, requests may come for ever; 0: any number may come.
    apart: u64,
}

impl Rate {
    /// So many a second; 0: any number.
    pub fn per_second(number: u32) -> Self {
        let apart = 1_000_000_000u64
            .checked_div(number.into())
            .map_or(0, |apart| apart.max(1));
        Self { apart }
    }
}

/// What one caller has taken of its share: the moment until which that is paid for, in nanoseconds of the
/// server's own time.
#[derive(Debug, Default)]
pub struct Bucket(AtomicU64);

impl Bucket {
    /// Takes one, or says how long to wait.
    pub fn take(&self, now: u64, rate: Rate) -> Result<(), Duration> {
        if rate.apart == 0 {
            return Ok(());
        }
        let most = now.saturating_add(BURST * 1_000_000_000);
        let mut paid = self.0.load(Ordering::Relaxed);
        loop {
            let next = paid.max(now).saturating_add(rate.apart);
            if next > most {
                return Err(Duration::from_nanos(next - most));
            }
            let taken =
                self.0
                    .compare_exchange_weak(paid, next, Ordering::Relaxed, Ordering::Relaxed);
            match taken {
                Ok(_) => return Ok(()),
                Err(found) => paid = found,
            }
        }
    }

    /// Whether nothing of it is taken.
    pub fn is_full(&self, now: u64) -> bool {
        self.0.load(Ordering::Relaxed) <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let (bucket, rate) = (Bucket::default(), Rate::per_second(10));
        let passed = |from: u64| (0..100).filter(|_| bucket.take(from, rate).is_ok()).count();
        assert_eq!(passed(0), 50);
        assert_eq!(passed(1_000_000_000), 10);
        assert_eq!(passed(1_050_000_000), 0);
        assert_eq!(passed(100_000_000_000), 50);
        let wait = bucket.take(100_000_000_000, rate).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        assert!(!bucket.is_full(104_000_000_000));
        assert!(bucket.is_full(105_000_000_000));
    }

    #[test]
    fn nothing_is_counted_where_any_number_may_come() {
        let (bucket, rate) = (Bucket::default(), Rate::per_second(0));
        assert!((0..1_000_000).all(|_| bucket.take(0, rate).is_ok()));
        assert!(bucket.is_full(0));
    }
}
