//! Many seeds, or one.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use c2c_sim::{Checks, Faults, Report, Topology, Traffic, play};

/// The most connectors of a network unless told otherwise.
pub const CONNECTORS: u64 = 100;

/// What all runs did together.
#[derive(Default)]
struct Sum {
    runs: u64,
    failed: Vec<u64>,
    found: u64,
    largest: usize,
    shapes: BTreeMap<Topology, u64>,
    traffic: Traffic,
    faults: Faults,
    checks: Checks,
    lasted_ms: u64,
}

/// Plays the seeds below `count`.
pub fn many(count: u64, most: u64) -> ExitCode {
    let began = Instant::now();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let next = AtomicU64::new(0);
    let mut sum = Sum::default();
    thread::scope(|scope| {
        let (send, receive) = mpsc::channel::<Report>();
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count || send.send(play(seed, most)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        for report in receive {
            sum.add(&report);
            if report.found > 0 {
                show(&report);
            }
            if sum.runs.is_multiple_of(1_000) {
                eprintln!("{} of {count} seeds, {} failed", sum.runs, sum.failed.len());
            }
        }
    });
    sum.print();
    println!("time: {:.1} s", began.elapsed().as_secs_f64());
    sum.ended()
}

/// Plays one seed and tells its story.
pub fn one(seed: u64, most: u64) -> ExitCode {
    let report = play(seed, usize::try_from(most).unwrap_or(usize::MAX));
    show(&report);
    let mut sum = Sum::default();
    sum.add(&report);
    sum.print();
    sum.ended()
}

/// What the first seeds end with, among few connectors: `SEED:DIGEST` in one line.
pub fn digests(count: u64) -> ExitCode {
    let digests: Vec<String> = (0..count)
        .map(|seed| format!("{seed}:{}", play(seed, 8).digest))
        .collect();
    println!("{}", digests.join(","));
    ExitCode::SUCCESS
}

fn show(report: &Report) {
    println!(
        "seed {}, {} of {}: {} violations",
        report.seed, report.topology, report.connectors, report.found
    );
    for line in &report.story {
        println!("  {line}");
    }
    for violation in report.violations.iter().take(5) {
        println!("  VIOLATION {violation}");
    }
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.found += report.found;
        if report.found > 0 {
            self.failed.push(report.seed);
        }
        self.largest = self.largest.max(report.connectors);
        *self.shapes.entry(report.topology).or_default() += 1;
        self.traffic.add(&report.traffic);
        self.faults.add(&report.faults);
        self.checks.add(&report.checks);
        self.lasted_ms += report.lasted_ms;
    }

    fn print(&self) {
        let listed = |counts: Vec<(&'static str, u64)>| {
            let counts = counts.into_iter();
            counts
                .map(|(what, count)| format!("{what} {count}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let shapes = self.shapes.iter();
        let shapes = shapes.map(|(shape, count)| (shape.as_str(), *count));
        println!(
            "seeds: {}, of at most {} connectors",
            self.runs, self.largest
        );
        println!("topologies: {}", listed(shapes.collect()));
        println!("events: {}", listed(self.traffic.list()));
        println!("invented time: {} h", self.lasted_ms / 3_600_000);
        println!(
            "faults: {} in all; {}",
            self.faults.total(),
            listed(self.faults.list())
        );
        println!("checks: {}", listed(self.checks.list()));
        println!("violations: {}", self.found);
        if !self.failed.is_empty() {
            println!(
                "again: c2c-simulate --seed N, with N one of {:?}",
                self.failed
            );
        }
    }

    fn ended(&self) -> ExitCode {
        if self.found == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
