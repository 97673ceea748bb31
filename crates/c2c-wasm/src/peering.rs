//! Keys, and what two peers derive from them.

use c2c::address::CurrencyCode;
use c2c::amount::Scale;
use c2c::key::{PublicKey, SecretKey, to_base64url};
use c2c::peering::shared_secret;
use wasm_bindgen::prelude::*;
use zeroize::Zeroize as _;

use crate::error::failure;

/// base64url of random bytes that the caller drew. Our copy of them is wiped.
#[wasm_bindgen(js_name = secretText)]
pub fn secret_text(mut bytes: Vec<u8>) -> String {
    let text = to_base64url(&bytes);
    bytes.zeroize();
    text
}

/// The public key of a secret.
#[wasm_bindgen(js_name = publicKey)]
pub fn public_key(secret: String) -> Result<String, JsValue> {
    Ok(read_secret(secret)?.public_key().to_string())
}

/// Prefix, token and the peer's key, in this order and a line each (spec, Appendix A, step 4); with our own key
/// behind them if it is asked for, which takes as long as the rest.
#[wasm_bindgen]
pub fn derive(
    secret: String,
    peer_public_key: &str,
    currency_code: &str,
    currency_scale: u8,
    with_own_key: bool,
) -> Result<String, JsValue> {
    let secret = read_secret(secret)?;
    let peer: PublicKey = peer_public_key.trim().parse().map_err(bad_key)?;
    let currency: CurrencyCode = currency_code
        .parse()
        .map_err(|error| failure("CODE_FORMAT", error, "Use letters or digits, such as USD."))?;
    let scale =
        Scale::new(currency_scale).map_err(|error| failure("SCALE_RANGE", error, "Most use 9."))?;
    let shared = shared_secret(&secret, &peer).map_err(bad_key)?;
    let mut lines = shared.prefix(&currency, scale).to_string();
    for line in [shared.auth_token().reveal(), &peer.to_string()] {
        lines.push('\n');
        lines.push_str(line);
    }
    if with_own_key {
        lines.push('\n');
        lines.push_str(&secret.public_key().to_string());
    }
    Ok(lines)
}

/// A public key as it is published: base64url without padding.
#[wasm_bindgen(js_name = keyText)]
pub fn key_text(public_key: &str) -> Result<String, JsValue> {
    let key: PublicKey = public_key.trim().parse().map_err(bad_key)?;
    Ok(key.to_string())
}

fn read_secret(mut text: String) -> Result<SecretKey, JsValue> {
    let secret = SecretKey::from_base64(&text).map_err(|error| {
        failure(
            "SECRET_FORMAT",
            error,
            "A secret is 32 bytes as base64url, or a Uint8Array.",
        )
    });
    text.zeroize();
    secret
}

fn bad_key(error: c2c::key::KeyError) -> JsValue {
    failure(
        "WF_BAD_KEY",
        error,
        "A public key is 32 bytes as base64url: 43 characters.",
    )
}
