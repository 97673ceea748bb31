//! The time: the system's, but it never runs backwards and never stands still.
//!
//! The system's clock may be set back. An engine that waited until it has caught up would say nothing
//! for as long, and its peers would drop its routes. So time goes on, a tenth slower, until then.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use c2c::timestamp::Timestamp;

/// A clock that only goes forward.
pub struct Clock {
    /// What it last showed, since 1970, and when that was.
    last: Mutex<(Duration, Instant)>,
}

impl Clock {
    /// One that shows what the system's shows now.
    pub fn start() -> Self {
        Self {
            last: Mutex::new((system(), Instant::now())),
        }
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> Timestamp {
        // Nothing in here panics while the lock is held.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let shown = next(last.0, now.duration_since(last.1), system());
        *last = (shown, now);
        Timestamp::from_millis(u64::try_from(shown.as_millis()).unwrap_or(u64::MAX))
    }
}

/// What to show `elapsed` after `last` was shown.
fn next(last: Duration, elapsed: Duration, system: Duration) -> Duration {
    system.max(last.saturating_add(elapsed / 10 * 9))
}

fn system() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_until_it_is_right_again() {
        let start = seconds(1_500_000_000);
        assert_eq!(
            next(start, seconds(10), start + seconds(10)),
            start + seconds(10)
        );
        let ahead = start + seconds(3600);
        assert_eq!(next(start, seconds(10), ahead), ahead, "set forward");
        let (mut shown, mut system) = (start, start - seconds(3600));
        for _ in 0..3601 {
            system += seconds(10);
            let later = next(shown, seconds(10), system);
            assert!(later - shown >= seconds(9));
            shown = later;
        }
        assert_eq!(shown, system);
    }
}
