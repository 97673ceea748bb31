//! Reopening, migrating, refusing.

use c2c::amount::{Amount, Scale};
use c2c::peering::{AuthToken, Details, Mode, Terms};
use c2c::schema::Dialect;
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
