//! X25519 keys and base64url. Keys are made from bytes that the caller supplies.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use x25519_dalek::StaticSecret;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Bytes as base64url without padding.
pub fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

/// Reads base64 in either alphabet, padded or not, as the software of 2017 does.
pub fn from_base64_lenient(text: &str) -> Result<Vec<u8>, KeyError> {
    for (at, found) in text.char_indices() {
        let taken = found.is_ascii_alphanumeric() || matches!(found, '+' | '-' | '/' | '_' | '=');
        if !taken {
            return Err(KeyError::Character { found, at });
        }
    }
    // One buffer of the right size from the start: what may be a secret is not left behind by growing.
    let mut url = Zeroizing::new(Vec::with_capacity(text.len()));
    url.extend(text.bytes().map(|byte| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }));
    URL_SAFE
        .decode(url.as_slice())
        .map_err(|_| KeyError::NotBase64 { length: text.len() })
}

/// A connector's secret: any bytes, normally 32. Wiped when dropped, never printed.
///
/// ```
/// use c2c::key::SecretKey;
/// let secret = SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=")?;
/// assert_eq!(secret.public_key().to_string(), "5yE-6p-bnevKT9hnnx1UqgV8-DxkXUgymTZkeIrPHzg");
/// assert_eq!(format!("{secret:?}"), "SecretKey(32 bytes, not shown)");
/// # Ok::<(), c2c::key::KeyError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// A secret of these bytes. Where they come from is the caller's business.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The secret that ilp-kit derives from its configured text: HMAC-SHA-256 keyed with `seed` over
    /// `CONNECTOR_ED25519` (spec, Appendix A, step 1; the key is X25519 in spite of the label).
    pub fn from_seed(seed: &[u8]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(seed)
            .expect("HMAC takes a key of any length: RFC 2104, section 2");
        mac.update(b"CONNECTOR_ED25519");
        let mut digest = mac.finalize().into_bytes();
        let secret = Self(digest.to_vec());
        digest.as_mut_slice().zeroize();
        secret
    }

    /// Reads base64 in either alphabet, padded or not; white space around it is ignored.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = from_base64_lenient(text.trim())?;
        if bytes.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(Self(bytes))
    }

    /// base64url without padding, for the file or field that keeps the secret.
    pub fn to_base64url(&self) -> Zeroizing<String> {
        Zeroizing::new(to_base64url(&self.0))
    }

    /// How many bytes it has: normally 32.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// HMAC-SHA-256 of `message` with the secret as it is.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length: RFC 2104, section 2");
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// The X25519 scalar: SHA-256 of the bytes, clamped by the library.
    pub(crate) fn scalar(&self) -> StaticSecret {
        let mut digest = Sha256::digest(&self.0);
        let mut bytes = Zeroizing::new([0u8; 32]);
        bytes.copy_from_slice(&digest);
        digest.as_mut_slice().zeroize();
        StaticSecret::from(*bytes)
    }

    /// The key to publish.
    pub fn public_key(&self) -> PublicKey {
        // As a shared secret with the base point: without its tables the other way is no quicker, and the web
        // would have to load the code of both.
        let base = x25519_dalek::PublicKey::from(x25519_dalek::X25519_BASEPOINT_BYTES);
        PublicKey(*self.scalar().diffie_hellman(&base).as_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} bytes, not shown)", self.0.len())
    }
}

/// An X25519 public key: 32 bytes, written as 43 characters of base64url.
///
/// ```
/// use c2c::key::PublicKey;
/// let key: PublicKey = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU".parse()?;
/// assert!(!key.is_low_order());
/// assert!("_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRh".parse::<PublicKey>().is_err());
/// # Ok::<(), c2c::key::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// These 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether every secret gives the same shared secret with it: all zeros. Clamped scalars are
    /// multiples of eight, so one of them tells for all.
    pub fn is_low_order(&self) -> bool {
        x25519_dalek::x25519([8; 32], self.0) == [0; 32]
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = from_base64_lenient(text)?;
        bytes
            .as_slice()
            .try_into()
            .map(Self)
            .map_err(|_| KeyError::Length { bytes: bytes.len() })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64url(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// Why a text or its bytes are no key. Never shows the text: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Nothing was given.
    Empty,
    /// A character of neither base64 alphabet.
    Character {
        /// The character.
        found: char,
        /// Where, counted from 0; messages count from 1.
        at: usize,
    },
    /// Right characters, but no base64: a length or padding that cannot be.
    NotBase64 {
        /// How many characters there are.
        length: usize,
    },
    /// A public key of another length than 32 bytes.
    Length {
        /// How many bytes it has.
        bytes: usize,
    },
    /// A low-order public key: the shared secret would be zero for everyone.
    LowOrder,
}

impl KeyError {
    /// `SECRET_FORMAT` for a text that is no base64, `WF_BAD_KEY` for bytes that are no key.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::Character { .. } | Self::NotBase64 { .. } => "SECRET_FORMAT",
            Self::Length { .. } | Self::LowOrder => "WF_BAD_KEY",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "The secret is empty. Paste it, or generate one."),
            Self::Character { found, at } => write!(
                f,
                "Character {} at position {} is not base64url. Copy the secret again.",
                found.escape_debug(),
                at + 1
            ),
            Self::NotBase64 { length } => write!(
                f,
                "{length} characters cannot be base64url: a part is missing. Copy it again."
            ),
            Self::Length { bytes } => write!(
                f,
                "The published key is {bytes} bytes, not 32 (or unsafe). Do not continue; tell its operator."
            ),
            Self::LowOrder => write!(
                f,
                "The published key is unsafe: it gives everyone the same secret. Do not continue; tell its operator."
            ),
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_in_every_style() {
        let padded =
            SecretKey::from_base64(" /k4hNATXLf3kiIm9ZG4EqdX0K8SRNr+2F90w0pWEddg=\n").unwrap();
        let url = SecretKey::from_base64("_k4hNATXLf3kiIm9ZG4EqdX0K8SRNr-2F90w0pWEddg").unwrap();
        assert_eq!(padded.public_key(), url.public_key());
        assert_eq!(
            url.to_base64url().as_str(),
            "_k4hNATXLf3kiIm9ZG4EqdX0K8SRNr-2F90w0pWEddg"
        );
        assert_eq!(url.len(), 32);
    }

    #[test]
    fn what_is_no_base64_is_refused_with_its_place() {
        let fault = SecretKey::from_base64("  abc!def").unwrap_err();
        assert_eq!(fault, KeyError::Character { found: '!', at: 3 });
        assert_eq!(fault.code(), "SECRET_FORMAT");
        assert_eq!(
            fault.to_string(),
            "Character ! at position 4 is not base64url. Copy the secret again."
        );
        assert_eq!(SecretKey::from_base64(" ").unwrap_err(), KeyError::Empty);
        for text in ["A", "AAAAA", "AA=A", "====="] {
            assert!(
                matches!(
                    SecretKey::from_base64(text),
                    Err(KeyError::NotBase64 { .. })
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn a_secret_is_derived_as_ilp_kit_does() {
        let secret = SecretKey::from_seed(b"secret");
        assert_eq!(
            secret.public_key().to_string(),
            "NEJOssr6smTqK0ssOys3IrNA3CW6niSh1XHEi4g-t1o"
        );
    }

    #[test]
    fn a_key_has_32_bytes() {
        for (bytes, length) in [(31, 42), (33, 44), (0, 0)] {
            let text = "A".repeat(length);
            assert_eq!(text.parse::<PublicKey>(), Err(KeyError::Length { bytes }));
        }
    }

    #[test]
    fn every_low_order_point_is_known() {
        // The orders 1, 2, 4 and 8 on the curve and its twist, as in RFC 7748's security notes and
        // https://cr.yp.to/ecdh.html, with and without the ignored bit 255.
        let p = |last: u8| {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (last, 0x7f);
            bytes
        };
        let small = |first: u8| {
            let mut bytes = [0; 32];
            bytes[0] = first;
            bytes
        };
        let eighth = |text: &str| *text.parse::<PublicKey>().unwrap().as_bytes();
        for mut bytes in [
            small(0),
            small(1),
            p(0xec),
            p(0xed),
            p(0xee),
            eighth("4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA"),
            eighth("X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc"),
        ] {
            assert!(PublicKey::from_bytes(bytes).is_low_order());
            bytes[31] |= 0x80;
            assert!(PublicKey::from_bytes(bytes).is_low_order());
        }
        assert!(!PublicKey::from_bytes(small(9)).is_low_order());
    }
}
