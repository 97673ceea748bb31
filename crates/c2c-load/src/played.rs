//! Peers that know no more than to answer: they take everything, and never call.

use std::net::SocketAddr;

use c2c::address::LedgerPrefix;
use c2c::key::SecretKey;
use c2c::peering::shared_secret;
use serde_json::{Value, json};

use crate::calls::Line;
use crate::failure::Failure;
use crate::hosts::{Server, call};
use crate::listen::{Asked, listen};

/// The most that these peers let others owe them, and that others let them.
pub const LIMIT: &str = "1000000000000000";

/// The token that the server calls these peers with.
pub const SENT: &str = "what-the-server-sends-to-the-played";

const REL: &str = "https://interledger.org/rel/";

/// Starts to answer for all peers that are played here, with the host record of `key`.
pub async fn answer_all(key: &SecretKey) -> Result<SocketAddr, Failure> {
    let public = key.public_key().to_string();
    listen(move |asked| {
        let public = public.clone();
        async move { (200, said(&public, &asked).to_string()) }
    })
    .await
}

fn said(public: &str, asked: &Asked) -> Value {
    if asked.path == "/.well-known/webfinger" {
        let resource = asked.parameter("resource");
        return json!({
            "subject": resource,
            "properties": {
                format!("{REL}publicKey"): public,
                format!("{REL}protocolVersion"): "Compatible: ilp-kit v3.0.0",
            },
            "links": [{ "rel": format!("{REL}peersRpcUri"), "href": format!("{resource}/rpc") }],
        });
    }
    match asked.parameter("method") {
        "get_limit" => json!(LIMIT),
        "get_balance" => json!("0"),
        "send_request" => {
            let message: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let of = |name: &str| message[0][name].clone();
            json!({ "ledger": of("ledger"), "from": of("to"), "to": of("from") })
        }
        _ => json!(true),
    }
}

/// Adds a peer of which nothing but its `number` is known, whose calls `answers` takes.
pub fn add_to_server(server: &Server, answers: SocketAddr, number: usize) -> Result<Line, Failure> {
    let prefix: LedgerPrefix = format!("peer.n{number:04}.usd.9.")
        .parse()
        .map_err(Failure::of("prefix"))?;
    let (account, server_account) = (prefix.account("played"), prefix.account("server"));
    let account = account.map_err(Failure::of("account"))?;
    let server_account = server_account.map_err(Failure::of("account"))?;
    let token = format!("token-of-the-played-peer-{number:04}");
    server.admin(
        "POST",
        "/peers",
        &json!({
            "mode": "manual",
            "rpc_uri": format!("http://{answers}/rpc"),
            "protocol_version": "Compatible: ilp-kit v3.0.0",
            "send_token": SENT,
            "accept_token": token,
            "prefix": prefix.as_str(),
            "account": server_account.as_str(),
            "peer_account": account.as_str(),
            "currency": "USD",
            "scale": 9,
            "limit": LIMIT,
        }),
    )?;
    Ok(Line {
        server: server.address,
        prefix,
        account,
        server_account,
        token,
    })
}

/// Has a connector of 2017 look us up by WebFinger and add us.
pub fn add_to_kit(kit: SocketAddr, key: &SecretKey, answers: SocketAddr) -> Result<Line, Failure> {
    let body = json!({
        "url": format!("http://{answers}"), "currency": "USD", "scale": 9, "limit": LIMIT,
    });
    let made = call(kit, "POST", "/control/peer", "", &body.to_string())?;
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let server_account = text("account");
    let (_, public) = server_account
        .rsplit_once('.')
        .ok_or_else(|| Failure::new(format!("the kit answered {made}")))?;
    let public = public.parse().map_err(Failure::of("the kit's key"))?;
    let shared = shared_secret(key, &public).map_err(Failure::of("the kit's key"))?;
    Ok(Line {
        server: kit,
        prefix: text("prefix").parse().map_err(Failure::of("prefix"))?,
        account: text("peer_account")
            .parse()
            .map_err(Failure::of("account"))?,
        server_account: server_account.parse().map_err(Failure::of("account"))?,
        token: shared.auth_token().reveal().to_owned(),
    })
}
