//! What is taken elsewhere: to our server, to a connector with ilp-plugin-virtual, into ilp-kit's form. Pure.

use c2c::amount::Amount;
use c2c::peering::{Details, Mode as Way};
use c2c::webfinger::Host;
use serde_json::json;
use zeroize::Zeroizing;

/// One thing to copy.
#[derive(Clone, PartialEq)]
pub struct Export {
    /// The stable name.
    pub name: &'static str,
    /// What it is for.
    pub label: &'static str,
    /// What is shown of it: no token.
    pub shown: String,
    /// What is copied, where that holds more than what is shown.
    pub whole: Option<Zeroizing<String>>,
    /// What has to be done with it.
    pub note: &'static str,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Export({}: {})", self.name, self.shown)
    }
}

/// Peering by host names, for which no secret has to be taken anywhere.
pub struct ByHost<'a> {
    /// The peer's host.
    pub host: &'a Host,
    /// Its key.
    pub peer_key: &'a str,
    /// Where it takes calls.
    pub rpc_uri: &'a str,
    /// The ledger.
    pub prefix: &'a str,
    /// The currency.
    pub currency: &'a str,
    /// The scale.
    pub scale: u8,
    /// The most they may owe me.
    pub limit: Option<Amount>,
    /// The same as it was typed.
    pub limit_text: &'a str,
}

/// What a peering by host names is taken elsewhere as.
pub fn by_host(it: &ByHost<'_>) -> Vec<Export> {
    let limit = match it.limit_text.trim() {
        "" => "LIMIT",
        text => text,
    };
    let options = json!({
        "name": it.host.to_string(),
        "secret": "YOUR SECRET",
        "peerPublicKey": it.peer_key,
        "prefix": it.prefix,
        "rpcUri": it.rpc_uri,
        "maxBalance": it.limit.map(|limit| limit.to_string()),
        "currencyCode": it.currency,
        "currencyScale": it.scale,
        "info": { "connectors": [format!("{}{}", it.prefix, it.peer_key)] },
    });
    let form = format!(
        "Peer hostname: {}\nLimit: {limit}\nCurrency code: {}",
        it.host, it.currency
    );
    vec![
        Export {
            name: "server",
            label: "Our server",
            shown: format!(
                "c2c peer add {} --currency {} --scale {} --limit {limit}",
                it.host.base_url(),
                it.currency,
                it.scale
            ),
            whole: None,
            note: "It derives prefix and token itself, with the secret in its secret_file.",
        },
        Export {
            name: "plugin",
            label: "ilp-plugin-virtual options",
            shown: pretty(&options),
            whole: None,
            note: "Put your own secret where it says so; it is not part of an export.",
        },
        Export {
            name: "kit",
            label: "ilp-kit form",
            shown: form,
            whole: None,
            note: match it.scale {
                9 => "Its form knows no scale and always sends 9, which is what you agreed on.",
                _ => "Its form knows no scale and always sends 9: it cannot make this peering.",
            },
        },
    ]
}

/// What a peering without WebFinger is taken elsewhere as. Its tokens are masked where it is shown.
pub fn by_telling(details: &Details, limit: Option<Amount>) -> Vec<Export> {
    debug_assert_eq!(details.mode, Way::Manual);
    let body = |send: &str, accept: &str| {
        pretty(&json!({
            "mode": "manual",
            "rpc_uri": details.rpc_uri.as_str(),
            "protocol_version": details.protocol_version,
            "send_token": send,
            "accept_token": accept,
            "prefix": details.prefix,
            "account": details.account,
            "peer_account": details.peer_account,
            "currency": details.currency,
            "scale": details.scale,
            "limit": limit,
        }))
    };
    let plugin = |send: &str, _accept: &str| {
        pretty(&json!({
            "name": details.rpc_uri.authority(),
            "token": send,
            "prefix": details.prefix,
            "rpcUri": details.rpc_uri.as_str(),
            "account": details.account,
            "maxBalance": limit.map(|limit| limit.to_string()),
            "currencyCode": details.currency,
            "currencyScale": details.scale,
            "info": { "connectors": [details.peer_account] },
        }))
    };
    let (send, accept) = (details.send_token.reveal(), details.accept_token.reveal());
    let dots = "••••";
    vec![
        Export {
            name: "server",
            label: "Our server",
            shown: body(dots, dots),
            whole: Some(Zeroizing::new(body(send, accept))),
            note: "POST it to /api/v1/peers of your server with its admin token. A copy holds both tokens.",
        },
        Export {
            name: "plugin",
            label: "ilp-plugin-virtual options",
            shown: plugin(dots, dots),
            whole: Some(Zeroizing::new(plugin(send, accept))),
            note: "A copy holds the token for your calls. The plugin accepts only calls that its host lets through.",
        },
    ]
}

fn pretty(value: &serde_json::Value) -> String {
    // Texts and small numbers.
    serde_json::to_string_pretty(value).unwrap_or_default()
}
