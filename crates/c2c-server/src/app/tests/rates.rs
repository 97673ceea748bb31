//! Rates that change while the server runs, and the comparison of a ledger with the peer's.

use std::sync::Mutex;
use std::time::Duration;

use super::*;

/// What a host on loopback answers next to everything.
type Says = Arc<Mutex<(u16, String)>>;

async fn talker() -> (String, Says) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = listener.local_addr().unwrap().to_string();
    let says: Says = Arc::new(Mutex::new((200, String::new())));
    let shared = says.clone();
    let answer = move || {
        let (status, text) = shared.lock().unwrap().clone();
        async move { (StatusCode::from_u16(status).unwrap(), text) }
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (name, says)
}

fn say(says: &Says, status: u16, text: impl Into<String>) {
    *says.lock().unwrap() = (status, text.into());
}

/// Waits until `GET /rates` is as wanted.
async fn rates(house: &House, is_wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..500 {
        let view = house.admin("GET", "/rates", Value::Null).await.json();
        if is_wanted(&view) {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{}", house.admin("GET", "/rates", Value::Null).await.text);
}

fn told(view: &Value, from: &str, to: &str) -> Option<(String, String)> {
    let row = view["rates"].as_array()?;
    let row = row
        .iter()
        .find(|row| row["from"] == from && row["to"] == to)?;
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    Some((text("rate")?, text("source")?))
}

const LISTED: &str = "[[rate]]\nfrom = \"USD\"\nto = \"EUR\"\nrate = \"0.9\"\n";
const EURO: &str = "[[ledger]]\nprefix = \"example.euro.\"\ncurrency = \"EUR\"\nscale = 9\n";

#[tokio::test]
async fn rates_are_changed_while_the_server_runs_and_curves_move() {
    let house = House::new(&format!("{LISTED}{EURO}"));
    let most = async || {
        let routes = house
            .admin("GET", "/routes?source=example.green.", Value::Null)
            .await
            .json();
        let rows = routes["routes"].as_array().unwrap().clone();
        let row = rows
            .into_iter()
            .find(|row| row["target_prefix"] == "example.euro.");
        row.map(|row| row["merged"]["points"][1].clone())
    };
    let view = house.admin("GET", "/rates", Value::Null).await.json();
    let listed = |rate: &str, source: &str| Some((rate.to_owned(), source.to_owned()));
    assert_eq!(told(&view, "USD", "EUR"), listed("0.9", "configuration"));
    let before = most().await.unwrap();
    let put = json!({"rates": [{"from": "usd", "to": "eur", "rate": 0.5}, {"from": "EUR", "to": "USD", "rate": "2"}]});
    let answer = house.admin("PUT", "/rates", put).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        told(&answer.json(), "USD", "EUR"),
        listed("0.5", "operator")
    );
    assert_eq!(told(&answer.json(), "EUR", "USD"), listed("2", "operator"));
    // The pair follows at once, as it has room without end on both sides.
    let after = most().await.unwrap();
    assert_ne!(before, after);

    for (body, path) in [
        (
            json!({"rates": [{"from": "USD", "to": "EUR", "rate": "0"}]}),
            "rates[0].rate",
        ),
        (
            json!({"rates": [{"from": "USD", "rate": "1"}]}),
            "rates[0].to",
        ),
        (json!({"rates": 5}), "rates"),
        (json!({}), "rates"),
    ] {
        let refused = house.admin("PUT", "/rates", body).await;
        assert_eq!((refused.status, refused.id().as_str()), (422, "RATES"));
        assert_eq!(refused.json()["path"], path);
    }
    let view = house
        .admin("PUT", "/rates", json!({"rates": []}))
        .await
        .json();
    assert_eq!(told(&view, "USD", "EUR"), listed("0.9", "configuration"));
    assert_eq!(told(&view, "EUR", "USD"), None);
    assert_eq!(most().await.unwrap(), before);
}

#[tokio::test]
async fn a_feed_is_read_again_and_again_and_what_is_stale_is_not_traded() {
    let (name, says) = talker().await;
    say(
        &says,
        200,
        r#"{"base": "USD", "rates": {"EUR": 0.95, "GBP": "0.8"}}"#,
    );
    let feed = format!(
        "[rates]\nurl=\"http://{name}/latest?key=secret\"\ninterval_ms = 20\nstale_after_ms = 300\n"
    );
    let house = House::new(&format!("{feed}{LISTED}"));
    let view = rates(&house, |view| told(view, "USD", "GBP").is_some()).await;
    let expected = Some(("0.95".to_owned(), "feed".to_owned()));
    assert_eq!(told(&view, "USD", "EUR"), expected);
    let shown = view["feed"].clone();
    assert_eq!(
        shown["url"],
        format!("http://{name}/latest"),
        "a key is shown to nobody"
    );
    assert!(shown["read_at"].is_string() && shown["error"].is_null());

    say(
        &says,
        200,
        r#"{"rates": [{"from": "USD", "to": "EUR", "rate": 0.96}]}"#,
    );
    let view = rates(&house, |view| {
        told(view, "USD", "EUR").is_some_and(|it| it.0 == "0.96")
    })
    .await;
    assert_eq!(told(&view, "USD", "GBP"), None, "it is not told any more");

    // What goes wrong is told; after a while the old reading counts no more.
    let faults = [
        (500, "oops".to_owned(), "It answered 500."),
        (200, "<html>".to_owned(), "not JSON"),
        (200, " ".repeat(300_000), "longer than"),
        (302, String::new(), "It answered 302."),
    ];
    for (status, text, error) in faults {
        say(&says, status, text);
        rates(&house, |view| {
            view["feed"]["error"]
                .as_str()
                .is_some_and(|it| it.contains(error))
        })
        .await;
    }
    let view = rates(&house, |view| view["feed"]["stale"] == true).await;
    assert_eq!(
        told(&view, "USD", "EUR"),
        None,
        "nor does the listed rate, older still"
    );
    say(
        &says,
        200,
        r#"{"rates": [{"from": "USD", "to": "EUR", "rate": 0.97}]}"#,
    );
    let view = rates(&house, |view| told(view, "USD", "EUR").is_some()).await;
    assert_eq!(view["feed"]["stale"], false);
}

#[tokio::test]
async fn a_ledger_is_compared_with_what_the_peer_counts() {
    let (name, says) = talker().await;
    let house = House::new("");
    let body = json!({
        "mode": "manual", "rpc_uri": format!("http://{name}/rpc"), "protocol_version": "Compatible: ilp-kit v3.0.0",
        "send_token": "what-we-send-to-them", "accept_token": "what-they-send-to-us",
        "prefix": "peer.k3x9Q.usd.9.", "account": "peer.k3x9Q.usd.9.us", "peer_account": "peer.k3x9Q.usd.9.them",
        "currency": "USD", "scale": 9, "limit": "1000",
    });
    say(&says, 200, "\"0\"");
    assert_eq!(house.admin("POST", "/peers", body).await.status, 201);
    let path = "/peers/peer.k3x9Q.usd.9./reconcile";
    let view = house.admin("POST", path, json!({})).await;
    assert_eq!(
        (view.status, &view.json()["ok"]),
        (200, &json!(true)),
        "{}",
        view.text
    );
    assert_eq!(view.json()["difference"], "0");
    say(&says, 200, "\"12\"");
    let view = house.admin("POST", path, json!({})).await.json();
    assert_eq!(
        (&view["ok"], &view["difference"]),
        (&json!(false), &json!("12"))
    );
    assert_eq!(view["unexplained"], "12");
    let check = house
        .admin("POST", "/peers/peer.k3x9Q.usd.9./check", json!({}))
        .await
        .json();
    let steps = check["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == "balances");
    assert_eq!(step.unwrap()["code"], "BALANCES_DIFFER", "{check}");
    say(
        &says,
        422,
        r#"{"id":"TypeError","message":"no such method"}"#,
    );
    let view = house.admin("POST", path, json!({})).await.json();
    assert!(
        view["peer_balance"].is_null() && view["hint"].is_string(),
        "{view}"
    );
    let unknown = house
        .admin("POST", "/peers/peer.x.usd.9./reconcile", json!({}))
        .await;
    assert_eq!(
        (unknown.status, unknown.id().as_str()),
        (404, "UNKNOWN_PEER")
    );
}
