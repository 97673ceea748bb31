use super::*;
use crate::amount::Amount;
use crate::packet::ErrorCode;
use crate::timestamp::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_500_000_000_000);

fn incoming() -> Transfer {
    let ledger: LedgerPrefix = "peer.abcde.usd.9.".parse().unwrap();
    let (them, us) = (
        ledger.account("them").unwrap(),
        ledger.account("us").unwrap(),
    );
    Transfer::new("a\"b".parse().unwrap(), ledger, them, us, Amount::MAX)
}

fn json(text: &str) -> Json {
    Json::try_from(text.to_owned()).unwrap()
}

#[test]
fn a_transfer_says_what_it_goes_on_for_and_nothing_else_does() {
    let mut next = incoming();
    assert_eq!(Source::of(&next), None);
    next.note_to_self = Source::note(&incoming());
    let source = Source::of(&next).unwrap();
    assert_eq!(
        (source.ledger, source.id),
        (incoming().ledger, incoming().id)
    );
    for note in [
        "{}",
        "[]",
        r#"{"source_transfer_ledger":"no prefix","source_transfer_id":"a"}"#,
        r#"{"source_transfer_ledger":"peer.a.","source_transfer_id":1}"#,
    ] {
        next.note_to_self = Some(json(note));
        assert_eq!(Source::of(&next), None, "{note}");
    }
}

#[test]
fn ids_differ_where_anything_differs() {
    let secret = SecretKey::from_bytes(&[0; 32]);
    let ledger: LedgerPrefix = "peer.abcde.usd.9.".parse().unwrap();
    let other: LedgerPrefix = "peer.abcdf.usd.9.".parse().unwrap();
    let id: TransferId = "a".parse().unwrap();
    let first = next_id(&secret, &ledger, &id);
    assert_eq!(first, next_id(&secret, &ledger, &id));
    assert_eq!(first.as_str().len(), 36);
    assert_ne!(first, next_id(&secret, &other, &id));
    assert_ne!(first, next_id(&secret, &ledger, &"b".parse().unwrap()));
    let secret = SecretKey::from_bytes(&[1; 32]);
    assert_ne!(first, next_id(&secret, &ledger, &id));
}

#[test]
fn a_reason_is_passed_on_with_our_name_and_kept_where_it_is_none() {
    let (us, there) = (incoming().to, "peer.other.eur.2.us".parse().unwrap());
    let passed = |reason: Option<&Json>| -> serde_json::Value {
        let passed = Refusal::passed_on(reason, &us, &there, NOW).unwrap();
        serde_json::from_str(passed.as_str()).unwrap()
    };
    let told = json(r#"{"code":"F05","forwarded_by":"peer.x.them","more":[1.50]}"#);
    let found = passed(Some(&told));
    assert_eq!(
        (&found["code"], &found["forwarded_by"]),
        (&"F05".into(), &us.as_str().into())
    );
    assert!(found["more"].is_array());
    for odd in ["{}", "[1]", "\"no\"", "7"] {
        let found = passed(Some(&json(odd)));
        assert_eq!(found["code"], "F99", "{odd}");
        assert_eq!(found["triggered_by"], there.as_str());
        assert_eq!(found["additional_info"]["reason"].to_string(), odd);
        assert_eq!(found["forwarded_by"], us.as_str());
    }
    assert_eq!(passed(None)["code"], "F99");
}

#[test]
fn a_refusal_has_every_member_that_was_required_in_2017() {
    let refusal = Refusal {
        code: ErrorCode::R01,
        message: "too little".to_owned(),
        triggered_by: incoming().to,
        triggered_at: NOW,
    };
    let object: serde_json::Value =
        serde_json::from_str(refusal.to_json().unwrap().as_str()).unwrap();
    for (member, value) in [
        ("code", "R01"),
        ("name", "Insufficient Source Amount"),
        ("message", "too little"),
        ("triggered_by", "peer.abcde.usd.9.us"),
        ("triggered_at", "2017-07-14T02:40:00.000Z"),
    ] {
        assert_eq!(object[member], value);
    }
    assert_eq!(object["additional_info"], serde_json::json!({}));
    assert!(refusal.to_string().starts_with("R01 Insufficient"));
}
