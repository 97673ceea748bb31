//! The network comes up by itself and shows what it is there to show.

use std::collections::BTreeSet;

use c2c::snapshot::RouteView;

use super::*;
use crate::scratch::Scratch;

#[test]
fn links_join_connectors_of_the_table() {
    let known = |name: &str| CONNECTORS.iter().any(|connector| connector.name == name);
    for link in LINKS {
        assert!(known(link.a) && known(link.b), "{} {}", link.a, link.b);
    }
    let currencies: BTreeSet<&str> = CONNECTORS.iter().map(|one| one.currency).collect();
    assert!(CONNECTORS.len() >= 5 && currencies.len() >= 3);
}

/// The route from the dashboard's ledger to rowan's, as the page reads it: without a token.
async fn route(client: &Client, dashboard: SocketAddr) -> Option<RouteView> {
    let url =
        format!("http://{dashboard}/api/v1/routes?source=example.alder.&search=example.rowan.");
    let bytes = client.get(url).send().await.unwrap().bytes().await.unwrap();
    let view: c2c::snapshot::RoutesView = serde_json::from_slice(&bytes).unwrap();
    view.routes.into_iter().next()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_shows_winners_a_ghost_a_limit_and_a_wrong_price() {
    let folder = Scratch::new();
    let network = Network::start(folder.path(), 0, None).await.unwrap();
    network.peer().await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let dashboard = network.servers[0].address;
    let mut found = None;
    for _ in 0..300 {
        found = route(&client, dashboard).await;
        if found
            .as_ref()
            .is_some_and(|route| route.candidates.len() == 4)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let found = found.expect("a route to rowan");

    // The next hop that leads to a neighbour, by the ledger between the two.
    let peers = network.servers[0]
        .app()
        .unwrap()
        .driver
        .look(|engine, _| engine.peers().peers);
    let by = |name: &str| {
        let host = network.server(name).address.to_string();
        let peer = peers
            .iter()
            .find(|peer| peer.host.as_deref() == Some(&*host))
            .unwrap();
        let mut candidates = found.candidates.iter();
        candidates
            .find(|candidate| candidate.next_hop == peer.peer_account)
            .unwrap()
    };
    let (birch, cedar, magpie, elm) = (by("birch"), by("cedar"), by("magpie"), by("elm"));
    assert_eq!((birch.hops, cedar.hops), (magpie.hops, magpie.hops));
    assert!(
        elm.hops > birch.hops && !elm.wins,
        "the long way is a ghost"
    );
    assert!(birch.wins && cedar.wins && magpie.wins);

    let merged = found.merged.as_ref().unwrap();
    let winners: Vec<_> = merged
        .segments
        .iter()
        .map(|segment| &segment.next_hop)
        .collect();
    let expected = [&magpie.next_hop, &birch.next_hop, &cedar.next_hop];
    let mut order = winners.clone();
    order.dedup();
    assert_eq!(
        order, expected,
        "from the wrong price over the cheap to the deep"
    );

    let most = |points: &Option<c2c::snapshot::Points>| points.as_ref().unwrap().last().unwrap().1;
    let euros = |count: u64| Amount::new(count * Scale::KIT.units_per_one());
    assert!(most(&birch.points) <= euros(400), "bound by rowan's limit");
    assert!(most(&birch.points) > euros(390));
    assert!(most(&cedar.points) > euros(3_900));
    assert!(
        most(&elm.points) > most(&cedar.points),
        "the ghost would carry more"
    );

    network.stop().await;
}
