//! `c2c`: a connector of the Interledger as it was in 2017, and the commands around it.
//!
//! The engine is the crate `c2c`, which has no clock, socket or storage. The `driver` gives it those;
//! everything else here is a way in or out: `app` and its handlers, `outbox` and `lookup`, `store`,
//! and the commands. All of it is the program `c2c`; as a crate it is there for the program's own `main` and for
//! the fuzzer, and offers nobody else anything.

mod admin;
mod admin_token;
mod app;
mod args;
mod audit;
mod backup;
mod bundle;
mod command;
mod config;
mod demo;
mod dial;
mod directory;
mod driver;
mod error;
pub mod fuzz;
mod health;
mod key_watch;
mod limits;
mod log;
mod lookup;
mod metrics;
mod outbox;
mod rates;
mod retention;
mod rpc;
#[cfg(test)]
mod scratch;
mod secret_file;
mod serve;
mod site;
mod store;
mod tls;
mod webfinger;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use crate::args::{Cli, Command};
use crate::error::Error;

/// The program: does what the command line says, and says how that ended.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The system gives no threads: {error}.");
            return ExitCode::from(1);
        }
    };
    let json = cli.json;
    match runtime.block_on(command::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, json);
            ExitCode::from(error.exit_code())
        }
    }
}

/// A server says what happens, a command only what goes wrong, unless `C2C_LOG` says otherwise.
fn start_log(cli: &Cli) {
    let usual = match cli.command {
        Command::Serve(_) => LevelFilter::INFO,
        _ => LevelFilter::ERROR,
    };
    let level = std::env::var("C2C_LOG")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual);
    log::start(level, cli.log_format);
}

fn report(error: &Error, json: bool) {
    match error {
        Error::Found => {}
        _ if json => {
            let body = serde_json::to_string(&error.body()).unwrap_or_default();
            eprintln!("{body}");
        }
        _ => eprintln!("{error}"),
    }
}
