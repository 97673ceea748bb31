//! Stamps by content: a step is passed over while everything that went into it is what it was.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::project;

/// What goes into a step.
pub struct Stamp {
    hasher: DefaultHasher,
    path: PathBuf,
}

impl Stamp {
    /// The stamp of the step `name`.
    pub fn new(name: &str) -> Self {
        Self {
            hasher: DefaultHasher::new(),
            path: project::target("stamps").join(name),
        }
    }

    /// Adds a file: its path and what is in it.
    pub fn file(mut self, path: &Path) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(Failure::file(path.display()))?;
        self.hasher.write(path.to_string_lossy().as_bytes());
        self.hasher.write_usize(bytes.len());
        self.hasher.write(&bytes);
        Ok(self)
    }

    /// Adds every file under a folder.
    pub fn folder(mut self, folder: &Path) -> Result<Self, Failure> {
        for file in project::files(folder)? {
            self = self.file(&file)?;
        }
        Ok(self)
    }

    /// Does `work` unless it was done with the same files before and `result` still stands.
    pub fn unless_done(
        self,
        result: &Path,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let now = format!("{:016x}", self.hasher.finish());
        if result.exists() && fs::read_to_string(&self.path).is_ok_and(|then| then == now) {
            return Ok(());
        }
        work()?;
        project::write(&self.path, now)
    }
}
