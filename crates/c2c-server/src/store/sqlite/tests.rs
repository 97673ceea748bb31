//! Its file, and what older versions have left in it; the rest of the suite is that of every store.

use c2c::amount::Amount;

use super::*;
use crate::scratch::Scratch;
use crate::store::tests::{Home, NOW, moved, peer, saved, secret, tests_of_every_store};

/// A file in a folder of its own.
struct File(Scratch);

impl Home for File {
    fn new() -> Self {
        Self(Scratch::new())
    }

    fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Sqlite::open(&self.0.path().join("c2c.db"))?))
    }

    fn rows_of_transfers(&self) -> i64 {
        // A reader, beside whoever has it open, is shut out.
        let connection = Connection::open(self.0.path().join("c2c.db")).unwrap();
        let count = "SELECT count(*) FROM transfers";
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    }
}

tests_of_every_store!(File);

#[test]
fn derived_tokens_are_not_in_the_file() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let peer = peer("wallet2.com");
    Sqlite::open(&file).unwrap().apply(&[saved(&peer)]).unwrap();
    let token = peer.details.send_token.reveal().as_bytes();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token));
    }
}

#[test]
fn what_was_written_ahead_counts_and_what_was_laid_out_behind_it_does_not() {
    let folder = Scratch::new();
    let (file, left) = (folder.path().join("c2c.db"), folder.path().join("left.db"));
    let mut store = Sqlite::open(&file).unwrap();
    let names = ["wallet2.com", "wallet3.com", "wallet4.com"];
    let long = || std::fs::metadata(wal::path(&file)).unwrap().len();
    let mut before = 0;
    for (round, name) in names.iter().enumerate() {
        store.apply(&[saved(&peer(name))]).unwrap();
        // What a process that is killed now leaves.
        for (from, to) in [(&file, &left), (&wal::path(&file), &wal::path(&left))] {
            std::fs::copy(from, to).unwrap();
        }
        assert_eq!(
            Sqlite::open(&left).unwrap().peers(&secret()).unwrap().len(),
            round + 1
        );
        assert!(before == 0 || long() == before, "written over, not longer");
        before = long();
    }
    assert!(before >= 256 << 10);
    // Where it is written to its end, as much again is laid out.
    let limits = (0..60).map(|round| {
        let mut peer = peer("wallet2.com");
        peer.limit = Amount::new(round);
        saved(&peer)
    });
    for change in limits.collect::<Vec<_>>() {
        store.apply(&[change]).unwrap();
    }
    assert!(long() >= 2 * before, "{} after {before}", long());
    drop(store);
    let found = Sqlite::open(&file).unwrap().peers(&secret()).unwrap();
    assert_eq!(found.len(), names.len());
    assert!(found.iter().any(|peer| peer.limit == Amount::new(59)));
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    drop(Sqlite::open(&file).unwrap());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut store = Sqlite::open(&file).unwrap();
    store.apply(&[saved(&peer("wallet2.com"))]).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn changes_are_all_or_nothing() {
    let folder = Scratch::new();
    let mut store = Sqlite::open(&folder.path().join("c2c.db")).unwrap();
    store
        .connection
        .execute_batch(
            "CREATE TRIGGER no BEFORE INSERT ON peers WHEN NEW.rpc_uri LIKE '%wallet3%'
         BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let both = [saved(&peer("wallet2.com")), saved(&peer("wallet3.com"))];
    assert!(matches!(store.apply(&both), Err(StoreError::Failed { .. })));
    assert!(store.peers(&secret()).unwrap().is_empty());
}

#[test]
fn an_empty_file_is_brought_up_and_a_newer_one_refused() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    std::fs::write(&file, b"").unwrap();
    {
        let store = Sqlite::open(&file).unwrap();
        store
            .connection
            .pragma_update(None, "user_version", 99)
            .unwrap();
    }
    let found = Sqlite::open(&file).map(drop);
    assert!(matches!(found, Err(StoreError::TooNew { found: 99, .. })));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    std::fs::write(
        &file,
        "a letter to my aunt, long enough not to be taken for a header",
    )
    .unwrap();
    assert!(matches!(
        Sqlite::open(&file).map(drop),
        Err(StoreError::Open { .. })
    ));
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("a letter")
    );
}

#[test]
fn a_database_of_the_first_version_is_brought_up_with_what_is_in_it() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let peer = peer("wallet2.com");
    {
        let mut store = Sqlite::open(&file).unwrap();
        store.apply(&[saved(&peer)]).unwrap();
        store
            .connection
            .execute_batch(
                "DROP TABLE invoices; DROP TABLE payments; DROP TABLE accounts;
                 DROP TABLE own_ledgers; DROP TABLE transfers;
                 ALTER TABLE ledgers DROP COLUMN sequence;
                 ALTER TABLE peers DROP COLUMN other_key;
                 ALTER TABLE peers DROP COLUMN other_key_since; PRAGMA user_version = 1;",
            )
            .unwrap();
    }
    let mut store = Sqlite::open(&file).unwrap();
    assert_eq!(store.peers(&secret()).unwrap().len(), 1);
    store.apply(&moved(&peer)).unwrap();
    assert_eq!(store.ledgers(NOW).unwrap()[0].sequence, 9);
}

#[test]
fn a_database_with_the_old_rows_and_journal_is_brought_up() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let peer = peer("wallet2.com");
    let changes = moved(&peer);
    {
        let mut store = Sqlite::open(&file).unwrap();
        store.apply(&[saved(&peer)]).unwrap();
        store.apply(&changes[..8]).unwrap();
        let found = store.ledgers(NOW).unwrap();
        store
            .connection
            .execute_batch(
                "DROP TABLE transfers;
                 CREATE TABLE transfers (prefix TEXT, id TEXT, state TEXT, expires_at INTEGER,
                    to_tell INTEGER, sequence INTEGER, record TEXT);
                 CREATE TABLE entries (sequence INTEGER);
                 PRAGMA user_version = 4;",
            )
            .unwrap();
        // As it was stored then.
        for (sequence, record) in (1..).zip(&found[0].transfers) {
            let hold = record.transfer.hold;
            let expires_at = hold.map(|hold| i64::try_from(hold.expires_at.as_millis()).unwrap());
            let json = serde_json::to_string(record).unwrap();
            store
                .connection
                .execute(
                    "INSERT INTO transfers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![
                        peer.prefix().as_str(),
                        record.transfer.id.as_str(),
                        record.state.name(),
                        expires_at,
                        record.to_tell,
                        sequence,
                        json
                    ],
                )
                .unwrap();
        }
    }
    let mut store = Sqlite::open(&file).unwrap();
    let ids = |store: &mut Sqlite| -> Vec<String> {
        let stored = store.ledgers(NOW).unwrap();
        let transfers = stored[0].transfers.iter();
        transfers
            .map(|record| record.transfer.id.to_string())
            .collect()
    };
    let all = ["at once", "waits", "over", "ran out", "untold"];
    assert_eq!(ids(&mut store), all);
    // What was on hold goes on in its own row.
    store.apply(&changes[8..]).unwrap();
    assert_eq!(
        ids(&mut store),
        ["at once", "waits", "over", "untold", "ran out"]
    );
}
