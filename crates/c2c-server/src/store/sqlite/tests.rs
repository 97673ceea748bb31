//! Reopening, migrating, refusing.

use c2c::address::LedgerPrefix;
use c2c::amount::{Amount, Scale};
use c2c::ledger::{Fulfillment, PeerLedger, Transfer};
use c2c::peering::{AuthToken, Details, Mode, Terms};
use c2c::schema::Dialect;
use c2c::timestamp::Millis;
use c2c::webfinger::{Host, Record, RpcUri};

use super::*;
use crate::scratch::Scratch;
use crate::store::check_key;

fn secret() -> SecretKey {
    SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=").unwrap()
}

fn peer(name: &str) -> Peer {
    let host = Host::parse(name).unwrap();
    let key = SecretKey::from_bytes(name.as_bytes()).public_key();
    let rpc = RpcUri::parse(&format!("https://{name}/rpc"), false).unwrap();
    let terms = Terms {
        currency: "USD".parse().unwrap(),
        scale: Scale::KIT,
        limit: Amount::MAX,
    };
    let record = Record::new(&host, key, rpc);
    let details = Details::from_webfinger(&secret(), &record, &host, &terms).unwrap();
    Peer::new(details, terms.limit)
}

fn saved(peer: &Peer) -> Change {
    Change::PeerSaved(Box::new(peer.clone()))
}

#[test]
fn what_was_stored_is_there_after_reopening() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let mut by_record = peer("wallet2.com");
    by_record.balance = -i128::from(u64::MAX);
    by_record.peer_limit = Some(Amount::new(7));
    let other = SecretKey::from_bytes(&[3; 32]).public_key();
    by_record.other_key = Some((other, Timestamp::from_millis(1_500_000_000_000)));
    let mut by_hand = peer("wallet3.com");
    by_hand.details.mode = Mode::Manual;
    by_hand.details.send_token = AuthToken::new("one-token-of-theirs").unwrap();
    by_hand.details.accept_token = AuthToken::new("one-token-of-ours!").unwrap();
    by_hand.dialect = Some(Dialect::V17);
    let gone = peer("wallet4.com");
    {
        let mut store = Sqlite::open(&file).unwrap();
        let added = [saved(&by_record), saved(&by_hand), saved(&gone)];
        store.apply(&added).unwrap();
        let removed = Change::PeerRemoved(gone.details.prefix.clone());
        store.apply(&[saved(&by_record), removed]).unwrap();
    }
    let mut found = Sqlite::open(&file).unwrap().peers(&secret()).unwrap();
    found.sort_by_key(|peer| peer.details.rpc_uri.as_str().to_owned());
    assert_eq!(found.len(), 2);
    for (found, stored) in found.iter().zip([&by_record, &by_hand]) {
        assert_eq!(found.details, stored.details);
        assert_eq!(found.limit, stored.limit);
        assert_eq!(found.balance, stored.balance);
        assert_eq!(found.peer_limit, stored.peer_limit);
        assert_eq!(found.dialect, stored.dialect);
        assert_eq!(found.other_key, stored.other_key);
    }
}

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
fn a_changed_key_is_noticed() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let key = secret().public_key();
    check_key(&mut Sqlite::open(&file).unwrap(), &key).unwrap();
    check_key(&mut Sqlite::open(&file).unwrap(), &key).unwrap();
    let other = SecretKey::from_bytes(b"another").public_key();
    let error = check_key(&mut Sqlite::open(&file).unwrap(), &other).unwrap_err();
    assert!(matches!(error, StoreError::KeyChanged { stored, .. } if stored == key));
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
fn two_processes_do_not_share_a_file() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let _first = Sqlite::open(&file).unwrap();
    let second = Sqlite::open(&file).map(drop);
    assert!(
        matches!(second, Err(StoreError::InUse { .. })),
        "{second:?}"
    );
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

/// A ledger on which a few things happen, with what it hands out for them.
fn moved(peer: &Peer) -> Vec<Change> {
    let ledger = &peer.details.prefix;
    let (us, them) = (&peer.details.account, &peer.details.peer_account);
    let mut book = PeerLedger::new(us.clone(), them.clone(), ledger.clone(), Amount::MAX);
    let pays = |id: &str, amount: u64| {
        let id = id.parse().unwrap();
        Transfer::new(
            id,
            ledger.clone(),
            them.clone(),
            us.clone(),
            Amount::new(amount),
        )
    };
    let held = |id: &str, seconds: u64| {
        let condition = Fulfillment::from_bytes([7; 32]).condition();
        pays(id, 100).with_hold(condition, NOW + Millis(seconds * 1_000))
    };
    let late = NOW + Millis(3_000);
    let fulfillment = Fulfillment::from_bytes([7; 32]);
    let over = "over".parse().unwrap();
    let outcomes = [
        book.receive(NOW, pays("at once", u64::MAX / 2)),
        book.receive(NOW, held("waits", 60)),
        book.receive(NOW, held("over", 2)),
        book.fulfill(NOW, &over, &fulfillment),
        book.acknowledged(NOW, &over),
        book.receive(NOW, held("ran out", 2)),
        book.receive(NOW, held("untold", 2)),
        book.fulfill(NOW, &"untold".parse().unwrap(), &fulfillment),
        book.expire(late),
    ];
    let entries = outcomes.into_iter().flat_map(|outcome| {
        outcome.answer.unwrap();
        outcome.entries
    });
    let change = |entry| Change::LedgerMoved {
        ledger: ledger.clone(),
        entry: Box::new(entry),
    };
    entries.map(change).collect()
}

const NOW: Timestamp = Timestamp::from_millis(1_500_000_000_000);

#[test]
fn what_happened_on_a_ledger_is_there_after_reopening() {
    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let peer = peer("wallet2.com");
    let changes = moved(&peer);
    assert_eq!(changes.len(), 9);
    {
        let mut store = Sqlite::open(&file).unwrap();
        store.apply(&[saved(&peer)]).unwrap();
        assert!(store.ledgers(NOW).unwrap().is_empty());
        store.apply(&changes).unwrap();
    }
    let mut store = Sqlite::open(&file).unwrap();
    let balance = i128::from(u64::MAX / 2) + 300;
    assert_eq!(store.peers(&secret()).unwrap()[0].balance, balance);
    let kept = |store: &mut Sqlite, now: Timestamp| -> Vec<String> {
        let [ledger] = &store.ledgers(now).unwrap()[..] else {
            panic!("one ledger");
        };
        assert_eq!((&ledger.prefix, ledger.sequence), (peer.prefix(), 9));
        let ids = ledger.transfers.iter();
        ids.map(|record| record.transfer.id.to_string()).collect()
    };
    // All, as long as the time of any is not over; then what is open, and what had no condition.
    let all = ["at once", "waits", "over", "untold", "ran out"];
    assert_eq!(kept(&mut store, NOW), all);
    let later = NOW + Millis(3_000);
    assert_eq!(kept(&mut store, later), ["at once", "waits", "untold"]);
    let count = |store: &Sqlite| -> i64 {
        let count = "SELECT count(*) FROM transfers";
        let found = store.connection.query_row(count, [], |row| row.get(0));
        found.unwrap()
    };
    assert_eq!(count(&store), 5, "one row for each transfer");
    // A peer that is removed takes its ledger with it.
    let removed = Change::PeerRemoved(peer.prefix().clone());
    store.apply(&[removed]).unwrap();
    assert!(store.ledgers(NOW).unwrap().is_empty());
    assert_eq!(count(&store), 0);
}

#[test]
fn an_entry_is_never_written_twice_nor_for_a_ledger_that_is_not_there() {
    let folder = Scratch::new();
    let mut store = Sqlite::open(&folder.path().join("c2c.db")).unwrap();
    let peer = peer("wallet2.com");
    let changes = moved(&peer);
    assert!(store.apply(&changes).is_err());
    store.apply(&[saved(&peer)]).unwrap();
    store.apply(&changes).unwrap();
    assert!(store.apply(&changes[..1]).is_err());
    assert_eq!(store.ledgers(NOW).unwrap()[0].sequence, 9);
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
fn what_happened_on_our_own_ledger_is_there_after_reopening() {
    use c2c::accounts::{AccountLedger, Entry, KEPT_AFTER};

    let folder = Scratch::new();
    let file = folder.path().join("c2c.db");
    let green = LedgerPrefix::new("example.green.").unwrap();
    let address = |name: &str| green.account(name).unwrap();
    let mut ledger = AccountLedger::new(green.clone(), &address("connector")).unwrap();
    let preimage = Fulfillment::from_bytes([3; 32]);
    let pays = |id: &str, from: &str, to: &str, amount, until| {
        let amount = Amount::new(amount);
        Transfer::new(
            id.parse().unwrap(),
            green.clone(),
            address(from),
            address(to),
            amount,
        )
        .with_hold(preimage.condition(), NOW + Millis(until))
    };
    let bob = || "bob".parse().unwrap();
    let until = NOW + Millis(10_000);
    let balance = u64::MAX;
    let mut outcomes = vec![
        ledger.open(NOW, "alice".parse().unwrap(), balance, -5),
        ledger.open(NOW, bob(), 0, 0),
        ledger.prepare(NOW, pays("held", "alice", "connector", 70, 60_000)),
        ledger.prepare(NOW, pays("over", "alice", "connector", 30, 1_000)),
        ledger.fulfill(NOW, &"over".parse().unwrap(), &preimage),
        ledger.invoice(NOW, bob(), Amount::new(9), preimage, until),
    ];
    let invoice = ledger.invoices().next().unwrap().address.clone();
    let delivered = pays("paid", "connector", "bob", 9, 5_000);
    outcomes.push(ledger.deliver(NOW, delivered, &invoice));
    let entries = outcomes.into_iter().flat_map(|outcome| {
        outcome.answer.unwrap();
        outcome.entries
    });
    let change = |entry: Entry| Change::AccountsMoved {
        ledger: green.clone(),
        entry: Box::new(entry),
    };
    let changes: Vec<Change> = entries.map(change).collect();
    {
        let mut store = Sqlite::open(&file).unwrap();
        assert!(store.accounts(NOW).unwrap().is_empty());
        store.apply(&changes).unwrap();
        assert!(store.apply(&changes[6..]).is_err(), "no entry twice");
        assert!(store.apply(&changes[..1]).is_err());
    }
    let mut store = Sqlite::open(&file).unwrap();
    let [stored] = &store.accounts(NOW).unwrap()[..] else {
        panic!("one ledger");
    };
    assert_eq!((&stored.ledger, stored.sequence), (&green, 7));
    assert!(stored.accounts.iter().eq(ledger.accounts()));
    assert!(stored.invoices.iter().eq(ledger.invoices()));
    let ids: Vec<&str> = stored
        .payments
        .iter()
        .map(|record| record.transfer.id.as_str())
        .collect();
    assert_eq!(ids, ["opening.alice", "held", "over", "paid"]);
    for record in &stored.payments {
        assert_eq!(Some(record), ledger.record(&record.transfer.id));
    }
    let late = until + KEPT_AFTER;
    assert!(store.accounts(late).unwrap()[0].invoices.is_empty());
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
