//! The project's own commands, from set-up to tests. It depends on nothing, so that it starts at once.

mod bench;
mod checks;
mod crash;
mod dev;
mod failure;
mod flood;
mod fuzz;
mod laws;
mod lighthouse;
mod npm;
mod postgres;
mod program;
mod project;
mod screens;
mod setup;
mod simulate;
mod soak;
mod stamp;
mod suite;
mod tidy;
mod up;
mod wasm;
mod www;

use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  up [--port N]   set up, build and start a demo network; prints `dashboard: URL`, stays until Ctrl-C
  dev [--port N]  the demo network with a page that is built and loaded again when something of it is saved
  test [KIND…]    set up and run every check and test, or those of the kinds named:
                  format lint docs tidy purity native wasm npm browser interop
  ci              what continuous integration runs: the same as `test`
  interop         the runs against the npm peers of 2017: the same as `test interop`
  build           the release server, target/release/c2c, and the web app
  www             the static site in target/www
  npm             the npm package in target/npm, and its tarball
  differential [OPERATIONS] [SEED]
                  the npm package's drop-in beside ilp-routing 10.1.0, 100000 random operations
  memory [MERGES] a million merges through the npm package, in a loop that never rests: is memory flat?
  lighthouse      the web app before Chromium's own auditor: performance, accessibility, best practices
  screens         pictures of every screen, light, dark and narrow, in target/screens
  tidy            the house rules alone
  laws [CASES]    the laws of curves, a million cases each
  simulate [SEEDS] [CONNECTORS]
                  networks on invented time, 10000 seeds of at most 100 connectors: what went wrong,
                  what was checked, what failed; `--seed N` again; `--converge 2000` one large network
  crash [N]       kills the server N times while peers pay through it, 50 unless told, on each store and one of
                  two processes that share one, and looks for what is lost, doubled or disagreed on; C2C_SEED plays other payments
  postgres [COMMAND…]
                  runs a command beside a PostgreSQL of its own, which C2C_POSTGRES names; none: until Ctrl-C
  flood [SECONDS] strangers flood the server, slowly and fast, while a peer goes on paying: how long its transfers
                  take, 20 seconds each with and without them
  soak [MINUTES]  a thousand peers broadcast and pay for half an hour, or so many minutes: is memory flat, do both
                  sides of each ledger agree, is the log bounded, and is a secret anywhere
  bench [FILTER]  curves against ilp-routing 10.1.0 and the limit, and the server under load against
                  a connector of 2017 and a bare HTTP server; also in target/bench.json.
                  `npm`: the packed npm package against what a user would pick;
                  `store`: durable transfers on SQLite, and on PostgreSQL with 1, 2 and 4 processes
  fuzz [TARGET] [SECONDS]
                  arbitrary bytes against the engine; needs a nightly Rust";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(words: &[&str]) -> Result<ExitCode, Failure> {
    match words {
        ["up", rest @ ..] => up::up(rest),
        ["dev", rest @ ..] => dev::dev(rest),
        [dev::LOOP] => dev::keep_building(),
        ["test", kinds @ ..] => suite::run(kinds),
        ["ci"] => suite::run(&[]),
        ["interop"] => suite::run(&["interop"]),
        ["build"] => build(),
        ["www"] => www::site().map(|_| ExitCode::SUCCESS),
        ["npm"] => npm::package().map(|_| ExitCode::SUCCESS),
        ["differential", rest @ ..] => npm::differential(rest),
        ["memory", rest @ ..] => npm::memory(rest),
        ["lighthouse"] => lighthouse::audit(),
        ["screens"] => screens::take(),
        ["tidy"] => tidy::command(),
        ["laws", rest @ ..] => laws::command(rest),
        ["simulate", rest @ ..] => simulate::command(rest),
        ["crash", rest @ ..] => crash::command(rest),
        ["postgres", rest @ ..] => postgres::command(rest),
        ["flood", rest @ ..] => flood::command(rest),
        ["soak", rest @ ..] => soak::command(rest),
        ["bench", rest @ ..] => bench::command(rest),
        ["fuzz", rest @ ..] => fuzz::command(rest),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        [] => Err(Failure::Usage(USAGE.to_owned())),
        [unknown, ..] => Err(Failure::Usage(format!("no command `{unknown}`\n\n{USAGE}"))),
    }
}

/// The server with full optimization, and the site that it serves.
fn build() -> Result<ExitCode, Failure> {
    let site = www::site()?;
    program::step("building the server (release)", || {
        program::cargo()
            .args(["build", "--release", "--bin", "c2c"])
            .run()
    })?;
    println!("server: {}", project::built("release", "c2c").display());
    println!("site: {}", site.display());
    Ok(ExitCode::SUCCESS)
}
