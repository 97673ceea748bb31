//! Reading routing updates from bytes.

use c2c::curve::Curve;
use c2c::message::{RouteRecord, RoutingUpdate};
use c2c::schema::{self, Dialect};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use crate::faults::listed;

/// What is wrong with an update, as JSON, or nothing.
#[wasm_bindgen(js_name = updateFaults)]
pub fn update_faults(bytes: &[u8], as_cited: bool) -> Option<String> {
    let found = schema::validate(bytes, dialect(as_cited)).err()?;
    Some(listed(&found))
}

/// An update that was read. It stays inside until JavaScript asks.
#[wasm_bindgen]
pub struct RawUpdate(RoutingUpdate);

/// Reads an update as the specification cites it, or as ilp-kit 3 deployed it; throws the faults as JSON.
#[wasm_bindgen(js_name = readUpdate)]
pub fn read_update(bytes: &[u8], as_cited: bool) -> Result<RawUpdate, String> {
    RoutingUpdate::read(bytes, dialect(as_cited))
        .map(RawUpdate)
        .map_err(|found| listed(&found))
}

fn dialect(as_cited: bool) -> Dialect {
    if as_cited { Dialect::V17 } else { Dialect::V21 }
}

#[wasm_bindgen]
impl RawUpdate {
    /// Everything but the curves, as JSON; `size` is how many bytes of [`RawUpdate::curves`] are a route's.
    pub fn json(&self) -> String {
        let update = &self.0;
        let routes: Vec<Value> = update
            .new_routes
            .iter()
            .map(|route| {
                json!({
                    "sourceLedger": route.source_ledger,
                    "destinationLedger": route.destination_ledger,
                    "minMessageWindow": route.min_message_window.0,
                    "sourceAccount": route.source_account,
                    "paths": route.paths,
                    "size": curve_of(route).map(|curve| curve.points().len() * 16),
                    "skipped": route.points.as_ref().and_then(|points| {
                        points.as_ref().err().map(ToString::to_string)
                    }),
                })
            })
            .collect();
        let unusable: Vec<Value> = update
            .unusable
            .iter()
            .map(|route| {
                json!({
                    "index": route.index,
                    "member": route.member,
                    "message": route.error.to_string(),
                })
            })
            .collect();
        let whole = json!({
            "newRoutes": routes,
            "holdDownTime": update.hold_down_time.0,
            "unreachableThroughMe": update.unreachable_through_me,
            "requestFullTable": update.request_full_table,
            "unusable": unusable,
        });
        whole.to_string()
    }

    /// The curves of all routes that have one, in their binary form, one after the other.
    pub fn curves(&self) -> Vec<u8> {
        let routes = self.0.new_routes.iter();
        routes
            .filter_map(curve_of)
            .flat_map(Curve::to_bytes)
            .collect()
    }
}

/// The curve of a route, if it has one that makes sense.
fn curve_of(route: &RouteRecord) -> Option<&Curve> {
    route.points.as_ref()?.as_ref().ok()
}
