//! Failures on their way to JavaScript: an object with `code`, `message` and `hint`.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// The object that `entry/api.js` turns into a `C2CError`.
pub fn failure(code: &str, message: impl std::fmt::Display, hint: &str) -> JsValue {
    let object = Object::new();
    for (key, value) in [
        ("code", code),
        ("message", &message.to_string()),
        ("hint", hint),
    ] {
        // Setting a member of a fresh plain object cannot fail.
        let set = Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
        debug_assert!(set.is_ok());
    }
    object.into()
}
