//! What a connector needs besides keys, curves and updates, for JavaScript: host records, letters and routing
//! tables. It is the second engine of the npm package, `ilp-c2c/connector`: larger than the first, so that who
//! only derives, validates and merges need not load it.

#[path = "../../c2c-wasm/src/error.rs"]
mod error;
#[path = "../../c2c-wasm/src/faults.rs"]
mod faults;
mod table;
mod words;
