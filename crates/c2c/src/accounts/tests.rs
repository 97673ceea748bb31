mod laws;

use super::*;
use crate::amount::Amount;
use crate::ledger::{Fulfillment, State, Transfer};
use crate::packet::ErrorCode;

const NOW: Timestamp = Timestamp::from_millis(1_500_000_000_000);

fn green() -> LedgerPrefix {
    "example.green.".parse().unwrap()
}

fn address(name: &str) -> IlpAddress {
    green().account(name).unwrap()
}

fn preimage() -> Fulfillment {
    Fulfillment::from_bytes([3; 32])
}

/// With alice, who has 100, and bob, who has nothing.
fn ledger() -> AccountLedger {
    let mut ledger = AccountLedger::new(green(), &address("connector")).unwrap();
    for (name, balance) in [("alice", 100), ("bob", 0)] {
        let opened = ledger.open(NOW, name.parse().unwrap(), balance, 0);
        assert_eq!(opened.answer, Ok(Done::Changed));
    }
    ledger
}

fn payment(id: &str, from: &str, to: &str, amount: u64) -> Transfer {
    let id = id.parse().unwrap();
    Transfer::new(id, green(), address(from), address(to), Amount::new(amount))
        .with_hold(preimage().condition(), NOW + Millis(5_000))
}

fn balances(ledger: &AccountLedger) -> [i128; 3] {
    ["alice", "bob", "connector"].map(|name| ledger.balance_of(name).unwrap())
}

/// An invoice of bob over `amount`.
fn invoice(ledger: &mut AccountLedger, amount: u64) -> Invoice {
    let until = NOW + Millis(60_000);
    let made = ledger.invoice(
        NOW,
        "bob".parse().unwrap(),
        Amount::new(amount),
        preimage(),
        until,
    );
    made.answer.unwrap();
    ledger.invoices().next().unwrap().clone()
}

#[test]
fn an_account_is_opened_with_what_our_own_pays() {
    let mut ledger = ledger();
    assert_eq!(balances(&ledger), [100, 0, -100]);
    let again = ledger.open(NOW, "alice".parse().unwrap(), 100, 0);
    assert_eq!((again.answer, again.entries.len()), (Ok(Done::Repeated), 0));
    for (name, balance, minimum, code) in [
        ("alice", 99, 0, "ACCOUNT_EXISTS"),
        ("connector", 1, 0, "ACCOUNT_RESERVED"),
        ("carl", 1, 2, "BELOW_MINIMUM"),
    ] {
        let refused = ledger.open(NOW, name.parse().unwrap(), balance, minimum);
        assert_eq!(refused.answer.unwrap_err().code(), code, "{name}");
        assert!(refused.entries.is_empty());
    }
    let long = "x".repeat(65);
    for name in ["", "al.ice", "al ice", "älice", &long] {
        assert!(name.parse::<AccountName>().is_err(), "{name}");
    }
    assert_eq!(
        AccountName::of(&green(), &green().as_address().clone()),
        None
    );
}

#[test]
fn money_on_hold_comes_back_or_arrives() {
    let mut ledger = ledger();
    let paid = payment("1", "alice", "bob", 60);
    let outcome = ledger.prepare(NOW, paid.clone());
    assert_eq!(outcome.answer, Ok(Done::Changed));
    assert_eq!(balances(&ledger), [40, 0, -100]);
    assert_eq!(ledger.on_hold().get("alice"), Some(&60));
    assert_eq!(ledger.prepare(NOW, paid.clone()).answer, Ok(Done::Repeated));
    let other = payment("1", "alice", "bob", 59);
    let refused = ledger.prepare(NOW, other).answer.unwrap_err();
    assert_eq!(refused.code(), "DUPLICATE_ID");
    // What is on hold cannot be paid twice.
    let refused = ledger.prepare(NOW, payment("2", "alice", "bob", 41));
    assert_eq!(refused.answer.unwrap_err().code(), "INSUFFICIENT_BALANCE");
    ledger
        .prepare(NOW, payment("3", "alice", "bob", 40))
        .answer
        .unwrap();

    let wrong = Fulfillment::from_bytes([4; 32]);
    let refused = ledger.fulfill(NOW, &paid.id, &wrong).answer.unwrap_err();
    assert_eq!(refused.code(), "WRONG_FULFILLMENT");
    for done in [Done::Changed, Done::Repeated] {
        let fulfilled = ledger.fulfill(NOW, &paid.id, &preimage());
        assert_eq!(fulfilled.answer, Ok(done));
    }
    let refused = ledger.reject(NOW, &paid.id, None).answer.unwrap_err();
    assert_eq!(refused.code(), "ALREADY_EXECUTED");
    assert_eq!(balances(&ledger), [0, 60, -100]);

    for done in [Done::Changed, Done::Repeated] {
        let rejected = ledger.reject(NOW, &"3".parse().unwrap(), None);
        assert_eq!(rejected.answer, Ok(done));
    }
    assert_eq!(balances(&ledger), [40, 60, -100]);
    let refused = ledger.fulfill(NOW, &"3".parse().unwrap(), &preimage());
    assert_eq!(refused.answer.unwrap_err().code(), "ALREADY_ROLLED_BACK");
}

#[test]
fn what_runs_out_comes_back_before_anything_else_happens() {
    let mut ledger = ledger();
    let paid = payment("1", "alice", "bob", 60);
    ledger.prepare(NOW, paid.clone()).answer.unwrap();
    assert_eq!(ledger.next_expiry(), Some(NOW + Millis(5_000)));
    let late = ledger.fulfill(NOW + Millis(5_000), &paid.id, &preimage());
    assert_eq!(late.entries.len(), 1);
    assert_eq!(late.answer.unwrap_err().code(), "ALREADY_ROLLED_BACK");
    assert_eq!(ledger.record(&paid.id).unwrap().state, State::Expired);
    assert_eq!(balances(&ledger), [100, 0, -100]);
    assert_eq!(ledger.next_expiry(), None);
    // And is not prepared again, for time does not run backwards.
    let refused = ledger.prepare(NOW, payment("2", "alice", "bob", 1));
    assert_eq!(refused.answer.unwrap_err().code(), "TOO_LATE");
}

#[test]
fn a_minimum_below_zero_is_a_credit() {
    let mut ledger = ledger();
    ledger
        .open(NOW, "carl".parse().unwrap(), 0, -10)
        .answer
        .unwrap();
    let refused = ledger.prepare(NOW, payment("1", "carl", "bob", 11));
    assert!(refused.answer.is_err());
    let taken = ledger.prepare(NOW, payment("1", "carl", "bob", 10));
    assert_eq!(taken.answer, Ok(Done::Changed));
    assert_eq!(ledger.balance_of("carl"), Some(-10));
}

#[test]
fn an_invoice_is_paid_once_by_its_own_condition_with_at_least_its_amount() {
    let mut ledger = ledger();
    let invoice = invoice(&mut ledger, 50);
    let at = invoice.address.clone();
    assert!(at.is_under("example.green.bob"), "{at}");
    let deliver = |ledger: &mut AccountLedger, now, transfer: Transfer, to: &IlpAddress| {
        ledger.deliver(now, transfer, to).answer
    };
    let refused = |ledger: &mut AccountLedger, now, transfer, to: &IlpAddress| {
        deliver(ledger, now, transfer, to).unwrap_err().ilp_code()
    };
    let pays = |id: &str, amount| payment(id, "connector", "bob", amount);
    let ledger = &mut ledger;
    let nobody = payment("1", "connector", "carl", 50);
    assert_eq!(
        refused(ledger, NOW, nobody, &address("carl.x")),
        ErrorCode::F02
    );
    assert_eq!(
        refused(ledger, NOW, pays("1", 50), &address("bob")),
        ErrorCode::F06
    );
    assert_eq!(refused(ledger, NOW, pays("1", 49), &at), ErrorCode::F04);
    let mine = payment("1", "connector", "connector", 50);
    assert_eq!(
        refused(ledger, NOW, mine, &address("connector.x")),
        ErrorCode::F06
    );
    let elsewhere = payment("1", "connector", "alice", 50);
    assert_eq!(refused(ledger, NOW, elsewhere, &at), ErrorCode::F06);
    let other = Fulfillment::from_bytes([4; 32]).condition();
    let wrong = pays("1", 50).with_hold(other, NOW + Millis(5_000));
    assert_eq!(refused(ledger, NOW, wrong, &at), ErrorCode::F05);
    assert_eq!(balances(ledger), [100, 0, -100]);

    let mut late = ledger.clone();
    let end = NOW + Millis(60_000);
    assert_eq!(refused(&mut late, end, pays("1", 50), &at), ErrorCode::F07);
    late.expire(end + KEPT_AFTER).answer.unwrap();
    assert_eq!(late.invoices().count(), 0);

    // More than asked for is taken.
    assert_eq!(deliver(ledger, NOW, pays("1", 51), &at), Ok(Done::Changed));
    let executed = ledger.record(&"1".parse().unwrap()).unwrap();
    let by = State::Executed {
        fulfillment: Some(preimage()),
    };
    assert_eq!(executed.state, by);
    assert_eq!(balances(ledger), [100, 51, -151]);
    assert_eq!(deliver(ledger, NOW, pays("1", 51), &at), Ok(Done::Repeated));
    assert_eq!(refused(ledger, NOW, pays("2", 51), &at), ErrorCode::F06);
    assert_eq!(ledger.invoice_at(at.as_str()).unwrap().state(NOW), "paid");
    assert_eq!(balances(ledger), [100, 51, -151]);
}

#[test]
fn nobody_pays_himself() {
    let mut ledger = ledger();
    let invoice = invoice(&mut ledger, 1);
    let own = payment("1", "bob", "bob", 1);
    for outcome in [
        ledger.prepare(NOW, own.clone()),
        ledger.deliver(NOW, own, &invoice.address),
    ] {
        assert_eq!(outcome.answer, Err(AccountError::SameAccount));
    }
    assert_eq!(balances(&ledger), [100, 0, -100]);
}

#[test]
fn what_needs_no_fulfillment_is_delivered_to_any_account() {
    let mut ledger = ledger();
    let mut plain = payment("1", "connector", "bob", 5);
    plain.hold = None;
    let done = ledger.deliver(NOW, plain, &address("bob")).answer;
    assert_eq!(done, Ok(Done::Changed));
    assert_eq!(balances(&ledger), [100, 5, -105]);
}

#[test]
fn an_invoice_shows_no_preimage() {
    let mut ledger = ledger();
    let invoice = invoice(&mut ledger, 50);
    let shown = format!("{invoice:?} {ledger:?}");
    assert!(!shown.contains(&preimage().to_string()), "{shown}");
}
