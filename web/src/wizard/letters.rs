//! The letters of the two: what came, what goes, and where they differ. Pure.

use std::rc::Rc;

use c2c::peering::{Letter, LetterError, Says, Way};
use c2c::timestamp::Timestamp;
use c2c::webfinger::Host;

use super::{Action, Mode, Problem, Side, State};
use crate::vault::sealed_code;

/// A field in which two letters can differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What to call it.
    pub field: &'static str,
    /// What they wrote.
    pub theirs: String,
    /// What I have.
    pub mine: String,
    /// Whether both must have the same.
    pub is_shared: bool,
}

impl Difference {
    /// Whether this keeps the two from agreeing.
    pub fn parts(&self) -> bool {
        self.is_shared && self.theirs != self.mine
    }
}

impl State {
    /// Reads a letter of the other side, and fills in what it tells.
    pub fn open_letter(&self, text: &str, now: Timestamp) -> State {
        let mut state = self.clone();
        state.letter_problem = None;
        state.sealed = sealed_code(text).map(Rc::from);
        if state.sealed.is_some() {
            return state;
        }
        let letter = Letter::read(text, true).and_then(|letter| {
            letter.check_date(now)?;
            Ok(letter)
        });
        match letter {
            Err(fault) => state.letter_problem = Some(letter_problem(&fault)),
            Ok(letter) => state.take(letter),
        }
        state
    }

    fn take(&mut self, letter: Letter) {
        if matches!(letter.says, Says::Refuse { .. }) {
            self.received = Some(Rc::new(letter));
            return;
        }
        let is_own = match &letter.way {
            Way::WebFinger(host) => self.mine.host().as_ref() == Some(host),
            Way::Manual(told) => {
                let own = self.manual.mine(&self.currency, &self.scale);
                own.is_ok_and(|own| own.rpc_uri == told.rpc_uri && own.account == told.account)
            }
        };
        if is_own {
            let text = "This is your own letter. Send it to your peer: on their page it fills in the steps.";
            self.letter_problem = Some(Problem::new("INVITE_OWN", text));
            return;
        }
        // An answer is held against what was offered; where this page has offered nothing, it fills the fields.
        let is_held_against = letter.says != Says::Offer && self.has_terms();
        if !is_held_against {
            self.currency = letter.currency.as_str().into();
            self.scale = letter.scale.to_string().into();
        }
        match &letter.way {
            Way::WebFinger(host) => {
                self.mode = Mode::WebFinger;
                *self = self.after(Action::Host(Side::Theirs, shown_host(host)));
            }
            Way::Manual(told) => {
                self.mode = Mode::Manual;
                let own_prefix = self.manual_prefix();
                self.manual.hear(told);
                if is_held_against {
                    // What they answer for is shown beside what was offered, and does not replace it.
                    self.manual.tell(super::Field::Prefix, own_prefix.0.clone());
                    self.manual
                        .tell(super::Field::Account, own_prefix.1.clone());
                }
            }
        }
        self.received = Some(Rc::new(letter));
    }

    fn manual_prefix(&self) -> (Rc<super::SecretText>, Rc<super::SecretText>) {
        let text = |field| self.manual.text(field, &self.currency, &self.scale);
        (text(super::Field::Prefix), text(super::Field::Account))
    }

    /// Whether the reader has begun an offer of their own here.
    fn has_terms(&self) -> bool {
        !self.limit.trim().is_empty() || !self.theirs.text.trim().is_empty()
    }

    /// What is still needed before a letter can be written.
    pub fn letter_missing(&self) -> Vec<&'static str> {
        let needs = [
            (
                self.mode == Mode::WebFinger && self.mine.host().is_none(),
                "your host",
            ),
            (
                self.mode == Mode::Manual && self.manual_letter_way().is_none(),
                "your RPC address, token, prefix and account",
            ),
            (self.currency().is_err(), "a currency code"),
            (self.scale().is_err(), "a scale"),
        ];
        needs
            .into_iter()
            .filter(|(missing, _)| *missing)
            .map(|(_, what)| what)
            .collect()
    }

    /// The letter that is to be sent now; none where something is missing, or all is agreed.
    pub fn letter(&self) -> Option<Letter> {
        let (currency, scale) = (self.currency().ok()?, self.scale().ok()?);
        let way = match self.mode {
            Mode::WebFinger => Way::WebFinger(self.mine.host()?),
            Mode::Manual => self.manual_letter_way()?,
        };
        let mut letter = Letter {
            says: Says::Offer,
            way,
            currency,
            scale,
            date: self.now,
        };
        letter.says = match self.received.as_deref() {
            None => Says::Offer,
            Some(theirs) => match (&theirs.says, self.is_agreed_with(theirs, &letter)) {
                (Says::Accept, true) => return None,
                (Says::Offer | Says::Counter, true) => Says::Accept,
                (Says::Refuse { .. }, _) => Says::Offer,
                (_, false) => Says::Counter,
            },
        };
        Some(letter)
    }

    /// The letter that says no to what came.
    pub fn refusal(&self, reason: &str) -> Option<Letter> {
        let theirs = self.received.as_deref()?;
        let mine = self.letter();
        let way = match (mine, &theirs.way) {
            (Some(mine), _) => mine.way,
            // Who has told nothing yet has only their words to send back.
            (None, way) => way.clone(),
        };
        let refusal = Letter {
            says: Says::Refuse {
                reason: reason.trim().to_owned(),
            },
            way,
            currency: theirs.currency.clone(),
            scale: theirs.scale,
            date: self.now,
        };
        Some(refusal.without_token())
    }

    /// What they wrote beside what stands here, field by field.
    pub fn differences(&self) -> Vec<Difference> {
        let Some(theirs) = self.received.as_deref() else {
            return Vec::new();
        };
        let row = |field, theirs: String, mine: String, is_shared| Difference {
            field,
            theirs,
            mine,
            is_shared,
        };
        let code = |code: Result<c2c::address::CurrencyCode, Problem>| {
            code.map_or_else(|_| self.currency.to_string(), |code| code.to_string())
        };
        let mut rows = vec![
            row(
                "Currency code",
                theirs.currency.to_string(),
                code(self.currency()),
                true,
            ),
            row(
                "Scale",
                theirs.scale.to_string(),
                self.scale.trim().to_owned(),
                true,
            ),
        ];
        match &theirs.way {
            Way::WebFinger(host) => {
                let mine = self.theirs.host().map(|host| host.to_string());
                rows.push(row(
                    "Their host",
                    host.to_string(),
                    mine.unwrap_or_default(),
                    true,
                ));
            }
            Way::Manual(told) => {
                let mine = |field| {
                    let text = self.manual.text(field, &self.currency, &self.scale);
                    text.reveal().trim().to_owned()
                };
                use super::Field::{Prefix, TheirAccount, TheirRpcUri, TheirVersion};
                rows.extend([
                    row("Ledger prefix", told.prefix.to_string(), mine(Prefix), true),
                    row(
                        "Their RPC address",
                        told.rpc_uri.to_string(),
                        mine(TheirRpcUri),
                        true,
                    ),
                    row(
                        "Version for calls to them",
                        told.protocol_version.clone(),
                        mine(TheirVersion),
                        true,
                    ),
                    row(
                        "Their account",
                        told.account.to_string(),
                        mine(TheirAccount),
                        true,
                    ),
                ]);
            }
        }
        rows
    }

    /// Takes over the terms of the letter that came.
    pub fn take_terms(&self) -> State {
        let mut state = self.clone();
        if let Some(theirs) = self.received.clone() {
            state.limit = self.limit.clone();
            state.currency = theirs.currency.as_str().into();
            state.scale = theirs.scale.to_string().into();
            match &theirs.way {
                Way::WebFinger(host) => {
                    state = state.after(Action::Host(Side::Theirs, shown_host(host)));
                }
                Way::Manual(told) => state.manual.hear(told),
            }
        }
        state
    }

    fn manual_letter_way(&self) -> Option<Way> {
        let told = self.manual.mine(&self.currency, &self.scale).ok()?;
        told.token.is_some().then(|| Way::Manual(Box::new(told)))
    }

    fn is_agreed_with(&self, theirs: &Letter, mine: &Letter) -> bool {
        theirs.differences(mine).is_empty()
    }
}

/// A host as it is shown in its field: with its scheme only where it must be.
fn shown_host(host: &Host) -> String {
    match host.is_plain_http() {
        true => host.base_url(),
        false => host.to_string(),
    }
}

fn letter_problem(fault: &LetterError) -> Problem {
    match fault {
        LetterError::Expired { date } => {
            let date = date.to_string();
            let day = date.split('T').next().unwrap_or_default();
            Problem::new(
                fault.code(),
                format!("Offered on {day}, expired. Ask for a new one."),
            )
        }
        _ => Problem::new(fault.code(), fault),
    }
}
