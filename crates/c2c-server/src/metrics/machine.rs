//! What the server takes of its machine.

use std::path::Path;

/// Bytes in memory and on disk.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// In memory, as the kernel counts it; none where it does not say.
    pub resident: Option<u64>,
    /// The embedded database's file, and what was written ahead of it; none where another keeps the state.
    pub database: Option<u64>,
}

impl Machine {
    /// As it is now.
    pub fn look(database: Option<&Path>) -> Self {
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let both = |database: &Path| {
            let mut ahead = database.as_os_str().to_owned();
            ahead.push("-wal");
            length(database) + length(Path::new(&ahead))
        };
        Self {
            resident: resident(),
            database: database.map(both),
        }
    }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
