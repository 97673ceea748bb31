//! Running other programs, and telling what is going on meanwhile.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::project;

/// A program to be run in the project's root.
pub struct Program(Command);

/// The cargo that runs us.
pub fn cargo() -> Program {
    Program::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Says what is done, does it, and says how long it took where one had to wait.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    eprintln!("→ {what}");
    let began = Instant::now();
    let done = work()?;
    let took = began.elapsed();
    if took > Duration::from_secs(2) {
        eprintln!("  done in {}", seconds(took));
    }
    Ok(done)
}

/// `3.4 s`, or `2 min 5 s`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

impl Program {
    /// The program `name`, to be run in the project's root.
    pub fn new(name: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(name);
        command.current_dir(project::root());
        Self(command)
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Takes an environment variable away.
    pub fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// Runs in another folder than the root.
    pub fn within(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it, its output being ours, and requires that it ends well.
    pub fn run(mut self) -> Result<(), Failure> {
        let status = self.0.status().map_err(|error| self.cannot_start(&error))?;
        if status.success() {
            Ok(())
        } else {
            Err(self.failed(&status.to_string()))
        }
    }

    /// Runs it, shows each line of its standard output, and hands each to `hear`. Answers whether
    /// it ended well.
    pub fn listen(mut self, mut hear: impl FnMut(&str)) -> Result<bool, Failure> {
        let mut child = self
            .0
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| self.cannot_start(&error))?;
        if let Some(output) = child.stdout.take() {
            let mut shown = std::io::stdout();
            for line in BufReader::new(output).split(b'\n') {
                let line = line.map_err(Failure::file(self.shown()))?;
                let line = String::from_utf8_lossy(&line);
                hear(&line);
                writeln!(shown, "{line}").map_err(Failure::file("standard output"))?;
            }
        }
        let status = child.wait().map_err(Failure::file(self.shown()))?;
        Ok(status.success())
    }

    /// Runs it in silence and answers what it wrote, or nothing where it is missing or failed.
    pub fn answer(mut self) -> Option<String> {
        let Output { status, stdout, .. } = self.0.stderr(Stdio::null()).output().ok()?;
        status
            .success()
            .then(|| String::from_utf8_lossy(&stdout).trim().to_owned())
    }

    /// Runs it for at most `limit`, then stops it. Answers whether it ended well in time.
    pub fn run_for(mut self, limit: Duration) -> Result<bool, Failure> {
        let mut child = self.0.spawn().map_err(|error| self.cannot_start(&error))?;
        let began = Instant::now();
        loop {
            let ended = child.try_wait().map_err(Failure::file(self.shown()))?;
            if let Some(status) = ended {
                return Ok(status.success());
            }
            if began.elapsed() > limit {
                child.kill().map_err(Failure::file(self.shown()))?;
                child.wait().map_err(Failure::file(self.shown()))?;
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Starts it, its output going to `log`.
    pub fn start(mut self, log: std::fs::File) -> Result<Child, Failure> {
        let other = log.try_clone().map_err(Failure::file("a log"))?;
        let command = self.0.stdin(Stdio::null()).stdout(other).stderr(log);
        command.spawn().map_err(|error| self.cannot_start(&error))
    }

    /// Becomes that program: its output, its signals and its exit code are ours.
    #[cfg(unix)]
    pub fn become_it(mut self) -> Result<std::process::ExitCode, Failure> {
        use std::os::unix::process::CommandExt as _;
        let error = self.0.exec();
        Err(self.cannot_start(&error))
    }

    /// Runs that program; its output and its exit code are ours.
    #[cfg(not(unix))]
    pub fn become_it(self) -> Result<std::process::ExitCode, Failure> {
        self.run().map(|()| std::process::ExitCode::SUCCESS)
    }

    fn shown(&self) -> String {
        let program = Path::new(self.0.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str());
        std::iter::once(name)
            .chain(self.0.get_args())
            .map(OsStr::to_string_lossy)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failure {
        self.failed(&format!("could not be started: {error}"))
    }

    fn failed(&self, ended: &str) -> Failure {
        Failure::Program {
            command: self.shown(),
            ended: ended.to_owned(),
        }
    }
}
