//! Recordings: the state at the beginning and what happened since, one line each. A journal of the
//! engine is played by the engine; updates and snapshots are laid over each other.

use c2c::broadcast::IncomingSettings;
use c2c::journal::{Did, Player};
use c2c::snapshot::{CandidateView, MergedView, Points, RouteView, Seconds, SegmentView};
use c2c::table::{Settings, Tables, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::update::{checked, take, unwrapped};
use super::{Kind, Refused, Report, Tell, Wrong, snapshot};
use crate::book::{Book, Builder};

/// After how many lines of a journal the tables are kept, so that one can step back.
const KEPT_EVERY: usize = 64;

/// One moment of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// When, in milliseconds; none where the recording does not say.
    pub at: Option<u64>,
    /// What happened.
    pub words: String,
    /// Whether it only says again what was known.
    pub heartbeat: bool,
}

/// A recording, and how far it was played.
#[derive(Debug)]
pub enum Recording {
    /// Of a connector's tables.
    Journal {
        /// Its lines.
        lines: Vec<String>,
        /// The tables after some of them, the earliest first.
        kept: Vec<Player>,
        /// The tables after the line that was looked at last.
        player: Box<Player>,
    },
    /// Of updates and snapshots.
    Lines {
        /// Each line.
        lines: Vec<Line>,
        /// When it was opened: what has no time of its own begins there.
        opened: u64,
    },
}

/// One line of a recording.
#[derive(Clone, Debug)]
pub struct Line {
    kind: Kind,
    text: String,
    at: Option<u64>,
}

impl Recording {
    /// Reads a recording; answers its last moment too.
    pub fn read(
        bytes: &[u8],
        kind: Kind,
        now: u64,
        report: &mut Report,
        tell: Tell<'_>,
    ) -> Result<(Recording, Book), Wrong> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Wrong::new("This recording is not UTF-8. Save it as UTF-8."))?;
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let mut recording = match kind {
            Kind::Journal => Self::journal(&lines, report, tell)?,
            _ => Self::lines(&lines, now, report, tell)?,
        };
        report.told = lines.len();
        let last = report.frames.len().saturating_sub(1);
        let book = recording
            .book_at(last)
            .ok_or_else(|| Wrong::new("Nothing in this recording can be shown."))?;
        Ok((recording, book))
    }

    fn journal(lines: &[&str], report: &mut Report, tell: Tell<'_>) -> Result<Recording, Wrong> {
        let mut player = Player::new(Settings::default(), IncomingSettings::default());
        let mut kept = vec![player.clone()];
        for (index, line) in lines.iter().enumerate() {
            let played = player
                .play(line)
                .map_err(|error| Wrong::new(error.to_string()))?;
            let at = played.at.as_millis();
            report.frames.push(Frame {
                at: (at > 0).then_some(at),
                heartbeat: matches!(
                    played.did,
                    Did::Update {
                        changed: false,
                        lost: 0,
                        ..
                    } | Did::Asked(_)
                        | Did::Expired(0)
                ),
                words: words(&played.did),
            });
            if (index + 1).is_multiple_of(KEPT_EVERY) {
                kept.push(player.clone());
                tell("Playing", index + 1, lines.len());
            }
        }
        Ok(Recording::Journal {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            kept,
            player: Box::new(player),
        })
    }

    fn lines(
        lines: &[&str],
        now: u64,
        report: &mut Report,
        tell: Tell<'_>,
    ) -> Result<Recording, Wrong> {
        let mut read = Vec::with_capacity(lines.len());
        for (index, text) in lines.iter().enumerate() {
            match Line::read(text, report, index) {
                Some((line, frame)) => {
                    read.push(line);
                    report.frames.push(frame);
                }
                None => report.refuse(Refused {
                    place: format!("line {}", index + 1),
                    code: "RECORDING".to_owned(),
                    message: "This line is nothing that is drawn here.".to_owned(),
                    hint: "A line is a snapshot, an event, a routing update or a message."
                        .to_owned(),
                }),
            }
            tell("Reading", index + 1, lines.len());
        }
        if read.is_empty() {
            return Err(Wrong {
                message: "No line of this can be read.".to_owned(),
                faults: std::mem::take(&mut report.refused),
            });
        }
        Ok(Recording::Lines {
            lines: read,
            opened: now,
        })
    }

    /// The routes at a moment, counted from 0; none where there is no such moment.
    pub fn book_at(&mut self, frame: usize) -> Option<Book> {
        match self {
            Recording::Journal {
                lines,
                kept,
                player,
            } => {
                let wanted = frame + 1;
                if wanted > lines.len() {
                    return None;
                }
                if player.lines() > wanted {
                    let from = kept.iter().rev().find(|kept| kept.lines() <= wanted)?;
                    **player = from.clone();
                }
                while player.lines() < wanted {
                    player.play(&lines[player.lines()]).ok()?;
                }
                Some(of_tables(player.tables()))
            }
            Recording::Lines { lines, opened } => {
                let upto = lines.get(..=frame)?;
                Some(laid(upto, *opened))
            }
        }
    }
}

impl Line {
    fn read(text: &str, report: &mut Report, index: usize) -> Option<(Line, Frame)> {
        let bytes = text.as_bytes();
        let kind = Kind::of_one(bytes).ok()?;
        let line = |text: String, at| Line { kind, text, at };
        match kind {
            Kind::Snapshot => {
                let time = serde_json::from_slice::<Value>(text.as_bytes()).ok()?;
                let at = c2c::snapshot::iso::parse(time.get("time")?.as_str()?)?.as_millis();
                let routes = time.get("routes")?.as_array()?.len();
                let frame = Frame {
                    at: Some(at),
                    words: format!("A snapshot: {routes} routes."),
                    heartbeat: false,
                };
                Some((line(text.to_owned(), Some(at)), frame))
            }
            Kind::Recording => {
                let mut value: Value = serde_json::from_slice(text.as_bytes()).ok()?;
                let at = value
                    .get("time")
                    .and_then(Value::as_str)
                    .and_then(c2c::snapshot::iso::parse);
                let at = at.map(|at| at.as_millis());
                if let Some(snapshot) = value.get_mut("snapshot").map(Value::take) {
                    let (line, frame) = Self::read(&snapshot.to_string(), report, index)?;
                    return Some((
                        Line {
                            at: at.or(line.at),
                            ..line
                        },
                        Frame {
                            at: at.or(frame.at),
                            ..frame
                        },
                    ));
                }
                let frame = Frame {
                    at,
                    words: event_words(&value),
                    heartbeat: false,
                };
                Some((line(String::new(), at), frame))
            }
            Kind::Update | Kind::Message | Kind::Call => {
                let (document, dialect, _) = unwrapped(bytes, kind).ok()?;
                let (_, update) = match checked(document, dialect) {
                    Ok(update) => update,
                    Err(faults) => {
                        let fault = faults.first()?;
                        report.refuse(Refused {
                            place: format!("line {}", index + 1),
                            ..Refused::from(fault)
                        });
                        return Some((
                            line(String::new(), None),
                            Frame {
                                words: "A broken update.".to_owned(),
                                ..Frame::default()
                            },
                        ));
                    }
                };
                let (told, lost) = (update.routes().len(), update.unreachable_through_me.len());
                let sender = update
                    .routes()
                    .next()
                    .map(|route| route.text().source_account.decode().into_owned());
                let frame = Frame {
                    at: None,
                    words: update_words(sender.as_deref().unwrap_or("A peer"), told, 0, lost),
                    heartbeat: told == 0 && lost == 0,
                };
                Some((line(text.to_owned(), None), frame))
            }
            _ => None,
        }
    }
}

/// The routes after some lines: from the last snapshot on, or all updates laid over each other.
fn laid(lines: &[Line], opened: u64) -> Book {
    let mut quiet = Report::default();
    if let Some(at) = lines.iter().rposition(|line| line.kind == Kind::Snapshot) {
        let book = |line: &Line| {
            snapshot::read(
                line.text.as_bytes(),
                &mut Report::default(),
                &mut |_, _, _| {},
            )
            .ok()
        };
        let before = lines[..at]
            .iter()
            .rev()
            .find(|line| line.kind == Kind::Snapshot);
        if let Some(mut last) = book(&lines[at]) {
            if let Some(before) = before.and_then(book)
                && let Some(now) = lines[at].at
            {
                last.note_changes(&before, c2c::timestamp::Timestamp::from_millis(now));
            }
            return last;
        }
    }
    let mut builder = Builder::default();
    for line in lines {
        let Ok((document, dialect, _)) = unwrapped(line.text.as_bytes(), line.kind) else {
            continue;
        };
        if let Ok((_, update)) = checked(document, dialect) {
            let lost: Vec<&str> = update
                .unreachable_through_me
                .iter()
                .map(|ledger| ledger.as_str())
                .collect();
            let sender = update
                .routes()
                .next()
                .map(|route| route.text().source_account.decode().into_owned());
            builder.withdraw(sender.as_deref(), &lost);
            take(
                &mut builder,
                &update,
                0,
                opened,
                &mut quiet,
                &mut |_, _, _| {},
            );
        }
    }
    builder.finish(None, &mut |_| {})
}

/// The routes of a connector's tables.
pub fn of_tables(tables: &Tables) -> Book {
    let mut builder = Builder::default();
    for source in tables.sources() {
        for prefix in tables.prefixes_from(source.as_str()) {
            if let Some(route) = route(tables, source, prefix.as_str()) {
                builder.route(&route);
            }
        }
    }
    builder.finish(None, &mut |_| {})
}

/// The same as JSON that can be opened.
pub fn routes_of(tables: &Tables) -> String {
    let sources = tables.sources();
    let routes = sources.flat_map(|source| {
        let prefixes = tables.prefixes_from(source.as_str());
        prefixes.filter_map(|prefix| route(tables, source, prefix.as_str()))
    });
    // Views have no member that JSON cannot write.
    serde_json::to_string(&c2c::snapshot::RoutesView {
        routes: routes.collect(),
    })
    .unwrap_or_default()
}

fn route(tables: &Tables, source: &c2c::address::LedgerPrefix, prefix: &str) -> Option<RouteView> {
    let candidates = tables.candidates(View::Local, source.as_str(), prefix);
    let combined = tables.combined(View::Local, source.as_str(), prefix)?;
    let points = |curve: &c2c::curve::Curve| -> Points {
        curve
            .points()
            .iter()
            .map(|point| (point.x.into(), point.y.into()))
            .collect()
    };
    Some(RouteView {
        source_ledger: source.clone(),
        destination_ledger: combined.destination_ledger.address()?.clone(),
        target_prefix: prefix.to_owned(),
        candidates: candidates
            .iter()
            .enumerate()
            .map(|(index, candidate)| CandidateView {
                next_hop: candidate.next_hop.clone(),
                next_ledger: candidate.next_ledger.clone(),
                paths: candidate.paths.iter().map(<[_]>::to_vec).collect(),
                hops: u32::try_from(candidate.hops).unwrap_or(u32::MAX),
                points: candidate.curve.as_ref().map(points),
                min_message_window: Seconds(candidate.min_message_window),
                expires_at: candidate.expires_at,
                wins: combined
                    .sections
                    .iter()
                    .any(|section| section.candidate == index),
                too_good: None,
            })
            .collect(),
        merged: combined.curve.as_ref().map(|curve| MergedView {
            points: points(curve),
            segments: combined
                .sections
                .iter()
                .map(|section| SegmentView {
                    from: section.from.into(),
                    to: section.to.into(),
                    next_hop: section.next_hop.clone(),
                })
                .collect(),
        }),
        sentence: String::new(),
    })
}

fn words(did: &Did) -> String {
    match did {
        Did::Ledger(ledger) => format!("The ledger {ledger} was added."),
        Did::Pairs(count) => format!("{count} pairs of ledgers were set."),
        Did::Configured(prefix) => format!("A route to {prefix} was configured."),
        Did::Update {
            sender,
            told,
            refused,
            lost,
            ..
        } => update_words(sender.as_str(), *told, *refused, *lost),
        Did::Expired(count) => format!("{count} routes ran out."),
        Did::Asked(peer) => format!("{peer} was asked for all its routes."),
        Did::PeerGone(peer) => format!("The peer {peer} went."),
        Did::LedgerGone(ledger) => format!("The ledger {ledger} went."),
    }
}

fn update_words(sender: &str, told: usize, refused: usize, lost: usize) -> String {
    let mut parts = Vec::new();
    if told > 0 {
        parts.push(format!(
            "told {told} {}",
            if told == 1 { "route" } else { "routes" }
        ));
    }
    if refused > 0 {
        parts.push(format!("{refused} of them refused"));
    }
    if lost > 0 {
        parts.push(format!("took {lost} back"));
    }
    if parts.is_empty() {
        parts.push("said that all still holds".to_owned());
    }
    format!("{sender} {}.", parts.join(", "))
}

fn event_words(event: &Value) -> String {
    let name = event
        .get("event")
        .and_then(Value::as_str)
        .unwrap_or("event")
        .replace('_', " ");
    let about = ["peer", "reason", "destination", "state"]
        .iter()
        .filter_map(|member| event.get(*member)?.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    if about.is_empty() {
        format!("{name}.")
    } else {
        format!("{name}: {about}")
    }
}
