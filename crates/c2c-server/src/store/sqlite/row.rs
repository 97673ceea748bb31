//! A peer as rows, and back.

use c2c::connector::Peer;
use c2c::key::SecretKey;
use rusqlite::{Connection, Row, Transaction, params};
use zeroize::Zeroizing;

use super::failed;
use crate::store::StoreError;
use crate::store::peer_row::PeerRow;

/// Writes a peer over what is stored under its prefix.
pub(super) fn write_peer(
    transaction: &Transaction<'_>,
    peer: &Peer,
) -> Result<(), rusqlite::Error> {
    let row = PeerRow::of(peer);
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
            row.prefix,
            row.account,
            row.peer_account,
            row.currency,
            row.scale,
            row.rpc_uri,
            row.protocol_version,
            row.host,
            row.peer_key,
            row.send_token.as_ref().map(|token| token.as_str()),
            row.accept_token.as_ref().map(|token| token.as_str()),
            row.dialect,
            row.other_key,
            row.other_key_since,
        ])?;
    transaction
        .prepare_cached(
            "INSERT INTO ledgers (prefix, most_owed_to_us, balance, most_owed_by_us)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (prefix) DO UPDATE SET most_owed_to_us = excluded.most_owed_to_us,
                balance = excluded.balance, most_owed_by_us = excluded.most_owed_by_us",
        )?
        .execute(params![
            row.prefix,
            row.most_owed_to_us,
            row.balance,
            row.most_owed_by_us,
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
                peer_key, send_token, accept_token, dialect, other_key, other_key_since,
                most_owed_to_us, balance, most_owed_by_us
             FROM peers JOIN ledgers USING (prefix) ORDER BY prefix",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut peers = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        peers.push(read(row).map_err(failed)?.peer(secret)?);
    }
    Ok(peers)
}

fn read(row: &Row<'_>) -> Result<PeerRow, rusqlite::Error> {
    let secret = |column| -> Result<Option<Zeroizing<String>>, rusqlite::Error> {
        Ok(row.get::<_, Option<String>>(column)?.map(Zeroizing::new))
    };
    Ok(PeerRow {
        prefix: row.get(0)?,
        account: row.get(1)?,
        peer_account: row.get(2)?,
        currency: row.get(3)?,
        scale: row.get(4)?,
        rpc_uri: row.get(5)?,
        protocol_version: row.get(6)?,
        host: row.get(7)?,
        peer_key: row.get(8)?,
        send_token: secret(9)?,
        accept_token: secret(10)?,
        dialect: row.get(11)?,
        other_key: row.get(12)?,
        other_key_since: row.get(13)?,
        most_owed_to_us: row.get(14)?,
        balance: row.get(15)?,
        most_owed_by_us: row.get(16)?,
    })
}
