//! Received broadcasts: what `MessageRouter#receiveRoutes` of ilp-connector 21.1.10 made of them, but
//! for its faults: each step is held against `recommended_results` where there is one.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::broadcast::{Incoming, IncomingSettings, Outcome};
use c2c::curve::Curve;
use c2c::message::RoutingUpdate;
use c2c::schema::Dialect;
use c2c::table::{LocalPair, Settings, Tables, View};
use c2c::timestamp::{Millis, Timestamp};
use c2c_tests::vectors::{each, list, same, text};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::table::{pairs, seconds};

const A: &str = "example.a.";
const P: &str = "peer.abcde.usd.9.";
const Q: &str = "peer.fghij.usd.6.";

#[test]
fn updates_are_taken_as_in_2017() {
    each("routing-update-acceptance", |case| {
        let mut tables = Tables::new(Settings::as_reference());
        tables.set_local_pairs(set_up());
        let store_curves = case["config"]["storeCurves"] != false;
        let mut incoming = Incoming::new(IncomingSettings {
            store_curves,
            ..IncomingSettings::default()
        });
        let mut now = Timestamp::from_millis(1_500_000_000_000);
        for (number, step) in list(&case["steps"]).iter().enumerate() {
            let mut expected = step.clone();
            for (key, value) in case["recommended_results"][number.to_string()]
                .as_object()
                .into_iter()
                .flatten()
            {
                expected[key] = value.clone();
            }
            depart(text(&case["name"]), number, &mut expected);
            let at = |error: String| format!("step {number}: {error}");
            if let Some(ms) = step["advance_clock_ms"].as_u64() {
                now = now + Millis(ms);
                tables.remove_expired(now);
            } else {
                let outcome = receive(&mut incoming, &mut tables, now, step);
                let asked = outcome
                    .as_ref()
                    .is_some_and(|outcome| outcome.full_table_asked);
                same(
                    "full table asked",
                    expected["full_table_asked"] == true,
                    asked,
                )
                .map_err(at)?;
                // Whether broadcasting is on at all is asked by whoever broadcasts.
                if case["config"]["routeBroadcastEnabled"] != false {
                    let at_once = outcome
                        .as_ref()
                        .is_some_and(|outcome| outcome.broadcast_now);
                    let expected_now = expected["broadcast_at_once"] == true;
                    same("broadcast at once", expected_now, at_once).map_err(at)?;
                    let lost = outcome.map_or_else(Vec::new, lost_prefixes);
                    same("lost", prefixes(&expected["marked_unreachable"]), lost).map_err(at)?;
                }
            }
            same("routes", &expected["routes"], &routes(&tables, now)).map_err(at)?;
        }
        Ok::<(), String>(())
    });
}

/// Where we depart on purpose from what is `expected`.
fn depart(case: &str, step: usize, expected: &mut Value) {
    match case {
        // DIFFERENCE: a broken curve costs only its own route: the one after it is taken too, and
        // the others hear of both at once.
        "a broken curve stops the work half way"
        | "a curve out of order stops the work half way" => {
            expected["broadcast_at_once"] = true.into();
            let routes = expected["routes"].as_array_mut().expect("routes");
            *routes = routes
                .iter()
                .flat_map(|route| {
                    let mut after = route.clone();
                    after["target_prefix"] = "example.e.".into();
                    [route.clone(), after]
                })
                .collect();
        }
        // DIFFERENCE: 21.1.10 gives a new route its own 45 s, whatever the message says, until the
        // next message. Here the hold-down time of the message, 1 s, counts from the start.
        "the first message: our own expiry counts" => {
            let routes = expected["routes"].as_array_mut().expect("routes");
            if step > 0 {
                routes.clear();
            }
            for route in routes {
                route["expires_in_ms"] = 1000.into();
            }
        }
        _ => {}
    }
}

fn receive(
    incoming: &mut Incoming,
    tables: &mut Tables,
    now: Timestamp,
    step: &Value,
) -> Option<Outcome> {
    let document = step["update"].to_string();
    let update = RoutingUpdate::read(document.as_bytes(), Dialect::V21).ok()?;
    let sender = IlpAddress::new(text(&step["sender"])).expect("an account");
    Some(incoming.apply(tables, now, &sender, update))
}

fn lost_prefixes(outcome: Outcome) -> Vec<String> {
    let mut lost: Vec<String> = outcome
        .lost
        .into_iter()
        .map(|lost| lost.prefix.to_string())
        .collect();
    lost.sort();
    lost.dedup();
    lost
}

fn prefixes(value: &Value) -> Vec<String> {
    let mut prefixes: Vec<String> = list(value)
        .iter()
        .map(|prefix| text(prefix).to_owned())
        .collect();
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

/// Every route but the pairs, by source, target prefix and next hop.
fn routes(tables: &Tables, now: Timestamp) -> Value {
    let mut routes = Vec::new();
    for source in tables.sources() {
        for prefix in tables.prefixes_from(source.as_str()) {
            let mut candidates = tables.candidates(View::Local, source.as_str(), prefix.as_str());
            candidates.retain(|candidate| !candidate.is_local);
            candidates.sort_by(|a, b| a.next_hop.cmp(&b.next_hop));
            for candidate in candidates {
                routes.push(json!({
                    "source": source,
                    "target_prefix": candidate.target_prefix.as_str(),
                    "next_hop": candidate.next_hop,
                    "next_ledger": candidate.next_ledger,
                    "path_length": candidate.hops,
                    "min_message_window": seconds(candidate.min_message_window),
                    "points": candidate.curve.as_ref().map(pairs),
                    "expires_in_ms": candidate.expires_at.map(|end| end.since(now).0),
                }));
            }
        }
    }
    routes.into()
}

fn set_up() -> Vec<LocalPair> {
    let few = [(0, 0), (1000, 998)];
    let down = [(0, 0), (1_000_000, 998)];
    let up = [(0, 0), (1000, 998_000)];
    [
        (A, P, few),
        (P, A, few),
        (A, Q, down),
        (P, Q, down),
        (Q, A, up),
        (Q, P, up),
    ]
    .map(|(source, destination, points)| {
        let [source_ledger, destination_ledger] =
            [source, destination].map(|ledger| LedgerPrefix::new(ledger).expect("a ledger"));
        LocalPair {
            source_account: source_ledger.account("me").expect("an account"),
            destination_account: destination_ledger.account("me").expect("an account"),
            source_ledger,
            destination_ledger,
            curve: Curve::from_points(points).expect("a curve"),
            shift: true,
            min_message_window: Millis(1000),
        }
    })
    .into()
}
