//! `c2c serve`.

use tokio::signal::unix::{SignalKind, signal};

use crate::args::Settings;
use crate::error::Error;
use crate::serve::Server;

/// Serves until Ctrl-C, SIGTERM or a failure of the store.
pub async fn run(settings: &Settings) -> Result<(), Error> {
    let (config, _) = super::settings(settings)?;
    let server = Server::start(&config).await?;
    println!("connector: {}", config.url);
    println!("public key: {}", server.app.record.public_key);
    println!("listening: http://{}/", server.address);
    println!("admin token: {}", config.admin_token_file.display());
    let failed = tokio::select! {
        () = server.failed() => true,
        () = end_signal() => false,
    };
    server.stop().await;
    if failed { Err(Error::Failed) } else { Ok(()) }
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
