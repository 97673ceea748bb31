//! What the fuzzer does with arbitrary bytes (crate c2c-fuzz), and what must then hold: settings are read or
//! refused in words, and every HTTP body gets an answer of ours.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::app::{App, app};
use crate::config::{Config, Sources};
use crate::limits::Caller;
use crate::secret_file::create_secret;
use crate::serve::prepare;

const LEDGER: &str = "peer.k3x9Q.usd.9.";
const TOKEN: &str = "what-they-send-to-us";

/// Everything that takes a body: `rpc:` and the method for calls of a peer, else method and path of the admin API.
const DOORS: &[&str] = &[
    "rpc:get_limit",
    "rpc:get_balance",
    "rpc:send_request",
    "rpc:send_transfer",
    "rpc:fulfill_condition",
    "rpc:reject_incoming_transfer",
    "POST /peers",
    "PATCH /peers/peer.k3x9Q.usd.9.",
    "POST /peers/peer.k3x9Q.usd.9./reconcile",
    "POST /accounts",
    "POST /invoices",
    "POST /quotes",
    "POST /payments",
    "PUT /rates",
];

/// Reads the bytes as a configuration file. What is read is explained, with every setting in it.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let sources = Sources {
        flag: &|_| None,
        environment: &|_| None,
        file: Some((Path::new("c2c.toml"), text)),
    };
    match Config::resolve(&sources) {
        Ok((config, explained)) => {
            assert!(config.routing.route_expiry > config.routing.broadcast_interval);
            assert!(explained.len() > 20);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Sends the bytes after the first one as the body of the request that the first one chooses.
pub fn http(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else {
        return;
    };
    let door = DOORS[usize::from(*first) % DOORS.len()];
    let house = HOUSE.get_or_init(House::new);
    let request = match door.strip_prefix("rpc:") {
        Some(method) => Request::builder()
            .method("POST")
            .uri(format!("/rpc?method={method}&prefix={LEDGER}"))
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}")),
        None => {
            let (method, path) = door.split_once(' ').expect("a method and a path");
            let token = house.state.admin_token.current();
            Request::builder()
                .method(method)
                .uri(format!("/api/v1{path}"))
                .header(header::HOST, "127.0.0.1")
                .header(header::AUTHORIZATION, format!("Bearer {}", token.as_str()))
                .extension(Caller([127, 0, 0, 1].into()))
        }
    };
    let request = request.body(Body::from(body.to_vec())).expect("a request");
    let Some((status, answer)) = house.send(request) else {
        // A payment or a quote that waits for somebody else, who is not there.
        return;
    };
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{door}");
    if status == StatusCode::NO_CONTENT {
        return;
    }
    let said: Value = serde_json::from_slice(&answer).expect("an answer in JSON");
    if !status.is_success() {
        assert!(
            said["id"].is_string() && said["message"].is_string(),
            "{door}: {said}"
        );
    }
    let text = String::from_utf8_lossy(&answer);
    assert!(
        !text.contains(TOKEN)
            || body
                .windows(TOKEN.len())
                .any(|part| part == TOKEN.as_bytes())
    );
}

static HOUSE: OnceLock<House> = OnceLock::new();

/// A server without a socket, with one peer that nobody plays.
struct House {
    runtime: Runtime,
    state: Arc<App>,
    _stop: watch::Sender<bool>,
}

impl House {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("c2c-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        create_secret(&folder.join("connector.secret")).expect("a secret");
        let text = "url = \"https://wallet1.example\"\nallow_loopback_http = true\n\
            [[ledger]]\nprefix = \"example.green.\"\ncurrency = \"USD\"\nscale = 9\n";
        let sources = Sources {
            flag: &|_| None,
            environment: &|_| None,
            file: Some((&folder.join("c2c.toml"), text)),
        };
        let (config, _) = Config::resolve(&sources).expect("settings");
        let runtime = Runtime::new().expect("a runtime");
        let (stop, stopping) = watch::channel(false);
        let state = {
            let _guard = runtime.enter();
            prepare(&config, stopping).expect("a server")
        };
        // It is open by now, and whoever ends a fuzzer does not wait for it to clear away.
        let _ = std::fs::remove_dir_all(&folder);
        let house = Self {
            runtime,
            state,
            _stop: stop,
        };
        house.add_peer();
        house
    }

    fn add_peer(&self) {
        let token = self.state.admin_token.current();
        let peer = json!({
            "mode": "manual", "rpc_uri": "http://127.0.0.1:1/rpc", "protocol_version": "Compatible: ilp-kit v3.0.0",
            "send_token": "what-we-send-to-them", "accept_token": TOKEN,
            "prefix": LEDGER, "account": format!("{LEDGER}us"), "peer_account": format!("{LEDGER}them"),
            "currency": "USD", "scale": 9, "limit": "1000",
        });
        let request = Request::builder()
            .method("POST")
            .uri("/api/v1/peers")
            .header(header::HOST, "127.0.0.1")
            .header(header::AUTHORIZATION, format!("Bearer {}", token.as_str()))
            .extension(Caller([127, 0, 0, 1].into()))
            .body(Body::from(peer.to_string()))
            .expect("a request");
        let (status, _) = self.send(request).expect("an answer");
        assert_eq!(status, StatusCode::CREATED);
    }

    fn send(&self, request: Request<Body>) -> Option<(StatusCode, Vec<u8>)> {
        let router = app(self.state.clone());
        self.runtime.block_on(async move {
            let answering = async {
                let answer = router
                    .oneshot(request)
                    .await
                    .expect("no refusal of its own");
                let (head, body) = answer.into_parts();
                let body = to_bytes(body, usize::MAX).await.expect("a body");
                (head.status, body.to_vec())
            };
            tokio::time::timeout(Duration::from_secs(1), answering)
                .await
                .ok()
        })
    }
}
