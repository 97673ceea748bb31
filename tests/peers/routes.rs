//! Routes: how they come, what they promise, when they change.

use c2c::address::CurrencyCode;
use c2c::amount::Amount;
use c2c::connector::{Asked, Event, Input, Rates};
use c2c::schema::Dialect;
use c2c::timestamp::{Millis, Timestamp};
use c2c_sim::{Network, replay};
use c2c_tests::pair::{LIMIT, Pair};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Red – ours – blue.
fn chain(seed: u64) -> (Network, [usize; 3]) {
    let mut network = Network::new(seed);
    let red = network.add("red", "USD", |_| {});
    let ours = network.add("ours", "USD", |_| {});
    let blue = network.add("blue", "USD", |_| {});
    network.peer(red, ours, "USD", LIMIT);
    network.peer(ours, blue, "USD", LIMIT);
    (network, [red, ours, blue])
}

/// When `node` sent broadcasts with routes in them.
fn sent_with_routes(network: &Network, node: usize) -> Vec<Timestamp> {
    let events = network.node(node).events.iter();
    events
        .filter(|(_, event)| matches!(event, Event::BroadcastSent { routes, .. } if *routes > 0))
        .map(|(at, _)| *at)
        .collect()
}

#[test]
fn each_learns_the_others_ledger_within_a_second_or_two() {
    let mut pair = Pair::new(1);
    pair.network.run(Millis(2_000));
    for (node, other) in [(pair.red, "example.blue."), (pair.blue, "example.red.")] {
        let ways = pair.network.ways(node, other);
        assert_eq!(ways.len(), 1, "{other}");
        assert_eq!(ways[0].next_ledger, pair.ledger);
        assert_eq!(ways[0].hops, 3);
        assert!(ways[0].wins);
        let points = ways[0].points.as_ref().expect("a curve");
        let most = points.last().expect("points").1;
        assert!(most <= Amount::new(LIMIT), "no more than the limit: {most}");
        assert!(
            most > Amount::new(LIMIT / 100 * 99),
            "and nearly all of it: {most}"
        );
    }
}

#[test]
fn a_chain_gives_red_a_route_to_blue() {
    let (mut network, [red, ours, blue]) = chain(2);
    network.run(Millis(5_000));
    let ways = network.ways(red, "example.blue.");
    assert_eq!(ways.len(), 1);
    assert_eq!(ways[0].hops, 4, "example.red., two between, example.blue.");
    assert_eq!(network.ways(blue, "example.red.").len(), 1);
    assert_eq!(network.ways(ours, "example.red.").len(), 1);
    // 1 USD goes in; three connectors keep their spread, and each hop may round a unit away.
    let asked = Asked::Source(1_000_000_000);
    let why = network
        .node(red)
        .connector
        .why("example.red.", "example.blue.bob", asked);
    let delivered = why.destination_amount.expect("a curve").units();
    assert!(
        (994_000_000..=994_012_000).contains(&delivered),
        "{delivered}"
    );
    assert!(why.sentence.contains("ours.example"), "{}", why.sentence);
    // Nobody announces a ledger between two peers.
    let told = network.node(red).connector.routes(None, Some("peer."));
    let own: Vec<_> = network.node(red).connector.peers().peers;
    for route in told.routes {
        assert!(
            own.iter()
                .any(|peer| route.target_prefix == peer.prefix.as_str())
        );
    }
}

#[test]
fn a_changed_limit_is_told_with_the_next_round_and_not_before() {
    let mut pair = Pair::new(3);
    pair.network.run(Millis(70_000));
    let before = sent_with_routes(&pair.network, pair.blue).len();
    let changed = pair.network.now();
    let most = |pair: &Pair| {
        let ways = pair.network.ways(pair.red, "example.blue.");
        ways[0]
            .points
            .as_ref()
            .expect("a curve")
            .last()
            .expect("points")
            .1
    };
    let (old, lower) = (most(&pair), Amount::new(LIMIT / 2));
    pair.network
        .input(pair.blue, Input::SetLimit(pair.ledger.clone(), lower))
        .expect("blue has the peer");
    pair.network.run(Millis(1_000));
    assert_eq!(sent_with_routes(&pair.network, pair.blue).len(), before);
    assert_eq!(most(&pair), old);
    pair.network.run(Millis(30_000));
    let sent = sent_with_routes(&pair.network, pair.blue);
    assert_eq!(sent.len(), before + 1, "once");
    assert!(sent[before].since(changed) <= Millis(30_000));
    assert!(most(&pair) <= lower);
    pair.network.run(Millis(90_000));
    assert_eq!(
        sent_with_routes(&pair.network, pair.blue).len(),
        before + 1,
        "and not again"
    );
}

#[test]
fn without_changes_heartbeats_go_and_in_ten_minutes_all_routes_once_for_each_question() {
    let mut pair = Pair::new(4);
    // Whoever asks for everything while it is on its way gets it again with the next round.
    pair.network.run(Millis(40_000));
    let before = sent_with_routes(&pair.network, pair.red).len();
    pair.network.run(Millis(3_000_000));
    // Whoever asks tells everything with the question, and whoever is asked answers so.
    let again = sent_with_routes(&pair.network, pair.red).len() - before;
    assert!((4..=10).contains(&again), "{again}");
    assert_eq!(pair.network.ways(pair.red, "example.blue.").len(), 1);
    let sent = pair.network.node(pair.red).events.iter();
    let heartbeats = sent
        .filter(|(_, event)| matches!(event, Event::BroadcastSent { .. }))
        .count();
    assert!(
        (100..=114).contains(&heartbeats),
        "one in 30 s: {heartbeats}"
    );
}

#[test]
fn a_new_rate_opens_a_way_at_once() {
    let mut network = Network::new(5);
    let red = network.add("red", "USD", |_| {});
    let blue = network.add("blue", "EUR", |_| {});
    network.peer(red, blue, "USD", LIMIT);
    network.run(Millis(40_000));
    assert!(
        network.ways(red, "example.blue.").is_empty(),
        "blue trades no EUR for USD"
    );
    let code = |text: &str| CurrencyCode::new(text).expect("a currency code");
    let mut rates = Rates::default();
    rates
        .set(code("USD"), code("EUR"), "0.92".parse().expect("a number"))
        .expect("a rate");
    network
        .input(blue, Input::SetRates(rates))
        .expect("rates are never refused");
    network.run(Millis(2_000));
    let ways = network.ways(red, "example.blue.");
    assert_eq!(ways.len(), 1);
    let asked = Asked::Source(1_000_000_000);
    let why = network
        .node(red)
        .connector
        .why("example.red.", "example.blue.bob", asked);
    let delivered = why.destination_amount.expect("a curve").units();
    assert!(
        delivered <= 916_323_680 && delivered > 916_300_000,
        "0.92 less two spreads: {delivered}"
    );
}

#[test]
fn the_older_dialect_carries_routes_too() {
    let mut network = Network::new(6);
    let red = network.add("red", "USD", |config| {
        config.protocol_version = "Compatible: ilp-kit v2.0.0".to_owned();
    });
    let blue = network.add("blue", "USD", |config| {
        config.protocol_version = "Compatible: ilp-kit v2.0.0".to_owned();
    });
    let ledger = network.peer(red, blue, "USD", LIMIT);
    network.run(Millis(40_000));
    let view = network
        .node(red)
        .connector
        .peer_view(&ledger)
        .expect("a peer");
    assert_eq!(view.dialect, Dialect::V17);
    assert_eq!(network.ways(red, "example.blue.").len(), 1);
    assert_eq!(network.ways(blue, "example.red.").len(), 1);
}

#[test]
fn parallel_ways_are_merged_by_what_they_deliver() {
    let mut network = Network::new(7);
    let red = network.add("red", "USD", |_| {});
    let cheap = network.add("cheap", "USD", |config| {
        config.routing.spread = "0.001".parse().expect("a share");
    });
    let large = network.add("large", "USD", |_| {});
    let blue = network.add("blue", "USD", |_| {});
    for (middle, limit) in [(cheap, LIMIT / 10), (large, LIMIT)] {
        network.peer(red, middle, "USD", limit);
        network.peer(middle, blue, "USD", limit);
    }
    network.run(Millis(10_000));
    let route = network
        .route(red, "example.red.", "example.blue.")
        .expect("a route");
    assert_eq!(route.candidates.len(), 2);
    assert!(route.candidates.iter().all(|candidate| candidate.wins));
    let merged = route.merged.expect("a curve");
    // Among the first few units, which deliver nothing, the tie goes to whoever was known first.
    let sections: Vec<_> = merged
        .segments
        .iter()
        .filter(|segment| segment.to > Amount::new(100))
        .collect();
    assert_eq!(sections.len(), 2, "{sections:?}");
    let name = |of: &c2c::IlpAddress| {
        let peers = network.node(red).connector.peers().peers;
        peers
            .into_iter()
            .find(|peer| peer.peer_account == *of)
            .and_then(|peer| peer.host)
    };
    assert_eq!(
        name(&sections[0].next_hop).as_deref(),
        Some("cheap.example")
    );
    assert_eq!(
        name(&sections[1].next_hop).as_deref(),
        Some("large.example")
    );
    assert!(
        route.sentence.contains("cheap.example"),
        "{}",
        route.sentence
    );
    // The decision about one payment follows the sections.
    for (amount, winner) in [(1_000, "cheap.example"), (LIMIT / 2, "large.example")] {
        let asked = Asked::Source(amount);
        let why = network
            .node(red)
            .connector
            .why("example.red.", "example.blue.bob", asked);
        assert_eq!(why.winner.as_ref().and_then(&name).as_deref(), Some(winner));
        assert_eq!(why.rejected.len(), 1);
    }
}

#[test]
fn a_journal_plays_again_to_the_same_tables() {
    let (mut network, nodes) = chain(8);
    network.wire.requests_lost = 50;
    network.run(Millis(300_000));
    for node in nodes {
        let at = network.node(node);
        let (first, outputs) =
            replay(at.config().clone(), &at.journal).expect("it was taken before");
        let (second, again) =
            replay(at.config().clone(), &at.journal).expect("it was taken before");
        assert_eq!(first.snapshot(), at.connector.snapshot());
        assert_eq!(second.snapshot(), at.connector.snapshot());
        assert_eq!(outputs, again);
        assert!(at.journal.len() > 20, "something happened");
    }
}
