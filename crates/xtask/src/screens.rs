//! `screens`: a picture of every screen of the web app, to be looked at.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::setup;
use crate::up;
use crate::www;

/// Takes the pictures, light, dark and in a narrow window, into `target/screens`.
pub fn take() -> Result<ExitCode, Failure> {
    let chromium = setup::chromium()?;
    setup::node()?;
    setup::npm_packages("tests")?;
    let site = www::site()?;
    program::step("building the server", up::build_server)?;
    Program::new("node")
        .arg("tests/e2e/screens.mjs")
        .env("CHROMIUM", chromium)
        .env("C2C_WEB", site)
        .env("C2C_BIN", project::built("debug", "c2c"))
        .env("C2C_TARGET", project::target(""))
        .run()?;
    Ok(ExitCode::SUCCESS)
}
