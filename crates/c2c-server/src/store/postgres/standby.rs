//! Who leads: asking, trying to, and ending the session of one that stands still.

use super::Postgres;
use super::session::Session;
use crate::config::without_password;
use crate::store::StoreError;
use crate::store::postgres::migrations;

/// The lock of whoever leads: the letters "c2c" and a number.
const LEADS: i64 = 0x0063_3263_0000_0001;

/// Whoever holds it.
const HOLDER: &str = "
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND mode = 'ExclusiveLock'
        AND ((classid::bigint << 32) | objid::bigint) = $1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Who leads, as it said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Its term; the next one's is another.
    pub term: i64,
    /// Where the others reach it.
    pub address: String,
    /// How often it has said that it lives.
    pub beats: i64,
    /// The number of its session; none if nobody leads.
    pub session: Option<i32>,
}

/// A session of a process that does not lead.
pub struct Standby {
    session: Session,
}

impl Standby {
    /// Opens `address`, and makes the tables if there are none.
    pub fn open(address: &str) -> Result<Self, StoreError> {
        let mut session = Session::open(address, &without_password(address))?;
        migrations::begin(&mut session)?;
        Ok(Self { session })
    }

    /// Leads, if nobody does: from now on the others find this process at `reached_at`.
    pub fn try_lead(mut self, reached_at: &str) -> Result<Result<Postgres, Self>, StoreError> {
        let term = self.session.run(async |client| {
            let lock = client.query_one("SELECT pg_try_advisory_lock($1)", &[&LEADS]);
            if !lock.await?.try_get::<_, bool>(0)? {
                return Ok(None);
            }
            let begin = "UPDATE leader SET term = term + 1, address = $1, beats = 0 RETURNING term";
            let begun = client.query_one(begin, &[&reached_at]).await?;
            Ok(Some(begun.try_get(0)?))
        })?;
        match term {
            None => Ok(Err(self)),
            Some(term) => Postgres::begin(self.session, term).map(Ok),
        }
    }

    /// Who leads.
    pub fn leader(&mut self) -> Result<Leader, StoreError> {
        self.session.run(async |client| {
            let ask = format!("SELECT term, address, beats, ({HOLDER}) FROM leader");
            let row = client.query_one(&ask, &[&LEADS]).await?;
            Ok(Leader {
                term: row.try_get(0)?,
                address: row.try_get(1)?,
                beats: row.try_get(2)?,
                session: row.try_get(3)?,
            })
        })
    }

    /// Ends the session of `leader`, which has not said for long that it lives. Whether it was still there.
    pub fn end(&mut self, leader: &Leader) -> Result<bool, StoreError> {
        self.session.run(async |client| {
            let end = format!(
                "SELECT pg_terminate_backend(holder.pid) FROM ({HOLDER}) AS holder, leader
                 WHERE holder.pid = $2 AND leader.term = $3 AND leader.beats = $4"
            );
            let ended = client
                .query_opt(
                    &end,
                    &[&LEADS, &leader.session, &leader.term, &leader.beats],
                )
                .await?;
            Ok(ended.is_some())
        })
    }
}

/// The session by which a process says that it lives: another than the one that writes, which may be busy.
pub struct Pulse {
    session: Session,
    term: i64,
    writer: i32,
}

impl Pulse {
    /// That of the leader of `term`, whose session that writes is `writer`.
    pub fn open(address: &str, term: i64, writer: i32) -> Result<Self, StoreError> {
        let mut session = Session::open(address, &without_password(address))?;
        // What it says need not outlive the database, and must not wait for the disk.
        session.run(async |client| client.batch_execute("SET synchronous_commit = off").await)?;
        Ok(Self {
            session,
            term,
            writer,
        })
    }

    /// Says it once. Whether the process still leads.
    pub fn beat(&mut self) -> Result<bool, StoreError> {
        let (term, writer) = (self.term, self.writer);
        self.session.run(async |client| {
            let beat = format!(
                "UPDATE leader SET beats = beats + 1 WHERE term = $2 AND EXISTS (
                    SELECT FROM ({HOLDER}) AS holder WHERE holder.pid = $3)"
            );
            let beaten = client.execute(&beat, &[&LEADS, &term, &writer]).await?;
            Ok(beaten == 1)
        })
    }
}

/// Opens `address` for a command that wants it alone.
pub fn alone(address: &str) -> Result<Postgres, StoreError> {
    let nowhere = String::new();
    match Standby::open(address)?.try_lead(&nowhere)? {
        Ok(store) => Ok(store),
        Err(standby) => Err(StoreError::Led {
            database: standby.session.shown().to_owned(),
        }),
    }
}
