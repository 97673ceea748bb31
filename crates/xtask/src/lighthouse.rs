//! `lighthouse`: how Chromium's own auditor judges the site, in figures.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::Program;
use crate::project;
use crate::setup;
use crate::www;

/// Where the auditor's packages are: it is large, and nothing else needs it.
const FOLDER: &str = "tests/lighthouse";

/// Audits some pages of the site on loopback; fails where a target is missed.
pub fn audit() -> Result<ExitCode, Failure> {
    let chromium = setup::chromium()?;
    setup::node()?;
    setup::npm_packages(FOLDER)?;
    let site = www::site()?;
    Program::new("node")
        .arg(format!("{FOLDER}/run.mjs"))
        .env("CHROMIUM", chromium)
        .env("C2C_WEB", site)
        .env("C2C_TARGET", project::target(""))
        .run()?;
    Ok(ExitCode::SUCCESS)
}
