//! A running server: settings to engine, engine to router, router to socket; and its orderly end.

mod desk;
mod lanes;
mod lead;
mod pass;
mod refusal;
mod socket;

pub use lead::Tenure;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use c2c::connector::{self, Rates};
use c2c::key::{PublicKey, SecretKey};
use c2c::webfinger::{Host, Record, RpcUri};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin_token::AdminToken;
use crate::app::App;
use crate::audit::Audit;
use crate::bundle;
use crate::config::{Config, Database};
use crate::directory::Directory;
use crate::driver::{Driver, StartError};
use crate::error::Error;
use crate::key_watch;
use crate::limits::Counts;
use crate::lookup::Lookup;
use crate::outbox::Outbox;
use crate::rates::Board;
use crate::retention;
use crate::secret_file::{random_bytes, read_secret};
use crate::store::{self, Store, check_key};
use crate::tls::Tls;

use self::desk::Desk;
use self::lanes::Lanes;

/// How long answers under way may take after the stop.
const GRACE: Duration = Duration::from_secs(5);

/// A server that listens.
pub struct Server {
    /// Where it really listens.
    pub address: SocketAddr,
    /// The key that its record publishes.
    pub public_key: PublicKey,
    desk: Arc<Desk>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens where the settings say, and starts.
    pub async fn start(config: &Config) -> Result<Self, Error> {
        let listen = |reason| Error::Listen {
            address: config.listen.to_string(),
            reason,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        Self::start_on(listener, config)
    }

    /// Starts on a socket that listens already.
    pub fn start_on(listener: TcpListener, config: &Config) -> Result<Self, Error> {
        let address = listener.local_addr().map_err(|reason| Error::Listen {
            address: config.listen.to_string(),
            reason,
        })?;
        let (stop, stopping) = watch::channel(false);
        let tls = config.tls.as_ref().map(Tls::open).transpose()?;
        let lanes = Lanes::start().map_err(StartError::Thread)?;
        let public_key = read_secret(&config.secret_file)?.public_key();
        let desk = match &config.database {
            Database::Sqlite(_) => {
                let state = prepare(config, stopping.clone())?;
                tokio::spawn(key_watch::watch(state.clone()));
                Desk::alone(state)
            }
            Database::Postgres(address) => lead::begin(config, address, stopping.clone())?,
        };
        if let Some(tls) = tls.clone() {
            tokio::spawn(tls.watch(stopping.clone()));
        } else if config.reach.remote && !address.ip().is_loopback() {
            tracing::warn!(
                "admin_remote = true without [tls]: whoever can listen on the way reads the admin token"
            );
        }
        Ok(Self {
            address,
            public_key,
            desk: desk.clone(),
            stop,
            task: tokio::spawn(socket::serve(listener, lanes, desk, tls, stopping)),
        })
    }

    /// Its state, if it leads.
    pub fn app(&self) -> Option<&Arc<App>> {
        Some(&self.desk.leading()?.state)
    }

    /// Ends when the state can no longer be stored.
    pub async fn failed(&self) {
        let mut failure = self.desk.failure();
        let _ = failure.wait_for(|failed| *failed).await;
    }

    /// Takes no more calls, finishes those under way, and closes the database.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let Self { desk, task, .. } = self;
        let abort = task.abort_handle();
        if tokio::time::timeout(GRACE, task).await.is_err() {
            abort.abort();
        }
        if let Some(leading) = desk.leading() {
            leading.state.driver.stop();
        }
    }
}

/// Opens what the settings name and starts the engine; `stopping` ends what would go on for ever.
pub fn prepare(config: &Config, stopping: watch::Receiver<bool>) -> Result<Arc<App>, Error> {
    let store = store::alone(&config.database)?;
    let limits = Arc::new(Counts::new(config.limits.clone()));
    prepare_on(config, store, limits, stopping)
}

/// The same with a store that is open already, and callers that are counted already.
fn prepare_on(
    config: &Config,
    mut store: Box<dyn Store>,
    limits: Arc<Counts>,
    stopping: watch::Receiver<bool>,
) -> Result<Arc<App>, Error> {
    let secret = read_secret(&config.secret_file)?;
    let key = secret.public_key();
    let (host, record) = host_record(config, key)?;
    check_key(&mut *store, &key)?;
    let peers = store.peers(&secret)?;
    let admin_token = AdminToken::open(&config.admin_token_file)?;
    let audit = Audit::open(&config.audit_file).map_err(|reason| Error::File {
        path: config.audit_file.display().to_string(),
        reason,
    })?;
    let mut engine = engine_config(config, &secret)?;
    let rates = engine.rates.clone();
    let rates = Board::new(rates, config.feed.as_ref(), config.dial)?;
    rates.remember(&mut *store)?;
    let rates = Arc::new(rates);
    engine.rates = rates.traded();
    let driver = Driver::start(engine, peers, store, Outbox::new(config.dial)?)?;
    let reading = rates.clone().keep_reading(driver.clone(), stopping.clone());
    tokio::spawn(reading);
    if let Some(keep) = config.keep_transfers {
        tokio::spawn(retention::keep(driver.clone(), keep, stopping.clone()));
    }
    Ok(Arc::new(App {
        driver,
        lookup: Lookup::new(config.dial)?,
        database: config.database.clone(),
        backup_folder: config.backup_folder.clone(),
        backing_up: tokio::sync::Mutex::default(),
        settings: bundle::settings(&config.explained),
        rates,
        host,
        record,
        secret,
        admin_token,
        reach: config.reach.clone(),
        audit: Arc::new(audit),
        limits,
        open_dashboard: config.open_dashboard,
        dial: config.dial,
        web_root: config.web_root.clone(),
        directory: Directory::new(config),
        mismatch: tokio::sync::Mutex::default(),
        stopping,
    }))
}

/// Our host, and what it publishes.
pub fn host_record(config: &Config, key: PublicKey) -> Result<(Host, Record), Error> {
    let usage = |message: String| Error::Usage { message };
    let host = Host::parse(&config.url).map_err(|e| usage(format!("url: {e} {}", e.hint())))?;
    let rpc_uri = RpcUri::parse(&config.rpc_uri(), config.dial.loopback_http)
        .map_err(|e| usage(format!("url: {e}")))?;
    let mut record = Record::new(&host, key, rpc_uri);
    record.protocol_version = Some(config.protocol_version.clone());
    record.title = config.title.clone();
    Ok((host, record))
}

fn engine_config(config: &Config, secret: &SecretKey) -> Result<connector::Config, StartError> {
    let mut rates = Rates::default();
    for rate in &config.rates {
        rates
            .set(rate.from.clone(), rate.to.clone(), rate.rate)
            .map_err(StartError::Engine)?;
    }
    let mut engine = connector::Config::new(&config.url, secret.public_key());
    // The same at each start, and nobody else's.
    engine.id_secret = secret.clone();
    engine.title = config.title.clone();
    engine.protocol_version = config.protocol_version.clone();
    engine.rpc_uri = config.rpc_uri();
    engine.rates = rates;
    engine.ledgers.clone_from(&config.ledgers);
    engine.static_routes.clone_from(&config.routes);
    engine.routing = config.routing.clone();
    // Strangers choose the prefixes that they announce, but not how they are hashed.
    let random = random_bytes().map_err(StartError::Random)?;
    engine.routing.hash_seed = u64::from_le_bytes(*random.first_chunk().expect("32 bytes"));
    Ok(engine)
}

#[cfg(test)]
mod tests;
