//! One peer told step by step; small networks in `network`.

mod network;

use super::*;
use crate::address::{IlpAddress, LedgerPrefix};
use crate::curve::Curve;
use crate::message::{HeardUpdate, RouteRecord, RoutingUpdate};
use crate::route::{Paths, Prefix};
use crate::schema::{Dialect, Document};
use crate::table::{HeardRoute, Lifetime, LocalPair, Settings, Tables, View};
use crate::timestamp::{Millis, Timestamp};

const OWN: &str = "example.own.";
const ASKING: &str = "peer.aaaaa.usd.9.";
const TELLING: &str = "peer.ttttt.usd.9.";

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn prefix(text: &str) -> LedgerPrefix {
    LedgerPrefix::new(text).unwrap()
}

fn account(ledger: &str, name: &str) -> IlpAddress {
    prefix(ledger).account(name).unwrap()
}

fn line(x: u64, y: u64) -> Curve {
    Curve::from_points([(0, 0), (x, y)]).unwrap()
}

fn pair(from: &str, to: &str, curve: Curve) -> LocalPair {
    LocalPair {
        source_ledger: prefix(from),
        destination_ledger: prefix(to),
        source_account: account(from, "me"),
        destination_account: account(to, "me"),
        curve,
        shift: true,
        min_message_window: Millis(1000),
    }
}

/// Pairs between all `ledgers`, each with the same curve.
fn all_pairs(ledgers: &[&str], curve: &Curve) -> Vec<LocalPair> {
    let mut pairs = Vec::new();
    for from in ledgers {
        for to in ledgers.iter().filter(|to| *to != from) {
            pairs.push(pair(from, to, curve.clone()));
        }
    }
    pairs
}

fn heard(destination: &str, curve: Curve) -> HeardRoute {
    HeardRoute {
        source_ledger: prefix(TELLING),
        prefix: Prefix::new(destination).unwrap(),
        curve: Some(curve),
        min_message_window: Millis(1000),
        paths: Paths::DIRECT,
        source_account: account(TELLING, "bob"),
    }
}

/// Tables of a connector between two peers, and what the one is told of the other.
struct Bench {
    tables: Tables,
    outgoing: Outgoing,
}

impl Bench {
    fn new(settings: OutgoingSettings) -> Self {
        let mut tables = Tables::new(Settings::default());
        tables.set_local_pairs(all_pairs(&[OWN, ASKING, TELLING], &line(100_000, 100_000)));
        let mut outgoing = Outgoing::new(settings);
        outgoing.add_peer(prefix(ASKING), at(0));
        Self { tables, outgoing }
    }

    fn hear(&mut self, destination: &str, capacity: u64) {
        let route = heard(destination, line(capacity, capacity));
        self.tables.add_route(route, Lifetime::Configured).unwrap();
    }

    fn lose(&mut self) {
        self.tables.remove_next_hop(&account(TELLING, "bob"));
    }

    fn next(&mut self, seconds: u64) -> Option<RoutingUpdate> {
        self.outgoing
            .next(at(seconds), &self.tables, &prefix(ASKING))
    }

    /// What is told, and taken, at `seconds`: destinations, and what is lost with a `-` before.
    fn told(&mut self, seconds: u64) -> Option<Vec<String>> {
        let update = self.next(seconds)?;
        self.outgoing.acknowledge(&prefix(ASKING), at(seconds));
        Some(names(&update))
    }
}

fn names(update: &RoutingUpdate) -> Vec<String> {
    let new = update
        .new_routes
        .iter()
        .map(|route| route.destination_ledger.to_string());
    let lost = update
        .unreachable_through_me
        .iter()
        .map(|prefix| format!("-{prefix}"));
    let mut names: Vec<String> = new.chain(lost).collect();
    names.sort();
    names
}

#[test]
fn only_what_is_new_or_changed_is_told() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.hear("example.c.", 500);
    // Ledgers between peers are not told.
    assert_eq!(bench.told(0).unwrap(), ["example.c.", OWN]);
    assert_eq!(bench.told(30).unwrap(), [""; 0], "a heartbeat");
    bench.hear("example.c.", 500);
    assert_eq!(
        bench.told(60).unwrap(),
        [""; 0],
        "the same again is no change"
    );
    bench.hear("example.c.", 400);
    assert_eq!(bench.told(90).unwrap(), ["example.c."]);
    bench.lose();
    assert_eq!(bench.told(120).unwrap(), ["-example.c."]);
    assert_eq!(bench.told(150).unwrap(), [""; 0]);
}

#[test]
fn new_and_lost_go_out_at_once_and_changes_wait_for_the_round() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.hear("example.c.", 500);
    bench.told(0).unwrap();
    assert_eq!(bench.outgoing.next_due(), Some(at(30)));
    bench.hear("example.c.", 400);
    bench.hear("example.d.", 100);
    bench.outgoing.urge();
    assert_eq!(bench.outgoing.next_due(), Some(at(1)), "the least spacing");
    assert_eq!(bench.outgoing.due(at(5)), [prefix(ASKING)]);
    assert_eq!(bench.told(5).unwrap(), ["example.d."]);
    bench.outgoing.urge();
    assert_eq!(
        bench.told(7),
        None,
        "nothing new or lost: no update between the rounds"
    );
    bench.lose();
    bench.outgoing.urge();
    assert_eq!(bench.told(9).unwrap(), ["-example.c.", "-example.d."]);
    assert_eq!(bench.told(30).unwrap(), [""; 0]);

    let mut patient = Bench::new(OutgoingSettings {
        hold_for_interval: true,
        ..OutgoingSettings::default()
    });
    patient.told(0).unwrap();
    patient.hear("example.d.", 100);
    patient.outgoing.urge();
    assert_eq!(patient.outgoing.next_due(), Some(at(30)));
}

#[test]
fn small_improvements_wait_and_what_got_worse_never_does() {
    let mut bench = Bench::new(OutgoingSettings {
        change_threshold: 100,
        ..OutgoingSettings::default()
    });
    bench.hear("example.c.", 5000);
    bench.told(0).unwrap();
    bench.hear("example.c.", 5030);
    assert_eq!(bench.told(30).unwrap(), [""; 0], "0.6 % more can wait");
    bench.hear("example.c.", 5020);
    assert_eq!(
        bench.told(60).unwrap(),
        [""; 0],
        "it is less than it was, and not less than what was told"
    );
    bench.hear("example.c.", 5060);
    assert_eq!(
        bench.told(90).unwrap(),
        ["example.c."],
        "small changes add up"
    );
    bench.hear("example.c.", 5059);
    assert_eq!(bench.told(120).unwrap(), ["example.c."], "one unit less");
    bench.hear("example.c.", 5070);
    assert_eq!(bench.told(150).unwrap(), [""; 0]);
    bench.outgoing.resend_all(&prefix(ASKING));
    assert_eq!(bench.told(180).unwrap(), ["example.c.", OWN]);
    assert_eq!(bench.told(210).unwrap(), [""; 0]);
}

#[test]
fn after_a_failure_everything_is_told_again_losses_too() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.hear("example.c.", 500);
    bench.hear("example.d.", 500);
    bench.told(0).unwrap();
    bench.tables.remove_next_hop(&account(TELLING, "bob"));
    bench.hear("example.d.", 500);
    assert_eq!(names(&bench.next(30).unwrap()), ["-example.c."]);
    assert!(bench.next(31).is_none(), "one update at a time");
    bench.outgoing.failed(&prefix(ASKING), at(32), false);
    assert_eq!(bench.outgoing.next_due(), Some(at(62)));
    assert_eq!(bench.told(62).unwrap(), ["-example.c.", "example.d.", OWN]);
    // A peer that answers nothing for longer than the hold-down time holds nothing of us.
    for seconds in [92, 122, 152] {
        bench.next(seconds).unwrap();
        bench.outgoing.failed(&prefix(ASKING), at(seconds), false);
    }
    bench.lose();
    assert_eq!(bench.told(200).unwrap(), [OWN]);
}

#[test]
fn a_loss_is_told_as_long_as_only_the_answers_are_lost() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.hear("example.c.", 500);
    bench.told(0).unwrap();
    bench.lose();
    for seconds in [30, 62, 94, 126, 158] {
        assert!(names(&bench.next(seconds).unwrap()).contains(&"-example.c.".to_owned()));
        bench
            .outgoing
            .failed(&prefix(ASKING), at(seconds + 2), true);
    }
    assert_eq!(bench.told(190).unwrap(), ["-example.c.", OWN]);
}

#[test]
fn whoever_asks_for_everything_tells_everything_and_the_rest_is_forgotten() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.told(0).unwrap();
    bench.outgoing.ask_full_table(&prefix(ASKING));
    bench.outgoing.urge();
    let asking = bench.next(5).unwrap();
    assert!(asking.request_full_table);
    assert_eq!(names(&asking), [OWN], "between rounds too, though known");

    let mut tables = bench.tables;
    let mut incoming = Incoming::new(IncomingSettings::default());
    let (stays, goes) = (record("example.c.", "bob"), record("example.d.", "bob"));
    let both = update(vec![stays.clone(), goes], &[]);
    let bob = account(TELLING, "bob");
    incoming.apply(&mut tables, at(0), &bob, both);
    let heartbeat = update(Vec::new(), &[]);
    incoming.apply(&mut tables, at(30), &bob, heartbeat);
    assert_eq!(tables.heard_from(&bob).count(), 2);
    let mut anew = update(vec![stays], &[]);
    anew.request_full_table = true;
    let outcome = incoming.apply(&mut tables, at(31), &bob, anew);
    assert!(outcome.broadcast_now && !outcome.lost.is_empty());
    let kept: Vec<String> = tables
        .heard_from(&bob)
        .map(|(to, _)| to.to_string())
        .collect();
    assert_eq!(kept, ["example.c."]);
}

#[test]
fn a_full_table_follows_a_request() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.told(0).unwrap();
    bench.outgoing.resend_all(&prefix(ASKING));
    assert_eq!(bench.told(30).unwrap(), [OWN]);
    bench.next(60).unwrap();
    bench.outgoing.resend_all(&prefix(ASKING));
    bench.outgoing.acknowledge(&prefix(ASKING), at(61));
    assert_eq!(
        bench.told(90).unwrap(),
        [OWN],
        "asked while an update was under way"
    );
    bench.outgoing.ask_full_table(&prefix(ASKING));
    assert!(bench.next(120).unwrap().request_full_table);
    bench.outgoing.acknowledge(&prefix(ASKING), at(120));
    assert!(!bench.next(150).unwrap().request_full_table);
}

#[test]
fn own_pairs_that_move_are_told_with_the_round() {
    let mut bench = Bench::new(OutgoingSettings::default());
    bench.hear("example.c.", 500);
    bench.told(0).unwrap();
    let mut pairs = all_pairs(&[OWN, ASKING, TELLING], &line(100_000, 100_000));
    for pair in &mut pairs {
        if pair.source_ledger.as_str() == ASKING && pair.destination_ledger.as_str() == TELLING {
            pair.curve = line(100_000, 50_000);
        }
    }
    assert!(bench.tables.set_local_pairs(pairs.clone()).changed);
    assert_eq!(
        bench.told(30).unwrap(),
        ["example.c."],
        "what lies beyond the pair, and nothing else"
    );
    assert!(!bench.tables.set_local_pairs(pairs).changed);
    assert_eq!(bench.told(60).unwrap(), [""; 0]);
}

#[test]
fn large_tables_go_out_in_parts() {
    let mut bench = Bench::new(OutgoingSettings {
        max_bytes: 2000,
        ..OutgoingSettings::default()
    });
    for number in 0..50 {
        bench.hear(&format!("example.n{number}."), 500);
    }
    let mut all = Vec::new();
    let mut updates = 0;
    while bench.outgoing.due(at(3)).len() == 1 {
        let update = bench.next(3).unwrap();
        assert!(update.write(Dialect::V21).len() < 3000);
        all.extend(names(&update));
        bench.outgoing.acknowledge(&prefix(ASKING), at(3));
        updates += 1;
    }
    assert!(updates > 5);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 51);
    bench.lose();
    let settled = bench.outgoing.settled(&bench.tables);
    bench.tables.forget_lost(settled);
    let mut lost = 0;
    for seconds in [100, 101, 102, 103] {
        lost += bench.told(seconds).map_or(0, |names| names.len());
    }
    assert_eq!(lost, 50, "nothing is forgotten before it was told");
    let settled = bench.outgoing.settled(&bench.tables);
    bench.tables.forget_lost(settled);
    assert_eq!(bench.tables.destinations(), 3);
}

#[test]
fn what_is_told_is_bounded() {
    let mut bench = Bench::new(OutgoingSettings {
        max_points: 3,
        ..OutgoingSettings::default()
    });
    bench.tables.set_local_pairs(all_pairs(
        &[OWN, ASKING, TELLING],
        &line(u64::MAX, u64::MAX),
    ));
    let bends = (0..20).map(|i| (i * i * 1000, i * 900));
    let mut route = heard("example.c.", Curve::from_points(bends).unwrap());
    bench
        .tables
        .add_route(route.clone(), Lifetime::Configured)
        .unwrap();
    route.prefix = Prefix::DEFAULT;
    bench.tables.add_route(route, Lifetime::Configured).unwrap();
    let update = bench.next(0).unwrap();
    assert_eq!(
        names(&update),
        ["example.c.", OWN],
        "the default route is not told"
    );
    for route in &update.new_routes {
        let curve = route.points.clone().unwrap().unwrap();
        assert!(curve.points().len() <= 3);
        assert!(curve.capacity().x < 1 << 53 && curve.capacity().y < 1 << 53);
    }
    let path = &update
        .new_routes
        .iter()
        .find(|r| r.destination_ledger.as_str() == "example.c.");
    let paths = path.map(|route| route.paths.clone()).unwrap();
    assert_eq!(
        paths,
        [[prefix(TELLING).as_address().clone()]],
        "the next ledger is named"
    );
}

fn update(routes: Vec<RouteRecord>, lost: &[&str]) -> RoutingUpdate {
    RoutingUpdate {
        new_routes: routes,
        unreachable_through_me: lost.iter().map(|l| IlpAddress::new(l).unwrap()).collect(),
        ..RoutingUpdate::heartbeat(Millis(45_000))
    }
}

fn record(destination: &str, sender: &str) -> RouteRecord {
    RouteRecord {
        source_ledger: IlpAddress::new(TELLING).unwrap(),
        destination_ledger: IlpAddress::new(destination).unwrap(),
        points: Some(Ok(line(100, 100))),
        min_message_window: Millis(1000),
        source_account: account(TELLING, sender),
        paths: vec![],
    }
}

#[test]
fn each_refused_route_keeps_its_reason() {
    let mut bench = Bench::new(OutgoingSettings::default());
    let mut incoming = Incoming::new(IncomingSettings {
        refused_kept: 4,
        ..IncomingSettings::default()
    });
    let bob = account(TELLING, "bob");
    let mut off_ledger = record("example.c.", "bob");
    off_ledger.source_ledger = IlpAddress::new("example.other.").unwrap();
    let mut circle = record("example.c.", "bob");
    circle.paths = vec![vec![IlpAddress::new(TELLING).unwrap()]];
    let mut far = record("example.far.", "bob");
    far.points = Some(Ok(Curve::from_points([(1 << 40, 1), (1 << 41, 2)]).unwrap()));
    let routes = vec![
        record("example.c.", "mallory"),
        off_ledger,
        record("peer.zzzzz.usd.9.", "bob"),
        record("example.d.", "bob"),
        circle,
        far,
    ];
    let outcome = incoming.apply(&mut bench.tables, at(0), &bob, update(routes, &[]));
    let codes: Vec<&str> = outcome
        .refused
        .iter()
        .map(|route| route.reason.code())
        .collect();
    assert_eq!(
        codes,
        [
            "ROUTE_NOT_THE_SENDER",
            "ROUTE_NOT_ON_LEDGER",
            "ROUTE_PEER_DESTINATION",
            "ROUTE_LOOP",
            "ROUTE_OUT_OF_REACH"
        ]
    );
    assert_eq!((outcome.accepted, outcome.refused_count), (1, 5));
    assert!(outcome.broadcast_now && outcome.is_back && outcome.changed);
    assert_eq!(incoming.refused().count(), 4, "the log is bounded");
    let heartbeat = incoming.apply(&mut bench.tables, at(30), &bob, update(vec![], &[]));
    assert_eq!(heartbeat, Outcome::default());
    let lost = incoming.apply(
        &mut bench.tables,
        at(60),
        &bob,
        update(vec![], &["example.d."]),
    );
    assert!(lost.broadcast_now);
    assert_eq!(lost.lost.len(), 2, "from the two other ledgers");
    let back = incoming.apply(&mut bench.tables, at(200), &bob, update(vec![], &[]));
    assert!(back.is_back, "its hold-down time is long over");
}

#[test]
fn what_is_too_good_to_be_true_is_flagged_or_refused_with_what_it_attracts() {
    let other = "peer.ooooo.usd.9.";
    for (policy, taken) in [
        (TooGoodPolicy::Accept, true),
        (TooGoodPolicy::Flag, true),
        (TooGoodPolicy::Refuse, false),
    ] {
        let mut tables = Tables::new(Settings::default());
        let ledgers = [OWN, ASKING, TELLING, other];
        tables.set_local_pairs(all_pairs(&ledgers, &line(100_000, 100_000)));
        let mut incoming = Incoming::new(IncomingSettings {
            too_good: policy,
            too_good_above: 100,
            ..IncomingSettings::default()
        });
        let honest = HeardRoute {
            source_ledger: prefix(other),
            source_account: account(other, "carol"),
            ..heard("example.c.", line(10_000, 10_000))
        };
        tables.add_route(honest, Lifetime::Configured).unwrap();
        let bob = account(TELLING, "bob");
        let mut apply = |tables: &mut Tables, y: u64| {
            let mut told = record("example.c.", "bob");
            told.points = Some(Ok(line(20_000, y)));
            incoming.apply(tables, at(0), &bob, update(vec![told], &[]))
        };
        let fair = apply(&mut tables, 20_100);
        assert_eq!(
            (fair.accepted, fair.flagged.len()),
            (1, 0),
            "half a percent"
        );
        let outcome = apply(&mut tables, 24_000);
        assert_eq!(outcome.accepted == 1, taken);
        let held = tables.heard_from(&bob).next();
        assert_eq!(held.is_some(), taken, "what it replaced is gone too");
        let noted = match policy {
            TooGoodPolicy::Accept => {
                assert!(outcome.flagged.is_empty() && outcome.refused.is_empty());
                continue;
            }
            TooGoodPolicy::Flag => &outcome.flagged[0],
            TooGoodPolicy::Refuse => &outcome.refused[0],
        };
        assert_eq!(noted.reason.code(), "ROUTE_TOO_GOOD");
        let Refusal::TooGood { found, kept } = noted.reason else {
            panic!("{:?}", noted.reason);
        };
        assert_eq!(kept, taken);
        assert!((1_900..2_100).contains(&found.basis_points), "{found:?}");
        assert!(found.attracts > 9_900, "it wins everywhere: {found:?}");
        assert!(found.wins.is_some_and(|(_, to)| to > 19_000), "{found:?}");
    }
}

#[test]
fn one_peers_faults_do_not_push_out_what_was_refused_of_another() {
    let mut bench = Bench::new(OutgoingSettings::default());
    let mut incoming = Incoming::new(IncomingSettings {
        refused_kept: 10,
        ..IncomingSettings::default()
    });
    let (bob, eve) = (account(TELLING, "bob"), account(TELLING, "eve"));
    let wrong = |count| vec![record("example.c.", "mallory"); count];
    incoming.apply(&mut bench.tables, at(0), &bob, update(wrong(2), &[]));
    for second in 1..50 {
        let flood = update(wrong(90), &[]);
        incoming.apply(&mut bench.tables, at(second), &eve, flood);
    }
    let kept = |peer: &IlpAddress| incoming.refused().filter(|r| r.peer == *peer).count();
    assert_eq!((kept(&bob), kept(&eve)), (2, 8));
}

#[test]
fn a_hundred_thousand_routes_in_one_update_are_taken_up_to_the_bound() {
    let mut tables = Tables::new(Settings {
        max_routes_per_peer: 60_000,
        ..Settings::default()
    });
    tables.set_local_pairs(all_pairs(&[OWN, TELLING], &line(100_000, 100_000)));
    let mut incoming = Incoming::new(IncomingSettings::default());
    let bob = account(TELLING, "bob");
    let routes = (0..100_000).map(|i| record(&format!("example.n{i}."), "bob"));
    let text = update(routes.collect(), &[]).write(Dialect::V21);
    for turn in 0..2 {
        let heard = HeardUpdate::read(Document::whole(text.as_bytes()), Dialect::V21).unwrap();
        let outcome = incoming.apply_heard(&mut tables, at(turn), &bob, &heard);
        assert_eq!((outcome.accepted, outcome.refused_count), (60_000, 40_000));
        assert_eq!(outcome.refused.len(), 100, "the rest is counted");
        assert_eq!(outcome.refused[0].reason.code(), "ROUTE_TOO_MANY");
        assert_eq!(outcome.changed, turn == 0, "the same again is no change");
        assert_eq!(tables.heard_from(&bob).count(), 60_000);
    }
    assert_eq!(incoming.refused().count(), 200);
    let lost = tables.remove_expired(at(1_000_000));
    assert_eq!(lost.len(), 60_000, "from the one ledger that led there");
}

#[test]
fn what_a_peer_no_longer_tells_when_asked_for_everything_goes() {
    let mut tables = Bench::new(OutgoingSettings::default()).tables;
    let mut incoming = Incoming::new(IncomingSettings::default());
    let bob = account(TELLING, "bob");
    let known = |tables: &Tables| -> Vec<String> {
        let heard = tables.heard_from(&bob);
        heard.map(|(prefix, _)| prefix.to_string()).collect()
    };
    let both = || vec![record("example.a.", "bob"), record("example.b.", "bob")];
    incoming.apply(&mut tables, at(0), &bob, update(both(), &[]));
    incoming.asked_full_table(&tables, at(10), &bob, Millis(45_000));
    let told = update(vec![record("example.a.", "bob")], &[]);
    let outcome = incoming.apply(&mut tables, at(20), &bob, told);
    assert!(outcome.lost.is_empty(), "there is time to tell the rest");
    incoming.apply(&mut tables, at(50), &bob, update(Vec::new(), &[]));
    assert_eq!(known(&tables), ["example.a.", "example.b."]);
    let outcome = incoming.apply(&mut tables, at(56), &bob, update(Vec::new(), &[]));
    assert!(outcome.broadcast_now && !outcome.lost.is_empty());
    assert_eq!(known(&tables), ["example.a."]);

    // One that tells nothing did not understand the question.
    incoming.asked_full_table(&tables, at(60), &bob, Millis(45_000));
    for second in [90, 110, 130] {
        incoming.apply(&mut tables, at(second), &bob, update(Vec::new(), &[]));
    }
    assert_eq!(known(&tables), ["example.a."]);
}
