//! Keys, and what two peers derive from them.

use std::cell::Cell;

use c2c::address::CurrencyCode;
use c2c::amount::Scale;
use c2c::key::{PublicKey, SecretKey, to_base64url};
use c2c::peering::shared_secret;
use sha2::{Digest as _, Sha256};
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

/// Prefix, token, our account and the peer's, in this order (spec, Appendix A, step 4).
#[wasm_bindgen]
pub fn derive(
    secret: String,
    peer_public_key: &str,
    currency_code: &str,
    currency_scale: u8,
) -> Result<Vec<String>, JsValue> {
    let digest: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    let secret = read_secret(secret)?;
    let peer: PublicKey = peer_public_key.trim().parse().map_err(bad_key)?;
    let currency: CurrencyCode = currency_code
        .parse()
        .map_err(|error| failure("CODE_FORMAT", error, "Use letters or digits, such as USD."))?;
    let scale =
        Scale::new(currency_scale).map_err(|error| failure("SCALE_RANGE", error, "Most use 9."))?;
    let shared = shared_secret(&secret, &peer).map_err(bad_key)?;
    let prefix = shared.prefix(&currency, scale);
    let token = shared.auth_token().reveal().to_owned();
    Ok(vec![
        prefix.to_string(),
        token,
        format!("{prefix}{}", own_key(&secret, &digest)),
        format!("{prefix}{peer}"),
    ])
}

thread_local! {
    /// The public key of the secret that was used last, by a digest of its text: a connector has one secret and
    /// many peers.
    static LAST: Cell<Option<([u8; 32], PublicKey)>> = const { Cell::new(None) };
}

fn own_key(secret: &SecretKey, digest: &[u8; 32]) -> PublicKey {
    match LAST.get() {
        Some((known, key)) if known == *digest => key,
        _ => {
            let key = secret.public_key();
            LAST.set(Some((*digest, key)));
            key
        }
    }
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
