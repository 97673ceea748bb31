//! Curves against ilp-routing 10.1.0 and the pair backends of ilp-connector 21.1.10.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use c2c::amount::Scale;
use c2c::curve::{Curve, CurveError, PairTerms, Point, Ratio, Rounding, room};
use c2c_tests::vectors::{each, integer, list, points, same, text};
use serde_json::Value;

fn curve(value: &Value) -> Result<Curve, String> {
    Curve::from_points(points(value)).map_err(|error| error.to_string())
}

fn pairs(curve: &Curve) -> Vec<(u64, u64)> {
    curve
        .points()
        .iter()
        .map(|&Point { x, y }| (x, y))
        .collect()
}

/// Points that may not even be numbers of ours.
fn given(value: &Value) -> Option<Vec<(u64, u64)>> {
    list(value)
        .iter()
        .map(|p| Some((text(&p[0]).parse().ok()?, text(&p[1]).parse().ok()?)))
        .collect()
}

#[test]
fn codec() {
    each("curve-codec", |case| {
        let made = match text(&case["op"]) {
            "encode" => given(&case["points"])
                .ok_or_else(|| "a coordinate is not an amount".to_owned())
                .and_then(|points| Curve::from_points(points).map_err(|e| e.to_string())),
            _ => Curve::from_base64(text(&case["base64"])).map_err(|e| e.to_string()),
        };
        // DIFFERENCE: a curve without points is refused, as nothing can be asked of it. The
        // reference reads it and fails later. Fractions and values from 2^64 on (cases with a
        // quirk) are refused, where it rounds and wraps.
        let no_points = case["points"] == Value::Array(Vec::new());
        if !case["error"].is_null() || !case["quirk"].is_null() || no_points {
            return made.map_or(Ok(()), |curve| Err(format!("accepted: {curve:?}")));
        }
        let made = made?;
        same("points", points(&case["points"]), pairs(&made))?;
        // Read in any of the styles that 2017 reads, written in one.
        let plain = text(&case["base64"])
            .replace('-', "+")
            .replace('_', "/")
            .replace('\n', "");
        same(
            "base64",
            plain.trim_end_matches('='),
            made.to_base64().trim_end_matches('='),
        )?;
        let hex: String = made.to_bytes().iter().map(|b| format!("{b:02x}")).collect();
        same("hex", case["hex"].as_str().unwrap_or(&hex), &hex)?;
        same(
            "read again",
            Ok(made.clone()),
            Curve::from_bytes(&made.to_bytes()),
        )
    });
}

/// Base64 bit by bit, in either alphabet; none if a character is not base64.
fn slow_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let value = |character: u8| match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut bits = Vec::new();
    for character in text {
        let value = value(*character)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let (bytes, _) = bits.as_chunks::<8>();
    let byte = |bits: &[u8; 8]| bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    Some(bytes.iter().map(byte).collect())
}

#[test]
fn every_character_in_every_place_is_read_as_bit_by_bit() {
    let points: Vec<(u64, u64)> = (1..=6)
        .map(|i| ((i << 59) + i * 0x0123_4567, i * 0x0fed_cba9_8765))
        .collect();
    let curve = Curve::from_points(points).expect("a curve");
    let text = curve.to_base64().into_bytes();
    assert_eq!(Curve::from_base64_bytes(&text), Ok(curve));
    for place in 0..text.len() {
        for character in 0..=u8::MAX {
            if matches!(character, b'=' | b'\r' | b'\n') {
                continue;
            }
            let mut text = text.clone();
            text[place] = character;
            let read = Curve::from_base64_bytes(&text);
            match slow_bytes(&text) {
                Some(bytes) => assert_eq!(read, Curve::from_bytes(&bytes)),
                None => assert_eq!(
                    read,
                    Err(CurveError::Base64 {
                        offset: place,
                        byte: character
                    })
                ),
            }
        }
    }
}

#[test]
fn evaluation() {
    each("curve-eval", |case| {
        let curve = curve(&case["points"])?;
        for pair in list(&case["amount_at"]) {
            let x = integer(&pair[0]);
            same(
                &format!("amount at {x}"),
                integer(&pair[1]),
                curve.amount_at(x),
            )?;
            same("at once", vec![integer(&pair[1])], curve.amounts_at(&[x]))?;
        }
        for pair in list(&case["amount_reverse"]) {
            let y = integer(&pair[0]);
            let expected = text(&pair[1]).parse().ok();
            same(
                &format!("reverse of {y}"),
                expected,
                curve.amount_reverse(y),
            )?;
            // DIFFERENCE: what is asked back must deliver, so the sound reverse rounds up.
            let least = curve.least_source_for(y);
            same("can be delivered", expected.is_some(), least.is_some())?;
            if let Some(x) = least {
                same("delivers", true, curve.amount_at(x) >= y)?;
            }
        }
        Ok::<(), String>(())
    });
}

#[test]
fn combine() {
    each("curve-combine", |case| {
        let (a, b) = (curve(&case["a"])?, curve(&case["b"])?);
        let combined = a.combine(&b, Rounding::Reference);
        same("points", points(&case["points"]), pairs(&combined))?;
        // DIFFERENCE: the sound answer is not above the better input where the reference's is.
        let promise = &case["over_promise"];
        if !promise.is_null() {
            let (x, best) = (integer(&promise["x"]), integer(&promise["best_input"]));
            same(
                "promised too much",
                integer(&promise["result"]),
                combined.amount_at(x),
            )?;
            let sound = a.combine(&b, Rounding::Sound).amount_at(x);
            same(
                "within a unit of the best",
                true,
                sound == best || sound + 1 == best,
            )?;
        }
        Ok::<(), String>(())
    });
}

#[test]
fn join() {
    each("curve-join", |case| {
        let (head, tail) = (curve(&case["head"])?, curve(&case["tail"])?);
        let joined = Curve::join(&head, &tail, Rounding::Reference);
        // DIFFERENCE: no points are no curve.
        let expected = Some(points(&case["points"])).filter(|p| !p.is_empty());
        same("points", expected, joined.as_ref().map(pairs))?;
        // DIFFERENCE: the sound answer is not above going step by step where the reference's is.
        let promise = &case["over_promise"];
        if !promise.is_null() {
            let (x, steps) = (integer(&promise["x"]), integer(&promise["step_by_step"]));
            same("step by step", steps, tail.amount_at(head.amount_at(x)))?;
            let sound = Curve::join(&head, &tail, Rounding::Sound);
            same("sound", true, sound.is_none_or(|c| c.amount_at(x) <= steps))?;
        }
        Ok::<(), String>(())
    });
}

#[test]
fn shift() {
    each("curve-shift", |case| {
        let curve = curve(&case["points"])?;
        let by: i128 = text(&case["by"]).parse().map_err(|e| format!("{e}"))?;
        let horizontal = text(&case["op"]) == "shiftX";
        let shifted = if horizontal {
            curve.shift_x(by)
        } else {
            curve.shift_y(by, Rounding::Reference)
        };
        let quirk = case["quirk"].as_str();
        // DIFFERENCE: a point that lands on zero stands there once; what leaves the range is cut off
        // or capped; nothing left is no curve. The reference refuses, wraps, or answers 0, 0.
        match quirk {
            None => same(
                "points",
                Some(points(&case["result"])),
                shifted.as_ref().map(pairs),
            ),
            Some("all-below-zero") => same("nothing left", None, shifted),
            Some("lands-on-zero") => {
                let first = shifted.ok_or("a curve is left")?.origin();
                let zero = if horizontal { first.x } else { first.y };
                same("begins at zero", 0, zero)
            }
            Some("wraps-at-2^64") => match shifted {
                None => same("all of it left", true, horizontal),
                Some(shifted) => {
                    let x = shifted.capacity().x;
                    let moved = if horizontal {
                        curve.amount_at(u64::try_from(i128::from(x) - by).unwrap_or_default())
                    } else {
                        u64::try_from(i128::from(curve.amount_at(x)) + by).unwrap_or(u64::MAX)
                    };
                    same("cut or capped", moved, shifted.capacity().y)
                }
            },
            Some(other) => Err(format!("unknown quirk {other}")),
        }
    });
}

#[test]
fn simplify() {
    each("curve-simplify", |case| {
        let curve = curve(&case["points"])?;
        let most = case["max_points"].as_u64().ok_or("max_points")?;
        let most = usize::try_from(most).map_err(|e| e.to_string())?;
        let simple = curve.simplify(most, Rounding::Reference);
        // DIFFERENCE: coordinates above 2^53 − 1 stay exact. The reference throws or loses digits.
        let inexact = ["over-2^53", "digits-lost"].map(Some);
        if inexact.contains(&case["quirk"].as_str()) {
            same("unchanged", &curve, &simple)?;
        } else {
            same("points", points(&case["result"]), pairs(&simple))?;
        }
        // DIFFERENCE: the sound answer keeps both ends and is nowhere above the original.
        let sound = curve.simplify(most, Rounding::Sound);
        same("origin", curve.origin(), sound.origin())?;
        same("capacity", curve.capacity(), sound.capacity())?;
        same("few enough", true, sound.points().len() <= most.max(3))?;
        for p in curve.points().iter().chain(sound.points()) {
            for x in [p.x.saturating_sub(1), p.x, p.x.saturating_add(1)] {
                let (was, is) = (curve.amount_at(x), sound.amount_at(x));
                same(&format!("{is} is not above {was} at {x}"), true, is <= was)?;
            }
        }
        Ok::<(), String>(())
    });
}

/// The price of a currency in euro.
fn price(case: &Value, side: &str) -> Result<Option<Ratio>, String> {
    let currency = text(&case[side]["currency"]);
    let price = &case["rates"][currency];
    match price {
        _ if currency == "EUR" || text(&case["backend"]) == "one-to-one" => Ok(Some(Ratio::ONE)),
        Value::Null => Ok(None),
        price => Ok(Some(price.to_string().parse().map_err(|e| format!("{e}"))?)),
    }
}

fn whole(value: &Value) -> Option<i128> {
    value.as_str()?.parse().ok()
}

#[test]
fn local_pair() {
    each("local-curve", |case| {
        let scale = |side: &str| -> Result<Scale, String> {
            let scale = case[side]["scale"].as_u64().ok_or("no scale")?;
            Scale::new(u8::try_from(scale).map_err(|e| e.to_string())?).map_err(|e| e.to_string())
        };
        let (Some(from), Some(to)) = (price(case, "source")?, price(case, "destination")?) else {
            return same("no rate", true, !case["error"].is_null());
        };
        let rate = from.inverse().and_then(|one| to.times(one)).ok_or("rate")?;
        let spread: Ratio = text(&case["spread"]).parse().map_err(|e| format!("{e}"))?;
        let terms = PairTerms::new(rate, spread, scale("source")?, scale("destination")?)
            .map_err(|e| e.to_string())?;
        let balance = |side: &str| whole(&case[side]["balance"]).unwrap_or(0);
        let source = whole(&case["source"]["max_balance"]).map(|m| room(m, balance("source")));
        let destination =
            whole(&case["destination"]["min_balance"]).map(|m| room(-m, -balance("destination")));
        let curve = terms.curve(source, destination);
        // DIFFERENCE: no room is no curve. The reference answers a flat one, or throws.
        if source == Some(0) || destination == Some(0) {
            return same("no curve", None, curve);
        }
        let curve = curve.ok_or("a curve")?;
        same("origin", Point::default(), curve.origin())?;
        let (end, expected) = (curve.capacity(), points(&case["points"])[1]);
        // DIFFERENCE: x rounded up and y down, each at most one unit off, and y capped, not wrapped.
        if case["quirk"].as_str() == Some("wraps-at-2^64") {
            return same("capped", u64::MAX, end.y);
        }
        let near = end.x.abs_diff(expected.0) <= 1 && end.y.abs_diff(expected.1) <= 1;
        same(
            &format!("{end:?} is within a unit of {expected:?}"),
            true,
            near,
        )
    });
}
