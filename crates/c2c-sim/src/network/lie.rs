//! Dishonest peers: what leaves them is not what their engine says, or they do not do what they say.

use c2c::curve::Curve;
use c2c::schema::Dialect;
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
    /// It claims a ledger of others, and takes that back, by turns.
    Flaps,
    /// What it says is right, but it keeps one in fifty units more of every payment.
    Skims,
    /// What it says is right, but it sends every payment to the peer that comes after the one it came
    /// from.
    Wanders,
}

/// What a route that is made up delivers, in base units: 1000 USD.
const MUCH: u64 = 1_000_000_000_000;

impl Lie {
    /// Every way to lie.
    pub const ALL: [Lie; 9] = [
        Self::TooGood,
        Self::Claims,
        Self::Malformed,
        Self::Replays,
        Self::Leaks,
        Self::Keeps,
        Self::Flaps,
        Self::Skims,
        Self::Wanders,
    ];

    /// What it passes on of `amount`, which is what it should.
    pub(crate) fn passes(self, amount: u64) -> u64 {
        match self {
            Self::Skims => amount - amount.div_ceil(50),
            _ => amount,
        }
    }

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
                    let curve = route.get("points").and_then(read_points);
                    if let Some((curve, dialect)) = curve
                        && let Some(better) = doubled(&curve)
                    {
                        route["points"] = points(&better, dialect);
                        any = true;
                    }
                }
                any
            }),
            Self::Claims | Self::Flaps if claimed.is_empty() => None,
            Self::Claims => altered(body, |update, message| {
                add_route(update, message, &claimed[random.place(claimed.len())])
            }),
            Self::Flaps => {
                let is_claimed = old.take().is_some();
                if !is_claimed {
                    *old = Some(Vec::new());
                }
                altered(body, |update, message| match is_claimed {
                    true => take_route_back(update, &claimed[0]),
                    false => add_route(update, message, &claimed[0]),
                })
            }
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
            // They lie by what they do.
            Self::Skims | Self::Wanders => None,
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
    let call = parameters.get_mut(0)?;
    let place = match dialect(&envelope) {
        Dialect::V17 => "/data/data",
        Dialect::V21 => "/custom/data",
    };
    let update = call.pointer_mut(place)?;
    change(update, &envelope).then(|| parameters.to_string().into_bytes())
}

/// The dialect of a message, by where its update stands.
fn dialect(envelope: &Value) -> Dialect {
    match envelope.get("custom") {
        Some(_) => Dialect::V21,
        None => Dialect::V17,
    }
}

/// A curve in either dialect, and in which.
fn read_points(points: &Value) -> Option<(Curve, Dialect)> {
    if let Some(text) = points.as_str() {
        return Some((Curve::from_base64(text).ok()?, Dialect::V21));
    }
    let number = |pair: &Value, place| pair.get(place).and_then(Value::as_u64);
    let pairs = points.as_array()?.iter();
    let pairs = pairs.map(|pair| Some((number(pair, 0)?, number(pair, 1)?)));
    let curve = Curve::from_points(pairs.collect::<Option<Vec<_>>>()?).ok()?;
    Some((curve, Dialect::V17))
}

/// `curve` as a route has it in `dialect`.
fn points(curve: &Curve, dialect: Dialect) -> Value {
    match dialect {
        Dialect::V21 => curve.to_base64().into(),
        Dialect::V17 => {
            let points = curve.points().iter();
            points.map(|point| json!([point.x, point.y])).collect()
        }
    }
}

/// Puts a route straight to `destination` into an update.
fn add_route(update: &mut Value, message: &Value, destination: &str) -> bool {
    let known = update.get_mut("new_routes").and_then(Value::as_array_mut);
    let (Some(routes), Ok(curve)) = (known, Curve::from_points([(0, 0), (MUCH, MUCH)])) else {
        return false;
    };
    routes.retain(|route| route["destination_ledger"] != *destination);
    let dialect = dialect(message);
    let mut route = json!({
        "source_ledger": message["ledger"],
        "destination_ledger": destination,
        "points": points(&curve, dialect),
        "min_message_window": 1,
        "source_account": message["from"],
    });
    if dialect == Dialect::V21 {
        route["paths"] = json!([[]]);
    }
    routes.push(route);
    true
}

/// Says in an update that `destination` is lost.
fn take_route_back(update: &mut Value, destination: &str) -> bool {
    if let Some(routes) = update.get_mut("new_routes").and_then(Value::as_array_mut) {
        routes.retain(|route| route["destination_ledger"] != *destination);
    }
    let lost = update.get_mut("unreachable_through_me");
    let Some(lost) = lost.and_then(Value::as_array_mut) else {
        return false;
    };
    lost.push(destination.into());
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
        3 => text
            .replace("\"points\":\"", "\"points\":\"*")
            .replace("\"points\":[[", "\"points\":[[-"),
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
        for lie in Lie::ALL {
            let told = (0..20).find_map(|seed| told(lie, seed));
            match lie {
                Lie::Keeps => assert_eq!(told, None, "nothing is lost"),
                Lie::Skims | Lie::Wanders => assert_eq!(told, None, "{lie:?} in deeds"),
                _ => assert_ne!(told.unwrap(), BODY, "{lie:?}"),
            }
        }
        assert_eq!(
            [Lie::Skims.passes(1_000), Lie::Keeps.passes(1_000)],
            [980, 1_000]
        );
        assert!(told(Lie::Claims, 1).unwrap().contains("example.z."));
        let points = "AAAAAAEAAAAAAAAAAAAAAAAAAAABypo7AAAAAIBFfDs=";
        assert!(!told(Lie::TooGood, 1).unwrap().contains(points));
    }

    #[test]
    fn a_lie_in_the_older_dialect_is_an_update_too() {
        use c2c::message::RoutingUpdate;
        let body = r#"[{"ledger":"peer.a.","from":"peer.a.me","to":"peer.a.you","data":{"method":"broadcast_routes","data":{"new_routes":[{"source_ledger":"peer.a.","destination_ledger":"example.b.","points":[[0,0],[10,9]],"min_message_window":1,"source_account":"peer.a.me"}],"hold_down_time":45000,"unreachable_through_me":[]}}}]"#;
        let claimed = ["example.z.".to_owned()];
        for lie in [Lie::TooGood, Lie::Claims, Lie::Leaks] {
            let told = lie.tell(body.as_bytes(), &mut None, &claimed, &mut Random::new(1));
            let told: Value = serde_json::from_slice(&told.unwrap()).unwrap();
            let update = told.pointer("/0/data/data").unwrap().to_string();
            let update = RoutingUpdate::read(update.as_bytes(), Dialect::V17).unwrap();
            let ends = update.new_routes.iter();
            let ends: Vec<u64> = ends
                .map(|route| route.points.clone().unwrap().unwrap().capacity().y)
                .collect();
            match lie {
                Lie::TooGood => assert_eq!(ends, [18]),
                _ => assert_eq!(ends, [9, MUCH], "{lie:?}"),
            }
        }
    }
}
