//! The four calls about transfers: what is written is read, and what is wrong is named.

use super::*;
use crate::address::LedgerPrefix;
use crate::amount::Amount;
use crate::schema::Document;
use crate::timestamp::Timestamp;

const FULFILLMENT: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

fn transfer() -> Transfer {
    let ledger = LedgerPrefix::new("peer.abcde.usd.9.").unwrap();
    let (us, them) = (
        ledger.account("us").unwrap(),
        ledger.account("them").unwrap(),
    );
    let condition = Fulfillment::from_bytes([7; 32]).condition();
    Transfer::new("a\"b".parse().unwrap(), ledger, us, them, Amount::MAX)
        .with_hold(condition, Timestamp::from_millis(1_500_000_000_000))
        .with_ilp(vec![1, 2, 3])
}

#[test]
fn what_is_written_is_read() {
    let sent = send_transfer::body(&transfer());
    let read = Request::read(send_transfer::METHOD, sent.as_bytes()).unwrap();
    assert!(matches!(read, Request::SendTransfer(read) if *read == transfer()));

    let fulfillment = Fulfillment::from_bytes([7; 32]);
    let sent = fulfill_condition::body(&transfer().id, &fulfillment);
    let read = Request::read(fulfill_condition::METHOD, sent.as_bytes()).unwrap();
    assert!(matches!(read, Request::FulfillCondition(id, read)
        if id == transfer().id && read == fulfillment));

    let reason = Json::read(Document::whole(br#"{"code":"F02"}"#)).unwrap();
    for reason in [Some(reason), None] {
        let sent = reject_incoming_transfer::body(&transfer().id, reason.as_ref());
        let read = Request::read(reject_incoming_transfer::METHOD, sent.as_bytes()).unwrap();
        let expected = reason.map_or_else(|| "{}".to_owned(), |reason| reason.to_string());
        assert!(
            matches!(read, Request::RejectIncomingTransfer(id, Some(read))
            if id == transfer().id && read.as_str() == expected)
        );
    }
    for nothing in ["[\"a\"]", "[\"a\",null]", "[\"a\",null,1]"] {
        let read = Request::read(reject_incoming_transfer::METHOD, nothing.as_bytes()).unwrap();
        assert!(matches!(read, Request::RejectIncomingTransfer(_, None)));
    }
    let read = Request::read(expire_transfer::METHOD, b" [ \"a\" ] ").unwrap();
    assert!(matches!(read, Request::ExpireTransfer(id) if id.as_str() == "a"));
}

#[test]
fn wrong_parameters_are_refused_with_place_and_cure() {
    let long = format!("[\"{}\"]", "x".repeat(300));
    let short = format!("[\"a\",\"{}\"]", &FULFILLMENT[1..]);
    let cases = [
        (Method::SendTransfer, "[]", Some("[0]")),
        (Method::SendTransfer, "[5]", Some("[0]")),
        (Method::SendTransfer, "[{}]", Some("[0].id")),
        (Method::SendTransfer, "{}", None),
        (Method::SendTransfer, "[{}", None),
        (Method::FulfillCondition, "[]", Some("[0]")),
        (Method::FulfillCondition, "[\"a\"]", Some("[1]")),
        (Method::FulfillCondition, "[1,\"x\"]", Some("[0]")),
        (Method::FulfillCondition, "[\"a\",null]", Some("[1]")),
        (Method::FulfillCondition, "[\"a\",\"x\"]", Some("[1]")),
        (Method::FulfillCondition, &short, Some("[1]")),
        (Method::RejectIncomingTransfer, "[]", Some("[0]")),
        (Method::RejectIncomingTransfer, "[\"\",{}]", Some("[0]")),
        (Method::ExpireTransfer, "[]", Some("[0]")),
        (Method::ExpireTransfer, "[[\"a\"]]", Some("[0]")),
        (Method::ExpireTransfer, "[\"\\u0000\"]", Some("[0]")),
        (Method::ExpireTransfer, &long, Some("[0]")),
    ];
    for (method, body, path) in cases {
        let refusal = Request::read(method, body.as_bytes()).unwrap_err();
        assert_eq!(refusal.status.code(), 422, "{body}");
        assert_eq!(refusal.id, "InvalidFieldsError", "{body}");
        assert_eq!(refusal.path.as_deref(), path, "{body}: {refusal}");
        let hint = refusal.hint.unwrap_or_default();
        assert!(!hint.is_empty(), "{body} has no cure");
    }
}

#[test]
fn every_body_that_is_refused_has_faults_and_the_others_none() {
    let message = r#"[{"ledger":"a.","to":"a.b","custom":{"method":"broadcast_routes","data":{"new_routes":[{}]}}}]"#;
    let two = r#"[{"id":"","ledger":"peer.a","from":"peer.a.x","to":"peer.a.y","amount":"5","executionCondition":"x"}]"#;
    let transfer = send_transfer::body(&transfer());
    for (method, body, paths) in [
        (Method::GetLimit, "[]", &[][..]),
        (Method::GetBalance, "{}", &[""]),
        (Method::SendTransfer, &*transfer, &[]),
        (
            Method::SendTransfer,
            two,
            &[
                "[0].expiresAt",
                "[0].id",
                "[0].ledger",
                "[0].executionCondition",
            ],
        ),
        (
            Method::SendRequest,
            message,
            &[
                "[0].custom.data.hold_down_time",
                "[0].custom.data.unreachable_through_me",
                "[0].custom.data.new_routes[0].source_ledger",
                "[0].custom.data.new_routes[0].destination_ledger",
                "[0].custom.data.new_routes[0].min_message_window",
                "[0].custom.data.new_routes[0].source_account",
            ],
        ),
        (Method::SendMessage, "[]", &["[0]"]),
        (Method::RejectIncomingTransfer, "[\"a\",{}]", &[]),
        (Method::ExpireTransfer, "[1]", &["[0]"]),
    ] {
        let faults = validate(method, body.as_bytes()).err().unwrap_or_default();
        let found: Vec<&str> = faults.iter().map(|fault| &*fault.path).collect();
        assert_eq!(found, paths, "{method} {body}");
        // A message may carry what its envelope does not tell: that is looked into here only.
        let is_read = Request::read(method, body.as_bytes()).is_ok();
        let carries = found.iter().all(|path| path.starts_with("[0].custom."));
        assert_eq!(is_read, carries, "{method} {body}");
    }
    let long = " ".repeat(MAX_BODY + 1);
    let faults = validate(Method::GetLimit, long.as_bytes()).unwrap_err();
    assert_eq!(faults[0].code, Code::TooLong);
}

#[test]
fn a_refusal_in_words_is_told_from_all_else() {
    let said = br#"{"id":"NotAcceptedError","message":"over the limit"}"#;
    for status in [200, 422] {
        let error = send_transfer::read_answer(status, said).unwrap_err();
        assert_eq!(error.class(), Some("NotAcceptedError"), "{status}");
    }
    for (status, body) in [
        (401, &said[..]),
        (500, b"true"),
        (200, b"false"),
        (200, b"\"true\""),
        (200, b""),
    ] {
        let error = fulfill_condition::read_answer(status, body).unwrap_err();
        assert_eq!(error.class(), None, "{status}");
    }
    assert_eq!(
        reject_incoming_transfer::read_answer(200, b" true "),
        Ok(())
    );
}

#[test]
fn what_the_ledger_says_keeps_its_class_and_gets_its_cure() {
    let id = transfer().id;
    let refusal = Refusal::ledger(&crate::ledger::LedgerError::NotFound { id });
    assert_eq!(
        (refusal.status.code(), refusal.id),
        (422, "TransferNotFoundError")
    );
    assert!(refusal.message.ends_with("was found."), "{refusal}");
    assert!(refusal.hint.unwrap().starts_with("Check the id"));
}
