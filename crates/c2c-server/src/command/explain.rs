//! `c2c config explain`.

use super::{Out, settings};
use crate::args::Settings;
use crate::error::Error;

/// Prints every setting, its value and where that comes from.
pub fn run(given: &Settings, out: Out) -> Result<(), Error> {
    let (_, explained) = settings(given)?;
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
    Ok(())
}
