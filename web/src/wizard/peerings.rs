//! Peerings that are kept in this browser: all but what is secret of them. Pure.

use c2c::amount::Amount;
use c2c::connector::key_changed;
use c2c::peering::FieldError;
use c2c::snapshot::PeerState;
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, Record};
use serde::{Deserialize, Serialize};

use super::{Facts, Problem, State};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {
    /// `webfinger` or `manual`.
    pub mode: String,
    /// The peer's host; none without WebFinger.
    #[serde(default)]
    pub host: Option<String>,
    /// The key that it was made with.
    #[serde(default)]
    pub peer_key: Option<String>,
    /// The ledger.
    pub prefix: String,
    /// Where they take calls.
    pub rpc_uri: String,
    /// The version for calls to them.
    pub protocol_version: String,
    /// The currency code.
    pub currency: String,
    /// The scale.
    pub scale: u8,
    /// My account.
    pub account: String,
    /// Theirs.
    pub peer_account: String,
    /// The most they may owe me, in base units.
    #[serde(default)]
    pub limit: Option<Amount>,
    /// How it stands.
    pub state: PeerState,
    /// Why.
    pub reason: String,
    /// Since when the host publishes another key, in milliseconds.
    #[serde(default)]
    pub other_key_since: Option<u64>,
    /// When it was kept, in milliseconds.
    pub kept: u64,
}

impl Peering {
    /// What to call it.
    pub fn name(&self) -> String {
        match &self.host {
            Some(host) => Host::parse(host).map_or_else(|_| host.clone(), |host| host.to_string()),
            None => self.prefix.clone(),
        }
    }

    /// Whether `other` is the same peering.
    pub fn is(&self, other: &Peering) -> bool {
        self.prefix == other.prefix
    }
}

/// All of them, as they are stored and exported.
pub fn write(peerings: &[Peering]) -> String {
    let value = serde_json::json!({ "version": 1, "peerings": peerings });
    // Texts and numbers.
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// Reads what [`write()`] wrote. What is damaged is none.
pub fn read(text: &str) -> Vec<Peering> {
    #[derive(Deserialize)]
    struct Kept {
        peerings: Vec<Peering>,
    }
    serde_json::from_str(text).map_or_else(|_| Vec::new(), |kept: Kept| kept.peerings)
}

/// `peerings` with one more, or with another in its place.
pub fn with(peerings: &[Peering], one: Peering) -> Vec<Peering> {
    let mut all = without(peerings, &one);
    all.push(one);
    all
}

/// `peerings` without one.
pub fn without(peerings: &[Peering], one: &Peering) -> Vec<Peering> {
    peerings
        .iter()
        .filter(|known| !known.is(one))
        .cloned()
        .collect()
}

impl State {
    /// What would be kept of the peering as it stands.
    pub fn peering(&self, facts: &Facts) -> Option<Peering> {
        let (currency, scale) = (self.currency().ok()?, self.scale().ok()?);
        let found = self.theirs.lookup.record().filter(|_| !facts.is_manual());
        let (state, reason) = self.standing();
        Some(Peering {
            mode: match facts.is_manual() {
                true => "manual",
                false => "webfinger",
            }
            .to_owned(),
            host: found.map(|(host, _)| host.base_url()),
            peer_key: found.map(|(_, record)| record.public_key.to_string()),
            prefix: facts.shown("prefix").to_owned(),
            rpc_uri: facts.shown("endpoint").to_owned(),
            protocol_version: facts.shown("version").to_owned(),
            currency: currency.to_string(),
            scale: scale.get(),
            account: facts.account.clone(),
            peer_account: facts.peer_account.clone(),
            limit: self.limit().ok().flatten(),
            state,
            reason,
            other_key_since: None,
            kept: self.now.as_millis(),
        })
    }

    /// `DUPLICATE`: there is a peering with this host on these terms already.
    pub fn duplicate(&self) -> Option<Problem> {
        let (host, currency, scale) = (
            self.theirs.host()?,
            self.currency().ok()?,
            self.scale().ok()?,
        );
        let is_this = |known: &str| Host::parse(known).is_ok_and(|known| known == host);
        let in_server = self.connector.as_ref().is_some_and(|connector| {
            connector.peers.iter().any(|peer| {
                peer.host.as_deref().is_some_and(is_this)
                    && peer.currency == currency
                    && peer.scale == scale
                    && self
                        .added
                        .as_ref()
                        .is_none_or(|added| added.prefix != peer.prefix)
            })
        });
        let in_browser = self.peerings.iter().any(|known| {
            known.host.as_deref().is_some_and(is_this)
                && known.currency == currency.as_str()
                && known.scale == scale.get()
                && self.opened.as_deref() != Some(known.prefix.as_str())
        });
        (in_server || in_browser).then(|| {
            Problem::of_field(&FieldError::Duplicate {
                host,
                currency,
                scale,
            })
        })
    }

    /// `KEY_CHANGED`: the host publishes another key than a peering with it was made with.
    pub fn key_alarm(&self) -> Option<Problem> {
        let (host, record) = self.theirs.lookup.record()?;
        if self.confirmed_key == Some(record.public_key) {
            return None;
        }
        let since = self
            .moved_in_browser(host, record)
            .or_else(|| self.moved_in_server(host, record))?;
        Some(Problem::new("KEY_CHANGED", key_changed(host, since)))
    }

    fn moved_in_browser(&self, host: &Host, record: &Record) -> Option<Timestamp> {
        let key = record.public_key.to_string();
        let known = self.peerings.iter().find(|known| {
            known
                .host
                .as_deref()
                .is_some_and(|known| Host::parse(known).is_ok_and(|known| known == *host))
                && known.peer_key.as_ref().is_some_and(|known| *known != key)
        })?;
        let since = known.other_key_since.map(Timestamp::from_millis);
        Some(since.unwrap_or(self.now))
    }

    fn moved_in_server(&self, host: &Host, record: &Record) -> Option<Timestamp> {
        let key = record.public_key.to_string();
        let connector = self.connector.as_ref()?;
        let peer = connector.peers.iter().find(|peer| {
            peer.host
                .as_deref()
                .is_some_and(|known| Host::parse(known).is_ok_and(|known| known == *host))
                && !peer.peer_account.as_str().ends_with(&format!(".{key}"))
        })?;
        Some(peer.other_key.as_ref().map_or(self.now, |key| key.since))
    }

    /// `peerings` with the alarm noted at those whose record has moved; none where nothing is new.
    pub fn note_alarm(&self) -> Option<Vec<Peering>> {
        let (host, record) = self.theirs.lookup.record()?;
        self.moved_in_browser(host, record)?;
        let key = record.public_key.to_string();
        let mut is_new = false;
        let noted = self
            .peerings
            .iter()
            .cloned()
            .map(|mut known| {
                let is_this = known.host.as_deref() == Some(host.base_url().as_str());
                let moved = known.peer_key.as_ref().is_some_and(|known| *known != key);
                if is_this && moved && known.other_key_since.is_none() {
                    known.other_key_since = Some(self.now.as_millis());
                    is_new = true;
                }
                known
            })
            .collect();
        is_new.then_some(noted)
    }
}
