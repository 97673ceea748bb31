//! Repeats: of each kind of line, about each peer, some are written in a minute, and the others counted.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};
use tracing_subscriber::layer::{Context, Filter};

/// How many lines of one kind, about one peer, are written in a minute.
const MOST: u64 = 20;

/// How many kinds are told apart. Where there are more, the others count as one.
const MOST_KINDS: usize = 10_000;

/// What lines are about, beside their kind.
const ABOUT: [&str; 2] = ["peer", "about"];

/// What was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// What the line says, and about whom.
    pub about: String,
    /// How many were left out.
    pub left_out: u64,
}

/// Counts lines.
#[derive(Clone, Default)]
pub struct Collapse(Arc<Mutex<HashMap<u64, Seen>>>);

struct Seen {
    about: String,
    lines: u64,
}

impl Collapse {
    /// Nothing was written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was left out, and counts anew.
    pub fn take(&self) -> Vec<Repeat> {
        let seen = std::mem::take(&mut *self.seen());
        let left_out = seen.into_values().filter(|seen| seen.lines > MOST);
        let mut repeats: Vec<Repeat> = left_out
            .map(|seen| Repeat {
                about: seen.about,
                left_out: seen.lines - MOST,
            })
            .collect();
        repeats.sort_by(|a, b| a.about.cmp(&b.about));
        repeats
    }

    /// Whether this line is written.
    fn has_room(&self, event: &Event<'_>) -> bool {
        let mut words = Words::default();
        event.record(&mut words);
        let mut hasher = DefaultHasher::new();
        event.metadata().callsite().hash(&mut hasher);
        words.about.hash(&mut hasher);
        let mut seen = self.seen();
        let kind = match seen.len() < MOST_KINDS {
            true => hasher.finish(),
            false => 0,
        };
        let seen = seen.entry(kind).or_insert_with(|| Seen {
            about: words.text(),
            lines: 0,
        });
        seen.lines += 1;
        seen.lines <= MOST
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<u64, Seen>> {
        // Nothing in here panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Filter<S> for Collapse {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        // Whoever turned on more than that wants to see it all.
        *event.metadata().level() > Level::INFO || self.has_room(event)
    }
}

/// What a line says.
#[derive(Default)]
struct Words {
    message: String,
    about: String,
}

impl Words {
    fn text(self) -> String {
        match self.about.is_empty() {
            true => self.message,
            false => format!("{} ({})", self.message, self.about),
        }
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else if ABOUT.contains(&field.name()) {
            self.about = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

    /// Counts the lines that come through.
    #[derive(Clone, Default)]
    struct Counted(Arc<Mutex<u64>>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Counted {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            *self.0.lock().unwrap() += 1;
        }
    }

    #[test]
    fn repeats_are_counted_by_what_they_say_and_about_whom() {
        let (repeats, counted) = (Collapse::new(), Counted::default());
        let layer = counted.clone().with_filter(repeats.clone());
        let log = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(log, || {
            for number in 0..1_000 {
                tracing::warn!(peer = %"peer.a.usd.9.", number, "refused");
                tracing::warn!(peer = %"peer.b.usd.9.", number, "refused");
                tracing::debug!(number, "seen");
            }
            tracing::warn!(peer = %"peer.c.usd.9.", "refused");
        });
        assert_eq!(*counted.0.lock().unwrap(), 2 * MOST + 1_000 + 1);
        let of = |about: &str| Repeat {
            about: about.to_owned(),
            left_out: 980,
        };
        let expected = [of("refused (peer.a.usd.9.)"), of("refused (peer.b.usd.9.)")];
        assert_eq!(repeats.take(), expected);
        assert_eq!(repeats.take(), []);
    }
}
