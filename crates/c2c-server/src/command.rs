//! The commands of `c2c`, one room each. A command prints its answer to standard output, as text or,
//! with `--json`, as one JSON value; what goes wrong is returned.

mod account;
mod audit;
mod care;
mod completions;
mod derive;
mod explain;
mod health;
mod invite;
mod key;
mod merge;
mod pay;
mod peer;
mod quote;
mod record;
mod remote;
mod routes;
pub mod serve;
mod token;
mod validate;

use std::path::Path;

use serde::Serialize;

use crate::args::{Cli, Command, ConfigCommand, Settings};
use crate::config::{Config, ConfigError, Explained, KEYS, Sources, nearest};
use crate::demo;
use crate::error::Error;

/// Does what the command line says.
pub async fn run(cli: Cli) -> Result<(), Error> {
    let out = Out { json: cli.json };
    match cli.command {
        Command::Serve(settings) => serve::run(&settings).await,
        Command::Demo(arguments) => demo::run(&arguments).await,
        Command::Key(command) => key::run(&command, out),
        Command::Record(command) => record::run(&command, out).await,
        Command::Derive(arguments) => derive::run(&arguments, out),
        Command::Peer(command) => peer::run(&command, out).await,
        Command::Routes(arguments) => routes::run(&arguments, out).await,
        Command::Account(command) => account::run(&command, out).await,
        Command::Invoice(arguments) => account::invoice(&arguments, out).await,
        Command::Quote(arguments) => quote::run(&arguments, out).await,
        Command::Pay(arguments) => pay::run(&arguments, out).await,
        Command::Validate(arguments) => validate::run(&arguments, out),
        Command::Merge(arguments) => merge::run(&arguments, out),
        Command::Config(ConfigCommand::Explain(settings)) => explain::run(&settings, out),
        Command::Audit(arguments) => audit::run(&arguments, out).await,
        Command::Backup(arguments) => care::backup(&arguments, out).await,
        Command::Restore(arguments) => care::restore(&arguments, out),
        Command::Bundle(arguments) => care::bundle(&arguments, out).await,
        Command::Token(command) => token::run(&command, out),
        Command::Health(arguments) => health::run(&arguments, out).await,
        Command::Completions(arguments) => {
            completions::run(&arguments);
            Ok(())
        }
    }
}

/// How answers are printed.
#[derive(Clone, Copy)]
struct Out {
    json: bool,
}

impl Out {
    /// Prints `value` as JSON, or `text`.
    fn print(self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json {
            let json = serde_json::to_string_pretty(value).unwrap_or_default();
            println!("{json}");
        } else {
            println!("{}", text());
        }
    }
}

/// Reads the settings of a server.
fn settings(given: &Settings) -> Result<(Config, Vec<Explained>), Error> {
    with_sources(given, Config::resolve)
}

/// Hands on everything that settings come from.
fn with_sources<T>(
    settings: &Settings,
    read_from: impl FnOnce(&Sources<'_>) -> Result<T, ConfigError>,
) -> Result<T, Error> {
    let set = settings
        .set
        .iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(|| Error::Usage {
                message: format!("--set {pair}: write KEY=VALUE, such as routing.spread=0.001."),
            })?;
            if !KEYS.iter().any(|key| key.name == name) {
                let nearest = nearest(name, KEYS.iter().map(|key| key.name)).to_owned();
                let key = name.to_owned();
                return Err(ConfigError::Unknown { key, nearest }.into());
            }
            Ok((name, value))
        })
        .collect::<Result<Vec<(&str, &str)>, Error>>()?;
    let flag = |name: &str| match name {
        "url" => settings.url.clone(),
        "listen" => settings.listen.clone(),
        "web_root" => settings.web.clone(),
        _ => None,
    };
    let flag = |name: &str| {
        let set = set.iter().rev().find(|(key, _)| *key == name);
        flag(name).or_else(|| set.map(|(_, value)| (*value).to_owned()))
    };
    let file = settings.config.as_deref().map(read).transpose()?;
    read_from(&Sources {
        flag: &flag,
        environment: &|name| std::env::var(name).ok(),
        file: settings.config.as_deref().zip(file.as_deref()),
    })
    .map_err(Error::Config)
}

/// The bytes of a file that an argument names.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|reason| Error::File {
        path: path.display().to_string(),
        reason,
    })
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::Config(ConfigError::Unreadable {
            file: path.to_owned(),
            reason: error.to_string(),
        })
    })
}
