//! Whatever peers and accounts do, and whenever the program is restarted: no money is made or lost, and we
//! never come out poorer.

use proptest::prelude::*;

use super::*;
use crate::ledger::Fulfillment;
use crate::packet::{Packet, Payment};

#[derive(Clone, Debug)]
enum Step {
    /// Red pays the invoice, or blue: what comes, what is to arrive, and whether to blue.
    RedPays(u64, u64, bool),
    /// Alice pays blue, or the invoice: what is to arrive, whether to blue, and perhaps what she pays.
    AlicePays(u64, bool, Option<u64>),
    /// Blue fulfills what it has, rightly or not.
    BlueFulfills(usize, bool),
    BlueRejects(usize),
    /// A call of ours is answered: `true`, a refusal, or not at all.
    Answered(usize, u8),
    Invoice(u64),
    Wait(u64),
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u64..5_000, 1u64..5_000, any::<bool>()).prop_map(|(x, y, b)| Step::RedPays(x, y, b)),
        4 => (1u64..5_000, any::<bool>(), prop::option::weighted(0.3, 1u64..6_000))
            .prop_map(|(x, b, s)| Step::AlicePays(x, b, s)),
        4 => (0usize..6, prop::bool::weighted(0.8)).prop_map(|(n, right)| Step::BlueFulfills(n, right)),
        2 => (0usize..6).prop_map(Step::BlueRejects),
        4 => (0usize..4, 0u8..4).prop_map(|(n, how)| Step::Answered(n, how)),
        1 => (1u64..3_000).prop_map(Step::Invoice),
        2 => (1u64..4_000).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

/// A world with what the last call of each kind was for.
struct Play {
    world: World,
    count: u64,
}

impl Play {
    fn fulfillment(&self) -> Fulfillment {
        Fulfillment::from_bytes([9; 32])
    }

    fn invoice_address(&self) -> Option<(IlpAddress, crate::ledger::Condition)> {
        let invoices = self.world.connector.invoices(self.world.now).invoices;
        let open = invoices.into_iter().find(|one| one.state == "open");
        open.map(|one| (one.address, one.condition))
    }

    /// Of those that blue was told of, the one in this place.
    fn at_blue(&self, place: usize) -> Option<TransferId> {
        let stored = self.world.stored.get(BLUE)?;
        stored.keys().nth(place).cloned()
    }

    fn step(&mut self, step: &Step) {
        self.count += 1;
        let name = format!("t{}", self.count);
        match step {
            Step::RedPays(comes, amount, to_blue) => {
                let target = match (to_blue, self.invoice_address()) {
                    (false, Some(open)) => open,
                    _ => (blue_account().parse().unwrap(), condition()),
                };
                let packet = Packet::Payment(Payment {
                    amount: Amount::new(*amount),
                    account: target.0.into(),
                    data: vec![],
                });
                let transfer = from_red(&name, *comes)
                    .with_hold(target.1, self.world.now + HOLD)
                    .with_ilp(packet.encode().unwrap());
                self.world
                    .called(RED, Method::SendTransfer, rpc_body(&transfer));
            }
            Step::AlicePays(amount, to_blue, pays) => {
                let mut paid = order(&blue_account(), *amount);
                if let (false, Some((address, condition))) = (to_blue, self.invoice_address()) {
                    (paid.destination, paid.condition) = (address, condition);
                }
                paid.id = id(&name);
                paid.source_amount = pays.map(Amount::new);
                self.world.alice_pays(paid);
            }
            Step::BlueFulfills(place, right) => {
                let Some(at) = self.at_blue(*place) else {
                    return;
                };
                let by = match right {
                    true => self.fulfillment(),
                    false => Fulfillment::from_bytes([1; 32]),
                };
                let body = crate::rpc::fulfill_condition::body(&at, &by);
                self.blue_calls(Method::FulfillCondition, body);
            }
            Step::BlueRejects(place) => {
                let Some(at) = self.at_blue(*place) else {
                    return;
                };
                let body = crate::rpc::reject_incoming_transfer::body(&at, None);
                self.blue_calls(Method::RejectIncomingTransfer, body);
            }
            Step::Answered(place, how) => {
                let said = self.world.said();
                for (index, call) in said.iter().enumerate() {
                    match (index == *place, how) {
                        (true, 0) => self.world.lost(call),
                        (true, 1) if call.method == Method::SendTransfer => {
                            let refusal = r#"{"id":"NotAcceptedError","message":"no"}"#;
                            self.world.answered(call, 422, refusal);
                        }
                        (true, _) => self.world.answered(call, 200, "true"),
                        (false, _) => self.world.calls.push(call.clone()),
                    }
                }
            }
            Step::Invoice(amount) => {
                let preimage =
                    Fulfillment::from_bytes([u8::try_from(self.count % 250).unwrap(); 32]);
                let invoice = NewInvoice {
                    account: "bob".parse().unwrap(),
                    amount: Amount::new(*amount),
                    preimage,
                    expires_at: self.world.now + Millis(60_000),
                };
                self.world.input(Input::MakeInvoice {
                    ledger: prefix(GREEN),
                    invoice: Box::new(invoice),
                });
            }
            Step::Wait(ms) => self.world.wait(Millis(*ms)),
            Step::Restart => {}
        }
    }

    fn blue_calls(&mut self, method: Method, body: String) {
        let request = Request {
            id: RequestId(1),
            method: method.name().to_owned(),
            prefix: BLUE.to_owned(),
            bearer: Some(TOKEN.to_owned()),
            body: body.into_bytes(),
        };
        self.world.input(Input::Request(request));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_money_is_made_or_lost_and_we_are_never_poorer(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut play = Play { world: World::with_accounts(), count: 0 };
        let start = play.world.wealth();
        for step in &steps {
            if matches!(step, Step::Restart) {
                play.world = play.world.restart();
            }
            play.step(step);
            // What is shown is what is stored, and all of it adds up to nothing.
            let accounts = play.world.connector.accounts().accounts;
            let sum: i128 = accounts.iter().map(|one| one.balance.0 + one.on_hold.0).sum();
            prop_assert_eq!(sum, 0);
            for one in accounts.iter().filter(|one| one.minimum.is_some()) {
                prop_assert!(one.balance.0 >= 0 && one.on_hold.0 >= 0);
            }
        }
        // Everything that is on hold runs out.
        play.world.wait(Millis(20_000));
        let accounts = play.world.connector.accounts().accounts;
        prop_assert!(accounts.iter().all(|one| one.on_hold.0 == 0));
        prop_assert!(play.world.wealth() >= start, "we have lost money");
        let before = (play.world.balances(), play.world.balance(RED), play.world.balance(BLUE));
        let world = play.world.restart();
        let after = (world.balances(), world.balance(RED), world.balance(BLUE));
        prop_assert_eq!(before, after);
    }
}
