//! `cargo xtask simulate`: the network simulator, on all cores.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program;

/// Runs the simulator with `words`: `[SEEDS] [CONNECTORS]`, `--seed N` or `--converge CONNECTORS`.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    program::cargo()
        .args(["run", "--release", "--quiet", "-p", "c2c-sim"])
        .args(["--bin", "c2c-simulate", "--"])
        .args(words)
        .become_it()
}
