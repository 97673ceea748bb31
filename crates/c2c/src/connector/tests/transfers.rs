//! Transfers with one peer.

use super::*;
use crate::ledger::{Doubt, Fulfillment, State};

#[test]
fn what_a_peer_sends_is_stored_before_it_is_answered() {
    let mut world = World::new();
    let transfer = from_red("a", 400).with_hold(condition(), START + HOLD);
    let request = Request {
        id: RequestId(1),
        method: "send_transfer".into(),
        prefix: RED.into(),
        bearer: Some(TOKEN.into()),
        body: rpc_body(&transfer).into_bytes(),
    };
    let now = world.now;
    world
        .connector
        .handle_input(now, Input::Request(request))
        .unwrap();
    let outputs = drain(&mut world.connector);
    let stored = outputs
        .iter()
        .position(|output| matches!(output, Output::Persist(Change::LedgerMoved { .. })));
    let answered = outputs
        .iter()
        .position(|output| matches!(output, Output::Answer(_)));
    assert!(stored.unwrap() < answered.unwrap());
}

#[test]
fn calls_of_a_peer_move_the_ledger_once() {
    let mut world = World::new();
    let unconditional = from_red("a", 400);
    for _ in 0..3 {
        let answer = world.called(RED, Method::SendTransfer, rpc_body(&unconditional));
        assert!(is_true(&answer), "{answer:?}");
    }
    assert_eq!(world.balance(RED), 400);
    assert_eq!(world.sequences[RED], 1);
    let over = from_red("b", LIMIT);
    for (method, body, class) in [
        (Method::SendTransfer, rpc_body(&over), "NotAcceptedError"),
        (
            Method::SendTransfer,
            rpc_body(&from_red("a", 401)),
            "DuplicateIdError",
        ),
        (
            Method::SendTransfer,
            rpc_body(&to_red("c", 1)),
            "InvalidFieldsError",
        ),
        (
            Method::FulfillCondition,
            crate::rpc::fulfill_condition::body(&id("a"), &fulfillment()),
            "TransferNotConditionalError",
        ),
        (
            Method::RejectIncomingTransfer,
            "[\"nobody\"]".to_owned(),
            "TransferNotFoundError",
        ),
        (
            Method::ExpireTransfer,
            "[\"nobody\"]".to_owned(),
            "TransferNotFoundError",
        ),
    ] {
        let (status, answer) = world.called(RED, method, body);
        assert_eq!(status, 422, "{method} {answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["id"], class, "{method}");
        assert!(answer["hint"].is_string(), "{answer}");
    }
    assert_eq!(world.balance(RED), 400);
}

#[test]
fn what_we_send_is_said_again_until_it_is_taken() {
    let mut world = World::new();
    let transfer = to_red("a", 300).with_hold(condition(), START + HOLD);
    world.input(Input::SendTransfer(Box::new(transfer)));
    let first = world.said();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].method, Method::SendTransfer);
    assert_eq!(first[0].timeout, Millis(1_667), "time for two more");
    world.lost(&first[0]);
    assert!(world.said().is_empty(), "not before the pause is over");
    world.wait(Millis(10));
    let second = world.said();
    assert_eq!(second[0].body, first[0].body);
    world.lost(&second[0]);
    world.wait(Millis(19));
    assert!(world.said().is_empty());
    world.wait(Millis(1));
    let third = world.said();
    world.answered(&third[0], 200, "true");
    world.wait(Millis(4_000));
    assert!(world.said().is_empty());
    // It counts when it is fulfilled.
    assert_eq!(world.balance(RED), 0);
    let body = crate::rpc::fulfill_condition::body(&id("a"), &fulfillment());
    for _ in 0..2 {
        assert!(is_true(&world.called(
            RED,
            Method::FulfillCondition,
            body.clone()
        )));
        assert_eq!(world.balance(RED), -300);
    }
}

#[test]
fn a_refusal_in_words_calls_back_what_we_sent_whatever_its_status() {
    for status in [200, 422] {
        let mut world = World::new();
        world.input(Input::SendTransfer(Box::new(to_red("a", 300))));
        assert_eq!(world.balance(RED), -300);
        let call = world.said().remove(0);
        let words = r#"{"id":"NotAcceptedError","message":"over the limit"}"#;
        world.answered(&call, status, words);
        assert_eq!(world.balance(RED), 0);
        assert_eq!(world.state(RED, &id("a")), State::Cancelled);
        world.wait(Millis(60_000));
        assert!(world.said().is_empty());
    }
    // No words: it may have been taken.
    let mut world = World::new();
    world.input(Input::SendTransfer(Box::new(to_red("a", 300))));
    let call = world.said().remove(0);
    world.answered(&call, 502, "<html>");
    assert_eq!(world.balance(RED), -300);
    world.wait(Millis(10));
    assert_eq!(world.said().len(), 1);
}

#[test]
fn what_runs_out_does_so_on_its_instant_and_nobody_is_told() {
    let mut world = World::new();
    let transfer = from_red("in", 400).with_hold(condition(), START + HOLD);
    let answer = world.called(RED, Method::SendTransfer, rpc_body(&transfer));
    assert!(is_true(&answer));
    // Without a packet it is rejected at once; one that is for us waits.
    assert_eq!(world.reason("in")["code"], "F01");
    world.said();
    let account = format!("{RED}us.invoice");
    assert!(is_true(&world.red_pays("ours", 400, &account, 400)));
    assert_eq!(world.balance(RED), 400);
    let out = to_red("out", 300).with_hold(condition(), START + HOLD);
    world.input(Input::SendTransfer(Box::new(out)));
    assert!(world.connector.next_wakeup().unwrap() <= START + HOLD);
    world.wait(Millis(HOLD.0 - 1));
    assert_eq!(world.state(RED, &id("ours")), State::Prepared);
    world.said();
    world.wait(Millis(1));
    assert_eq!(world.state(RED, &id("ours")), State::Expired);
    assert_eq!(world.state(RED, &id("out")), State::Expired);
    assert_eq!(world.balance(RED), 0);
    let said = world.said();
    assert!(
        said.iter()
            .all(|call| call.method != Method::ExpireTransfer),
        "{said:?}"
    );
    assert!(is_true(&world.called(
        RED,
        Method::ExpireTransfer,
        "[\"ours\"]".into()
    )));
}

#[test]
fn a_fulfillment_is_said_until_it_is_answered_and_a_doubt_is_told() {
    let account = format!("{RED}us");
    for (answer, doubt) in [
        ("true", None),
        (r#"{"id":"AlreadyFulfilledError","message":"before"}"#, None),
        (
            r#"{"id":"TransferNotFoundError","message":"resolved"}"#,
            Some(Doubt::Unclear),
        ),
        (
            r#"{"id":"AlreadyRolledBackError","message":"too late"}"#,
            Some(Doubt::Contradicted),
        ),
    ] {
        let mut world = World::new();
        assert!(is_true(&world.red_pays("a", 400, &account, 400)));
        world.input(Input::FulfillTransfer {
            ledger: prefix(RED),
            id: id("a"),
            fulfillment: fulfillment(),
        });
        // For longer than its time: the answer alone may be lost.
        for pause in [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120] {
            let said = world.said();
            assert_eq!(said.len(), 1, "after {pause}");
            assert_eq!(said[0].method, Method::FulfillCondition);
            world.lost(&said[0]);
            world.wait(Millis(pause));
        }
        let call = world.said().remove(0);
        world.answered(&call, 200, answer);
        world.wait(Millis(60_000));
        assert!(world.said().is_empty());
        assert_eq!(world.balance(RED), 400);
        assert_eq!(world.stored[RED][&id("a")].doubt, doubt, "{answer}");
        let is_certain = doubt == Some(Doubt::Contradicted);
        assert_eq!(world.disputes(), usize::from(is_certain), "{answer}");
    }
    // Nothing that we know of went before it, by which it could have been resolved as we say.
    let mut world = World::new();
    assert!(is_true(&world.red_pays("a", 400, &account, 400)));
    world.input(Input::FulfillTransfer {
        ledger: prefix(RED),
        id: id("a"),
        fulfillment: fulfillment(),
    });
    let call = world.said().remove(0);
    let words = r#"{"id":"TransferNotFoundError","message":"never heard"}"#;
    world.answered(&call, 422, words);
    assert_eq!(world.disputes(), 1);
    // It is known after a restart too.
    let world = world.restart();
    let doubt = world.stored[RED][&id("a")].doubt;
    assert_eq!(doubt, Some(Doubt::Unclear));
}

#[test]
fn what_a_peer_executes_too_late_is_kept_as_a_doubt() {
    let mut world = World::new();
    let out = to_red("out", 300).with_hold(condition(), START + HOLD);
    world.input(Input::SendTransfer(Box::new(out)));
    let call = world.said().remove(0);
    world.answered(&call, 200, "true");
    world.wait(HOLD);
    assert_eq!(world.state(RED, &id("out")), State::Expired);
    let wrong = Fulfillment::from_bytes([1; 32]);
    for (fulfillment, disputes) in [(wrong, 0), (fulfillment(), 1), (fulfillment(), 1)] {
        let body = crate::rpc::fulfill_condition::body(&id("out"), &fulfillment);
        let (status, answer) = world.called(RED, Method::FulfillCondition, body);
        assert_eq!(status, 422, "{answer}");
        assert!(answer.contains("AlreadyRolledBackError"), "{answer}");
        assert_eq!(world.disputes(), disputes);
        assert_eq!(world.balance(RED), 0);
    }
    assert_eq!(world.state(RED, &id("out")), State::Expired);
}

#[test]
fn only_what_surely_did_not_take_effect_calls_a_transfer_back() {
    let refusals = [
        "NotAcceptedError",
        "InvalidFieldsError",
        "DuplicateIdError",
        "InsufficientBalanceError",
        "AccountNotFoundError",
    ];
    let others = ["Error", "TypeError", "BUSY", "TransferNotFoundError"];
    for class in refusals.into_iter().chain(others) {
        let words = format!(r#"{{"id":"{class}","message":"no"}}"#);
        let is_sure = refusals.contains(&class);
        let mut world = World::new();
        world.input(Input::SendTransfer(Box::new(to_red("a", 300))));
        let call = world.said().remove(0);
        world.answered(&call, 422, &words);
        let expected = if is_sure { 0 } else { -300 };
        assert_eq!(world.balance(RED), expected, "{class}");
        world.wait(Millis(10));
        assert_eq!(world.said().is_empty(), is_sure, "{class}");

        // A call of which the answer was lost may still arrive, for a while.
        let mut world = World::new();
        world.input(Input::SendTransfer(Box::new(to_red("a", 300))));
        let call = world.said().remove(0);
        world.lost(&call);
        world.wait(Millis(10));
        let call = world.said().remove(0);
        world.answered(&call, 422, &words);
        assert_eq!(world.balance(RED), -300, "{class}");
        for _ in 0..20 {
            world.wait(Millis(30_000));
            if let Some(call) = world.said().pop() {
                world.answered(&call, 422, &words);
            }
        }
        assert_eq!(world.balance(RED), expected, "{class}");
    }
}

#[test]
fn an_error_of_the_ledger_is_the_callers() {
    let mut world = World::new();
    let late = to_red("a", 1).with_hold(condition(), START);
    let error = world
        .connector
        .handle_input(START, Input::SendTransfer(Box::new(late)))
        .unwrap_err();
    assert_eq!(error.code(), "NotAcceptedError");
    let unknown = Input::RejectTransfer {
        ledger: prefix(RED),
        id: id("nobody"),
        reason: None,
    };
    let error = world.connector.handle_input(START, unknown).unwrap_err();
    assert_eq!(error.code(), "TransferNotFoundError");
    assert!(drain(&mut world.connector).is_empty());
}
