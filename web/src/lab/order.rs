//! What the page asks of the worker about the lab, and what the worker answers, with the short texts that both
//! are sent as: ten times a second, so that they are cheap to write and to read. [`Played`] is the worker's side.

mod written;

use super::{Bench, Deed, Goal, Outcome, Question, Script, Seen, Timed, suppose};

/// How long the worker plays at once before it tells, in milliseconds of the reader's time.
const SLICE: f64 = 80.0;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// To put this network on the bench: a file.
    Begin(String),
    /// To play so far, or as far as one gets in a moment.
    Play(Goal),
    /// To do this now.
    Do(Deed),
    /// For the routes of a connector.
    Show(String),
    /// What if.
    Suppose(Question),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// How the network stands.
    Seen(Box<Seen>),
    /// This makes no network, and why.
    Wrong(String),
    /// The routes of a connector.
    Routes {
        /// Whose they are, and when it was.
        name: String,
        /// They, as JSON.
        json: String,
    },
    /// What comes of a supposition, or why nothing can be said.
    Supposed(Result<Box<Outcome>, String>),
    /// How far the run of a supposition is, in milliseconds from its beginning.
    Supposing(u64),
}

/// The network that the worker plays.
#[derive(Debug, Default)]
pub struct Played {
    bench: Option<Bench>,
}

impl Played {
    /// Does what is asked; `clock` is the reader's time in milliseconds, `tell` says how far a long answer is.
    /// None where there is nothing to answer.
    pub fn take(
        &mut self,
        order: Order,
        clock: &dyn Fn() -> f64,
        tell: &mut dyn FnMut(Reply),
    ) -> Option<Reply> {
        match order {
            Order::Begin(file) => {
                let made = Script::from_file(&file).and_then(|(script, _)| Bench::new(&script));
                Some(match made {
                    Ok(bench) => Reply::Seen(Box::new(self.bench.insert(bench).look(true))),
                    Err(words) => Reply::Wrong(words),
                })
            }
            Order::Play(goal) => {
                let bench = self.bench.as_mut()?;
                let began = clock();
                let reached = bench.play(goal, &mut || clock() - began < SLICE);
                Some(Reply::Seen(Box::new(bench.look(reached))))
            }
            Order::Do(deed) => {
                let bench = self.bench.as_mut()?;
                let timed = Timed {
                    at_ms: bench.now(),
                    deed,
                };
                let refused = bench.act(&timed).err();
                let seen = Seen {
                    refused,
                    ..bench.look(false)
                };
                Some(Reply::Seen(Box::new(seen)))
            }
            Order::Show(name) => {
                let bench = self.bench.as_ref()?;
                Some(Reply::Routes {
                    json: bench.routes(&name)?,
                    name: format!("{name} in the lab at {}", super::time(bench.now())),
                })
            }
            Order::Suppose(question) => {
                let mut told = clock();
                let outcome = suppose(&question, &mut |now| {
                    if clock() - told > SLICE {
                        told = clock();
                        tell(Reply::Supposing(now));
                    }
                });
                Some(Reply::Supposed(outcome.map(Box::new)))
            }
        }
    }
}
