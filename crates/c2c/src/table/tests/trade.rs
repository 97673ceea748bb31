//! Pairs that follow from a rule, against the same pairs listed one by one.

use proptest::prelude::*;

use super::*;
use crate::amount::Scale;
use crate::curve::{PairTerms, Ratio};

/// What can happen to a rule.
#[derive(Clone, Debug)]
enum Step {
    /// Other room on a ledger, or other sides and terms where that is not enough.
    Room(usize, u64, u64),
    /// A ledger trades, or not.
    Side(usize, bool),
    /// What kinds give for each other.
    Terms(Vec<Option<u8>>),
    /// A route is heard over a ledger.
    Hear(usize, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let room = || prop_oneof![2 => Just(0u64), 2 => 1u64..20, 3 => 1_000u64..5_000];
    prop_oneof![
        6 => (0..LEDGERS.len(), room(), room())
            .prop_map(|(ledger, receives, pays)| Step::Room(ledger, receives, pays)),
        2 => (0..LEDGERS.len(), any::<bool>()).prop_map(|(ledger, is)| Step::Side(ledger, is)),
        1 => any_terms().prop_map(Step::Terms),
        2 => (0..LEDGERS.len(), 0..PREFIXES.len()).prop_map(|(at, to)| Step::Hear(at, to)),
    ]
}

/// For each two of three kinds, in both directions, one of a few rates, or none.
fn any_terms() -> impl Strategy<Value = Vec<Option<u8>>> {
    proptest::collection::vec(proptest::option::weighted(0.6, 0u8..4), 9)
}

fn trade(rates: &[Option<u8>]) -> Trade {
    let terms = rates.iter().enumerate().filter_map(|(at, rate)| {
        let rate = match (*rate)? {
            0 => Ratio::ONE,
            1 => "0.1".parse().unwrap(),
            2 => "7".parse().unwrap(),
            _ => "0.002".parse().unwrap(),
        };
        let scale = Scale::new(2).unwrap();
        let terms = PairTerms::new(rate, Ratio::ZERO, scale, scale).unwrap();
        let shift = at % 2 == 0;
        Some(((at / 3, at % 3), Terms { terms, shift }))
    });
    Trade {
        terms: terms.collect(),
        min_message_window: Millis(1000),
    }
}

/// The rule, and both tables.
struct World {
    rates: Vec<Option<u8>>,
    rooms: [(u64, u64); LEDGERS.len()],
    is_in: [bool; LEDGERS.len()],
    ruled: Tables,
    listed: Tables,
}

impl World {
    fn new(rates: Vec<Option<u8>>) -> Self {
        let mut world = Self {
            rates,
            rooms: [(1_000, 1_000); LEDGERS.len()],
            is_in: [true; LEDGERS.len()],
            ruled: Tables::new(Settings::default()),
            listed: Tables::new(Settings::default()),
        };
        for (number, tables) in [(0, &mut world.ruled), (1, &mut world.listed)] {
            for at in 0..LEDGERS.len() {
                let name = if number == 0 { "me" } else { "other" };
                tables.add_ledger(&ledger(at), &ledger(at).account(name).unwrap());
            }
        }
        world.set_all();
        world
    }

    fn set_all(&mut self) -> PairsChange {
        let sides = (0..LEDGERS.len())
            .filter(|at| self.is_in[*at])
            .map(|at| Side {
                ledger: ledger(at),
                account: ledger(at).account("me").unwrap(),
                kind: at % 3,
                receives: match at {
                    0 => Room::Any,
                    _ => Room::Most(self.rooms[at].0),
                },
                pays: match at {
                    0 => Room::Any,
                    _ => Room::Most(self.rooms[at].1),
                },
            });
        let sides = sides.collect();
        self.ruled.set_trade(trade(&self.rates), sides)
    }

    /// What the step did to both.
    fn step(&mut self, step: &Step) -> (PairsChange, PairsChange) {
        let change = match step {
            Step::Room(at, receives, pays) if *at > 0 && self.is_in[*at] => {
                self.rooms[*at] = (*receives, *pays);
                let rooms = (Room::Most(*receives), Room::Most(*pays));
                let moved = self.ruled.set_room(&ledger(*at), rooms.0, rooms.1);
                moved.unwrap_or_else(|| self.set_all())
            }
            Step::Room(..) => PairsChange::default(),
            Step::Side(at, is_in) => {
                self.is_in[*at] = *is_in;
                self.set_all()
            }
            Step::Terms(rates) => {
                self.rates.clone_from(rates);
                self.set_all()
            }
            Step::Hear(at, to) => {
                for tables in [&mut self.ruled, &mut self.listed] {
                    let route = HeardRoute {
                        source_ledger: ledger(*at),
                        prefix: Prefix::new(PREFIXES[*to]).unwrap(),
                        curve: Some(Curve::from_points([(0, 0), (900, 700)]).unwrap()),
                        min_message_window: Millis(1000),
                        paths: Paths::DIRECT,
                        source_account: account(*at, 1),
                    };
                    // What leads in a circle is refused by both.
                    let _ = tables.add_route(route, Lifetime::Configured);
                }
                PairsChange::default()
            }
        };
        let pairs = self.ruled.listed_pairs(None);
        (change, self.listed.set_local_pairs(pairs))
    }
}

fn everything(tables: &Tables) -> Vec<Candidate> {
    let mut all = Vec::new();
    for view in [View::Local, View::Public] {
        for source in LEDGERS {
            for prefix in LEDGERS.iter().chain(&PREFIXES) {
                all.extend(tables.candidates(view, source, prefix));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn prop_a_rule_is_as_its_pairs_listed(
        rates in any_terms(),
        steps in proptest::collection::vec(any_step(), 1..25),
    ) {
        let mut world = World::new(rates);
        world.listed.set_local_pairs(world.ruled.listed_pairs(None));
        for step in &steps {
            let (ruled, listed) = world.step(step);
            prop_assert_eq!((ruled.gained, ruled.lost), (listed.gained, listed.lost), "{:?}", step);
            prop_assert!(ruled.changed || !listed.changed, "{:?}", step);
            prop_assert_eq!(world.ruled.listed_pairs(None), world.listed.listed_pairs(None));
            prop_assert_eq!(everything(&world.ruled), everything(&world.listed), "{:?}", step);
            prop_assert_eq!(&world.ruled.indirect, &world.listed.indirect, "{:?}", step);
        }
    }

    #[test]
    fn prop_every_change_of_a_rule_is_logged(
        rates in any_terms(),
        steps in proptest::collection::vec(any_step(), 0..20),
        after in proptest::collection::vec(any_step(), 1..6),
    ) {
        let mut world = World::new(rates);
        for step in &steps {
            world.step(step);
        }
        let before = world.ruled.clone();
        for step in &after {
            world.step(step);
        }
        let tables = &world.ruled;
        for source in tables.sources() {
            let changed = tables.changed_since(source, before.version());
            for slot in tables.all().filter(|slot| !changed.contains(slot)) {
                let shown = |tables: &Tables| tables.combined_at(View::Public, source.as_str(), slot);
                prop_assert_eq!(shown(&before), shown(tables), "{} {:?}", source, slot);
            }
        }
    }
}

/// Nothing that is kept grows with the square of the ledgers.
#[test]
fn a_thousand_ledgers_are_known_and_moved_at_once() {
    let mut tables = Tables::new(Settings::default());
    let name = |number: usize| LedgerPrefix::new(&format!("peer.n{number}.usd.9.")).unwrap();
    let rates = [Some(0)];
    let mut sides = Vec::new();
    for number in 0..1_000 {
        sides.push(Side {
            ledger: name(number),
            account: name(number).account("me").unwrap(),
            kind: 0,
            receives: Room::Most(1_000),
            pays: Room::Most(if number % 10 == 0 { 0 } else { 500 }),
        });
        tables.set_trade(trade(&rates), sides.clone());
    }
    for round in 1..1_000u64 {
        for number in 1..9 {
            let moved = tables.set_room(&name(number), Room::Most(round), Room::Most(round));
            assert!(moved.is_some_and(|change| !change.gained && !change.lost));
        }
    }
    assert!(tables.indirect.is_empty());
    let (from, to) = (name(0), name(5));
    let curve = tables.pair_curve(View::Local, &from, &to).unwrap();
    assert_eq!(curve.capacity().x, 999);
    assert_eq!(tables.pair_curve(View::Local, &to, &from), None);
}
