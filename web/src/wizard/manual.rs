//! Peering without WebFinger: what each side tells the other. Pure.

use std::rc::Rc;

use c2c::address::CurrencyCode;
use c2c::amount::Scale;
use c2c::peering::{
    AuthToken, CheckWords, Details, FieldError, FieldFault, Letter, Manual as Agreement, Told,
    Warning, check_account, check_prefix, check_rpc_uri, check_token, check_version,
};

use super::{Problem, SecretText};

/// What the software of 2017 says that it speaks, and everybody after it.
const VERSION: &str = "Compatible: ilp-kit v3.0.0";

/// One field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Where I take calls.
    RpcUri,
    /// The version for calls to me.
    Version,
    /// The token for calls to me.
    Token,
    /// The ledger.
    Prefix,
    /// My account.
    Account,
    /// Where they take calls.
    TheirRpcUri,
    /// The version for calls to them.
    TheirVersion,
    /// The token for calls to them.
    TheirToken,
    /// Their account.
    TheirAccount,
}

impl Field {
    /// Its name, as in the admin API.
    pub fn name(self) -> &'static str {
        match self {
            Self::RpcUri => "my-rpc-uri",
            Self::Version => "my-version",
            Self::Token => "my-token",
            Self::Prefix => "prefix",
            Self::Account => "my-account",
            Self::TheirRpcUri => "their-rpc-uri",
            Self::TheirVersion => "their-version",
            Self::TheirToken => "their-token",
            Self::TheirAccount => "their-account",
        }
    }
}

/// What the two tell each other. A text of mine that was not touched is what is proposed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manual {
    typed: [Option<Rc<SecretText>>; 9],
    random: Rc<SecretText>,
    host: Rc<str>,
}

impl Manual {
    /// Proposes from 64 random characters of base64url.
    pub fn begin(&mut self, random: Rc<SecretText>) {
        if self.random.reveal().is_empty() {
            self.random = random;
        }
    }

    /// The reader's own host, from which their RPC address is proposed.
    pub fn live_at(&mut self, base_url: &str) {
        self.host = base_url.trim_end_matches('/').into();
    }

    /// A field is typed.
    pub fn tell(&mut self, field: Field, text: Rc<SecretText>) {
        self.typed[field as usize] = Some(text);
    }

    /// Takes over what the other side told.
    pub fn hear(&mut self, told: &Told) {
        let mut set = |field: Field, text: &str| {
            self.typed[field as usize] = Some(Rc::new(SecretText::new(text.to_owned())));
        };
        set(Field::TheirRpcUri, told.rpc_uri.as_str());
        set(Field::TheirVersion, &told.protocol_version);
        set(Field::TheirAccount, told.account.as_str());
        set(Field::Prefix, told.prefix.as_str());
        if let Some(token) = &told.token {
            set(Field::TheirToken, token.reveal());
        }
        // The account stands on the ledger that was proposed before.
        self.typed[Field::Account as usize] = None;
    }

    /// What stands in a field.
    pub fn text(&self, field: Field, currency: &str, scale: &str) -> Rc<SecretText> {
        if let Some(typed) = &self.typed[field as usize] {
            return typed.clone();
        }
        let random = self.random.reveal();
        let text = match field {
            Field::RpcUri if !self.host.is_empty() => format!("{}/rpc", self.host),
            Field::Version | Field::TheirVersion => VERSION.to_owned(),
            Field::Token => random.chars().take(43).collect(),
            Field::Prefix => match (currency.trim().parse(), scale.trim().parse()) {
                (Ok(currency), Ok(scale)) if random.len() > 48 => {
                    Letter::propose_prefix(&random.as_bytes()[43..48], &currency, scale).to_string()
                }
                _ => String::new(),
            },
            Field::Account if random.len() > 60 => {
                let prefix = self.text(Field::Prefix, currency, scale);
                format!("{}{}", prefix.reveal(), &random[50..60])
            }
            _ => String::new(),
        };
        Rc::new(SecretText::new(text))
    }

    /// What is wrong with a field; nothing while it is empty.
    pub fn problem(&self, field: Field, currency: &str, scale: &str) -> Option<Problem> {
        let text = self.text(field, currency, scale);
        let text = text.reveal();
        if text.trim().is_empty() {
            return None;
        }
        let fault: Result<(), FieldError> = match field {
            Field::RpcUri | Field::TheirRpcUri => check_rpc_uri(text, true).map(drop),
            Field::Version | Field::TheirVersion => check_version(text).map(drop),
            Field::Token | Field::TheirToken => check_token(text).map(drop),
            Field::Prefix => self.terms(currency, scale).map_or(Ok(()), |(code, scale)| {
                check_prefix(text, &code, scale).map(drop)
            }),
            Field::Account | Field::TheirAccount => {
                let prefix = self.text(Field::Prefix, currency, scale);
                prefix
                    .reveal()
                    .trim()
                    .parse()
                    .map_or(Ok(()), |prefix| check_account(text, &prefix).map(drop))
            }
        };
        fault.err().map(|fault| Problem::of_field(&fault))
    }

    /// What I tell: everything of mine, checked.
    pub fn mine(&self, currency: &str, scale: &str) -> Result<Told, Vec<FieldFault>> {
        self.side(
            [Field::RpcUri, Field::Version, Field::Token, Field::Account],
            currency,
            scale,
        )
    }

    /// What they told, as far as it is a whole.
    pub fn theirs(&self, currency: &str, scale: &str) -> Result<Told, Vec<FieldFault>> {
        let fields = [
            Field::TheirRpcUri,
            Field::TheirVersion,
            Field::TheirToken,
            Field::TheirAccount,
        ];
        self.side(fields, currency, scale)
    }

    /// What is not there yet, in words.
    pub fn missing(&self, currency: &str, scale: &str) -> Vec<&'static str> {
        let needs = [
            (Field::RpcUri, "your RPC address"),
            (Field::TheirRpcUri, "their RPC address"),
            (Field::TheirAccount, "their account"),
            (Field::TheirToken, "the token for your calls to them"),
        ];
        let is_empty = |field| self.text(field, currency, scale).reveal().trim().is_empty();
        needs
            .into_iter()
            .filter(|(field, _)| is_empty(*field))
            .map(|(_, what)| what)
            .collect()
    }

    /// What both end up with, and what is unusual about it.
    pub fn details(
        &self,
        currency: &str,
        scale: &str,
    ) -> Result<(Details, Vec<Warning>), Vec<FieldFault>> {
        let text = |field| self.text(field, currency, scale);
        let [
            rpc_uri,
            version,
            send,
            accept,
            prefix,
            account,
            peer_account,
        ] = [
            Field::TheirRpcUri,
            Field::TheirVersion,
            Field::TheirToken,
            Field::Token,
            Field::Prefix,
            Field::Account,
            Field::TheirAccount,
        ]
        .map(text);
        let agreed = Agreement {
            rpc_uri: rpc_uri.reveal(),
            protocol_version: version.reveal(),
            send_token: send.reveal(),
            accept_token: accept.reveal(),
            prefix: prefix.reveal(),
            account: account.reveal(),
            peer_account: peer_account.reveal(),
            currency,
            scale,
        }
        .check(true)?;
        Ok((agreed.value, agreed.warnings))
    }

    /// What is unusual in what stands here so far.
    pub fn warnings(&self, currency: &str, scale: &str) -> Vec<Warning> {
        if let Ok((_, warnings)) = self.details(currency, scale) {
            return warnings;
        }
        let prefix = self.text(Field::Prefix, currency, scale);
        self.terms(currency, scale)
            .and_then(|(code, scale)| check_prefix(prefix.reveal(), &code, scale).ok())
            .map_or_else(Vec::new, |checked| checked.warnings)
    }

    /// The twelve words of what was told.
    pub fn words(&self, currency: &str, scale: &str) -> Option<CheckWords> {
        let (mine, theirs) = (
            self.mine(currency, scale).ok()?,
            self.theirs(currency, scale).ok()?,
        );
        let (code, number) = self.terms(currency, scale)?;
        let (a, b) = (mine.token.as_ref()?, theirs.token.as_ref()?);
        Some(CheckWords::of_told((&mine, a), (&theirs, b), &code, number))
    }

    fn terms(&self, currency: &str, scale: &str) -> Option<(CurrencyCode, Scale)> {
        Some((currency.trim().parse().ok()?, scale.trim().parse().ok()?))
    }

    fn side(
        &self,
        [rpc_uri, version, token, account]: [Field; 4],
        currency: &str,
        scale: &str,
    ) -> Result<Told, Vec<FieldFault>> {
        let text = |field| self.text(field, currency, scale);
        let fault = |field, error| vec![FieldFault { field, error }];
        let (code, number) = self
            .terms(currency, scale)
            .ok_or_else(|| fault("prefix", FieldError::Prefix))?;
        let prefix = check_prefix(text(Field::Prefix).reveal(), &code, number)
            .map_err(|error| fault("prefix", error))?
            .value;
        let token: Option<AuthToken> = match text(token).reveal().trim() {
            "" => None,
            token => Some(check_token(token).map_err(|error| fault("token", error))?),
        };
        Ok(Told {
            rpc_uri: check_rpc_uri(text(rpc_uri).reveal(), true)
                .map_err(|error| fault("rpc_uri", error))?,
            protocol_version: check_version(text(version).reveal())
                .map_err(|error| fault("protocol_version", error))?
                .value,
            account: check_account(text(account).reveal(), &prefix)
                .map_err(|error| fault("account", error))?,
            prefix,
            token,
        })
    }
}
