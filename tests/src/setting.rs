//! Environment variables, natively and in wasm under Node.

/// The value of the variable `name`; none if it is not set.
#[cfg(not(target_arch = "wasm32"))]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The value of the variable `name`; none if it is not set.
#[cfg(target_arch = "wasm32")]
pub fn setting(name: &str) -> Option<String> {
    use wasm_bindgen::JsValue;
    let value = ["process", "env", name]
        .iter()
        .try_fold(JsValue::from(js_sys::global()), |object, key| {
            js_sys::Reflect::get(&object, &JsValue::from_str(key))
        });
    value.ok()?.as_string()
}
