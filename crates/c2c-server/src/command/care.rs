//! `c2c backup`, `c2c restore` and `c2c bundle`.

use c2c::timestamp::Timestamp;
use serde_json::{Value, json};

use super::remote::Remote;
use super::{Out, settings};
use crate::args::{Bundle, Care, Restore};
use crate::backup::{Backup, restore as put_back};
use crate::error::Error;
use crate::secret_file::{read_secret, write_private};
use crate::store::StoreError;
use crate::store::sqlite::verify;

/// Has the server make a backup.
pub async fn backup(arguments: &Care, out: Out) -> Result<(), Error> {
    let remote = Remote::new(&arguments.server)?;
    let made: Backup = remote.post(&["backup"], &json!({})).await?;
    out.print(&made, || {
        let Backup {
            file,
            bytes,
            took_ms,
        } = &made;
        format!("{file}: {bytes} bytes in {took_ms} ms. It holds tokens; keep it as the database itself.")
    });
    Ok(())
}

/// Puts a backup back.
pub fn restore(arguments: &Restore, out: Out) -> Result<(), Error> {
    let (config, _) = settings(&arguments.settings)?;
    let found = read_secret(&config.secret_file)?.public_key();
    if let Some(stored) = verify(&arguments.file)?
        && stored != found
    {
        return Err(StoreError::KeyChanged { stored, found }.into());
    }
    let now = Timestamp::from_millis(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| {
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }),
    );
    let Some(database) = config.database.file() else {
        let what = "backups by this program";
        return Err(StoreError::NotHere { what }.into());
    };
    let kept = put_back(&arguments.file, database, now)?;
    let database = database.display().to_string();
    let kept = kept.map(|path| path.display().to_string());
    out.print(&json!({ "restored": database, "kept": kept }), || {
        let before = kept.map_or_else(String::new, |kept| {
            format!(" What was there before is now {kept}.")
        });
        format!(
            "{database} is the backup.{before}\n\
             What happened since then your peers still know: start the server, then compare with each of them by\n\
             c2c peer reconcile LEDGER"
        )
    });
    Ok(())
}

/// Gathers a bundle.
pub async fn bundle(arguments: &Bundle, out: Out) -> Result<(), Error> {
    let remote = Remote::new(&arguments.server)?;
    let bundle: Value = remote.get(&["bundle"], &[]).await?;
    let text = serde_json::to_string_pretty(&bundle).unwrap_or_default();
    let Some(file) = &arguments.out else {
        println!("{text}");
        return Ok(());
    };
    write_private(file, &text)?;
    let shown = file.display().to_string();
    out.print(&json!({ "bundle": shown }), || {
        format!("{shown} holds the bundle. It names peers and balances; look through it before you hand it on.")
    });
    Ok(())
}
