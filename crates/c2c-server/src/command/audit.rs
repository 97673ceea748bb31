//! `c2c audit`: what was changed on a running server.

use serde::Deserialize;
use serde_json::Value;

use super::Out;
use super::remote::Remote;
use crate::args::Audit;
use crate::audit::Entry;
use crate::error::Error;

#[derive(Deserialize, serde::Serialize)]
struct Listed {
    entries: Vec<Entry>,
}

/// Lists the last changes.
pub async fn run(arguments: &Audit, out: Out) -> Result<(), Error> {
    let limit = [("limit", arguments.limit.to_string())];
    let listed: Listed = Remote::new(&arguments.server)?
        .get(&["audit"], &limit)
        .await?;
    out.print(&listed, || match listed.entries.is_empty() {
        true => "Nothing was changed yet.".to_owned(),
        false => listed
            .entries
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n"),
    });
    Ok(())
}

fn line(entry: &Entry) -> String {
    let caller = entry
        .caller
        .map_or_else(|| "unknown".to_owned(), |caller| caller.to_string());
    let body = match &entry.body {
        Value::Null => String::new(),
        body => format!("  {body}"),
    };
    let Entry {
        time,
        method,
        path,
        status,
        ..
    } = entry;
    format!("{time}  {caller}  {method} {path}  {status}{body}")
}
