//! `test`: every check and every test, a table of them, and how many passed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::checks;
use crate::failure::Failure;
use crate::npm;
use crate::postgres::{self, Postgres};
use crate::program::{self, Program};
use crate::project;
use crate::setup::{self, WasmRust};
use crate::tidy;
use crate::up;
use crate::wasm;
use crate::www;

/// Kinds in the order in which they run: what fails soonest comes first.
const KINDS: &[(&str, &str, Work)] = &[
    ("format", "rustfmt", Work::Check(checks::format)),
    ("tidy", "the house rules", Work::Check(tidy_check)),
    (
        "lint",
        "clippy, here and for wasm32",
        Work::Check(checks::lint),
    ),
    (
        "docs",
        "documentation without warnings",
        Work::Check(checks::docs),
    ),
    (
        "purity",
        "the wasm of engine and simulator imports nothing",
        Work::Check(checks::purity),
    ),
    ("native", "cargo test", Work::Tests(native)),
    (
        "wasm",
        "the same conformance, peers, faults and seeds in wasm, in Node",
        Work::Tests(in_wasm),
    ),
    ("npm", "the packed npm package", Work::Tests(packed)),
    (
        "browser",
        "the app in headless Chromium",
        Work::Tests(browser),
    ),
    (
        "interop",
        "against the npm peers of 2017",
        Work::Tests(interop),
    ),
];

enum Work {
    /// Holds or not.
    Check(fn() -> Result<(), Failure>),
    /// So many tests.
    Tests(fn() -> Result<Count, Failure>),
}

/// How tests ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    passed: u64,
    failed: u64,
    left_out: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.left_out += other.left_out;
    }
}

/// Runs the kinds named, or all.
pub fn run(named: &[&str]) -> Result<ExitCode, Failure> {
    if let Some(unknown) = named
        .iter()
        .find(|name| KINDS.iter().all(|(kind, ..)| kind != *name))
    {
        let known: Vec<&str> = KINDS.iter().map(|(kind, ..)| *kind).collect();
        return Err(Failure::Usage(format!(
            "no kind of test `{unknown}`; there are {}",
            known.join(", ")
        )));
    }
    let mut rows = Vec::new();
    std::thread::scope(|scope| {
        // Set up here, before two of us would do it at once.
        if named.is_empty()
            && let Ok(rust) = WasmRust::find()
        {
            scope.spawn(move || ahead(&rust));
        }
        for (kind, what, work) in KINDS {
            if !named.is_empty() && !named.contains(kind) {
                continue;
            }
            eprintln!("\n── {kind}: {what}");
            let began = Instant::now();
            rows.push((*kind, work.run(), began.elapsed()));
        }
    });
    Ok(report(&rows))
}

/// What ships as wasm is linked whole, by one core, for minutes: it is built while the first kinds are checked,
/// in folders of its own. The kinds that need it find it there.
fn ahead(rust: &WasmRust) {
    eprintln!("→ building ahead, meanwhile: the web app and the npm package's engines");
    let built = npm::engines(rust).and_then(|_| www::app(rust));
    if let Err(failure) = built {
        // The kind that needs it builds it again, fails, and counts.
        eprintln!("xtask: building ahead failed: {failure}");
    }
}

impl Work {
    fn run(&self) -> Count {
        let done = match self {
            Self::Check(check) => check().map(|()| Count {
                passed: 1,
                ..Count::default()
            }),
            Self::Tests(tests) => tests(),
        };
        done.unwrap_or_else(|failure| {
            eprintln!("xtask: {failure}");
            Count {
                failed: 1,
                ..Count::default()
            }
        })
    }
}

fn report(rows: &[(&str, Count, Duration)]) -> ExitCode {
    let mut sum = Count::default();
    println!(
        "\n{:<10}{:>8}{:>8}{:>10}{:>14}",
        "kind", "passed", "failed", "left out", "time"
    );
    for (kind, count, time) in rows {
        let Count {
            passed,
            failed,
            left_out,
        } = count;
        let time = program::seconds(*time);
        println!("{kind:<10}{passed:>8}{failed:>8}{left_out:>10}{time:>14}");
        sum.add(*count);
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn tidy_check() -> Result<(), Failure> {
    let found = tidy::violations()?;
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failure::Wrong(found.join("\n")))
    }
}

fn native() -> Result<Count, Failure> {
    setup::c_compiler()?;
    let postgres = Postgres::start()?;
    count(
        program::cargo()
            .args([
                "test",
                "--workspace",
                "--no-fail-fast",
                "--exclude",
                "wasm-tools",
            ])
            .env(postgres::ADDRESS, postgres.address()),
        of_cargo,
    )
}

fn in_wasm() -> Result<Count, Failure> {
    setup::node()?;
    let runner = program::step("building the runner of wasm tests", wasm::test_runner)?;
    let rust = WasmRust::find()?;
    let digests = program::step("playing seeds natively, to compare", digests)?;
    count(
        rust.cargo("test")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .env("C2C_DIGESTS", digests)
            .args(["-p", "c2c-tests"])
            .args([
                "--test",
                "conformance",
                "--test",
                "peers",
                "--test",
                "fault",
                "--test",
                "simulation",
            ]),
        of_cargo,
    )
}

/// What the first seeds of the simulator end with natively, as the test in wasm expects it.
fn digests() -> Result<String, Failure> {
    program::cargo()
        .args(["run", "--quiet", "-p", "c2c-sim", "--bin", "c2c-simulate"])
        .args(["--", "--digests", "12"])
        .answer()
        .ok_or_else(|| Failure::Wrong("c2c-simulate --digests gave no answer".to_owned()))
}

fn packed() -> Result<Count, Failure> {
    let chromium = setup::chromium()?;
    npm::package()?;
    node_tests("crates/c2c-wasm/packaging", 1, &[("CHROMIUM", chromium)])
}

fn browser() -> Result<Count, Failure> {
    let chromium = setup::chromium()?;
    setup::node()?;
    setup::npm_packages("tests")?;
    // Real peers of 2017 are on the other side of the wizard, too.
    setup::npm_packages("tests/interop")?;
    let site = www::site()?;
    program::step("building the server", up::build_server)?;
    // Two at a time: each waits for its page and its servers more than for the processor.
    let environment = [("CHROMIUM", chromium), ("C2C_WEB", site)];
    node_tests("tests/e2e", 2, &environment)
}

fn interop() -> Result<Count, Failure> {
    setup::node()?;
    setup::npm_packages("tests/interop")?;
    npm::package()?;
    program::step("building the server", up::build_server)?;
    let mut sum = node_tests("tests/interop", 1, &[])?;
    // The same again, against two processes on one PostgreSQL that are called in turns.
    let postgres = Postgres::start()?;
    let psql = setup::postgres()?.join("psql");
    let environment = [
        (postgres::ADDRESS, postgres.address().into()),
        ("C2C_PSQL", psql),
        ("C2C_PROCESSES", "2".into()),
    ];
    sum.add(node_tests("tests/interop", 1, &environment)?);
    Ok(sum)
}

/// Runs the `*.test.mjs` of a folder by Node's own test runner, so many files at a time. They find the server in
/// `C2C_BIN`.
fn node_tests(
    folder: &str,
    at_a_time: u8,
    environment: &[(&str, PathBuf)],
) -> Result<Count, Failure> {
    let files = project::files(&project::path(folder))?;
    let tests: Vec<&Path> = files
        .iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .map(|file| file.strip_prefix(project::root()).unwrap_or(file))
        .collect();
    if tests.is_empty() {
        return Err(Failure::Wrong(format!("{folder} holds no *.test.mjs")));
    }
    let mut node = Program::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(format!("--test-concurrency={at_a_time}"))
        .args(tests)
        .env("C2C_BIN", project::built("debug", "c2c"))
        .env("C2C_TARGET", project::target(""));
    for (name, value) in environment {
        node = node.env(name, value);
    }
    count(node, of_node)
}

/// Runs a program of tests and adds up what its lines say. One that fails without naming a failed
/// test, or that ran no test, has failed too.
fn count(program: Program, read: fn(&str) -> Count) -> Result<Count, Failure> {
    let mut sum = Count::default();
    let ended_well = program.listen(|line| sum.add(read(line)))?;
    if sum.failed == 0 && (!ended_well || sum.passed == 0) {
        sum.failed = 1;
    }
    Ok(sum)
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`
fn of_cargo(line: &str) -> Count {
    let mut count = Count::default();
    let Some((_, figures)) = line.split_once("test result: ") else {
        return count;
    };
    let words: Vec<&str> = figures
        .split([' ', ';', '.'])
        .filter(|w| !w.is_empty())
        .collect();
    for pair in words.windows(2) {
        if let [number, name] = pair
            && let Ok(number) = number.parse::<u64>()
        {
            match *name {
                "passed" => count.passed = number,
                "failed" => count.failed = number,
                "ignored" => count.left_out = number,
                _ => {}
            }
        }
    }
    count
}

/// `ℹ pass 3`, `ℹ fail 0`, `ℹ skipped 1`, each on its line.
fn of_node(line: &str) -> Count {
    let mut count = Count::default();
    let words: Vec<&str> = line.split_whitespace().collect();
    if let ["ℹ", name, number] = words.as_slice()
        && let Ok(number) = number.parse::<u64>()
    {
        match *name {
            "pass" => count.passed = number,
            "fail" | "cancelled" => count.failed = number,
            "skipped" | "todo" => count.left_out = number,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_cargo_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s";
        let expected = Count {
            passed: 12,
            failed: 3,
            left_out: 1,
        };
        assert_eq!(of_cargo(line), expected);
        assert_eq!(of_cargo("test a::b ... ok"), Count::default());
    }

    #[test]
    fn results_of_node_are_counted() {
        assert_eq!(of_node("ℹ pass 7").passed, 7);
        assert_eq!(of_node("ℹ cancelled 2").failed, 2);
        assert_eq!(of_node("ℹ skipped 1").left_out, 1);
        assert_eq!(of_node("ℹ tests 7"), Count::default());
    }
}
