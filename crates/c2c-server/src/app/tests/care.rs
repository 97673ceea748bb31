//! What an operator does to a running server: backups, bundles, and what outlives a restart.

use c2c::timestamp::Millis;

use super::malformed::{LEDGER, Ledger, TOKEN};
use super::*;
use crate::backup::restore;
use crate::retention;
use crate::store::sqlite::{Sqlite, verify};
use crate::store::{Store as _, StoreError};

/// Stops it and hands out its folder, once nobody has the database open any more.
async fn close(house: House) -> Scratch {
    let House {
        _folder: folder,
        state,
        _stop: stop,
    } = house;
    let driver = Arc::downgrade(&state.driver);
    stop.send_replace(true);
    state.driver.stop();
    drop((state, stop));
    while driver.strong_count() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_server_that_is_paid_meanwhile_is_whole_and_can_be_put_back() {
    let ledger = Ledger::new().await;
    let mut ids = 0..;
    let mut pay = async |number: usize| {
        for id in ids.by_ref().take(number) {
            let mut paid = ledger.transfer(&format!("more-{id}"), "1");
            for member in ["executionCondition", "expiresAt"] {
                paid.as_object_mut().unwrap().remove(member);
            }
            let answer = ledger.call("send_transfer", &json!([paid])).await;
            assert_eq!(answer.text, "true");
        }
    };
    pay(20).await;
    let state = ledger.house.state.clone();
    let making = tokio::spawn(async move { crate::backup::make(&state).await });
    pay(50).await;
    let made = making.await.unwrap().unwrap();
    pay(20).await;
    let file = std::path::PathBuf::from(&made.file);
    assert_eq!(std::fs::metadata(&file).unwrap().len(), made.bytes);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let key = ledger.house.state.record.public_key;
    assert_eq!(verify(&file).unwrap(), Some(key));
    assert_eq!(ledger.balance().await, "\"147\"", "57 and 90 more");

    // The file may change again, and another backup is another file.
    let second = ledger.house.admin("POST", "/backup", json!({})).await;
    assert_eq!(second.status, 201, "{}", second.text);
    assert_ne!(second.json()["file"], json!(made.file));

    let now = ledger.now;
    let folder = close(ledger.house).await;
    let database = folder.path().join("c2c.db");
    let kept = restore(&file, &database, now).unwrap().unwrap();
    assert!(kept.exists());
    let house = House::reopen(folder, "");
    let peer = house
        .admin("GET", &format!("/peers/{LEDGER}"), Value::Null)
        .await;
    let balance: u64 = peer.json()["balance"].as_str().unwrap().parse().unwrap();
    assert!((77..=127).contains(&balance), "{balance}");
    let second = std::path::PathBuf::from(second.json()["file"].as_str().unwrap());
    let folder = close(house).await;
    restore(&second, &database, now + Millis(1)).unwrap();
    let house = House::reopen(folder, "");
    let peer = house
        .admin("GET", &format!("/peers/{LEDGER}"), Value::Null)
        .await;
    assert_eq!(peer.json()["balance"], "147");
}

#[tokio::test]
async fn what_is_no_backup_is_not_put_back_and_a_database_in_use_is_left_alone() {
    let house = House::new("");
    let made = crate::backup::make(&house.state).await.unwrap();
    let (file, database) = (
        std::path::PathBuf::from(made.file),
        house.state.database.file().unwrap().to_owned(),
    );
    let now = house.state.driver.look(|_, now| now);
    assert!(matches!(
        restore(&file, &database, now),
        Err(StoreError::InUse { .. })
    ));
    let folder = close(house).await;
    let broken = folder.path().join("broken.db");
    let mut bytes = std::fs::read(&file).unwrap();
    for (byte, noise) in bytes[4096..8192].iter_mut().zip((0..=250).cycle()) {
        *byte ^= noise;
    }
    std::fs::write(&broken, &bytes).unwrap();
    std::fs::write(
        folder.path().join("text.db"),
        "no database at all, and longer than a header of one",
    )
    .unwrap();
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    let before = std::fs::read(&database).unwrap();
    for name in ["broken.db", "text.db", "empty.db", "missing.db"] {
        let found = restore(&folder.path().join(name), &database, now);
        assert!(
            matches!(found, Err(StoreError::Open { .. })),
            "{name}: {found:?}"
        );
        assert_eq!(std::fs::read(&database).unwrap(), before, "{name}");
    }
}

#[tokio::test]
async fn what_the_operator_said_of_rates_outlives_a_restart() {
    let house = House::new("");
    let rates = json!({ "rates": [{ "from": "USD", "to": "EUR", "rate": "0.92" }] });
    let set = house.admin("PUT", "/rates", rates).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let house = House::reopen(close(house).await, "");
    let listed = house.admin("GET", "/rates", Value::Null).await.json();
    assert_eq!(listed["rates"][0]["rate"], "0.92");
    assert_eq!(listed["rates"][0]["source"], "operator");
    let traded = house.state.rates.traded();
    assert_eq!(traded.iter().count(), 1);
    house.admin("PUT", "/rates", json!({ "rates": [] })).await;
    let house = House::reopen(close(house).await, "");
    let listed = house.admin("GET", "/rates", Value::Null).await.json();
    assert_eq!(listed["rates"], json!([]));
}

#[tokio::test]
async fn transfers_are_listed_after_they_are_out_of_mind_and_forgotten_when_they_are_old() {
    let ledger = Ledger::new().await;
    let now = ledger.now;
    let later = now + Millis(1_200_000);
    // Long after their time, nobody keeps those in mind that had one.
    let folder = close(ledger.house).await;
    {
        let mut store = Sqlite::open(&folder.path().join("c2c.db")).unwrap();
        let kept: usize = store
            .ledgers(later)
            .unwrap()
            .iter()
            .map(|l| l.transfers.len())
            .sum();
        assert!(kept >= 1, "{kept}");
    }
    let house = House::reopen(folder, "");
    let list = async |query: &str| {
        let listed = house
            .admin("GET", &format!("/transfers{query}"), Value::Null)
            .await
            .json();
        let listed = listed["transfers"].as_array().unwrap().clone();
        let mut ids: Vec<String> = listed
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let all = ["held", "other", "ours", "paid"];
    assert_eq!(list("").await, all);
    assert_eq!(list("?state=executed").await, ["paid"]);
    assert_eq!(list(&format!("?ledger={LEDGER}")).await, all);
    let tomorrow = now + Millis(86_400_000);
    assert_eq!(
        list(&format!("?before={tomorrow}")).await,
        all,
        "from the database alone"
    );
    let yesterday = c2c::timestamp::Timestamp::from_millis(now.as_millis() - 86_400_000);
    assert_eq!(list(&format!("?before={yesterday}")).await, [] as [&str; 0]);
    assert_eq!(list("?limit=1").await.len(), 1);

    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    retention::round(&house.state.driver, Millis(1)).await;
    let left = list(&format!("?before={tomorrow}")).await;
    assert!(!left.contains(&"paid".to_owned()), "it has ended: {left:?}");
    assert!(
        left.contains(&"held".to_owned()),
        "it has not ended: {left:?}"
    );
}

#[tokio::test]
async fn a_bundle_holds_what_a_diagnosis_needs_and_no_secret() {
    let ledger = Ledger::new().await;
    let house = &ledger.house;
    ledger.send("no_such", "[]").await;
    let answer = house.admin("GET", "/bundle", Value::Null).await;
    assert_eq!(answer.status, 200);
    let bundle = answer.json();
    for part in [
        "program", "settings", "health", "identity", "peers", "figures", "changes", "log",
    ] {
        assert!(!bundle[part].is_null(), "{part}");
    }
    assert_eq!(bundle["changes"][0]["path"], "/peers");
    let secrets = [
        house.state.admin_token.current().as_str().to_owned(),
        house.state.secret.to_base64url().as_str().to_owned(),
        TOKEN.to_owned(),
        "what-we-send-to-them".to_owned(),
    ];
    for secret in secrets {
        assert!(!answer.text.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn every_change_is_written_down_with_who_made_it() {
    let house = House::new("");
    let account = json!({ "ledger": "example.green.", "name": "alice", "balance": "5" });
    house.admin("POST", "/accounts", account).await;
    house.admin("GET", "/accounts", Value::Null).await;
    house.admin("POST", "/quotes", json!({})).await;
    house.get("/api/v1/peers").await;
    house
        .admin("DELETE", "/peers/peer.nobody.usd.9.", Value::Null)
        .await;
    let listed = house.admin("GET", "/audit", Value::Null).await.json();
    let entries = listed["entries"].as_array().unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (&entry["method"], &entry["path"], &entry["status"]))
        .collect();
    assert_eq!(
        told,
        [
            (
                &json!("DELETE"),
                &json!("/peers/peer.nobody.usd.9."),
                &json!(404)
            ),
            (&json!("POST"), &json!("/accounts"), &json!(201)),
        ]
    );
    assert_eq!(entries[1]["caller"], "127.0.0.1");
    assert_eq!(entries[1]["body"]["balance"], "5");
}
