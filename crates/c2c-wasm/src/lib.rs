//! The c2c engine for JavaScript, without ceremony: numbers and bytes go in, numbers and bytes come out.
//! Keys, updates and amounts; curves have an engine of their own, `c2c-wasm-curve`.
//!
//! These exports are not the npm package's surface. `entry/api.js` is: it checks what JavaScript
//! hands over (a negative `bigint` would wrap silently on its way in), names things as its users
//! expect, and turns failures into `C2CError`.

mod amount;
mod as_2017;
mod error;
mod faults;
mod json;
mod pair;
mod peering;
mod schema;
