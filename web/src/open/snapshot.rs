//! Snapshots, route by route: a large one never stands in memory twice.

use std::fmt;

use c2c::snapshot::{RouteView, SnapshotView};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{Report, Tell, Wrong};
use crate::book::{Book, Builder};

/// After how many routes it is told how far one is.
const EVERY: usize = 1_000;

/// Reads a snapshot, or the answer of `GET /routes`.
pub fn read(bytes: &[u8], report: &mut Report, tell: Tell<'_>) -> Result<Book, Wrong> {
    let mut builder = Builder::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let whole = Whole {
        builder: &mut builder,
        tell,
    };
    let head = whole.deserialize(&mut json).and_then(|head| json.end().map(|()| head)).map_err(|fault| {
        Wrong::new(format!("This is not a snapshot of a connector: {fault}. Save one with GET /api/v1/snapshot."))
    })?;
    report.told = builder.len();
    let head = if head.contains_key("identity") {
        // By the one reader that bytes have, so that the page carries no second.
        let bytes = serde_json::to_vec(&head).unwrap_or_default();
        let snapshot: SnapshotView = serde_json::from_slice(&bytes).map_err(|fault| {
            Wrong::new(format!("This is not a snapshot of a connector: {fault}. Save one with GET /api/v1/snapshot."))
        })?;
        if snapshot.version > SnapshotView::VERSION {
            return Err(Wrong::new(format!(
                "This snapshot has version {}, this page reads up to {}. Open it with a newer page.",
                snapshot.version,
                SnapshotView::VERSION
            )));
        }
        Some(snapshot)
    } else {
        None
    };
    Ok(builder.finish(head, &mut |_| {}))
}

type Members = serde_json::Map<String, serde_json::Value>;

struct Whole<'a, 'b> {
    builder: &'a mut Builder,
    tell: Tell<'b>,
}

impl<'de> DeserializeSeed<'de> for Whole<'_, '_> {
    type Value = Members;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Members, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_, '_> {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a snapshot")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::new();
        let mut seen = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "routes" {
                if std::mem::replace(&mut seen, true) {
                    return Err(A::Error::duplicate_field("routes"));
                }
                map.next_value_seed(Routes {
                    builder: &mut *self.builder,
                    tell: &mut *self.tell,
                })?;
            } else {
                members.insert(key, map.next_value()?);
            }
        }
        if !seen {
            return Err(A::Error::missing_field("routes"));
        }
        members.insert("routes".to_owned(), serde_json::Value::Array(Vec::new()));
        Ok(members)
    }
}

struct Routes<'a, 'b> {
    builder: &'a mut Builder,
    tell: Tell<'b>,
}

impl<'de> DeserializeSeed<'de> for Routes<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Routes<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("routes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(route) = seq.next_element::<RouteView>()? {
            self.builder.route(&route);
            if self.builder.len().is_multiple_of(EVERY) {
                (self.tell)("Reading routes", self.builder.len(), 0);
            }
        }
        Ok(())
    }
}
