//! What if: the same run twice, once as it is and once with one thing changed, each until all is at rest. Who
//! then sends by whom, and how much goes through one connector.

use super::hops::{Hops, Turn};
use super::{Bench, Deed, Goal, Script, Timed, time};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The run, as a file.
    pub file: String,
    /// When something would be changed.
    pub at: u64,
    /// What.
    pub deed: Deed,
    /// Through whom money goes, or does not.
    pub about: String,
}

/// What would come of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The connectors.
    pub names: Vec<String>,
    /// Between how many pairs of others money goes through the one that is asked about, as it is.
    pub through: usize,
    /// And then.
    pub through_then: usize,
    /// Between how many pairs money arrives at all, as it is.
    pub of: usize,
    /// Next hops that would be others: to the one that is asked about, from it, or its own.
    pub turns: Vec<Turn>,
    /// How many others would be others too.
    pub elsewhere: usize,
}

/// Plays both runs; `tell` hears the time of the run that is played. Why nothing can be said, in words.
pub fn suppose(question: &Question, tell: &mut dyn FnMut(u64)) -> Result<Outcome, String> {
    let (script, _) = Script::from_file(&question.file)?;
    let before = rested(&script, question.at, tell)?;
    let changed = script.with(Timed {
        at_ms: question.at,
        deed: question.deed.clone(),
    });
    let then = rested(&changed, question.at, tell)?;
    Ok(Outcome::of(&question.about, &before, &then))
}

/// The run of `script` until `at` and on until it is at rest.
fn rested(script: &Script, at: u64, tell: &mut dyn FnMut(u64)) -> Result<Bench, String> {
    let mut script = script.clone();
    // What comes later is not known yet.
    script.deeds.retain(|timed| timed.at_ms <= at);
    let mut bench = Bench::new(&script)?;
    for goal in [Goal::Until(at), Goal::Rest] {
        // The clock is looked at once in so many steps.
        let mut steps = 0_u32;
        while !bench.play(goal, &mut || {
            steps += 1;
            !steps.is_multiple_of(256)
        }) {
            tell(bench.now());
            if bench.is_restless() {
                return Err(format!(
                    "At {} the network is still not at rest, so nothing can be said of it.",
                    time(bench.now())
                ));
            }
        }
    }
    match bench.last_refusal() {
        Some(words) => Err(words.to_owned()),
        None => Ok(bench),
    }
}

impl Outcome {
    fn of(about: &str, before: &Bench, then: &Bench) -> Outcome {
        let names: Vec<String> = (0..then.count())
            .map(|node| then.name(node).to_owned())
            .collect();
        let rows = |bench: &Bench| Hops((0..bench.count()).map(|node| bench.row(node)).collect());
        let (hops, hops_then) = (rows(before), rows(then));
        let mut outcome = Outcome {
            of: hops.arriving(),
            names,
            ..Outcome::default()
        };
        let Some(me) = outcome.names.iter().position(|name| name == about) else {
            return outcome;
        };
        let is_me = |next: i32| usize::try_from(next).is_ok_and(|next| next == me);
        let (mine, others): (Vec<Turn>, Vec<Turn>) = hops_then
            .turns_since(&hops)
            .into_iter()
            .partition(|turn| turn.node == me || is_me(turn.before) || is_me(turn.now));
        outcome.through = hops.through(me);
        outcome.through_then = hops_then.through(me);
        outcome.turns = mine;
        outcome.elsewhere = others.len();
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Net, Preset};

    fn ring() -> Script {
        Script::of(Net::Preset {
            preset: Preset::Ring,
            count: 6,
            seed: 1,
        })
    }

    fn asked(deed: Deed) -> Outcome {
        let question = Question {
            file: ring().to_file(0),
            at: 100_000,
            deed,
            about: "n1".to_owned(),
        };
        suppose(&question, &mut |_| {}).unwrap()
    }

    #[test]
    fn who_asks_too_much_loses_what_goes_through() {
        let dear = asked(Deed::Spread("n1".to_owned(), 2_000));
        let cheap = asked(Deed::Spread("n1".to_owned(), 0));
        assert_eq!((dear.of, dear.through), (30, cheap.through));
        // Its two neighbours reach each other by it whatever it asks, for the other way round is longer.
        assert!(cheap.through_then > dear.through_then && dear.through_then >= 2);
        assert!(!dear.turns.is_empty() || !cheap.turns.is_empty());
        let named = |turn: &Turn| turn.node == 1 || [turn.before, turn.now].contains(&1);
        assert!(dear.turns.iter().all(named));
    }

    #[test]
    fn without_a_link_nothing_goes_over_it() {
        let cut = asked(Deed::Break("n1".to_owned(), "n2".to_owned()));
        assert_eq!(cut.through_then, 0, "n1 is an end then");
        assert!(
            cut.turns
                .iter()
                .any(|turn| turn.node == 1 && turn.before == 2)
        );
        let wrong = Question {
            file: ring().to_file(0),
            at: 0,
            deed: Deed::Break("n1".to_owned(), "n4".to_owned()),
            about: "n1".to_owned(),
        };
        assert_eq!(
            suppose(&wrong, &mut |_| {}),
            Err("n1 and n4 do not peer.".to_owned())
        );
    }
}
