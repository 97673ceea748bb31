use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::AuthToken;
use crate::address::{CurrencyCode, LedgerPrefix};
use crate::amount::Scale;
use crate::key::{KeyError, PublicKey, SecretKey, to_base64url};

/// How many characters of the token stand in the prefix.
const PREFIX_CHARACTERS: usize = 5;

/// What two connectors know together and nobody else: 32 bytes, wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret([u8; 32]);

/// X25519 of our secret and the other's key; both sides get the same.
///
/// DIFFERENCE: `ilp-plugin-virtual` 16.0.1 goes on with the all-zero secret that a low-order key gives,
/// and then anybody can call as that peer. Here it is [`KeyError::LowOrder`].
pub fn shared_secret(secret: &SecretKey, peer: &PublicKey) -> Result<SharedSecret, KeyError> {
    let shared = secret
        .scalar()
        .diffie_hellman(&x25519_dalek::PublicKey::from(*peer.as_bytes()));
    if !shared.was_contributory() {
        return Err(KeyError::LowOrder);
    }
    Ok(SharedSecret(*shared.as_bytes()))
}

impl SharedSecret {
    /// The name of the ledger between the two: `peer.`, five characters of the token, currency code
    /// in lower case, scale.
    pub fn prefix(&self, currency: &CurrencyCode, scale: Scale) -> LedgerPrefix {
        let token = self.derive(b"token");
        let start = &token[..PREFIX_CHARACTERS];
        let code = currency.to_lower();
        // base64url, a currency code and digits are all of the address alphabet, and short.
        LedgerPrefix::new(&format!("peer.{start}.{code}.{scale}."))
            .expect("made of address characters, with its final dot")
    }

    /// The bearer token of calls in both directions. It does not depend on currency and scale.
    pub fn auth_token(&self) -> AuthToken {
        AuthToken::derived(self.derive(b"authorization"))
    }

    /// The raw 32 bytes, for comparing with other implementations.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The token whose first characters stand in the prefix: 43 of base64url.
    pub fn token(&self) -> Zeroizing<String> {
        self.derive(b"token")
    }

    fn derive(&self, label: &[u8]) -> Zeroizing<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length: RFC 2104, section 2");
        mac.update(label);
        let mut digest = mac.finalize().into_bytes();
        let text = Zeroizing::new(to_base64url(&digest));
        digest.as_mut_slice().zeroize();
        text
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=";
    const B: &str = "8LJlTJBIMAOouqLveeI7g5_Pnb9MR5Tx90KFPhwpm80";

    #[test]
    fn both_sides_derive_the_same() {
        let (a, b) = (
            SecretKey::from_base64(A).unwrap(),
            SecretKey::from_base64(B).unwrap(),
        );
        let here = shared_secret(&a, &b.public_key()).unwrap();
        let there = shared_secret(&b, &a.public_key()).unwrap();
        assert_eq!(here.as_bytes(), there.as_bytes());
        assert_eq!(
            here.token().as_str(),
            "OR5DfLGEJgYjNVDknBZQDfVSNLnkYPADFG_g17Xp4e4"
        );
        let eur = "eur".parse().unwrap();
        assert_eq!(
            there.prefix(&eur, Scale::new(0).unwrap()).as_str(),
            "peer.OR5Df.eur.0."
        );
        assert_eq!(format!("{here:?}"), "SharedSecret(not shown)");
    }

    #[test]
    fn a_low_order_key_is_refused() {
        let a = SecretKey::from_base64(A).unwrap();
        let zero = PublicKey::from_bytes([0; 32]);
        assert_eq!(shared_secret(&a, &zero).unwrap_err(), KeyError::LowOrder);
    }
}
