//! A PostgreSQL of our own for tests and long runs: on a free port of loopback, in a folder under `target`, gone at
//! the end. `cargo xtask postgres COMMAND…` runs a command beside one.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::setup;

/// Where tests and load find it: an address without the name of a database.
pub const ADDRESS: &str = "C2C_POSTGRES";

/// Who may come in.
const USER: &str = "c2c";

/// How long it may take to start, or to end.
const MOST_WAIT: Duration = Duration::from_secs(60);

/// A running server, or one that somebody else runs.
pub struct Postgres {
    address: String,
    own: Option<Own>,
}

/// A server that is ours to end.
struct Own {
    child: Child,
    folder: PathBuf,
}

/// Runs a command beside a server, or the server alone until Ctrl-C.
pub fn command(words: &[&str]) -> Result<ExitCode, Failure> {
    let mut server = Postgres::start()?;
    if let [program, arguments @ ..] = words {
        let program = Program::new(program).args(arguments);
        program.env(ADDRESS, server.address()).run()?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("export {ADDRESS}={}", server.address());
    if let Some(own) = &mut server.own {
        // Ctrl-C reaches it as well.
        let ended = own.child.wait();
        ended.map_err(Failure::file("PostgreSQL"))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Postgres {
    /// The server that `C2C_POSTGRES` names, or a new one, installed where there is none.
    pub fn start() -> Result<Self, Failure> {
        if let Ok(address) = std::env::var(ADDRESS) {
            return Ok(Self { address, own: None });
        }
        let programs = setup::postgres()?;
        program::step("starting a PostgreSQL on loopback", || begin(&programs))
    }

    /// How to reach it: `postgres://user:password@host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// It ends, and leaves nothing.
impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(Own { child, folder }) = &mut self.own else {
            return;
        };
        // Without waiting for sessions to end. Where that cannot be said, it is killed.
        let asked = Program::new("kill").args(["-INT", &child.id().to_string()]);
        let began = Instant::now();
        if asked.answer().is_some() {
            while matches!(child.try_wait(), Ok(None)) && began.elapsed() < MOST_WAIT {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        // It has ended already, or does not want to.
        let _ = child.kill();
        let _ = child.wait();
        // What is left over is cleared away by the next start.
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn begin(programs: &Path) -> Result<Postgres, Failure> {
    let folder = home()?;
    let data = folder.join("data");
    let password = password()?;
    let secret = folder.join("password");
    std::fs::write(&secret, &password).map_err(Failure::file(secret.display()))?;
    give_away(&secret)?;
    let made = as_nobody(programs, "initdb")
        .arg("--pgdata")
        .arg(&data)
        .args(["--username", USER, "--encoding", "UTF8", "--locale", "C"])
        .args(["--auth", "scram-sha-256", "--no-sync", "--pwfile"])
        .arg(&secret)
        .answer();
    if made.is_none() {
        return Err(Failure::Wrong(format!(
            "initdb makes no database in {}",
            data.display()
        )));
    }
    let port = free_port()?;
    let log = folder.join("log");
    let log = std::fs::File::create(&log).map_err(Failure::file(log.display()))?;
    let child = as_nobody(programs, "postgres")
        .arg("-D")
        .arg(&data)
        .args(["-c", "listen_addresses=127.0.0.1", "-c"])
        .arg(format!("port={port}"))
        // Calls over its own socket are not needed, and its folder may have too long a name.
        .args(["-c", "unix_socket_directories="])
        .args(["-c", "max_connections=200"])
        .start(log)?;
    let mut server = Postgres {
        address: format!("postgres://{USER}:{password}@127.0.0.1:{port}"),
        own: Some(Own { child, folder }),
    };
    let began = Instant::now();
    let is_ready = || {
        Program::new(programs.join("pg_isready"))
            .args(["-h", "127.0.0.1", "-p", &port.to_string()])
            .answer()
            .is_some()
    };
    while !is_ready() {
        let ended = match &mut server.own {
            Some(own) => !matches!(own.child.try_wait(), Ok(None)),
            None => false,
        };
        if ended || began.elapsed() > MOST_WAIT {
            let log = server.own.as_ref().map(|own| own.folder.join("log"));
            let said = log.and_then(|log| std::fs::read_to_string(log).ok());
            return Err(Failure::Wrong(format!(
                "PostgreSQL does not start:\n{}",
                said.unwrap_or_default()
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(server)
}

/// A folder for a new server, which whoever runs it may write. What earlier ones left over is cleared away.
fn home() -> Result<PathBuf, Failure> {
    for above in [
        project::target("postgres"),
        std::env::temp_dir().join("c2c-postgres"),
    ] {
        std::fs::create_dir_all(&above).map_err(Failure::file(above.display()))?;
        clear(&above);
        let folder = above.join(std::process::id().to_string());
        std::fs::create_dir_all(&folder).map_err(Failure::file(folder.display()))?;
        give_away(&folder)?;
        let probe = as_nobody(Path::new(""), "test").arg("-w").arg(&folder);
        if probe.answer().is_some() {
            return Ok(folder);
        }
        // A folder above it is closed to others.
        let _ = std::fs::remove_dir(&folder);
    }
    Err(Failure::Wrong(
        "no folder for a PostgreSQL could be made: neither under target nor among the system's"
            .to_owned(),
    ))
}

/// Removes the folders of servers whose starter is gone.
fn clear(above: &Path) {
    for entry in std::fs::read_dir(above).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let starter = Path::new("/proc").join(&name);
        // One that still runs, without whoever started it, keeps its number in this file.
        let running = std::fs::read_to_string(entry.path().join("data/postmaster.pid"));
        let running = running
            .ok()
            .and_then(|text| text.lines().next().map(str::to_owned));
        let runs = running.is_some_and(|number| Path::new("/proc").join(number).exists());
        if !starter.exists() && !runs {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A program of PostgreSQL, which refuses to run as root: as the user that Debian's package makes. It ends with us.
fn as_nobody(programs: &Path, name: &str) -> Program {
    let program = if programs.as_os_str().is_empty() {
        PathBuf::from(name)
    } else {
        programs.join(name)
    };
    if !setup::is_root() {
        return Program::new(program);
    }
    Program::new("setpriv")
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--pdeathsig=INT",
        ])
        .arg("--")
        .arg(program)
}

fn give_away(path: &Path) -> Result<(), Failure> {
    if !setup::is_root() {
        return Ok(());
    }
    Program::new("chown")
        .arg("postgres:postgres")
        .arg(path)
        .run()
}

fn password() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    let source = "/dev/urandom";
    let mut file = std::fs::File::open(source).map_err(Failure::file(source))?;
    file.read_exact(&mut bytes).map_err(Failure::file(source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::file("a free port"))?;
    let address = listener
        .local_addr()
        .map_err(Failure::file("a free port"))?;
    Ok(address.port())
}
