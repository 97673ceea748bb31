//! `cargo xtask crash [N]`: the server is killed again and again while it is paid through.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::program::{self, Program};
use crate::{project, setup};

/// How often, unless told.
const KILLS: u64 = 50;
/// With which seed, unless `C2C_SEED` says another.
const SEED: &str = "2017";

/// How many processes share one database, where several do.
const PROCESSES: &str = "2";

/// Kills it `words[0]` times on each store, and one of several processes as often.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let kills = match words {
        [] => KILLS,
        [kills] => kills.parse::<u64>().map_err(|_| {
            Failure::Usage(format!("\"{kills}\" is not a number of kills, such as 300"))
        })?,
        _ => return Err(Failure::Usage("usage: cargo xtask crash [N]".to_owned())),
    };
    setup::c_compiler()?;
    program::step("building the server and its peers (release)", || {
        program::cargo()
            .args(["build", "--release", "-p", "c2c-server", "-p", "c2c-load"])
            .run()
    })?;
    let seed = std::env::var("C2C_SEED").unwrap_or_else(|_| SEED.to_owned());
    let kill = || {
        Program::new(project::built("release", "c2c-load"))
            .arg("crash")
            .arg(project::built("release", "c2c"))
            .arg(kills.to_string())
            .arg(&seed)
    };
    println!("SQLite");
    let mut all = kill().listen(|_| {})?;
    let postgres = Postgres::start()?;
    for (name, processes) in [
        ("PostgreSQL", "1"),
        ("PostgreSQL, several processes", PROCESSES),
    ] {
        println!("{name}");
        all &= kill()
            .args([postgres.address(), processes])
            .listen(|_| {})?;
    }
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
