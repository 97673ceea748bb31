//! Two and more connectors on invented time: peering, telling routes, losing them.

#[path = "peers/journal.rs"]
mod journal;
#[path = "peers/peering.rs"]
mod peering;
#[path = "peers/routes.rs"]
mod routes;
