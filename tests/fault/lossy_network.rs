//! Calls get lost and are slow: what is right in the end is right.

use c2c::timestamp::Millis;
use c2c_sim::{Network, Wire};
use c2c_tests::pair::LIMIT;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Five connectors in a ring, so that there are two ways round.
fn ring(seed: u64) -> Network {
    let mut network = Network::new(seed);
    let count = 5;
    for i in 0..count {
        network.add(&format!("node{i}"), "USD", |_| {});
    }
    for i in 0..count {
        network.peer(i, (i + 1) % count, "USD", LIMIT);
    }
    network
}

#[test]
fn all_learn_of_all_although_a_fifth_of_the_calls_gets_lost() {
    for seed in 0..8 {
        let mut network = ring(seed);
        network.wire = Wire {
            least_ms: 1,
            most_ms: 3_000,
            requests_lost: 200,
            ..Wire::default()
        };
        network.run(Millis(300_000));
        network.wire = Wire {
            least_ms: 1,
            most_ms: 100,
            ..Wire::default()
        };
        network.run(Millis(120_000));
        for from in 0..5 {
            for to in (0..5).filter(|to| *to != from) {
                let ways = network.ways(from, &format!("example.node{to}."));
                assert!(!ways.is_empty(), "seed {seed}: node{from} to node{to}");
                let least = if (from + 1) % 5 == to || (to + 1) % 5 == from {
                    3
                } else {
                    4
                };
                let hops = ways.iter().map(|way| way.hops).min();
                assert_eq!(hops, Some(least), "seed {seed}: node{from} to node{to}");
            }
        }
    }
}

#[test]
fn no_route_passes_a_ledger_twice() {
    let mut network = ring(77);
    network.wire.requests_lost = 100;
    network.run(Millis(200_000));
    for node in 0..5 {
        for route in network.node(node).connector.routes(None, None).routes {
            for way in &route.candidates {
                for path in &way.paths {
                    let mut passed: Vec<&str> = path.iter().map(|ledger| ledger.as_str()).collect();
                    passed.extend([
                        route.source_ledger.as_str(),
                        way.next_ledger.as_str(),
                        route.target_prefix.as_str(),
                    ]);
                    passed.sort_unstable();
                    // A way over a pair of ours ends on its next ledger.
                    let repeats = passed.windows(2).filter(|two| two[0] == two[1]).count();
                    let ends = usize::from(way.next_ledger.as_str() == route.target_prefix);
                    assert_eq!(repeats, ends, "{passed:?}");
                }
            }
        }
    }
}
