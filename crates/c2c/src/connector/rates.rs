//! What is traded, and at which rate.

mod feed;

pub use feed::FeedError;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::address::CurrencyCode;
use crate::curve::Ratio;

use super::Error;

/// A number written in decimals, kept exactly: a rate, or a share such as the spread.
///
/// ```
/// use c2c::connector::Decimal;
/// let spread: Decimal = "0.002".parse()?;
/// assert_eq!((spread.numerator(), spread.denominator()), (2, 1000));
/// assert!("2e-3".parse::<Decimal>().is_err());
/// # Ok::<(), c2c::connector::DecimalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal {
    /// All digits as one number.
    digits: u64,
    /// How many of them stand behind the point: at most 18.
    decimals: u8,
}

impl Decimal {
    /// 1.
    pub const ONE: Decimal = Decimal {
        digits: 1,
        decimals: 0,
    };
    /// 0.
    pub const ZERO: Decimal = Decimal {
        digits: 0,
        decimals: 0,
    };

    /// `count` thousandths, 0.001 each.
    pub const fn thousandths(count: u64) -> Self {
        Self {
            digits: count,
            decimals: 3,
        }
    }

    /// The number times [`Decimal::denominator`].
    pub const fn numerator(self) -> u64 {
        self.digits
    }

    /// A power of ten.
    pub const fn denominator(self) -> u64 {
        10u64.pow(self.decimals as u32)
    }

    /// The same as a fraction.
    pub fn ratio(self) -> Ratio {
        // The denominator is a power of ten, never 0.
        Ratio::new(self.digits.into(), self.denominator().into()).unwrap_or(Ratio::ZERO)
    }

    /// Whether it is 0.
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let wrong = || DecimalError {
            value: text.chars().take(40).collect(),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(wrong());
        }
        let fraction = fraction.trim_end_matches('0');
        let decimals = u8::try_from(fraction.len()).map_err(|_| wrong())?;
        if decimals > 18 {
            return Err(wrong());
        }
        let digits = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        Ok(Self { digits, decimals })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = self.denominator();
        let (whole, rest) = (self.digits / one, self.digits % one);
        if self.decimals == 0 {
            return whole.fmt(f);
        }
        write!(
            f,
            "{whole}.{rest:0width$}",
            width = usize::from(self.decimals)
        )
    }
}

/// A text that is no plain decimal number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecimalError {
    /// What was given, shortened.
    pub value: String,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is not a decimal number of at most 19 digits, 18 of them behind the point. Write one, such as 0.92.",
            self.value
        )
    }
}

impl std::error::Error for DecimalError {}

/// For each pair of currencies that is traded, in one direction, how many units of the second one
/// unit of the first buys. A currency trades against itself at 1. A direction that is not listed is
/// not traded: the way back is an entry of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<(CurrencyCode, CurrencyCode), Decimal>);

impl Rates {
    /// One unit of `from` buys `rate` units of `to` from now on. A rate of 0 is refused.
    pub fn set(
        &mut self,
        from: CurrencyCode,
        to: CurrencyCode,
        rate: Decimal,
    ) -> Result<(), Error> {
        if rate.is_zero() {
            return Err(Error::NoRate { from, to });
        }
        self.0.insert((from, to), rate);
        Ok(())
    }

    /// The direction is not traded any more; a currency trades against itself all the same.
    pub fn unset(&mut self, from: &CurrencyCode, to: &CurrencyCode) {
        self.0.remove(&(from.clone(), to.clone()));
    }

    /// The rate, before the spread; none if the pair is not traded.
    pub fn get(&self, from: &CurrencyCode, to: &CurrencyCode) -> Option<Decimal> {
        self.0
            .get(&(from.clone(), to.clone()))
            .copied()
            .or_else(|| (from == to).then_some(Decimal::ONE))
    }

    /// What is listed, in the order of the codes.
    pub fn iter(&self) -> impl Iterator<Item = (&CurrencyCode, &CurrencyCode, Decimal)> {
        self.0.iter().map(|((from, to), rate)| (from, to, *rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_print_as_they_are_read() {
        for text in ["0", "1", "0.002", "1.08", "17", "0.000000000000000001"] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }
        assert_eq!("0.9200".parse::<Decimal>().unwrap().to_string(), "0.92");
        for text in [
            "",
            ".5",
            "1.",
            "-1",
            "1e3",
            "1,5",
            "0.0000000000000000001",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_is_listed_is_traded() {
        let code = |text: &str| CurrencyCode::new(text).unwrap();
        let mut rates = Rates::default();
        rates
            .set(code("USD"), code("EUR"), "0.92".parse().unwrap())
            .unwrap();
        assert!(rates.get(&code("USD"), &code("EUR")).is_some());
        assert_eq!(rates.get(&code("EUR"), &code("USD")), None);
        assert_eq!(rates.get(&code("EUR"), &code("EUR")), Some(Decimal::ONE));
        assert!(rates.set(code("EUR"), code("USD"), Decimal::ZERO).is_err());
    }
}
