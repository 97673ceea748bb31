//! One connector between two peers, red and blue, that are played here.

use std::collections::BTreeMap;

use super::*;
use crate::ledger::{Condition, Entry, Fulfillment, Record, State, Transfer, TransferId};
use crate::packet::{Packet, Payment};

pub(super) const RED: &str = "peer.redrd.usd.9.";
pub(super) const BLUE: &str = "peer.bluee.usd.9.";
pub(super) const GREEN: &str = "example.green.";
/// What each lets the other owe it.
pub(super) const LIMIT: u64 = 1_000_000;
pub(super) const HOLD: Millis = Millis(5_000);

/// Balances, transfers and sequences of the ledgers with peers.
type Stored = (
    BTreeMap<String, i128>,
    BTreeMap<String, BTreeMap<TransferId, Record>>,
    BTreeMap<String, u64>,
);

/// A connector, what it stored, and what it said.
pub(super) struct World {
    pub(super) connector: Connector,
    pub(super) now: Timestamp,
    pub(super) balances: BTreeMap<String, i128>,
    pub(super) stored: BTreeMap<String, BTreeMap<TransferId, Record>>,
    pub(super) sequences: BTreeMap<String, u64>,
    pub(super) calls: Vec<Call>,
    pub(super) events: Vec<Event>,
    /// What is stored of our own ledger.
    pub(super) own: StoredAccounts,
}

/// Nothing, of the ledger of our own.
fn nothing_of_our_own() -> StoredAccounts {
    StoredAccounts {
        ledger: prefix(GREEN),
        sequence: 0,
        accounts: Vec::new(),
        payments: Vec::new(),
        invoices: Vec::new(),
    }
}

pub(super) fn the_peer(name: &str, balance: i128) -> Peer {
    let mut peer = peer();
    let ledger = prefix(name);
    peer.details.account = ledger.account("us").unwrap();
    peer.details.peer_account = ledger.account("them").unwrap();
    peer.details.prefix = ledger;
    peer.limit = Amount::new(LIMIT);
    peer.balance = balance;
    peer
}

pub(super) fn fulfillment() -> Fulfillment {
    Fulfillment::from_bytes([9; 32])
}

pub(super) fn condition() -> Condition {
    fulfillment().condition()
}

pub(super) fn id(text: &str) -> TransferId {
    text.parse().unwrap()
}

impl World {
    /// Both peers know us, and have told their limit.
    pub(super) fn new() -> Self {
        let nothing = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut world = Self::start(nothing, nothing_of_our_own());
        world.answer_limits();
        world
    }

    /// With what was stored.
    pub(super) fn start((balances, stored, sequences): Stored, own: StoredAccounts) -> Self {
        let mut world = Self {
            connector: Connector::new(config(), START).unwrap(),
            now: START,
            balances,
            stored,
            sequences,
            calls: Vec::new(),
            events: Vec::new(),
            own,
        };
        for name in [RED, BLUE] {
            let balance = world.balances.get(name).copied().unwrap_or(0);
            world.input(Input::RestorePeer(Box::new(the_peer(name, balance))));
        }
        for (name, sequence) in world.sequences.clone() {
            let transfers = world.stored[&name].values().cloned().collect();
            world.input(Input::RestoreLedger {
                ledger: prefix(&name),
                sequence,
                transfers,
            });
        }
        world.input(Input::RestoreAccounts(Box::new(world.own.clone())));
        world.input(Input::Wake);
        world
    }

    /// Ends at once, and starts again at the same time with what it stored.
    pub(super) fn restart(self) -> Self {
        let stored = (self.balances, self.stored, self.sequences);
        let mut world = Self::start(stored, self.own);
        world.now = self.now;
        world.answer_limits();
        world
    }

    pub(super) fn answer_limits(&mut self) {
        for call in std::mem::take(&mut self.calls) {
            if call.method == Method::GetLimit {
                self.answered(&call, 200, &format!("\"{LIMIT}\""));
            } else {
                self.calls.push(call);
            }
        }
    }

    pub(super) fn input(&mut self, input: Input) -> Vec<Answer> {
        self.connector.handle_input(self.now, input).unwrap();
        self.drain()
    }

    pub(super) fn drain(&mut self) -> Vec<Answer> {
        let mut answers = Vec::new();
        while let Some(output) = self.connector.poll_output() {
            match output {
                Output::Persist(Change::LedgerMoved { ledger, entry }) => {
                    let name = ledger.to_string();
                    self.balances.insert(name.clone(), entry.balance);
                    let sequence = self.sequences.entry(name.clone()).or_default();
                    assert_eq!(entry.sequence, *sequence + 1);
                    *sequence += 1;
                    let Entry { record, .. } = *entry;
                    let transfers = self.stored.entry(name).or_default();
                    transfers.insert(record.transfer.id.clone(), record);
                }
                Output::Persist(Change::AccountsMoved { ledger, entry }) => {
                    assert_eq!(
                        (ledger.as_str(), entry.sequence),
                        (GREEN, self.own.sequence + 1)
                    );
                    self.own.sequence += 1;
                    for account in entry.accounts {
                        self.own.accounts.retain(|one| one.name != account.name);
                        self.own.accounts.push(account);
                    }
                    if let Some(record) = entry.record {
                        let id = record.transfer.id.clone();
                        self.own.payments.retain(|one| one.transfer.id != id);
                        self.own.payments.push(record);
                    }
                    if let Some(invoice) = entry.invoice {
                        self.own
                            .invoices
                            .retain(|one| one.address != invoice.address);
                        self.own.invoices.push(invoice);
                    }
                }
                Output::Persist(_) => {}
                Output::Answer(answer) => answers.push(answer),
                Output::Call(call) => self.calls.push(call),
                Output::Event(event) => self.events.push(event),
            }
        }
        answers
    }

    /// A peer calls. What is answered must be stored by then: the answer comes after what it changed.
    pub(super) fn called(&mut self, name: &str, method: Method, body: String) -> (u16, String) {
        let request = Request {
            id: RequestId(1),
            method: method.name().to_owned(),
            prefix: name.to_owned(),
            bearer: Some(TOKEN.to_owned()),
            body: body.into_bytes(),
        };
        let [answer] = &self.input(Input::Request(request))[..] else {
            panic!("one answer");
        };
        let body = String::from_utf8(answer.body.clone()).unwrap();
        (answer.status, body)
    }

    pub(super) fn answered(&mut self, call: &Call, status: u16, body: &str) {
        let outcome = CallOutcome::Answered {
            status,
            body: body.into(),
        };
        self.input(Input::CallDone {
            id: call.id,
            outcome,
        });
    }

    pub(super) fn lost(&mut self, call: &Call) {
        let outcome = CallOutcome::Failed(CallFailure::Timeout);
        self.input(Input::CallDone {
            id: call.id,
            outcome,
        });
    }

    /// The calls about transfers that were made since this was last asked.
    pub(super) fn said(&mut self) -> Vec<Call> {
        let (about, others) = std::mem::take(&mut self.calls)
            .into_iter()
            .partition(|call| !matches!(call.method, Method::GetLimit | Method::SendRequest));
        self.calls = others;
        about
    }

    pub(super) fn wait(&mut self, time: Millis) {
        self.now = self.now + time;
        self.input(Input::Wake);
    }

    pub(super) fn state(&self, name: &str, id: &TransferId) -> State {
        self.stored[name][id].state.clone()
    }

    pub(super) fn balance(&self, name: &str) -> i128 {
        let stored = self.balances.get(name).copied().unwrap_or(0);
        let shown = self.connector.peer_view(&prefix(name)).unwrap().balance.0;
        assert_eq!(stored, shown, "what is shown is what is stored");
        stored
    }

    /// How many transfers were said to be seen otherwise by the peer.
    pub(super) fn disputes(&self) -> usize {
        let is_dispute = |event: &&Event| matches!(event, Event::TransferDisputed { .. });
        self.events.iter().filter(is_dispute).count()
    }

    /// Red pays us, for `destination` to get `amount`.
    pub(super) fn red_pays(
        &mut self,
        name: &str,
        comes: u64,
        destination: &str,
        amount: u64,
    ) -> (u16, String) {
        let packet = Packet::Payment(Payment {
            amount: Amount::new(amount),
            account: destination.parse().unwrap(),
            data: vec![],
        });
        let transfer = from_red(name, comes)
            .with_hold(condition(), self.now + HOLD)
            .with_ilp(packet.encode().unwrap());
        self.called(RED, Method::SendTransfer, rpc_body(&transfer))
    }

    /// The reason by which what red paid was rejected.
    pub(super) fn reason(&self, name: &str) -> serde_json::Value {
        let State::Rejected {
            reason: Some(reason),
        } = self.state(RED, &id(name))
        else {
            panic!("{name} is {:?}", self.state(RED, &id(name)));
        };
        serde_json::from_str(reason.as_str()).unwrap()
    }
}

pub(super) fn from_red(name: &str, amount: u64) -> Transfer {
    let red = prefix(RED);
    let (from, to) = (red.account("them").unwrap(), red.account("us").unwrap());
    Transfer::new(id(name), red, from, to, Amount::new(amount))
}

pub(super) fn to_red(name: &str, amount: u64) -> Transfer {
    let red = prefix(RED);
    let (from, to) = (red.account("us").unwrap(), red.account("them").unwrap());
    Transfer::new(id(name), red, from, to, Amount::new(amount))
}

pub(super) fn rpc_body(transfer: &Transfer) -> String {
    crate::rpc::send_transfer::body(transfer)
}

pub(super) fn blue_account() -> String {
    format!("{BLUE}them")
}

pub(super) fn is_true(answer: &(u16, String)) -> bool {
    (answer.0, answer.1.as_str()) == (200, "true")
}
