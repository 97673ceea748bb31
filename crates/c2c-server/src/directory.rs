//! `GET /directory.json`: hosts that want to be found by operators who look for peers (spec, Discovery: a
//! public list). Our own is in it only if its operator says so, others if they are in the operator's file.
//! Without either the list is the file of the web app, which is empty unless somebody filled it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::config::Config;
use crate::site;

/// The longest file that is read, in bytes.
const MOST: u64 = 1 << 20;

/// Who is in the list.
#[derive(Clone, Debug)]
pub struct Directory {
    own: Option<Value>,
    file: Option<PathBuf>,
}

impl Directory {
    /// As the settings say.
    pub fn new(config: &Config) -> Self {
        let currencies: BTreeSet<&str> = config
            .ledgers
            .iter()
            .map(|ledger| ledger.currency.as_str())
            .collect();
        Self {
            own: config
                .listed
                .then(|| json!({ "host": config.url, "currencies": currencies })),
            file: config.directory_file.clone(),
        }
    }

    /// Our own host first, then those of the file that are not ours. What cannot be read is not in it, and the
    /// log says why.
    fn hosts(&self) -> Vec<Value> {
        let others = self.file.as_deref().and_then(|file| match read(file) {
            Ok(hosts) => Some(hosts),
            Err(reason) => {
                tracing::warn!(file = %file.display(), reason, "the list of hosts");
                None
            }
        });
        let own = self.own.iter().cloned();
        let is_own = |host: &Value| {
            self.own
                .as_ref()
                .is_some_and(|own| own["host"] == *host || own["host"] == host["host"])
        };
        let others = others.into_iter().flatten().filter(|host| !is_own(host));
        own.chain(others).collect()
    }
}

/// The hosts in a file, or what is wrong with it.
fn read(file: &Path) -> Result<Vec<Value>, String> {
    let size = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if size.len() > MOST {
        return Err(format!(
            "It has {} bytes; at most {MOST} are read.",
            size.len()
        ));
    }
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    match serde_json::from_slice(&text).map_err(|error| error.to_string())? {
        Value::Array(hosts) => Ok(hosts),
        Value::Object(mut members) => match members.remove("hosts") {
            Some(Value::Array(hosts)) => Ok(hosts),
            _ => Err("It has no list \"hosts\".".to_owned()),
        },
        _ => Err("It is neither a list nor an object with a list \"hosts\".".to_owned()),
    }
}

/// The list, for pages of every origin.
pub async fn list(State(app): State<Arc<App>>) -> Response {
    let directory = app.directory.clone();
    if directory.own.is_none() && directory.file.is_none() {
        return site::serve(app.web_root.clone(), "/directory.json").await;
    }
    // A file may be slow to read; one that is gone names nobody.
    let hosts = tokio::task::spawn_blocking(move || directory.hosts()).await;
    let list = json!({ "version": 1, "hosts": hosts.unwrap_or_else(|_| Vec::new()) });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, list.to_string()).into_response()
}
