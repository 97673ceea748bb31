//! `c2c quote`, on a running server.

use c2c::snapshot::{QuoteFound, QuoteView};
use serde_json::json;

use super::Out;
use super::remote::Remote;
use crate::args::Quote;
use crate::error::Error;

/// Asks what arrives, or what it takes, or for the curve.
pub async fn run(arguments: &Quote, out: Out) -> Result<(), Error> {
    let units = |amount: Option<u64>| amount.map(|units| units.to_string());
    let body = json!({
        "source": arguments.source,
        "destination": arguments.destination,
        "source_amount": units(arguments.source_amount),
        "destination_amount": units(arguments.destination_amount),
        "destination_hold_ms": arguments.hold_ms,
    });
    let remote = Remote::new(&arguments.server)?;
    let view: QuoteView = remote.post(&["quotes"], &body).await?;
    out.print(&view, || lines(&view));
    Ok(())
}

fn lines(view: &QuoteView) -> String {
    let found = match view.found {
        QuoteFound::Curve => "by the curves that we know",
        QuoteFound::Remote => "by what the next connector answered",
        QuoteFound::SameLedger => "both are on one ledger",
    };
    let mut lines = Vec::new();
    if let (Some(source), Some(destination)) = (view.source_amount, view.destination_amount) {
        let (from, to) = (&view.source_ledger, &view.destination);
        lines.push(format!("{source} from {from} → {destination} at {to}"));
    }
    for (source, destination) in view.points.iter().flatten() {
        lines.push(format!("  {source} → {destination}"));
    }
    if let (Some(prefix), Some(until)) = (&view.applies_to_prefix, view.expires_at) {
        lines.push(format!("for {prefix}, until {until}"));
    }
    let (here, there) = (view.source_hold_ms, view.destination_hold_ms);
    lines.push(format!("hold {here} ms here, {there} ms there; {found}"));
    lines.join("\n")
}
