//! What is kept in this browser, and only if the reader asks for it: secrets sealed by a passphrase, and
//! the rest of their peerings.
//!
//! [`seal`] and [`unseal`] are AES-256-GCM under a key that PBKDF2-HMAC-SHA256 makes of the passphrase, by
//! the browser's own WebCrypto. [`store`] is one small table in IndexedDB; nothing is ever in localStorage.

pub mod store;

use c2c::key::{from_base64_lenient, to_base64url};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};
use zeroize::Zeroizing;

/// How the code of a sealed letter begins.
pub const SEALED: &str = "c2cs1.";
/// The shortest passphrase that is taken, in characters.
pub const MIN_PASSPHRASE: usize = 8;
/// Rounds of PBKDF2, as OWASP advises for SHA-256.
const ROUNDS: u32 = 600_000;
const SALT: usize = 16;
const NONCE: usize = 12;
/// The one version of the envelope: a byte, the salt, the nonce, what AES-GCM made.
const VERSION: u8 = 1;

/// `text` sealed by `passphrase`, as base64url; nothing where the browser offers no WebCrypto, which it does
/// only over https and on this machine.
pub async fn seal(text: &str, passphrase: &str) -> Option<String> {
    let mut envelope = vec![0; 1 + SALT + NONCE];
    getrandom::fill(&mut envelope).ok()?;
    envelope[0] = VERSION;
    let (head, nonce) = envelope.split_at(1 + SALT);
    let (subtle, key) = key(passphrase, &head[1..], "encrypt").await?;
    let sealing = subtle
        .encrypt_with_object_and_u8_array(&gcm(nonce)?, &key, text.as_bytes())
        .ok()?;
    let sealed = JsFuture::from(sealing).await.ok()?;
    envelope.extend(Uint8Array::new(&sealed).to_vec());
    Some(to_base64url(&envelope))
}

/// What was sealed; nothing where the passphrase is another, or anything was changed.
pub async fn unseal(sealed: &str, passphrase: &str) -> Option<Zeroizing<String>> {
    let envelope = from_base64_lenient(sealed).ok()?;
    if envelope.first() != Some(&VERSION) || envelope.len() < 1 + SALT + NONCE {
        return None;
    }
    let (salt, rest) = envelope[1..].split_at(SALT);
    let (nonce, secret) = rest.split_at(NONCE);
    let (subtle, key) = key(passphrase, salt, "decrypt").await?;
    let opening = subtle
        .decrypt_with_object_and_u8_array(&gcm(nonce)?, &key, secret)
        .ok()?;
    let text = JsFuture::from(opening).await.ok()?;
    let text = Zeroizing::new(Uint8Array::new(&text).to_vec());
    std::str::from_utf8(&text)
        .ok()
        .map(|text| Zeroizing::new(text.to_owned()))
}

/// The sealed code in a text, without its mark.
pub fn sealed_code(text: &str) -> Option<&str> {
    let (_, rest) = text.rsplit_once(SEALED)?;
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

async fn key(passphrase: &str, salt: &[u8], usage: &str) -> Option<(SubtleCrypto, CryptoKey)> {
    let window = web_sys::window()?;
    // Pages that did not come over a safe connection have `crypto` without `subtle`.
    let crypto = window.crypto().ok()?;
    let subtle = Reflect::get(&crypto, &"subtle".into()).ok()?;
    let subtle: SubtleCrypto = subtle.dyn_into().ok()?;
    let bytes: Object = Uint8Array::from(passphrase.as_bytes()).into();
    let import = subtle
        .import_key_with_str("raw", &bytes, "PBKDF2", false, &words(&["deriveBits"]))
        .ok()?;
    let base: CryptoKey = JsFuture::from(import).await.ok()?.dyn_into().ok()?;
    let rounds = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", ROUNDS.into()),
    ])?;
    let bits = subtle.derive_bits_with_object(&rounds, &base, 256).ok()?;
    let bits: Object = Uint8Array::new(&JsFuture::from(bits).await.ok()?).into();
    let import = subtle
        .import_key_with_str("raw", &bits, "AES-GCM", false, &words(&[usage]))
        .ok()?;
    let key = JsFuture::from(import).await.ok()?.dyn_into().ok()?;
    Some((subtle, key))
}

fn gcm(nonce: &[u8]) -> Option<Object> {
    object(&[
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(nonce).into()),
    ])
}

fn object(members: &[(&str, JsValue)]) -> Option<Object> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &JsValue::from_str(name), value).ok()?;
    }
    Some(object)
}

fn words(words: &[&str]) -> JsValue {
    words
        .iter()
        .map(|word| JsValue::from_str(word))
        .collect::<Array>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_code_is_found_in_a_link_and_in_a_text() {
        for text in [
            "c2cs1.AbC-_9",
            "https://wallet1.example/app/#c2cs1.AbC-_9",
            "Hello!\nc2cs1.AbC-_9\n",
        ] {
            assert_eq!(sealed_code(text), Some("AbC-_9"), "{text}");
        }
        assert_eq!(sealed_code("c2c1.AbC.def"), None);
        assert_eq!(sealed_code("c2cs1."), None);
    }
}
