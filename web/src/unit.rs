//! Amounts as people read them: base units in groups of three, and the same in the currency.

use std::rc::Rc;

use c2c::amount::{Amount, Scale};
use c2c::snapshot::SnapshotView;

/// What one base unit of a ledger is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Such as `USD`.
    pub code: Rc<str>,
    /// Decimals of the currency that one base unit stands behind the point.
    pub scale: Scale,
}

impl Unit {
    /// `12.5 USD`, exactly.
    pub fn currency(&self, units: u64) -> String {
        format!("{} {}", self.number(units), self.code)
    }

    /// `1,234.5`, exactly and without the code.
    pub fn number(&self, units: u64) -> String {
        let text = Amount::new(units).to_currency(self.scale);
        match text.split_once('.') {
            Some((whole, fraction)) => format!("{}.{fraction}", group(whole)),
            None => group(&text),
        }
    }

    /// The unit of `ledger`, as far as `snapshot` lets one know it: the connector's own ledgers and
    /// those it shares with peers say it; any other may say it in its name, as `….usd.9.` does.
    pub fn of_ledger(snapshot: Option<&SnapshotView>, ledger: &str) -> Option<Unit> {
        let unit = |code: &str, scale: Scale| Unit {
            code: code.into(),
            scale,
        };
        let own = snapshot
            .iter()
            .flat_map(|snapshot| &snapshot.identity.ledgers);
        let peers = snapshot.iter().flat_map(|snapshot| &snapshot.peers);
        own.map(|own| (own.prefix.as_str(), own.currency.as_str(), own.scale))
            .chain(peers.map(|peer| (peer.prefix.as_str(), peer.currency.as_str(), peer.scale)))
            .find(|(prefix, ..)| *prefix == ledger)
            .map(|(_, code, scale)| unit(code, scale))
            .or_else(|| Unit::from_name(ledger))
    }

    /// Reads the end of a ledger's name, where it follows the custom of peer ledgers: code, scale.
    pub fn from_name(ledger: &str) -> Option<Unit> {
        let mut parts = ledger.strip_suffix('.')?.rsplit('.');
        let scale = parts.next()?.parse().ok()?;
        let code = parts.next()?;
        let looks_right =
            (3..=5).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphabetic());
        looks_right.then(|| Unit {
            code: code.to_ascii_uppercase().into(),
            scale,
        })
    }
}

/// `1,234,567`.
pub fn units(units: u64) -> String {
    group(&units.to_string())
}

/// `1,234,567 units`, with the currency where it is known: `1,234,567 units (0.001234567 USD)`.
pub fn both(amount: u64, unit: Option<&Unit>) -> String {
    let noun = if amount == 1 { "unit" } else { "units" };
    match unit {
        Some(unit) => format!("{} {noun} ({})", units(amount), unit.currency(amount)),
        None => format!("{} {noun}", units(amount)),
    }
}

/// An amount for a sentence: in its currency where that is known, cut to five digits that count. It
/// is rounded down, so that it never promises too much.
pub fn rough(amount: u64, unit: Option<&Unit>) -> String {
    let step = amount
        .checked_ilog10()
        .map_or(1, |digits| 10u64.pow(digits.saturating_sub(4)));
    let amount = amount / step * step;
    unit.map_or_else(|| both(amount, None), |unit| unit.currency(amount))
}

/// An amount as typed: decimals of the currency, or base units where no currency is known. Commas
/// and spaces between digits are taken out.
pub fn parse(text: &str, unit: Option<&Unit>) -> Result<u64, c2c::amount::AmountError> {
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ',' | ' ' | '\u{202f}' | '\u{a0}' | '_'))
        .collect();
    let scale = unit.map_or_else(|| Scale::new(0), |unit| Ok(unit.scale))?;
    Amount::from_currency(&plain, scale).map(Amount::units)
}

/// A number for the end of an axis: `0.5`, `20`, `1.5k`, `20M`, `3bn`, `4e15`.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    let trim = |text: String| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&magnitude) {
        return format!("{value:e}");
    }
    for (size, suffix) in [(1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e4, "k")] {
        if magnitude >= size {
            let size = if suffix == "k" { 1e3 } else { size };
            return trim(format!("{:.3}", value / size)) + suffix;
        }
    }
    trim(format!("{value:.6}"))
}

fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Unit {
        Unit {
            code: "USD".into(),
            scale: Scale::KIT,
        }
    }

    #[test]
    fn amounts_stand_in_both_units() {
        assert_eq!(
            both(1_234_500_000_000, Some(&usd())),
            "1,234,500,000,000 units (1,234.5 USD)"
        );
        assert_eq!(both(1, None), "1 unit");
        assert_eq!(units(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn sentences_round_down() {
        assert_eq!(rough(65_125_999_784, Some(&usd())), "65.125 USD");
        assert_eq!(rough(99_999_999, None), "99,999,000 units");
        assert_eq!(rough(0, None), "0 units");
        assert_eq!(rough(1010, None), "1,010 units");
    }

    #[test]
    fn typed_amounts_are_read_exactly() {
        assert_eq!(parse(" 1,234.5 ", Some(&usd())), Ok(1_234_500_000_000));
        assert_eq!(parse("1 000", None), Ok(1000));
        assert!(parse("0.0000000001", Some(&usd())).is_err());
        assert!(parse("1.5", None).is_err());
        assert!(parse("-1", Some(&usd())).is_err());
    }

    #[test]
    fn a_ledgers_name_may_tell_its_unit() {
        let unit = Unit::from_name("demo.blue.eur.6.").unwrap();
        assert_eq!((&*unit.code, unit.scale.get()), ("EUR", 6));
        assert_eq!(Unit::from_name("example.blue."), None);
        assert_eq!(Unit::from_name("example.usd.44."), None);
    }

    #[test]
    fn axis_numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (0.25, "0.25"),
            (1500.0, "1500"),
            (15_000.0, "15k"),
            (2.5e6, "2.5M"),
            (1e-9, "1e-9"),
            (4e15, "4e15"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }
}
