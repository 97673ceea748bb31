//! Reading routing updates from bytes.

use c2c::message::RoutingUpdate;
use c2c::schema::{Dialect, Violation};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use crate::curve::RawCurve;

/// An update that was read, or what is wrong with it. It stays inside until JavaScript asks.
#[wasm_bindgen]
pub struct RawUpdate(Result<RoutingUpdate, Vec<Violation>>);

/// Reads an update as the specification cites it, or as ilp-kit 3 deployed it.
#[wasm_bindgen(js_name = readUpdate)]
pub fn read_update(bytes: &[u8], as_cited: bool) -> RawUpdate {
    let dialect = if as_cited { Dialect::V17 } else { Dialect::V21 };
    RawUpdate(RoutingUpdate::read(bytes, dialect))
}

#[wasm_bindgen]
impl RawUpdate {
    /// What is wrong, as JSON, or nothing.
    pub fn errors(&self) -> Option<String> {
        let found = self.0.as_ref().err()?;
        let rows: Vec<Value> = found
            .iter()
            .map(|violation| {
                json!({
                    "code": violation.code,
                    "path": violation.path,
                    "line": violation.line,
                    "column": violation.column,
                    "value": violation.value,
                    "message": violation.message,
                    "hint": violation.hint,
                })
            })
            .collect();
        Some(Value::from(rows).to_string())
    }

    /// Everything but the curves, as JSON; nothing where the update was refused.
    pub fn json(&self) -> Option<String> {
        let update = self.0.as_ref().ok()?;
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
        Some(whole.to_string())
    }

    /// The curve of a route, if it has one that makes sense.
    pub fn curve(&self, index: usize) -> Option<RawCurve> {
        let route = self.0.as_ref().ok()?.new_routes.get(index)?;
        let curve = route.points.as_ref()?.as_ref().ok()?;
        Some(RawCurve::from(curve.clone()))
    }
}
