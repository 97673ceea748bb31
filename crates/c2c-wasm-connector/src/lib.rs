//! What a connector needs besides keys, curves and updates, for JavaScript: host records, letters, the
//! checking of messages, and routing tables. It is the third engine of the npm package, `ilp-c2c/connector`: larger than the others, so that who
//! only derives, validates and merges need not load it.

mod checked;
mod desk;
#[path = "../../c2c-wasm/src/error.rs"]
mod error;
#[path = "../../c2c-wasm/src/faults.rs"]
mod faults;
#[path = "../../c2c-wasm/src/json.rs"]
mod json;
mod table;
mod words;
