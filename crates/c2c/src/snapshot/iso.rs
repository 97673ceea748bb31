//! Times in JSON: ISO 8601 in UTC with three decimals, for `#[serde(with = "iso")]`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serializer};

use crate::timestamp::{Millis, Timestamp};

/// Writes `2017-06-14T11:58:18.509Z`.
pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

/// Reads what [`serialize`] writes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "\"{text}\" is not a time. Write it like 2017-06-14T11:58:18.509Z."
        ))
    })
}

/// The same for a time that may be missing, written `null`.
pub mod option {
    use super::{Cow, Deserialize, Deserializer, Serializer, Timestamp};

    /// Writes the time, or `null`.
    pub fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads the time, or `null`.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        match Option::<Cow<'de, str>>::deserialize(deserializer)? {
            None => Ok(None),
            Some(text) => super::parse(&text).map(Some).ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "\"{text}\" is not a time. Write it like 2017-06-14T11:58:18.509Z."
                ))
            }),
        }
    }
}

/// Reads `YYYY-MM-DDTHH:MM:SS.mmmZ`, from 1970 on; nothing for anything else, 30 February included.
pub fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00.000Z";
    let fits = bytes.len() == shape.len()
        && bytes.iter().zip(shape).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let time = ((days_before(year, month, day)? * 24 + hour) * 60 + minute) * 60 + second;
    let found = Timestamp::from_millis(time * 1000) + Millis(number(20, 23)?);
    // Days beyond the month's end would print as another day.
    (found.to_string() == text).then_some(found)
}

/// Days from 1970-01-01 to the given day; nothing where month or day cannot be.
fn days_before(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years from 1 March, so that the leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    (year * 365 + leap_days + (153 * month + 2) / 5 + day - 1).checked_sub(719_468)
}
