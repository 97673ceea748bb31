//! `c2c-simulate`: plays many seeds on all cores and counts what happened, what was checked and what
//! failed; or brings one large network up and measures that.

mod converge;
mod seeds;

use std::process::ExitCode;

const USAGE: &str = "\
usage: c2c-simulate [SEEDS] [CONNECTORS]    seeds 0 to SEEDS − 1 (10000), networks of at most CONNECTORS (100)
       c2c-simulate --seed N [CONNECTORS]   the run of one seed again, with what went wrong when
       c2c-simulate --converge CONNECTORS [SHAPE]
                                            one network of this shape (internet) from nothing until all is
                                            quiet: time, messages, routes, memory
       c2c-simulate --digests COUNT         what the first seeds end with, as numbers: to compare machines";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |text: &&str| text.parse::<u64>().ok();
    let numbers = || words.iter().map(number).collect::<Option<Vec<u64>>>();
    match words.as_slice() {
        ["--seed", rest @ ..] => match rest.iter().map(number).collect::<Option<Vec<_>>>() {
            Some(rest) if rest.len() == 1 => seeds::one(rest[0], seeds::CONNECTORS),
            Some(rest) if rest.len() == 2 => seeds::one(rest[0], rest[1]),
            _ => wrong(),
        },
        ["--converge", count] => match number(count) {
            Some(count) => converge::run(count, "internet"),
            None => wrong(),
        },
        ["--converge", count, shape] => match number(count) {
            Some(count) => converge::run(count, shape),
            None => wrong(),
        },
        ["--digests", count] => match number(count) {
            Some(count) => seeds::digests(count),
            None => wrong(),
        },
        _ => match numbers().as_deref() {
            Some([]) => seeds::many(10_000, seeds::CONNECTORS),
            Some([count]) => seeds::many(*count, seeds::CONNECTORS),
            Some([count, most]) => seeds::many(*count, *most),
            _ => wrong(),
        },
    }
}

fn wrong() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
