//! Amounts as people write them.

use c2c::amount::{Amount, Scale};
use wasm_bindgen::prelude::*;

use crate::error::failure;

/// Base units as a decimal.
#[wasm_bindgen(js_name = formatAmount)]
pub fn format_amount(units: u64, scale: u8) -> Result<String, JsValue> {
    Ok(Amount::new(units).to_currency(scale_of(scale)?))
}

/// A decimal as base units.
#[wasm_bindgen(js_name = parseAmount)]
pub fn parse_amount(text: &str, scale: u8) -> Result<u64, JsValue> {
    Amount::from_currency(text, scale_of(scale)?)
        .map(Amount::units)
        .map_err(|error| failure(error.code(), &error, "Shorten it, or raise the scale."))
}

fn scale_of(decimals: u8) -> Result<Scale, JsValue> {
    Scale::new(decimals).map_err(|error| failure("SCALE_RANGE", error, "Most use 9."))
}
