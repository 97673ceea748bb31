//! Two processes on one PostgreSQL.

use super::*;
use crate::store::postgres::Standby;
use crate::store::postgres::tests::Fresh;
use crate::store::tests::Home as _;

/// One process, with what both share in `folder`.
async fn start(folder: &Scratch, database: &Fresh, url: &mut Option<String>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = url.get_or_insert_with(|| format!("http://{address}"));
    let text = format!(
        "url = \"{url}\"\nlisten = \"{address}\"\nallow_loopback_http = true\ndatabase = \"{}\"\n\
         [[ledger]]\nprefix = \"example.green.\"\ncurrency = \"USD\"\nscale = 9\n",
        database.address()
    );
    std::fs::write(folder.path().join("c2c.toml"), text).unwrap();
    Server::start_on(listener, &read(folder.path())).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_are_one_connector_and_the_second_goes_on_when_the_first_ends() {
    let folder = Scratch::new();
    create_secret(&folder.path().join("connector.secret")).unwrap();
    let database = Fresh::new();
    let mut url = None;
    let first = start(&folder, &database, &mut url).await;
    let second = start(&folder, &database, &mut url).await;
    assert!(first.app().is_some() && second.app().is_none());
    let admin = std::fs::read_to_string(folder.path().join("admin.token")).unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let at = second.address;
    let call = async |method: &str, path: &str, token: &str, body: Value| {
        let request = client.request(method.parse().unwrap(), format!("http://{at}{path}"));
        let request = request.bearer_auth(token.trim()).body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (status, serde_json::from_str(&text).unwrap_or(json!(text)))
    };
    let health = json!({ "ok": true, "alive": true, "ready": true, "leads": false });
    // It looks four times a second.
    for _ in 0..100 {
        if call("GET", "/health", "", Value::Null).await.0 == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(call("GET", "/health", "", Value::Null).await, (200, health));

    // What is asked of the one that does not lead is answered by the one that does.
    let peer = json!({
        "mode": "manual", "rpc_uri": "http://127.0.0.1:1/rpc", "protocol_version": "x",
        "send_token": "what-we-send-to-them", "accept_token": "what-they-send-to-us",
        "prefix": "peer.a.usd.9.", "account": "peer.a.usd.9.us", "peer_account": "peer.a.usd.9.them",
        "currency": "USD", "scale": 9, "limit": "700",
    });
    let (status, added) = call("POST", "/api/v1/peers", &admin, peer).await;
    assert_eq!(status, 201, "{added}");
    let driver = &first.app().unwrap().driver;
    assert_eq!(driver.look(|engine, _| engine.peers().peers.len()), 1);
    let limit = "/rpc?method=get_limit&prefix=peer.a.usd.9.";
    let told = (200, json!("700"));
    assert_eq!(
        call("POST", limit, "what-they-send-to-us", json!([])).await,
        told
    );
    assert_eq!(call("POST", limit, "somebody-else", json!([])).await.0, 403);
    assert_eq!(
        call("GET", "/api/v1/peers", "somebody", Value::Null)
            .await
            .0,
        401
    );
    let record = format!(
        "/.well-known/webfinger?resource={}",
        url.as_deref().unwrap()
    );
    let (status, record) = call("GET", &record, "", Value::Null).await;
    let key = first.public_key.to_string();
    assert!(
        status == 200 && record.to_string().contains(&key),
        "{record}"
    );

    // Where the processes reach each other nobody else is let in.
    let inside = Standby::open(&database.address())
        .unwrap()
        .leader()
        .unwrap()
        .address;
    for shown in [None, Some("guessed")] {
        let mut request = client.post(format!("http://{inside}{limit}"));
        if let Some(shown) = shown {
            request = request.header("c2c-process", shown);
        }
        let refused = request
            .bearer_auth("what-they-send-to-us")
            .body("[]")
            .send();
        assert_eq!(refused.await.unwrap().status().as_u16(), 403);
    }

    // The first one ends; what is asked meanwhile is held, and answered by the second.
    first.stop().await;
    assert_eq!(
        call("POST", limit, "what-they-send-to-us", json!([])).await,
        told
    );
    until("the second leads", || second.app().is_some()).await;
    let (status, peers) = call("GET", "/api/v1/peers", &admin, Value::Null).await;
    assert_eq!((status, &peers["peers"][0]["limit"]), (200, &json!("700")));
    let (_, health) = call("GET", "/health", "", Value::Null).await;
    assert_eq!(health["leads"], Value::Null);
    second.stop().await;
}
