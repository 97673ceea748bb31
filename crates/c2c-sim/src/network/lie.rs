//! Dishonest peers: what leaves them is not what their engine says.

use c2c::curve::Curve;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Random;

/// How a connector lies in its updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// Its curves deliver twice what it can.
    TooGood,
    /// It says that the first ledgers of others are its own.
    Claims,
    /// Now and then it sends something that is no update.
    Malformed,
    /// Now and then it sends again what it said long ago.
    Replays,
    /// It tells of a ledger between two peers.
    Leaks,
    /// It does not tell what is lost.
    Keeps,
}

/// What a route that is made up delivers, in base units: 1000 USD.
const MUCH: u64 = 1_000_000_000_000;

impl Lie {
    /// Every way to lie.
    pub const ALL: [Lie; 6] = [
        Self::TooGood,
        Self::Claims,
        Self::Malformed,
        Self::Replays,
        Self::Leaks,
        Self::Keeps,
    ];

    /// The body in place of `body`, an update; none if this time it is as it was. `claimed` are the
    /// ledgers of others.
    pub(super) fn tell(
        self,
        body: &[u8],
        old: &mut Option<Vec<u8>>,
        claimed: &[String],
        random: &mut Random,
    ) -> Option<Vec<u8>> {
        match self {
            Self::TooGood => altered(body, |update, _| {
                let routes = update.get_mut("new_routes").and_then(Value::as_array_mut);
                let mut any = false;
                for route in routes.into_iter().flatten() {
                    let better = route
                        .get("points")
                        .and_then(Value::as_str)
                        .and_then(|points| Curve::from_base64(points).ok())
                        .and_then(|curve| doubled(&curve));
                    if let Some(curve) = better {
                        route["points"] = curve.to_base64().into();
                        any = true;
                    }
                }
                any
            }),
            Self::Claims if claimed.is_empty() => None,
            Self::Claims => altered(body, |update, message| {
                add_route(update, message, &claimed[random.place(claimed.len())])
            }),
            Self::Leaks => altered(body, |update, message| {
                add_route(update, message, "peer.else.usd.9.")
            }),
            Self::Keeps => altered(body, |update, _| {
                let lost = update.get_mut("unreachable_through_me");
                match lost.and_then(Value::as_array_mut) {
                    Some(lost) if !lost.is_empty() => {
                        lost.clear();
                        true
                    }
                    _ => false,
                }
            }),
            Self::Malformed => random.chance(500).then(|| malformed(body, random)),
            Self::Replays => {
                let known = old.get_or_insert_with(|| body.to_vec());
                (random.chance(500) && known != body).then(|| known.clone())
            }
        }
    }
}

/// `body` with its update changed, if `change` says that it changed it.
fn altered(body: &[u8], change: impl FnOnce(&mut Value, &Value) -> bool) -> Option<Vec<u8>> {
    let mut parameters: Value = serde_json::from_slice(body).ok()?;
    let envelope = parameters.get(0)?.clone();
    let update = parameters.pointer_mut("/0/custom/data")?;
    change(update, &envelope).then(|| parameters.to_string().into_bytes())
}

/// Puts a route straight to `destination` into an update.
fn add_route(update: &mut Value, message: &Value, destination: &str) -> bool {
    let known = update.get_mut("new_routes").and_then(Value::as_array_mut);
    let (Some(routes), Ok(curve)) = (known, Curve::from_points([(0, 0), (MUCH, MUCH)])) else {
        return false;
    };
    routes.retain(|route| route["destination_ledger"] != *destination);
    routes.push(json!({
        "source_ledger": message["ledger"],
        "destination_ledger": destination,
        "points": curve.to_base64(),
        "min_message_window": 1,
        "source_account": message["from"],
        "paths": [[]],
    }));
    true
}

/// Twice as much for as much.
fn doubled(curve: &Curve) -> Option<Curve> {
    let points = curve.points().iter();
    Curve::from_points(points.map(|point| (point.x, point.y.saturating_mul(2)))).ok()
}

/// Something else than an update, in the right envelope or not.
fn malformed(body: &[u8], random: &mut Random) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let changed = match random.below(6) {
        0 => text.replace("\"new_routes\"", "\"old_routes\""),
        1 => text.replace("\"hold_down_time\":", "\"hold_down_time\":-"),
        2 => text.replace(
            "\"unreachable_through_me\":[",
            "\"unreachable_through_me\":[7,",
        ),
        3 => text.replace("\"points\":\"", "\"points\":\"*"),
        4 => text.chars().take(text.len() / 2).collect(),
        _ => "[".repeat(1000),
    };
    changed.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"[{"ledger":"peer.a.","from":"peer.a.me","to":"peer.a.you","custom":{"method":"broadcast_routes","data":{"new_routes":[{"source_ledger":"peer.a.","destination_ledger":"example.b.","points":"AAAAAAEAAAAAAAAAAAAAAAAAAAABypo7AAAAAIBFfDs=","min_message_window":1,"source_account":"peer.a.me","paths":[[]]}],"hold_down_time":45000,"unreachable_through_me":[]}}}]"#;

    fn told(lie: Lie, seed: u64) -> Option<String> {
        let mut old = Some(b"what was".to_vec());
        let claimed = ["example.z.".to_owned()];
        let told = lie.tell(BODY.as_bytes(), &mut old, &claimed, &mut Random::new(seed))?;
        Some(String::from_utf8(told).unwrap())
    }

    #[test]
    fn every_lie_changes_what_is_said() {
        for lie in Lie::ALL.into_iter().filter(|lie| *lie != Lie::Keeps) {
            let told = (0..20).find_map(|seed| told(lie, seed)).unwrap();
            assert_ne!(told, BODY, "{lie:?}");
        }
        assert_eq!(told(Lie::Keeps, 1), None, "nothing is lost");
        assert!(told(Lie::Claims, 1).unwrap().contains("example.z."));
        let points = "AAAAAAEAAAAAAAAAAAAAAAAAAAABypo7AAAAAIBFfDs=";
        assert!(!told(Lie::TooGood, 1).unwrap().contains(points));
    }
}
