//! The static site: `www/` as it stands, with the web app's wasm and its glue beside it. Any file
//! server can serve it from any folder.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::program;
use crate::project;
use crate::setup::WasmRust;
use crate::stamp::Stamp;
use crate::wasm;

/// The profile of the web app: smaller than what npm ships.
const PROFILE: &str = "site";

/// Builds the wasm of the web app and answers where it is.
pub fn app(rust: &WasmRust) -> Result<PathBuf, Failure> {
    program::step("building the web app for wasm32", || {
        wasm::build(rust, PROFILE, "c2c-web", "c2c-web.wasm")
    })
}

/// Builds `target/www` where something of it changed, and answers where it is.
pub fn site() -> Result<PathBuf, Failure> {
    let app = app(&WasmRust::find()?)?;
    let binder = program::step("building the binding generator", wasm::binder)?;
    let (from, to) = (project::path("www"), project::target("www"));
    // What the site holds of others says so.
    let notice = project::path("NOTICE");
    Stamp::new("www")
        .file(&app)?
        .file(&binder)?
        .folder(&from)?
        .file(&notice)?
        .unless_done(&to, || {
            program::step("putting the site together in target/www", || {
                project::empty(&to)?;
                project::copy_folder(&from, &to)?;
                // They are for those who read the README, and larger than all the rest.
                std::fs::remove_file(to.join("screenshot.png"))
                    .map_err(Failure::file("www/screenshot.png"))?;
                std::fs::remove_dir_all(to.join("guide")).map_err(Failure::file("www/guide"))?;
                std::fs::copy(&notice, to.join("NOTICE")).map_err(Failure::file("NOTICE"))?;
                wasm::bind(&binder, &app, &to, "c2c_web")
            })
        })?;
    Ok(to)
}
