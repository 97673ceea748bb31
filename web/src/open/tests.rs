use c2c::curve::Curve;

use super::{Kind, Opened, Wrong, open};

/// From nothing to 990 for 1,000, in base64.
fn base64() -> String {
    Curve::from_points([(0, 0), (1000, 990)])
        .unwrap()
        .to_base64()
}

fn read(text: &str) -> Result<Opened, Wrong> {
    open(text.as_bytes(), 1_000, &mut |_, _, _| {})
}

fn route(to: &str, account: &str, points: &str) -> String {
    format!(
        r#"{{"source_ledger":"peer.k3x9Q.usd.9.","destination_ledger":"{to}","points":{points},"min_message_window":1,"paths":[[]],"source_account":"{account}"}}"#
    )
}

fn update(routes: &[String]) -> String {
    format!(
        r#"{{"new_routes":[{}],"hold_down_time":45000,"unreachable_through_me":[]}}"#,
        routes.join(",")
    )
}

fn good(to: &str) -> String {
    route(to, "peer.k3x9Q.usd.9.bob", &format!("\"{}\"", base64()))
}

#[test]
fn every_kind_is_known_by_itself() {
    let list = format!("[{}]", good("g.x."));
    let whole = update(&[good("g.x.")]);
    let message = format!(
        r#"{{"ledger":"peer.k3x9Q.usd.9.","from":"peer.k3x9Q.usd.9.bob","to":"peer.k3x9Q.usd.9.us","custom":{{"method":"broadcast_routes","data":{whole}}}}}"#
    );
    let cited = whole
        .replace(&format!("\"{}\"", base64()), "[[0,0],[1000,990]]")
        .replace(r#""paths":[[]],"#, "");
    let cases = [
        (whole.clone(), Kind::Update),
        (cited, Kind::Update),
        (list, Kind::RouteList),
        (good("g.x."), Kind::RouteList),
        (message.clone(), Kind::Message),
        (format!("[{message}]"), Kind::Call),
        (base64(), Kind::Curves),
        (format!("\"{}\"", base64()), Kind::Curves),
        ("[[0,0],[1000,990]]".to_owned(), Kind::Curves),
        (r#"[["0","0"],["1000","990"]]"#.to_owned(), Kind::Curves),
        ("0,0 1000,990".to_owned(), Kind::Curves),
        ("0 0\n1000 990\n".to_owned(), Kind::Curves),
        (format!("{whole}\n{message}\n"), Kind::Recording),
    ];
    for (text, kind) in cases {
        let opened = read(&text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        assert_eq!(opened.report.kind, kind, "{text}");
        assert_eq!(opened.book.len(), 1, "{text}");
        let merged = opened.book.route(0).merged.unwrap();
        assert_eq!(
            merged.points.last().map(|(x, y)| (x.units(), y.units())),
            Some((1000, 990)),
            "{text}"
        );
    }
    let example = read(include_str!("../../data/demo.json")).unwrap();
    assert_eq!(example.report.kind, Kind::Snapshot);
    assert!(example.book.head().snapshot.is_some());
}

#[test]
fn one_wrong_route_does_not_take_the_others_away() {
    let text = update(&[
        good("g.a."),
        route("g.b.", "peer.k3x9Q.usd.9.bob", "7"),
        good("g.c."),
    ]);
    let opened = read(&text).unwrap();
    assert_eq!(opened.book.len(), 2);
    assert_eq!(opened.report.in_words().as_deref(), Some("1 of 3 refused"));
    assert_eq!(opened.report.refused[0].place, "route 1.points");
    // Out of order, which no schema sees.
    let text = update(&[
        good("g.a."),
        route(
            "g.b.",
            "peer.k3x9Q.usd.9.bob",
            "\"AAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAA=\"",
        ),
    ]);
    let opened = read(&text).unwrap();
    assert_eq!(
        (opened.book.len(), opened.report.refused[0].code.as_str()),
        (1, "ROUTE_CURVE")
    );
}

#[test]
fn the_acceptance_report_is_the_engines() {
    let text = update(&[
        good("g.a."),
        route("g.b.", "peer.k3x9Q.usd.9.eve", &format!("\"{}\"", base64())),
        good("peer.other.usd.9."),
    ]);
    let report = read(&text).unwrap().report.acceptance.unwrap();
    assert_eq!((report.kept, report.dropped), (1, 2));
    assert_eq!(report.sender, "peer.k3x9Q.usd.9.bob");
    let codes: Vec<&str> = report.reasons.keys().map(String::as_str).collect();
    assert_eq!(codes, ["ROUTE_NOT_THE_SENDER", "ROUTE_PEER_DESTINATION"]);
}

#[test]
fn what_cannot_be_read_says_why_and_how_to_mend_it() {
    let wrong = |text: &str| read(text).unwrap_err().message;
    assert!(wrong("  ").starts_with("There is nothing in it."));
    assert!(
        wrong(r#"{"version": 1, "tim"#).contains("This"),
        "{}",
        wrong(r#"{"version": 1, "tim"#)
    );
    assert!(wrong(r#"{"colour":"red"}"#).contains("colour"));
    assert!(wrong("hello").starts_with("This is no curve:"));
    assert!(wrong("[[0,0],[0,5]]").contains("Each x must exceed"));
    let newer =
        include_str!("../../data/demo.json").replacen(r#""version":1"#, r#""version":9"#, 1);
    assert!(wrong(&newer).contains("version 9"), "{}", wrong(&newer));
}

#[test]
fn a_journal_is_played_by_the_engine_forward_and_back() {
    let own = r#"{"ledger":{"ledger":"example.own.","account":"example.own.us"}}"#;
    let pairs = serde_json::json!({"pairs": [{
        "from": "example.own.", "to": "peer.k3x9Q.usd.9.", "from_account": "example.own.us",
        "to_account": "peer.k3x9Q.usd.9.us", "curve": base64(), "shift": true, "window": 1000,
    }]})
    .to_string();
    let told = |at: u64, update: &str| {
        serde_json::json!({"update": {"at": at, "sender": "peer.k3x9Q.usd.9.bob", "dialect": "deployed", "update": update}}).to_string()
    };
    let first = told(10_000, &update(&[good("g.a."), good("g.b.")]));
    let beat = told(40_000, &update(&[]));
    let less = told(
        50_000,
        r#"{"new_routes":[],"hold_down_time":45000,"unreachable_through_me":["g.a."]}"#,
    );
    let over = r#"{"expired":{"at":200000}}"#;
    let text = [own, &pairs, &first, &beat, &less, over].join("\n");
    let opened = read(&text).unwrap();
    assert_eq!(opened.report.kind, Kind::Journal);
    let frames = &opened.report.frames;
    assert_eq!(frames.len(), 6);
    assert_eq!(frames[2].words, "peer.k3x9Q.usd.9.bob told 2 routes.");
    assert_eq!((frames[3].heartbeat, frames[2].heartbeat), (true, false));
    assert_eq!(frames[4].at, Some(50_000));
    let mut recording = opened.recording.unwrap();
    let routes: Vec<usize> = [2, 4, 5, 3, 0]
        .iter()
        .map(|frame| recording.book_at(*frame).unwrap().len())
        .collect();
    // The ledger with the peer is reached too.
    assert_eq!(routes, [3, 2, 1, 3, 0]);
    assert!(recording.book_at(6).is_none());
    let broken = read(&format!("{own}\n{}", r#"{"expired":{}}"#)).unwrap_err();
    assert!(
        broken.message.starts_with("Line 2 of the journal"),
        "{}",
        broken.message
    );
}

#[test]
fn updates_one_a_line_are_laid_over_each_other() {
    let more = update(&[good("g.c.")]);
    let less = r#"{"new_routes":[],"hold_down_time":45000,"unreachable_through_me":["g.a."]}"#;
    let text = [update(&[good("g.a."), good("g.b.")]), more, less.to_owned()].join("\n");
    let opened = read(&text).unwrap();
    assert_eq!(
        opened.report.frames[1].words,
        "peer.k3x9Q.usd.9.bob told 1 route."
    );
    let mut recording = opened.recording.unwrap();
    let routes: Vec<usize> = (0..3)
        .map(|frame| recording.book_at(frame).unwrap().len())
        .collect();
    assert_eq!(routes, [2, 3, 2]);
}
