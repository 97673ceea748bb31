//! `GET /events`: what happens, as server-sent events. The name of an event is its kind, the data its
//! JSON with the time beside it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use c2c::snapshot;
use c2c::timestamp::Timestamp;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

#[derive(Serialize)]
struct Timed {
    #[serde(with = "snapshot::iso")]
    time: Timestamp,
    #[serde(flatten)]
    event: snapshot::Event,
}

/// Goes on until the watcher leaves or the server stops.
pub async fn events(
    State(app): State<Arc<App>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let state = (app.driver.events(), app.stopping.clone());
    let stream = stream::unfold(state, |(mut events, mut stopping)| async move {
        let event = tokio::select! {
            next = events.recv() => match next {
                Ok((time, event)) => written(Timed { time, event }),
                // A slow watcher has missed some: it reads everything again.
                Err(RecvError::Lagged(missed)) => {
                    Event::default().event("missed").data(missed.to_string())
                }
                Err(RecvError::Closed) => return None,
            },
            _ = stopping.wait_for(|stop| *stop) => return None,
        };
        Some((Ok(event), (events, stopping)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

fn written(timed: Timed) -> Event {
    let json = serde_json::to_value(&timed).unwrap_or_default();
    let name = json["event"].as_str().unwrap_or("event").to_owned();
    Event::default().event(name).data(json.to_string())
}
