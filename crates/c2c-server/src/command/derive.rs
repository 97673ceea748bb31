//! `c2c derive`.

use c2c::address::CurrencyCode;
use c2c::amount::Scale;
use c2c::key::PublicKey;
use c2c::peering::shared_secret;
use serde_json::json;

use super::Out;
use crate::args::Derive;
use crate::error::Error;
use crate::secret_file::read_secret;

/// Prints what our secret and their key make.
pub fn run(arguments: &Derive, out: Out) -> Result<(), Error> {
    let usage = |error: &dyn std::fmt::Display| Error::Usage {
        message: error.to_string(),
    };
    let secret = read_secret(&arguments.secret_file)?;
    let key: PublicKey = arguments.peer_key.trim().parse().map_err(|e| usage(&e))?;
    let currency = CurrencyCode::new(&arguments.currency).map_err(|e| usage(&e))?;
    let scale: Scale = arguments.scale.parse().map_err(|e| usage(&e))?;
    let shared = shared_secret(&secret, &key).map_err(|e| usage(&e))?;
    let prefix = shared.prefix(&currency, scale);
    let token = shared.auth_token();
    let account = format!("{prefix}{}", secret.public_key());
    let peer_account = format!("{prefix}{key}");
    let shown = arguments.reveal.then(|| token.reveal().to_owned());
    let fingerprint = token.fingerprint();
    let value = json!({
        "prefix": prefix,
        "currency": currency,
        "scale": scale,
        "account": account,
        "peer_account": peer_account,
        "token_fingerprint": fingerprint,
        "token": shown,
    });
    out.print(&value, || {
        let token = match &shown {
            Some(token) => format!("token:        {token}"),
            None => {
                format!("token:        not shown (fingerprint {fingerprint}); --reveal shows it")
            }
        };
        format!(
            "prefix:       {prefix}\naccount:      {account}\npeer account: {peer_account}\n{token}"
        )
    });
    Ok(())
}
