//! Exact fractions: rates and spreads.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An exact fraction, not negative, in lowest terms. As a rate: destination units for one source unit.
///
/// ```
/// use c2c::curve::Ratio;
/// let rate: Ratio = "1.25".parse()?;
/// assert_eq!(rate, Ratio::new(5, 4).expect("not over zero"));
/// assert_eq!(rate.to_string(), "5/4");
/// # Ok::<(), c2c::curve::RatioError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u128,
    denominator: u128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio {
        numerator: 0,
        denominator: 1,
    };
    /// One to one.
    pub const ONE: Ratio = Ratio {
        numerator: 1,
        denominator: 1,
    };

    /// `numerator / denominator`; None over 0.
    pub fn new(numerator: u128, denominator: u128) -> Option<Self> {
        let divisor = gcd(numerator, denominator);
        (denominator != 0).then(|| Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// The upper part, in lowest terms.
    pub fn numerator(self) -> u128 {
        self.numerator
    }

    /// The lower part, in lowest terms; never 0.
    pub fn denominator(self) -> u128 {
        self.denominator
    }

    /// The product; None where it has more than 128 bits above or below.
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        // Crosswise first: then the product is in lowest terms too.
        let one = Self::new(self.numerator, other.denominator)?;
        let two = Self::new(other.numerator, self.denominator)?;
        Some(Self {
            numerator: one.numerator.checked_mul(two.numerator)?,
            denominator: one.denominator.checked_mul(two.denominator)?,
        })
    }

    /// One over it; None of zero.
    pub fn inverse(self) -> Option<Ratio> {
        Self::new(self.denominator, self.numerator)
    }

    /// What is left of one when it is taken off; None above one.
    pub fn rest_of_one(self) -> Option<Ratio> {
        Self::new(
            self.denominator.checked_sub(self.numerator)?,
            self.denominator,
        )
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// By value, whatever the size: as continued fractions.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut turned = false;
        loop {
            let (wa, wb) = (a.numerator / a.denominator, b.numerator / b.denominator);
            let (ra, rb) = (a.numerator % a.denominator, b.numerator % b.denominator);
            let order = wa.cmp(&wb).then_with(|| match (ra, rb) {
                (0, 0) => Ordering::Equal,
                (0, _) => Ordering::Less,
                (_, 0) => Ordering::Greater,
                _ => Ordering::Equal,
            });
            if order != Ordering::Equal || ra == 0 {
                return if turned { order.reverse() } else { order };
            }
            // Equal so far: compare what is left, upside down.
            (a.numerator, a.denominator) = (a.denominator, ra);
            (b.numerator, b.denominator) = (b.denominator, rb);
            turned = !turned;
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    /// A decimal such as `0.002` or `1e-3`, exactly: no sign, at most 36 digits.
    fn from_str(text: &str) -> Result<Self, RatioError> {
        let wrong = || RatioError {
            value: text.to_owned(),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| wrong())?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        let length = whole.len() + fraction.len();
        let plain = digits().all(|b| b.is_ascii_digit()) && !whole.is_empty();
        if !plain || mantissa.ends_with('.') || length > 36 {
            return Err(wrong());
        }
        let value = digits().fold(0u128, |n, b| n * 10 + u128::from(b - b'0'));
        let decimals = i32::try_from(fraction.len()).map_err(|_| wrong())?;
        let shift = exponent.checked_sub(decimals).ok_or_else(wrong)?;
        let power = 10u128.checked_pow(shift.unsigned_abs()).ok_or_else(wrong)?;
        let ratio = if shift < 0 {
            Self::new(value, power)
        } else {
            Self::new(value.checked_mul(power).ok_or_else(wrong)?, 1)
        };
        ratio.ok_or_else(wrong)
    }
}

/// A text that is not a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatioError {
    /// What was given.
    pub value: String,
}

impl fmt::Display for RatioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is not a rate. Write a decimal of at most 36 digits, such as 1.0592 or 0.002.",
            self.value
        )
    }
}

impl std::error::Error for RatioError {}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(ratio("0.00019"), Ratio::new(19, 100_000).unwrap());
        assert_eq!(ratio("1.9e-4"), ratio("0.00019"));
        assert_eq!(ratio("2e3"), Ratio::new(2000, 1).unwrap());
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e",
            "1e999",
            "1e-2147483648",
            "1 ",
            "NaN",
        ] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
    }

    #[test]
    fn order_is_by_value_at_every_size() {
        let near = |n: u128| Ratio::new(u128::MAX - n, u128::MAX - n - 1).unwrap();
        assert!(near(0) < near(2) && near(2) > Ratio::ONE);
        assert!(ratio("0.1") < ratio("0.2") && ratio("0.2") < Ratio::ONE);
        assert!(Ratio::new(2, 3) < Ratio::new(3, 4) && Ratio::new(2, 3) > Ratio::new(5, 8));
        assert_eq!(ratio("0.5").cmp(&ratio("0.50")), Ordering::Equal);
        assert!(Ratio::ZERO < ratio("0.001"));
    }
}
