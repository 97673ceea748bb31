use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::key::SecretKey;

fn own() -> (Host, Record) {
    let host = Host::parse("wallet1.com").unwrap();
    let rpc = RpcUri::parse("https://wallet1.com/rpc", false).unwrap();
    let key = SecretKey::from_bytes(&[7; 32]).public_key();
    let record = Record::new(&host, key, rpc);
    (host, record)
}

fn host() -> impl Strategy<Value = String> {
    let label = "[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?";
    (vec(label, 0..3), "[a-z]{2,6}", proptest::option::of(1u16..)).prop_map(
        |(labels, last, port)| {
            let name: String = labels.iter().map(|label| format!("{label}.")).collect();
            match port {
                Some(port) if port != 443 => format!("{name}{last}:{port}"),
                _ => format!("{name}{last}"),
            }
        },
    )
}

proptest! {
    #[test]
    fn prop_a_host_is_found_in_its_urls(text in host(), path in "[/?#]\\PC{0,20}") {
        prop_assume!(!text.starts_with("localhost"));
        let host = Host::parse(&text).unwrap();
        prop_assert_eq!(host.as_str(), &text);
        prop_assert_eq!(&Host::parse(&host.base_url()).unwrap(), &host);
        prop_assert_eq!(&Host::parse(&format!("{}{}", host.base_url(), path)).unwrap(), &host);
        prop_assert!(host.is_named_by(&host.resource()));
        let rpc = format!("{}/rpc", host.base_url());
        prop_assert!(RpcUri::parse(&rpc, false).is_ok());
    }

    #[test]
    fn prop_any_text_is_a_host_or_refused(text in "\\PC{0,60}|[a-z0-9.:/@\\[\\]-]{0,40}") {
        match Host::read(&text) {
            Ok(input) => {
                let again = Host::parse(&input.host.base_url()).unwrap();
                prop_assert_eq!(again, input.host);
            }
            Err(fault) => prop_assert!(fault.to_string().contains("is not a hostname")),
        }
        if let Ok(uri) = RpcUri::parse(&text, true) {
            prop_assert_eq!(RpcUri::parse(uri.as_str(), true), Ok(uri));
        }
    }

    #[test]
    fn prop_any_bytes_are_a_record_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let (host, _) = own();
        prop_assert!(Record::parse(&bytes, &host, true).is_err());
    }

    #[test]
    fn prop_a_changed_record_is_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (host, record) = own();
        let mut bytes = record.to_json().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Record::parse(&bytes, &host, false) {
            prop_assert_eq!(Record::parse(read.to_json().as_bytes(), &host, false), Ok(read));
        }
    }

    #[test]
    fn prop_any_query_is_answered(query in "\\PC{0,40}|resource=[a-z0-9%:/.]{0,30}") {
        let (host, record) = own();
        let status = answer(Some(&query), &host, &record).status();
        prop_assert!([200, 400, 404].contains(&status));
    }
}

#[test]
fn every_spelling_of_our_resource_is_answered() {
    let (host, record) = own();
    for query in [
        "resource=https://wallet1.com",
        "resource=https://wallet1.com/",
        "resource=https%3A%2F%2Fwallet1.com",
        "resource=https%3a%2f%2fWallet1.com",
        "resource=http://wallet1.com",
        "resource=wallet1.com",
        "rel=x&resource=https://wallet1.com&rel=y",
        "resource=https://wallet1.com:443",
    ] {
        let found = answer(Some(query), &host, &record);
        assert_eq!(found, Answer::Found(record.to_json()), "{query}");
        assert_eq!(found.content_type(), "application/jrd+json");
    }
    for query in [
        None,
        Some(""),
        Some("resource="),
        Some("rel=x"),
        Some("xresource=https://wallet1.com"),
    ] {
        assert_eq!(answer(query, &host, &record).status(), 400, "{query:?}");
    }
    for query in [
        "resource=https://wallet2.com",
        "resource=https://wallet1.com.evil.example",
        "resource=https://wallet1.com:8443x",
        "resource=acct:bob@wallet1.com",
        "resource=https://wallet1.com/bob",
        "resource=%ff%fe",
        "resource=%",
        "resource=%4",
    ] {
        let refused = answer(Some(query), &host, &record);
        assert_eq!(refused.status(), 404, "{query}");
        let body: serde_json::Value = serde_json::from_str(refused.body()).unwrap();
        assert!(body["id"].is_string() && body["message"].is_string());
    }
}

#[test]
fn the_address_of_a_record_is_found_from_what_was_typed() {
    assert_eq!(
        record_url("Wallet2.com/x").unwrap(),
        "https://wallet2.com/.well-known/webfinger?resource=https://wallet2.com"
    );
    assert_eq!(record_url("a b").unwrap_err().code(), "HOST_SYNTAX");
}

#[test]
fn our_own_record_must_publish_our_key() {
    let (_, record) = own();
    let other = SecretKey::from_bytes(&[8; 32]).public_key();
    assert_eq!(record.check_own(&record.public_key), Ok(()));
    assert_eq!(
        record.check_own(&other).unwrap_err().to_string(),
        format!(
            "Your record shows {}; this secret makes {other}. Load the right secret or republish.",
            record.public_key
        )
    );
}
