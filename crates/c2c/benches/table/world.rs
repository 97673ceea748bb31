//! The tables that the benchmark runs on: ours between peers and a ledger of our own. The same file is
//! compiled into the wasm module, and `table.mjs` makes the same tables of ilp-routing.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::broadcast::{Incoming, IncomingSettings, Outcome, Outgoing, OutgoingSettings};
use c2c::curve::Curve;
use c2c::message::{HeardUpdate, RouteRecord, RoutingUpdate};
use c2c::route::{Paths, Prefix};
use c2c::schema::{Dialect, Document};
use c2c::table::{HeardRoute, Lifetime, LocalPair, Settings, Tables, View};
use c2c::timestamp::{Millis, Timestamp};

/// Our own ledger, from which payments come.
pub const OWN: &str = "example.own.";
/// How many announce, where several do.
pub const PEERS: usize = 4;

/// The ledger that we share with a peer.
pub fn ledger(peer: usize) -> LedgerPrefix {
    LedgerPrefix::new(&format!("peer.p{peer}aaa.usd.9.")).unwrap()
}

/// The account of a peer.
pub fn account(peer: usize) -> IlpAddress {
    let key = "5yE-6p-bnevKT9hnnx1UqgV8-DxkXUgymTZkeIrPHzg";
    ledger(peer).account(key).unwrap()
}

/// Where the banks are.
const COUNTRIES: [&str; 16] = [
    "us", "de", "fr", "gb", "jp", "in", "br", "mx", "ca", "ng", "ke", "za", "se", "no", "fi", "pl",
];

/// The destination numbered `i`: banks of sixteen countries, numbered as they came. So later names are
/// longer than earlier ones, and the newest the longest, as in any register that counts; names are looked
/// for by length first in ilp-routing, which does best with new names that are the longest.
pub fn destination(i: usize) -> String {
    format!("g.{}.bank{i}.", COUNTRIES[i % COUNTRIES.len()])
}

/// The ten points of the curve that `peer` tells to the destination numbered `i`.
pub fn points(i: usize, peer: usize) -> [(u64, u64); 10] {
    let (i, peer) = (i as u64, peer as u64);
    let yields = 900 + (i * 7 + peer * 13) % 97;
    std::array::from_fn(|n| {
        let x = n as u64 * (1_000_000 + i % 1000);
        (
            x,
            (x * yields / 1000).saturating_sub(n as u64 * n as u64 * 1000),
        )
    })
}

/// Tables between one peer and our own ledger, and nothing heard: what is measured beside ilp-routing.
pub fn tables() -> Tables {
    tables_of(1)
}

/// Tables with a pair from each ledger to each other, for so many peers.
pub fn tables_of(peers: usize) -> Tables {
    let mut ledgers: Vec<LedgerPrefix> = (0..peers).map(ledger).collect();
    ledgers.push(LedgerPrefix::new(OWN).unwrap());
    let mut pairs = Vec::new();
    for source in &ledgers {
        for destination in ledgers.iter().filter(|to| *to != source) {
            pairs.push(pair(source, destination, 1_000_000_000_000));
        }
    }
    let mut tables = Tables::new(Settings::default());
    tables.set_local_pairs(pairs);
    tables
}

/// A pair that takes up to `most`.
pub fn pair(source: &LedgerPrefix, destination: &LedgerPrefix, most: u64) -> LocalPair {
    LocalPair {
        source_account: source.account("us").unwrap(),
        destination_account: destination.account("us").unwrap(),
        source_ledger: source.clone(),
        destination_ledger: destination.clone(),
        curve: Curve::from_points([(0, 0), (most, most / 1000 * 998)]).unwrap(),
        shift: true,
        min_message_window: Millis(1000),
    }
}

/// What `peer` announces of the destination numbered `i`.
pub fn route(i: usize, peer: usize) -> HeardRoute {
    HeardRoute {
        source_ledger: ledger(peer),
        prefix: Prefix::new(&destination(i)).unwrap(),
        curve: Some(Curve::from_points(points(i, peer)).unwrap()),
        min_message_window: Millis(1000),
        paths: Paths::DIRECT,
        source_account: account(peer),
    }
}

/// Until when routes live.
pub const UNTIL: Lifetime = Lifetime::Until(Timestamp::from_millis(1 << 50));

/// Adds what each of `peers` peers announces of `count` destinations.
pub fn fill(tables: &mut Tables, count: usize, peers: usize) {
    for peer in 0..peers {
        for i in 0..count {
            tables.add_route(route(i, peer), UNTIL).unwrap();
        }
    }
}

/// Takes the destinations `from..to` of peer 0 out again, without a trace.
pub fn take_out(tables: &mut Tables, from: usize, to: usize) {
    for i in from..to {
        tables.remove_route(&account(0), &destination(i));
    }
    let version = tables.version();
    tables.forget_lost(version);
}

/// `wanted` addresses all over a table of `count` destinations.
pub fn addresses(count: usize, wanted: usize) -> Vec<String> {
    // The step has no divisor in common with any count that is asked for.
    let places = (0..wanted).map(|i| (i * 7919 + 13) % count.max(1));
    places.map(|i| format!("{}alice", destination(i))).collect()
}

/// Asks for the best hop to each address by source amount; adds up what is delivered.
pub fn by_source(tables: &Tables, addresses: &[String]) -> u64 {
    let ask = |to: &String| {
        tables.best_hop_for_source_amount(View::Local, "example.own.me", to, 1_500_000)
    };
    addresses
        .iter()
        .filter_map(|to| ask(to).ok()?.amount)
        .fold(0, u64::wrapping_add)
}

/// Asks for the best hop to each address by destination amount; adds up what it costs.
pub fn by_destination(tables: &Tables, addresses: &[String]) -> u64 {
    let ask = |to: &String| {
        tables.best_hop_for_destination_amount(View::Local, "example.own.me", to, 1_500_000)
    };
    addresses
        .iter()
        .filter_map(|to| ask(to).ok()?.amount)
        .fold(0, u64::wrapping_add)
}

/// The update by which peer 0 announces the first `count` destinations, in dialect 21.
pub fn update(count: usize) -> String {
    let record = |i| RouteRecord {
        source_ledger: ledger(0).as_address().clone(),
        destination_ledger: IlpAddress::new(&destination(i)).unwrap(),
        points: Some(Ok(Curve::from_points(points(i, 0)).unwrap())),
        min_message_window: Millis(1000),
        source_account: account(0),
        paths: vec![Vec::new()],
    };
    let update = RoutingUpdate {
        new_routes: (0..count).map(record).collect(),
        hold_down_time: Millis(45_000),
        ..RoutingUpdate::default()
    };
    update.write(Dialect::V21)
}

/// Reads, checks and takes an update of peer 0 into tables, as a connector does. How many routes were taken.
pub fn apply(incoming: &mut Incoming, tables: &mut Tables, update: &[u8]) -> usize {
    let now = Timestamp::from_millis(1_500_000_000_000);
    let Ok(update) = HeardUpdate::read(Document::whole(update), Dialect::V21) else {
        return 0;
    };
    let outcome: Outcome = incoming.apply_heard(tables, now, &account(0), &update);
    outcome.accepted
}

/// Nothing heard yet.
pub fn incoming() -> Incoming {
    Incoming::new(IncomingSettings::default())
}

/// One curve of peer 0 changes, another each time: it is taken, combined anew for our own ledger and
/// compared with what a peer there was told. How many prefixes were looked at for that.
pub fn change_one(tables: &mut Tables, outgoing: &mut Outgoing, i: usize, turn: usize) -> u64 {
    let mut route = route(i, 0);
    route.curve = Some(Curve::from_points(points(i + turn + 1, 1)).unwrap());
    tables.add_route(route, UNTIL).unwrap();
    round(tables, outgoing, turn)
}

/// Everybody is told what changed, at its turn, and takes it. How many prefixes were looked at.
pub fn round(tables: &Tables, outgoing: &mut Outgoing, turn: usize) -> u64 {
    let before = outgoing.looked_at();
    let now = Timestamp::from_millis(turn as u64 * 30_000);
    for ledger in outgoing.due(now) {
        if outgoing.next(now, tables, &ledger).is_some() {
            outgoing.acknowledge(&ledger, now);
        }
    }
    outgoing.looked_at() - before
}

/// A peer on each of `ledgers`, which holds all that was heard so far.
pub fn told(tables: &Tables, ledgers: impl Iterator<Item = LedgerPrefix>) -> Outgoing {
    let mut outgoing = Outgoing::new(OutgoingSettings {
        max_bytes: usize::MAX,
        ..OutgoingSettings::default()
    });
    for ledger in ledgers {
        outgoing.add_peer(ledger, Timestamp::from_millis(0));
    }
    round(tables, &mut outgoing, 0);
    outgoing
}
