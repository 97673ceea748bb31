//! `c2c routes`, on a running server.

use c2c::snapshot::{RouteView, RoutesView, WhyView};

use super::Out;
use super::remote::Remote;
use crate::args::Routes;
use crate::error::Error;

/// Lists routes, or explains one payment.
pub async fn run(arguments: &Routes, out: Out) -> Result<(), Error> {
    let remote = Remote::new(&arguments.server)?;
    let given = |name: &'static str, value: Option<String>| value.map(|value| (name, value));
    let source = given("source", arguments.source.clone());
    if !arguments.why {
        let query = [source, given("search", arguments.prefix.clone())];
        let query: Vec<_> = query.into_iter().flatten().collect();
        let view: RoutesView = remote.get(&["routes"], &query).await?;
        out.print(&view, || match view.routes.is_empty() {
            true => "No routes.".to_owned(),
            false => view.routes.iter().map(lines).collect::<Vec<_>>().join("\n"),
        });
        return Ok(());
    }
    let units = |amount: Option<u64>| amount.map(|units| units.to_string());
    let query = [
        source,
        given("destination", arguments.prefix.clone()),
        given("source_amount", units(arguments.source_amount)),
        given("destination_amount", units(arguments.destination_amount)),
    ];
    let query: Vec<_> = query.into_iter().flatten().collect();
    let view: WhyView = remote.get(&["routes", "why"], &query).await?;
    out.print(&view, || {
        let mut lines = vec![view.sentence.clone()];
        let rejected = view.rejected.iter();
        lines.extend(rejected.map(|one| format!("  not {}: {}", one.next_hop, one.reason)));
        lines.join("\n")
    });
    if view.winner.is_some() {
        Ok(())
    } else {
        Err(Error::Found)
    }
}

fn lines(route: &RouteView) -> String {
    let mut lines = vec![format!("{} → {}", route.source_ledger, route.target_prefix)];
    for candidate in &route.candidates {
        let mark = if candidate.wins { "*" } else { " " };
        let most = candidate.points.as_ref().and_then(|points| points.last());
        let carries = match most {
            Some((source, destination)) => format!("up to {source} for {destination}"),
            None => "ask for a quote".to_owned(),
        };
        lines.push(format!(
            "  {mark} {}  {} ledgers  {carries}",
            candidate.next_hop, candidate.hops
        ));
    }
    lines.join("\n")
}
