//! Set-up: what is missing is installed where we can, and named with its cure where we cannot.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::stamp::Stamp;

/// The oldest Node that the package and the tests run on.
const OLDEST_NODE: u32 = 20;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUST: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];

/// A Rust that compiles to wasm32.
pub enum WasmRust {
    /// The one that runs us has the target's standard library.
    Own,
    /// Debian's, which brings the source of the standard library; built beside our crates.
    Debian {
        /// Its linker, such as `wasm-ld-22`.
        linker: String,
    },
}

impl WasmRust {
    /// Finds one, or installs one.
    pub fn find() -> Result<Self, Failure> {
        if has_wasm_library() {
            return Ok(Self::Own);
        }
        if Program::new("rustup").arg("--version").answer().is_some() {
            let added = program::step(
                "adding the wasm32 target by rustup, two minutes at most",
                || {
                    Program::new("rustup")
                        .without_env("RUST_BACKTRACE")
                        .args(["target", "add", WASM_TARGET])
                        .run_for(Duration::from_secs(120))
                },
            )?;
            if added && has_wasm_library() {
                return Ok(Self::Own);
            }
        }
        if let Some(linker) = debian_linker() {
            return Ok(Self::Debian { linker });
        }
        if let Some(newest) = newest_lld() {
            let mut packages = DEBIAN_RUST.to_vec();
            packages.push(&newest);
            apt_install(
                "Debian's Rust with the source for wasm32 (146 MB)",
                &packages,
            )?;
            if let Some(linker) = debian_linker() {
                return Ok(Self::Debian { linker });
            }
        }
        Err(Failure::Missing(format!(
            "there is no Rust for {WASM_TARGET} here, and none could be installed.\n\
             Do one of these, then run the command again:\n  \
             rustup target add {WASM_TARGET}\n  \
             apt-get update && apt-get install -y {} lld-22   (as root, on Debian)",
            DEBIAN_RUST.join(" ")
        )))
    }

    /// `cargo VERB` for wasm32.
    pub fn cargo(&self, verb: &str) -> Program {
        match self {
            Self::Own => program::cargo().args([verb, "--target", WASM_TARGET]),
            Self::Debian { linker } => Program::new("/usr/bin/cargo")
                .without_env("RUSTUP_TOOLCHAIN")
                .without_env("CARGO")
                .without_env("RUSTDOC")
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                .args([verb, "-Zbuild-std=std,panic_abort", "--target", WASM_TARGET]),
        }
    }

    /// Where a build for wasm32 puts its results.
    pub fn results(profile: &str) -> PathBuf {
        // cargo's own profile has a folder of another name.
        let folder = if profile == "dev" { "debug" } else { profile };
        project::target(WASM_TARGET).join(folder)
    }
}

/// Requires Node, new enough, with npm.
pub fn node() -> Result<(), Failure> {
    let wanted = format!("Node {OLDEST_NODE} or later with npm is needed: https://nodejs.org");
    let Some(version) = Program::new("node").arg("--version").answer() else {
        return Err(Failure::Missing(wanted));
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        return Err(Failure::Missing(format!("{wanted}. Here is {version}.")));
    }
    Program::new("npm")
        .arg("--version")
        .answer()
        .map(|_| ())
        .ok_or(Failure::Missing(wanted))
}

/// Requires a C compiler: the embedded database is built from its source.
pub fn c_compiler() -> Result<(), Failure> {
    let named = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    Program::new(named)
        .arg("--version")
        .answer()
        .map(|_| ())
        .ok_or_else(|| {
            Failure::Missing(
                "a C compiler is needed: apt-get install -y gcc libc6-dev, or set CC".to_owned(),
            )
        })
}

/// The folder with PostgreSQL's programs, installed where there were none.
pub fn postgres() -> Result<PathBuf, Failure> {
    if let Some(found) = find_postgres() {
        return Ok(found);
    }
    apt_install("PostgreSQL (60 MB)", &["postgresql"])?;
    find_postgres().ok_or_else(|| {
        Failure::Missing(
            "PostgreSQL is needed for the tests of the server.\n\
             On Debian, as root: apt-get update && apt-get install -y postgresql\n\
             Elsewhere install it with its programs in the PATH, or name a running one: \
             C2C_POSTGRES=postgres://user:password@host:port"
                .to_owned(),
        )
    })
}

fn find_postgres() -> Option<PathBuf> {
    let folders = Path::new("/usr/lib/postgresql");
    let newest = newest_of("", &names_in(folders))
        .map(|version| folders.join(version.to_string()).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = newest.into_iter().chain(std::env::split_paths(&path));
    all.find(|folder| folder.join("initdb").exists())
}

/// Installs the npm packages that a folder's lock file names, and runs none of their scripts.
pub fn npm_packages(folder: &str) -> Result<(), Failure> {
    let path = project::path(folder);
    Stamp::new(&format!("npm-{}", folder.replace('/', "-")))
        .file(&path.join("package.json"))?
        .file(&path.join("package-lock.json"))?
        .unless_done(&path.join("node_modules"), || {
            program::step(&format!("installing the npm packages of {folder}"), || {
                Program::new("npm")
                    .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                    .within(&path)
                    .run()
            })
        })
}

/// The path of a Chromium, installed where there was none.
pub fn chromium() -> Result<PathBuf, Failure> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    apt_install("Chromium (121 MB)", &["chromium"])?;
    find_chromium().ok_or_else(|| {
        Failure::Missing(
            "Chromium is needed for the tests in a browser.\n\
             On Debian, as root: apt-get update && apt-get install -y chromium\n\
             Elsewhere install it and set CHROMIUM to its path, then run the command again."
                .to_owned(),
        )
    })
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ]
    .iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
}

fn has_wasm_library() -> bool {
    let Some(folder) = Program::new("rustc")
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .answer()
    else {
        return false;
    };
    names_in(Path::new(&folder))
        .iter()
        .any(|name| name.starts_with("libcore-"))
}

/// The linker of a Debian Rust that can build the standard library, if one is installed.
fn debian_linker() -> Option<String> {
    let root = Program::new("/usr/bin/rustc")
        .without_env("RUSTUP_TOOLCHAIN")
        .args(["--print", "sysroot"])
        .answer()?;
    let source = Path::new(&root).join("lib/rustlib/src/rust/library/Cargo.lock");
    if !source.exists() || !Path::new("/usr/bin/cargo").exists() {
        return None;
    }
    let newest = newest_of("wasm-ld-", &names_in(Path::new("/usr/bin")))?;
    Some(format!("wasm-ld-{newest}"))
}

/// The newest `lld-NN` that apt knows.
fn newest_lld() -> Option<String> {
    if !may_use_apt() {
        return None;
    }
    let known = Program::new("apt-cache")
        .args(["search", "--names-only", "^lld-[0-9]+$"])
        .answer()?;
    let names: Vec<String> = known
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    let newest = newest_of("lld-", &names).unwrap_or(22);
    Some(format!("lld-{newest}"))
}

fn newest_of(prefix: &str, names: &[String]) -> Option<u32> {
    names
        .iter()
        .filter_map(|name| name.strip_prefix(prefix)?.parse().ok())
        .max()
}

fn names_in(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Installs Debian packages if we are root and there is apt; does nothing elsewhere.
fn apt_install(what: &str, packages: &[&str]) -> Result<(), Failure> {
    if !may_use_apt() {
        return Ok(());
    }
    program::step(&format!("installing {what} by apt"), || {
        let apt = || Program::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        apt().args(["update", "-qq"]).run()?;
        apt()
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages)
            .run()
    })
}

fn may_use_apt() -> bool {
    is_root() && Path::new("/usr/bin/apt-get").exists()
}

/// Whether we may do everything here.
pub fn is_root() -> bool {
    Program::new("id").arg("-u").answer().as_deref() == Some("0")
}
