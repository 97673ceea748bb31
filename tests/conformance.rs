//! Conformance: the engine against the vectors, one module a room. Each body runs natively as an
//! ordinary test and in wasm under Node; a departure from 2017 on purpose is marked `DIFFERENCE`.
//!
//! A new module starts with the alias that makes one body serve both:
//!
//! ```text
//! #[cfg(target_arch = "wasm32")]
//! use wasm_bindgen_test::wasm_bindgen_test as test;
//! ```

#[path = "conformance/broadcast.rs"]
mod broadcast;
#[path = "conformance/curve.rs"]
mod curve;
#[path = "conformance/key.rs"]
mod key;
#[path = "conformance/ledger.rs"]
mod ledger;
#[path = "conformance/packet.rs"]
mod packet;
#[path = "conformance/peering.rs"]
mod peering;
#[path = "conformance/route.rs"]
mod route;
#[path = "conformance/schema.rs"]
mod schema;
#[path = "conformance/table.rs"]
mod table;
