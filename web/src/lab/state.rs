//! What the page knows of the lab, and what it asks the worker next. Pure: `run` sends what is to be sent and
//! hands in what comes back.

mod form;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;

use yew::Reducible;

use super::bench::{Before, Line, Seen};
use super::hops::Hops;
use super::{Deed, Goal, Order, Outcome, Preset, Question, Reply, Script, time};

pub use form::Form;

/// How many times faster than its own time a network can be played.
pub const SPEEDS: [u64; 4] = [1, 10, 60, 600];
/// After how many milliseconds the next piece is played.
pub const TICK: u32 = 100;
/// How far a step goes where nothing changes any more: to the next round of heartbeats.
const STEP: u64 = 30_000;
/// How many lines of the log are kept.
const MOST_LINES: usize = 300;

/// Whether and how far the network is played by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// It stands.
    #[default]
    Paused,
    /// It goes on as fast as chosen.
    Playing,
    /// It goes so far as fast as it can.
    Until(Goal),
}

/// Something to be sent to the worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Out {
    /// Its number.
    pub serial: u64,
    /// What.
    pub order: Order,
    /// After how many milliseconds.
    pub after: u32,
}

/// A supposition.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Supposing {
    /// None.
    #[default]
    Nothing,
    /// The worker plays it, and is so far.
    Asked(Rc<Question>, u64),
    /// What would come of it.
    Told(Rc<Question>, Rc<Outcome>),
    /// Why nothing can be said.
    Refused(Rc<Question>, Rc<str>),
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// What the reader fills in before a network is there.
    pub form: Form,
    /// What is played; none: nothing yet.
    pub script: Option<Rc<Script>>,
    /// How it stands.
    pub seen: Rc<Seen>,
    /// Where the connectors are drawn.
    pub places: Rc<Vec<(u32, u32)>>,
    /// Who sends what where.
    pub hops: Rc<Hops>,
    /// How it stood before something was last done to it.
    pub before: Rc<Before>,
    /// When that was, and what; none: nothing yet.
    pub last: Option<(u64, Deed)>,
    /// What was to be read, the oldest first.
    pub log: Rc<Vec<Line>>,
    /// Whether and how far it plays.
    pub pace: Pace,
    /// Which of [`SPEEDS`].
    pub speed: usize,
    /// The connector that is looked at, by place.
    pub chosen: Option<usize>,
    /// The destination whose ways are drawn, by place.
    pub to: Option<usize>,
    /// What the reader would have the chosen connector keep, in basis points; none: what it keeps.
    pub slid: Option<u32>,
    /// Whom a newcomer would peer with.
    pub mates: [Option<usize>; 2],
    /// What was last said to those who listen.
    pub said: Rc<str>,
    /// Why something could not be done.
    pub wrong: Option<Rc<str>>,
    /// What if.
    pub supposing: Supposing,
    /// What is sent next.
    pub out: Option<Out>,
    /// Whether an answer, or what is sent next, is waited for.
    waiting: bool,
    queue: VecDeque<Order>,
    serials: u64,
    sent: u64,
}

/// What the reader does, and what comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another kind of network is chosen.
    Preset(Preset),
    /// Another number of connectors is typed.
    Count(String),
    /// Another seed is typed.
    Seed(String),
    /// The network of the form is to be put on the bench.
    Load,
    /// This is to be put on the bench, and played until then.
    Open(Rc<Script>, u64),
    /// A file was brought, with this in it.
    Bring(Rc<str>),
    /// To play, or to stand.
    Play(bool),
    /// To play so far.
    Until(Goal),
    /// To the next change, or the next round.
    Step,
    /// Another speed.
    Speed(usize),
    /// To do something.
    Do(Deed),
    /// To look at a connector, or at none.
    Choose(Option<usize>),
    /// To draw the ways to a destination, or to none.
    To(Option<usize>),
    /// To have the chosen connector keep so much, perhaps.
    Slide(u32),
    /// To have a newcomer peer with these.
    Mates([Option<usize>; 2]),
    /// To open the routes of a connector.
    Show(usize),
    /// To ask what if.
    Suppose(Deed),
    /// Not to wait for that.
    Drop,
    /// What was to be sent is sent.
    Sent(u64),
    /// The worker answers what had this number.
    Heard(u64, Reply),
    /// The worker that plays the supposition answers.
    Supposed(Reply),
    /// The worker does not run.
    Failed(Rc<str>),
}

impl State {
    /// The state after `action`.
    pub fn after(&self, action: Action) -> State {
        let mut state = self.clone();
        match action {
            Action::Preset(preset) => state.form.preset = preset,
            Action::Count(text) => state.form.count = text,
            Action::Seed(text) => state.form.seed = text,
            Action::Load => match state.form.net() {
                Ok(net) => state.begin(Script::of(net), 0),
                Err(words) => state.refuse(&words),
            },
            Action::Open(script, until) => {
                state.form.show(&script.net);
                state.begin((*script).clone(), until);
            }
            Action::Bring(text) => match Script::from_file(&text) {
                Ok((script, until)) => state.begin(script, until),
                Err(words) => state.refuse(&words),
            },
            Action::Play(false) => state.stand(),
            Action::Sent(serial) => state.sent = serial,
            // What was asked before something else was put on the bench is nobody's any more.
            Action::Heard(serial, reply) => {
                if state.out.as_ref().is_some_and(|out| out.serial == serial) {
                    state.hear(reply);
                }
            }
            Action::Supposed(reply) => state.hear_supposed(reply),
            Action::Failed(words) => {
                state = State {
                    form: state.form.clone(),
                    serials: state.serials,
                    ..State::default()
                };
                state.refuse(&words);
            }
            _ if state.script.is_none() => {}
            Action::Play(true) => {
                state.hold();
                state.pace = Pace::Playing;
                state.say("Playing.");
            }
            Action::Until(goal) => {
                state.hold();
                state.pace = Pace::Until(goal);
            }
            Action::Step => {
                state.hold();
                state.pace = Pace::Until(if state.is_at_rest() {
                    Goal::Until(state.seen.now + STEP)
                } else {
                    Goal::Change
                });
            }
            Action::Speed(speed) => state.speed = speed.min(SPEEDS.len() - 1),
            Action::Do(deed) => {
                state.hold();
                state.wrong = None;
                state.queue.push_back(Order::Do(deed));
            }
            Action::Choose(chosen) => {
                state.chosen = chosen.filter(|place| *place < state.seen.nodes.len());
                state.supposing = Supposing::Nothing;
                state.slid = None;
            }
            Action::Slide(points) => state.slid = Some(points),
            Action::Mates(mates) => state.mates = mates,
            Action::To(to) => state.to = to.filter(|place| *place < state.seen.nodes.len()),
            Action::Show(place) => {
                if let Some(node) = state.seen.nodes.get(place) {
                    let order = Order::Show(node.name.clone());
                    state.stand();
                    state.queue.push_back(order);
                }
            }
            Action::Suppose(deed) => state.suppose(deed),
            Action::Drop => state.supposing = Supposing::Nothing,
        }
        state.go_on();
        state
    }

    /// Whether nothing has changed for so long that nothing will by itself.
    pub fn is_at_rest(&self) -> bool {
        self.seen.rests_at > 0 && self.seen.now >= self.seen.rests_at
    }

    /// Whether a network is being made.
    pub fn is_loading(&self) -> bool {
        self.script.is_some() && self.seen.nodes.is_empty()
    }

    /// The name of the connector at that place.
    pub fn name(&self, place: usize) -> &str {
        let node = self.seen.nodes.get(place);
        node.map_or("?", |node| &node.name)
    }

    /// A name that no connector has.
    pub fn new_name(&self) -> String {
        let free = |name: &String| self.seen.nodes.iter().all(|node| node.name != *name);
        let names = (0..).map(|number| format!("n{number}"));
        names
            .skip(self.seen.nodes.len())
            .find(free)
            .unwrap_or_default()
    }

    /// The part of the address that shows this again, where it is short enough for one.
    pub fn link(&self) -> Option<String> {
        self.script.as_ref()?.link(self.seen.now)
    }

    /// How it stands, in words.
    pub fn standing(&self) -> String {
        let seen = &self.seen;
        if self.script.is_none() {
            return "Nothing is on the bench.".to_owned();
        }
        if self.is_loading() {
            return "Making the network…".to_owned();
        }
        if self.is_at_rest() {
            return format!("At rest since {}.", time(seen.changed));
        }
        if seen.restless {
            return format!("Still not at rest at {}.", time(seen.now));
        }
        if seen.now == 0 && self.hops.known() == 0 {
            return "Not played yet: nobody knows anybody.".to_owned();
        }
        format!(
            "Settling: the last change was {} s ago.",
            (seen.now - seen.changed.min(seen.now)) / 1_000
        )
    }

    fn begin(&mut self, script: Script, until: u64) {
        self.supposing = Supposing::Nothing;
        *self = State {
            form: self.form.clone(),
            speed: self.speed,
            serials: self.serials,
            sent: self.sent,
            queue: VecDeque::from([Order::Begin(script.to_file(0))]),
            script: Some(Rc::new(script)),
            pace: if until > 0 {
                Pace::Until(Goal::Until(until))
            } else {
                Pace::Paused
            },
            ..State::default()
        };
    }

    /// Takes back what waits for its time.
    fn hold(&mut self) {
        if self
            .out
            .as_ref()
            .is_some_and(|out| out.after > 0 && out.serial > self.sent)
        {
            self.out = None;
            self.waiting = false;
        }
    }

    fn stand(&mut self) {
        self.hold();
        if self.pace != Pace::Paused {
            self.pace = Pace::Paused;
            self.say(&format!("Paused at {}.", time(self.seen.now)));
        }
    }

    fn say(&mut self, words: &str) {
        self.said = words.into();
    }

    fn refuse(&mut self, words: &str) {
        self.wrong = Some(words.into());
    }

    fn suppose(&mut self, deed: Deed) {
        let (Some(script), Some(chosen)) = (&self.script, self.chosen) else {
            return;
        };
        let question = Question {
            file: script.to_file(self.seen.now),
            at: self.seen.now,
            deed,
            about: self.name(chosen).to_owned(),
        };
        self.supposing = Supposing::Asked(Rc::new(question), 0);
    }

    /// Sends what is to be sent next.
    fn go_on(&mut self) {
        if self.waiting {
            return;
        }
        let (order, after) = match (self.queue.pop_front(), self.pace) {
            (Some(order), _) => (order, 0),
            (None, Pace::Paused) => return,
            (None, Pace::Until(goal)) => (Order::Play(goal), 0),
            (None, Pace::Playing) => {
                let far = SPEEDS[self.speed] * u64::from(TICK);
                (Order::Play(Goal::Until(self.seen.now + far)), TICK)
            }
        };
        self.serials += 1;
        self.waiting = true;
        self.out = Some(Out {
            serial: self.serials,
            order,
            after,
        });
    }

    fn hear(&mut self, reply: Reply) {
        self.waiting = false;
        match reply {
            Reply::Seen(seen) => self.see(*seen),
            Reply::Wrong(words) => {
                self.script = None;
                self.pace = Pace::Paused;
                self.refuse(&words);
            }
            // Those who asked take it from the worker's hand.
            Reply::Routes { .. } | Reply::Supposed(_) | Reply::Supposing(_) => {}
        }
    }

    fn see(&mut self, mut seen: Seen) {
        let was_at_rest = self.is_at_rest();
        let is_new = self.seen.nodes.is_empty();
        if let Some(places) = seen.places.take() {
            self.places = Rc::new(places);
        }
        let rows = std::mem::take(&mut seen.rows);
        if !rows.is_empty() {
            let hops = Rc::make_mut(&mut self.hops);
            hops.0.resize(seen.nodes.len(), Vec::new());
            for (node, row) in rows {
                if let Some(known) = hops.0.get_mut(node) {
                    *known = row;
                }
            }
        }
        let lines = std::mem::take(&mut seen.log);
        if !lines.is_empty() {
            let log = Rc::make_mut(&mut self.log);
            log.extend(lines);
            let old = log.len().saturating_sub(MOST_LINES);
            log.drain(..old);
        }
        if let Some(words) = seen.refused.take() {
            self.refuse(&words);
        }
        if let Some(before) = seen.before.take() {
            self.before = Rc::new(before);
        }
        let did = std::mem::take(&mut seen.did);
        if let Some(script) = &mut self.script {
            for timed in &did {
                if !script.deeds.contains(timed) {
                    *script = Rc::new(script.with(timed.clone()));
                }
            }
        }
        let reached = seen.reached;
        self.seen = Rc::new(seen);
        if let Some(timed) = did.last() {
            self.last = Some((timed.at_ms, timed.deed.clone()));
            self.supposing = Supposing::Nothing;
            (self.slid, self.mates) = (None, [None; 2]);
            self.say(&format!("{}.", timed.deed.words()));
        }
        if is_new {
            self.say(&format!(
                "A network of {} connectors. Play it, or do something to it.",
                self.seen.nodes.len()
            ));
        } else if self.is_at_rest() && !was_at_rest {
            self.say(&self.rest_words());
            if self.pace == Pace::Playing {
                self.pace = Pace::Paused;
            }
        }
        match self.pace {
            Pace::Until(Goal::Rest) if self.seen.restless => {
                self.pace = Pace::Paused;
                self.say(&self.standing());
            }
            Pace::Until(_) if reached && did.is_empty() && !is_new => {
                self.pace = Pace::Paused;
                if was_at_rest || !self.is_at_rest() {
                    self.say(&format!("Played to {}.", time(self.seen.now)));
                }
            }
            _ => {}
        }
    }

    fn rest_words(&self) -> String {
        let turns = self.hops.turns_since(&self.before.hops).len();
        let withdrawn = self.seen.withdrawn - self.before.withdrawn.min(self.seen.withdrawn);
        format!(
            "At rest: the last change was at {}. {turns} next hops are other ones, {withdrawn} destinations were withdrawn.",
            time(self.seen.changed)
        )
    }

    fn hear_supposed(&mut self, reply: Reply) {
        let Supposing::Asked(question, _) = self.supposing.clone() else {
            return;
        };
        self.supposing = match reply {
            Reply::Supposing(now) => Supposing::Asked(question, now),
            Reply::Supposed(Ok(outcome)) => {
                self.say(&format!(
                    "If {}, {} pairs would pay through {} instead of {}.",
                    question.deed.supposed(),
                    outcome.through_then,
                    question.about,
                    outcome.through
                ));
                Supposing::Told(question, Rc::from(outcome))
            }
            Reply::Supposed(Err(words)) | Reply::Wrong(words) => {
                self.say(&words);
                Supposing::Refused(question, words.into())
            }
            _ => Supposing::Asked(question, 0),
        };
    }
}

impl Reducible for State {
    type Action = Action;
    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}
