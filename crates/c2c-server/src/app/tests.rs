//! Every status of every door, without a socket; hosts that are looked up are real ones on loopback.

mod care;
mod hostile;
mod malformed;
mod metrics;
mod money;
mod openapi;
mod rates;

use axum::body::{Body, to_bytes};
use axum::http::header;
use c2c::key::SecretKey;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::*;
use crate::config::{Config, Sources};
use crate::limits::Caller;
use crate::scratch::Scratch;
use crate::secret_file::create_secret;
use crate::serve::prepare;

/// A server without a socket.
struct House {
    _folder: Scratch,
    state: Arc<App>,
    _stop: watch::Sender<bool>,
}

/// What a request got.
struct Answer {
    status: u16,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_default().to_owned()
    }
}

impl House {
    fn new(extra: &str) -> Self {
        let folder = Scratch::new();
        create_secret(&folder.path().join("connector.secret")).unwrap();
        Self::reopen(folder, extra)
    }

    fn reopen(folder: Scratch, extra: &str) -> Self {
        let file = folder.path().join("c2c.toml");
        let url = match extra.contains("url = ") {
            true => "",
            false => "url = \"https://wallet1.example\"\n",
        };
        let text = format!(
            "{url}allow_loopback_http = true\n{extra}\n\
             [[ledger]]\nprefix = \"example.green.\"\ncurrency = \"USD\"\nscale = 9\n"
        );
        let (config, _) = Config::resolve(&Sources {
            flag: &|_| None,
            environment: &|_| None,
            file: Some((&file, &text)),
        })
        .unwrap();
        let (stop, stopping) = watch::channel(false);
        Self {
            state: prepare(&config, stopping).unwrap(),
            _folder: folder,
            _stop: stop,
        }
    }

    /// As it comes from this machine.
    async fn send(&self, request: axum::http::Request<Body>) -> Answer {
        self.send_from(request, false).await
    }

    /// As it comes from this machine, or from far away.
    async fn send_from(&self, mut request: axum::http::Request<Body>, far: bool) -> Answer {
        let caller = match far {
            false => [127, 0, 0, 1],
            true => [198, 51, 100, 7],
        };
        request.extensions_mut().insert(Caller(caller.into()));
        if !request.headers().contains_key(header::HOST) {
            let host = header::HeaderValue::from_static("127.0.0.1:8080");
            request.headers_mut().insert(header::HOST, host);
        }
        let response = app(self.state.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// With the admin token.
    async fn admin(&self, method: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {}", self.state.admin_token.current().as_str());
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, bearer)
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        let request = axum::http::Request::builder().uri(path).body(Body::empty());
        self.send(request.unwrap()).await
    }

    async fn rpc(&self, query: &str, bearer: Option<&str>, body: &str) -> Answer {
        let mut request = axum::http::Request::builder()
            .method("POST")
            .uri(format!("/rpc{query}"));
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    async fn add(&self, host: &str) -> Answer {
        let body = json!({"mode": "webfinger", "host": host, "currency": "USD", "scale": 9, "limit": "1000"});
        self.admin("POST", "/peers", body).await
    }

    async fn peers(&self) -> usize {
        let list = self.admin("GET", "/peers", Value::Null).await.json();
        list["peers"].as_array().unwrap().len()
    }
}

/// A host on loopback that answers every WebFinger query in one way.
async fn host(status: u16, body: impl Fn(&str) -> String, location: Option<&str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = listener.local_addr().unwrap().to_string();
    let text = body(&name);
    let location = location.map(str::to_owned);
    let answer = move || async move {
        let mut response = (StatusCode::from_u16(status).unwrap(), text).into_response();
        if let Some(location) = location {
            response
                .headers_mut()
                .insert(header::LOCATION, location.parse().unwrap());
        }
        response
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{name}")
}

fn record(name: &str, key: &str) -> String {
    json!({
        "subject": format!("https://{name}"),
        "properties": {
            "https://interledger.org/rel/publicKey": key,
            "https://interledger.org/rel/protocolVersion": "Compatible: ilp-kit v3.0.0",
        },
        "links": [{
            "rel": "https://interledger.org/rel/peersRpcUri",
            "href": format!("http://{name}/rpc"),
        }],
    })
    .to_string()
}

fn key(name: &str) -> String {
    SecretKey::from_bytes(name.as_bytes())
        .public_key()
        .to_string()
}

#[tokio::test]
async fn the_record_is_public_and_readable_by_any_page() {
    let house = House::new("title = \"Wallet One\"");
    for resource in ["https://wallet1.example", "https%3A%2F%2Fwallet1.example"] {
        let answer = house
            .get(&format!("/.well-known/webfinger?resource={resource}"))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.json()["subject"], "https://wallet1.example");
        assert!(answer.text.contains("Wallet One"));
    }
    assert_eq!(house.get("/.well-known/webfinger").await.status, 400);
    let other = house
        .get("/.well-known/webfinger?resource=https://other.example")
        .await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn rpc_refuses_unknown_prefixes_wrong_tokens_and_long_bodies() {
    let house = House::new("");
    let name = host(200, |name| record(name, &key(name)), None).await;
    let peer = house.add(&name).await.json();
    let prefix = peer["prefix"].as_str().unwrap();
    let query = format!("?method=get_limit&prefix={prefix}");
    let unknown = "?method=get_limit&prefix=peer.nobody.usd.9.";
    assert_eq!(
        house
            .rpc(unknown, Some("whatever-token-it-is"), "[]")
            .await
            .status,
        401
    );
    assert_eq!(house.rpc(&query, None, "[]").await.status, 401);
    assert_eq!(
        house
            .rpc("", Some("whatever-token-it-is"), "[]")
            .await
            .status,
        401
    );
    let wrong = house.rpc(&query, Some("whatever-token-it-is"), "[]").await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.json()["message"].is_string());
    let long = " ".repeat(MAX_BODY + 1);
    let stranger = house.rpc(&query, Some("whatever-token-it-is"), &long).await;
    assert_eq!(stranger.status, 403, "a stranger's body is not read");
    let token = {
        let published = name.trim_start_matches("http://");
        let theirs = SecretKey::from_bytes(published.as_bytes());
        c2c::peering::shared_secret(&theirs, &house.state.record.public_key)
            .unwrap()
            .auth_token()
    };
    assert_eq!(
        house.rpc(&query, Some(token.reveal()), &long).await.status,
        413
    );
    let inbox = house.admin("GET", "/inbox", Value::Null).await.json();
    assert!(inbox["callers"].to_string().contains("peer.nobody.usd.9."));
    assert_eq!(house.get("/rpc").await.status, 405);
}

#[tokio::test]
async fn a_peer_with_its_token_is_answered() {
    let house = House::new("");
    let theirs = SecretKey::from_bytes(b"theirs");
    let published = theirs.public_key().to_string();
    let name = host(200, |name| record(name, &published), None).await;
    let added = house.add(&name).await;
    assert_eq!(added.status, 201);
    let shared = c2c::peering::shared_secret(&theirs, &house.state.record.public_key).unwrap();
    let token = shared.auth_token();
    let prefix = added.json()["prefix"].as_str().unwrap().to_owned();
    assert_eq!(
        prefix,
        shared
            .prefix(&"USD".parse().unwrap(), c2c::amount::Scale::KIT)
            .as_str()
    );
    assert!(!added.text.contains(token.reveal()));
    let query = |method: &str| format!("?method={method}&prefix={prefix}");
    let limit = house
        .rpc(&query("get_limit"), Some(token.reveal()), "[]")
        .await;
    assert_eq!((limit.status, limit.text.as_str()), (200, "\"1000\""));
    let balance = house
        .rpc(&query("get_balance"), Some(token.reveal()), "[]")
        .await;
    assert_eq!((balance.status, balance.text.as_str()), (200, "\"0\""));
    for (method, body) in [("no_such", "[]"), ("send_request", "[{}]")] {
        let refused = house.rpc(&query(method), Some(token.reveal()), body).await;
        assert_eq!(refused.status, 422, "{method} {body}");
        assert!(refused.json()["message"].is_string());
    }
}

#[tokio::test]
async fn bad_hosts_get_their_message_and_leave_nothing_behind() {
    let house = House::new("");
    let good = host(200, |name| record(name, &key(name)), None).await;
    assert_eq!(house.add(&good).await.status, 201);
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let own_key = house.state.record.public_key.to_string();
    let zeros = "A".repeat(43);
    let other_rpc = |name: &str| record(name, &key(name)).replace("/rpc", ".evil.example/rpc");
    let cases = [
        ("HOST_SYNTAX", 422, "wallet two".to_owned()),
        ("HOST_SYNTAX", 422, "http://10.0.0.1".to_owned()),
        ("HOST_SELF", 422, "https://wallet1.example".to_owned()),
        (
            "HOST_SELF",
            422,
            host(200, |name| record(name, &own_key), None).await,
        ),
        ("WF_UNREACHABLE", 502, closed),
        ("LOOKUP_BLOCKED", 422, "http://localhost:1".to_owned()),
        ("WF_STATUS", 502, host(500, |_| String::new(), None).await),
        (
            "WF_STATUS",
            502,
            host(302, |_| String::new(), Some("/again")).await,
        ),
        (
            "LOOKUP_BLOCKED",
            422,
            host(302, |_| String::new(), Some("http://169.254.169.254/")).await,
        ),
        (
            "LOOKUP_BLOCKED",
            422,
            host(302, |_| String::new(), Some("https://[::ffff:127.0.0.1]/")).await,
        ),
        (
            "WF_NOT_JSON",
            422,
            host(200, |_| "<html>hello</html>".to_owned(), None).await,
        ),
        (
            "WF_NOT_JSON",
            422,
            host(200, |_| " ".repeat(70_000), None).await,
        ),
        (
            "WF_NO_KEY",
            422,
            host(
                200,
                |name| {
                    json!({"subject": format!("https://{name}"), "properties": {}, "links": []})
                        .to_string()
                },
                None,
            )
            .await,
        ),
        (
            "WF_BAD_KEY",
            422,
            host(200, |name| record(name, &"A".repeat(42)), None).await,
        ),
        (
            "WF_BAD_KEY",
            422,
            host(200, |name| record(name, &zeros), None).await,
        ),
        (
            "WF_SUBJECT",
            422,
            host(200, |name| record("wallet9.com", &key(name)), None).await,
        ),
        ("WF_NO_RPC", 422, host(200, other_rpc, None).await),
        ("DUPLICATE", 409, good),
    ];
    for (id, status, host) in cases {
        let answer = house.add(&host).await;
        assert_eq!(
            (answer.id().as_str(), answer.status),
            (id, status),
            "{host}: {}",
            answer.text
        );
        assert!(answer.json()["message"].as_str().unwrap().len() > 20);
        assert_eq!(house.peers().await, 1, "{id}");
    }
}

#[tokio::test]
async fn bad_fields_are_named() {
    let house = House::new("");
    let manual = json!({
        "mode": "manual", "rpc_uri": "https://wallet2.com/rpc", "protocol_version": "x",
        "send_token": "sixteen-characters-1", "accept_token": "sixteen-characters-2",
        "prefix": "peer.k3x9Q.usd.9.", "account": "peer.k3x9Q.usd.9.me",
        "peer_account": "peer.k3x9Q.usd.9.you", "currency": "USD", "scale": 9, "limit": "1",
    });
    let cases = [
        ("mode", json!("telepathy"), "MODE"),
        ("rpc_uri", json!("wallet2.com"), "URI_FORMAT"),
        ("rpc_uri", json!("http://wallet2.com/rpc"), "URI_FORMAT"),
        ("protocol_version", json!(""), "VERSION_FORMAT"),
        ("send_token", json!("short"), "TOKEN_FORMAT"),
        ("prefix", json!("example.green."), "PREFIX_FORMAT"),
        ("prefix", json!("peer.k3x9Q"), "PREFIX_FORMAT"),
        ("account", json!("peer.other.usd.9.me"), "ACCOUNT_FORMAT"),
        ("account", json!("peer.k3x9Q.usd.9."), "ACCOUNT_FORMAT"),
        ("peer_account", json!("peer.k3x9Q.usd.9.me"), "ACCOUNT_SAME"),
        ("currency", json!("U.D"), "CODE_FORMAT"),
        ("scale", json!(19), "SCALE_RANGE"),
        ("scale", json!([]), "FIELD_TYPE"),
        ("limit", json!("1.5"), "LIMIT_DECIMALS"),
        ("limit", json!("18446744073709551616"), "LIMIT_HUGE"),
        ("limit", json!("-1"), "LIMIT_FORMAT"),
        ("limit", json!("0"), "LIMIT_FORMAT"),
        ("limit", Value::Null, "FIELD_TYPE"),
    ];
    for (field, value, id) in cases {
        let mut body = manual.clone();
        body[field] = value;
        let answer = house.admin("POST", "/peers", body).await;
        assert_eq!(
            (answer.status, answer.id().as_str()),
            (422, id),
            "{field}: {}",
            answer.text
        );
        assert_eq!(answer.json()["path"], field);
    }
    assert_eq!(house.peers().await, 0);
    assert_eq!(
        house.admin("POST", "/peers", manual.clone()).await.status,
        201
    );
    assert_eq!(
        house.admin("POST", "/peers", manual).await.id(),
        "DUPLICATE"
    );
    assert_eq!(
        house.admin("POST", "/peers", json!([1])).await.id(),
        "NOT_JSON"
    );
    assert_eq!(house.admin("POST", "/peers", Value::Null).await.status, 400);
}

#[tokio::test]
async fn a_peer_is_read_changed_removed_and_outlives_a_restart() {
    let house = House::new("");
    let name = host(200, |name| record(name, &key(name)), None).await;
    let peer = house.add(&name).await.json();
    let path = format!("/peers/{}", peer["prefix"].as_str().unwrap());
    assert_eq!(
        house.admin("GET", &path, Value::Null).await.json()["limit"],
        "1000"
    );
    let changed = house.admin("PATCH", &path, json!({"limit": "77"})).await;
    assert_eq!(
        (changed.status, &changed.json()["limit"]),
        (200, &json!("77"))
    );
    let wrong = house.admin("PATCH", &path, json!({"limit": "x"})).await;
    assert_eq!(wrong.id(), "LIMIT_FORMAT");

    house.state.driver.stop();
    let House {
        _folder: folder,
        state,
        ..
    } = house;
    let gone = Arc::downgrade(&state.driver);
    drop(state);
    while gone.strong_count() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let house = House::reopen(folder, "");
    let again = house.admin("GET", &path, Value::Null).await.json();
    assert_eq!(again["limit"], "77");
    assert_eq!(again["token_fingerprint"], peer["token_fingerprint"]);

    assert_eq!(house.admin("DELETE", &path, Value::Null).await.status, 204);
    for (method, body) in [
        ("GET", Value::Null),
        ("PATCH", json!({"limit": "1"})),
        ("DELETE", Value::Null),
    ] {
        assert_eq!(house.admin(method, &path, body).await.status, 404);
    }
    assert_eq!(
        house
            .admin("GET", "/peers/no-dot", Value::Null)
            .await
            .status,
        404
    );
    let check = format!("{path}/check");
    assert_eq!(house.admin("POST", &check, Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_admin_api_needs_its_token() {
    let house = House::new("");
    for path in [
        "/identity",
        "/peers",
        "/inbox",
        "/events",
        "/lookup?host=x",
        "/nothing",
    ] {
        let answer = house.get(&format!("/api/v1{path}")).await;
        assert_eq!(
            (answer.status, answer.id().as_str()),
            (401, "ADMIN_TOKEN"),
            "{path}"
        );
    }
    let identity = house.admin("GET", "/identity", Value::Null).await.json();
    assert_eq!(identity["rpc_uri"], "https://wallet1.example/rpc");
    assert_eq!(identity["ledgers"][0]["prefix"], "example.green.");
    assert_eq!(
        house.admin("GET", "/nothing", Value::Null).await.id(),
        "NOT_FOUND"
    );
    assert_eq!(
        house.admin("PUT", "/peers", Value::Null).await.id(),
        "METHOD"
    );
}

#[tokio::test]
async fn an_open_dashboard_is_read_from_this_machine_only() {
    let house = House::new("url = \"http://127.0.0.1:8080\"\nopen_dashboard = true");
    let ask = |method: &'static str, host: &'static str, site: &'static str| {
        axum::http::Request::builder()
            .method(method)
            .uri("/api/v1/peers")
            .header(header::HOST, host)
            .header("sec-fetch-site", site)
            .body(Body::empty())
            .unwrap()
    };
    let status = async |request| house.send(request).await.status;
    assert_eq!(
        status(ask("GET", "127.0.0.1:8080", "same-origin")).await,
        200
    );
    assert_eq!(status(ask("GET", "[::1]:8080", "none")).await, 200);
    assert_eq!(
        status(ask("GET", "rebound.example", "same-origin")).await,
        403
    );
    assert_eq!(
        status(ask("GET", "127.0.0.1:8080", "cross-site")).await,
        403
    );
    assert_eq!(
        status(ask("POST", "127.0.0.1:8080", "same-origin")).await,
        401
    );
    // A wrong token is told as such, where none is needed too.
    let mut wrong = ask("GET", "127.0.0.1:8080", "same-origin");
    let token = header::HeaderValue::from_static("Bearer wrong");
    wrong.headers_mut().insert(header::AUTHORIZATION, token);
    assert_eq!(status(wrong).await, 401);
}

#[tokio::test]
async fn a_look_up_gives_the_record_or_its_fault() {
    let house = House::new("");
    let name = host(200, |name| record(name, &key(name)), None).await;
    let found = house
        .admin("GET", &format!("/lookup?host={name}"), Value::Null)
        .await;
    assert_eq!(found.status, 200);
    let read = c2c::webfinger::Host::parse(&name).unwrap();
    assert!(Record::parse(found.text.as_bytes(), &read, true).is_ok());
    assert_eq!(
        house.admin("GET", "/lookup", Value::Null).await.id(),
        "HOST_SYNTAX"
    );
    let blocked = house
        .admin("GET", "/lookup?host=http://localhost:1", Value::Null)
        .await;
    assert_eq!(blocked.id(), "LOOKUP_BLOCKED");
    // What is not dialled takes nobody's turn; all others do.
    let again = format!("/lookup?host={name}");
    for _ in 1..60 {
        assert_eq!(house.admin("GET", &again, Value::Null).await.status, 200);
    }
    let limited = house.admin("GET", &again, Value::Null).await;
    assert_eq!(
        (limited.status, limited.id().as_str()),
        (429, "LOOKUP_RATE")
    );
}

#[tokio::test]
async fn a_check_names_what_is_wrong() {
    let house = House::new("");
    let name = host(200, |name| record(name, &key(name)), None).await;
    let peer = house.add(&name).await.json();
    let path = format!("/peers/{}/check", peer["prefix"].as_str().unwrap());
    let check = house.admin("POST", &path, Value::Null).await.json();
    assert_eq!(check["ok"], false);
    let steps = check["steps"].as_array().unwrap();
    assert_eq!(steps[0]["name"], "record");
    assert_eq!(steps[0]["ok"], true);
    assert!(
        steps
            .iter()
            .any(|step| step["name"] == "auth" && step["ok"] == false)
    );
}

#[tokio::test]
async fn it_derives_without_adding_and_shows_no_token() {
    let house = House::new("");
    let name = host(200, |name| record(name, &key(name)), None).await;
    let path = format!("/derive?host={name}&currency=usd&scale=9");
    let derived = house.admin("GET", &path, Value::Null).await;
    assert_eq!(derived.status, 200, "{}", derived.json());
    let derived = derived.json();
    assert_eq!(
        house.admin("GET", "/peers", Value::Null).await.json()["peers"],
        json!([])
    );
    let words = derived["check_words"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 12);
    let added = house.add(&name).await.json();
    for same in ["prefix", "account", "peer_account", "token_fingerprint"] {
        assert_eq!(derived[same], added[same], "{same}");
    }
    let path = format!("/derive?host={name}&currency=usd&scale=19");
    let refused = house.admin("GET", &path, Value::Null).await;
    assert_eq!(
        (refused.status, refused.id().as_str()),
        (422, "SCALE_RANGE")
    );
}

#[tokio::test]
async fn a_page_may_check_a_peering_and_read_the_answer() {
    let house = House::new("");
    let ask = |method: &str| {
        Request::builder()
            .method(method)
            .uri("/rpc?method=get_limit&prefix=peer.none.usd.9.")
            .header("origin", "https://wallet2.example")
    };
    let before = ask("OPTIONS").body(Body::empty()).unwrap();
    let before = app(house.state.clone()).oneshot(before).await.unwrap();
    assert_eq!(before.status(), 204);
    let allowed = &before.headers()["access-control-allow-headers"];
    assert!(allowed.to_str().unwrap().contains("authorization"));
    let call = ask("POST").body(Body::from("[]")).unwrap();
    let answer = app(house.state.clone()).oneshot(call).await.unwrap();
    assert_eq!(
        answer.status(),
        401,
        "what it is allowed to do is unchanged"
    );
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn only_who_says_so_is_listed() {
    let hidden = House::new("");
    assert_eq!(hidden.get("/directory.json").await.status, 404);

    let folder = Scratch::new();
    create_secret(&folder.path().join("connector.secret")).unwrap();
    let others = r#"{"hosts": ["wallet2.example", "https://wallet1.example", {"host": "https://wallet1.example"}]}"#;
    std::fs::write(folder.path().join("others.json"), others).unwrap();
    let listed = House::reopen(folder, "listed = true\ndirectory_file = \"others.json\"");
    let answer = listed.get("/directory.json").await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let own = json!({ "host": "https://wallet1.example", "currencies": ["USD"] });
    assert_eq!(answer.json()["hosts"], json!([own, "wallet2.example"]));
}

#[tokio::test]
async fn health_and_pages_answer() {
    let house = House::new("");
    assert_eq!(house.get("/health").await.status, 200);
    assert_eq!(house.get("/").await.status, 200);
    let behind = house.get("/connector.json").await;
    assert_eq!(behind.json(), json!({ "connector": true }));
    assert_eq!(house.get("/nothing.js").await.status, 404);
    house.state.driver.stop();
    assert_eq!(house.get("/health").await.status, 503);
}
