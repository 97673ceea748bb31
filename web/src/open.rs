//! Reading what somebody opened, whatever of ours it is: a snapshot, a list of routes, a routing update
//! by itself or in its message or call, single curves, and recordings of any of them.
//!
//! [`open`] runs in the worker and in tests alike: bytes and a time go in, a [`Book`] comes out, with what
//! was not taken and why. Nothing of a text is lost because one route in it is wrong.

mod acceptance;
mod curves;
mod kind;
mod recording;
mod snapshot;
mod update;

use c2c::schema::{Document, Violation};
use serde::{Deserialize, Serialize};

pub use acceptance::Acceptance;
pub use kind::Kind;
pub use recording::{Frame, Recording, routes_of};

use crate::book::{Book, Builder};

/// The most faults that are told one by one.
const LISTED: usize = 500;

/// What was read.
#[derive(Debug)]
pub struct Opened {
    /// Its routes: those of the last moment, where it is a recording.
    pub book: Book,
    /// What it is, and what was not taken.
    pub report: Report,
    /// Its moments, where it has more than one.
    pub recording: Option<Recording>,
}

/// What a text is, and what of it was not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What it is.
    pub kind: Kind,
    /// How many routes, curves or moments stand in it.
    pub told: usize,
    /// What was not taken, the first ones of very many.
    pub refused: Vec<Refused>,
    /// How many were not.
    pub refused_count: usize,
    /// What a connector that hears this would keep.
    #[serde(default)]
    pub acceptance: Option<Acceptance>,
    /// The moments of a recording.
    #[serde(default)]
    pub frames: Vec<Frame>,
}

/// One thing that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Where it stands, such as `new_routes[3].points, line 12, column 5`.
    pub place: String,
    /// A stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The cure.
    #[serde(default)]
    pub hint: String,
}

/// Why nothing could be made of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The cause, and the cure.
    pub message: String,
    /// Its faults, one by one.
    #[serde(default)]
    pub faults: Vec<Refused>,
}

/// How far the reading is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is done: `Reading`, `Checking`, `Sorting`.
    pub what: String,
    /// So many…
    pub done: usize,
    /// …of so many; 0: nobody knows.
    pub of: usize,
}

/// Takes in how far the reading is.
pub type Tell<'a> = &'a mut dyn FnMut(&str, usize, usize);

/// Reads `bytes` at the time `now`, in milliseconds.
pub fn open(bytes: &[u8], now: u64, tell: Tell<'_>) -> Result<Opened, Wrong> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let kind = Kind::of(bytes)?;
    let mut report = Report {
        kind,
        ..Report::default()
    };
    let book = match kind {
        Kind::Snapshot | Kind::Routes => snapshot::read(bytes, &mut report, tell)?,
        Kind::Update | Kind::RouteList | Kind::Message | Kind::Call => {
            update::read(bytes, kind, now, &mut report, tell)?
        }
        Kind::Curves => curves::read(bytes, &mut report)?,
        Kind::Recording | Kind::Journal => {
            let (recording, book) = Recording::read(bytes, kind, now, &mut report, tell)?;
            return Ok(Opened {
                book,
                report,
                recording: Some(recording),
            });
        }
    };
    Ok(Opened {
        book,
        report,
        recording: None,
    })
}

/// What a connector would keep of the update in `bytes`; none where there is none.
pub fn accepted(bytes: &[u8], kind: Kind, now: u64) -> Option<Acceptance> {
    let (_, dialect, told) = update::unwrapped(bytes, kind).ok()?;
    let update = update_in(bytes, kind).ok()?;
    let document = Document::whole(&update);
    let (dialect, _) = update::checked(document, dialect).ok()?;
    Acceptance::of(document, dialect, &told, now)
}

/// The routing update in `bytes`, without what carries it.
pub fn update_in(bytes: &[u8], kind: Kind) -> Result<Vec<u8>, Wrong> {
    match kind {
        Kind::Update | Kind::Message | Kind::Call => {
            update::unwrapped(bytes, kind).map(|(document, ..)| document.text().to_vec())
        }
        Kind::RouteList => Ok(update::as_update(bytes)),
        other => Err(Wrong::new(format!(
            "This is {other}. Only a routing update has a schema; open the rest under Routes."
        ))),
    }
}

impl Report {
    fn refuse(&mut self, refused: Refused) {
        self.refused_count += 1;
        if self.refused.len() < LISTED {
            self.refused.push(refused);
        }
    }

    /// `3 of 412 refused`, where something was.
    pub fn in_words(&self) -> Option<String> {
        (self.refused_count > 0).then(|| format!("{} of {} refused", self.refused_count, self.told))
    }
}

impl From<&Violation> for Refused {
    fn from(fault: &Violation) -> Self {
        let place = format!("line {}, column {}", fault.line, fault.column);
        Self {
            place: if fault.path.is_empty() {
                place
            } else {
                format!("{}, {place}", fault.path)
            },
            code: fault.code.to_string(),
            message: match fault.value.as_str() {
                "" => fault.message.clone(),
                value => format!("{} Found {value}.", fault.message),
            },
            hint: fault.hint.clone(),
        }
    }
}

impl Wrong {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            faults: Vec::new(),
        }
    }

    fn of(faults: &[Violation]) -> Self {
        let first = faults.first().map_or_else(String::new, ToString::to_string);
        Self {
            message: format!("This cannot be read: {first}"),
            faults: faults.iter().map(Refused::from).collect(),
        }
    }
}

/// A book of `builder`'s routes, telling how far the sorting is.
fn finished(builder: Builder, tell: Tell<'_>) -> Book {
    let all = builder.len();
    builder.finish(None, &mut |done| tell("Comparing", done, all))
}

#[cfg(test)]
mod tests;
