//! Hostile and malformed requests, by the table in `hostile.txt`.

use super::malformed::{LEDGER, Ledger, TOKEN};
use super::*;

/// The fewest rows there may be.
const LEAST: usize = 200;

const TABLE: &str = include_str!("hostile.txt");

/// The request of a row.
fn request(row: &str, admin_token: &str) -> axum::http::Request<Body> {
    let mut parts = row.splitn(4, "  ");
    let mut part = || parts.next().unwrap_or_default();
    let (who, method, target, body) = (part(), part(), part(), part());
    let body = match body {
        "<long>" => vec![b' '; MAX_BODY + 1],
        "<deep>" => "[".repeat(5_000).into_bytes(),
        "<nul>" => vec![0],
        "<ff>" => vec![0xff, 0xfe],
        text => text.as_bytes().to_vec(),
    };
    let mut request = axum::http::Request::builder().method(method).uri(target);
    let bearer = match who {
        "nobody" => None,
        "wrong" => Some("Bearer no-token-of-anybody-here".to_owned()),
        "basic" => Some("Basic YWRtaW46YWRtaW4=".to_owned()),
        "empty" => Some("Bearer ".to_owned()),
        "peer" => Some(format!("Bearer {TOKEN}")),
        _ => Some(format!("Bearer {admin_token}")),
    };
    if let Some(bearer) = bearer {
        request = request.header(header::AUTHORIZATION, bearer);
    }
    // With the right token, and yet not from where it should come.
    let (name, value) = match who {
        "far" => (header::HOST.as_str(), "198.51.100.1:8080"),
        "page" => (header::ORIGIN.as_str(), "http://evil.example"),
        "null" => (header::ORIGIN.as_str(), "null"),
        "rebound" => (header::HOST.as_str(), "evil.example:8080"),
        "cross" => ("sec-fetch-site", "cross-site"),
        "nobody" | "wrong" | "basic" | "empty" | "peer" | "admin" => ("accept", "*/*"),
        other => panic!("nobody is called {other}"),
    };
    let request = request.header(name, value);
    request.body(Body::from(body)).unwrap()
}

/// What the table says of an answer.
fn told(answer: &Answer, key: &str) -> String {
    let text = match serde_json::from_str::<Value>(&answer.text) {
        Ok(Value::Object(said)) if said.contains_key("id") && said.contains_key("message") => {
            let word = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", word("id"), word("message"))
        }
        _ => answer.text.clone(),
    };
    // Another one in each run.
    let text = text.replace(key, "KEY");
    let plain = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    let short: String = text.chars().map(plain).take(400).collect();
    format!("{} {short}", answer.status).trim_end().to_owned()
}

#[tokio::test]
async fn every_hostile_request_gets_its_answer_and_changes_nothing() {
    let ledger = Ledger::new().await;
    let house = &ledger.house;
    let token = house.state.admin_token.current();
    let key = house.state.record.public_key.to_string();
    let before = (house.peers().await, ledger.balance().await);
    let mut wrong = Vec::new();
    let mut written = String::new();
    let mut rows = 0;
    let mut lines = TABLE.lines().peekable();
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let expected = lines.next().unwrap_or_default();
        let answer = house
            .send_from(request(line, &token), line.starts_with("far "))
            .await;
        let found = format!("= {}", told(&answer, &key));
        if found != expected {
            let short: String = line.chars().take(200).collect();
            wrong.push(format!(
                "{short}\n  expected {expected}\n  found    {found}"
            ));
        }
        assert!(!answer.text.contains(token.as_str()), "{line}");
        assert!(!answer.text.contains(TOKEN), "{line}");
        written.push_str(&found);
        written.push('\n');
        rows += 1;
    }
    if !wrong.is_empty() {
        let file = std::env::temp_dir().join("hostile.txt");
        std::fs::write(&file, written).unwrap();
        let (count, wrong) = (wrong.len(), wrong.join("\n"));
        panic!("{count} of {rows}; as found in {}\n{wrong}", file.display());
    }
    assert!(rows >= LEAST, "{rows}");
    assert_eq!((house.peers().await, ledger.balance().await), before);
    let limit = json!("1000");
    let peer = house
        .admin("GET", &format!("/peers/{LEDGER}"), Value::Null)
        .await;
    assert_eq!(peer.json()["limit"], limit);
}
