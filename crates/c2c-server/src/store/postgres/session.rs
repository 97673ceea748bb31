//! A session with the database, for a thread that waits for each answer.

use std::error::Error as _;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

use super::{accounts, ledger, peers};
use crate::store::StoreError;

/// How long to wait for the database to answer at all.
const MOST_CONNECTING: Duration = Duration::from_secs(5);

/// After how long without an answer a session counts as lost, here and there.
const MOST_SILENT: Duration = Duration::from_secs(5);

/// What holds for the session: nothing is acknowledged that is not on the disk, and the database notices within
/// seconds that the machine behind a session is gone.
const SETTINGS: &str = "
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SET tcp_keepalives_idle = 3;
    SET tcp_keepalives_interval = 1;
    SET tcp_keepalives_count = 3;
    SET client_min_messages = warning;
";

/// An open session.
pub(super) struct Session {
    client: Client,
    /// Drives the session while somebody waits for it. None once it is being dropped.
    runtime: Option<Runtime>,
    number: i32,
    shown: String,
}

impl Session {
    /// Opens one at `address`, which is shown to people as `shown`.
    pub(super) fn open(address: &str, shown: &str) -> Result<Self, StoreError> {
        let unreachable = |reason: String| StoreError::Unreachable {
            database: shown.to_owned(),
            reason,
        };
        let mut config: Config = address.parse().map_err(|error| unreachable(said(&error)))?;
        config
            .connect_timeout(MOST_CONNECTING)
            .keepalives_idle(Duration::from_secs(3))
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(3)
            .tcp_user_timeout(MOST_SILENT)
            .application_name("c2c");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unreachable(error.to_string()))?;
        let opened = off_runtime(|| {
            runtime.block_on(async {
                let (client, connection) = config.connect(NoTls).await?;
                // It ends with the client; whoever waits for an answer is told of its faults.
                tokio::spawn(connection);
                client.batch_execute(SETTINGS).await?;
                let number = client.query_one("SELECT pg_backend_pid()", &[]).await?;
                Ok((client, number.try_get(0)?))
            })
        });
        let (client, number) = opened.map_err(|error: Error| unreachable(said(&error)))?;
        Ok(Self {
            client,
            runtime: Some(runtime),
            number,
            shown: shown.to_owned(),
        })
    }

    /// The number by which the database knows the session.
    pub(super) fn number(&self) -> i32 {
        self.number
    }

    /// The database as it is shown to people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Does `work` and waits for its end.
    pub(super) fn run<T: Send>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, Error> + Send,
    ) -> Result<T, StoreError> {
        self.try_run(async |client| work(client).await.map_err(failed))
    }

    /// Does `work`, which may find other faults, and waits for its end.
    pub(super) fn try_run<T: Send>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let client = &mut self.client;
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::Failed {
                reason: "the session has ended".to_owned(),
            });
        };
        off_runtime(|| runtime.block_on(work(client)))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Also where a thread must not wait.
            runtime.shutdown_background();
        }
    }
}

/// The statements that are sent again and again.
pub(super) struct Prepared {
    pub(super) leads: Statement,
    pub(super) insert_transfers: Statement,
    pub(super) update_transfers: Statement,
    pub(super) move_ledgers: Statement,
    pub(super) move_own: Statement,
    pub(super) write_accounts: Statement,
    pub(super) write_payments: Statement,
    pub(super) write_invoices: Statement,
    pub(super) write_peer: Statement,
    pub(super) write_peer_ledger: Statement,
}

impl Prepared {
    /// Prepares them all.
    pub(super) async fn all(client: &Client) -> Result<Self, Error> {
        let leads = "SELECT 1 FROM leader WHERE term = $1 FOR KEY SHARE";
        Ok(Self {
            leads: client.prepare(leads).await?,
            insert_transfers: client.prepare(ledger::INSERT).await?,
            update_transfers: client.prepare(ledger::UPDATE).await?,
            move_ledgers: client.prepare(ledger::MOVE).await?,
            move_own: client.prepare(accounts::MOVE).await?,
            write_accounts: client.prepare(accounts::ACCOUNTS).await?,
            write_payments: client.prepare(accounts::PAYMENTS).await?,
            write_invoices: client.prepare(accounts::INVOICES).await?,
            write_peer: client.prepare(peers::PEER).await?,
            write_peer_ledger: client.prepare(peers::LEDGER).await?,
        })
    }
}

/// What the database or the way to it says.
pub(super) fn failed(error: Error) -> StoreError {
    StoreError::Failed {
        reason: said(&error),
    }
}

/// An error with what is behind it.
fn said(error: &Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Does `work`, which waits, on a thread that may: the threads of a runtime must not.
fn off_runtime<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if Handle::try_current().is_err() {
        return work();
    }
    std::thread::scope(|scope| {
        let done = scope.spawn(work).join();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
