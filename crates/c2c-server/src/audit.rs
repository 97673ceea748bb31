//! What was changed, by whom, and what came of it: one line of JSON for each request that may change something.
//!
//! The file is bounded: once it is full it becomes the file before, and the one before that goes. No value that
//! may be a secret is written, only those of fields that are known to be none.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use c2c::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long the file may become. There are two at most.
const MOST_BYTES: u64 = 4 << 20;

/// How long what is written of one body may be.
const MOST_BODY: usize = 4096;

/// Fields whose values are written. Tokens, conditions and whatever comes later are named, and left out.
const SHOWN: &[&str] = &[
    "account",
    "amount",
    "balance",
    "currency",
    "destination",
    "destination_amount",
    "expires_at",
    "file",
    "from",
    "host",
    "id",
    "ledger",
    "limit",
    "minimum",
    "mode",
    "name",
    "peer_account",
    "prefix",
    "protocol_version",
    "rate",
    "rates",
    "scale",
    "source_amount",
    "to",
];

/// What stands for a value that is not shown.
const LEFT_OUT: &str = "(left out)";

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was answered.
    pub time: String,
    /// From which address it came.
    pub caller: Option<IpAddr>,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// What it was answered with.
    pub status: u16,
    /// Its body, as far as that is shown.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

/// The file.
pub struct Audit {
    path: PathBuf,
    open: Mutex<Open>,
}

struct Open {
    file: File,
    length: u64,
}

impl Audit {
    /// Opens the file, or makes it, readable by its owner only.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            open: Mutex::new(open(path)?),
            path: path.to_owned(),
        })
    }

    /// Writes one line.
    pub fn write(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        let mut open = self.opened();
        if open.length + line.len() as u64 > MOST_BYTES {
            std::fs::rename(&self.path, before(&self.path))?;
            *open = self::open(&self.path)?;
        }
        open.file.write_all(line.as_bytes())?;
        open.length += line.len() as u64;
        Ok(())
    }

    /// The last entries, the latest first. A line that was cut by a power failure is no entry.
    pub fn last(&self, most: usize) -> io::Result<Vec<Entry>> {
        let _open = self.opened();
        let mut entries = Vec::new();
        for path in [self.path.clone(), before(&self.path)] {
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let read = text.lines().rev();
            let read = read.filter_map(|line| serde_json::from_str(line).ok());
            entries.extend(read.take(most - entries.len()));
        }
        Ok(entries)
    }

    fn opened(&self) -> MutexGuard<'_, Open> {
        // Nothing in here panics while the lock is held.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body as it may be written down.
pub fn shown(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return Value::String("(no JSON)".to_owned());
    };
    leave_out(&mut value);
    if value.to_string().len() > MOST_BODY {
        return Value::String("(too long to be kept)".to_owned());
    }
    value
}

fn leave_out(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Object(_) | Value::Array(_) if SHOWN.contains(&name.as_str()) => {
                        leave_out(value);
                    }
                    _ if SHOWN.contains(&name.as_str()) => {}
                    _ => *value = LEFT_OUT.into(),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out),
        // What has no name is not known to be no secret.
        other => *other = LEFT_OUT.into(),
    }
}

/// The time as it is written.
pub fn written(time: Timestamp) -> String {
    time.to_string()
}

fn open(path: &Path) -> io::Result<Open> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    let length = file.metadata()?.len();
    Ok(Open { file, length })
}

fn before(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use serde_json::json;

    fn entry(number: u16) -> Entry {
        Entry {
            time: "2017-06-14T11:58:18.509Z".to_owned(),
            caller: Some(IpAddr::from([127, 0, 0, 1])),
            method: "POST".to_owned(),
            path: "/api/v1/peers".to_owned(),
            status: number,
            body: json!({ "host": "x".repeat(4_000) }),
        }
    }

    #[test]
    fn the_files_stay_bounded_and_the_latest_comes_first() {
        let folder = Scratch::new();
        let path = folder.path().join("audit.jsonl");
        let audit = Audit::open(&path).unwrap();
        for number in 0..3_000 {
            audit.write(&entry(number)).unwrap();
        }
        for path in [&path, &before(&path)] {
            let length = std::fs::metadata(path).unwrap().len();
            assert!(length <= MOST_BYTES, "{length}");
        }
        let last = audit.last(1_500).unwrap();
        let numbers: Vec<u16> = last.iter().map(|entry| entry.status).collect();
        assert_eq!(numbers, (1_500..3_000).rev().collect::<Vec<_>>());

        drop(audit);
        let cut = std::fs::read(&path).unwrap();
        std::fs::write(&path, &cut[..cut.len() - 10]).unwrap();
        let audit = Audit::open(&path).unwrap();
        assert_eq!(audit.last(1).unwrap()[0].status, 2_998);
    }

    #[test]
    fn only_what_is_known_to_be_no_secret_is_shown() {
        let body = json!({
            "mode": "manual", "send_token": "secret-1", "accept_token": "secret-2", "limit": "5",
            "rates": [{"from": "USD", "to": "EUR", "rate": "0.92", "key": "secret-3"}, "secret-4"],
            "new": {"host": "secret-5"},
        });
        let shown = shown(body.to_string().as_bytes());
        assert!(!shown.to_string().contains("secret"), "{shown}");
        assert_eq!(shown["mode"], "manual");
        assert_eq!(shown["rates"][0]["rate"], "0.92");
        assert_eq!(shown["send_token"], LEFT_OUT);
        assert_eq!(super::shown(b"\"secret\""), LEFT_OUT);
        assert_eq!(super::shown(b"secret"), "(no JSON)");
        assert_eq!(super::shown(b""), Value::Null);
    }
}
