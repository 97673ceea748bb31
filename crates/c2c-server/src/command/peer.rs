//! `c2c peer`, on a running server.

use c2c::amount::{Amount, Scale};
use c2c::snapshot::{CheckView, MismatchView, PeerView, PeersView, ReconciliationView};
use serde_json::json;

use super::remote::Remote;
use super::{Out, invite};
use crate::args::PeerCommand;
use crate::error::Error;

/// Adds, lists, checks, removes.
pub async fn run(command: &PeerCommand, out: Out) -> Result<(), Error> {
    match command {
        PeerCommand::Add {
            host,
            currency,
            scale,
            limit,
            server,
        } => {
            let usage = |error: &dyn std::fmt::Display| Error::Usage {
                message: error.to_string(),
            };
            let scale: Scale = scale.parse().map_err(|e| usage(&e))?;
            let limit = Amount::from_currency(limit, scale).map_err(|e| usage(&e))?;
            let body = json!({
                "mode": "webfinger",
                "host": host,
                "currency": currency,
                "scale": scale,
                "limit": limit,
            });
            let peer: PeerView = Remote::new(server)?.post(&["peers"], &body).await?;
            out.print(&peer, || {
                format!(
                    "Added {host}. They must add you too, with the same currency and scale.\n{}",
                    line(&peer)
                )
            });
        }
        PeerCommand::Invite(arguments) => invite::invite(arguments, out).await?,
        PeerCommand::Accept(arguments) => invite::accept(arguments, out).await?,
        PeerCommand::List { server } => {
            let view: PeersView = Remote::new(server)?.get(&["peers"], &[]).await?;
            out.print(&view, || match view.peers.is_empty() {
                true => "No peers yet. Add one with: c2c peer add HOST --limit 100".to_owned(),
                false => view.peers.iter().map(line).collect::<Vec<_>>().join("\n"),
            });
        }
        PeerCommand::Check { prefix, server } => {
            let remote = Remote::new(server)?;
            let view: CheckView = remote.post(&["peers", prefix, "check"], &json!({})).await?;
            out.print(&view, || {
                let rows = view.steps.iter().map(|step| {
                    let mark = if step.ok { "ok" } else { "NO" };
                    format!("{mark}  {}: {}", step.name, step.message)
                });
                rows.collect::<Vec<_>>().join("\n")
            });
            if !view.ok {
                return Err(Error::Found);
            }
        }
        PeerCommand::Mismatch { prefix, server } => {
            let remote = Remote::new(server)?;
            let path = ["peers", prefix, "mismatch"];
            let view: MismatchView = remote.post(&path, &json!({})).await?;
            out.print(&view, || format!("{} ({} tried)", view.message, view.tried));
            if view.code.is_some() {
                return Err(Error::Found);
            }
        }
        PeerCommand::Reconcile { prefix, server } => {
            let remote = Remote::new(server)?;
            let path = ["peers", prefix, "reconcile"];
            let view: ReconciliationView = remote.post(&path, &json!({})).await?;
            out.print(&view, || comparison(&view));
            if !view.ok {
                return Err(Error::Found);
            }
        }
        PeerCommand::Remove { prefix, server } => {
            Remote::new(server)?.delete(&["peers", prefix]).await?;
            out.print(&json!({ "removed": prefix }), || {
                format!("Removed {prefix}")
            });
        }
    }
    Ok(())
}

/// The report for people.
fn comparison(view: &ReconciliationView) -> String {
    let theirs = view
        .peer_balance
        .map_or_else(|| "not told".to_owned(), |balance| balance.to_string());
    let mut lines = vec![
        view.message.clone(),
        format!(
            "ours {}  theirs {theirs}  on hold in {} out {}",
            view.balance, view.on_hold_incoming, view.on_hold_outgoing
        ),
    ];
    lines.extend(view.transfers.iter().map(|transfer| {
        format!(
            "{}  {} {} {}  {}",
            transfer.id, transfer.direction, transfer.state, transfer.amount, transfer.message
        )
    }));
    if let Some(units) = view.unexplained.filter(|units| units.0 != 0) {
        lines.push(format!(
            "{units} units are explained by no transfer that is certain."
        ));
    }
    lines.extend(view.hint.clone());
    lines.join("\n")
}

fn line(peer: &PeerView) -> String {
    let name = peer.host.as_deref().unwrap_or(&peer.rpc_uri);
    format!(
        "{}  {name}  {}  limit {} {}: {}",
        peer.prefix,
        peer.state,
        peer.limit.to_currency(peer.scale),
        peer.currency,
        peer.reason
    )
}
