//! What holds whatever happens.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Receive(Transfer),
    Send(Transfer),
    Fulfilled(u8, bool),
    Rejected(u8),
    ToldExpired(u8),
    Fulfill(u8, bool),
    Reject(u8),
    Cancel(u8),
    Acknowledged(u8),
    Wait(u64),
    Limit(u64),
    PeerLimit(u64),
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn name(number: u8) -> String {
    format!("t{number}")
}

fn preimage(number: u8, right: bool) -> Fulfillment {
    Fulfillment::from_bytes([if right { number } else { 200 }; 32])
}

fn any_transfer(from: &'static str, to: &'static str) -> impl Strategy<Value = Transfer> {
    (0u8..6, 1u64..40, prop::option::weighted(0.7, 1u64..60)).prop_map(
        move |(number, amount, expiry)| {
            let plain = transfer(&name(number), from, to, amount);
            match expiry {
                Some(expiry) => plain.with_hold(preimage(number, true).condition(), at(expiry)),
                None => plain,
            }
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let number = 0u8..6;
    prop_oneof![
        4 => any_transfer("them", "us").prop_map(Step::Receive),
        4 => any_transfer("us", "them").prop_map(Step::Send),
        3 => (number.clone(), prop::bool::weighted(0.8)).prop_map(|(n, right)| Step::Fulfilled(n, right)),
        3 => (number.clone(), prop::bool::weighted(0.8)).prop_map(|(n, right)| Step::Fulfill(n, right)),
        2 => number.clone().prop_map(Step::Rejected),
        2 => number.clone().prop_map(Step::Reject),
        1 => number.clone().prop_map(Step::ToldExpired),
        1 => number.clone().prop_map(Step::Cancel),
        1 => number.prop_map(Step::Acknowledged),
        2 => (0u64..15).prop_map(Step::Wait),
        1 => (0u64..80).prop_map(Step::Limit),
        1 => (0u64..80).prop_map(Step::PeerLimit),
    ]
}

/// Does the same with both, and hands out what the ledger answered.
fn play(
    ledger: &mut PeerLedger,
    twin: &mut Twin,
    step: &Step,
) -> (Outcome, Result<Done, &'static str>) {
    let waited = if let Step::Wait(ms) = step { *ms } else { 0 };
    twin.at(twin.now + waited);
    let now = at(twin.now);
    let (inward, outward) = (Direction::Incoming, Direction::Outgoing);
    match step {
        Step::Receive(t) => (ledger.receive(now, t.clone()), twin.begin(t, inward)),
        Step::Send(t) => (ledger.send(now, t.clone()), twin.begin(t, outward)),
        Step::Fulfilled(n, right) => (
            ledger.fulfilled(now, &id(&name(*n)), &preimage(*n, *right)),
            twin.resolve(&name(*n), outward, Some(*right)),
        ),
        Step::Fulfill(n, right) => (
            ledger.fulfill(now, &id(&name(*n)), &preimage(*n, *right)),
            twin.resolve(&name(*n), inward, Some(*right)),
        ),
        Step::Rejected(n) => (
            ledger.rejected(now, &id(&name(*n)), None),
            twin.resolve(&name(*n), outward, None),
        ),
        Step::Reject(n) => (
            ledger.reject(now, &id(&name(*n)), None),
            twin.resolve(&name(*n), inward, None),
        ),
        Step::ToldExpired(n) => (
            ledger.told_expired(now, &id(&name(*n))),
            twin.told_expired(&name(*n)),
        ),
        Step::Cancel(n) => (ledger.cancel(now, &id(&name(*n))), twin.cancel(&name(*n))),
        Step::Acknowledged(n) => (
            ledger.acknowledged(now, &id(&name(*n))),
            twin.acknowledged(&name(*n)),
        ),
        Step::Wait(_) | Step::Limit(_) | Step::PeerLimit(_) => {
            if let Step::Limit(limit) = step {
                ledger.set_limit(Amount::new(*limit));
                twin.limit = i128::from(*limit);
            }
            if let Step::PeerLimit(limit) = step {
                ledger.set_peer_limit(Amount::new(*limit));
                twin.peer_limit = Some(i128::from(*limit));
            }
            let outcome = ledger.expire(now);
            let done = if outcome.entries.is_empty() {
                Done::Repeated
            } else {
                Done::Changed
            };
            (outcome, Ok(done))
        }
    }
}

fn same(record: &Record, kept: &Kept) -> bool {
    let stands = match record.state {
        State::Prepared => Stands::Prepared,
        State::Executed { .. } => Stands::Executed,
        State::Rejected { .. } => Stands::Rejected,
        State::Cancelled => Stands::Cancelled,
        State::Expired => Stands::Expired,
    };
    record.transfer == kept.transfer
        && record.direction == kept.direction
        && record.to_tell == kept.to_tell
        && stands == kept.stands
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Answers, balance and transfers are the twin's; entries tell all that changed; limits hold.
    #[test]
    fn prop_the_ledger_is_its_slow_twin(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut ledger = ours(50);
        let mut twin = Twin { limit: 50, peer_limit: None, now: 0, all: Vec::new() };
        let mut replayed = ours(50);
        for step in &steps {
            let before = ledger.balance();
            let (outcome, expected) = play(&mut ledger, &mut twin, step);
            let answer = outcome.answer.as_ref().map_err(LedgerError::name).copied();
            prop_assert_eq!(answer, expected, "{:?}", step);
            prop_assert_eq!(ledger.balance(), twin.balance(), "{:?}", step);
            prop_assert_eq!(ledger.transfers().count(), twin.all.len());
            for kept in &twin.all {
                let record = ledger.transfer(&kept.transfer.id).unwrap();
                prop_assert!(same(record, kept), "{:?} after {:?}", record, step);
            }
            let moved: i128 = outcome.entries.iter().map(|entry| entry.moved).sum();
            prop_assert_eq!(before + moved, ledger.balance());
            for entry in &outcome.entries {
                prop_assert_eq!(replayed.replay(entry), Ok(()));
            }
            prop_assert_eq!(replayed.balance(), ledger.balance());
            prop_assert!(replayed.transfers().eq(ledger.transfers()));
            prop_assert_eq!(replayed.next_expiry(), ledger.next_expiry());
            prop_assert_eq!(replayed.on_hold_both_ways(), ledger.on_hold_both_ways());
            match (step, answer) {
                (Step::Receive(_), Ok(Done::Changed)) => {
                    prop_assert!(ledger.balance() <= i128::from(ledger.limit().units()));
                }
                (Step::Send(_), Ok(Done::Changed)) if ledger.peer_limit().is_some() => {
                    let (held_in, held_out) = ledger.on_hold_both_ways();
                    let limit = i128::from(ledger.peer_limit().unwrap().units());
                    prop_assert!(ledger.balance() - held_in - held_out >= -limit);
                }
                (_, Ok(Done::Repeated)) | (_, Err(_)) => {
                    let ran_out = |entry: &Entry| entry.record.state == State::Expired;
                    prop_assert!(outcome.entries.iter().all(ran_out));
                }
                _ => {}
            }
        }
        let restored = ours(50).with_state(
            ledger.balance(),
            ledger.sequence(),
            ledger.transfers().cloned(),
        );
        prop_assert_eq!(restored.on_hold_both_ways(), ledger.on_hold_both_ways());
        prop_assert_eq!(restored.next_expiry(), ledger.next_expiry());
        prop_assert!(restored.to_tell().eq(ledger.to_tell()));
    }

    /// To do anything a second time does nothing.
    #[test]
    fn prop_nothing_is_applied_twice(steps in prop::collection::vec(any_step(), 1..40)) {
        let (mut once, mut twice) = (ours(50), ours(50));
        let twin = || Twin { limit: 50, peer_limit: None, now: 0, all: Vec::new() };
        let (mut first, mut second) = (twin(), twin());
        for step in &steps {
            let (outcome, _) = play(&mut once, &mut first, step);
            let (again, _) = play(&mut twice, &mut second, step);
            prop_assert_eq!(&again, &outcome);
            if !matches!(step, Step::Wait(_)) {
                let (repeat, _) = play(&mut twice, &mut second, step);
                prop_assert!(repeat.entries.is_empty());
                if outcome.answer.is_ok() {
                    prop_assert_eq!(repeat.answer, Ok(Done::Repeated));
                }
            }
        }
        prop_assert_eq!(once, twice);
    }

    /// Two sides, a wire that loses questions and answers and repeats, and calls made again until they are
    /// answered: the two balances are opposite in the end, and every transfer stands the same on both.
    #[test]
    fn prop_money_is_conserved(
        steps in prop::collection::vec((any::<bool>(), any_step(), 0u8..4), 1..50),
    ) {
        let mut sides = [ours(60), side("them", "us", 45)];
        sides[0].set_peer_limit(Amount::new(45));
        let mut now = 0;
        for (mine, step, luck) in steps {
            let me = usize::from(mine);
            match step {
                Step::Send(t) | Step::Receive(t) => {
                    let (from, to) = (sides[me].account().clone(), sides[me].peer_account().clone());
                    let t = Transfer { id: id(&format!("{me}{}", t.id)), from, to, ..t };
                    let _refused_or_sent = sides[me].send(at(now), t);
                }
                Step::Fulfill(n, right) | Step::Fulfilled(n, right) => {
                    let theirs = id(&format!("{}t{n}", 1 - me));
                    let _refused_or_done = sides[me].fulfill(at(now), &theirs, &preimage(n, right));
                }
                Step::Reject(n) | Step::Rejected(n) => {
                    let _refused_or_done = sides[me].reject(at(now), &id(&format!("{}t{n}", 1 - me)), None);
                }
                Step::Wait(ms) => {
                    // Nobody waits with an answer that did not arrive: that is the risk of the receiver.
                    carry(&mut sides, now, 0);
                    now += ms;
                    for ledger in &mut sides {
                        let _ran_out = ledger.expire(at(now));
                    }
                }
                _ => carry(&mut sides, now, luck),
            }
        }
        carry(&mut sides, now, 0);
        let _ran_out = sides.each_mut().map(|ledger| ledger.expire(at(1_000)));
        prop_assert_eq!(sides[0].balance(), -sides[1].balance());
        prop_assert_eq!(sides[0].on_hold_both_ways(), (0, 0));
        for record in sides[0].transfers().filter(|record| record.state != State::Cancelled) {
            let other = sides[1].transfer(&record.transfer.id).map(|record| &record.state);
            prop_assert_eq!(other, Some(&record.state), "{:?}", record);
        }
    }

    /// What happens to one transfer does not depend on what happens to others in between, as long as the
    /// limits leave room.
    #[test]
    fn prop_the_order_among_transfers_does_not_matter(
        fates in prop::collection::vec((1u64..40, 0u8..3), 1..12),
        order in prop::collection::vec(any::<prop::sample::Index>(), 60),
    ) {
        let script = |index: usize, (amount, fate): (u64, u8)| {
            let number = u8::try_from(index).unwrap();
            let held = transfer(&name(number), "them", "us", amount)
                .with_hold(preimage(number, true).condition(), at(50));
            let mut steps = vec![Step::Receive(held)];
            match fate {
                0 => steps.push(Step::Fulfill(number, true)),
                1 => steps.push(Step::Reject(number)),
                _ => {}
            }
            steps
        };
        let mut scripts: Vec<_> = fates.iter().enumerate().map(|(i, fate)| script(i, *fate)).collect();
        let twin = || Twin { limit: 1_000, peer_limit: None, now: 0, all: Vec::new() };
        let (mut straight, mut mixed) = (ours(1_000), ours(1_000));
        let mut aside = twin();
        for step in scripts.iter().flatten() {
            prop_assert!(play(&mut straight, &mut aside, step).0.answer.is_ok());
        }
        let mut aside = twin();
        let mut order = order.iter().cycle();
        while !scripts.is_empty() {
            let chosen = order.next().unwrap().index(scripts.len());
            let step = scripts[chosen].remove(0);
            prop_assert!(play(&mut mixed, &mut aside, &step).0.answer.is_ok());
            scripts.retain(|left| !left.is_empty());
        }
        let _ran_out = (straight.expire(at(50)), mixed.expire(at(50)));
        prop_assert_eq!(straight.balance(), mixed.balance());
        prop_assert!(straight.transfers().eq(mixed.transfers()));
    }
}

/// Makes every call that is still to be made. `luck` 1 loses the questions, 2 the answers, 3 repeats.
fn carry(sides: &mut [PeerLedger; 2], now: u64, luck: u8) {
    let now = at(now);
    for me in [0, 1] {
        let calls: Vec<Record> = sides[me].to_tell().cloned().collect();
        for record in calls {
            let name = &record.transfer.id;
            for _ in 0..if luck == 3 { 2 } else { 1 } {
                if luck == 1 {
                    continue;
                }
                let other = &mut sides[1 - me];
                let outcome = match (&record.state, record.direction) {
                    (_, Direction::Outgoing) => {
                        let sent = record.transfer.write();
                        let read = crate::schema::Document::whole(sent.as_bytes());
                        other.receive(now, Transfer::read(read, "[0]").unwrap())
                    }
                    (State::Executed { fulfillment }, _) => {
                        other.fulfilled(now, name, &fulfillment.unwrap())
                    }
                    _ => other.rejected(now, name, None),
                };
                if luck == 2 {
                    continue;
                }
                match outcome.answer {
                    Ok(_) => assert!(sides[me].acknowledged(now, name).answer.is_ok()),
                    Err(error) => {
                        assert_eq!(record.direction, Direction::Outgoing, "{error}");
                        assert!(sides[me].cancel(now, name).answer.is_ok());
                    }
                }
            }
        }
    }
}
