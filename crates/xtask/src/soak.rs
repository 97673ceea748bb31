//! `cargo xtask soak [MINUTES]`: a thousand peers broadcast and pay through the server for a long time.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::{project, setup};

/// How long, unless told.
const MINUTES: u64 = 30;
/// With which seed, unless `C2C_SEED` says another.
const SEED: &str = "2017";

/// Runs for `words[0]` minutes.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let minutes = match words {
        [] => MINUTES,
        [minutes] => minutes
            .parse::<u64>()
            .ok()
            .filter(|minutes| *minutes > 0)
            .ok_or_else(|| {
                Failure::Usage(format!(
                    "\"{minutes}\" is not a number of minutes, such as 30"
                ))
            })?,
        _ => {
            return Err(Failure::Usage(
                "usage: cargo xtask soak [MINUTES]".to_owned(),
            ));
        }
    };
    setup::c_compiler()?;
    program::step("building the server and its peers (release)", || {
        program::cargo()
            .args(["build", "--release", "-p", "c2c-server", "-p", "c2c-load"])
            .run()
    })?;
    let seed = std::env::var("C2C_SEED").unwrap_or_else(|_| SEED.to_owned());
    Program::new(project::built("release", "c2c-load"))
        .arg("soak")
        .arg(project::built("release", "c2c"))
        .arg(minutes.to_string())
        .arg(seed)
        .become_it()
}
