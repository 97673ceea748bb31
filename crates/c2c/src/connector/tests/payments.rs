//! Payments from one peer through us to the other.

use super::*;
use crate::ledger::{Fulfillment, Json, State};
use crate::packet::{Packet, Payment};

#[test]
fn a_payment_goes_on_once_and_its_fulfillment_comes_back() {
    let mut world = World::new();
    assert!(is_true(&world.red_pays("a", 1_000, &blue_account(), 998)));
    let said = world.said();
    assert_eq!(said.len(), 1);
    assert_eq!(
        (said[0].method, said[0].peer.as_str()),
        (Method::SendTransfer, BLUE)
    );
    let sent: serde_json::Value = serde_json::from_slice(&said[0].body).unwrap();
    let sent = &sent[0];
    assert_eq!(sent["amount"], "998");
    assert_eq!(sent["to"], blue_account());
    assert_eq!(sent["executionCondition"], condition().to_string());
    let earlier = START + HOLD - Millis(1_000);
    assert_eq!(sent["expiresAt"], earlier.to_string());
    assert!(sent.get("noteToSelf").is_none());
    world.answered(&said[0], 200, "true");
    // The same again goes nowhere.
    assert!(is_true(&world.red_pays("a", 1_000, &blue_account(), 998)));
    assert!(world.said().is_empty());
    let (red, blue) = (world.balance(RED), world.balance(BLUE));
    assert_eq!((red, blue), (1_000, 0));

    let next = id(sent["id"].as_str().unwrap());
    let wrong = crate::rpc::fulfill_condition::body(&next, &Fulfillment::from_bytes([1; 32]));
    assert_eq!(world.called(BLUE, Method::FulfillCondition, wrong).0, 422);
    assert!(world.said().is_empty());
    let right = crate::rpc::fulfill_condition::body(&next, &fulfillment());
    for _ in 0..2 {
        let answer = world.called(BLUE, Method::FulfillCondition, right.clone());
        assert!(is_true(&answer));
    }
    let said = world.said();
    assert_eq!(said.len(), 1);
    assert_eq!(
        (said[0].method, said[0].peer.as_str()),
        (Method::FulfillCondition, RED)
    );
    let told = crate::rpc::fulfill_condition::body(&id("a"), &fulfillment());
    assert_eq!(said[0].body, told.into_bytes());
    assert_eq!((world.balance(RED), world.balance(BLUE)), (1_000, -998));
}

#[test]
fn a_payment_that_comes_to_nothing_is_rejected_with_the_reason() {
    // Blue rejects it.
    let mut world = World::new();
    world.red_pays("a", 1_000, &blue_account(), 998);
    let call = world.said().remove(0);
    world.answered(&call, 200, "true");
    let next = world.stored[BLUE].keys().next().unwrap().clone();
    let reason: Json =
        Json::try_from(r#"{"code":"F05","name":"Wrong Condition"}"#.to_owned()).unwrap();
    let body = crate::rpc::reject_incoming_transfer::body(&next, Some(&reason));
    assert!(is_true(&world.called(
        BLUE,
        Method::RejectIncomingTransfer,
        body
    )));
    let reason = world.reason("a");
    assert_eq!(reason["code"], "F05");
    assert_eq!(reason["forwarded_by"], format!("{RED}us"));
    let said = world.said();
    assert_eq!(said[0].method, Method::RejectIncomingTransfer);
    assert_eq!((world.balance(RED), world.balance(BLUE)), (0, 0));

    // Blue refuses to take it.
    for (class, code) in [
        ("InvalidFieldsError", "F00"),
        ("InsufficientBalanceError", "T04"),
        ("NotAcceptedError", "T01"),
    ] {
        let mut world = World::new();
        world.red_pays("a", 1_000, &blue_account(), 998);
        let call = world.said().remove(0);
        world.answered(&call, 422, &format!(r#"{{"id":"{class}","message":"no"}}"#));
        let reason = world.reason("a");
        assert_eq!(reason["code"], code);
        assert_eq!(reason["triggered_by"], format!("{BLUE}us"));
        assert_eq!(world.balance(RED), 0);
    }

    // It runs out at blue, and red hears of it before it runs out there.
    let mut world = World::new();
    world.red_pays("a", 1_000, &blue_account(), 998);
    world.said();
    world.wait(Millis(4_000));
    assert_eq!(world.reason("a")["code"], "R00");
    assert_eq!(world.balance(RED), 0);
}

#[test]
fn what_cannot_go_on_is_refused_with_its_code() {
    let blue = blue_account();
    for (comes, destination, amount, code) in [
        (1_000, "g.nowhere.bob", 1, "F02"),
        (1_000, "example.green.bob", 900, "F02"),
        (1_000, "peer.bluee.usd.9.stranger", 900, "F02"),
        (1_000, &blue, 1_000, "R01"),
        (1_000, &blue, 0, "F00"),
        (1, &blue, 1, "R01"),
    ] {
        let mut world = World::new();
        assert!(is_true(&world.red_pays("a", comes, destination, amount)));
        assert_eq!(world.reason("a")["code"], code, "{comes} to {destination}");
        let arose = match destination {
            "example.green.bob" => "example.green.connector",
            _ => "peer.redrd.usd.9.us",
        };
        assert_eq!(world.reason("a")["triggered_by"], arose);
        assert!(!world.stored.contains_key(BLUE));
    }
    // Slippage: a thousandth may be missing, and no more.
    let mut world = World::new();
    world.red_pays("a", 100_000, &blue, 99_899);
    assert_eq!(world.state(RED, &id("a")), State::Prepared);
    world.red_pays("b", 100_000, &blue, 99_900);
    assert_eq!(world.reason("b")["code"], "R01");
    // Nor at a loss: without a spread no more goes out than came in.
    let mut world = World::new();
    world.input(Input::SetSpread(Decimal::ZERO));
    world.red_pays("a", 100_000, &blue, 100_001);
    assert_eq!(world.reason("a")["code"], "R01");
    world.red_pays("b", 100_000, &blue, 100_000);
    assert_eq!(world.state(RED, &id("b")), State::Prepared);
    // Too short, and too long.
    for (hold, code) in [(1_000, "R02"), (11_001, "R02")] {
        let mut world = World::new();
        let packet = Packet::Payment(Payment {
            amount: Amount::new(1),
            account: blue.parse().unwrap(),
            data: vec![],
        });
        let transfer = from_red("a", 1_000)
            .with_hold(condition(), START + Millis(hold))
            .with_ilp(packet.encode().unwrap());
        world.called(RED, Method::SendTransfer, rpc_body(&transfer));
        assert_eq!(world.reason("a")["code"], code, "{hold}");
    }
    // More than blue lets us owe it, with what is under way already.
    let mut world = World::new();
    world.red_pays("a", 600_000, &blue, 598_000);
    world.red_pays("b", 400_000, &blue, 399_000);
    assert_eq!(world.state(RED, &id("a")), State::Prepared);
    assert_eq!(world.state(RED, &id("b")), State::Prepared);
    let taken = world.red_pays("c", 3_000, &blue, 2_000);
    assert_eq!(taken.0, 422, "red's own limit: {}", taken.1);
}

#[test]
fn what_could_be_paid_before_a_hold_can_be_paid_after_it() {
    // The corner of the curve moves with every hold, and the line to it by parts of a unit.
    for (comes, amount) in [(1_000, 998), (500, 499), (7, 6), (1_503, 1_499)] {
        let mut world = World::new();
        for name in ["a", "b", "c", "d"] {
            world.red_pays(name, comes, &blue_account(), amount);
            assert_eq!(
                world.state(RED, &id(name)),
                State::Prepared,
                "{name} {comes}"
            );
        }
        let sent = world.stored[BLUE].values();
        assert!(
            sent.into_iter()
                .all(|it| it.transfer.amount.units() == amount)
        );
    }
}

#[test]
fn a_payment_goes_on_after_a_restart() {
    // Cut off before blue has answered: it is told again, by the same id.
    let mut world = World::new();
    world.red_pays("a", 1_000, &blue_account(), 998);
    let before = world.said().remove(0);
    let mut world = world.restart();
    let after = world.said().remove(0);
    assert_eq!((after.method, &after.body), (before.method, &before.body));
    world.answered(&after, 200, "true");
    let next = world.stored[BLUE].keys().next().unwrap().clone();

    // Cut off before red has heard of the fulfillment.
    let mut world = world.restart();
    assert!(world.said().is_empty());
    assert!(is_true(&world.red_pays("a", 1_000, &blue_account(), 998)));
    assert!(world.said().is_empty(), "nothing goes on twice");
    let body = crate::rpc::fulfill_condition::body(&next, &fulfillment());
    assert!(is_true(&world.called(BLUE, Method::FulfillCondition, body)));
    world.said();
    let mut world = world.restart();
    let said = world.said().remove(0);
    assert_eq!(said.method, Method::FulfillCondition);
    world.answered(&said, 200, "true");
    assert_eq!((world.balance(RED), world.balance(BLUE)), (1_000, -998));
    let world = world.restart();
    assert_eq!((world.balance(RED), world.balance(BLUE)), (1_000, -998));
}

#[test]
fn what_was_not_decided_at_a_restart_is_rejected_and_what_is_for_us_waits() {
    let mut world = World::new();
    let ours = format!("{RED}us");
    world.red_pays("ours", 10, &ours, 10);
    world.red_pays("on", 1_000, &blue_account(), 997);
    // As if the next transfer had never been stored.
    world.stored.remove(BLUE);
    world.sequences.remove(BLUE);
    let world = world.restart();
    assert_eq!(world.state(RED, &id("ours")), State::Prepared);
    assert_eq!(world.reason("on")["code"], "T00");
    assert_eq!(world.balance(RED), 10);
}

#[test]
fn a_removed_peer_takes_no_payment_with_it() {
    let mut world = World::new();
    world.red_pays("a", 1_000, &blue_account(), 998);
    world.input(Input::RemovePeer(prefix(BLUE)));
    assert_eq!(world.reason("a")["code"], "T01");
    assert_eq!(world.balance(RED), 0);
}

#[test]
fn curves_follow_what_is_on_hold() {
    let mut world = World::new();
    let most = |world: &World| {
        let mut pairs = world.connector.tables().local_pairs();
        let (.., curve) = pairs
            .find(|(source, destination, _)| source.as_str() == RED && destination.as_str() == BLUE)
            .unwrap();
        curve.capacity().x
    };
    assert_eq!(most(&world), LIMIT);
    world.red_pays("a", 1_000, &blue_account(), 998);
    assert_eq!(most(&world), LIMIT - 1_000);
    world.said();
    world.wait(Millis(4_000));
    assert_eq!(most(&world), LIMIT);
}
