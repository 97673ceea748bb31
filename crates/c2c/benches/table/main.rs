//! Routing tables natively: `cargo xtask bench` runs it and adds wasm and ilp-routing.
//!
//! Prints one line of JSON for each operation: medians in nanoseconds, bytes that are allocated.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)]
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // a benchmark has a clock
#![allow(unsafe_code)] // an allocator that counts

mod world;

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use c2c::broadcast::Outgoing;
use c2c::table::{HeardRoute, Tables};

/// What is allocated now.
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
/// The most that was allocated at once.
static MOST: AtomicUsize = AtomicUsize::new(0);

struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        if now > MOST.load(Ordering::Relaxed) {
            MOST.store(now, Ordering::Relaxed);
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    // `cargo test` runs benchmarks once, with this argument, to see that they run.
    let smoke =
        std::env::args().any(|a| a == "--test") || !std::env::args().any(|a| a == "--bench");
    let filter = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let bench = Bench { filter, smoke };
    one_route_each(&bench);
    updates(&bench);
    four_routes_each(&bench);
    many_peers(&bench);
}

fn one_route_each(bench: &Bench) {
    let many = bench.size(100_000);
    let names = [
        "routing: add, table of 100000",
        "routing: best hop by source among 100000",
        "routing: best hop by destination among 100000",
    ];
    if !names.iter().any(|name| bench.wants(name)) {
        return;
    }
    let mut tables = world::tables();
    world::fill(&mut tables, many, 1);
    let batch = many / 100;
    bench.row(names[0], batch, &mut tables, |tables| {
        let routes: Vec<HeardRoute> = (many..many + batch).map(|i| world::route(i, 0)).collect();
        let spent = timed(|| {
            for route in routes {
                black_box(tables.add_route(route, world::UNTIL).unwrap());
            }
        });
        world::take_out(tables, many, many + batch);
        spent
    });
    let addresses = world::addresses(many, 1000);
    bench.row(names[1], 1000, &mut tables, |tables| {
        timed(|| world::by_source(tables, &addresses))
    });
    bench.row(names[2], 1000, &mut tables, |tables| {
        timed(|| world::by_destination(tables, &addresses))
    });
}

fn updates(bench: &Bench) {
    let many = bench.size(10_000);
    let update = world::update(many);
    let mut kept = (world::incoming(), world::tables());
    bench.row("routing: apply 10000 routes", many, &mut kept, |kept| {
        *kept = (world::incoming(), world::tables());
        timed(|| world::apply(&mut kept.0, &mut kept.1, update.as_bytes()))
    });
    let mut kept = (world::incoming(), world::tables());
    world::apply(&mut kept.0, &mut kept.1, update.as_bytes());
    bench.row("routing: apply them again", many, &mut kept, |kept| {
        timed(|| world::apply(&mut kept.0, &mut kept.1, update.as_bytes()))
    });
}

/// Ours alone: how tables grow.
fn four_routes_each(bench: &Bench) {
    for (count, lookup, change) in [
        (
            100_000,
            "routing: best hop among 100000 x 4",
            "routing: one change among 100000 x 4",
        ),
        (
            1_000_000,
            "routing: best hop among 1000000 x 4",
            "routing: one change among 1000000 x 4",
        ),
    ] {
        let count = bench.size(count);
        if !bench.wants(lookup) && !bench.wants(change) {
            continue;
        }
        let before = ALLOCATED.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        let mut tables = world::tables_of(world::PEERS);
        let spent = timed(|| world::fill(&mut tables, count, world::PEERS));
        let routes = count * world::PEERS;
        let bytes = ALLOCATED.load(Ordering::Relaxed) - before;
        // A curve of ten points: sixteen bytes each, and two counters.
        let beside = (bytes as f64 - routes as f64 * 176.0) / routes as f64;
        let most = (MOST.load(Ordering::Relaxed) - before) >> 20;
        if !bench.smoke {
            println!(
                r#"{{"name":"routing: table of {count} x 4","build_s":{:.1},"most_mib":{most},"bytes_per_route":{beside:.0}}}"#,
                spent as f64 / 1e9
            );
        }
        let asked = bench.size(100_000);
        let addresses = world::addresses(count, asked);
        bench.row(lookup, asked, &mut tables, |tables| {
            timed(|| world::by_source(tables, &addresses))
        });
        let outgoing = world::told(&tables, std::iter::once(world::ledger(1)));
        let mut state = (tables, outgoing, 0);
        bench.row(change, 1, &mut state, |(tables, outgoing, turn)| {
            *turn += 1;
            let place = *turn * 7919 % count;
            timed(|| assert_eq!(world::change_one(tables, outgoing, place, *turn), 1))
        });
    }
}

/// Ours alone: a round over a hundred peers after one change.
fn many_peers(bench: &Bench) {
    let name = "routing: round over 100 peers, one change of 10000";
    if !bench.wants(name) {
        return;
    }
    let mut tables = world::tables_of(100);
    world::fill(&mut tables, bench.size(10_000), 1);
    let outgoing = world::told(&tables, (0..100).map(world::ledger));
    let mut state: (Tables, Outgoing, usize) = (tables, outgoing, 0);
    bench.row(name, 1, &mut state, |(tables, outgoing, turn)| {
        *turn += 1;
        timed(|| assert_eq!(world::change_one(tables, outgoing, *turn % 100, *turn), 100))
    });
}

fn timed<T>(work: impl FnOnce() -> T) -> u128 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_nanos()
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

    fn wants(&self, name: &str) -> bool {
        let filter = self.filter.as_ref();
        filter.is_none_or(|filter| name.contains(filter.as_str()))
    }

    /// Runs `work`, which tells what it took for `count` of them, and prints what one takes.
    fn row<S>(
        &self,
        name: &str,
        count: usize,
        state: &mut S,
        mut work: impl FnMut(&mut S) -> u128,
    ) {
        if !self.wants(name) {
            return;
        }
        let first = work(state).max(1);
        if self.smoke {
            return;
        }
        // What is quick is measured more often.
        let rounds = (500_000_000 / first).clamp(9, 1001);
        let mut times: Vec<u128> = (0..rounds).map(|_| work(state)).collect();
        times.sort_unstable();
        let each = times[times.len() / 2] as f64 / count as f64;
        println!(r#"{{"name":"{name}","native_ns":{each:.1}}}"#);
    }
}
