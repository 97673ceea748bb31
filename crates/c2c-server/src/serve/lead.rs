//! Leading: trying to, saying that one still does, and ending one that stands still.
//!
//! Times here are those of one machine's steady clock, never compared with another's: who leads counts from when it
//! began to say that it lives; the others, from when they saw that it had.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::IntoResponse as _;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use super::desk::Desk;
use super::pass::{CALLER, Known, PassOn, TOKEN, token};
use super::{host_record, key_watch, prepare_on};
use crate::app::app;
use crate::config::Config;
use crate::driver::Driver;
use crate::error::{Error, Refusal};
use crate::limits::{Caller, Counts};
use crate::secret_file::read_secret;
use crate::store::postgres::{Postgres, Pulse, Standby};

/// How often one that does not lead looks.
const LOOKS: Duration = Duration::from_millis(250);

/// How often one that leads says that it lives.
const BEATS: Duration = Duration::from_millis(500);

/// How long after it last did it does not answer, for another may lead.
const LAPSES: Duration = Duration::from_secs(6);

/// How long the others wait: longer, so that it has stopped by then, whether it knows or not.
const MOST_SILENT: Duration = Duration::from_secs(10);

const _: () = assert!(
    LAPSES.as_millis() + BEATS.as_millis() + LOOKS.as_millis() + 2_000 < MOST_SILENT.as_millis(),
    "who stands still has stopped before another takes over"
);

/// How long to wait before a database that could not be reached is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// For how long this process leads.
#[derive(Debug)]
pub struct Tenure {
    began: Instant,
    /// When it last began to say that it lives, in milliseconds after that; the most where another leads.
    said: AtomicU64,
}

impl Tenure {
    fn begin() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            said: AtomicU64::new(0),
        })
    }

    /// Whether this process leads for sure. One that could not say so for long may still find that nobody else does.
    pub fn holds(&self) -> bool {
        let said = self.said.load(Ordering::Acquire);
        said != OVER && self.began.elapsed() <= Duration::from_millis(said) + LAPSES
    }

    /// It lives, and said so at `at`.
    fn said(&self, at: Instant) {
        let since = at.duration_since(self.began).as_millis();
        let since = u64::try_from(since).unwrap_or(OVER);
        let later = |said| Some(since).filter(|_| said != OVER);
        // It stays as it is where it is over.
        let _ = self
            .said
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, later);
    }

    fn end(&self) {
        self.said.store(OVER, Ordering::Release);
    }
}

/// Another process leads.
const OVER: u64 = u64::MAX;

/// Leads on the database at `address`, or passes on to whoever does until it leads itself.
pub(super) fn begin(
    config: &Config,
    address: &str,
    stopping: watch::Receiver<bool>,
) -> Result<Arc<Desk>, Error> {
    let (listener, reached_at) = listen(config)?;
    let secret = read_secret(&config.secret_file)?;
    let shown = token(&secret);
    let record = host_record(config, secret.public_key())?;
    let (tell, known) = watch::channel(None);
    let pass = PassOn::new(known, shown.clone(), record, config.web_root.clone());
    let limits = Arc::new(Counts::new(config.limits.clone()));
    let desk = Desk::passing(pass, limits);
    let place = Place {
        config: config.clone(),
        address: address.to_owned(),
        listener,
        token: shown,
        stopping,
    };
    match Standby::open(address)?.try_lead(&reached_at)? {
        Ok(store) => place.take(&desk, store)?,
        Err(standby) => {
            let (leads, leading) = oneshot::channel();
            let looking = Looking {
                address: place.address.clone(),
                reached_at,
                tell,
                stopping: place.stopping.clone(),
            };
            std::thread::Builder::new()
                .name("standby".to_owned())
                .spawn(move || looking.until_it_leads(standby, leads))
                .map_err(crate::driver::StartError::Thread)?;
            let desk = desk.clone();
            tokio::spawn(async move {
                let Ok(store) = leading.await else { return };
                tracing::info!("this process leads now");
                if let Err(error) = place.take(&desk, store) {
                    tracing::error!(%error, "this process cannot lead");
                    desk.fail();
                }
            });
        }
    }
    Ok(desk)
}

/// Where the others reach this process.
fn listen(config: &Config) -> Result<(TcpListener, String), Error> {
    let refused = |reason| Error::Listen {
        address: config.internal_listen.to_string(),
        reason,
    };
    let listener = std::net::TcpListener::bind(config.internal_listen).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address: SocketAddr = listener.local_addr().map_err(refused)?;
    let listener = TcpListener::from_std(listener).map_err(refused)?;
    Ok((listener, address.to_string()))
}

/// All that it takes to lead.
struct Place {
    config: Config,
    address: String,
    listener: TcpListener,
    token: HeaderValue,
    stopping: watch::Receiver<bool>,
}

impl Place {
    /// Starts the engine with what is stored.
    fn take(self, desk: &Arc<Desk>, store: Postgres) -> Result<(), Error> {
        let Self {
            config,
            address,
            listener,
            token,
            mut stopping,
        } = self;
        let (term, session) = (store.term(), store.session());
        let tenure = Tenure::begin();
        let limits = desk.limits().clone();
        let state = prepare_on(&config, Box::new(store), limits, stopping.clone())?;
        state.driver.leads_for(tenure.clone());
        let beating = Beating {
            address,
            term,
            session,
            tenure,
            driver: Arc::downgrade(&state.driver),
        };
        std::thread::Builder::new()
            .name("tenure".to_owned())
            .spawn(move || beating.until_it_is_over())
            .map_err(crate::driver::StartError::Thread)?;
        tokio::spawn(key_watch::watch(state.clone()));
        // For the other processes, and nobody else.
        let check = middleware::from_fn(move |mut request: Request, next: Next| {
            let shown = request.headers().get(TOKEN);
            let known = shown.is_some_and(|shown| shown.as_bytes().ct_eq(token.as_bytes()).into());
            let caller = request.headers().get(CALLER);
            let caller = caller.and_then(|caller| caller.to_str().ok()?.parse().ok());
            if let Some(address) = caller.filter(|_| known) {
                request.extensions_mut().insert(Caller(address));
            }
            async move {
                if known {
                    return next.run(request).await;
                }
                Refusal::new(
                    StatusCode::FORBIDDEN,
                    "NO_PROCESS",
                    "This is for the other processes of the connector. Use its public address.",
                )
                .into_response()
            }
        });
        let router = app(state.clone()).layer(check);
        desk.lead(state);
        tokio::spawn(async move {
            let stopped = async move {
                let _ = stopping.wait_for(|stop| *stop).await;
            };
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
            if let Err(error) = serving.await {
                tracing::error!(%error, "the other processes cannot be served");
            }
        });
        Ok(())
    }
}

/// A process that does not lead.
struct Looking {
    address: String,
    reached_at: String,
    tell: watch::Sender<Option<Known>>,
    stopping: watch::Receiver<bool>,
}

impl Looking {
    fn until_it_leads(self, standby: Standby, leads: oneshot::Sender<Postgres>) {
        let mut session = Some(standby);
        // What was last heard of the one that leads, and when it was new.
        let mut heard = None;
        let mut since = Instant::now();
        while !*self.stopping.borrow() {
            let opened = match session.take() {
                Some(standby) => Ok(standby),
                None => Standby::open(&self.address),
            };
            let tried = opened.and_then(|standby| standby.try_lead(&self.reached_at));
            let looked = tried.and_then(|tried| match tried {
                Ok(store) => Ok(Err(Box::new(store))),
                Err(mut standby) => standby.leader().map(|leader| Ok((standby, leader))),
            });
            match looked {
                Ok(Err(store)) => {
                    // Nobody waits for it where the process is being stopped.
                    let _ = leads.send(*store);
                    return;
                }
                Ok(Ok((mut standby, leader))) => {
                    let known = leader.session.filter(|_| !leader.address.is_empty());
                    let known = known.map(|_| Known {
                        term: leader.term,
                        address: leader.address.clone(),
                    });
                    self.know(known);
                    let now = (leader.term, leader.beats, leader.session);
                    if heard != Some(now) {
                        heard = Some(now);
                        since = Instant::now();
                    } else if leader.session.is_some() && since.elapsed() > MOST_SILENT {
                        let ended = standby.end(&leader);
                        tracing::warn!(
                            ?ended,
                            "the process that leads stands still; its session is ended"
                        );
                        since = Instant::now();
                    }
                    session = Some(standby);
                    std::thread::sleep(LOOKS);
                }
                Err(error) => {
                    tracing::warn!(%error, "who leads cannot be told");
                    self.know(None);
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    fn know(&self, known: Option<Known>) {
        self.tell.send_if_modified(|before| {
            let is_new = *before != known;
            *before = known;
            is_new
        });
    }
}

/// A process that leads.
struct Beating {
    address: String,
    term: i64,
    session: i32,
    tenure: Arc<Tenure>,
    driver: Weak<Driver>,
}

impl Beating {
    fn until_it_is_over(self) {
        let mut session = None;
        loop {
            let began = Instant::now();
            let opened = match session.take() {
                Some(pulse) => Ok(pulse),
                None => Pulse::open(&self.address, self.term, self.session),
            };
            let beaten = opened.and_then(|mut pulse| {
                let still = pulse.beat()?;
                session = Some(pulse);
                Ok(still)
            });
            let Some(driver) = self.driver.upgrade() else {
                return;
            };
            match beaten {
                // The session that writes has the lock still, so nobody else has led meanwhile.
                Ok(true) => self.tenure.said(began),
                Ok(false) => {
                    self.tenure.end();
                    driver.give_up(&"another process leads");
                    return;
                }
                Err(error) => tracing::warn!(%error, "cannot say that this process lives"),
            }
            if driver.is_stopped() {
                return;
            }
            drop(driver);
            std::thread::sleep(BEATS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenure_that_lapsed_comes_back_by_a_word_and_one_that_is_over_does_not() {
        // As if it had begun long ago and stood still since.
        let long_ago = Instant::now().checked_sub(LAPSES + Duration::from_secs(2));
        let tenure = Tenure {
            began: long_ago.unwrap(),
            said: AtomicU64::new(1_000),
        };
        assert!(!tenure.holds());
        tenure.said(Instant::now());
        assert!(tenure.holds());
        tenure.end();
        tenure.said(Instant::now());
        assert!(!tenure.holds());
    }
}
