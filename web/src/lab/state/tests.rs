//! The lab as a reader plays it: the state decides what is asked, a worker's side in the same process answers.

use super::*;
use crate::lab::hops::NOWHERE;
use crate::lab::{Played, Preset};

/// A page and its worker. The clock stands still, so that every order is played to its end.
struct Reader {
    state: State,
    worker: Played,
    opened: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        Reader {
            state: State::default(),
            worker: Played::default(),
            opened: Vec::new(),
        }
    }

    fn does(&mut self, action: Action) -> &mut Self {
        self.state = self.state.after(action);
        self
    }

    fn fills(&mut self, form: Form) -> &mut Self {
        self.does(Action::Preset(form.preset))
            .does(Action::Count(form.count))
            .does(Action::Seed(form.seed))
    }

    /// Sends what is to be sent once, and hands in the answer. Whether there was something.
    fn turn(&mut self) -> bool {
        let Some(out) = self
            .state
            .out
            .clone()
            .filter(|out| out.serial > self.state.sent)
        else {
            return false;
        };
        self.does(Action::Sent(out.serial));
        // As it is sent there and back.
        let order = Order::read(&out.order.write()).expect("an order");
        assert_eq!(order, out.order);
        let reply = self
            .worker
            .take(order, &|| 0.0, &mut |_| {})
            .expect("an answer");
        assert_eq!(Reply::read(&reply.write()).as_ref(), Some(&reply));
        if let Reply::Routes { json, .. } = &reply {
            self.opened.push(json.clone());
        }
        self.does(Action::Heard(out.serial, reply));
        true
    }

    /// Until nothing is to be sent any more.
    fn settles(&mut self) -> &mut Self {
        for _ in 0..10_000 {
            if !self.turn() {
                return self;
            }
        }
        panic!("it goes on for ever: {:?}", self.state.pace);
    }

    fn with(preset: Preset, count: &str) -> Reader {
        let mut reader = Reader::new();
        let form = Form {
            preset,
            count: count.to_owned(),
            ..Form::default()
        };
        reader.fills(form).does(Action::Load).settles();
        reader
    }

    fn rests(&mut self) -> &mut Self {
        self.does(Action::Until(Goal::Rest)).settles();
        assert!(self.state.is_at_rest(), "{}", self.state.standing());
        self
    }

    fn next(&self, node: usize, to: usize) -> i32 {
        self.state.hops.get(node, to)
    }
}

fn named(name: &str) -> String {
    name.to_owned()
}

#[test]
fn nothing_is_there_until_a_network_is_put_on_the_bench() {
    let mut reader = Reader::new();
    for action in [
        Action::Play(true),
        Action::Step,
        Action::Do(Deed::Remove(named("n1"))),
        Action::Show(0),
    ] {
        reader.does(action);
        assert_eq!(reader.state.out, None);
    }
    assert_eq!(reader.state.standing(), "Nothing is on the bench.");
    for (count, seed, wrong) in [
        ("many", "1", "\"many\" is no number"),
        ("1", "1", "from 2 to 150"),
        ("8", "-", "is no seed"),
    ] {
        let form = Form {
            count: named(count),
            seed: named(seed),
            ..Form::default()
        };
        reader.fills(form).does(Action::Load);
        assert!(
            reader.state.wrong.as_ref().unwrap().contains(wrong),
            "{:?}",
            reader.state.wrong
        );
        assert_eq!(reader.state.script, None);
    }
    let mut reader = Reader::new();
    reader.does(Action::Load);
    assert_eq!(reader.state.standing(), "Making the network…");
    reader.settles();
    assert_eq!(
        reader.state.standing(),
        "Not played yet: nobody knows anybody."
    );
    assert_eq!(
        (
            reader.state.seen.nodes.len(),
            reader.state.seen.links.len(),
            reader.state.places.len()
        ),
        (8, 8, 8)
    );
}

#[test]
fn a_ring_comes_to_rest_breaks_and_settles_again() {
    let mut reader = Reader::with(Preset::Ring, "6");
    reader.rests();
    assert_eq!(reader.state.hops.known(), 30);
    assert_eq!(reader.state.hops.arriving(), 30);
    assert!(
        reader
            .state
            .said
            .starts_with("At rest: the last change was at 0:0"),
        "{}",
        reader.state.said
    );
    assert_eq!((reader.next(0, 1), reader.next(0, 5)), (1, 5));
    assert_eq!(reader.state.seen.withdrawn, 0);

    reader
        .does(Action::Do(Deed::Break(named("n0"), named("n1"))))
        .settles();
    assert!(!reader.state.is_at_rest() && reader.state.standing().starts_with("Settling"));
    assert!(reader.state.seen.links[0].broken && !reader.state.seen.links[0].up);
    assert_eq!(reader.state.said.as_ref(), "The link n0 – n1 broke.");
    reader.rests();
    assert_eq!(reader.next(0, 1), 5, "the other way round");
    assert_eq!(reader.state.hops.arriving(), 30);
    assert!(reader.state.seen.withdrawn > 0);
    let turns = reader.state.hops.turns_since(&reader.state.before.hops);
    assert!(
        turns
            .iter()
            .any(|turn| (turn.node, turn.to, turn.before, turn.now) == (0, 1, 1, 5))
    );
    assert!(
        reader
            .state
            .log
            .iter()
            .any(|line| line.deed && line.words.contains("broke"))
    );
    assert!(
        reader
            .state
            .log
            .iter()
            .any(|line| line.words.contains("withdrawn"))
    );

    reader
        .does(Action::Do(Deed::Mend(named("n0"), named("n1"))))
        .settles();
    reader.rests();
    assert_eq!(reader.next(0, 1), 1);
}

#[test]
fn a_spread_that_moves_moves_next_hops() {
    let mut reader = Reader::with(Preset::Ring, "6");
    reader.rests();
    // Both ways from n0 to n3 are as long: who asks less has it.
    let dear = usize::try_from(reader.next(0, 3)).unwrap();
    let name = named(reader.state.name(dear));
    reader.does(Action::Do(Deed::Spread(name, 400))).settles();
    reader.rests();
    assert_eq!(reader.state.seen.nodes[dear].spread, 400);
    assert_eq!(usize::try_from(reader.next(0, 3)), Ok(6 - dear));
}

#[test]
fn connectors_come_and_go() {
    let mut reader = Reader::with(Preset::Line, "4");
    reader.rests();
    assert_eq!(reader.state.new_name(), "n4");
    let ends = vec![named("n0"), named("n3")];
    reader
        .does(Action::Do(Deed::Add(named("n4"), ends)))
        .settles();
    reader.rests();
    assert_eq!(reader.next(0, 3), 4, "shorter than along the line");
    assert_eq!(reader.state.hops.arriving(), 20);
    reader
        .does(Action::Choose(Some(4)))
        .does(Action::Do(Deed::Remove(named("n4"))))
        .settles();
    reader.rests();
    assert!(reader.state.seen.nodes[4].gone);
    assert_eq!((reader.next(0, 3), reader.next(0, 4)), (1, NOWHERE));

    for (deed, words) in [
        (Deed::Remove(named("n4")), "There is no connector n4."),
        (
            Deed::Break(named("n0"), named("n3")),
            "n0 and n3 do not peer.",
        ),
        (Deed::Spread(named("n0"), 10_000), "a share is below"),
        (Deed::Add(named("n9"), vec![]), "Choose whom it peers with."),
        (
            Deed::Add(named("n9"), vec![named("n0"), named("n0")]),
            "peers with n0 once",
        ),
        (Deed::Add(named("N 9"), vec![named("n0")]), "small letters"),
    ] {
        let held = reader.state.script.clone();
        reader.does(Action::Do(deed)).settles();
        let wrong = reader.state.wrong.as_ref().unwrap();
        assert!(wrong.contains(words), "{wrong}");
        assert_eq!(reader.state.script, held);
    }
}

#[test]
fn a_link_and_a_file_show_the_same_again() {
    let mut reader = Reader::with(Preset::Mispriced, "9");
    reader.rests();
    reader
        .does(Action::Do(Deed::Break(named("n0"), named("n1"))))
        .settles();
    // Stopped in the midst of the news.
    for _ in 0..7 {
        reader.does(Action::Step).settles();
    }
    reader
        .does(Action::Do(Deed::Spread(named("n4"), 75)))
        .settles();
    reader.does(Action::Step).settles();
    let link = reader.state.link().unwrap();
    let (script, until) = Script::from_link(link.split_once('?').unwrap().1).unwrap();
    assert_eq!(until, reader.state.seen.now);

    let mut fresh = Reader::new();
    fresh.does(Action::Open(Rc::new(script), until)).settles();
    assert_eq!(fresh.state.form.preset, Preset::Mispriced);
    let mut brought = Reader::new();
    let file = reader.state.script.as_ref().unwrap().to_file(until);
    brought.does(Action::Bring(file.as_str().into())).settles();
    for again in [fresh, brought] {
        assert_eq!(again.state.seen.now, reader.state.seen.now);
        assert_eq!(again.state.hops, reader.state.hops);
        assert_eq!(again.state.before, reader.state.before);
        assert_eq!(again.state.last, reader.state.last);
        assert_eq!(again.state.seen.told, reader.state.seen.told);
        assert_eq!(again.state.pace, Pace::Paused);
    }
    reader.does(Action::Bring("{]".into()));
    assert!(
        reader
            .state
            .wrong
            .as_ref()
            .unwrap()
            .contains("no network of the lab")
    );
    assert!(reader.state.script.is_some(), "what was there stays");
}

#[test]
fn playing_goes_on_by_pieces_until_it_is_stopped_or_at_rest() {
    let mut reader = Reader::with(Preset::Line, "3");
    reader.does(Action::Speed(1)).does(Action::Play(true));
    let out = reader.state.out.clone().unwrap();
    assert_eq!(
        (out.order, out.after),
        (Order::Play(Goal::Until(1_000)), TICK)
    );
    reader.turn();
    assert_eq!(reader.state.seen.now, 1_000);
    // What waits for its time gives way to what the reader does.
    reader.does(Action::Do(Deed::Break(named("n0"), named("n1"))));
    assert!(matches!(
        reader.state.out.as_ref().unwrap().order,
        Order::Do(_)
    ));
    reader.turn();
    assert_eq!(reader.state.script.as_ref().unwrap().deeds[0].at_ms, 1_000);
    reader.does(Action::Play(false));
    assert_eq!(reader.state.said.as_ref(), "Paused at 0:01.0.");
    assert!(!reader.turn(), "the next piece is not played");
    reader
        .does(Action::Speed(3))
        .does(Action::Play(true))
        .settles();
    assert_eq!(reader.state.pace, Pace::Paused, "at rest it stands");
    assert!(reader.state.is_at_rest() && reader.state.said.starts_with("At rest"));

    let now = reader.state.seen.now;
    reader.does(Action::Step).settles();
    assert_eq!(
        reader.state.seen.now,
        now + STEP,
        "at rest a step is a round"
    );
}

#[test]
fn an_answer_to_what_was_there_before_is_not_taken() {
    let mut reader = Reader::with(Preset::Line, "3");
    reader.does(Action::Until(Goal::Rest));
    let old = reader.state.out.clone().unwrap();
    reader.does(Action::Sent(old.serial));
    let late = reader.worker.take(old.order, &|| 0.0, &mut |_| {}).unwrap();
    let tree = Form {
        preset: Preset::Tree,
        count: named("5"),
        ..Form::default()
    };
    reader.fills(tree).does(Action::Load);
    reader.does(Action::Heard(old.serial, late));
    assert!(reader.state.is_loading());
    reader.settles();
    assert_eq!(
        (reader.state.seen.nodes.len(), reader.state.seen.now),
        (5, 0)
    );
}

#[test]
fn the_routes_of_a_connector_open_in_the_other_rooms() {
    let mut reader = Reader::with(Preset::Mispriced, "9");
    reader.rests();
    reader.does(Action::Show(2)).settles();
    let opened = crate::open::open(reader.opened[0].as_bytes(), 0, &mut |_, _, _| {}).unwrap();
    assert_eq!(opened.report.refused, []);
    assert!(opened.book.len() >= 8);
}

#[test]
fn a_supposition_is_asked_told_and_dropped() {
    let mut reader = Reader::with(Preset::Ring, "6");
    reader.rests();
    reader.does(Action::Choose(Some(1)));
    reader.does(Action::Suppose(Deed::Spread(named("n1"), 300)));
    let Supposing::Asked(question, 0) = reader.state.supposing.clone() else {
        panic!("{:?}", reader.state.supposing)
    };
    assert_eq!(
        (question.about.as_str(), question.at),
        ("n1", reader.state.seen.now)
    );
    reader.does(Action::Supposed(Reply::Supposing(5_000)));
    assert!(matches!(reader.state.supposing, Supposing::Asked(_, 5_000)));
    let order = Order::Suppose((*question).clone());
    assert_eq!(Order::read(&order.write()).as_ref(), Some(&order));
    let reply = Played::default().take(order, &|| 0.0, &mut |_| {}).unwrap();
    assert_eq!(Reply::read(&reply.write()).as_ref(), Some(&reply));
    reader.does(Action::Supposed(reply));
    let Supposing::Told(_, outcome) = &reader.state.supposing else {
        panic!("{:?}", reader.state.supposing)
    };
    assert_eq!(
        (outcome.of, outcome.through),
        (30, reader.state.hops.through(1))
    );
    assert!(
        reader.state.said.starts_with("If n1 kept 3 %, "),
        "{}",
        reader.state.said
    );
    reader.does(Action::Drop);
    assert_eq!(reader.state.supposing, Supposing::Nothing);
    // What comes after that is nobody's.
    reader.does(Action::Supposed(Reply::Supposing(9)));
    assert_eq!(reader.state.supposing, Supposing::Nothing);
}

#[test]
fn a_worker_that_does_not_run_is_told() {
    let mut reader = Reader::with(Preset::Line, "3");
    reader.does(Action::Failed("The worker does not run.".into()));
    assert_eq!(
        reader.state.wrong.as_deref(),
        Some("The worker does not run.")
    );
    assert_eq!(
        (reader.state.script.clone(), reader.state.out.clone()),
        (None, None)
    );
    // It may be tried again.
    reader.worker = Played::default();
    reader.does(Action::Load).settles();
    assert_eq!(reader.state.seen.nodes.len(), 3);
}
