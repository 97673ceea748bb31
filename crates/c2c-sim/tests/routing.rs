//! Routers without everything around them come to know the same ways as whole connectors.

use c2c::table::{Tables, View};
use c2c::timestamp::Millis;
use c2c_sim::{Network, Routing, START, Scenario, Topology};

/// What a payment carries: a thousandth of the currency at the usual scale.
const AMOUNT: u64 = 1_000_000;
/// Long enough for these networks to be at rest, in milliseconds.
const LONG: u64 = 400_000;

/// How long the best way of each to each is, and what arrives by it.
fn ways<'a>(
    names: &[String],
    tables: impl Fn(usize) -> &'a Tables,
) -> Vec<Option<(usize, Option<u64>)>> {
    let all = names.iter().enumerate();
    all.flat_map(|(node, name)| {
        let (tables, own) = (tables(node), format!("example.{name}."));
        names.iter().filter(move |to| *to != name).map(move |to| {
            let to = format!("example.{to}.");
            let hop = tables.best_hop_for_source_amount(View::Local, &own, &to, AMOUNT);
            hop.ok().map(|hop| (hop.hops, hop.amount))
        })
    })
    .collect()
}

/// The same lengths, and amounts that differ by a unit a ledger at most: which of two orders of news makes which
/// rounding, as the oracle says of single units.
fn compare(
    alone: &[Option<(usize, Option<u64>)>],
    whole: &[Option<(usize, Option<u64>)>],
    place: &str,
) {
    assert_eq!(alone.len(), whole.len(), "{place}");
    for (alone, whole) in alone.iter().zip(whole) {
        let same = match (alone, whole) {
            (Some((one, Some(here))), Some((other, Some(there)))) => {
                one == other && here.abs_diff(*there) <= *one as u64
            }
            _ => alone == whole,
        };
        assert!(same, "{place}: {alone:?} instead of {whole:?}");
    }
}

#[test]
fn at_rest_both_know_the_same_ways() {
    let mut known = 0;
    for (seed, topology) in Topology::ALL.into_iter().cycle().take(27).enumerate() {
        let scenario = Scenario::generate(topology, 3 + seed % 9, seed as u64);
        let names: Vec<String> = scenario
            .connectors
            .iter()
            .map(|one| one.name.clone())
            .collect();
        let mut network = Network::from_scenario(&scenario).unwrap();
        network.run(Millis(LONG));
        let mut routing = Routing::from_scenario(&scenario).unwrap();
        let end = START + Millis(LONG);
        while routing.step(end).is_some() {}
        let whole = ways(&names, |node| network.node(node).connector.tables());
        let alone = ways(&names, |node| routing.tables(node));
        compare(
            &alone,
            &whole,
            &format!("{topology} of {}, seed {seed}", names.len()),
        );

        // Also without the first peering, which is told and forgotten.
        let ends = scenario.links[0]
            .between
            .clone()
            .map(|name| names.iter().position(|known| *known == name).unwrap());
        network.cut(ends[0], ends[1]);
        network.run(Millis(LONG));
        routing.cut(ends[0], ends[1]);
        while routing.step(end + Millis(LONG)).is_some() {}
        let whole = ways(&names, |node| network.node(node).connector.tables());
        let alone = ways(&names, |node| routing.tables(node));
        compare(
            &alone,
            &whole,
            &format!("{topology} of {}, seed {seed}, cut", names.len()),
        );
        known += whole.iter().flatten().count();
    }
    assert!(known > 500, "{known}");
}
