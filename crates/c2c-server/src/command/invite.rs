//! `c2c peer invite` and `c2c peer accept`: letters between two operators, until both servers have the peering.
//!
//! The server knows nothing of an offer under way. What its operator has to remember, the token and the limit,
//! is kept in a file of mode 0600 until the answer comes.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use c2c::address::CurrencyCode;
use c2c::amount::{Amount, Scale};
use c2c::key::to_base64url;
use c2c::peering::{AuthToken, FieldFault, Letter, Says, Told, Way, check_limit_units};
use c2c::snapshot::{Identity, PeerView};
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, RpcUri};
use serde_json::{Value, json};

use super::Out;
use super::remote::Remote;
use crate::args::{Accept, Invite, Server};
use crate::error::Error;
use crate::secret_file::{random_bytes, read_private, write_private};

/// Writes an offer.
pub async fn invite(arguments: &Invite, out: Out) -> Result<(), Error> {
    let remote = Remote::new(&arguments.server)?;
    let identity: Identity = remote.get(&["identity"], &[]).await?;
    let (currency, scale) = terms(&arguments.currency, &arguments.scale)?;
    let limit = Amount::from_currency(&arguments.limit, scale).map_err(usage)?;
    let way = match arguments.webfinger {
        true => own_host(&identity)?,
        false => {
            let prefix = match &arguments.prefix {
                Some(prefix) => prefix.parse().map_err(usage)?,
                None => Letter::propose_prefix(random()?.as_slice(), &currency, scale),
            };
            Way::Manual(Box::new(own_side(
                &identity,
                prefix,
                arguments.account.as_deref(),
            )?))
        }
    };
    let letter = Letter {
        says: Says::Offer,
        way,
        currency,
        scale,
        date: now(),
    };
    let kept = keep(arguments.keep.as_deref(), &letter, limit)?;
    let answer = Written {
        letter: &letter,
        identity: &identity,
        server: &arguments.server,
        with_token: arguments.with_token,
        out: arguments.out.as_deref(),
    };
    let shown = answer.show()?;
    let value = json!({
        "letter": shown.open, "link": shown.link, "text": shown.text, "kept": kept,
        "token_fingerprint": shown.fingerprint,
    });
    out.print(&value, || {
        format!(
            "{}\n\nor as a link: {}\n{}Kept in {}. When the answer comes: c2c peer accept ANSWER --invitation {}",
            shown.text,
            shown.link,
            shown.token_hint(&kept),
            kept.display(),
            kept.display()
        )
    });
    Ok(())
}

/// Answers an offer, or takes the answer to one.
pub async fn accept(arguments: &Accept, out: Out) -> Result<(), Error> {
    let remote = Remote::new(&arguments.server)?;
    let identity: Identity = remote.get(&["identity"], &[]).await?;
    // The server decides once more what it dials.
    let letter = Letter::read(&read_letter(&arguments.letter)?, true).map_err(refused)?;
    letter.check_date(now()).map_err(refused)?;
    let desk = Desk {
        arguments,
        remote,
        identity,
        out,
    };
    match (&letter.says, &arguments.refuse, arguments.counter) {
        (Says::Offer | Says::Counter, Some(reason), _) => desk.refuse(&letter, reason),
        (Says::Offer | Says::Counter, None, true) => desk.counter(&letter),
        (Says::Offer | Says::Counter, None, false) => desk.agree(&letter).await,
        (Says::Accept, ..) => desk.conclude(&letter).await,
        (Says::Refuse { reason }, ..) => {
            let value = json!({ "refused": true, "reason": reason });
            out.print(&value, || format!("They do not want to peer: {reason}"));
            Ok(())
        }
    }
}

/// One answer being made.
struct Desk<'a> {
    arguments: &'a Accept,
    remote: Remote,
    identity: Identity,
    out: Out,
}

impl Desk<'_> {
    fn refuse(&self, offer: &Letter, reason: &str) -> Result<(), Error> {
        let letter = Letter {
            says: Says::Refuse {
                reason: reason.to_owned(),
            },
            date: now(),
            ..offer.without_token()
        };
        let shown = self.written(&letter, false).show()?;
        let value = json!({ "letter": shown.open, "link": shown.link, "text": shown.text });
        self.out.print(&value, || {
            format!("{}\n\nor as a link: {}", shown.text, shown.link)
        });
        Ok(())
    }

    /// An offer on other terms. Nothing is added: they have to agree first.
    fn counter(&self, offer: &Letter) -> Result<(), Error> {
        let (currency, scale) = self.terms(offer)?;
        let limit = self.limit(scale)?;
        let way = match &offer.way {
            Way::WebFinger(_) => own_host(&self.identity)?,
            Way::Manual(_) => {
                let prefix = match &self.arguments.prefix {
                    Some(prefix) => prefix.parse().map_err(usage)?,
                    None => Letter::propose_prefix(random()?.as_slice(), &currency, scale),
                };
                let account = self.arguments.account.as_deref();
                Way::Manual(Box::new(own_side(&self.identity, prefix, account)?))
            }
        };
        let letter = Letter {
            says: Says::Counter,
            way,
            currency,
            scale,
            date: now(),
        };
        let kept = keep(self.arguments.keep.as_deref(), &letter, limit)?;
        let shown = self.written(&letter, self.arguments.with_token).show()?;
        let value = json!({
            "letter": shown.open, "link": shown.link, "text": shown.text, "kept": kept,
            "token_fingerprint": shown.fingerprint,
        });
        self.out.print(&value, || {
            format!(
                "{}\n\nor as a link: {}\n{}Kept in {}. When the answer comes: c2c peer accept ANSWER --invitation {}",
                shown.text,
                shown.link,
                shown.token_hint(&kept),
                kept.display(),
                kept.display()
            )
        });
        Ok(())
    }

    /// Takes an offer: the peer is added here, and the answer carries what they need.
    async fn agree(&self, offer: &Letter) -> Result<(), Error> {
        if self.arguments.currency.is_some() || self.arguments.scale.is_some() {
            return Err(Error::Usage {
                message:
                    "An offer is accepted as it is. For another currency or scale add --counter."
                        .to_owned(),
            });
        }
        let limit = self.limit(offer.scale)?;
        let way = match &offer.way {
            Way::WebFinger(_) => own_host(&self.identity)?,
            Way::Manual(theirs) => {
                let account = self.arguments.account.as_deref();
                let mine = own_side(&self.identity, theirs.prefix.clone(), account)?;
                Way::Manual(Box::new(mine))
            }
        };
        let letter = Letter {
            says: Says::Accept,
            way,
            currency: offer.currency.clone(),
            scale: offer.scale,
            date: now(),
        };
        // First what must not be lost: what they have to be told when the peer is there.
        let kept = match &letter.way {
            Way::Manual(_) => Some(keep(self.arguments.keep.as_deref(), &letter, limit)?),
            Way::WebFinger(_) => None,
        };
        let added = self.add(&letter, offer, limit).await;
        if let (Err(_), Some(kept)) = (&added, &kept) {
            // Nothing was added, so that nothing is to be told.
            std::fs::remove_file(kept).map_err(|reason| file(kept, reason))?;
        }
        let peer = added?;
        let shown = self.written(&letter, self.arguments.with_token).show()?;
        let value = json!({
            "peer": peer, "facts": facts(&letter, &peer), "letter": shown.open, "link": shown.link,
            "text": shown.text, "kept": kept, "token_fingerprint": shown.fingerprint,
        });
        self.out.print(&value, || {
            let token = kept
                .as_deref()
                .map_or_else(String::new, |kept| shown.token_hint(kept));
            format!(
                "Added.\n{}\n\nNow answer them:\n\n{}\n\nor as a link: {}\n{token}",
                lines(&letter, &peer),
                shown.text,
                shown.link
            )
        });
        Ok(())
    }

    /// Takes the answer to an offer of ours.
    async fn conclude(&self, answer: &Letter) -> Result<(), Error> {
        let Some(path) = &self.arguments.invitation else {
            return Err(Error::Usage {
                message:
                    "This is an answer. Name what was kept of your offer with --invitation FILE."
                        .to_owned(),
            });
        };
        let (offer, limit) = read_kept(path)?;
        let apart: Vec<String> = offer
            .differences(answer)
            .into_iter()
            .map(|(field, mine, theirs)| {
                format!("{field}: you offered {mine}, they answer {theirs}")
            })
            .collect();
        if !apart.is_empty() {
            return Err(Error::Remote {
                body: c2c::snapshot::ErrorBody {
                    id: "INVITE_DIFFERS".to_owned(),
                    message: format!("The answer is for another offer. {}.", apart.join("; ")),
                    path: None,
                    hint: Some("Ask them to answer this offer, or make a new one.".to_owned()),
                },
            });
        }
        let peer = self.add(&offer, answer, limit).await?;
        let value = json!({ "peer": peer, "facts": facts(&offer, &peer) });
        self.out
            .print(&value, || format!("Added.\n{}", lines(&offer, &peer)));
        Ok(())
    }

    /// Adds the peer to the server: `mine` is what we tell, `theirs` what they told.
    async fn add(&self, mine: &Letter, theirs: &Letter, limit: Amount) -> Result<PeerView, Error> {
        let body = match (&mine.way, &theirs.way) {
            (Way::Manual(mine), Way::Manual(told)) => {
                let send = self.their_token(told)?;
                let accept = mine.token.as_ref().ok_or_else(|| Error::Usage {
                    message: "The kept offer holds no token. Make a new one.".to_owned(),
                })?;
                let terms = (&theirs.currency, theirs.scale);
                // Every fault of a field is told here, by its name, before anything is sent.
                Letter::agree(mine, told, terms, (&send, accept), true).map_err(all_faults)?;
                json!({
                    "mode": "manual",
                    "rpc_uri": told.rpc_uri.as_str(),
                    "protocol_version": told.protocol_version,
                    "send_token": send.reveal(),
                    "accept_token": accept.reveal(),
                    "prefix": mine.prefix,
                    "account": mine.account,
                    "peer_account": told.account,
                    "currency": theirs.currency,
                    "scale": theirs.scale,
                    "limit": limit,
                })
            }
            (_, Way::WebFinger(host)) => json!({
                "mode": "webfinger",
                "host": host.base_url(),
                "currency": theirs.currency,
                "scale": theirs.scale,
                "limit": limit,
            }),
            _ => return Err(refused(c2c::peering::LetterError::Damaged)),
        };
        self.remote.post(&["peers"], &body).await
    }

    /// The token for calls to them: in the letter, or in the file that was named.
    fn their_token(&self, told: &Told) -> Result<AuthToken, Error> {
        if let Some(path) = &self.arguments.token_file {
            let text = match path.as_os_str() == "-" {
                true => zeroize::Zeroizing::new(standard_input()?),
                false => read_private(path)?,
            };
            return AuthToken::new(&text).map_err(usage);
        }
        told.token.clone().ok_or_else(|| Error::Usage {
            message: "The letter holds no token. Write the one that they told you into a file of mode 0600, and name it with --token-file; - reads standard input."
                .to_owned(),
        })
    }

    fn terms(&self, offer: &Letter) -> Result<(CurrencyCode, Scale), Error> {
        let (currency, scale) = (&self.arguments.currency, &self.arguments.scale);
        let currency = match currency {
            Some(text) => text.parse().map_err(usage)?,
            None => offer.currency.clone(),
        };
        let scale = match scale {
            Some(text) => text.parse().map_err(usage)?,
            None => offer.scale,
        };
        Ok((currency, scale))
    }

    fn limit(&self, scale: Scale) -> Result<Amount, Error> {
        let Some(limit) = &self.arguments.limit else {
            return Err(Error::Usage {
                message:
                    "Say the most that they may owe you with --limit AMOUNT, such as --limit 100."
                        .to_owned(),
            });
        };
        Amount::from_currency(limit, scale).map_err(usage)
    }

    fn written<'a>(&'a self, letter: &'a Letter, with_token: bool) -> Written<'a> {
        Written {
            letter,
            identity: &self.identity,
            server: &self.arguments.server,
            with_token,
            out: self.arguments.out.as_deref(),
        }
    }
}

/// A letter to be shown.
struct Written<'a> {
    letter: &'a Letter,
    identity: &'a Identity,
    server: &'a Server,
    with_token: bool,
    out: Option<&'a Path>,
}

/// A letter in each form.
struct Shown {
    open: Value,
    link: String,
    text: String,
    fingerprint: Option<String>,
    is_apart: bool,
}

impl Written<'_> {
    fn show(&self) -> Result<Shown, Error> {
        let letter = match self.with_token {
            true => self.letter.clone(),
            false => self.letter.without_token(),
        };
        let fingerprint = match &self.letter.way {
            Way::Manual(told) => told.token.as_ref().map(AuthToken::fingerprint),
            Way::WebFinger(_) => None,
        };
        if let Some(path) = self.out {
            write_private(path, &letter.json())?;
        }
        let base = match self.identity.url.as_str() {
            "" => &self.server.server,
            url => url,
        };
        Ok(Shown {
            open: serde_json::from_str(&letter.json()).unwrap_or(Value::Null),
            link: letter.link(base),
            text: letter.text(),
            is_apart: fingerprint.is_some() && !self.with_token,
            fingerprint,
        })
    }
}

impl Shown {
    /// Where the token is that has to be told another way.
    fn token_hint(&self, kept: &Path) -> String {
        match self.is_apart {
            true => format!(
                "Tell them the token by another way: it is the member token of {}.\n",
                kept.display()
            ),
            false => String::new(),
        }
    }
}

/// The six facts of the specification, with whose they are.
fn facts(mine: &Letter, peer: &PeerView) -> Value {
    let (send, accept) = fingerprints(mine, peer);
    json!({
        "version": peer.protocol_version,
        "endpoint": peer.rpc_uri,
        "prefix": peer.prefix,
        "token_send_fingerprint": send,
        "token_accept_fingerprint": accept,
        "code": peer.currency,
        "scale": peer.scale,
    })
}

fn lines(mine: &Letter, peer: &PeerView) -> String {
    let (send, accept) = fingerprints(mine, peer);
    let token = match send == accept {
        true => format!("•••• (fingerprint {send}), same on both sides"),
        false => format!("I send •••• (fingerprint {send}), I accept •••• (fingerprint {accept})"),
    };
    format!(
        "Protocol version  {}\nRPC endpoint      {}\nLedger prefix     {}\nAuth token        {token}\nCurrency code     {}\nCurrency scale    {}",
        peer.protocol_version, peer.rpc_uri, peer.prefix, peer.currency, peer.scale
    )
}

fn fingerprints(mine: &Letter, peer: &PeerView) -> (String, String) {
    let send = peer.token_fingerprint.clone();
    let accept = match &mine.way {
        Way::Manual(told) => told.token.as_ref().map(AuthToken::fingerprint),
        Way::WebFinger(_) => None,
    };
    (send.clone(), accept.unwrap_or(send))
}

fn own_host(identity: &Identity) -> Result<Way, Error> {
    Host::parse(&identity.url)
        .map(Way::WebFinger)
        .map_err(usage)
}

/// What we tell: the account is our public key unless it is named, the token is new.
fn own_side(
    identity: &Identity,
    prefix: c2c::LedgerPrefix,
    account: Option<&str>,
) -> Result<Told, Error> {
    let account = prefix.account(account.unwrap_or(&identity.public_key));
    let token = to_base64url(random()?.as_slice());
    Ok(Told {
        rpc_uri: RpcUri::parse(&identity.rpc_uri, true).map_err(usage)?,
        protocol_version: identity.protocol_version.clone(),
        account: account.map_err(usage)?,
        prefix,
        token: Some(AuthToken::new(&token).map_err(usage)?),
    })
}

/// Keeps a letter of ours, its token and our limit until the answer comes.
fn keep(path: Option<&Path>, letter: &Letter, limit: Amount) -> Result<PathBuf, Error> {
    let name = match &letter.way {
        Way::Manual(told) => format!("{}invitation", told.prefix),
        Way::WebFinger(_) => format!("webfinger.{}.{}.invitation", letter.currency, letter.scale),
    };
    let path = path.map_or_else(|| PathBuf::from(name), Path::to_owned);
    let mut kept: Value = serde_json::from_str(&letter.json()).unwrap_or(Value::Null);
    kept["limit"] = json!(limit);
    let text = zeroize::Zeroizing::new(kept.to_string());
    write_private(&path, &text)?;
    Ok(path)
}

fn read_kept(path: &Path) -> Result<(Letter, Amount), Error> {
    let text = read_private(path)?;
    let letter = Letter::read(&text, true).map_err(refused)?;
    let value: Value = serde_json::from_str(&text).map_err(usage)?;
    let limit = check_limit_units(value["limit"].as_str().unwrap_or_default()).map_err(usage)?;
    Ok((letter, limit))
}

/// The letter that an argument means: standard input, a file, or itself.
fn read_letter(argument: &str) -> Result<String, Error> {
    let path = Path::new(argument);
    match argument {
        "-" => standard_input(),
        _ if argument.len() < 1_000 && path.is_file() => {
            std::fs::read_to_string(path).map_err(|reason| file(path, reason))
        }
        text => Ok(text.to_owned()),
    }
}

fn standard_input() -> Result<String, Error> {
    let mut text = String::new();
    std::io::stdin()
        .take(64 << 10)
        .read_to_string(&mut text)
        .map_err(|reason| file(Path::new("standard input"), reason))?;
    Ok(text)
}

fn terms(currency: &str, scale: &str) -> Result<(CurrencyCode, Scale), Error> {
    Ok((
        currency.parse().map_err(usage)?,
        scale.parse().map_err(usage)?,
    ))
}

fn random() -> Result<zeroize::Zeroizing<[u8; 32]>, Error> {
    random_bytes().map_err(|error| Error::Start(crate::driver::StartError::Random(error)))
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |time| time.as_millis());
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

fn all_faults(faults: Vec<FieldFault>) -> Error {
    let text: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.error))
        .collect();
    usage(text.join(" "))
}

fn usage(error: impl std::fmt::Display) -> Error {
    Error::Usage {
        message: error.to_string(),
    }
}

fn refused(error: c2c::peering::LetterError) -> Error {
    Error::Remote {
        body: c2c::snapshot::ErrorBody {
            id: error.code().to_owned(),
            message: error.to_string(),
            path: None,
            hint: None,
        },
    }
}

fn file(path: &Path, reason: std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        reason,
    }
}
