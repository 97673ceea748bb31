//! What happens on the ledgers with peers as rows, and back.
//!
//! A burst is three statements, however many transfers are in it: each takes a list for each column.

use std::collections::{BTreeMap, HashMap};

use c2c::address::LedgerPrefix;
use c2c::ledger::{Direction, Entry, Json, Record};
use c2c::timestamp::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Transaction};

use super::session::{Prepared, failed};
use super::{exactly, integer};
use crate::store::rows::{Rows, is_open};
use crate::store::transfer_row::{Found, TransferRow, ended_by, name, word};
use crate::store::{StoreError, StoredLedger};

/// How many transfers without a condition are kept in mind of each ledger, so that one that is sent again
/// is known. Those with a condition are refused once their time is over.
const KEPT_IN_MIND: i64 = 1_000;

pub(super) const INSERT: &str = "
    INSERT INTO transfers (number, prefix, id, is_open, sequence, is_outgoing, state, fulfillment, reason,
        to_tell, doubt, changed_at, sender, receiver, amount, condition, expires_at, ilp, data, custom,
        note_to_self)
    SELECT number, prefix, id, is_open, sequence, is_outgoing, state, fulfillment, reason, to_tell, doubt,
        changed_at, sender, receiver, amount::numeric, condition, expires_at, ilp, data, custom, note_to_self
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::boolean[], $7::text[],
        $8::bytea[], $9::text[], $10::boolean[], $11::text[], $12::bigint[], $13::text[], $14::text[],
        $15::text[], $16::bytea[], $17::bigint[], $18::bytea[], $19::text[], $20::text[], $21::text[])
        AS n (number, prefix, id, is_open, sequence, is_outgoing, state, fulfillment, reason, to_tell, doubt,
            changed_at, sender, receiver, amount, condition, expires_at, ilp, data, custom, note_to_self)";

pub(super) const UPDATE: &str = "
    UPDATE transfers AS t SET is_open = n.is_open, sequence = n.sequence, state = n.state,
        fulfillment = n.fulfillment, reason = n.reason, to_tell = n.to_tell, doubt = n.doubt,
        changed_at = n.changed_at
    FROM unnest($1::bigint[], $2::boolean[], $3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::boolean[],
        $8::text[], $9::bigint[])
        AS n (number, is_open, sequence, state, fulfillment, reason, to_tell, doubt, changed_at)
    WHERE t.number = n.number";

/// No entry is written twice, and none is left out.
pub(super) const MOVE: &str = "
    UPDATE ledgers AS l SET balance = n.balance::numeric, sequence = n.last
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS n (prefix, balance, first, last)
    WHERE l.prefix = n.prefix AND l.sequence = n.first - 1";

const SELECT: &str = "
    SELECT number, prefix, id, sequence, is_outgoing, state, fulfillment, reason, to_tell, doubt, changed_at,
        sender, receiver, amount::text, condition, expires_at, ilp, data, custom, note_to_self
    FROM transfers";

/// An entry, and on which ledger.
pub(super) type Moved<'a> = (&'a LedgerPrefix, &'a Entry);

/// Writes what happened, in order: each transfer as it stands then, and each ledger as it stands at the end.
pub(super) async fn write(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    rows: &mut Rows,
    next_number: &mut i64,
    entries: &[Moved<'_>],
) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    // The last entry of each transfer, by the number of its row; new rows apart.
    let mut new: BTreeMap<i64, Moved<'_>> = BTreeMap::new();
    let mut changed: HashMap<i64, Moved<'_>> = HashMap::new();
    // By ledger, the number of the first entry and the last one.
    let mut moved: BTreeMap<&LedgerPrefix, (u64, &Entry)> = BTreeMap::new();
    for &(ledger, entry) in entries {
        let number = rows.number(ledger, &entry.record).unwrap_or_else(|| {
            let number = *next_number;
            *next_number += 1;
            new.insert(number, (ledger, entry));
            number
        });
        match new.get_mut(&number) {
            Some(row) => *row = (ledger, entry),
            None => {
                changed.insert(number, (ledger, entry));
            }
        }
        rows.keep(ledger, &entry.record, number);
        let first = moved
            .get(ledger)
            .map_or(entry.sequence, |(first, _)| *first);
        moved.insert(ledger, (first, entry));
    }
    let (inserting, updating, moving) = tokio::try_join!(
        insert(transaction, prepared, &new),
        update(transaction, prepared, &changed),
        move_ledgers(transaction, prepared, &moved),
    )?;
    exactly(inserting, new.len(), "new transfers")?;
    exactly(updating, changed.len(), "transfers")?;
    exactly(moving, moved.len(), "ledgers")
}

async fn insert(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    new: &BTreeMap<i64, Moved<'_>>,
) -> Result<u64, StoreError> {
    if new.is_empty() {
        return Ok(0);
    }
    let column = new.values();
    let record = || column.clone().map(|(_, entry)| &entry.record);
    let transfer = || record().map(|record| &record.transfer);
    let account = |of: fn(&Record) -> &c2c::address::IlpAddress| {
        let names = column
            .clone()
            .map(|(ledger, entry)| name(ledger, of(&entry.record)));
        let names: Result<Vec<&str>, String> = names.collect();
        names.map_err(|reason| StoreError::Failed { reason })
    };
    let numbers: Vec<i64> = new.keys().copied().collect();
    let prefixes: Vec<&str> = column.clone().map(|(ledger, _)| ledger.as_str()).collect();
    let ids: Vec<&str> = transfer().map(|transfer| transfer.id.as_str()).collect();
    let outgoing: Vec<bool> = record()
        .map(|record| record.direction == Direction::Outgoing)
        .collect();
    let standing = Standing::of(column.clone());
    let senders = account(|record| &record.transfer.from)?;
    let receivers = account(|record| &record.transfer.to)?;
    let amounts: Vec<String> = transfer()
        .map(|transfer| transfer.amount.to_string())
        .collect();
    let conditions: Vec<Option<&[u8]>> = transfer()
        .map(|transfer| transfer.hold.as_ref())
        .map(|hold| hold.map(|hold| hold.condition.as_bytes().as_slice()))
        .collect();
    let expiries: Vec<Option<i64>> = transfer()
        .map(|transfer| transfer.hold.as_ref())
        .map(|hold| hold.map(|hold| integer(hold.expires_at.as_millis())))
        .collect();
    let ilps: Vec<Option<&[u8]>> = transfer().map(|transfer| transfer.ilp.as_deref()).collect();
    let texts = |of: fn(&Record) -> &Option<Json>| -> Vec<Option<&str>> {
        record()
            .map(|record| of(record).as_ref().map(Json::as_str))
            .collect()
    };
    let data = texts(|record| &record.transfer.data);
    let custom = texts(|record| &record.transfer.custom);
    let notes = texts(|record| &record.transfer.note_to_self);
    let columns: [&(dyn ToSql + Sync); 21] = [
        &numbers,
        &prefixes,
        &ids,
        &standing.open,
        &standing.sequences,
        &outgoing,
        &standing.states,
        &standing.fulfillments,
        &standing.reasons,
        &standing.to_tell,
        &standing.doubts,
        &standing.changed_at,
        &senders,
        &receivers,
        &amounts,
        &conditions,
        &expiries,
        &ilps,
        &data,
        &custom,
        &notes,
    ];
    let inserted = transaction.execute(&prepared.insert_transfers, &columns);
    inserted.await.map_err(failed)
}

async fn update(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    changed: &HashMap<i64, Moved<'_>>,
) -> Result<u64, StoreError> {
    if changed.is_empty() {
        return Ok(0);
    }
    let numbers: Vec<i64> = changed.keys().copied().collect();
    let standing = Standing::of(changed.values());
    let columns: [&(dyn ToSql + Sync); 9] = [
        &numbers,
        &standing.open,
        &standing.sequences,
        &standing.states,
        &standing.fulfillments,
        &standing.reasons,
        &standing.to_tell,
        &standing.doubts,
        &standing.changed_at,
    ];
    let updated = transaction.execute(&prepared.update_transfers, &columns);
    updated.await.map_err(failed)
}

async fn move_ledgers(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    moved: &BTreeMap<&LedgerPrefix, (u64, &Entry)>,
) -> Result<u64, StoreError> {
    let prefixes: Vec<&str> = moved.keys().map(|ledger| ledger.as_str()).collect();
    let balances: Vec<String> = moved
        .values()
        .map(|(_, entry)| entry.balance.to_string())
        .collect();
    let firsts: Vec<i64> = moved.values().map(|(first, _)| integer(*first)).collect();
    let lasts: Vec<i64> = moved
        .values()
        .map(|(_, entry)| integer(entry.sequence))
        .collect();
    let columns: [&(dyn ToSql + Sync); 4] = [&prefixes, &balances, &firsts, &lasts];
    let moving = transaction.execute(&prepared.move_ledgers, &columns);
    moving.await.map_err(failed)
}

/// What may change of rows, a list a column.
#[derive(Default)]
struct Standing<'a> {
    open: Vec<bool>,
    sequences: Vec<i64>,
    states: Vec<&'static str>,
    fulfillments: Vec<Option<&'a [u8]>>,
    reasons: Vec<Option<&'a str>>,
    to_tell: Vec<bool>,
    doubts: Vec<Option<&'static str>>,
    changed_at: Vec<i64>,
}

impl<'a> Standing<'a> {
    fn of<'b>(entries: impl Iterator<Item = &'b Moved<'a>>) -> Self
    where
        'a: 'b,
    {
        let mut standing = Self::default();
        for (_, entry) in entries {
            let record = &entry.record;
            let (fulfillment, reason) = ended_by(&record.state);
            standing.open.push(is_open(record));
            standing.sequences.push(integer(entry.sequence));
            standing.states.push(record.state.name());
            standing
                .fulfillments
                .push(fulfillment.map(|bytes| bytes.as_slice()));
            standing.reasons.push(reason);
            standing.to_tell.push(record.to_tell);
            standing.doubts.push(record.doubt.map(word));
            let changed_at = integer(record.changed_at.as_millis());
            standing.changed_at.push(changed_at);
        }
        standing
    }
}

/// Reads what is to be kept in mind of every ledger.
pub(super) async fn read(
    client: &Client,
    rows_of: &mut Rows,
    now: Timestamp,
) -> Result<Vec<StoredLedger>, StoreError> {
    let held = format!(
        "{SELECT} WHERE number IN (SELECT number FROM transfers WHERE is_open
            UNION SELECT number FROM transfers WHERE expires_at > $1)"
    );
    // By ledger and the number of the entry; one that is found twice counts once.
    let mut found: BTreeMap<LedgerPrefix, BTreeMap<i64, Found>> = BTreeMap::new();
    let now = integer(now.as_millis());
    for row in client.query(&held, &[&now]).await.map_err(failed)? {
        let row = transfer(&row).map_err(failed)?.found()?;
        let of_ledger = found.entry(row.prefix.clone()).or_default();
        of_ledger.insert(row.sequence, row);
    }
    *rows_of = Rows::default();
    let at_once = format!(
        "{SELECT} WHERE prefix = $1 AND expires_at IS NULL ORDER BY number DESC LIMIT {KEPT_IN_MIND}"
    );
    let at_once = client.prepare(&at_once).await.map_err(failed)?;
    let ledgers = "SELECT prefix, sequence FROM ledgers WHERE sequence > 0 ORDER BY prefix";
    let mut stored = Vec::new();
    for row in client.query(ledgers, &[]).await.map_err(failed)? {
        let prefix: String = row.try_get(0).map_err(failed)?;
        let sequence: i64 = row.try_get(1).map_err(failed)?;
        let damaged = |reason: &dyn std::fmt::Display| StoreError::Damaged {
            row: prefix.clone(),
            reason: reason.to_string(),
        };
        let ledger = LedgerPrefix::new(&prefix).map_err(|error| damaged(&error))?;
        let mut transfers = found.remove(&ledger).unwrap_or_default();
        for row in client.query(&at_once, &[&prefix]).await.map_err(failed)? {
            let row = transfer(&row).map_err(failed)?.found()?;
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

/// Reads a row of [`SELECT`].
fn transfer(row: &Row) -> Result<TransferRow, Error> {
    Ok(TransferRow {
        number: row.try_get(0)?,
        prefix: row.try_get(1)?,
        id: row.try_get(2)?,
        sequence: row.try_get(3)?,
        is_outgoing: row.try_get(4)?,
        state: row.try_get(5)?,
        fulfillment: digest(row, 6)?,
        reason: row.try_get(7)?,
        to_tell: row.try_get(8)?,
        doubt: row.try_get(9)?,
        changed_at: row.try_get(10)?,
        sender: row.try_get(11)?,
        receiver: row.try_get(12)?,
        amount: row.try_get(13)?,
        condition: digest(row, 14)?,
        expires_at: row.try_get(15)?,
        ilp: row.try_get(16)?,
        data: row.try_get(17)?,
        custom: row.try_get(18)?,
        note_to_self: row.try_get(19)?,
    })
}

fn digest(row: &Row, column: usize) -> Result<Option<[u8; 32]>, Error> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()))
}
