//! The folder with the demo's keys and databases: one demo at a time, nothing else's files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::network::CONNECTORS;
use crate::error::Error;

/// Tells a folder of ours from any other.
const MARK: &str = "c2c-demo.lock";

/// The list in which the network's connectors find each other.
pub const DIRECTORY: &str = "directory.json";

/// The folder, empty at the start, locked until it is dropped.
pub struct Data {
    folder: PathBuf,
    _lock: File,
}

impl Data {
    /// Makes the folder, or empties the one that an earlier demo left.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let failed = |reason: io::Error| Error::File {
            path: folder.display().to_string(),
            reason,
        };
        let foreign = || Error::Usage {
            message: format!(
                "{} has other files in it. Name an empty folder, or one that does not exist, with --data.",
                folder.display()
            ),
        };
        let mark = folder.join(MARK);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let empty = std::fs::read_dir(folder).map_err(failed)?.next().is_none();
        if !empty && !mark.exists() {
            return Err(foreign());
        }
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&mark)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Usage {
                    message: format!(
                        "Another demo keeps its data in {}. Stop it, or name another folder with --data.",
                        folder.display()
                    ),
                });
            }
            Err(TryLockError::Error(reason)) => return Err(failed(reason)),
        }
        for connector in CONNECTORS {
            let home = folder.join(connector.name);
            if home.exists() {
                std::fs::remove_dir_all(&home).map_err(failed)?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// Removes everything that the demo made.
    pub fn remove(self) {
        for connector in CONNECTORS {
            let _ = std::fs::remove_dir_all(self.folder.join(connector.name));
        }
        for file in [DIRECTORY, MARK] {
            let _ = std::fs::remove_file(self.folder.join(file));
        }
        // Other files keep the folder.
        let _ = std::fs::remove_dir(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn one_demo_at_a_time_and_never_in_a_foreign_folder() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("demo");
        let data = Data::open(&folder).unwrap();
        assert!(Data::open(&folder).is_err());
        std::fs::create_dir(folder.join("alder")).unwrap();
        data.remove();
        assert!(!folder.exists());

        std::fs::write(scratch.path().join("letter.txt"), "dear aunt").unwrap();
        assert!(Data::open(scratch.path()).is_err());
    }
}
