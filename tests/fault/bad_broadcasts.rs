//! Broadcasts that break the schema, promise nonsense, or say what they may not: the table stays right.

use c2c::connector::Connector;
use c2c::timestamp::Millis;
use c2c_tests::pair::Pair;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

struct Attack {
    pair: Pair,
    token: String,
    from: String,
    to: String,
}

impl Attack {
    /// Red sends what follows to blue, with the right token.
    fn new() -> Self {
        let mut pair = Pair::new(1);
        pair.network.run(Millis(40_000));
        let details = pair.network.details(pair.red, pair.blue, "USD");
        Self {
            token: details.send_token.reveal().to_owned(),
            from: details.account.to_string(),
            to: details.peer_account.to_string(),
            pair,
        }
    }

    fn send(&mut self, method: &str, body: &str) -> (u16, String) {
        let ledger = self.pair.ledger.to_string();
        let blue = self.pair.blue;
        self.pair
            .network
            .call(blue, method, &ledger, Some(&self.token), body)
    }

    fn broadcast(&mut self, update: &str) -> (u16, String) {
        let (ledger, from, to) = (&self.pair.ledger, &self.from, &self.to);
        let body = format!(
            r#"[{{"ledger":"{ledger}","from":"{from}","to":"{to}","custom":{{"method":"broadcast_routes","data":{update}}}}}]"#
        );
        self.send("send_request", &body)
    }

    fn update(&self, routes: &str) -> String {
        format!(r#"{{"new_routes":[{routes}],"hold_down_time":45000,"unreachable_through_me":[]}}"#)
    }

    /// A route to `destination` with these points, in base64.
    fn route(&self, destination: &str, points: &str) -> String {
        let (ledger, from) = (&self.pair.ledger, &self.from);
        format!(
            r#"{{"source_ledger":"{ledger}","destination_ledger":"{destination}","points":"{points}","min_message_window":1,"source_account":"{from}","paths":[[]]}}"#
        )
    }

    fn blue(&self) -> &Connector {
        &self.pair.network.node(self.pair.blue).connector
    }

    fn digest(&self) -> [u8; 32] {
        self.blue().tables().digest()
    }

    fn known(&self, destination: &str) -> bool {
        !self
            .pair
            .network
            .ways(self.pair.blue, destination)
            .is_empty()
    }
}

/// [1,0],[1000000001,998000000].
const GOOD: &str = "AAAAAAEAAAAAAAAAAAAAAAAAAAABypo7AAAAAIBFfDs=";
/// [0,0],[10,265].
const OTHER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAKAAAAAAAAAAkBAAA=";
/// Two points of equal x.
const FLAT: &str = "AAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAEAAAA=";

#[test]
fn a_broken_document_changes_nothing_and_is_answered_by_f00() {
    let mut attack = Attack::new();
    let before = attack
        .pair
        .network
        .node(attack.pair.blue)
        .connector
        .routes(None, None);
    for update in [
        "{}".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        r#"{"new_routes":[],"hold_down_time":0,"unreachable_through_me":[]}"#.to_owned(),
        r#"{"new_routes":[],"hold_down_time":1,"unreachable_through_me":["a b"]}"#.to_owned(),
        r#"{"new_routes":[],"hold_down_time":1,"unreachable_through_me":[],"more":1}"#.to_owned(),
        attack.update(&attack.route("example.new.", "not base64")),
        attack.update(&format!("{},{{}}", attack.route("example.new.", GOOD))),
    ] {
        let (status, answer) = attack.broadcast(&update);
        assert_eq!(status, 200, "{update}");
        assert!(answer.contains("\"ilp\":\"C"), "an ILP error: {answer}");
        for member in ["\"ledger\":", "\"from\":", "\"to\":"] {
            assert!(answer.contains(member), "{answer}");
        }
    }
    let blue = &attack.pair.network.node(attack.pair.blue).connector;
    assert_eq!(blue.routes(None, None), before);
    assert!(!attack.known("example.new."));
    let refused = blue.refused().broadcasts;
    assert_eq!(refused.len(), 8);
    assert!(refused.iter().all(|refused| !refused.message.is_empty()));
}

#[test]
fn one_bad_route_does_not_take_the_others_with_it() {
    let mut attack = Attack::new();
    let routes = [
        attack.route("example.one.", GOOD),
        attack.route("example.flat.", FLAT),
        attack.route("peer.secret.", GOOD),
        attack.route("example.two.", GOOD),
        attack
            .route("example.three.", GOOD)
            .replace(&attack.from, &attack.to),
        attack.route("example.blue.", GOOD),
    ]
    .join(",");
    let (status, answer) = attack.broadcast(&attack.update(&routes));
    assert_eq!(status, 200);
    assert!(!answer.contains("\"ilp\""), "{answer}");
    assert!(attack.known("example.one.") && attack.known("example.two."));
    assert!(!attack.known("example.flat.") && !attack.known("example.three."));
    let refused = attack
        .pair
        .network
        .node(attack.pair.blue)
        .connector
        .refused()
        .refused;
    let found: Vec<(u64, &str)> = refused
        .iter()
        .map(|route| (route.index, &*route.code))
        .collect();
    assert_eq!(
        found,
        [
            (1, "ROUTE_CURVE"),
            (2, "ROUTE_PEER_DESTINATION"),
            (4, "ROUTE_NOT_THE_SENDER"),
            (5, "ROUTE_LOOP"),
        ]
    );
    assert!(refused.iter().all(|route| route.peer == attack.pair.ledger));
}

/// What ilp-kit 2 sends: pairs of numbers in `data`, by `send_message`, with or without `paths`.
#[test]
fn a_peer_older_than_ilp_kit_3_is_heard() {
    let mut attack = Attack::new();
    for (destination, paths) in [("example.old.", ""), ("example.older.", r#","paths":[[]]"#)] {
        let (ledger, from, to) = (&attack.pair.ledger, &attack.from, &attack.to);
        let body = format!(
            r#"[{{"ledger":"{ledger}","from":"{from}","to":"{to}","data":{{"method":"broadcast_routes","data":{{"new_routes":[{{"source_ledger":"{ledger}","destination_ledger":"{destination}","points":[[0,0],[1000,990]],"min_message_window":1,"source_account":"{from}"{paths}}}],"hold_down_time":45000,"unreachable_through_me":[]}}}}}}]"#
        );
        let (status, answer) = attack.send("send_message", &body);
        assert_eq!((status, &*answer), (200, "true"));
        assert!(attack.known(destination), "{destination}");
    }
}

#[test]
fn a_flood_of_updates_is_refused_and_a_heartbeat_taken_again_later() {
    let mut attack = Attack::new();
    let points = "A".repeat(900_000);
    let flood = attack.update(&attack.route("example.flood.", &points));
    let statuses: Vec<u16> = (0..100).map(|_| attack.broadcast(&flood).0).collect();
    assert_eq!((statuses[0], statuses[99]), (200, 429));
    attack.pair.network.run(Millis(1_000));
    assert_eq!(attack.broadcast(&attack.update("")).0, 200);
}

#[test]
fn whatever_comes_is_answered() {
    let mut attack = Attack::new();
    let deep = "[".repeat(100_000);
    let long = format!("[{}", "{},".repeat(10_000));
    let envelope = format!(
        r#"[{{"ledger":"{}","from":"{}","to":"{}","ilp":"BAAA"}}]"#,
        attack.pair.ledger, attack.from, attack.to
    );
    let foreign = envelope.replace(&attack.from, "peer.other.usd.9.them");
    let bodies = [
        "", "[", "\u{0}", "[null]", "[[]]", "{}", "[{}]", "true", &deep, &long, &envelope, &foreign,
    ];
    for method in [
        "get_limit",
        "get_balance",
        "send_request",
        "send_message",
        "send_transfer",
        "\"",
        "",
    ] {
        for body in bodies {
            let (status, answer) = attack.send(method, body);
            assert!(matches!(status, 200 | 422), "{method}: {status}");
            assert!(answer.len() < 10_000);
        }
    }
    assert_eq!(
        attack.send("send_request", &envelope).0,
        200,
        "an ILP error in a response"
    );
    assert_eq!(
        attack.send("send_request", &foreign).0,
        422,
        "not from the peer"
    );
    let huge = " ".repeat(c2c::rpc::MAX_BODY + 1);
    assert_eq!(attack.send("send_request", &huge).0, 413);
}

#[test]
fn a_message_full_of_routes_is_taken_and_forgotten_in_time() {
    let mut attack = Attack::new();
    let mut routes = String::new();
    while routes.len() < c2c::rpc::MAX_BODY - 2_000 {
        if !routes.is_empty() {
            routes.push(',');
        }
        routes.push_str(&attack.route(&format!("example.n{}.", routes.len()), GOOD));
    }
    let (status, answer) = attack.broadcast(&attack.update(&routes));
    assert_eq!(status, 200);
    assert!(!answer.contains("\"ilp\""), "{answer}");
    assert!(attack.known("example.n0."));
    let red = attack.pair.red;
    attack.pair.network.stop(red);
    attack.pair.network.run(Millis(60_000));
    assert!(!attack.known("example.n0."), "nobody stands by them");
}

#[test]
fn a_hundred_thousand_routes_in_one_message_are_refused_unread() {
    let mut attack = Attack::new();
    let before = attack.digest();
    let route = attack.route("example.many.", GOOD);
    let routes = vec![route; 100_000].join(",");
    let (status, _) = attack.broadcast(&attack.update(&routes));
    assert_eq!(status, 413);
    assert_eq!(attack.digest(), before);
}

#[test]
fn a_path_of_ten_thousand_ledgers_is_refused_and_noted() {
    let mut attack = Attack::new();
    let ledgers: Vec<String> = (0..10_000).map(|i| format!("\"g.l{i}.\"")).collect();
    let path = format!("\"paths\":[[{}]]", ledgers.join(","));
    let long = attack
        .route("example.long.", GOOD)
        .replace("\"paths\":[[]]", &path);
    let good = attack.route("example.good.", GOOD);
    let (status, _) = attack.broadcast(&attack.update(&format!("{long},{good}")));
    assert_eq!(status, 200);
    assert!(attack.known("example.good.") && !attack.known("example.long."));
    let refused = attack.blue().refused().refused;
    assert_eq!(refused.last().expect("noted").code, "ROUTE_PATH_TOO_LONG");
}

#[test]
fn a_thousand_updates_a_second_are_refused_by_a_typed_answer_and_the_table_stays_right() {
    let mut attack = Attack::new();
    let mut statuses = Vec::new();
    for turn in 0..10_000 {
        let yields = if turn % 2 == 0 { GOOD } else { OTHER };
        let update = attack.update(&attack.route("example.fast.", yields));
        let (status, answer) = attack.broadcast(&update);
        if status != 200 {
            assert!(answer.contains("\"message\""), "{answer}");
        }
        statuses.push(status);
        if turn % 100 == 99 {
            attack.pair.network.run(Millis(100));
        }
    }
    let taken = statuses.iter().filter(|status| **status == 200).count();
    assert!((5_000..9_900).contains(&taken), "{taken}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)));
    let ways = attack.pair.network.ways(attack.pair.blue, "example.fast.");
    assert_eq!(ways.len(), 1);
    attack.pair.network.run(Millis(60_000));
    let update = attack.update(&attack.route("example.later.", GOOD));
    assert_eq!(attack.broadcast(&update).0, 200);
    assert!(attack.known("example.later."));
}

/// Any JSON at all, mostly with names and texts that mean something to us.
fn any_json(dice: &mut u64, depth: u32) -> String {
    const NAMES: [&str; 10] = [
        "new_routes",
        "hold_down_time",
        "unreachable_through_me",
        "request_full_table",
        "source_ledger",
        "destination_ledger",
        "source_account",
        "points",
        "paths",
        "min_message_window",
    ];
    const NUMBERS: [&str; 6] = [
        "0",
        "-1",
        "45000",
        "1e400",
        "4.5e-3",
        "18446744073709551616",
    ];
    const TEXTS: [&str; 7] = [
        "",
        "example.x.",
        "peer.y.",
        "\\u0000",
        "AAAA",
        "\\ud800",
        "a b",
    ];
    match roll(dice, if depth > 4 { 4 } else { 8 }) {
        0 => "null".to_owned(),
        1 => "true".to_owned(),
        2 => NUMBERS[roll(dice, NUMBERS.len())].to_owned(),
        3 => format!("\"{}\"", TEXTS[roll(dice, TEXTS.len())]),
        4 => {
            let items = (0..roll(dice, 4)).map(|_| any_json(dice, depth + 1));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        _ => {
            let members = (0..roll(dice, 6)).map(|_| {
                let name = NAMES[roll(dice, NAMES.len())];
                format!("\"{name}\":{}", any_json(dice, depth + 1))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

fn roll(dice: &mut u64, sides: usize) -> usize {
    *dice = dice
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*dice >> 33).expect("31 bits") % sides
}

#[test]
fn any_json_as_a_broadcast_is_answered_and_changes_no_table() {
    let mut attack = Attack::new();
    let before = attack.digest();
    let mut dice = 7;
    for _ in 0..3_000 {
        let update = any_json(&mut dice, 0);
        let (status, answer) = attack.broadcast(&update);
        assert!(matches!(status, 200 | 422), "{status}: {update}");
        assert!(answer.len() < 10_000, "{update}");
    }
    assert_eq!(attack.digest(), before);
}
