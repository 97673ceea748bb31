//! Numbers as they are written, read exactly: no value ever passes through floating point.

/// A number of a JSON document.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a> {
    raw: &'a [u8],
    small: Option<u64>,
}

/// What a number is, in whole units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Below zero. `-0` is not.
    pub negative: bool,
    /// The size without sign and fraction; 2^64 − 1 where it is larger.
    pub units: u64,
    /// No fraction was left out.
    pub whole: bool,
    /// The size is above 2^64 − 1.
    pub over: bool,
    /// The size is 10^309 or more: JavaScript reads infinity.
    pub infinite: bool,
}

impl Exact {
    /// The units rounded up, where they fit.
    pub const fn ceil(self) -> u64 {
        self.units.saturating_add(if self.whole { 0 } else { 1 })
    }
}

impl<'a> Number<'a> {
    /// `raw` obeys JSON's grammar for numbers; `small` is its value where it is a plain integer of at
    /// most 19 digits.
    pub(super) fn new(raw: &'a [u8], small: Option<u64>) -> Self {
        Self { raw, small }
    }

    /// A [`plain_integer`].
    pub(super) fn plain(raw: &'a [u8]) -> Self {
        // At most 19 digits, which is below 2^64.
        let value = raw
            .iter()
            .fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        Self::new(raw, Some(value))
    }

    /// As it is written.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The value in whole units: `45000`, `4.5e4` and `45000.0` are all 45,000. Takes no longer for a
    /// large exponent.
    pub fn exact(&self) -> Exact {
        self.shifted(0)
    }

    /// A thousand times the value in whole units: milliseconds of a number of seconds.
    pub fn exact_thousandths(&self) -> Exact {
        self.shifted(3)
    }

    /// The value with its point moved to the right by `decimals`.
    #[inline]
    fn shifted(&self, decimals: u32) -> Exact {
        let scale = 10u64.pow(decimals);
        // A checked multiplication takes three times as long in wasm.
        let simple = self
            .small
            .filter(|units| *units <= u64::MAX / scale)
            .map(|units| units * scale);
        match simple {
            Some(units) => Exact {
                negative: false,
                units,
                whole: true,
                over: false,
                infinite: false,
            },
            None => self.slow(i64::from(decimals)),
        }
    }

    fn slow(&self, shift: i64) -> Exact {
        let (negative, unsigned) = match self.raw.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, self.raw),
        };
        let mark = unsigned.iter().position(|b| matches!(b, b'e' | b'E'));
        let (mantissa, exponent) = match mark {
            Some(at) => (&unsigned[..at], read_exponent(&unsigned[at + 1..])),
            None => (unsigned, 0),
        };
        let point = mantissa.iter().position(|&b| b == b'.');
        let integer_digits = point.unwrap_or(mantissa.len());
        let digits = || mantissa.iter().filter(|&&b| b != b'.').map(|b| b - b'0');
        let Some(leading_zeros) = digits().position(|digit| digit != 0) else {
            return Exact {
                negative: false,
                units: 0,
                whole: true,
                over: false,
                infinite: false,
            };
        };
        // The value is 0.D × 10^position, where D are the digits from the first that is not zero.
        let position = (length(integer_digits) - length(leading_zeros)).saturating_add(exponent);
        let infinite = position > 309;
        let position = position.saturating_add(shift);
        let mut rest = digits().skip(leading_zeros);
        let mut units: u128 = 0;
        // Twenty digits are the most that can be 2^64 − 1 or less.
        for _ in 0..position.clamp(0, 20) {
            units = units * 10 + u128::from(rest.next().unwrap_or(0));
        }
        let mut over = u64::try_from(units).is_err();
        if position > 20 {
            over = true;
            for _ in 20..position {
                if rest.next().is_none() {
                    break;
                }
            }
        }
        Exact {
            negative,
            units: u64::try_from(units)
                .ok()
                .filter(|_| !over)
                .unwrap_or(u64::MAX),
            whole: rest.all(|digit| digit == 0),
            over,
            infinite,
        }
    }
}

/// How many of the first bytes are a plain integer of at most 19 digits, which is below 2^64; none if no such
/// number ends there.
#[inline]
pub(super) fn plain_integer(bytes: &[u8]) -> Option<usize> {
    let length = digits(bytes);
    let is_plain = (1..=19).contains(&length) && (length == 1 || bytes[0] != b'0');
    is_plain.then_some(length)
}

/// How many of the first bytes are digits, eight at a time.
#[inline]
fn digits(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk::<8>() {
        let values = u64::from_le_bytes(*word) ^ (ONES * b'0' as u64);
        // What is above 9 reaches the highest bit. Above the lowest mark there may be wrong ones.
        let others = (values.wrapping_add(ONES * 0x76) | values) & (ONES << 7);
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter();
    at + rest.take_while(|byte| byte.is_ascii_digit()).count()
}

/// The exponent, held within ±10^12: more changes nothing, since a document has fewer digits.
fn read_exponent(text: &[u8]) -> i64 {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let size = digits.iter().fold(0i64, |size, b| {
        (size * 10 + i64::from(b - b'0')).min(1_000_000_000_000)
    });
    if negative { -size } else { size }
}

/// A length as a signed number; a document is far shorter than 2^63.
fn length(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;

    fn exact(text: &str) -> Exact {
        Reader::new(text.as_bytes()).number().unwrap().exact()
    }

    fn units(text: &str) -> Option<u64> {
        let exact = exact(text);
        (exact.whole && !exact.over && !exact.negative).then_some(exact.units)
    }

    #[test]
    fn one_integer_has_many_spellings() {
        for text in [
            "45000",
            "4.5e4",
            "45000.0",
            "450000e-1",
            "4500000E-2",
            "0.00045e+8",
            "45000.000e0",
        ] {
            assert_eq!(units(text), Some(45000), "{text}");
        }
        assert_eq!(units("0e999999999999999999999"), Some(0));
        assert_eq!(units("-0"), Some(0));
        assert_eq!(units("-0.0e5"), Some(0));
    }

    #[test]
    fn plain_integers_end_where_their_digits_end() {
        for (text, length) in [
            ("0,", Some(1)),
            ("7]", Some(1)),
            ("12345678]", Some(8)),
            ("123456789012", Some(12)),
            ("9999999999999999999,", Some(19)),
            ("12345678901234567890", None),
            ("01,", None),
            ("-1,", None),
            ("", None),
            (",12345678", None),
            ("1234567:9999999999", Some(7)),
            ("1234567\u{e9}9999999", Some(7)),
        ] {
            assert_eq!(plain_integer(text.as_bytes()), length, "{text}");
            if let Some(length) = length {
                let number = Number::plain(&text.as_bytes()[..length]);
                assert_eq!(number.exact(), exact(&text[..length]));
            }
        }
    }

    #[test]
    fn large_integers_are_exact() {
        assert_eq!(units("9007199254740993"), Some(9_007_199_254_740_993));
        assert_eq!(units("18446744073709551615"), Some(u64::MAX));
        assert_eq!(units("18446744073709551616"), None);
        assert!(exact("18446744073709551616").over);
        assert_eq!(units("1.8446744073709551615e19"), Some(u64::MAX));
        assert_eq!(units("99999999999999999999"), None);
        assert_eq!(units("1e19"), Some(10_000_000_000_000_000_000));
    }

    #[test]
    fn fractions_are_noticed_however_small() {
        assert!(!exact("1.5").whole);
        assert!(!exact("45000.000000000000000000000000001").whole);
        assert!(!exact("1e-999999999999999").whole);
        assert_eq!(exact("1e-999999999999999").ceil(), 1);
        assert!(!exact("123456789012345678901234567890.5").whole);
        assert!(exact("123456789012345678901234567890.0").whole);
        assert!(exact("-0.5").negative);
    }

    #[test]
    fn huge_exponents_take_no_time() {
        let huge = exact("1e999999999999999999999999");
        assert!(huge.over && huge.infinite && huge.whole);
        assert!(!exact("1e300").infinite);
        assert!(exact("1e310").infinite);
    }

    #[test]
    fn seconds_become_milliseconds_rounded_up() {
        let ms = |text: &str| {
            Reader::new(text.as_bytes())
                .number()
                .unwrap()
                .exact_thousandths()
                .ceil()
        };
        assert_eq!(ms("1"), 1000);
        assert_eq!(ms("0.5"), 500);
        assert_eq!(ms("1.0001"), 1001);
        assert_eq!(ms("1e-3"), 1);
        assert_eq!(ms("1000000000"), 1_000_000_000_000);
        assert_eq!(ms("1e300"), u64::MAX);
        assert_eq!(ms("18446744073709551"), 18_446_744_073_709_551_000);
        assert_eq!(ms("18446744073709552"), u64::MAX);
    }
}
