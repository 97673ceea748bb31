//! A database of a real server for each test: the one that `C2C_POSTGRES` names.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::store::tests::{Home, NOW, moved, peer, saved, secret, tests_of_every_store};

/// A database, gone when this is dropped.
pub(crate) struct Fresh {
    server: String,
    name: String,
}

impl Fresh {
    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    fn ask(&self, database: &str, statement: &str) -> i64 {
        let address = format!("{}/{database}", self.server);
        let mut session = Session::open(&address, "the tests' server").unwrap();
        let asked = session.run(async |client| {
            let rows = client.query(statement, &[]).await?;
            rows.first().map_or(Ok(0), |row| row.try_get(0))
        });
        asked.unwrap()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let name = &self.name;
        self.ask("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}

impl Home for Fresh {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("C2C_POSTGRES").expect(
            "these tests need a PostgreSQL: run `cargo xtask test native`, or `cargo xtask postgres cargo test`, \
             or name one by C2C_POSTGRES=postgres://user:password@host:port",
        );
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("c2c_test_{}_{count}", std::process::id());
        let fresh = Self { server, name };
        fresh.ask("postgres", &format!("CREATE DATABASE {}", fresh.name));
        fresh
    }

    fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        // The server takes a moment to notice that a session is over.
        let began = Instant::now();
        loop {
            let store = alone(&self.address());
            let is_led = matches!(store, Err(StoreError::Led { .. }));
            if !is_led || began.elapsed() > Duration::from_secs(2) {
                return Ok(Box::new(store?));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn rows_of_transfers(&self) -> i64 {
        self.ask(&self.name, "SELECT count(*) FROM transfers")
    }
}

tests_of_every_store!(Fresh);

#[test]
fn a_newer_database_is_refused_and_an_empty_one_is_not() {
    let home = Fresh::new();
    drop(home.open().unwrap());
    home.ask(&home.name, "UPDATE schema_version SET version = 99");
    let found = home.open().map(drop);
    assert!(
        matches!(found, Err(StoreError::TooNew { found: 99, .. })),
        "{found:?}"
    );
}

#[test]
fn a_server_that_is_not_there_is_named_without_the_password() {
    let found = Standby::open("postgres://c2c:sesame@127.0.0.1:1/c2c").map(drop);
    let error = found.unwrap_err().to_string();
    assert!(
        error.starts_with("postgres://c2c@127.0.0.1:1/c2c cannot be reached"),
        "{error}"
    );
    assert!(!error.contains("sesame"), "{error}");
}

#[test]
fn derived_tokens_are_in_no_row() {
    let home = Fresh::new();
    let peer = peer("wallet2.com");
    home.open().unwrap().apply(&[saved(&peer)]).unwrap();
    let token = peer.details.send_token.reveal();
    let rows = format!("SELECT count(*) FROM peers WHERE peers::text LIKE '%{token}%'");
    assert_eq!(home.ask(&home.name, &rows), 0);
    let all = "SELECT count(*) FROM peers WHERE peers::text LIKE '%wallet2%'";
    assert_eq!(
        home.ask(&home.name, all),
        1,
        "there is something to look at"
    );
}

/// The text of a record that any host may publish.
#[test]
fn a_text_with_a_zero_in_it_is_stored() {
    let home = Fresh::new();
    let mut peer = peer("wallet2.com");
    peer.details.protocol_version = "Compatible:\0 ilp-kit".to_owned();
    let mut store = home.open().unwrap();
    store.apply(&[saved(&peer)]).unwrap();
    let found = store.peers(&secret()).unwrap().remove(0);
    assert_eq!(
        found.details.protocol_version,
        "Compatible:\u{fffd} ilp-kit"
    );
}

#[test]
fn one_leads_and_the_next_one_does_once_its_session_is_over() {
    let home = Fresh::new();
    let standby = || Standby::open(&home.address()).unwrap();
    let mut watching = standby();
    let nobody = watching.leader().unwrap();
    assert_eq!((nobody.term, nobody.session), (0, None));
    let mut first = standby().try_lead("127.0.0.1:1").unwrap().ok().unwrap();
    let mut second = standby().try_lead("127.0.0.1:2").unwrap().err().unwrap();
    let leader = second.leader().unwrap();
    assert_eq!(
        (leader.term, leader.address.as_str(), leader.beats),
        (1, "127.0.0.1:1", 0)
    );
    assert_eq!(leader.session, Some(first.session()));
    let mut pulse = Pulse::open(&home.address(), 1, first.session()).unwrap();
    assert!(pulse.beat().unwrap());
    assert_eq!(second.leader().unwrap().beats, 1);
    first.apply(&[saved(&peer("wallet2.com"))]).unwrap();

    // It has said something since: it is not ended.
    assert!(!second.end(&leader).unwrap());
    assert!(second.end(&watching.leader().unwrap()).unwrap());
    let mut next = loop {
        match second.try_lead("127.0.0.1:2").unwrap() {
            Ok(leading) => break leading,
            Err(standby) => second = standby,
        }
    };
    assert_eq!(next.term(), 2);
    // Whoever led before can neither say that it lives nor write.
    assert!(!pulse.beat().unwrap());
    assert!(first.apply(&[saved(&peer("wallet3.com"))]).is_err());
    next.apply(&[saved(&peer("wallet4.com"))]).unwrap();
    let found = next.peers(&secret()).unwrap();
    assert_eq!(found.len(), 2);
}

/// Something between the process and the database may keep a session for it that is not its own.
#[test]
fn a_late_write_of_an_earlier_term_fails_though_its_session_lives() {
    let home = Fresh::new();
    let mut store = alone(&home.address()).unwrap();
    let peer = peer("wallet2.com");
    store.apply(&[saved(&peer)]).unwrap();
    home.ask(&home.name, "UPDATE leader SET term = term + 1");
    let late = store.apply(&moved(&peer)).unwrap_err().to_string();
    assert!(late.contains("another process leads now"), "{late}");
    assert!(store.ledgers(NOW).unwrap().is_empty());
}
