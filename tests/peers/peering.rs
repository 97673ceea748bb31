//! Peering, both ways and one way only.

use c2c::amount::Amount;
use c2c::connector::{Event, Input};
use c2c::snapshot::PeerState;
use c2c::timestamp::Millis;
use c2c_sim::Network;
use c2c_tests::pair::{LIMIT, Pair};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn both_sides_derive_the_same_and_learn_each_others_limit() {
    let mut pair = Pair::new(1);
    pair.network.run(Millis(2_000));
    let view = |node: usize| {
        let peers = pair.network.node(node).connector.peers().peers;
        assert_eq!(peers.len(), 1);
        peers[0].clone()
    };
    let (red, blue) = (view(pair.red), view(pair.blue));
    assert_eq!(red.prefix, blue.prefix);
    assert_eq!(red.token_fingerprint, blue.token_fingerprint);
    assert_eq!(
        (&red.account, &red.peer_account),
        (&blue.peer_account, &blue.account)
    );
    assert_eq!((red.currency, red.scale), (blue.currency, blue.scale));
    for side in [&red.state, &blue.state] {
        assert_eq!(*side, PeerState::Checked);
    }
    assert_eq!(red.peer_limit, Some(Amount::new(LIMIT)));
    assert_eq!(blue.peer_limit, Some(Amount::new(LIMIT)));
    assert!(red.last_heard.is_some());
}

#[test]
fn one_side_waits_until_the_other_adds_it_too() {
    let mut network = Network::new(2);
    let (red, blue) = (
        network.add("red", "USD", |_| {}),
        network.add("blue", "USD", |_| {}),
    );
    let ledger = network.invite(red, blue, "USD", LIMIT);
    network.run(Millis(60_000));
    let view = network
        .node(red)
        .connector
        .peer_view(&ledger)
        .expect("a peer");
    assert_eq!(view.state, PeerState::Waiting);
    assert_eq!(view.code.as_deref(), Some("RPC_401"));
    assert_eq!(
        view.reason,
        "blue.example does not know this peering. Ask them to add red.example with USD, scale 9; or press Find the mismatch."
    );
    let inbox = network.node(blue).connector.inbox().callers;
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].prefix, ledger.as_str());
    assert!(inbox[0].times > 3, "it tries again");

    network.invite(blue, red, "USD", LIMIT);
    network.run(Millis(3_000));
    assert_eq!(network.state(red, &ledger), Some(PeerState::Checked));
    assert_eq!(network.state(blue, &ledger), Some(PeerState::Checked));
    assert!(network.node(blue).connector.inbox().callers.is_empty());
}

#[test]
fn strangers_are_refused_and_change_nothing() {
    let mut pair = Pair::new(3);
    pair.network.run(Millis(40_000));
    let before = pair.network.node(pair.blue).connector.routes(None, None);
    let token = pair.network.details(pair.red, pair.blue, "USD").send_token;
    let (network, ledger) = (&mut pair.network, pair.ledger.as_str());
    let body = r#"[{"ledger":"x","from":"x","to":"x"}]"#;
    for (prefix, bearer, status) in [
        (ledger, None, 401),
        ("peer.AAAAA.usd.9.", Some(token.reveal()), 401),
        (ledger, Some("another-token-than-theirs"), 403),
        (ledger, Some(""), 403),
    ] {
        for method in ["get_limit", "get_balance", "send_request", "nonsense"] {
            assert_eq!(
                network.call(pair.blue, method, prefix, bearer, body).0,
                status
            );
        }
    }
    let right = Some(token.reveal());
    assert_eq!(
        network.call(pair.blue, "get_limit", ledger, right, "[]"),
        (200, format!("\"{LIMIT}\""))
    );
    for method in [
        "nonsense",
        "send_transfer",
        "fulfill_condition",
        "send_request",
    ] {
        let (status, answer) = network.call(pair.blue, method, ledger, right, body);
        assert_eq!(status, 422, "{method}");
        assert!(
            answer.contains("\"id\":") && answer.contains("\"message\":"),
            "{answer}"
        );
    }
    let blue = &network.node(pair.blue).connector;
    assert_eq!(blue.routes(None, None), before);
    assert_eq!(blue.peers().peers.len(), 1);
}

#[test]
fn a_removed_peer_is_forgotten_by_both() {
    let mut pair = Pair::new(4);
    pair.network.run(Millis(40_000));
    pair.network
        .input(pair.red, Input::RemovePeer(pair.ledger.clone()))
        .expect("red has the peer");
    assert!(
        pair.network
            .node(pair.red)
            .connector
            .peers()
            .peers
            .is_empty()
    );
    assert!(pair.network.ways(pair.red, "example.blue.").is_empty());
    assert!(pair.network.node(pair.red).stored.is_empty());
    pair.network.run(Millis(100_000));
    assert_eq!(
        pair.network.state(pair.blue, &pair.ledger),
        Some(PeerState::Waiting)
    );
    assert!(pair.network.ways(pair.blue, "example.red.").is_empty());
    // Red comes back, as if nothing had been.
    pair.network.invite(pair.red, pair.blue, "USD", LIMIT);
    pair.network.run(Millis(40_000));
    assert_eq!(pair.network.ways(pair.blue, "example.red.").len(), 1);
    assert_eq!(pair.network.ways(pair.red, "example.blue.").len(), 1);
    let events = &pair.network.node(pair.red).events;
    assert!(
        events
            .iter()
            .any(|(_, event)| matches!(event, Event::PeerRemoved { .. }))
    );
}
