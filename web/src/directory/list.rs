//! The list itself: who wants to be found. Pure.
//!
//! A plain JSON file: `{"hosts": ["wallet1.com", {"host": "wallet2.com", "currencies": ["EUR"]}]}`, or the
//! array alone. A list comes from strangers, so that nothing of it is believed but whom to ask.

use c2c::address::CurrencyCode;
use c2c::peering::FieldError;
use c2c::webfinger::Host;
use serde_json::Value;

use crate::wizard::Problem;

/// How many hosts of one list are asked; the rest is named.
pub const MOST: usize = 200;

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The host, or what is wrong with its name.
    pub host: Result<Host, Problem>,
    /// The text in the list.
    pub text: String,
    /// The currencies of its own ledgers, as its operator names them.
    pub currencies: Vec<String>,
}

/// A list that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Its hosts, each once.
    pub entries: Vec<Entry>,
    /// How many more it names than are asked.
    pub left_out: usize,
}

impl List {
    /// Reads a list; nothing where it is none.
    pub fn read(bytes: &[u8]) -> Option<List> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let hosts = match &value {
            Value::Array(hosts) => hosts,
            Value::Object(members) => members.get("hosts")?.as_array()?,
            _ => return None,
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut left_out = 0;
        for host in hosts {
            let entry = Entry::read(host);
            let is_known = entries
                .iter()
                .any(|known| known.host.is_ok() && known.host == entry.host);
            if is_known {
                continue;
            }
            match entries.len() < MOST {
                true => entries.push(entry),
                false => left_out += 1,
            }
        }
        Some(List { entries, left_out })
    }
}

impl Entry {
    fn read(value: &Value) -> Entry {
        let host = value.as_str().or_else(|| value.get("host")?.as_str());
        // Long enough for every host with its scheme and port; what is longer is none, cut or not.
        let text: String = host.unwrap_or_default().chars().take(300).collect();
        let currencies = value.get("currencies").and_then(Value::as_array);
        let codes = currencies.into_iter().flatten().filter_map(Value::as_str);
        Entry {
            host: Host::parse(&text).map_err(|fault| Problem::of_field(&FieldError::Host(fault))),
            text,
            // What is no currency code is left out; it could be any text of a stranger.
            currencies: codes
                .filter_map(|code| code.parse::<CurrencyCode>().ok())
                .take(8)
                .map(|code| code.to_string())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_each_host_is_there_once() {
        let list = List::read(
            br#"{"hosts": ["wallet1.com", {"host": "https://wallet2.com/", "currencies": ["eur", "<b>", 3]}, "WALLET1.com"]}"#,
        )
        .unwrap();
        let hosts: Vec<_> = list
            .entries
            .iter()
            .map(|entry| entry.host.as_ref().unwrap().to_string())
            .collect();
        assert_eq!(hosts, ["wallet1.com", "wallet2.com"]);
        assert_eq!(list.entries[1].currencies, ["EUR"]);
        assert_eq!(List::read(br#"["wallet1.com"]"#).unwrap().entries.len(), 1);
        let longest = [63, 63, 63, 61].map(|length| "w".repeat(length)).join(".");
        let list = List::read(serde_json::json!([longest]).to_string().as_bytes()).unwrap();
        assert_eq!(list.entries[0].host.as_ref().unwrap().to_string(), longest);
    }

    #[test]
    fn what_is_no_list_or_no_host_is_told() {
        for text in ["", "<html>", "3", "{}", r#"{"hosts": 3}"#] {
            assert_eq!(List::read(text.as_bytes()), None, "{text}");
        }
        let list = List::read(br#"["not a host", 7]"#).unwrap();
        for entry in &list.entries {
            assert_eq!(&*entry.host.as_ref().unwrap_err().code, "HOST_SYNTAX");
        }
        let many: Vec<String> = (0..300).map(|n| format!("h{n}.example")).collect();
        let list = List::read(serde_json::json!(many).to_string().as_bytes()).unwrap();
        assert_eq!((list.entries.len(), list.left_out), (200, 100));
    }
}
