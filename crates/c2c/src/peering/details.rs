use std::fmt;

use super::{AuthToken, SharedSecret, shared_secret};
use crate::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::{Amount, Scale};
use crate::key::{KeyError, PublicKey, SecretKey};
use crate::webfinger::{Host, Record, RpcUri};

/// What the two sides agree on out of band (spec, Discovery), and our own limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The currency of the ledger between them.
    pub currency: CurrencyCode,
    /// The scale of that ledger.
    pub scale: Scale,
    /// The most that the other side may owe us, in base units. Our own decision; it is not agreed.
    pub limit: Amount,
}

/// How a peering was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From the other host's record.
    WebFinger {
        /// Whose record it was.
        host: Host,
        /// The key in it.
        peer_key: PublicKey,
    },
    /// By telling each other.
    Manual,
}

/// Everything that a connector knows about one peer after discovery: the six facts of the
/// specification (spec, Discovery), both accounts, and how they came about.
///
/// ```
/// use c2c::amount::{Amount, Scale};
/// use c2c::key::SecretKey;
/// use c2c::peering::{Details, Terms};
/// use c2c::webfinger::{Host, Record, RpcUri};
///
/// let secret = SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=")?;
/// let host = Host::parse("wallet2.com")?;
/// let peer_key = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU".parse()?;
/// let record = Record::new(&host, peer_key, RpcUri::parse("https://wallet2.com/rpc", false)?);
/// let terms = Terms { currency: "usd".parse()?, scale: Scale::new(9)?, limit: Amount::new(1) };
///
/// let details = Details::from_webfinger(&secret, &record, &host, &terms)?;
/// assert_eq!(details.prefix.as_str(), "peer.OR5Df.usd.9.");
/// assert_eq!(details.account.as_str(), "peer.OR5Df.usd.9.5yE-6p-bnevKT9hnnx1UqgV8-DxkXUgymTZkeIrPHzg");
/// assert_eq!(details.facts().endpoint.value.text(false), "https://wallet2.com/rpc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The name of the ledger between the two.
    pub prefix: LedgerPrefix,
    /// Our account on it.
    pub account: IlpAddress,
    /// The other's account on it.
    pub peer_account: IlpAddress,
    /// Its currency.
    pub currency: CurrencyCode,
    /// Its scale.
    pub scale: Scale,
    /// Where the other takes calls.
    pub rpc_uri: RpcUri,
    /// Which protocol the other speaks; [`Details::VERSION_NOT_TOLD`] where it did not say.
    pub protocol_version: String,
    /// The token of our calls.
    pub send_token: AuthToken,
    /// The token that calls from the other must carry.
    pub accept_token: AuthToken,
    /// How the peering was made.
    pub mode: Mode,
}

impl Details {
    /// What stands for the protocol version of a record that publishes none.
    pub const VERSION_NOT_TOLD: &str = "not told";

    /// Derives everything from our secret, the other's record and the terms (spec, Appendix A, step 4).
    pub fn from_webfinger(
        secret: &SecretKey,
        record: &Record,
        host: &Host,
        terms: &Terms,
    ) -> Result<Self, PeeringError> {
        let own_key = secret.public_key();
        if own_key == record.public_key {
            return Err(PeeringError::OwnKey);
        }
        let shared: SharedSecret =
            shared_secret(secret, &record.public_key).map_err(PeeringError::Key)?;
        let prefix = shared.prefix(&terms.currency, terms.scale);
        let token = shared.auth_token();
        Ok(Self {
            account: account(&prefix, &own_key),
            peer_account: account(&prefix, &record.public_key),
            prefix,
            currency: terms.currency.clone(),
            scale: terms.scale,
            rpc_uri: record.rpc_uri.clone(),
            protocol_version: record
                .protocol_version
                .clone()
                .unwrap_or_else(|| Self::VERSION_NOT_TOLD.to_owned()),
            send_token: token.clone(),
            accept_token: token,
            mode: Mode::WebFinger {
                host: host.clone(),
                peer_key: record.public_key,
            },
        })
    }

    /// The six facts, labelled for the way this peering was made.
    pub fn facts(&self) -> SixFacts {
        let plain = |text: &str| FactValue {
            role: Role::Shared,
            value: Shown::Plain(text.to_owned()),
        };
        let theirs = |text: &str| FactValue {
            role: Role::Theirs,
            value: Shown::Plain(text.to_owned()),
        };
        let secret = |role, token: &AuthToken| FactValue {
            role,
            value: Shown::Secret(token.clone()),
        };
        let fact = |name, label, value| Fact {
            name,
            label,
            value,
            accept: None,
        };
        let token = match self.mode {
            Mode::WebFinger { .. } => fact(
                "token",
                "Auth token",
                secret(Role::Shared, &self.send_token),
            ),
            Mode::Manual => Fact {
                name: "token",
                label: "Auth token",
                value: secret(Role::Send, &self.send_token),
                accept: Some(secret(Role::Accept, &self.accept_token)),
            },
        };
        SixFacts {
            version: fact(
                "version",
                "Protocol version",
                theirs(&self.protocol_version),
            ),
            endpoint: fact("endpoint", "RPC endpoint", theirs(self.rpc_uri.as_str())),
            prefix: fact("prefix", "Ledger prefix", plain(self.prefix.as_str())),
            token,
            code: fact("code", "Currency code", plain(self.currency.as_str())),
            scale: fact("scale", "Currency scale", plain(&self.scale.to_string())),
        }
    }
}

/// What each side must know to call the other, in the order of the specification (spec, Discovery).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SixFacts {
    /// The protocol version to use in calls.
    pub version: Fact,
    /// The URL of calls.
    pub endpoint: Fact,
    /// The ledger prefix of calls.
    pub prefix: Fact,
    /// The token or tokens of calls.
    pub token: Fact,
    /// The currency code of the ledger.
    pub code: Fact,
    /// The scale of the ledger.
    pub scale: Fact,
}

impl SixFacts {
    /// All six, in the order of the specification.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        [
            &self.version,
            &self.endpoint,
            &self.prefix,
            &self.token,
            &self.code,
            &self.scale,
        ]
        .into_iter()
    }
}

/// One of the six facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// A stable short name: `version`, `endpoint`, `prefix`, `token`, `code`, `scale`.
    pub name: &'static str,
    /// What to call it on a screen.
    pub label: &'static str,
    /// The value.
    pub value: FactValue,
    /// A second value, where the two directions differ: what we accept.
    pub accept: Option<FactValue>,
}

/// The value of a fact, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactValue {
    /// Whose it is, and so how the two sides' screens compare.
    pub role: Role,
    value: Shown,
}

impl FactValue {
    /// The text; for a secret only with `reveal`, else its fingerprint behind dots.
    pub fn text(&self, reveal: bool) -> String {
        match &self.value {
            Shown::Plain(text) => text.clone(),
            Shown::Secret(token) if reveal => token.reveal().to_owned(),
            Shown::Secret(token) => format!("•••• (fingerprint {})", token.fingerprint()),
        }
    }

    /// Whether it is masked unless somebody asks.
    pub fn is_secret(&self) -> bool {
        matches!(self.value, Shown::Secret(_))
    }
}

/// Whose a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The same on both sides.
    Shared,
    /// The other side's own; its screen shows ours here.
    Theirs,
    /// What we send; the other side accepts it.
    Send,
    /// What we accept; the other side sends it.
    Accept,
}

impl Role {
    /// A few words to stand beside the value.
    pub fn label(self) -> &'static str {
        match self {
            Self::Shared => "same on both sides",
            Self::Theirs => "theirs; they see yours",
            Self::Send => "I send",
            Self::Accept => "I accept",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shown {
    Plain(String),
    Secret(AuthToken),
}

/// Why no peering can be made of a record and terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeeringError {
    /// `HOST_SELF`: the record holds our own key.
    OwnKey,
    /// `WF_BAD_KEY`: the key is unsafe.
    Key(KeyError),
}

impl PeeringError {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OwnKey => "HOST_SELF",
            Self::Key(fault) => fault.code(),
        }
    }
}

impl fmt::Display for PeeringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnKey => f.write_str("That is your own host. Enter your peer's."),
            Self::Key(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for PeeringError {}

/// The account of the side with this key.
fn account(prefix: &LedgerPrefix, key: &PublicKey) -> IlpAddress {
    // A derived prefix has at most 31 characters and a key 43, all of the address alphabet.
    prefix
        .account(&key.to_string())
        .expect("made of address characters, and short")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(mode_manual: bool) -> Details {
        let secret =
            SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=").unwrap();
        let host = Host::parse("wallet2.com").unwrap();
        let key = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU"
            .parse()
            .unwrap();
        let rpc = RpcUri::parse("https://wallet2.com/rpc", false).unwrap();
        let record = Record::new(&host, key, rpc);
        let terms = Terms {
            currency: "USD".parse().unwrap(),
            scale: Scale::KIT,
            limit: Amount::new(100),
        };
        let mut details = Details::from_webfinger(&secret, &record, &host, &terms).unwrap();
        if mode_manual {
            details.mode = Mode::Manual;
            details.accept_token = AuthToken::new("another-token-entirely").unwrap();
        }
        details
    }

    #[test]
    fn the_worked_example_gives_its_six_facts() {
        let facts = details(false).facts();
        let shown: Vec<_> = facts
            .iter()
            .map(|f| (f.name, f.value.text(true), f.value.role))
            .collect();
        let text = str::to_owned;
        assert_eq!(
            shown,
            [
                ("version", text("Compatible: ilp-kit v3.0.0"), Role::Theirs),
                ("endpoint", text("https://wallet2.com/rpc"), Role::Theirs),
                ("prefix", text("peer.OR5Df.usd.9."), Role::Shared),
                (
                    "token",
                    text("ONWZhRCQzqnFeMepPoQSueaa64SeXnorOgdM1o2m6Gw"),
                    Role::Shared
                ),
                ("code", text("USD"), Role::Shared),
                ("scale", text("9"), Role::Shared),
            ]
        );
        assert!(facts.iter().all(|f| f.accept.is_none()));
    }

    #[test]
    fn without_webfinger_there_are_two_tokens() {
        let facts = details(true).facts();
        assert_eq!(facts.token.value.role, Role::Send);
        let accept = facts.token.accept.unwrap();
        assert_eq!(
            (accept.role.label(), accept.text(true)),
            ("I accept", "another-token-entirely".to_owned())
        );
    }

    #[test]
    fn no_token_is_printed_unasked() {
        let details = details(false);
        let token = details.send_token.reveal();
        let masked = details.facts().token.value;
        assert!(masked.is_secret());
        for text in [
            format!("{details:?}"),
            format!("{:?}", details.facts()),
            masked.text(false),
        ] {
            assert!(!text.contains(token), "{text}");
        }
    }

    #[test]
    fn our_own_record_is_no_peer() {
        let secret = SecretKey::from_bytes(&[1; 32]);
        let host = Host::parse("wallet1.com").unwrap();
        let rpc = RpcUri::parse("https://wallet1.com/rpc", false).unwrap();
        let terms = Terms {
            currency: "USD".parse().unwrap(),
            scale: Scale::KIT,
            limit: Amount::new(100),
        };
        let own = Record::new(&host, secret.public_key(), rpc.clone());
        let fault = Details::from_webfinger(&secret, &own, &host, &terms).unwrap_err();
        assert_eq!(fault.code(), "HOST_SELF");
        let unsafe_key = Record::new(&host, PublicKey::from_bytes([0; 32]), rpc);
        let fault = Details::from_webfinger(&secret, &unsafe_key, &host, &terms).unwrap_err();
        assert_eq!(fault.code(), "WF_BAD_KEY");
    }
}
