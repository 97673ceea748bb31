//! The shape of the database, one step a version. A step that was released is never changed.

use tokio_postgres::Transaction;

use super::session::{Session, failed};
use crate::store::StoreError;

/// The step at index n leads from version n to n + 1. Keys are ordered byte by byte, whatever the database's language.
/// Rows of transfers are numbered as they come, and found by what stays the same as long as they are open, so that most
/// changes touch no index.
const STEPS: &[&str] = &["
    CREATE TABLE facts (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );
    CREATE TABLE leader (
        term BIGINT PRIMARY KEY,
        address TEXT NOT NULL,
        beats BIGINT NOT NULL
    );
    INSERT INTO leader VALUES (0, '', 0);
    CREATE TABLE peers (
        prefix TEXT COLLATE \"C\" PRIMARY KEY,
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
        other_key TEXT,
        other_key_since BIGINT,
        CHECK ((host IS NULL) = (peer_key IS NULL)),
        CHECK ((send_token IS NULL) = (accept_token IS NULL)),
        CHECK (peer_key IS NOT NULL OR send_token IS NOT NULL)
    );
    CREATE TABLE ledgers (
        prefix TEXT COLLATE \"C\" PRIMARY KEY REFERENCES peers ON DELETE CASCADE,
        most_owed_to_us NUMERIC NOT NULL,
        balance NUMERIC NOT NULL,
        most_owed_by_us NUMERIC,
        sequence BIGINT NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50);
    CREATE TABLE transfers (
        number BIGINT PRIMARY KEY,
        prefix TEXT COLLATE \"C\" NOT NULL,
        id TEXT COLLATE \"C\" NOT NULL,
        is_open BOOLEAN NOT NULL,
        sequence BIGINT NOT NULL,
        is_outgoing BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        fulfillment BYTEA,
        reason TEXT,
        to_tell BOOLEAN NOT NULL,
        doubt TEXT,
        changed_at BIGINT NOT NULL,
        sender TEXT NOT NULL,
        receiver TEXT NOT NULL,
        amount NUMERIC NOT NULL,
        condition BYTEA,
        expires_at BIGINT,
        ilp BYTEA,
        data TEXT,
        custom TEXT,
        note_to_self TEXT,
        CHECK ((condition IS NULL) = (expires_at IS NULL)),
        CHECK (octet_length(condition) = 32),
        CHECK (octet_length(fulfillment) = 32)
    ) WITH (fillfactor = 70);
    CREATE INDEX transfers_open ON transfers (number) WHERE is_open;
    CREATE INDEX transfers_by_expiry ON transfers USING brin (expires_at) WITH (pages_per_range = 16);
    CREATE INDEX transfers_at_once ON transfers (prefix, number) WHERE expires_at IS NULL;
    CREATE TABLE own_ledgers (
        prefix TEXT COLLATE \"C\" PRIMARY KEY,
        sequence BIGINT NOT NULL
    ) WITH (fillfactor = 50);
    CREATE TABLE accounts (
        prefix TEXT COLLATE \"C\" NOT NULL REFERENCES own_ledgers,
        name TEXT COLLATE \"C\" NOT NULL,
        balance NUMERIC NOT NULL,
        minimum NUMERIC,
        PRIMARY KEY (prefix, name)
    ) WITH (fillfactor = 50);
    CREATE TABLE payments (
        prefix TEXT COLLATE \"C\" NOT NULL REFERENCES own_ledgers,
        id TEXT COLLATE \"C\" NOT NULL,
        amount NUMERIC NOT NULL,
        state TEXT NOT NULL,
        expires_at BIGINT,
        sequence BIGINT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (prefix, id)
    );
    CREATE INDEX payments_open ON payments (prefix) WHERE state = 'prepared';
    CREATE INDEX payments_by_expiry ON payments (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX payments_in_order ON payments (prefix, sequence);
    CREATE TABLE invoices (
        prefix TEXT COLLATE \"C\" NOT NULL REFERENCES own_ledgers,
        address TEXT COLLATE \"C\" NOT NULL,
        account TEXT NOT NULL,
        amount NUMERIC NOT NULL,
        preimage TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        paid_by TEXT,
        PRIMARY KEY (prefix, address)
    );
    CREATE INDEX invoices_by_expiry ON invoices (prefix, expires_at);
"];

/// The lock of whoever changes the shape: the letters "c2c" and a number.
const CHANGES: i64 = 0x0063_3263_0000_0002;

/// Makes an empty database the newest version, and refuses one that is newer. An older one stays as it is: the
/// process that leads may not know another.
pub(super) fn begin(session: &mut Session) -> Result<(), StoreError> {
    bring_up(session, false)
}

/// Brings the database to the newest version. Only who leads may.
pub(super) fn run(session: &mut Session) -> Result<(), StoreError> {
    bring_up(session, true)
}

fn bring_up(session: &mut Session, also_older: bool) -> Result<(), StoreError> {
    session.try_run(async |client| {
        let transaction = client.transaction().await.map_err(failed)?;
        let found = version(&transaction).await?;
        let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        if found == known || (found > 0 && !also_older) {
            return transaction.rollback().await.map_err(failed);
        }
        let done = usize::try_from(found).unwrap_or(0);
        for step in STEPS.iter().skip(done) {
            transaction.batch_execute(step).await.map_err(failed)?;
        }
        let write = "UPDATE schema_version SET version = $1";
        transaction
            .execute(write, &[&known])
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    })
}

/// The version that is there; nobody else changes it before the end of the transaction.
async fn version(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let lock = "SELECT pg_advisory_xact_lock($1)";
    transaction
        .execute(lock, &[&CHANGES])
        .await
        .map_err(failed)?;
    transaction
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);
             INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT FROM schema_version);",
        )
        .await
        .map_err(failed)?;
    let version = transaction.query_one("SELECT version FROM schema_version", &[]);
    version.await.and_then(|row| row.try_get(0)).map_err(failed)
}
