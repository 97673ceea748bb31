//! The two sides of a ledger compared.

use super::*;
use crate::snapshot::{DoubtKind, ReconciliationView};

/// Asks red for its balance, and what comes of it.
fn compare(world: &mut World, theirs: i128) -> ReconciliationView {
    world.input(Input::AskBalance(prefix(RED)));
    let at = world
        .calls
        .iter()
        .position(|call| call.method == Method::GetBalance)
        .unwrap();
    let call = world.calls.remove(at);
    world.answered(&call, 200, &format!("\"{theirs}\""));
    world.connector.reconciliation(&prefix(RED)).unwrap()
}

fn named(view: &ReconciliationView) -> Vec<(&str, DoubtKind)> {
    let one = |it: &'_ crate::snapshot::DoubtView| it.kind;
    view.transfers
        .iter()
        .map(|it| (it.id.as_str(), one(it)))
        .collect()
}

/// Red pays us `amount`, which we execute.
fn taken(world: &mut World, name: &str, amount: u64) {
    let account = format!("{RED}us");
    assert!(is_true(&world.red_pays(name, amount, &account, amount)));
    world.input(Input::FulfillTransfer {
        ledger: prefix(RED),
        id: id(name),
        fulfillment: fulfillment(),
    });
}

#[test]
fn what_is_on_hold_is_counted_by_its_receiver_alone() {
    let mut world = World::new();
    let before = world.connector.reconciliation(&prefix(RED)).unwrap();
    assert!(!before.ok && before.peer_balance.is_none());
    let account = format!("{RED}us");
    assert!(is_true(&world.red_pays("in", 400, &account, 400)));
    let out = to_red("out", 300).with_hold(condition(), START + HOLD);
    world.input(Input::SendTransfer(Box::new(out)));
    let call = world.said().remove(0);
    // It has not come yet: then red does not count it.
    let early = compare(&mut world, 0);
    assert_eq!(early.difference.unwrap().0, -300);
    assert_eq!(named(&early), [("out", DoubtKind::UnderWay)]);
    world.answered(&call, 200, "true");
    let view = compare(&mut world, 300);
    assert!(view.ok && view.still, "{view:?}");
    assert_eq!((view.balance.0, view.on_hold_incoming.0), (400, 400));
    assert_eq!(view.on_hold_outgoing.0, 300);
    assert!(view.transfers.is_empty());
    assert_eq!(world.connector.reconciliation(&prefix("peer.x.")), None);
}

#[test]
fn what_the_peer_contradicts_is_named_and_explains_the_difference() {
    let mut world = World::new();
    taken(&mut world, "a", 400);
    let call = world.said().remove(0);
    let words = r#"{"id":"AlreadyRolledBackError","message":"too late"}"#;
    world.answered(&call, 422, words);
    let view = compare(&mut world, 0);
    assert_eq!(named(&view), [("a", DoubtKind::Contradicted)]);
    assert_eq!(view.difference.unwrap().0, 400);
    assert_eq!(view.unexplained.unwrap().0, 0);
    // Red pays it after all.
    let view = compare(&mut world, -400);
    assert!(view.ok, "{view:?}");
    assert_eq!(named(&view), [("a", DoubtKind::Contradicted)]);

    // What red executed when it had run out here.
    let mut world = World::new();
    let out = to_red("out", 300).with_hold(condition(), START + HOLD);
    world.input(Input::SendTransfer(Box::new(out)));
    world.said();
    world.wait(HOLD);
    let body = crate::rpc::fulfill_condition::body(&id("out"), &fulfillment());
    assert_eq!(world.called(RED, Method::FulfillCondition, body).0, 422);
    let view = compare(&mut world, 300);
    assert_eq!(named(&view), [("out", DoubtKind::Contradicted)]);
    assert_eq!(view.unexplained.unwrap().0, 0);
}

#[test]
fn what_is_unclear_is_named_only_where_it_explains_something() {
    let mut world = World::new();
    for (name, amount) in [("a", 400), ("b", 70)] {
        taken(&mut world, name, amount);
        let call = world.said().remove(0);
        world.lost(&call);
        world.wait(Millis(10));
        let call = world.said().remove(0);
        let words = r#"{"id":"TransferNotFoundError","message":"no such"}"#;
        world.answered(&call, 200, words);
    }
    let view = compare(&mut world, -470);
    assert!(view.ok && view.transfers.is_empty(), "{view:?}");
    let view = compare(&mut world, -400);
    assert_eq!(named(&view), [("b", DoubtKind::Unclear)]);
    assert_eq!(view.unexplained.unwrap().0, 0);
    let view = compare(&mut world, 0);
    assert_eq!(view.transfers.len(), 2);
    assert_eq!(view.unexplained.unwrap().0, 0);
    let view = compare(&mut world, -300);
    assert_eq!(view.transfers.len(), 2);
    assert_eq!(view.unexplained.unwrap().0, 170);
}

#[test]
fn a_transfer_of_just_the_missing_amount_is_suspected() {
    let mut world = World::new();
    for (name, amount) in [("a", 400), ("b", 70)] {
        taken(&mut world, name, amount);
        let call = world.said().remove(0);
        world.answered(&call, 200, "true");
    }
    let view = compare(&mut world, -400);
    assert_eq!(named(&view), [("b", DoubtKind::Suspected)]);
    assert_eq!(view.unexplained.unwrap().0, 70);
    // No answer, and no number.
    world.input(Input::AskBalance(prefix(RED)));
    let call = world.calls.pop().unwrap();
    world.answered(&call, 200, "\"many\"");
    let view = world.connector.reconciliation(&prefix(RED)).unwrap();
    assert!(view.peer_balance.is_none() && view.hint.is_some());
}
