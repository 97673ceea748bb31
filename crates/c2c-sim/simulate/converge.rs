//! One large network from nothing until all is quiet.

use std::process::ExitCode;
use std::time::Instant;

use c2c::timestamp::Millis;
use c2c_sim::{Network, Scenario, Topology};

/// How long no table may have changed for a network to count as quiet, in invented milliseconds.
const QUIET: u64 = 60_000;

/// Brings `count` connectors up, and tells how long it takes, how many messages, and how much memory.
pub fn run(count: u64, shape: &str) -> ExitCode {
    let Some(topology) = Topology::ALL
        .into_iter()
        .find(|known| known.as_str() == shape)
    else {
        let known: Vec<&str> = Topology::ALL.iter().map(|shape| shape.as_str()).collect();
        eprintln!("no shape \"{shape}\"; there are {}", known.join(", "));
        return ExitCode::from(2);
    };
    let began = Instant::now();
    let scenario = even(topology, usize::try_from(count).unwrap_or(usize::MAX));
    let links = scenario.links.len();
    let mut network = match Network::from_scenario(&scenario) {
        Ok(network) => network,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    println!(
        "{count} connectors, {shape}, {links} peerings: made in {:.1} s",
        seconds(began)
    );
    let mut changed = network.now();
    let mut seen = routes(&network);
    while network.now() < changed + Millis(QUIET) {
        network.run(Millis(5_000));
        let now = routes(&network);
        if now != seen {
            changed = network.now();
        }
        seen = now;
        let passed = network.now().since(c2c_sim::START).0 / 1_000;
        eprintln!(
            "  {passed} s: {} destinations known, {:.1} s",
            seen.0,
            seconds(began)
        );
    }
    let traffic = network.traffic();
    let converged = changed.since(c2c_sim::START).0;
    println!(
        "converged after {:.1} s of invented time",
        converged as f64 / 1_000.0
    );
    println!(
        "entries: {} destinations in all tables, {} expected",
        seen.0,
        count * count
    );
    println!("routes held of peers: {}", held(&network));
    for (what, count) in traffic.list() {
        println!("{what}: {count}");
    }
    println!("time: {:.1} s", seconds(began));
    if let Some(time) = processor_time() {
        println!("time of the processor: {time:.1} s");
    }
    match peak_memory() {
        Some(kib) => println!("peak memory: {} MiB", kib / 1_024),
        None => println!("peak memory: not known on this system"),
    }
    if seen.0 == count * count {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A network in one currency, with room for all.
fn even(topology: Topology, count: usize) -> Scenario {
    let mut scenario = Scenario::generate(topology, count, 1);
    for connector in &mut scenario.connectors {
        connector.currencies = vec!["USD".to_owned()];
        connector.rates.clear();
    }
    for link in &mut scenario.links {
        "USD".clone_into(&mut link.currency);
        link.scale = 9;
        link.limits = [c2c::amount::Amount::new(1_000_000_000_000); 2];
    }
    scenario
}

/// How many first ledgers are reached from the first ledger of each connector, and how often any table
/// changed.
fn routes(network: &Network) -> (u64, Vec<c2c::table::Version>) {
    let nodes = network.nodes().iter();
    let known = nodes
        .clone()
        .map(|node| {
            let tables = node.connector.tables();
            let own = format!("example.{}.", node.name);
            let reached = tables
                .prefixes_from(&own)
                .filter(|prefix| !prefix.is_peer());
            reached.count() as u64 + 1
        })
        .sum();
    let versions = nodes.map(|node| node.connector.tables().version());
    (known, versions.collect())
}

/// How many routes all connectors hold of their peers, one for each that tells of a destination.
fn held(network: &Network) -> usize {
    let nodes = network.nodes().iter();
    let peers = nodes.flat_map(|node| node.stored.values().map(move |peer| (node, peer)));
    peers
        .map(|(node, peer)| {
            let account = &peer.details.peer_account;
            node.connector.tables().heard_from(account).count()
        })
        .sum()
}

/// How long this thread, the only one, has run on a processor, in seconds, where the system tells.
fn processor_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: u64 = stat.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

fn seconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}

/// The most memory that this process had, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
