use super::{
    Checked, Details, FieldError, Mode, Warning, check_account, check_currency, check_prefix,
    check_rpc_uri, check_scale, check_token, check_version,
};

/// What a peering without WebFinger needs, as it was typed or came in a request.
///
/// ```
/// use c2c::peering::Manual;
/// let told = Manual {
///     rpc_uri: "https://wallet2.com/rpc",
///     protocol_version: "Compatible: ilp-kit v3.0.0",
///     send_token: "the-token-that-they-told",
///     accept_token: "the-token-that-we-told",
///     prefix: "peer.k3x9Q.usd.9.",
///     account: "peer.k3x9Q.usd.9.wallet1",
///     peer_account: "peer.k3x9Q.usd.9.wallet2",
///     currency: "USD",
///     scale: "9",
/// };
/// let details = told.check(false).unwrap();
/// assert!(details.warnings.is_empty());
/// assert_eq!(details.value.peer_account.as_str(), "peer.k3x9Q.usd.9.wallet2");
///
/// let faults = Manual { prefix: "peer.k3x9Q.usd.9", ..told }.check(false).unwrap_err();
/// assert_eq!((faults[0].field, faults[0].error.code()), ("prefix", "PREFIX_FORMAT"));
/// ```
#[derive(Clone, Copy)]
pub struct Manual<'a> {
    /// Where they take calls.
    pub rpc_uri: &'a str,
    /// Which protocol they speak.
    pub protocol_version: &'a str,
    /// The token that they told us to use.
    pub send_token: &'a str,
    /// The token that we told them to use.
    pub accept_token: &'a str,
    /// The prefix that one proposed and the other agreed to.
    pub prefix: &'a str,
    /// Our account.
    pub account: &'a str,
    /// Their account.
    pub peer_account: &'a str,
    /// The currency code.
    pub currency: &'a str,
    /// The scale.
    pub scale: &'a str,
}

/// One field that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name, as in [`Manual`] and in the admin API.
    pub field: &'static str,
    /// Why.
    pub error: FieldError,
}

impl Manual<'_> {
    /// Checks every field and makes the details of them, or answers every fault, in field order.
    pub fn check(&self, allow_loopback_http: bool) -> Result<Checked<Details>, Vec<FieldFault>> {
        let mut faults = vec![];
        let mut warnings = vec![];
        let rpc_uri = kept(
            &mut faults,
            "rpc_uri",
            check_rpc_uri(self.rpc_uri, allow_loopback_http),
        );
        let version = kept(
            &mut faults,
            "protocol_version",
            check_version(self.protocol_version),
        );
        let send = kept(&mut faults, "send_token", check_token(self.send_token));
        let accept = kept(&mut faults, "accept_token", check_token(self.accept_token));
        let currency = kept(&mut faults, "currency", check_currency(self.currency));
        let scale = kept(&mut faults, "scale", check_scale(self.scale, false));
        // The tail of the prefix can only be held against terms that are known.
        let terms = currency.zip(scale);
        let prefix = match &terms {
            Some((currency, scale)) => kept(
                &mut faults,
                "prefix",
                check_prefix(self.prefix, currency, scale.value),
            ),
            None => None,
        };
        let (account, peer_account) = match &prefix {
            Some(prefix) => (
                kept(
                    &mut faults,
                    "account",
                    check_account(self.account, &prefix.value),
                ),
                kept(
                    &mut faults,
                    "peer_account",
                    check_account(self.peer_account, &prefix.value).and_then(|theirs| {
                        if theirs.as_str() == self.account.trim() {
                            Err(FieldError::SameAccount)
                        } else {
                            Ok(theirs)
                        }
                    }),
                ),
            ),
            None => (None, None),
        };
        let (
            Some(rpc_uri),
            Some(version),
            Some(send_token),
            Some(accept_token),
            Some((currency, scale)),
            Some(prefix),
            Some(account),
            Some(peer_account),
        ) = (
            rpc_uri,
            version,
            send,
            accept,
            terms,
            prefix,
            account,
            peer_account,
        )
        else {
            return Err(faults);
        };
        warnings.extend(version.warnings);
        if send_token == accept_token {
            warnings.push(Warning::TokensEqual);
        }
        warnings.extend(scale.warnings);
        warnings.extend(prefix.warnings);
        let details = Details {
            prefix: prefix.value,
            account,
            peer_account,
            currency,
            scale: scale.value,
            rpc_uri,
            protocol_version: version.value,
            send_token,
            accept_token,
            mode: Mode::Manual,
        };
        Ok(Checked {
            value: details,
            warnings,
        })
    }
}

/// The value, or nothing and a fault more.
fn kept<T>(
    faults: &mut Vec<FieldFault>,
    field: &'static str,
    checked: Result<T, FieldError>,
) -> Option<T> {
    match checked {
        Ok(value) => Some(value),
        Err(error) => {
            faults.push(FieldFault { field, error });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Manual<'static> {
        Manual {
            rpc_uri: "https://wallet2.com/rpc",
            protocol_version: "Compatible: ilp-kit v3.0.0",
            send_token: "the-token-that-they-told",
            accept_token: "the-token-that-we-told",
            prefix: "peer.k3x9Q.usd.9.",
            account: "peer.k3x9Q.usd.9.wallet1",
            peer_account: "peer.k3x9Q.usd.9.wallet2",
            currency: "usd",
            scale: "9",
        }
    }

    fn codes(manual: Manual<'_>) -> Vec<(&'static str, &'static str)> {
        let faults = manual.check(false).unwrap_err();
        faults.iter().map(|f| (f.field, f.error.code())).collect()
    }

    #[test]
    fn every_fault_is_told_at_once() {
        assert_eq!(
            codes(Manual {
                rpc_uri: "wallet2.com",
                protocol_version: "",
                send_token: "short",
                accept_token: "",
                currency: "$",
                ..told()
            }),
            [
                ("rpc_uri", "URI_FORMAT"),
                ("protocol_version", "VERSION_FORMAT"),
                ("send_token", "TOKEN_FORMAT"),
                ("accept_token", "TOKEN_FORMAT"),
                ("currency", "CODE_FORMAT"),
            ]
        );
        assert_eq!(
            codes(Manual {
                account: "peer.k3x9Q.usd.9.",
                peer_account: "peer.other.usd.9.wallet2",
                ..told()
            }),
            [
                ("account", "ACCOUNT_FORMAT"),
                ("peer_account", "ACCOUNT_FORMAT")
            ]
        );
        assert_eq!(
            codes(Manual {
                account: told().peer_account,
                ..told()
            }),
            [("peer_account", "ACCOUNT_SAME")]
        );
        assert_eq!(
            codes(Manual {
                scale: "-1",
                ..told()
            }),
            [("scale", "SCALE_RANGE")]
        );
    }

    #[test]
    fn what_is_unusual_is_warned_about() {
        let checked = Manual {
            protocol_version: "ours v1",
            accept_token: told().send_token,
            prefix: "peer.k3x9Q.eur.9.",
            account: "peer.k3x9Q.eur.9.wallet1",
            peer_account: "peer.k3x9Q.eur.9.wallet2",
            ..told()
        }
        .check(false)
        .unwrap();
        let codes: Vec<_> = checked.warnings.iter().map(Warning::code).collect();
        assert_eq!(codes, ["VERSION_UNKNOWN", "TOKENS_EQUAL", "PREFIX_TAIL"]);
        assert_eq!(checked.value.mode, Mode::Manual);
    }
}
