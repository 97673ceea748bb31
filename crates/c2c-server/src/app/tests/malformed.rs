//! Malformed calls of every method: each gets its status, its class and its message, and no balance moves.

use c2c::address::LedgerPrefix;
use c2c::amount::Amount;
use c2c::connector::Input;
use c2c::ledger::{Fulfillment, Transfer};
use c2c::rpc::Method;
use c2c::timestamp::{Millis, Timestamp};

use super::*;

pub(super) const LEDGER: &str = "peer.k3x9Q.usd.9.";
pub(super) const TOKEN: &str = "what-they-send-to-us";

/// A server and a peer that has paid 7, has put 50 on hold for us, and for which we have put 30 on hold twice.
pub(super) struct Ledger {
    pub(super) house: House,
    pub(super) now: Timestamp,
}

fn preimage(byte: u8) -> Fulfillment {
    Fulfillment::from_bytes([byte; 32])
}

impl Ledger {
    pub(super) async fn new() -> Self {
        let house = House::new("");
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            format!("http://{}/rpc", listener.local_addr().unwrap())
        };
        let body = json!({
            "mode": "manual", "rpc_uri": closed, "protocol_version": "Compatible: ilp-kit v3.0.0",
            "send_token": "what-we-send-to-them", "accept_token": TOKEN,
            "prefix": LEDGER, "account": format!("{LEDGER}us"), "peer_account": format!("{LEDGER}them"),
            "currency": "USD", "scale": 9, "limit": "1000",
        });
        assert_eq!(house.admin("POST", "/peers", body).await.status, 201);
        let now = house.state.driver.look(|_, now| now);
        let ledger = Self { house, now };
        let mut paid = ledger.transfer("paid", "7");
        for member in ["executionCondition", "expiresAt"] {
            paid.as_object_mut().unwrap().remove(member);
        }
        assert_eq!(
            ledger.call("send_transfer", &json!([paid])).await.text,
            "true"
        );
        let mut held = ledger.transfer("held", "50");
        held["ilp"] = ledger.packet().into();
        assert_eq!(
            ledger.call("send_transfer", &json!([held])).await.text,
            "true"
        );
        for (id, byte) in [("ours", 2), ("other", 3)] {
            let prefix: LedgerPrefix = LEDGER.parse().unwrap();
            let (us, them) = (
                prefix.account("us").unwrap(),
                prefix.account("them").unwrap(),
            );
            let transfer = Transfer::new(id.parse().unwrap(), prefix, us, them, Amount::new(30))
                .with_hold(preimage(byte).condition(), now + Millis(600_000));
            let input = Input::SendTransfer(Box::new(transfer));
            ledger.house.state.driver.feed(input).await.unwrap();
        }
        assert_eq!(ledger.balance().await, "\"57\"");
        ledger
    }

    /// A payment to our own account, which waits there.
    fn packet(&self) -> String {
        let payment = c2c::packet::Packet::Payment(c2c::packet::Payment {
            amount: Amount::new(50),
            account: format!("{LEDGER}us.invoice").parse().unwrap(),
            data: vec![],
        });
        c2c::key::to_base64url(&payment.encode().unwrap())
    }

    pub(super) fn transfer(&self, id: &str, amount: &str) -> Value {
        json!({
            "id": id, "ledger": LEDGER, "from": format!("{LEDGER}them"), "to": format!("{LEDGER}us"),
            "amount": amount, "executionCondition": preimage(1).condition().to_string(),
            "expiresAt": (self.now + Millis(600_000)).to_string(),
        })
    }

    fn message(&self) -> Value {
        json!({
            "ledger": LEDGER, "from": format!("{LEDGER}them"), "to": format!("{LEDGER}us"),
            "custom": { "method": "nothing", "data": {} },
        })
    }

    pub(super) async fn call(&self, method: &str, parameters: &Value) -> Answer {
        self.send(method, &parameters.to_string()).await
    }

    pub(super) async fn send(&self, method: &str, body: &str) -> Answer {
        let query = format!("?method={method}&prefix={LEDGER}");
        self.house.rpc(&query, Some(TOKEN), body).await
    }

    pub(super) async fn balance(&self) -> String {
        self.send("get_balance", "[]").await.text
    }

    /// The call is refused as `id`, with words, and nothing has moved.
    async fn refuses(&self, method: &str, body: &str, id: &str, path: Option<&str>) {
        let shown: String = body.chars().take(300).collect();
        let before = self.balance().await;
        let answer = self.send(method, body).await;
        assert_eq!(answer.status, 422, "{method} {shown}: {}", answer.text);
        let said = answer.json();
        assert_eq!(said["id"], id, "{method} {shown}: {said}");
        assert!(said["message"].as_str().unwrap().len() > 10, "{said}");
        if let Some(path) = path {
            assert_eq!(said["path"], path, "{method} {shown}: {said}");
        }
        assert_eq!(self.balance().await, before, "{method} {shown}");
    }
}

fn with(mut value: Value, member: &str, other: Value) -> Value {
    value[member] = other;
    value
}

fn without(mut value: Value, member: &str) -> Value {
    value.as_object_mut().unwrap().remove(member);
    value
}

#[tokio::test]
async fn what_is_no_list_of_parameters_is_refused_by_every_method() {
    let ledger = Ledger::new().await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for method in Method::ALL {
        let bodies = [
            "",
            " ",
            "{}",
            "null",
            "7",
            "\"[]\"",
            "[",
            "[,]",
            "[1 2]",
            "[] []",
            "[\"\\u12\"]",
        ];
        for body in bodies.into_iter().chain([deep.as_str()]) {
            ledger
                .refuses(method.name(), body, "InvalidFieldsError", None)
                .await;
        }
        let needs_none = matches!(method, Method::GetLimit | Method::GetBalance);
        // More than is needed is ignored.
        let answer = ledger.send(method.name(), "[[], {}, 7]").await;
        assert_eq!(
            answer.status,
            if needs_none { 200 } else { 422 },
            "{method}"
        );
        if !needs_none {
            for body in ["[]", "[null]", "[[]]", "[true]", "[7]"] {
                ledger
                    .refuses(method.name(), body, "InvalidFieldsError", None)
                    .await;
            }
        }
    }
    for method in ["", "get_rich", "GET_LIMIT", "__proto__"] {
        ledger.refuses(method, "[]", "TypeError", None).await;
    }
    assert_eq!(ledger.balance().await, "\"57\"");
}

#[tokio::test]
async fn malformed_transfers_are_refused() {
    let ledger = Ledger::new().await;
    let good = ledger.transfer("new", "5");
    let invalid = "InvalidFieldsError";
    for member in [
        "id",
        "ledger",
        "from",
        "to",
        "amount",
        "executionCondition",
        "expiresAt",
    ] {
        let body = json!([without(good.clone(), member)]).to_string();
        ledger.refuses("send_transfer", &body, invalid, None).await;
        for wrong in [json!(7), json!({}), json!([]), json!(true), json!("")] {
            let body = json!([with(good.clone(), member, wrong)]).to_string();
            ledger.refuses("send_transfer", &body, invalid, None).await;
        }
    }
    let place = |member: &str| format!("[0].{member}");
    let long = "x".repeat(257);
    let past = (ledger.now - Millis(1)).to_string();
    let large = "A".repeat(100_000);
    let cases: Vec<(&str, Value, &str)> = vec![
        ("id", json!(long), invalid),
        ("id", json!("a\nb"), invalid),
        ("amount", json!("0"), invalid),
        ("amount", json!("-5"), invalid),
        ("amount", json!("1.5"), invalid),
        ("amount", json!("05"), invalid),
        ("amount", json!("5 "), invalid),
        ("amount", json!("1e3"), invalid),
        ("amount", json!("0x5"), invalid),
        ("amount", json!("Infinity"), invalid),
        ("amount", json!("18446744073709551616"), invalid),
        ("amount", json!("944"), "NotAcceptedError"),
        ("executionCondition", json!("A".repeat(42)), invalid),
        ("executionCondition", json!("A".repeat(44)), invalid),
        ("executionCondition", json!("+".repeat(43)), invalid),
        (
            "executionCondition",
            json!(format!("{}B", "A".repeat(42))),
            invalid,
        ),
        ("expiresAt", json!("tomorrow"), invalid),
        ("expiresAt", json!("2026-02-30T00:00:00.000Z"), invalid),
        ("expiresAt", json!(past), "NotAcceptedError"),
        ("ledger", json!("peer.other.usd.9."), invalid),
        ("ledger", json!("example.green."), invalid),
        ("from", json!(format!("{LEDGER}us")), invalid),
        ("from", json!(format!("{LEDGER}stranger")), invalid),
        ("from", json!("example.green.alice"), invalid),
        ("to", json!(format!("{LEDGER}them")), invalid),
        ("to", json!(format!("{LEDGER}us.more")), invalid),
        ("to", json!("not an address"), invalid),
        ("ilp", json!(7), invalid),
        ("ilp", json!("§"), invalid),
        ("data", json!("text"), invalid),
        ("data", json!([1]), invalid),
        ("custom", json!(7), invalid),
        ("ilp", json!(large), invalid),
        // The id is taken: by another transfer of theirs, by one that is over, by one of ours.
        ("id", json!("held"), "DuplicateIdError"),
        ("id", json!("paid"), "DuplicateIdError"),
        ("id", json!("ours"), "DuplicateIdError"),
    ];
    for (member, wrong, id) in cases {
        let body = json!([with(good.clone(), member, wrong)]).to_string();
        ledger.refuses("send_transfer", &body, id, None).await;
    }
    for member in ["id", "amount", "expiresAt", "executionCondition"] {
        let body = json!([with(good.clone(), member, json!([]))]).to_string();
        ledger
            .refuses("send_transfer", &body, invalid, Some(&place(member)))
            .await;
    }
    // `account` opens no door, as it did in 2017.
    let astray = with(good.clone(), "from", json!("example.green.alice"));
    let astray = with(astray, "account", json!(format!("{LEDGER}them")));
    ledger
        .refuses("send_transfer", &json!([astray]).to_string(), invalid, None)
        .await;
    assert_eq!(ledger.balance().await, "\"57\"");
    // The same again is no fault, and moves nothing.
    let mut held = ledger.transfer("held", "50");
    held["ilp"] = ledger.packet().into();
    for _ in 0..3 {
        let again = ledger.call("send_transfer", &json!([held])).await;
        assert_eq!((again.status, again.text.as_str()), (200, "true"));
    }
    assert_eq!(ledger.balance().await, "\"57\"");
}

#[tokio::test]
async fn malformed_last_words_are_refused_and_contradictions_change_nothing() {
    let ledger = Ledger::new().await;
    let right = preimage(2).to_string();
    let wrong = preimage(9).to_string();
    let invalid = "InvalidFieldsError";
    let missing = "TransferNotFoundError";
    let cases = [
        ("fulfill_condition", json!(["ours"]), invalid),
        ("fulfill_condition", json!([7, right]), invalid),
        ("fulfill_condition", json!(["", right]), invalid),
        ("fulfill_condition", json!(["ours", 7]), invalid),
        ("fulfill_condition", json!(["ours", ""]), invalid),
        (
            "fulfill_condition",
            json!(["ours", "A".repeat(42)]),
            invalid,
        ),
        (
            "fulfill_condition",
            json!(["ours", "=".repeat(43)]),
            invalid,
        ),
        ("fulfill_condition", json!(["nobody", right]), missing),
        (
            "fulfill_condition",
            json!(["paid", right]),
            "TransferNotConditionalError",
        ),
        // It is theirs: they cannot execute what they pay.
        (
            "fulfill_condition",
            json!(["held", preimage(1).to_string()]),
            "NotAcceptedError",
        ),
        (
            "fulfill_condition",
            json!(["ours", wrong]),
            "NotAcceptedError",
        ),
        ("reject_incoming_transfer", json!([{}]), invalid),
        ("reject_incoming_transfer", json!(["nobody", {}]), missing),
        (
            "reject_incoming_transfer",
            json!(["paid", {}]),
            "TransferNotConditionalError",
        ),
        (
            "reject_incoming_transfer",
            json!(["held", {}]),
            "NotAcceptedError",
        ),
        ("expire_transfer", json!([""]), invalid),
        ("expire_transfer", json!([["ours"]]), invalid),
        ("expire_transfer", json!(["nobody"]), missing),
        (
            "expire_transfer",
            json!(["paid"]),
            "TransferNotConditionalError",
        ),
        ("expire_transfer", json!(["ours"]), "Error"),
        ("expire_transfer", json!(["held"]), "Error"),
    ];
    for (method, parameters, id) in cases {
        ledger
            .refuses(method, &parameters.to_string(), id, None)
            .await;
    }
    assert_eq!(ledger.balance().await, "\"57\"");

    let taken = async |method: &str, parameters: Value, balance: &str| {
        let answer = ledger.call(method, &parameters).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, "true"),
            "{method} {parameters}"
        );
        assert_eq!(ledger.balance().await, balance, "{method} {parameters}");
    };
    for _ in 0..2 {
        taken("fulfill_condition", json!(["ours", right]), "\"27\"").await;
        taken(
            "reject_incoming_transfer",
            json!(["other", {"code": "F05"}]),
            "\"27\"",
        )
        .await;
    }
    for (method, parameters, id) in [
        (
            "reject_incoming_transfer",
            json!(["ours", {}]),
            "AlreadyFulfilledError",
        ),
        ("expire_transfer", json!(["ours"]), "AlreadyFulfilledError"),
        (
            "fulfill_condition",
            json!(["ours", wrong]),
            "NotAcceptedError",
        ),
        (
            "fulfill_condition",
            json!(["other", preimage(3).to_string()]),
            "AlreadyRolledBackError",
        ),
    ] {
        ledger
            .refuses(method, &parameters.to_string(), id, None)
            .await;
    }
    // What came to nothing already: the same by another word.
    taken("expire_transfer", json!(["other"]), "\"27\"").await;
}

#[tokio::test]
async fn malformed_messages_are_refused() {
    let ledger = Ledger::new().await;
    let good = ledger.message();
    let invalid = "InvalidFieldsError";
    for method in ["send_request", "send_message"] {
        for member in ["ledger", "to"] {
            let body = json!([without(good.clone(), member)]).to_string();
            ledger
                .refuses(method, &body, invalid, Some(&format!("[0].{member}")))
                .await;
        }
        let cases = [
            ("ledger", json!(7)),
            ("ledger", json!("peer.other.usd.9.")),
            ("from", json!([])),
            ("from", json!(format!("{LEDGER}us"))),
            ("from", json!(format!("{LEDGER}stranger"))),
            ("to", json!({})),
            ("to", json!(format!("{LEDGER}them"))),
            ("to", json!("example.green.connector")),
            ("ilp", json!(7)),
            ("ilp", json!("§§§")),
            ("custom", json!("text")),
        ];
        for (member, wrong) in cases {
            let body = json!([with(good.clone(), member, wrong)]).to_string();
            ledger
                .refuses(method, &body, invalid, Some(&format!("[0].{member}")))
                .await;
        }
        let astray = with(good.clone(), "to", json!("example.green.connector"));
        let astray = with(astray, "account", json!(format!("{LEDGER}them")));
        ledger
            .refuses(
                method,
                &json!([astray]).to_string(),
                invalid,
                Some("[0].to"),
            )
            .await;
    }
    // A sound envelope with nothing sound in it is answered by an error packet, as in 2017.
    let packets = ["", "AA", "AQ", "CAA", "BAEA", "_____w"].map(|text| json!({ "ilp": text }));
    let calls = [
        json!({ "custom": { "method": "nothing", "data": {} } }),
        json!({ "custom": {} }),
        json!({ "custom": { "method": "broadcast_routes" } }),
        json!({ "custom": { "method": "broadcast_routes", "data": { "new_routes": 7 } } }),
        json!({}),
    ];
    for contents in packets.into_iter().chain(calls) {
        let mut message = without(good.clone(), "custom");
        for (name, value) in contents.as_object().unwrap() {
            message[name] = value.clone();
        }
        let answer = ledger.call("send_request", &json!([message])).await;
        assert_eq!(answer.status, 200, "{contents}: {}", answer.text);
        let said = answer.json();
        assert_eq!(said["to"], format!("{LEDGER}them"), "{contents}");
        let packet = c2c::key::from_base64_lenient(said["ilp"].as_str().unwrap()).unwrap();
        assert_eq!(packet[0], 8, "{contents}: {said}");
    }
    assert_eq!(ledger.balance().await, "\"57\"");
}
