//! What two operators write to each other until they agree: an offer, a counter-offer, an acceptance, a refusal.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    AuthToken, Details, FieldError, FieldFault, Manual, check_account, check_currency,
    check_peer_host, check_prefix, check_rpc_uri, check_scale, check_token, check_version,
};
use crate::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::Scale;
use crate::key::{from_base64_lenient, to_base64url};
use crate::timestamp::{Millis, Timestamp};
use crate::webfinger::{Host, RpcUri};

/// The longest letter that is read, in bytes.
const MAX_LETTER: usize = 16 << 10;
/// How the code of a letter begins.
const MARK: &str = "c2c1.";
/// For how long an offer is good: seven days.
const GOOD_FOR: Millis = Millis(7 * 24 * 3600 * 1000);

/// One letter between operators (spec, Discovery: what is told out of band, both ways).
///
/// ```
/// use c2c::peering::{Letter, Says, Told, Way};
/// let offer = Letter {
///     says: Says::Offer,
///     way: Way::Manual(Box::new(Told {
///         rpc_uri: c2c::webfinger::RpcUri::parse("https://wallet1.example/rpc", false)?,
///         protocol_version: "Compatible: ilp-kit v3.0.0".to_owned(),
///         prefix: "peer.k3x9Q.usd.9.".parse()?,
///         account: "peer.k3x9Q.usd.9.wallet1".parse()?,
///         token: None,
///     })),
///     currency: "USD".parse()?,
///     scale: c2c::Scale::KIT,
///     date: c2c::Timestamp::from_millis(1_500_000_000_000),
/// };
/// let link = offer.link("https://wallet1.example");
/// assert!(link.starts_with("https://wallet1.example/#c2c1."));
/// assert_eq!(Letter::read(&link, false)?, offer);
/// assert_eq!(Letter::read(&offer.text(), false)?, offer);
/// assert_eq!(Letter::read(&link[..link.len() - 1], false).unwrap_err().code(), "INVITE_DAMAGED");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it says.
    pub says: Says,
    /// The way to peer, and what its writer tells for it.
    pub way: Way,
    /// The currency of the ledger between the two.
    pub currency: CurrencyCode,
    /// Its scale.
    pub scale: Scale,
    /// When it was written.
    pub date: Timestamp,
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Let us peer like this.
    Offer,
    /// Not like that, but like this.
    Counter,
    /// Agreed.
    Accept,
    /// No.
    Refuse {
        /// Why, in the writer's words.
        reason: String,
    },
}

/// The way to peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the two host records. This is the writer's host.
    WebFinger(Host),
    /// By telling each other.
    Manual(Box<Told>),
}

/// What one side tells the other where they peer without WebFinger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where the writer takes calls.
    pub rpc_uri: RpcUri,
    /// The protocol version to use in calls to the writer.
    pub protocol_version: String,
    /// The ledger: proposed in an offer, the same in its answer.
    pub prefix: LedgerPrefix,
    /// The writer's account on it.
    pub account: IlpAddress,
    /// The token to use in calls to the writer; none where it goes another way.
    pub token: Option<AuthToken>,
}

/// A letter as JSON has it.
#[derive(Serialize, Deserialize)]
struct Wire {
    c2c: String,
    mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rpc_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocol_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    currency: String,
    scale: u8,
    date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Letter {
    /// Reads a letter out of whatever it came in: its JSON, its code, a link, or a text with a code in it.
    pub fn read(text: &str, allow_loopback_http: bool) -> Result<Self, LetterError> {
        if text.len() > MAX_LETTER {
            return Err(LetterError::Damaged);
        }
        let text = text.trim();
        let json = match text.starts_with('{') {
            true => text.as_bytes().to_vec(),
            false => decode(text).ok_or(LetterError::Damaged)?,
        };
        let wire: Wire = serde_json::from_slice(&json).map_err(|_| LetterError::Damaged)?;
        wire.check(allow_loopback_http)
    }

    /// The letter as a JSON object, for a file.
    pub fn json(&self) -> String {
        // Texts and a small number.
        serde_json::to_string_pretty(&self.wire()).unwrap_or_default()
    }

    /// The letter as one word, with a sum at its end that tells whether all of it was copied.
    pub fn encode(&self) -> String {
        let json = serde_json::to_string(&self.wire()).unwrap_or_default();
        format!(
            "{MARK}{}.{}",
            to_base64url(json.as_bytes()),
            sum(json.as_bytes())
        )
    }

    /// A link to the writer's own page; what follows the # is sent to no server.
    pub fn link(&self, base_url: &str) -> String {
        format!("{}/#{}", base_url.trim_end_matches('/'), self.encode())
    }

    /// The letter for people to read, with its code in the last line.
    pub fn text(&self) -> String {
        let what = match (&self.says, &self.way) {
            (Says::Offer, Way::WebFinger(_)) => "I offer to peer using WebFinger.",
            (Says::Offer, Way::Manual(_)) => "I offer to peer without WebFinger.",
            (Says::Counter, Way::WebFinger(_)) => {
                "Not on those terms; I offer to peer using WebFinger on these."
            }
            (Says::Counter, Way::Manual(_)) => {
                "Not on those terms; I offer to peer without WebFinger on these."
            }
            (Says::Accept, Way::WebFinger(_)) => "I agree to peer using WebFinger.",
            (Says::Accept, Way::Manual(_)) => "I agree to peer without WebFinger.",
            (Says::Refuse { .. }, _) => "I do not want to peer on these terms.",
        };
        let mut lines = vec![what.to_owned()];
        if let Says::Refuse { reason } = &self.says
            && !reason.is_empty()
        {
            lines.push(format!("Reason: {reason}"));
        }
        match &self.way {
            Way::WebFinger(host) => lines.push(format!("My host: {host}")),
            Way::Manual(told) => {
                lines.push(format!("My RPC address: {}", told.rpc_uri));
                lines.push(format!(
                    "Version for calls to me: {}",
                    told.protocol_version
                ));
                lines.push(match &told.token {
                    Some(token) => format!("Token for calls to me: {}", token.reveal()),
                    None => "The token for calls to me comes another way.".to_owned(),
                });
                lines.push(format!("Ledger: {}", told.prefix));
                lines.push(format!("My account: {}", told.account));
            }
        }
        lines.push(format!("Currency: {}, scale {}", self.currency, self.scale));
        lines.push(format!("Written: {}", self.date));
        lines.push(self.encode());
        lines.join("\n")
    }

    /// The same without the token, for a way on which others may read it.
    #[must_use]
    pub fn without_token(&self) -> Self {
        let mut letter = self.clone();
        if let Way::Manual(told) = &mut letter.way {
            told.token = None;
        }
        letter
    }

    /// Makes sure that an offer is not older than seven days, nor from the time to come by more than one.
    pub fn check_date(&self, now: Timestamp) -> Result<(), LetterError> {
        match self.says {
            Says::Offer | Says::Counter if now.since(self.date) > GOOD_FOR => {
                Err(LetterError::Expired { date: self.date })
            }
            _ => Ok(()),
        }
    }

    /// Where an answer says something else than this offer: the field, what was offered, what was answered.
    pub fn differences(&self, answer: &Letter) -> Vec<(&'static str, String, String)> {
        let facts = |letter: &Letter| {
            let (mode, prefix) = match &letter.way {
                Way::WebFinger(_) => ("webfinger", String::new()),
                Way::Manual(told) => ("manual", told.prefix.to_string()),
            };
            [
                ("mode", mode.to_owned()),
                ("prefix", prefix),
                ("currency", letter.currency.to_string()),
                ("scale", letter.scale.to_string()),
            ]
        };
        let both = facts(self).into_iter().zip(facts(answer));
        both.filter(|((_, mine), (_, theirs))| mine != theirs)
            .map(|((field, mine), (_, theirs))| (field, mine, theirs))
            .collect()
    }

    /// A prefix to propose, from at least five random bytes.
    pub fn propose_prefix(random: &[u8], currency: &CurrencyCode, scale: Scale) -> LedgerPrefix {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
        let name: String = random
            .iter()
            .take(5)
            .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
            .collect();
        let prefix = format!("peer.{name}.{}.{scale}.", currency.to_lower());
        prefix
            .parse()
            .expect("letters, digits and dots within 31 characters")
    }

    /// What both sides end up with, from the two letters that agree: ours and theirs.
    pub fn agree(
        ours: &Told,
        theirs: &Told,
        terms: (&CurrencyCode, Scale),
        tokens: (&AuthToken, &AuthToken),
        allow_loopback_http: bool,
    ) -> Result<Details, Vec<FieldFault>> {
        let (currency, scale) = (terms.0.as_str(), terms.1.to_string());
        let (send, accept) = tokens;
        let details = Manual {
            rpc_uri: theirs.rpc_uri.as_str(),
            protocol_version: &theirs.protocol_version,
            send_token: send.reveal(),
            accept_token: accept.reveal(),
            prefix: ours.prefix.as_str(),
            account: ours.account.as_str(),
            peer_account: theirs.account.as_str(),
            currency,
            scale: &scale,
        }
        .check(allow_loopback_http)?;
        Ok(details.value)
    }

    fn wire(&self) -> Wire {
        let (host, told) = match &self.way {
            Way::WebFinger(host) => (Some(host.base_url()), None),
            Way::Manual(told) => (None, Some(told)),
        };
        let (says, reason) = match &self.says {
            Says::Offer => ("offer", None),
            Says::Counter => ("counter", None),
            Says::Accept => ("accept", None),
            Says::Refuse { reason } => ("refuse", Some(reason.clone())),
        };
        Wire {
            c2c: says.to_owned(),
            mode: told.map_or("webfinger", |_| "manual").to_owned(),
            host,
            rpc_uri: told.map(|told| told.rpc_uri.to_string()),
            protocol_version: told.map(|told| told.protocol_version.clone()),
            prefix: told.map(|told| told.prefix.to_string()),
            account: told.map(|told| told.account.to_string()),
            token: told.and_then(|told| Some(told.token.as_ref()?.reveal().to_owned())),
            currency: self.currency.to_string(),
            scale: self.scale.get(),
            date: self.date.to_string(),
            reason,
        }
    }
}

impl Wire {
    fn check(self, allow_loopback_http: bool) -> Result<Letter, LetterError> {
        fn kept<T>(field: &'static str, checked: Result<T, FieldError>) -> Result<T, LetterError> {
            checked.map_err(|error| LetterError::Field(Box::new(FieldFault { field, error })))
        }
        let currency = kept("currency", check_currency(&self.currency))?;
        let scale = kept("scale", check_scale(&self.scale.to_string(), false))?.value;
        let text = |text: Option<String>| text.ok_or(LetterError::Damaged);
        let way = match self.mode.as_str() {
            "webfinger" => {
                let host = check_peer_host(&text(self.host)?, None);
                Way::WebFinger(kept("host", host)?.host)
            }
            "manual" => {
                let prefix = check_prefix(&text(self.prefix)?, &currency, scale);
                let prefix = kept("prefix", prefix)?.value;
                let rpc_uri = check_rpc_uri(&text(self.rpc_uri)?, allow_loopback_http);
                let version = check_version(&text(self.protocol_version)?);
                let token = self.token.map(|token| check_token(&token)).transpose();
                Way::Manual(Box::new(Told {
                    rpc_uri: kept("rpc_uri", rpc_uri)?,
                    protocol_version: kept("protocol_version", version)?.value,
                    account: kept("account", check_account(&text(self.account)?, &prefix))?,
                    prefix,
                    token: kept("token", token)?,
                }))
            }
            _ => return Err(LetterError::Damaged),
        };
        Ok(Letter {
            says: match self.c2c.as_str() {
                "offer" => Says::Offer,
                "counter" => Says::Counter,
                "accept" => Says::Accept,
                "refuse" => Says::Refuse {
                    reason: shown(&self.reason.unwrap_or_default()),
                },
                _ => return Err(LetterError::Damaged),
            },
            way,
            currency,
            scale,
            date: self.date.parse().map_err(|_| LetterError::Damaged)?,
        })
    }
}

/// A stranger's words, no longer than a line.
fn shown(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The JSON in a code that stands anywhere in `text`.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.rsplit_once(MARK)?;
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(rest.len());
    let (code, found) = rest[..end].split_once('.')?;
    let json = from_base64_lenient(code).ok()?;
    // Also what changes nothing was not copied as it was.
    (sum(&json) == found && to_base64url(&json) == code).then_some(json)
}

/// Six characters that change with every byte.
fn sum(bytes: &[u8]) -> String {
    let mut text = to_base64url(&Sha256::digest(bytes));
    text.truncate(6);
    text
}

/// Why a letter is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterError {
    /// `INVITE_DAMAGED`: not all of it is there, or it is none.
    Damaged,
    /// `INVITE_EXPIRED`: an offer of more than seven days ago.
    Expired {
        /// When it was made.
        date: Timestamp,
    },
    /// One of its fields cannot be what it is.
    Field(Box<FieldFault>),
}

impl LetterError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged => "INVITE_DAMAGED",
            Self::Expired { .. } => "INVITE_EXPIRED",
            Self::Field(fault) => fault.error.code(),
        }
    }
}

impl fmt::Display for LetterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => {
                f.write_str("This link is incomplete. Ask for it again, or type the fields.")
            }
            Self::Expired { date } => write!(f, "Offered on {date}, expired. Ask for a new one."),
            Self::Field(fault) => write!(f, "{}: {}", fault.field, fault.error),
        }
    }
}

impl std::error::Error for LetterError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, token: Option<&str>) -> Told {
        let prefix: LedgerPrefix = "peer.k3x9Q.usd.9.".parse().unwrap();
        Told {
            rpc_uri: RpcUri::parse(&format!("https://{name}.example/rpc"), false).unwrap(),
            protocol_version: "Compatible: ilp-kit v3.0.0".to_owned(),
            account: prefix.account(name).unwrap(),
            prefix,
            token: token.map(|token| AuthToken::new(token).unwrap()),
        }
    }

    fn letter(says: Says, way: Way) -> Letter {
        Letter {
            says,
            way,
            currency: "USD".parse().unwrap(),
            scale: Scale::KIT,
            date: Timestamp::from_millis(1_500_000_000_000),
        }
    }

    fn all() -> Vec<Letter> {
        let refuse = Says::Refuse {
            reason: "too small".to_owned(),
        };
        let mut letters = Vec::new();
        for says in [Says::Offer, Says::Counter, Says::Accept, refuse] {
            let manual = told("wallet1", Some("what-you-send-to-me"));
            letters.push(letter(says.clone(), Way::Manual(Box::new(manual))));
            let host = Host::parse("wallet1.example:8443").unwrap();
            letters.push(letter(says, Way::WebFinger(host)));
        }
        letters
    }

    #[test]
    fn a_letter_comes_back_from_every_form() {
        for letter in all() {
            for form in [
                letter.json(),
                letter.encode(),
                letter.link("https://wallet1.example/"),
                letter.text(),
                format!(
                    "Hello!\r\n> {}\r\n\r\nBye",
                    letter.link("https://wallet1.example")
                ),
            ] {
                assert_eq!(Letter::read(&form, false).as_ref(), Ok(&letter), "{form}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_changed_is_noticed() {
        for letter in all() {
            let code = letter.encode();
            for end in 0..code.len() {
                assert!(Letter::read(&code[..end], false).is_err(), "{end}");
            }
            for at in 0..code.len() {
                let mut changed = code.clone().into_bytes();
                changed[at] ^= 1;
                let changed = String::from_utf8_lossy(&changed).into_owned();
                assert!(Letter::read(&changed, false).is_err(), "{at}");
            }
        }
        let bad = letter(Says::Offer, Way::Manual(Box::new(told("wallet1", None)))).json();
        for (from, to, code) in [
            ("https://", "http://", "URI_FORMAT"),
            ("\"USD\"", "\"$\"", "CODE_FORMAT"),
            ("\"scale\": 9", "\"scale\": 99", "SCALE_RANGE"),
            ("peer.k3x9Q.usd.9.\"", "g.k3x9Q.\"", "PREFIX_FORMAT"),
            ("usd.9.wallet1", "usd.9.", "ACCOUNT_FORMAT"),
            ("\"manual\"", "\"telepathy\"", "INVITE_DAMAGED"),
            ("\"offer\"", "\"order\"", "INVITE_DAMAGED"),
            ("2017-", "last-", "INVITE_DAMAGED"),
        ] {
            let changed = bad.replacen(from, to, 1);
            assert_ne!(changed, bad, "{from}");
            let error = Letter::read(&changed, false).unwrap_err();
            assert_eq!(error.code(), code, "{from}: {error}");
        }
        assert!(Letter::read(&" ".repeat(100_000), false).is_err());
    }

    #[test]
    fn an_offer_grows_old_and_an_answer_does_not() {
        let [offer, _, counter, _, accept, ..] = &all()[..] else {
            panic!("six letters");
        };
        let week = offer.date + GOOD_FOR;
        for letter in [offer, counter] {
            assert_eq!(letter.check_date(week), Ok(()));
            let late = letter.check_date(week + Millis(1)).unwrap_err();
            assert_eq!(late.code(), "INVITE_EXPIRED");
        }
        assert_eq!(accept.check_date(week + Millis(1)), Ok(()));
    }

    #[test]
    fn a_token_goes_another_way() {
        let offer = &all()[0];
        let open = offer.without_token();
        for form in [open.json(), open.encode(), open.text()] {
            assert!(!form.contains("what-you-send"), "{form}");
        }
        assert!(offer.text().contains("what-you-send-to-me"));
        assert!(!format!("{offer:?}").contains("what-you-send"));
    }

    #[test]
    fn both_sides_end_with_the_six_facts() {
        let (mine, theirs) = (
            told("wallet1", Some("what-you-send-to-me")),
            told("wallet2", Some("what-i-send-to-you")),
        );
        let usd = "USD".parse().unwrap();
        let tokens = (theirs.token.as_ref().unwrap(), mine.token.as_ref().unwrap());
        let here = Letter::agree(&mine, &theirs, (&usd, Scale::KIT), tokens, false).unwrap();
        let there = Letter::agree(
            &theirs,
            &mine,
            (&usd, Scale::KIT),
            (tokens.1, tokens.0),
            false,
        );
        let there = there.unwrap();
        assert_eq!(here.prefix, there.prefix);
        assert_eq!(
            (&here.account, &here.peer_account),
            (&there.peer_account, &there.account)
        );
        assert_eq!(
            (&here.send_token, &here.accept_token),
            (&there.accept_token, &there.send_token)
        );
        assert_eq!(here.rpc_uri, theirs.rpc_uri);
        assert_eq!(here.facts().iter().count(), 6);
        let same = Letter::agree(&mine, &mine, (&usd, Scale::KIT), tokens, false).unwrap_err();
        assert_eq!(same[0].error, FieldError::SameAccount);
    }

    #[test]
    fn another_answer_is_told_field_by_field() {
        let offer = &all()[0];
        let mut answer = letter(Says::Accept, Way::Manual(Box::new(told("wallet2", None))));
        assert_eq!(offer.differences(&answer), []);
        answer.scale = Scale::new(6).unwrap();
        answer.currency = "EUR".parse().unwrap();
        let fields: Vec<_> = offer
            .differences(&answer)
            .into_iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(fields, ["currency", "scale"]);
        let other = letter(
            Says::Accept,
            Way::WebFinger(Host::parse("wallet2.example").unwrap()),
        );
        assert_eq!(offer.differences(&other)[0].0, "mode");
    }

    #[test]
    fn a_proposed_prefix_is_one() {
        let usd: CurrencyCode = "USD".parse().unwrap();
        for byte in 0..=255 {
            let prefix = Letter::propose_prefix(&[byte; 32], &usd, Scale::KIT);
            assert_eq!(
                check_prefix(prefix.as_str(), &usd, Scale::KIT)
                    .unwrap()
                    .warnings,
                []
            );
        }
    }
}
