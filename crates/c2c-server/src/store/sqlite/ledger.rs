//! What happens on the ledgers as rows, and back.
//!
//! A transfer is one row, as it stands, with its record as JSON beside the columns that are searched. Each
//! change is a row of the journal too, which nothing reads at the start: it says how a balance came about.

use c2c::address::LedgerPrefix;
use c2c::ledger::{Direction, Entry, Record};
use c2c::timestamp::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::failed;
use crate::store::{StoreError, StoredLedger};

/// How many transfers without a condition are kept in mind of each ledger, so that one that is sent again
/// is known. Those with a condition are refused once their time is over.
const KEPT_IN_MIND: i64 = 1_000;

/// Writes what happened: the transfer as it stands now, the balance, and the entry.
pub(super) fn write(
    transaction: &Transaction<'_>,
    ledger: &LedgerPrefix,
    entry: &Entry,
) -> Result<(), rusqlite::Error> {
    let record = &entry.record;
    let id = record.transfer.id.as_str();
    let (balance, sequence) = (entry.balance.to_string(), integer(entry.sequence));
    let moved = transaction
        .prepare_cached("UPDATE ledgers SET balance = ?2, sequence = ?3 WHERE prefix = ?1")?
        .execute(params![ledger.as_str(), balance, sequence])?;
    if moved == 0 {
        return Err(rusqlite::Error::StatementChangedRows(moved));
    }
    let text = serde_json::to_string(record)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let hold = record.transfer.hold;
    transaction
        .prepare_cached(
            "INSERT INTO transfers (prefix, id, direction, amount, state, expires_at, to_tell, sequence,
                record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (prefix, id) DO UPDATE SET state = excluded.state,
                to_tell = excluded.to_tell, sequence = excluded.sequence, record = excluded.record",
        )?
        .execute(params![
            ledger.as_str(),
            id,
            match record.direction {
                Direction::Incoming => "incoming",
                Direction::Outgoing => "outgoing",
            },
            record.transfer.amount.to_string(),
            record.state.name(),
            hold.map(|hold| integer(hold.expires_at.as_millis())),
            // What the peer may see otherwise is to be kept in mind too.
            record.to_tell || record.doubt.is_some(),
            sequence,
            text,
        ])?;
    transaction
        .prepare_cached(
            "INSERT INTO entries (prefix, sequence, id, state, to_tell, moved, balance, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            ledger.as_str(),
            sequence,
            id,
            record.state.name(),
            record.to_tell,
            entry.moved.to_string(),
            balance,
            integer(record.changed_at.as_millis()),
        ])
        .map(drop)
}

/// Reads what is to be kept in mind of every ledger.
pub(super) fn read(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<StoredLedger>, StoreError> {
    let mut ledgers = connection
        .prepare("SELECT prefix, sequence FROM ledgers WHERE sequence > 0 ORDER BY prefix")
        .map_err(failed)?;
    let mut transfers = connection
        .prepare(
            "SELECT id, record FROM transfers WHERE prefix = ?1
                AND (state = 'prepared' OR to_tell = 1 OR expires_at > ?2 OR sequence IN
                    (SELECT sequence FROM transfers WHERE prefix = ?1 AND expires_at IS NULL
                     ORDER BY sequence DESC LIMIT ?3))
             ORDER BY sequence",
        )
        .map_err(failed)?;
    let mut stored = Vec::new();
    let mut rows = ledgers.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let prefix: String = row.get(0).map_err(failed)?;
        let sequence: i64 = row.get(1).map_err(failed)?;
        let damaged = |id: &str, reason: &dyn std::fmt::Display| StoreError::Damaged {
            row: format!("{prefix}, {id}"),
            reason: reason.to_string(),
        };
        let mut found = Vec::new();
        let mut rows = transfers
            .query(params![prefix, integer(now.as_millis()), KEPT_IN_MIND])
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let id: String = row.get(0).map_err(failed)?;
            let text: String = row.get(1).map_err(failed)?;
            let record: Record =
                serde_json::from_str(&text).map_err(|error| damaged(&id, &error))?;
            found.push(record);
        }
        stored.push(StoredLedger {
            prefix: LedgerPrefix::new(&prefix).map_err(|error| damaged("prefix", &error))?,
            sequence: u64::try_from(sequence).map_err(|error| damaged("sequence", &error))?,
            transfers: found,
        });
    }
    Ok(stored)
}

/// A number as SQLite has it. Neither times nor counts come near its end.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
