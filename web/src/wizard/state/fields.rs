//! What the fields say, and what is wrong with them.

use c2c::address::CurrencyCode;
use c2c::amount::{Amount, Scale};
use c2c::peering::{Terms, Warning, check_currency, check_limit, check_peer_host, check_scale};

use super::{Mode, State};
use crate::wizard::{Lookup, Problem, Secret, Side};

impl State {
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
        if let (Secret::Held { key, .. }, Mode::WebFinger) = (&self.secret, self.mode)
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
        if self.mode == Mode::Manual {
            warnings.extend(self.manual.warnings(&self.currency, &self.scale));
        }
        warnings
    }
}
