//! What is checked beside the tests: format, lints, documentation, purity.

use std::fs;

use crate::failure::Failure;
use crate::program;
use crate::setup::WasmRust;
use crate::wasm;

/// The packages that are built for wasm32.
const WASM_PACKAGES: &[&str] = &[
    "-p",
    "c2c",
    "-p",
    "c2c-sim",
    "-p",
    "c2c-wasm",
    "-p",
    "c2c-wasm-connector",
    "-p",
    "c2c-wasm-curve",
    "-p",
    "c2c-web",
];

/// Every file is as rustfmt writes it.
pub fn format() -> Result<(), Failure> {
    program::cargo().args(["fmt", "--all", "--check"]).run()
}

/// No lint speaks, neither on this machine nor for wasm32, and the lock file is up to date.
pub fn lint() -> Result<(), Failure> {
    program::cargo()
        .args(["clippy", "--locked", "--workspace", "--all-targets"])
        .args(["--", "-D", "warnings"])
        .run()?;
    match WasmRust::find()? {
        rust @ WasmRust::Own => rust
            .cargo("clippy")
            .args(WASM_PACKAGES)
            .args(["--", "-D", "warnings"])
            .run(),
        // Debian's Rust for wasm32 has no clippy; the compiler's own warnings still count.
        rust @ WasmRust::Debian { .. } => rust.cargo("check").args(WASM_PACKAGES).run(),
    }
}

/// The documentation builds without a warning.
pub fn docs() -> Result<(), Failure> {
    program::cargo()
        .env("RUSTDOCFLAGS", "-D warnings")
        .args(["doc", "--workspace", "--no-deps"])
        .run()
}

/// The engine and the simulator around it, each compiled to wasm32 with nothing thrown away, import
/// nothing at all: no clock, no randomness, no environment.
pub fn purity() -> Result<(), Failure> {
    pure("c2c", "c2c.wasm")?;
    pure("c2c-sim", "c2c_sim.wasm")
}

fn pure(package: &str, file: &str) -> Result<(), Failure> {
    WasmRust::find()?
        .cargo("rustc")
        .args(["-p", package, "--lib", "--crate-type", "cdylib"])
        .args(["--", "-C", "link-arg=--no-gc-sections"])
        .run()?;
    let module = WasmRust::results("debug").join(file);
    let bytes = fs::read(&module).map_err(Failure::file(module.display()))?;
    let (imports, functions) = (wasm::imports(&bytes)?, wasm::functions(&bytes)?);
    if !imports.is_empty() {
        return Err(Failure::Wrong(format!(
            "{package} is not pure: its wasm imports {}",
            imports.join(", ")
        )));
    }
    if functions < FEWEST_FUNCTIONS {
        return Err(Failure::Wrong(format!(
            "the wasm of {package} holds {functions} functions: it was not compiled whole, so its purity proves nothing"
        )));
    }
    Ok(())
}

/// Fewer than this, and the linker threw the code away before we looked.
const FEWEST_FUNCTIONS: u64 = 500;
