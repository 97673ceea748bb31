//! A peer as rows, and back.

use std::fmt::Display;
use std::str::FromStr;

use c2c::connector::Peer;
use c2c::key::{PublicKey, SecretKey};
use c2c::peering::{AuthToken, Details, Mode, shared_secret};
use c2c::schema::Dialect;
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, RpcUri};
use rusqlite::{Connection, Row, Transaction, params};

use super::failed;
use crate::store::StoreError;

/// Writes a peer over what is stored under its prefix.
pub(super) fn write_peer(
    transaction: &Transaction<'_>,
    peer: &Peer,
) -> Result<(), rusqlite::Error> {
    let details = &peer.details;
    let (host, peer_key) = match &details.mode {
        Mode::WebFinger { host, peer_key } => (Some(host.base_url()), Some(peer_key.to_string())),
        Mode::Manual => (None, None),
    };
    // What the secret derives again is not written down.
    let tokens = match details.mode {
        Mode::WebFinger { .. } => None,
        Mode::Manual => Some((details.send_token.reveal(), details.accept_token.reveal())),
    };
    let dialect = peer.dialect.map(|dialect| match dialect {
        Dialect::V17 => 17,
        Dialect::V21 => 21,
    });
    transaction
        .prepare_cached(
            "INSERT INTO peers (prefix, account, peer_account, currency, scale, rpc_uri,
                protocol_version, host, peer_key, send_token, accept_token, dialect,
                other_key, other_key_since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (prefix) DO UPDATE SET account = excluded.account,
                peer_account = excluded.peer_account, currency = excluded.currency,
                scale = excluded.scale, rpc_uri = excluded.rpc_uri,
                protocol_version = excluded.protocol_version, host = excluded.host,
                peer_key = excluded.peer_key, send_token = excluded.send_token,
                accept_token = excluded.accept_token, dialect = excluded.dialect,
                other_key = excluded.other_key, other_key_since = excluded.other_key_since",
        )?
        .execute(params![
            details.prefix.as_str(),
            details.account.as_str(),
            details.peer_account.as_str(),
            details.currency.as_str(),
            details.scale.get(),
            details.rpc_uri.as_str(),
            details.protocol_version,
            host,
            peer_key,
            tokens.map(|(send, _)| send),
            tokens.map(|(_, accept)| accept),
            dialect,
            peer.other_key.map(|(key, _)| key.to_string()),
            peer.other_key
                .map(|(_, since)| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        ])?;
    transaction
        .prepare_cached(
            "INSERT INTO ledgers (prefix, most_owed_to_us, balance, most_owed_by_us)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (prefix) DO UPDATE SET most_owed_to_us = excluded.most_owed_to_us,
                balance = excluded.balance, most_owed_by_us = excluded.most_owed_by_us",
        )?
        .execute(params![
            details.prefix.as_str(),
            peer.limit.to_string(),
            peer.balance.to_string(),
            peer.peer_limit.map(|limit| limit.to_string()),
        ])
        .map(drop)
}

/// Reads every peer.
pub(super) fn read_peers(
    connection: &Connection,
    secret: &SecretKey,
) -> Result<Vec<Peer>, StoreError> {
    let mut statement = connection
        .prepare(
            "SELECT prefix, account, peer_account, currency, scale, rpc_uri, protocol_version, host,
                peer_key, send_token, accept_token, dialect, most_owed_to_us, balance, most_owed_by_us,
                other_key, other_key_since
             FROM peers JOIN ledgers USING (prefix) ORDER BY prefix",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut peers = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        peers.push(read_peer(row, secret)?);
    }
    Ok(peers)
}

fn read_peer(row: &Row<'_>, secret: &SecretKey) -> Result<Peer, StoreError> {
    let columns = Columns {
        row,
        prefix: row.get(0).map_err(failed)?,
    };
    let host: Option<Host> = columns.optional("host")?;
    let peer_key: Option<PublicKey> = columns.optional("peer_key")?;
    let (mode, send_token, accept_token) = match host.zip(peer_key) {
        Some((host, peer_key)) => {
            let shared =
                shared_secret(secret, &peer_key).map_err(|e| columns.damaged("peer_key", &e))?;
            let token = shared.auth_token();
            (Mode::WebFinger { host, peer_key }, token.clone(), token)
        }
        None => {
            let token = |column: &str| {
                let text = zeroize::Zeroizing::new(columns.text(column)?.unwrap_or_default());
                AuthToken::new(&text).map_err(|e| columns.damaged(column, &e))
            };
            (Mode::Manual, token("send_token")?, token("accept_token")?)
        }
    };
    let rpc_uri = columns.text("rpc_uri")?.unwrap_or_default();
    let scale: u8 = row.get("scale").map_err(failed)?;
    let other_key: Option<PublicKey> = columns.optional("other_key")?;
    let since: Option<i64> = row.get("other_key_since").map_err(failed)?;
    let since = since.and_then(|millis| u64::try_from(millis).ok());
    let dialect: Option<i64> = row.get("dialect").map_err(failed)?;
    Ok(Peer {
        details: Details {
            prefix: columns.required("prefix")?,
            account: columns.required("account")?,
            peer_account: columns.required("peer_account")?,
            currency: columns.required("currency")?,
            scale: scale.try_into().map_err(|e| columns.damaged("scale", &e))?,
            // Whether loopback may be dialled is asked when it is dialled.
            rpc_uri: RpcUri::parse(&rpc_uri, true).map_err(|e| columns.damaged("rpc_uri", &e))?,
            protocol_version: columns.text("protocol_version")?.unwrap_or_default(),
            send_token,
            accept_token,
            mode,
        },
        limit: columns.required("most_owed_to_us")?,
        balance: columns.required("balance")?,
        peer_limit: columns.optional("most_owed_by_us")?,
        dialect: match dialect {
            None => None,
            Some(17) => Some(Dialect::V17),
            Some(21) => Some(Dialect::V21),
            Some(other) => return Err(columns.damaged("dialect", &other)),
        },
        other_key: other_key.zip(since.map(Timestamp::from_millis)),
    })
}

struct Columns<'a> {
    row: &'a Row<'a>,
    prefix: String,
}

impl Columns<'_> {
    fn text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.row.get(column).map_err(failed)
    }

    fn optional<T>(&self, column: &str) -> Result<Option<T>, StoreError>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.text(column)?
            .map(|text| {
                text.parse()
                    .map_err(|error: T::Err| self.damaged(column, &error))
            })
            .transpose()
    }

    fn required<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.optional(column)?
            .ok_or_else(|| self.damaged(column, &"it is empty"))
    }

    fn damaged(&self, column: &str, reason: &dyn Display) -> StoreError {
        StoreError::Damaged {
            row: format!("{}, {column}", self.prefix),
            reason: reason.to_string(),
        }
    }
}
