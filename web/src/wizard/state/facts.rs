//! What the peering comes to: the six facts, what is missing for them, and how the two stand.

use c2c::amount::Amount;
use c2c::peering::{CheckWords, Details, Terms};
use c2c::snapshot::PeerState;

use super::{Asked, Derived, Keeper, Mode, State};
use crate::wizard::{Facts, Outcome, Problem, Secret, Side};

impl State {
    /// What this peering comes to, derived or told in this tab, as soon as there is enough. The limit is
    /// not part of it.
    pub fn details(&self) -> Option<Result<Details, Problem>> {
        if self.mode == Mode::Manual {
            let details = self.manual.details(&self.currency, &self.scale);
            return details.ok().map(|(details, _)| Ok(details));
        }
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

    /// The six facts, wherever they come from.
    pub fn facts(&self) -> Option<Result<Facts, Problem>> {
        if let Some(alarm) = self.key_alarm().filter(|_| self.mode == Mode::WebFinger) {
            return Some(Err(alarm));
        }
        if self.mode == Mode::WebFinger && self.keeper() == Keeper::Server {
            return match &self.derived {
                Derived::Got(view) => Some(Ok(Facts::of_server(view))),
                Derived::Failed(problem) => Some(Err(problem.clone())),
                Derived::Idle | Derived::Asking => None,
            };
        }
        let details = match self.details()? {
            Ok(details) => details,
            Err(problem) => return Some(Err(problem)),
        };
        let words = match (&self.secret, self.mode) {
            (_, Mode::Manual) => self.manual.words(&self.currency, &self.scale)?,
            (Secret::Held { public, .. }, Mode::WebFinger) => {
                let (_, record) = self.theirs.lookup.record()?;
                CheckWords::of_keys(public, &record.public_key)
            }
            _ => return None,
        };
        Some(Ok(Facts::of_details(&details, &words)))
    }

    /// What the connector behind the page is to be asked for now.
    pub fn to_derive(&self) -> Option<Asked> {
        let wanted = self.mode == Mode::WebFinger
            && self.keeper() == Keeper::Server
            && self.host_problem(Side::Theirs).is_none();
        let (host, _) = self.theirs.lookup.record().filter(|_| wanted)?;
        Some((host.clone(), self.currency().ok()?, self.scale().ok()?))
    }

    /// What is still needed before there is something to show.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = match self.mode {
            Mode::Manual => self.manual.missing(&self.currency, &self.scale),
            Mode::WebFinger => Vec::new(),
        };
        let by_record = self.mode == Mode::WebFinger;
        let in_tab = by_record && self.keeper() == Keeper::Tab;
        let has_secret = matches!(self.secret, Secret::Held { .. });
        let needs = [
            (
                by_record && self.theirs.lookup.record().is_none(),
                "your peer's record",
            ),
            (in_tab && !has_secret, "your secret"),
            (self.currency().is_err(), "a currency code"),
            (self.scale().is_err(), "a scale"),
        ];
        missing.extend(needs.into_iter().filter(|(m, _)| *m).map(|(_, what)| what));
        missing
    }

    /// Whether the reader's own published record fits the secret; none as long as one is missing.
    pub fn own_record(&self) -> Option<Result<(), Problem>> {
        let (_, record) = self.mine.lookup.record()?;
        let made = match (&self.secret, self.keeper()) {
            (Secret::Held { public, .. }, Keeper::Tab) => public.to_string(),
            (_, Keeper::Server) => self.connector.as_ref()?.identity.public_key.clone(),
            _ => return None,
        };
        Some(if record.public_key.to_string() == made {
            Ok(())
        } else {
            Err(Problem::new(
                "OWN_KEY",
                format!(
                    "Your record shows {}; this secret makes {made}. Load the right secret or republish.",
                    record.public_key
                ),
            ))
        })
    }

    /// How the peering stands, and why.
    pub fn standing(&self) -> (PeerState, String) {
        let steps = &self.check.steps;
        let auth = steps.iter().find(|step| &*step.name == "auth");
        match auth {
            Some(step) if step.outcome == Outcome::Good => {
                (PeerState::Checked, step.message.to_string())
            }
            Some(step) if step.outcome == Outcome::Bad => {
                let state = match step.code.as_deref() {
                    Some("RPC_401") => PeerState::Waiting,
                    Some("RPC_TIMEOUT" | "RPC_UNREACHABLE") => PeerState::Silent,
                    _ => PeerState::Broken,
                };
                (state, step.message.to_string())
            }
            _ => (
                PeerState::Invited,
                "Invited; whether they have added you was not checked yet.".to_owned(),
            ),
        }
    }
}
