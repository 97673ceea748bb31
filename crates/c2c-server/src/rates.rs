//! What is traded: the rates of the configuration, over them what the feed tells, over both what the operator
//! says while the server runs.
//!
//! What was read of the feed is good for a while. After that its directions are not traded at all, also where
//! the configuration has a rate for them: an old price is an offer to whoever knows the new one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use c2c::address::CurrencyCode;
use c2c::connector::{Input, Rates};
use c2c::snapshot::{FeedView, RateSource, RateView, RatesView};
use c2c::timestamp::Timestamp;
use reqwest::{Client, StatusCode, header};
use serde_json::json;
use tokio::sync::watch;

use crate::config::Feed;
use crate::dial::{self, Policy, Trouble};
use crate::driver::{DriveError, Driver};
use crate::store::{Store, StoreError};

/// The longest feed that is read.
const MOST_BYTES: usize = 256 << 10;
/// How long a reading may take.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Under which name the operator's rates are stored.
const FACT: &str = "operator_rates";

/// All that is known of rates.
pub struct Board {
    known: Mutex<Known>,
    feed: Option<(Feed, Client, Policy)>,
}

#[derive(Default)]
struct Known {
    configured: Rates,
    /// What the feed told last, and when.
    told: Option<(Timestamp, Rates)>,
    /// What was wrong with the last reading.
    error: Option<String>,
    by_operator: Rates,
}

impl Board {
    /// With the rates of the configuration, and the feed that is to be read.
    pub fn new(
        configured: Rates,
        feed: Option<&Feed>,
        policy: Policy,
    ) -> Result<Self, reqwest::Error> {
        let known = Known {
            configured,
            ..Known::default()
        };
        let feed = feed.map(|feed| {
            let client = dial::client(policy, Duration::from_secs(3))?;
            Ok::<_, reqwest::Error>((feed.clone(), client, policy))
        });
        Ok(Self {
            known: Mutex::new(known),
            feed: feed.transpose()?,
        })
    }

    /// Takes what the operator said before the last end of the server.
    pub fn remember(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        let Some(text) = store.fact(FACT)? else {
            return Ok(());
        };
        let rates = Rates::read_feed(text.as_bytes()).map_err(|error| StoreError::Damaged {
            row: format!("facts.{FACT}"),
            reason: error.to_string(),
        })?;
        self.known().by_operator = rates;
        Ok(())
    }

    /// What is traded before the feed was read.
    pub fn traded(&self) -> Rates {
        self.effective(&self.known(), Timestamp::default())
    }

    /// Puts `rates` over everything else, in the place of what the operator said before, and keeps them for the
    /// next start.
    pub async fn set(&self, driver: &Arc<Driver>, rates: Rates) -> Result<(), DriveError> {
        let text = written(&rates);
        self.known().by_operator = rates;
        self.apply(driver).await?;
        match driver
            .with_store(move |store| store.set_fact(FACT, &text))
            .await
        {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => {
                tracing::warn!(%error, "the rates hold until the server ends, and no longer");
                Ok(())
            }
            None => Err(DriveError::Stopping),
        }
    }

    /// What is traded, and why.
    pub fn view(&self, now: Timestamp) -> RatesView {
        let known = self.known();
        let (rates, feed) = (self.effective(&known, now), self.feed_view(&known, now));
        let told = known.told.as_ref().map(|(_, rates)| rates);
        let lists = |rates: &Rates, from: &CurrencyCode, to: &CurrencyCode| {
            rates.iter().any(|(f, t, _)| (f, t) == (from, to))
        };
        let view = |(from, to, rate): (&CurrencyCode, &CurrencyCode, _)| RateView {
            from: from.clone(),
            to: to.clone(),
            rate: format!("{rate}"),
            source: if lists(&known.by_operator, from, to) {
                RateSource::Operator
            } else if told.is_some_and(|told| lists(told, from, to)) {
                RateSource::Feed
            } else {
                RateSource::Configuration
            },
        };
        RatesView {
            rates: rates.iter().map(view).collect(),
            feed,
        }
    }

    /// Reads the feed again and again, until the server stops.
    pub async fn keep_reading(
        self: Arc<Self>,
        driver: Arc<Driver>,
        mut stopping: watch::Receiver<bool>,
    ) {
        let Some((feed, ..)) = &self.feed else { return };
        loop {
            self.read_once(&driver).await;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(feed.interval.0)) => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn read_once(&self, driver: &Arc<Driver>) {
        let read = tokio::time::timeout(MOST_TIME, self.fetch()).await;
        let read = read.unwrap_or_else(|_| Err("It did not answer in 10 s.".to_owned()));
        let now = driver.look(|_, now| now);
        {
            let mut known = self.known();
            match read {
                Ok(rates) => {
                    known.told = Some((now, rates));
                    known.error = None;
                }
                Err(error) => {
                    if known.error.as_deref() != Some(&error) {
                        tracing::warn!(error, "the feed of rates cannot be read");
                    }
                    known.error = Some(error);
                }
            }
        }
        // What cannot be stored stops the server, which says so itself.
        let _ = self.apply(driver).await;
    }

    async fn fetch(&self) -> Result<Rates, String> {
        let Some((feed, client, policy)) = &self.feed else {
            return Err("There is none.".to_owned());
        };
        policy.check(&feed.url).map_err(|error| error.to_string())?;
        let asked = client.get(feed.url.clone());
        let asked = asked.header(header::ACCEPT, "application/json");
        let mut response = asked.send().await.map_err(|error| failed(&error))?;
        if response.status() != StatusCode::OK {
            return Err(format!("It answered {}.", response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + part.len() > MOST_BYTES {
                return Err(format!("It is longer than {MOST_BYTES} bytes."));
            }
            body.extend_from_slice(&part);
        }
        Rates::read_feed(&body).map_err(|error| error.to_string())
    }

    async fn apply(&self, driver: &Arc<Driver>) -> Result<(), DriveError> {
        let now = driver.look(|_, now| now);
        let rates = self.effective(&self.known(), now);
        driver.feed(Input::SetRates(rates)).await
    }

    fn effective(&self, known: &Known, now: Timestamp) -> Rates {
        let mut rates = known.configured.clone();
        if let Some((_, told)) = &known.told {
            let is_stale = self.is_stale(known, now);
            for (from, to, rate) in told.iter() {
                match is_stale {
                    true => rates.unset(from, to),
                    // Read rates are above 0, which is all that could be refused.
                    false => drop(rates.set(from.clone(), to.clone(), rate)),
                }
            }
        }
        for (from, to, rate) in known.by_operator.iter() {
            drop(rates.set(from.clone(), to.clone(), rate));
        }
        rates
    }

    fn is_stale(&self, known: &Known, now: Timestamp) -> bool {
        let read_at = known.told.as_ref().map(|(at, _)| *at);
        match (&self.feed, read_at) {
            (Some((feed, ..)), Some(at)) => now.since(at) > feed.stale_after,
            _ => false,
        }
    }

    fn feed_view(&self, known: &Known, now: Timestamp) -> Option<FeedView> {
        let (feed, ..) = self.feed.as_ref()?;
        let mut url = feed.url.clone();
        url.set_query(None);
        Some(FeedView {
            url: url.to_string(),
            interval_ms: feed.interval.0,
            stale_after_ms: feed.stale_after.0,
            read_at: known.told.as_ref().map(|(at, _)| *at),
            stale: self.is_stale(known, now),
            error: known.error.clone(),
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing in here panics while the lock is held.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rates in the form of a feed.
fn written(rates: &Rates) -> String {
    let rates: Vec<_> = rates
        .iter()
        .map(|(from, to, rate)| json!({ "from": from, "to": to, "rate": format!("{rate}") }))
        .collect();
    json!({ "rates": rates }).to_string()
}

/// Why there was no answer, without the address, whose query may hold a key.
fn failed(error: &reqwest::Error) -> String {
    match dial::trouble(error) {
        Trouble::Forbidden(error) => error.to_string(),
        Trouble::Timeout => "It did not answer in time.".to_owned(),
        Trouble::Tls(error) => format!("Its certificate is invalid: {error}."),
        Trouble::Unreachable => "It cannot be reached.".to_owned(),
    }
}
