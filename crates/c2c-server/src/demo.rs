//! `c2c demo`: a small network of full connectors on this machine, each with its own key, database and
//! port. They peer by their host records through the admin API, in both directions, and broadcast to
//! each other over HTTP. The first of them is the dashboard.

mod data;
mod network;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use c2c::amount::{Amount, Scale};
use c2c::snapshot::ErrorBody;
use futures_util::future::join_all;
use reqwest::Client;
use serde_json::json;
use tokio::net::TcpListener;

use self::data::{DIRECTORY, Data};
use self::network::{CONNECTORS, LINKS};
use crate::args::Demo;
use crate::command::serve::end_signal;
use crate::config::{Config, Sources};
use crate::error::Error;
use crate::secret_file::create_secret;
use crate::serve::Server;

/// Where everything is kept unless the user says otherwise.
const USUAL_DATA: &str = "target/demo";
/// How long the first routes may take before the dashboard is shown without them.
const FIRST_ROUTES: Duration = Duration::from_secs(3);

/// Runs until Ctrl-C or SIGTERM, then ends everything.
pub async fn run(arguments: &Demo) -> Result<(), Error> {
    let keep = arguments.data.is_some();
    let folder = arguments.data.clone().unwrap_or(PathBuf::from(USUAL_DATA));
    let data = Data::open(&folder)?;
    let ended = tokio::select! {
        ended = show(arguments, &folder) => ended,
        () = end_signal() => Ok(()),
    };
    if !keep {
        data.remove();
    }
    ended
}

async fn show(arguments: &Demo, folder: &Path) -> Result<(), Error> {
    let network = Network::start(folder, arguments.port, arguments.web.as_deref()).await?;
    for (connector, server) in CONNECTORS.iter().zip(&network.servers) {
        eprintln!(
            "  {:7} http://{}/  {}",
            connector.name, server.address, connector.about
        );
    }
    eprintln!("  peering {} pairs by their host records", LINKS.len());
    network.peer().await?;
    eprintln!("  waiting for the first routes");
    network.wait_for_routes(FIRST_ROUTES).await;
    println!("dashboard: http://{}/", network.servers[0].address);
    let failed = network
        .servers
        .iter()
        .map(|server| Box::pin(server.failed()));
    futures_util::future::select_all(failed).await;
    network.stop().await;
    Err(Error::Failed)
}

/// The list in which each connector of the network finds the others.
fn list(folder: &Path, servers: &[Server]) -> Result<(), Error> {
    let hosts: Vec<serde_json::Value> = servers
        .iter()
        .zip(CONNECTORS)
        .map(|(server, connector)| {
            serde_json::json!({ "host": format!("http://{}", server.address), "currencies": [connector.currency] })
        })
        .collect();
    let file = folder.join(DIRECTORY);
    let text = serde_json::json!({ "hosts": hosts }).to_string();
    std::fs::write(&file, text).map_err(|reason| Error::File {
        path: file.display().to_string(),
        reason,
    })
}

/// The running connectors, in the order of [`CONNECTORS`].
struct Network {
    servers: Vec<Server>,
}

impl Network {
    /// Starts every connector. The first one listens on `port`, or on any free one for 0.
    async fn start(folder: &Path, port: u16, web: Option<&Path>) -> Result<Self, Error> {
        let mut servers = Vec::new();
        for (index, connector) in CONNECTORS.iter().enumerate() {
            let port = if index == 0 { port } else { 0 };
            let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let refused = |reason| Error::Listen {
                address: wanted.to_string(),
                reason,
            };
            let listener = TcpListener::bind(wanted).await.map_err(refused)?;
            let address = listener.local_addr().map_err(refused)?;
            let home = folder.join(connector.name);
            make_folder(&home)?;
            create_secret(&home.join("connector.secret"))?;
            let file = home.join("c2c.toml");
            let text = connector.settings(address, web);
            std::fs::write(&file, &text).map_err(|reason| Error::File {
                path: file.display().to_string(),
                reason,
            })?;
            let (config, _) = Config::resolve(&Sources {
                flag: &|_| None,
                environment: &|_| None,
                file: Some((&file, &text)),
            })?;
            servers.push(Server::start_on(listener, &config)?);
        }
        list(folder, &servers)?;
        Ok(Self { servers })
    }

    /// Makes every link, in both directions, as two operators would.
    async fn peer(&self) -> Result<(), Error> {
        let client = Client::builder().no_proxy().build()?;
        for link in LINKS {
            let (a, b) = (self.server(link.a), self.server(link.b));
            add_peer(&client, a, b, link.currency, link.b_may_owe_a).await?;
            add_peer(&client, b, a, link.currency, link.a_may_owe_b).await?;
        }
        Ok(())
    }

    /// Until the dashboard has heard of every connector's ledger, or the time is over.
    async fn wait_for_routes(&self, most: Duration) {
        let all = async {
            while !self.has_all_routes() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let _ = tokio::time::timeout(most, all).await;
    }

    fn has_all_routes(&self) -> bool {
        let Some(app) = self.servers[0].app() else {
            return false;
        };
        let source = CONNECTORS[0].ledger();
        let routes = app
            .driver
            .look(|engine, _| engine.routes(Some(source.as_str()), None));
        CONNECTORS.iter().skip(1).all(|connector| {
            let ledger = connector.ledger();
            let mut known = routes.routes.iter();
            known.any(|route| route.destination_ledger == *ledger.as_address())
        })
    }

    async fn stop(self) {
        join_all(self.servers.into_iter().map(Server::stop)).await;
    }

    fn server(&self, name: &str) -> &Server {
        // The names in the table of links are those of the table of connectors; a test holds them to it.
        let index = CONNECTORS
            .iter()
            .position(|connector| connector.name == name);
        &self.servers[index.expect("links join connectors of the table")]
    }
}

/// `POST /peers` at `at`, for `other`.
async fn add_peer(
    client: &Client,
    at: &Server,
    other: &Server,
    currency: &str,
    limit: u64,
) -> Result<(), Error> {
    let body = json!({
        "mode": "webfinger",
        "host": format!("http://{}", other.address),
        "currency": currency,
        "scale": Scale::KIT,
        "limit": Amount::new(limit * Scale::KIT.units_per_one()),
    });
    let app = at.app().ok_or(Error::Failed)?;
    let response = client
        .post(format!("http://{}/api/v1/peers", at.address))
        .bearer_auth(app.admin_token.current().as_str())
        .body(body.to_string())
        .send()
        .await?;
    if response.status().is_success() {
        return Ok(());
    }
    let bytes = response.bytes().await?;
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| ErrorBody {
        id: "DEMO".to_owned(),
        message: "A connector of the demo network refused its peer.".to_owned(),
        path: None,
        hint: None,
    });
    Err(Error::Remote { body })
}

fn make_folder(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|reason| Error::File {
        path: path.display().to_string(),
        reason,
    })
}

#[cfg(test)]
mod tests;
