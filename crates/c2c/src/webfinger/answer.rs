use super::{CONTENT_TYPE, Host, Record};

/// How a server answers a WebFinger query.
///
/// ```
/// use c2c::webfinger::{Answer, Host, Record, RpcUri, answer};
/// # let key = c2c::key::SecretKey::from_bytes(&[7; 32]).public_key();
/// let host = Host::parse("wallet1.com")?;
/// let own = Record::new(&host, key, RpcUri::parse("https://wallet1.com/rpc", false)?);
/// assert_eq!(answer(Some("resource=https://wallet1.com"), &host, &own).status(), 200);
/// assert_eq!(answer(Some("resource=https%3A%2F%2Fwallet1.com"), &host, &own).status(), 200);
/// assert_eq!(answer(Some("resource=https://other.com"), &host, &own), Answer::OtherHost);
/// assert_eq!(answer(None, &host, &own), Answer::NoResource);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The record, as JSON.
    Found(String),
    /// No `resource` was asked for.
    NoResource,
    /// A host, or a user of a host, that is not here.
    OtherHost,
}

impl Answer {
    /// The HTTP status: 200, 400 or 404, as ilp-kit 3 answers.
    pub fn status(&self) -> u16 {
        match self {
            Self::Found(_) => 200,
            Self::NoResource => 400,
            Self::OtherHost => 404,
        }
    }

    /// The content type of the body.
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Found(_) => CONTENT_TYPE,
            Self::NoResource | Self::OtherHost => "application/json",
        }
    }

    /// The body: the record, or an error with `id` and `message`.
    pub fn body(&self) -> &str {
        match self {
            Self::Found(json) => json,
            Self::NoResource => {
                r#"{"id":"NO_RESOURCE","message":"Say which resource: ?resource=https:// and the host's name."}"#
            }
            Self::OtherHost => {
                r#"{"id":"OTHER_HOST","message":"That resource is not here. Ask for this host's own."}"#
            }
        }
    }
}

/// Decides on the raw query of a request, the part after `?`. Both spellings of the resource are
/// understood: as it is, and percent-encoded.
pub fn answer(query: Option<&str>, host: &Host, own: &Record) -> Answer {
    let resource = query
        .unwrap_or("")
        .split('&')
        .find_map(|pair| pair.strip_prefix("resource="))
        .map(percent_decoded)
        .filter(|resource| !resource.is_empty());
    match resource {
        None => Answer::NoResource,
        Some(resource) if host.is_named_by(&resource) => Answer::Found(own.to_json()),
        Some(_) => Answer::OtherHost,
    }
}

/// `%` and two digits become the byte; anything else stays. What is not UTF-8 cannot be a host name
/// and is replaced.
fn percent_decoded(text: &str) -> String {
    let digit = |b: Option<&u8>| match b {
        Some(b @ b'0'..=b'9') => Some(b - b'0'),
        Some(b @ b'a'..=b'f') => Some(b - b'a' + 10),
        Some(b @ b'A'..=b'F') => Some(b - b'A' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high * 16 + low);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
