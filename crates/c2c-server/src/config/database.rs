//! Where state is kept, as the setting `database` names it.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// A database.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// The embedded one, in this file.
    Sqlite(PathBuf),
    /// PostgreSQL, at this address; there may be a password in it.
    Postgres(Zeroizing<String>),
}

impl Database {
    /// Its file, if it is the embedded one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            Self::Postgres(_) => None,
        }
    }

    /// Reads the setting; a file is looked for from `base`. An error says what would be right.
    pub(super) fn read(text: &str, base: &Path) -> Result<Self, &'static str> {
        if let Some(file) = text.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
            return Ok(Self::Sqlite(base.join(file)));
        }
        if !is_postgres(text) {
            return Err(
                "sqlite: and a file, such as sqlite:c2c.db, or an address such as postgres://user@host/name",
            );
        }
        match text.parse::<tokio_postgres::Config>() {
            Ok(config) if config.get_dbname().is_some() && !config.get_hosts().is_empty() => {
                Ok(Self::Postgres(Zeroizing::new(text.to_owned())))
            }
            _ => Err("an address with host and name, such as postgres://user@host/name"),
        }
    }
}

/// Without its password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(address) => f.write_str(&without_password(address)),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The setting as it may be shown.
pub fn without_password(text: &str) -> String {
    if !is_postgres(text) {
        return text.to_owned();
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("postgres", text));
    // A password may also be a parameter.
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let shown: Vec<&str> = parameters
        .split('&')
        .filter(|parameter| !parameter.is_empty() && !parameter.starts_with("password="))
        .collect();
    // What stands before the last @ is who comes in; neither a host nor a name has that sign.
    let rest = match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{user}@{host}")
        }
        None => rest.to_owned(),
    };
    let mark = if shown.is_empty() { "" } else { "?" };
    format!("{scheme}://{rest}{mark}{}", shown.join("&"))
}

fn is_postgres(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            (
                "postgres://c2c@db.example/c2c",
                "postgres://c2c@db.example/c2c",
            ),
            ("postgres://c2c:secret@db/c2c", "postgres://c2c@db/c2c"),
            (
                "postgres://c2c:se%40cr:et@db:5432/c2c",
                "postgres://c2c@db:5432/c2c",
            ),
            ("postgresql://c2c:sec@ret@db/c2c", "postgresql://c2c@db/c2c"),
            (
                "postgres://c2c@db/c2c?password=secret&connect_timeout=3",
                "postgres://c2c@db/c2c?connect_timeout=3",
            ),
            ("sqlite:c2c.db", "sqlite:c2c.db"),
        ] {
            assert_eq!(without_password(text), shown);
        }
        let database = Database::read("postgres://c2c:secret@db/c2c", Path::new("")).unwrap();
        assert!(!format!("{database:?} {database}").contains("secret"));
    }

    #[test]
    fn a_database_is_a_file_or_an_address() {
        let read = |text| Database::read(text, Path::new("/etc/c2c"));
        let file = PathBuf::from("/etc/c2c/c2c.db");
        assert_eq!(read("sqlite:c2c.db"), Ok(Database::Sqlite(file)));
        for wrong in [
            "",
            "sqlite:",
            "c2c.db",
            "mysql://c2c@db/c2c",
            "postgres://",
            "postgres://c2c@db",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
