//! Two and more connectors on invented time: peering, telling routes, losing them, paying.

#[path = "peers/journal.rs"]
mod journal;
#[path = "peers/payments.rs"]
mod payments;
#[path = "peers/peering.rs"]
mod peering;
#[path = "peers/routes.rs"]
mod routes;
