//! Routing updates: the verdict of the real JSON schema validators of both dialects.

use c2c::message::RoutingUpdate;
use c2c::schema::{Dialect, validate};
use c2c_tests::vectors::{cases, each};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const DIALECTS: [(Dialect, &str); 2] = [(Dialect::V17, "dialect17"), (Dialect::V21, "dialect21")];

/// The document as it went to the validators.
fn document(case: &Value) -> String {
    match case["document_text"].as_str() {
        Some(text) => text.to_owned(),
        None => case["document"].to_string(),
    }
}

#[test]
fn updates_are_valid_where_the_validators_of_2017_say_so() {
    each("routing-update-validation", |case| {
        let text = document(case);
        for (dialect, member) in DIALECTS {
            let expected = case[member].as_bool().expect("a verdict");
            let found = validate(text.as_bytes(), dialect);
            if expected != found.is_ok() {
                return Err(format!("{member}: expected {expected}, found {found:?}"));
            }
            // Reading makes no other difference than validating.
            if RoutingUpdate::read(text.as_bytes(), dialect).map(drop) != found {
                return Err(format!("{member}: read and validate disagree"));
            }
        }
        Ok(())
    });
}

#[test]
fn a_refusal_names_the_place_that_the_validators_named() {
    let mut named = 0;
    for case in cases("routing-update-validation") {
        for (dialect, member) in DIALECTS {
            // Such as ".new_routes[0].points type"; a missing or unknown member is named by its object.
            let Some(error) = case[format!("{member}_error")].as_str() else {
                continue;
            };
            let (place, keyword) = error.rsplit_once(' ').unwrap_or(("", error));
            let place = place.trim_start_matches('.');
            let found = validate(document(&case).as_bytes(), dialect).unwrap_err();
            let fits = found.iter().any(|violation| match keyword {
                "required" | "additionalProperties" => violation.path.starts_with(place),
                _ => violation.path == place,
            });
            assert!(fits, "{}: {error}: {found:?}", case["name"]);
            named += 1;
        }
    }
    assert!(named > 0, "the vectors name no place");
}
