//! PostgreSQL: one database for several processes, one of which leads and writes.
//!
//! A [`Standby`] is a process that does not lead; once it does, its session becomes the [`Postgres`] store. The lock
//! by which a process leads belongs to the session that writes, so a process that has lost the one has lost
//! the other.

mod accounts;
mod ledger;
mod migrations;
mod peers;
mod session;
mod standby;

pub use standby::{Pulse, Standby, alone};

use c2c::connector::{Change, Peer, StoredAccounts};
use c2c::key::{PublicKey, SecretKey};
use c2c::timestamp::Timestamp;
use tokio_postgres::Transaction;

use self::session::{Prepared, Session, failed};
use super::rows::Rows;
use super::{Store, StoreError, StoredLedger};

/// The database of the process that leads.
pub struct Postgres {
    session: Session,
    term: i64,
    prepared: Prepared,
    rows: Rows,
    /// The number of the next new row of a transfer: nobody else makes any.
    next_number: i64,
}

impl Postgres {
    /// Which of all terms of office this is; the one before has ended.
    pub fn term(&self) -> i64 {
        self.term
    }

    /// The number by which the database knows the session that writes.
    pub fn session(&self) -> i32 {
        self.session.number()
    }

    /// A session that has just begun to lead.
    fn begin(mut session: Session, term: i64) -> Result<Self, StoreError> {
        migrations::run(&mut session)?;
        let (prepared, next_number) = session.run(async |client| {
            let last = "SELECT coalesce(max(number), 0) FROM transfers";
            let last: i64 = client.query_one(last, &[]).await?.try_get(0)?;
            Ok((Prepared::all(client).await?, last + 1))
        })?;
        Ok(Self {
            session,
            term,
            prepared,
            rows: Rows::default(),
            next_number,
        })
    }
}

impl Store for Postgres {
    fn public_key(&mut self) -> Result<Option<PublicKey>, StoreError> {
        let found = self.session.run(async |client| {
            let fact = "SELECT value FROM facts WHERE name = 'public_key'";
            client
                .query_opt(fact, &[])
                .await?
                .map(|row| row.try_get::<_, String>(0))
                .transpose()
        })?;
        let key = found.map(|text| text.parse());
        key.transpose()
            .map_err(|error: c2c::key::KeyError| StoreError::Damaged {
                row: "facts.public_key".to_owned(),
                reason: error.to_string(),
            })
    }

    fn change_key(&mut self, key: &PublicKey, peers: &[Peer]) -> Result<(), StoreError> {
        let (term, prepared) = (self.term, &self.prepared);
        self.session.try_run(async |client| {
            let transaction = client.transaction().await.map_err(failed)?;
            still_leads(&transaction, prepared, term).await?;
            transaction
                .execute(
                    "INSERT INTO facts (name, value) VALUES ('public_key', $1)
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    &[&key.to_string()],
                )
                .await
                .map_err(failed)?;
            for peer in peers {
                peers::write(&transaction, prepared, peer)
                    .await
                    .map_err(failed)?;
            }
            transaction.commit().await.map_err(failed)
        })
    }

    fn peers(&mut self, secret: &SecretKey) -> Result<Vec<Peer>, StoreError> {
        let found = self.session.run(async |client| peers::read(client).await)?;
        found.into_iter().map(|row| row.peer(secret)).collect()
    }

    fn ledgers(&mut self, now: Timestamp) -> Result<Vec<StoredLedger>, StoreError> {
        let rows = &mut self.rows;
        self.session
            .try_run(async |client| ledger::read(client, rows, now).await)
    }

    fn accounts(&mut self, now: Timestamp) -> Result<Vec<StoredAccounts>, StoreError> {
        self.session
            .try_run(async |client| accounts::read(client, now).await)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let Self {
            session,
            term,
            prepared,
            rows,
            next_number,
        } = self;
        let applied = session.try_run(async |client| {
            let transaction = client.transaction().await.map_err(failed)?;
            still_leads(&transaction, prepared, *term).await?;
            let mut burst = Burst::default();
            for change in changes {
                match change {
                    Change::LedgerMoved { ledger, entry } => burst.with_peers.push((ledger, entry)),
                    Change::AccountsMoved { ledger, entry } => burst.own.push((ledger, entry)),
                    Change::PeerSaved(peer) => {
                        burst
                            .write(&transaction, prepared, rows, next_number)
                            .await?;
                        peers::write(&transaction, prepared, peer)
                            .await
                            .map_err(failed)?;
                    }
                    Change::PeerRemoved(prefix) => {
                        burst
                            .write(&transaction, prepared, rows, next_number)
                            .await?;
                        rows.forget(prefix);
                        peers::remove(&transaction, prefix).await.map_err(failed)?;
                    }
                }
            }
            burst
                .write(&transaction, prepared, rows, next_number)
                .await?;
            transaction.commit().await.map_err(failed)
        });
        if applied.is_err() {
            // What was kept in mind since the last commit is not there.
            self.rows = Rows::default();
        }
        applied
    }
}

/// What happens on ledgers comes in bursts, and is written together.
#[derive(Default)]
struct Burst<'a> {
    with_peers: Vec<ledger::Moved<'a>>,
    own: Vec<accounts::Moved<'a>>,
}

impl Burst<'_> {
    async fn write(
        &mut self,
        transaction: &Transaction<'_>,
        prepared: &Prepared,
        rows: &mut Rows,
        next_number: &mut i64,
    ) -> Result<(), StoreError> {
        let with_peers = std::mem::take(&mut self.with_peers);
        ledger::write(transaction, prepared, rows, next_number, &with_peers).await?;
        let own = std::mem::take(&mut self.own);
        accounts::write(transaction, prepared, &own).await
    }
}

/// Keeps whoever would lead next from beginning before the transaction is over, and fails where one has begun.
async fn still_leads(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    term: i64,
) -> Result<(), StoreError> {
    let found = transaction.query_opt(&prepared.leads, &[&term]).await;
    match found.map_err(failed)? {
        Some(_) => Ok(()),
        None => Err(StoreError::Failed {
            reason: "another process leads now".to_owned(),
        }),
    }
}

/// How many rows changed, where it must be so many.
fn exactly(changed: u64, expected: usize, what: &str) -> Result<(), StoreError> {
    if u64::try_from(expected) == Ok(changed) {
        return Ok(());
    }
    Err(StoreError::Failed {
        reason: format!("{what}: {changed} rows changed instead of {expected}"),
    })
}

/// A number as PostgreSQL has it. Neither times nor counts come near its end.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
