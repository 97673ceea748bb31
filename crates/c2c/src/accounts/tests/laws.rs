//! What holds whatever happens.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Open(u8, u64),
    Prepare(Transfer),
    Deliver(Transfer, u8),
    Fulfill(u8, bool),
    Reject(u8),
    Invoice(u8, u64),
    Wait(u64),
}

fn name(number: u8) -> &'static str {
    ["alice", "bob", "carl", "connector"][usize::from(number) % 4]
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn secret(number: u8) -> Fulfillment {
    Fulfillment::from_bytes([number; 32])
}

fn any_transfer() -> impl Strategy<Value = Transfer> {
    let parts = (0u8..6, 0u8..4, 0u8..4, 1u64..60, 1u64..60);
    parts.prop_map(|(id, from, to, amount, expiry)| {
        let id_text = format!("t{id}").parse().unwrap();
        let (from, to) = (address(name(from)), address(name(to)));
        Transfer::new(id_text, green(), from, to, Amount::new(amount))
            .with_hold(secret(id).condition(), at(expiry))
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0u8..4, 0u64..100).prop_map(|(n, balance)| Step::Open(n, balance)),
        5 => any_transfer().prop_map(Step::Prepare),
        3 => (any_transfer(), 0u8..6).prop_map(|(t, n)| Step::Deliver(t, n)),
        3 => (0u8..6, prop::bool::weighted(0.8)).prop_map(|(n, right)| Step::Fulfill(n, right)),
        2 => (0u8..6).prop_map(Step::Reject),
        2 => (0u8..6, 1u64..60).prop_map(|(n, amount)| Step::Invoice(n, amount)),
        2 => (0u64..15).prop_map(Step::Wait),
    ]
}

fn play(ledger: &mut AccountLedger, now: u64, step: Step) -> Outcome {
    let now = at(now);
    match step {
        Step::Open(n, balance) => ledger.open(now, name(n).parse().unwrap(), balance, 0),
        Step::Prepare(transfer) => ledger.prepare(now, transfer),
        Step::Deliver(transfer, n) => {
            let found = ledger.invoices().nth(usize::from(n));
            let found = found.map(|invoice| invoice.address.clone());
            let to = found.unwrap_or_else(|| transfer.to.clone());
            ledger.deliver(now, transfer, &to)
        }
        Step::Fulfill(n, right) => {
            let by = secret(if right { n } else { 99 });
            ledger.fulfill(now, &format!("t{n}").parse().unwrap(), &by)
        }
        Step::Reject(n) => ledger.reject(now, &format!("t{n}").parse().unwrap(), None),
        Step::Invoice(n, amount) => {
            let account = name(n % 3).parse().unwrap();
            ledger.invoice(
                now,
                account,
                Amount::new(amount),
                secret(n),
                now + Millis(20),
            )
        }
        Step::Wait(_) => ledger.expire(now),
    }
}

fn on_hold(ledger: &AccountLedger) -> i128 {
    let held = ledger.records().filter(|record| !record.state.is_final());
    held.map(|record| i128::from(record.transfer.amount.units()))
        .sum()
}

proptest! {
    #[test]
    fn money_is_conserved_and_nobody_falls_below_the_minimum(
        steps in prop::collection::vec(any_step(), 1..80),
    ) {
        let mut ledger = AccountLedger::new(green(), &address("connector")).unwrap();
        let mut now = 0;
        let mut stored = ledger.clone();
        let mut ended = BTreeMap::new();
        for step in steps {
            if let Step::Wait(ms) = step {
                now += ms;
            }
            let outcome = play(&mut ledger, now, step);
            let sum: i128 = ledger.accounts().map(|account| account.balance).sum();
            prop_assert_eq!(sum + on_hold(&ledger), 0);
            for account in ledger.accounts() {
                prop_assert!(account.minimum.is_none_or(|least| account.balance >= least));
                prop_assert_eq!(account.minimum.is_none(), account.name == *ledger.own());
            }
            // What is resolved stays so.
            for (id, state) in &ended {
                prop_assert_eq!(&ledger.record(id).unwrap().state, state);
            }
            for record in ledger.records().filter(|record| record.state.is_final()) {
                ended.insert(record.transfer.id.clone(), record.state.clone());
            }
            // The entries alone make the same ledger, and what is due is on hold.
            for entry in outcome.entries {
                prop_assert_eq!(entry.sequence, stored.sequence() + 1);
                stored = stored.with_state(
                    entry.sequence,
                    entry.accounts,
                    entry.record,
                    entry.invoice,
                );
            }
            prop_assert!(stored.accounts().eq(ledger.accounts()));
            prop_assert!(stored.records().eq(ledger.records()));
            prop_assert_eq!(stored.next_expiry(), ledger.next_expiry());
            let open = ledger.records().filter(|record| !record.state.is_final()).count();
            prop_assert_eq!(ledger.due.len(), open);
            prop_assert!(ledger.next_expiry().is_none_or(|next| next > at(now)));
        }
    }
}
