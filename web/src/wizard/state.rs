//! What the wizard knows, and what each thing that the reader does makes of it. Pure: no browser. What follows from
//! the fields alone is in `fields`, what follows from both sides in `facts`.

mod facts;
mod fields;

use std::rc::Rc;

use c2c::address::CurrencyCode;
use c2c::amount::Scale;
use c2c::key::{PublicKey, SecretKey};
use c2c::peering::Letter;
use c2c::snapshot::{DerivedView, MismatchView, PeerView, SnapshotView};
use c2c::timestamp::Timestamp;
use c2c::webfinger::Host;
use yew::Reducible;

use super::{
    Field, How, Lookup, Manual, Party, Peering, Problem, Secret, SecretText, Side, Step,
    missed_problem, read_record,
};
use crate::client::Missed;

/// Where ilp-kit takes its calls: how its hosts are told from others, which all name it as what they
/// are compatible with.
const KIT_RPC: &str = "/api/peers/rpc";

/// How the two peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By the records of their hosts.
    #[default]
    WebFinger,
    /// By telling each other.
    Manual,
}

/// Who holds the reader's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The connector behind the page, which derives; this tab never sees the key.
    Server,
    /// This tab.
    Tab,
}

/// What the connector behind the page is asked to derive from: their host, and the terms.
pub type Asked = (Host, CurrencyCode, Scale);

/// What the connector behind the page derived.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Derived {
    /// Nobody asked.
    #[default]
    Idle,
    /// A question is under way.
    Asking,
    /// This.
    Got(Rc<DerivedView>),
    /// It could not.
    Failed(Problem),
}

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// Whether one is under way.
    pub running: bool,
    /// What the last one found.
    pub steps: Rc<Vec<Step>>,
    /// What the search for a mismatch found.
    pub mismatch: Option<Rc<MismatchView>>,
    /// How many terms that search has tried, while it is under way.
    pub searching: Option<usize>,
}

/// Everything that the wizard knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// How the two peer.
    pub mode: Mode,
    /// The reader's own host.
    pub mine: Party,
    /// The peer's.
    pub theirs: Party,
    /// Who is to hold the key, where the reader chose.
    pub keeper: Option<Keeper>,
    /// The reader's secret, where the tab holds it.
    pub secret: Secret,
    /// The currency code as typed.
    pub currency: Rc<str>,
    /// The scale as typed.
    pub scale: Rc<str>,
    /// The limit as typed, in currency.
    pub limit: Rc<str>,
    /// What the two tell each other without WebFinger.
    pub manual: Manual,
    /// What the connector behind the page shows.
    pub connector: Option<Rc<SnapshotView>>,
    /// What it derived.
    pub derived: Derived,
    /// What it keeps, once the peering was added there.
    pub added: Option<Rc<PeerView>>,
    /// Why it was not added.
    pub add_problem: Option<Problem>,
    /// The letter that came.
    pub received: Option<Rc<Letter>>,
    /// One that came sealed, and waits for its passphrase.
    pub sealed: Option<Rc<str>>,
    /// Why the one that came cannot be used.
    pub letter_problem: Option<Problem>,
    /// The check of the peering.
    pub check: Check,
    /// What is kept in this browser.
    pub peerings: Rc<Vec<Peering>>,
    /// The ledger of the one that was opened of these.
    pub opened: Option<Rc<str>>,
    /// Another key than before, that the reader confirmed.
    pub confirmed_key: Option<PublicKey>,
    /// When the page was opened.
    pub now: Timestamp,
}

impl Default for State {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            mine: Party::default(),
            theirs: Party::default(),
            keeper: None,
            secret: Secret::None,
            currency: "USD".into(),
            scale: "9".into(),
            limit: "".into(),
            manual: Manual::default(),
            connector: None,
            derived: Derived::Idle,
            added: None,
            add_problem: None,
            received: None,
            sealed: None,
            letter_problem: None,
            check: Check::default(),
            peerings: Rc::default(),
            opened: None,
            confirmed_key: None,
            now: Timestamp::from_millis(0),
        }
    }
}

/// What happens in the wizard.
#[derive(Clone, Debug)]
pub enum Action {
    /// The page is opened at this time, and has these random bytes to propose with.
    Begin(Timestamp, Rc<SecretText>),
    /// The way to peer is chosen.
    Choose(Mode),
    /// Who holds the key is chosen.
    Keep(Keeper),
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
    /// A field of a peering without WebFinger is typed.
    Tell(Field, Rc<SecretText>),
    /// A connector stands behind the page: its host is the reader's, unless they typed another.
    Behind(Rc<SnapshotView>),
    /// It is asked to derive.
    Derive,
    /// What it derived of what it was asked for. Where something else is asked for by now, it comes too late.
    Derived(Asked, Result<Rc<DerivedView>, Problem>),
    /// It was asked to add the peering.
    Added(Result<Rc<PeerView>, Problem>),
    /// A letter came, now.
    Letter(Rc<SecretText>, Timestamp),
    /// The letter that came is laid aside.
    Discard,
    /// Its terms are taken.
    TakeTerms,
    /// A check begins.
    Checking,
    /// It is over.
    Checked(Vec<Step>),
    /// A search for a mismatch goes on to this guess.
    Searching(usize),
    /// It is over.
    Searched(Rc<MismatchView>),
    /// What is kept in this browser.
    Peerings(Vec<Peering>),
    /// One of them is opened.
    OpenPeering(Peering),
    /// The key that their host publishes now was confirmed.
    ConfirmKey(PublicKey),
}

impl Action {
    /// A letter that came, now.
    pub fn letter(text: &str, now: Timestamp) -> Self {
        Self::Letter(Rc::new(SecretText::new(text.to_owned())), now)
    }
}

impl State {
    /// The state after `action`.
    pub fn after(&self, action: Action) -> State {
        let mut state = self.clone();
        match action {
            Action::Begin(now, random) => {
                state.now = now;
                state.manual.begin(random);
            }
            Action::Choose(mode) => state.mode = mode,
            Action::Keep(keeper) => state.keeper = Some(keeper),
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
                if let (Side::Mine, Some(host)) = (side, state.mine.host()) {
                    state.manual.live_at(&host.base_url());
                }
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
            Action::Load(text) => state.secret = text.load(),
            Action::Saved => {
                if let Secret::Held { unsaved, .. } = &mut state.secret {
                    *unsaved = false;
                }
            }
            Action::Forget => state.secret = Secret::None,
            Action::Currency(text) => state.currency = text.into(),
            Action::Scale(text) => state.scale = text.into(),
            Action::Limit(text) => state.limit = text.into(),
            Action::Tell(field, text) => state.manual.tell(field, text),
            Action::Behind(snapshot) => {
                if state.mine.text.is_empty() {
                    state.mine.text = snapshot.identity.url.as_str().into();
                    state.manual.live_at(&snapshot.identity.url);
                }
                state.connector = Some(snapshot);
            }
            Action::Derive => state.derived = Derived::Asking,
            Action::Derived(asked, told) if state.to_derive().as_ref() == Some(&asked) => {
                state.derived = told.map_or_else(Derived::Failed, Derived::Got);
            }
            Action::Derived(..) => {}
            Action::Added(Ok(peer)) => {
                state.added = Some(peer);
                state.add_problem = None;
            }
            Action::Added(Err(problem)) => state.add_problem = Some(problem),
            Action::Letter(text, now) => {
                state.now = now;
                state = state.open_letter(text.reveal(), now);
            }
            Action::Discard => {
                state.received = None;
                state.sealed = None;
                state.letter_problem = None;
            }
            Action::TakeTerms => state = state.take_terms(),
            Action::Checking => {
                state.check.running = true;
                state.check.mismatch = None;
            }
            Action::Checked(steps) => {
                state.check.running = false;
                if !steps.is_empty() {
                    state.add_problem = None;
                }
                state.check.steps = Rc::new(steps);
            }
            Action::Searching(tried) => state.check.searching = Some(tried),
            Action::Searched(view) => {
                state.check.searching = None;
                state.check.mismatch = Some(view);
            }
            Action::Peerings(peerings) => state.peerings = Rc::new(peerings),
            Action::OpenPeering(peering) => state.open_peering(&peering),
            Action::ConfirmKey(key) => state.confirmed_key = Some(key),
        }
        if !state.is_same_peering(self) {
            state.check = Check::default();
            state.derived = Derived::Idle;
            state.added = None;
            state.add_problem = None;
        }
        state
    }

    /// Whether what was found out about one peering still holds for `other`.
    fn is_same_peering(&self, other: &State) -> bool {
        let of = |state: &State| {
            (
                state.mode,
                state.keeper(),
                state.currency.trim().to_ascii_uppercase(),
                state.scale.trim().to_owned(),
                state
                    .theirs
                    .lookup
                    .record()
                    .map(|(h, r)| (h.clone(), r.public_key)),
                match &state.secret {
                    Secret::Held { public, .. } => Some(*public),
                    _ => None,
                },
            )
        };
        of(self) == of(other) && (self.mode == Mode::WebFinger || self.manual == other.manual)
    }

    fn open_peering(&mut self, peering: &Peering) {
        self.opened = Some(peering.prefix.as_str().into());
        self.currency = peering.currency.as_str().into();
        self.scale = peering.scale.to_string().into();
        if let (Some(limit), Ok(scale)) = (peering.limit, Scale::new(peering.scale)) {
            self.limit = limit.to_currency(scale).to_string().into();
        }
        let tell = |manual: &mut Manual, field, text: &str| {
            manual.tell(field, Rc::new(SecretText::new(text.to_owned())));
        };
        match &peering.host {
            Some(host) => {
                self.mode = Mode::WebFinger;
                *self = self.after(Action::Host(Side::Theirs, host.clone()));
            }
            None => {
                self.mode = Mode::Manual;
                let manual = &mut self.manual;
                tell(manual, Field::Prefix, &peering.prefix);
                tell(manual, Field::Account, &peering.account);
                tell(manual, Field::TheirAccount, &peering.peer_account);
                tell(manual, Field::TheirRpcUri, &peering.rpc_uri);
                tell(manual, Field::TheirVersion, &peering.protocol_version);
            }
        }
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

    /// Who holds the key: the connector behind the page, unless there is none or the reader chose.
    pub fn keeper(&self) -> Keeper {
        match (&self.connector, self.keeper) {
            (None, _) | (_, Some(Keeper::Tab)) => Keeper::Tab,
            (Some(_), _) => Keeper::Server,
        }
    }

    /// Whether the peer's host is an ilp-kit.
    fn peer_is_kit(&self) -> bool {
        let record = self.theirs.lookup.record();
        self.mode == Mode::WebFinger
            && record.is_some_and(|(_, record)| record.rpc_uri.as_str().ends_with(KIT_RPC))
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
