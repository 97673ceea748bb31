//! Settings: a flag over an environment variable over the file over the default.
//!
//! Every scalar setting is one row of [`KEYS`]; reading, checking, `config explain` and the messages
//! about unknown keys all go by that table. Paths in the file are relative to the file.

mod database;
mod explain;
mod nearest;
mod tables;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use c2c::connector::{Decimal, OwnLedger, Routing, StaticRoute, TooGoodPolicy};
use c2c::timestamp::Millis;

pub use database::{Database, without_password};
pub use explain::Explained;
pub use nearest::nearest;
pub use tables::Rate;

use crate::admin::Reach;
use crate::dial::Policy;
use crate::limits::Limits;

/// One scalar setting.
pub struct Key {
    /// Its name in the file, `table.key` for a key in a table.
    pub name: &'static str,
    /// Its value where nobody says anything; none: there is no value.
    pub default: Option<&'static str>,
    /// A second environment variable, from the software of 2017.
    pub alias: Option<&'static str>,
    /// What it is for, in one line.
    pub about: &'static str,
}

const fn key(
    name: &'static str,
    default: Option<&'static str>,
    alias: Option<&'static str>,
    about: &'static str,
) -> Key {
    Key {
        name,
        default,
        alias,
        about,
    }
}

/// Every scalar setting.
pub const KEYS: &[Key] = &[
    key(
        "url",
        None,
        None,
        "public base URL: subject of the host record; RPC at url + \"/rpc\"",
    ),
    key(
        "listen",
        Some("127.0.0.1:8080"),
        None,
        "address and port to listen on",
    ),
    key(
        "database",
        Some("sqlite:c2c.db"),
        None,
        "where peers, limits and balances are kept: sqlite: and a file, or postgres://user@host/name",
    ),
    key(
        "internal_listen",
        Some("127.0.0.1:0"),
        None,
        "where other processes on the same PostgreSQL database reach this one, in a network of their own",
    ),
    key(
        "backup_folder",
        Some("backups"),
        None,
        "where c2c backup puts copies of the database",
    ),
    key(
        "transfers.keep_days",
        Some("0"),
        None,
        "transfers that ended so long ago are forgotten; 0: never",
    ),
    key(
        "secret_file",
        Some("connector.secret"),
        None,
        "the secret: 32 bytes as base64url, mode 0600",
    ),
    key(
        "admin_token_file",
        Some("admin.token"),
        None,
        "the admin token, made at first start, mode 0600",
    ),
    key(
        "admin_remote",
        Some("false"),
        None,
        "the admin API from other machines too, with its token",
    ),
    key(
        "admin_host",
        None,
        None,
        "another name by which the admin API is called, beside url's",
    ),
    key(
        "audit_file",
        Some("audit.jsonl"),
        None,
        "where every change by the admin API is written down",
    ),
    key(
        "tls.cert",
        None,
        None,
        "the certificate and its chain, as PEM; read again when it changes",
    ),
    key("tls.key", None, None, "its private key, as PEM"),
    key(
        "limits.address_per_second",
        Some("100"),
        None,
        "requests a second of one address that has not shown to be a peer; 0: any number",
    ),
    key(
        "limits.peer_per_second",
        Some("5000"),
        None,
        "calls a second of one peer; 0: any number",
    ),
    key(
        "limits.connections",
        Some("4096"),
        None,
        "open connections; strangers' make room for others",
    ),
    key(
        "limits.connections_per_address",
        Some("256"),
        None,
        "open connections of one address",
    ),
    key(
        "limits.in_flight",
        Some("4096"),
        None,
        "calls that may wait for their answers",
    ),
    key(
        "limits.trusted_proxy",
        None,
        None,
        "the address of the proxy whose X-Forwarded-For says who calls",
    ),
    key(
        "allow_loopback_http",
        Some("false"),
        None,
        "plain http to 127.0.0.1 and [::1], for demos and tests",
    ),
    key(
        "allow_private_addresses",
        Some("false"),
        None,
        "https to hosts in private networks",
    ),
    key(
        "open_dashboard",
        Some("false"),
        None,
        "reading under /api/v1 without a token, on loopback only",
    ),
    key("title", None, None, "a display name for the host record"),
    key(
        "protocol_version",
        Some("Compatible: ilp-kit v3.0.0"),
        None,
        "what the host record says we speak",
    ),
    key("web_root", None, None, "folder with the web app's files"),
    key(
        "listed",
        Some("false"),
        None,
        "whether /directory.json names this host, for those who look for peers",
    ),
    key(
        "directory_file",
        None,
        None,
        "a JSON list of other hosts that /directory.json names too",
    ),
    key(
        "routing.broadcast_interval_ms",
        Some("30000"),
        Some("CONNECTOR_ROUTE_BROADCAST_INTERVAL"),
        "time between two broadcasts",
    ),
    key(
        "routing.route_expiry_ms",
        Some("45000"),
        Some("CONNECTOR_ROUTE_EXPIRY"),
        "how long a route lives unheard; more than the interval",
    ),
    key(
        "routing.min_message_window_ms",
        Some("1000"),
        None,
        "how much longer the source transfer must live",
    ),
    key(
        "routing.max_hold_time_ms",
        Some("10000"),
        None,
        "the longest that money may be on hold",
    ),
    key(
        "routing.spread",
        Some("0.002"),
        Some("CONNECTOR_FX_SPREAD"),
        "share kept of every exchange",
    ),
    key(
        "routing.slippage",
        Some("0.001"),
        None,
        "share by which a payment may fall short at its last hop",
    ),
    key(
        "routing.max_points",
        Some("10"),
        None,
        "points in a broadcast curve",
    ),
    key(
        "routing.broadcast_curves",
        Some("true"),
        Some("CONNECTOR_BROADCAST_CURVES"),
        "send curves; without them peers ask for quotes",
    ),
    key(
        "routing.least_spacing_ms",
        Some("1000"),
        None,
        "least time between two broadcasts of new and lost routes",
    ),
    key(
        "routing.hold_for_interval",
        Some("false"),
        None,
        "new and lost routes wait for the interval too",
    ),
    key(
        "routing.full_table_interval_ms",
        Some("600000"),
        None,
        "time between two questions for a peer's full table; 0: never",
    ),
    key(
        "routing.change_threshold_bps",
        Some("0"),
        None,
        "a curve better by no more basis points is not told again",
    ),
    key(
        "routing.extend_by_longer",
        Some("false"),
        None,
        "longer routes extend curves past what the shortest carry",
    ),
    key(
        "routing.too_good",
        Some("flag"),
        None,
        "accept, flag or refuse routes that pay more than others explain",
    ),
    key(
        "routing.too_good_bps",
        Some("500"),
        None,
        "by how many basis points more they are too good",
    ),
    key(
        "rates.url",
        None,
        None,
        "a JSON feed of rates, over the [[rate]] list",
    ),
    key(
        "rates.interval_ms",
        Some("60000"),
        None,
        "time between two readings of the feed",
    ),
    key(
        "rates.stale_after_ms",
        Some("300000"),
        None,
        "what was read is not traded after so long without another reading",
    ),
];

/// The settings of one connector, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The public base URL, without a final slash.
    pub url: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where state is kept.
    pub database: Database,
    /// Where other processes on the same database reach this one.
    pub internal_listen: SocketAddr,
    /// Where backups of it go.
    pub backup_folder: PathBuf,
    /// For how long transfers are kept that have ended; none: for ever.
    pub keep_transfers: Option<Millis>,
    /// Where every setting came from.
    pub explained: Vec<Explained>,
    /// The file with the secret.
    pub secret_file: PathBuf,
    /// The file with the admin token.
    pub admin_token_file: PathBuf,
    /// From where the admin API may be used.
    pub reach: Reach,
    /// Where changes by the admin API are written down.
    pub audit_file: PathBuf,
    /// The certificate; none: plain HTTP, behind a proxy.
    pub tls: Option<TlsFiles>,
    /// What callers get.
    pub limits: Limits,
    /// What may be dialled.
    pub dial: Policy,
    /// Whether reading under `/api/v1` needs no token.
    pub open_dashboard: bool,
    /// A display name.
    pub title: Option<String>,
    /// What the host record says we speak.
    pub protocol_version: String,
    /// The web app's files.
    pub web_root: Option<PathBuf>,
    /// Whether `/directory.json` names this host.
    pub listed: bool,
    /// Other hosts that it names.
    pub directory_file: Option<PathBuf>,
    /// How routes are made, sent and kept.
    pub routing: Routing,
    /// Ledgers of our own.
    pub ledgers: Vec<OwnLedger>,
    /// Exchange rates between currencies.
    pub rates: Vec<Rate>,
    /// Where more of them are read.
    pub feed: Option<Feed>,
    /// Hard-wired routes.
    pub routes: Vec<StaticRoute>,
}

/// A certificate in two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain, as PEM.
    pub cert: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// A feed of rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Where it is. Its query may hold a key, and is shown to nobody.
    pub url: reqwest::Url,
    /// The time between two readings.
    pub interval: Millis,
    /// For how long a reading is good.
    pub stale_after: Millis,
}

/// Where values come from: flags and environment are asked by name, the file is text.
pub struct Sources<'a> {
    /// The value of a flag, by the setting's name.
    pub flag: &'a dyn Fn(&str) -> Option<String>,
    /// The value of an environment variable, by its name.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The file: its path and its text.
    pub file: Option<(&'a Path, &'a str)>,
}

/// Why the settings are no good. Each names the key, the value and the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The file could not be read.
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is not TOML.
    Syntax {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// A key that nobody knows.
    Unknown {
        /// The key.
        key: String,
        /// The nearest known one.
        nearest: String,
    },
    /// A value that cannot be.
    Value {
        /// The key.
        key: String,
        /// What was given.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A key without which nothing works.
    Missing {
        /// The key.
        key: String,
        /// An example.
        example: &'static str,
    },
    /// The expiry does not exceed the interval.
    ExpiryTooShort {
        /// `routing.route_expiry_ms`.
        expiry: u64,
        /// `routing.broadcast_interval_ms`.
        interval: u64,
    },
    /// The dashboard may only be open where nobody else can reach it.
    OpenDashboard {
        /// Where it would listen.
        listen: SocketAddr,
    },
    /// The dashboard may only be open where no proxy brings others to it.
    OpenDashboardBehindProxy {
        /// The public address.
        url: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, reason } => write!(
                f,
                "{} cannot be read: {reason}. Name the file with --config.",
                file.display()
            ),
            Self::Syntax { reason } => write!(f, "The configuration is not TOML: {reason}"),
            Self::Unknown { key, nearest } => {
                write!(f, "\"{key}\" is not a setting. Did you mean \"{nearest}\"?")
            }
            Self::Value {
                key,
                value,
                expected,
            } => write!(f, "{key} = \"{value}\" cannot be: it takes {expected}."),
            Self::Missing { key, example } => {
                write!(f, "{key} is missing. Write it, such as {key} = {example}.")
            }
            Self::ExpiryTooShort { expiry, interval } => write!(
                f,
                "routing.route_expiry_ms = {expiry} must exceed routing.broadcast_interval_ms = {interval}: \
                 routes would die between two broadcasts. The defaults are 45000 and 30000."
            ),
            Self::OpenDashboard { listen } => write!(
                f,
                "open_dashboard = true with listen = \"{listen}\" would show everything to everyone. \
                 Listen on 127.0.0.1, or turn it off and use the admin token."
            ),
            Self::OpenDashboardBehindProxy { url } => write!(
                f,
                "open_dashboard = true with url = \"{url}\" would show everything to whoever comes through the proxy. \
                 Turn it off and use the admin token; it is for demos on http://127.0.0.1."
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads, checks and explains the settings.
    pub fn resolve(sources: &Sources<'_>) -> Result<(Config, Vec<Explained>), ConfigError> {
        let table = table(sources)?;
        let found = explain::collect(sources, &table);
        let config = build(sources, &found, &table)?;
        Ok((config, to_show(found)))
    }

    /// What each setting is, though a server might not start with them.
    pub fn explain(sources: &Sources<'_>) -> Result<Vec<Explained>, ConfigError> {
        Ok(to_show(explain::collect(sources, &table(sources)?)))
    }

    /// The RPC address that the host record publishes.
    pub fn rpc_uri(&self) -> String {
        format!("{}/rpc", self.url)
    }
}

/// The settings without what is nobody's business.
fn to_show(mut found: Vec<Explained>) -> Vec<Explained> {
    for one in found.iter_mut().filter(|one| one.key == "database") {
        one.value = one.value.as_deref().map(without_password);
    }
    found
}

/// The file, each of whose keys is known.
fn table(sources: &Sources<'_>) -> Result<toml::Table, ConfigError> {
    let table = match sources.file {
        Some((_, text)) => text
            .parse::<toml::Table>()
            .map_err(|error| ConfigError::Syntax {
                reason: error.to_string(),
            })?,
        None => toml::Table::new(),
    };
    tables::check_keys(&table)?;
    Ok(table)
}

fn build(
    sources: &Sources<'_>,
    found: &[Explained],
    table: &toml::Table,
) -> Result<Config, ConfigError> {
    let values = Values { found };
    let base = sources
        .file
        .and_then(|(path, _)| path.parent())
        .unwrap_or(Path::new(""));
    let listen: SocketAddr =
        values.parsed("listen", "an address and a port, such as 127.0.0.1:8080")?;
    let loopback_http = values.truth("allow_loopback_http")?;
    let url = values.url(loopback_http)?;
    let database = values.required("database", "\"sqlite:c2c.db\"")?;
    let database = Database::read(database, base).map_err(|expected| ConfigError::Value {
        key: "database".to_owned(),
        value: without_password(database),
        expected,
    })?;
    let internal_listen = values.parsed(
        "internal_listen",
        "an address and a port, such as 10.0.0.1:8081",
    )?;
    let routing = values.routing()?;
    let config = Config {
        url,
        listen,
        database,
        internal_listen,
        backup_folder: base.join(values.required("backup_folder", "\"backups\"")?),
        keep_transfers: values.days("transfers.keep_days")?,
        explained: to_show(found.to_vec()),
        secret_file: base.join(values.required("secret_file", "\"connector.secret\"")?),
        admin_token_file: base.join(values.required("admin_token_file", "\"admin.token\"")?),
        reach: Reach {
            remote: values.truth("admin_remote")?,
            hosts: values.admin_hosts(),
        },
        audit_file: base.join(values.required("audit_file", "\"audit.jsonl\"")?),
        tls: values.tls(base)?,
        limits: values.limits()?,
        dial: Policy {
            loopback_http,
            private: values.truth("allow_private_addresses")?,
        },
        open_dashboard: values.truth("open_dashboard")?,
        title: values.get("title").map(str::to_owned),
        protocol_version: values
            .required("protocol_version", "\"Compatible: ilp-kit v3.0.0\"")?
            .to_owned(),
        web_root: values.get("web_root").map(|folder| base.join(folder)),
        listed: values.truth("listed")?,
        directory_file: values.get("directory_file").map(|file| base.join(file)),
        routing,
        ledgers: tables::ledgers(table)?,
        rates: tables::rates(table)?,
        feed: values.feed(loopback_http)?,
        routes: tables::routes(table)?,
    };
    if config.open_dashboard && !config.listen.ip().is_loopback() {
        return Err(ConfigError::OpenDashboard {
            listen: config.listen,
        });
    }
    // A public address on a loopback socket means a proxy, and what it passes on looks like local calls.
    if config.open_dashboard && !values.is_loopback_url() {
        return Err(ConfigError::OpenDashboardBehindProxy { url: config.url });
    }
    Ok(config)
}

/// The collected values, read as what they must be.
struct Values<'a> {
    found: &'a [Explained],
}

impl<'a> Values<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.found
            .iter()
            .find(|explained| explained.key == name)
            .and_then(|explained| explained.value.as_deref())
    }

    fn wrong(&self, name: &str, expected: &'static str) -> ConfigError {
        ConfigError::Value {
            key: name.to_owned(),
            value: self.get(name).unwrap_or_default().to_owned(),
            expected,
        }
    }

    fn required(&self, name: &str, example: &'static str) -> Result<&'a str, ConfigError> {
        match self.get(name) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(ConfigError::Missing {
                key: name.to_owned(),
                example,
            }),
        }
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        self.get(name)
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| self.wrong(name, expected))
    }

    /// `true` or `false`; the software of 2017 writes `1` and `0` into its variables.
    fn truth(&self, name: &str) -> Result<bool, ConfigError> {
        match self.get(name) {
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            _ => Err(self.wrong(name, "true or false")),
        }
    }

    fn millis(&self, name: &str) -> Result<Millis, ConfigError> {
        let expected = "a whole number of milliseconds from 1 to 2147483647";
        match self.parsed::<u64>(name, expected)? {
            ms @ 1..=0x7fff_ffff => Ok(Millis(ms)),
            _ => Err(self.wrong(name, expected)),
        }
    }

    /// So many days; 0: none.
    fn days(&self, name: &str) -> Result<Option<Millis>, ConfigError> {
        const DAY: u64 = 24 * 60 * 60 * 1_000;
        let expected = "a whole number of days up to 36500, or 0";
        match self.parsed::<u64>(name, expected)? {
            0 => Ok(None),
            days @ 1..=36_500 => Ok(Some(Millis(days * DAY))),
            _ => Err(self.wrong(name, expected)),
        }
    }

    fn share(&self, name: &str) -> Result<Decimal, ConfigError> {
        let expected = "a share below 1, such as 0.002";
        let share: Decimal = self.parsed(name, expected)?;
        if share.numerator() >= share.denominator() {
            return Err(self.wrong(name, expected));
        }
        Ok(share)
    }

    fn url(&self, loopback_http: bool) -> Result<String, ConfigError> {
        let text = self.required("url", "\"https://wallet1.example\"")?;
        let expected =
            "a base URL with https and nothing behind the host, such as https://wallet1.example";
        let url: reqwest::Url = text.parse().map_err(|_| self.wrong("url", expected))?;
        let host = url.host_str().unwrap_or_default();
        let loopback = is_loopback(&url);
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        let scheme = match url.scheme() {
            "https" => true,
            "http" => loopback && loopback_http,
            _ => false,
        };
        if !bare || !scheme || host.is_empty() {
            return Err(self.wrong("url", expected));
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    fn feed(&self, loopback_http: bool) -> Result<Option<Feed>, ConfigError> {
        let (interval, stale_after) = ("rates.interval_ms", "rates.stale_after_ms");
        let (interval, stale) = (self.millis(interval)?, self.millis(stale_after)?);
        let Some(text) = self.get("rates.url").filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let expected = "an https address, such as https://rates.example/latest.json";
        let url: reqwest::Url = text
            .parse()
            .map_err(|_| self.wrong("rates.url", expected))?;
        let is_open = url.scheme() == "http" && loopback_http && is_loopback(&url);
        if url.scheme() != "https" && !is_open {
            return Err(self.wrong("rates.url", expected));
        }
        if stale < interval {
            let expected = "no less than rates.interval_ms";
            return Err(self.wrong(stale_after, expected));
        }
        Ok(Some(Feed {
            url,
            interval,
            stale_after: stale,
        }))
    }

    /// The host of `url`, and what `admin_host` says.
    fn admin_hosts(&self) -> Vec<String> {
        let url = self.get("url").and_then(|text| text.parse().ok());
        let host = url.and_then(|url: reqwest::Url| url.host_str().map(str::to_owned));
        let other = self.get("admin_host").map(str::to_owned);
        host.into_iter().chain(other).collect()
    }

    fn tls(&self, base: &Path) -> Result<Option<TlsFiles>, ConfigError> {
        let file = |name| self.get(name).filter(|text| !text.is_empty());
        match (file("tls.cert"), file("tls.key")) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles {
                cert: base.join(cert),
                key: base.join(key),
            })),
            (None, None) => Ok(None),
            (Some(_), None) => self.required("tls.key", "\"key.pem\"").map(|_| None),
            (None, Some(_)) => self.required("tls.cert", "\"cert.pem\"").map(|_| None),
        }
    }

    fn limits(&self) -> Result<Limits, ConfigError> {
        let number = |name| self.parsed(name, "a whole number up to 4294967295; 0: any number");
        let places = |name: &str| {
            let expected = "a whole number from 1 to 1000000";
            match self.parsed(name, expected)? {
                number @ 1..=1_000_000 => Ok(number),
                _ => Err(self.wrong(name, expected)),
            }
        };
        let proxy = "limits.trusted_proxy";
        Ok(Limits {
            address_per_second: number("limits.address_per_second")?,
            peer_per_second: number("limits.peer_per_second")?,
            connections: places("limits.connections")?,
            connections_per_address: places("limits.connections_per_address")?,
            in_flight: places("limits.in_flight")?,
            trusted_proxy: self
                .get(proxy)
                .map(|_| self.parsed(proxy, "an address, such as 127.0.0.1"))
                .transpose()?,
        })
    }

    fn is_loopback_url(&self) -> bool {
        let url = self.get("url").and_then(|text| text.parse().ok());
        url.is_some_and(|url| is_loopback(&url))
    }

    fn routing(&self) -> Result<Routing, ConfigError> {
        let basis_points = "a whole number of basis points, hundredths of a percent";
        let routing = Routing {
            broadcast_interval: self.millis("routing.broadcast_interval_ms")?,
            route_expiry: self.millis("routing.route_expiry_ms")?,
            min_message_window: self.millis("routing.min_message_window_ms")?,
            max_hold_time: self.millis("routing.max_hold_time_ms")?,
            spread: self.share("routing.spread")?,
            slippage: self.share("routing.slippage")?,
            max_points: self.parsed("routing.max_points", "a whole number from 2 to 1000")?,
            broadcast_curves: self.truth("routing.broadcast_curves")?,
            least_spacing: self.millis("routing.least_spacing_ms")?,
            hold_for_interval: self.truth("routing.hold_for_interval")?,
            full_table_interval: self
                .parsed(
                    "routing.full_table_interval_ms",
                    "a whole number of milliseconds, or 0",
                )
                .map(Millis)?,
            change_threshold: self.parsed("routing.change_threshold_bps", basis_points)?,
            extend_by_longer: self.truth("routing.extend_by_longer")?,
            too_good: match self.get("routing.too_good") {
                Some("accept") => TooGoodPolicy::Accept,
                Some("flag") => TooGoodPolicy::Flag,
                Some("refuse") => TooGoodPolicy::Refuse,
                _ => return Err(self.wrong("routing.too_good", "accept, flag or refuse")),
            },
            too_good_above: self.parsed("routing.too_good_bps", basis_points)?,
            ..Routing::default()
        };
        if !(2..=1000).contains(&routing.max_points) {
            return Err(self.wrong("routing.max_points", "a whole number from 2 to 1000"));
        }
        if routing.route_expiry <= routing.broadcast_interval {
            return Err(ConfigError::ExpiryTooShort {
                expiry: routing.route_expiry.0,
                interval: routing.broadcast_interval.0,
            });
        }
        Ok(routing)
    }
}

fn is_loopback(url: &reqwest::Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests;
