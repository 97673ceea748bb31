use std::fmt;

use sha2::{Digest, Sha256};

use super::{AuthToken, Told};
use crate::address::CurrencyCode;
use crate::amount::Scale;
use crate::key::PublicKey;

/// 2,048 words that differ in their first four letters: the English list of BIP 39, one a line, sorted.
/// It comes from the BIP's reference implementation and is under the MIT licence, which stands in the root's `NOTICE`.
const LIST: &str = include_str!("words.txt");
/// How many of them make a code. Each stands for 11 bits: 132 in all, so that nobody finds two pairs of
/// keys with one code.
const WORDS: usize = 12;

/// Twelve words that both sides read to each other. They are the same where both see the same two keys;
/// whoever stands between the two cannot make them so. They are no secret, and open nothing.
///
/// ```
/// use c2c::key::SecretKey;
/// use c2c::peering::CheckWords;
/// let (one, two) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
/// let mine = CheckWords::of_keys(&one.public_key(), &two.public_key());
/// let theirs = CheckWords::of_keys(&two.public_key(), &one.public_key());
/// assert_eq!(mine, theirs);
/// assert_eq!(mine.to_string().split(' ').count(), 12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckWords([&'static str; WORDS]);

impl CheckWords {
    /// The words of two keys, in whichever order.
    pub fn of_keys(one: &PublicKey, other: &PublicKey) -> Self {
        Self::of("keys", [one.as_bytes().to_vec(), other.as_bytes().to_vec()])
    }

    /// The words of what two sides told each other without WebFinger, in whichever order: what each told,
    /// and the token for calls to it.
    pub fn of_told(
        one: (&Told, &AuthToken),
        other: (&Told, &AuthToken),
        currency: &CurrencyCode,
        scale: Scale,
    ) -> Self {
        let side = |(told, token): (&Told, &AuthToken)| {
            let parts = [
                told.rpc_uri.as_str(),
                &told.protocol_version,
                told.prefix.as_str(),
                told.account.as_str(),
                currency.as_str(),
                &scale.to_string(),
                &token.fingerprint(),
            ];
            // No part has a control character in it, so that none can pass for two.
            parts.join("\n").into_bytes()
        };
        Self::of("told", [side(one), side(other)])
    }

    /// The words, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.into_iter()
    }

    fn of(kind: &str, mut sides: [Vec<u8>; 2]) -> Self {
        sides.sort();
        let mut hash = Sha256::new();
        hash.update(b"c2c check words ");
        hash.update(kind);
        for side in sides {
            // A hash of each, so that where one ends cannot be moved.
            hash.update(Sha256::digest(side));
        }
        let digest = hash.finalize();
        let list: Vec<&'static str> = LIST.lines().collect();
        Self(std::array::from_fn(|word| {
            let bits = (word * 11..word * 11 + 11).fold(0, |number, bit| {
                number << 1 | usize::from(digest[bit / 8] >> (7 - bit % 8) & 1)
            });
            // Eleven bits, and 2,048 lines.
            list[bits]
        }))
    }
}

impl fmt::Display for CheckWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webfinger::RpcUri;

    #[test]
    fn the_list_has_2048_words_that_differ_in_four_letters() {
        let mut starts: Vec<&str> = LIST
            .lines()
            .map(|word| &word[..word.len().min(4)])
            .collect();
        assert_eq!(starts.len(), 2048);
        starts.dedup();
        assert_eq!(starts.len(), 2048);
    }

    #[test]
    fn another_key_makes_other_words() {
        let key = |byte| PublicKey::from_bytes([byte; 32]);
        let words = CheckWords::of_keys(&key(1), &key(2));
        assert_ne!(words, CheckWords::of_keys(&key(1), &key(3)));
        assert_ne!(words, CheckWords::of_keys(&key(1), &key(1)));
        assert_eq!(words.iter().count(), WORDS);
    }

    #[test]
    fn each_thing_that_was_told_counts() {
        let prefix: crate::address::LedgerPrefix = "peer.k3x9Q.usd.9.".parse().unwrap();
        let told = |name: &str| Told {
            rpc_uri: RpcUri::parse(&format!("https://{name}.example/rpc"), false).unwrap(),
            protocol_version: "v1".to_owned(),
            account: prefix.account(name).unwrap(),
            prefix: prefix.clone(),
            token: None,
        };
        let token = |text: &str| AuthToken::new(text).unwrap();
        let (one, two) = (told("one"), told("two"));
        let (a, b) = (token("token-for-calls-to-a"), token("token-for-calls-to-b"));
        let usd: CurrencyCode = "USD".parse().unwrap();
        let words = |x: (&Told, &AuthToken), y: (&Told, &AuthToken)| {
            CheckWords::of_told(x, y, &usd, Scale::KIT)
        };
        let agreed = words((&one, &a), (&two, &b));
        assert_eq!(agreed, words((&two, &b), (&one, &a)));
        assert_ne!(
            agreed,
            words((&one, &b), (&two, &a)),
            "tokens the wrong way round"
        );
        let other = Told {
            protocol_version: "v2".to_owned(),
            ..two.clone()
        };
        assert_ne!(agreed, words((&one, &a), (&other, &b)));
        let eur: CurrencyCode = "EUR".parse().unwrap();
        let in_euros = CheckWords::of_told((&one, &a), (&two, &b), &eur, Scale::KIT);
        assert_ne!(agreed, in_euros);
    }
}
