//! Where things lie.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The project's root: of the checkout that cargo runs this in, which may have been moved or copied,
/// with what it had built, since this was built.
pub fn root() -> PathBuf {
    let built_in = || env!("CARGO_MANIFEST_DIR").into();
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(built_in));
    here.ancestors().nth(2).unwrap_or(&here).to_owned()
}

/// A path under the root.
pub fn path(under_root: &str) -> PathBuf {
    root().join(under_root)
}

/// Where cargo and we put what is built.
pub fn target(under_target: &str) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |named| root().join(named))
        .join(under_target)
}

/// A program of ours in `target`, as the dev profile builds it.
pub fn built(profile: &str, name: &str) -> PathBuf {
    target(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Every file under `folder`, in order of names, without `node_modules` and hidden files.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(Failure::file(folder.display()))?;
        for entry in entries {
            let entry = entry.map_err(Failure::file(folder.display()))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || name == "node_modules" || name == "target" {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a text file.
pub fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::file(path.display()))
}

/// Writes a file, its folders first.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::file(folder.display()))?;
    }
    fs::write(path, contents).map_err(Failure::file(path.display()))
}

/// Makes `to` a copy of the folder `from`, and nothing but that.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    for file in files(from)? {
        let name = file.strip_prefix(from).unwrap_or(&file);
        let bytes = fs::read(&file).map_err(Failure::file(file.display()))?;
        write(&to.join(name), bytes)?;
    }
    Ok(())
}

/// Makes `folder` an empty folder.
pub fn empty(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::file(folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(Failure::file(folder.display()))
}
