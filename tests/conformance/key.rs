//! Keys: secrets in every base64 style, the public keys made of them, public keys refused.

use c2c::key::{KeyError, PublicKey, SecretKey};
use c2c_tests::vectors::{cases, each, same, text};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn secrets_give_the_public_keys_of_2017() {
    each("peering", |case| {
        let pairs = match text(&case["kind"]) {
            "pair" => vec![&case["a"], &case["b"]],
            "keygen" => vec![case],
            _ => vec![],
        };
        for side in pairs {
            let secret = SecretKey::from_base64(text(&side["secret"])).map_err(stringify)?;
            let found = secret.public_key().to_string();
            same("public key", text(&side["public_key"]), &found)?;
        }
        Ok::<(), String>(())
    });
}

#[test]
fn a_secret_is_the_same_in_every_style_of_base64() {
    let styles = cases("peering")
        .into_iter()
        .filter(|case| case["kind"] == "secret-styles");
    let mut seen = 0;
    for case in styles {
        for (style, secret) in case["styles"].as_object().expect("an object of styles") {
            let key = SecretKey::from_base64(text(secret)).expect(style);
            assert_eq!(
                key.public_key().to_string(),
                text(&case["public_keys"][style])
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "the vectors have no secret in several styles");
}

#[test]
fn public_keys_of_a_wrong_length_are_refused() {
    let refused = cases("peering")
        .into_iter()
        .filter(|case| case["kind"] == "bad-key");
    let mut seen = 0;
    for case in refused {
        let found = text(&case["peer_public_key"]).parse::<PublicKey>();
        assert!(
            matches!(
                found,
                Err(KeyError::Length { .. } | KeyError::NotBase64 { .. })
            ),
            "{}: {found:?}",
            case["name"]
        );
        seen += 1;
    }
    assert!(seen > 0, "the vectors have no refused key");
}

fn stringify(error: KeyError) -> String {
    error.to_string()
}
