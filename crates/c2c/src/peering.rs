//! Agreeing on a ledger: terms, shared secret, token, the facts that each side ends up with.
//!
//! Two connectors that peer by WebFinger derive the prefix of their ledger and the token for their
//! calls from an X25519 shared secret (spec, Discovery and Appendix A, step 4). Without WebFinger they
//! tell each other (spec, Discovery). Either way the result is [`Details`].
//!
//! ```
//! use c2c::amount::{Amount, Scale};
//! use c2c::key::SecretKey;
//! use c2c::peering::shared_secret;
//!
//! let secret = SecretKey::from_base64("Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=")?;
//! let peer_key = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU".parse()?;
//! let shared = shared_secret(&secret, &peer_key)?;
//! let prefix = shared.prefix(&"USD".parse()?, Scale::new(9)?);
//! assert_eq!(prefix.as_str(), "peer.OR5Df.usd.9.");
//! assert_eq!(shared.auth_token().reveal(), "ONWZhRCQzqnFeMepPoQSueaa64SeXnorOgdM1o2m6Gw");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check_words;
mod details;
mod letter;
mod manual;
pub mod mismatch;
mod proposal;
mod shared_secret;
mod token;

pub use check_words::CheckWords;
pub use details::{Details, Fact, FactValue, Mode, PeeringError, Role, SixFacts, Terms};
pub use letter::{Letter, LetterError, Says, Told, Way};
pub use manual::{FieldFault, Manual};
pub use proposal::{
    Checked, FieldError, Warning, check_account, check_currency, check_limit, check_limit_units,
    check_peer_host, check_prefix, check_rpc_uri, check_scale, check_secret, check_token,
    check_version, is_ilp_kit,
};
pub use shared_secret::{SharedSecret, shared_secret};
pub use token::{AuthToken, TokenError};
