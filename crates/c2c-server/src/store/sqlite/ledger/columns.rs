//! A transfer as the columns of its row, and back.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::ledger::{Direction, Json, Record};
use rusqlite::{Row, Statement, params};

use super::{integer, is_open};
use crate::store::StoreError;
use crate::store::sqlite::failed;
use crate::store::transfer_row::{self, Found, TransferRow, ended_by, word};

/// Writes a new row. The accounts stand there without the prefix of their ledger.
pub(super) const INSERT: &str = "
    INSERT INTO transfers (prefix, id, is_open, sequence, is_outgoing, state, fulfillment, reason, to_tell,
        doubt, changed_at, sender, receiver, amount, condition, expires_at, ilp, data, custom, note_to_self)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

/// Writes what may change of a row.
pub(super) const UPDATE: &str = "
    UPDATE transfers SET is_open = ?2, sequence = ?3, state = ?4, fulfillment = ?5, reason = ?6, to_tell = ?7,
        doubt = ?8, changed_at = ?9
    WHERE number = ?1";

/// What [`read`] wants of each row.
pub(super) const SELECT: &str = "
    SELECT number, prefix, id, sequence, is_outgoing, state, fulfillment, reason, to_tell, doubt, changed_at,
        sender, receiver, amount, condition, expires_at, ilp, data, custom, note_to_self
    FROM transfers";

/// The number of the new row.
pub(super) fn insert(
    statement: &mut Statement<'_>,
    prefix: &LedgerPrefix,
    sequence: u64,
    record: &Record,
) -> Result<i64, rusqlite::Error> {
    let transfer = &record.transfer;
    let (fulfillment, reason) = ended_by(&record.state);
    let (sender, receiver) = (name(prefix, &transfer.from)?, name(prefix, &transfer.to)?);
    statement.insert(params![
        prefix.as_str(),
        transfer.id.as_str(),
        is_open(record),
        integer(sequence),
        record.direction == Direction::Outgoing,
        record.state.name(),
        fulfillment,
        reason,
        record.to_tell,
        record.doubt.map(word),
        integer(record.changed_at.as_millis()),
        sender,
        receiver,
        transfer.amount.to_string(),
        transfer.hold.as_ref().map(|hold| hold.condition.as_bytes()),
        transfer
            .hold
            .map(|hold| integer(hold.expires_at.as_millis())),
        transfer.ilp,
        transfer.data.as_ref().map(Json::as_str),
        transfer.custom.as_ref().map(Json::as_str),
        transfer.note_to_self.as_ref().map(Json::as_str),
    ])
}

/// How many rows it changed.
pub(super) fn update(
    statement: &mut Statement<'_>,
    number: i64,
    sequence: u64,
    record: &Record,
) -> Result<usize, rusqlite::Error> {
    let (fulfillment, reason) = ended_by(&record.state);
    statement.execute(params![
        number,
        is_open(record),
        integer(sequence),
        record.state.name(),
        fulfillment,
        reason,
        record.to_tell,
        record.doubt.map(word),
        integer(record.changed_at.as_millis()),
    ])
}

/// Reads a row of [`SELECT`].
pub(super) fn read(row: &Row<'_>) -> Result<Found, StoreError> {
    let read = || -> Result<TransferRow, rusqlite::Error> {
        Ok(TransferRow {
            number: row.get(0)?,
            prefix: row.get(1)?,
            id: row.get(2)?,
            sequence: row.get(3)?,
            is_outgoing: row.get(4)?,
            state: row.get(5)?,
            fulfillment: row.get(6)?,
            reason: row.get(7)?,
            to_tell: row.get(8)?,
            doubt: row.get(9)?,
            changed_at: row.get(10)?,
            sender: row.get(11)?,
            receiver: row.get(12)?,
            amount: row.get(13)?,
            condition: row.get(14)?,
            expires_at: row.get(15)?,
            ilp: row.get(16)?,
            data: row.get(17)?,
            custom: row.get(18)?,
            note_to_self: row.get(19)?,
        })
    };
    read().map_err(failed)?.found()
}

fn name<'a>(prefix: &LedgerPrefix, account: &'a IlpAddress) -> Result<&'a str, rusqlite::Error> {
    transfer_row::name(prefix, account)
        .map_err(|fault| rusqlite::Error::ToSqlConversionFailure(fault.into()))
}
