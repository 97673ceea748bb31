//! A whole run from one number: a network comes up, things go wrong, all is mended, and every table must
//! be right.

use c2c::address::CurrencyCode;
use c2c::amount::Amount;
use c2c::connector::Decimal;
use c2c::schema::Dialect;
use c2c::timestamp::Millis;

use crate::network::{Faults, Lie, Traffic, Wire};
use crate::watch::{Broken, Checks, Violation, Watch};
use crate::{Clock, ConnectorSpec, LinkSpec, Network, Random, Scenario, Topology};

/// What a run did and found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The number that it came from.
    pub seed: u64,
    /// The shape of the network.
    pub topology: Topology,
    /// How many connectors there were at the start.
    pub connectors: usize,
    /// What went over the wires.
    pub traffic: Traffic,
    /// What went wrong on purpose.
    pub faults: Faults,
    /// What was checked.
    pub checks: Checks,
    /// What failed, the first ones of many.
    pub violations: Vec<Violation>,
    /// How many checks failed.
    pub found: u64,
    /// What went wrong when, in words.
    pub story: Vec<String>,
    /// How long it was in invented time, in milliseconds.
    pub lasted_ms: u64,
    /// What all tables held at the end, as one number: equal runs have equal numbers.
    pub digest: u64,
}

/// Plays the run of `seed` among at most `most` connectors.
///
/// Shapes take turns. Some peers are told in dialect 17, where no ring passes. Most networks are small; one in 64 has up to 40 connectors, and one in 1024 as many
/// as it may.
///
/// ```
/// let report = c2c_sim::play(1, 8);
/// assert_eq!(report.found, 0, "{:?}", report.violations);
/// ```
pub fn play(seed: u64, most: usize) -> Report {
    let mut random = Random::new(seed ^ 0x5eed);
    let topology = Topology::ALL[random.place(Topology::ALL.len())];
    let most = most.max(2) as u64;
    let count = match seed % 1_024 {
        1_000 => most,
        of if of % 64 == 30 => random.between(12.min(most), 40.min(most)),
        _ => random.between(2, 10.min(most)),
    };
    let count = usize::try_from(count).unwrap_or(2);
    let mut scenario = Scenario::generate(topology, count, seed);
    for connector in &mut scenario.connectors {
        if random.chance(300) {
            connector.clock = Clock {
                ahead_ms: i64::try_from(random.below(7_200_000)).unwrap_or(0) - 3_600_000,
                gains_of_thousand: i64::try_from(random.below(41)).unwrap_or(0) - 20,
            };
        }
    }
    for link in bridges(&scenario) {
        for dialect in &mut scenario.links[link].dialects {
            if random.chance(120) {
                *dialect = Dialect::V17;
            }
        }
    }
    let mut report = Report {
        seed,
        topology,
        connectors: count,
        traffic: Traffic::default(),
        faults: Faults::default(),
        checks: Checks::default(),
        violations: Vec::new(),
        found: 0,
        story: Vec::new(),
        lasted_ms: 0,
        digest: 0,
    };
    match Network::from_scenario(&scenario) {
        Ok(mut network) => {
            let mut watch = Watch::new(&mut network);
            report.story = trouble(&mut network, &mut watch, &mut random);
            settle(&mut network, &mut watch);
            report.traffic = *network.traffic();
            report.faults = *network.faults();
            report.checks = *watch.checks();
            report.violations = watch.violations().to_vec();
            report.found = watch.found();
            report.lasted_ms = network.now().since(crate::START).0;
            report.digest = network.digest();
        }
        Err(error) => {
            report.found = 1;
            report.violations.push(Violation {
                at_ms: 0,
                broken: Broken::Unrest,
                what: error.to_string(),
            });
        }
    }
    report
}

/// The peerings that no ring passes: without one of them, its ends do not reach each other.
fn bridges(scenario: &Scenario) -> Vec<usize> {
    let ends = |link: &LinkSpec| {
        let place = |name: &String| scenario.connectors.iter().position(|one| one.name == *name);
        Some((place(&link.between[0])?, place(&link.between[1])?))
    };
    let links: Vec<(usize, usize)> = scenario.links.iter().filter_map(ends).collect();
    let is_bridge = |without: &usize| {
        let (from, to) = links[*without];
        let mut seen = vec![false; scenario.connectors.len()];
        let mut next = vec![from];
        while let Some(node) = next.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            for (link, (a, b)) in links.iter().enumerate() {
                if link != *without && (*a == node || *b == node) {
                    next.push(a + b - node);
                }
            }
        }
        !seen[to]
    };
    (0..links.len()).filter(is_bridge).collect()
}

/// Brings the network up and lets things go wrong, one after the other.
fn trouble(network: &mut Network, watch: &mut Watch, random: &mut Random) -> Vec<String> {
    let mut story = Vec::new();
    watch.run(network, Millis(random.between(1_000, 90_000)));
    for _ in 0..random.between(2, 6) {
        let what = befall(network, random);
        story.push(format!(
            "{} ms: {what}",
            network.now().since(crate::START).0
        ));
        let longest = if random.chance(200) { 300_000 } else { 60_000 };
        watch.run(network, Millis(random.between(1_000, longest)));
    }
    story
}

/// Mends everything, waits until all is quiet, and compares every table with what it must hold.
fn settle(network: &mut Network, watch: &mut Watch) {
    network.wire = Wire {
        least_ms: 1,
        most_ms: 200,
        ..Wire::default()
    };
    network.mend_all();
    if network.faults().late_copies > 0 {
        // What was said long ago may still be on its way.
        watch.run(network, Millis(60_000));
    }
    // What liars told is believed until it runs out: they are down for that long.
    let liars: Vec<usize> = (0..network.nodes().len())
        .filter(|node| network.node(*node).lie().is_some())
        .collect();
    // So is what was said before and arrived once more.
    let misquoted = network.misquoted().clone();
    for node in liars.iter().chain(&misquoted) {
        network.set_lie(*node, None);
        network.stop(*node);
    }
    if !liars.is_empty() || !misquoted.is_empty() {
        watch.run(network, Millis(60_000));
    }
    network.forget_misquoted();
    for node in 0..network.nodes().len() {
        network.start(node);
    }
    // A change goes one connector further with each interval.
    let longest = 32_000 * (network.nodes().len() as u64 + 8) + 600_000;
    if watch.run_until_quiet(network, Millis(longest)) {
        watch.look_at_all(network);
    }
}

/// One thing goes wrong, or is changed: which.
fn befall(network: &mut Network, random: &mut Random) -> String {
    let node = random.place(network.nodes().len());
    let peers: Vec<_> = network.node(node).stored.keys().cloned().collect();
    let ledger = peers.get(random.place(peers.len())).cloned();
    match random.below(14) {
        0 => {
            network.wire = Wire {
                least_ms: random.between(1, 100),
                most_ms: random.between(100, 3_000),
                requests_lost: random.below(200),
                answers_lost: random.below(200),
                copied: random.below(200),
                copied_late: if random.chance(300) {
                    random.below(100)
                } else {
                    0
                },
                copied_late_ms: 60_000,
                late: random.below(200),
                late_ms: 4_000,
            };
            format!("{:?}", network.wire)
        }
        1 | 2 => {
            let Some(other) = ledger.and_then(|ledger| network.across(node, &ledger)) else {
                return "nothing to cut".to_owned();
            };
            network.cut(node, other);
            format!("{node} – {other} cut")
        }
        3 => {
            network.mend_all();
            "all mended".to_owned()
        }
        4 => {
            let inside: Vec<usize> = (0..network.nodes().len())
                .filter(|_| random.chance(500))
                .collect();
            network.part(&inside);
            format!("{inside:?} parted from all others")
        }
        5 | 6 => {
            network.stop(node);
            format!("{node} stops")
        }
        7 => {
            (0..network.nodes().len()).for_each(|node| network.start(node));
            "all start".to_owned()
        }
        8 => {
            let lie = Lie::ALL[random.place(Lie::ALL.len())];
            network.set_lie(node, Some(lie));
            format!("{node} lies: {lie:?}")
        }
        9 | 10 => {
            let Some(ledger) = ledger else {
                return "no limit to change".to_owned();
            };
            let limit = Amount::new(random.below(1_000_000_000_000));
            // It is a peer; where the connector is down, nothing happens.
            let _ = network.set_limit(node, &ledger, limit);
            format!("{node} trusts its peer on {ledger} with {limit}")
        }
        11 => {
            let spread = Decimal::thousandths(random.below(50));
            // A share below 1.
            let _ = network.set_spread(node, spread);
            format!("{node} keeps {spread}")
        }
        12 => change_rate(network, random, node),
        _ if random.chance(500) && network.nodes().len() > 2 => {
            network.remove(node);
            format!("{node} goes for good")
        }
        _ => join(network, random, node),
    }
}

/// Another rate for one of the directions in which `node` trades.
fn change_rate(network: &mut Network, random: &mut Random, node: usize) -> String {
    let mut rates = network.node(node).config().rates.clone();
    let traded: Vec<(CurrencyCode, CurrencyCode, Decimal)> = rates
        .iter()
        .map(|(from, to, rate)| (from.clone(), to.clone(), rate))
        .collect();
    let Some((from, to, rate)) = traded.get(random.place(traded.len())).cloned() else {
        return "no rate to change".to_owned();
    };
    let moved = rate.numerator() / 1_000 * random.between(900, 1_100) + 1;
    let text = format!("{}.{:06}", moved / 1_000_000, moved % 1_000_000);
    if let Ok(rate) = text.parse::<Decimal>()
        && rates.set(from, to, rate).is_ok()
    {
        // Rates are never refused.
        let _ = network.set_rates(node, rates);
    }
    format!("{node} trades at another rate")
}

/// A newcomer peers with `node`.
fn join(network: &mut Network, random: &mut Random, node: usize) -> String {
    if network.node(node).is_removed() || !network.node(node).is_running() {
        return "nobody to peer with".to_owned();
    }
    let name = format!("late{}", network.nodes().len());
    let link = LinkSpec {
        between: [name.clone(), network.node(node).name.clone()],
        currency: "USD".to_owned(),
        scale: 9,
        limits: [(); 2].map(|()| Amount::new(random.between(1, 1_000_000_000_000))),
        // A newcomer has no other peer, so that no ring passes it.
        dialects: if random.chance(200) {
            [Dialect::V17; 2]
        } else {
            [Dialect::V21; 2]
        },
    };
    // Both are sound: the name is new, and the other runs.
    if network
        .add_connector(&ConnectorSpec::new(&name, "USD"))
        .is_ok()
    {
        let _ = network.add_link(&link);
    }
    format!("{name} peers with {node}")
}
