//! Where the routes on the screen come from: a live connector, a file, the example. Pure state; the
//! fetching is in `client`.

use std::rc::Rc;

use c2c::snapshot::SnapshotView;
use yew::Reducible;

use crate::client::Fault;

/// The example: a snapshot of a connector in a demo network, made by our own engine.
const EXAMPLE: &str = include_str!("../data/demo.json");

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
    /// What they showed last.
    pub snapshot: Option<Rc<SnapshotView>>,
    /// When that came.
    pub heard: f64,
    /// What went wrong since.
    pub fault: Option<Fault>,
    /// What is wrong with a file that was offered.
    pub refused: Option<Rc<str>>,
}

/// What happens to a feed.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedAction {
    /// The connector behind the page answered.
    Heard(Rc<SnapshotView>, f64),
    /// It did not.
    Missed(Fault),
    /// Somebody opened or pasted a snapshot.
    Open {
        /// What to call it.
        name: Rc<str>,
        /// Its text.
        text: Rc<str>,
        /// When.
        now: f64,
    },
    /// Somebody asked for the example.
    Example {
        /// When.
        now: f64,
    },
    /// Back to the connector behind the page.
    Close,
}

impl Feed {
    /// The feed after `action`. What was shown stays until something better comes.
    pub fn after(&self, action: FeedAction) -> Feed {
        let opened = matches!(self.origin, Origin::File { .. });
        match action {
            FeedAction::Heard(..) | FeedAction::Missed(_) if opened => self.clone(),
            FeedAction::Heard(snapshot, now) => Feed {
                origin: Origin::Live,
                snapshot: Some(snapshot),
                heard: now,
                fault: None,
                refused: None,
            },
            FeedAction::Missed(Fault::NoConnector) if self.snapshot.is_none() => Feed {
                origin: Origin::Nobody,
                refused: self.refused.clone(),
                ..Feed::default()
            },
            FeedAction::Missed(fault) => Feed {
                fault: Some(fault),
                ..self.clone()
            },
            FeedAction::Open { name, text, now } => match read(&text) {
                Ok(snapshot) => Feed {
                    origin: Origin::File { name },
                    snapshot: Some(Rc::new(snapshot)),
                    heard: now,
                    fault: None,
                    refused: None,
                },
                Err(reason) => Feed {
                    refused: Some(reason.into()),
                    ..self.clone()
                },
            },
            FeedAction::Example { now } => self.after(FeedAction::Open {
                name: "Demo network".into(),
                text: EXAMPLE.into(),
                now,
            }),
            FeedAction::Close => Feed::default(),
        }
    }

    /// Whether a connector is behind the page, or may be.
    pub fn asks(&self) -> bool {
        matches!(self.origin, Origin::Seeking | Origin::Live)
    }

    /// How long nothing was heard from a live connector, in milliseconds, once that is too long.
    pub fn stale(&self, now: f64) -> Option<f64> {
        let age = now - self.heard;
        (self.origin == Origin::Live && age > STALE_AFTER).then_some(age)
    }

    /// The connector's time at the browser's time `now`, in milliseconds: a snapshot from a file
    /// stands still.
    pub fn connector_time(&self, now: f64) -> f64 {
        let Some(snapshot) = &self.snapshot else {
            return now;
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

fn read(text: &str) -> Result<SnapshotView, String> {
    let snapshot: SnapshotView = serde_json::from_str(text).map_err(|fault| {
        format!(
            "This is not a snapshot of a connector: {fault}. Save one with GET /api/v1/snapshot."
        )
    })?;
    if snapshot.version > SnapshotView::VERSION {
        return Err(format!(
            "This snapshot has version {}, this page reads up to {}. Open it with a newer page.",
            snapshot.version,
            SnapshotView::VERSION
        ));
    }
    Ok(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Feed {
        Feed::default().after(FeedAction::Example { now: 5.0 })
    }

    #[test]
    fn the_example_is_a_snapshot_with_a_contest() {
        let feed = example();
        assert_eq!(feed.refused, None);
        let snapshot = feed.snapshot.unwrap();
        assert!(snapshot.peers.len() >= 2);
        let contested = snapshot.routes.iter().any(|route| {
            route
                .merged
                .as_ref()
                .is_some_and(|merged| merged.segments.len() >= 2)
        });
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
        let bad = after.after(FeedAction::Open {
            name: "x".into(),
            text: "{]".into(),
            now: 2.0,
        });
        assert!(bad.refused.as_ref().unwrap().contains("line 1 column 2"));
        assert_eq!(bad.snapshot, Some(snapshot));
    }

    #[test]
    fn an_opened_file_is_not_replaced_by_the_live_view() {
        let opened = example();
        let other = opened.snapshot.clone().unwrap();
        assert_eq!(opened.after(FeedAction::Heard(other, 9.0)), opened);
    }
}
