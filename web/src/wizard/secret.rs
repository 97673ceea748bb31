//! The reader's secret, in this tab's memory.

use std::rc::Rc;

use c2c::key::{PublicKey, SecretKey};
use c2c::peering::check_secret;

use super::Problem;

/// The reader's secret: in this tab's memory and nowhere else.
#[derive(Clone, Debug, Default)]
pub enum Secret {
    /// None yet.
    #[default]
    None,
    /// Here.
    Held {
        /// The secret; wiped when the last user of it is gone.
        key: Rc<SecretKey>,
        /// What it publishes.
        public: PublicKey,
        /// Whether it was made here and is not yet kept anywhere else.
        unsaved: bool,
    },
    /// What was given is none.
    Refused(Problem),
}

/// Two secrets are the same where they publish the same key: the bytes are not compared.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Refused(a), Self::Refused(b)) => a == b,
            (
                Self::Held {
                    public: a,
                    unsaved: x,
                    ..
                },
                Self::Held {
                    public: b,
                    unsaved: y,
                    ..
                },
            ) => (a, x) == (b, y),
            _ => false,
        }
    }
}

/// What stands in a field that may hold a secret; wiped when dropped, never printed.
#[derive(Default, PartialEq, Eq)]
pub struct SecretText(zeroize::Zeroizing<String>);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(zeroize::Zeroizing::new(text))
    }

    /// The secret in it, or why there is none.
    pub fn load(&self) -> Secret {
        match check_secret(&self.0) {
            Ok(checked) => Secret::Held {
                public: checked.value.public_key(),
                key: Rc::new(checked.value),
                unsaved: false,
            },
            Err(fault) => Secret::Refused(Problem::of_field(&fault)),
        }
    }

    /// The text itself, for its field and for the one place that it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it can be loaded.
    pub fn is_secret(&self) -> bool {
        check_secret(&self.0).is_ok()
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(not shown)")
    }
}
