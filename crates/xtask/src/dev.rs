//! `dev`: the demo network with a site that is built again whenever something of it is saved, and pages that
//! then load themselves again. Nothing of it is in the site that ships.

mod pages;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime};

use crate::failure::Failure;
use crate::program;
use crate::project;
use crate::setup::{self, WasmRust};
use crate::up;
use crate::wasm;
use pages::Pages;

/// The word by which the command starts its own second half.
pub const LOOP: &str = "dev-loop";

/// What the page is made of: what cargo builds, and what is taken as it stands.
const BUILT: [&str; 3] = ["web", "crates/c2c/src", "crates/c2c-sim/src"];
const TAKEN: &str = "www";

/// How often it is looked for what was saved.
const LOOK: Duration = Duration::from_millis(100);

/// Builds everything, starts the loop beside us and becomes `c2c demo`: whoever ends that ends both.
pub fn dev(words: &[&str]) -> Result<ExitCode, Failure> {
    let port = up::port(words, "usage: cargo xtask dev [--port N]")?;
    setup::c_compiler()?;
    program::step("building the server", up::build_server)?;
    let ourselves = std::env::current_exe().map_err(Failure::file("xtask itself"))?;
    let mut child = Command::new(ourselves)
        .arg(LOOP)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Failure::file(LOOP))?;
    let mut ready = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output)
            .read_line(&mut ready)
            .map_err(Failure::file(LOOP))?;
    }
    if ready.is_empty() {
        return Err(Failure::Wrong("the site could not be built".to_owned()));
    }
    eprintln!("→ starting the demo network; save a file and the page follows; Ctrl-C ends it");
    up::demo(&site(), port).become_it()
}

/// Where the site of this command is put together.
fn site() -> PathBuf {
    project::target("dev-www")
}

/// Builds the site, says so on standard output, and builds it again when something of it is saved, as long as
/// whoever started us is there.
pub fn keep_building() -> Result<ExitCode, Failure> {
    let began_by = parent();
    let rust = WasmRust::find()?;
    let binder = program::step("building the binding generator", wasm::binder)?;
    let pages = Pages::listen()?;
    project::empty(&site())?;
    program::step("building the web app, unoptimized", || {
        let app = wasm::build(&rust, "dev", "c2c-web", "c2c-web.wasm")?;
        put_together(&binder, Some(&app), &pages)
    })?;
    pages.load_again(None);
    println!("ready");
    let mut seen = newest()?;
    while parent() == began_by {
        std::thread::sleep(LOOK);
        // A file that is just being replaced is there again at the next look.
        let Ok(now) = newest() else { continue };
        if now == seen {
            continue;
        }
        let is_built = now.0 != seen.0;
        let saved = now.0.max(now.1);
        seen = now;
        let made = if is_built {
            wasm::build(&rust, "dev", "c2c-web", "c2c-web.wasm")
                .and_then(|app| put_together(&binder, Some(&app), &pages))
        } else {
            put_together(&binder, None, &pages)
        };
        match made {
            Ok(()) => {
                eprintln!("→ built, {} after it was saved", since(saved));
                pages.load_again(Some(saved));
            }
            // The compiler has said what is wrong; the next save is another try.
            Err(failure) => eprintln!("xtask: {failure}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How long ago something was, by the clock that also dates files.
fn since(time: SystemTime) -> String {
    program::seconds(time.elapsed().unwrap_or_default())
}

/// The site with `app`, where that was built anew, and with what makes its pages load themselves again.
fn put_together(binder: &Path, app: Option<&Path>, pages: &Pages) -> Result<(), Failure> {
    let to = site();
    project::copy_folder(&project::path(TAKEN), &to)?;
    let start = to.join("index.html");
    let page = project::read(&start)?;
    let last = "</head>";
    if !page.contains(last) {
        return Err(Failure::Wrong(format!("www/index.html has no {last}")));
    }
    let ours = format!("<script type=\"module\" src=\"reload.js\"></script>{last}");
    project::write(&start, page.replacen(last, &ours, 1))?;
    project::write(&to.join("reload.js"), pages.script())?;
    match app {
        Some(app) => wasm::bind(binder, app, &to, "c2c_web"),
        None => Ok(()),
    }
}

/// When anything was saved last: of what is built, and of what is taken as it stands.
fn newest() -> Result<(SystemTime, SystemTime), Failure> {
    let mut built = SystemTime::UNIX_EPOCH;
    for folder in BUILT {
        built = built.max(newest_in(folder)?);
    }
    Ok((built, newest_in(TAKEN)?))
}

fn newest_in(folder: &str) -> Result<SystemTime, Failure> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for file in project::files(&project::path(folder))? {
        let saved = std::fs::metadata(&file).and_then(|about| about.modified());
        newest = newest.max(saved.map_err(Failure::file(file.display()))?);
    }
    Ok(newest)
}

/// Who started us; where systems do not tell, Ctrl-C ends us too.
fn parent() -> u32 {
    #[cfg(unix)]
    return std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    return 0;
}
