//! Checking messages, transfers and the bodies of calls: what they are, or all that is wrong with them.

use c2c::ledger::Transfer;
use c2c::message;
use c2c::rpc::{self, Method};
use c2c::schema::{Document, Violation};
use wasm_bindgen::prelude::*;

use crate::error::failure;
use crate::faults::listed;

/// What a message carries; throws its faults as JSON.
#[wasm_bindgen(js_name = checkMessage)]
pub fn check_message(json: &[u8]) -> Result<String, String> {
    message::validate(Document::whole(json), "")
        .map(|contents| contents.as_str().to_owned())
        .map_err(told)
}

/// Nothing, where a transfer is one; throws its faults as JSON.
#[wasm_bindgen(js_name = checkTransfer)]
pub fn check_transfer(json: &[u8]) -> Result<(), String> {
    Transfer::validate(Document::whole(json), "").map_err(told)
}

/// The same of the body of a call.
#[wasm_bindgen(js_name = checkCall)]
pub fn check_call(method: &str, body: &[u8]) -> Result<(), JsValue> {
    let method = Method::from_name(method).map_err(|refusal| {
        let hint = refusal.hint.unwrap_or_default();
        failure("METHOD", refusal.message, &hint)
    })?;
    rpc::validate(method, body).map_err(|faults| JsValue::from_str(&told(faults)))
}

fn told(faults: Vec<Violation>) -> String {
    listed(&faults)
}
