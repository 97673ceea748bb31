//! The programs that are put under load: started on free ports of loopback with a folder of their own, and
//! ended with whoever holds them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::database::Database;
use crate::failure::Failure;

/// How long a program may take to start.
const MOST_START: Duration = Duration::from_secs(20);

/// A running program, which is killed when this is dropped.
pub struct Running {
    child: Child,
}

impl Running {
    /// Kills it without warning, as a power cut would, and waits until it is gone.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Resident memory in KiB, as the kernel counts it.
    pub fn resident_kib(&self) -> Result<u64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(Failure::of(&path))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
            .ok_or_else(|| Failure::new(format!("{path} says nothing of VmRSS")))
    }

    /// How long its threads have run on all cores together, as the scheduler counts it.
    pub fn cpu_time(&self) -> Result<Duration, Failure> {
        let path = format!("/proc/{}/task", self.child.id());
        let mut nanos = 0;
        for task in std::fs::read_dir(&path).map_err(Failure::of(&path))? {
            let path = task.map_err(Failure::of(&path))?.path().join("schedstat");
            // A thread may end between the listing and the look.
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let first = text.split(' ').next().and_then(|text| text.parse().ok());
            nanos += first.unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanos))
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A folder that is removed when this is dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one, under the system's folder for such.
    pub fn new(name: &str) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("c2c-load-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(Failure::of("folder"))?;
        Ok(Self(path))
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over lies among what the system clears away.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Our server with one ledger of its own, and where it is.
pub struct Server {
    /// The process, the first one where there are several on one database.
    pub running: Running,
    /// Where it listens.
    pub address: SocketAddr,
    /// The others.
    pub others: Vec<Other>,
    /// Its database and its keys.
    pub folder: Folder,
    /// Its database, where that is no file.
    pub database: Option<Database>,
    program: String,
}

/// A further process on the same database.
pub struct Other {
    /// The process.
    pub running: Running,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts `program` with a new key and an empty database, and with these lines on routing and what comes after it.
    pub fn start(program: &str, name: &str, routing: &str) -> Result<Self, Failure> {
        Self::start_on(program, name, routing, None, 1)
    }

    /// The same, so many processes of it, on a PostgreSQL.
    pub fn start_on(
        program: &str,
        name: &str,
        routing: &str,
        database: Option<Database>,
        processes: usize,
    ) -> Result<Self, Failure> {
        let folder = Folder::new(name)?;
        let secret = folder.path("connector.secret");
        let made = Command::new(program)
            .args(["key", "new", "--out"])
            .arg(&secret)
            .stdout(Stdio::null())
            .status()
            .map_err(Failure::of(program))?;
        if !made.success() {
            return Err(Failure::new("the server's program makes no key"));
        }
        // Load comes from a few peers, and shall not be refused unless that is what is looked at.
        let limits = match routing.contains("[limits]") {
            true => "",
            false => "[limits]\npeer_per_second = 0\n",
        };
        let kept_in = match &database {
            Some(database) => database.address(),
            None => format!("sqlite:{}", folder.path("c2c.db").display()),
        };
        let public = free_address()?;
        let mut addresses = vec![public];
        while addresses.len() < processes {
            addresses.push(free_address()?);
        }
        for address in &addresses {
            let text = format!(
                "url = \"http://{public}\"\nlisten = \"{address}\"\ndatabase = \"{kept_in}\"\n\
                 secret_file = \"{}\"\nadmin_token_file = \"{}\"\nallow_loopback_http = true\n\
                 [routing]\nspread = \"0\"\nslippage = \"0\"\n{routing}\n{limits}\
                 [[ledger]]\nprefix = \"example.ours.\"\ncurrency = \"USD\"\nscale = 9\n",
                secret.display(),
                folder.path("admin.token").display(),
            );
            let file = folder.path(&settings(*address));
            std::fs::write(file, text).map_err(Failure::of("configuration"))?;
        }
        let running = serve(program, &folder, public)?;
        let others = addresses.iter().skip(1).map(|address| {
            Ok(Other {
                running: serve(program, &folder, *address)?,
                address: *address,
            })
        });
        Ok(Self {
            running,
            address: public,
            others: others.collect::<Result<_, Failure>>()?,
            folder,
            database,
            program: program.to_owned(),
        })
    }

    /// Where its processes listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let others = self.others.iter().map(|other| other.address);
        std::iter::once(self.address).chain(others).collect()
    }

    /// Kills one of the processes without warning.
    pub fn kill(&mut self, number: usize) {
        match number.checked_sub(1).map(|other| &mut self.others[other]) {
            Some(other) => other.running.kill(),
            None => self.running.kill(),
        }
    }

    /// Starts again what was killed, on the same database.
    pub fn restart(&mut self) -> Result<(), Failure> {
        if self.running.has_ended() {
            self.running = serve(&self.program, &self.folder, self.address)?;
        }
        for other in &mut self.others {
            if other.running.has_ended() {
                other.running = serve(&self.program, &self.folder, other.address)?;
            }
        }
        Ok(())
    }

    /// How long each of its processes has run on all cores together.
    pub fn cpu_times(&self) -> Result<Vec<Duration>, Failure> {
        let others = self.others.iter().map(|other| &other.running);
        let all = std::iter::once(&self.running).chain(others);
        all.map(Running::cpu_time).collect()
    }

    /// Which of its processes leads, if one says so.
    pub fn leading(&self) -> Option<usize> {
        self.addresses().iter().position(|address| {
            let health = call(*address, "GET", "/health", "", "");
            health.is_ok_and(|health| health["ok"] == true && health["leads"] != false)
        })
    }

    /// Calls the admin API of a process that lives.
    pub fn admin(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let token = self.folder.path("admin.token");
        let token = std::fs::read_to_string(token).map_err(Failure::of("admin token"))?;
        let header = format!("authorization: Bearer {}\r\n", token.trim());
        let path = format!("/api/v1{path}");
        let mut answer = Err(Failure::new("no process"));
        for address in self.addresses() {
            answer = call(address, method, &path, &header, &body.to_string());
            if answer.is_ok() {
                break;
            }
        }
        answer
    }
}

/// The name of the file with the settings of the process at `address`.
fn settings(address: SocketAddr) -> String {
    format!("c2c-{}.toml", address.port())
}

fn serve(program: &str, folder: &Folder, address: SocketAddr) -> Result<Running, Failure> {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.path("log"))
        .map_err(Failure::of("log"))?;
    let child = Command::new(program)
        .args(["serve", "--config"])
        .arg(folder.path(&settings(address)))
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(Failure::of("log"))?)
        .stderr(log)
        .spawn()
        .map_err(Failure::of("the server"))?;
    let mut running = Running { child };
    let began = Instant::now();
    while call(address, "GET", "/health", "", "").is_err() {
        if running.has_ended() || began.elapsed() > MOST_START {
            let log = std::fs::read_to_string(folder.path("log")).map_err(Failure::of("log"))?;
            return Err(Failure::new(format!("the server does not start:\n{log}")));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(running)
}

/// A program that prints a line with where it listens.
pub struct Printing {
    /// The process.
    pub running: Running,
    /// Where it listens.
    pub address: SocketAddr,
    /// It ends when this is closed.
    _input: Option<std::process::ChildStdin>,
    _output: BufReader<ChildStdout>,
}

impl Printing {
    /// Starts `command` and reads the first line, in which `find` finds the address.
    pub fn start(
        mut command: Command,
        find: impl Fn(&str) -> Option<SocketAddr>,
    ) -> Result<Self, Failure> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::of("a program to measure"))?;
        let input = child.stdin.take();
        let output = child.stdout.take();
        let running = Running { child };
        let mut output = BufReader::new(output.ok_or_else(|| Failure::new("no output"))?);
        let mut line = String::new();
        let address = loop {
            line.clear();
            let read = output.read_line(&mut line).map_err(Failure::of("output"))?;
            if let Some(address) = find(&line) {
                break address;
            }
            if read == 0 {
                return Err(Failure::new("a program ended before it listened"));
            }
        };
        Ok(Self {
            running,
            address,
            _input: input,
            _output: output,
        })
    }
}

/// An address on loopback on which nobody listens.
pub fn free_address() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::of("a free port"))?;
    listener.local_addr().map_err(Failure::of("a free port"))
}

/// One HTTP call on a connection of its own. What comes back must be JSON, with a status of success.
pub fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Result<Value, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{method} {path}: {error}"));
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .map_err(failed)?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.get(9..10) != Some("2") {
        return Err(Failure::new(format!("{method} {path}: {answer}")));
    }
    // In pieces or whole, the JSON is what lies between the first bracket and the last.
    let start = body.find(['{', '[', '"']).unwrap_or(0);
    let end = body.rfind(['}', ']', '"']).map_or(body.len(), |at| at + 1);
    match body.get(start..end).unwrap_or_default() {
        "" => Ok(Value::Null),
        text => serde_json::from_str(text)
            .map_err(|error| Failure::new(format!("{method} {path}: {error}: {text}"))),
    }
}
