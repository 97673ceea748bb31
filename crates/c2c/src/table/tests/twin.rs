//! Random histories: the tables against a slow plain twin, and against themselves made anew.

use proptest::prelude::*;

use super::*;
use crate::route::Route;

/// What can happen to a table.
#[derive(Clone, Debug)]
enum Operation {
    Add {
        ledger: usize,
        prefix: usize,
        hop: u8,
        curve: Option<Curve>,
        path: u8,
        configured: bool,
    },
    Withdraw {
        ledger: usize,
        prefix: usize,
        hop: u8,
    },
    RemovePeer {
        ledger: usize,
        hop: u8,
    },
    Heartbeat {
        ledger: usize,
        hop: u8,
        for_ms: u64,
    },
    Wait(u64),
    Pairs(Vec<LocalPair>),
    /// Other curves for the pairs from and to a ledger.
    PairsOf(usize, Vec<Curve>),
}

fn any_curve() -> impl Strategy<Value = Curve> {
    (
        0u64..3,
        0u64..3,
        proptest::collection::vec((1u64..500, 0u64..500), 1..4),
    )
        .prop_map(|(x, y, steps)| {
            let mut point = (x * 40, y * 30);
            let mut points = vec![point];
            for (dx, dy) in steps {
                point = (point.0 + dx, point.1 + dy);
                points.push(point);
            }
            Curve::from_points(points).unwrap()
        })
}

/// Pairs between all of the ledgers of `mask`, less those that `missing` leaves out.
fn any_pairs(missing: bool) -> impl Strategy<Value = Vec<LocalPair>> {
    (
        1u8..16,
        any::<u16>(),
        proptest::collection::vec(any_curve(), 12),
    )
        .prop_map(move |(mask, gaps, curves)| {
            let mut curves = curves.into_iter();
            let mut pairs = Vec::new();
            for from in 0..4 {
                for to in 0..4 {
                    let both = mask & (1 << from) != 0 && mask & (1 << to) != 0;
                    let gap = missing && gaps & (1 << (4 * from + to)) != 0;
                    if from == to || !both || gap {
                        continue;
                    }
                    pairs.push(LocalPair {
                        source_ledger: ledger(from),
                        destination_ledger: ledger(to),
                        source_account: ledger(from).account("me").unwrap(),
                        destination_account: ledger(to).account("me").unwrap(),
                        curve: curves.next().unwrap(),
                        shift: true,
                        min_message_window: Millis(1000),
                    });
                }
            }
            pairs
        })
}

fn any_operation(missing: bool) -> impl Strategy<Value = Operation> {
    let place = (0..LEDGERS.len(), 0..PREFIXES.len(), 0u8..3);
    let add = (
        place.clone(),
        proptest::option::weighted(0.9, any_curve()),
        0u8..6,
        0u8..10,
    );
    prop_oneof![
        8 => add.prop_map(|((ledger, prefix, hop), curve, path, configured)| Operation::Add {
            ledger, prefix, hop, curve, path, configured: configured == 0,
        }),
        2 => place.clone()
            .prop_map(|(ledger, prefix, hop)| Operation::Withdraw { ledger, prefix, hop }),
        1 => place.clone().prop_map(|(ledger, _, hop)| Operation::RemovePeer { ledger, hop }),
        2 => (place, 1u64..100).prop_map(|((ledger, _, hop), for_ms)| {
            Operation::Heartbeat { ledger, hop, for_ms }
        }),
        2 => (1u64..60).prop_map(Operation::Wait),
        1 => any_pairs(missing).prop_map(Operation::Pairs),
        2 => (0..LEDGERS.len(), proptest::collection::vec(any_curve(), 6))
            .prop_map(|(ledger, curves)| Operation::PairsOf(ledger, curves)),
    ]
}

fn any_history(missing: bool) -> impl Strategy<Value = (Vec<LocalPair>, Vec<Operation>)> {
    (
        any_pairs(missing),
        proptest::collection::vec(any_operation(missing), 0..40),
    )
}

/// A route in the twin: as it was told, with what is needed to forget it.
#[derive(Clone, Debug)]
struct Known {
    route: HeardRoute,
    until: Option<u64>,
}

/// The slow plain twin: a list of what was told, from which everything is made when asked.
#[derive(Clone, Debug, Default)]
struct Twin {
    pairs: Vec<LocalPair>,
    known: Vec<Known>,
    now: u64,
}

impl Twin {
    fn run(pairs: Vec<LocalPair>, operations: &[Operation]) -> (Tables, Twin) {
        let mut tables = Tables::new(Settings::default());
        let mut twin = Twin {
            pairs: pairs.clone(),
            ..Twin::default()
        };
        tables.set_local_pairs(pairs);
        for operation in operations {
            twin.step(&mut tables, operation);
        }
        (tables, twin)
    }

    fn step(&mut self, tables: &mut Tables, operation: &Operation) {
        match operation {
            Operation::Add {
                ledger: at,
                prefix,
                hop,
                curve,
                path,
                configured,
            } => {
                let path: Vec<IlpAddress> = match path {
                    0 => vec![ledger(0).as_address().clone()],
                    1 => vec![IlpAddress::new("g.x.").unwrap()],
                    2 => vec![IlpAddress::new("example.c.").unwrap()],
                    _ => vec![],
                };
                let route = HeardRoute {
                    source_ledger: ledger(*at),
                    prefix: Prefix::new(PREFIXES[*prefix]).unwrap(),
                    curve: curve.clone(),
                    min_message_window: Millis(500),
                    paths: Paths::new([path]),
                    source_account: account(*at, *hop),
                };
                let until = (!configured).then_some(self.now + 45);
                let lifetime = until.map_or(Lifetime::Configured, |until| {
                    Lifetime::Until(Timestamp::from_millis(until))
                });
                let added = tables.add_route(route.clone(), lifetime);
                let same = |known: &Known| {
                    known.route.prefix == route.prefix
                        && known.route.source_account == route.source_account
                };
                let place = self
                    .known
                    .iter()
                    .position(|known| same(known) && known.until.is_none() == *configured);
                match (added, place) {
                    (Ok(_), Some(place)) => self.known[place] = Known { route, until },
                    (Ok(_), None) => self.known.push(Known { route, until }),
                    (Err(_), _) => self
                        .known
                        .retain(|known| !same(known) || known.until.is_none()),
                }
            }
            Operation::Withdraw {
                ledger,
                prefix,
                hop,
            } => {
                tables.remove_route(&account(*ledger, *hop), PREFIXES[*prefix]);
                self.known.retain(|known| {
                    known.until.is_none()
                        || known.route.source_account != account(*ledger, *hop)
                        || known.route.prefix.as_str() != PREFIXES[*prefix]
                });
            }
            Operation::RemovePeer { ledger, hop } => {
                tables.remove_peer(&account(*ledger, *hop));
                self.known.retain(|known| {
                    known.until.is_none() || known.route.source_account != account(*ledger, *hop)
                });
            }
            Operation::Heartbeat {
                ledger,
                hop,
                for_ms,
            } => {
                let end = self.now + for_ms;
                tables.heartbeat(&account(*ledger, *hop), Timestamp::from_millis(end));
                for known in &mut self.known {
                    if known.route.source_account == account(*ledger, *hop) {
                        known.until = known.until.map(|_| end);
                    }
                }
            }
            Operation::Wait(ms) => {
                self.now += ms;
                tables.remove_expired(Timestamp::from_millis(self.now));
                self.known
                    .retain(|known| known.until.is_none_or(|until| until >= self.now));
            }
            Operation::PairsOf(at, curves) => {
                let at = ledger(*at);
                let of_it = self
                    .pairs
                    .iter_mut()
                    .filter(|pair| pair.source_ledger == at || pair.destination_ledger == at);
                let moved: Vec<LocalPair> = of_it
                    .zip(curves)
                    .map(|(pair, curve)| {
                        pair.curve = curve.clone();
                        pair.clone()
                    })
                    .collect();
                let known = tables
                    .local_pairs()
                    .any(|(from, to, _)| *from == at || *to == at);
                let change = tables.set_pairs_of(&at, moved);
                assert!(change.is_some_and(|change| !change.gained && !change.lost) || !known);
            }
            Operation::Pairs(pairs) => {
                tables.set_local_pairs(pairs.clone());
                self.pairs.clone_from(pairs);
            }
        }
    }

    /// Every route from `source` to `prefix`, joined by the rules of routes.
    fn routes(&self, source: usize, prefix: &str) -> Vec<Route> {
        let from_source = |pair: &&LocalPair| pair.source_ledger.as_str() == LEDGERS[source];
        let mut routes = Vec::new();
        for pair in self.pairs.iter().filter(from_source) {
            if pair.destination_ledger.as_str() == prefix {
                routes.push(pair_route(pair));
            }
        }
        for known in self
            .known
            .iter()
            .filter(|known| known.route.prefix.as_str() == prefix)
        {
            let heard = heard_route(known);
            for pair in self.pairs.iter().filter(from_source) {
                let Some(mut route) = pair_route(pair).join(&heard, Rounding::Sound) else {
                    continue;
                };
                // The end is where the heard curve is full, found by trying every amount.
                if let (Some(curve), Some(tail)) = (&route.curve, &heard.curve) {
                    let fits = |x: &u64| pair.curve.amount_at(*x) <= tail.capacity().x;
                    let Some(end) = (0..=curve.capacity().x).rev().find(fits) else {
                        continue;
                    };
                    let Some(curve) = ended_at(curve, end) else {
                        continue;
                    };
                    route.curve = Some(curve);
                }
                route.source_account.clone_from(&heard.source_account);
                routes.push(route);
            }
        }
        routes
    }
}

fn pair_route(pair: &LocalPair) -> Route {
    let end = Prefix::from(&pair.destination_ledger);
    Route {
        source_ledger: (&pair.source_ledger).into(),
        next_ledger: end.clone(),
        destination_ledger: end.clone(),
        target_prefix: end,
        curve: Some(pair.curve.clone()),
        min_message_window: pair.min_message_window,
        paths: Paths::DIRECT,
        is_local: true,
        source_account: Some(pair.destination_account.clone()),
        expires_at: None,
    }
}

fn heard_route(known: &Known) -> Route {
    let route = &known.route;
    Route {
        source_ledger: (&route.source_ledger).into(),
        next_ledger: route.prefix.clone(),
        destination_ledger: route.prefix.clone(),
        target_prefix: route.prefix.clone(),
        curve: route.curve.clone(),
        min_message_window: route.min_message_window,
        paths: route.paths.clone(),
        is_local: false,
        source_account: Some(route.source_account.clone()),
        expires_at: known.until.map(Timestamp::from_millis),
    }
}

fn as_route(source: usize, candidate: Candidate) -> Route {
    Route {
        source_ledger: (&ledger(source)).into(),
        next_ledger: (&candidate.next_ledger).into(),
        destination_ledger: candidate.destination_ledger,
        target_prefix: candidate.target_prefix,
        curve: candidate.curve,
        min_message_window: candidate.min_message_window,
        paths: candidate.paths,
        is_local: candidate.is_local,
        source_account: Some(candidate.next_hop),
        expires_at: candidate.expires_at,
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
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn prop_as_a_slow_twin((pairs, operations) in any_history(false)) {
        let (tables, twin) = Twin::run(pairs, &operations);
        for (source, from) in LEDGERS.iter().enumerate() {
            for prefix in LEDGERS.iter().chain(&PREFIXES) {
                let fast: Vec<Route> = tables
                    .candidates(View::Local, from, prefix)
                    .into_iter()
                    .map(|candidate| as_route(source, candidate))
                    .collect();
                let slow = twin.routes(source, prefix);
                prop_assert_eq!(&fast, &slow, "{} to {}", from, prefix);
                let lengths: Vec<usize> = tables
                    .candidates(View::Local, from, prefix)
                    .iter()
                    .map(|candidate| candidate.hops)
                    .collect();
                prop_assert_eq!(lengths, slow.iter().map(Route::path_length).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn prop_as_made_anew((pairs, operations) in any_history(true)) {
        let (tables, twin) = Twin::run(pairs, &operations);
        let mut anew = Tables::new(Settings::default());
        anew.set_local_pairs(twin.pairs.clone());
        // The order in which ledgers were first named shows in nothing but the order of equals.
        for known in twin.known {
            let lifetime = known.until.map_or(Lifetime::Configured, |until| {
                Lifetime::Until(Timestamp::from_millis(until))
            });
            // What no pair leads to any more is kept by the one and refused by the other: neither
            // shows it.
            let _ = anew.add_route(known.route, lifetime);
        }
        prop_assert_eq!(everything(&tables), everything(&anew));
    }

    #[test]
    fn prop_every_change_is_logged(
        (pairs, operations) in any_history(true),
        after in proptest::collection::vec(any_operation(true), 0..6),
    ) {
        let (mut tables, mut twin) = Twin::run(pairs, &operations);
        let shown = |tables: &Tables, source: &str, slot: Slot| {
            tables.combined_at(View::Public, source, slot)
        };
        let before = tables.clone();
        for operation in &after {
            twin.step(&mut tables, operation);
        }
        for source in tables.sources() {
            let changed = tables.changed_since(source, before.version());
            for slot in tables.all() {
                let old = shown(&before, source.as_str(), slot);
                if !changed.contains(&slot) {
                    prop_assert_eq!(old, shown(&tables, source.as_str(), slot));
                }
            }
        }
    }

    #[test]
    fn prop_no_promise_above_what_is_carried(
        (pairs, operations) in any_history(true),
        amounts in proptest::collection::vec(0u64..2000, 8),
        extend in any::<bool>(),
    ) {
        let (mut tables, _) = Twin::run(pairs, &operations);
        tables.settings.extend_by_longer = extend;
        for source in tables.sources() {
            for prefix in tables.prefixes_from(source.as_str()) {
                let combined = tables.combined(View::Public, source.as_str(), prefix.as_str());
                let Some(curve) = combined.and_then(|combined| combined.curve) else { continue };
                let told = curve.simplify(3, Rounding::Sound);
                for amount in amounts.iter().copied().chain([told.capacity().x]) {
                    if amount > told.capacity().x || told.amount_at(amount) == 0 {
                        continue;
                    }
                    let destination = format!("{prefix}x");
                    // A longer prefix may take the address: then the promise is not about it.
                    if tables.longest_prefix(source.as_str(), &destination) != Some(prefix) {
                        continue;
                    }
                    let hop = tables.best_hop_for_source_amount(
                        View::Local, source.as_str(), &destination, amount,
                    );
                    let carried = hop.ok().and_then(|hop| hop.amount);
                    prop_assert!(
                        carried >= Some(told.amount_at(amount)),
                        "{} to {}: {} told for {}, {:?} carried",
                        source, prefix, told.amount_at(amount), amount, carried
                    );
                }
            }
        }
    }

    #[test]
    fn prop_best_hops_explain_themselves(
        (pairs, operations) in any_history(true),
        amount in 0u64..2000,
        by_source in any::<bool>(),
        extend in any::<bool>(),
    ) {
        let (mut tables, twin) = Twin::run(pairs, &operations);
        tables.settings.extend_by_longer = extend;
        let now = Timestamp::from_millis(twin.now);
        for source in tables.sources() {
            for prefix in PREFIXES {
                let to = format!("{prefix}x");
                let (asked, hop) = if by_source {
                    let hop = tables.best_hop_for_source_amount(
                        View::Local, source.as_str(), &to, amount,
                    );
                    (Asked::Source(amount), hop)
                } else {
                    let hop = tables.best_hop_for_destination_amount(
                        View::Local, source.as_str(), &to, amount,
                    );
                    (Asked::Destination(amount), hop)
                };
                let why = tables.explain(
                    View::Local, now, source.as_str(), &to, asked, &ToString::to_string,
                );
                match hop {
                    Ok(hop) => {
                        let why = why.unwrap();
                        prop_assert_eq!(Some(hop.next_hop), why.winner.as_ref());
                        let known = if by_source { why.destination_amount } else { why.source_amount };
                        prop_assert_eq!(hop.amount, known);
                    }
                    Err(NoHop::CannotCarry { .. }) => prop_assert_eq!(why.unwrap().winner, None),
                    Err(error) => prop_assert_eq!(why, Err(error)),
                }
            }
        }
    }
}
