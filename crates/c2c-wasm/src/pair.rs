//! Curves between two ledgers of one's own.

use c2c::amount::Scale;
use c2c::curve::{PairTerms, Ratio};
use wasm_bindgen::prelude::*;

use crate::error::failure;

/// The curve of one of our own pairs of ledgers in its binary form; nothing where there is no room. `rate` and
/// `spread` are decimals, a room that is left out is unlimited.
#[wasm_bindgen(js_name = pairCurve)]
pub fn pair_curve(
    rate: &str,
    spread: &str,
    source_scale: u8,
    destination_scale: u8,
    source_room: Option<u64>,
    destination_room: Option<u64>,
) -> Result<Option<Vec<u8>>, JsValue> {
    let decimal = |text: &str| {
        text.parse::<Ratio>()
            .map_err(|error| failure("RATE_FORMAT", error, "Give a decimal such as \"1.25\"."))
    };
    let scale = |decimals| {
        Scale::new(decimals).map_err(|error| failure("SCALE_RANGE", error, "Most use 9."))
    };
    let (rate, spread) = (decimal(rate)?, decimal(spread)?);
    let terms = PairTerms::new(
        rate,
        spread,
        scale(source_scale)?,
        scale(destination_scale)?,
    )
    .map_err(|error| {
        failure(
            "PAIR_TERMS",
            error,
            "Give a rate above 0 and a spread below 1.",
        )
    })?;
    let curve = terms.curve(source_room, destination_room);
    Ok(curve.map(|curve| curve.to_bytes()))
}
