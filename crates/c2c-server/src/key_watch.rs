//! Whether peers still publish the keys that their peerings were made with: each record is looked up once
//! in an hour, and a change raises an alarm.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use c2c::address::LedgerPrefix;
use c2c::connector::Input;
use c2c::webfinger::Host;

use crate::app::App;
use crate::driver::DriveError;

/// In how long every peer's record is looked up once.
const ROUND: Duration = Duration::from_secs(3_600);
/// The least time between two look-ups: they share a bound with those of people.
const LEAST: Duration = Duration::from_secs(2);
/// The first look-up after the start.
const FIRST: Duration = Duration::from_secs(60);

/// Looks on until the server stops.
pub async fn watch(app: Arc<App>) {
    let mut stopping = app.stopping.clone();
    let ended = stopping.wait_for(|stop| *stop);
    tokio::select! {
        _ = ended => {}
        () = rounds(&app) => {}
    }
}

async fn rounds(app: &App) {
    tokio::time::sleep(FIRST).await;
    loop {
        let hosts = hosts(app);
        if hosts.is_empty() {
            tokio::time::sleep(FIRST).await;
            continue;
        }
        let number = u32::try_from(hosts.len()).unwrap_or(u32::MAX);
        let pause = (ROUND / number).max(LEAST);
        for (name, prefixes) in hosts {
            look_at(app, &name, &prefixes).await;
            tokio::time::sleep(pause).await;
        }
    }
}

/// The hosts of peers by WebFinger, each with its ledgers.
fn hosts(app: &App) -> BTreeMap<String, Vec<LedgerPrefix>> {
    let mut hosts: BTreeMap<String, Vec<LedgerPrefix>> = BTreeMap::new();
    for peer in app.driver.look(|engine, _| engine.peers().peers) {
        if let Some(host) = peer.host {
            hosts.entry(host).or_default().push(peer.prefix);
        }
    }
    hosts
}

/// Looks one record up, and tells the engine its key. A host that does not answer says nothing about it.
async fn look_at(app: &App, name: &str, prefixes: &[LedgerPrefix]) {
    let Ok(host) = Host::parse(name) else {
        return;
    };
    match app.lookup.record(&host).await {
        Ok(found) => {
            for prefix in prefixes {
                let seen = Input::KeySeen(prefix.clone(), found.record.public_key);
                match app.driver.feed(seen).await {
                    Ok(()) => {}
                    // It was removed in the meantime.
                    Err(DriveError::Refused(error)) => tracing::debug!(%error, "a key was seen"),
                    Err(DriveError::Stopping) => return,
                }
            }
        }
        Err(error) => tracing::debug!(host = name, %error, "a record was not found"),
    }
}
