//! `c2c-load`: plays peers over HTTP against a running server.
//!
//! `c2c-load rate SERVER KIT` measures how many calls a second the server answers, beside a connector of
//! 2017 and a bare HTTP server, and how much memory 1,000 peers take. `c2c-load bare` is that bare server.

mod bare;
mod calls;
mod failure;
mod flood;
mod hosts;
mod listen;
mod played;
mod rate;

use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "usage: c2c-load rate SERVER KIT | c2c-load bare";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["rate", server, kit] => rate::measure(server, kit),
        ["bare"] => bare::serve(),
        _ => Err(Failure::new(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("c2c-load: {failure}");
            ExitCode::FAILURE
        }
    }
}
