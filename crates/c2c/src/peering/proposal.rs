use std::fmt;

use super::{AuthToken, Terms, TokenError};
use crate::address::{AddressError, CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::{Amount, AmountError, Scale};
use crate::key::{KeyError, SecretKey};
use crate::webfinger::{Host, HostError, HostInput, RpcUri, RpcUriError};

/// A field that passed, and what its owner should know all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked<T> {
    /// What the text means.
    pub value: T,
    /// What is allowed but unusual.
    pub warnings: Vec<Warning>,
}

impl<T> Checked<T> {
    fn warned(value: T, warning: Option<Warning>) -> Self {
        Self {
            value,
            warnings: warning.into_iter().collect(),
        }
    }
}

/// Whether a protocol version is that of an ilp-kit, whose form has limits of its own.
pub fn is_ilp_kit(protocol_version: &str) -> bool {
    protocol_version.contains("ilp-kit")
}

/// The peer's host. With `own`, that host itself is refused.
pub fn check_peer_host(text: &str, own: Option<&Host>) -> Result<HostInput, FieldError> {
    let input = Host::read(text).map_err(FieldError::Host)?;
    match own {
        Some(own) if own.as_str() == input.host.as_str() => Err(FieldError::HostSelf),
        _ => Ok(input),
    }
}

/// Our secret: base64 in either alphabet. Another length than 32 bytes is a warning.
pub fn check_secret(text: &str) -> Result<Checked<SecretKey>, FieldError> {
    let secret = SecretKey::from_base64(text).map_err(FieldError::Secret)?;
    let bytes = secret.len();
    let warning = (bytes != 32).then_some(Warning::SecretLength { bytes });
    Ok(Checked::warned(secret, warning))
}

/// The currency code, upper-cased.
pub fn check_currency(text: &str) -> Result<CurrencyCode, FieldError> {
    CurrencyCode::new(text.trim()).map_err(FieldError::Currency)
}

/// The scale. An ilp-kit always uses 9 unless its administrator writes another, and turns 0 into 9.
pub fn check_scale(text: &str, peer_is_kit: bool) -> Result<Checked<Scale>, FieldError> {
    let scale: Scale = text.trim().parse().map_err(FieldError::Amount)?;
    let warning = (peer_is_kit && scale != Scale::KIT).then_some(Warning::ScaleOfKit { scale });
    Ok(Checked::warned(scale, warning))
}

/// The limit, in units of the currency: above zero, with at most `scale` decimals, exact.
pub fn check_limit(
    text: &str,
    scale: Scale,
    peer_is_kit: bool,
) -> Result<Checked<Amount>, FieldError> {
    let text = text.trim();
    let limit = match Amount::from_currency(text, scale) {
        Ok(limit) if limit > Amount::ZERO => limit,
        Ok(_) | Err(AmountError::Syntax { .. }) => return Err(FieldError::LimitFormat),
        Err(fault) => return Err(FieldError::Amount(fault)),
    };
    let whole = limit.units().is_multiple_of(scale.units_per_one());
    Ok(Checked::warned(
        limit,
        (peer_is_kit && !whole).then_some(Warning::LimitOfKit),
    ))
}

/// The limit in base units, as the admin API takes it: above zero.
pub fn check_limit_units(text: &str) -> Result<Amount, FieldError> {
    match text.parse() {
        Ok(Amount::ZERO) | Err(AmountError::Syntax { .. }) => Err(FieldError::LimitFormat),
        Ok(limit) => Ok(limit),
        Err(fault) => Err(FieldError::Amount(fault)),
    }
}

/// An RPC URI.
pub fn check_rpc_uri(text: &str, allow_loopback_http: bool) -> Result<RpcUri, FieldError> {
    RpcUri::parse(text, allow_loopback_http).map_err(FieldError::Uri)
}

/// A protocol version: 1 to 100 characters. One that names no ilp-kit is a warning.
pub fn check_version(text: &str) -> Result<Checked<String>, FieldError> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=100).contains(&length) || text.chars().any(char::is_control) {
        return Err(FieldError::Version);
    }
    let warning = (!text.starts_with("Compatible: ilp-kit v")).then_some(Warning::VersionUnknown);
    Ok(Checked::warned(text.to_owned(), warning))
}

/// A token that somebody told.
pub fn check_token(text: &str) -> Result<AuthToken, FieldError> {
    AuthToken::new(text).map_err(FieldError::Token)
}

/// A proposed ledger prefix: starts with `peer.`, ends with a dot, no empty part between. One whose
/// tail tells another currency or scale is a warning.
pub fn check_prefix(
    text: &str,
    currency: &CurrencyCode,
    scale: Scale,
) -> Result<Checked<LedgerPrefix>, FieldError> {
    let text = text.trim();
    let wrong = || FieldError::Prefix;
    let prefix = LedgerPrefix::new(text).map_err(|_| wrong())?;
    let inner = text
        .strip_prefix("peer.")
        .and_then(|rest| rest.strip_suffix('.'))
        .ok_or_else(wrong)?;
    if inner.split('.').any(str::is_empty) {
        return Err(wrong());
    }
    let tail = format!(".{}.{scale}", currency.to_lower());
    let warning = (!inner.ends_with(&tail)).then(|| Warning::PrefixTail {
        currency: currency.clone(),
        scale,
    });
    Ok(Checked::warned(prefix, warning))
}

/// An account on `prefix`: the prefix and a name.
pub fn check_account(text: &str, prefix: &LedgerPrefix) -> Result<IlpAddress, FieldError> {
    let wrong = || FieldError::Account {
        prefix: prefix.clone(),
    };
    let account = IlpAddress::new(text.trim()).map_err(|_| wrong())?;
    match account.as_str().strip_prefix(prefix.as_str()) {
        Some(name) if !name.is_empty() => Ok(account),
        _ => Err(wrong()),
    }
}

impl Terms {
    /// One sentence about who may owe what: `They may owe you up to 100 USD (100000000000 units).
    /// What you may owe is set by them.`
    pub fn sentence(&self) -> String {
        format!(
            "They may owe you up to {} {} ({} units). What you may owe is set by them.",
            self.limit.to_currency(self.scale),
            self.currency,
            self.limit
        )
    }
}

/// Why a field of a peering form is refused. The texts are for the person who fills it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// `HOST_SYNTAX`.
    Host(HostError),
    /// `HOST_SELF`.
    HostSelf,
    /// `SECRET_FORMAT`.
    Secret(KeyError),
    /// `CODE_FORMAT`.
    Currency(AddressError),
    /// `SCALE_RANGE`, `LIMIT_DECIMALS`, `LIMIT_HUGE`.
    Amount(AmountError),
    /// `LIMIT_FORMAT`: a limit that is no number, or zero.
    LimitFormat,
    /// `URI_FORMAT`.
    Uri(RpcUriError),
    /// `VERSION_FORMAT`: an empty or very long protocol version.
    Version,
    /// `TOKEN_FORMAT`.
    Token(TokenError),
    /// `PREFIX_FORMAT`.
    Prefix,
    /// `ACCOUNT_FORMAT`: an account that is not on the ledger.
    Account {
        /// The ledger.
        prefix: LedgerPrefix,
    },
    /// `ACCOUNT_SAME`: one account for both sides.
    SameAccount,
    /// `DUPLICATE`: the same host under the same terms. Whoever keeps the peers finds it.
    Duplicate {
        /// The peer.
        host: Host,
        /// The currency of the peering that is there.
        currency: CurrencyCode,
        /// Its scale.
        scale: Scale,
    },
}

impl FieldError {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Host(fault) => fault.code(),
            Self::HostSelf => "HOST_SELF",
            Self::Secret(fault) => fault.code(),
            Self::Currency(fault) => fault.code(),
            Self::Amount(fault) => fault.code(),
            Self::LimitFormat => "LIMIT_FORMAT",
            Self::Uri(fault) => fault.code(),
            Self::Version => "VERSION_FORMAT",
            Self::Token(fault) => fault.code(),
            Self::Prefix => "PREFIX_FORMAT",
            Self::Account { .. } => "ACCOUNT_FORMAT",
            Self::SameAccount => "ACCOUNT_SAME",
            Self::Duplicate { .. } => "DUPLICATE",
        }
    }

    /// What exactly to change, where the message does not say it all.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Host(fault) => Some(fault.hint()),
            Self::Uri(fault) => Some(fault.hint()),
            _ => None,
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(fault) => fault.fmt(f),
            Self::HostSelf => f.write_str("That is your own host. Enter your peer's."),
            Self::Secret(fault) => fault.fmt(f),
            Self::Currency(fault) => fault.fmt(f),
            Self::Amount(fault) => fault.fmt(f),
            Self::LimitFormat => f.write_str(
                "A limit is a number above zero. Enter the most they may owe you, such as 100.",
            ),
            Self::Uri(fault) => fault.fmt(f),
            Self::Version => f.write_str(
                "A protocol version has 1 to 100 characters, such as Compatible: ilp-kit v3.0.0.",
            ),
            Self::Token(fault) => fault.fmt(f),
            Self::Prefix => f.write_str(
                "A peering prefix starts \"peer.\" and ends with a dot: peer.k3x9Q.usd.9.",
            ),
            Self::Account { prefix } => write!(
                f,
                "An account here is {prefix} and a name. Give it in full, such as {prefix}wallet2."
            ),
            Self::SameAccount => {
                f.write_str("Both sides have the same account. Give each its own name.")
            }
            Self::Duplicate {
                host,
                currency,
                scale,
            } => write!(
                f,
                "You already peer with {host} in {currency}, scale {scale}. Open that peering or change the terms."
            ),
        }
    }
}

impl std::error::Error for FieldError {}

/// What is allowed, but should be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A secret of another length than 32 bytes.
    SecretLength {
        /// How many bytes it has.
        bytes: usize,
    },
    /// Another scale than 9 with an ilp-kit.
    ScaleOfKit {
        /// The scale that was chosen.
        scale: Scale,
    },
    /// A limit with decimals, with an ilp-kit.
    LimitOfKit,
    /// A protocol version that names no ilp-kit.
    VersionUnknown,
    /// One token for both directions.
    TokensEqual,
    /// A prefix whose tail does not tell the terms.
    PrefixTail {
        /// The currency of the terms.
        currency: CurrencyCode,
        /// The scale of the terms.
        scale: Scale,
    },
}

impl Warning {
    /// The stable code of this warning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SecretLength { .. } => "SECRET_LENGTH",
            Self::ScaleOfKit { .. } => "SCALE_KIT",
            Self::LimitOfKit => "LIMIT_KIT",
            Self::VersionUnknown => "VERSION_UNKNOWN",
            Self::TokensEqual => "TOKENS_EQUAL",
            Self::PrefixTail { .. } => "PREFIX_TAIL",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretLength { bytes } => write!(
                f,
                "This secret has {bytes} bytes; usual are 32. Check that all of it was copied."
            ),
            Self::ScaleOfKit { scale } => write!(
                f,
                "Your peer is an ilp-kit. Its form sends scale 9 and turns 0 into 9: make sure its administrator can enter {scale}."
            ),
            Self::LimitOfKit => f.write_str(
                "Your peer is an ilp-kit, whose form takes only whole numbers as its own limit.",
            ),
            Self::VersionUnknown => f.write_str(
                "This protocol version is not known. Ask whether they speak as ilp-kit 3 does.",
            ),
            Self::TokensEqual => f.write_str(
                "Both directions use the same token. Two tokens can be changed one at a time.",
            ),
            Self::PrefixTail { currency, scale } => write!(
                f,
                "The prefix does not end in {}.{scale}. It works, but misleads whoever reads it.",
                currency.to_lower()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_somebody_else() {
        let own = Host::parse("wallet1.com").unwrap();
        let fault = check_peer_host("https://wallet1.com/", Some(&own)).unwrap_err();
        assert_eq!(fault.code(), "HOST_SELF");
        assert_eq!(
            fault.to_string(),
            "That is your own host. Enter your peer's."
        );
        assert!(check_peer_host("wallet1.com:8443", Some(&own)).is_ok());
        assert!(check_peer_host("wallet1.com", None).is_ok());
        assert_eq!(
            check_peer_host("a b", None).unwrap_err().code(),
            "HOST_SYNTAX"
        );
    }

    #[test]
    fn a_secret_of_another_length_is_warned_about() {
        assert_eq!(check_secret(&"A".repeat(43)).unwrap().warnings, []);
        let short = check_secret("AAAA").unwrap();
        assert_eq!(short.warnings, [Warning::SecretLength { bytes: 3 }]);
        assert_eq!(check_secret("A!").unwrap_err().code(), "SECRET_FORMAT");
    }

    #[test]
    fn a_kit_has_scale_9_and_whole_limits() {
        assert!(is_ilp_kit("Compatible: ilp-kit v3.0.0"));
        assert_eq!(check_scale(" 9 ", true).unwrap().warnings, []);
        assert_eq!(check_scale("0", false).unwrap().warnings, []);
        let scale = Scale::new(0).unwrap();
        assert_eq!(
            check_scale("0", true).unwrap().warnings,
            [Warning::ScaleOfKit { scale }]
        );
        assert_eq!(check_scale("x", true).unwrap_err().code(), "SCALE_RANGE");
        let limit = check_limit("0.5", Scale::KIT, true).unwrap();
        assert_eq!(limit.warnings, [Warning::LimitOfKit]);
        assert_eq!(check_limit("5.0", Scale::KIT, true).unwrap().warnings, []);
    }

    #[test]
    fn a_limit_is_above_zero_and_exact() {
        let code = |text| check_limit(text, Scale::KIT, false).unwrap_err().code();
        assert_eq!(code(""), "LIMIT_FORMAT");
        assert_eq!(code("0"), "LIMIT_FORMAT");
        assert_eq!(code("0.000000000"), "LIMIT_FORMAT");
        assert_eq!(code("-5"), "LIMIT_FORMAT");
        assert_eq!(code("1.0000000001"), "LIMIT_DECIMALS");
        assert_eq!(code("18446744074"), "LIMIT_HUGE");
        assert_eq!(check_limit_units("5"), Ok(Amount::new(5)));
        for text in ["0", "", "1.5", "18446744073709551616"] {
            assert!(check_limit_units(text).is_err(), "{text}");
        }
        let terms = Terms {
            currency: "USD".parse().unwrap(),
            scale: Scale::KIT,
            limit: check_limit("100", Scale::KIT, false).unwrap().value,
        };
        assert_eq!(
            terms.sentence(),
            "They may owe you up to 100 USD (100000000000 units). What you may owe is set by them."
        );
    }

    #[test]
    fn a_prefix_is_of_the_peer_form() {
        let usd = "USD".parse().unwrap();
        let check = |text| check_prefix(text, &usd, Scale::KIT);
        assert_eq!(check("peer.k3x9Q.usd.9.").unwrap().warnings, []);
        assert_eq!(
            check("peer.k3x9Q.eur.9.").unwrap().warnings[0].code(),
            "PREFIX_TAIL"
        );
        for text in [
            "",
            "peer.",
            "peer..",
            "peer.x",
            "g.x.usd.9.",
            "peer.a..usd.9.",
            "peer.ä.",
        ] {
            assert_eq!(check(text), Err(FieldError::Prefix), "{text}");
        }
    }

    #[test]
    fn a_second_peering_on_the_same_terms_is_named() {
        let fault = FieldError::Duplicate {
            host: Host::parse("wallet2.com").unwrap(),
            currency: "USD".parse().unwrap(),
            scale: Scale::KIT,
        };
        assert_eq!(
            fault.to_string(),
            "You already peer with wallet2.com in USD, scale 9. Open that peering or change the terms."
        );
    }
}
