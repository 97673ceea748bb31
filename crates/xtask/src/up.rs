//! `up`: a demo network of real connectors on loopback.

use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::setup;
use crate::www;

/// Builds everything and becomes `c2c demo`: Ctrl-C and a signal to end reach it directly, and
/// nothing of ours is left beside it.
pub fn up(words: &[&str]) -> Result<ExitCode, Failure> {
    let port = port(words, "usage: cargo xtask up [--port N]")?;
    setup::c_compiler()?;
    let site = www::site()?;
    program::step("building the server", build_server)?;
    eprintln!("→ starting the demo network; Ctrl-C ends it");
    demo(&site, port).become_it()
}

/// The `--port N` of a command that takes nothing else.
pub fn port(words: &[&str], usage: &str) -> Result<Option<u16>, Failure> {
    match words {
        [] => Ok(None),
        ["--port", number] => number.parse().map(Some).map_err(|_| {
            Failure::Usage(format!("--port takes a number up to 65535, not `{number}`"))
        }),
        _ => Err(Failure::Usage(usage.to_owned())),
    }
}

/// The demo network with the web app of `site`.
pub fn demo(site: &Path, port: Option<u16>) -> Program {
    let demo = Program::new(project::built("debug", "c2c"))
        .arg("demo")
        .arg("--web")
        .arg(site)
        .arg("--data")
        .arg(project::target("demo"));
    match port {
        Some(port) => demo.args(["--port", &port.to_string()]),
        None => demo,
    }
}

/// The server as the tests use it too: `target/debug/c2c`, with its dependencies optimized.
pub fn build_server() -> Result<(), Failure> {
    program::cargo().args(["build", "--bin", "c2c"]).run()
}
