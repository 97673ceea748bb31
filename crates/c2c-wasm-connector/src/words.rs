//! What people and hosts read: host records, and letters between operators.

use c2c::key::PublicKey;
use c2c::peering::Letter;
use c2c::webfinger::{Host, Record, RpcUri, record_url};
use serde_json::json;
use wasm_bindgen::prelude::*;

use crate::error::failure;

/// Where a host publishes its record.
#[wasm_bindgen(js_name = recordUrl)]
pub fn record_url_of(host: &str) -> Result<String, JsValue> {
    record_url(host).map_err(|error| failure(error.code(), &error, error.hint()))
}

/// A record of one's own, as JSON.
#[wasm_bindgen(js_name = recordJson)]
pub fn record_json(
    host: &str,
    public_key: &str,
    rpc_uri: &str,
    title: Option<String>,
) -> Result<String, JsValue> {
    let host = host_of(host)?;
    let key: PublicKey = public_key
        .parse()
        .map_err(|error| failure("WF_BAD_KEY", error, "43 characters of base64url."))?;
    let rpc_uri = RpcUri::parse(rpc_uri, host.is_loopback())
        .map_err(|error| failure(error.code(), &error, error.hint()))?;
    let mut record = Record::new(&host, key, rpc_uri);
    record.title = title;
    Ok(record.to_json())
}

/// What a host answered, checked, as JSON: `record`, or `code`, `message` and `hint`.
#[wasm_bindgen(js_name = readRecord)]
pub fn read_record(bytes: &[u8], host: &str) -> Result<String, JsValue> {
    let host = host_of(host)?;
    let answer = match Record::parse(bytes, &host, host.is_loopback()) {
        Ok(record) => json!({
            "subject": record.subject,
            "publicKey": record.public_key.to_string(),
            "protocolVersion": record.protocol_version,
            "title": record.title,
            "rpcUri": record.rpc_uri.as_str(),
        }),
        Err(error) => json!({
            "code": error.code(),
            "message": error.to_string(),
            "hint": error.hint(),
        }),
    };
    Ok(answer.to_string())
}

/// A letter, given as JSON, as one word.
#[wasm_bindgen(js_name = letterCode)]
pub fn letter_code(json: &str) -> Result<String, JsValue> {
    read_letter(json).map(|letter| letter.encode())
}

/// A letter for people to read.
#[wasm_bindgen(js_name = letterText)]
pub fn letter_text(json: &str) -> Result<String, JsValue> {
    read_letter(json).map(|letter| letter.text())
}

/// A letter out of whatever it came in, as JSON.
#[wasm_bindgen(js_name = letterJson)]
pub fn letter_json(text: &str) -> Result<String, JsValue> {
    read_letter(text).map(|letter| letter.json())
}

fn host_of(text: &str) -> Result<Host, JsValue> {
    Host::parse(text).map_err(|error| failure(error.code(), &error, error.hint()))
}

fn read_letter(text: &str) -> Result<Letter, JsValue> {
    Letter::read(text, true).map_err(|error| {
        failure(
            error.code(),
            &error,
            "Ask for it again, or type the fields.",
        )
    })
}
