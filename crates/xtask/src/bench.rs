//! `cargo xtask bench [FILTER]`: how fast the engine is, natively and in wasm, beside its limit and
//! beside ilp-routing 10.1.0, in one run; how fast the server answers ([`load`]), and the npm package ([`npm`]). Ratios travel between
//! machines, times do not.

mod load;
mod npm;
mod store;

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::setup::{self, WasmRust};
use crate::{project, wasm, www};

/// What is wanted: ilp-routing against wasm at least, native against the limit at most.
const WANTED: [(&str, f64, f64); 15] = [
    ("combine 2 x 100", 800.0, 1.3),
    ("combine 2 x 1000", 2000.0, 1.2),
    ("combine 2 x 10000", 11_000.0, 1.2),
    ("combine 2 x 1000 near 2^63", 600.0, 1.3),
    ("join 1000", 2800.0, 1.2),
    ("join 10000", 16_000.0, 1.2),
    ("merge 10 x 100", 1300.0, 1.2),
    ("merge 100 x 100", 4500.0, 1.2),
    ("decode bytes 1000", 1100.0, 1.3),
    ("decode base64 1000", 250.0, 1.3),
    ("encode base64 1000", 280.0, 1.3),
    ("amount_at one by one", 150.0, 1.2),
    ("amount_at 1000 at once", 1000.0, 1.2),
    ("simplify 1000 to 10", 20.0, f64::INFINITY),
    ("simplify 10000 to 10", 20.0, f64::INFINITY),
];

/// What is wanted of routing: ilp-routing against wasm at least, native nanoseconds at most.
const ROUTING: [(&str, f64, f64); 5] = [
    ("routing: add, table of 100000", 150.0, 600.0),
    ("routing: best hop by source among 100000", 5000.0, 80.0),
    (
        "routing: best hop by destination among 100000",
        5000.0,
        80.0,
    ),
    ("routing: apply 10000 routes", 90.0, 1300.0),
    ("routing: apply them again", 60.0, 900.0),
];

/// Ours alone, natively: what is stated, and what is wanted at most.
const ALONE: [(&str, &str, f64); 6] = [
    ("routing: table of 1000000 x 4", "most_mib", 4096.0),
    ("routing: table of 1000000 x 4", "bytes_per_route", 200.0),
    (
        "routing: best hop among 100000 x 4",
        "native_ns",
        f64::INFINITY,
    ),
    (
        "routing: best hop among 1000000 x 4",
        "native_ns",
        f64::INFINITY,
    ),
    (
        "routing: one change among 1000000 x 4",
        "native_ns",
        20_000.0,
    ),
    (
        "routing: round over 100 peers, one change of 10000",
        "native_ns",
        f64::INFINITY,
    ),
];

/// Runs what contains `words[0]` in its name, or everything, and prints a table. `routing` is all that
/// is measured of tables, `load` all that is measured of the server, `store` its databases beside each other, `web` all
/// of the web app in Chromium.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let filter = match words {
        [] => "",
        [filter] => filter,
        _ => {
            return Err(Failure::Usage(
                "usage: cargo xtask bench [FILTER]".to_owned(),
            ));
        }
    };
    if filter == "web" {
        return web();
    }
    if filter == "store" {
        return store::measure();
    }
    if let Some(rows) = filter.strip_prefix("npm") {
        return npm::measure(rows.trim_start_matches(':'));
    }
    let mut lines = Vec::new();
    let mut is_whole = true;
    let load = match filter {
        "" => Some(""),
        named => named
            .strip_prefix("load")
            .map(|rows| rows.trim_start_matches(':')),
    };
    let engines = filter.is_empty() || load.is_none();
    if engines {
        match engine(filter)? {
            Some(found) => lines.extend(found),
            None => return Ok(ExitCode::FAILURE),
        }
    }
    if let Some(rows) = load {
        let (found, all) = load::measure(rows)?;
        lines.extend(found);
        is_whole = all;
    }
    let file = project::target("bench.json");
    project::write(&file, format!("[\n{}\n]\n", lines.join(",\n")))?;
    if engines {
        println!("\n{}\n{}", table(&lines), routing(&lines));
    }
    if load.is_some() {
        println!("\n{}", load::table(&lines));
    }
    println!("{}", file.display());
    Ok(match is_whole {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The web app in Chromium, by itself: it wants a machine that does nothing else.
fn web() -> Result<ExitCode, Failure> {
    let chromium = setup::chromium()?;
    setup::node()?;
    setup::npm_packages("tests")?;
    let site = www::site()?;
    Program::new("node")
        .arg("tests/e2e/bench.mjs")
        .env("CHROMIUM", chromium)
        .env("C2C_WEB", site)
        .env("C2C_TARGET", project::target(""))
        .run()?;
    Ok(ExitCode::SUCCESS)
}

/// Measures curves and tables, and answers the lines of JSON; none where that failed.
fn engine(filter: &str) -> Result<Option<Vec<String>>, Failure> {
    setup::node()?;
    let rust = WasmRust::find()?;
    setup::npm_packages("crates/c2c-bench")?;
    let module = program::step("building the engine as wasm", || {
        wasm::build(&rust, wasm::PROFILE, "c2c-bench", "c2c_bench.wasm")
    })?;
    let mut lines = Vec::new();
    for (bench, script) in [("curve", "curve.mjs"), ("table", "table.mjs")] {
        let native = program::step(&format!("measuring natively: {bench}"), || {
            program::cargo()
                .args([
                    "bench", "--quiet", "-p", "c2c", "--bench", bench, "--", filter,
                ])
                .listen(|line| lines.push(line.to_owned()))
        })?;
        let foreign = program::step(
            &format!("measuring wasm and ilp-routing in Node: {bench}"),
            || {
                Program::new("node")
                    .arg(project::path("crates/c2c-bench").join(script))
                    .arg(&module)
                    .arg(filter)
                    .listen(|line| lines.push(line.to_owned()))
            },
        )?;
        if !native || !foreign {
            return Ok(None);
        }
    }
    Ok(Some(lines))
}

/// The ratios of each operation beside those that are wanted.
fn table(lines: &[String]) -> String {
    let mut table = format!(
        "{:<28}{:>12}{:>12}{:>8}{:>7}{:>12}{:>16}{:>9}{:>8}\n",
        "operation",
        "native µs",
        "limit µs",
        "ratio",
        "<=",
        "wasm µs",
        "ilp-routing µs",
        "ratio",
        ">="
    );
    for (name, faster, slower) in WANTED {
        let find = |key| lines.iter().find_map(|line| number(line, name, key));
        let (native, limit) = (find("native_ns"), find("limit_ns"));
        let (wasm, routing) = (find("wasm_ns"), find("ilp_routing_ns"));
        let (Some(native), Some(limit), Some(wasm), Some(routing)) = (native, limit, wasm, routing)
        else {
            continue;
        };
        let stated = if slower.is_finite() {
            format!("{:>8.2}{slower:>7}", native / limit)
        } else {
            format!("{:>8}{:>7}", "–", "–")
        };
        // A text takes everything that is written.
        let _ = writeln!(
            table,
            "{name:<28}{:>12.2}{:>12.2}{stated}{:>12.2}{:>16.1}{:>9.0}{faster:>8}",
            native / 1e3,
            limit / 1e3,
            wasm / 1e3,
            routing / 1e3,
            routing / wasm
        );
    }
    table
}

/// What is measured of routing beside what is wanted.
fn routing(lines: &[String]) -> String {
    let mut table = format!(
        "{:<50}{:>12}{:>8}{:>12}{:>16}{:>9}{:>8}\n",
        "operation, each", "native ns", "<=", "wasm ns", "ilp-routing ns", "ratio", ">="
    );
    let find = |name, key| lines.iter().find_map(|line| number(line, name, key));
    for (name, faster, most) in ROUTING {
        let native = find(name, "native_ns");
        let (wasm, theirs) = (find(name, "wasm_ns"), find(name, "ilp_routing_ns"));
        let (Some(native), Some(wasm), Some(theirs)) = (native, wasm, theirs) else {
            continue;
        };
        // A text takes everything that is written.
        let _ = writeln!(
            table,
            "{name:<50}{native:>12.0}{most:>8}{wasm:>12.0}{theirs:>16.0}{:>9.0}{faster:>8}",
            theirs / wasm
        );
    }
    for (name, key, most) in ALONE {
        let Some(found) = find(name, key) else {
            continue;
        };
        let bound = if most.is_finite() {
            format!("at most {most}")
        } else {
            String::new()
        };
        let key = key.replace('_', " ");
        let _ = writeln!(table, "{name:<50}{found:>12.0} {key:<16}{bound}");
    }
    let among = |name| find(name, "native_ns");
    if let (Some(few), Some(many)) = (
        among("routing: best hop among 100000 x 4"),
        among("routing: best hop among 1000000 x 4"),
    ) {
        let _ = writeln!(
            table,
            "{:<50}{:>12.2} {:<16}at most 2",
            "routing: best hop, 1000000 against 100000",
            many / few,
            "times"
        );
    }
    table
}

/// The number `key` of a line that is named `name`.
fn number(line: &str, name: &str, key: &str) -> Option<f64> {
    let (_, rest) = line.split_once(&format!("\"name\":\"{name}\""))?;
    let (_, value) = rest.split_once(&format!("\"{key}\":"))?;
    value.split([',', '}']).next()?.parse().ok()
}
