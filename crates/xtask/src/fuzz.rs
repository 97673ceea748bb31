//! `cargo xtask fuzz [TARGET] [SECONDS]`: arbitrary bytes against the engine.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;

/// The targets: functions of the crate c2c-fuzz.
const TARGETS: [&str; 12] = [
    "decode",
    "json",
    "merge",
    "join",
    "simplify",
    "packet",
    "envelope",
    "transfer",
    "record",
    "invitation",
    "configuration",
    "http",
];

/// What a compiler must add for the fuzzer to see where it gets to.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1";

/// Runs one target, or each, for so many seconds, sixty unless told.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let usage = || {
        Failure::Usage(format!(
            "usage: cargo xtask fuzz [TARGET] [SECONDS], TARGET one of {}",
            TARGETS.join(" ")
        ))
    };
    let (targets, seconds) = match words {
        [] => (TARGETS.to_vec(), "60"),
        [one] if TARGETS.contains(one) => (vec![*one], "60"),
        [seconds] => (TARGETS.to_vec(), *seconds),
        [one, seconds] if TARGETS.contains(one) => (vec![*one], *seconds),
        _ => return Err(usage()),
    };
    let seconds: u64 = seconds.parse().map_err(|_| usage())?;
    let host = host()?;
    program::step("building the fuzz targets", || {
        Program::new("cargo")
            .arg("+nightly")
            .without_env("CARGO")
            .without_env("RUSTUP_TOOLCHAIN")
            .env("RUSTFLAGS", FLAGS)
            .args([
                "build",
                "--release",
                "-p",
                "c2c-fuzz",
                "--features",
                "fuzzer",
            ])
            .args(targets.iter().flat_map(|target| ["--bin", target]))
            // With a target named, build scripts are spared the flags.
            .args(["--target", &host])
            .arg("--target-dir")
            .arg(project::target("fuzz"))
            .run()
    })?;
    let mut sound = true;
    for target in targets {
        let found = project::target("fuzz").join("found").join(target);
        std::fs::create_dir_all(&found).map_err(Failure::file(found.display()))?;
        let ended_well = program::step(&format!("fuzzing {target} for {seconds} s"), || {
            Program::new(
                project::target("fuzz")
                    .join(&host)
                    .join("release")
                    .join(target),
            )
            .arg(&found)
            .arg(project::path(&format!("crates/c2c-fuzz/kept/{target}")))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/crash-", found.display()))
            .args([
                "-print_final_stats=1",
                "-verbosity=1",
                "-max_len=4096",
                "-timeout=5",
            ])
            .listen(|_| ())
        })?;
        println!(
            "{target}: {}",
            if ended_well { "no crash" } else { "CRASHED" }
        );
        sound &= ended_well;
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The name of the machine that we are on, as compilers call it.
fn host() -> Result<String, Failure> {
    let missing = || {
        Failure::Missing("a nightly Rust is needed: rustup toolchain install nightly".to_owned())
    };
    let version = Program::new("rustc")
        .without_env("RUSTUP_TOOLCHAIN")
        .args(["+nightly", "-vV"])
        .answer()
        .ok_or_else(missing)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(missing)
}
