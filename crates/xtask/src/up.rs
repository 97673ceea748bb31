//! `up`: a demo network of real connectors on loopback.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::setup;
use crate::www;

/// Builds everything and becomes `c2c demo`: Ctrl-C and a signal to end reach it directly, and
/// nothing of ours is left beside it.
pub fn up(words: &[&str]) -> Result<ExitCode, Failure> {
    let port = match words {
        [] => None,
        ["--port", number] => {
            number.parse::<u16>().map_err(|_| {
                Failure::Usage(format!("--port takes a number up to 65535, not `{number}`"))
            })?;
            Some(*number)
        }
        _ => {
            return Err(Failure::Usage(
                "usage: cargo xtask up [--port N]".to_owned(),
            ));
        }
    };
    setup::c_compiler()?;
    let site = www::site()?;
    program::step("building the server", build_server)?;
    eprintln!("→ starting the demo network; Ctrl-C ends it");
    let mut demo = Program::new(project::built("debug", "c2c"))
        .arg("demo")
        .arg("--web")
        .arg(&site)
        .arg("--data")
        .arg(project::target("demo"));
    if let Some(port) = port {
        demo = demo.args(["--port", port]);
    }
    demo.become_it()
}

/// The server as the tests use it too: `target/debug/c2c`, with its dependencies optimized.
pub fn build_server() -> Result<(), Failure> {
    program::cargo().args(["build", "--bin", "c2c"]).run()
}
