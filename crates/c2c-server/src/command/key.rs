//! `c2c key`.

mod rotate;

use serde_json::json;

use super::{Out, settings};
use crate::args::KeyCommand;
use crate::error::Error;
use crate::secret_file::{create_secret, read_secret};

/// Makes a secret, or shows the public key of one.
pub fn run(command: &KeyCommand, out: Out) -> Result<(), Error> {
    match command {
        KeyCommand::New { out: file } => {
            let key = create_secret(file)?.public_key().to_string();
            out.print(&json!({ "secret_file": file, "public_key": key }), || {
                format!(
                    "The secret is in {}. Keep it, and keep a copy.\npublic key: {key}",
                    file.display()
                )
            });
        }
        KeyCommand::Rotate(given) => {
            let (config, _) = settings(given)?;
            let rotated = rotate::rotate(&config)?;
            let key = rotated.key.to_string();
            let value = json!({
                "secret_file": config.secret_file,
                "old_secret_file": rotated.old_file,
                "public_key": key,
                "peerings_kept": rotated.kept,
            });
            out.print(&value, || {
                format!(
                    "The new secret is in {}, the old one in {}.\npublic key: {key}\n\
                     {} peerings go on by the tokens they have. Tell each peer the new key by voice, and peer again.",
                    config.secret_file.display(),
                    rotated.old_file.display(),
                    rotated.kept
                )
            });
        }
        KeyCommand::Public { file } => {
            let key = read_secret(file)?.public_key().to_string();
            out.print(&json!({ "public_key": key }), || key.clone());
        }
    }
    Ok(())
}
