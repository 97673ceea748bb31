//! Which value each setting has, and who said so.

use serde::Serialize;

use super::tables::plain;
use super::{KEYS, Key, Sources};

/// One setting with its value and where that came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The setting's name.
    pub key: &'static str,
    /// Its value; none where nobody gave one.
    pub value: Option<String>,
    /// `flag`, the name of an environment variable, `file` or `default`.
    pub source: String,
    /// What it is for.
    pub about: &'static str,
}

/// The environment variable of a setting: `routing.spread` is `C2C_ROUTING_SPREAD`.
pub fn variable(name: &str) -> String {
    format!("C2C_{}", name.replace('.', "_").to_ascii_uppercase())
}

/// Asks every source for every setting.
pub(super) fn collect(sources: &Sources<'_>, table: &toml::Table) -> Vec<Explained> {
    KEYS.iter().map(|key| one(key, sources, table)).collect()
}

fn one(key: &Key, sources: &Sources<'_>, table: &toml::Table) -> Explained {
    let explained = |value: Option<String>, source: &str| Explained {
        key: key.name,
        value,
        source: source.to_owned(),
        about: key.about,
    };
    if let Some(value) = (sources.flag)(key.name) {
        return explained(Some(value), "flag");
    }
    let own = variable(key.name);
    for name in std::iter::once(own.as_str()).chain(key.alias) {
        if let Some(value) = (sources.environment)(name) {
            return explained(Some(value), name);
        }
    }
    if let Some(value) = from_table(key.name, table) {
        return explained(Some(value), "file");
    }
    explained(key.default.map(str::to_owned), "default")
}

fn from_table(name: &str, table: &toml::Table) -> Option<String> {
    let value = match name.split_once('.') {
        Some((outer, inner)) => table.get(outer)?.as_table()?.get(inner)?,
        None => table.get(name)?,
    };
    Some(plain(value))
}
