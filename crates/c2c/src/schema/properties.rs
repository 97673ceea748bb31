//! Laws of the reader and of the schemas, on random documents.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Reads everything with our reader into the tree of serde_json. Numbers become their exact texts.
fn tree(reader: &mut Reader<'_>) -> Result<Value, Fault> {
    Ok(match reader.kind()? {
        Kind::Object => {
            reader.open()?;
            let (mut members, mut first) = (Map::new(), true);
            while let Some(key) = reader.key(first)? {
                first = false;
                members.insert(key.decode().into_owned(), tree(reader)?);
            }
            Value::Object(members)
        }
        Kind::Array => {
            reader.open()?;
            let mut items = Vec::new();
            while reader.item(items.is_empty())? {
                items.push(tree(reader)?);
            }
            Value::Array(items)
        }
        Kind::Text => Value::String(reader.text()?.decode().into_owned()),
        Kind::Number => {
            let number = reader.number()?;
            let text = std::str::from_utf8(number.raw()).expect("digits are ASCII");
            serde_json::from_str(text).unwrap_or(Value::Null)
        }
        kind => {
            reader.literal()?;
            match kind {
                Kind::Null => Value::Null,
                kind => Value::Bool(kind == Kind::True),
            }
        }
    })
}

fn ours(bytes: &[u8]) -> Result<Value, Fault> {
    let mut reader = Reader::new(bytes);
    let value = tree(&mut reader)?;
    reader.finish()?;
    // Reading past it all must come to the same end.
    let mut skipping = Reader::new(bytes);
    skipping.skip()?;
    skipping.finish()?;
    Ok(value)
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\\u{0}-\u{1f}é😀]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-c\\n\"é]{0,2}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Pieces of JSON in any order: mostly wrong, and wrong in all ways.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"",
        "\\",
        "\\u00e9",
        "\"\\ud83d\\ude00\"",
        "0",
        "-",
        "1.5",
        "e5",
        "01",
        "true",
        "nul",
        "null",
        " ",
        "\n",
        "\t",
        "é",
        "\u{1}",
        "\"\\x\"",
        "1E+2",
        ".",
        "//",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// What serde_json refuses and the standard does not: half of a surrogate pair, and numbers outside of
/// its floating point.
fn differs_by_design(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    text.contains("out of range") || text.contains("surrogate") || text.contains("hex escape")
}

/// The schemas once more, slowly and plainly, over a tree.
mod twin {
    use super::*;

    fn address(value: &Value) -> bool {
        value.as_str().is_some_and(|text| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "._~-".contains(c))
        })
    }

    fn at_least(value: &Value, least: f64) -> bool {
        value.as_f64().is_some_and(|n| n >= least)
    }

    fn base64(value: &Value) -> bool {
        let Some(text) = value.as_str() else {
            return false;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
        let mut rest: Vec<char> = text.chars().collect();
        loop {
            match rest.as_slice() {
                [] => return true,
                [a, b, '=', '='] => return plain(*a) && plain(*b),
                [a, b, c, '='] => return plain(*a) && plain(*b) && plain(*c),
                [a, b, c, d, ..] if [a, b, c, d].iter().all(|x| plain(**x)) => {
                    rest.drain(..4);
                    if rest.first() == Some(&'\n') {
                        rest.remove(0);
                    }
                }
                _ => return false,
            }
        }
    }

    fn members(value: &Value, required: &[&str], check: impl Fn(&str, &Value) -> bool) -> bool {
        value.as_object().is_some_and(|object| {
            required.iter().all(|name| object.contains_key(*name))
                && object.iter().all(|(name, value)| check(name, value))
        })
    }

    fn all(value: &Value, check: impl Fn(&Value) -> bool) -> bool {
        value
            .as_array()
            .is_some_and(|items| items.iter().all(check))
    }

    fn route(value: &Value, dialect: Dialect) -> bool {
        let old = dialect == Dialect::V17;
        let mut required = vec![
            "source_ledger",
            "destination_ledger",
            "source_account",
            "min_message_window",
        ];
        if old {
            required.push("points");
        }
        members(value, &required, |name, value| match name {
            "source_ledger" | "destination_ledger" | "source_account" | "destination_account" => {
                address(value)
            }
            "min_message_window" => at_least(value, 0.0),
            "points" if old => {
                let pair = |pair: &Value| {
                    all(pair, |n| at_least(n, 0.0)) && pair.as_array().is_some_and(|p| p.len() == 2)
                };
                all(value, pair) && value.as_array().is_some_and(|points| !points.is_empty())
            }
            "points" => base64(value),
            "paths" => !old && all(value, |path| all(path, Value::is_string)),
            "destination_precision" | "destination_scale" => old && value.is_number(),
            _ => false,
        })
    }

    pub fn accepts(value: &Value, dialect: Dialect) -> bool {
        let required = ["new_routes", "hold_down_time", "unreachable_through_me"];
        members(value, &required, |name, value| match name {
            "new_routes" => all(value, |value| route(value, dialect)),
            "hold_down_time" => {
                at_least(value, 1.0) && value.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            "unreachable_through_me" => all(value, address),
            "request_full_table" => dialect == Dialect::V21 && value.is_boolean(),
            _ => false,
        })
    }
}

/// A value that may or may not stand anywhere in an update.
fn stray() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(45000.0),
        json!(0.5),
        json!(1e300),
        json!(""),
        json!("g.a."),
        json!("g a"),
        json!("AAAA"),
        json!("AA=="),
        json!("AAA"),
        json!("AAAA\nAAA="),
        json!("é"),
        json!([]),
        json!([[]]),
        json!([[0, 0]]),
        json!([[0, 0], [5, 4]]),
        json!([[0]]),
        json!([[0, -1]]),
        json!([["g."], ["x y"]]),
        json!(["g."]),
        json!([5]),
        json!({}),
    ])
}

/// An update with all members right in one dialect, then some of them changed, added or taken away. Of its
/// routes that is done to the middle one.
fn near_update() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "new_routes",
        "hold_down_time",
        "unreachable_through_me",
        "request_full_table",
        "source_ledger",
        "destination_ledger",
        "source_account",
        "min_message_window",
        "points",
        "paths",
        "destination_account",
        "destination_precision",
        "destination_scale",
        "other",
    ]);
    let change = (any::<bool>(), name, prop::option::weighted(0.8, stray()));
    (any::<bool>(), prop::collection::vec(change, 0..3)).prop_map(|(old, changes)| {
        let mut route = json!({
            "source_ledger": "peer.a.", "destination_ledger": "g.", "source_account": "peer.a.x",
            "min_message_window": 1, "points": "AAAA", "paths": [[]],
        });
        if old {
            route["points"] = json!([[1, 2], [3, 4.5]]);
            route.as_object_mut().expect("an object").remove("paths");
        }
        let right = route.clone();
        let mut update =
            json!({"new_routes": [], "hold_down_time": 45000, "unreachable_through_me": ["g."]});
        for (in_route, name, value) in changes {
            let object = if in_route { &mut route } else { &mut update };
            let object = object.as_object_mut().expect("an object");
            match value {
                Some(value) => drop(object.insert(name.to_owned(), value)),
                None => drop(object.remove(name)),
            }
        }
        if let Some(routes) = update.get_mut("new_routes").and_then(Value::as_array_mut) {
            routes.extend([right.clone(), route, right]);
        }
        update
    })
}

proptest! {
    #[test]
    fn reader_agrees_with_serde_json(value in any_value(), pretty in any::<bool>()) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(ours(text.as_bytes()), Ok(value));
    }

    #[test]
    fn reader_refuses_what_serde_json_refuses(text in soup()) {
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => prop_assert_eq!(ours(text.as_bytes()), Ok(value)),
            Err(error) if differs_by_design(&error) => {}
            Err(error) => prop_assert!(ours(text.as_bytes()).is_err(), "{}", error),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(ours(&bytes).is_ok(), serde_json::from_slice::<Value>(&bytes).is_ok());
        for dialect in [Dialect::V17, Dialect::V21] {
            if let Err(found) = validate(&bytes, dialect) {
                prop_assert!(!found.is_empty() && found.len() <= MAX_VIOLATIONS);
            }
        }
    }

    #[test]
    fn damaged_updates_never_panic(update in near_update(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = update.to_string().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        for dialect in [Dialect::V17, Dialect::V21] {
            let _ = validate(&bytes, dialect);
        }
    }

    #[test]
    fn verdicts_are_those_of_the_plain_twin(update in near_update(), pretty in any::<bool>()) {
        let text = if pretty { format!("{update:#}") } else { update.to_string() };
        for dialect in [Dialect::V17, Dialect::V21] {
            let found = validate(text.as_bytes(), dialect);
            prop_assert_eq!(found.is_ok(), twin::accepts(&update, dialect), "{:?}: {}: {:?}", dialect, text, found);
        }
    }

    #[test]
    fn integers_are_exact_in_every_spelling(n in any::<u64>(), zeros in 0usize..30, shift in -25i64..25) {
        // n × 10^zeros, written with its point moved by `shift`, which the exponent takes back.
        let mut digits = format!("{n}{}", "0".repeat(zeros));
        let exact = u128::from(n).checked_mul(10u128.pow(u32::try_from(zeros).unwrap_or(0)));
        if shift < 0 {
            let decimals = usize::try_from(-shift).unwrap_or(0);
            digits = format!("{digits:0>width$}", width = decimals + 1);
            digits.insert(digits.len() - decimals, '.');
            digits = format!("{digits}e{}", -shift);
        } else {
            digits = format!("{digits}{}E-{shift}", "0".repeat(usize::try_from(shift).unwrap_or(0)));
        }
        // A leading zero is allowed only alone.
        let text = digits.trim_start_matches('0');
        let text = if text.starts_with(|c: char| c.is_ascii_digit()) { text.to_owned() } else { format!("0{text}") };
        let found = Reader::new(text.as_bytes()).number().expect("a number").exact();
        let fits = exact.and_then(|exact| u64::try_from(exact).ok());
        prop_assert!(found.whole && !found.negative);
        prop_assert_eq!(found.over, fits.is_none(), "{}", text);
        prop_assert_eq!(found.units, fits.unwrap_or(u64::MAX), "{}", text);
    }
}
