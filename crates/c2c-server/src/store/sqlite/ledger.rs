//! What happens on the ledgers as rows, and back.
//!
//! A transfer is one row, as it stands; which row is which transfer's is kept in mind as long as it may change.

mod columns;
mod old;

pub(super) use old::{forget, list};

use std::collections::BTreeMap;

use c2c::address::LedgerPrefix;
use c2c::ledger::{Entry, Record};
use c2c::timestamp::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::failed;
use crate::store::rows::{Rows, is_open};
use crate::store::transfer_row::Found;
use crate::store::{StoreError, StoredLedger};

/// How many transfers without a condition are kept in mind of each ledger, so that one that is sent again
/// is known. Those with a condition are refused once their time is over.
const KEPT_IN_MIND: i64 = 1_000;

/// Writes what happened, in order: each transfer as it stands then, and each ledger as it stands at the end.
pub(super) fn write(
    transaction: &Transaction<'_>,
    rows: &mut Rows,
    entries: &[(&LedgerPrefix, &Entry)],
) -> Result<(), rusqlite::Error> {
    let mut insert = transaction.prepare_cached(columns::INSERT)?;
    let mut update = transaction.prepare_cached(columns::UPDATE)?;
    // By ledger, the number of the first entry and the last one.
    let mut moved: BTreeMap<&LedgerPrefix, (u64, &Entry)> = BTreeMap::new();
    for (ledger, entry) in entries {
        let record = &entry.record;
        let number = match rows.number(ledger, record) {
            Some(number) => {
                let changed = columns::update(&mut update, number, entry.sequence, record)?;
                if changed == 0 {
                    return Err(rusqlite::Error::StatementChangedRows(changed));
                }
                number
            }
            None => columns::insert(&mut insert, ledger, entry.sequence, record)?,
        };
        rows.keep(ledger, record, number);
        let first = moved
            .get(ledger)
            .map_or(entry.sequence, |(first, _)| *first);
        moved.insert(ledger, (first, entry));
    }
    // No entry is written twice, and none is left out.
    let mut update = transaction.prepare_cached(
        "UPDATE ledgers SET balance = ?2, sequence = ?3 WHERE prefix = ?1 AND sequence = ?4 - 1",
    )?;
    for (ledger, (first, entry)) in moved {
        let changed = update.execute(params![
            ledger.as_str(),
            entry.balance.to_string(),
            integer(entry.sequence),
            integer(first),
        ])?;
        if changed == 0 {
            return Err(rusqlite::Error::StatementChangedRows(changed));
        }
    }
    Ok(())
}

/// Writes each row of `old_transfers`, where a transfer was JSON, as a row of `transfers`.
pub(super) fn from_json(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut rows = transaction
        .prepare("SELECT prefix, id, sequence, record FROM old_transfers ORDER BY number")
        .map_err(failed)?;
    let mut insert = transaction.prepare(columns::INSERT).map_err(failed)?;
    let mut rows = rows.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let (prefix, id): (String, String) =
            (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        let damaged = |reason: &dyn std::fmt::Display| StoreError::Damaged {
            row: format!("transfers, {prefix}, {id}"),
            reason: reason.to_string(),
        };
        let ledger = LedgerPrefix::new(&prefix).map_err(|error| damaged(&error))?;
        let sequence: i64 = row.get(2).map_err(failed)?;
        let sequence = u64::try_from(sequence).map_err(|error| damaged(&error))?;
        let text: String = row.get(3).map_err(failed)?;
        let record: Record = serde_json::from_str(&text).map_err(|error| damaged(&error))?;
        columns::insert(&mut insert, &ledger, sequence, &record).map_err(failed)?;
    }
    Ok(())
}

/// Reads what is to be kept in mind of every ledger.
pub(super) fn read(
    connection: &Connection,
    rows_of: &mut Rows,
    now: Timestamp,
) -> Result<Vec<StoredLedger>, StoreError> {
    let select = columns::SELECT;
    let mut held = connection
        .prepare(&format!(
            "{select} WHERE number IN
                (SELECT number FROM transfers WHERE is_open = 1
                 UNION SELECT number FROM transfers WHERE expires_at > ?1)"
        ))
        .map_err(failed)?;
    let mut at_once = connection
        .prepare(&format!(
            "{select} WHERE prefix = ?1 AND expires_at IS NULL ORDER BY sequence DESC LIMIT ?2"
        ))
        .map_err(failed)?;
    let mut ledgers = connection
        .prepare("SELECT prefix, sequence FROM ledgers WHERE sequence > 0 ORDER BY prefix")
        .map_err(failed)?;
    // By ledger and the number of the entry; one that is found twice counts once.
    let mut found: BTreeMap<LedgerPrefix, BTreeMap<i64, Found>> = BTreeMap::new();
    let mut rows = held
        .query(params![integer(now.as_millis())])
        .map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let row = columns::read(row)?;
        let of_ledger = found.entry(row.prefix.clone()).or_default();
        of_ledger.insert(row.sequence, row);
    }
    *rows_of = Rows::default();
    let mut stored = Vec::new();
    let mut rows = ledgers.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let prefix: String = row.get(0).map_err(failed)?;
        let sequence: i64 = row.get(1).map_err(failed)?;
        let damaged = |reason: &dyn std::fmt::Display| StoreError::Damaged {
            row: prefix.clone(),
            reason: reason.to_string(),
        };
        let ledger = LedgerPrefix::new(&prefix).map_err(|error| damaged(&error))?;
        let mut transfers = found.remove(&ledger).unwrap_or_default();
        let mut rows = at_once
            .query(params![prefix, KEPT_IN_MIND])
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let row = columns::read(row)?;
            transfers.insert(row.sequence, row);
        }
        let transfers = transfers.into_values().map(|row| {
            rows_of.keep(&ledger, &row.record, row.number);
            row.record
        });
        let transfers = transfers.collect();
        stored.push(StoredLedger {
            sequence: u64::try_from(sequence).map_err(|error| damaged(&error))?,
            prefix: ledger,
            transfers,
        });
    }
    Ok(stored)
}

/// A number as SQLite has it. Neither times nor counts come near its end.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
