//! Seeds of every shape, and faults that must be seen.

use c2c::amount::Amount;
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

/// Plants a liar whom the checks take for honest, and what they find.
fn planted(topology: Topology, lie: Option<Lie>, run: u64) -> Vec<Broken> {
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
        });
    }
    let mut network = Network::from_scenario(&scenario).expect("a sound scenario");
    let mut watch = Watch::new(&mut network).trusting();
    network.set_lie(1, lie);
    watch.run(&mut network, Millis(60_000));
    if lie == Some(Lie::Keeps) {
        network.stop(4);
    }
    watch.run(&mut network, Millis(run));
    watch.look_at_all(&network);
    let mut broken: Vec<Broken> = watch
        .violations()
        .iter()
        .map(|violation| violation.broken)
        .collect();
    broken.sort_unstable();
    broken.dedup();
    broken
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
