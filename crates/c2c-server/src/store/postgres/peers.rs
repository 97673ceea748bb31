//! Peers as rows, and back.

use c2c::address::LedgerPrefix;
use c2c::connector::Peer;
use tokio_postgres::{Client, Error, Row, Transaction};
use zeroize::Zeroizing;

use super::session::Prepared;
use crate::store::peer_row::PeerRow;

pub(super) const PEER: &str = "
    INSERT INTO peers (prefix, account, peer_account, currency, scale, rpc_uri, protocol_version, host,
        peer_key, send_token, accept_token, dialect, other_key, other_key_since)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (prefix) DO UPDATE SET account = excluded.account,
        peer_account = excluded.peer_account, currency = excluded.currency,
        scale = excluded.scale, rpc_uri = excluded.rpc_uri,
        protocol_version = excluded.protocol_version, host = excluded.host,
        peer_key = excluded.peer_key, send_token = excluded.send_token,
        accept_token = excluded.accept_token, dialect = excluded.dialect,
        other_key = excluded.other_key, other_key_since = excluded.other_key_since";

pub(super) const LEDGER: &str = "
    INSERT INTO ledgers (prefix, most_owed_to_us, balance, most_owed_by_us)
    VALUES ($1, $2::text::numeric, $3::text::numeric, $4::text::numeric)
    ON CONFLICT (prefix) DO UPDATE SET most_owed_to_us = excluded.most_owed_to_us,
        balance = excluded.balance, most_owed_by_us = excluded.most_owed_by_us";

/// Writes a peer over what is stored under its prefix.
pub(super) async fn write(
    transaction: &Transaction<'_>,
    prepared: &Prepared,
    peer: &Peer,
) -> Result<(), Error> {
    let row = PeerRow::of(peer);
    // Any host may publish any text; none of PostgreSQL's holds a 0.
    let protocol_version = row.protocol_version.replace('\0', "\u{fffd}");
    let (send, accept) = (plain(&row.send_token), plain(&row.accept_token));
    transaction
        .execute(
            &prepared.write_peer,
            &[
                &row.prefix,
                &row.account,
                &row.peer_account,
                &row.currency,
                &row.scale,
                &row.rpc_uri,
                &protocol_version,
                &row.host,
                &row.peer_key,
                &send,
                &accept,
                &row.dialect,
                &row.other_key,
                &row.other_key_since,
            ],
        )
        .await?;
    let amounts: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
        &row.prefix,
        &row.most_owed_to_us,
        &row.balance,
        &row.most_owed_by_us,
    ];
    let written = transaction.execute(&prepared.write_peer_ledger, &amounts);
    written.await.map(drop)
}

/// Removes a peer and what is stored of its ledger.
pub(super) async fn remove(
    transaction: &Transaction<'_>,
    prefix: &LedgerPrefix,
) -> Result<(), Error> {
    for statement in [
        "DELETE FROM transfers WHERE prefix = $1",
        "DELETE FROM peers WHERE prefix = $1",
    ] {
        transaction.execute(statement, &[&prefix.as_str()]).await?;
    }
    Ok(())
}

/// Reads every peer.
pub(super) async fn read(client: &Client) -> Result<Vec<PeerRow>, Error> {
    let select =
        "SELECT prefix, account, peer_account, currency, scale, rpc_uri, protocol_version, host,
            peer_key, send_token, accept_token, dialect, other_key, other_key_since,
            most_owed_to_us::text, balance::text, most_owed_by_us::text
         FROM peers JOIN ledgers USING (prefix) ORDER BY prefix";
    let rows = client.query(select, &[]).await?;
    rows.iter().map(row).collect()
}

fn row(row: &Row) -> Result<PeerRow, Error> {
    let secret = |column: usize| -> Result<Option<Zeroizing<String>>, Error> {
        Ok(row
            .try_get::<_, Option<String>>(column)?
            .map(Zeroizing::new))
    };
    Ok(PeerRow {
        prefix: row.try_get(0)?,
        account: row.try_get(1)?,
        peer_account: row.try_get(2)?,
        currency: row.try_get(3)?,
        scale: row.try_get(4)?,
        rpc_uri: row.try_get(5)?,
        protocol_version: row.try_get(6)?,
        host: row.try_get(7)?,
        peer_key: row.try_get(8)?,
        send_token: secret(9)?,
        accept_token: secret(10)?,
        dialect: row.try_get(11)?,
        other_key: row.try_get(12)?,
        other_key_since: row.try_get(13)?,
        most_owed_to_us: row.try_get(14)?,
        balance: row.try_get(15)?,
        most_owed_by_us: row.try_get(16)?,
    })
}

fn plain(token: &Option<Zeroizing<String>>) -> Option<&str> {
    token.as_ref().map(|token| token.as_str())
}
