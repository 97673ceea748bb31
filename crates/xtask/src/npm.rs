//! The npm package: the engine's wasm with its glue, the entries, one bundle for CommonJS, packed.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::setup::{self, WasmRust};
use crate::stamp::Stamp;
use crate::wasm;

/// Where the package's own files lie.
const PACKAGE: &str = "crates/c2c-wasm";

/// The package's engines: the crate, and what the package calls it.
const ENGINES: [(&str, &str); 3] = [
    ("c2c-wasm-curve", "curve-engine"),
    ("c2c-wasm", "engine"),
    ("c2c-wasm-connector", "connector-engine"),
];

/// Builds the engines, and answers where the wasm of each is.
pub fn engines(rust: &WasmRust) -> Result<[PathBuf; 3], Failure> {
    program::step("building the engines for wasm32", || {
        let crates: Vec<&str> = ENGINES.iter().map(|(package, _)| *package).collect();
        let folder = wasm::build_all(rust, wasm::PROFILE, &crates)?;
        Ok(ENGINES.map(|(package, _)| folder.join(format!("{}.wasm", package.replace('-', "_")))))
    })
}

/// Builds `target/npm` and its tarball where something of them changed; answers where the tarball is.
pub fn package() -> Result<PathBuf, Failure> {
    setup::node()?;
    let rust = WasmRust::find()?;
    setup::npm_packages(&format!("{PACKAGE}/packaging"))?;
    let built = engines(&rust)?;
    let binder = program::step("building the binding generator", wasm::binder)?;
    let version = env!("CARGO_PKG_VERSION");
    let tarball = project::target(&format!("ilp-c2c-{version}.tgz"));
    let sources = project::path(PACKAGE);
    let mut stamp = Stamp::new("npm");
    for engine in &built {
        stamp = stamp.file(engine)?;
    }
    stamp
        .file(&binder)?
        .folder(&sources.join("entry"))?
        .file(&sources.join("README.md"))?
        .file(&sources.join("MIGRATION.md"))?
        .file(&sources.join("packaging/assemble.mjs"))?
        .file(&sources.join("packaging/package-lock.json"))?
        .unless_done(&tarball, || {
            program::step("putting the npm package together in target/npm", || {
                let folder = project::target("npm");
                project::empty(&folder)?;
                for (wasm, (_, name)) in built.iter().zip(ENGINES) {
                    wasm::bind(&binder, wasm, &folder, name)?;
                }
                Program::new("node")
                    .arg(sources.join("packaging/assemble.mjs"))
                    .arg(&folder)
                    .arg(version)
                    .run()?;
                Program::new("npm")
                    .args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
                    .arg(project::target(""))
                    .within(&folder)
                    .run()
            })
        })?;
    eprintln!("npm package: {}", tarball.display());
    Ok(tarball)
}

/// `cargo xtask differential [OPERATIONS] [SEED]`: the drop-in beside ilp-routing 10.1.0, with 100,000 random
/// operations unless told otherwise. Fails where a difference has no documented rule.
pub fn differential(words: &[&str]) -> Result<ExitCode, Failure> {
    if words.len() > 2 || words.iter().any(|word| word.parse::<u32>().is_err()) {
        return Err(Failure::Usage(
            "usage: cargo xtask differential [OPERATIONS] [SEED]".to_owned(),
        ));
    }
    try_package("differential.mjs", words)
}

/// `cargo xtask memory [MERGES]`: a million merges unless told otherwise, in a loop that never rests. Fails
/// where the memory is not flat.
pub fn memory(words: &[&str]) -> Result<ExitCode, Failure> {
    if words.len() > 1 || words.iter().any(|word| word.parse::<u32>().is_err()) {
        return Err(Failure::Usage(
            "usage: cargo xtask memory [MERGES]".to_owned(),
        ));
    }
    try_package("memory.mjs", words)
}

/// Runs a program of `packaging` on the packed package.
fn try_package(program: &str, words: &[&str]) -> Result<ExitCode, Failure> {
    package()?;
    let is_well = Program::new("node")
        .arg(project::path(PACKAGE).join("packaging").join(program))
        .args(words)
        .env("C2C_TARGET", project::target(""))
        .listen(|_| ())?;
    Ok(match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
