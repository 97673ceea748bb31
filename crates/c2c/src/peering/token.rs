use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::key::to_base64url;

/// The bearer token of RPC calls. Wiped when dropped, printed as its fingerprint, compared in constant
/// time.
///
/// ```
/// use c2c::peering::AuthToken;
/// let token = AuthToken::new("told-by-the-other-side")?;
/// assert!(token.matches("told-by-the-other-side"));
/// assert!(!token.matches("another"));
/// assert!(!format!("{token:?}").contains("told"));
/// # Ok::<(), c2c::peering::TokenError>(())
/// ```
#[derive(Clone)]
pub struct AuthToken(Zeroizing<String>);

impl AuthToken {
    /// The shortest token that is taken from people, in characters.
    pub const MIN_LENGTH: usize = 16;
    /// The longest token that is taken from people, in characters.
    pub const MAX_LENGTH: usize = 512;

    /// A token that somebody told: 16 to 512 visible ASCII characters. White space around it is
    /// ignored.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if let Some(at) = text.bytes().position(|b| !b.is_ascii_graphic()) {
            return Err(TokenError::Character { at });
        }
        if !(Self::MIN_LENGTH..=Self::MAX_LENGTH).contains(&text.len()) {
            return Err(TokenError::Length { length: text.len() });
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    pub(super) fn derived(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// Whether `presented` is this token. Takes the same time wherever the first difference is.
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// The token itself, for the `Authorization` header and for a field that the user asked to see.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be shown and compared by eye: 12 characters of the base64url of its SHA-256.
    pub fn fingerprint(&self) -> String {
        let mut text = to_base64url(&Sha256::digest(self.0.as_bytes()));
        text.truncate(12);
        text
    }
}

/// In constant time, as [`AuthToken::matches`].
impl PartialEq for AuthToken {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for AuthToken {}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthToken(fingerprint {})", self.fingerprint())
    }
}

/// `TOKEN_FORMAT`: a text that is no token. Never shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// A character that is not visible ASCII.
    Character {
        /// Where, counted in bytes from 0; messages count from 1.
        at: usize,
    },
    /// Too short or too long.
    Length {
        /// How many characters there are.
        length: usize,
    },
}

impl TokenError {
    /// `TOKEN_FORMAT`.
    pub fn code(&self) -> &'static str {
        "TOKEN_FORMAT"
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { at } => write!(
                f,
                "Character {} of the token is not visible ASCII. Copy the token again.",
                at + 1
            ),
            Self::Length { length } => write!(
                f,
                "A token has 16 to 512 characters, not {length}. Copy the whole token."
            ),
        }
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_16_to_512_visible_characters() {
        assert!(AuthToken::new(&"x".repeat(16)).is_ok());
        assert!(AuthToken::new(&"~".repeat(512)).is_ok());
        assert_eq!(
            AuthToken::new(" short ").unwrap_err(),
            TokenError::Length { length: 5 }
        );
        assert_eq!(
            AuthToken::new(&"x".repeat(513)).unwrap_err(),
            TokenError::Length { length: 513 }
        );
        for text in [
            "with a space in it",
            "with\ta tab and more",
            "with-an-ü-in-it-and-more",
        ] {
            assert!(
                matches!(AuthToken::new(text), Err(TokenError::Character { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn only_the_token_itself_matches() {
        let token = AuthToken::new("0123456789abcdef").unwrap();
        assert!(token.matches("0123456789abcdef"));
        for other in [
            "",
            "0123456789abcde",
            "0123456789abcdeF",
            "0123456789abcdef0",
        ] {
            assert!(!token.matches(other), "{other}");
        }
        assert_eq!(token, token.clone());
    }

    #[test]
    fn it_prints_as_its_fingerprint() {
        let token = AuthToken::new("0123456789abcdef").unwrap();
        assert_eq!(token.fingerprint().len(), 12);
        assert_eq!(
            format!("{token:?}"),
            format!("AuthToken(fingerprint {})", token.fingerprint())
        );
    }
}
