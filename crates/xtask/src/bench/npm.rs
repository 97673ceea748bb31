//! `cargo xtask bench npm`: the packed npm package against what a user would pick, in one run; `npm:packet`
//! runs the rows whose names hold `packet`.

use std::fmt::Write as _;
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
    program::step("measuring the native core", || {
        for (bench, filter) in native_benches(rows) {
            program::cargo()
                .args([
                    "bench", "--quiet", "-p", "c2c", "--bench", bench, "--", filter,
                ])
                .listen(|line| lines.push(line.to_owned()))?;
        }
        Ok(())
    })?;
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
    let (native, measured) = lines.split_at(native);
    println!("\n{}\n{}", table(native, measured), file.display());
    Ok(match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The native benchmarks that have something beside these rows, each with the part of them that is needed.
fn native_benches(rows: &str) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("curve", "curve", ""),
        ("plain", "curve", "combine 2 x"),
        ("plain", "curve", "merge"),
        ("plain", "npm", "join"),
        ("plain", "curve", "join"),
        ("plain", "npm", "apply"),
        ("routing", "table", "routing: add,"),
        ("routing", "table", "routing: best hop by"),
        ("routing", "table", "routing: apply"),
        ("drop-in", "npm", "2017"),
        ("drop-in", "npm", "table of"),
        ("validate", "npm", "validate"),
        ("derive", "npm", "derive"),
        ("packet", "npm", "packet"),
    ];
    let mut wanted = Vec::new();
    for (kind, bench, filter) in all {
        let is_asked = rows.is_empty() || rows.starts_with(kind) || kind.starts_with(rows);
        if is_asked && !wanted.contains(&(bench, filter)) {
            wanted.push((bench, filter));
        }
    }
    // All of a benchmark has its parts.
    let whole: Vec<&str> = wanted
        .iter()
        .filter(|(_, filter)| filter.is_empty())
        .map(|(bench, _)| *bench)
        .collect();
    wanted.retain(|(bench, filter)| filter.is_empty() || !whole.contains(bench));
    wanted
}

/// Each row beside its limit and the native core, and how many rows met their limits.
fn table(native: &[String], measured: &[String]) -> String {
    let mut table = format!(
        "{:<50}{:>12}{:>14}{:>10}{:>8}{:>12}\n",
        "row", "ours µs", "theirs µs", "ratio", "limit", "native µs"
    );
    let (mut met, mut all) = (0, 0);
    for line in measured {
        let Some(name) = text(line, "name") else {
            continue;
        };
        let find = |key| number(line, &name, key);
        let (Some(ours), Some(theirs)) = (find("ours_ns"), find("theirs_ns")) else {
            continue;
        };
        let ratio = theirs / ours;
        let (limit, is_met) = match (find("least"), find("most_ns")) {
            (Some(least), _) => (format!("{least}"), ratio >= least),
            (None, Some(most)) => (format!("{} ms", most / 1e6), ours <= most),
            (None, None) => (String::new(), true),
        };
        all += 1;
        met += usize::from(is_met);
        let core = text(line, "native")
            .and_then(|name| {
                native
                    .iter()
                    .find_map(|line| number(line, &name, "native_ns"))
            })
            .map_or("–".to_owned(), |core| format!("{:.3}", core / 1e3));
        let mark = if is_met { "" } else { "  missed" };
        // A text takes everything that is written.
        let _ = writeln!(
            table,
            "{name:<50}{:>12.3}{:>14.3}{ratio:>10.2}{limit:>8}{core:>12}{mark}",
            ours / 1e3,
            theirs / 1e3
        );
    }
    // The same.
    let _ = writeln!(table, "rows met {met} of {all}");
    table
}

/// The text `key` of a line.
fn text(line: &str, key: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("\"{key}\":\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_held_against_their_limits() {
        let native = [r#"{"name":"derive","native_ns":30000.0}"#.to_owned()];
        let measured = [
            r#"{"name":"derive: a","ours_ns":50000,"theirs_ns":700000,"least":13,"native":"derive"}"#,
            r#"{"name":"start","ours_ns":12000000,"theirs_ns":45000000,"most_ns":10000000}"#,
        ]
        .map(str::to_owned);
        let table = table(&native, &measured);
        assert!(table.contains("14.00      13      30.000\n"), "{table}");
        assert!(
            table.contains("3.75   10 ms           –  missed"),
            "{table}"
        );
        assert!(table.ends_with("rows met 1 of 2\n"), "{table}");
    }

    #[test]
    fn a_benchmark_runs_once_for_what_is_asked() {
        assert_eq!(native_benches("packet"), [("npm", "packet")]);
        assert_eq!(native_benches("validate: bytes"), [("npm", "validate")]);
        assert_eq!(native_benches("start"), []);
        let all = native_benches("");
        assert!(all.contains(&("curve", "")) && !all.contains(&("curve", "merge")));
    }
}
