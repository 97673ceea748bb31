use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Authority, AuthorityKind, shortened};

/// The longest URI that is taken, in bytes.
const MAX_LENGTH: usize = 1024;

/// Where a connector takes RPC calls: an absolute `https` URL without user name, query and fragment.
/// Calls put `?method=…&prefix=…` behind it, so it can have no query of its own. Cheap to clone.
///
/// ```
/// use c2c::webfinger::RpcUri;
/// let uri = RpcUri::parse("https://wallet2.com/rpc", false)?;
/// assert_eq!(uri.as_str(), "https://wallet2.com/rpc");
/// assert_eq!(uri.authority(), "wallet2.com");
/// assert!(RpcUri::parse("http://127.0.0.1:9001/rpc", false).is_err());
/// assert!(RpcUri::parse("http://127.0.0.1:9001/rpc", true).is_ok());
/// assert!(RpcUri::parse("http://wallet2.com/rpc", true).is_err());
/// # Ok::<(), c2c::webfinger::RpcUriError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RpcUri(Arc<str>);

impl RpcUri {
    /// Checks and keeps `text`. Plain `http` is taken only with `allow_loopback_http`, and then only
    /// for this machine.
    pub fn parse(text: &str, allow_loopback_http: bool) -> Result<Self, RpcUriError> {
        let text = text.trim();
        let wrong = |kind| RpcUriError {
            value: shortened(text),
            kind,
        };
        if text.len() > MAX_LENGTH {
            return Err(wrong(RpcUriErrorKind::TooLong));
        }
        let (scheme, after) = text
            .split_once("://")
            .ok_or_else(|| wrong(RpcUriErrorKind::NotAbsolute))?;
        let plain = match scheme.to_ascii_lowercase().as_str() {
            "https" => false,
            "http" => true,
            _ => return Err(wrong(RpcUriErrorKind::Scheme)),
        };
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        if authority.contains('@') {
            return Err(wrong(RpcUriErrorKind::UserInfo));
        }
        let authority =
            Authority::read(authority).map_err(|_| wrong(RpcUriErrorKind::Authority))?;
        if plain && !(allow_loopback_http && authority.kind == AuthorityKind::Loopback) {
            return Err(wrong(RpcUriErrorKind::Scheme));
        }
        if path.contains('?') {
            return Err(wrong(RpcUriErrorKind::Query));
        }
        if path.contains('#') {
            return Err(wrong(RpcUriErrorKind::Fragment));
        }
        if !path.bytes().all(is_path_byte) {
            return Err(wrong(RpcUriErrorKind::Character));
        }
        let scheme = if plain { "http" } else { "https" };
        let port = authority.port.map(|p| format!(":{p}")).unwrap_or_default();
        let name = authority.name;
        Ok(Self(format!("{scheme}://{name}{port}{path}").into()))
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Name and port of the machine that is called.
    pub fn authority(&self) -> &str {
        let after = self
            .0
            .split_once("://")
            .map_or(&*self.0, |(_, after)| after);
        after
            .split_once('/')
            .map_or(after, |(authority, _)| authority)
    }

    /// Whether calls travel in plain, which they do only to this machine.
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http://")
    }
}

impl fmt::Display for RpcUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RpcUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// A stored URI was checked when it came in, so plain HTTP to this machine is taken.
impl TryFrom<String> for RpcUri {
    type Error = RpcUriError;
    fn try_from(text: String) -> Result<Self, RpcUriError> {
        Self::parse(&text, true)
    }
}

impl From<RpcUri> for String {
    fn from(uri: RpcUri) -> String {
        uri.as_str().to_owned()
    }
}

/// `URI_FORMAT`: a text that is no address for RPC calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcUriError {
    /// What was given, shortened.
    pub value: String,
    /// What is wrong with it.
    pub kind: RpcUriErrorKind,
}

/// What keeps a text from being an RPC URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RpcUriErrorKind {
    /// No scheme.
    NotAbsolute,
    /// Another scheme than `https`; or `http` where it is not allowed.
    Scheme,
    /// A user name before an `@`.
    UserInfo,
    /// No name, address or port that can be.
    Authority,
    /// A query.
    Query,
    /// A fragment.
    Fragment,
    /// A character that must be percent-encoded in a path.
    Character,
    /// Over 1024 bytes.
    TooLong,
}

impl RpcUriError {
    /// `URI_FORMAT`.
    pub fn code(&self) -> &'static str {
        "URI_FORMAT"
    }

    /// What exactly to change.
    pub fn hint(&self) -> &'static str {
        match self.kind {
            RpcUriErrorKind::NotAbsolute => "It must start with https://.",
            RpcUriErrorKind::Scheme => {
                "It must start with https://; http:// is only for this machine, where tests allow it."
            }
            RpcUriErrorKind::UserInfo => "Leave off the user name before the @.",
            RpcUriErrorKind::Authority => "The host name or the port is wrong.",
            RpcUriErrorKind::Query => "It cannot have a query: calls add their own.",
            RpcUriErrorKind::Fragment => "Leave off what follows the #.",
            RpcUriErrorKind::Character => {
                "Percent-encode spaces and special characters in the path."
            }
            RpcUriErrorKind::TooLong => "At most 1024 characters are taken.",
        }
    }
}

impl fmt::Display for RpcUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Give the full address, such as https://wallet2.com/rpc.")
    }
}

impl std::error::Error for RpcUriError {}

/// What RFC 3986 lets stand in a path.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_rpc_uri_is_refused() {
        use RpcUriErrorKind::*;
        for (text, expected) in [
            ("", NotAbsolute),
            ("wallet2.com/rpc", NotAbsolute),
            ("//wallet2.com/rpc", NotAbsolute),
            ("ftp://wallet2.com/rpc", Scheme),
            ("http://wallet2.com/rpc", Scheme),
            ("http://10.0.0.1/rpc", Scheme),
            ("https://me@wallet2.com/rpc", UserInfo),
            ("https:///rpc", Authority),
            ("https://wallet2.com:99999/rpc", Authority),
            ("https://wallet2.com/rpc?x=1", Query),
            ("https://wallet2.com?x=1", Query),
            ("https://wallet2.com/rpc#x", Fragment),
            ("https://wallet2.com/r pc", Character),
            ("https://wallet2.com/\"", Character),
            ("https://wallet2.com/ä", Character),
        ] {
            assert_eq!(
                RpcUri::parse(text, true).unwrap_err().kind,
                expected,
                "{text}"
            );
        }
        let long = format!("https://wallet2.com/{}", "a".repeat(MAX_LENGTH));
        assert_eq!(RpcUri::parse(&long, false).unwrap_err().kind, TooLong);
    }

    #[test]
    fn scheme_and_host_are_lowered_and_the_path_kept() {
        let uri = RpcUri::parse(" HTTPS://Wallet2.COM:8443/Api/peers/rpc ", false).unwrap();
        assert_eq!(uri.as_str(), "https://wallet2.com:8443/Api/peers/rpc");
        assert_eq!(uri.authority(), "wallet2.com:8443");
        assert_eq!(
            RpcUri::parse("https://wallet2.com", false)
                .unwrap()
                .authority(),
            "wallet2.com"
        );
    }
}
