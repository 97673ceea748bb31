//! Payments between two and three connectors, with calls that get lost, come twice or overtake each other:
//! when all is settled both sides of every ledger agree, and no money came from nowhere.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::amount::Amount;
use c2c::connector::{Error, Event, Input};
use c2c::ledger::{Fulfillment, Transfer, TransferId};
use c2c::packet::{Packet, Payment};
use c2c::timestamp::Millis;
use c2c_sim::{Network, Wire};
use c2c_tests::pair::LIMIT;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// How long a payment may take.
const HOLD: Millis = Millis(9_500);
/// A receiver who fulfills later than this before the end would risk that nobody hears of it in time.
const MARGIN: Millis = Millis(5_500);

/// Red, green and blue in a row; money goes from red through green to blue, and back.
struct Row {
    network: Network,
    nodes: [usize; 3],
    /// Between red and green, and between green and blue.
    ledgers: [LedgerPrefix; 2],
}

impl Row {
    fn new(seed: u64) -> Self {
        let mut network = Network::new(seed);
        let nodes = ["red", "green", "blue"].map(|name| network.add(name, "USD", |_| {}));
        let ledgers = [
            network.peer(nodes[0], nodes[1], "USD", LIMIT),
            network.peer(nodes[1], nodes[2], "USD", LIMIT),
        ];
        network.run(Millis(40_000));
        Self {
            network,
            nodes,
            ledgers,
        }
    }

    /// The balance that `node` keeps on `ledger`, as shown and as stored.
    fn balance(&self, node: usize, ledger: usize) -> i128 {
        let (node, ledger) = (self.network.node(self.nodes[node]), &self.ledgers[ledger]);
        let shown = node.connector.peer_view(ledger).expect("a peer").balance.0;
        assert_eq!(shown, node.stored[ledger].balance, "{}", node.name);
        shown
    }

    fn account(&self, node: usize, ledger: usize) -> IlpAddress {
        let node = &self.network.node(self.nodes[node]).connector;
        let view = node.peer_view(&self.ledgers[ledger]).expect("a peer");
        view.account
    }

    /// The one at the end `from` of the row pays `amount` to the one at the other end, or so much less that
    /// it must be refused.
    fn pay(&mut self, from: usize, name: &str, amount: u64, is_fair: bool) -> Result<(), Error> {
        let (near, far) = if from == 0 { (0, 1) } else { (1, 0) };
        let packet = Packet::Payment(Payment {
            amount: Amount::new(amount),
            account: self.account(2 - from, far).into(),
            data: vec![],
        });
        // A share of two thousandths is green's.
        let comes = if is_fair {
            amount + amount / 100
        } else {
            amount
        };
        let transfer = Transfer::new(
            id(name),
            self.ledgers[near].clone(),
            self.account(from, near),
            self.account(1, near),
            Amount::new(comes),
        );
        let local = self.network.node(self.nodes[from]).clock();
        let expires_at = local.shows(self.network.now()) + HOLD;
        let transfer = transfer
            .with_hold(fulfillment(name).condition(), expires_at)
            .with_ilp(packet.encode().expect("a small packet"));
        self.network
            .input(self.nodes[from], Input::SendTransfer(Box::new(transfer)))
    }

    /// What waits at an end of the row, for it to answer.
    fn waiting(&self, end: usize) -> Vec<(LedgerPrefix, TransferId, Amount)> {
        let ledger = &self.ledgers[usize::from(end == 2)];
        let node = self.network.node(self.nodes[end]);
        let stored = node.ledgers.get(ledger);
        let transfers = stored
            .into_iter()
            .flat_map(|(_, transfers)| transfers.values());
        transfers
            .filter(|record| {
                record.direction == c2c::ledger::Direction::Incoming && !record.state.is_final()
            })
            .map(|record| {
                let transfer = &record.transfer;
                (ledger.clone(), transfer.id.clone(), transfer.amount)
            })
            .collect()
    }

    /// Answers what waits at an end: most is fulfilled, some rejected, some left to run out.
    fn answer(&mut self, end: usize, names: &[String], choice: u64) {
        let node = self.network.node(self.nodes[end]);
        let now = node.clock().shows(self.network.now());
        for (ledger, id, amount) in self.waiting(end) {
            let node = self.network.node(self.nodes[end]);
            let hold = node.ledgers[&ledger].1[&id].transfer.hold;
            let hold = hold.expect("all have one");
            if hold.expires_at.since(now) < MARGIN {
                continue;
            }
            let input = match (amount.units() + choice) % 5 {
                0 => continue,
                1 => Input::RejectTransfer {
                    ledger,
                    id,
                    reason: None,
                },
                _ => {
                    let condition = hold.condition;
                    let mut fulfillments = names.iter().map(|name| fulfillment(name));
                    let fulfillment = fulfillments
                        .find(|fulfillment| condition.is_met_by(fulfillment))
                        .expect("one of ours");
                    Input::FulfillTransfer {
                        ledger,
                        id,
                        fulfillment,
                    }
                }
            };
            // What has run out in the meantime cannot be answered any more.
            let _ = self.network.input(self.nodes[end], input);
        }
    }

    /// Both sides of both ledgers agree, and green has not lost anything.
    fn check(&self) {
        for node in self.nodes {
            let node = self.network.node(node);
            let disputes = node.events.iter();
            let disputes: Vec<_> = disputes
                .filter(|(_, event)| matches!(event, Event::TransferDisputed { .. }))
                .collect();
            assert!(disputes.is_empty(), "{}: {disputes:?}", node.name);
            for (ledger, (_, transfers)) in &node.ledgers {
                for record in transfers.values() {
                    assert!(record.state.is_final(), "{ledger} {record:?}");
                    assert!(!record.to_tell, "{ledger} {record:?}");
                }
            }
        }
        let [red, green_to_red] = [self.balance(0, 0), self.balance(1, 0)];
        let [green_to_blue, blue] = [self.balance(1, 1), self.balance(2, 1)];
        assert_eq!(red, -green_to_red, "red and green");
        assert_eq!(green_to_blue, -blue, "green and blue");
        assert_eq!(red + green_to_red + green_to_blue + blue, 0);
        assert!(green_to_red + green_to_blue >= 0, "green has lost money");
    }
}

fn id(name: &str) -> TransferId {
    name.parse().expect("a short name")
}

/// Another one for each payment.
fn fulfillment(name: &str) -> Fulfillment {
    let mut bytes = [0; 32];
    for (byte, of_name) in bytes.iter_mut().zip(name.bytes()) {
        *byte = of_name;
    }
    Fulfillment::from_bytes(bytes)
}

#[test]
fn a_payment_through_the_middle_leaves_its_share_there() {
    let mut row = Row::new(1);
    let amount = 1_000_000_000;
    row.pay(0, "first", amount, true).expect("red has room");
    row.network.run(Millis(500));
    assert_eq!(row.waiting(2).len(), 1);
    assert_eq!(row.balance(0, 0), 0, "not before it is fulfilled");
    row.answer(2, &["first".to_owned()], 3 - amount % 5);
    row.network.run(Millis(500));
    assert_eq!(row.balance(0, 0), -1_010_000_000);
    assert_eq!(row.balance(2, 1), 1_000_000_000);
    row.network.run(Millis(20_000));
    row.check();

    // Too little for what is to be paid: green refuses, and nobody owes anybody more.
    row.pay(0, "second", amount, false).expect("red has room");
    row.network.run(Millis(500));
    assert!(row.waiting(2).is_empty());
    assert_eq!(row.balance(0, 0), -1_010_000_000);
    row.check();
}

#[test]
fn two_alone_pay_each_other_what_they_like() {
    let mut row = Row::new(2);
    let transfer = |row: &Row, name: &str, from: usize, amount: u64| {
        let (us, them) = (row.account(from, 0), row.account(1 - from, 0));
        Transfer::new(
            id(name),
            row.ledgers[0].clone(),
            us,
            them,
            Amount::new(amount),
        )
    };
    let there = transfer(&row, "there", 0, 700);
    let back = transfer(&row, "back", 1, 300);
    for (node, transfer) in [(0, there.clone()), (1, back), (0, there)] {
        row.network
            .input(row.nodes[node], Input::SendTransfer(Box::new(transfer)))
            .expect("it has room");
        row.network.run(Millis(300));
    }
    assert_eq!((row.balance(0, 0), row.balance(1, 0)), (-400, 400));
    let over = transfer(&row, "over", 0, LIMIT);
    let refused = row
        .network
        .input(row.nodes[0], Input::SendTransfer(Box::new(over)))
        .expect_err("it is more than green allows");
    assert_eq!(refused.code(), "InsufficientBalanceError");
    row.network.run(Millis(10_000));
    row.check();
}

/// Many payments both ways over a bad wire; the middle stops and starts again if `crashes` says so.
fn storm(seed: u64, crashes: bool) {
    let mut row = Row::new(seed);
    row.network.wire = Wire {
        least_ms: 5,
        most_ms: 120,
        requests_lost: 60,
        answers_lost: 120,
        copied: 150,
        copied_late: 100,
        copied_late_ms: 10_000,
        late: 100,
        late_ms: 1_500,
    };
    let mut names: Vec<String> = Vec::new();
    for round in 0..60u64 {
        let (from, is_fair) = (if round % 3 == 0 { 2 } else { 0 }, round % 7 != 0);
        let name = format!("{seed}-{round}");
        let amount = 1_000_000 + round * 1_001_003 + seed;
        // Where the way is shut for a moment nothing is sent.
        if row.pay(from, &name, amount, is_fair).is_ok() {
            names.push(name);
        }
        row.network.run(Millis(150 + round * 7 % 200));
        if crashes && round % 9 == 4 {
            row.network.stop(row.nodes[1]);
            row.network.run(Millis(round * 13 % 400));
            row.network.start(row.nodes[1]);
        }
        if round % 2 == 1 {
            row.answer(0, &names, round);
            row.answer(2, &names, round);
        }
    }
    assert!(names.len() > 40);
    row.network.wire = Wire::default();
    row.network.run(Millis(90_000));
    row.check();
    let executed = row.network.node(row.nodes[1]).ledgers.values();
    let executed = executed.flat_map(|(_, transfers)| transfers.values());
    let executed = executed.filter(|record| record.state.name() == "executed");
    assert!(executed.count() > 20, "little was paid");
}

#[test]
fn money_is_conserved_over_a_bad_wire() {
    for seed in 10..14 {
        storm(seed, false);
    }
}

#[test]
fn money_is_conserved_where_the_middle_starts_again_and_again() {
    for seed in 20..24 {
        storm(seed, true);
    }
}
