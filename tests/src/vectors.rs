//! The vectors: what the npm packages of 2017 answered, one file an operation.
//!
//! Files are read when a test runs, from `tests/vectors` or from the folder that the environment
//! variable `C2C_VECTORS` names (a relative path counts from the project's root). Amounts and
//! coordinates stand in them as decimal texts, curves as lists of `[x, y]`.

use std::fmt;

use serde_json::Value;

/// The cases of `tests/vectors/<file>.json`.
///
/// # Panics
///
/// If the file is missing, is not JSON, or has no case: a test must not pass for want of data.
pub fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/{file}.json", source::folder());
    read(&path, &source::read(&path))
}

fn read(path: &str, text: &str) -> Vec<Value> {
    let mut document: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    match document["cases"].take() {
        Value::Array(cases) if !cases.is_empty() => cases,
        _ => panic!("{path}: no list of cases"),
    }
}

/// Runs `check` on every case of `file` and fails at the end, naming each case that failed.
///
/// # Panics
///
/// If `check` answered an error for any case.
pub fn each<E: fmt::Display>(file: &str, check: impl FnMut(&Value) -> Result<(), E>) {
    all(file, &cases(file), check);
}

/// The same for the text of a file that only this house has, whatever folder is named.
///
/// # Panics
///
/// If `text` is no list of cases, or `check` answered an error for any of them.
pub fn each_in<E: fmt::Display>(
    file: &str,
    text: &str,
    check: impl FnMut(&Value) -> Result<(), E>,
) {
    all(file, &read(file, text), check);
}

fn all<E: fmt::Display>(
    file: &str,
    cases: &[Value],
    mut check: impl FnMut(&Value) -> Result<(), E>,
) {
    let failed: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(index, case)| {
            let error = check(case).err()?;
            Some(format!("{file} case {index}{}: {error}", title(case)))
        })
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} cases failed\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n")
    );
}

/// An error that tells what was expected beside what came, or nothing where they are equal.
pub fn same<T: PartialEq + fmt::Debug>(what: &str, expected: T, found: T) -> Result<(), String> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, found {found:?}"))
    }
}

/// A text.
///
/// # Panics
///
/// If `value` is none.
pub fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a text"))
}

/// An amount or a coordinate.
///
/// # Panics
///
/// If `value` is not the decimal text of an integer that fits into 64 bits.
pub fn integer(value: &Value) -> u64 {
    text(value)
        .parse()
        .unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// A curve: a list of `[x, y]`.
///
/// # Panics
///
/// If `value` is not such a list.
pub fn points(value: &Value) -> Vec<(u64, u64)> {
    list(value)
        .iter()
        .map(|point| (integer(&point[0]), integer(&point[1])))
        .collect()
}

/// A list.
///
/// # Panics
///
/// If `value` is none.
pub fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("{value} is not a list"))
}

fn title(case: &Value) -> String {
    ["name", "note", "op", "kind"]
        .iter()
        .find_map(|key| case[key].as_str())
        .map_or_else(String::new, |text| format!(" ({text})"))
}

#[cfg(not(target_arch = "wasm32"))]
mod source {
    use std::path::Path;

    /// The folder with the vectors.
    pub fn folder() -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let named =
            crate::setting::setting("C2C_VECTORS").unwrap_or_else(|| "tests/vectors".to_owned());
        root.join(named).display().to_string()
    }

    pub fn read(path: &str) -> String {
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

#[cfg(target_arch = "wasm32")]
mod source {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "node:fs")]
    extern "C" {
        #[wasm_bindgen(js_name = readFileSync, catch)]
        fn read_file(path: &str, encoding: &str) -> Result<String, JsValue>;
    }

    #[wasm_bindgen(module = "node:path")]
    extern "C" {
        fn resolve(folder: &str, up: &str, named: &str) -> String;
    }

    /// The folder with the vectors.
    pub fn folder() -> String {
        let named =
            crate::setting::setting("C2C_VECTORS").unwrap_or_else(|| "tests/vectors".to_owned());
        resolve(env!("CARGO_MANIFEST_DIR"), "..", &named)
    }

    pub fn read(path: &str) -> String {
        read_file(path, "utf8").unwrap_or_else(|error| panic!("{path}: {error:?}"))
    }
}
