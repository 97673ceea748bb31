//! Every secret of a run, looked for wherever the server writes or says something: log, audit log, metrics, bundle,
//! what the admin API shows, error texts, and the database.
//!
//! In the database two columns hold tokens that people told each other and one holds what an invoice is waiting for:
//! there they must be, or a restart would lose them. They are looked for everywhere else.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::crash::Peer;
use crate::failure::Failure;
use crate::hosts::Server;

/// Where secrets are kept on purpose, as `table.column`.
const KEPT: [&str; 3] = [
    "peers.send_token",
    "peers.accept_token",
    "invoices.preimage",
];

/// What the admin API shows.
const PAGES: [&str; 12] = [
    "/api/v1/identity",
    "/api/v1/peers",
    "/api/v1/routes?search=example.soak0001.",
    "/api/v1/routes/refused",
    "/api/v1/accounts",
    "/api/v1/invoices",
    "/api/v1/transfers?limit=1000",
    "/api/v1/rates",
    "/api/v1/inbox",
    "/api/v1/audit?limit=10000",
    "/api/v1/bundle",
    "/metrics",
];

/// Whether none was found; says where, and in how much text it looked.
pub fn search(server: &Server, peers: &[Arc<Peer>]) -> Result<bool, Failure> {
    let secrets = secrets(server, peers)?;
    let mut texts = Vec::new();
    for name in ["log", "audit.jsonl", "audit.jsonl.1", "c2c.toml"] {
        if let Ok(bytes) = std::fs::read(server.folder.path(name)) {
            texts.push((name.to_owned(), bytes));
        }
    }
    for page in PAGES {
        texts.push((page.to_owned(), get(server, page)?));
    }
    for (name, answer) in refusals(server, peers)? {
        texts.push((name, answer));
    }
    for peer in peers {
        let complaints = peer.take_complaints().join("\n");
        texts.push(("complaints".to_owned(), complaints.into_bytes()));
    }
    texts.extend(database(server)?);
    let mut found = 0;
    for (place, text) in &texts {
        for (name, secret) in &secrets {
            if contains(text, secret.as_bytes()) {
                println!("secret: {name} stands in {place}");
                found += 1;
            }
        }
    }
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    println!(
        "secrets: {} looked for in {} KiB of {} places: {}",
        secrets.len(),
        bytes >> 10,
        texts.len(),
        if found == 0 {
            "none found".to_owned()
        } else {
            format!("{found} FOUND")
        }
    );
    Ok(found == 0)
}

fn secrets(server: &Server, peers: &[Arc<Peer>]) -> Result<Vec<(String, String)>, Failure> {
    let file = |name: &str| {
        let text = std::fs::read_to_string(server.folder.path(name)).map_err(Failure::of(name));
        text.map(|text| (name.to_owned(), text.trim().to_owned()))
    };
    let mut secrets = vec![file("connector.secret")?, file("admin.token")?];
    secrets.push((
        "the token that the server sends".to_owned(),
        crate::played::SENT.to_owned(),
    ));
    for peer in peers {
        let name = format!("the token of {}", peer.line.prefix);
        secrets.push((name, peer.line.token.clone()));
    }
    if let Some((name, _)) = secrets.iter().find(|(_, secret)| secret.len() < 16) {
        return Err(Failure::new(format!(
            "{name} is too short to be looked for"
        )));
    }
    Ok(secrets)
}

/// Answers to requests that hold secrets where they should not be.
fn refusals(server: &Server, peers: &[Arc<Peer>]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let Some(peer) = peers.first() else {
        return Ok(Vec::new());
    };
    let (prefix, token) = (&peer.line.prefix, &peer.line.token);
    let mut answers = Vec::new();
    for (path, bearer) in [
        (
            format!("/rpc?method=no_such&prefix={prefix}"),
            token.as_str(),
        ),
        (
            format!("/rpc?method=send_transfer&prefix={prefix}"),
            token.as_str(),
        ),
        (
            format!("/rpc?method=get_limit&prefix={prefix}"),
            crate::played::SENT,
        ),
        ("/api/v1/peers".to_owned(), token.as_str()),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\
             authorization: Bearer {bearer}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        answers.push((path, say(server, &request)?));
    }
    Ok(answers)
}

fn get(server: &Server, path: &str) -> Result<Vec<u8>, Failure> {
    let token = server.folder.path("admin.token");
    let token = std::fs::read_to_string(token).map_err(Failure::of("admin token"))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
        token.trim()
    );
    let answer = say(server, &request)?;
    if answer.starts_with(b"HTTP/1.1 200") {
        return Ok(answer);
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    Err(Failure::new(format!("{path}: {text}")))
}

fn say(server: &Server, request: &str) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("looking for secrets: {error}"));
    let mut stream = TcpStream::connect(server.address).map_err(failed)?;
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    Ok(answer)
}

/// Everything in a copy of the database, by table and column.
fn database(server: &Server) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let failed = |error: rusqlite::Error| Failure::new(format!("database: {error}"));
    for ending in ["", "-wal"] {
        let from = server.folder.path(&format!("c2c.db{ending}"));
        match std::fs::copy(from, server.folder.path(&format!("dump.db{ending}"))) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::new(format!("database: {error}"))),
        }
    }
    let connection = Connection::open(server.folder.path("dump.db")).map_err(failed)?;
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .map_err(failed)?;
    let tables: Result<Vec<String>, _> = tables
        .query_map([], |row| row.get(0))
        .map_err(failed)?
        .collect();
    let mut texts = Vec::new();
    for table in tables.map_err(failed)? {
        let mut rows = connection
            .prepare(&format!("SELECT * FROM \"{table}\""))
            .map_err(failed)?;
        let names: Vec<String> = rows
            .column_names()
            .iter()
            .map(|name| format!("{table}.{name}"))
            .collect();
        let mut columns: Vec<Vec<u8>> = vec![Vec::new(); names.len()];
        let mut rows = rows.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            for (index, column) in columns.iter_mut().enumerate() {
                match row.get_ref(index).map_err(failed)? {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        column.extend_from_slice(bytes)
                    }
                    _ => {}
                }
                column.push(b'\n');
            }
        }
        let shown = names.into_iter().zip(columns);
        texts.extend(shown.filter(|(name, _)| !KEPT.contains(&name.as_str())));
    }
    Ok(texts)
}

fn contains(text: &[u8], secret: &[u8]) -> bool {
    // Most of the text does not even begin like it.
    let Some(first) = secret.first() else {
        return false;
    };
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(secret) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        for text in ["secret", "a secret", "ssecret", "secret at the end: secret"] {
            assert!(contains(text.as_bytes(), b"secret"), "{text}");
        }
        assert!(!contains(b"secre", b"secret"));
        assert!(!contains(b"", b"secret"));
    }
}
