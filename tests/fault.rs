//! Connectors in trouble, on invented time. The file says what breaks.

#[path = "fault/bad_broadcasts.rs"]
mod bad_broadcasts;
#[path = "fault/crashed_peer.rs"]
mod crashed_peer;
#[path = "fault/lossy_network.rs"]
mod lossy_network;
