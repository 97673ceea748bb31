//! `c2c config explain`.

use super::{Out, settings, with_sources};
use crate::args::Settings;
use crate::config::Config;
use crate::error::Error;

/// Prints every setting, its value and where that comes from; then, as an error, what a server could
/// not start with.
pub fn run(given: &Settings, out: Out) -> Result<(), Error> {
    let explained = with_sources(given, Config::explain)?;
    out.print(&explained, || {
        let rows = explained.iter().map(|one| {
            let value = one.value.as_deref().unwrap_or("(none)");
            format!(
                "{} = {value}\n    from {}; {}",
                one.key, one.source, one.about
            )
        });
        rows.collect::<Vec<String>>().join("\n")
    });
    settings(given).map(|_| ())
}
