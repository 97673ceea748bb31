//! `c2c token rotate`.

use serde_json::json;

use super::Out;
use crate::args::TokenCommand;
use crate::error::Error;
use crate::secret_file::rotate_admin_token;

/// Replaces the token. A running server reads it with the next request.
pub fn run(command: &TokenCommand, out: Out) -> Result<(), Error> {
    let TokenCommand::Rotate { admin_token_file } = command;
    rotate_admin_token(admin_token_file)?;
    let file = admin_token_file.display().to_string();
    out.print(&json!({ "rotated": file }), || {
        format!("{file} holds a new token. The old one counts no more; pages ask for the new one.")
    });
    Ok(())
}
