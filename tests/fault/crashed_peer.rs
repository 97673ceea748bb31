//! A peer stops, is cut off, comes back.

use c2c::snapshot::PeerState;
use c2c::timestamp::Millis;
use c2c_sim::Network;
use c2c_tests::pair::{LIMIT, Pair};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Red – ours – blue, some time after they met.
fn chain(seed: u64) -> (Network, [usize; 3]) {
    let mut network = Network::new(seed);
    let red = network.add("red", "USD", |_| {});
    let ours = network.add("ours", "USD", |_| {});
    let blue = network.add("blue", "USD", |_| {});
    network.peer(red, ours, "USD", LIMIT);
    network.peer(ours, blue, "USD", LIMIT);
    network.run(Millis(100_000));
    (network, [red, ours, blue])
}

#[test]
fn its_routes_run_out_and_are_withdrawn_everywhere() {
    let (mut network, [red, ours, blue]) = chain(1);
    network.stop(blue);
    assert_eq!(network.ways(ours, "example.blue.").len(), 1);
    assert_eq!(network.ways(red, "example.blue.").len(), 1);
    // At most 45 s until they run out at ours, and then red is told at once.
    network.run(Millis(48_000));
    assert!(network.ways(ours, "example.blue.").is_empty());
    assert!(network.ways(red, "example.blue.").is_empty());
    assert_eq!(
        network.ways(red, "example.ours.").len(),
        1,
        "what is not lost stays"
    );
    let peers = network.node(ours).connector.peers().peers;
    let silent = peers
        .iter()
        .find(|peer| peer.host.as_deref() == Some("blue.example"));
    assert_eq!(silent.expect("still a peer").state, PeerState::Silent);
}

#[test]
fn it_learns_everything_again_when_it_is_back() {
    for seconds in [1, 5, 20, 40, 60, 600] {
        let (mut network, [red, ours, blue]) = chain(seconds);
        network.stop(blue);
        network.run(Millis(1_000 * seconds));
        network.start(blue);
        network.run(Millis(64_000));
        assert_eq!(network.ways(blue, "example.ours.").len(), 1, "{seconds} s");
        assert_eq!(network.ways(blue, "example.red.").len(), 1, "{seconds} s");
        assert_eq!(network.ways(ours, "example.blue.").len(), 1, "{seconds} s");
        assert_eq!(network.ways(red, "example.blue.").len(), 1, "{seconds} s");
    }
}

#[test]
fn a_cut_wire_is_like_two_stopped_peers_and_mends() {
    for seconds in [3, 44, 46, 120, 1_000] {
        let mut pair = Pair::new(seconds);
        pair.network.run(Millis(100_000));
        pair.network.cut(pair.red, pair.blue);
        pair.network.run(Millis(1_000 * seconds));
        if seconds > 60 {
            assert!(pair.network.ways(pair.red, "example.blue.").is_empty());
            assert!(pair.network.ways(pair.blue, "example.red.").is_empty());
        }
        pair.network.mend(pair.red, pair.blue);
        pair.network.run(Millis(64_000));
        assert_eq!(
            pair.network.ways(pair.red, "example.blue.").len(),
            1,
            "{seconds} s"
        );
        assert_eq!(
            pair.network.ways(pair.blue, "example.red.").len(),
            1,
            "{seconds} s"
        );
        assert_eq!(
            pair.network.state(pair.red, &pair.ledger),
            Some(PeerState::Checked)
        );
    }
}

#[test]
fn one_dead_peer_does_not_hold_up_the_others() {
    let mut network = Network::new(9);
    let hub = network.add("hub", "USD", |_| {});
    let spokes: Vec<usize> = (0..5)
        .map(|i| {
            let spoke = network.add(&format!("spoke{i}"), "USD", |_| {});
            network.peer(hub, spoke, "USD", LIMIT);
            spoke
        })
        .collect();
    network.run(Millis(10_000));
    network.stop(spokes[0]);
    network.run(Millis(600_000));
    for spoke in &spokes[1..] {
        assert_eq!(network.ways(*spoke, "example.hub.").len(), 1);
        assert!(network.ways(*spoke, "example.spoke0.").is_empty());
        assert_eq!(
            network
                .ways(hub, &format!("example.spoke{}.", spoke - 1))
                .len(),
            1
        );
    }
    assert_eq!(network.ways(spokes[1], "example.spoke2.").len(), 1);
}
