//! Peering: shared secrets, tokens, prefixes and accounts as `ilp-plugin-virtual` 16.0.1 computes them.

use c2c::address::CurrencyCode;
use c2c::amount::{Amount, Scale};
use c2c::key::{KeyError, PublicKey, SecretKey};
use c2c::peering::{Details, Terms, shared_secret};
use c2c::webfinger::{Host, Record, RpcUri};
use c2c_tests::vectors::{each, list, same, text};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn both_sides_of_a_pair_derive_what_2017_derived() {
    each("peering", |case| {
        if case["kind"] != "pair" {
            return Ok(());
        }
        for (own, peer) in [("a", "b"), ("b", "a")] {
            let secret = SecretKey::from_base64(text(&case[own]["secret"])).map_err(shown)?;
            let peer_key: PublicKey = text(&case[peer]["public_key"]).parse().map_err(shown)?;
            let shared = shared_secret(&secret, &peer_key).map_err(shown)?;
            same(
                "shared secret",
                text(&case["shared_secret_hex"]),
                &hex(shared.as_bytes()),
            )?;
            same("token", text(&case["token"]), &shared.token())?;
            same(
                "auth token",
                text(&case["auth_token"]),
                shared.auth_token().reveal(),
            )?;
            for ledger in list(&case["ledgers"]) {
                let details = details(&secret, peer_key, ledger)?;
                same("prefix", text(&ledger["prefix"]), details.prefix.as_str())?;
                let account = |side| text(&ledger[format!("account_{side}")]);
                same("own account", account(own), details.account.as_str())?;
                same(
                    "their account",
                    account(peer),
                    details.peer_account.as_str(),
                )?;
                let token = text(&case["auth_token"]);
                same("sent token", token, details.send_token.reveal())?;
                same("accepted token", token, details.accept_token.reveal())?;
            }
        }
        Ok::<(), String>(())
    });
}

#[test]
fn secrets_are_made_of_configured_texts_as_ilp_kit_does() {
    each("peering", |case| {
        if case["kind"] != "keygen" {
            return Ok(());
        }
        same("message", "CONNECTOR_ED25519", text(&case["hmac_message"]))?;
        let made = SecretKey::from_seed(text(&case["hmac_key_text"]).as_bytes());
        let stored = SecretKey::from_base64(text(&case["secret"])).map_err(shown)?;
        same("secret", stored.to_base64url(), made.to_base64url())?;
        same(
            "public key",
            text(&case["public_key"]),
            &made.public_key().to_string(),
        )
    });
}

/// DIFFERENCE: `ilp-plugin-virtual` 16.0.1 goes on with the all-zero secret of a low-order key, which
/// lets anybody call as that peer. Such a key is refused here, when it is read and when it is used.
#[test]
fn odd_keys_give_what_2017_gave_and_unsafe_ones_are_refused() {
    each("peering", |case| {
        if case["kind"] != "peculiar-key" {
            return Ok(());
        }
        let secret = SecretKey::from_base64(text(&case["a"]["secret"])).map_err(shown)?;
        let key: PublicKey = text(&case["peer_public_key"]).parse().map_err(shown)?;
        let unsafe_key = case["quirk"] == "low-order";
        same("low order", unsafe_key, key.is_low_order())?;
        match shared_secret(&secret, &key) {
            Err(fault) if unsafe_key => same("refusal", KeyError::LowOrder, fault),
            Err(fault) => Err(shown(fault)),
            Ok(_) if unsafe_key => Err("an unsafe key was taken".to_owned()),
            Ok(shared) => {
                same(
                    "shared secret",
                    text(&case["shared_secret_hex"]),
                    &hex(shared.as_bytes()),
                )?;
                same("token", text(&case["token"]), &shared.token())
            }
        }
    });
}

#[test]
fn a_record_with_a_refused_key_is_refused() {
    each("peering", |case| {
        if case["kind"] != "bad-key" && case["quirk"] != "low-order" {
            return Ok(());
        }
        let host = Host::parse("wallet2.com").map_err(shown)?;
        let document = serde_json::json!({
            "subject": "https://wallet2.com",
            "properties": { c2c::webfinger::REL_PUBLIC_KEY: case["peer_public_key"] },
            "links": [{ "rel": c2c::webfinger::REL_RPC_URI, "href": "https://wallet2.com/rpc" }],
        });
        match Record::parse(document.to_string().as_bytes(), &host, false) {
            Ok(_) => Err("the record was taken".to_owned()),
            Err(fault) => same("code", "WF_BAD_KEY", fault.code()),
        }
    });
}

fn details(secret: &SecretKey, peer_key: PublicKey, ledger: &Value) -> Result<Details, String> {
    let host = Host::parse("wallet2.com").map_err(shown)?;
    let rpc_uri = RpcUri::parse("https://wallet2.com/rpc", false).map_err(shown)?;
    let scale = ledger["currency_scale"]
        .as_u64()
        .and_then(|n| u8::try_from(n).ok());
    let terms = Terms {
        currency: CurrencyCode::new(text(&ledger["currency_code"])).map_err(shown)?,
        scale: Scale::new(scale.ok_or("no scale")?).map_err(shown)?,
        limit: Amount::new(1),
    };
    let record = Record::new(&host, peer_key, rpc_uri);
    Details::from_webfinger(secret, &record, &host, &terms).map_err(shown)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn shown(error: impl std::fmt::Display) -> String {
    error.to_string()
}
