//! The file that SQLite writes ahead, made longer before it has to be.
//!
//! A flush that makes a file longer writes its length and its place on the disk too, and takes three times as
//! long as one that writes over what is there. So whenever SQLite has come to the end of the file, as much
//! again is laid out, in zeros, up to where it begins anew from the front. What stands behind its last frame
//! [means nothing to SQLite](https://www.sqlite.org/fileformat2.html#walformat): each frame says by salt and
//! sum whether it counts.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What is laid out first.
const LEAST: u64 = 256 << 10;

/// How many bytes are written at once.
const PIECE: usize = 64 << 10;

/// The file written ahead, beside what SQLite does with it.
pub(super) struct Wal {
    file: File,
    /// How much of it was laid out.
    laid_out: u64,
    /// How long it need never be made longer.
    most: u64,
}

impl Wal {
    /// That of the database `file`, which is open and locked by this process.
    pub(super) fn of(file: &Path, most: u64) -> std::io::Result<Self> {
        Ok(Self {
            file: OpenOptions::new().write(true).open(path(file))?,
            laid_out: 0,
            most,
        })
    }

    /// Lays out as much again where SQLite has come to the end. To be called between transactions: what is laid out
    /// is flushed with the next.
    pub(super) fn lay_out(&mut self) -> std::io::Result<()> {
        let long = self.file.metadata()?.len();
        if long <= self.laid_out || long >= self.most {
            return Ok(());
        }
        let end = long.saturating_mul(2).clamp(LEAST, self.most);
        self.file.seek(SeekFrom::Start(long))?;
        let zeros = vec![0; PIECE];
        let mut at = long;
        while at < end {
            let piece = usize::try_from(end - at).map_or(PIECE, |rest| rest.min(PIECE));
            let written = self.file.write(&zeros[..piece])?;
            at += written as u64;
        }
        self.laid_out = end;
        Ok(())
    }
}

/// What SQLite writes ahead of the database `file`.
pub(super) fn path(file: &Path) -> PathBuf {
    let mut beside = file.as_os_str().to_owned();
    beside.push("-wal");
    beside.into()
}
