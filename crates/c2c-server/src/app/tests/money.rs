//! Accounts, invoices, quotes, payments and transfers, from the operator's side.

use super::*;

const CONDITION: &str = "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU";

impl House {
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.admin("POST", path, body).await
    }

    async fn with_accounts(&self) {
        for (name, balance) in [("alice", "1000"), ("bob", "0")] {
            let body = json!({"ledger": "example.green.", "name": name, "balance": balance});
            let opened = self.post("/accounts", body).await;
            assert_eq!(opened.status, 201, "{}", opened.text);
        }
    }

    async fn balances(&self) -> Vec<String> {
        let list = self.admin("GET", "/accounts", Value::Null).await.json();
        let accounts = list["accounts"].as_array().unwrap().iter();
        accounts
            .map(|one| {
                format!(
                    "{} {}",
                    one["name"].as_str().unwrap(),
                    one["balance"].as_str().unwrap()
                )
            })
            .collect()
    }
}

#[tokio::test]
async fn an_account_is_opened_once_and_its_fields_are_checked() {
    let house = House::new("");
    let body = json!({"ledger": "example.green.", "name": "alice", "balance": "18446744073709551615", "minimum": "-7"});
    for _ in 0..2 {
        let opened = house.post("/accounts", body.clone()).await;
        assert_eq!(opened.status, 201, "{}", opened.text);
        let view = opened.json();
        assert_eq!(view["address"], "example.green.alice");
        assert_eq!(view["balance"], "18446744073709551615");
        assert_eq!(
            (&view["minimum"], &view["currency"]),
            (&json!("-7"), &json!("USD"))
        );
    }
    let ledger = "example.green.";
    for (body, status, id, path) in [
        (json!({}), 422, "FIELD_MISSING", "ledger"),
        (
            json!({"ledger": "example.green", "name": "x"}),
            422,
            "PREFIX_FORMAT",
            "ledger",
        ),
        (
            json!({"ledger": "example.blue.", "name": "x"}),
            404,
            "UNKNOWN_LEDGER",
            "ledger",
        ),
        (
            json!({"ledger": ledger, "name": "x.y"}),
            422,
            "ACCOUNT_NAME",
            "name",
        ),
        (
            json!({"ledger": ledger, "name": "connector"}),
            422,
            "ACCOUNT_RESERVED",
            "name",
        ),
        (
            json!({"ledger": ledger, "name": "alice"}),
            409,
            "ACCOUNT_EXISTS",
            "name",
        ),
        (
            json!({"ledger": ledger, "name": "x", "balance": "1.5"}),
            422,
            "AMOUNT_FORMAT",
            "balance",
        ),
        (
            json!({"ledger": ledger, "name": "x", "minimum": "1"}),
            422,
            "BELOW_MINIMUM",
            "minimum",
        ),
    ] {
        let answer = house.post("/accounts", body.clone()).await;
        assert_eq!(
            (answer.status, answer.id().as_str()),
            (status, id),
            "{body}"
        );
        assert_eq!(answer.json()["path"], path, "{body}");
    }
    let balances = house.balances().await;
    assert_eq!(
        balances,
        [
            "alice 18446744073709551615",
            "connector -18446744073709551615"
        ]
    );
}

#[tokio::test]
async fn an_invoice_is_paid_from_another_account_and_all_of_it_outlives_a_restart() {
    let house = House::new("");
    house.with_accounts().await;
    let mut events = house.state.driver.events();
    let asked = json!({"account": "example.green.bob", "amount": "400"});
    let made = house.post("/invoices", asked).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let invoice = made.json();
    assert_eq!(
        (&invoice["amount"], &invoice["state"]),
        (&json!("400"), &json!("open"))
    );
    assert!(invoice["expires_at"].is_string() && invoice.get("preimage").is_none());
    let order = json!({
        "from": "example.green.alice", "destination": invoice["address"],
        "destination_amount": "400", "condition": invoice["condition"],
    });
    let paid = house.post("/payments", order.clone()).await;
    assert_eq!(paid.status, 200, "{}", paid.text);
    let payment = paid.json();
    assert_eq!(
        (&payment["state"], &payment["source_amount"]),
        (&json!("executed"), &json!("400"))
    );
    let receipt: c2c::ledger::Fulfillment =
        payment["fulfillment"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        receipt.condition().to_string(),
        invoice["condition"].as_str().unwrap()
    );
    let mut seen = Vec::new();
    while let Ok((_, event)) = events.try_recv() {
        let event = serde_json::to_value(event).unwrap();
        let word = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        seen.push(format!(
            "{} {}{}",
            word("event"),
            word("name"),
            word("state")
        ));
    }
    for expected in [
        "invoice_changed open",
        "payment_changed prepared",
        "account_changed bob",
        "invoice_changed paid",
        "payment_changed executed",
    ] {
        assert!(
            seen.iter().any(|one| one == expected),
            "{expected}: {seen:?}"
        );
    }
    let twice = house.post("/payments", order).await.json();
    assert_eq!(
        (&twice["state"], &twice["reason"]["code"]),
        (&json!("rejected"), &json!("F06"))
    );
    assert_eq!(
        house.balances().await,
        ["alice 600", "bob 400", "connector -1000"]
    );

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
    assert_eq!(
        house.balances().await,
        ["alice 600", "bob 400", "connector -1000"]
    );
    let path = format!("/payments/{}", payment["id"].as_str().unwrap());
    assert_eq!(house.admin("GET", &path, Value::Null).await.json(), payment);
    let invoices = house.admin("GET", "/invoices", Value::Null).await.json();
    assert_eq!(invoices["invoices"][0]["state"], "paid");
    let list = |query: &'static str| house.admin("GET", query, Value::Null);
    let rejected = list("/transfers?ledger=example.green.&state=rejected")
        .await
        .json();
    let rejected = rejected["transfers"].as_array().unwrap();
    assert_eq!((rejected.len(), &rejected[0]["id"]), (1, &twice["id"]));
    let all = list("/transfers").await.json();
    assert_eq!(all["transfers"].as_array().unwrap().len(), 4);
    let latest = list("/transfers?limit=1&ledger=").await.json();
    assert_eq!(latest["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(list("/transfers?state=lost").await.id(), "STATE");
    assert_eq!(list("/transfers?ledger=lost").await.id(), "PREFIX_FORMAT");
    assert_eq!(list("/payments/none").await.id(), "UNKNOWN_PAYMENT");
}

#[tokio::test]
async fn an_invoice_that_cannot_be_names_its_field() {
    let house = House::new("");
    house.with_accounts().await;
    let bob = "example.green.bob";
    for (body, status, id, path) in [
        (json!({"amount": "1"}), 422, "FIELD_MISSING", "account"),
        (
            json!({"account": "example.green.carl", "amount": "1"}),
            404,
            "UNKNOWN_ACCOUNT",
            "account",
        ),
        (
            json!({"account": "example.green.connector", "amount": "1"}),
            422,
            "ACCOUNT_RESERVED",
            "account",
        ),
        (
            json!({"account": bob, "amount": "-1"}),
            422,
            "AMOUNT_FORMAT",
            "amount",
        ),
        (
            json!({"account": bob, "amount": "0"}),
            422,
            "AMOUNT_ZERO",
            "amount",
        ),
        (
            json!({"account": bob, "amount": "1", "expires_at": "soon"}),
            422,
            "TIME_FORMAT",
            "expires_at",
        ),
        (
            json!({"account": bob, "amount": "1", "expires_at": "2017-06-14T11:58:18.509Z"}),
            422,
            "TOO_LATE",
            "expires_at",
        ),
    ] {
        let answer = house.post("/invoices", body.clone()).await;
        assert_eq!(
            (answer.status, answer.id().as_str()),
            (status, id),
            "{body}"
        );
        assert_eq!(answer.json()["path"], path, "{body}");
    }
}

#[tokio::test]
async fn a_payment_that_cannot_be_names_its_field_and_its_cure() {
    let house = House::new("");
    house.with_accounts().await;
    let order = |changed: Value| {
        let mut body = json!({
            "from": "example.green.alice", "destination": "example.green.bob",
            "destination_amount": "400", "condition": CONDITION,
        });
        for (name, value) in changed.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let soon = "2017-06-14T11:58:18.509Z";
    for (changed, status, id, path) in [
        (
            json!({"from": "example.green.carl"}),
            404,
            "UNKNOWN_ACCOUNT",
            "from",
        ),
        (
            json!({"destination": ""}),
            422,
            "ADDRESS_FORMAT",
            "destination",
        ),
        (
            json!({"destination": "g.nowhere.x"}),
            422,
            "F02",
            "destination",
        ),
        (
            json!({"destination_amount": "0"}),
            422,
            "AMOUNT_ZERO",
            "destination_amount",
        ),
        (
            json!({"destination_amount": "1001"}),
            422,
            "INSUFFICIENT_BALANCE",
            "from",
        ),
        (
            json!({"source_amount": "401"}),
            422,
            "SOURCE_AMOUNT",
            "source_amount",
        ),
        (
            json!({"condition": "short"}),
            422,
            "CONDITION_FORMAT",
            "condition",
        ),
        (json!({"expires_at": soon}), 422, "TOO_LATE", "expires_at"),
        (json!({"id": "mine"}), 422, "FIELD_MISSING", "expires_at"),
    ] {
        let answer = house.post("/payments", order(changed.clone())).await;
        assert_eq!(
            (answer.status, answer.id().as_str()),
            (status, id),
            "{changed}"
        );
        assert_eq!(answer.json()["path"], path, "{changed}");
    }
    // One that begins and comes to nothing says why.
    let answer = house.post("/payments", order(json!({}))).await;
    assert_eq!(answer.json()["reason"]["code"], "F06");
    assert_eq!(
        house.balances().await,
        ["alice 1000", "bob 0", "connector -1000"]
    );
    let list = house
        .admin("GET", "/transfers?state=rejected", Value::Null)
        .await
        .json();
    assert_eq!(list["transfers"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_quote_is_answered_or_says_what_is_wrong() {
    let house = House::new("");
    let quote = |changed: Value| {
        let mut body = json!({"source": "example.green.", "destination": "example.green.bob"});
        for (name, value) in changed.as_object().unwrap() {
            body[name] = value.clone();
        }
        let house = &house;
        async move { house.post("/quotes", body).await }
    };
    let answer = quote(json!({"source_amount": "5"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let view = answer.json();
    assert_eq!(
        (&view["destination_amount"], &view["found"]),
        (&json!("5"), &json!("same_ledger"))
    );
    for (changed, status, id, path) in [
        (
            json!({"source": "example.blue.x"}),
            422,
            "UNKNOWN_LEDGER",
            "source",
        ),
        (
            json!({"destination": "x y"}),
            422,
            "ADDRESS_FORMAT",
            "destination",
        ),
        (
            json!({"source_amount": "1", "destination_amount": "1"}),
            422,
            "AMOUNT_FORMAT",
            "source_amount",
        ),
        (
            json!({"destination": "g.x", "source_amount": "1"}),
            422,
            "F02",
            "destination",
        ),
        (
            json!({"destination_hold_ms": "x"}),
            422,
            "HOLD_FORMAT",
            "destination_hold_ms",
        ),
    ] {
        let answer = quote(changed.clone()).await;
        assert_eq!(
            (answer.status, answer.id().as_str()),
            (status, id),
            "{changed}"
        );
        assert_eq!(answer.json()["path"], path, "{changed}");
    }
}
