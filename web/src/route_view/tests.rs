use std::collections::BTreeMap;

use c2c::snapshot::SnapshotView;
use c2c::table::Rejection;
use serde_json::json;

use super::{Action, Detail, Given, Judgement, Names, Row, Selection, Shows, State, Verdict, row};
use crate::book::{Book, Column, Order};
use crate::curve_view::Spread;

fn peer(name: &str) -> serde_json::Value {
    json!({
        "prefix": format!("peer.{name}.usd.2."), "mode": "webfinger", "host": format!("https://{name}.example"),
        "rpc_uri": format!("https://{name}.example/rpc"), "protocol_version": "Compatible: ilp-kit v3.0.0",
        "currency": "USD", "scale": 2, "account": format!("peer.{name}.usd.2.me"),
        "peer_account": format!("peer.{name}.usd.2.{name}"), "limit": "5", "balance": "0",
        "state": "checked", "reason": "",
    })
}

fn candidate(name: &str, hops: u32, points: serde_json::Value, wins: bool) -> serde_json::Value {
    json!({
        "next_hop": format!("peer.{name}.usd.2.{name}"), "next_ledger": format!("peer.{name}.usd.2."),
        "paths": [[]], "hops": hops, "points": points, "min_message_window": 1,
        "expires_at": "2026-01-01T00:00:45.000Z", "wins": wins,
    })
}

/// anna is best up to 1000, bert carries more, carl is longer and better, dora has no curve.
fn snapshot() -> SnapshotView {
    let route = |to: &str, candidates: serde_json::Value, merged: serde_json::Value| {
        json!({
            "source_ledger": "example.red.", "destination_ledger": to, "target_prefix": to,
            "candidates": candidates, "merged": merged,
        })
    };
    let contested = route(
        "example.blue.",
        json!([
            candidate("carl", 4, json!([["0", "0"], ["1000", "1000"]]), false),
            candidate("bert", 3, json!([["0", "0"], ["5000", "4900"]]), true),
            candidate("anna", 3, json!([["0", "0"], ["1000", "990"]]), true),
            candidate("dora", 3, json!(null), false),
        ]),
        json!({
            "points": [["0", "0"], ["1000", "990"], ["1011", "990"], ["5000", "4900"]],
            "segments": [
                {"from": "0", "to": "1010", "next_hop": "peer.anna.usd.2.anna"},
                {"from": "1010", "to": "5000", "next_hop": "peer.bert.usd.2.bert"},
            ],
        }),
    );
    let plain = route(
        "example.green.",
        json!([candidate("dora", 2, json!(null), true)]),
        json!(null),
    );
    let other = route(
        "example.blue.shop.",
        json!([candidate("bert", 3, json!(null), true)]),
        json!(null),
    );
    let names = ["anna", "bert", "carl", "dora"].map(peer);
    let json = json!({
        "version": 1, "time": "2026-01-01T00:00:00.000Z",
        "identity": {
            "url": "https://me.example", "public_key": "k", "protocol_version": "v", "rpc_uri": "r",
            "ledgers": [{"prefix": "example.red.", "currency": "USD", "scale": 2, "account": "example.red.me"}],
        },
        "peers": names, "routes": [plain, contested, other],
    });
    serde_json::from_value(json).unwrap()
}

pub(super) fn detail() -> Detail {
    let snapshot = snapshot();
    Detail::of(Some(&snapshot), &snapshot.routes[1], &BTreeMap::new())
}

fn names(detail: &Detail) -> Vec<&str> {
    detail
        .candidates
        .iter()
        .map(|candidate| &*candidate.name)
        .collect()
}

#[test]
fn winners_come_first_and_longer_ones_are_ghosts() {
    let detail = detail();
    assert_eq!(
        names(&detail),
        [
            "anna.example",
            "bert.example",
            "dora.example",
            "carl.example"
        ]
    );
    let ghosts: Vec<bool> = detail
        .candidates
        .iter()
        .map(|candidate| candidate.ghost)
        .collect();
    assert_eq!(ghosts, [false, false, false, true]);
    assert_eq!(
        detail.plot.lines.len(),
        3,
        "one without a curve has no line"
    );
    assert_eq!(detail.first_amount(), 500);
}

#[test]
fn every_loser_is_told_which_test_it_lost() {
    let detail = detail();
    let judged = Judgement::at(&detail, 500);
    assert_eq!((judged.winner, judged.arrives), (Some(0), Some(495)));
    assert_eq!(
        judged.verdicts,
        [
            Verdict::Wins,
            Verdict::Loses(Rejection::DeliversLess {
                by: 5,
                basis_points: 102
            }),
            Verdict::Loses(Rejection::AskForQuote),
            Verdict::Loses(Rejection::Longer {
                by: 1,
                amount: Some(500)
            }),
        ]
    );
    let words: Vec<String> = judged.verdicts.iter().map(|v| v.words(&detail)).collect();
    assert_eq!(words[1], "delivers 5 units less (102 bp)");
    assert_eq!(words[3], "1 ledger longer; it would deliver 500 units");

    let large = Judgement::at(&detail, 3000);
    assert_eq!(large.winner, Some(1));
    assert_eq!(
        large.verdicts[0],
        Verdict::Loses(Rejection::Full { most: 1000 })
    );
    assert_eq!(
        large.verdicts[0].words(&detail),
        "full: carries at most 10 USD"
    );

    let beyond = Judgement::at(&detail, 6000);
    assert_eq!((beyond.winner, beyond.arrives), (None, None));
}

#[test]
fn one_sentence_says_why() {
    assert_eq!(
        detail().why(),
        "Via anna.example up to 10.1 USD: as short as bert.example, and delivers 101 bp more. \
         Above, bert.example: anna.example is full."
    );
    let snapshot = snapshot();
    let quoted = Detail::of(Some(&snapshot), &snapshot.routes[0], &BTreeMap::new());
    assert_eq!(
        quoted.why(),
        "No candidate publishes a curve: only a quote tells what arrives."
    );
}

#[test]
fn searching_finds_prefixes_and_covers_addresses() {
    let found = |text: &str| {
        rows(text)
            .into_iter()
            .map(|row| (row.selection.to, row.longest_match))
            .collect::<Vec<_>>()
    };
    let no = |to: &str| (to.to_owned(), false);
    let yes = |to: &str| (to.to_owned(), true);
    assert_eq!(found("example.g"), [no("example.green.")]);
    assert_eq!(
        found("example.blue.shop.alice"),
        [yes("example.blue.shop."), no("example.blue.")]
    );
    assert_eq!(found("nowhere"), []);
    assert_eq!(found("").len(), 3);
    assert_eq!(Book::of(snapshot()).sources(), ["example.red."]);
}

fn rows(search: &str) -> Vec<Row> {
    let book = Book::of(snapshot());
    let found = book.search("example.red.", search, Order::default());
    let names = Names::of(book.head().snapshot.as_ref());
    let rows = found.into_iter().map(|at| row(&book, &names, at, search));
    // As the table does it: only the first is the longest.
    rows.enumerate()
        .map(|(index, row)| Row {
            longest_match: row.longest_match && index == 0,
            ..row
        })
        .collect()
}

#[test]
fn columns_sort_and_turn() {
    let book = Book::of(snapshot());
    let sorted = |order: Order| {
        let found = book.search("example.red.", "", order);
        found
            .into_iter()
            .map(|at| book.ends(at).1.to_owned())
            .collect::<Vec<_>>()
    };
    let by = Order::default().pressed(Column::Hops);
    assert_eq!(sorted(by)[0], "example.green.", "two ledgers only");
    assert_eq!(sorted(by.pressed(Column::Hops))[2], "example.green.");
    let by = Order::default()
        .pressed(Column::Capacity)
        .pressed(Column::Capacity);
    assert_eq!(sorted(by)[0], "example.blue.");
    assert_eq!(
        sorted(Order::default()),
        ["example.blue.", "example.blue.shop.", "example.green."]
    );
}

#[test]
fn rows_tell_what_can_be_carried() {
    let row = &rows("example.blue.")[0];
    assert_eq!(row.next_hops, ["bert.example", "anna.example"]);
    let (most, unit) = row.capacity.clone().unwrap();
    assert_eq!(unit.unwrap().currency(most), "50 USD");
    assert_eq!(row.rate.as_deref(), Some("0.97960"));
}

#[test]
fn the_contested_route_is_suggested() {
    let book = Book::of(snapshot());
    let suggested = Selection::at(&book, book.head().suggested.unwrap());
    assert_eq!(
        suggested,
        Selection {
            from: "example.red.".into(),
            to: "example.blue.".into()
        }
    );
}

#[test]
fn opening_another_route_forgets_the_amount_only() {
    let state = [
        Action::Search("blue".into()),
        Action::Give(Given::Received),
        Action::Amount("12".into()),
        Action::Look(Some(5)),
        Action::Spread(Spread::Log),
        Action::Shows(Shows::Rates),
        Action::Opened,
    ]
    .into_iter()
    .fold(State::default(), |state, action| state.after(action));
    assert_eq!((&*state.search, state.shows), ("blue", Shows::Rates));
    assert_eq!(
        (state.amount, state.looked, state.spread),
        (None, None, None)
    );
}

#[test]
fn a_pinned_amount_is_typed_as_sent() {
    let unit = detail().plot.source.clone();
    let state = State::default()
        .after(Action::Give(Given::Received))
        .after(Action::Pin(123_456, unit));
    assert_eq!(
        (state.given, state.amount.as_deref()),
        (Given::Sent, Some("1234.56"))
    );
}

#[test]
fn the_reader_may_say_what_a_far_ledger_counts_in() {
    let euro = crate::unit::Unit {
        code: "EUR".into(),
        scale: c2c::amount::Scale::new(2).unwrap(),
    };
    let state = State::default()
        .after(Action::Name("example.blue.".into(), euro))
        .after(Action::Opened);
    let snapshot = snapshot();
    let detail = Detail::of(Some(&snapshot), &snapshot.routes[1], &state.units);
    let judged = Judgement::at(&detail, 500);
    assert_eq!(
        judged.verdicts[1].words(&detail),
        "delivers 0.05 EUR less (102 bp)"
    );
}
