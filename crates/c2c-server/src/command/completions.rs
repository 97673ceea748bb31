//! `c2c completions`: for the shell that is named, on standard output.

use clap::CommandFactory as _;

use crate::args::{Cli, Completions};

/// Prints them.
pub fn run(arguments: &Completions) {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut std::io::stdout());
}
