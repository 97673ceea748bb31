//! What a backup needs of a database that is in use, and whether a file is a good one.
//!
//! While the file stands still, what is written goes to the file beside it and stays there. So the file may be
//! copied at leisure, and payments do not wait.

use std::path::Path;

use c2c::key::{KeyError, PublicKey};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::{CHECKPOINT_PAGES, failed, migrations};
use crate::store::StoreError;

/// Moves all that was written ahead to its place, and lets nothing more move. What is written next begins anew at the
/// front of the file beside it, which stays as long as it is.
pub(super) fn hold_still(connection: &Connection) -> Result<(), StoreError> {
    set_checkpoint(connection, 0)?;
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0))
        .map_err(failed)?;
    if busy != 0 {
        go_on(connection)?;
        return Err(StoreError::Failed {
            reason: "what was written ahead cannot be moved to its place".to_owned(),
        });
    }
    Ok(())
}

/// As ever.
pub(super) fn go_on(connection: &Connection) -> Result<(), StoreError> {
    set_checkpoint(connection, CHECKPOINT_PAGES)
}

/// Whether `file` is a whole database of a version that this program knows; to which key it belongs.
pub fn verify(file: &Path) -> Result<Option<PublicKey>, StoreError> {
    let open = |reason: String| StoreError::Open {
        file: file.to_owned(),
        reason,
    };
    let refused = |error: rusqlite::Error| open(error.to_string());
    // It has no file beside it, and gets none.
    let whole = std::path::absolute(file).map_err(|error| open(error.to_string()))?;
    let mut url =
        reqwest::Url::from_file_path(whole).map_err(|()| open("it has no path".to_owned()))?;
    url.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(url.as_str(), flags).map_err(refused)?;
    let said: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(refused)?;
    if said != "ok" {
        return Err(open(said));
    }
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(refused)?;
    let known = migrations::newest();
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == 0 {
        return Err(open("it holds no connector".to_owned()));
    }
    let key: Option<String> = connection
        .query_row(
            "SELECT value FROM facts WHERE name = 'public_key'",
            [],
            |row| row.get(0),
        )
        .optional()
        .map_err(refused)?;
    let key = key.map(|text| text.parse());
    key.transpose()
        .map_err(|error: KeyError| StoreError::Damaged {
            row: "facts.public_key".to_owned(),
            reason: error.to_string(),
        })
}

fn set_checkpoint(connection: &Connection, pages: i64) -> Result<(), StoreError> {
    connection
        .pragma_update(None, "wal_autocheckpoint", pages)
        .map_err(failed)
}
