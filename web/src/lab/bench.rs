//! The network on the bench: it is played, things are done to it, and it is looked at. Runs in the worker and
//! in tests alike, without a clock of its own.

use std::collections::VecDeque;

use c2c::table::{NoHop, Version, View};
use c2c::timestamp::{Millis, Timestamp};
use c2c_sim::{News, Routing, START, Step, Word};

use super::hops::{FULL, HERE, Hops, NOWHERE};
use super::{Script, Timed, deed, layout};
use crate::open::routes_of;

/// What a payment carries by which next hops are chosen: one of the currency at the usual scale.
const AMOUNT: u64 = 1_000_000_000;
/// How many lines of the log are handed over at once, the newest.
const MOST_LINES: usize = 200;
/// How long a network of so many connectors may take to come to rest, in milliseconds.
const fn longest(connectors: usize) -> u64 {
    32_000 * (connectors as u64 + 8) + 600_000
}

/// How far to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Until this time, in milliseconds from the beginning.
    Until(u64),
    /// Until a table changes, or all is at rest.
    Change,
    /// Until all is at rest.
    Rest,
}

/// How the network stands. Times are milliseconds from the beginning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Now.
    pub now: u64,
    /// When a table last changed.
    pub changed: u64,
    /// When it will be at rest, unless something changes before: at rest from then on.
    pub rests_at: u64,
    /// Whether the goal was reached.
    pub reached: bool,
    /// The connectors, removed ones too, so that places stay.
    pub nodes: Vec<NodeSeen>,
    /// Who peers with whom.
    pub links: Vec<LinkSeen>,
    /// Where the connectors are drawn, if that changed: across and down, in thousandths.
    pub places: Option<Vec<(u32, u32)>>,
    /// The rows of next hops that changed, by connector.
    pub rows: Vec<(usize, Vec<i32>)>,
    /// Routes told since the beginning.
    pub told: u64,
    /// Destinations withdrawn since the beginning.
    pub withdrawn: u64,
    /// What was to be read about it, the oldest first.
    pub log: Vec<Line>,
    /// Deeds that were done since it was last looked at.
    pub did: Vec<Timed>,
    /// How it stood just before the last of them.
    pub before: Option<Before>,
    /// Whether it had more than enough time to come to rest, and did not.
    pub restless: bool,
    /// Why something could not be done.
    pub refused: Option<String>,
}

/// How a network stood before something was done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Who sent what where.
    pub hops: Hops,
    /// Routes told until then.
    pub told: u64,
    /// Destinations withdrawn until then.
    pub withdrawn: u64,
}

/// A connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSeen {
    /// Its name.
    pub name: String,
    /// The currency of its first ledger.
    pub currency: String,
    /// What it keeps, in basis points.
    pub spread: u32,
    /// Whether it is gone for good.
    pub gone: bool,
    /// Whether its table changed since it was last looked at.
    pub fresh: bool,
}

/// A peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSeen {
    /// The places of both, the smaller first.
    pub ends: (usize, usize),
    /// The currency between them.
    pub currency: String,
    /// Whether it is broken.
    pub broken: bool,
    /// Whether both sides have checked it and hear each other.
    pub up: bool,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: u64,
    /// What happened.
    pub words: String,
    /// Whether it was done from outside.
    pub deed: bool,
}

/// A network that is played.
#[derive(Debug)]
pub struct Bench {
    network: Routing,
    /// What is still to be done at its time.
    due: VecDeque<Timed>,
    versions: Vec<Version>,
    /// Which of them were looked at last.
    looked: Vec<Version>,
    changed: Timestamp,
    /// When something was last done to it.
    disturbed: Timestamp,
    quiet: Millis,
    shape: Option<(usize, usize)>,
    log: Vec<Line>,
    did: Vec<Timed>,
    before: Option<Before>,
    /// Why the last deed at its time could not be done.
    refusal: Option<String>,
}

impl Bench {
    /// The network of `script` at its beginning; what is wrong with it, in words.
    pub fn new(script: &Script) -> Result<Bench, String> {
        let scenario = script.net.scenario();
        let network = Routing::from_scenario(&scenario).map_err(|error| error.to_string())?;
        let mut bench = Bench {
            quiet: network.quiet_time(),
            network,
            due: script.deeds.iter().cloned().collect(),
            versions: Vec::new(),
            looked: Vec::new(),
            changed: START,
            disturbed: START,
            shape: None,
            log: Vec::new(),
            did: Vec::new(),
            before: None,
            refusal: None,
        };
        bench.note_all();
        Ok(bench)
    }

    /// Plays on, as long as there is `more` time. Whether the goal was reached.
    pub fn play(&mut self, goal: Goal, more: &mut dyn FnMut() -> bool) -> bool {
        loop {
            let end = match goal {
                Goal::Until(ms) => START + Millis(ms),
                Goal::Change | Goal::Rest => self.rests_at(),
            };
            let due = self.due.front().map(|timed| START + Millis(timed.at_ms));
            let stop = due.map_or(end, |due| due.min(end));
            let Some(step) = self.network.step(stop) else {
                if due == Some(stop) {
                    self.network.rest_until(stop);
                    if let Some(timed) = self.due.pop_front()
                        && let Err(words) = self.act(&timed)
                    {
                        self.say(format!("Not done: {words}"), true);
                        self.refusal = Some(words);
                    }
                    continue;
                }
                self.network.rest_until(end);
                return true;
            };
            let is_change = self.note(step) && goal == Goal::Change;
            if is_change || !more() {
                // What is done from outside comes after all of an instant, also when it is played again.
                while let Some(step) = self.network.step(step.at) {
                    self.note(step);
                }
                return is_change;
            }
        }
    }

    /// Does something to it now. Why it could not be done, in words.
    pub fn act(&mut self, timed: &Timed) -> Result<(), String> {
        let before = Before {
            hops: Hops((0..self.count()).map(|node| self.row(node)).collect()),
            told: self.network.told(),
            withdrawn: self.network.withdrawn(),
        };
        deed::apply(&mut self.network, &timed.deed)?;
        self.before = Some(before);
        self.disturbed = self.network.now();
        self.quiet = self.network.quiet_time();
        self.say(timed.deed.words(), true);
        self.did.push(timed.clone());
        self.note_all();
        Ok(())
    }

    /// Now, in milliseconds from the beginning.
    pub fn now(&self) -> u64 {
        since(self.network.now())
    }

    /// Whether nothing has changed for so long that nothing will.
    pub fn is_at_rest(&self) -> bool {
        self.network.now() >= self.rests_at()
    }

    /// Whether it has had more than enough time to come to rest.
    pub fn is_restless(&self) -> bool {
        let patience = longest(self.count());
        self.network.now() > self.disturbed + Millis(patience)
    }

    fn rests_at(&self) -> Timestamp {
        self.changed.max(self.disturbed) + self.quiet
    }

    /// How it stands now, and what changed since this was last asked.
    pub fn look(&mut self, reached: bool) -> Seen {
        self.read_news();
        let nodes: Vec<NodeSeen> = (0..self.count()).map(|node| self.node(node)).collect();
        let fresh = (0..nodes.len()).filter(|node| nodes[*node].fresh);
        let rows: Vec<usize> = if self.looked.len() == nodes.len() {
            fresh.collect()
        } else {
            // There is one more destination than before.
            (0..nodes.len()).collect()
        };
        let rows = rows
            .into_iter()
            .map(|node| (node, self.row(node)))
            .collect();
        self.looked.clone_from(&self.versions);
        let links = self.links();
        let shape = (nodes.len(), links.len());
        let places = (self.shape != Some(shape)).then(|| {
            let ends: Vec<(usize, usize)> = links.iter().map(|link| link.ends).collect();
            layout::places(nodes.len(), &ends)
        });
        self.shape = Some(shape);
        let old = self.log.len().saturating_sub(MOST_LINES);
        Seen {
            now: self.now(),
            changed: since(self.changed.max(self.disturbed)),
            rests_at: since(self.rests_at()),
            reached,
            nodes,
            links,
            places,
            rows,
            told: self.network.told(),
            withdrawn: self.network.withdrawn(),
            log: std::mem::take(&mut self.log).split_off(old),
            did: std::mem::take(&mut self.did),
            before: self.before.take(),
            restless: self.is_restless() && !self.is_at_rest(),
            refused: None,
        }
    }

    /// The tables of a connector as JSON that the other rooms open; none where it is not there.
    pub fn routes(&self, name: &str) -> Option<String> {
        let node = self.network.find(name)?;
        (!self.network.is_removed(node)).then(|| routes_of(self.network.tables(node)))
    }

    /// The next hops of `node` to everybody.
    pub fn row(&self, node: usize) -> Vec<i32> {
        let count = self.count();
        if self.network.is_removed(node) {
            return vec![NOWHERE; count];
        }
        let own = |node: usize| format!("example.{}.", self.network.name(node));
        let (source, tables) = (own(node), self.network.tables(node));
        let hop = |to: usize| {
            if node == to {
                return HERE;
            }
            match tables.best_hop_for_source_amount(View::Local, &source, &own(to), AMOUNT) {
                Ok(hop) => {
                    let next = self.network.across(node, hop.next_ledger);
                    next.and_then(|next| i32::try_from(next).ok())
                        .unwrap_or(NOWHERE)
                }
                Err(NoHop::CannotCarry { .. }) => FULL,
                Err(_) => NOWHERE,
            }
        };
        (0..count).map(hop).collect()
    }

    /// Why the last deed that was to be done at its time could not be, if one could not.
    pub fn last_refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// The name of the connector at that place.
    pub fn name(&self, node: usize) -> &str {
        self.network.name(node)
    }

    /// How many connectors there are, removed ones too.
    pub fn count(&self) -> usize {
        self.network.count()
    }

    fn node(&self, place: usize) -> NodeSeen {
        let spread = self.network.spread(place);
        let points = u128::from(spread.numerator()) * 10_000 / u128::from(spread.denominator());
        let currency = self.network.spec(place).currencies.first();
        NodeSeen {
            name: self.name(place).to_owned(),
            currency: currency.cloned().unwrap_or_default(),
            spread: u32::try_from(points).unwrap_or(u32::MAX),
            gone: self.network.is_removed(place),
            fresh: self.looked.get(place) != self.versions.get(place),
        }
    }

    fn links(&self) -> Vec<LinkSeen> {
        let peerings = self.network.peerings();
        peerings
            .map(|peering| LinkSeen {
                ends: peering.ends,
                currency: peering.currency.to_owned(),
                broken: peering.is_cut,
                up: peering.is_up && !peering.is_cut,
            })
            .collect()
    }

    /// Notes whether `step` changed a table.
    fn note(&mut self, step: Step) -> bool {
        let Some(node) = step.node else { return false };
        let version = self.network.version(node);
        if std::mem::replace(&mut self.versions[node], version) == version {
            return false;
        }
        self.changed = step.at;
        true
    }

    /// Notes how all tables stand, after something was done.
    fn note_all(&mut self) {
        let versions: Vec<Version> = (0..self.count())
            .map(|node| self.network.version(node))
            .collect();
        if versions != self.versions {
            self.changed = self.network.now();
            self.versions = versions;
        }
    }

    /// Puts what is new into the log.
    fn read_news(&mut self) {
        for News { at, node, what } in self.network.take_news() {
            let (who, name) = (self.name(node), |place| self.name(place));
            let words = match what {
                Word::Told {
                    to,
                    routes,
                    withdrawn,
                } => {
                    let told = format!("{who} told {} {}", name(to), many(routes, "route"));
                    if withdrawn > 0 {
                        format!("{told}, {withdrawn} withdrawn")
                    } else {
                        told
                    }
                }
                Word::Changed { found, lost } => {
                    let lost = many(lost, "destination");
                    format!("{who} took {} and lost {lost}", many(found, "route"))
                }
                Word::Silent { to } => format!("{who} does not reach {}", name(to)),
                Word::Reached { to } => format!("{who} reaches {}", name(to)),
            };
            self.log.push(Line {
                at: since(at),
                words,
                deed: false,
            });
        }
    }

    fn say(&mut self, words: String, deed: bool) {
        // What happened before is read before.
        self.read_news();
        self.log.push(Line {
            at: self.now(),
            words,
            deed,
        });
    }
}

fn many(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

fn since(time: Timestamp) -> u64 {
    time.since(START).0
}
