//! Rates as a feed tells them, in JSON of either of two forms.

use std::fmt;

use crate::address::CurrencyCode;
use crate::schema::{Document, Fault, Kind, Reader};

use super::{Decimal, Rates};

/// How many rates are read of one feed.
const MOST_RATES: usize = 10_000;

impl Rates {
    /// Reads what a feed tells. Each rate is a number or a text of one, read digit by digit:
    ///
    /// - `{"rates": [{"from": "USD", "to": "EUR", "rate": "0.92"}, …]}`;
    /// - `{"base": "USD", "rates": {"EUR": 0.92, …}}`: one unit of the base buys so many of each.
    ///
    /// Other members are ignored. One bad rate spoils the whole, for who knows what the others are worth.
    ///
    /// ```
    /// use c2c::connector::Rates;
    /// let rates = Rates::read_feed(br#"{"base": "USD", "rates": {"EUR": 9.2e-1}}"#)?;
    /// let (usd, eur) = ("USD".parse()?, "EUR".parse()?);
    /// assert_eq!(rates.get(&usd, &eur), Some("0.92".parse()?));
    /// assert_eq!(rates.get(&eur, &usd), None); // a direction that is not told is not traded
    ///
    /// let wrong = Rates::read_feed(br#"{"rates": [{"from": "USD", "to": "EUR", "rate": "0"}]}"#);
    /// assert_eq!(wrong.unwrap_err().path, "rates[0].rate");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_feed(bytes: &[u8]) -> Result<Self, FeedError> {
        let mut reader = Reader::new(bytes);
        let (mut base, mut listed) = (None, None);
        object(&mut reader, "", |name, reader| {
            match name {
                "base" => base = Some(text(reader, "base")?),
                "rates" => {
                    listed = Some(
                        reader
                            .document()
                            .map_err(|fault| FeedError::json("rates", fault))?,
                    );
                }
                _ => skip(reader, "")?,
            }
            Ok(())
        })?;
        reader
            .finish()
            .map_err(|fault| FeedError::json("", fault))?;
        let Some(listed) = listed else {
            return Err(FeedError::new(
                "rates",
                "is missing: send a list or an object",
            ));
        };
        let mut rates = Self::default();
        match Reader::of(listed).kind() {
            Ok(Kind::Array) => rates.read_list(listed)?,
            Ok(Kind::Object) => rates.read_of_base(base, listed)?,
            _ => return Err(FeedError::new("rates", "must be a list or an object")),
        }
        Ok(rates)
    }

    fn read_list(&mut self, listed: Document<'_>) -> Result<(), FeedError> {
        let mut reader = Reader::of(listed);
        let broken = |fault| FeedError::json("rates", fault);
        reader.open().map_err(broken)?;
        let mut index = 0;
        while reader.item(index == 0).map_err(broken)? {
            let place = format!("rates[{index}]");
            let (mut from, mut to, mut rate) = (None, None, None);
            object(&mut reader, &place, |name, reader| {
                let path = format!("{place}.{name}");
                match name {
                    "from" => from = Some(code(&text(reader, &path)?, &path)?),
                    "to" => to = Some(code(&text(reader, &path)?, &path)?),
                    "rate" => rate = Some(decimal(reader, &path)?),
                    _ => skip(reader, &path)?,
                }
                Ok(())
            })?;
            let missing = |member: &str| {
                FeedError::new(&format!("{place}.{member}"), "is missing: send all three")
            };
            self.put(
                &format!("{place}.rate"),
                from.ok_or_else(|| missing("from"))?,
                to.ok_or_else(|| missing("to"))?,
                rate.ok_or_else(|| missing("rate"))?,
            )?;
            index += 1;
        }
        Ok(())
    }

    fn read_of_base(
        &mut self,
        base: Option<String>,
        listed: Document<'_>,
    ) -> Result<(), FeedError> {
        let Some(base) = base else {
            return Err(FeedError::new(
                "base",
                "is missing: name the currency that buys",
            ));
        };
        let base = code(&base, "base")?;
        object(&mut Reader::of(listed), "rates", |name, reader| {
            let path = format!("rates.{}", name.chars().take(20).collect::<String>());
            let to = code(name, &path)?;
            let rate = decimal(reader, &path)?;
            // Some feeds list the base among the others, at 1.
            match to == base {
                true => Ok(()),
                false => self.put(&path, base.clone(), to, rate),
            }
        })
    }

    fn put(
        &mut self,
        path: &str,
        from: CurrencyCode,
        to: CurrencyCode,
        rate: Decimal,
    ) -> Result<(), FeedError> {
        if self.0.len() >= MOST_RATES {
            return Err(FeedError::new(
                path,
                "is one rate more than the 10,000 that are read",
            ));
        }
        if self.0.contains_key(&(from.clone(), to.clone())) {
            return Err(FeedError::new(
                path,
                "is there twice: tell each direction once",
            ));
        }
        self.set(from, to, rate)
            .map_err(|_| FeedError::new(path, "is 0: leave out what is not traded"))
    }
}

/// Reads an object member by member. `member` reads the value.
fn object<'a>(
    reader: &mut Reader<'a>,
    path: &str,
    mut member: impl FnMut(&str, &mut Reader<'a>) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let broken = |fault| FeedError::json(path, fault);
    if reader.kind().map_err(broken)? != Kind::Object {
        return Err(FeedError::new(path, "must be an object"));
    }
    reader.open().map_err(broken)?;
    let mut first = true;
    while let Some(name) = reader.key(first).map_err(broken)? {
        first = false;
        member(&name.decode(), reader)?;
    }
    Ok(())
}

fn skip(reader: &mut Reader<'_>, path: &str) -> Result<(), FeedError> {
    reader.skip().map_err(|fault| FeedError::json(path, fault))
}

fn text(reader: &mut Reader<'_>, path: &str) -> Result<String, FeedError> {
    let broken = |fault| FeedError::json(path, fault);
    match reader.kind().map_err(broken)? {
        Kind::Text => Ok(reader.text().map_err(broken)?.decode().into_owned()),
        _ => Err(FeedError::new(path, "must be a text")),
    }
}

fn code(text: &str, path: &str) -> Result<CurrencyCode, FeedError> {
    text.parse()
        .map_err(|_| FeedError::new(path, "names no currency: write 1 to 16 letters or digits"))
}

/// A rate, as a number or as a text.
fn decimal(reader: &mut Reader<'_>, path: &str) -> Result<Decimal, FeedError> {
    let broken = |fault| FeedError::json(path, fault);
    let read = match reader.kind().map_err(broken)? {
        Kind::Text => Decimal::read_number(reader.text().map_err(broken)?.decode().as_bytes()),
        Kind::Number => Decimal::read_number(reader.number().map_err(broken)?.raw()),
        _ => None,
    };
    read.ok_or_else(|| {
        let what = "must be a number of at most 19 digits, 18 of them behind the point";
        FeedError::new(path, what)
    })
}

impl Decimal {
    /// A number as JSON writes it, exponent included; none where it has more digits than are kept, or a
    /// sign.
    fn read_number(raw: &[u8]) -> Option<Self> {
        let raw = std::str::from_utf8(raw).ok()?;
        let (mantissa, exponent) = match raw.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => return raw.parse().ok(),
        };
        // More than that has no room in the digits that are kept, unless it is 0.
        if !(-40..=40).contains(&exponent) {
            return None;
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || mantissa.ends_with('.') || !digits(whole) || !digits(fraction) {
            return None;
        }
        let place = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
        let digits = format!("{whole}{fraction}");
        let text = match usize::try_from(place) {
            Ok(place) if place >= digits.len() => format!("{digits:0<place$}"),
            Ok(place) => format!("{:0>1}.{}", &digits[..place], &digits[place..]),
            Err(_) => {
                let zeros = usize::try_from(place.unsigned_abs()).ok()?;
                format!("0.{}{digits}", "0".repeat(zeros))
            }
        };
        text.parse().ok()
    }
}

/// Why a feed is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedError {
    /// Where: `rates[3].rate`; empty for the whole.
    pub path: String,
    /// What is wrong there, and the cure.
    pub reason: String,
}

impl FeedError {
    fn new(path: &str, reason: &str) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn json(path: &str, fault: Fault) -> Self {
        Self::new(path, &format!("is not JSON: {fault}"))
    }
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self.path.as_str() {
            "" => "The whole",
            path => path,
        };
        write!(f, "{path} {}.", self.reason)
    }
}

impl std::error::Error for FeedError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Option<String> {
        let feed = format!(r#"{{"base":"USD","rates":{{"EUR":{text}}}}}"#);
        let rates = Rates::read_feed(feed.as_bytes()).ok()?;
        let (_, _, rate) = rates.iter().next()?;
        Some(rate.to_string())
    }

    #[test]
    fn numbers_and_texts_are_read_digit_by_digit() {
        for (text, value) in [
            ("0.92", "0.92"),
            ("\"0.92\"", "0.92"),
            ("1", "1"),
            ("9.2e-1", "0.92"),
            ("92E-2", "0.92"),
            ("0.00092e3", "0.92"),
            ("1.5e3", "1500"),
            ("12e+2", "1200"),
            ("\"1e-18\"", "0.000000000000000001"),
            ("0.1234567890123456789e1", "1.234567890123456789"),
            ("112.35999999999999943", "112.35999999999999943"),
            ("312.35999999999999943", ""),
            ("1e-19", ""),
            ("1e30", ""),
            ("1e999999999999", ""),
            ("-1", ""),
            ("-1e0", ""),
            ("\"\"", ""),
            ("\"e1\"", ""),
            ("\".5\"", ""),
            ("\"1é2e1\"", ""),
            ("\"1.2.3e5\"", ""),
            ("\"1.e5\"", ""),
            ("\"1,5\"", ""),
            ("0", ""),
            ("0e5", ""),
            ("null", ""),
            ("[1]", ""),
        ] {
            let found = rate(text).unwrap_or_default();
            assert_eq!(found, value, "{text}");
        }
    }

    #[test]
    fn each_fault_names_its_place() {
        for (feed, path) in [
            ("", ""),
            ("[]", ""),
            ("{}", "rates"),
            (r#"{"rates":1}"#, "rates"),
            (r#"{"rates":{"EUR":1}}"#, "base"),
            (r#"{"base":5,"rates":{}}"#, "base"),
            (r#"{"base":"USD","rates":{"E R":1}}"#, "rates.E R"),
            (r#"{"rates":[{"from":"USD","to":"EUR"}]}"#, "rates[0].rate"),
            (r#"{"rates":[7]}"#, "rates[0]"),
            (
                r#"{"rates":[{"from":"A","to":"B","rate":1},{"from":"a","to":"b","rate":2}]}"#,
                "rates[1].rate",
            ),
            (r#"{"rates":[]} x"#, ""),
        ] {
            let error = Rates::read_feed(feed.as_bytes()).unwrap_err();
            assert_eq!(error.path, path, "{feed}: {error}");
        }
        let empty = Rates::read_feed(br#"{"rates":[],"more":{"a":[1]},"base":"USD"}"#).unwrap();
        assert_eq!(empty, Rates::default());
        let own = Rates::read_feed(br#"{"base":"USD","rates":{"USD":1,"EUR":0.9}}"#).unwrap();
        assert_eq!(own.iter().count(), 1);
    }
}
