//! Files that hold a secret: the connector's key and the admin token. Mode 0600, never overwritten.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use c2c::key::{KeyError, SecretKey, to_base64url};
use zeroize::Zeroizing;

/// Why a secret file is no good.
#[derive(Debug)]
pub enum SecretFileError {
    /// There is none.
    Missing(PathBuf),
    /// There is one already, and it is not overwritten.
    Exists(PathBuf),
    /// Others on this machine may read it.
    Exposed(PathBuf),
    /// What is in it is no secret.
    Content(PathBuf, KeyError),
    /// The system refuses.
    Io(PathBuf, io::Error),
}

impl fmt::Display for SecretFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "{0} is missing. Make a key with: c2c key new --out {0}",
                path.display()
            ),
            Self::Exists(path) => write!(
                f,
                "{} exists and is not overwritten: what it holds may be kept nowhere else. Move it away first.",
                path.display()
            ),
            Self::Exposed(path) => write!(
                f,
                "{0} can be read by others. Close it with: chmod 600 {0}",
                path.display()
            ),
            Self::Content(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for SecretFileError {}

/// Thirty-two bytes from the operating system.
pub fn random_bytes() -> Result<Zeroizing<[u8; 32]>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// Reads a secret, refusing a file that others may read.
pub fn read_secret(path: &Path) -> Result<SecretKey, SecretFileError> {
    let text = read(path)?;
    SecretKey::from_base64(&text).map_err(|error| SecretFileError::Content(path.to_owned(), error))
}

/// Makes a new secret and keeps it in a new file.
pub fn create_secret(path: &Path) -> Result<SecretKey, SecretFileError> {
    let secret = SecretKey::from_bytes(random(path)?.as_slice());
    write_new(path, &secret.to_base64url())?;
    Ok(secret)
}

/// Reads the admin token, or makes one and keeps it.
pub fn admin_token(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    match read(path) {
        Ok(text) => {
            let token = Zeroizing::new(text.trim().to_owned());
            if token.is_empty() {
                return Err(SecretFileError::Content(path.to_owned(), KeyError::Empty));
            }
            Ok(token)
        }
        Err(SecretFileError::Missing(_)) => {
            let token = Zeroizing::new(to_base64url(random(path)?.as_slice()));
            write_new(path, &token)?;
            Ok(token)
        }
        Err(other) => Err(other),
    }
}

/// Puts another token in the place of the one in `path`, in one step: whoever reads the file finds either whole.
pub fn rotate_admin_token(path: &Path) -> Result<(), SecretFileError> {
    read(path)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let io = |error| SecretFileError::Io(beside.clone(), error);
    match std::fs::remove_file(&beside) {
        // One that was left behind half written.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io(error)),
    }
    let token = Zeroizing::new(to_base64url(random(path)?.as_slice()));
    write_new(&beside, &token)?;
    std::fs::rename(&beside, path).map_err(io)
}

/// Reads a file that holds a secret, refusing one that others may read.
pub fn read_private(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    read(path)
}

/// Keeps a text that holds a secret in a new file.
pub fn write_private(path: &Path, text: &str) -> Result<(), SecretFileError> {
    write_new(path, text)
}

fn random(path: &Path) -> Result<Zeroizing<[u8; 32]>, SecretFileError> {
    random_bytes().map_err(|error| SecretFileError::Io(path.to_owned(), io::Error::other(error)))
}

fn read(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    let io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SecretFileError::Missing(path.to_owned()),
        _ => SecretFileError::Io(path.to_owned(), error),
    };
    let mut file = OpenOptions::new().read(true).open(path).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(SecretFileError::Exposed(path.to_owned()));
        }
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(io)?;
    Ok(text)
}

fn write_new(path: &Path, text: &str) -> Result<(), SecretFileError> {
    let io = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => SecretFileError::Exists(path.to_owned()),
        _ => SecretFileError::Io(path.to_owned(), error),
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    file.write_all(b"\n").map_err(io)?;
    file.sync_all().map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_secret_is_made_once_and_kept_to_its_owner() {
        let folder = Scratch::new();
        let path = folder.path().join("connector.secret");
        assert!(matches!(
            read_secret(&path),
            Err(SecretFileError::Missing(_))
        ));
        let made = create_secret(&path).unwrap();
        assert_eq!(read_secret(&path).unwrap().public_key(), made.public_key());
        assert!(matches!(
            create_secret(&path),
            Err(SecretFileError::Exists(_))
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_may_read_is_refused_with_the_cure() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Scratch::new();
        let path = folder.path().join("connector.secret");
        create_secret(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let message = read_secret(&path).unwrap_err().to_string();
        assert!(message.contains("chmod 600"), "{message}");
    }

    #[test]
    fn the_admin_token_stays_the_same() {
        let folder = Scratch::new();
        let path = folder.path().join("admin.token");
        let first = admin_token(&path).unwrap();
        assert_eq!(first.len(), 43);
        assert_eq!(admin_token(&path).unwrap(), first);
    }
}
