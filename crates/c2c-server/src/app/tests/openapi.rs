//! The description of the admin API, held against the router, and against what hostile requests are answered.

use super::*;
use crate::admin::openapi::{CALLS, COMMON, document, errors};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What stands in a path for its parameter: nothing that there is.
fn filled(path: &str) -> String {
    path.replace("{prefix}", "peer.nobody.usd.9.")
        .replace("{id}", "nothing")
}

#[tokio::test]
async fn every_call_is_described_and_nothing_else() {
    let house = House::new("");
    for call in CALLS {
        for method in METHODS {
            // A stream that goes on for ever, and what would call others.
            if call.path == "/events" && method == "get" {
                continue;
            }
            let is_described = CALLS
                .iter()
                .any(|other| other.path == call.path && other.method == method);
            let answer = house
                .admin(&method.to_uppercase(), &filled(call.path), json!({}))
                .await;
            let is_there = answer.status != 405;
            assert_eq!(is_there, is_described, "{method} {}", call.path);
            if is_there && answer.status >= 400 {
                assert_ne!(answer.id(), "NOT_FOUND", "{method} {}", call.path);
            }
        }
    }
    let source = include_str!("../../admin.rs");
    let routes = source.matches(".route(").count() - 1;
    let mut paths: Vec<&str> = CALLS.iter().map(|call| call.path).collect();
    paths.dedup();
    assert_eq!(
        routes,
        paths.len(),
        "beside /metrics, each route of the router is in the table"
    );
}

#[tokio::test]
async fn the_document_is_served_and_whole() {
    let house = House::new("");
    let served = house
        .admin("GET", "/openapi.json", Value::Null)
        .await
        .json();
    assert_eq!(served, document());
    for call in CALLS {
        let described = &served["paths"][call.path][call.method];
        for (status, ids) in errors(call) {
            let schema = &described["responses"][status.to_string()]["content"]["application/json"]
                ["schema"];
            assert_eq!(
                schema["allOf"][1]["properties"]["id"]["enum"],
                json!(ids),
                "{}",
                call.path
            );
        }
    }
}

/// Every error that the table of hostile requests shows of the admin API is in the description of its call.
#[test]
fn every_error_that_hostile_requests_get_is_described() {
    let mut lines = include_str!("hostile.txt").lines();
    let mut seen = 0;
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let answer = lines.next().unwrap().trim_start_matches("= ");
        let mut parts = line.splitn(4, "  ").skip(1);
        let (method, target) = (parts.next().unwrap().to_lowercase(), parts.next().unwrap());
        let Some(path) = target.strip_prefix("/api/v1") else {
            continue;
        };
        let path = path.split('?').next().unwrap();
        let (status, rest) = answer.split_once(' ').unwrap_or((answer, ""));
        let status: u16 = status.parse().unwrap();
        if status < 400 {
            continue;
        }
        let id = rest.split(':').next().unwrap();
        let fits = |template: &str| {
            let (mut template, mut path) = (template.split('/'), path.split('/'));
            loop {
                match (template.next(), path.next()) {
                    (None, None) => return true,
                    (Some(one), Some(two))
                        if one == two || (one.starts_with('{') && !two.is_empty()) => {}
                    _ => return false,
                }
            }
        };
        // The fixed name before the parameter, as the router has it.
        let call = CALLS
            .iter()
            .find(|call| call.method == method && fits(call.path));
        let is_described = match call {
            Some(call) => errors(call)
                .get(&status)
                .is_some_and(|ids| ids.contains(&id)),
            None => COMMON
                .iter()
                .any(|(common, ids)| *common == status && ids.contains(&id)),
        };
        assert!(is_described, "{line}: {answer}");
        seen += 1;
    }
    assert!(seen > 150, "{seen}");
}
