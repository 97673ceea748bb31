//! `c2c`: a connector of the Interledger as it was in 2017, and the commands around it.
//!
//! The engine is the crate `c2c`, which has no clock, socket or storage. The `driver` gives it those;
//! everything else here is a way in or out: `app` and its handlers, `outbox` and `lookup`, `store`,
//! and the commands.

mod admin;
mod app;
mod args;
mod command;
mod config;
mod demo;
mod dial;
mod directory;
mod driver;
mod error;
mod key_watch;
mod lookup;
mod metrics;
mod outbox;
mod rates;
mod rpc;
#[cfg(test)]
mod scratch;
mod secret_file;
mod serve;
mod site;
mod store;
mod webfinger;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use crate::args::{Cli, Command};
use crate::error::Error;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli.command);
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

/// The log goes to standard error, so that standard output holds answers only.
fn start_log(command: &Command) {
    let usual = match command {
        Command::Serve(_) => LevelFilter::INFO,
        _ => LevelFilter::ERROR,
    };
    let level = std::env::var("C2C_LOG")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual);
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .init();
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
