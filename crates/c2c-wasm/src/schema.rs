//! Reading routing updates. JavaScript writes one into a room of ours and then says what is to be done with it.

use std::cell::RefCell;

use c2c::curve::Curve;
use c2c::message::{RouteRecord, RoutingUpdate};
use c2c::schema::{self, Dialect};
use wasm_bindgen::prelude::*;

use crate::faults::listed;
use crate::json;

thread_local! {
    /// What was given last.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where there is room for so many bytes. It stays there until more is asked for.
#[wasm_bindgen]
pub fn room(length: usize) -> usize {
    ROOM.with_borrow_mut(|room| {
        if room.len() < length {
            // The old one goes first, so that the new one may take its place.
            *room = Vec::new();
            *room = vec![0; length];
        }
        room.as_ptr() as usize
    })
}

/// Works with the first bytes in the room.
fn given<T>(length: usize, work: impl FnOnce(&[u8]) -> T) -> T {
    ROOM.with_borrow(|room| work(room.get(..length).unwrap_or(room)))
}

/// Whether there is nothing wrong with the update in the room.
#[wasm_bindgen(js_name = isUpdate)]
pub fn is_update(length: usize, as_cited: bool) -> bool {
    given(length, |bytes| {
        schema::validate(bytes, dialect(as_cited)).is_ok()
    })
}

/// What is wrong with it, as JSON.
#[wasm_bindgen(js_name = updateFaults)]
pub fn update_faults(length: usize, as_cited: bool) -> String {
    let found = given(length, |bytes| schema::validate(bytes, dialect(as_cited)));
    listed(&found.err().unwrap_or_default())
}

/// An update that was read. It stays inside until JavaScript asks.
#[wasm_bindgen]
pub struct RawUpdate(RoutingUpdate);

/// Reads the update in the room as the specification cites it, or as ilp-kit 3 deployed it; throws the
/// faults as JSON.
#[wasm_bindgen(js_name = readUpdate)]
pub fn read_update(length: usize, as_cited: bool) -> Result<RawUpdate, String> {
    given(length, |bytes| {
        RoutingUpdate::read(bytes, dialect(as_cited))
    })
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
        let mut out = "{\"newRoutes\":".to_owned();
        json::list(&mut out, &update.new_routes, written);
        out.push_str(",\"holdDownTime\":");
        json::plain(&mut out, update.hold_down_time.0);
        out.push_str(",\"unreachableThroughMe\":");
        json::list(&mut out, &update.unreachable_through_me, |out, lost| {
            json::text(out, lost.as_str());
        });
        out.push_str(",\"requestFullTable\":");
        json::plain(&mut out, update.request_full_table);
        out.push_str(",\"unusable\":");
        json::list(&mut out, &update.unusable, |out, route| {
            out.push_str("{\"index\":");
            json::plain(out, route.index);
            out.push_str(",\"member\":");
            json::text(out, route.member);
            out.push_str(",\"message\":");
            json::text(out, &route.error.to_string());
            out.push('}');
        });
        out.push('}');
        out
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

/// A route but for its curve.
fn written(out: &mut String, route: &RouteRecord) {
    for (name, address) in [
        ("{\"sourceLedger\":", &route.source_ledger),
        (",\"destinationLedger\":", &route.destination_ledger),
        (",\"sourceAccount\":", &route.source_account),
    ] {
        out.push_str(name);
        json::text(out, address.as_str());
    }
    out.push_str(",\"minMessageWindow\":");
    json::plain(out, route.min_message_window.0);
    out.push_str(",\"paths\":");
    json::list(out, &route.paths, |out, path| {
        json::list(out, path, |out, ledger| json::text(out, ledger.as_str()));
    });
    if let Some(curve) = curve_of(route) {
        out.push_str(",\"size\":");
        json::plain(out, curve.points().len() * 16);
    }
    if let Some(Err(error)) = &route.points {
        out.push_str(",\"skipped\":");
        json::text(out, &error.to_string());
    }
    out.push('}');
}

/// The curve of a route, if it has one that makes sense.
fn curve_of(route: &RouteRecord) -> Option<&Curve> {
    route.points.as_ref()?.as_ref().ok()
}
