//! What happens on the ledgers of our own as rows, and back.

use std::collections::BTreeMap;

use c2c::accounts::{Account, Entry, Invoice, KEPT_AFTER, Record};
use c2c::address::LedgerPrefix;
use c2c::connector::StoredAccounts;
use c2c::timestamp::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Transaction};

use super::session::{Prepared, failed};
use super::{exactly, integer};
use crate::store::StoreError;

/// How many payments are kept in mind of each ledger beside those whose time is not over.
const KEPT_IN_MIND: i64 = 1_000;

/// No entry is written twice, and none is left out.
pub(super) const MOVE: &str = "
    INSERT INTO own_ledgers (prefix, sequence)
    SELECT prefix, last FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS n (prefix, first, last)
    WHERE first = 1 + coalesce((SELECT sequence FROM own_ledgers AS o WHERE o.prefix = n.prefix), 0)
    ON CONFLICT (prefix) DO UPDATE SET sequence = excluded.sequence";

pub(super) const ACCOUNTS: &str = "
    INSERT INTO accounts (prefix, name, balance, minimum)
    SELECT prefix, name, balance::numeric, minimum::numeric
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n (prefix, name, balance, minimum)
    ON CONFLICT (prefix, name) DO UPDATE SET balance = excluded.balance, minimum = excluded.minimum";

pub(super) const PAYMENTS: &str = "
    INSERT INTO payments (prefix, id, amount, state, expires_at, sequence, record)
    SELECT prefix, id, amount::numeric, state, expires_at, sequence, record
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
        AS n (prefix, id, amount, state, expires_at, sequence, record)
    ON CONFLICT (prefix, id) DO UPDATE SET state = excluded.state, sequence = excluded.sequence,
        record = excluded.record";

pub(super) const INVOICES: &str = "
    INSERT INTO invoices (prefix, address, account, amount, preimage, expires_at, paid_by)
    SELECT prefix, address, account, amount::numeric, preimage, expires_at, paid_by
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
        AS n (prefix, address, account, amount, preimage, expires_at, paid_by)
    ON CONFLICT (prefix, address) DO UPDATE SET paid_by = excluded.paid_by";

/// An entry, and on which ledger.
pub(super) type Moved<'a> = (&'a LedgerPrefix, &'a Entry);

/// Writes what happened: payments, accounts and invoices as they stand at the end.
pub(super) async fn write(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    entries: &[Moved<'_>],
) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    // By ledger, the numbers of the first and the last entry.
    let mut moved: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut accounts: BTreeMap<(&str, &str), &Account> = BTreeMap::new();
    let mut payments: BTreeMap<(&str, &str), (u64, &Record)> = BTreeMap::new();
    let mut invoices: BTreeMap<(&str, &str), &Invoice> = BTreeMap::new();
    for (ledger, entry) in entries {
        let prefix = ledger.as_str();
        let first = moved
            .get(prefix)
            .map_or(entry.sequence, |(first, _)| *first);
        moved.insert(prefix, (first, entry.sequence));
        for account in &entry.accounts {
            accounts.insert((prefix, &account.name), account);
        }
        if let Some(record) = &entry.record {
            let id = record.transfer.id.as_str();
            payments.insert((prefix, id), (entry.sequence, record));
        }
        if let Some(invoice) = &entry.invoice {
            invoices.insert((prefix, invoice.address.as_str()), invoice);
        }
    }
    // The ledger comes first: the others are rows of it.
    let prefixes: Vec<&str> = moved.keys().copied().collect();
    let firsts: Vec<i64> = moved.values().map(|(first, _)| integer(*first)).collect();
    let lasts: Vec<i64> = moved.values().map(|(_, last)| integer(*last)).collect();
    let numbers: [&(dyn ToSql + Sync); 3] = [&prefixes, &firsts, &lasts];
    let changed = transaction.execute(&prepared.move_own, &numbers).await;
    exactly(changed.map_err(failed)?, moved.len(), "ledgers of our own")?;
    tokio::try_join!(
        write_accounts(transaction, prepared, &accounts),
        write_payments(transaction, prepared, &payments),
        write_invoices(transaction, prepared, &invoices),
    )
    .map(drop)
}

async fn write_accounts(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    accounts: &BTreeMap<(&str, &str), &Account>,
) -> Result<(), StoreError> {
    let (prefixes, names): (Vec<&str>, Vec<&str>) = accounts.keys().copied().unzip();
    let balances: Vec<String> = accounts
        .values()
        .map(|account| account.balance.to_string())
        .collect();
    let minimums: Vec<Option<String>> = accounts
        .values()
        .map(|account| account.minimum.map(|minimum| minimum.to_string()))
        .collect();
    let columns: [&(dyn ToSql + Sync); 4] = [&prefixes, &names, &balances, &minimums];
    let written = transaction.execute(&prepared.write_accounts, &columns);
    exactly(written.await.map_err(failed)?, accounts.len(), "accounts")
}

async fn write_payments(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    payments: &BTreeMap<(&str, &str), (u64, &Record)>,
) -> Result<(), StoreError> {
    if payments.is_empty() {
        return Ok(());
    }
    let (prefixes, ids): (Vec<&str>, Vec<&str>) = payments.keys().copied().unzip();
    let records = payments.values().map(|(_, record)| record);
    let amounts: Vec<String> = records
        .clone()
        .map(|record| record.transfer.amount.to_string())
        .collect();
    let states: Vec<&str> = records.clone().map(|record| record.state.name()).collect();
    let expiries: Vec<Option<i64>> = records
        .clone()
        .map(|record| record.transfer.hold)
        .map(|hold| hold.map(|hold| integer(hold.expires_at.as_millis())))
        .collect();
    let sequences: Vec<i64> = payments
        .values()
        .map(|(sequence, _)| integer(*sequence))
        .collect();
    let texts: Result<Vec<String>, _> = records.map(serde_json::to_string).collect();
    let texts = texts.map_err(|error| StoreError::Failed {
        reason: error.to_string(),
    })?;
    let columns: [&(dyn ToSql + Sync); 7] = [
        &prefixes, &ids, &amounts, &states, &expiries, &sequences, &texts,
    ];
    let written = transaction.execute(&prepared.write_payments, &columns);
    exactly(written.await.map_err(failed)?, payments.len(), "payments")
}

async fn write_invoices(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    invoices: &BTreeMap<(&str, &str), &Invoice>,
) -> Result<(), StoreError> {
    if invoices.is_empty() {
        return Ok(());
    }
    let (prefixes, addresses): (Vec<&str>, Vec<&str>) = invoices.keys().copied().unzip();
    let invoice = || invoices.values();
    let accounts: Vec<&str> = invoice().map(|invoice| &*invoice.account).collect();
    let amounts: Vec<String> = invoice()
        .map(|invoice| invoice.amount.to_string())
        .collect();
    let preimages: Vec<String> = invoice()
        .map(|invoice| invoice.preimage.to_string())
        .collect();
    let expiries: Vec<i64> = invoice()
        .map(|invoice| integer(invoice.expires_at.as_millis()))
        .collect();
    let paid_by: Vec<Option<&str>> = invoice()
        .map(|invoice| invoice.paid_by.as_ref().map(|id| id.as_str()))
        .collect();
    let columns: [&(dyn ToSql + Sync); 7] = [
        &prefixes, &addresses, &accounts, &amounts, &preimages, &expiries, &paid_by,
    ];
    let written = transaction.execute(&prepared.write_invoices, &columns);
    exactly(written.await.map_err(failed)?, invoices.len(), "invoices")
}

/// Reads what is to be kept in mind of every ledger.
pub(super) async fn read(
    client: &Client,
    now: Timestamp,
) -> Result<Vec<StoredAccounts>, StoreError> {
    let ledgers = "SELECT prefix, sequence FROM own_ledgers ORDER BY prefix";
    let mut stored = Vec::new();
    for row in client.query(ledgers, &[]).await.map_err(failed)? {
        let prefix: String = row.try_get(0).map_err(failed)?;
        let sequence: i64 = row.try_get(1).map_err(failed)?;
        let of = Ledger {
            client,
            prefix: &prefix,
        };
        stored.push(StoredAccounts {
            ledger: LedgerPrefix::new(&prefix).map_err(|error| of.damaged("prefix", &error))?,
            sequence: u64::try_from(sequence).map_err(|error| of.damaged("sequence", &error))?,
            accounts: of.accounts().await?,
            payments: of.payments(now).await?,
            invoices: of.invoices(now).await?,
        });
    }
    Ok(stored)
}

/// One ledger that is read.
struct Ledger<'a> {
    client: &'a Client,
    prefix: &'a str,
}

impl Ledger<'_> {
    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let query = "SELECT name, balance::text, minimum::text FROM accounts WHERE prefix = $1 ORDER BY name";
        self.rows(query, &[&self.prefix], |row| {
            let name: String = row.try_get(0).map_err(failed)?;
            let balance: String = row.try_get(1).map_err(failed)?;
            let minimum: Option<String> = row.try_get(2).map_err(failed)?;
            Ok(Account {
                balance: self.parsed(&name, &balance)?,
                minimum: minimum
                    .map(|minimum| self.parsed(&name, &minimum))
                    .transpose()?,
                name: self.parsed(&name, &name)?,
            })
        })
        .await
    }

    async fn payments(&self, now: Timestamp) -> Result<Vec<Record>, StoreError> {
        let query = "SELECT id, record FROM payments WHERE prefix = $1
                AND (state = 'prepared' OR expires_at > $2 OR sequence IN
                    (SELECT sequence FROM payments WHERE prefix = $1
                     ORDER BY sequence DESC LIMIT $3))
             ORDER BY sequence";
        let now = integer(now.as_millis());
        self.rows(query, &[&self.prefix, &now, &KEPT_IN_MIND], |row| {
            let id: String = row.try_get(0).map_err(failed)?;
            let text: String = row.try_get(1).map_err(failed)?;
            serde_json::from_str(&text).map_err(|error| self.damaged(&id, &error))
        })
        .await
    }

    async fn invoices(&self, now: Timestamp) -> Result<Vec<Invoice>, StoreError> {
        let query =
            "SELECT address, account, amount::text, preimage, expires_at, paid_by FROM invoices
             WHERE prefix = $1 AND expires_at > $2 ORDER BY address";
        let since = integer(now.as_millis().saturating_sub(KEPT_AFTER.0));
        self.rows(query, &[&self.prefix, &since], |row| {
            let address: String = row.try_get(0).map_err(failed)?;
            let account: String = row.try_get(1).map_err(failed)?;
            let amount: String = row.try_get(2).map_err(failed)?;
            let preimage: String = row.try_get(3).map_err(failed)?;
            let expires_at: i64 = row.try_get(4).map_err(failed)?;
            let paid_by: Option<String> = row.try_get(5).map_err(failed)?;
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
        .await
    }

    async fn rows<T>(
        &self,
        query: &str,
        asked: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.client.query(query, asked).await.map_err(failed)?;
        rows.iter().map(read).collect()
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
