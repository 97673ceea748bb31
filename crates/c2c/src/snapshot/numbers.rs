//! Numbers as the admin API writes them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

use crate::timestamp::Millis;

/// A balance in base units: positive, the other side owes us. In JSON a decimal text, as in `"-12"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Balance(pub i128);

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Balance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Balance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            D::Error::custom(format!(
                "\"{text}\" is not a balance. Write base units, such as -100."
            ))
        })
    }
}

/// A length of time that JSON writes in seconds, as the wire does: `2`, `0.5`. Kept in milliseconds;
/// a finer fraction is rounded up on reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub Millis);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.0 / 1000, self.0.0 % 1000);
        if rest == 0 {
            return whole.fmt(f);
        }
        write!(f, "{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_string();
        // Digits with at most one point among them: always a JSON number.
        let number = Number::from_str(&text).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Number::deserialize(deserializer)?.to_string();
        millis(&text).map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "{text} is not a number of seconds. Write one, such as 1.5."
            ))
        })
    }
}

/// A plain decimal of seconds, rounded up to milliseconds.
fn millis(text: &str) -> Option<Millis> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let (kept, finer) = fraction.split_at(fraction.len().min(3));
    let part: u64 = format!("{kept:0<3}").parse().ok()?;
    let up = u64::from(finer.bytes().any(|b| b != b'0'));
    let whole: u64 = whole.parse().ok()?;
    Some(Millis(
        whole
            .checked_mul(1000)?
            .checked_add(part)?
            .checked_add(up)?,
    ))
}
