mod laws;
mod twin;

use twin::{Kept, Stands, Twin};

use super::*;
use crate::timestamp::Millis;

const NOW: Timestamp = Timestamp::from_millis(1_500_000_000_000);

/// One side, `us` or `them`.
fn side(me: &str, other: &str, limit: u64) -> PeerLedger {
    let prefix = LedgerPrefix::new("peer.abcde.usd.9.").unwrap();
    let (me, other) = (prefix.account(me).unwrap(), prefix.account(other).unwrap());
    PeerLedger::new(me, other, prefix, Amount::new(limit))
}

fn ours(limit: u64) -> PeerLedger {
    side("us", "them", limit)
}

fn id(text: &str) -> TransferId {
    text.parse().unwrap()
}

fn fulfillment() -> Fulfillment {
    Fulfillment::from_bytes([7; 32])
}

fn transfer(name: &str, from: &str, to: &str, amount: u64) -> Transfer {
    let prefix = LedgerPrefix::new("peer.abcde.usd.9.").unwrap();
    let (from, to) = (prefix.account(from).unwrap(), prefix.account(to).unwrap());
    Transfer::new(id(name), prefix, from, to, Amount::new(amount))
}

/// On hold for five seconds.
fn held(name: &str, from: &str, to: &str, amount: u64) -> Transfer {
    transfer(name, from, to, amount).with_hold(fulfillment().condition(), NOW + Millis(5_000))
}

fn refused(outcome: &Outcome) -> &'static str {
    outcome.answer.as_ref().unwrap_err().name()
}

#[test]
fn money_is_counted_by_the_receiver_at_once_and_by_the_sender_when_it_is_fulfilled() {
    let (mut us, mut them) = (ours(1000), side("them", "us", 1000));
    let payment = held("a", "them", "us", 400);
    assert_eq!(them.send(NOW, payment.clone()).answer, Ok(Done::Changed));
    assert_eq!(us.receive(NOW, payment).answer, Ok(Done::Changed));
    assert_eq!((us.balance(), them.balance()), (400, 0));
    assert_eq!(
        us.fulfill(NOW, &id("a"), &fulfillment()).entries[0].moved,
        0
    );
    assert_eq!(us.to_tell().count(), 1);
    let executed = them.fulfilled(NOW, &id("a"), &fulfillment());
    assert_eq!(
        (executed.entries[0].moved, executed.entries[0].balance),
        (-400, -400)
    );
    assert_eq!((us.balance(), them.balance()), (400, -400));
    assert_eq!(us.acknowledged(NOW, &id("a")).answer, Ok(Done::Changed));
    assert_eq!((us.to_tell().count(), them.to_tell().count()), (0, 0));
}

#[test]
fn a_refused_transfer_changes_nothing() {
    let mut us = ours(100);
    assert!(
        us.receive(NOW, transfer("a", "them", "us", 100))
            .answer
            .is_ok()
    );
    let before = us.clone();
    let outcome = us.receive(NOW, transfer("b", "them", "us", 1));
    assert_eq!(
        outcome.answer.as_ref().unwrap_err().to_string(),
        "adding amount (1) to balance (100) exceeds maximum (100). Settle first, or ask for a higher limit."
    );
    for (name, outcome) in [
        ("NotAcceptedError", outcome),
        (
            "InvalidFieldsError",
            us.receive(NOW, transfer("b", "us", "them", 1)),
        ),
        (
            "InvalidFieldsError",
            us.receive(NOW, transfer("b", "them", "us", 0)),
        ),
        (
            "InvalidFieldsError",
            us.send(NOW, transfer("b", "them", "us", 1)),
        ),
        (
            "DuplicateIdError",
            us.receive(NOW, transfer("a", "them", "us", 99)),
        ),
        (
            "DuplicateIdError",
            us.send(NOW, transfer("a", "us", "them", 100)),
        ),
        (
            "TransferNotFoundError",
            us.fulfilled(NOW, &id("b"), &fulfillment()),
        ),
        (
            "TransferNotConditionalError",
            us.fulfill(NOW, &id("a"), &fulfillment()),
        ),
        (
            "TransferNotConditionalError",
            us.reject(NOW, &id("a"), None),
        ),
        (
            "TransferNotConditionalError",
            us.told_expired(NOW, &id("a")),
        ),
        ("NotAcceptedError", us.cancel(NOW, &id("a"))),
    ] {
        assert_eq!((refused(&outcome), outcome.entries.len()), (name, 0));
    }
    us.latest = before.latest;
    assert_eq!(us, before);
}

#[test]
fn at_its_instant_a_transfer_has_run_out() {
    let mut us = ours(1000);
    assert!(us.receive(NOW, held("a", "them", "us", 5)).answer.is_ok());
    assert!(us.receive(NOW, held("b", "them", "us", 6)).answer.is_ok());
    let expiry = us.next_expiry().unwrap();
    assert_eq!(expiry, NOW + Millis(5_000));
    let early = us.told_expired(expiry - Millis(1), &id("b"));
    assert_eq!((refused(&early), early.entries.len()), ("Error", 0));
    assert!(
        us.fulfill(expiry - Millis(1), &id("a"), &fulfillment())
            .answer
            .is_ok()
    );
    // The refusal comes with what ran out first.
    let late = us.fulfill(expiry, &id("b"), &fulfillment());
    assert_eq!(refused(&late), "AlreadyRolledBackError");
    assert_eq!(
        (late.entries[0].moved, &late.entries[0].record.state),
        (-6, &State::Expired)
    );
    assert_eq!((us.balance(), us.next_expiry()), (5, None));
    assert_eq!(us.told_expired(expiry, &id("b")).answer, Ok(Done::Repeated));
    assert_eq!(
        refused(&us.told_expired(expiry, &id("a"))),
        "AlreadyFulfilledError"
    );
    assert_eq!(
        refused(&us.receive(expiry, held("c", "them", "us", 1))),
        "NotAcceptedError"
    );
    // Time does not run backwards.
    assert_eq!(
        refused(&us.receive(NOW, held("c", "them", "us", 1))),
        "NotAcceptedError"
    );
}

#[test]
fn what_is_resolved_stays_so() {
    let mut us = ours(1000);
    for name in ["executed", "rejected"] {
        assert!(us.receive(NOW, held(name, "them", "us", 5)).answer.is_ok());
    }
    assert!(
        us.fulfill(NOW, &id("executed"), &fulfillment())
            .answer
            .is_ok()
    );
    let reason = Json::try_from("{\"code\":\"F02\"}".to_owned()).unwrap();
    let rejected = us.reject(NOW, &id("rejected"), Some(reason));
    assert_eq!(rejected.entries[0].moved, -5);
    for outcome in [
        us.fulfill(NOW, &id("executed"), &fulfillment()),
        us.reject(NOW, &id("rejected"), None),
        us.receive(NOW, held("executed", "them", "us", 5)),
        us.receive(NOW, held("rejected", "them", "us", 5)),
    ] {
        assert_eq!(
            (outcome.answer, outcome.entries.len()),
            (Ok(Done::Repeated), 0)
        );
    }
    assert_eq!(
        refused(&us.reject(NOW, &id("executed"), None)),
        "AlreadyFulfilledError"
    );
    assert_eq!(
        refused(&us.fulfill(NOW, &id("rejected"), &fulfillment())),
        "AlreadyRolledBackError"
    );
    assert_eq!(us.balance(), 5);
}

#[test]
fn only_the_receiver_resolves_and_only_with_the_right_fulfillment() {
    let mut us = ours(1000);
    assert!(us.receive(NOW, held("in", "them", "us", 5)).answer.is_ok());
    assert!(us.send(NOW, held("out", "us", "them", 5)).answer.is_ok());
    let wrong = Fulfillment::from_bytes([8; 32]);
    for outcome in [
        us.fulfilled(NOW, &id("in"), &fulfillment()),
        us.rejected(NOW, &id("in"), None),
        us.fulfill(NOW, &id("out"), &fulfillment()),
        us.reject(NOW, &id("out"), None),
        us.fulfilled(NOW, &id("out"), &wrong),
        us.fulfill(NOW, &id("in"), &wrong),
    ] {
        assert_eq!(refused(&outcome), "NotAcceptedError");
    }
    assert_eq!(us.on_hold_both_ways(), (5, 5));
}

#[test]
fn what_goes_out_keeps_within_what_the_peer_grants() {
    let mut us = ours(100);
    us.set_peer_limit(Amount::new(60));
    assert!(us.receive(NOW, held("in", "them", "us", 40)).answer.is_ok());
    // What may still run out cannot be spent.
    assert_eq!(us.room_to_pay(), Some(Amount::new(60)));
    assert!(us.send(NOW, held("a", "us", "them", 50)).answer.is_ok());
    assert_eq!(
        refused(&us.send(NOW, transfer("b", "us", "them", 11))),
        "InsufficientBalanceError"
    );
    assert!(us.fulfill(NOW, &id("in"), &fulfillment()).answer.is_ok());
    assert!(us.send(NOW, transfer("b", "us", "them", 50)).answer.is_ok());
    assert_eq!((us.balance(), us.room_to_pay()), (-10, Some(Amount::ZERO)));
}

#[test]
fn what_the_peer_refused_is_put_back_and_what_it_took_is_not() {
    let mut us = ours(0);
    assert!(us.send(NOW, transfer("a", "us", "them", 5)).answer.is_ok());
    assert!(us.send(NOW, transfer("b", "us", "them", 6)).answer.is_ok());
    assert!(us.acknowledged(NOW, &id("b")).answer.is_ok());
    assert_eq!(us.cancel(NOW, &id("a")).entries[0].moved, 5);
    assert_eq!(us.cancel(NOW, &id("a")).answer, Ok(Done::Repeated));
    assert_eq!(refused(&us.cancel(NOW, &id("b"))), "NotAcceptedError");
    assert_eq!(us.balance(), -6);
}

#[test]
fn a_lowered_limit_refuses_until_the_balance_has_come_down() {
    let mut us = ours(50).with_balance(40);
    us.set_limit(Amount::new(10));
    assert_eq!(us.room_to_receive(), Amount::ZERO);
    assert_eq!(
        refused(&us.receive(NOW, transfer("a", "them", "us", 1))),
        "NotAcceptedError"
    );
    us.set_peer_limit(Amount::new(60));
    assert_eq!(us.room_to_pay(), Some(Amount::new(100)));
    let mut rich = ours(u64::MAX).with_balance(-i128::from(u64::MAX));
    assert_eq!(rich.room_to_receive(), Amount::MAX);
    rich.set_peer_limit(Amount::new(7));
    assert_eq!(rich.room_to_pay(), Some(Amount::ZERO));
}

#[test]
fn memory_is_bounded_and_nothing_comes_back_from_it() {
    let bounds = Bounds {
        held: 3,
        bytes: 100,
        resolved: 2,
    };
    let mut us = ours(1000).with_bounds(bounds);
    for name in ["a", "b", "c"] {
        assert!(us.receive(NOW, held(name, "them", "us", 5)).answer.is_ok());
        // Resolved it may still not be forgotten, for it could come again.
        assert!(us.reject(NOW, &id(name), None).answer.is_ok());
    }
    assert_eq!(
        refused(&us.receive(NOW, held("d", "them", "us", 5))),
        "NotAcceptedError"
    );
    let later = NOW + Millis(5_000);
    assert!(us.expire(later).entries.is_empty());
    assert_eq!(us.transfers().count(), 2);
    assert_eq!(
        refused(&us.receive(later, held("a", "them", "us", 5))),
        "NotAcceptedError"
    );

    // One without a condition looks like a new one, so the store is asked.
    let first = transfer("e", "them", "us", 5);
    let stored = us.receive(later, first.clone()).entries.remove(0).record;
    for name in ["f", "g"] {
        assert!(
            us.receive(later, transfer(name, "them", "us", 5))
                .answer
                .is_ok()
        );
    }
    assert!(us.transfer(&id("e")).is_none());
    assert!(us.may_have_forgotten(later, &first));
    us.recall(stored);
    assert_eq!(us.receive(later, first).answer, Ok(Done::Repeated));
    assert_eq!(us.balance(), 15);

    let large = transfer("h", "them", "us", 1).with_ilp(vec![0; 101]);
    assert_eq!(refused(&us.receive(later, large)), "NotAcceptedError");
}

#[test]
fn entries_are_stored_and_read_without_loss() {
    let mut us = ours(1000);
    let mut payment = held("a", "them", "us", 5).with_ilp(vec![1, 2, 255]);
    payment.data = Some(Json::try_from("{\"b\":1}".to_owned()).unwrap());
    let mut entries = us.receive(NOW, payment).entries;
    let reason = Json::try_from("[1.50,\"x\"]".to_owned()).unwrap();
    entries.extend(us.reject(NOW, &id("a"), Some(reason)).entries);
    for entry in entries {
        let stored = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            serde_json::from_str::<Entry>(&stored).unwrap(),
            entry,
            "{stored}"
        );
    }
}
