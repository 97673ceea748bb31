//! `c2c merge`.

use std::path::Path;

use c2c::amount::Amount;
use c2c::curve::{Curve, CurveError, merge};
use serde_json::{Value, json};

use super::{Out, bytes_of};
use crate::args::Merge;
use crate::error::Error;

/// Prints the merged curve and which file wins where.
pub fn run(arguments: &Merge, out: Out) -> Result<(), Error> {
    let read = arguments.files.iter().map(|file| curve(file));
    let curves = read.collect::<Result<Vec<Curve>, Error>>()?;
    let all: Vec<&Curve> = curves.iter().collect();
    // The arguments name at least one file.
    let Some(merged) = merge(&all) else {
        return Err(usage("Name at least one file with a curve."));
    };
    let name = |winner: usize| arguments.files[winner].display().to_string();
    let points: Vec<(Amount, Amount)> = merged
        .curve
        .points()
        .iter()
        .map(|point| (point.x.into(), point.y.into()))
        .collect();
    let segments: Vec<Value> = merged
        .segments
        .iter()
        .map(|s| json!({"from": Amount::new(s.from), "to": Amount::new(s.to), "winner": name(s.winner)}))
        .collect();
    let value = json!({
        "points": points,
        "base64": merged.curve.to_base64(),
        "segments": segments,
    });
    out.print(&value, || {
        let points = points.iter().map(|(x, y)| format!("{x} → {y}"));
        let segments = merged
            .segments
            .iter()
            .map(|s| format!("from {} to {}: {}", s.from, s.to, name(s.winner)));
        points.chain(segments).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

/// base64 as on the wire, or JSON pairs whose numbers may be written as texts.
fn curve(file: &Path) -> Result<Curve, Error> {
    let bytes = bytes_of(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let wrong = |error: CurveError| usage(&format!("{}: {error}", file.display()));
    if !text.trim_start().starts_with('[') {
        return Curve::from_base64(text.trim()).map_err(wrong);
    }
    let shape = || {
        usage(&format!(
            "{}: write pairs of whole numbers, such as [[0, 0], [1000, 990]].",
            file.display()
        ))
    };
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<Amount>().ok().map(Amount::units),
        other => other.as_u64(),
    };
    let pairs: Vec<(Value, Value)> = serde_json::from_str(&text).map_err(|_| shape())?;
    let points: Option<Vec<(u64, u64)>> = pairs
        .iter()
        .map(|(x, y)| number(x).zip(number(y)))
        .collect();
    Curve::from_points(points.ok_or_else(shape)?).map_err(wrong)
}

fn usage(message: &str) -> Error {
    Error::Usage {
        message: message.to_owned(),
    }
}
