//! What changed the tables is written down, and played again to the same tables.

use c2c::address::CurrencyCode;
use c2c::amount::Amount;
use c2c::broadcast::IncomingSettings;
use c2c::connector::{Config, Input, Rates, StaticRoute};
use c2c::journal::replay;
use c2c::table::Settings;
use c2c::timestamp::Millis;
use c2c_sim::Network;
use c2c_tests::pair::LIMIT;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Plays the journal of `node`, and holds the tables that come out against its own.
fn plays_again(network: &Network, node: usize) {
    let connector = &network.node(node).connector;
    let journal = connector.journal().expect("it is wanted");
    assert!(!journal.is_full());
    let again = replay(
        journal.lines(),
        Settings::default(),
        IncomingSettings::default(),
    );
    let again = again.expect("it was written by us");
    assert_eq!(again.digest(), connector.tables().digest());
}

#[test]
fn a_life_with_faults_plays_again_to_the_same_tables() {
    for seed in 0..4 {
        let wanted = |config: &mut Config| config.routing.journal_bytes = 64 << 20;
        let mut network = Network::new(seed);
        network.wire.requests_lost = 50;
        let hub = network.add("hub", "USD", wanted);
        let spokes: Vec<usize> = (0..4)
            .map(|i| network.add(&format!("spoke{i}"), "USD", wanted))
            .collect();
        let ledgers: Vec<_> = spokes
            .iter()
            .map(|spoke| network.peer(hub, *spoke, "USD", LIMIT))
            .collect();
        network.peer(spokes[0], spokes[1], "USD", LIMIT);
        network.run(Millis(60_000));
        plays_again(&network, hub);
        network.cut(hub, spokes[0]);
        network.run(Millis(100_000));
        network.mend(hub, spokes[0]);
        network.stop(spokes[1]);
        network
            .input(
                hub,
                Input::SetLimit(ledgers[2].clone(), Amount::new(77_000)),
            )
            .expect("it is its peer");
        network.run(Millis(200_000));
        plays_again(&network, hub);
        network.start(spokes[1]);
        let mut rates = Rates::default();
        let rate = "0.92".parse().expect("a number");
        let usd = CurrencyCode::new("USD").expect("a currency code");
        rates.set(usd.clone(), usd, rate).expect("a rate");
        network
            .input(hub, Input::SetRates(rates))
            .expect("it is its peer");
        network.run(Millis(50_000));
        network
            .input(hub, Input::RemovePeer(ledgers[3].clone()))
            .expect("it is its peer");
        network.run(Millis(300_000));
        plays_again(&network, hub);
        for spoke in spokes {
            plays_again(&network, spoke);
        }
    }
}

#[test]
fn configured_routes_and_the_older_dialect_are_written_down_too() {
    let wanted = |config: &mut Config| config.routing.journal_bytes = 1 << 20;
    let mut network = Network::new(11);
    let old = network.add("old", "USD", |config| {
        config.protocol_version = "Compatible: ilp-kit v2.0.1".to_owned();
        config.routing.journal_bytes = 1 << 20;
    });
    let other = network.add("other", "USD", wanted);
    // Who is peered with whom decides the name of the ledger between.
    let via = {
        let mut same = Network::new(11);
        let ours = same.add("ours", "USD", |_| {});
        let old = same.add("old", "USD", |_| {});
        same.details(ours, old, "USD").prefix
    };
    let ours = network.add("ours", "USD", |config| {
        config.routing.journal_bytes = 1 << 20;
        config.static_routes.push(StaticRoute {
            target_prefix: "g.far.".to_owned(),
            via,
        });
    });
    network.peer(ours, old, "USD", LIMIT);
    network.peer(ours, other, "USD", LIMIT);
    network.run(Millis(100_000));
    assert_eq!(network.ways(ours, "g.far.").len(), 1);
    assert_eq!(network.ways(old, "example.other.").len(), 1);
    for node in [ours, old, other] {
        plays_again(&network, node);
    }
}

#[test]
fn a_full_journal_says_so_and_is_still_a_beginning() {
    let mut network = Network::new(12);
    let ours = network.add("ours", "USD", |config| config.routing.journal_bytes = 1_500);
    let other = network.add("other", "USD", |_| {});
    network.peer(ours, other, "USD", LIMIT);
    network.run(Millis(600_000));
    let journal = network
        .node(ours)
        .connector
        .journal()
        .expect("it is wanted");
    assert!(journal.is_full() && journal.lines().len() <= 1_500);
    let settings = Settings::default();
    assert!(
        replay(
            journal.lines(),
            settings.clone(),
            IncomingSettings::default()
        )
        .is_ok()
    );
    let error = replay("{\"nothing\":1}\n", settings, IncomingSettings::default());
    assert_eq!(error.expect_err("no line of ours").line, 1);
}
