//! Small networks told at random times, with losses.

use proptest::prelude::*;

use super::*;

/// A connector of a small network.
struct Node {
    tables: Tables,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Our ledger with each other one, and whose it is.
    peers: Vec<(LedgerPrefix, usize)>,
}

fn own_ledger(node: usize) -> String {
    format!("example.n{node}.")
}

fn between(a: usize, b: usize) -> String {
    format!("peer.p{}q{}.usd.9.", a.min(b), a.max(b))
}

fn name(node: usize) -> String {
    format!("c{node}")
}

/// Everything that is decided at random about a network.
#[derive(Clone, Debug)]
struct Plan {
    nodes: usize,
    /// Whether the first and the second are peers.
    links: Vec<bool>,
    /// Capacity and yield of a node's pairs, in turn.
    curves: Vec<(u64, u64)>,
    /// Which calls fail, in turn.
    losses: Vec<bool>,
}

fn any_plan() -> impl Strategy<Value = Plan> {
    (
        3usize..6,
        proptest::collection::vec(proptest::bool::weighted(0.6), 15),
        proptest::collection::vec((1000u64..5000, 500u64..5000), 40),
        proptest::collection::vec(proptest::bool::weighted(0.2), 60),
    )
        .prop_map(|(nodes, links, curves, losses)| Plan {
            nodes,
            links,
            curves,
            losses,
        })
}

struct Network {
    nodes: Vec<Node>,
    losses: Vec<bool>,
    calls: usize,
}

impl Network {
    fn new(plan: &Plan) -> Self {
        let mut links = plan.links.iter().copied().cycle();
        let pairs_of_nodes = (0..plan.nodes).flat_map(|a| (0..a).map(move |b| (a, b)));
        let linked: Vec<(usize, usize)> = pairs_of_nodes
            .filter(|_| links.next().unwrap_or(false))
            .collect();
        let are_linked = |a: usize, b: usize| linked.contains(&(a.max(b), a.min(b)));
        let mut curves = plan.curves.iter().copied().cycle();
        let nodes = (0..plan.nodes)
            .map(|node| {
                let others: Vec<usize> = (0..plan.nodes).filter(|b| are_linked(node, *b)).collect();
                let mut ledgers = vec![own_ledger(node)];
                ledgers.extend(others.iter().map(|other| between(node, *other)));
                let mut pairs = Vec::new();
                for from in &ledgers {
                    for to in ledgers.iter().filter(|to| *to != from) {
                        let (x, y) = curves.next().unwrap_or((1, 1));
                        let mut pair = pair(from, to, line(x, y));
                        pair.source_account = account(from, &name(node));
                        pair.destination_account = account(to, &name(node));
                        pairs.push(pair);
                    }
                }
                let mut tables = Tables::new(Settings::default());
                tables.set_local_pairs(pairs);
                let mut outgoing = Outgoing::new(OutgoingSettings::default());
                let peers: Vec<(LedgerPrefix, usize)> = others
                    .iter()
                    .map(|other| (prefix(&between(node, *other)), *other))
                    .collect();
                for (ledger, _) in &peers {
                    outgoing.add_peer(ledger.clone(), at(0));
                }
                let incoming = Incoming::new(IncomingSettings::default());
                Node {
                    tables,
                    incoming,
                    outgoing,
                    peers,
                }
            })
            .collect();
        Self {
            nodes,
            losses: plan.losses.clone(),
            calls: 0,
        }
    }

    /// A second of the network's life.
    fn second(&mut self, seconds: u64) {
        let now = at(seconds);
        for node in 0..self.nodes.len() {
            if !self.nodes[node].tables.remove_expired(now).is_empty() {
                self.nodes[node].outgoing.urge();
            }
            for ledger in self.nodes[node].outgoing.due(now) {
                let Node {
                    tables, outgoing, ..
                } = &mut self.nodes[node];
                if let Some(update) = outgoing.next(now, tables, &ledger) {
                    self.deliver(node, &ledger, &update, now);
                }
            }
            let Node {
                tables, outgoing, ..
            } = &mut self.nodes[node];
            let settled = outgoing.settled(tables);
            tables.forget_lost(settled);
        }
    }

    fn deliver(
        &mut self,
        from: usize,
        ledger: &LedgerPrefix,
        update: &RoutingUpdate,
        now: Timestamp,
    ) {
        let to = self.other_end(from, ledger);
        self.calls += 1;
        // Losses end, so that quiet follows.
        let is_lost = self.losses[self.calls % self.losses.len()];
        if is_lost && now < at(200) {
            self.nodes[from].outgoing.failed(ledger, now, false);
            return;
        }
        let sender = account(ledger.as_str(), &name(from));
        let text = update.write(Dialect::V21);
        let update = RoutingUpdate::read(text.as_bytes(), Dialect::V21).unwrap();
        let Node {
            tables,
            incoming,
            outgoing,
            ..
        } = &mut self.nodes[to];
        let outcome = incoming.apply(tables, now, &sender, update);
        if outcome.broadcast_now {
            outgoing.urge();
        }
        if outcome.is_back || outcome.full_table_asked {
            outgoing.resend_all(ledger);
        }
        self.nodes[from].outgoing.acknowledge(ledger, now);
    }

    fn other_end(&self, node: usize, ledger: &LedgerPrefix) -> usize {
        self.nodes[node]
            .peers
            .iter()
            .find(|(l, _)| l == ledger)
            .map(|(_, other)| *other)
            .unwrap()
    }

    /// The ledgers that a payment of `amount` passes, and what is delivered at the end.
    fn pay(&self, node: usize, to: usize, amount: u64) -> Option<(u64, Vec<String>, u64)> {
        let destination = format!("{}bob", own_ledger(to));
        let mut at = node;
        let mut source = account(&own_ledger(node), "alice");
        let mut amount = amount;
        let mut passed = vec![own_ledger(node)];
        let mut promised = None;
        loop {
            let hop = self.nodes[at]
                .tables
                .best_hop_for_source_amount(View::Local, source.as_str(), &destination, amount)
                .ok()?;
            promised = promised.or(hop.amount);
            amount = hop.next_amount?;
            passed.push(hop.next_ledger.to_string());
            if hop.is_local || passed.len() > 20 {
                return Some((promised?, passed, amount));
            }
            at = self.other_end(at, hop.next_ledger);
            source = hop.next_hop.clone();
            // The transfer goes to the next connector, from where its own account is the source.
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn prop_after_quiet_payments_arrive_without_a_loop_and_as_promised(
        plan in any_plan(),
        amounts in proptest::collection::vec(1u64..4000, 4),
    ) {
        let mut network = Network::new(&plan);
        for seconds in 0..400 {
            network.second(seconds);
        }
        let count = network.nodes.len();
        for from in 0..count {
            for to in (0..count).filter(|to| *to != from) {
                for amount in &amounts {
                    let Some((promised, passed, delivered)) = network.pay(from, to, *amount) else {
                        continue;
                    };
                    let mut ledgers = passed.clone();
                    ledgers.sort();
                    ledgers.dedup();
                    prop_assert_eq!(ledgers.len(), passed.len(), "a loop: {:?}", passed);
                    prop_assert!(
                        delivered >= promised,
                        "{} promised, {} delivered over {:?}", promised, delivered, passed
                    );
                }
            }
        }
    }

    #[test]
    fn prop_after_quiet_each_holds_what_would_be_told_anew(plan in any_plan()) {
        let mut network = Network::new(&plan);
        for seconds in 0..400 {
            network.second(seconds);
        }
        for node in 0..network.nodes.len() {
            for (ledger, other) in network.nodes[node].peers.clone() {
                let mut anew = Outgoing::new(OutgoingSettings::default());
                anew.add_peer(ledger.clone(), at(400));
                let told = anew.next(at(400), &network.nodes[node].tables, &ledger).unwrap();
                let hop = account(ledger.as_str(), &name(node));
                let mut expected: Vec<_> = told
                    .new_routes
                    .iter()
                    .map(|route| (route.destination_ledger.to_string(), route.points.clone()))
                    .collect();
                expected.sort_by(|a, b| a.0.cmp(&b.0));
                let held = network.nodes[other].tables.heard_from(&hop);
                let found: Vec<_> = held
                    .map(|(prefix, curve)| (prefix.to_string(), curve.cloned().map(Ok)))
                    .collect();
                // What would lead the other end in a circle is kept too: it may get further ledgers.
                prop_assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn a_payment_goes_down_a_line_of_connectors() {
    // The pairs of nodes are asked about in the order 1–0, 2–0, 2–1, 3–0, 3–1, 3–2.
    let mut network = Network::new(&Plan {
        nodes: 4,
        links: vec![true, false, true, false, false, true],
        curves: vec![(5000, 5000)],
        losses: vec![false],
    });
    for seconds in 0..10 {
        network.second(seconds);
    }
    let (promised, passed, delivered) = network.pay(0, 3, 1000).unwrap();
    assert_eq!(
        passed,
        [
            "example.n0.",
            "peer.p0q1.usd.9.",
            "peer.p1q2.usd.9.",
            "peer.p2q3.usd.9.",
            "example.n3."
        ]
    );
    assert!((990..=1000).contains(&promised), "{promised}");
    assert!(delivered >= promised, "{delivered}");
    let why = network.nodes[0]
        .tables
        .candidates(View::Local, "example.n0.", "example.n3.");
    assert_eq!(
        why[0].hops, 5,
        "true lengths, for every next ledger is named"
    );
}
