//! A connector's own clock, which need not be right.

use c2c::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::START;

/// How a clock stands and goes. The default is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clock {
    /// How far it is ahead at the start, in milliseconds; negative: behind.
    pub ahead_ms: i64,
    /// How many milliseconds in a thousand it gains; negative: loses. At least −500.
    pub gains_of_thousand: i64,
}

impl Clock {
    /// Whether it is neither ahead nor behind, ever.
    pub fn is_right(&self) -> bool {
        *self == Self::default()
    }

    /// What it shows at `now`.
    pub fn shows(&self, now: Timestamp) -> Timestamp {
        let passed = i128::from(now.since(START).0);
        let shown = passed * self.speed() / 1_000;
        millis(i128::from(START.as_millis()) + i128::from(self.ahead_ms) + shown)
    }

    /// When it will show `shown`, or did.
    pub fn when(&self, shown: Timestamp) -> Timestamp {
        let start = i128::from(START.as_millis());
        let gone = i128::from(shown.as_millis()) - start - i128::from(self.ahead_ms);
        let passed = gone * 1_000;
        let up = passed.div_euclid(self.speed()) + i128::from(passed.rem_euclid(self.speed()) > 0);
        millis(start + up)
    }

    fn speed(&self) -> i128 {
        i128::from(1_000 + self.gains_of_thousand.max(-500))
    }
}

fn millis(time: i128) -> Timestamp {
    Timestamp::from_millis(u64::try_from(time.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use c2c::timestamp::Millis;

    #[test]
    fn a_clock_shows_a_time_first_when_it_says() {
        for ahead_ms in [-3_600_000, -1, 0, 1, 86_400_000] {
            for gains_of_thousand in [-500, -7, 0, 3, 50] {
                let clock = Clock {
                    ahead_ms,
                    gains_of_thousand,
                };
                for passed in [0, 1, 999, 1_000, 1_001, 30_000, 123_456_789] {
                    let shown = clock.shows(START + Millis(passed));
                    let when = clock.when(shown);
                    assert!(clock.shows(when) >= shown);
                    assert!(when <= START + Millis(passed));
                    if when > START {
                        let before = Timestamp::from_millis(when.as_millis() - 1);
                        assert!(clock.shows(before) < shown);
                    }
                }
            }
        }
    }
}
