//! Another secret for a server that stands still.
//!
//! Prefix and token of a peering by WebFinger are derived from both secrets, so that a new one makes new
//! ones, and a new ledger. Until both sides have agreed on that, the old ledger with its balance must live
//! on: so such peerings are kept as if they had been made by hand, with the tokens written down.
//!
//! The steps are such that one may stop after any of them and begin again: the new secret beside the old
//! one, the database with both its key and its peerings in one transaction, the names of the files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use c2c::connector::Peer;
use c2c::key::{PublicKey, SecretKey};
use c2c::ledger::State;
use c2c::peering::Mode;
use c2c::timestamp::Timestamp;

use crate::config::Config;
use crate::error::Error;
use crate::secret_file::{SecretFileError, create_secret, read_secret};
use crate::store::{self, Store, StoreError};

/// What was done.
#[derive(Debug)]
pub(super) struct Rotated {
    /// The new public key.
    pub key: PublicKey,
    /// Where the old secret is now.
    pub old_file: PathBuf,
    /// How many peerings go on by the tokens they had.
    pub kept: usize,
}

/// Replaces the secret of the server with these settings.
pub(super) fn rotate(config: &Config) -> Result<Rotated, Error> {
    let file = &config.secret_file;
    let old = read_secret(file)?;
    let new_file = beside(file, "new");
    let mut store = store::alone(&config.database)?;
    let new = match read_secret(&new_file) {
        Err(SecretFileError::Missing(_)) => create_secret(&new_file)?,
        other => other?,
    };
    let stored = store.public_key()?;
    let kept = match stored {
        // An earlier attempt came so far.
        Some(key) if key == new.public_key() => 0,
        Some(key) if key != old.public_key() => {
            return Err(Error::Store(StoreError::KeyChanged {
                stored: key,
                found: old.public_key(),
            }));
        }
        _ => change_key(&mut *store, &old, &new)?,
    };
    let old_file = beside(file, &format!("old.{}", &old.public_key().to_string()[..8]));
    let moved = |path: &Path| {
        let path = path.to_owned();
        move |error| Error::SecretFile(SecretFileError::Io(path, error))
    };
    match std::fs::hard_link(file, &old_file) {
        // An earlier attempt came so far.
        Err(error)
            if error.kind() == ErrorKind::AlreadyExists
                && read_secret(&old_file)?.public_key() == old.public_key() => {}
        other => other.map_err(moved(&old_file))?,
    }
    std::fs::rename(&new_file, file).map_err(moved(file))?;
    Ok(Rotated {
        key: new.public_key(),
        old_file,
        kept,
    })
}

/// Ties the database to the new secret; how many peerings were kept.
fn change_key(store: &mut dyn Store, old: &SecretKey, new: &SecretKey) -> Result<usize, Error> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    });
    let now = Timestamp::from_millis(now);
    let with_peers = store.ledgers(now)?.into_iter();
    let with_peers = with_peers.flat_map(|ledger| ledger.transfers);
    let on_hold = with_peers
        .filter(|record| record.state == State::Prepared)
        .count();
    let own = store.accounts(now)?.into_iter();
    let own = own.flat_map(|ledger| ledger.payments);
    let on_hold = on_hold + own.filter(|record| record.state == State::Prepared).count();
    if on_hold > 0 {
        // Their ids come from the secret: with another one they would be made a second time.
        return Err(Error::Usage {
            message: format!(
                "{on_hold} transfers are on hold. Start the server, wait until they are over, stop it, and rotate then."
            ),
        });
    }
    let peers: Vec<Peer> = store
        .peers(old)?
        .into_iter()
        .filter(|peer| peer.details.mode != Mode::Manual)
        .map(|mut peer| {
            peer.details.mode = Mode::Manual;
            peer.other_key = None;
            peer
        })
        .collect();
    store.change_key(&new.public_key(), &peers)?;
    Ok(peers.len())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use c2c::amount::Amount;
    use c2c::connector::Change;
    use c2c::peering::{Details, Terms};
    use c2c::webfinger::{Host, Record, RpcUri};

    use super::*;
    use crate::config::Sources;
    use crate::scratch::Scratch;
    use crate::store::check_key;

    fn config(folder: &Path) -> Config {
        let file = folder.join("c2c.toml");
        let text = "url = \"https://wallet1.example\"\n";
        let sources = Sources {
            flag: &|_| None,
            environment: &|_| None,
            file: Some((&file, text)),
        };
        Config::resolve(&sources).unwrap().0
    }

    fn peer(secret: &SecretKey) -> Peer {
        let host = Host::parse("wallet2.example").unwrap();
        let key = SecretKey::from_bytes(&[7; 32]).public_key();
        let rpc = RpcUri::parse("https://wallet2.example/rpc", false).unwrap();
        let terms = Terms {
            currency: "USD".parse().unwrap(),
            scale: c2c::amount::Scale::KIT,
            limit: Amount::new(5),
        };
        let record = Record::new(&host, key, rpc);
        let details = Details::from_webfinger(secret, &record, &host, &terms).unwrap();
        let mut peer = Peer::new(details, terms.limit);
        peer.balance = 3;
        peer
    }

    #[test]
    fn a_peering_outlives_the_secret_that_it_was_derived_from() {
        let folder = Scratch::new();
        let config = config(folder.path());
        let old = create_secret(&config.secret_file).unwrap();
        let before = peer(&old);
        {
            let mut store = store::alone(&config.database).unwrap();
            check_key(&mut *store, &old.public_key()).unwrap();
            let saved = Change::PeerSaved(Box::new(before.clone()));
            store.apply(&[saved]).unwrap();
        }
        let rotated = rotate(&config).unwrap();
        assert_eq!(rotated.kept, 1);
        let new = read_secret(&config.secret_file).unwrap();
        assert_eq!(new.public_key(), rotated.key);
        assert_eq!(
            read_secret(&rotated.old_file).unwrap().public_key(),
            old.public_key()
        );
        let mut store = store::alone(&config.database).unwrap();
        check_key(&mut *store, &new.public_key()).unwrap();
        assert!(check_key(&mut *store, &old.public_key()).is_err());
        let found = store.peers(&new).unwrap().remove(0);
        assert_eq!(found.details.mode, Mode::Manual);
        assert_eq!((found.balance, found.limit), (3, Amount::new(5)));
        assert_eq!(found.details.send_token, before.details.send_token);
        assert_eq!(found.details.accept_token, before.details.accept_token);
        drop(store);
        // And again, from the new one.
        let again = rotate(&config).unwrap();
        assert_eq!(again.kept, 0);
        assert_ne!(again.key, rotated.key);
    }

    #[test]
    fn an_attempt_that_was_interrupted_is_finished_by_the_next() {
        let folder = Scratch::new();
        let config = config(folder.path());
        let old = create_secret(&config.secret_file).unwrap();
        let new = create_secret(&beside(&config.secret_file, "new")).unwrap();
        {
            let mut store = store::alone(&config.database).unwrap();
            check_key(&mut *store, &old.public_key()).unwrap();
            store.change_key(&new.public_key(), &[]).unwrap();
        }
        let kept = format!("old.{}", &old.public_key().to_string()[..8]);
        std::fs::hard_link(&config.secret_file, beside(&config.secret_file, &kept)).unwrap();
        assert_eq!(rotate(&config).unwrap().key, new.public_key());
        let found = read_secret(&config.secret_file).unwrap();
        assert_eq!(found.public_key(), new.public_key());
    }
}
