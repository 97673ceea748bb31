//! Payments between accounts of two servers.

use super::*;

impl House {
    /// An account on this server's ledger.
    async fn open(&self, name: &str, balance: &str) {
        let ledger = format!("example.{}.", self.name);
        let body = json!({"ledger": ledger, "name": name, "balance": balance});
        let (status, account) = self.call("POST", "/accounts", body).await;
        assert_eq!(status, 201, "{account}");
    }

    async fn balances(&self) -> BTreeMap<String, i128> {
        let (_, list) = self.call("GET", "/accounts", Value::Null).await;
        let accounts = list["accounts"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pair = |one: &Value| (text(&one["name"]), text(&one["balance"]).parse().unwrap());
        accounts.map(pair).collect()
    }

    /// What peers owe us, and what our own account holds.
    async fn wealth(&self) -> i128 {
        self.peer().balance.0 + self.balances().await["connector"]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_of_one_server_pays_an_account_of_another() {
    let mut red = House::start("red", "USD").await;
    let blue = House::start("blue", "USD").await;
    red.add(&blue).await;
    blue.add(&red).await;
    until("red reaches blue", || red.reaches(&blue)).await;
    until("blue reaches red", || blue.reaches(&red)).await;
    red.open("alice", "1000000000").await;
    blue.open("bob", "0").await;

    let asked = json!({"account": "example.blue.bob", "amount": "100000000"});
    let (_, invoice) = blue.call("POST", "/invoices", asked).await;
    let question = json!({
        "source": "example.red.alice", "destination": invoice["address"],
        "destination_amount": invoice["amount"],
    });
    let (status, quote) = red.call("POST", "/quotes", question).await;
    assert_eq!((status, &quote["found"]), (200, &json!("curve")), "{quote}");
    let order = json!({
        "from": "example.red.alice", "destination": invoice["address"],
        "destination_amount": invoice["amount"], "condition": invoice["condition"],
    });
    let (status, payment) = red.call("POST", "/payments", order).await;
    assert_eq!(
        (status, &payment["state"]),
        (200, &json!("executed")),
        "{payment}"
    );
    assert_eq!(payment["source_amount"], quote["source_amount"]);
    let cost: i128 = payment["source_amount"].as_str().unwrap().parse().unwrap();
    // Each of the two keeps 0.2 %.
    assert!((100_400_000..100_402_000).contains(&cost), "{cost}");
    let at_red = red.balances().await;
    assert_eq!(
        (at_red["alice"], at_red["connector"]),
        (1_000_000_000 - cost, cost - 1_000_000_000)
    );
    let at_blue = blue.balances().await;
    assert_eq!(
        (at_blue["bob"], at_blue["connector"]),
        (100_000_000, -100_000_000)
    );
    assert_eq!(red.peer().balance.0, -blue.peer().balance.0);
    // Red's started with what it gave alice, and both have earned.
    assert!(red.wealth().await > -1_000_000_000 && blue.wealth().await > 0);

    // What is refused there comes back with its reason.
    let order = json!({
        "from": "example.red.alice", "destination": invoice["address"],
        "destination_amount": "5000", "condition": invoice["condition"],
    });
    let (_, refused) = red.call("POST", "/payments", order).await;
    assert_eq!(refused["reason"]["code"], "F06", "{refused}");
    assert_eq!(refused["reason"]["triggered_by"], "example.blue.connector");
    assert_eq!(red.balances().await, at_red);

    red.restart().await;
    assert_eq!(red.balances().await, at_red);
    until("red is back", || red.reaches(&blue) && blue.reaches(&red)).await;
    let asked = json!({"account": "example.blue.bob", "amount": "7"});
    let (_, invoice) = blue.call("POST", "/invoices", asked).await;
    let order = json!({
        "from": "example.red.alice", "destination": invoice["address"],
        "destination_amount": "7", "source_amount": "10", "condition": invoice["condition"],
    });
    let (_, payment) = red.call("POST", "/payments", order).await;
    assert_eq!(payment["state"], "executed", "{payment}");
    assert_eq!(blue.balances().await["bob"], 100_000_007);
}
