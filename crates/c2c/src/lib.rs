//! The Connector-to-Connector protocol of the Interledger (2017), without I/O.
//!
//! Nothing in this crate reads a clock, opens a socket, starts a thread or draws a random number:
//! time, bytes and randomness come in as arguments, and what to do comes out as values. So the same
//! engine runs in a server, in a browser, and in tests that play months in seconds.
//!
//! # How it is driven
//!
//! A [`Connector`] is one side of any number of peerings. Whoever drives it does three things:
//!
//! 1. [`Connector::handle_input`] with the time and one [`Input`], whenever something happens.
//! 2. [`Connector::poll_output`] until there is nothing more; do each [`Output`] in order. What is to
//!    be persisted is durable before any later answer or call is let out.
//! 3. Sleep until [`Connector::next_wakeup`], unless something happens before.
//!
//! What a peer sends is never an error of the call: it is answered, and what it says about the peer
//! becomes a state and an event. An error is a mistake of the driver, and changes nothing.
//!
//! Here two connectors peer by each other's host records, and every call is carried across at once:
//!
//! ```
//! use c2c::address::CurrencyCode;
//! use c2c::connector::{CallId, CallOutcome, Peer, Request, RequestId};
//! use c2c::peering::{Details, Terms};
//! use c2c::snapshot::PeerState;
//! use c2c::webfinger::{Host, Record, RpcUri};
//! use c2c::{Amount, Config, Connector, Input, Output, Scale, SecretKey, Timestamp};
//!
//! let now = Timestamp::from_millis(1_504_224_000_000);
//! let terms = Terms {
//!     currency: CurrencyCode::new("USD")?,
//!     scale: Scale::new(9)?,
//!     limit: Amount::from_currency("100", Scale::new(9)?)?,
//! };
//! let keys = [SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32])];
//! let hosts = [Host::parse("red.example")?, Host::parse("blue.example")?];
//! let mut connectors = Vec::new();
//! for (key, host) in keys.iter().zip(&hosts) {
//!     connectors.push(Connector::new(Config::new(&host.base_url(), key.public_key()), now)?);
//! }
//!
//! // Each looks the other's record up and derives the same prefix and token from it.
//! for (me, other) in [(0, 1), (1, 0)] {
//!     let rpc_uri = RpcUri::parse(&format!("{}/rpc", hosts[other].base_url()), false)?;
//!     let record = Record::new(&hosts[other], keys[other].public_key(), rpc_uri);
//!     let details = Details::from_webfinger(&keys[me], &record, &hosts[other], &terms)?;
//!     let peer = Box::new(Peer::new(details, terms.limit));
//!     connectors[me].handle_input(now, Input::AddPeer(peer))?;
//! }
//!
//! // The wire between them.
//! while let Some((from, output)) =
//!     (0..2).find_map(|i| Some((i, connectors[i].poll_output()?)))
//! {
//!     let input = match output {
//!         Output::Call(call) => Input::Request(Request {
//!             id: RequestId(call.id.0),
//!             method: call.method.to_string(),
//!             prefix: call.peer.to_string(),
//!             bearer: Some(call.bearer.reveal().to_owned()),
//!             body: call.body,
//!         }),
//!         Output::Answer(answer) => Input::CallDone {
//!             id: CallId(answer.id.0),
//!             outcome: CallOutcome::Answered { status: answer.status, body: answer.body },
//!         },
//!         Output::Persist(_) | Output::Event(_) => continue,
//!     };
//!     connectors[1 - from].handle_input(now, input)?;
//! }
//!
//! let (red, blue) = (connectors[0].peers(), connectors[1].peers());
//! assert_eq!(red.peers[0].prefix, blue.peers[0].prefix);
//! assert_eq!(red.peers[0].state, PeerState::Checked);
//! assert_eq!(blue.peers[0].peer_limit, Some(terms.limit));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//!
//! The number is the floor. A room knows only lower floors, and a child of a room knows its parent,
//! never its sister.
//!
//! | floor | room | holds |
//! | --- | --- | --- |
//! | 1 | [`address`] | addresses, ledger prefixes, currency codes |
//! | 1 | [`amount`] | base units, scale, exact decimals |
//! | 1 | [`key`] | X25519 keys, base64url |
//! | 1 | [`timestamp`] | the caller's milliseconds |
//! | 2 | [`curve`] | liquidity curves: evaluate, combine, join, shift, simplify |
//! | 2 | [`packet`] | ILP packets in their octet encoding |
//! | 2 | [`schema`] | JSON of both dialects to values, or to listed faults |
//! | 2 | [`webfinger`] | hosts and their records |
//! | 3 | [`peering`] | shared secret, prefix, token, the six facts |
//! | 3 | [`message`] | what peers say to each other |
//! | 3 | [`route`] | a route, its length, joining and combining |
//! | 3 | [`ledger`] | the ledger between two peers: balance, limits, transfers |
//! | 4 | [`accounts`] | a ledger of our own: accounts, payments, invoices |
//! | 4 | [`rpc`] | the calls, one method a file |
//! | 4 | [`table`] | what was heard, joined with our own pairs |
//! | 5 | [`broadcast`] | updates into the table, and out of it |
//! | 5 | [`snapshot`] | what a connector shows of itself, as JSON |
//! | 6 | [`connector`] | the engine |
//!
//! # Words
//!
//! - *base unit*: the smallest unit of a ledger. 1 of the currency is 10^scale base units. Every
//!   amount is a whole number of them.
//! - *ledger*: where accounts are; its name is a prefix that ends in a dot, such as `example.red.`.
//! - *account*: an address on a ledger.
//! - *peer ledger*: the ledger of two accounts between two connectors; its prefix starts with `peer.`.
//! - *own ledger*: any other ledger on which the connector has an account.
//! - *local pair*: two ledgers on which the connector has accounts, in one direction, with a rate.
//! - *liquidity curve*: for each amount that goes in, the amount that comes out.
//! - *next hop*: the account that the next transfer goes to.
//! - *hop*: a ledger on the way; a route's hops count both ends.
//! - *transfer*: money moving between two accounts of one ledger, as long as it has a *condition*, on
//!   hold until its *fulfillment* is shown or it expires.
//! - *hold-down*: how long a peer's routes stay good without another word from it.
//! - *heartbeat*: a broadcast without routes, which says that what was told still holds.
//! - *dialect*: one of the two forms in which broadcasts were written, as cited by the specification
//!   (17) or as deployed (21).
//!
//! *spec* in these pages is the Connector-to-Connector protocol, draft 2. Where the software of 2017
//! does otherwise than this crate, the place says `DIFFERENCE` and why.

pub mod accounts;
pub mod address;
pub mod amount;
pub mod broadcast;
pub mod connector;
pub mod curve;
pub mod journal;
pub mod key;
pub mod ledger;
pub mod message;
pub mod packet;
pub mod payment;
pub mod peering;
pub mod quote;
pub mod route;
pub mod rpc;
pub mod schema;
pub mod snapshot;
pub mod table;
pub mod timestamp;
pub mod webfinger;

pub use address::{CurrencyCode, IlpAddress, LedgerPrefix};
pub use amount::{Amount, Scale};
pub use connector::{Config, Connector, Input, Output};
pub use curve::Curve;
pub use key::{PublicKey, SecretKey};
pub use peering::{AuthToken, Details};
pub use timestamp::{Millis, Timestamp};
pub use webfinger::{Host, Record};

/// The example of the README is run with those of these pages.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
