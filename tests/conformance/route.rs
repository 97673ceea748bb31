//! Routes: combined and joined as ilp-routing 10.1.0 (`Route`) did.

use c2c::address::IlpAddress;
use c2c::curve::{Curve, Rounding};
use c2c::route::{Paths, Prefix, Route};
use c2c::timestamp::Millis;
use c2c_tests::vectors::{each, list, points, same, text};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn routes_combine_and_join_as_in_2017() {
    each("route-combine", |case| match text(&case["op"]) {
        "combine" => {
            let (a, b) = (route(&case["a"]), route(&case["b"]));
            same(
                "length of a",
                &case["a_max_path_length"],
                &a.path_length().into(),
            )?;
            same(
                "length of b",
                &case["b_max_path_length"],
                &b.path_length().into(),
            )?;
            let combined = a.combine(&b, Rounding::Reference);
            compare(&case["result"], &combined)
        }
        "join" => {
            let joined = route(&case["head"]).join(&route(&case["tail"]), Rounding::Reference);
            let expected = &case["result"];
            // DIFFERENCE: 10.1.0 keeps a route whose curve has no points; nothing can go through it.
            if expected["points"].as_array().is_some_and(Vec::is_empty) {
                return same("join", None, joined);
            }
            match joined {
                None => same("join", expected, &Value::Null),
                Some(joined) => compare(expected, &joined),
            }
        }
        other => Err(format!("unknown operation {other}")),
    });
}

fn compare(expected: &Value, route: &Route) -> Result<(), String> {
    let text_of = |key: &str| expected[key].as_str();
    same(
        "source",
        text_of("source_ledger"),
        Some(route.source_ledger.as_str()),
    )?;
    same(
        "next",
        text_of("next_ledger"),
        Some(route.next_ledger.as_str()),
    )?;
    same(
        "destination",
        text_of("destination_ledger"),
        Some(route.destination_ledger.as_str()),
    )?;
    same(
        "target",
        text_of("target_prefix"),
        Some(route.target_prefix.as_str()),
    )?;
    let account = route.source_account.as_ref().map(IlpAddress::as_str);
    same("source account", text_of("source_account"), account)?;
    same(
        "is local",
        expected["is_local"].as_bool(),
        Some(route.is_local),
    )?;
    same(
        "window",
        window(&expected["min_message_window"]),
        route.min_message_window,
    )?;
    same("curve", curve(&expected["points"]), route.curve.clone())?;
    same("paths", paths(&expected["paths"]), route.paths.clone())?;
    same(
        "length",
        &expected["max_path_length"],
        &route.path_length().into(),
    )
}

fn route(value: &Value) -> Route {
    let prefix = |key: &str| Prefix::new(text(&value[key])).expect("a prefix");
    Route {
        source_ledger: prefix("source_ledger"),
        next_ledger: prefix("next_ledger"),
        destination_ledger: prefix("destination_ledger"),
        target_prefix: match &value["target_prefix"] {
            Value::Null => prefix("destination_ledger"),
            _ => prefix("target_prefix"),
        },
        curve: curve(&value["points"]),
        min_message_window: window(&value["min_message_window"]),
        paths: paths(&value["paths"]),
        is_local: value["is_local"] == true,
        source_account: value["source_account"]
            .as_str()
            .map(|account| IlpAddress::new(account).expect("an account")),
        expires_at: None,
    }
}

fn curve(value: &Value) -> Option<Curve> {
    (!value.is_null()).then(|| Curve::from_points(points(value)).expect("a curve"))
}

fn paths(value: &Value) -> Paths {
    Paths::new(list(value).iter().map(|path| {
        list(path)
            .iter()
            .map(|ledger| IlpAddress::new(text(ledger)).expect("a ledger"))
            .collect::<Vec<_>>()
    }))
}

/// Seconds, in halves at the finest.
fn window(value: &Value) -> Millis {
    let seconds = value.as_f64().expect("a number");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and positive"
    )]
    Millis((seconds * 1000.0) as u64)
}
