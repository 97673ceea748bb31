//! A backup of the database while it is in use, and back.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use c2c::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::store::StoreError;
use crate::store::sqlite::{Sqlite, verify};

/// How much is copied in one piece.
const PIECE: usize = 1 << 20;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Where it is, on the server's machine.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// How long it took.
    pub took_ms: u64,
}

/// Makes a backup in the folder that the settings name. Payments go on meanwhile.
pub async fn make(app: &Arc<App>) -> Result<Backup, StoreError> {
    let began = Instant::now();
    // One at a time: the second would let the file change under the first.
    let _alone = app.backing_up.lock().await;
    let now = app.driver.look(|_, now| now);
    let stopping = || StoreError::Failed {
        reason: "the server is stopping".to_owned(),
    };
    let still = app.driver.with_store(|store| store.hold_still()).await;
    let file = still.ok_or_else(stopping)??;
    let folder = app.backup_folder.clone();
    let copied = tokio::task::spawn_blocking(move || copy(&file, &folder, now)).await;
    // Whatever became of the copy.
    let went_on = app.driver.with_store(|store| store.go_on()).await;
    let (partial, whole, bytes) = copied.map_err(|_| stopping())??;
    // If the server has stopped meanwhile, its end may have changed the file under the copy.
    went_on.ok_or_else(stopping)??;
    tokio::task::spawn_blocking(move || {
        verify(&partial)?;
        std::fs::rename(&partial, &whole).map_err(|error| refused(&whole, &error))?;
        Ok(Backup {
            file: whole.display().to_string(),
            bytes,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    })
    .await
    .map_err(|_| stopping())?
}

/// Puts a backup in the place of the database `to`, which no server may have open. What is there is kept under
/// another name, which is answered.
pub fn restore(from: &Path, to: &Path, now: Timestamp) -> Result<Option<PathBuf>, StoreError> {
    verify(from)?;
    let kept = match to.exists() {
        true => {
            // Nobody has it open, and nothing of it is beside it any more.
            drop(Sqlite::open(to)?);
            let kept = beside(to, &format!(".before-{}", now.as_millis()));
            std::fs::rename(to, &kept).map_err(|error| refused(&kept, &error))?;
            Some(kept)
        }
        false => None,
    };
    for ending in ["-wal", "-shm"] {
        let left = beside(to, ending);
        match std::fs::remove_file(&left) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refused(&left, &error)),
        }
    }
    let opened = File::open(from).map_err(|error| refused(from, &error))?;
    copy_all(&opened, to)?;
    // It may be of an older version.
    drop(Sqlite::open(to)?);
    Ok(kept)
}

fn copy(file: &File, folder: &Path, now: Timestamp) -> Result<(PathBuf, PathBuf, u64), StoreError> {
    std::fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    let name = now.to_string().replace([':', '.'], "-");
    let whole = folder.join(format!("c2c-{name}.db"));
    let partial = beside(&whole, ".partial");
    let bytes = copy_all(file, &partial)?;
    Ok((partial, whole, bytes))
}

/// Copies without closing what it reads from, into a new file for its owner only.
fn copy_all(from: &File, to: &Path) -> Result<u64, StoreError> {
    let copied = || -> io::Result<u64> {
        let mut new = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)?;
        let mut piece = vec![0; PIECE];
        let mut at = 0;
        loop {
            let count = from.read_at(&mut piece, at)?;
            if count == 0 {
                new.sync_all()?;
                return Ok(at);
            }
            new.write_all(&piece[..count])?;
            at += count as u64;
        }
    };
    copied().map_err(|error| refused(to, &error))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn refused(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open {
        file: path.to_owned(),
        reason: error.to_string(),
    }
}
