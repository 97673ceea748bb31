//! `bench store`: durable transfers a second on the embedded database, and on a PostgreSQL by one and by several
//! processes.

use std::process::ExitCode;

use super::number;
use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::program::{self, Program};
use crate::{project, setup};

/// Measures, and prints a table.
pub fn measure() -> Result<ExitCode, Failure> {
    setup::c_compiler()?;
    program::step("building the server and its load (release)", || {
        program::cargo()
            .args(["build", "--release", "-p", "c2c-server", "-p", "c2c-load"])
            .run()
    })?;
    let postgres = Postgres::start()?;
    let mut lines = Vec::new();
    let measured = program::step("measuring the databases in turns", || {
        Program::new(project::built("release", "c2c-load"))
            .arg("store")
            .arg(project::built("release", "c2c"))
            .arg(postgres.address())
            .listen(|line| lines.push(line.to_owned()))
    })?;
    let file = project::target("bench-store.json");
    project::write(&file, format!("[\n{}\n]\n", lines.join(",\n")))?;
    println!(
        "\n{:<36}{:>10}{:>10}{:>10}{:>16}{:>14}",
        "durable transfers a second", "per s", "p50 ms", "p99 ms", "leader cpu µs", "all cpu µs"
    );
    for line in &lines {
        let name = line.split('"').nth(3).unwrap_or_default();
        let figure = |key| number(line, name, key).unwrap_or(f64::NAN);
        println!(
            "{:<36}{:>10.0}{:>10.2}{:>10.2}{:>16.1}{:>14.1}",
            name.trim_start_matches("store: "),
            figure("per_s"),
            figure("p50_us") / 1e3,
            figure("p99_us") / 1e3,
            figure("leader_cpu_us"),
            figure("all_cpu_us"),
        );
    }
    println!("{}", file.display());
    Ok(match measured {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
