//! Two servers on real sockets.

mod money;
mod raw;
mod shared;

use std::collections::BTreeMap;
use std::path::Path;

use c2c::snapshot::{PeerState, PeerView};
use reqwest::Client;
use serde_json::{Value, json};

use super::*;
use crate::config::Sources;
use crate::scratch::Scratch;
use crate::secret_file::create_secret;

/// A server with its folder; the port stays the same over a restart.
struct House {
    folder: Scratch,
    name: &'static str,
    address: SocketAddr,
    server: Option<Server>,
}

impl House {
    async fn start(name: &'static str, currency: &str) -> Self {
        let folder = Scratch::new();
        create_secret(&folder.path().join("connector.secret")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let text = format!(
            "url = \"http://{address}\"\nlisten = \"{address}\"\nallow_loopback_http = true\n\
             [routing]\nbroadcast_interval_ms = 300\nroute_expiry_ms = 1500\n\
             [[ledger]]\nprefix = \"example.{name}.\"\ncurrency = \"{currency}\"\nscale = 9\n\
             [[rate]]\nfrom = \"USD\"\nto = \"EUR\"\nrate = \"0.92\"\n\
             [[rate]]\nfrom = \"EUR\"\nto = \"USD\"\nrate = \"1.08\"\n"
        );
        std::fs::write(folder.path().join("c2c.toml"), text).unwrap();
        let config = read(folder.path());
        let server = Some(Server::start_on(listener, &config).unwrap());
        Self {
            folder,
            name,
            address,
            server,
        }
    }

    async fn restart(&mut self) {
        self.stop().await;
        self.server = Some(Server::start(&read(self.folder.path())).await.unwrap());
    }

    async fn stop(&mut self) {
        let server = self.server.take().unwrap();
        let driver = Arc::downgrade(&server.app().unwrap().driver);
        server.stop().await;
        while driver.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn app(&self) -> &App {
        self.server.as_ref().unwrap().app().unwrap()
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let client = Client::builder().no_proxy().build().unwrap();
        let response = client
            .request(
                method.parse().unwrap(),
                format!("http://{}/api/v1{path}", self.address),
            )
            .bearer_auth(self.app().admin_token.current().as_str())
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn add(&self, other: &House) -> PeerView {
        self.add_as(other, "USD", 9).await
    }

    async fn add_as(&self, other: &House, currency: &str, scale: u8) -> PeerView {
        let host = format!("http://{}", other.address);
        let body = json!({"mode": "webfinger", "host": host, "currency": currency, "scale": scale, "limit": "100000000000"});
        let (status, peer) = self.call("POST", "/peers", body).await;
        assert_eq!(status, 201, "{peer}");
        serde_json::from_value(peer).unwrap()
    }

    fn peer(&self) -> PeerView {
        let peers = self.app().driver.look(|engine, _| engine.peers().peers);
        peers.into_iter().next().unwrap()
    }

    /// Whether a route to the other's ledger is in the table.
    fn reaches(&self, other: &House) -> bool {
        let search = format!("example.{}.", other.name);
        let source = format!("example.{}.", self.name);
        let driver = &self.app().driver;
        let view = driver.look(|engine, _| engine.routes(Some(&source), Some(&search)));
        let mut routes = view.routes.iter();
        routes.any(|route| route.target_prefix == search && route.merged.is_some())
    }
}

fn read(folder: &Path) -> Config {
    let file = folder.join("c2c.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    Config::resolve(&Sources {
        flag: &|_| None,
        environment: &|_| None,
        file: Some((&file, &text)),
    })
    .unwrap()
    .0
}

/// Waits at most twenty seconds.
async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..800 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not in time: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_peer_by_their_records_and_hear_each_other() {
    let mut red = House::start("red", "USD").await;
    let blue = House::start("blue", "EUR").await;

    let at_red = red.add(&blue).await;
    until("blue does not know red yet", || {
        red.peer().state == PeerState::Waiting
    })
    .await;
    assert_eq!(red.peer().code.as_deref(), Some("RPC_401"));
    let at_blue = blue.add(&red).await;
    assert_eq!(at_red.prefix, at_blue.prefix);
    assert_eq!(at_red.token_fingerprint, at_blue.token_fingerprint);
    assert_eq!(
        (&at_red.account, &at_red.peer_account),
        (&at_blue.peer_account, &at_blue.account)
    );

    for house in [&red, &blue] {
        until("both know each other", || {
            house.peer().state == PeerState::Checked
        })
        .await;
        assert_eq!(house.peer().peer_limit, Some(100_000_000_000.into()));
    }
    until("red reaches blue", || red.reaches(&blue)).await;
    until("blue reaches red", || blue.reaches(&red)).await;

    let path = format!("/peers/{}/check", at_red.prefix);
    let (status, check) = red.call("POST", &path, json!({})).await;
    assert_eq!((status, &check["ok"]), (200, &json!(true)), "{check}");
    let why =
        "/routes/why?source=example.red.&destination=example.blue.alice&source_amount=1000000";
    let (status, why) = red.call("GET", why, Value::Null).await;
    assert_eq!(
        (status, &why["winner"]),
        (200, &json!(at_red.peer_account)),
        "{why}"
    );
    let (_, snapshot) = red.call("GET", "/snapshot", Value::Null).await;
    let token = {
        let secret = &red.app().secret;
        let shared = c2c::peering::shared_secret(secret, &blue.app().record.public_key).unwrap();
        shared.auth_token()
    };
    assert!(!snapshot.to_string().contains(token.reveal()));
    assert!(serde_json::from_value::<c2c::snapshot::SnapshotView>(snapshot).is_ok());

    red.stop().await;
    until("blue loses what red told", || !blue.reaches(&red)).await;
    let server = Server::start(&read(red.folder.path())).await.unwrap();
    red.server = Some(server);
    assert_eq!(red.peer().prefix, at_red.prefix);
    until("red is back", || {
        red.peer().state == PeerState::Checked && red.reaches(&blue)
    })
    .await;
    until("blue hears red again", || blue.reaches(&red)).await;

    // A broken broadcast is refused with the place of its fault, and what was there stays.
    let message = json!([{
        "ledger": at_blue.prefix, "from": at_blue.peer_account, "to": at_blue.account,
        "custom": {"method": "broadcast_routes", "data": {"new_routes": [{}], "hold_down_time": 1}},
    }]);
    let url = format!(
        "http://{}/rpc?method=send_request&prefix={}",
        blue.address, at_blue.prefix
    );
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(url)
        .bearer_auth(token.reveal())
        .body(message.to_string());
    let text = request.send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains("ilp") || text.contains("new_routes"),
        "{text}"
    );
    assert!(blue.reaches(&red));

    red.restart().await;
    let gone = red
        .call("DELETE", &format!("/peers/{}", at_red.prefix), Value::Null)
        .await;
    assert_eq!(gone.0, 204);
    until("red forgets the way", || !red.reaches(&blue)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_terms_with_which_the_other_added_us_are_found() {
    let red = House::start("red", "USD").await;
    let blue = House::start("blue", "EUR").await;
    let at_red = red.add_as(&blue, "USD", 2).await;
    let path = format!("/peers/{}/mismatch", at_red.prefix);

    blue.add_as(&red, "EUR", 2).await;
    let (status, found) = red.call("POST", &path, json!({})).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["code"], "RPC_MISMATCH");
    assert_eq!(found["found"]["currency"], "EUR");
    assert_eq!(found["found"]["scale"], 2);
    let text = found["message"].as_str().unwrap();
    assert!(text.contains("added you as EUR, scale 2"), "{text}");

    blue.add_as(&red, "USD", 2).await;
    let (_, found) = red.call("POST", &path, json!({})).await;
    assert_eq!(found["code"], Value::Null, "{found}");
    assert_eq!(found["tried"], 1);

    let (status, missing) = red
        .call("POST", "/peers/peer.none.usd.9./mismatch", json!({}))
        .await;
    assert_eq!((status, &missing["id"]), (404, &json!("UNKNOWN_PEER")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_publishes_another_key_raises_an_alarm_that_lasts() {
    let mut red = House::start("red", "USD").await;
    let mut blue = House::start("blue", "EUR").await;
    let at_red = red.add(&blue).await;
    let path = format!("/peers/{}/check", at_red.prefix);
    assert_eq!(red.peer().other_key, None);

    // Blue starts anew, with another secret and nothing else of before.
    blue.stop().await;
    for name in ["connector.secret", "c2c.db", "c2c.db-wal"] {
        let _ = std::fs::remove_file(blue.folder.path().join(name));
    }
    let secret = create_secret(&blue.folder.path().join("connector.secret")).unwrap();
    blue.server = Some(Server::start(&read(blue.folder.path())).await.unwrap());

    let (_, check) = red.call("POST", &path, json!({})).await;
    assert_eq!(check["steps"][0]["code"], "KEY_CHANGED", "{check}");
    let today = red.app().driver.look(|_, now| now.to_string());
    let text = check["steps"][0]["message"].as_str().unwrap();
    assert!(text.contains(today.split('T').next().unwrap()), "{text}");
    let seen = red.peer().other_key.unwrap();
    assert_eq!(seen.key, secret.public_key().to_string());

    red.restart().await;
    assert_eq!(red.peer().other_key, Some(seen));
}

#[tokio::test]
async fn a_taken_port_is_said_so() {
    let red = House::start("red", "USD").await;
    let config = read(red.folder.path());
    let error = Server::start(&config).await.err().unwrap();
    assert!(matches!(error, Error::Listen { .. }), "{error}");
}

#[tokio::test]
async fn watchers_of_events_do_not_keep_the_server_from_stopping() {
    let mut red = House::start("red", "USD").await;
    let client = Client::builder().no_proxy().build().unwrap();
    let mut events = client
        .get(format!("http://{}/api/v1/events", red.address))
        .bearer_auth(red.app().admin_token.current().as_str())
        .send()
        .await
        .unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let blue = House::start("blue", "EUR").await;
    red.add(&blue).await;
    let first = events.chunk().await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&first).into_owned();
    assert!(text.contains("event: peer_added"), "{text}");
    let before = std::time::Instant::now();
    red.stop().await;
    assert!(before.elapsed() < GRACE);
    while let Ok(Some(_)) = events.chunk().await {}
}
