//! `c2c serve`.

use tokio::signal::unix::{SignalKind, signal};

use crate::args::Settings;
use crate::config::ConfigError;
use crate::error::Error;
use crate::serve::Server;

/// Serves until Ctrl-C, SIGTERM or a failure of the store.
pub async fn run(settings: &Settings) -> Result<(), Error> {
    let (config, _) = super::settings(settings).map_err(first_run)?;
    let server = Server::start(&config).await?;
    // The line that others wait for comes last: a pipe closed after it must not end the server.
    println!(
        "connector: {}\npublic key: {}\nadmin token: {}\nlistening: {}://{}/",
        config.url,
        server.public_key,
        config.admin_token_file.display(),
        if config.tls.is_some() {
            "https"
        } else {
            "http"
        },
        server.address
    );
    let failed = tokio::select! {
        () = server.failed() => true,
        () = end_signal() => false,
    };
    server.stop().await;
    if failed { Err(Error::Failed) } else { Ok(()) }
}

/// Somebody who starts without any settings is told all that is missing, with the command for each.
fn first_run(error: Error) -> Error {
    match error {
        Error::Config(ConfigError::Missing { key, .. }) if key == "url" => Error::Usage {
            message: "\
This connector has no public address yet. It needs
  1. a secret:        c2c key new
  2. its address:     c2c serve --url https://wallet1.example
     or, in a file:   c2c serve --config c2c.toml
To look around first: c2c demo"
                .to_owned(),
        },
        other => other,
    }
}

/// Comes with Ctrl-C or SIGTERM.
pub async fn end_signal() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
