//! Who gets what, without a socket.

use super::*;
use axum::http::{HeaderMap, Method};

const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

fn counts(change: impl FnOnce(&mut Limits)) -> Arc<Counts> {
    let mut limits = Limits {
        address_per_second: 1,
        peer_per_second: 2,
        connections: 4,
        connections_per_address: 2,
        in_flight: 4,
        trusted_proxy: None,
    };
    change(&mut limits);
    Arc::new(Counts::new(limits))
}

fn call(connection: &Arc<Connection>, method: &str) -> Result<Pass, Overload> {
    connection.admit(&Method::POST, "/rpc", method, &HeaderMap::new())
}

fn passed(connection: &Arc<Connection>, most: usize) -> usize {
    (0..most)
        .filter(|_| call(connection, "get_limit").is_ok())
        .count()
}

#[test]
fn a_stranger_is_counted_by_its_address_and_a_peer_as_itself() {
    let counts = counts(|_| ());
    let (one, two) = (
        counts.connect(STRANGER).unwrap(),
        counts.connect(STRANGER).unwrap(),
    );
    assert_eq!(passed(&one, 20), 5, "five seconds' worth at once");
    assert_eq!(passed(&two, 20), 0, "the address is the same");
    let error = call(&two, "get_limit").err().unwrap();
    assert_eq!((error.reason, error.seconds()), (Reason::Address, 1));

    let other = counts.connect("198.51.100.8".parse().unwrap()).unwrap();
    let first = call(&other, "get_limit").unwrap();
    first.called("peer.a.usd.9.", StatusCode::FORBIDDEN);
    assert!(
        lock(&counts.peers).is_empty(),
        "a wrong token makes nobody a peer"
    );
    first.called("peer.a.usd.9.", StatusCode::OK);
    drop(first);
    assert_eq!(passed(&other, 50), 10);
    assert_eq!(
        call(&other, "get_limit").err().unwrap().reason,
        Reason::Peer
    );
    let refused: BTreeMap<_, _> = counts.refused().collect();
    assert_eq!(refused["address"], 15 + 20 + 1);
    assert_eq!(refused["peer"], 40 + 1);
}

#[test]
fn whoever_has_one_address_of_a_network_has_them_all() {
    let counts = counts(|_| ());
    let one = counts.connect("2001:470:1:1::1".parse().unwrap()).unwrap();
    let same = counts
        .connect("2001:470:1:1:ffff::2".parse().unwrap())
        .unwrap();
    assert!(counts.connect("2001:470:1:1::3".parse().unwrap()).is_err());
    let other = counts.connect("2001:470:1:2::1".parse().unwrap()).unwrap();
    assert_eq!(passed(&one, 9) + passed(&same, 9), 5);
    assert_eq!(passed(&other, 9), 5);
    let mapped = counts
        .connect("::ffff:198.51.100.7".parse().unwrap())
        .unwrap();
    assert_eq!(passed(&mapped, 9), 5);
    assert_eq!(lock(&counts.addresses).len(), 3);
}

#[test]
fn the_oldest_stranger_makes_room_and_a_peer_never() {
    let counts = counts(|limits| limits.connections_per_address = 9);
    let peer = counts.connect(STRANGER).unwrap();
    call(&peer, "get_limit")
        .unwrap()
        .called("peer.a.usd.9.", StatusCode::OK);
    let strangers: Vec<_> = (0..3).map(|_| counts.connect(STRANGER).unwrap()).collect();
    let closes = |connection: &Arc<Connection>| {
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        let closing = std::pin::pin!(connection.closing());
        closing.poll(context).is_ready()
    };
    assert!(!strangers.iter().any(closes));
    let more = counts.connect(STRANGER).unwrap();
    assert!(closes(&strangers[0]) && !closes(&strangers[1]) && !closes(&peer));
    assert_eq!(counts.open(), 5, "until it is closed");
    drop(strangers);
    drop(more);
    assert_eq!(counts.open(), 1);

    let peers: Vec<_> = (0..3).map(|_| counts.connect(STRANGER).unwrap()).collect();
    for peer in &peers {
        call(peer, "get_limit").unwrap().known();
    }
    let error = counts.connect(STRANGER).err().unwrap();
    assert_eq!(error.reason, Reason::Connections);
    assert_eq!(counts.open(), 4);
    drop((peer, peers));
    assert_eq!(counts.open(), 0);
    assert!(lock(&counts.strangers).is_empty());
}

#[test]
fn what_ends_a_payment_finds_a_place_where_others_do_not() {
    let counts = counts(|limits| limits.address_per_second = 0);
    let connection = counts.connect(STRANGER).unwrap();
    let held: Vec<Pass> = (0..4)
        .map(|_| call(&connection, "send_transfer").unwrap())
        .collect();
    assert!(!counts.has_room());
    assert_eq!(
        call(&connection, "send_transfer").err().unwrap().reason,
        Reason::Overload
    );
    let ended: Vec<Pass> = (0..4)
        .map(|_| call(&connection, "fulfill_condition").unwrap())
        .collect();
    assert!(
        call(&connection, "reject_incoming_transfer").is_err(),
        "twice as many, and no more"
    );
    drop((held, ended));
    assert_eq!(counts.in_flight(), 0, "a refusal keeps no place");

    // One peer leaves room for the others.
    let first = call(&connection, "get_limit").unwrap();
    first.called("peer.a.usd.9.", StatusCode::OK);
    drop(first);
    let _one = call(&connection, "send_transfer").unwrap();
    assert_eq!(
        call(&connection, "send_transfer").err().unwrap().reason,
        Reason::Overload
    );
    let other = counts.connect("198.51.100.9".parse().unwrap()).unwrap();
    assert!(call(&other, "send_transfer").is_ok());
}

#[test]
fn only_the_trusted_proxy_says_who_calls() {
    let proxy: IpAddr = "127.0.0.1".parse().unwrap();
    let counts = counts(|limits| limits.trusted_proxy = Some(proxy));
    let by = |connection: &Arc<Connection>, name: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", name.parse().unwrap());
        let passed = connection.admit(&Method::POST, "/rpc", "get_limit", &headers);
        (connection.caller(&headers).0.to_string(), passed.ok())
    };
    let (proxied, direct) = (
        counts.connect(proxy).unwrap(),
        counts.connect(STRANGER).unwrap(),
    );
    for _ in 0..5 {
        let (caller, passed) = by(&proxied, "10.9.9.9, 198.51.100.1");
        assert_eq!((caller.as_str(), passed.is_some()), ("198.51.100.1", true));
    }
    assert!(by(&proxied, "198.51.100.1").1.is_none());
    let (_, passed) = by(&proxied, "198.51.100.2");
    passed.unwrap().called("peer.a.usd.9.", StatusCode::OK);
    assert_eq!(
        (0..20)
            .filter(|_| by(&proxied, "198.51.100.2").1.is_some())
            .count(),
        10
    );
    assert_eq!(
        (0..20)
            .filter(|_| by(&proxied, "198.51.100.3").1.is_some())
            .count(),
        5
    );
    for _ in 0..9 {
        assert_eq!(by(&direct, "127.0.0.1").0, STRANGER.to_string());
    }
    assert!(
        by(&direct, "198.51.100.250").1.is_none(),
        "counted by its own address"
    );
}

#[test]
fn addresses_that_ask_nothing_any_more_are_forgotten() {
    let counts = counts(|_| ());
    let most = u32::try_from(MOST_ADDRESSES).unwrap();
    for number in 0..most + 10 {
        counts.address(IpAddr::V4(number.saturating_add(0x0100_0000).into()));
    }
    assert!(lock(&counts.addresses).len() <= 10);
}
