//! Transfers that nobody keeps in mind any more: listed, and at last forgotten.

use std::collections::BTreeSet;

use c2c::ledger::Record;
use c2c::timestamp::Timestamp;
use rusqlite::{Connection, params, params_from_iter};

use super::{columns, failed, integer};
use crate::store::rows::Rows;
use crate::store::{Asked, StoreError};

/// How many rows are looked at in one transaction.
const AT_ONCE: i64 = 5_000;

/// What is asked for, the latest row first. A transfer that has two rows is listed as the later one has it.
pub(in crate::store::sqlite) fn list(
    connection: &Connection,
    asked: &Asked,
) -> Result<Vec<Record>, StoreError> {
    let select = columns::SELECT;
    let mut statement = connection
        .prepare_cached(&format!(
            "{select} WHERE changed_at < ?1 AND (?2 IS NULL OR prefix = ?2) AND (?3 IS NULL OR state = ?3)
             ORDER BY number DESC LIMIT ?4"
        ))
        .map_err(failed)?;
    let most = i64::try_from(asked.most).unwrap_or(i64::MAX);
    let mut rows = statement
        .query(params![
            integer(asked.before.as_millis()),
            asked
                .ledger
                .as_ref()
                .map(|ledger| ledger.as_str().to_owned()),
            asked.state,
            most
        ])
        .map_err(failed)?;
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let record = columns::read(row)?.record;
        let transfer = &record.transfer;
        if seen.insert((transfer.ledger.clone(), transfer.id.clone())) {
            found.push(record);
        }
    }
    Ok(found)
}

/// Looks at the next rows, the oldest first, and deletes those that have ended and did not change since `before`.
/// Whether there may be more of them.
pub(in crate::store::sqlite) fn forget(
    connection: &mut Connection,
    in_mind: &mut Rows,
    looked_at: &mut i64,
    before: Timestamp,
) -> Result<bool, rusqlite::Error> {
    let transaction = connection.transaction()?;
    let (mut gone, mut last, mut count, mut is_new) = (BTreeSet::new(), *looked_at, 0, false);
    {
        let mut statement = transaction.prepare_cached(
            "SELECT number, is_open, changed_at FROM transfers WHERE number > ?1 ORDER BY number LIMIT ?2",
        )?;
        let mut rows = statement.query(params![*looked_at, AT_ONCE])?;
        while let Some(row) = rows.next()? {
            let (number, is_open, changed_at): (i64, bool, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let is_old = changed_at < integer(before.as_millis());
            if is_old && !is_open {
                gone.insert(number);
            }
            // Rows are numbered as they come: behind this one there is hardly an old one.
            is_new |= !is_old && !is_open;
            last = number;
            count += 1;
        }
    }
    for numbers in gone.iter().collect::<Vec<_>>().chunks(500) {
        let marks = vec!["?"; numbers.len()].join(",");
        let statement = format!("DELETE FROM transfers WHERE number IN ({marks})");
        transaction.execute(&statement, params_from_iter(numbers))?;
    }
    transaction.commit()?;
    in_mind.forget_rows(&gone);
    let is_over = is_new || count < AT_ONCE;
    *looked_at = if is_over { 0 } else { last };
    Ok(!is_over)
}
