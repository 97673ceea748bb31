//! The lab: networks of connectors on invented time, played beside the page by the rooms of the engine that
//! route in the server. One breaks links, moves spreads and adds connectors, and sees routes settle.
//!
//! A [`Script`] is what is played, and the whole of what a link or a file holds. The worker keeps the network,
//! a [`Bench`], and tells how it stands ([`Seen`]); [`State`] is what the page knows of it, a pure reducer that
//! decides what the worker is asked next. `view` draws it.

mod bench;
mod deed;
mod file;
mod hops;
mod layout;
mod order;
mod preset;
mod run;
mod script;
mod state;
mod view;
mod what_if;

pub use bench::{Bench, Goal, LinkSeen, Seen};
pub use order::{Order, Played, Reply};
pub use preset::Preset;
pub use run::use_lab;
pub use script::{Deed, Net, Script, Timed};
pub use state::{Action, State};
pub use view::Lab;
pub use what_if::{Outcome, Question, suppose};

/// A time of the lab: `1:02.5`, minutes, seconds and tenths.
pub fn time(ms: u64) -> String {
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    format!("{minutes}:{:02}.{}", rest / 1_000, rest % 1_000 / 100)
}
