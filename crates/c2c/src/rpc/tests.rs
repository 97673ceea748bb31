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
