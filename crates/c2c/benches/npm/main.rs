//! What the npm package is asked for, natively: `cargo xtask bench npm` runs it for the column of the native core.
//!
//! Prints one line of JSON for each operation: medians in nanoseconds.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)]
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // a benchmark has a clock
#![allow(dead_code)] // of the files that it shares with other benchmarks

#[path = "../curve/inputs.rs"]
mod inputs;
mod packets;
#[path = "../table/world.rs"]
mod world;

use std::hint::black_box;
use std::time::Instant;

use c2c::amount::Scale;
use c2c::broadcast::Incoming;
use c2c::curve::{Curve, Rounding};
use c2c::key::{PublicKey, SecretKey};
use c2c::message::{RouteRecord, RoutingUpdate};
use c2c::packet::Packet;
use c2c::peering::shared_secret;
use c2c::schema::{Dialect, validate};
use c2c::table::Tables;

fn main() {
    // `cargo test` runs benchmarks once, with this argument, to see that they run.
    let smoke =
        std::env::args().any(|a| a == "--test") || !std::env::args().any(|a| a == "--bench");
    let filter = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let bench = Bench { filter, smoke };
    // Freed once, a large block keeps the allocator from giving the memory of each result back to the
    // system and asking for it again.
    drop(black_box(vec![0_u8; 16 << 20]));
    curves(&bench);
    tables(&bench);
    updates(&bench);
    derive(&bench);
    for (kind, packet) in packets::each() {
        let octets = packet.encode().unwrap();
        bench.row(&format!("packet write {kind}"), || packet.encode());
        bench.row(&format!("packet read {kind}"), || {
            Packet::decode(black_box(&octets))
        });
    }
}

/// Curves with the rounding of 2017, as the drop-in asks for them.
fn curves(bench: &Bench) {
    for count in [10, 100, 1000] {
        let points = inputs::curve(1, count, 30);
        let (a, b) = (made(&points), made(&inputs::curve(2, count, 30)));
        let (bytes, text) = (a.to_bytes(), a.to_base64());
        let end = a.capacity();
        let as_2017 = Rounding::Reference;
        let name = |what: &str| format!("2017: {what} {count}");
        bench.row(&name("combine"), || a.combine(&b, as_2017));
        bench.row(&name("join"), || Curve::join(&a, &b, as_2017));
        bench.row(&name("amount_at"), || a.amount_at(black_box(end.x / 3)));
        bench.row(&name("amount_reverse"), || {
            a.amount_reverse(black_box(end.y / 3))
        });
        bench.row(&name("simplify"), || a.simplify(10, as_2017));
        bench.row(&name("shift_x"), || a.shift_x(1));
        bench.row(&name("shift_y"), || a.shift_y(1, as_2017));
        bench.row(&name("points"), || a.points().to_vec());
        bench.row(&name("from bytes"), || Curve::from_bytes(black_box(&bytes)));
        bench.row(&name("from base64"), || {
            Curve::from_base64(black_box(&text))
        });
        bench.row(&name("from points"), || made(black_box(&points)));
    }
    let (a, b) = (
        made(&inputs::curve(1, 100, 30)),
        made(&inputs::curve(2, 100, 30)),
    );
    bench.row("join 100", || Curve::join(&a, &b, Rounding::Sound));
    let many: Vec<Curve> = (0..10)
        .map(|i| made(&inputs::curve(100 + i, 100, 30)))
        .collect();
    bench.row("2017: merge 10 x 100", || {
        let (first, others) = many.split_first().unwrap();
        others.iter().fold(first.clone(), |all, one| {
            all.combine(one, Rounding::Reference)
        })
    });
}

fn tables(bench: &Bench) {
    for count in [1000, 10_000] {
        let mut tables = world::tables();
        world::fill(&mut tables, bench.size(count), 1);
        let mut turn = 0;
        let addresses = world::addresses(bench.size(count), 1000);
        let mut next = |tables: &Tables, ask: fn(&Tables, &[String]) -> u64| {
            turn = (turn + 1) % addresses.len();
            ask(tables, &addresses[turn..=turn])
        };
        bench.row(&format!("table of {count}: by source"), || {
            next(&tables, world::by_source)
        });
        bench.row(&format!("table of {count}: by destination"), || {
            next(&tables, world::by_destination)
        });
        let mut place = 0;
        bench.row(&format!("table of {count}: add"), || {
            place = (place + 37) % bench.size(count);
            tables
                .add_route(world::route(place, 0), world::UNTIL)
                .unwrap()
        });
    }
}

fn updates(bench: &Bench) {
    for count in [10, 1000, 10_000] {
        let as_deployed = world::update(count);
        let as_cited = cited(count);
        for (dialect, text) in [(21, &as_deployed), (17, &as_cited)] {
            let read_as = if dialect == 21 {
                Dialect::V21
            } else {
                Dialect::V17
            };
            assert!(validate(text.as_bytes(), read_as).is_ok());
            bench.row(
                &format!("validate {count} routes, dialect {dialect}"),
                || validate(black_box(text.as_bytes()), read_as),
            );
        }
    }
    for count in [100, 1000, 10_000] {
        // Two updates in turn, so that every route is a new one each time.
        let some = [0, 1].map(|more| update(count, more).write(Dialect::V21));
        let mut kept: (Incoming, Tables, usize) = (world::incoming(), world::tables(), 0);
        bench.row(&format!("apply {count} routes"), || {
            kept.2 ^= 1;
            world::apply(&mut kept.0, &mut kept.1, some[kept.2].as_bytes())
        });
    }
}

/// The same update in the dialect as cited.
fn cited(count: usize) -> String {
    let mut update = update(count, 0);
    for route in &mut update.new_routes {
        route.paths = Vec::new();
    }
    update.write(Dialect::V17)
}

/// `count` routes with the curves of the routes `more` further on.
fn update(count: usize, more: usize) -> RoutingUpdate {
    let record = |i| RouteRecord {
        source_ledger: world::ledger(0).as_address().clone(),
        destination_ledger: world::destination(i).parse().unwrap(),
        points: Some(Ok(Curve::from_points(world::points(i + more, 0)).unwrap())),
        min_message_window: c2c::timestamp::Millis(1000),
        source_account: world::account(0),
        paths: vec![Vec::new()],
    };
    RoutingUpdate {
        new_routes: (0..count).map(record).collect(),
        hold_down_time: c2c::timestamp::Millis(45_000),
        ..RoutingUpdate::default()
    }
}

fn derive(bench: &Bench) {
    let peer: PublicKey = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU"
        .parse()
        .unwrap();
    bench.row("derive", || {
        let secret = SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA").unwrap();
        let shared = shared_secret(&secret, &peer).unwrap();
        let prefix = shared.prefix(&"USD".parse().unwrap(), Scale::new(9).unwrap());
        (prefix, shared.auth_token().reveal().to_owned())
    });
}

fn made(points: &[(u64, u64)]) -> Curve {
    Curve::from_points(points.iter().copied()).unwrap()
}

struct Bench {
    filter: Option<String>,
    smoke: bool,
}

impl Bench {
    /// How many of something: a hundredth where it is only to be seen that it runs.
    fn size(&self, full: usize) -> usize {
        if self.smoke { full / 100 } else { full }
    }

    /// Thirty short rounds, so that most are not interrupted.
    fn row<T>(&self, name: &str, mut work: impl FnMut() -> T) {
        if self.filter.as_ref().is_some_and(|f| !name.contains(f)) {
            return;
        }
        let first = time(1, &mut work);
        if self.smoke {
            return;
        }
        let many = (1_000_000 / first.max(1)).clamp(1, 100_000) as u32;
        let mut times: Vec<f64> = (0..30)
            .map(|_| time(many, &mut work) as f64 / f64::from(many))
            .collect();
        times.sort_by(f64::total_cmp);
        println!(r#"{{"name":"{name}","native_ns":{:.1}}}"#, times[15]);
    }
}

fn time<T>(count: u32, work: &mut impl FnMut() -> T) -> u128 {
    let start = Instant::now();
    for _ in 0..count {
        drop(black_box(work()));
    }
    start.elapsed().as_nanos()
}
