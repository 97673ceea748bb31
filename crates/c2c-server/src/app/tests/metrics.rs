//! What is counted, as a reader of metrics gets it.

use super::*;

const LEDGER: &str = "peer.k3x9Q.usd.9.";
const TOKENS: [&str; 2] = ["what-we-send-to-them", "what-they-send-to-us"];

/// The figures, by name with labels.
async fn figures(house: &House) -> std::collections::BTreeMap<String, f64> {
    let bearer = format!("Bearer {}", house.state.admin_token.current().as_str());
    let request = axum::http::Request::builder()
        .uri("/metrics")
        .header(header::AUTHORIZATION, bearer)
        .body(Body::empty());
    let answer = house.send(request.unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let kind = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
    for secret in TOKENS
        .iter()
        .chain([&house.state.admin_token.current().as_str()])
    {
        assert!(!answer.text.contains(secret), "a secret in the metrics");
    }
    let lines = answer.text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn calls_transfers_and_commits_are_counted_and_peers_shown() {
    let house = House::new("");
    assert_eq!(house.get("/metrics").await.status, 401);
    let before = figures(&house).await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/rpc", listener.local_addr().unwrap())
    };
    let body = json!({
        "mode": "manual", "rpc_uri": closed, "protocol_version": "Compatible: ilp-kit v3.0.0",
        "send_token": TOKENS[0], "accept_token": TOKENS[1],
        "prefix": LEDGER, "account": format!("{LEDGER}us"), "peer_account": format!("{LEDGER}them"),
        "currency": "USD", "scale": 9, "limit": "1000",
    });
    assert_eq!(house.admin("POST", "/peers", body).await.status, 201);
    let query = |method: &str| format!("?method={method}&prefix={LEDGER}");
    let transfer = json!([{
        "id": "one", "ledger": LEDGER, "from": format!("{LEDGER}them"), "to": format!("{LEDGER}us"), "amount": "7",
    }]);
    let transfer = transfer.to_string();
    for (method, token, body, status) in [
        ("get_balance", TOKENS[1], "[]", 200),
        ("get_balance", TOKENS[1], "[]", 200),
        ("get_balance", "not-the-token-of-theirs", "[]", 403),
        ("send_transfer", TOKENS[1], transfer.as_str(), 200),
        ("no_such_method", TOKENS[1], "[]", 422),
        ("nor_this", TOKENS[1], "[]", 422),
    ] {
        let answer = house.rpc(&query(method), Some(token), body).await;
        assert_eq!(answer.status, status, "{method} {}", answer.text);
    }
    let after = figures(&house).await;
    let more = |name: &str| after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
    for (name, expected) in [
        (
            r#"c2c_rpc_calls_total{method="get_balance",status="200"}"#,
            2.0,
        ),
        (
            r#"c2c_rpc_calls_total{method="get_balance",status="403"}"#,
            1.0,
        ),
        (
            r#"c2c_rpc_calls_total{method="send_transfer",status="200"}"#,
            1.0,
        ),
        (r#"c2c_rpc_calls_total{method="other",status="422"}"#, 2.0),
        (r#"c2c_rpc_seconds_count{method="get_balance"}"#, 3.0),
        (
            r#"c2c_transfers_total{direction="incoming",state="executed"}"#,
            1.0,
        ),
        ("c2c_strangers_total", 1.0),
        (r#"c2c_balance_units{peer="peer.k3x9Q.usd.9."}"#, 7.0),
        (r#"c2c_limit_units{peer="peer.k3x9Q.usd.9."}"#, 1000.0),
        (
            "c2c_store_commit_seconds_count",
            more("c2c_store_commits_total"),
        ),
    ] {
        assert_eq!(more(name), expected, "{name} of {after:#?}");
    }
    assert!(more("c2c_store_commits_total") >= 2.0, "{after:#?}");
    assert_eq!(after["c2c_sound"], 1.0);
    let states = after
        .iter()
        .filter(|(name, _)| name.starts_with("c2c_peers{"));
    assert_eq!(
        states.map(|(_, count)| count).sum::<f64>(),
        1.0,
        "{after:#?}"
    );
}

/// A figure without any label yet is not written, so the names are looked for where they are given.
#[test]
fn the_dashboard_shows_what_there_is() {
    let given = [
        include_str!("../../metrics.rs"),
        include_str!("../../metrics/standing.rs"),
    ];
    let dashboard: Value =
        serde_json::from_str(include_str!("../../../deploy/grafana.json")).unwrap();
    let mut shown = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let words = expression.split(|character| !is_name(character));
            for word in words.filter_map(|word| word.strip_prefix("c2c_")) {
                // What its kind and its unit add.
                let name = ["_total", "_bucket", "_seconds", "_bytes"]
                    .iter()
                    .fold(word, |name, end| name.trim_end_matches(end));
                let name = format!("\"{name}\"");
                assert!(
                    given.iter().any(|text| text.contains(&name)),
                    "{name} in {expression}"
                );
                shown += 1;
            }
        }
    }
    assert!(shown >= 15, "{shown}");
}
