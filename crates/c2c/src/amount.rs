//! Amounts: whole numbers of base units, and their exact conversion to and from currency decimals.
//!
//! A base unit is the smallest unit of a ledger: 1 of the currency is 10^scale base units.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest integer that software of 2017 reads without loss: 2^53 − 1.
pub const MAX_SAFE_2017: u64 = (1 << 53) - 1;

/// How many decimals one base unit stands behind the point: 0 to 18.
///
/// ```
/// use c2c::amount::Scale;
/// assert_eq!(Scale::new(9)?.units_per_one(), 1_000_000_000);
/// assert!("19".parse::<Scale>().is_err());
/// # Ok::<(), c2c::amount::AmountError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Scale(u8);

impl Scale {
    /// The largest scale at which one currency unit still fits into 64 bits.
    pub const MAX: u8 = 18;
    /// What ilp-kit uses for peer ledgers.
    pub const KIT: Scale = Scale(9);

    /// A scale of `decimals`, or [`AmountError::ScaleRange`] above 18.
    pub fn new(decimals: u8) -> Result<Self, AmountError> {
        if decimals > Self::MAX {
            return Err(AmountError::ScaleRange {
                value: decimals.to_string(),
            });
        }
        Ok(Self(decimals))
    }

    /// The number of decimals.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Base units in one unit of the currency.
    pub const fn units_per_one(self) -> u64 {
        10u64.pow(self.0 as u32)
    }
}

impl TryFrom<u8> for Scale {
    type Error = AmountError;
    fn try_from(decimals: u8) -> Result<Self, AmountError> {
        Self::new(decimals)
    }
}

impl From<Scale> for u8 {
    fn from(scale: Scale) -> u8 {
        scale.0
    }
}

impl FromStr for Scale {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let wrong = || AmountError::ScaleRange {
            value: shortened(text),
        };
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        text.parse::<u8>()
            .ok()
            .and_then(|n| Self::new(n).ok())
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number of base units, 0 to 2^64 − 1. In JSON a decimal text, so that no reader rounds it.
///
/// ```
/// use c2c::amount::{Amount, Scale};
/// let usd = Scale::new(9)?;
/// let limit = Amount::from_currency("12.5", usd)?;
/// assert_eq!(limit.units(), 12_500_000_000);
/// assert_eq!(limit.to_currency(usd), "12.5");
/// assert!(Amount::from_currency("0.0000000001", usd).is_err());
/// # Ok::<(), c2c::amount::AmountError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);
    /// The most there can be.
    pub const MAX: Amount = Amount(u64::MAX);

    /// `units` base units.
    pub const fn new(units: u64) -> Self {
        Self(units)
    }

    /// The base units.
    pub const fn units(self) -> u64 {
        self.0
    }

    /// The sum, or nothing where it does not fit into 64 bits.
    pub const fn checked_add(self, other: Amount) -> Option<Amount> {
        match self.0.checked_add(other.0) {
            Some(units) => Some(Amount(units)),
            None => None,
        }
    }

    /// The difference, or nothing where it would be negative.
    pub const fn checked_sub(self, other: Amount) -> Option<Amount> {
        match self.0.checked_sub(other.0) {
            Some(units) => Some(Amount(units)),
            None => None,
        }
    }

    /// A currency decimal such as `12.5`, exactly: no sign, no exponent, at most `scale` decimals.
    pub fn from_currency(text: &str, scale: Scale) -> Result<Self, AmountError> {
        let syntax = || AmountError::Syntax {
            value: shortened(text),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(syntax());
        }
        let significant = fraction.trim_end_matches('0');
        if significant.len() > usize::from(scale.0) {
            return Err(AmountError::TooManyDecimals {
                value: shortened(text),
                decimals: significant.len(),
                scale,
            });
        }
        let huge = || AmountError::TooLarge {
            value: shortened(text),
            scale,
        };
        let mut units: u64 = 0;
        let padding = std::iter::repeat_n(b'0', usize::from(scale.0) - significant.len());
        for digit in whole.bytes().chain(significant.bytes()).chain(padding) {
            units = units
                .checked_mul(10)
                .and_then(|n| n.checked_add(u64::from(digit - b'0')))
                .ok_or_else(huge)?;
        }
        Ok(Self(units))
    }

    /// The amount in its currency, exactly and without trailing zeros: `12.5`.
    pub fn to_currency(self, scale: Scale) -> String {
        let one = scale.units_per_one();
        let (whole, rest) = (self.0 / one, self.0 % one);
        if rest == 0 {
            return whole.to_string();
        }
        let fraction = format!("{rest:0width$}", width = usize::from(scale.0));
        format!("{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Amount {
    fn from(units: u64) -> Self {
        Self(units)
    }
}

impl FromStr for Amount {
    type Err = AmountError;
    /// Base units as the wire writes them: `0` or a digit 1–9 followed by digits, up to 2^64 − 1.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let plain = !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        if !plain {
            return Err(AmountError::Syntax {
                value: shortened(text),
            });
        }
        text.parse().map(Self).map_err(|_| AmountError::TooLarge {
            value: shortened(text),
            scale: Scale(0),
        })
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// At most 40 characters of what was given, for a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why a text is not an amount or a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// Not a plain decimal number.
    Syntax {
        /// What was given, shortened.
        value: String,
    },
    /// More decimals than the scale has; shorten the number or raise the scale.
    TooManyDecimals {
        /// What was given, shortened.
        value: String,
        /// How many decimals it has, trailing zeros not counted.
        decimals: usize,
        /// How many there may be.
        scale: Scale,
    },
    /// Over 2^64 − 1 base units; lower the number or the scale.
    TooLarge {
        /// What was given, shortened.
        value: String,
        /// At which scale.
        scale: Scale,
    },
    /// A scale that is not a whole number from 0 to 18.
    ScaleRange {
        /// What was given, shortened.
        value: String,
    },
}

impl AmountError {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "AMOUNT_FORMAT",
            Self::TooManyDecimals { .. } => "LIMIT_DECIMALS",
            Self::TooLarge { .. } => "LIMIT_HUGE",
            Self::ScaleRange { .. } => "SCALE_RANGE",
        }
    }
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { value } => {
                write!(
                    f,
                    "\"{value}\" is not an amount. Write digits, such as 100."
                )
            }
            Self::TooManyDecimals {
                value,
                decimals,
                scale,
            } => write!(
                f,
                "{value} has {decimals} decimals, more than scale {scale} allows. Shorten it or raise the scale."
            ),
            Self::TooLarge { value, scale } => {
                write!(f, "{value} at scale {scale} exceeds 64 bits. Lower either.")
            }
            Self::ScaleRange { .. } => write!(
                f,
                "Scale counts decimals: a whole number from 0 to 18. Most use 9."
            ),
        }
    }
}

impl std::error::Error for AmountError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scale(decimals: u8) -> Scale {
        Scale::new(decimals).unwrap()
    }

    fn fault(text: &str, decimals: u8) -> (&'static str, String) {
        let fault = Amount::from_currency(text, scale(decimals)).unwrap_err();
        (fault.code(), fault.to_string())
    }

    #[test]
    fn currency_becomes_units_exactly() {
        for (text, decimals, units) in [
            ("100", 9, 100_000_000_000),
            ("0.000000001", 9, 1),
            ("1.50", 1, 15),
            ("007", 0, 7),
            ("18446744073709551615", 0, u64::MAX),
            ("18446744073.709551615", 9, u64::MAX),
            ("18.446744073709551615", 18, u64::MAX),
            ("0.0", 0, 0),
        ] {
            let amount = Amount::from_currency(text, scale(decimals)).unwrap();
            assert_eq!(amount.units(), units, "{text}");
        }
    }

    #[test]
    fn too_many_decimals_are_counted_without_trailing_zeros() {
        assert_eq!(
            fault("1.2345600", 3),
            (
                "LIMIT_DECIMALS",
                "1.2345600 has 5 decimals, more than scale 3 allows. Shorten it or raise the scale."
                    .to_owned()
            )
        );
    }

    #[test]
    fn what_exceeds_64_bits_is_refused() {
        assert_eq!(
            fault("18446744073.709551616", 9),
            (
                "LIMIT_HUGE",
                "18446744073.709551616 at scale 9 exceeds 64 bits. Lower either.".to_owned()
            )
        );
        assert_eq!(fault("19", 18).0, "LIMIT_HUGE");
        let (code, text) = fault(&"9".repeat(100_000), 9);
        assert!(code == "LIMIT_HUGE" && text.len() < 120);
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "1 000", "1,5", "٣", "0x10", "1.2.3",
        ] {
            assert_eq!(fault(text, 9).0, "AMOUNT_FORMAT", "{text}");
        }
    }

    #[test]
    fn the_wire_form_is_strict() {
        assert_eq!("0".parse(), Ok(Amount::ZERO));
        assert_eq!("18446744073709551615".parse(), Ok(Amount::MAX));
        for text in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            "1.0",
            "1e3",
            " 1",
            "18446744073709551616",
        ] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Amount>("5").is_err());
        assert_eq!(
            serde_json::from_str::<Amount>("\"5\"").unwrap(),
            Amount::new(5)
        );
        assert_eq!(
            serde_json::to_string(&Amount::MAX).unwrap(),
            "\"18446744073709551615\""
        );
    }

    #[test]
    fn a_scale_is_a_whole_number_up_to_18() {
        assert_eq!("18".parse(), Ok(scale(18)));
        for text in [
            "",
            "19",
            "-1",
            "+1",
            "9.0",
            "256",
            "nine",
            "99999999999999999999",
        ] {
            let fault = text.parse::<Scale>().unwrap_err();
            assert_eq!(fault.code(), "SCALE_RANGE");
            assert_eq!(
                fault.to_string(),
                "Scale counts decimals: a whole number from 0 to 18. Most use 9."
            );
        }
        assert!(serde_json::from_str::<Scale>("19").is_err());
    }

    proptest! {
        #[test]
        fn prop_currency_round_trips(units in any::<u64>(), decimals in 0u8..=18) {
            let amount = Amount::new(units);
            let text = amount.to_currency(scale(decimals));
            prop_assert_eq!(Amount::from_currency(&text, scale(decimals)), Ok(amount));
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn prop_any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9.]{0,40}", decimals in 0u8..=18) {
            let _ = Amount::from_currency(&text, scale(decimals));
            let _ = text.parse::<Amount>();
        }
    }
}
