//! A transfer as the columns of its row, and back.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::amount::Amount;
use c2c::ledger::{
    Condition, Direction, Doubt, Fulfillment, Hold, Json, Record, State, Transfer, TransferId,
};
use c2c::timestamp::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Row, Statement, params};

use super::{integer, is_open};
use crate::store::StoreError;
use crate::store::sqlite::failed;

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

/// A row as it was found.
pub(super) struct Found {
    pub(super) prefix: LedgerPrefix,
    pub(super) sequence: i64,
    /// The number of the row.
    pub(super) number: i64,
    pub(super) record: Record,
}

/// Reads a row of [`SELECT`].
pub(super) fn read(row: &Row<'_>) -> Result<Found, StoreError> {
    let (prefix, id): (String, String) = (get(row, 1)?, get(row, 2)?);
    let at = format!("transfers, {prefix}, {id}");
    let damaged = |reason: String| StoreError::Damaged {
        row: at.clone(),
        reason,
    };
    let prefix = LedgerPrefix::new(&prefix).map_err(|error| damaged(error.to_string()))?;
    let account = |column: usize| {
        let name: String = get(row, column)?;
        let account = IlpAddress::new(&format!("{prefix}{name}"));
        account.map_err(|error| damaged(error.to_string()))
    };
    let json = |column: usize| {
        let text: Option<String> = get(row, column)?;
        let json = text.map(Json::try_from).transpose();
        json.map_err(|error| damaged(error.to_string()))
    };
    let time = |millis: i64| {
        let millis = u64::try_from(millis).map_err(|error| damaged(error.to_string()))?;
        Ok(Timestamp::from_millis(millis))
    };
    let amount: String = get(row, 13)?;
    let amount: Amount = amount
        .parse()
        .map_err(|error: c2c::amount::AmountError| damaged(error.to_string()))?;
    let id = TransferId::new(&id).map_err(|error| damaged(error.to_string()))?;
    let mut transfer = Transfer::new(id, prefix.clone(), account(11)?, account(12)?, amount);
    transfer.hold = match (get::<Option<[u8; 32]>>(row, 14)?, get(row, 15)?) {
        (Some(condition), Some(expires_at)) => Some(Hold {
            condition: Condition::from_bytes(condition),
            expires_at: time(expires_at)?,
        }),
        (None, None) => None,
        _ => {
            return Err(damaged(
                "a condition without expiry, or the other way".to_owned(),
            ));
        }
    };
    transfer.ilp = get(row, 16)?;
    transfer.data = json(17)?;
    transfer.custom = json(18)?;
    transfer.note_to_self = json(19)?;
    let fulfillment: Option<[u8; 32]> = get(row, 6)?;
    let state: String = get(row, 5)?;
    let state = match state.as_str() {
        "prepared" => State::Prepared,
        "executed" => State::Executed {
            fulfillment: fulfillment.map(Fulfillment::from_bytes),
        },
        "rejected" => State::Rejected { reason: json(7)? },
        "cancelled" => State::Cancelled,
        "expired" => State::Expired,
        other => return Err(damaged(format!("no state `{other}`"))),
    };
    let doubt: Option<String> = get(row, 9)?;
    let doubt = match doubt.as_deref() {
        None => None,
        Some("contradicted") => Some(Doubt::Contradicted),
        Some("unclear") => Some(Doubt::Unclear),
        Some(other) => return Err(damaged(format!("no doubt `{other}`"))),
    };
    let record = Record {
        transfer,
        direction: match get(row, 4)? {
            true => Direction::Outgoing,
            false => Direction::Incoming,
        },
        state,
        to_tell: get(row, 8)?,
        changed_at: time(get(row, 10)?)?,
        doubt,
    };
    Ok(Found {
        prefix,
        sequence: get(row, 3)?,
        number: get(row, 0)?,
        record,
    })
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    row.get(column).map_err(failed)
}

/// What ended a transfer, as bytes or text.
fn ended_by(state: &State) -> (Option<&[u8; 32]>, Option<&str>) {
    match state {
        State::Executed { fulfillment } => (fulfillment.as_ref().map(Fulfillment::as_bytes), None),
        State::Rejected { reason } => (None, reason.as_ref().map(Json::as_str)),
        State::Prepared | State::Cancelled | State::Expired => (None, None),
    }
}

const fn word(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Contradicted => "contradicted",
        Doubt::Unclear => "unclear",
    }
}

/// An account without the prefix of its ledger. The ledger takes none that has another.
fn name<'a>(prefix: &LedgerPrefix, account: &'a IlpAddress) -> Result<&'a str, rusqlite::Error> {
    let name = account.as_str().strip_prefix(prefix.as_str());
    name.ok_or_else(|| {
        let fault = format!("{account} is no account on {prefix}");
        rusqlite::Error::ToSqlConversionFailure(fault.into())
    })
}
