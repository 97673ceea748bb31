//! What must outlive the process: peers, limits, balances, transfers, our own accounts, and which key they
//! belong to.
//!
//! [`Store`] is all that a database has to do: it is read once at the start and then takes changes,
//! many at a time, all of them or none. [`sqlite`] is the embedded one, [`postgres`] the one that several
//! processes share. [`writer`] is the one thread
//! that writes: it gathers what waits into one transaction, so that many callers share one flush.

mod peer_row;
pub mod postgres;
mod rows;
pub mod sqlite;
mod transfer_row;
pub mod writer;

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use c2c::address::LedgerPrefix;
use c2c::connector::{Change, Peer, StoredAccounts};
use c2c::key::{PublicKey, SecretKey};
use c2c::ledger::Record;
use c2c::timestamp::Timestamp;

use crate::config::Database;

use self::sqlite::Sqlite;

/// A database.
pub trait Store: Send + 'static {
    /// The public key that this database was used with, if it was used.
    fn public_key(&mut self) -> Result<Option<PublicKey>, StoreError>;

    /// Remembers the key, and the peers as they are with it, all in one transaction.
    fn change_key(&mut self, key: &PublicKey, peers: &[Peer]) -> Result<(), StoreError>;

    /// Every peer. Tokens of peers by WebFinger are not stored: `secret` derives them again.
    fn peers(&mut self, secret: &SecretKey) -> Result<Vec<Peer>, StoreError>;

    /// What is to be kept in mind of every ledger with a peer: all transfers that are on hold, of which
    /// the peer has still to be told, or whose time is not over at `now`, and the latest without a condition.
    fn ledgers(&mut self, now: Timestamp) -> Result<Vec<StoredLedger>, StoreError>;

    /// What is to be kept in mind of every ledger of our own: all accounts, all payments that are on hold or
    /// whose time is not over at `now` and the latest others, and all invoices that are not forgotten.
    fn accounts(&mut self, now: Timestamp) -> Result<Vec<StoredAccounts>, StoreError>;

    /// Makes all the changes durable, in order, or none of them.
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// Something that is kept under a name, as what the operator said at run time.
    fn fact(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let _ = name;
        Ok(None)
    }

    /// Keeps something under a name, durably.
    fn set_fact(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let _ = (name, value);
        Err(StoreError::NotHere {
            what: "settings of run time",
        })
    }

    /// Transfers on ledgers with peers, also those that are not kept in mind any more, the latest first.
    fn transfers(&mut self, asked: &Asked) -> Result<Vec<Record>, StoreError> {
        let _ = asked;
        Err(StoreError::NotHere {
            what: "older transfers",
        })
    }

    /// Deletes some of the transfers that have ended and did not change since `before`. Whether there may be more.
    fn forget(&mut self, before: Timestamp) -> Result<bool, StoreError> {
        let _ = before;
        Ok(false)
    }

    /// Lets the file that is handed out stand still until [`go_on`](Self::go_on), with all that is durable in it:
    /// what comes meanwhile is kept beside it.
    fn hold_still(&mut self) -> Result<Arc<File>, StoreError> {
        Err(StoreError::NotHere {
            what: "backups by this program",
        })
    }

    /// The file may change again.
    fn go_on(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Which transfers are asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Only those of this ledger.
    pub ledger: Option<LedgerPrefix>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those that changed before.
    pub before: Timestamp,
    /// How many at most.
    pub most: usize,
}

impl Store for Box<dyn Store> {
    fn public_key(&mut self) -> Result<Option<PublicKey>, StoreError> {
        self.as_mut().public_key()
    }

    fn change_key(&mut self, key: &PublicKey, peers: &[Peer]) -> Result<(), StoreError> {
        self.as_mut().change_key(key, peers)
    }

    fn peers(&mut self, secret: &SecretKey) -> Result<Vec<Peer>, StoreError> {
        self.as_mut().peers(secret)
    }

    fn ledgers(&mut self, now: Timestamp) -> Result<Vec<StoredLedger>, StoreError> {
        self.as_mut().ledgers(now)
    }

    fn accounts(&mut self, now: Timestamp) -> Result<Vec<StoredAccounts>, StoreError> {
        self.as_mut().accounts(now)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.as_mut().apply(changes)
    }

    fn fact(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.as_mut().fact(name)
    }

    fn set_fact(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.as_mut().set_fact(name, value)
    }

    fn transfers(&mut self, asked: &Asked) -> Result<Vec<Record>, StoreError> {
        self.as_mut().transfers(asked)
    }

    fn forget(&mut self, before: Timestamp) -> Result<bool, StoreError> {
        self.as_mut().forget(before)
    }

    fn hold_still(&mut self) -> Result<Arc<File>, StoreError> {
        self.as_mut().hold_still()
    }

    fn go_on(&mut self) -> Result<(), StoreError> {
        self.as_mut().go_on()
    }
}

/// Opens what the setting names, for a command that wants it alone.
pub fn alone(database: &Database) -> Result<Box<dyn Store>, StoreError> {
    Ok(match database {
        Database::Sqlite(file) => Box::new(Sqlite::open(file)?),
        Database::Postgres(address) => Box::new(postgres::alone(address)?),
    })
}

/// What is stored of the ledger with a peer, beside the balance.
#[derive(Debug)]
pub struct StoredLedger {
    /// The ledger.
    pub prefix: LedgerPrefix,
    /// The number of its last entry.
    pub sequence: u64,
    /// Transfers, the oldest first.
    pub transfers: Vec<Record>,
}

/// Why the database is no good. Each says what to do.
#[derive(Debug)]
pub enum StoreError {
    /// It cannot be opened.
    Open {
        /// Its file.
        file: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// Another process has it open.
    InUse {
        /// Its file.
        file: PathBuf,
    },
    /// The server that has it cannot be reached, or does not let us in.
    Unreachable {
        /// Which, without its password.
        database: String,
        /// What the server, or the way to it, said.
        reason: String,
    },
    /// Another process leads on it.
    Led {
        /// Which, without its password.
        database: String,
    },
    /// A newer program made it.
    TooNew {
        /// Its version.
        found: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// A row that cannot be read.
    Damaged {
        /// Which row.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It belongs to another key.
    KeyChanged {
        /// The key that it was used with.
        stored: PublicKey,
        /// The key of the secret at hand.
        found: PublicKey,
    },
    /// This database does not do that.
    NotHere {
        /// What it does not do.
        what: &'static str,
    },
    /// Reading or writing failed.
    Failed {
        /// What the database said.
        reason: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { file, reason } => write!(
                f,
                "{}: {reason}. Check that its folder exists and may be written.",
                file.display()
            ),
            Self::InUse { file } => write!(
                f,
                "{} is in use by another process. Stop that one first, or name another database.",
                file.display()
            ),
            Self::Unreachable { database, reason } => write!(
                f,
                "{database} cannot be reached: {reason}. Check that PostgreSQL runs there, and user, password and name."
            ),
            Self::Led { database } => write!(
                f,
                "A process leads on {database}. Stop every server on this database first."
            ),
            Self::TooNew { found, known } => write!(
                f,
                "The database has version {found}; this program knows up to {known}. Use the newer program."
            ),
            Self::Damaged { row, reason } => write!(
                f,
                "The database holds a row that cannot be read, {row}: {reason}. Restore a backup."
            ),
            Self::KeyChanged { stored, found } => write!(
                f,
                "This database was used with the key {stored}; the secret makes {found}. \
                 Every prefix and token would change. Put the old secret back; to change it, use: c2c key rotate"
            ),
            Self::NotHere { what } => write!(
                f,
                "This kind of database has no {what}. Use what comes with the database itself."
            ),
            Self::Failed { reason } => write!(
                f,
                "The database refuses: {reason}. Check the disk; nothing was acknowledged that is not stored."
            ),
        }
    }
}

impl std::error::Error for StoreError {}

/// Refuses a database that was used with another key, and remembers the key of a new one.
pub fn check_key(store: &mut dyn Store, key: &PublicKey) -> Result<(), StoreError> {
    match store.public_key()? {
        Some(stored) if stored == *key => Ok(()),
        Some(stored) => Err(StoreError::KeyChanged {
            stored,
            found: *key,
        }),
        None => store.change_key(key, &[]),
    }
}

#[cfg(test)]
pub(crate) mod tests;
