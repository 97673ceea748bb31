//! Payments that start or end on a ledger of our own.

use super::*;
use crate::ledger::{Fulfillment, State};
use crate::packet::{LiquidityResponse, Packet};
use crate::snapshot::{AccountView, ErrorBody, InvoiceView, PaymentView, QuoteFound, QuoteView};

fn preimage() -> Fulfillment {
    Fulfillment::from_bytes([5; 32])
}

impl World {
    /// With alice, who has 10,000, and bob, who has nothing.
    pub(super) fn with_accounts() -> Self {
        let mut world = Self::new();
        for (name, balance) in [("alice", 10_000), ("bob", 0)] {
            world.input(Input::OpenAccount {
                ledger: prefix(GREEN),
                name: name.parse().unwrap(),
                balance: Amount::new(balance),
                minimum: 0,
            });
        }
        world
    }

    /// Bob wants `amount`.
    pub(super) fn invoice(&mut self, amount: u64) -> InvoiceView {
        let invoice = NewInvoice {
            account: "bob".parse().unwrap(),
            amount: Amount::new(amount),
            preimage: preimage(),
            expires_at: self.now + Millis(60_000),
        };
        self.input(Input::MakeInvoice {
            ledger: prefix(GREEN),
            invoice: Box::new(invoice),
        });
        self.connector.invoices(self.now).invoices[0].clone()
    }

    /// Alice pays, and the answer, if there is one at once.
    pub(super) fn alice_pays(&mut self, order: NewPayment) -> Option<(u16, String)> {
        let answers = self.input(Input::Pay {
            id: RequestId(7),
            payment: Box::new(order),
        });
        one(answers)
    }

    pub(super) fn account(&self, name: &str) -> AccountView {
        let accounts = self.connector.accounts().accounts;
        let stored = self.own.accounts.iter().find(|one| &*one.name == name);
        let found = accounts.into_iter().find(|one| one.name == name).unwrap();
        let stored = stored.map_or(0, |stored| stored.balance);
        assert_eq!(stored, found.balance.0, "what is shown is what is stored");
        found
    }

    pub(super) fn balances(&self) -> [i128; 3] {
        ["alice", "bob", "connector"].map(|name| self.account(name).balance.0)
    }

    /// What we have: what peers owe us, and what our own account holds.
    pub(super) fn wealth(&self) -> i128 {
        self.balance(RED) + self.balance(BLUE) + self.account("connector").balance.0
    }

    /// Alice's next transfer, as blue is told of it; and what answers it with `fulfillment`.
    fn blue_fulfills(&mut self, call: &Call, by: &Fulfillment) -> Vec<Answer> {
        self.answered(call, 200, "true");
        let sent: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
        let next = id(sent[0]["id"].as_str().unwrap());
        let body = crate::rpc::fulfill_condition::body(&next, by);
        let request = Request {
            id: RequestId(1),
            method: "fulfill_condition".to_owned(),
            prefix: BLUE.to_owned(),
            bearer: Some(TOKEN.to_owned()),
            body: body.into_bytes(),
        };
        self.input(Input::Request(request))
    }
}

/// The answer to the operator.
fn one(answers: Vec<Answer>) -> Option<(u16, String)> {
    let mut mine = answers.into_iter().filter(|one| one.id == RequestId(7));
    let answer = mine.next()?;
    assert!(mine.next().is_none(), "answered twice");
    Some((answer.status, String::from_utf8(answer.body).unwrap()))
}

fn payment(answer: Option<(u16, String)>) -> PaymentView {
    let (status, body) = answer.expect("an answer");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn refusal(answer: Option<(u16, String)>) -> (u16, ErrorBody) {
    let (status, body) = answer.expect("an answer");
    (status, serde_json::from_str(&body).unwrap())
}

/// Alice pays `amount` to `destination`.
pub(super) fn order(destination: &str, amount: u64) -> NewPayment {
    NewPayment {
        id: id("p"),
        from: "example.green.alice".parse().unwrap(),
        destination: destination.parse().unwrap(),
        destination_amount: Amount::new(amount),
        condition: condition(),
        source_amount: None,
        expires_at: None,
    }
}

/// A payment for an invoice.
pub(super) fn order_for(invoice: &InvoiceView, amount: u64) -> NewPayment {
    NewPayment {
        condition: invoice.condition,
        ..order(invoice.address.as_str(), amount)
    }
}

#[test]
fn a_peer_pays_an_invoice_and_is_told_what_fulfills_it() {
    let mut world = World::with_accounts();
    let invoice = world.invoice(998);
    let pays = |world: &mut World, name: &str, comes, amount| {
        let packet = Packet::Payment(crate::packet::Payment {
            amount: Amount::new(amount),
            account: invoice.address.clone().into(),
            data: vec![],
        });
        let transfer = from_red(name, comes)
            .with_hold(invoice.condition, world.now + HOLD)
            .with_ilp(packet.encode().unwrap());
        world.called(RED, Method::SendTransfer, rpc_body(&transfer))
    };
    // Too little for what it is to deliver, and to deliver too little.
    assert!(is_true(&pays(&mut world, "a", 998, 998)));
    assert_eq!(world.reason("a")["code"], "R01");
    assert!(is_true(&pays(&mut world, "b", 1_000, 997)));
    assert_eq!(world.reason("b")["code"], "F04");
    assert_eq!(world.reason("b")["triggered_by"], "example.green.connector");
    world.said();
    for _ in 0..2 {
        assert!(is_true(&pays(&mut world, "c", 1_000, 998)));
        let by = Some(preimage());
        assert_eq!(
            world.state(RED, &id("c")),
            State::Executed { fulfillment: by }
        );
        assert_eq!(world.balances(), [10_000, 998, -10_998]);
    }
    let said = world.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].method, Method::FulfillCondition);
    assert_eq!(world.wealth(), -10_000 + 2);
    // Once only, also after a restart.
    let mut world = world.restart();
    assert!(is_true(&pays(&mut world, "d", 1_000, 998)));
    assert_eq!(world.reason("d")["code"], "F06");
    assert_eq!(world.balances(), [10_000, 998, -10_998]);
    assert_eq!(world.balance(RED), 1_000);
    let paid = world.connector.invoices(world.now).invoices.remove(0);
    assert_eq!(paid.state, "paid");
}

#[test]
fn what_no_invoice_asks_for_is_refused() {
    let mut world = World::with_accounts();
    let invoice = world.invoice(500);
    for (name, destination, code) in [
        ("a", "example.green.carl.x".to_owned(), "F02"),
        ("b", "example.green.bob".to_owned(), "F06"),
        ("c", "example.green.connector".to_owned(), "F06"),
        // The condition is another one.
        ("d", invoice.address.to_string(), "F05"),
    ] {
        world.red_pays(name, 1_000, &destination, 900);
        assert_eq!(world.reason(name)["code"], code, "{destination}");
    }
    world.now = world.now + Millis(60_000);
    world.red_pays("e", 1_000, invoice.address.as_str(), 900);
    assert_eq!(world.reason("e")["code"], "F07");
    assert_eq!((world.balance(RED), world.balances()[1]), (0, 0));
}

#[test]
fn what_a_peer_pays_without_a_condition_is_credited_and_nobody_waits() {
    let mut world = World::with_accounts();
    for (name, to, credited) in [("a", "bob", 900), ("b", "carl", 900)] {
        let packet = Packet::Payment(crate::packet::Payment {
            amount: Amount::new(900),
            account: format!("{GREEN}{to}").parse().unwrap(),
            data: vec![],
        });
        let transfer = from_red(name, 1_000).with_ilp(packet.encode().unwrap());
        let taken = world.called(RED, Method::SendTransfer, rpc_body(&transfer));
        assert!(is_true(&taken));
        assert_eq!(
            world.balances(),
            [10_000, credited, -10_000 - credited],
            "{to}"
        );
    }
    assert_eq!(world.balance(RED), 2_000);
    assert!(world.said().is_empty());
}

#[test]
fn an_account_pays_a_peer_and_gets_the_receipt() {
    let mut world = World::with_accounts();
    assert_eq!(world.alice_pays(order(&blue_account(), 998)), None);
    let said = world.said();
    let sent: serde_json::Value = serde_json::from_slice(&said[0].body).unwrap();
    assert_eq!(sent[0]["amount"], "998");
    // The longest hold, less our window.
    assert_eq!(sent[0]["expiresAt"], (START + Millis(9_000)).to_string());
    let alice = world.account("alice");
    // 998 / 0.998, and up: the curve towards others gives one less.
    assert_eq!((alice.balance.0, alice.on_hold.0), (8_998, 1_002));
    let view = payment(one(world.blue_fulfills(&said[0], &fulfillment())));
    assert_eq!(view.state, "executed");
    assert_eq!(view.source_amount, Amount::new(1_002));
    assert_eq!(view.fulfillment, Some(fulfillment()));
    assert_eq!(world.balances(), [8_998, 0, -8_998]);
    assert_eq!(world.balance(BLUE), -998);
    assert_eq!(world.wealth(), -10_000 + 4);
    // The same again is a repeat, another under its name is refused.
    let again = payment(world.alice_pays(order(&blue_account(), 998)));
    assert_eq!(again, view);
    let (status, body) = refusal(world.alice_pays(order(&blue_account(), 997)));
    assert_eq!(
        (status, body.id.as_str(), body.path.as_deref()),
        (409, "DUPLICATE_ID", Some("id"))
    );
    assert!(world.said().is_empty());
}

#[test]
fn what_comes_to_nothing_is_credited_back_with_the_reason() {
    // Rejected by blue.
    let mut world = World::with_accounts();
    world.alice_pays(order(&blue_account(), 998));
    let call = world.said().remove(0);
    world.answered(&call, 200, "true");
    let next = world.stored[BLUE].keys().next().unwrap().clone();
    let reason = crate::ledger::Json::try_from(r#"{"code":"F05"}"#.to_owned()).unwrap();
    let body = crate::rpc::reject_incoming_transfer::body(&next, Some(&reason));
    let request = Request {
        id: RequestId(1),
        method: "reject_incoming_transfer".to_owned(),
        prefix: BLUE.to_owned(),
        bearer: Some(TOKEN.to_owned()),
        body: body.into_bytes(),
    };
    let view = payment(one(world.input(Input::Request(request))));
    let reason = view.reason.unwrap();
    assert_eq!(
        (view.state.as_str(), &reason["code"]),
        ("rejected", &"F05".into())
    );
    assert_eq!(reason["forwarded_by"], "example.green.connector");
    assert_eq!(world.balances(), [10_000, 0, -10_000]);

    // Not answered by blue: it runs out there, and a window later it would here.
    let mut world = World::with_accounts();
    world.alice_pays(order(&blue_account(), 998));
    world.said();
    world.now = world.now + Millis(9_000);
    let view = payment(one(world.input(Input::Wake)));
    assert_eq!(view.reason.unwrap()["code"], "R00");
    assert_eq!(world.balances(), [10_000, 0, -10_000]);

    // It cannot go on.
    let mut world = World::with_accounts();
    let mut short = order(&blue_account(), 998);
    short.source_amount = Some(Amount::new(900));
    let view = payment(world.alice_pays(short));
    assert_eq!(view.reason.unwrap()["code"], "R01");
    assert!(world.said().is_empty());
    assert_eq!(world.balances(), [10_000, 0, -10_000]);
}

#[test]
fn what_cannot_begin_changes_nothing() {
    let mut world = World::with_accounts();
    let blue = blue_account();
    let from = |name: &str| NewPayment {
        from: format!("{GREEN}{name}").parse().unwrap(),
        ..order(&blue_account(), 998)
    };
    let paying = |amount| NewPayment {
        source_amount: Some(Amount::new(amount)),
        ..order(&blue_account(), 998)
    };
    let on_one_ledger = NewPayment {
        source_amount: Some(Amount::new(2)),
        ..order("example.green.bob", 1)
    };
    let late = NewPayment {
        expires_at: Some(START),
        ..order(&blue_account(), 998)
    };
    for (order, status, id, path) in [
        (from("carl"), 404, "UNKNOWN_ACCOUNT", "from"),
        (from("alice.x"), 404, "UNKNOWN_ACCOUNT", "from"),
        (from("connector"), 422, "ACCOUNT_RESERVED", "from"),
        (order(&blue, 0), 422, "AMOUNT_ZERO", "destination_amount"),
        (paying(0), 422, "AMOUNT_ZERO", "source_amount"),
        (paying(10_001), 422, "INSUFFICIENT_BALANCE", "from"),
        (order(&blue, 9_990), 422, "INSUFFICIENT_BALANCE", "from"),
        (order(&blue, 2_000_000), 422, "F00", "destination_amount"),
        (order("g.nowhere.x", 1), 422, "F02", "destination"),
        (on_one_ledger, 422, "SOURCE_AMOUNT", "source_amount"),
        (late, 422, "TOO_LATE", "expires_at"),
    ] {
        let (found, body) = refusal(world.alice_pays(order.clone()));
        let seen = (found, body.id.as_str(), body.path.as_deref());
        assert_eq!(seen, (status, id, Some(path)), "{order:?}");
    }
    assert_eq!(world.balances(), [10_000, 0, -10_000]);
    assert!(world.said().is_empty());
}

#[test]
fn an_account_pays_another_on_its_own_ledger() {
    let mut world = World::with_accounts();
    let invoice = world.invoice(500);
    let (status, body) = world
        .alice_pays(order(invoice.address.as_str(), 500))
        .unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("F05"), "another condition: {body}");
    let mut right = order_for(&invoice, 500);
    right.id = id("q");
    let view = payment(world.alice_pays(right));
    assert_eq!(view.fulfillment, Some(preimage()));
    assert_eq!(world.balances(), [9_500, 500, -10_000]);
}

#[test]
fn a_payment_survives_a_restart_and_neither_is_lost_nor_doubled() {
    let mut world = World::with_accounts();
    world.alice_pays(order(&blue_account(), 998));
    let before = world.said().remove(0);
    let mut world = world.restart();
    let after = world.said().remove(0);
    assert_eq!((after.method, &after.body), (before.method, &before.body));
    let mut restarted = world.restart();
    // Whoever orders it again waits for the same.
    assert_eq!(restarted.alice_pays(order(&blue_account(), 998)), None);
    let call = restarted.said().remove(0);
    let view = payment(one(restarted.blue_fulfills(&call, &fulfillment())));
    assert_eq!(view.state, "executed");
    let world = restarted.restart();
    assert_eq!(world.balances(), [8_998, 0, -8_998]);
    assert_eq!(world.balance(BLUE), -998);

    // As if the next transfer had never been stored: it was not sent either.
    let mut world = World::with_accounts();
    world.alice_pays(order(&blue_account(), 998));
    world.stored.remove(BLUE);
    world.sequences.remove(BLUE);
    let world = world.restart();
    assert_eq!(world.balances(), [10_000, 0, -10_000]);
    let view = world.connector.payment(&prefix(GREEN), &id("p")).unwrap();
    assert_eq!(view.reason.unwrap()["code"], "T00");
}

#[test]
fn a_peer_that_is_removed_takes_no_account_s_money_with_it() {
    let mut world = World::with_accounts();
    world.alice_pays(order(&blue_account(), 998));
    let view = payment(one(world.input(Input::RemovePeer(prefix(BLUE)))));
    assert_eq!(view.reason.unwrap()["code"], "T01");
    assert_eq!(world.balances(), [10_000, 0, -10_000]);
}

#[test]
fn money_of_a_ledger_that_is_not_configured_stops_the_start() {
    let world = World::with_accounts();
    let mut config = config();
    config.ledgers.clear();
    let mut connector = Connector::new(config, START).unwrap();
    let refused = connector.handle_input(START, Input::RestoreAccounts(Box::new(world.own)));
    assert_eq!(refused.unwrap_err().code(), "UNKNOWN_LEDGER");
}

fn ask(world: &mut World, destination: &str, about: crate::quote::About) -> Option<(u16, String)> {
    let question = crate::quote::Question {
        destination: destination.parse().unwrap(),
        hold: Millis(5_000),
        about,
    };
    one(world.input(Input::Quote {
        id: RequestId(7),
        ledger: prefix(GREEN),
        question: Box::new(question),
    }))
}

fn quote(answer: Option<(u16, String)>) -> QuoteView {
    let (status, body) = answer.expect("an answer");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn the_operator_asks_for_quotes_of_all_three_kinds() {
    use crate::quote::About;
    let mut world = World::with_accounts();
    let blue = blue_account();
    let found = quote(ask(&mut world, &blue, About::Source(1_000)));
    let amounts = |view: &QuoteView| (view.source_amount, view.destination_amount);
    let units = |x, y| (Some(Amount::new(x)), Some(Amount::new(y)));
    assert_eq!(amounts(&found), units(1_000, 997));
    assert_eq!(
        (found.source_hold_ms, found.found),
        (6_000, QuoteFound::Curve)
    );
    let found = quote(ask(&mut world, &blue, About::Destination(998)));
    assert_eq!(amounts(&found), units(1_002, 998));
    let found = quote(ask(&mut world, &blue, About::Liquidity));
    assert_eq!(found.applies_to_prefix.as_deref(), Some(BLUE));
    assert!(found.points.unwrap().len() >= 2 && found.expires_at.is_some());
    let found = quote(ask(&mut world, "example.green.bob", About::Source(5)));
    assert_eq!(
        (amounts(&found), found.found),
        (units(5, 5), QuoteFound::SameLedger)
    );
    let (status, body) = refusal(ask(&mut world, "g.nowhere.x", About::Source(5)));
    assert_eq!((status, body.id.as_str()), (422, "F02"));
    assert!(body.hint.is_some());
}

/// Blue tells of a ledger behind it, without a curve.
fn blue_announces(world: &mut World) {
    let update = serde_json::json!([{
        "ledger": BLUE, "from": format!("{BLUE}them"), "to": format!("{BLUE}us"),
        "custom": {"method": "broadcast_routes", "data": {
            "new_routes": [{
                "source_ledger": BLUE, "destination_ledger": "example.far.",
                "min_message_window": 1, "source_account": format!("{BLUE}them"),
            }],
            "hold_down_time": 45_000, "unreachable_through_me": [],
        }},
    }]);
    let (status, body) = world.called(BLUE, Method::SendRequest, update.to_string());
    assert!(status == 200 && !body.contains("ilp"), "{body}");
}

/// The question that blue is asked, answered with a curve of one to two.
fn blue_answers(world: &mut World) -> Vec<Answer> {
    let asked = |call: &&Call| {
        call.method == Method::SendRequest
            && String::from_utf8_lossy(&call.body).contains("\"ilp\"")
    };
    let call = world.calls.iter().find(asked).cloned().expect("a question");
    world.calls.retain(|other| other.id != call.id);
    let packet = Packet::LiquidityResponse(LiquidityResponse {
        points: vec![(0, 0), (1_000, 2_000)],
        applies_to_prefix: "example.far.".parse().unwrap(),
        source_hold: Millis(6_000),
        expires_at: world.now + Millis(10_000),
    });
    let ilp = crate::key::to_base64url(&packet.encode().unwrap());
    let body = serde_json::json!({
        "ledger": BLUE, "from": format!("{BLUE}them"), "to": format!("{BLUE}us"), "ilp": ilp,
    });
    let outcome = CallOutcome::Answered {
        status: 200,
        body: body.to_string().into_bytes(),
    };
    world.input(Input::CallDone {
        id: call.id,
        outcome,
    })
}

#[test]
fn a_payment_over_a_route_without_a_curve_is_priced_by_the_next_connector() {
    use crate::quote::About;
    let mut world = World::with_accounts();
    blue_announces(&mut world);
    assert_eq!(world.alice_pays(order("example.far.bob", 1_000)), None);
    let (status, body) = refusal(world.alice_pays(order("example.far.bob", 1_000)));
    assert_eq!((status, body.id.as_str()), (409, "IN_PROGRESS"));
    assert_eq!(
        world.account("alice").on_hold.0,
        0,
        "nothing is paid unpriced"
    );
    assert_eq!(one(blue_answers(&mut world)), None);
    let said = world.said();
    let sent: serde_json::Value = serde_json::from_slice(&said[0].body).unwrap();
    assert_eq!(sent[0]["amount"], "501");
    assert_eq!(world.account("alice").on_hold.0, 503);
    let view = payment(one(world.blue_fulfills(&said[0], &fulfillment())));
    assert_eq!(view.source_amount, Amount::new(503));
    let found = quote(ask(
        &mut world,
        "example.far.bob",
        About::Destination(1_000),
    ));
    assert_eq!(
        (found.source_amount, found.found),
        (Some(Amount::new(503)), QuoteFound::Remote)
    );

    // Nobody answers.
    let mut world = World::with_accounts();
    blue_announces(&mut world);
    world.alice_pays(order("example.far.bob", 1_000));
    let call = world
        .calls
        .iter()
        .rfind(|call| call.method == Method::SendRequest);
    let call = call.unwrap().id;
    let outcome = CallOutcome::Failed(CallFailure::Timeout);
    let answers = world.input(Input::CallDone { id: call, outcome });
    let (status, body) = refusal(one(answers));
    assert_eq!((status, body.id.as_str()), (502, "T01"));
    assert_eq!(world.balances(), [10_000, 0, -10_000]);
}
