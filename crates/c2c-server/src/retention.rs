//! Transfers that ended long ago are forgotten, where the settings say after how long.

use std::sync::Arc;
use std::time::Duration;

use c2c::timestamp::{Millis, Timestamp};
use tokio::sync::watch;

use crate::driver::Driver;

/// How often it is looked for old ones.
const ROUND: Duration = Duration::from_secs(3_600);
/// How long payments have the store for themselves between two pieces of a round.
const PAUSE: Duration = Duration::from_millis(200);

/// Forgets what did not change for `keep`, again and again until the server stops.
pub async fn keep(driver: Arc<Driver>, keep: Millis, mut stopping: watch::Receiver<bool>) {
    loop {
        round(&driver, keep).await;
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// Forgets all that is old now.
pub async fn round(driver: &Driver, keep: Millis) {
    let now = driver.look(|_, now| now);
    let before = Timestamp::from_millis(now.as_millis().saturating_sub(keep.0));
    loop {
        match driver.with_store(move |store| store.forget(before)).await {
            Some(Ok(true)) => tokio::time::sleep(PAUSE).await,
            Some(Ok(false)) | None => return,
            Some(Err(error)) => {
                tracing::warn!(%error, "old transfers could not be forgotten");
                return;
            }
        }
    }
}
