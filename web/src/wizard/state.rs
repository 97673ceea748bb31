//! What the wizard knows, and what each thing that the reader does makes of it. Pure: no browser.

use std::rc::Rc;

use c2c::address::CurrencyCode;
use c2c::amount::{Amount, Scale};
use c2c::key::{PublicKey, SecretKey};
use c2c::peering::{
    Details, FieldError, Terms, Warning, check_currency, check_limit, check_peer_host, check_scale,
    check_secret,
};
use c2c::snapshot::SnapshotView;
use c2c::webfinger::{Host, Record};
use yew::Reducible;

use crate::client::Missed;

/// Where ilp-kit takes its calls: how its hosts are told from others, which all name it as what they
/// are compatible with.
const KIT_RPC: &str = "/api/peers/rpc";

/// Something that is wrong, with its stable code and the cure in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Such as `WF_NO_KEY`.
    pub code: Rc<str>,
    /// What is wrong, and what to do.
    pub message: Rc<str>,
    /// Where exactly, for whoever has to mend it.
    pub hint: Option<Rc<str>>,
}

impl Problem {
    /// A problem with a stable code and a text for people.
    pub fn new(code: &str, message: impl ToString) -> Self {
        Self {
            code: code.into(),
            message: message.to_string().into(),
            hint: None,
        }
    }

    fn of_field(fault: &FieldError) -> Self {
        let problem = Self::new(fault.code(), fault);
        match fault.hint() {
            Some(hint) => problem.with_hint(hint.to_owned()),
            None => problem,
        }
    }

    fn with_hint(self, hint: String) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// How a record came into the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The browser fetched it.
    Fetched,
    /// The connector behind the page fetched it.
    LookedUp,
    /// The reader pasted it.
    Pasted,
}

/// The state of looking up one host's record.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Lookup {
    /// Nobody asked yet.
    #[default]
    Idle,
    /// A request is under way.
    Asking(Host),
    /// The record is here and sound.
    Found {
        /// Whose it is.
        host: Host,
        /// What it says.
        record: Rc<Record>,
        /// How it came.
        how: How,
    },
    /// There is no usable record.
    Failed {
        /// Who was asked.
        host: Host,
        /// Why.
        problem: Problem,
    },
}

impl Lookup {
    /// The host that was asked.
    pub fn host(&self) -> Option<&Host> {
        match self {
            Self::Idle => None,
            Self::Asking(host) | Self::Found { host, .. } | Self::Failed { host, .. } => Some(host),
        }
    }

    /// The record, where there is one.
    pub fn record(&self) -> Option<(&Host, &Rc<Record>)> {
        match self {
            Self::Found { host, record, .. } => Some((host, record)),
            _ => None,
        }
    }
}

/// Which of the two hosts something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The reader's own host.
    Mine,
    /// The peer's.
    Theirs,
}

/// A host as typed, and its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Party {
    /// The text in the field.
    pub text: Rc<str>,
    /// Whether the reader has left the field, so that it may be judged.
    pub left: bool,
    /// The record.
    pub lookup: Lookup,
    /// Whether the box for pasting a record is open.
    pub pasting: bool,
}

impl Party {
    /// The host, once the text is one.
    pub fn host(&self) -> Option<Host> {
        Host::parse(&self.text).ok()
    }

    /// What was left off the text to get to the host, for a note under the field.
    pub fn stripped(&self) -> Option<String> {
        let input = Host::read(&self.text).ok()?;
        let scheme = input.scheme.as_ref().map(|scheme| format!("{scheme}://"));
        let left_off: Vec<String> = scheme.into_iter().chain(input.rest.clone()).collect();
        (!left_off.is_empty()).then(|| {
            format!(
                "Read as {}; left off {}.",
                input.host,
                left_off.join(" and ")
            )
        })
    }
}

/// The reader's secret: in this tab's memory and nowhere else.
#[derive(Clone, Debug, Default)]
pub enum Secret {
    /// None yet.
    #[default]
    None,
    /// Here.
    Held {
        /// The secret; wiped when the last user of it is gone.
        key: Rc<SecretKey>,
        /// What it publishes.
        public: PublicKey,
        /// Whether it was made here and is not yet kept anywhere else.
        unsaved: bool,
    },
    /// What was given is none.
    Refused(Problem),
}

/// Two secrets are the same where they publish the same key: the bytes are not compared.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Refused(a), Self::Refused(b)) => a == b,
            (
                Self::Held {
                    public: a,
                    unsaved: x,
                    ..
                },
                Self::Held {
                    public: b,
                    unsaved: y,
                    ..
                },
            ) => (a, x) == (b, y),
            _ => false,
        }
    }
}

/// Everything that the wizard knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The reader's own host.
    pub mine: Party,
    /// The peer's.
    pub theirs: Party,
    /// The reader's secret.
    pub secret: Secret,
    /// The currency code as typed.
    pub currency: Rc<str>,
    /// The scale as typed.
    pub scale: Rc<str>,
    /// The limit as typed, in currency.
    pub limit: Rc<str>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            mine: Party::default(),
            theirs: Party::default(),
            secret: Secret::None,
            currency: "USD".into(),
            scale: "9".into(),
            limit: "".into(),
        }
    }
}

/// What happens in the wizard.
#[derive(Clone, Debug)]
pub enum Action {
    /// A host is typed.
    Host(Side, String),
    /// The reader leaves a host's field.
    Left(Side),
    /// A record is asked for.
    Ask(Side, Host),
    /// What came of it.
    Answer(Side, Host, Result<(Vec<u8>, How), Missed>),
    /// The box for pasting is opened or closed.
    Paste(Side, bool),
    /// A record is pasted.
    Pasted(Side, String),
    /// A secret was made of random bytes.
    Made(Rc<SecretKey>),
    /// A secret was typed or opened.
    Load(Rc<SecretText>),
    /// The secret has been copied or saved.
    Saved,
    /// The secret is to be forgotten.
    Forget,
    /// The currency is typed.
    Currency(String),
    /// The scale is typed.
    Scale(String),
    /// The limit is typed.
    Limit(String),
    /// A connector stands behind the page: its host is the reader's, unless they typed another.
    Behind(Rc<SnapshotView>),
}

/// A secret on its way from a field; wiped when dropped, never printed.
pub struct SecretText(zeroize::Zeroizing<String>);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(zeroize::Zeroizing::new(text))
    }

    /// Whether it can be loaded.
    pub fn is_secret(&self) -> bool {
        check_secret(&self.0).is_ok()
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(not shown)")
    }
}

impl State {
    /// The state after `action`.
    pub fn after(&self, action: Action) -> State {
        let mut state = self.clone();
        match action {
            Action::Host(side, text) => {
                let party = state.party_mut(side);
                let same = Host::parse(&text).ok().as_ref() == party.lookup.host();
                *party = Party {
                    lookup: if same {
                        party.lookup.clone()
                    } else {
                        Lookup::Idle
                    },
                    pasting: same && party.pasting,
                    left: false,
                    text: text.into(),
                };
            }
            Action::Left(side) => state.party_mut(side).left = true,
            Action::Ask(side, host) => state.party_mut(side).lookup = Lookup::Asking(host),
            Action::Answer(side, host, answer) => {
                let party = state.party_mut(side);
                // An answer that comes after the reader typed another host is dropped.
                if matches!(&party.lookup, Lookup::Asking(asked) if *asked == host) {
                    let blocked = answer == Err(Missed::Cors);
                    party.lookup = match answer {
                        Ok((bytes, how)) => read_record(host, &bytes, how),
                        Err(missed) => Lookup::Failed {
                            problem: missed_problem(&host, missed),
                            host,
                        },
                    };
                    party.pasting |= blocked;
                }
            }
            Action::Paste(side, open) => state.party_mut(side).pasting = open,
            Action::Pasted(side, text) => {
                let party = state.party_mut(side);
                if let Some(host) = party.host() {
                    party.lookup = read_record(host, text.as_bytes(), How::Pasted);
                    party.pasting = party.lookup.record().is_none();
                }
            }
            Action::Made(key) => {
                state.secret = Secret::Held {
                    public: key.public_key(),
                    key,
                    unsaved: true,
                }
            }
            Action::Load(text) => {
                state.secret = match check_secret(&text.0) {
                    Ok(checked) => Secret::Held {
                        public: checked.value.public_key(),
                        key: Rc::new(checked.value),
                        unsaved: false,
                    },
                    Err(fault) => Secret::Refused(Problem::of_field(&fault)),
                }
            }
            Action::Saved => {
                if let Secret::Held { unsaved, .. } = &mut state.secret {
                    *unsaved = false;
                }
            }
            Action::Forget => state.secret = Secret::None,
            Action::Currency(text) => state.currency = text.into(),
            Action::Scale(text) => state.scale = text.into(),
            Action::Limit(text) => state.limit = text.into(),
            Action::Behind(snapshot) => {
                if state.mine.text.is_empty() {
                    state.mine.text = snapshot.identity.url.as_str().into();
                }
            }
        }
        state
    }

    /// The party on `side`.
    pub fn party(&self, side: Side) -> &Party {
        match side {
            Side::Mine => &self.mine,
            Side::Theirs => &self.theirs,
        }
    }

    fn party_mut(&mut self, side: Side) -> &mut Party {
        match side {
            Side::Mine => &mut self.mine,
            Side::Theirs => &mut self.theirs,
        }
    }

    /// What is wrong with a host's field, once its reader has left it or it was asked.
    pub fn host_problem(&self, side: Side) -> Option<Problem> {
        let party = self.party(side);
        let judged = party.left || party.lookup != Lookup::Idle;
        if !judged || party.text.trim().is_empty() {
            return None;
        }
        let own = self.mine.host().filter(|_| side == Side::Theirs);
        check_peer_host(&party.text, own.as_ref())
            .err()
            .map(|fault| Problem::of_field(&fault))
    }

    /// The currency, or what is wrong with it.
    pub fn currency(&self) -> Result<CurrencyCode, Problem> {
        check_currency(&self.currency).map_err(|fault| Problem::of_field(&fault))
    }

    /// The scale, or what is wrong with it.
    pub fn scale(&self) -> Result<Scale, Problem> {
        let checked = check_scale(&self.scale, self.peer_is_kit());
        checked
            .map(|scale| scale.value)
            .map_err(|fault| Problem::of_field(&fault))
    }

    /// The limit in base units, or what is wrong with it; none while the field is empty.
    pub fn limit(&self) -> Result<Option<Amount>, Problem> {
        let Ok(scale) = self.scale() else {
            return Ok(None);
        };
        if self.limit.trim().is_empty() {
            return Ok(None);
        }
        let checked = check_limit(&self.limit, scale, self.peer_is_kit());
        checked
            .map(|limit| Some(limit.value))
            .map_err(|fault| Problem::of_field(&fault))
    }

    /// What the terms mean, in a sentence.
    pub fn terms_sentence(&self) -> Option<String> {
        let (currency, scale) = (self.currency().ok()?, self.scale().ok()?);
        Some(match self.limit().ok()? {
            Some(limit) => Terms {
                currency,
                scale,
                limit,
            }
            .sentence(),
            None => format!(
                "1 {currency} is {} units. What they may owe you is your decision; what you may owe is set by them.",
                scale.units_per_one()
            ),
        })
    }

    /// What is allowed, but should be looked at again.
    pub fn warnings(&self) -> Vec<Warning> {
        let kit = self.peer_is_kit();
        let mut warnings = Vec::new();
        if let Secret::Held { key, .. } = &self.secret
            && key.len() != 32
        {
            warnings.push(Warning::SecretLength { bytes: key.len() });
        }
        if let Ok(scale) = check_scale(&self.scale, kit) {
            warnings.extend(scale.warnings);
            if let Ok(limit) = check_limit(&self.limit, scale.value, kit) {
                warnings.extend(limit.warnings);
            }
        }
        warnings
    }

    /// Whether the peer's host is an ilp-kit.
    fn peer_is_kit(&self) -> bool {
        let record = self.theirs.lookup.record();
        record.is_some_and(|(_, record)| record.rpc_uri.as_str().ends_with(KIT_RPC))
    }

    /// What this peering comes to, as soon as there is enough to tell. The limit is not part of it.
    pub fn details(&self) -> Option<Result<Details, Problem>> {
        if self.host_problem(Side::Theirs).is_some() {
            return None;
        }
        let (host, record) = self.theirs.lookup.record()?;
        let Secret::Held { key, .. } = &self.secret else {
            return None;
        };
        let terms = Terms {
            currency: self.currency().ok()?,
            scale: self.scale().ok()?,
            limit: self.limit().ok().flatten().unwrap_or(Amount::ZERO),
        };
        let details = Details::from_webfinger(key, record, host, &terms);
        Some(details.map_err(|fault| Problem::new(fault.code(), fault)))
    }

    /// What is still needed before there is something to show.
    pub fn missing(&self) -> Vec<&'static str> {
        let needs = [
            (self.theirs.lookup.record().is_none(), "your peer's record"),
            (!matches!(self.secret, Secret::Held { .. }), "your secret"),
            (self.currency().is_err(), "a currency code"),
            (self.scale().is_err(), "a scale"),
        ];
        needs
            .into_iter()
            .filter(|(missing, _)| *missing)
            .map(|(_, what)| what)
            .collect()
    }

    /// Whether the reader's own published record fits the secret; none as long as one is missing.
    pub fn own_record(&self) -> Option<Result<(), Problem>> {
        let (_, record) = self.mine.lookup.record()?;
        let Secret::Held { public, .. } = &self.secret else {
            return None;
        };
        Some(if record.public_key == *public {
            Ok(())
        } else {
            Err(Problem::new(
                "OWN_KEY",
                format!(
                    "Your record shows {}; this secret makes {public}. Load the right secret or republish.",
                    record.public_key
                ),
            ))
        })
    }

    /// Whether the tab holds a secret that is lost when it closes.
    pub fn would_lose_secret(&self) -> bool {
        matches!(self.secret, Secret::Held { unsaved: true, .. })
    }
}

impl Reducible for State {
    type Action = Action;
    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

fn read_record(host: Host, bytes: &[u8], how: How) -> Lookup {
    // Plain HTTP calls pass only where host and call both stay on this machine; `parse` sees to it.
    match Record::parse(bytes, &host, true) {
        Ok(record) => Lookup::Found {
            host,
            record: Rc::new(record),
            how,
        },
        Err(fault) => Lookup::Failed {
            problem: Problem::new(fault.code(), &fault).with_hint(fault.hint()),
            host,
        },
    }
}

fn missed_problem(host: &Host, missed: Missed) -> Problem {
    match missed {
        Missed::Unreachable => Problem::new(
            "WF_UNREACHABLE",
            format!("No answer from {host}. Check spelling and that the host is up, then retry."),
        ),
        Missed::Cors => Problem::new(
            "WF_CORS",
            format!(
                "{host} is up but blocks browsers. Use your server's lookup, or open the record and paste it."
            ),
        ),
        Missed::Status(status) => Problem::new(
            "WF_STATUS",
            format!(
                "{host} answered {status} to WebFinger. Ask its operator to route /.well-known/webfinger to the connector."
            ),
        ),
        Missed::Told(error) => Problem {
            code: error.id.into(),
            message: error.message.into(),
            hint: error.hint.map(Rc::from),
        },
    }
}
