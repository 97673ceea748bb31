//! What holds for every store: each database runs the same tests.

use c2c::address::LedgerPrefix;
use c2c::amount::{Amount, Scale};
use c2c::ledger::{Fulfillment, PeerLedger, Transfer};
use c2c::peering::{AuthToken, Details, Mode, Terms};
use c2c::schema::Dialect;
use c2c::timestamp::Millis;
use c2c::webfinger::{Host, Record, RpcUri};

use super::*;

/// Where one test has its database.
pub(crate) trait Home {
    /// A new one, with nothing in it.
    fn new() -> Self;

    /// Opens it, for the first time or again.
    fn open(&self) -> Result<Box<dyn Store>, StoreError>;

    /// How many rows the table of transfers has, while nobody has it open.
    fn rows_of_transfers(&self) -> i64;
}

/// The tests, for one kind of [`Home`].
macro_rules! tests_of_every_store {
    ($home:ty) => {
        $crate::store::tests::tests_of_every_store!(
            $home: what_was_stored_is_there_after_reopening,
            changes_are_all_or_none,
            a_changed_key_is_noticed,
            two_processes_do_not_write_to_one_database,
            what_happened_on_a_ledger_is_there_after_reopening,
            an_entry_is_never_written_twice_nor_for_a_ledger_that_is_not_there,
            a_transfer_of_many_changes_is_one_row,
            what_happened_on_our_own_ledger_is_there_after_reopening
        );
    };
    ($home:ty: $($name:ident),*) => {$(
        #[test]
        fn $name() {
            $crate::store::tests::$name(&<$home as Home>::new());
        }
    )*};
}

pub(super) use tests_of_every_store;

pub(super) fn secret() -> SecretKey {
    SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=").unwrap()
}

pub(super) fn peer(name: &str) -> Peer {
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

pub(super) fn saved(peer: &Peer) -> Change {
    Change::PeerSaved(Box::new(peer.clone()))
}

/// A ledger on which a few things happen, with what it hands out for them.
pub(super) fn moved(peer: &Peer) -> Vec<Change> {
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

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_500_000_000_000);

pub(super) fn what_was_stored_is_there_after_reopening(home: &impl Home) {
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
        let mut store = home.open().unwrap();
        let added = [saved(&by_record), saved(&by_hand), saved(&gone)];
        store.apply(&added).unwrap();
        let removed = Change::PeerRemoved(gone.details.prefix.clone());
        store.apply(&[saved(&by_record), removed]).unwrap();
    }
    let mut found = home.open().unwrap().peers(&secret()).unwrap();
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

pub(super) fn changes_are_all_or_none(home: &impl Home) {
    let mut store = home.open().unwrap();
    let peer = peer("wallet2.com");
    // The second entry of the ledger without the first.
    let mut changes = moved(&peer);
    changes.splice(..1, [saved(&peer)]);
    assert!(matches!(
        store.apply(&changes),
        Err(StoreError::Failed { .. })
    ));
    assert!(store.peers(&secret()).unwrap().is_empty());
}

pub(super) fn a_changed_key_is_noticed(home: &impl Home) {
    let key = secret().public_key();
    check_key(&mut *home.open().unwrap(), &key).unwrap();
    check_key(&mut *home.open().unwrap(), &key).unwrap();
    let other = SecretKey::from_bytes(b"another").public_key();
    let error = check_key(&mut *home.open().unwrap(), &other).unwrap_err();
    assert!(matches!(error, StoreError::KeyChanged { stored, .. } if stored == key));
}

pub(super) fn two_processes_do_not_write_to_one_database(home: &impl Home) {
    let first = home.open().unwrap();
    let second = home.open().map(drop);
    let refused = matches!(
        second,
        Err(StoreError::InUse { .. } | StoreError::Led { .. })
    );
    assert!(refused, "{second:?}");
    drop(first);
    home.open().unwrap();
}

pub(super) fn what_happened_on_a_ledger_is_there_after_reopening(home: &impl Home) {
    let peer = peer("wallet2.com");
    let changes = moved(&peer);
    assert_eq!(changes.len(), 9);
    {
        let mut store = home.open().unwrap();
        store.apply(&[saved(&peer)]).unwrap();
        assert!(store.ledgers(NOW).unwrap().is_empty());
        store.apply(&changes).unwrap();
    }
    let mut store = home.open().unwrap();
    let balance = i128::from(u64::MAX / 2) + 300;
    assert_eq!(store.peers(&secret()).unwrap()[0].balance, balance);
    let kept = |store: &mut dyn Store, now: Timestamp| -> Vec<String> {
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
    drop(store);
    assert_eq!(home.rows_of_transfers(), 5, "one row for each transfer");
    let mut store = home.open().unwrap();
    // A peer that is removed takes its ledger with it.
    let removed = Change::PeerRemoved(peer.prefix().clone());
    store.apply(&[removed]).unwrap();
    assert!(store.ledgers(NOW).unwrap().is_empty());
    drop(store);
    assert_eq!(home.rows_of_transfers(), 0);
}

pub(super) fn an_entry_is_never_written_twice_nor_for_a_ledger_that_is_not_there(home: &impl Home) {
    let mut store = home.open().unwrap();
    let peer = peer("wallet2.com");
    let changes = moved(&peer);
    assert!(store.apply(&changes).is_err());
    store.apply(&[saved(&peer)]).unwrap();
    store.apply(&changes).unwrap();
    assert!(store.apply(&changes[..1]).is_err());
    assert_eq!(store.ledgers(NOW).unwrap()[0].sequence, 9);
}

/// In one transaction or in several, before and after a restart.
pub(super) fn a_transfer_of_many_changes_is_one_row(home: &impl Home) {
    let peer = peer("wallet2.com");
    let changes = moved(&peer);
    for (at, change) in changes.iter().enumerate() {
        let mut store = home.open().unwrap();
        if at == 0 {
            store.apply(&[saved(&peer)]).unwrap();
        }
        // What must be kept in mind is, once it is read.
        let before = store.ledgers(NOW).unwrap();
        assert_eq!(before.len(), usize::from(at > 0));
        store.apply(std::slice::from_ref(change)).unwrap();
    }
    assert_eq!(home.rows_of_transfers(), 5);
    let stored = home.open().unwrap().ledgers(NOW).unwrap();
    let Change::LedgerMoved { entry, .. } = changes.last().unwrap() else {
        panic!("the last change is an entry");
    };
    assert_eq!(stored[0].transfers.last(), Some(&entry.record));
}

pub(super) fn what_happened_on_our_own_ledger_is_there_after_reopening(home: &impl Home) {
    use c2c::accounts::{AccountLedger, Entry, KEPT_AFTER};

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
        let mut store = home.open().unwrap();
        assert!(store.accounts(NOW).unwrap().is_empty());
        store.apply(&changes).unwrap();
        assert!(store.apply(&changes[6..]).is_err(), "no entry twice");
        assert!(store.apply(&changes[..1]).is_err());
    }
    let mut store = home.open().unwrap();
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
