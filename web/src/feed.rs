//! Where the routes on the screen come from: a live connector, a file, the example. Pure state; the
//! fetching is in `client`.

use std::rc::Rc;

use c2c::snapshot::SnapshotView;

use yew::Reducible;

use crate::book::Book;
use crate::client::Fault;
use crate::open::{Progress, Report, Wrong, open};

/// The example: a snapshot of a connector in a demo network, made by our own engine.
const EXAMPLE: &str = include_str!("../data/demo.json");

/// Up to how many routes it is noted when each changed.
const NOTED: usize = 5_000;

/// After how many milliseconds without an answer a live view is called stale.
pub const STALE_AFTER: f64 = 15_000.0;

/// Who is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Origin {
    /// The page has just been opened and looks for a connector behind it.
    #[default]
    Seeking,
    /// A connector answers.
    Live,
    /// The page is on a static host: nothing to ask.
    Nobody,
    /// A snapshot that somebody opened.
    File {
        /// Its name.
        name: Rc<str>,
    },
}

/// What is shown, and how fresh it is. Times are the browser's, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// Who is shown.
    pub origin: Origin,
    /// What they showed of themselves last; its routes are in the book.
    pub snapshot: Option<Rc<SnapshotView>>,
    /// Their routes.
    pub book: Option<Rc<Book>>,
    /// What an opened text is, and what of it was not taken.
    pub report: Option<Rc<Report>>,
    /// When that came.
    pub heard: f64,
    /// What went wrong since.
    pub fault: Option<Fault>,
    /// What is being read, and how far.
    pub opening: Option<Opening>,
    /// What is wrong with a text that was offered.
    pub refused: Option<Rc<Wrong>>,
    /// Whether the reader points at something or selects it: a live view stands still meanwhile.
    pub still: bool,
    /// What was heard meanwhile, and when.
    pub waiting: Option<(Rc<SnapshotView>, f64)>,
}

/// A text that is being read.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// What to call it.
    pub name: Rc<str>,
    /// How far the reading is.
    pub progress: Option<Progress>,
}

/// What happens to a feed.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedAction {
    /// The connector behind the page answered.
    Heard(Rc<SnapshotView>, f64),
    /// It did not.
    Missed(Fault),
    /// Somebody opened a text; the worker reads it.
    Opening {
        /// What to call it.
        name: Rc<str>,
    },
    /// The worker is so far.
    Progress(Progress),
    /// The reader does not want to wait any more.
    Cancel,
    /// The worker has read it.
    Opened {
        /// Its routes.
        book: Rc<Book>,
        /// What it is.
        report: Rc<Report>,
        /// When.
        now: f64,
    },
    /// The worker could not.
    Refused(Wrong),
    /// The routes of another moment of the recording.
    Moment(Rc<Book>),
    /// Somebody asked for the example.
    Example {
        /// When.
        now: f64,
    },
    /// Back to the connector behind the page.
    Close,
    /// The reader points at something or selects it, or no longer.
    Still(bool),
}

impl Feed {
    /// The feed after `action`. What was shown stays until something better comes.
    pub fn after(&self, action: FeedAction) -> Feed {
        let opened = matches!(self.origin, Origin::File { .. });
        match action {
            FeedAction::Heard(..) | FeedAction::Missed(_) if opened => self.clone(),
            FeedAction::Heard(snapshot, now) if self.still && self.origin == Origin::Live => Feed {
                waiting: Some((snapshot, now)),
                fault: None,
                ..self.clone()
            },
            FeedAction::Heard(snapshot, now) => {
                let mut book = Book::of((*snapshot).clone());
                if let (Some(before), Origin::Live) = (&self.book, &self.origin)
                    && book.len() <= NOTED
                {
                    book.note_changes(before, snapshot.time);
                }
                Feed {
                    origin: Origin::Live,
                    heard: now,
                    fault: None,
                    ..self.with(Rc::new(book))
                }
            }
            FeedAction::Missed(Fault::NoConnector) if self.snapshot.is_none() => Feed {
                origin: Origin::Nobody,
                refused: self.refused.clone(),
                opening: self.opening.clone(),
                ..Feed::default()
            },
            FeedAction::Missed(fault) => Feed {
                fault: Some(fault),
                ..self.clone()
            },
            FeedAction::Opening { name } => Feed {
                opening: Some(Opening {
                    name,
                    progress: None,
                }),
                refused: None,
                ..self.clone()
            },
            FeedAction::Progress(progress) => Feed {
                opening: self.opening.clone().map(|opening| Opening {
                    progress: Some(progress),
                    ..opening
                }),
                ..self.clone()
            },
            FeedAction::Cancel => Feed {
                opening: None,
                ..self.clone()
            },
            FeedAction::Opened { book, report, now } => Feed {
                origin: Origin::File {
                    name: self
                        .opening
                        .as_ref()
                        .map_or_else(|| "Opened".into(), |opening| opening.name.clone()),
                },
                heard: now,
                fault: None,
                refused: None,
                opening: None,
                report: Some(report),
                waiting: None,
                ..self.with(book)
            },
            FeedAction::Refused(wrong) => Feed {
                opening: None,
                refused: Some(Rc::new(wrong)),
                ..self.clone()
            },
            FeedAction::Moment(book) => self.with(book),
            FeedAction::Example { now } => match open(EXAMPLE.as_bytes(), 0, &mut |_, _, _| {}) {
                Ok(opened) => self
                    .after(FeedAction::Opening {
                        name: "Demo network".into(),
                    })
                    .after(FeedAction::Opened {
                        book: Rc::new(opened.book),
                        report: Rc::new(opened.report),
                        now,
                    }),
                Err(wrong) => self.after(FeedAction::Refused(wrong)),
            },
            FeedAction::Close => Feed {
                still: self.still,
                ..Feed::default()
            },
            FeedAction::Still(still) => {
                let feed = Feed {
                    still,
                    waiting: None,
                    ..self.clone()
                };
                match &self.waiting {
                    Some(_) if still => self.clone(),
                    Some((snapshot, now)) => feed.after(FeedAction::Heard(snapshot.clone(), *now)),
                    None => feed,
                }
            }
        }
    }

    /// The same with other routes.
    fn with(&self, book: Rc<Book>) -> Feed {
        Feed {
            snapshot: book.head().snapshot.clone().map(Rc::new),
            book: Some(book),
            ..self.clone()
        }
    }

    /// What to call what is shown.
    pub fn name(&self) -> String {
        let who = self.snapshot.as_ref().map(|snapshot| {
            let identity = &snapshot.identity;
            let name = identity
                .title
                .clone()
                .unwrap_or_else(|| identity.url.clone());
            format!("{name} at {}", snapshot.time)
        });
        match &self.origin {
            Origin::File { name } => name.to_string(),
            _ => who.unwrap_or_default(),
        }
    }

    /// Whether a connector is behind the page, or may be.
    pub fn asks(&self) -> bool {
        matches!(self.origin, Origin::Seeking | Origin::Live)
    }

    /// How long nothing was heard from a live connector, in milliseconds, once that is too long.
    pub fn stale(&self, now: f64) -> Option<f64> {
        let heard = self.waiting.as_ref().map_or(self.heard, |(_, at)| *at);
        let age = now - heard;
        (self.origin == Origin::Live && age > STALE_AFTER).then_some(age)
    }

    /// The connector's time at the browser's time `now`, in milliseconds: a snapshot from a file
    /// stands still.
    pub fn connector_time(&self, now: f64) -> f64 {
        let Some(snapshot) = &self.snapshot else {
            // What has no time of its own was told when it was opened.
            return if self.book.is_some() { self.heard } else { now };
        };
        #[allow(clippy::cast_precision_loss)]
        let taken = snapshot.time.as_millis() as f64;
        match self.origin {
            Origin::File { .. } => taken,
            _ => taken + (now - self.heard).max(0.0),
        }
    }
}

impl Reducible for Feed {
    type Action = FeedAction;
    fn reduce(self: Rc<Self>, action: FeedAction) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use c2c::timestamp::Timestamp;

    fn example() -> Feed {
        Feed::default().after(FeedAction::Example { now: 5.0 })
    }

    #[test]
    fn the_example_is_a_snapshot_with_a_contest() {
        let feed = example();
        assert_eq!(feed.refused, None);
        let book = feed.book.unwrap();
        assert!(feed.snapshot.unwrap().peers.len() >= 2);
        let suggested = book.route(book.head().suggested.unwrap());
        let contested = suggested.merged.unwrap().segments.len() >= 2;
        assert!(contested, "no merged curve with two winners to look at");
    }

    #[test]
    fn a_static_host_is_nobody_and_stays_usable() {
        let feed = Feed::default().after(FeedAction::Missed(Fault::NoConnector));
        assert_eq!(feed.origin, Origin::Nobody);
        let opened = feed.after(FeedAction::Example { now: 1.0 });
        assert!(matches!(opened.origin, Origin::File { .. }));
        assert_eq!(opened.after(FeedAction::Close).origin, Origin::Seeking);
    }

    #[test]
    fn what_was_shown_survives_a_fault_and_a_bad_file() {
        let snapshot = example().snapshot.unwrap();
        let live = Feed::default().after(FeedAction::Heard(snapshot.clone(), 1000.0));
        let after = live.after(FeedAction::Missed(Fault::Unreachable));
        assert_eq!(after.snapshot, Some(snapshot.clone()));
        assert_eq!(after.stale(2000.0), None);
        assert_eq!(after.stale(31_000.0), Some(30_000.0));
        let reading = after.after(FeedAction::Opening { name: "x".into() });
        assert_eq!(reading.snapshot, Some(snapshot.clone()));
        let wrong = open(b"{]", 0, &mut |_, _, _| {}).unwrap_err();
        let bad = reading.after(FeedAction::Refused(wrong));
        assert!(
            bad.refused.as_ref().unwrap().message.contains("1:2"),
            "{:?}",
            bad.refused
        );
        assert_eq!((bad.snapshot, bad.opening), (Some(snapshot), None));
    }

    #[test]
    fn a_live_route_says_when_it_was_seen_to_change() {
        let mut snapshot = (*example().snapshot.unwrap()).clone();
        let book = example().book.unwrap();
        snapshot.routes = (0..3).map(|at| book.route(at)).collect();
        let first = Feed::default().after(FeedAction::Heard(Rc::new(snapshot.clone()), 0.0));
        let mut later = snapshot.clone();
        later.time = Timestamp::from_millis(snapshot.time.as_millis() + 5_000);
        later.routes[1].candidates[0].hops += 1;
        let second = first.after(FeedAction::Heard(Rc::new(later.clone()), 5_000.0));
        let changed = |at| second.book.as_ref().unwrap().changed(at);
        assert_eq!(
            (changed(0), changed(1), changed(2)),
            (None, Some(later.time), None)
        );
    }

    #[test]
    fn a_live_view_stands_still_while_one_points_at_it() {
        let snapshot = example().snapshot.unwrap();
        let mut later = (*snapshot).clone();
        later.time = Timestamp::from_millis(snapshot.time.as_millis() + 5_000);
        let live = Feed::default().after(FeedAction::Heard(snapshot.clone(), 0.0));
        let still = live
            .after(FeedAction::Still(true))
            .after(FeedAction::Heard(Rc::new(later.clone()), 20_000.0));
        assert_eq!(still.snapshot, Some(snapshot));
        assert_eq!(still.stale(21_000.0), None, "the connector answers");
        let goes_on = still.after(FeedAction::Still(false));
        assert_eq!(goes_on.snapshot.unwrap().time, later.time);
        assert_eq!((goes_on.waiting, goes_on.heard), (None, 20_000.0));
    }

    #[test]
    fn an_opened_file_is_not_replaced_by_the_live_view() {
        let opened = example();
        let other = opened.snapshot.clone().unwrap();
        assert_eq!(opened.after(FeedAction::Heard(other, 9.0)), opened);
    }
}
