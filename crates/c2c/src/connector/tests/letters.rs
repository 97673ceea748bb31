//! Quotes in JSON, by one-way messages, as peers of ilp-connector 17 ask and answer.

use serde_json::{Value, json};

use super::*;
use crate::quote::{About, Question};
use crate::schema::Dialect;
use crate::snapshot::QuoteView;

impl World {
    /// A peer sends a message about quotes.
    fn told(&mut self, name: &str, id: &str, method: &str, data: &Value) -> Vec<Answer> {
        let body = json!([{
            "ledger": name, "from": format!("{name}them"), "to": format!("{name}us"),
            "data": {"id": id, "method": method, "data": data},
        }]);
        let request = Request {
            id: RequestId(1),
            method: "send_message".to_owned(),
            prefix: name.to_owned(),
            bearer: Some(TOKEN.to_owned()),
            body: body.to_string().into_bytes(),
        };
        let answers = self.input(Input::Request(request));
        let taken = answers.iter().find(|answer| answer.id == RequestId(1));
        let taken = taken.map(|answer| (answer.status, &answer.body[..]));
        assert_eq!(taken, Some((200, &b"true"[..])));
        answers
    }

    /// The last message that a peer was sent: to whom, and what stands in it.
    fn letter(&mut self) -> Option<(Call, Value)> {
        let is_letter = |call: &Call| call.method == Method::SendMessage;
        let call = self.calls.iter().rfind(|call| is_letter(call))?.clone();
        self.calls.retain(|call| !is_letter(call));
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        Some((call, body[0].clone()))
    }

    /// Red asks, and what it is told.
    fn red_asks(&mut self, changed: Value) -> Value {
        let mut data = json!({
            "source_address": format!("{RED}them"), "destination_address": blue_account(),
        });
        for (name, value) in changed.as_object().unwrap() {
            data[name] = value.clone();
        }
        self.told(RED, "q1", "quote_request", &data);
        let (call, message) = self.letter().expect("an answer");
        assert_eq!(call.peer.as_str(), RED);
        assert_eq!(
            (&message["from"], &message["to"], &message["data"]["id"]),
            (
                &json!(format!("{RED}us")),
                &json!(format!("{RED}them")),
                &json!("q1")
            )
        );
        self.answered(&call, 200, "true");
        message["data"].clone()
    }

    /// With blue as a peer that speaks the dialect as cited, and tells of a ledger without a curve.
    fn with_old_blue() -> Self {
        let mut world = Self::new();
        world.input(Input::RemovePeer(prefix(BLUE)));
        let mut blue = the_peer(BLUE, 0);
        blue.dialect = Some(Dialect::V17);
        world.input(Input::AddPeer(Box::new(blue)));
        world.answer_limits();
        let update = json!([{
            "ledger": BLUE, "from": format!("{BLUE}them"), "to": format!("{BLUE}us"),
            "custom": {"method": "broadcast_routes", "data": {
                "new_routes": [{
                    "source_ledger": BLUE, "destination_ledger": "example.far.",
                    "min_message_window": 1, "source_account": format!("{BLUE}them"),
                }],
                "hold_down_time": 45_000, "unreachable_through_me": [],
            }},
        }]);
        let (status, body) = world.called(BLUE, Method::SendRequest, update.to_string());
        assert!(status == 200 && !body.contains("ilp"), "{body}");
        world.letter();
        world
    }

    /// The operator asks about the ledger behind blue; and the question that blue gets.
    fn asks_far(&mut self, about: About) -> (Call, Value) {
        let question = Question {
            destination: "example.far.bob".parse().unwrap(),
            hold: Millis(5_000),
            about,
        };
        let asked = self.input(Input::Quote {
            id: RequestId(7),
            ledger: prefix(RED),
            question: Box::new(question),
        });
        assert!(asked.is_empty(), "not yet");
        let (call, message) = self.letter().expect("a question");
        assert_eq!(call.peer.as_str(), BLUE);
        (call, message["data"].clone())
    }
}

/// The answer to the operator.
fn answered(answers: &[Answer]) -> Option<(u16, Value)> {
    let answer = answers.iter().find(|answer| answer.id == RequestId(7))?;
    Some((answer.status, serde_json::from_slice(&answer.body).unwrap()))
}

fn response(source: u64, destination: u64) -> Value {
    json!({
        "source_ledger": BLUE, "destination_ledger": "example.far.",
        "source_connector_account": format!("{BLUE}them"),
        "source_amount": source.to_string(), "destination_amount": destination.to_string(),
        "source_expiry_duration": "6", "destination_expiry_duration": "5",
    })
}

#[test]
fn a_peer_asks_by_message_and_is_answered_by_one() {
    let mut world = World::new();
    let exact = world.red_asks(json!({"source_amount": "1000", "slippage": "0"}));
    assert_eq!(exact["method"], "quote_response");
    let data = &exact["data"];
    assert_eq!(
        (&data["source_amount"], &data["destination_amount"]),
        (&json!("1000"), &json!("998"))
    );
    assert_eq!(
        (&data["source_ledger"], &data["destination_ledger"]),
        (&json!(RED), &json!(BLUE))
    );
    assert_eq!(data["source_connector_account"], format!("{RED}us"));
    // Nothing was said of durations: five seconds there, and our window more here.
    let holds = |data: &Value| {
        let text = |name: &str| data[name].as_str().unwrap().to_owned();
        (
            text("source_expiry_duration"),
            text("destination_expiry_duration"),
        )
    };
    assert_eq!(holds(data), ("6".to_owned(), "5".to_owned()));
    // A thousandth is left for changes, downwards there and upwards here.
    let usual = world.red_asks(json!({"source_amount": "1000"}));
    assert_eq!(usual["data"]["destination_amount"], "997");
    let usual = world.red_asks(json!({"destination_amount": "998", "slippage": 0}));
    let cost: u64 = usual["data"]["source_amount"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let more = world.red_asks(json!({"destination_amount": "998"}));
    assert_eq!(
        more["data"]["source_amount"],
        (cost + cost / 1_000 + 1).to_string()
    );
    // Of the two durations the other one follows.
    let given = world.red_asks(json!({"source_amount": "1000", "source_expiry_duration": "4.5"}));
    assert_eq!(holds(&given["data"]), ("4.5".to_owned(), "3.5".to_owned()));
    let given =
        world.red_asks(json!({"source_amount": "1000", "destination_expiry_duration": "2"}));
    assert_eq!(holds(&given["data"]), ("3".to_owned(), "2".to_owned()));
}

#[test]
fn what_cannot_be_quoted_is_said_by_message_with_its_class() {
    let mut world = World::new();
    for (changed, class) in [
        (json!({}), "InvalidUriParameterError"),
        (
            json!({"source_amount": "1000", "source_address": "example.green.x"}),
            "InvalidUriParameterError",
        ),
        (
            json!({"source_amount": "1000", "slippage": "1"}),
            "InvalidUriParameterError",
        ),
        (
            json!({"source_amount": "1000", "destination_address": "g.nowhere.x"}),
            "AssetsNotTradedError",
        ),
        (json!({"source_amount": "1"}), "UnacceptableAmountError"),
        (
            json!({"destination_amount": "2000000"}),
            "UnacceptableAmountError",
        ),
        (
            json!({"source_amount": "1000", "source_expiry_duration": "0.5"}),
            "UnacceptableExpiryError",
        ),
        (
            json!({"source_amount": "1000", "source_expiry_duration": "20"}),
            "UnacceptableExpiryError",
        ),
        (
            json!({
                "source_amount": "1000", "source_expiry_duration": "5", "destination_expiry_duration": "4.5",
            }),
            "UnacceptableExpiryError",
        ),
    ] {
        let answer = world.red_asks(changed.clone());
        assert_eq!(answer["method"], "error", "{changed}: {answer}");
        assert_eq!(answer["data"]["id"], class, "{changed}: {answer}");
    }
    // Without an id nobody could tell what the answer is for; and what is no question is none.
    let mut body = json!([{
        "ledger": RED, "from": format!("{RED}them"), "to": format!("{RED}us"),
        "data": {"method": "quote_request", "data": {}},
    }]);
    world.called(RED, Method::SendMessage, body.to_string());
    body[0]["data"] = json!({"id": "x", "method": "something", "data": {}});
    world.called(RED, Method::SendMessage, body.to_string());
    assert!(world.letter().is_none());
}

#[test]
fn an_old_peer_is_asked_by_message_with_what_comes_out_of_our_pair() {
    let mut world = World::with_old_blue();
    let (call, asked) = world.asks_far(About::Source(1_000));
    assert_eq!(asked["method"], "quote_request");
    let data = &asked["data"];
    assert_eq!(
        (&data["source_amount"], &data["slippage"]),
        (&json!("998"), &json!("0"))
    );
    assert_eq!(data["source_address"], format!("{BLUE}us"));
    assert_eq!(data["destination_expiry_duration"], "5");
    world.answered(&call, 200, "true");
    let id = asked["id"].as_str().unwrap().to_owned();
    // Only who was asked may answer.
    let answers = world.told(RED, &id, "quote_response", &response(998, 5_000));
    assert_eq!(answered(&answers), None);
    let answers = world.told(BLUE, &id, "quote_response", &response(998, 500));
    let (status, body) = answered(&answers).expect("an answer");
    assert_eq!(status, 200, "{body}");
    let view: QuoteView = serde_json::from_value(body).unwrap();
    assert_eq!(view.destination_amount, Some(Amount::new(500)));
    assert_eq!(view.source_hold_ms, 7_000);
    // Once.
    let answers = world.told(BLUE, &id, "quote_response", &response(998, 600));
    assert_eq!(answered(&answers), None);
    // And for no other amount: it is asked again.
    let (_, asked) = world.asks_far(About::Destination(500));
    assert_eq!(asked["data"]["destination_amount"], "500");
    let id = asked["id"].as_str().unwrap();
    let answers = world.told(BLUE, id, "quote_response", &response(998, 500));
    let (_, body) = answered(&answers).expect("an answer");
    assert_eq!(body["source_amount"], "1002");
}

#[test]
fn an_old_peer_that_refuses_or_says_nothing_is_no_answer() {
    let refused = |answers: &[Answer]| {
        let (status, body) = answered(answers).expect("an answer");
        (status, body["id"].as_str().unwrap().to_owned())
    };
    let none = (502, "T01".to_owned());
    // It refuses.
    let mut world = World::with_old_blue();
    let (call, asked) = world.asks_far(About::Source(1_000));
    world.answered(&call, 200, "true");
    let fault = json!({"id": "AssetsNotTradedError", "message": "no"});
    let answers = world.told(BLUE, asked["id"].as_str().unwrap(), "error", &fault);
    assert_eq!(refused(&answers), none);
    // It answers something that is no answer.
    let (_, asked) = world.asks_far(About::Source(1_000));
    let answers = world.told(
        BLUE,
        asked["id"].as_str().unwrap(),
        "quote_response",
        &json!({}),
    );
    assert_eq!(refused(&answers), none);
    // It does not take the question.
    let (call, _) = world.asks_far(About::Source(1_000));
    let outcome = CallOutcome::Failed(CallFailure::Timeout);
    let answers = world.input(Input::CallDone {
        id: call.id,
        outcome,
    });
    assert_eq!(refused(&answers), none);
    // It takes it and says nothing.
    let (call, asked) = world.asks_far(About::Source(1_000));
    world.answered(&call, 200, "true");
    assert_eq!(
        world.connector.next_wakeup().unwrap().since(world.now),
        Millis(5_000)
    );
    world.now = world.now + Millis(5_000);
    let answers = world.input(Input::Wake);
    assert_eq!(refused(&answers), none);
    let late = world.told(
        BLUE,
        asked["id"].as_str().unwrap(),
        "quote_response",
        &response(998, 1),
    );
    assert_eq!(answered(&late), None);
    // Whoever asks for a curve cannot be helped.
    let question = Question {
        destination: "example.far.bob".parse().unwrap(),
        hold: Millis(5_000),
        about: About::Liquidity,
    };
    let answers = world.input(Input::Quote {
        id: RequestId(7),
        ledger: prefix(RED),
        question: Box::new(question),
    });
    assert_eq!(refused(&answers), none);
}
