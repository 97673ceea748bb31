//! The shape of the database, one step a version. A step that was released is never changed.

use rusqlite::Connection;

use super::{failed, ledger};
use crate::store::StoreError;

/// The step at index n leads from version n to n + 1: statements, and what they cannot say. Amounts are decimal
/// texts: SQLite's integers end at 2^63 − 1.
const STEPS: &[&str] = &[
    "
    CREATE TABLE facts (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;
    CREATE TABLE peers (
        prefix TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        peer_account TEXT NOT NULL,
        currency TEXT NOT NULL,
        scale INTEGER NOT NULL,
        rpc_uri TEXT NOT NULL,
        protocol_version TEXT NOT NULL,
        host TEXT,
        peer_key TEXT,
        send_token TEXT,
        accept_token TEXT,
        dialect INTEGER,
        CHECK ((host IS NULL) = (peer_key IS NULL)),
        CHECK ((send_token IS NULL) = (accept_token IS NULL)),
        CHECK (peer_key IS NOT NULL OR send_token IS NOT NULL)
    ) STRICT;
    CREATE TABLE ledgers (
        prefix TEXT PRIMARY KEY REFERENCES peers ON DELETE CASCADE,
        most_owed_to_us TEXT NOT NULL,
        balance TEXT NOT NULL,
        most_owed_by_us TEXT
    ) STRICT;
",
    "
    ALTER TABLE ledgers ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE transfers (
        prefix TEXT NOT NULL REFERENCES ledgers ON DELETE CASCADE,
        id TEXT NOT NULL,
        direction TEXT NOT NULL,
        amount TEXT NOT NULL,
        state TEXT NOT NULL,
        expires_at INTEGER,
        to_tell INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (prefix, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX transfers_open ON transfers (prefix) WHERE state = 'prepared' OR to_tell = 1;
    CREATE INDEX transfers_by_expiry ON transfers (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX transfers_at_once ON transfers (prefix, sequence) WHERE expires_at IS NULL;
    CREATE TABLE entries (
        prefix TEXT NOT NULL REFERENCES ledgers ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        id TEXT NOT NULL,
        state TEXT NOT NULL,
        to_tell INTEGER NOT NULL,
        moved TEXT NOT NULL,
        balance TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        PRIMARY KEY (prefix, sequence)
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE own_ledgers (
        prefix TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE accounts (
        prefix TEXT NOT NULL REFERENCES own_ledgers,
        name TEXT NOT NULL,
        balance TEXT NOT NULL,
        minimum TEXT,
        PRIMARY KEY (prefix, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE payments (
        prefix TEXT NOT NULL REFERENCES own_ledgers,
        id TEXT NOT NULL,
        amount TEXT NOT NULL,
        state TEXT NOT NULL,
        expires_at INTEGER,
        sequence INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (prefix, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX payments_open ON payments (prefix) WHERE state = 'prepared';
    CREATE INDEX payments_by_expiry ON payments (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX payments_in_order ON payments (prefix, sequence);
    CREATE TABLE invoices (
        prefix TEXT NOT NULL REFERENCES own_ledgers,
        address TEXT NOT NULL,
        account TEXT NOT NULL,
        amount TEXT NOT NULL,
        preimage TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        paid_by TEXT,
        PRIMARY KEY (prefix, address)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX invoices_by_expiry ON invoices (prefix, expires_at);
",
    "
    ALTER TABLE peers ADD COLUMN other_key TEXT;
    ALTER TABLE peers ADD COLUMN other_key_since INTEGER;
",
    // Rows in the order in which they come; the journal, which nothing read, goes.
    "
    CREATE TABLE rows (
        number INTEGER PRIMARY KEY,
        prefix TEXT NOT NULL,
        id TEXT NOT NULL,
        is_open INTEGER NOT NULL,
        expires_at INTEGER,
        sequence INTEGER NOT NULL,
        record TEXT NOT NULL
    ) STRICT;
    INSERT INTO rows (prefix, id, is_open, expires_at, sequence, record)
        SELECT prefix, id, state = 'prepared' OR to_tell, expires_at, sequence, record
        FROM transfers ORDER BY prefix, sequence;
    DROP TABLE transfers;
    DROP TABLE entries;
    ALTER TABLE rows RENAME TO transfers;
    CREATE INDEX transfers_open ON transfers (prefix) WHERE is_open = 1;
    CREATE INDEX transfers_by_expiry ON transfers (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX transfers_at_once ON transfers (prefix, sequence) WHERE expires_at IS NULL;
",
    // In the order in which they come, too: by prefix, each peer's transfers dirtied another page.
    "
    DROP INDEX transfers_open;
    CREATE INDEX transfers_open ON transfers (is_open) WHERE is_open = 1;
",
    // What was JSON becomes columns, by `ledger::from_json`: half as much to write, and SQL can ask for it.
    "
    DROP INDEX transfers_open;
    DROP INDEX transfers_by_expiry;
    DROP INDEX transfers_at_once;
    ALTER TABLE transfers RENAME TO old_transfers;
    CREATE TABLE transfers (
        number INTEGER PRIMARY KEY,
        prefix TEXT NOT NULL,
        id TEXT NOT NULL,
        is_open INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        is_outgoing INTEGER NOT NULL,
        state TEXT NOT NULL,
        fulfillment BLOB,
        reason TEXT,
        to_tell INTEGER NOT NULL,
        doubt TEXT,
        changed_at INTEGER NOT NULL,
        sender TEXT NOT NULL,
        receiver TEXT NOT NULL,
        amount TEXT NOT NULL,
        condition BLOB,
        expires_at INTEGER,
        ilp BLOB,
        data TEXT,
        custom TEXT,
        note_to_self TEXT,
        CHECK ((condition IS NULL) = (expires_at IS NULL))
    ) STRICT;
    CREATE INDEX transfers_open ON transfers (is_open) WHERE is_open = 1;
    CREATE INDEX transfers_by_expiry ON transfers (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX transfers_at_once ON transfers (prefix, sequence) WHERE expires_at IS NULL;
",
    "
    DROP TABLE old_transfers;
",
];

/// The version from which on transfers are columns, and the JSON is beside them.
const COLUMNS: i64 = 7;

/// The newest version.
pub(super) fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Brings the database to the newest version, each step in its own transaction.
pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let known = newest();
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for (step, version) in STEPS.iter().zip(1i64..).skip(done) {
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(step).map_err(failed)?;
        if version == COLUMNS {
            ledger::from_json(&transaction)?;
        }
        transaction
            .pragma_update(None, "user_version", version)
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}
