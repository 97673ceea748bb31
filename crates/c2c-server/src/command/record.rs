//! `c2c record`.

use c2c::webfinger::Host;
use serde_json::json;

use super::{Out, settings};
use crate::args::RecordCommand;
use crate::dial::Policy;
use crate::error::{Error, Refusal};
use crate::lookup::Lookup;
use crate::secret_file::read_secret;
use crate::serve::host_record;

/// Prints our record, or checks another host's.
pub async fn run(command: &RecordCommand, out: Out) -> Result<(), Error> {
    match command {
        RecordCommand::Print(given) => {
            let (config, _) = settings(given)?;
            let key = read_secret(&config.secret_file)?.public_key();
            let (_, record) = host_record(&config, key)?;
            println!("{}", record.to_json());
        }
        RecordCommand::Check {
            host,
            allow_loopback_http,
        } => {
            let host = Host::parse(host).map_err(|error| Error::Usage {
                message: format!("{error} {}", error.hint()),
            })?;
            let policy = Policy {
                loopback_http: *allow_loopback_http,
                private: false,
            };
            let found =
                Lookup::new(policy)?
                    .record(&host)
                    .await
                    .map_err(|error| Error::Remote {
                        body: Refusal::from(error).into_body(),
                    })?;
            let record = found.record;
            let value = json!({
                "subject": record.subject,
                "public_key": record.public_key.to_string(),
                "protocol_version": record.protocol_version,
                "title": record.title,
                "rpc_uri": record.rpc_uri.as_str(),
                "clock_difference": found.clock_difference,
            });
            out.print(&value, || {
                let or_none = |text: &Option<String>| text.clone().unwrap_or("not told".to_owned());
                format!(
                    "{host} publishes a good record.\npublic key: {}\nversion:    {}\ntitle:      {}\nrpc:        {}",
                    record.public_key,
                    or_none(&record.protocol_version),
                    or_none(&record.title),
                    record.rpc_uri.as_str()
                )
            });
        }
    }
    Ok(())
}
