//! Questions of all kinds, to tables with and without curves.

use super::*;
use crate::packet::{ByDestinationRequest, BySourceRequest};
use crate::route::{Paths, Prefix};
use crate::table::{HeardRoute, Lifetime, LocalPair, Settings};

const RED: &str = "peer.rrrrr.usd.9.";
const BLUE: &str = "peer.bbbbb.usd.9.";
const BOB: &str = "example.blue.bob";

fn ledger(text: &str) -> LedgerPrefix {
    LedgerPrefix::new(text).unwrap()
}

fn line(x: u64, y: u64) -> Curve {
    Curve::from_points([(0, 0), (x, y)]).unwrap()
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_millis(1_500_000_000_000 + second * 1000)
}

/// Two peers, a pair that keeps a tenth, and a route of the second to `example.blue.`.
fn tables(curve: Option<Curve>) -> Tables {
    let mut tables = Tables::new(Settings::default());
    tables.set_local_pairs(vec![LocalPair {
        source_ledger: ledger(RED),
        destination_ledger: ledger(BLUE),
        source_account: ledger(RED).account("me").unwrap(),
        destination_account: ledger(BLUE).account("me").unwrap(),
        curve: line(10_000, 9_000),
        shift: true,
        min_message_window: Millis(1000),
    }]);
    let route = HeardRoute {
        source_ledger: ledger(BLUE),
        prefix: Prefix::new("example.blue.").unwrap(),
        curve,
        min_message_window: Millis(1000),
        paths: Paths::DIRECT,
        source_account: hop(),
    };
    tables.add_route(route, Lifetime::Until(at(45))).unwrap();
    tables
}

fn hop() -> IlpAddress {
    ledger(BLUE).account("blue").unwrap()
}

fn settings() -> QuoteSettings {
    QuoteSettings {
        min_message_window: Millis(1000),
        max_hold: Millis(10_000),
        expiry: Millis(45_000),
    }
}

fn ask(
    about: About,
    hold: u64,
    tables: &Tables,
    remembered: &Remembered,
) -> Result<Step, QuoteError> {
    let question = Question {
        destination: IlpAddress::new(BOB).unwrap(),
        hold: Millis(hold),
        about,
    };
    question.step(tables, remembered, &settings(), at(0), &ledger(RED))
}

fn nothing() -> Remembered {
    Remembered::new(10, Millis(60_000))
}

#[test]
fn amounts_are_answered_so_that_the_payment_then_pays_enough() {
    let tables = tables(Some(line(8_000, 4_000)));
    let Ok(Step::Answer(Packet::BySourceResponse(there))) =
        ask(About::Source(1_000), 5_000, &tables, &nothing())
    else {
        panic!("no amount");
    };
    assert_eq!(there.destination_amount, Amount::new(450));
    assert_eq!(there.source_hold, Millis(7_000), "two hops of a second");
    let Ok(Step::Answer(Packet::ByDestinationResponse(back))) =
        ask(About::Destination(450), 5_000, &tables, &nothing())
    else {
        panic!("no amount");
    };
    // One unit to our side, as others are told, and one that the end of the curve costs, which stays.
    assert_eq!(back.source_amount, Amount::new(1_002));
    let paid = tables.best_hop_for_source_amount(View::Local, RED, BOB, 1_002);
    assert!(paid.unwrap().amount.unwrap() >= 450);
}

#[test]
fn the_curve_is_cut_to_what_a_peer_of_2017_can_read_and_promises_no_more() {
    let bent = (1..=40).map(|i| (i * 200, i * 100 - i * i / 2));
    let curve = Curve::from_points(std::iter::once((0, 0)).chain(bent)).unwrap();
    let tables = tables(Some(curve));
    let step = ask(About::Liquidity, 3_000, &tables, &nothing());
    let Ok(Step::Answer(Packet::LiquidityResponse(told))) = step else {
        panic!("{step:?}");
    };
    assert_eq!(told.applies_to_prefix.as_str(), "example.blue.");
    assert_eq!(told.expires_at, at(45));
    assert_eq!(told.source_hold, Millis(5_000));
    assert!(told.points.len() <= 5);
    let packet = Packet::LiquidityResponse(told.clone()).encode().unwrap();
    assert!(packet[1] <= 127, "one byte of length");
    let told = Curve::from_points(told.points).unwrap();
    for x in 1..=told.capacity().x {
        let real = tables.best_hop_for_source_amount(View::Local, RED, BOB, x);
        let real = real.map_or(0, |hop| hop.amount.unwrap_or(0));
        assert!(told.amount_at(x) <= real, "{x}");
    }
}

#[test]
fn without_a_curve_the_next_hop_is_asked_and_its_answer_holds_until_it_runs_out() {
    let tables = tables(None);
    let mut remembered = nothing();
    let step = ask(About::Source(1_000), 5_000, &tables, &remembered);
    let Ok(Step::Ask(remote)) = step else {
        panic!("{step:?}");
    };
    assert_eq!(remote.next_hop, hop());
    let answer = LiquidityResponse {
        points: vec![(0, 0), (8_000, 4_000)],
        applies_to_prefix: "example.blue.".parse().unwrap(),
        source_hold: Millis(6_500),
        expires_at: at(20),
    };
    let bob = IlpAddress::new(BOB).unwrap();
    let known = Known::read(answer, &bob, Millis(5_000)).unwrap();
    remembered.keep(at(0), &remote.next_hop, known);
    let Ok(Step::Answer(Packet::BySourceResponse(there))) =
        ask(About::Source(1_000), 5_000, &tables, &remembered)
    else {
        panic!("no amount");
    };
    assert_eq!(there.destination_amount, Amount::new(450));
    // One and a half of the next hop, and what the tables know of the way.
    assert_eq!(there.source_hold.0, 5_000 + 1_500 + 1_000);
    let Ok(Step::Answer(Packet::LiquidityResponse(told))) =
        ask(About::Liquidity, 5_000, &tables, &remembered)
    else {
        panic!("no curve");
    };
    assert_eq!(told.expires_at, at(20), "not longer than what it rests on");
    assert!(remembered.find(at(21), &hop(), BOB).is_none());
    assert!(
        remembered
            .find(at(20), &hop(), "example.other.bob")
            .is_none()
    );
}

#[test]
fn what_cannot_be_quoted_says_why() {
    let tables = tables(Some(line(8_000, 4_000)));
    let code = |about, hold| ask(about, hold, &tables, &nothing()).unwrap_err().code;
    assert_eq!(code(About::Source(0), 5_000), ErrorCode::F00);
    assert_eq!(code(About::Source(10), 10_001), ErrorCode::F00);
    assert_eq!(code(About::Source(1), 5_000), ErrorCode::F00, "delivers 0");
    assert_eq!(code(About::Destination(4_001), 5_000), ErrorCode::F00);
    let away = Question {
        destination: IlpAddress::new("example.nowhere.x").unwrap(),
        hold: Millis(1),
        about: About::Source(5),
    };
    let step = away.step(&tables, &nothing(), &settings(), at(0), &ledger(RED));
    assert_eq!(step.unwrap_err().code, ErrorCode::F02);
}

#[test]
fn only_requests_are_questions_and_nobody_is_no_receiver() {
    let hold = Millis(1);
    let request = |account: &str| {
        Packet::BySourceRequest(BySourceRequest {
            destination_account: account.parse().unwrap(),
            source_amount: Amount::new(1),
            destination_hold: hold,
        })
    };
    assert!(Question::of(request(BOB)).is_ok());
    assert!(Question::of(request("")).is_err());
    let other = Packet::ByDestinationRequest(ByDestinationRequest {
        destination_account: BOB.parse().unwrap(),
        destination_amount: Amount::new(7),
        destination_hold: hold,
    });
    assert_eq!(Question::of(other).unwrap().about, About::Destination(7));
    let answer = Packet::BySourceResponse(BySourceResponse {
        destination_amount: Amount::new(1),
        source_hold: hold,
    });
    assert!(Question::of(answer).is_err());
}

#[test]
fn no_more_is_remembered_than_there_is_room_for() {
    let mut remembered = Remembered::new(2, Millis(60_000));
    let known = |prefix: &str, second| Known {
        curve: line(1, 1),
        window: Millis(0),
        prefix: IlpAddress::new(prefix).unwrap(),
        expires_at: at(second),
    };
    for (prefix, second) in [("a.b.", 30), ("a.c.", 20), ("a.d.", 40)] {
        remembered.keep(at(0), &hop(), known(prefix, second));
    }
    assert!(
        remembered.find(at(0), &hop(), "a.c.x").is_none(),
        "ran out first"
    );
    assert!(remembered.find(at(0), &hop(), "a.b.x").is_some());
    remembered.keep(at(0), &hop(), known("a.e.", 1_000_000));
    assert!(
        remembered.find(at(61), &hop(), "a.e.x").is_none(),
        "nothing holds for ever"
    );
}
