//! The log: one line an event to standard error, as text or as JSON, so that standard output holds answers only.
//!
//! Lines that repeat are counted instead of written, and the last lines are kept at hand for the diagnostic bundle.

mod collapse;
mod recent;

use std::time::Duration;

use clap::ValueEnum;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use collapse::Collapse;
pub use recent::lines as recent;

/// How often it is said what was counted.
const MINUTE: Duration = Duration::from_secs(60);

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// Starts the log of this process.
pub fn start(level: LevelFilter, format: Format) {
    let repeats = Collapse::new();
    let all = level.and(repeats.clone());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(recent::Line::default)
        .with_target(false)
        .with_ansi(false);
    let lines = match format {
        Format::Text => lines.boxed(),
        Format::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(all))
        .init();
    if level < LevelFilter::INFO {
        return;
    }
    let told = std::thread::Builder::new().name("log".to_owned());
    let told = told.spawn(move || {
        loop {
            std::thread::sleep(MINUTE);
            for repeat in repeats.take() {
                let (about, left_out) = (repeat.about, repeat.left_out);
                tracing::warn!(about, left_out, "more lines like this came in that minute");
            }
        }
    });
    if let Err(error) = told {
        tracing::warn!(%error, "what is left out of the log is not counted");
    }
}
