use super::*;

const KEY: &str = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU";

fn host() -> Host {
    Host::parse("wallet2.com").unwrap()
}

fn document() -> Value {
    json!({
        "subject": "https://wallet2.com",
        "properties": { REL_PUBLIC_KEY: KEY, REL_PROTOCOL_VERSION: DEFAULT_PROTOCOL_VERSION },
        "links": [{ "rel": REL_RPC_URI, "href": "https://wallet2.com/api/peers/rpc" }],
    })
}

fn read(document: &Value) -> Result<Record, RecordError> {
    Record::parse(document.to_string().as_bytes(), &host(), false)
}

fn refused(document: &Value) -> (&'static str, String) {
    let fault = read(document).unwrap_err();
    assert!(!fault.hint().is_empty());
    (fault.code(), fault.to_string())
}

#[test]
fn a_record_of_ilp_kit_is_read() {
    let mut full = document();
    full["properties"][REL_TITLE] = json!("Wallet Two");
    full["links"] = json!([
        { "rel": REL_LEDGER_URI, "href": "https://wallet2.com/ledger" },
        { "rel": REL_RPC_URI, "href": "https://wallet2.com/api/peers/rpc" },
        { "rel": REL_RPC_URI, "href": "http://elsewhere.com/rpc" },
        { "rel": REL_SETTLEMENT_METHODS, "href": "https://wallet2.com/settle" },
    ]);
    let record = read(&full).unwrap();
    assert_eq!(record.public_key.to_string(), KEY);
    assert_eq!(record.rpc_uri.as_str(), "https://wallet2.com/api/peers/rpc");
    assert_eq!(record.title.as_deref(), Some("Wallet Two"));
    assert_eq!(
        record.ledger_uri.as_deref(),
        Some("https://wallet2.com/ledger")
    );
    assert_eq!(
        read(&serde_json::from_str(&record.to_json()).unwrap()).unwrap(),
        record
    );
}

#[test]
fn no_text_of_a_record_steers_a_terminal() {
    let mut hostile = document();
    hostile["properties"][REL_TITLE] = json!("\u{1b}[2JWallet\nTwo");
    let uri = json!({ "rel": REL_LEDGER_URI, "href": "x".repeat(5000) });
    hostile["links"].as_array_mut().unwrap().push(uri);
    let record = read(&hostile).unwrap();
    assert_eq!(record.title.as_deref(), Some(" [2JWallet Two"));
    assert!(record.ledger_uri.is_some_and(|uri| uri.len() == MAX_URI));
    for (member, value) in [
        ("subject", json!("\u{1b}[2J")),
        (
            "links",
            json!([{ "rel": REL_RPC_URI, "href": "\u{1b}[2J" }]),
        ),
        ("properties", json!({ REL_PUBLIC_KEY: "\u{1b}[2J" })),
    ] {
        let mut hostile = document();
        hostile[member] = value;
        let fault = read(&hostile).unwrap_err();
        let shown = format!("{fault} {}", fault.hint());
        assert!(!shown.contains(char::is_control), "{shown:?}");
    }
}

#[test]
fn our_record_is_about_the_resource_that_is_asked_for() {
    let host = Host::parse("http://127.0.0.1:9001").unwrap();
    let rpc = RpcUri::parse("http://127.0.0.1:9001/rpc", true).unwrap();
    let record = Record::new(&host, KEY.parse().unwrap(), rpc);
    assert_eq!(record.subject, "https://127.0.0.1:9001");
    assert_eq!(
        Record::parse(record.to_json().as_bytes(), &host, true),
        Ok(record)
    );
}

#[test]
fn what_need_not_be_there_may_be_missing() {
    let mut bare = document();
    bare.as_object_mut().unwrap().remove("subject");
    bare["properties"]
        .as_object_mut()
        .unwrap()
        .remove(REL_PROTOCOL_VERSION);
    let record = read(&bare).unwrap();
    assert_eq!(record.subject, "https://wallet2.com");
    assert_eq!(record.protocol_version, None);
    let text = format!("\u{feff}{bare}");
    assert!(Record::parse(text.as_bytes(), &host(), false).is_ok());
}

#[test]
fn a_web_page_is_not_a_record() {
    for bytes in [
        &b"<!doctype html>"[..],
        b"",
        b"[1]",
        b"\"x\"",
        b"null",
        b"{\"a\":",
        b"\xff",
    ] {
        let fault = Record::parse(bytes, &host(), false).unwrap_err();
        assert_eq!(fault.code(), "WF_NOT_JSON");
        assert_eq!(
            fault.to_string(),
            "wallet2.com sent a web page, not a record. A proxy probably catches /.well-known; ask its operator."
        );
    }
    let large = vec![b' '; MAX_RECORD_BYTES + 1];
    let fault = Record::parse(&large, &host(), false).unwrap_err();
    assert!(matches!(
        fault,
        RecordError::NotJson {
            reason: NotJson::TooLarge,
            ..
        }
    ));
    let deep = "[".repeat(MAX_RECORD_BYTES);
    assert!(Record::parse(deep.as_bytes(), &host(), false).is_err());
}

#[test]
fn a_record_without_a_key_is_refused() {
    for properties in [
        json!({}),
        json!({ REL_PUBLIC_KEY: 7 }),
        json!(null),
        json!("x"),
    ] {
        let mut without = document();
        without["properties"] = properties;
        assert_eq!(
            refused(&without),
            (
                "WF_NO_KEY",
                "wallet2.com speaks WebFinger but publishes no connector key. Peer manually instead.".to_owned()
            )
        );
    }
}

#[test]
fn a_key_of_another_length_is_refused() {
    for (key, bytes) in [
        (&KEY[..42], 31),
        ("", 0),
        ("AAAA!", 3),
        (&format!("{KEY}A"), 33),
    ] {
        let mut bad = document();
        bad["properties"][REL_PUBLIC_KEY] = json!(key);
        assert_eq!(
            refused(&bad),
            (
                "WF_BAD_KEY",
                format!(
                    "The published key is {bytes} bytes, not 32 (or unsafe). Do not continue; tell its operator."
                )
            ),
            "{key}"
        );
    }
}

#[test]
fn an_unsafe_key_is_refused() {
    for key in [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA",
    ] {
        let mut bad = document();
        bad["properties"][REL_PUBLIC_KEY] = json!(key);
        let (code, text) = refused(&bad);
        assert_eq!(code, "WF_BAD_KEY");
        assert!(text.contains("unsafe"));
    }
}

#[test]
fn a_key_in_the_other_alphabet_is_taken_and_written_in_ours() {
    let mut padded = document();
    padded["properties"][REL_PUBLIC_KEY] = json!("/K4lZSbMIXkfvPInzzC8+N5m7PTqSQyQS4R/HfEeRhU=");
    assert_eq!(read(&padded).unwrap().public_key.to_string(), KEY);
}

#[test]
fn another_hosts_record_is_refused() {
    let mut other = document();
    other["subject"] = json!("https://wallet3.com");
    assert_eq!(
        refused(&other),
        (
            "WF_SUBJECT",
            "The record is about wallet3.com, not wallet2.com. Peer with wallet3.com, or ask why."
                .to_owned()
        )
    );
    other["subject"] = json!("acct:bob@wallet2.com");
    assert_eq!(refused(&other).0, "WF_SUBJECT");
}

#[test]
fn a_record_without_a_safe_rpc_link_is_refused() {
    for links in [
        json!(null),
        json!([]),
        json!([{ "rel": REL_LEDGER_URI, "href": "https://wallet2.com" }]),
        json!([{ "rel": REL_RPC_URI }]),
        json!([{ "rel": REL_RPC_URI, "href": "http://wallet2.com/rpc" }]),
        json!([{ "rel": REL_RPC_URI, "href": "http://127.0.0.1/rpc" }]),
        json!([{ "rel": REL_RPC_URI, "href": "/rpc" }]),
    ] {
        let mut without = document();
        without["links"] = links;
        assert_eq!(
            refused(&without),
            (
                "WF_NO_RPC",
                "wallet2.com publishes no https RPC link. Ask its operator, or peer manually."
                    .to_owned()
            )
        );
    }
}

#[test]
fn plain_http_needs_the_switch_and_this_machine_on_both_ends() {
    let mut local = document();
    local["subject"] = json!("http://127.0.0.1:9001");
    local["links"] = json!([{ "rel": REL_RPC_URI, "href": "http://127.0.0.1:9001/rpc" }]);
    let bytes = local.to_string().into_bytes();
    let here = Host::parse("http://127.0.0.1:9001").unwrap();
    assert!(Record::parse(&bytes, &here, true).is_ok());
    assert_eq!(
        Record::parse(&bytes, &here, false).unwrap_err().code(),
        "WF_NO_RPC"
    );
    local["subject"] = json!("https://wallet2.com");
    let fault = Record::parse(local.to_string().as_bytes(), &host(), true).unwrap_err();
    assert_eq!(fault.code(), "WF_NO_RPC");
}

#[test]
fn our_own_record_has_the_members_of_the_specification() {
    let rpc = RpcUri::parse("https://wallet2.com/rpc", false).unwrap();
    let mut own = Record::new(&host(), KEY.parse().unwrap(), rpc);
    own.title = Some("Say \"hi\"".to_owned());
    let written: Value = serde_json::from_str(&own.to_json()).unwrap();
    assert_eq!(written["subject"], "https://wallet2.com");
    assert_eq!(written["properties"][REL_PUBLIC_KEY], KEY);
    assert_eq!(
        written["properties"][REL_PROTOCOL_VERSION],
        "Compatible: ilp-kit v3.0.0"
    );
    assert_eq!(written["properties"][REL_TITLE], "Say \"hi\"");
    assert_eq!(written["links"][0]["href"], "https://wallet2.com/rpc");
}
