//! The house rules as a check: floors, names, folders, and papers that agree with each other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::failure::Failure;
use crate::program::Program;
use crate::project;

/// Rooms of the engine by floor, the lowest first. A room uses rooms of lower floors only.
const FLOORS: &[&[&str]] = &[
    &["address", "amount", "key", "timestamp"],
    &["curve", "packet", "schema", "webfinger"],
    &["ledger", "message", "peering", "route"],
    &["accounts", "rpc", "table"],
    &["broadcast", "payment", "quote", "snapshot"],
    &["journal"],
    &["connector"],
];

/// Names that say nothing about what is in a room.
const EMPTY_NAMES: &[&str] = &[
    "common", "helper", "helpers", "misc", "mod", "util", "utils",
];

/// The only folders that stand in the root.
const ROOT_FOLDERS: &[&str] = &[".cargo", ".ci", "crates", "tests", "web", "www"];

/// Prints what breaks a rule.
pub fn command() -> Result<ExitCode, Failure> {
    let found = violations()?;
    for violation in &found {
        println!("{violation}");
    }
    Ok(if found.is_empty() {
        println!("tidy: every rule holds");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What breaks a rule, one line each: file, place, rule, cure.
pub fn violations() -> Result<Vec<String>, Failure> {
    let files = tracked()?;
    let mut found = Vec::new();
    floors(&mut found)?;
    names(&files, &mut found);
    folders(&files, &mut found);
    contents(&files, &mut found);
    readme(&mut found)?;
    Ok(found)
}

/// The files that git keeps or would keep, relative to the root.
fn tracked() -> Result<Vec<PathBuf>, Failure> {
    let listed = Program::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .answer();
    if let Some(listed) = listed {
        return Ok(listed.lines().map(PathBuf::from).collect());
    }
    let root = project::root();
    Ok(project::files(&root)?
        .iter()
        .filter_map(|file| file.strip_prefix(&root).ok())
        .map(Path::to_owned)
        .collect())
}

fn floors(found: &mut Vec<String>) -> Result<(), Failure> {
    let source = project::path("crates/c2c/src");
    for file in project::files(&source)? {
        let relative = file.strip_prefix(&source).unwrap_or(&file);
        let shown = format!("crates/c2c/src/{}", relative.display());
        let parts: Vec<&str> = relative.iter().filter_map(|part| part.to_str()).collect();
        let (Some(room), Some(name)) = (parts.first(), parts.last()) else {
            continue;
        };
        let room = room.trim_end_matches(".rs");
        if room == "lib" || *name == "tests.rs" || !name.ends_with(".rs") {
            continue;
        }
        let Some(floor) = floor_of(room) else {
            found.push(format!(
                "{shown}: the room `{room}` has no floor; give it one in xtask's tidy and in the README"
            ));
            continue;
        };
        let siblings = siblings(&file)?;
        for (line, used) in uses(&project::read(&file)?) {
            match used {
                Used::Room(other) if other != room => match floor_of(&other) {
                    Some(other_floor) if other_floor < floor => {}
                    Some(_) => found.push(format!(
                        "{shown}:{line}: `{room}` uses `{other}`, which is not on a lower floor"
                    )),
                    None => {}
                },
                Used::Beside(other) if siblings.contains(&other) => found.push(format!(
                    "{shown}:{line}: uses its sibling `{other}`; go through the parent"
                )),
                Used::Room(_) | Used::Beside(_) => {}
            }
        }
    }
    Ok(())
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The names of the modules that lie beside a child; a room itself has none. A name that the parent
/// also gives to an item, such as `shared_secret::shared_secret`, is the item's.
fn siblings(file: &Path) -> Result<BTreeSet<String>, Failure> {
    let Some(folder) = file.parent().filter(|folder| !folder.ends_with("c2c/src")) else {
        return Ok(BTreeSet::new());
    };
    let parent = project::read(&folder.with_extension("rs"))?;
    let mut found = BTreeSet::new();
    for other in project::files(folder)? {
        let Some(name) = other.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        let path = format!("{name}::");
        let is_item = parent
            .lines()
            .any(|line| names_after(line, &path).iter().any(|item| item == name));
        if other != file && other.parent() == Some(folder) && !is_item {
            found.insert(name.to_owned());
        }
    }
    Ok(found)
}

/// What a line of code mentions.
#[derive(Debug, PartialEq)]
enum Used {
    /// `crate::NAME`
    Room(String),
    /// `super::NAME`
    Beside(String),
}

/// Every mention of a room or a neighbour before the tests, with the number of its line.
fn uses(text: &str) -> Vec<(usize, Used)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim() == "#[cfg(test)]" {
            break;
        }
        let code = line.split("//").next().unwrap_or(line);
        for name in names_after(code, "crate::") {
            found.push((index + 1, Used::Room(name)));
        }
        for name in names_after(code, "super::") {
            found.push((index + 1, Used::Beside(name)));
        }
    }
    found
}

/// The names that follow `path` in `code`; all of them for `path{a, b::c}`.
fn names_after(code: &str, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(path) {
        let rest = code.get(at + path.len()..).unwrap_or_default();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (index, letter) in group.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    ' ' => {}
                    _ if start => {
                        found.push(identifier(group.get(index..).unwrap_or_default()));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.push(identifier(rest));
        }
    }
    found
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

fn names(files: &[PathBuf], found: &mut Vec<String>) {
    for file in files {
        let is_source = file.extension().is_some_and(|kind| {
            ["rs", "js", "mjs", "cjs", "ts"]
                .iter()
                .any(|known| kind == *known)
        });
        let empty = file
            .iter()
            .filter_map(|part| part.to_str())
            .map(|part| part.split('.').next().unwrap_or(part))
            .find(|stem| EMPTY_NAMES.contains(stem));
        if let (true, Some(name)) = (is_source, empty) {
            found.push(format!(
                "{}: a room called `{name}` says nothing; name what is in it",
                file.display()
            ));
        }
    }
}

fn folders(files: &[PathBuf], found: &mut Vec<String>) {
    let tops: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.components().count() > 1)
        .filter_map(|file| file.iter().next()?.to_str())
        .collect();
    for top in tops {
        if !ROOT_FOLDERS.contains(&top) {
            found.push(format!("{top}/: the root holds no further folders"));
        }
    }
}

/// Paths of one machine, addresses of registries in lock files, tests that do not run.
fn contents(files: &[PathBuf], found: &mut Vec<String>) {
    let machine: Vec<String> = ["home", "root", "Users"]
        .iter()
        .map(|folder| format!("/{folder}/"))
        .collect();
    let never_run = format!("#[{}", "ignore");
    for file in files {
        // What is not text, or was deleted and not yet recorded, has no lines to look at.
        let Ok(text) = std::fs::read_to_string(project::root().join(file)) else {
            continue;
        };
        let shown = file.display();
        let locks_packages = file.ends_with("package-lock.json");
        for (index, line) in text.lines().enumerate() {
            let at = index + 1;
            if machine.iter().any(|path| line.contains(path.as_str())) {
                found.push(format!("{shown}:{at}: a path of one machine"));
            }
            if locks_packages && line.contains("\"resolved\": \"http") {
                found.push(format!(
                    "{shown}:{at}: a registry's address; make the lock file with omit-lockfile-registry-resolved"
                ));
            }
            if line.trim_start().starts_with(&never_run) {
                found.push(format!("{shown}:{at}: a test that does not run"));
            }
        }
    }
}

/// The README names the oldest Rust and every member, as `Cargo.toml` does.
fn readme(found: &mut Vec<String>) -> Result<(), Failure> {
    let manifest = project::read(&project::path("Cargo.toml"))?;
    let readme = project::read(&project::path("README.md"))?;
    let oldest = value_of(&manifest, "rust-version").unwrap_or_default();
    if !readme.contains(&format!("Rust {oldest}")) {
        found.push(format!(
            "README.md: does not say that Rust {oldest} is needed"
        ));
    }
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = "))
        .unwrap_or_default();
    for member in members.split('"').skip(1).step_by(2) {
        let name = member.rsplit('/').next().unwrap_or(member);
        if !readme
            .lines()
            .any(|line| line.trim_start().starts_with(name))
        {
            found.push(format!("README.md: the map does not show {member}"));
        }
    }
    for room in FLOORS.iter().flat_map(|rooms| rooms.iter()) {
        if !readme.contains(room) {
            found.push(format!(
                "README.md: the map does not show the room `{room}`"
            ));
        }
    }
    Ok(())
}

/// The text after `key = ` at the beginning of a line.
fn value_of(manifest: &str, key: &str) -> Option<String> {
    manifest.lines().find_map(|line| {
        let value = line.strip_prefix(key)?.trim_start().strip_prefix('=')?;
        Some(value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mention_of_a_room_is_found() {
        let text = "use crate::curve::{Curve, Point};\n// crate::comment\nuse crate::{amount::Amount, key};\nfn f() -> super::pair::Terms {}\n#[cfg(test)]\nuse crate::connector;";
        let room = |line, name: &str| (line, Used::Room(name.to_owned()));
        assert_eq!(
            uses(text),
            [
                room(1, "curve"),
                room(3, "amount"),
                room(3, "key"),
                (4, Used::Beside("pair".to_owned())),
            ]
        );
    }

    #[test]
    fn floors_are_disjoint() {
        let all: Vec<_> = FLOORS.iter().flat_map(|rooms| rooms.iter()).collect();
        let different: BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), different.len());
    }
}
