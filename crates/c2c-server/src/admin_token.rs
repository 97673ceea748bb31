//! The admin token in use. Its file is read again when it changes, so that a new token needs no restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::secret_file::{SecretFileError, admin_token};

/// The token, and the file that it is from.
pub struct AdminToken {
    file: PathBuf,
    held: Mutex<Held>,
}

struct Held {
    token: Arc<Zeroizing<String>>,
    /// When the file changed last, and how long it was.
    seen: Stamp,
}

/// When a file was changed, how long it is, and which of all files that had its name: two changes may fall into one tick
/// of the file system's clock.
type Stamp = Option<(SystemTime, u64, u64)>;

impl AdminToken {
    /// Reads the token, or makes one and keeps it in `file`.
    pub fn open(file: &Path) -> Result<Self, SecretFileError> {
        let token = Arc::new(admin_token(file)?);
        let held = Held {
            token,
            seen: stamp(file),
        };
        Ok(Self {
            file: file.to_owned(),
            held: Mutex::new(held),
        })
    }

    /// Whether this is the token, by the file as it is now. It takes as long for every text of its length.
    pub fn is(&self, shown: &str) -> bool {
        let token = self.current();
        bool::from(shown.as_bytes().ct_eq(token.as_bytes()))
    }

    /// The token by the file as it is now. What cannot be read does not count, and the token before goes on.
    pub fn current(&self) -> Arc<Zeroizing<String>> {
        let found = stamp(&self.file);
        let mut held = self.held();
        if found != held.seen {
            held.seen = found;
            match found.map(|_| admin_token(&self.file)) {
                Some(Ok(token)) if *held.token != token => {
                    held.token = Arc::new(token);
                    tracing::info!(file = %self.file.display(), "another admin token");
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    tracing::warn!(%error, "the admin token before goes on");
                }
                None => {
                    let file = self.file.display();
                    tracing::warn!(%file, "the file is gone; the admin token before goes on");
                }
            }
        }
        held.token.clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing in here panics while the lock is held.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamp(file: &Path) -> Stamp {
    let found = std::fs::metadata(file).ok()?;
    Some((found.modified().ok()?, found.len(), number(&found)))
}

#[cfg(unix)]
fn number(found: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn number(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use crate::secret_file::rotate_admin_token;

    #[test]
    fn another_token_counts_at_once_and_a_broken_file_never() {
        let folder = Scratch::new();
        let file = folder.path().join("admin.token");
        let token = AdminToken::open(&file).unwrap();
        let first = token.current();
        assert!(token.is(&first) && !token.is("") && !token.is(&first[1..]));

        rotate_admin_token(&file).unwrap();
        let second = token.current();
        assert_ne!(first, second);
        assert!(token.is(&second) && !token.is(&first));
        assert_eq!(
            std::fs::read_to_string(&file).unwrap().trim(),
            second.as_str()
        );

        std::fs::write(&file, "\n").unwrap();
        assert!(token.is(&second), "an empty file lets nobody in");
        std::fs::remove_file(&file).unwrap();
        assert!(token.is(&second));
        assert!(!file.exists(), "a server that runs makes no other token");
    }
}
