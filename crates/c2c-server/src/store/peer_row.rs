//! A peer as the columns of its rows, and back: the same for every database.

use std::fmt::Display;
use std::str::FromStr;

use c2c::connector::Peer;
use c2c::key::{PublicKey, SecretKey};
use c2c::peering::{AuthToken, Details, Mode, shared_secret};
use c2c::schema::Dialect;
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, RpcUri};
use zeroize::Zeroizing;

use super::StoreError;

/// The columns. Amounts are decimal texts, whatever the database makes of them.
pub(super) struct PeerRow {
    pub(super) prefix: String,
    pub(super) account: String,
    pub(super) peer_account: String,
    pub(super) currency: String,
    pub(super) scale: i32,
    pub(super) rpc_uri: String,
    pub(super) protocol_version: String,
    pub(super) host: Option<String>,
    pub(super) peer_key: Option<String>,
    pub(super) send_token: Option<Zeroizing<String>>,
    pub(super) accept_token: Option<Zeroizing<String>>,
    pub(super) dialect: Option<i32>,
    pub(super) other_key: Option<String>,
    pub(super) other_key_since: Option<i64>,
    pub(super) most_owed_to_us: String,
    pub(super) balance: String,
    pub(super) most_owed_by_us: Option<String>,
}

impl PeerRow {
    /// What is written of a peer.
    pub(super) fn of(peer: &Peer) -> Self {
        let details = &peer.details;
        let (host, peer_key) = match &details.mode {
            Mode::WebFinger { host, peer_key } => {
                (Some(host.base_url()), Some(peer_key.to_string()))
            }
            Mode::Manual => (None, None),
        };
        // What the secret derives again is not written down.
        let token = |token: &AuthToken| match details.mode {
            Mode::WebFinger { .. } => None,
            Mode::Manual => Some(Zeroizing::new(token.reveal().to_owned())),
        };
        Self {
            prefix: details.prefix.to_string(),
            account: details.account.to_string(),
            peer_account: details.peer_account.to_string(),
            currency: details.currency.to_string(),
            scale: details.scale.get().into(),
            rpc_uri: details.rpc_uri.as_str().to_owned(),
            protocol_version: details.protocol_version.clone(),
            host,
            peer_key,
            send_token: token(&details.send_token),
            accept_token: token(&details.accept_token),
            dialect: peer.dialect.map(|dialect| match dialect {
                Dialect::V17 => 17,
                Dialect::V21 => 21,
            }),
            other_key: peer.other_key.map(|(key, _)| key.to_string()),
            other_key_since: peer
                .other_key
                .map(|(_, since)| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            most_owed_to_us: peer.limit.to_string(),
            balance: peer.balance.to_string(),
            most_owed_by_us: peer.peer_limit.map(|limit| limit.to_string()),
        }
    }

    /// The peer that they are.
    pub(super) fn peer(self, secret: &SecretKey) -> Result<Peer, StoreError> {
        let host: Option<Host> = self.optional("host", self.host.as_deref())?;
        let peer_key: Option<PublicKey> = self.optional("peer_key", self.peer_key.as_deref())?;
        let (mode, send_token, accept_token) = match host.zip(peer_key) {
            Some((host, peer_key)) => {
                let shared =
                    shared_secret(secret, &peer_key).map_err(|e| self.damaged("peer_key", &e))?;
                let token = shared.auth_token();
                (Mode::WebFinger { host, peer_key }, token.clone(), token)
            }
            None => {
                let token = |column: &str, text: &Option<Zeroizing<String>>| {
                    let text = text.as_deref().map_or("", String::as_str);
                    AuthToken::new(text).map_err(|e| self.damaged(column, &e))
                };
                let send = token("send_token", &self.send_token)?;
                let accept = token("accept_token", &self.accept_token)?;
                (Mode::Manual, send, accept)
            }
        };
        let other_key: Option<PublicKey> = self.optional("other_key", self.other_key.as_deref())?;
        let since = self
            .other_key_since
            .and_then(|millis| u64::try_from(millis).ok());
        let scale = u8::try_from(self.scale).map_err(|e| self.damaged("scale", &e))?;
        Ok(Peer {
            details: Details {
                prefix: self.required("prefix", &self.prefix)?,
                account: self.required("account", &self.account)?,
                peer_account: self.required("peer_account", &self.peer_account)?,
                currency: self.required("currency", &self.currency)?,
                scale: scale.try_into().map_err(|e| self.damaged("scale", &e))?,
                // Whether loopback may be dialled is asked when it is dialled.
                rpc_uri: RpcUri::parse(&self.rpc_uri, true)
                    .map_err(|e| self.damaged("rpc_uri", &e))?,
                protocol_version: self.protocol_version.clone(),
                send_token,
                accept_token,
                mode,
            },
            limit: self.required("most_owed_to_us", &self.most_owed_to_us)?,
            balance: self.required("balance", &self.balance)?,
            peer_limit: self.optional("most_owed_by_us", self.most_owed_by_us.as_deref())?,
            dialect: match self.dialect {
                None => None,
                Some(17) => Some(Dialect::V17),
                Some(21) => Some(Dialect::V21),
                Some(other) => return Err(self.damaged("dialect", &other)),
            },
            other_key: other_key.zip(since.map(Timestamp::from_millis)),
        })
    }

    fn optional<T>(&self, column: &str, text: Option<&str>) -> Result<Option<T>, StoreError>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.map(|text| self.required(column, text)).transpose()
    }

    fn required<T>(&self, column: &str, text: &str) -> Result<T, StoreError>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.parse().map_err(|error| self.damaged(column, &error))
    }

    fn damaged(&self, column: &str, reason: &dyn Display) -> StoreError {
        StoreError::Damaged {
            row: format!("{}, {column}", self.prefix),
            reason: reason.to_string(),
        }
    }
}
