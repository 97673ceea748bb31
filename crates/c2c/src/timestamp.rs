//! Time as the caller tells it: milliseconds since 1970-01-01T00:00:00Z.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant, in milliseconds since 1970 UTC. The core never asks for one; it is handed one.
///
/// Written, also in JSON, as the wire writes it: ISO 8601 in UTC with three decimals.
///
/// ```
/// use c2c::timestamp::{Millis, Timestamp};
/// let expiry: Timestamp = "2017-06-14T11:58:18.509Z".parse()?;
/// assert_eq!(expiry.as_millis(), 1_497_441_498_509);
/// assert_eq!((expiry + Millis(1_000)).to_string(), "2017-06-14T11:58:19.509Z");
/// assert_eq!(expiry.to_packet_text().as_deref(), Some("20170614115818.509Z"));
/// # Ok::<(), c2c::timestamp::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// A length of time in milliseconds. In JSON a number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Millis(pub u64);

impl Timestamp {
    /// The last instant that four digits of a year can name: the end of 9999.
    pub const MAX_WRITTEN: Timestamp = Timestamp(253_402_300_799_999);

    /// The instant `ms` milliseconds after 1970 began.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970 began.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to here; none if `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// The form inside binary packets: `20170614115818.509Z`. None after the year 9999.
    pub fn to_packet_text(self) -> Option<String> {
        if self > Self::MAX_WRITTEN {
            return None;
        }
        let mut text = self.to_string();
        text.retain(|c| !matches!(c, '-' | ':' | 'T'));
        Some(text)
    }

    /// Reads the form inside binary packets: exactly 19 characters, a date that exists.
    ///
    /// DIFFERENCE: ilp-packet 1.3 takes whatever JavaScript's `Date` makes sense of, 30 February
    /// too, and refuses the very first instant of 1970. Here it is the one form that is written.
    pub fn from_packet_text(text: &str) -> Result<Self, TimestampError> {
        let bytes: &[u8; 19] = text
            .as_bytes()
            .try_into()
            .map_err(|_| TimestampError::Syntax)?;
        if bytes[14] != b'.' || bytes[18] != b'Z' {
            return Err(TimestampError::Syntax);
        }
        Civil {
            year: digits(&bytes[0..4])?,
            month: digits(&bytes[4..6])?,
            day: digits(&bytes[6..8])?,
            hour: digits(&bytes[8..10])?,
            minute: digits(&bytes[10..12])?,
            second: digits(&bytes[12..14])?,
            millisecond: digits(&bytes[15..18])?,
        }
        .instant(0)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;
    /// ISO 8601 with a zone: `2017-06-14T11:58:18.509Z`, any number of decimals or none, `+02:00`
    /// as well as `Z`. Decimals beyond the third are cut off.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let bytes = text.as_bytes();
        let (date, rest) = bytes.split_at_checked(19).ok_or(TimestampError::Syntax)?;
        let separators = [date[4], date[7], date[10], date[13], date[16]];
        if separators != *b"--T::" || rest.len() > 40 {
            return Err(TimestampError::Syntax);
        }
        let (millisecond, zone) = match rest.strip_prefix(b".") {
            None => (0, rest),
            Some(rest) => {
                let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                let (fraction, zone) = rest.split_at(length);
                if fraction.is_empty() {
                    return Err(TimestampError::Syntax);
                }
                let thousandths = fraction
                    .iter()
                    .chain(b"00")
                    .take(3)
                    .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
                (thousandths, zone)
            }
        };
        let offset = match zone {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
                if hours > 23 || minutes > 59 {
                    return Err(TimestampError::NoSuchTime);
                }
                let minutes =
                    i64::try_from(hours * 60 + minutes).map_err(|_| TimestampError::NoSuchTime)?;
                if *sign == b'+' { minutes } else { -minutes }
            }
            _ => return Err(TimestampError::Syntax),
        };
        Civil {
            year: digits(&date[0..4])?,
            month: digits(&date[5..7])?,
            day: digits(&date[8..10])?,
            hour: digits(&date[11..13])?,
            minute: digits(&date[14..16])?,
            second: digits(&date[17..19])?,
            millisecond,
        }
        .instant(offset)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Add<Millis> for Timestamp {
    type Output = Timestamp;
    fn add(self, time: Millis) -> Timestamp {
        Timestamp(self.0.saturating_add(time.0))
    }
}

impl Sub<Millis> for Timestamp {
    type Output = Timestamp;
    fn sub(self, time: Millis) -> Timestamp {
        Timestamp(self.0.saturating_sub(time.0))
    }
}

impl Add for Millis {
    type Output = Millis;
    fn add(self, other: Millis) -> Millis {
        Millis(self.0.saturating_add(other.0))
    }
}

/// ISO 8601 in UTC with three decimals, as the wire writes it: `2017-06-14T11:58:18.509Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, ms) = (self.0 / MS_PER_DAY, self.0 % MS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
        let (second, milli) = (ms / 1000 % 60, ms % 1000);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        )
    }
}

/// Why a text is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampError {
    /// Not of the form.
    Syntax,
    /// Of the form, but no day or time that exists.
    NoSuchTime,
    /// Before 1970.
    BeforeEpoch,
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => {
                "Not a time. Write it in UTC with milliseconds, such as 2017-06-14T11:58:18.509Z."
            }
            Self::NoSuchTime => "There is no such day or time. Check it against a calendar.",
            Self::BeforeEpoch => "Times before 1970 are not taken. Check the year.",
        })
    }
}

impl std::error::Error for TimestampError {}

const MS_PER_DAY: u64 = 86_400_000;

/// A day and time of the Gregorian calendar, not yet checked.
struct Civil {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    millisecond: u64,
}

impl Civil {
    /// The instant, `offset` minutes east of UTC.
    fn instant(&self, offset: i64) -> Result<Timestamp, TimestampError> {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let length = match self.month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(TimestampError::NoSuchTime),
        };
        if !(1..=length).contains(&self.day)
            || self.hour > 23
            || self.minute > 59
            || self.second > 59
        {
            return Err(TimestampError::NoSuchTime);
        }
        let days = days_from_civil(self.year, self.month, self.day)
            .checked_sub(DAYS_TO_1970)
            .ok_or(TimestampError::BeforeEpoch)?;
        let seconds = self.hour * 3600 + self.minute * 60 + self.second;
        // At most year 9999: far from the ends of 64 bits.
        (days * MS_PER_DAY + seconds * 1000 + self.millisecond)
            .checked_add_signed(-offset * 60_000)
            .map(Timestamp)
            .ok_or(TimestampError::BeforeEpoch)
    }
}

/// Years are counted from 1 March 0000, so that the leap day is the last of its year.
const DAYS_TO_1970: u64 = 719_468;

/// Days from 1 March 0000 to this day; of the first two months of year 0 it makes 0.
fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let Some(year) = year.checked_sub(u64::from(month <= 2)) else {
        return 0;
    };
    let (era, of_era) = (year / 400, year % 400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year
}

/// Year, month and day of the Gregorian calendar, `days` after 1970-01-01.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + DAYS_TO_1970;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

/// The number that these decimal digits write; at most four are ever given.
fn digits(bytes: &[u8]) -> Result<u64, TimestampError> {
    bytes.iter().try_fold(0, |sum, byte| {
        if byte.is_ascii_digit() {
            Ok(sum * 10 + u64::from(byte - b'0'))
        } else {
            Err(TimestampError::Syntax)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<u64, TimestampError> {
        text.parse().map(Timestamp::as_millis)
    }

    #[test]
    fn iso_8601_is_read_with_zone_and_any_decimals() {
        let ms = 1_497_441_498_000;
        assert_eq!(read("2017-06-14T11:58:18Z"), Ok(ms));
        assert_eq!(read("2017-06-14T11:58:18.5Z"), Ok(ms + 500));
        assert_eq!(read("2017-06-14T11:58:18.509999Z"), Ok(ms + 509));
        assert_eq!(read("2017-06-14T13:58:18.000+02:00"), Ok(ms));
        assert_eq!(read("2017-06-14T08:28:18.000-03:30"), Ok(ms));
        assert_eq!(read("1970-01-01T00:00:00.000Z"), Ok(0));
        assert_eq!(read("2000-02-29T00:00:00Z"), Ok(951_782_400_000));
        assert_eq!(
            read("9999-12-31T23:59:59.999Z"),
            Ok(Timestamp::MAX_WRITTEN.as_millis())
        );
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        use TimestampError::*;
        for (text, expected) in [
            ("", Syntax),
            ("2017-06-14", Syntax),
            ("2017-06-14T11:58:18", Syntax),
            ("2017-06-14 11:58:18Z", Syntax),
            ("2017-06-14T11:58:18.Z", Syntax),
            ("2017-06-14T11:58:18z", Syntax),
            ("2017-06-14T11:58:18+0200", Syntax),
            ("+017-06-14T11:58:18Z", Syntax),
            ("2017-06-14T11:58:1ßZ", Syntax),
            ("2017-02-29T00:00:00Z", NoSuchTime),
            ("1900-02-29T00:00:00Z", NoSuchTime),
            ("2017-13-01T00:00:00Z", NoSuchTime),
            ("2017-00-01T00:00:00Z", NoSuchTime),
            ("2017-01-00T00:00:00Z", NoSuchTime),
            ("2017-06-31T00:00:00Z", NoSuchTime),
            ("2017-06-14T24:00:00Z", NoSuchTime),
            ("2017-06-14T11:60:00Z", NoSuchTime),
            ("2017-06-14T11:58:60Z", NoSuchTime),
            ("2017-06-14T11:58:18+24:00", NoSuchTime),
            ("1969-12-31T23:59:59.999Z", BeforeEpoch),
            ("0000-01-01T00:00:00Z", BeforeEpoch),
            ("1970-01-01T00:00:00+00:01", BeforeEpoch),
        ] {
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn the_form_in_packets_is_strict() {
        assert_eq!(
            Timestamp::from_packet_text("20170614000000.000Z"),
            Ok(Timestamp(1_497_398_400_000))
        );
        assert_eq!(
            Timestamp::from_packet_text("19700101000000.000Z"),
            Ok(Timestamp(0))
        );
        for text in [
            "",
            "2017",
            "20170614000000Z",
            "20170614000000.00Z",
            "20170614000000.0000",
            "20170614000000.0000Z",
            "2017-06-14T00:00:00.000Z",
            "20170230000000.000Z",
            "20170614240000.000Z",
        ] {
            assert!(Timestamp::from_packet_text(text).is_err(), "{text}");
        }
        assert_eq!(Timestamp::from_millis(u64::MAX).to_packet_text(), None);
    }

    #[test]
    fn the_far_future_is_written_without_panic() {
        let text = Timestamp::from_millis(u64::MAX).to_string();
        assert!(text.starts_with("584556019-04-03T"));
    }

    proptest! {
        #[test]
        fn prop_both_forms_round_trip(ms in 0..=Timestamp::MAX_WRITTEN.as_millis()) {
            let instant = Timestamp(ms);
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
            let packed = instant.to_packet_text().unwrap();
            prop_assert_eq!(Timestamp::from_packet_text(&packed), Ok(instant));
            prop_assert_eq!(packed.len(), 19);
        }

        #[test]
        fn prop_any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9TZ:.+-]{15,30}") {
            let _ = text.parse::<Timestamp>();
            let _ = Timestamp::from_packet_text(&text);
        }
    }
}
