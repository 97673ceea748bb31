//! Building for wasm32, and looking into what was built.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::program::{self, Program};
use crate::project;
use crate::setup::WasmRust;

/// The profile of what npm ships as wasm.
pub const PROFILE: &str = "wasm";

/// Builds a crate of ours and answers where its wasm is. `file` is the name that cargo gives it.
pub fn build(
    rust: &WasmRust,
    profile: &str,
    package: &str,
    file: &str,
) -> Result<PathBuf, Failure> {
    Ok(build_all(rust, profile, &[package])?.join(file))
}

/// Builds crates of ours and answers the folder that their wasm is in.
pub fn build_all(rust: &WasmRust, profile: &str, packages: &[&str]) -> Result<PathBuf, Failure> {
    let mut cargo = rust.cargo("build").args(["--profile", profile]);
    for package in packages {
        cargo = cargo.args(["-p", package]);
    }
    cargo.run()?;
    Ok(WasmRust::results(profile))
}

/// Builds the program that makes bindings, and answers where it is.
pub fn binder() -> Result<PathBuf, Failure> {
    tool("bind", &[])
}

/// Builds the program that runs tests of wasm in Node, and answers where it is.
pub fn test_runner() -> Result<PathBuf, Failure> {
    tool("wasm-test-runner", &["--features", "runner"])
}

/// Writes `NAME.js` and `NAME_bg.wasm` into `folder`.
pub fn bind(binder: &Path, wasm: &Path, folder: &Path, name: &str) -> Result<(), Failure> {
    Program::new(binder).arg(wasm).arg(folder).arg(name).run()
}

fn tool(name: &str, features: &[&str]) -> Result<PathBuf, Failure> {
    program::cargo()
        .args([
            "build",
            "--profile",
            "tools",
            "-p",
            "wasm-tools",
            "--bin",
            name,
        ])
        .args(features)
        .run()?;
    Ok(project::built("tools", name))
}

/// The `module.name` of everything that a wasm module imports.
pub fn imports(module: &[u8]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for (id, mut section) in sections(module)? {
        if id != IMPORT_SECTION {
            continue;
        }
        for _ in 0..section.number()? {
            let (module, name) = (section.name()?, section.name()?);
            found.push(format!("{module}.{name}"));
            section.skip_import()?;
        }
    }
    Ok(found)
}

/// How many functions a wasm module defines itself.
pub fn functions(module: &[u8]) -> Result<u64, Failure> {
    for (id, mut section) in sections(module)? {
        if id == FUNCTION_SECTION {
            return section.number();
        }
    }
    Ok(0)
}

const IMPORT_SECTION: u8 = 2;
const FUNCTION_SECTION: u8 = 3;

fn sections(module: &[u8]) -> Result<Vec<(u8, Reader<'_>)>, Failure> {
    let body = module
        .strip_prefix(b"\0asm\x01\0\0\0")
        .ok_or_else(|| Failure::Wrong("not a wasm module".to_owned()))?;
    let mut reader = Reader(body);
    let mut found = Vec::new();
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let length = reader.number()?;
        found.push((id, Reader(reader.bytes(length)?)));
    }
    Ok(found)
}

/// Reads wasm's binary format from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, Failure> {
        let (first, rest) = self.0.split_first().ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(*first)
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], Failure> {
        let length = usize::try_from(length).map_err(|_| cut_short())?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Result<u64, Failure> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(cut_short())
    }

    fn name(&mut self) -> Result<String, Failure> {
        let length = self.number()?;
        Ok(String::from_utf8_lossy(self.bytes(length)?).into_owned())
    }

    /// Passes over what kind of thing is imported: function, table, memory, global or tag.
    fn skip_import(&mut self) -> Result<(), Failure> {
        match self.byte()? {
            0 => self.number().map(|_| ()),
            1 => {
                self.byte()?;
                self.skip_limits()
            }
            2 => self.skip_limits(),
            3 => self.bytes(2).map(|_| ()),
            _ => {
                self.byte()?;
                self.number().map(|_| ())
            }
        }
    }

    fn skip_limits(&mut self) -> Result<(), Failure> {
        let has_end = self.byte()? & 1 == 1;
        self.number()?;
        if has_end {
            self.number()?;
        }
        Ok(())
    }
}

fn cut_short() -> Failure {
    Failure::Wrong("a wasm module that ends too early".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_and_own_functions_counted() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 4, 1, 0x60, 0, 0]);
        module.extend([2, 18, 2]);
        module.extend(*b"\x03env\x03now\x00\x00");
        module.extend(*b"\x01e\x01m\x02\x00\x01");
        module.extend([3, 2, 1, 0]);
        assert_eq!(imports(&module).unwrap(), ["env.now", "e.m"]);
        assert_eq!(functions(&module).unwrap(), 1);
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        assert!(imports(b"\0asm\x01\0\0\0\x02\x7f").is_err());
        assert!(imports(b"MZ").is_err());
    }
}
