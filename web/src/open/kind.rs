//! What a text is, by its first few kilobytes.

use std::fmt;

use c2c::schema::{Kind as Json, Reader};
use serde::{Deserialize, Serialize};

use super::Wrong;

/// How much of a text is looked at.
const LOOK: usize = 1 << 16;

/// What somebody may open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// What `GET /api/v1/snapshot` answers.
    #[default]
    Snapshot,
    /// What `GET /api/v1/routes` answers.
    Routes,
    /// A routing update.
    Update,
    /// A list of routes, as in an update.
    RouteList,
    /// A `broadcast_routes` message in its envelope.
    Message,
    /// The array of parameters of a call that carries one.
    Call,
    /// One curve or several: base64, or points.
    Curves,
    /// Several of these, one a line.
    Recording,
    /// What changed a connector's tables, one change a line.
    Journal,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Snapshot => "a snapshot",
            Self::Routes => "the routes of a connector",
            Self::Update => "a routing update",
            Self::RouteList => "a list of routes",
            Self::Message => "a broadcast_routes message",
            Self::Call => "the body of a call with a broadcast_routes message",
            Self::Curves => "liquidity curves",
            Self::Recording => "a recording",
            Self::Journal => "a recording of a connector's tables",
        })
    }
}

/// The one member of each line of a journal.
const CHANGES: [&str; 10] = [
    "ledger",
    "pairs",
    "pairs_of",
    "configured",
    "update",
    "expired",
    "asked",
    "not_asked",
    "peer_gone",
    "ledger_gone",
];

impl Kind {
    /// What `bytes` are.
    pub fn of(bytes: &[u8]) -> Result<Kind, Wrong> {
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
        let Some(start) = start else {
            return Err(Wrong::new(
                "There is nothing in it. Open a snapshot, a routing update or a curve.",
            ));
        };
        let bytes = &bytes[start..];
        if let Some(line) = first_of_several(bytes) {
            return Ok(match Self::of_one(line)? {
                Kind::Curves => Kind::Curves,
                Kind::Journal => Kind::Journal,
                _ => Kind::Recording,
            });
        }
        Self::of_one(&bytes[..bytes.len().min(LOOK)])
    }

    /// What one document is, by its beginning.
    pub(super) fn of_one(start: &[u8]) -> Result<Kind, Wrong> {
        let mut reader = Reader::new(start);
        match reader.kind() {
            Ok(Json::Object) => Self::of_object(start, &mut reader),
            Ok(Json::Array) => Ok(Self::of_array(start, &mut reader)),
            // Numbers in pairs, base64 with quotes and without.
            _ => Ok(Kind::Curves),
        }
    }

    fn of_object(start: &[u8], reader: &mut Reader<'_>) -> Result<Kind, Wrong> {
        let mut keys = Vec::new();
        if reader.open().is_ok() {
            let mut first = true;
            // What is cut off ends the list: the members that tell come early.
            while let Ok(Some(key)) = reader.key(first) {
                first = false;
                let value = reader.kind().ok();
                keys.push((key.decode().into_owned(), value));
                if reader.skip().is_err() {
                    break;
                }
            }
        }
        let has = |name: &str| keys.iter().any(|(key, _)| key == name);
        if has("new_routes") || has("unreachable_through_me") {
            return Ok(Kind::Update);
        }
        if has("identity") && has("version") {
            return Ok(Kind::Snapshot);
        }
        if has("routes") {
            return Ok(Kind::Routes);
        }
        if let [(key, Some(Json::Object | Json::Array))] = keys.as_slice()
            && CHANGES.contains(&key.as_str())
        {
            return Ok(Kind::Journal);
        }
        if has("custom") || has("data") || (has("ledger") && has("to")) {
            return Ok(Kind::Message);
        }
        if has("event") || has("snapshot") {
            return Ok(Kind::Recording);
        }
        if has("source_ledger") && has("destination_ledger") {
            return Ok(Kind::RouteList);
        }
        if has("points") {
            return Ok(Kind::Curves);
        }
        if has("lab") && has("connectors") {
            return Err(Wrong::new("This is a network of the lab. Open it there."));
        }
        if keys.is_empty()
            && let Err(fault) = Reader::new(start).skip()
        {
            return Err(Wrong::of(&[c2c::schema::Violation::of_fault(start, fault)]));
        }
        let names: Vec<&str> = keys.iter().take(6).map(|(key, _)| key.as_str()).collect();
        Err(Wrong::new(format!(
            "This JSON has the members {}, which nothing has that is drawn here. Open a snapshot (GET /api/v1/snapshot), a routing update (new_routes), a message, a list of routes, a curve or a recording.",
            names.join(", ")
        )))
    }

    fn of_array(start: &[u8], reader: &mut Reader<'_>) -> Kind {
        if reader.open().is_err() || !matches!(reader.item(true), Ok(true)) {
            return Kind::RouteList;
        }
        match reader.kind() {
            Ok(Json::Object) => {
                let inner = &start[reader.at()..];
                match Self::of_one(inner) {
                    Ok(Kind::Message) => Kind::Call,
                    Ok(Kind::Curves) => Kind::Curves,
                    _ => Kind::RouteList,
                }
            }
            _ => Kind::Curves,
        }
    }
}

/// The first line, where it is a document of its own and more follow.
fn first_of_several(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at(end);
    let more = rest.iter().any(|byte| !byte.is_ascii_whitespace());
    let mut reader = Reader::new(line);
    let whole = reader.skip().is_ok() && reader.finish().is_ok();
    let json = matches!(line.first(), Some(b'{' | b'['));
    (more && json && whole).then_some(line)
}
