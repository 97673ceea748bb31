//! A database of a PostgreSQL for one run: made, looked into, and gone at the end.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{NoTls, Row};

use crate::failure::Failure;

/// The database.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// A new one at `server`, which is `postgres://user:password@host:port`.
    pub fn new(server: &str) -> Result<Self, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let database = Self {
            server: server.to_owned(),
            name: format!("c2c_load_{}_{count}", std::process::id()),
        };
        database.ask("postgres", &format!("CREATE DATABASE {}", database.name))?;
        Ok(database)
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// What a query finds.
    pub fn rows(&self, query: &str) -> Result<Vec<Row>, Failure> {
        self.ask(&self.name, query)
    }

    /// Waits until the sessions of processes that are dead are over: what they were committing is done or not.
    pub fn settle(&self) -> Result<(), Failure> {
        let others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
            AND backend_type = 'client backend'";
        while !self.rows(others)?.is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        Ok(())
    }

    fn ask(&self, database: &str, query: &str) -> Result<Vec<Row>, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::of("runtime"))?;
        let address = format!("{}/{database}", self.server);
        let asked = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&address, NoTls).await?;
            tokio::spawn(connection);
            client.query(query, &[]).await
        });
        asked.map_err(|error| {
            let source = std::error::Error::source(&error);
            let source = source.map(ToString::to_string).unwrap_or_default();
            Failure::new(format!("{}: {error}: {source}", self.name))
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        // The whole server goes away soon.
        let _ = self.ask("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}
