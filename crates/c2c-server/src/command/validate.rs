//! `c2c validate`.

use std::io::Read as _;
use std::path::Path;

use c2c::message::RoutingUpdate;
use c2c::schema::Dialect;
use serde_json::json;

use super::{Out, bytes_of};
use crate::args::{Profile, Validate};
use crate::error::Error;

/// Prints every fault of a routing update, or what is in it.
pub fn run(arguments: &Validate, out: Out) -> Result<(), Error> {
    let bytes = if arguments.file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|reason| Error::File {
            path: "standard input".to_owned(),
            reason,
        })?;
        bytes
    } else {
        bytes_of(&arguments.file)?
    };
    let dialect = match arguments.profile {
        Profile::Cited => Dialect::V17,
        Profile::Deployed => Dialect::V21,
    };
    match RoutingUpdate::read(&bytes, dialect) {
        Ok(update) => {
            let skipped = skipped(&update);
            let ok = skipped.is_empty();
            let value = json!({
                "ok": ok,
                "routes": update.new_routes.len(),
                "withdrawn": update.unreachable_through_me.len(),
                "hold_down_time": update.hold_down_time.0,
                "skipped": skipped,
            });
            out.print(&value, || {
                let mut lines = skipped.clone();
                lines.push(format!(
                    "The document is good: {} routes, {} destinations taken back, good for {} ms.",
                    update.new_routes.len(),
                    update.unreachable_through_me.len(),
                    update.hold_down_time.0
                ));
                lines.join("\n")
            });
            if ok { Ok(()) } else { Err(Error::Found) }
        }
        Err(violations) => {
            let value = json!({ "ok": false, "errors": violations });
            out.print(&value, || {
                let lines = violations.iter().map(ToString::to_string);
                lines.collect::<Vec<_>>().join("\n")
            });
            Err(Error::Found)
        }
    }
}

/// Routes of a good document that a receiver skips, each with its reason.
fn skipped(update: &RoutingUpdate) -> Vec<String> {
    let unusable = update.unusable.iter().map(|route| {
        let (index, member, error) = (route.index, route.member, &route.error);
        format!("new_routes[{index}].{member}: {error} The route is skipped.")
    });
    let curves = update.new_routes.iter().filter_map(|route| {
        let error = route.points.as_ref()?.as_ref().err()?;
        let destination = &route.destination_ledger;
        Some(format!("The route to {destination} is skipped: {error}"))
    });
    unusable.chain(curves).collect()
}
