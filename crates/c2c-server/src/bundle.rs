//! What a diagnosis needs, in one JSON document without secrets: version, settings, health, figures, peers, the last
//! lines of the log and the last changes.
//!
//! Each part is made of what is shown elsewhere too, none of which holds a secret. To be sure, the whole is searched
//! for the admin token and the connector's secret before it leaves, and what is found is blotted out.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::App;
use crate::log;

/// How many changes are in it.
const CHANGES: usize = 100;

/// What stands in the place of a secret.
const BLOT: &str = "(a secret)";

/// The document.
pub fn bundle(app: &Arc<App>) -> Value {
    let (identity, peers, inbox, refused) = app.driver.look(|engine, _| {
        let refused = engine.refused();
        (engine.identity(), engine.peers(), engine.inbox(), refused)
    });
    let figures = crate::admin::figures(app).unwrap_or_default();
    let (changes, note) = match app.audit.last(CHANGES) {
        Ok(entries) => (json!(entries), None),
        Err(error) => (json!([]), Some(error.to_string())),
    };
    let bundle = json!({
        "program": { "name": "c2c", "version": env!("CARGO_PKG_VERSION") },
        "time": app.driver.look(|_, now| now).to_string(),
        "system": { "os": std::env::consts::OS, "arch": std::env::consts::ARCH },
        "health": {
            "sound": app.driver.is_sound(),
            "stopping": *app.stopping.borrow(),
            "connections": app.limits.open(),
            "in_flight": app.limits.in_flight(),
        },
        "settings": app.settings,
        "identity": identity,
        "peers": peers,
        "inbox": inbox,
        "refused_routes": refused,
        "rates": app.rates.view(app.driver.look(|_, now| now)),
        "figures": figures.lines().collect::<Vec<_>>(),
        "changes": changes,
        "changes_not_read": note,
        "log": log::recent(),
    });
    blotted(app, bundle)
}

/// The settings as they may be shown: what may hold a key, and paths that a stranger needs not know, are left out
/// of addresses.
pub fn settings(explained: &[crate::config::Explained]) -> Value {
    let shown = explained.iter().map(|one| {
        let value = one
            .value
            .as_deref()
            .map(|value| without_key(one.key, value));
        json!({ "key": one.key, "value": value, "source": one.source })
    });
    shown.collect()
}

/// The query of the feed may hold a key, and its address a user with a password. Of the database the password is left
/// out already.
fn without_key(key: &str, value: &str) -> String {
    if key != "rates.url" {
        return value.to_owned();
    }
    match value.parse::<reqwest::Url>() {
        Ok(mut url) if url.has_host() => {
            url.set_query(None);
            // An address without a host has neither; this one has a host.
            let _ = (url.set_username(""), url.set_password(None));
            url.to_string()
        }
        _ => value.split('?').next().unwrap_or_default().to_owned(),
    }
}

fn blotted(app: &App, bundle: Value) -> Value {
    let token = app.admin_token.current();
    let secret = app.secret.to_base64url();
    let mut text = bundle.to_string();
    let mut is_clean = true;
    for secret in [token.as_str(), secret.as_str()] {
        if text.contains(secret) {
            text = text.replace(secret, BLOT);
            is_clean = false;
        }
    }
    match is_clean {
        true => bundle,
        // A secret holds no character that JSON writes otherwise, so that what is left is JSON.
        false => serde_json::from_str(&text).unwrap_or_else(|_| json!(BLOT)),
    }
}
