use std::fmt;

use serde_json::{Value, json};

use super::{
    DEFAULT_PROTOCOL_VERSION, Host, MAX_RECORD_BYTES, REL_LEDGER_URI, REL_PROTOCOL_VERSION,
    REL_PUBLIC_KEY, REL_RPC_URI, REL_SETTLEMENT_METHODS, REL_TITLE, RpcUri, RpcUriError,
    on_one_line, shortened,
};
use crate::key::{KeyError, PublicKey};

/// The longest title and version that are kept, in characters; what is beyond is cut off.
const MAX_TEXT: usize = 100;
/// The same for the links that are kept without being followed.
const MAX_URI: usize = 1024;

/// What a connector says about itself at its host's resource (spec, Appendix A, step 2).
///
/// Reading checks what software of 2017 did not: that the key is 32 bytes and safe, that the record is
/// about the host that was asked, and that calls are made over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The resource it is about, as published; where that is left out, the one that was asked for.
    pub subject: String,
    /// The key that shared secrets are made with.
    pub public_key: PublicKey,
    /// Which protocol it speaks, such as `Compatible: ilp-kit v3.0.0`.
    pub protocol_version: Option<String>,
    /// A display name. Untrusted text.
    pub title: Option<String>,
    /// Where it takes RPC calls.
    pub rpc_uri: RpcUri,
    /// Where its own ledger is. Untrusted text, never followed.
    pub ledger_uri: Option<String>,
    /// Where it lists its ways to settle. Untrusted text, never followed.
    pub settlement_methods: Option<String>,
}

impl Record {
    /// The record of our own host, with the usual protocol version and neither title nor ledger.
    pub fn new(host: &Host, public_key: PublicKey, rpc_uri: RpcUri) -> Self {
        Self {
            subject: host.resource(),
            public_key,
            protocol_version: Some(DEFAULT_PROTOCOL_VERSION.to_owned()),
            title: None,
            rpc_uri,
            ledger_uri: None,
            settlement_methods: None,
        }
    }

    /// Reads what `host` answered. Plain HTTP calls are taken only with `allow_loopback_http`, from a
    /// host on this machine, to this machine.
    pub fn parse(
        bytes: &[u8],
        host: &Host,
        allow_loopback_http: bool,
    ) -> Result<Self, RecordError> {
        let not_json = |reason| RecordError::NotJson {
            host: host.clone(),
            reason,
        };
        if bytes.len() > MAX_RECORD_BYTES {
            return Err(not_json(NotJson::TooLarge));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let document: Value = serde_json::from_slice(bytes).map_err(|fault| {
            not_json(NotJson::Syntax {
                line: fault.line(),
                column: fault.column(),
            })
        })?;
        if !document.is_object() {
            return Err(not_json(NotJson::NotAnObject));
        }
        let property = |name: &str| document["properties"][name].as_str();
        let key =
            property(REL_PUBLIC_KEY).ok_or_else(|| RecordError::NoKey { host: host.clone() })?;
        let public_key = read_key(key)?;
        let subject = match document["subject"].as_str() {
            None => host.resource(),
            Some(subject) if host.is_named_by(subject) => subject.trim().to_owned(),
            Some(subject) => {
                return Err(RecordError::Subject {
                    subject: host_or_text(subject),
                    host: host.clone(),
                });
            }
        };
        let no_rpc = |reason| RecordError::NoRpc {
            host: host.clone(),
            reason,
        };
        let href = link(&document, REL_RPC_URI).ok_or_else(|| no_rpc(None))?;
        let rpc_uri = RpcUri::parse(href, allow_loopback_http && host.is_loopback())
            .map_err(|fault| no_rpc(Some(fault)))?;
        let kept = |text: &str| on_one_line(text, MAX_TEXT);
        let kept_uri = |text: &str| on_one_line(text, MAX_URI);
        Ok(Self {
            subject,
            public_key,
            protocol_version: property(REL_PROTOCOL_VERSION).map(kept),
            title: property(REL_TITLE).map(kept),
            rpc_uri,
            ledger_uri: link(&document, REL_LEDGER_URI).map(kept_uri),
            settlement_methods: link(&document, REL_SETTLEMENT_METHODS).map(kept_uri),
        })
    }

    /// Whether this, our own record, publishes the key that our secret makes.
    ///
    /// ```
    /// use c2c::key::SecretKey;
    /// use c2c::webfinger::{Host, Record, RpcUri};
    /// let (old, new) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
    /// let rpc = RpcUri::parse("https://wallet1.com/rpc", false)?;
    /// let record = Record::new(&Host::parse("wallet1.com")?, old.public_key(), rpc);
    /// assert!(record.check_own(&old.public_key()).is_ok());
    /// assert_eq!(record.check_own(&new.public_key()).unwrap_err().code(), "OWN_KEY");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_own(&self, made: &PublicKey) -> Result<(), RecordError> {
        if self.public_key == *made {
            return Ok(());
        }
        Err(RecordError::OwnKey {
            published: self.public_key,
            made: *made,
        })
    }

    /// The record as JSON, to be served or put in a file.
    pub fn to_json(&self) -> String {
        let mut properties = vec![];
        if let Some(version) = &self.protocol_version {
            properties.push((REL_PROTOCOL_VERSION, version.clone()));
        }
        properties.push((REL_PUBLIC_KEY, self.public_key.to_string()));
        if let Some(title) = &self.title {
            properties.push((REL_TITLE, title.clone()));
        }
        let mut links = vec![(REL_RPC_URI, self.rpc_uri.as_str())];
        if let Some(uri) = &self.ledger_uri {
            links.push((REL_LEDGER_URI, uri));
        }
        if let Some(uri) = &self.settlement_methods {
            links.push((REL_SETTLEMENT_METHODS, uri));
        }
        let properties: Vec<String> = properties
            .iter()
            .map(|(name, value)| format!("    {}: {}", json!(name), json!(value)))
            .collect();
        let links: Vec<String> = links
            .iter()
            .map(|(rel, href)| {
                format!(
                    "    {{ \"rel\": {}, \"href\": {} }}",
                    json!(rel),
                    json!(href)
                )
            })
            .collect();
        format!(
            "{{\n  \"subject\": {},\n  \"properties\": {{\n{}\n  }},\n  \"links\": [\n{}\n  ]\n}}\n",
            json!(self.subject),
            properties.join(",\n"),
            links.join(",\n"),
        )
    }
}

/// Why a record cannot be used. The texts are for the person who peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// `WF_NOT_JSON`: what came is not a record at all.
    NotJson {
        /// Who was asked.
        host: Host,
        /// In what way.
        reason: NotJson,
    },
    /// `WF_NO_KEY`: a record, but of no connector.
    NoKey {
        /// Who was asked.
        host: Host,
    },
    /// `WF_BAD_KEY`: a key of another length than 32 bytes, or one that gives everybody the same secret.
    BadKey {
        /// How many bytes it has; up to the first character that is none of base64.
        bytes: usize,
        /// What is wrong with it.
        reason: KeyError,
    },
    /// `WF_SUBJECT`: the record of another resource.
    Subject {
        /// What it is about.
        subject: String,
        /// Who was asked.
        host: Host,
    },
    /// `WF_NO_RPC`: no link for RPC calls, or one that cannot be called safely.
    NoRpc {
        /// Who was asked.
        host: Host,
        /// What is wrong with the link, where there is one.
        reason: Option<RpcUriError>,
    },
    /// `OWN_KEY`: our own record publishes another key than our secret makes.
    OwnKey {
        /// The key in the record.
        published: PublicKey,
        /// The key of the secret.
        made: PublicKey,
    },
}

/// In what way an answer is not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJson {
    /// Over [`MAX_RECORD_BYTES`].
    TooLarge,
    /// No JSON.
    Syntax {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// JSON, but no object.
    NotAnObject,
}

impl RecordError {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => "WF_NOT_JSON",
            Self::NoKey { .. } => "WF_NO_KEY",
            Self::BadKey { .. } => "WF_BAD_KEY",
            Self::Subject { .. } => "WF_SUBJECT",
            Self::NoRpc { .. } => "WF_NO_RPC",
            Self::OwnKey { .. } => "OWN_KEY",
        }
    }

    /// Where exactly the fault is, for whoever has to mend it.
    pub fn hint(&self) -> String {
        match self {
            Self::NotJson { reason, .. } => match reason {
                NotJson::TooLarge => {
                    format!("The answer is over {MAX_RECORD_BYTES} bytes.")
                }
                NotJson::Syntax { line, column } => {
                    format!("It stops being JSON at line {line}, column {column}.")
                }
                NotJson::NotAnObject => "The answer is JSON, but not an object.".to_owned(),
            },
            Self::NoKey { .. } => format!("properties[\"{REL_PUBLIC_KEY}\"] must be a text."),
            Self::BadKey { reason, .. } => reason.to_string(),
            Self::Subject { host, .. } => format!("subject must be {}.", host.resource()),
            Self::NoRpc { reason: None, .. } => {
                format!("links must hold one with rel {REL_RPC_URI} and a href.")
            }
            Self::NoRpc {
                reason: Some(fault),
                ..
            } => format!("\"{}\": {}", fault.value, fault.hint()),
            Self::OwnKey { .. } => {
                "With the wrong key, both sides derive different prefixes and tokens.".to_owned()
            }
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { host, .. } => write!(
                f,
                "{host} sent a web page, not a record. A proxy probably catches /.well-known; ask its operator."
            ),
            Self::NoKey { host } => write!(
                f,
                "{host} speaks WebFinger but publishes no connector key. Peer manually instead."
            ),
            Self::BadKey {
                reason: KeyError::LowOrder,
                ..
            } => f.write_str(
                "The published key is 32 bytes but unsafe. Do not continue; tell its operator.",
            ),
            Self::BadKey { bytes, .. } => write!(
                f,
                "The published key is {bytes} bytes, not 32 (or unsafe). Do not continue; tell its operator."
            ),
            Self::Subject { subject, host } => write!(
                f,
                "The record is about {subject}, not {host}. Peer with {subject}, or ask why."
            ),
            Self::NoRpc { host, .. } => write!(
                f,
                "{host} publishes no https RPC link. Ask its operator, or peer manually."
            ),
            Self::OwnKey { published, made } => write!(
                f,
                "Your record shows {published}; this secret makes {made}. Load the right secret or republish."
            ),
        }
    }
}

impl std::error::Error for RecordError {}

fn read_key(text: &str) -> Result<PublicKey, RecordError> {
    let bad = |reason| RecordError::BadKey {
        bytes: match &reason {
            KeyError::Length { bytes } => *bytes,
            KeyError::Character { at, .. } => at * 3 / 4,
            KeyError::LowOrder => 32,
            KeyError::Empty | KeyError::NotBase64 { .. } => text.len() * 3 / 4,
        },
        reason,
    };
    let key: PublicKey = text.trim().parse().map_err(bad)?;
    if key.is_low_order() {
        return Err(bad(KeyError::LowOrder));
    }
    Ok(key)
}

/// The host that a subject names, or the subject itself where it names something else.
fn host_or_text(subject: &str) -> String {
    match Host::read(subject) {
        Ok(input) if input.rest.is_none() => input.host.to_string(),
        _ => shortened(subject),
    }
}

/// The first link of this kind, as ilp-kit 3 takes it.
fn link<'a>(document: &'a Value, rel: &str) -> Option<&'a str> {
    document["links"]
        .as_array()?
        .iter()
        .find(|link| link["rel"] == rel)?["href"]
        .as_str()
}

#[cfg(test)]
mod tests;
