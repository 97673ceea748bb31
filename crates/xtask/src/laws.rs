//! `cargo xtask laws [CASES]`: the laws of curves, a million cases each.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program;

/// Runs each law with `words[0]` cases, a million unless told.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let cases = match words {
        [] => 1_000_000,
        [cases] => cases.parse::<u64>().map_err(|_| {
            Failure::Usage(format!(
                "\"{cases}\" is not a number of cases, such as 1000000"
            ))
        })?,
        _ => return Err(Failure::Usage("usage: cargo xtask laws [CASES]".to_owned())),
    };
    let held = program::cargo()
        .env("C2C_LAW_CASES", cases.to_string())
        // Fast, but with every overflow found.
        .args([
            "test",
            "--release",
            "--quiet",
            "-p",
            "c2c",
            "--test",
            "curve_laws",
        ])
        .args(["--config", "profile.release.overflow-checks=true"])
        .args(["--config", "profile.release.debug-assertions=true"])
        .args(["--", "--nocapture"])
        .listen(|_| ())?;
    Ok(if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
