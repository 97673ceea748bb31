//! `c2c key`.

use serde_json::json;

use super::Out;
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
        KeyCommand::Public { file } => {
            let key = read_secret(file)?.public_key().to_string();
            out.print(&json!({ "public_key": key }), || key.clone());
        }
    }
    Ok(())
}
