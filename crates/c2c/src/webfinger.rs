//! The WebFinger record of a connector's host: where it is, how it is written, read and served.
//!
//! A connector publishes its public key and the address of its RPC at
//! `https://HOST/.well-known/webfinger?resource=https://HOST` (spec, Discovery and Appendix A, steps 2
//! and 3). This room knows the address and the contents; fetching is the caller's business.
//!
//! ```
//! use c2c::key::SecretKey;
//! use c2c::webfinger::{Host, Record, RpcUri};
//!
//! let host = Host::parse("https://wallet1.com/")?;
//! assert_eq!(host.record_url(), "https://wallet1.com/.well-known/webfinger?resource=https://wallet1.com");
//!
//! let key = SecretKey::from_bytes(&[7; 32]).public_key();
//! let own = Record::new(&host, key, RpcUri::parse("https://wallet1.com/rpc", false)?);
//! let read = Record::parse(own.to_json().as_bytes(), &host, false)?;
//! assert_eq!(read.public_key, key);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod host;
mod record;
mod rpc_uri;

pub use answer::{Answer, answer};
pub use host::{Host, HostError, HostErrorKind, HostInput};
pub use record::{NotJson, Record, RecordError};
pub use rpc_uri::{RpcUri, RpcUriError, RpcUriErrorKind};

/// The property that holds the public key, 43 characters of base64url.
pub const REL_PUBLIC_KEY: &str = "https://interledger.org/rel/publicKey";
/// The property that holds the protocol version.
pub const REL_PROTOCOL_VERSION: &str = "https://interledger.org/rel/protocolVersion";
/// The property that holds the display name; ilp-kit 3 adds it.
pub const REL_TITLE: &str = "https://interledger.org/rel/title";
/// The link to the RPC.
pub const REL_RPC_URI: &str = "https://interledger.org/rel/peersRpcUri";
/// The link to the host's own ledger; ilp-kit 3 adds it.
pub const REL_LEDGER_URI: &str = "https://interledger.org/rel/ledgerUri";
/// The link to the host's ways to settle; ilp-kit 3 adds it.
pub const REL_SETTLEMENT_METHODS: &str = "https://interledger.org/rel/settlementMethods";

/// Where every host keeps its records.
pub const WELL_KNOWN_PATH: &str = "/.well-known/webfinger";
/// What to ask for, as ilp-kit 3 does.
pub const ACCEPT: &str = "application/jrd+json, application/json";
/// What the answer is served as (RFC 7033, section 10.2).
pub const CONTENT_TYPE: &str = "application/jrd+json";
/// The protocol version that is published and offered unless the operator says otherwise.
pub const DEFAULT_PROTOCOL_VERSION: &str = "Compatible: ilp-kit v3.0.0";
/// The longest record that is read, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;

/// The address of the record of what the user typed: a host name, or a URL that contains one.
pub fn record_url(host_or_url: &str) -> Result<String, HostError> {
    Ok(Host::parse(host_or_url)?.record_url())
}

/// What stands between `//` and the path: a checked name or address, and perhaps a port.
struct Authority {
    /// In lower case; an IPv6 address in its brackets.
    name: String,
    port: Option<u16>,
    kind: AuthorityKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AuthorityKind {
    /// A DNS name.
    Name,
    /// This very machine: `localhost`, `127.0.0.0/8` or `[::1]`.
    Loopback,
    /// Any other address written in digits.
    Address,
}

impl Authority {
    fn read(text: &str) -> Result<Self, HostErrorKind> {
        if text.is_empty() {
            return Err(HostErrorKind::Empty);
        }
        if !text.is_ascii() {
            return Err(HostErrorKind::NotAscii);
        }
        if text.contains('@') {
            return Err(HostErrorKind::UserInfo);
        }
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (_, after) = rest.split_once(']').ok_or(HostErrorKind::Name)?;
                let name = &text[..text.len() - after.len()];
                match after.strip_prefix(':') {
                    Some(port) => (name, Some(port)),
                    None if after.is_empty() => (name, None),
                    None => return Err(HostErrorKind::Name),
                }
            }
            None => match text.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (text, None),
            },
        };
        let kind = kind_of(name)?;
        let port = match port {
            None => None,
            Some(digits) if digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                match digits.parse::<u16>() {
                    Ok(port) if port > 0 => Some(port),
                    _ => return Err(HostErrorKind::Port),
                }
            }
            Some(_) => return Err(HostErrorKind::Port),
        };
        Ok(Self {
            name: name.to_ascii_lowercase(),
            port,
            kind,
        })
    }
}

/// Tells names from addresses, and refuses what is neither.
fn kind_of(name: &str) -> Result<AuthorityKind, HostErrorKind> {
    if let Some(inner) = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')) {
        let address: std::net::Ipv6Addr = inner.parse().map_err(|_| HostErrorKind::Name)?;
        return Ok(if address.is_loopback() {
            AuthorityKind::Loopback
        } else {
            AuthorityKind::Address
        });
    }
    if let Ok(address) = name.parse::<std::net::Ipv4Addr>() {
        return Ok(if address.is_loopback() {
            AuthorityKind::Loopback
        } else {
            AuthorityKind::Address
        });
    }
    if name.is_empty() {
        return Err(HostErrorKind::Empty);
    }
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(HostErrorKind::Name);
    }
    // Browsers read a name whose last label is a number, also a hexadecimal one, as an address:
    // 2130706433 is 127.0.0.1 to them. No real name ends so.
    let last = name.rsplit('.').next().unwrap_or(name);
    let hexadecimal = last
        .strip_prefix("0x")
        .or_else(|| last.strip_prefix("0X"))
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if hexadecimal || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HostErrorKind::Address);
    }
    let lower = name.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "localhost" | "localhost.localdomain" => AuthorityKind::Loopback,
        _ => AuthorityKind::Name,
    })
}

/// One part of a DNS name: letters, digits and inner hyphens.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// At most 60 characters of what was given, on one line, for a message.
fn shortened(text: &str) -> String {
    let mut shown = on_one_line(text, 60);
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}

/// At most `most` characters. What could steer a terminal becomes a space: the text is another's.
fn on_one_line(text: &str, most: usize) -> String {
    text.chars()
        .take(most)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;
