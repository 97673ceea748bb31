//! `cargo xtask bench npm`: the packed npm package against what a user would pick, in one run; `npm:packet`
//! runs the rows whose names hold `packet`.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::setup;
use crate::{npm, project};

use super::number;

/// Packs, installs, measures, and prints each row with its ratio, what is wanted, and the native core's time.
pub fn measure(rows: &str) -> Result<ExitCode, Failure> {
    npm::package()?;
    setup::npm_packages("crates/c2c-bench")?;
    let mut lines = Vec::new();
    let curves = ["curve", "plain", "drop-in"];
    if rows.is_empty() || curves.iter().any(|kind| rows.starts_with(kind)) {
        program::step("measuring the native core", || {
            program::cargo()
                .args(["bench", "--quiet", "-p", "c2c", "--bench", "curve"])
                .listen(|line| lines.push(line.to_owned()))
        })?;
    }
    let native = lines.len();
    let is_well = program::step("measuring the npm package and the others in Node", || {
        Program::new("node")
            .arg(project::path("crates/c2c-bench/npm.mjs"))
            .arg(project::target(""))
            .arg(rows)
            .listen(|line| lines.push(line.to_owned()))
    })?;
    let file = project::target("bench-npm.json");
    project::write(&file, format!("[\n{}\n]\n", lines.join(",\n")))?;
    println!(
        "\n{:<50}{:>12}{:>14}{:>10}{:>8}{:>12}",
        "row", "ours µs", "theirs µs", "ratio", ">=", "native µs"
    );
    let (known, measured) = lines.split_at(native);
    let mut missed = 0;
    for line in measured {
        let Some(name) = text(line, "name") else {
            continue;
        };
        let find = |key| number(line, &name, key);
        let (Some(ours), Some(theirs)) = (find("ours_ns"), find("theirs_ns")) else {
            continue;
        };
        let ratio = theirs / ours;
        let (wanted, is_met) = match (find("least"), find("most_ns")) {
            (Some(least), _) => (format!("{least}"), ratio >= least),
            (None, Some(most)) => (format!("{} ms", most / 1e6), ours <= most),
            (None, None) => (String::new(), true),
        };
        missed += usize::from(!is_met);
        let core = text(line, "native")
            .and_then(|name| {
                known
                    .iter()
                    .find_map(|line| number(line, &name, "native_ns"))
            })
            .map_or(String::new(), |core| format!("{:.2}", core / 1e3));
        let mark = if is_met { "" } else { "  missed" };
        println!(
            "{name:<50}{:>12.3}{:>14.3}{ratio:>10.2}{wanted:>8}{core:>12}{mark}",
            ours / 1e3,
            theirs / 1e3
        );
    }
    println!("{missed} rows missed what is wanted\n{}", file.display());
    Ok(match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The text `key` of a line.
fn text(line: &str, key: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("\"{key}\":\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}
