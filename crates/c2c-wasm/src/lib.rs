//! The c2c engine for JavaScript, without ceremony: numbers and bytes go in, numbers and bytes come out.
//!
//! These exports are not the npm package's surface. `entry/api.js` is: it checks what JavaScript
//! hands over (a negative `bigint` would wrap silently on its way in), names things as its users
//! expect, and turns failures into `C2CError`.

mod amount;
mod as_2017;
mod curve;
mod error;
mod faults;
mod peering;
mod schema;
