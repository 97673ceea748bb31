//! Curves against the limit, natively: `cargo xtask bench` runs it and adds wasm and ilp-routing.
//!
//! Prints one line of JSON for each operation: medians in nanoseconds of interleaved rounds.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)]
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // a benchmark has a clock

mod inputs;
mod limit;

use std::hint::black_box;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use c2c::curve::{Curve, Rounding, merge};

fn main() {
    // `cargo test` runs benchmarks once, with this argument, to see that they run.
    let smoke =
        std::env::args().any(|a| a == "--test") || !std::env::args().any(|a| a == "--bench");
    let filter = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let bench = Bench { filter, smoke };
    // Freed once, a large block keeps the allocator from giving the memory of each result back to the
    // system and asking for it again, which is not what is compared here.
    drop(black_box(vec![0_u8; 16 << 20]));
    for (name, count, bits) in [
        ("combine 2 x 100", 100, 30),
        ("combine 2 x 1000", 1000, 30),
        ("combine 2 x 10000", 10_000, 30),
        ("combine 2 x 1000 near 2^63", 1000, 53),
    ] {
        let (pa, pb) = (inputs::curve(1, count, bits), inputs::curve(2, count, bits));
        let (a, b) = (made(&pa), made(&pb));
        bench.row(
            name,
            || drop(black_box(a.combine(&b, Rounding::Sound))),
            || drop(black_box(limit::combine(&pa, &pb))),
        );
    }
    for (name, count) in [("join 1000", 1000), ("join 10000", 10_000)] {
        let (pa, pb) = (inputs::curve(3, count, 30), inputs::curve(4, count, 30));
        let (a, b) = (made(&pa), made(&pb));
        bench.row(
            name,
            || drop(black_box(Curve::join(&a, &b, Rounding::Sound))),
            || drop(black_box(limit::join(&pa, &pb))),
        );
    }
    for (name, count) in [("merge 10 x 100", 10), ("merge 100 x 100", 100)] {
        let points: Vec<_> = (0..count)
            .map(|i| inputs::curve(100 + i, 100, 30))
            .collect();
        let curves: Vec<Curve> = points.iter().map(|p| made(p)).collect();
        let refs: Vec<&Curve> = curves.iter().collect();
        bench.row(
            name,
            || drop(black_box(merge(&refs))),
            || drop(black_box(limit::merge(&points))),
        );
    }
    let points = inputs::curve(5, 1000, 30);
    let curve = made(&points);
    let bytes = curve.to_bytes();
    let text = curve.to_base64();
    bench.row(
        "decode bytes 1000",
        || drop(black_box(Curve::from_bytes(black_box(&bytes)))),
        || drop(black_box(limit::decode(black_box(&bytes)))),
    );
    bench.row(
        "decode base64 1000",
        || drop(black_box(Curve::from_base64(black_box(&text)))),
        || {
            drop(black_box(limit::decode(
                &STANDARD.decode(black_box(&text)).unwrap(),
            )))
        },
    );
    bench.row(
        "encode base64 1000",
        || drop(black_box(black_box(&curve).to_base64())),
        || {
            drop(black_box(
                STANDARD.encode(limit::encode(black_box(&points))),
            ))
        },
    );
    let end = curve.capacity().x;
    let mut dice = inputs::Dice::new(6);
    let amounts: Vec<u64> = (0..1000).map(|_| dice.next() % end).collect();
    bench.row(
        "amount_at one by one",
        || {
            for &x in &amounts {
                black_box(curve.amount_at(black_box(x)));
            }
        },
        || {
            for &x in &amounts {
                black_box(limit::amount_at(&points, black_box(x)));
            }
        },
    );
    bench.row(
        "amount_at 1000 at once",
        || drop(black_box(curve.amounts_at(&amounts))),
        || {
            let all: Vec<u64> = amounts
                .iter()
                .map(|&x| limit::amount_at(&points, x))
                .collect();
            drop(black_box(all));
        },
    );
    for (name, count) in [
        ("simplify 1000 to 10", 1000),
        ("simplify 10000 to 10", 10_000),
    ] {
        let curve = made(&inputs::curve(7, count, 30));
        // No plain limit: the time alone is stated, beside that of copying the curve.
        bench.row(
            name,
            || drop(black_box(curve.simplify(10, Rounding::Sound))),
            || drop(black_box(curve.points().to_vec())),
        );
    }
}

fn made(points: &[(u64, u64)]) -> Curve {
    Curve::from_points(points.iter().copied()).unwrap()
}

struct Bench {
    filter: Option<String>,
    smoke: bool,
}

impl Bench {
    /// Times both in turn, sixty short rounds, so that most are not interrupted.
    fn row(&self, name: &str, mut ours: impl FnMut(), mut limit: impl FnMut()) {
        if self
            .filter
            .as_ref()
            .is_some_and(|f| !name.contains(f.as_str()))
        {
            return;
        }
        if self.smoke {
            ours();
            limit();
            return;
        }
        let rounds = |one: u128| (300_000 / one.max(1)).clamp(1, 100_000) as u32;
        let (many, many_limit) = (rounds(time(1, &mut ours)), rounds(time(1, &mut limit)));
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..60 {
            times.0.push(time(many, &mut ours) as f64 / f64::from(many));
            times
                .1
                .push(time(many_limit, &mut limit) as f64 / f64::from(many_limit));
        }
        println!(
            r#"{{"name":"{name}","native_ns":{:.1},"limit_ns":{:.1}}}"#,
            median(times.0),
            median(times.1)
        );
    }
}

fn time(count: u32, work: &mut impl FnMut()) -> u128 {
    let start = Instant::now();
    for _ in 0..count {
        work();
    }
    start.elapsed().as_nanos()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
