//! What happens on the ledgers of our own as rows, and back.

use c2c::accounts::{Account, Entry, Invoice, KEPT_AFTER, Record};
use c2c::address::LedgerPrefix;
use c2c::connector::StoredAccounts;
use c2c::timestamp::Timestamp;
use rusqlite::{Connection, Row, Transaction, params};

use super::failed;
use crate::store::StoreError;

/// How many payments are kept in mind of each ledger beside those whose time is not over.
const KEPT_IN_MIND: i64 = 1_000;

/// Writes what happened: the payment, the accounts and the invoice as they stand now.
pub(super) fn write(
    transaction: &Transaction<'_>,
    ledger: &LedgerPrefix,
    entry: &Entry,
) -> Result<(), rusqlite::Error> {
    let (prefix, sequence) = (ledger.as_str(), integer(entry.sequence));
    let moved = transaction
        .prepare_cached(
            "INSERT INTO own_ledgers (prefix, sequence) VALUES (?1, ?2)
             ON CONFLICT (prefix) DO UPDATE SET sequence = excluded.sequence
                WHERE own_ledgers.sequence = excluded.sequence - 1",
        )?
        .execute(params![prefix, sequence])?;
    if moved == 0 {
        return Err(rusqlite::Error::StatementChangedRows(moved));
    }
    for account in &entry.accounts {
        transaction
            .prepare_cached(
                "INSERT INTO accounts (prefix, name, balance, minimum) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (prefix, name) DO UPDATE SET balance = excluded.balance,
                    minimum = excluded.minimum",
            )?
            .execute(params![
                prefix,
                &*account.name,
                account.balance.to_string(),
                account.minimum.map(|minimum| minimum.to_string()),
            ])?;
    }
    if let Some(record) = &entry.record {
        let text = serde_json::to_string(record)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let hold = record.transfer.hold;
        transaction
            .prepare_cached(
                "INSERT INTO payments (prefix, id, amount, state, expires_at, sequence, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (prefix, id) DO UPDATE SET state = excluded.state,
                    sequence = excluded.sequence, record = excluded.record",
            )?
            .execute(params![
                prefix,
                record.transfer.id.as_str(),
                record.transfer.amount.to_string(),
                record.state.name(),
                hold.map(|hold| integer(hold.expires_at.as_millis())),
                sequence,
                text,
            ])?;
    }
    if let Some(invoice) = &entry.invoice {
        transaction
            .prepare_cached(
                "INSERT INTO invoices (prefix, address, account, amount, preimage, expires_at, paid_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (prefix, address) DO UPDATE SET paid_by = excluded.paid_by",
            )?
            .execute(params![
                prefix,
                invoice.address.as_str(),
                &*invoice.account,
                invoice.amount.to_string(),
                invoice.preimage.to_string(),
                integer(invoice.expires_at.as_millis()),
                invoice.paid_by.as_ref().map(|id| id.as_str()),
            ])?;
    }
    Ok(())
}

/// Reads what is to be kept in mind of every ledger.
pub(super) fn read(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<StoredAccounts>, StoreError> {
    let mut ledgers = connection
        .prepare("SELECT prefix, sequence FROM own_ledgers ORDER BY prefix")
        .map_err(failed)?;
    let mut stored = Vec::new();
    let mut rows = ledgers.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let prefix: String = row.get(0).map_err(failed)?;
        let sequence: i64 = row.get(1).map_err(failed)?;
        let of = Ledger {
            connection,
            prefix: &prefix,
        };
        stored.push(StoredAccounts {
            ledger: LedgerPrefix::new(&prefix).map_err(|error| of.damaged("prefix", &error))?,
            sequence: u64::try_from(sequence).map_err(|error| of.damaged("sequence", &error))?,
            accounts: of.accounts()?,
            payments: of.payments(now)?,
            invoices: of.invoices(now)?,
        });
    }
    Ok(stored)
}

/// One ledger that is read.
struct Ledger<'a> {
    connection: &'a Connection,
    prefix: &'a str,
}

impl Ledger<'_> {
    fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let query = "SELECT name, balance, minimum FROM accounts WHERE prefix = ?1 ORDER BY name";
        self.rows(query, params![self.prefix], |row| {
            let name: String = row.get(0).map_err(failed)?;
            let balance: String = row.get(1).map_err(failed)?;
            let minimum: Option<String> = row.get(2).map_err(failed)?;
            Ok(Account {
                balance: self.parsed(&name, &balance)?,
                minimum: minimum
                    .map(|minimum| self.parsed(&name, &minimum))
                    .transpose()?,
                name: self.parsed(&name, &name)?,
            })
        })
    }

    fn payments(&self, now: Timestamp) -> Result<Vec<Record>, StoreError> {
        let query = "SELECT id, record FROM payments WHERE prefix = ?1
                AND (state = 'prepared' OR expires_at > ?2 OR sequence IN
                    (SELECT sequence FROM payments WHERE prefix = ?1
                     ORDER BY sequence DESC LIMIT ?3))
             ORDER BY sequence";
        let asked = params![self.prefix, integer(now.as_millis()), KEPT_IN_MIND];
        self.rows(query, asked, |row| {
            let id: String = row.get(0).map_err(failed)?;
            let text: String = row.get(1).map_err(failed)?;
            serde_json::from_str(&text).map_err(|error| self.damaged(&id, &error))
        })
    }

    fn invoices(&self, now: Timestamp) -> Result<Vec<Invoice>, StoreError> {
        let query = "SELECT address, account, amount, preimage, expires_at, paid_by FROM invoices
             WHERE prefix = ?1 AND expires_at > ?2 ORDER BY address";
        let since = integer(now.as_millis().saturating_sub(KEPT_AFTER.0));
        self.rows(query, params![self.prefix, since], |row| {
            let address: String = row.get(0).map_err(failed)?;
            let account: String = row.get(1).map_err(failed)?;
            let amount: String = row.get(2).map_err(failed)?;
            let preimage: String = row.get(3).map_err(failed)?;
            let expires_at: i64 = row.get(4).map_err(failed)?;
            let paid_by: Option<String> = row.get(5).map_err(failed)?;
            let expires_at =
                u64::try_from(expires_at).map_err(|error| self.damaged(&address, &error))?;
            Ok(Invoice {
                account: self.parsed(&address, &account)?,
                amount: self.parsed(&address, &amount)?,
                preimage: self.parsed(&address, &preimage)?,
                expires_at: Timestamp::from_millis(expires_at),
                paid_by: paid_by.map(|id| self.parsed(&address, &id)).transpose()?,
                address: self.parsed(&address, &address)?,
            })
        })
    }

    fn rows<T>(
        &self,
        query: &str,
        asked: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare(query).map_err(failed)?;
        let mut rows = statement.query(asked).map_err(failed)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    fn parsed<T>(&self, row: &str, text: &str) -> Result<T, StoreError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.parse().map_err(|error| self.damaged(row, &error))
    }

    fn damaged(&self, row: &str, reason: &dyn std::fmt::Display) -> StoreError {
        StoreError::Damaged {
            row: format!("{}, {row}", self.prefix),
            reason: reason.to_string(),
        }
    }
}

/// A number as SQLite has it. Neither times nor counts come near its end.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
