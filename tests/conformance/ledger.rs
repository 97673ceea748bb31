//! The ledger between two peers: what ilp-plugin-virtual 16 answers, counts, calls and tells.

use c2c::amount::Amount;
use c2c::ledger::{
    Direction, Done, Entry, Fulfillment, Json, LedgerError, Outcome, PeerLedger, State, Transfer,
    TransferId,
};
use c2c::timestamp::{Millis, Timestamp};
use c2c_tests::vectors::{each_in, integer, list, same, text};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Written by `tests/interop/ledger-vectors.mjs`.
const CASES: &str = include_str!("../vectors/ledger.json");

/// DIFFERENCE: ilp-plugin-virtual forgets what is resolved, so that it does not find a transfer without a
/// condition, or one that was refused, where the ledger knows what became of it.
#[test]
fn sequences_of_calls_go_as_they_went_in_2017() {
    each_in("ledger", CASES, |case| {
        let address = |name: &str| text(&case[name]).parse().expect("an address");
        let prefix = text(&case["prefix"]).parse().expect("a prefix");
        let limit = Amount::new(integer(&case["limit"]));
        let mut ledger =
            PeerLedger::new(address("account"), address("peer_account"), prefix, limit);
        for (index, step) in list(&case["steps"]).iter().enumerate() {
            let played = play(&mut ledger, integer(&case["start"]), step);
            played.map_err(|fault| format!("step {index}, {}: {fault}", step["op"]))?;
        }
        Ok::<(), String>(())
    });
}

fn play(ledger: &mut PeerLedger, start: u64, step: &Value) -> Result<(), String> {
    let at = |value: &Value| Timestamp::from_millis(start) + Millis(value.as_u64().unwrap_or(0));
    let now = at(&step["at"]);
    let mut ran_out: Vec<String> = ledger.expire(now).entries.iter().map(id_of).collect();
    ran_out.sort();
    let mut expected = names(&step["ran_out"]);
    expected.sort();
    same("ran out", expected, ran_out)?;

    let op = text(&step["op"]);
    let id: TransferId = step["id"]
        .as_str()
        .unwrap_or("none")
        .parse()
        .expect("an id");
    let bytes = step["number"].as_u64().unwrap_or(0);
    let fulfillment = Fulfillment::from_bytes([u8::try_from(bytes).expect("a byte"); 32]);
    let reason = || Json::try_from("{\"code\":\"F07\"}".to_owned()).ok();
    let transfer = |ledger: &PeerLedger, is_ours: bool| {
        let (us, them) = (ledger.account().clone(), ledger.peer_account().clone());
        let (from, to) = if is_ours { (us, them) } else { (them, us) };
        let amount = Amount::new(integer(&step["amount"]));
        let plain = Transfer::new(id.clone(), ledger.prefix().clone(), from, to, amount);
        match &step["expires"] {
            Value::Null => plain,
            expires => plain.with_hold(fulfillment.condition(), at(expires)),
        }
    };
    let Outcome { entries, answer } = match op {
        "send_transfer" => ledger.receive(now, transfer(ledger, false)),
        "fulfill_condition" => ledger.fulfilled(now, &id, &fulfillment),
        "reject_incoming_transfer" => ledger.rejected(now, &id, reason()),
        "expire_transfer" => ledger.told_expired(now, &id),
        "send" => ledger.send(now, transfer(ledger, true)),
        "fulfill" => ledger.fulfill(now, &id, &fulfillment),
        "reject" => ledger.reject(now, &id, reason()),
        "wait" => ledger.expire(now),
        other => return Err(format!("there is no {other}")),
    };
    same("answer", answered(&step["result"], &answer), shown(&answer))?;
    same(
        "balance",
        text(&step["balance"]),
        &ledger.balance().to_string(),
    )?;
    let events: Vec<(String, String)> = entries
        .iter()
        .map(|entry| (event(entry).to_owned(), id_of(entry)))
        .collect();
    same("events", pairs(&step["events"]), events)?;
    // Of each act of ours the peer is called, and again where it is a repeat.
    let called = match (op, &answer) {
        ("send", Ok(_)) => Some("send_transfer"),
        ("fulfill", Ok(_)) => Some("fulfill_condition"),
        ("reject", Ok(_)) => Some("reject_incoming_transfer"),
        _ => None,
    };
    let called = called.map(|method| (method.to_owned(), id.to_string()));
    same("calls", pairs(&step["calls"]), called.into_iter().collect())
}

fn shown(answer: &Result<Done, LedgerError>) -> String {
    match answer {
        Ok(_) => "true".to_owned(),
        Err(error) => error.name().to_owned(),
    }
}

/// What 2017 answered; where that is only that it has forgotten, what we know.
fn answered(result: &Value, ours: &Result<Done, LedgerError>) -> String {
    match (result.as_str(), ours) {
        (Some("TransferNotFoundError"), Err(known @ LedgerError::NotConditional { .. })) => {
            known.name().to_owned()
        }
        (Some(class), _) => class.to_owned(),
        (None, _) => result.to_string(),
    }
}

fn event(entry: &Entry) -> &'static str {
    match (entry.record.direction, &entry.record.state) {
        (Direction::Incoming, State::Prepared) => "incoming_prepare",
        (Direction::Incoming, State::Executed { fulfillment: None }) => "incoming_transfer",
        (Direction::Incoming, State::Executed { .. }) => "incoming_fulfill",
        (Direction::Incoming, State::Rejected { .. }) => "incoming_reject",
        (Direction::Incoming, _) => "incoming_cancel",
        (Direction::Outgoing, State::Prepared) => "outgoing_prepare",
        (Direction::Outgoing, State::Executed { fulfillment: None }) => "outgoing_transfer",
        (Direction::Outgoing, State::Executed { .. }) => "outgoing_fulfill",
        (Direction::Outgoing, State::Rejected { .. }) => "outgoing_reject",
        (Direction::Outgoing, _) => "outgoing_cancel",
    }
}

fn id_of(entry: &Entry) -> String {
    entry.record.transfer.id.to_string()
}

fn names(value: &Value) -> Vec<String> {
    list(value).iter().map(|it| text(it).to_owned()).collect()
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let pair = |it: &Value| (text(&it[0]).to_owned(), text(&it[1]).to_owned());
    list(value).iter().map(pair).collect()
}
