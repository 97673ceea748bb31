//! Routing updates, alone or in what carries them. One wrong route does not take the others away.

use c2c::address::{AddressError, LedgerPrefix};
use c2c::message::{Envelope, HeardUpdate, RouteRecord, Shared};
use c2c::schema::{Dialect, Document, Reader, Violation};

use super::{Acceptance, Kind, Refused, Report, Tell, Wrong, finished};
use crate::book::{Book, Builder, Loose};

/// After how many routes it is told how far one is.
const EVERY: usize = 2_000;

/// Where an update was told, as far as its wrapping says.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The ledger between the two.
    pub ledger: Option<String>,
    /// The teller's account.
    pub from: Option<String>,
    /// The hearer's.
    pub to: Option<String>,
}

/// Reads the update in `bytes`.
pub fn read(
    bytes: &[u8],
    kind: Kind,
    now: u64,
    report: &mut Report,
    tell: Tell<'_>,
) -> Result<Book, Wrong> {
    tell("Checking", 0, bytes.len());
    let mut builder = Builder::default();
    let (document, dialect, told) = unwrapped(bytes, kind)?;
    let wrapped;
    let document = if kind == Kind::RouteList {
        wrapped = as_update(document.text());
        Document::whole(&wrapped)
    } else {
        document
    };
    match checked(document, dialect) {
        Ok((dialect, update)) => {
            take(&mut builder, &update, 0, now, report, tell);
            report.acceptance = Acceptance::of(document, dialect, &told, now);
        }
        Err(faults) => {
            let count = one_by_one(&mut builder, document, dialect, now, report, tell);
            if count.is_none() || builder.len() == 0 {
                return Err(Wrong::of(&faults));
            }
        }
    }
    Ok(finished(builder, tell))
}

/// The update in a message or a call, and what these say of it.
pub fn unwrapped(bytes: &[u8], kind: Kind) -> Result<(Document<'_>, Option<Dialect>, Told), Wrong> {
    let whole = Document::whole(bytes);
    let message = match kind {
        Kind::Message => whole,
        Kind::Call => {
            let mut reader = Reader::new(bytes);
            let first = |reader: &mut Reader<'_>| {
                reader.open()?;
                reader.item(true)
            };
            match first(&mut reader).and_then(|_| reader.document()) {
                Ok(document) => document,
                Err(fault) => return Err(Wrong::of(&[Violation::of_fault(bytes, fault)])),
            }
        }
        _ => return Ok((whole, None, Told::default())),
    };
    let envelope = Envelope::read(message, if kind == Kind::Call { "[0]" } else { "" })
        .map_err(|error| Wrong::new(format!("This message cannot be read: {error}")))?;
    let told = Told {
        ledger: Some(envelope.ledger.clone().into_owned()),
        from: envelope.from.clone().map(|from| from.into_owned()),
        to: Some(envelope.to.clone().into_owned()),
    };
    match envelope.routing_update() {
        Some((dialect, document)) => Ok((document, Some(dialect), told)),
        None => Err(Wrong::new(
            "This message carries no routing update: neither its custom nor its data names the method broadcast_routes.",
        )),
    }
}

/// The update, in the dialect that it is written in.
pub fn checked(
    document: Document<'_>,
    dialect: Option<Dialect>,
) -> Result<(Dialect, HeardUpdate<'_>), Vec<Violation>> {
    if let Some(dialect) = dialect {
        return HeardUpdate::read(document, dialect).map(|update| (dialect, update));
    }
    let deployed = match HeardUpdate::read(document, Dialect::V21) {
        Ok(update) => return Ok((Dialect::V21, update)),
        Err(faults) => faults,
    };
    match HeardUpdate::read(document, Dialect::V17) {
        Ok(update) => Ok((Dialect::V17, update)),
        // The one that it is nearer to is the one that was meant.
        Err(cited) if cited.len() < deployed.len() => Err(cited),
        Err(_) => Err(deployed),
    }
}

/// Puts the routes of an update into the book.
pub fn take(
    builder: &mut Builder,
    update: &HeardUpdate<'_>,
    first: usize,
    now: u64,
    report: &mut Report,
    tell: Tell<'_>,
) {
    let all = update.routes().len();
    let expires = now.saturating_add(update.hold_down_time.0);
    let mut shared = Shared::default();
    for (index, route) in update.routes().enumerate() {
        report.told += 1;
        let record = route.record(&mut shared);
        if let Err(refused) = put(builder, record, first + index, expires) {
            report.refuse(refused);
        }
        if index.is_multiple_of(EVERY) {
            tell("Reading routes", index, all);
        }
    }
}

fn put(
    builder: &mut Builder,
    record: Result<RouteRecord, (&'static str, AddressError)>,
    index: usize,
    expires: u64,
) -> Result<(), Refused> {
    let refused = |member: &str, code: &str, message: String| Refused {
        place: format!("route {index}, {member}"),
        code: code.to_owned(),
        message,
        hint: String::new(),
    };
    let record =
        record.map_err(|(member, error)| refused(member, "ROUTE_ADDRESS", error.to_string()))?;
    let curve = record.points.transpose().map_err(|error| {
        refused(
            "points",
            "ROUTE_CURVE",
            format!("The points are no curve: {error}"),
        )
    })?;
    let source = LedgerPrefix::try_from(record.source_ledger)
        .map_err(|error| refused("source_ledger", "ROUTE_ADDRESS", error.to_string()))?;
    builder.loose(&Loose {
        source: &source,
        destination: &record.destination_ledger,
        next_hop: &record.source_account,
        curve: curve.as_ref(),
        paths: &record.paths,
        window: record.min_message_window.0,
        expires: Some(expires),
    });
    Ok(())
}

/// The routes of an update that as a whole is refused, each by itself; none where there is no list.
fn one_by_one(
    builder: &mut Builder,
    document: Document<'_>,
    dialect: Option<Dialect>,
    now: u64,
    report: &mut Report,
    tell: Tell<'_>,
) -> Option<usize> {
    let mut reader = Reader::of(document);
    reader.open().ok()?;
    let mut first = true;
    while let Some(key) = reader.key(first).ok()? {
        first = false;
        if key.is("new_routes") {
            break;
        }
        reader.skip().ok()?;
    }
    reader.open().ok()?;
    let mut index = 0;
    let mut only = Vec::new();
    while reader.item(index == 0).ok()? {
        let from = reader.document().ok()?;
        only.clear();
        only.push(b'[');
        only.extend_from_slice(from.text());
        only.push(b']');
        let single = as_update(&only);
        match checked(Document::whole(&single), dialect) {
            Ok((_, update)) => take(builder, &update, index, now, report, &mut |_, _, _| {}),
            Err(faults) => {
                report.told += 1;
                if let Some(fault) = faults.first() {
                    report.refuse(Refused {
                        place: format!(
                            "route {index}{}",
                            fault.path.strip_prefix("new_routes[0]").unwrap_or_default()
                        ),
                        ..Refused::from(fault)
                    });
                }
            }
        }
        index += 1;
        if index.is_multiple_of(EVERY) {
            tell("Reading routes", index, 0);
        }
    }
    Some(index)
}

/// A list of routes as an update, which lives as long as one of 2017.
pub fn as_update(routes: &[u8]) -> Vec<u8> {
    let mut update =
        br#"{"hold_down_time":45000,"unreachable_through_me":[],"new_routes":"#.to_vec();
    let is_list = routes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if is_list {
        update.extend_from_slice(routes);
    } else {
        update.push(b'[');
        update.extend_from_slice(routes);
        update.push(b']');
    }
    update.push(b'}');
    update
}
