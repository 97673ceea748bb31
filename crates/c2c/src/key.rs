//! X25519 keys and base64url. Keys are made from bytes that the caller supplies.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
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
    let url = Zeroizing::new(text.replace('+', "-").replace('/', "_"));
    URL_SAFE
        .decode(url.as_bytes())
        .map_err(|_| KeyError::NotBase64 { length: text.len() })
}

/// A connector's secret: any bytes, normally 32. Wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// A secret of these bytes. Where they come from is the caller's business.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
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

    /// The X25519 scalar: SHA-256 of the bytes, clamped by the library.
    pub(crate) fn scalar(&self) -> StaticSecret {
        let mut digest = Zeroizing::new([0u8; 32]);
        digest.copy_from_slice(&Sha256::digest(&self.0));
        StaticSecret::from(*digest)
    }

    /// The key to publish.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*x25519_dalek::PublicKey::from(&self.scalar()).as_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} bytes, not shown)", self.0.len())
    }
}

/// An X25519 public key: 32 bytes, written as 43 characters of base64url.
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

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Nothing was given.
    Empty,
    /// A character of neither base64 alphabet.
    Character {
        /// The character.
        found: char,
        /// Where, counted in bytes from 0.
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

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "The secret is empty. Paste it, or generate one."),
            Self::Character { found, at } => write!(
                f,
                "Character {found} at position {at} is not base64url. Copy the secret again."
            ),
            Self::NotBase64 { length } => write!(
                f,
                "{length} characters cannot be base64url: the end is missing. Copy it again."
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
