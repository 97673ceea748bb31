//! The tables step by step; random histories in `twin` and `trade`.

mod trade;
mod twin;

use super::*;
use crate::curve::Curve;

const LEDGERS: [&str; 4] = [
    "example.a.",
    "example.b.",
    "peer.ppppp.usd.9.",
    "peer.qqqqq.eur.6.",
];
const PREFIXES: [&str; 6] = [
    "",
    "example.",
    "example.a.",
    "example.c.",
    "example.c.d.",
    "g.",
];

fn ledger(number: usize) -> LedgerPrefix {
    LedgerPrefix::new(LEDGERS[number]).unwrap()
}

fn account(number: usize, hop: u8) -> IlpAddress {
    ledger(number).account(&format!("peer{hop}")).unwrap()
}

/// Two peers, each on a ledger of its own, with the same destination.
fn two_peers(a: &[(u64, u64)], b: &[(u64, u64)], path_of_b: &[&str]) -> Tables {
    let curve = || Curve::from_points([(0, 0), (5000, 5000)]).unwrap();
    let pairs = [2, 3].map(|to| LocalPair {
        source_ledger: ledger(0),
        destination_ledger: ledger(to),
        source_account: ledger(0).account("me").unwrap(),
        destination_account: ledger(to).account("me").unwrap(),
        curve: curve(),
        shift: false,
        min_message_window: Millis(1000),
    });
    let mut tables = Tables::new(Settings::default());
    tables.set_local_pairs(pairs.into());
    let path: Vec<IlpAddress> = path_of_b
        .iter()
        .map(|l| IlpAddress::new(l).unwrap())
        .collect();
    for (at, points, paths) in [(2, a, Paths::DIRECT), (3, b, Paths::new([path]))] {
        let route = HeardRoute {
            source_ledger: ledger(at),
            prefix: Prefix::new("example.c.").unwrap(),
            curve: Some(Curve::from_points(points.iter().copied()).unwrap()),
            min_message_window: Millis(1000),
            paths,
            source_account: ledger(at).account(if at == 2 { "A" } else { "B" }).unwrap(),
        };
        tables.add_route(route, Lifetime::Configured).unwrap();
    }
    tables
}

fn last_segment(account: &IlpAddress) -> String {
    account
        .as_str()
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn the_sentence_tells_winner_and_margin_by_section() {
    let tables = two_peers(&[(0, 0), (1000, 1004)], &[(0, 0), (4000, 4000)], &[]);
    let sections = tables.explain_sections(
        View::Local,
        Timestamp::default(),
        "example.a.",
        "example.c.",
    );
    let said = sentence(&sections, &last_segment);
    assert!(said.starts_with("via A up to 10"), "{said}");
    assert!(said.contains("same length, delivers"), "{said}");
    assert!(said.ends_with("above, B: A is full"), "{said}");
}

#[test]
fn a_longer_way_keeps_its_curve_and_says_how_much_longer_it_is() {
    let tables = two_peers(
        &[(0, 0), (1000, 1000)],
        &[(0, 0), (4000, 8000)],
        &["g.x.", "g.y."],
    );
    let candidates = tables.candidates(View::Local, "example.a.", "example.c.");
    // One unit of the middle ledger less than it carries: no rounding may promise too much.
    assert_eq!(candidates[1].curve.as_ref().unwrap().capacity().y, 7998);
    let now = Timestamp::default();
    let why = |amount| {
        tables
            .explain(
                View::Local,
                now,
                "example.a.me",
                "example.c.x",
                Asked::Source(amount),
                &last_segment,
            )
            .unwrap()
    };
    let short = why(500);
    assert_eq!(
        short.winner.as_ref().map(last_segment).as_deref(),
        Some("A")
    );
    assert_eq!(
        short.rejected[0].reason,
        Rejection::Longer {
            by: 2,
            amount: Some(1000)
        }
    );
    // With an amount that the shorter cannot carry, the longer is the shortest that can.
    let large = why(2000);
    assert_eq!(
        large.winner.as_ref().map(last_segment).as_deref(),
        Some("B")
    );
    assert_eq!(large.rejected[0].reason, Rejection::Full { most: 1000 });
    assert_eq!(
        large.sentence,
        "via B: 2000 delivers 4000; A is full: it carries at most 1000"
    );
}

#[test]
fn a_longer_way_extends_the_curve_only_where_it_is_told_to_and_delivers_more() {
    let mut tables = two_peers(
        &[(0, 0), (1000, 1000)],
        &[(0, 0), (4000, 2000)],
        &["g.x.", "g.y."],
    );
    let told = |tables: &Tables| tables.combined(View::Public, "example.a.", "example.c.");
    let short = told(&tables).unwrap();
    assert!(short.curve.unwrap().capacity().x <= 1000);
    tables.settings.extend_by_longer = true;
    let long = told(&tables).unwrap();
    let curve = long.curve.unwrap();
    assert!(curve.capacity().x > 3990, "{curve:?}");
    // Between the end of the one and where the other delivers more, the end holds.
    assert!((997..=1000).contains(&curve.amount_at(1500)), "{curve:?}");
    let winners: Vec<usize> = long
        .sections
        .iter()
        .map(|section| section.candidate)
        .collect();
    assert_eq!(winners, [0, 1]);
    assert_eq!(
        (long.hops, long.paths.longest()),
        (5, 2),
        "a loop is seen over either"
    );
    let hop = |amount| {
        let hop =
            tables.best_hop_for_source_amount(View::Local, "example.a.", "example.c.x", amount);
        let hop = hop.unwrap();
        (last_segment(hop.next_hop), hop.amount)
    };
    assert_eq!(hop(1500), ("A".to_owned(), Some(1000)));
    assert_eq!(hop(3000), ("B".to_owned(), Some(1500)));
}

#[test]
fn lost_prefixes_are_given_up_only_once_all_were_told() {
    let mut tables = two_peers(&[(0, 0), (1000, 1000)], &[(0, 0), (1000, 1000)], &[]);
    let a = ledger(2).account("A").unwrap();
    let b = ledger(3).account("B").unwrap();
    assert_eq!(tables.remove_next_hop(&a), []);
    let before = tables.version();
    let lost = tables.remove_next_hop(&b);
    assert_eq!(lost.len(), 1);
    let slot = tables.changed_since(&ledger(0), before)[0];
    tables.forget_lost(before);
    assert_eq!(
        tables.prefix_at(slot).map(Prefix::as_str),
        Some("example.c.")
    );
    tables.forget_lost(tables.version());
    assert_eq!(tables.prefix_at(slot), None);
}

#[test]
fn bounds_hold() {
    let mut tables = two_peers(&[(0, 0), (10, 10)], &[(0, 0), (10, 10)], &[]);
    tables.settings.max_routes_per_peer = 3;
    let route = |prefix: &str, paths: Paths| HeardRoute {
        source_ledger: ledger(2),
        prefix: Prefix::new(prefix).unwrap(),
        curve: None,
        min_message_window: Millis(0),
        paths,
        source_account: ledger(2).account("A").unwrap(),
    };
    let end = Lifetime::Until(Timestamp::from_millis(1));
    let long: Vec<IlpAddress> = (0..10_000)
        .map(|i| IlpAddress::new(&format!("g.{i}.")).unwrap())
        .collect();
    let error = tables.add_route(route("g.long.", Paths::new([long])), end);
    assert_eq!(
        error,
        Err(NotAdded::PathTooLong {
            ledgers: 10_000,
            most: 64
        })
    );
    for (number, expected) in [(0, true), (1, true), (2, false), (1, true)] {
        let added = tables.add_route(route(&format!("g.{number}."), Paths::DIRECT), end);
        assert_eq!(added.is_ok(), expected, "{number}");
    }
    let curve = Curve::from_points((0..1_000).map(|x| (x, x))).unwrap();
    let wide = |prefix: &str| HeardRoute {
        curve: Some(curve.clone()),
        ..route(prefix, Paths::DIRECT)
    };
    tables.settings.max_bytes_per_peer = 20_000;
    assert!(tables.add_route(wide("g.0."), end).is_ok());
    assert!(tables.add_route(wide("g.0."), end).is_ok(), "it replaces");
    let error = tables.add_route(wide("g.1."), end);
    assert_eq!(error, Err(NotAdded::TooManyBytes { most: 20_000 }));
    let account = ledger(2).account("A").unwrap();
    tables.remove_peer(&account);
    assert!(tables.add_route(wide("g.1."), end).is_ok());
    tables.remove_next_hop(&account);
    let hop = tables.hops.iter().find(|hop| hop.account == account);
    assert_eq!(hop.map(|hop| hop.bytes), Some(0));
}

proptest::proptest! {
    #[test]
    fn prop_the_ledger_of_an_address_is_found_as_the_longest_prefix(
        ledgers in proptest::collection::btree_set("[ab]{1,3}\\.([ab]{0,9}\\.){0,2}", 1..25),
        asked in proptest::collection::vec("[ab.é]{0,14}", 1..40),
    ) {
        let mut tables = Tables::new(Settings::default());
        for ledger in &ledgers {
            let ledger = LedgerPrefix::new(ledger).unwrap();
            tables.add_ledger(&ledger, &ledger.account("me").unwrap());
        }
        for address in asked.iter().chain(&ledgers) {
            let found = tables.ledger_of(address).map(|id| tables.ledgers[id].prefix.as_str());
            let slow = ledgers.iter().filter(|ledger| address.starts_with(ledger.as_str()));
            proptest::prop_assert_eq!(found, slow.max_by_key(|l| l.len()).map(String::as_str));
        }
    }
}
