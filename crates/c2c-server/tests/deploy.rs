//! The service file and the container's recipe: each step is done in a folder, without systemd and without an engine.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A root of its own for the files of one test, gone when the test ends.
struct Root(PathBuf);

impl Root {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("c2c-deploy-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join("var/lib/c2c")).unwrap();
        Self(path)
    }

    /// Where a path of the container, or of the machine, is.
    fn path(&self, whole: &str) -> PathBuf {
        self.0.join(whole.trim_start_matches('/'))
    }

    fn write(&self, whole: &str, text: &str) {
        let path = self.path(whole);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs `words`, whose first is the program's place, with `more` behind. Paths in them lie in the root.
    fn command(&self, words: &[String], more: &[&str]) -> Command {
        assert_eq!(words[0], "/usr/local/bin/c2c");
        let mut command = Command::new(env!("CARGO_BIN_EXE_c2c"));
        command
            .args(words[1..].iter().map(|word| self.moved(word)))
            .args(more)
            .current_dir(self.path("/var/lib/c2c"))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn moved(&self, text: &str) -> String {
        ["/etc/c2c", "/var/lib/c2c", "/usr/local/share"]
            .iter()
            .fold(text.to_owned(), |text, place| {
                text.replace(place, &self.path(place).display().to_string())
            })
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server, ended when the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Where it listens, once it does.
    fn address(&mut self) -> String {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let line = lines
            .map(Result::unwrap)
            .find(|line| line.starts_with("listening: "));
        line.unwrap()
            .trim_start_matches("listening: ")
            .trim_end_matches('/')
            .to_owned()
    }

    /// Sends it the signal that systemd and engines send, and waits for its end.
    fn end(&mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let since = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(since.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}

fn deploy(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name);
    std::fs::read_to_string(file).unwrap()
}

/// The words of an instruction in the form of a JSON list.
fn listed(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_container_has_what_its_recipe_copies_and_runs_until_it_is_told_to_end() {
    let root = Root::new("container");
    let recipe = deploy("Containerfile");
    let steps = recipe
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let (mut entry, mut arguments, mut health) = (Vec::new(), Vec::new(), Vec::new());
    let mut copied = Vec::new();
    for step in steps {
        let (instruction, rest) = step.split_once(' ').unwrap();
        match instruction {
            "COPY" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let (to, from) = words.split_last().unwrap();
                for from in from {
                    copied.push((*from).to_owned());
                    // What `cargo xtask build` makes is there only after it.
                    let is_built = from.starts_with("target/");
                    assert!(is_built || project(from).exists(), "{from}");
                    if !is_built {
                        let name = Path::new(from).file_name().unwrap().to_str().unwrap();
                        let place = match to.ends_with('/') {
                            true => format!("{to}{name}"),
                            false => (*to).to_owned(),
                        };
                        root.write(&place, &std::fs::read_to_string(project(from)).unwrap());
                    }
                }
            }
            "ENTRYPOINT" => entry = listed(rest),
            "CMD" => arguments = listed(rest),
            "HEALTHCHECK" => health = listed(rest.split_once("CMD ").unwrap().1),
            "WORKDIR" | "VOLUME" => assert_eq!(rest, "/var/lib/c2c"),
            "USER" => assert_eq!(rest, "c2c", "not as root"),
            "STOPSIGNAL" => assert_eq!(rest, "SIGTERM"),
            "FROM" | "RUN" | "EXPOSE" => {}
            other => panic!("nobody has looked at {other}"),
        }
    }
    for built in ["target/release/c2c", "target/www"] {
        assert!(copied.contains(&built.to_owned()), "{built}");
    }
    // Of a container of its own, all that is not as here: its address, and where its files lie.
    let config = root
        .moved(&deploy("container.toml"))
        .replace("0.0.0.0:8080", "127.0.0.1:0");
    root.write("/etc/c2c/c2c.toml", &config);
    let words = [entry.clone(), arguments].concat();

    let nothing = root.command(&words, &[]).output().unwrap();
    assert_eq!(
        nothing.status.code(),
        Some(2),
        "without an address it says what is missing"
    );
    let key = ["key", "new", "--out", "/var/lib/c2c/connector.secret"].map(str::to_owned);
    let made = root
        .command(&[entry, key.to_vec()].concat(), &[])
        .status()
        .unwrap();
    assert!(made.success());
    let mut running = root.command(&words, &[]);
    let running = running
        .env("C2C_URL", "https://wallet1.example")
        .spawn()
        .unwrap();
    let mut running = Running(running);
    let address = running.address();
    let asked = root
        .command(&health, &["--server", &address])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&asked.stdout).trim(), "ready");
    assert!(asked.status.success());
    assert_eq!(running.end(), Some(0));
    let asked = root
        .command(&health, &["--server", &address])
        .status()
        .unwrap();
    assert_eq!(asked.code(), Some(1), "nobody is there any more");
    for file in ["c2c.db", "admin.token", "audit.jsonl"] {
        assert!(
            root.path(&format!("/var/lib/c2c/{file}")).exists(),
            "{file}"
        );
    }
}

#[test]
fn the_service_starts_writes_its_log_as_json_and_ends_when_it_is_told_to() {
    let root = Root::new("service");
    let unit = deploy("c2c.service");
    let value = |key: &str| {
        let line = unit
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key}=")));
        line.unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    // What the comment at the top has the operator write.
    let settings = unit.lines().filter_map(|line| line.strip_prefix("#   "));
    let settings: Vec<&str> = settings.filter(|line| line.contains(" = \"")).collect();
    assert!(settings.len() >= 5, "{settings:?}");
    let config = format!(
        "url = \"https://wallet1.example\"\nlisten = \"127.0.0.1:0\"\n{}\n",
        settings.join("\n")
    );
    root.write("/etc/c2c/c2c.toml", &root.moved(&config));
    assert_eq!(
        (value("User").as_str(), value("KillSignal").as_str()),
        ("c2c", "SIGTERM")
    );
    assert!(
        value("ReadWritePaths")
            .split(' ')
            .any(|path| path == value("WorkingDirectory"))
    );
    let key = "/usr/local/bin/c2c key new --out /var/lib/c2c/connector.secret";
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(root.command(&words(key), &[]).status().unwrap().success());
    let mut running = Running(
        root.command(&words(&value("ExecStart")), &[])
            .spawn()
            .unwrap(),
    );
    let address = running.address();
    let rotate = "/usr/local/bin/c2c token rotate --admin-token-file /var/lib/c2c/admin.token";
    assert!(
        root.command(&words(rotate), &[])
            .status()
            .unwrap()
            .success()
    );
    // The new token is read with the next request, which the log tells.
    let list = "/usr/local/bin/c2c peer list --admin-token-file /var/lib/c2c/admin.token --server";
    assert!(
        root.command(&words(list), &[&address])
            .status()
            .unwrap()
            .success()
    );
    let errors = running.0.stderr.take().unwrap();
    assert_eq!(running.end(), Some(0));
    let lines: Vec<String> = BufReader::new(errors).lines().map(Result::unwrap).collect();
    assert!(!lines.is_empty());
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(
            line["level"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}
