//! The moments of a recording, and walking through them. Pure; `view` draws it.

mod view;

use std::rc::Rc;

use yew::Reducible;

pub use view::Timeline;

use crate::open::{Frame, Report};

/// How many times faster than it happened a recording can be played.
pub const SPEEDS: [u32; 4] = [1, 10, 60, 600];

/// The shortest and the longest time that a moment stays, in milliseconds.
const STAY: (u64, u64) = (120, 3_000);

/// Where the reader of a recording is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The recording whose moments these are.
    pub report: Rc<Report>,
    /// Which of them is shown.
    pub at: usize,
    /// Whether it goes on by itself.
    pub playing: bool,
    /// Which of [`SPEEDS`].
    pub speed: usize,
    /// Whether moments at which nothing changed are passed over.
    pub quiet: bool,
}

/// What the reader does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another recording was opened.
    Open(Rc<Report>),
    /// To the next moment that is shown, or the one before.
    Step(bool),
    /// To this moment.
    To(usize),
    /// Plays or pauses.
    Play(bool),
    /// Another speed.
    Speed(usize),
    /// Hides moments at which nothing changed, or shows them.
    Quiet(bool),
}

impl State {
    /// The moments.
    pub fn frames(&self) -> &[Frame] {
        &self.report.frames
    }

    /// The state after `action`.
    pub fn after(&self, action: Action) -> State {
        let last = self.frames().len().saturating_sub(1);
        let mut state = self.clone();
        match action {
            Action::Open(report) => {
                state = State {
                    at: report.frames.len().saturating_sub(1),
                    report,
                    speed: 1,
                    quiet: true,
                    ..State::default()
                }
            }
            Action::Step(forward) => match self.beside(forward) {
                Some(at) => state.at = at,
                None => state.playing = false,
            },
            Action::To(at) => state.at = at.min(last),
            Action::Play(playing) => {
                state.playing = playing;
                // At the end it begins anew.
                if playing && self.beside(true).is_none() {
                    state.at = 0;
                }
            }
            Action::Speed(speed) => state.speed = speed.min(SPEEDS.len() - 1),
            Action::Quiet(quiet) => state.quiet = quiet,
        }
        state
    }

    /// The next moment that is shown, or the one before.
    pub fn beside(&self, forward: bool) -> Option<usize> {
        let shown = |at: &usize| !(self.quiet && self.frames()[*at].heartbeat);
        if forward {
            (self.at + 1..self.frames().len()).find(shown)
        } else {
            (0..self.at.min(self.frames().len())).rev().find(shown)
        }
    }

    /// How long the moment shown stays while it is played, in milliseconds.
    pub fn stay(&self) -> u32 {
        let time = |at: usize| self.frames().get(at).and_then(|frame| frame.at);
        let next = self.beside(true).and_then(time);
        let gap = time(self.at)
            .zip(next)
            .map_or(1_000, |(now, next)| next.saturating_sub(now));
        let stay = (gap / u64::from(SPEEDS[self.speed])).clamp(STAY.0, STAY.1);
        // It is clamped far below 32 bits.
        u32::try_from(stay).unwrap_or(u32::MAX)
    }
}

impl Reducible for State {
    type Action = Action;
    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> State {
        let frame = |at: u64, heartbeat: bool| Frame {
            at: Some(at),
            words: String::new(),
            heartbeat,
        };
        let frames = vec![
            frame(1_000, false),
            frame(2_000, true),
            frame(31_000, false),
            frame(32_000, true),
        ];
        let report = Report {
            frames,
            ..Report::default()
        };
        State::default().after(Action::Open(Rc::new(report)))
    }

    #[test]
    fn heartbeats_are_passed_over_until_they_are_asked_for() {
        let state = opened();
        assert_eq!(state.at, 3, "the last moment is what is shown first");
        let back = state.after(Action::Step(false));
        assert_eq!(back.at, 2);
        assert_eq!(back.after(Action::Step(false)).at, 0);
        assert_eq!(
            back.after(Action::Quiet(false))
                .after(Action::Step(false))
                .at,
            1
        );
        assert_eq!(back.after(Action::To(99)).at, 3);
    }

    #[test]
    fn playing_begins_anew_at_the_end_and_stops_there() {
        let playing = opened().after(Action::Play(true));
        assert_eq!((playing.at, playing.playing), (0, true));
        assert_eq!(playing.stay(), 3_000);
        assert_eq!(playing.after(Action::Speed(3)).stay(), 120);
        let end = playing.after(Action::Step(true)).after(Action::Step(true));
        assert_eq!((end.at, end.playing), (2, false));
        let nothing = State::default()
            .after(Action::Play(true))
            .after(Action::Step(true));
        assert!(!nothing.playing);
    }
}
