//! The embedded database: one file, written ahead, flushed at every commit.

mod accounts;
mod backup;
mod ledger;
mod migrations;
mod row;
mod wal;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use c2c::connector::{Change, Peer, StoredAccounts};
use c2c::key::{PublicKey, SecretKey};
use c2c::ledger::Record;
use c2c::timestamp::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, params};

use super::rows::Rows;
use super::{Asked, Store, StoreError, StoredLedger};
pub use backup::verify;

/// After how many pages, of 4 KiB, what was written ahead moves to its place. Pages that are written again and
/// again move once: the more are waited for, the less is written.
const CHECKPOINT_PAGES: i64 = 8_192;

/// How long the file that is written ahead gets by that: a page and its head, and the head of the file.
const WAL_BYTES: u64 = 8_192 * (4_096 + 24) + 32;

/// An open SQLite file.
pub struct Sqlite {
    connection: Connection,
    rows: Rows,
    wal: wal::Wal,
    /// The file once more, for backups. It is closed last: whoever closes a file loses the locks on it.
    file: Arc<File>,
    /// Up to which row it was looked for what is to be forgotten.
    looked_at: i64,
}

impl Sqlite {
    /// Opens `file`, or makes it, readable by its owner only, and brings it to the newest version.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let refused = |reason: String| StoreError::Open {
            file: file.to_owned(),
            reason,
        };
        make_private(file).map_err(|error| refused(error.to_string()))?;
        let open = || -> Result<Connection, rusqlite::Error> {
            let connection = Connection::open(file)?;
            connection.busy_timeout(Duration::from_millis(500))?;
            // One process at a time: the engine in memory is ahead of the file.
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", "ON")?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            Ok(connection)
        };
        let mut connection = open().map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse {
                file: file.to_owned(),
            },
            _ => refused(error.to_string()),
        })?;
        migrations::run(&mut connection)?;
        // Only now is it sure that the file is ours.
        #[cfg(unix)]
        close_to_others(file).map_err(|error| refused(error.to_string()))?;
        let wal = wal::Wal::of(file, WAL_BYTES).map_err(|error| refused(error.to_string()))?;
        let opened = File::open(file).map_err(|error| refused(error.to_string()))?;
        let rows = Rows::default();
        Ok(Self {
            connection,
            rows,
            wal,
            file: Arc::new(opened),
            looked_at: 0,
        })
    }
}

impl Store for Sqlite {
    fn public_key(&mut self) -> Result<Option<PublicKey>, StoreError> {
        let text: Option<String> = self
            .connection
            .query_row(
                "SELECT value FROM facts WHERE name = 'public_key'",
                [],
                |row| row.get(0),
            )
            .optional()
            .map_err(failed)?;
        text.map(|text| {
            text.parse()
                .map_err(|error: c2c::key::KeyError| StoreError::Damaged {
                    row: "facts.public_key".to_owned(),
                    reason: error.to_string(),
                })
        })
        .transpose()
    }

    fn change_key(&mut self, key: &PublicKey, peers: &[Peer]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction().map_err(failed)?;
        transaction
            .execute(
                "INSERT INTO facts (name, value) VALUES ('public_key', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params![key.to_string()],
            )
            .map_err(failed)?;
        for peer in peers {
            row::write_peer(&transaction, peer).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    fn peers(&mut self, secret: &SecretKey) -> Result<Vec<Peer>, StoreError> {
        row::read_peers(&self.connection, secret)
    }

    fn ledgers(&mut self, now: Timestamp) -> Result<Vec<StoredLedger>, StoreError> {
        ledger::read(&self.connection, &mut self.rows, now)
    }

    fn accounts(&mut self, now: Timestamp) -> Result<Vec<StoredAccounts>, StoreError> {
        accounts::read(&self.connection, now)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let applied = apply_all(&mut self.connection, &mut self.rows, changes);
        if applied.is_err() {
            // What was kept in mind since the last commit is not there.
            self.rows = Rows::default();
        }
        applied.map_err(failed)?;
        // It is stored; where there is no room to lay out, there will be none for the next either, and that says so.
        if let Err(error) = self.wal.lay_out() {
            tracing::debug!(%error, "the file written ahead was not made longer");
        }
        Ok(())
    }

    fn fact(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM facts WHERE name = ?1")
            .map_err(failed)?;
        let found = statement.query_row(params![name], |row| row.get(0));
        found.optional().map_err(failed)
    }

    fn set_fact(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let set = self.connection.execute(
            "INSERT INTO facts (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![name, value],
        );
        set.map(drop).map_err(failed)
    }

    fn transfers(&mut self, asked: &Asked) -> Result<Vec<Record>, StoreError> {
        ledger::list(&self.connection, asked)
    }

    fn forget(&mut self, before: Timestamp) -> Result<bool, StoreError> {
        ledger::forget(
            &mut self.connection,
            &mut self.rows,
            &mut self.looked_at,
            before,
        )
        .map_err(failed)
    }

    fn hold_still(&mut self) -> Result<Arc<File>, StoreError> {
        backup::hold_still(&self.connection)?;
        Ok(self.file.clone())
    }

    fn go_on(&mut self) -> Result<(), StoreError> {
        backup::go_on(&self.connection)
    }
}

fn apply_all(
    connection: &mut Connection,
    rows: &mut Rows,
    changes: &[Change],
) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction()?;
    // What happens on ledgers comes in bursts, and is written together.
    let mut moved = Vec::new();
    for change in changes {
        if let Change::LedgerMoved { ledger, entry } = change {
            moved.push((ledger, &**entry));
            continue;
        }
        ledger::write(&transaction, rows, &std::mem::take(&mut moved))?;
        apply_one(&transaction, rows, change)?;
    }
    ledger::write(&transaction, rows, &moved)?;
    transaction.commit()
}

fn apply_one(
    transaction: &Transaction<'_>,
    rows: &mut Rows,
    change: &Change,
) -> Result<(), rusqlite::Error> {
    match change {
        Change::PeerSaved(peer) => row::write_peer(transaction, peer),
        Change::AccountsMoved { ledger, entry } => accounts::write(transaction, ledger, entry),
        Change::LedgerMoved { ledger, entry } => {
            ledger::write(transaction, rows, &[(ledger, entry)])
        }
        Change::PeerRemoved(prefix) => {
            rows.forget(prefix);
            for statement in [
                "DELETE FROM transfers WHERE prefix = ?1",
                "DELETE FROM peers WHERE prefix = ?1",
            ] {
                let mut statement = transaction.prepare_cached(statement)?;
                statement.execute(params![prefix.as_str()])?;
            }
            Ok(())
        }
    }
}

fn failed(error: rusqlite::Error) -> StoreError {
    StoreError::Failed {
        reason: error.to_string(),
    }
}

/// Makes the file for its owner only; what SQLite writes beside it takes the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(file).map(drop)
}

/// Closes a database that was put there open, as from a backup: tokens that people told are in it.
#[cfg(unix)]
fn close_to_others(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    for file in [file, &wal::path(file)] {
        match std::fs::metadata(file) {
            Ok(found) if found.permissions().mode() & 0o077 == 0 => {}
            Ok(_) => std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
