//! Curves by themselves: base64, lists of points, or numbers in pairs; one a line, or one in all.

use std::borrow::Cow;

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::curve::Curve;
use serde_json::Value;

use super::{Refused, Report, Wrong, finished};
use crate::book::{Book, Builder, Loose};

/// How a table of points begins, as it is written by `share`.
const TABLE: &str = "source_units,destination_units";

/// Reads curves, and puts them beside each other as ways from the same ledger to the same destination.
pub fn read(bytes: &[u8], report: &mut Report) -> Result<Book, Wrong> {
    let text = std::str::from_utf8(bytes).map(without_heads).map_err(|_| {
        Wrong::new("This is neither JSON nor text. A curve is pasted as base64, or as points.")
    })?;
    let mut builder = Builder::default();
    let mut first = None;
    for (number, one) in split(&text).into_iter().enumerate() {
        report.told += 1;
        match curve(&one) {
            Ok(curve) => put(&mut builder, number + 1, &curve),
            Err(message) => {
                first.get_or_insert_with(|| message.clone());
                report.refuse(Refused {
                    place: format!("curve {}", number + 1),
                    code: "CURVE".to_owned(),
                    message,
                    hint: "Write base64, or points such as [[0,0],[1000,990]].".to_owned(),
                });
            }
        }
    }
    match first {
        Some(message) if builder.len() == 0 => Err(Wrong {
            message: format!(
                "This is no curve: {message} Write base64, or points such as [[0,0],[1000,990]]."
            ),
            faults: std::mem::take(&mut report.refused),
        }),
        _ => Ok(finished(builder, &mut |_, _, _| {})),
    }
}

/// The first two columns of a table of ours.
fn without_heads(text: &str) -> Cow<'_, str> {
    match text.trim_start().strip_prefix(TABLE) {
        None => Cow::Borrowed(text),
        Some(rows) => {
            let rows = rows
                .lines()
                .skip(1)
                .map(|row| row.splitn(3, ',').take(2).collect::<Vec<_>>().join(","));
            Cow::Owned(rows.collect::<Vec<_>>().join("\n"))
        }
    }
}

fn put(builder: &mut Builder, number: usize, curve: &Curve) {
    let made = || {
        let source = LedgerPrefix::new("pasted.")?;
        let next_hop = source.account(&format!("curve-{number}"))?;
        let destination = IlpAddress::new("pasted.destination.")?;
        Ok::<_, c2c::address::AddressError>((source, next_hop, destination))
    };
    // A number between letters and dots is an address.
    if let Ok((source, next_hop, destination)) = made() {
        builder.loose(&Loose {
            source: &source,
            destination: &destination,
            next_hop: &next_hop,
            curve: Some(curve),
            paths: &[],
            window: 0,
            expires: None,
        });
    }
}

/// One text for each curve.
fn split(text: &str) -> Vec<String> {
    let text = text.trim();
    match serde_json::from_slice::<Value>(text.as_bytes()) {
        Ok(Value::Array(items)) if items.iter().all(is_point) => vec![text.to_owned()],
        Ok(Value::Array(items)) => items.iter().map(Value::to_string).collect(),
        Ok(_) => vec![text.to_owned()],
        Err(_) => {
            let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
            // Pairs of numbers may stand one a line.
            let numbers = |text: &str| {
                text.chars()
                    .all(|c| c.is_ascii_digit() || " ,;:()\t".contains(c))
            };
            if lines().all(numbers) {
                vec![text.to_owned()]
            } else {
                lines().map(str::to_owned).collect()
            }
        }
    }
}

fn is_point(value: &Value) -> bool {
    let number = |value: &Value| {
        value.is_number()
            || value
                .as_str()
                .is_some_and(|text| text.parse::<u64>().is_ok())
    };
    value
        .as_array()
        .is_some_and(|pair| pair.len() == 2 && pair.iter().all(number))
}

fn curve(text: &str) -> Result<Curve, String> {
    let value: Value = match serde_json::from_slice(text.as_bytes()) {
        Ok(value) => value,
        Err(_)
            if text
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_whitespace() || ",;:()".contains(c)) =>
        {
            return numbers(text);
        }
        Err(_) => Value::String(text.trim().to_owned()),
    };
    let value = match value {
        Value::Object(mut members) => members.remove("points").unwrap_or_default(),
        other => other,
    };
    match value {
        Value::String(base64) => {
            Curve::from_base64(&base64).map_err(|error| sentence(&error.to_string()))
        }
        Value::Array(items) => {
            let number = |value: Option<&Value>| match value? {
                Value::String(text) => text.parse().ok(),
                number => number.as_u64(),
            };
            let points: Option<Vec<(u64, u64)>> = items
                .iter()
                .map(|item| Some((number(item.get(0))?, number(item.get(1))?)))
                .collect();
            let points = points.ok_or("A point is a pair of whole numbers from 0 to 2^64 − 1.")?;
            Curve::from_points(points).map_err(|error| sentence(&error.to_string()))
        }
        _ => Err("It is neither a text nor a list.".to_owned()),
    }
}

fn numbers(text: &str) -> Result<Curve, String> {
    let numbers: Result<Vec<u64>, _> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(str::parse)
        .collect();
    let numbers = numbers.map_err(|_| "A number in it is above 2^64 − 1.".to_owned())?;
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(format!(
            "It has {} numbers, and points are pairs.",
            numbers.len()
        ));
    }
    Curve::from_points(pairs.iter().map(|[x, y]| (*x, *y)))
        .map_err(|error| sentence(&error.to_string()))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>())
        .unwrap_or_default();
    let text = first + letters.as_str();
    if text.ends_with('.') {
        text
    } else {
        text + "."
    }
}
