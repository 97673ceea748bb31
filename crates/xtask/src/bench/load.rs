//! `bench load`: calls a second of our server, beside a connector of 2017 and a bare HTTP server.

use std::fmt::Write as _;

use super::number;
use crate::failure::Failure;
use crate::program::{self, Program};
use crate::{project, setup};

/// What is wanted of one kind of call.
struct Wanted {
    name: &'static str,
    /// Times the connector of 2017, at 16 and at 64 connections.
    theirs: [f64; 2],
    /// Times the bare server.
    bare: Option<f64>,
    /// Milliseconds within which 99 of 100 are answered, at 64 connections.
    p99_ms: f64,
}

const WANTED: [Wanted; 4] = [
    Wanted {
        name: "get_balance",
        theirs: [2.5, 2.5],
        bare: Some(0.75),
        p99_ms: 5.0,
    },
    Wanted {
        name: "heartbeat",
        theirs: [4.5, 4.5],
        bare: Some(0.7),
        p99_ms: 5.0,
    },
    Wanted {
        name: "quote by source amount",
        theirs: [8.0, 8.0],
        bare: Some(0.7),
        p99_ms: 5.0,
    },
    Wanted {
        name: "send_transfer",
        theirs: [5.0, 12.0],
        bare: None,
        p99_ms: 15.0,
    },
];

/// What the server may take with 1,000 peers, in MiB.
const MOST_MIB: f64 = 64.0;

/// Measures what contains `filter` in its name, and answers the lines of JSON and whether nothing is missing in them.
pub fn measure(filter: &str) -> Result<(Vec<String>, bool), Failure> {
    setup::node()?;
    setup::c_compiler()?;
    setup::npm_packages("tests/interop")?;
    program::step("building the server and its load (release)", || {
        program::cargo()
            .args(["build", "--release", "-p", "c2c-server", "-p", "c2c-load"])
            .run()
    })?;
    let mut lines = Vec::new();
    let measured = program::step("measuring our server, theirs, and a bare one", || {
        Program::new(project::built("release", "c2c-load"))
            .arg("rate")
            .arg(project::built("release", "c2c"))
            .arg(project::path("tests/interop/kit.cjs"))
            .arg(filter)
            .listen(|line| lines.push(line.to_owned()))
    })?;
    Ok((lines, measured))
}

/// The ratios beside those that are wanted.
pub fn table(lines: &[String]) -> String {
    let mut table = format!(
        "{:<30}{:>10}{:>10}{:>10}{:>8}{:>6}{:>8}{:>6}{:>10}{:>10}{:>6}{:>9}{:>9}\n",
        "calls a second",
        "ours",
        "2017",
        "bare",
        "/2017",
        ">=",
        "/bare",
        ">=",
        "p50 ms",
        "p99 ms",
        "<=",
        "cpu µs",
        "bare µs"
    );
    let dash = || "–".to_owned();
    for wanted in &WANTED {
        for (connections, at_least) in [
            (1, None),
            (16, Some(wanted.theirs[0])),
            (64, Some(wanted.theirs[1])),
        ] {
            let name = format!("{} x{connections}", wanted.name);
            let named = format!("load: {name}");
            let find = |key: &str| lines.iter().find_map(|line| number(line, &named, key));
            let (Some(ours), Some(theirs), Some(bare)) =
                (find("ours_per_s"), find("theirs_per_s"), find("bare_per_s"))
            else {
                continue;
            };
            let millis = |key| find(key).map_or_else(dash, |us| format!("{:.2}", us / 1e3));
            let micros = |key| find(key).map_or_else(dash, |us| format!("{us:.1}"));
            let of_bare = wanted.bare.filter(|_| at_least.is_some());
            let most = (connections == 64).then_some(wanted.p99_ms);
            let bound = |value: Option<f64>| value.map_or_else(dash, |value| value.to_string());
            // A text takes everything that is written.
            let _ = writeln!(
                table,
                "{name:<30}{ours:>10.0}{theirs:>10.0}{bare:>10.0}{:>8.2}{:>6}{:>8.2}{:>6}{:>10}{:>10}{:>6}{:>9}{:>9}",
                ours / theirs,
                bound(at_least),
                ours / bare,
                bound(of_bare),
                millis("ours_p50_us"),
                millis("ours_p99_us"),
                bound(most),
                micros("ours_cpu_us"),
                micros("bare_cpu_us"),
            );
        }
    }
    let memory = "load: memory with 1000 peers";
    if let Some(found) = lines
        .iter()
        .find_map(|line| number(line, memory, "rss_mib"))
    {
        let _ = writeln!(
            table,
            "{:<30}{found:>10.1} MiB resident, below {MOST_MIB}",
            "memory with 1000 peers"
        );
    }
    table
}
