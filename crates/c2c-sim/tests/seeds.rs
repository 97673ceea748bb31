//! Seeds of every shape, and faults that must be seen.

use std::collections::BTreeSet;

use c2c::amount::Amount;
use c2c::connector::Input;
use c2c::schema::Dialect;
use c2c::timestamp::Millis;
use c2c_sim::{Broken, ConnectorSpec, Lie, LinkSpec, Network, Scenario, Topology, Watch, play};

/// Plays the seeds from `first` on; `cargo xtask simulate` plays more.
fn played(first: u64, count: u64) {
    for seed in first..first + count {
        let report = play(seed, 30);
        assert_eq!(
            report.found,
            0,
            "seed {seed}, {} of {}\n{}\n{:#?}",
            report.topology,
            report.connectors,
            report.story.join("\n"),
            report.violations
        );
    }
}

#[test]
fn the_first_hundred_seeds_hold() {
    played(0, 100);
}

#[test]
fn the_second_hundred_seeds_hold() {
    played(100, 100);
}

#[test]
fn a_seed_plays_twice_alike() {
    for seed in [3, 14, 15] {
        assert_eq!(play(seed, 10).digest, play(seed, 10).digest);
    }
    assert_ne!(play(3, 10).digest, play(4, 10).digest);
}

/// Five connectors, `a` to `e`, and a watch that takes liars for honest.
fn watched(topology: Topology) -> (Network, Watch) {
    let mut scenario = Scenario::default();
    let links = topology.links(5, &mut c2c_sim::Random::new(1));
    for name in ["a", "b", "c", "d", "e"] {
        scenario.connectors.push(ConnectorSpec::new(name, "USD"));
    }
    for (one, other) in links {
        scenario.links.push(LinkSpec {
            between: [one, other].map(|place| scenario.connectors[place].name.clone()),
            currency: "USD".to_owned(),
            scale: 9,
            limits: [Amount::new(1_000_000_000_000); 2],
            dialects: [Dialect::V21; 2],
        });
    }
    let mut network = Network::from_scenario(&scenario).expect("a sound scenario");
    let watch = Watch::new(&mut network).trusting();
    (network, watch)
}

/// Which checks failed, each once.
fn broken(watch: &Watch) -> Vec<Broken> {
    let violations = watch.violations().iter();
    let broken: BTreeSet<Broken> = violations.map(|violation| violation.broken).collect();
    broken.into_iter().collect()
}

/// Plants a liar whom the checks take for honest, and what they find.
fn planted(topology: Topology, lie: Option<Lie>, run: u64) -> Vec<Broken> {
    let (mut network, mut watch) = watched(topology);
    network.set_lie(1, lie);
    watch.run(&mut network, Millis(60_000));
    if lie == Some(Lie::Keeps) {
        network.stop(4);
    }
    watch.run(&mut network, Millis(run));
    watch.look_at_all(&network);
    broken(&watch)
}

#[test]
fn who_sends_payments_round_is_seen() {
    let (mut network, _) = watched(Topology::Ring);
    network.run(Millis(60_000));
    for node in 0..5 {
        network.set_lie(node, Some(Lie::Wanders));
    }
    let mut watch = Watch::new(&mut network).trusting();
    watch.run(&mut network, Millis(31_000));
    assert_eq!(
        broken(&watch),
        [Broken::Circle],
        "{:#?}",
        watch.violations()
    );
}

#[test]
fn who_keeps_more_than_it_says_is_seen() {
    let (mut network, mut watch) = watched(Topology::Line);
    network.set_lie(2, Some(Lie::Skims));
    watch.run(&mut network, Millis(20_000));
    assert_eq!(
        broken(&watch),
        [Broken::Promise],
        "{:#?}",
        watch.violations()
    );
}

#[test]
fn who_turns_in_a_circle_is_seen() {
    let (mut network, mut watch) = watched(Topology::Line);
    watch.run(&mut network, Millis(60_000));
    assert_eq!(broken(&watch), []);
    // As if its next waking were always now.
    while network.spun().is_empty() {
        network.input(2, Input::Wake).expect("a wake is no mistake");
    }
    assert!(!network.node(2).is_running(), "it is stopped");
    watch.run(&mut network, Millis(1_000));
    assert_eq!(broken(&watch), [Broken::Spin], "{:#?}", watch.violations());
}

#[test]
fn who_gives_no_rest_is_seen() {
    let (mut network, _) = watched(Topology::Line);
    let mut watch = Watch::new(&mut network);
    network.set_lie(2, Some(Lie::Flaps));
    assert!(!watch.run_until_quiet(&mut network, Millis(3_600_000)));
    assert_eq!(
        broken(&watch),
        [Broken::Unrest],
        "{:#?}",
        watch.violations()
    );
    network.set_lie(2, None);
    assert!(watch.run_until_quiet(&mut network, Millis(3_600_000)));
}

#[test]
fn an_old_update_that_comes_again_is_counted_and_cured() {
    let (mut network, _) = watched(Topology::Line);
    let mut watch = Watch::new(&mut network);
    network.wire.copied_late = 1_000;
    watch.run(&mut network, Millis(100_000));
    network.stop(4);
    watch.run(&mut network, Millis(100_000));
    network.wire.copied_late = 0;
    watch.run(&mut network, Millis(60_000));
    let faults = *network.faults();
    assert!(faults.late_copies > faults.stale_copies && faults.stale_copies > 0);
    for node in network.misquoted().clone() {
        network.stop(node);
    }
    watch.run(&mut network, Millis(60_000));
    network.forget_misquoted();
    (0..5).for_each(|node| network.start(node));
    assert!(watch.run_until_quiet(&mut network, Millis(3_600_000)));
    watch.look_at_all(&network);
    assert_eq!(broken(&watch), [], "{:#?}", watch.violations());
}

/// In 589, 695 and 899 the full table came before its question was acknowledged, and what it told was taken
/// for not told; in 3097, 7412 and 8023 a payment goes over two ledgers of one connector.
#[test]
fn seeds_that_found_something_hold() {
    for seed in [589, 695, 899, 3097, 7412, 8023] {
        let report = play(seed, 100);
        assert_eq!(report.found, 0, "seed {seed}: {:#?}", report.violations);
    }
}

/// Who is told in the dialect as cited cannot be asked for everything. It tells everything when it is asked
/// for its limit, also where that happens twice within an interval.
#[test]
fn what_was_given_up_is_told_again_without_a_question() {
    let (mut network, _) = watched(Topology::Line);
    let link = LinkSpec {
        between: ["x".to_owned(), "a".to_owned()],
        currency: "USD".to_owned(),
        scale: 9,
        limits: [Amount::new(1_000_000_000_000); 2],
        dialects: [Dialect::V17, Dialect::V21],
    };
    let x = network
        .add_connector(&ConnectorSpec::new("x", "USD"))
        .expect("a new name");
    network.add_link(&link).expect("two connectors");
    network.run(Millis(60_000));
    let known = network.ways(x, "example.e.").len();
    assert_eq!(known, 1);
    for lost in (46_000..90_000).step_by(2_000) {
        // Its calls arrive, and it does not learn of it.
        network.wire.answers_lost = 1_000;
        network.run(Millis(lost));
        network.wire.answers_lost = 0;
        network.run(Millis(120_000));
        assert_eq!(
            network.ways(x, "example.e.").len(),
            known,
            "after {lost} ms"
        );
    }
}

/// A line whose middle speaks the dialect without paths loses nothing and keeps nothing.
#[test]
fn a_line_with_older_peers_in_it_forgets_what_is_gone() {
    let (network, _) = watched(Topology::Line);
    let mut scenario = Scenario::default();
    for node in network.nodes() {
        scenario
            .connectors
            .push(ConnectorSpec::new(&node.name, "USD"));
    }
    for two in ["a", "b", "c", "d", "e"].windows(2) {
        scenario.links.push(LinkSpec {
            between: [two[0].to_owned(), two[1].to_owned()],
            currency: "USD".to_owned(),
            scale: 9,
            limits: [Amount::new(1_000_000_000_000); 2],
            dialects: [if two[0] == "b" {
                Dialect::V17
            } else {
                Dialect::V21
            }; 2],
        });
    }
    let mut network = Network::from_scenario(&scenario).expect("a sound scenario");
    let mut watch = Watch::new(&mut network);
    watch.run(&mut network, Millis(100_000));
    let ways = network.ways(4, "example.a.");
    assert_eq!(ways.len(), 1);
    assert_eq!(ways[0].hops, 5, "the ledger between a and b is not named");
    // The one in the middle forgets what it told, and what it told of is gone when it is back.
    network.stop(2);
    network.remove(0);
    watch.run(&mut network, Millis(5_000));
    network.start(2);
    network.remove(4);
    assert!(watch.run_until_quiet(&mut network, Millis(3_600_000)));
    watch.look_at_all(&network);
    assert_eq!(broken(&watch), [], "{:#?}", watch.violations());
}

#[test]
fn who_promises_too_much_is_seen() {
    let broken = planted(Topology::Line, Some(Lie::TooGood), 600_000);
    assert!(broken.contains(&Broken::Lasting), "{broken:?}");
    assert!(broken.contains(&Broken::Table), "{broken:?}");
}

#[test]
fn who_claims_the_ledgers_of_others_is_seen() {
    let broken = planted(Topology::Line, Some(Lie::Claims), 600_000);
    assert!(broken.contains(&Broken::Lasting), "{broken:?}");
    assert!(broken.contains(&Broken::Table), "{broken:?}");
}

#[test]
fn who_tells_of_ledgers_between_peers_is_seen() {
    let broken = planted(Topology::Ring, Some(Lie::Leaks), 1_000);
    assert_eq!(broken, [Broken::PeerLedger], "and nobody believes it");
}

#[test]
fn who_keeps_losses_back_is_seen() {
    let broken = planted(Topology::Line, Some(Lie::Keeps), 600_000);
    assert!(broken.contains(&Broken::Withdrawn), "{broken:?}");
}

#[test]
fn nothing_is_seen_where_nobody_lies() {
    for topology in Topology::ALL {
        let broken = planted(topology, None, 100_000);
        assert_eq!(broken, [], "{topology}");
    }
}
