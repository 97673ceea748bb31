//! The Connector-to-Connector protocol of the Interledger (2017), without I/O.
//!
//! Nothing in this crate reads a clock, opens a socket or draws a random number: time, bytes and
//! randomness come in as arguments, and what to do comes out as values.

pub mod address;
pub mod amount;
pub mod broadcast;
pub mod connector;
pub mod curve;
pub mod key;
pub mod ledger;
pub mod message;
pub mod packet;
pub mod peering;
pub mod quote;
pub mod route;
pub mod rpc;
pub mod schema;
pub mod snapshot;
pub mod table;
pub mod timestamp;
pub mod webfinger;
