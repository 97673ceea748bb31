//! `c2c health`: for whatever watches a server and cannot make HTTP requests itself.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::Out;
use crate::args::Health;
use crate::error::Error;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends well if the server is ready, or alive if that is all that is asked.
pub async fn run(arguments: &Health, out: Out) -> Result<(), Error> {
    let question = if arguments.live { "live" } else { "ready" };
    let url = format!(
        "{}/health/{question}",
        arguments.server.trim_end_matches('/')
    );
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let said: Value = match client.get(&url).send().await {
        Ok(answer) => match answer.bytes().await {
            Ok(body) => serde_json::from_slice(&body).unwrap_or_default(),
            Err(_) => Value::Null,
        },
        Err(_) => json!({ "id": "SERVER_DOWN", "message": format!("{url} does not answer.") }),
    };
    if said[if arguments.live { "alive" } else { "ready" }] == true {
        out.print(&said, || question.to_owned());
        return Ok(());
    }
    out.print(&said, || {
        said["message"]
            .as_str()
            .unwrap_or("It is no c2c server.")
            .to_owned()
    });
    Err(Error::Found)
}
