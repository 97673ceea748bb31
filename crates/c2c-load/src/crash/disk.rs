//! What a dead server has left in its database, against what its peers know for certain.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Row};
use serde_json::Value;

use super::Faults;
use super::book::{Known, State, Way};
use super::peer::Peer;
use crate::database::Database;
use crate::failure::Failure;
use crate::hosts::Server;

/// One transfer as it is stored.
struct Stored {
    is_incoming: bool,
    amount: u64,
    state: State,
    /// The transfer that it goes on for.
    source: Option<String>,
}

/// Checks what all processes have left, now that they are dead.
pub fn check(server: &Server, peers: &[Arc<Peer>], faults: &mut Faults) -> Result<(), Failure> {
    let found = match &server.database {
        Some(database) => {
            database.settle()?;
            read_postgres(database)?
        }
        None => read_copy(server)?,
    };
    judge(&found, peers, faults);
    Ok(())
}

/// Checks what is stored while nothing happens, though processes run.
pub fn check_at_rest(
    server: &Server,
    peers: &[Arc<Peer>],
    faults: &mut Faults,
) -> Result<(), Failure> {
    if let Some(database) = &server.database {
        judge(&read_postgres(database)?, peers, faults);
    }
    Ok(())
}

/// Reads a copy, for the server is to find everything as it left it.
fn read_copy(server: &Server) -> Result<Ledgers, Failure> {
    let copy = server.folder.path("copy.db");
    for ending in ["", "-wal"] {
        let name = format!("c2c.db{ending}");
        let to = server.folder.path(&format!("copy.db{ending}"));
        match std::fs::copy(server.folder.path(&name), &to) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let _ = std::fs::remove_file(&to);
            }
            Err(error) => return Err(Failure::new(format!("{name}: {error}"))),
        }
    }
    read(&copy)
}

/// Compares what is stored with what the peers know.
fn judge(found: &Ledgers, peers: &[Arc<Peer>], faults: &mut Faults) {
    let nothing = (0, BTreeMap::new());
    let mut sources = BTreeSet::new();
    for peer in peers {
        let name = peer.line.prefix.as_str();
        let (balance, stored) = found.get(name).unwrap_or(&nothing);
        let sum: i128 = stored.values().map(counts).sum();
        if sum != *balance {
            faults.doubled.push(format!(
                "{name}: the balance is {balance}, its transfers make {sum}"
            ));
        }
        for (id, transfer) in stored {
            if let Some(source) = &transfer.source
                && !sources.insert(source.clone())
            {
                let text = format!("{name}: {source} went on twice, once as {id}");
                faults.doubled.push(text);
            }
        }
        let book = peer.book();
        if book.sum() != book.balance_as_it_stands() {
            let text = format!("{name}: the played peer has lost count");
            faults.disagreements.push(text);
        }
        for (id, known) in &book.transfers {
            if let Err(text) = holds(known, stored.get(id)) {
                faults.lost.push(format!("{name}: {id}: {text}"));
            }
        }
    }
}

/// What a stored transfer adds to the server's balance.
fn counts(stored: &Stored) -> i128 {
    match (stored.is_incoming, stored.state) {
        (true, State::Prepared | State::Executed) => i128::from(stored.amount),
        (false, State::Executed) => -i128::from(stored.amount),
        _ => 0,
    }
}

/// Whether what is stored can be, after what the peer was told and what it was answered.
fn holds(known: &Known, stored: Option<&Stored>) -> Result<(), String> {
    let Some(stored) = stored else {
        return match known.is_certain {
            true => Err(format!("acknowledged, and not stored: {known:?}")),
            false => Ok(()),
        };
    };
    let is_incoming = known.way == Way::ToServer;
    if (stored.is_incoming, stored.amount) != (is_incoming, known.amount) {
        return Err(format!("stored as another transfer than {known:?}"));
    }
    let fits = match (known.way, known.state) {
        // The server has the last word, and says it when it has stored it.
        (Way::ToServer, State::Executed) => stored.state == State::Executed,
        (Way::ToServer, State::Rejected) => stored.state == State::Rejected,
        (Way::ToServer, State::RanOut) => stored.state != State::Executed,
        (Way::ToServer, State::Refused) => false,
        (Way::ToServer, State::Prepared) => true,
        // We have, and it has it for sure once it has taken it.
        (Way::FromServer, State::Executed) => match known.is_taken {
            true => stored.state == State::Executed,
            false => matches!(stored.state, State::Executed | State::Prepared),
        },
        (Way::FromServer, State::Rejected) => match known.is_taken {
            true => matches!(stored.state, State::Rejected | State::RanOut),
            false => stored.state != State::Executed,
        },
        (Way::FromServer, _) => stored.state != State::Executed,
    };
    match fits {
        true => Ok(()),
        false => Err(format!("stored as {:?}, but {known:?}", stored.state)),
    }
}

type Ledgers = BTreeMap<String, (i128, BTreeMap<String, Stored>)>;

fn read(file: &Path) -> Result<Ledgers, Failure> {
    let failed = |error: rusqlite::Error| Failure::new(format!("{}: {error}", file.display()));
    let connection = Connection::open(file).map_err(failed)?;
    let mut ledgers = Ledgers::new();
    let mut statement = connection
        .prepare("SELECT prefix, balance FROM ledgers")
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let (prefix, balance): (String, String) =
            (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        let balance = balance.parse().map_err(Failure::of("a stored balance"))?;
        ledgers.insert(prefix, (balance, BTreeMap::new()));
    }
    // Of several rows of one transfer the last counts.
    let mut statement = connection
        .prepare(
            "SELECT prefix, id, is_outgoing, amount, state, note_to_self
             FROM transfers ORDER BY sequence",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let prefix: String = row.get(0).map_err(failed)?;
        let id: String = row.get(1).map_err(failed)?;
        let stored = stored(row).map_err(failed)?;
        let stored = stored.ok_or_else(|| Failure::new(format!("a transfer: {prefix} {id}")))?;
        let (_, transfers) = ledgers.entry(prefix).or_default();
        transfers.insert(id, stored);
    }
    Ok(ledgers)
}

fn read_postgres(database: &Database) -> Result<Ledgers, Failure> {
    let failed = Failure::of("a stored row");
    let mut ledgers = Ledgers::new();
    for row in database.rows("SELECT prefix, balance::text FROM ledgers")? {
        let balance: String = row.try_get(1).map_err(&failed)?;
        let balance = balance.parse().map_err(Failure::of("a stored balance"))?;
        let prefix = row.try_get(0).map_err(&failed)?;
        ledgers.insert(prefix, (balance, BTreeMap::new()));
    }
    let transfers = "SELECT prefix, id, is_outgoing, amount::text, state, note_to_self \
        FROM transfers ORDER BY sequence";
    for row in database.rows(transfers)? {
        let (prefix, id): (String, String) = (
            row.try_get(0).map_err(&failed)?,
            row.try_get(1).map_err(&failed)?,
        );
        let stored = as_stored(
            row.try_get(2).map_err(&failed)?,
            row.try_get(3).map_err(&failed)?,
            row.try_get(4).map_err(&failed)?,
            row.try_get(5).map_err(&failed)?,
        );
        let stored = stored.ok_or_else(|| Failure::new(format!("a transfer: {prefix} {id}")))?;
        let (_, transfers) = ledgers.entry(prefix).or_default();
        transfers.insert(id, stored);
    }
    Ok(ledgers)
}

fn stored(row: &Row<'_>) -> Result<Option<Stored>, rusqlite::Error> {
    Ok(as_stored(
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
    ))
}

fn as_stored(
    is_outgoing: bool,
    amount: String,
    state: String,
    note: Option<String>,
) -> Option<Stored> {
    let note: Value = note
        .and_then(|note| serde_json::from_str(&note).ok())
        .unwrap_or_default();
    let source = |name: &str| note[name].as_str();
    let state = match state.as_str() {
        "prepared" => State::Prepared,
        "executed" => State::Executed,
        "rejected" => State::Rejected,
        "expired" => State::RanOut,
        "cancelled" => State::Refused,
        _ => return None,
    };
    amount.parse().ok().map(|amount| Stored {
        is_incoming: !is_outgoing,
        amount,
        state,
        source: source("source_transfer_ledger")
            .zip(source("source_transfer_id"))
            .map(|(ledger, id)| format!("{ledger} {id}")),
    })
}
