use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Authority, AuthorityKind, WELL_KNOWN_PATH, shortened};

/// The longest text that is looked at, in bytes.
const MAX_INPUT: usize = 2048;

/// A connector's host: a DNS name in lower case with an optional port. Cheap to clone.
///
/// This machine (`localhost`, `127.x.x.x`, `[::1]`) may be named too. It is then asked over plain
/// HTTP, as ilp-kit 3 asks `localhost`, unless `https://` was written; whether that is allowed is for
/// the caller to say. Other addresses in digits are refused: certificates are for names.
///
/// Serialized as its base URL.
///
/// ```
/// use c2c::webfinger::Host;
/// let host = Host::parse("https://Wallet2.com:8443/index.html")?;
/// assert_eq!(host.as_str(), "wallet2.com:8443");
/// assert_eq!(host.base_url(), "https://wallet2.com:8443");
/// assert!(Host::parse("http://127.0.0.1:9001")?.is_plain_http());
/// let refused = Host::parse("wallet two").unwrap_err();
/// assert_eq!(refused.to_string(), "\"wallet two\" is not a hostname. Enter only the name, such as wallet2.com.");
/// # Ok::<(), c2c::webfinger::HostError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host {
    /// Name and, where it is not the usual one, port.
    text: Arc<str>,
    name_length: usize,
    loopback: bool,
    plain_http: bool,
}

/// A host as it was typed: what it is, and what was left off, so that a form can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInput {
    /// The host.
    pub host: Host,
    /// The scheme that was written before it, without `://`.
    pub scheme: Option<String>,
    /// What was written after it, from the first `/`, `?` or `#` on. A lone `/` is not reported.
    pub rest: Option<String>,
}

impl HostInput {
    /// Whether anything was left off.
    pub fn was_stripped(&self) -> bool {
        self.scheme.is_some() || self.rest.is_some()
    }
}

impl Host {
    /// Reads a host name, or takes it out of a URL. [`Host::read`] tells what was left off.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        Ok(Self::read(text)?.host)
    }

    /// Reads what somebody typed. White space around it, a scheme and a path are left off.
    pub fn read(text: &str) -> Result<HostInput, HostError> {
        let wrong = |kind| HostError {
            value: shortened(text.trim()),
            kind,
        };
        if text.len() > MAX_INPUT {
            return Err(wrong(HostErrorKind::Name));
        }
        let (scheme, after) = match text.trim().split_once("://") {
            Some((scheme, after)) if is_scheme(scheme) => (Some(scheme), after),
            Some(_) => return Err(wrong(HostErrorKind::Name)),
            None => (None, text.trim()),
        };
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        let authority = Authority::read(authority).map_err(wrong)?;
        if authority.kind == AuthorityKind::Address {
            return Err(wrong(HostErrorKind::Address));
        }
        let loopback = authority.kind == AuthorityKind::Loopback;
        let plain_http = loopback && !scheme.is_some_and(|s| s.eq_ignore_ascii_case("https"));
        let usual = if plain_http { 80 } else { 443 };
        let text = match authority.port {
            Some(port) if port != usual => format!("{}:{port}", authority.name),
            _ => authority.name.clone(),
        };
        Ok(HostInput {
            host: Self {
                text: text.into(),
                name_length: authority.name.len(),
                loopback,
                plain_http,
            },
            scheme: scheme.map(str::to_ascii_lowercase),
            rest: (!matches!(rest, "" | "/")).then(|| rest.to_owned()),
        })
    }

    /// Name and port, such as `wallet2.com` or `wallet2.com:8443`. The usual port is not written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name alone; an IPv6 address in its brackets.
    pub fn name(&self) -> &str {
        &self.text[..self.name_length]
    }

    /// The port that was named; none where it is the usual one of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.text[self.name_length..]
            .strip_prefix(':')
            .and_then(|port| port.parse().ok())
    }

    /// Whether this names the very machine that asks.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether it is asked over plain HTTP, which only this machine ever is.
    pub fn is_plain_http(&self) -> bool {
        self.plain_http
    }

    /// Scheme and host: `https://wallet2.com`.
    pub fn base_url(&self) -> String {
        let scheme = if self.plain_http { "http" } else { "https" };
        format!("{scheme}://{self}")
    }

    /// The resource that its record is about: `https://HOST`, also where it is asked over plain
    /// HTTP, as ilp-kit 3 does.
    pub fn resource(&self) -> String {
        format!("https://{self}")
    }

    /// Where its record is. The resource is not percent-encoded (spec, Discovery).
    pub fn record_url(&self) -> String {
        format!(
            "{}{WELL_KNOWN_PATH}?resource={}",
            self.base_url(),
            self.resource()
        )
    }

    /// Whether `resource` – a URL, or a bare host – names this host and nothing below it. A port is
    /// compared where both name one: ilp-kit 3 leaves it out of its subject.
    pub fn is_named_by(&self, resource: &str) -> bool {
        match Self::read(resource) {
            Ok(HostInput {
                host, rest: None, ..
            }) => {
                let ports_agree = match (host.port(), self.port()) {
                    (Some(a), Some(b)) => a == b,
                    _ => true,
                };
                host.name() == self.name() && ports_agree
            }
            _ => false,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.base_url())
    }
}

impl FromStr for Host {
    type Err = HostError;
    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Host {
    type Error = HostError;
    fn try_from(text: String) -> Result<Self, HostError> {
        Self::parse(&text)
    }
}

impl From<Host> for String {
    fn from(host: Host) -> String {
        host.base_url()
    }
}

/// `HOST_SYNTAX`: a text that names no host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// What was given, shortened.
    pub value: String,
    /// What is wrong with it.
    pub kind: HostErrorKind,
}

/// What keeps a text from naming a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostErrorKind {
    /// There is nothing.
    Empty,
    /// A letter that DNS does not have.
    NotAscii,
    /// A user name before an `@`.
    UserInfo,
    /// A port that is not 1 to 65535.
    Port,
    /// An address in digits, which is not this machine's own.
    Address,
    /// Not a DNS name: a wrong character, an empty part, or too long.
    Name,
}

impl HostError {
    /// `HOST_SYNTAX`.
    pub fn code(&self) -> &'static str {
        "HOST_SYNTAX"
    }

    /// What exactly to change.
    pub fn hint(&self) -> &'static str {
        match self.kind {
            HostErrorKind::Empty => "Nothing was entered.",
            HostErrorKind::NotAscii => {
                "Write a name with other letters in its ASCII form, which starts with xn--."
            }
            HostErrorKind::UserInfo => "Leave off the user name before the @.",
            HostErrorKind::Port => "A port is a number from 1 to 65535.",
            HostErrorKind::Address => {
                "Certificates are for names: enter the name, not the address."
            }
            HostErrorKind::Name => {
                "A name has letters, digits and hyphens, in parts of up to 63 between dots."
            }
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is not a hostname. Enter only the name, such as wallet2.com.",
            self.value
        )
    }
}

impl std::error::Error for HostError {}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> HostErrorKind {
        Host::parse(text).unwrap_err().kind
    }

    #[test]
    fn scheme_and_path_are_stripped_and_reported() {
        let input = Host::read(" HTTPS://Wallet2.com/peers?x#y ").unwrap();
        assert_eq!(input.host.as_str(), "wallet2.com");
        assert_eq!(input.scheme.as_deref(), Some("https"));
        assert_eq!(input.rest.as_deref(), Some("/peers?x#y"));
        assert!(input.was_stripped());
        assert!(!Host::read("wallet2.com").unwrap().was_stripped());
        // A plain scheme does not make a public host plain.
        let input = Host::read("http://wallet2.com/").unwrap();
        assert!(!input.host.is_plain_http());
        assert_eq!(input.rest, None);
    }

    #[test]
    fn the_usual_port_is_not_written() {
        assert_eq!(
            Host::parse("wallet2.com:443").unwrap().as_str(),
            "wallet2.com"
        );
        let other = Host::parse("wallet2.com:80").unwrap();
        assert_eq!((other.as_str(), other.port()), ("wallet2.com:80", Some(80)));
        assert_eq!(
            Host::parse("http://localhost:80").unwrap().base_url(),
            "http://localhost"
        );
    }

    #[test]
    fn only_this_machine_is_asked_in_plain() {
        for text in [
            "localhost:3000",
            "http://127.0.0.1:9001",
            "127.9.9.9",
            "[::1]:80",
            "LOCALHOST",
        ] {
            let host = Host::parse(text).unwrap();
            assert!(host.is_loopback() && host.is_plain_http(), "{text}");
        }
        let https = Host::parse("https://localhost:3000").unwrap();
        assert!(https.is_loopback() && !https.is_plain_http());
        assert_eq!(
            Host::parse("http://127.0.0.1:9001").unwrap().record_url(),
            "http://127.0.0.1:9001/.well-known/webfinger?resource=https://127.0.0.1:9001"
        );
        assert_eq!(Host::parse("[::1]:9001").unwrap().name(), "[::1]");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        use HostErrorKind::*;
        for (text, expected) in [
            ("", Empty),
            ("   ", Empty),
            ("https://", Empty),
            (":80", Empty),
            ("/path", Empty),
            ("wällt.example", NotAscii),
            ("me@wallet2.com", UserInfo),
            ("https://a:b@wallet2.com", UserInfo),
            ("wallet2.com:", Port),
            ("wallet2.com:0", Port),
            ("wallet2.com:65536", Port),
            ("wallet2.com:+80", Port),
            ("wallet2.com:080808", Port),
            ("10.0.0.1", Address),
            ("[fe80::1]", Address),
            ("2130706433", Address),
            ("0x7f.1", Address),
            ("a.b.0x7f000001", Address),
            ("127.1", Address),
            ("wallet..com", Name),
            ("wallet2.com.", Name),
            ("-wallet.com", Name),
            ("wallet-.com", Name),
            ("wallet_2.com", Name),
            ("wallet2 .com", Name),
            ("wallet2.com\\path", Name),
            ("[::1", Name),
            ("[::1]x", Name),
            ("1x://y", Name),
        ] {
            assert_eq!(kind(text), expected, "{text:?}");
        }
        assert_eq!(kind(&format!("{}.com", "a".repeat(64))), Name);
        assert_eq!(kind(&"a.".repeat(3000)), Name);
        let long = Host::parse(&"ä".repeat(1000)).unwrap_err();
        assert!(long.to_string().len() < 250);
    }

    #[test]
    fn a_host_is_named_with_and_without_port() {
        let host = Host::parse("wallet2.com:8443").unwrap();
        for yes in [
            "https://wallet2.com",
            "https://wallet2.com:8443/",
            "WALLET2.com",
        ] {
            assert!(host.is_named_by(yes), "{yes}");
        }
        for no in [
            "https://wallet2.com:1",
            "https://wallet3.com",
            "https://wallet2.com/bob",
            "acct:bob@wallet2.com",
        ] {
            assert!(!host.is_named_by(no), "{no}");
        }
        let loopback = Host::parse("http://127.0.0.1:9001").unwrap();
        assert!(loopback.is_named_by("https://127.0.0.1:9001"));
        assert!(loopback.is_named_by("http://127.0.0.1:9001"));
    }

    #[test]
    fn serde_keeps_the_scheme() {
        for text in [
            "https://localhost:9001",
            "http://localhost:9001",
            "https://wallet2.com",
        ] {
            let host = Host::parse(text).unwrap();
            let json = serde_json::to_string(&host).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Host>(&json).unwrap(), host);
        }
    }
}
