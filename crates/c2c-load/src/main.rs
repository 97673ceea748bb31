//! `c2c-load`: plays peers over HTTP against a running server.
//!
//! `c2c-load rate SERVER KIT [FILTER]` measures how many calls a second the server answers, beside a connector of
//! 2017 and a bare HTTP server, and how much memory 1,000 peers take; with a filter, the rows that contain it.
//! `c2c-load bare` is that bare server.
//! `c2c-load store SERVER POSTGRES` measures how many transfers a second are durable on each database.
//! `c2c-load crash SERVER KILLS SEED` kills the server again and again while it is paid through; with `POSTGRES`, an
//! address, and `PROCESSES` so many of it on one database of that.
//! `c2c-load attack SERVER SECONDS` keeps a peer paying while strangers flood the server.
//! `c2c-load soak SERVER MINUTES SEED` has a thousand peers broadcast and pay for a long time.

mod attack;
mod bare;
mod calls;
mod crash;
mod database;
mod failure;
mod flood;
mod hosts;
mod listen;
mod played;
mod rate;
mod secrets;
mod shared;
mod soak;

use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "usage: c2c-load rate SERVER KIT [FILTER] | c2c-load bare | c2c-load store SERVER POSTGRES | \
    c2c-load crash SERVER KILLS SEED [POSTGRES PROCESSES] | c2c-load attack SERVER SECONDS | \
    c2c-load soak SERVER MINUTES SEED";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["rate", server, kit] => rate::measure(server, kit, "").map(|()| true),
        ["rate", server, kit, filter] => rate::measure(server, kit, filter).map(|()| true),
        ["store", server, postgres] => shared::measure(server, postgres).map(|()| true),
        ["bare"] => bare::serve().map(|()| true),
        ["crash", server, kills, seed] => match (kills.parse(), seed.parse()) {
            (Ok(kills), Ok(seed)) => crash::run(server, kills, seed, None, 1),
            _ => Err(Failure::new(USAGE)),
        },
        ["crash", server, kills, seed, postgres, processes] => {
            match (kills.parse(), seed.parse(), processes.parse()) {
                (Ok(kills), Ok(seed), Ok(processes)) => {
                    crash::run(server, kills, seed, Some(*postgres), processes)
                }
                _ => Err(Failure::new(USAGE)),
            }
        }
        ["attack", server, seconds] => match seconds.parse() {
            Ok(seconds) => attack::run(server, seconds),
            Err(_) => Err(Failure::new(USAGE)),
        },
        ["soak", server, minutes, seed] => match (minutes.parse(), seed.parse()) {
            (Ok(minutes), Ok(seed)) => soak::run(server, minutes, seed),
            _ => Err(Failure::new(USAGE)),
        },
        _ => Err(Failure::new(USAGE)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("c2c-load: {failure}");
            ExitCode::FAILURE
        }
    }
}
