//! Nothing leaves before what it rests on is stored.

use std::sync::mpsc::{Receiver, Sender, channel};

use c2c::amount::{Amount, Scale};
use c2c::connector::{Change, Peer, StoredAccounts};
use c2c::key::{PublicKey, SecretKey};
use c2c::peering::{Details, Terms};
use c2c::webfinger::{Host, Record, RpcUri};

use super::*;
use crate::dial::Policy;
use crate::store::StoreError;

/// Writes when it is told to: `true` well, `false` badly.
struct Gated(Receiver<bool>);

impl Store for Gated {
    fn public_key(&mut self) -> Result<Option<PublicKey>, StoreError> {
        Ok(None)
    }
    fn change_key(&mut self, _: &PublicKey, _: &[Peer]) -> Result<(), StoreError> {
        Ok(())
    }
    fn peers(&mut self, _: &SecretKey) -> Result<Vec<Peer>, StoreError> {
        Ok(Vec::new())
    }
    fn ledgers(&mut self, _: Timestamp) -> Result<Vec<crate::store::StoredLedger>, StoreError> {
        Ok(Vec::new())
    }
    fn accounts(&mut self, _: Timestamp) -> Result<Vec<StoredAccounts>, StoreError> {
        Ok(Vec::new())
    }
    fn apply(&mut self, _: &[Change]) -> Result<(), StoreError> {
        match self.0.recv() {
            Ok(true) => Ok(()),
            _ => Err(StoreError::Failed {
                reason: "the disk is full".to_owned(),
            }),
        }
    }
}

fn secret() -> SecretKey {
    SecretKey::from_bytes(b"ours")
}

fn start() -> (Arc<Driver>, Sender<bool>) {
    let (gate, gated) = channel();
    let outbox = Outbox::new(Policy::default()).unwrap();
    let config = Config::new("https://wallet1.example", secret().public_key());
    let driver = Driver::start(config, Vec::new(), Gated(gated), outbox).unwrap();
    (driver, gate)
}

fn peer() -> Peer {
    let host = Host::parse("wallet2.example").unwrap();
    let key = SecretKey::from_bytes(b"theirs").public_key();
    let rpc = RpcUri::parse("https://wallet2.example/rpc", false).unwrap();
    let terms = Terms {
        currency: "USD".parse().unwrap(),
        scale: Scale::KIT,
        limit: Amount::new(1000),
    };
    let record = Record::new(&host, key, rpc);
    let details = Details::from_webfinger(&secret(), &record, &host, &terms).unwrap();
    Peer::new(details, terms.limit)
}

/// A call of that peer, with its token.
async fn limit(driver: Arc<Driver>) -> Option<Answer> {
    let details = peer().details;
    let token = details.accept_token.reveal().to_owned();
    let prefix = details.prefix.to_string();
    let body = b"[]".to_vec();
    driver
        .request("get_limit".to_owned(), prefix, Some(token), body)
        .await
}

/// Lets everything else run for a while.
async fn meanwhile() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn answers_wait_for_what_they_rest_on() {
    let (driver, gate) = start();
    let adding = {
        let driver = driver.clone();
        tokio::spawn(async move { driver.feed(Input::AddPeer(Box::new(peer()))).await })
    };
    meanwhile().await;
    let asking = tokio::spawn(limit(driver.clone()));
    meanwhile().await;
    assert!(!adding.is_finished() && !asking.is_finished());
    gate.send(true).unwrap();
    adding.await.unwrap().unwrap();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"\"1000\""[..]));
    // Nothing is being stored now: an answer does not need the writer.
    assert_eq!(limit(driver.clone()).await.unwrap().status, 200);
    driver.stop();
}

#[tokio::test]
async fn after_a_failure_nothing_leaves() {
    let (driver, gate) = start();
    let mut failure = driver.failure();
    let adding = {
        let driver = driver.clone();
        tokio::spawn(async move { driver.feed(Input::AddPeer(Box::new(peer()))).await })
    };
    meanwhile().await;
    let asking = tokio::spawn(limit(driver.clone()));
    meanwhile().await;
    gate.send(false).unwrap();
    assert!(matches!(adding.await.unwrap(), Err(DriveError::Stopping)));
    assert!(asking.await.unwrap().is_none());
    failure.wait_for(|failed| *failed).await.unwrap();
    assert!(!driver.is_sound());
    assert!(limit(driver.clone()).await.is_none());
    let again = driver.feed(Input::AddPeer(Box::new(peer()))).await;
    assert!(again.is_err());
}

#[tokio::test]
async fn a_refused_input_changes_nothing() {
    let (driver, gate) = start();
    let missing = Input::RemovePeer("peer.none.usd.9.".parse().unwrap());
    let refused = driver.feed(missing).await;
    assert!(matches!(
        refused,
        Err(DriveError::Refused(Error::UnknownPeer { .. }))
    ));
    gate.send(true).unwrap();
    driver.feed(Input::AddPeer(Box::new(peer()))).await.unwrap();
    let twice = driver.feed(Input::AddPeer(Box::new(peer()))).await;
    assert!(matches!(
        twice,
        Err(DriveError::Refused(Error::DuplicatePeer { .. }))
    ));
    driver.stop();
}
