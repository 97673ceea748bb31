//! The file's structure: which tables and keys there are, and the three lists.

use c2c::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use c2c::connector::{Decimal, OwnLedger, StaticRoute};

use super::nearest::nearest;
use super::{ConfigError, KEYS};

/// A `[[rate]]`: one unit of `from` buys `rate` units of `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The currency paid in.
    pub from: CurrencyCode,
    /// The currency paid out.
    pub to: CurrencyCode,
    /// Above 0.
    pub rate: Decimal,
}

const LISTS: &[(&str, &[&str])] = &[
    ("ledger", &["prefix", "currency", "scale"]),
    ("rate", &["from", "to", "rate"]),
    ("route", &["target_prefix", "via"]),
];

/// Refuses the first key that nobody knows, and names the nearest known one.
pub(super) fn check_keys(table: &toml::Table) -> Result<(), ConfigError> {
    let outer = || {
        let lists = LISTS.iter().map(|(name, _)| *name);
        let keys = KEYS.iter().map(|key| key.name);
        keys.map(|name| name.split_once('.').map_or(name, |(table, _)| table))
            .chain(lists)
    };
    let inner = |name: &str| -> Option<Vec<&'static str>> {
        if let Some((_, keys)) = LISTS.iter().find(|(list, _)| *list == name) {
            return Some(keys.to_vec());
        }
        let keys: Vec<&str> = KEYS
            .iter()
            .filter_map(|key| key.name.split_once('.'))
            .filter(|(table, _)| *table == name)
            .map(|(_, key)| key)
            .collect();
        (!keys.is_empty()).then_some(keys)
    };
    for (name, value) in table {
        if !outer().any(|known| known == name) {
            return Err(unknown(name.clone(), name, "", outer()));
        }
        let Some(known) = inner(name) else { continue };
        let tables = match value {
            toml::Value::Table(one) => vec![one],
            toml::Value::Array(many) => many.iter().filter_map(toml::Value::as_table).collect(),
            _ => Vec::new(),
        };
        for key in tables.iter().flat_map(|one| one.keys()) {
            if !known.contains(&key.as_str()) {
                let path = format!("{name}.{key}");
                return Err(unknown(path, key, &format!("{name}."), known));
            }
        }
    }
    Ok(())
}

/// The `[[ledger]]` list.
pub(super) fn ledgers(table: &toml::Table) -> Result<Vec<OwnLedger>, ConfigError> {
    let mut ledgers: Vec<OwnLedger> = Vec::new();
    for row in rows(table, "ledger")? {
        let prefix: LedgerPrefix =
            row.parsed("prefix", "a prefix ending in a dot, such as example.green.")?;
        if prefix.is_peer() {
            return Err(row.wrong(
                "prefix",
                "a ledger of your own: peer. belongs to ledgers between two peers",
            ));
        }
        if ledgers.iter().any(|other| other.prefix == prefix) {
            return Err(row.wrong("prefix", "each ledger once"));
        }
        let account = prefix
            .account("connector")
            .map_err(|_| row.wrong("prefix", "a prefix that leaves room for an account"))?;
        ledgers.push(OwnLedger {
            prefix,
            account,
            currency: row.parsed("currency", "1 to 16 letters or digits, such as USD")?,
            scale: row.parsed("scale", "a whole number from 0 to 18")?,
        });
    }
    Ok(ledgers)
}

/// The `[[rate]]` list.
pub(super) fn rates(table: &toml::Table) -> Result<Vec<Rate>, ConfigError> {
    let mut rates: Vec<Rate> = Vec::new();
    for row in rows(table, "rate")? {
        let expected = "a decimal number above 0 in quotes, such as \"0.92\"";
        let rate: Decimal = row.parsed("rate", expected)?;
        if rate.is_zero() {
            return Err(row.wrong("rate", expected));
        }
        let rate = Rate {
            from: row.parsed("from", "1 to 16 letters or digits, such as USD")?,
            to: row.parsed("to", "1 to 16 letters or digits, such as EUR")?,
            rate,
        };
        if rates
            .iter()
            .any(|other| other.from == rate.from && other.to == rate.to)
        {
            return Err(row.wrong("to", "each pair of currencies once in each direction"));
        }
        rates.push(rate);
    }
    Ok(rates)
}

/// The `[[route]]` list.
pub(super) fn routes(table: &toml::Table) -> Result<Vec<StaticRoute>, ConfigError> {
    rows(table, "route")?
        .into_iter()
        .map(|row| {
            let target_prefix = row.text("target_prefix").unwrap_or_default();
            let sound = target_prefix.is_empty()
                || (target_prefix.ends_with('.') && IlpAddress::new(&target_prefix).is_ok());
            if !sound {
                return Err(row.wrong(
                    "target_prefix",
                    "a prefix ending in a dot, such as g., or nothing",
                ));
            }
            Ok(StaticRoute {
                target_prefix,
                via: row.parsed(
                    "via",
                    "the prefix of a peer ledger, such as peer.k3x9Q.usd.9.",
                )?,
            })
        })
        .collect()
}

/// A value as text; what is no plain value is named by its kind, which no setting takes.
pub(super) fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        other => format!("({})", other.type_str()),
    }
}

fn unknown(
    path: String,
    key: &str,
    table: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> ConfigError {
    ConfigError::Unknown {
        key: path,
        nearest: format!("{table}{}", nearest(key, known)),
    }
}

struct Row<'a> {
    list: &'static str,
    index: usize,
    table: &'a toml::Table,
}

fn rows<'a>(table: &'a toml::Table, list: &'static str) -> Result<Vec<Row<'a>>, ConfigError> {
    let wrong = || ConfigError::Value {
        key: list.to_owned(),
        value: "something else".to_owned(),
        expected: "a list of tables: a heading in double brackets for each",
    };
    let Some(value) = table.get(list) else {
        return Ok(Vec::new());
    };
    value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let table = item.as_table().ok_or_else(wrong)?;
            Ok(Row { list, index, table })
        })
        .collect()
}

impl Row<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.table.get(key).map(plain)
    }

    fn wrong(&self, key: &str, expected: &'static str) -> ConfigError {
        ConfigError::Value {
            key: format!("{}[{}].{key}", self.list, self.index),
            value: self.text(key).unwrap_or_default(),
            expected,
        }
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        key: &str,
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        self.text(key)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.wrong(key, expected))
    }
}
