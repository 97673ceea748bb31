//! What ilp-plugin-virtual 16 answered, for the drop-in of that name in `entry/`.

use c2c::key::{PublicKey, SecretKey};
use c2c::peering::shared_secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use wasm_bindgen::prelude::*;

use crate::error::failure;

/// The public key of the bytes of a seed.
#[wasm_bindgen(js_name = publicKeyOfSeed)]
pub fn public_key_of_seed(seed: &[u8]) -> Vec<u8> {
    SecretKey::from_bytes(seed).public_key().as_bytes().to_vec()
}

/// The secret that a seed shares with a public key of 32 bytes.
#[wasm_bindgen(js_name = sharedSecretOfSeed)]
pub fn shared_secret_of_seed(seed: &[u8], peer: &[u8]) -> Result<Vec<u8>, JsValue> {
    let peer: [u8; 32] = peer
        .try_into()
        // As tweetnacl says it.
        .map_err(|_| failure("WF_BAD_KEY", "bad p size", "A public key is 32 bytes."))?;
    let secret = SecretKey::from_bytes(seed);
    shared_secret(&secret, &PublicKey::from_bytes(peer))
        .map(|shared| shared.as_bytes().to_vec())
        .map_err(|error| {
            failure(
                "WF_BAD_KEY",
                error,
                "Ask for the key again, and do not continue.",
            )
        })
}

/// HMAC-SHA-256 of a label, keyed with a shared secret of any length.
#[wasm_bindgen]
pub fn mac(secret: &[u8], label: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .expect("HMAC takes a key of any length: RFC 2104, section 2");
    mac.update(label.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
