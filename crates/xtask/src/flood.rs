//! `cargo xtask flood [SECONDS]`: strangers flood the server while a peer goes on paying.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::{project, setup};

/// How long, with strangers and without, unless told.
const SECONDS: u64 = 20;

/// Runs for `words[0]` seconds without strangers, and as long with them.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let seconds = match words {
        [] => SECONDS,
        [seconds] => seconds.parse::<u64>().map_err(|_| {
            Failure::Usage(format!(
                "\"{seconds}\" is not a number of seconds, such as 20"
            ))
        })?,
        _ => {
            return Err(Failure::Usage(
                "usage: cargo xtask flood [SECONDS]".to_owned(),
            ));
        }
    };
    setup::c_compiler()?;
    program::step("building the server and its peers (release)", || {
        program::cargo()
            .args(["build", "--release", "-p", "c2c-server", "-p", "c2c-load"])
            .run()
    })?;
    Program::new(project::built("release", "c2c-load"))
        .arg("attack")
        .arg(project::built("release", "c2c"))
        .arg(seconds.to_string())
        .become_it()
}
