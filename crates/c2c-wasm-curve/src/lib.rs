//! Liquidity curves for JavaScript: the first engine of the npm package. It is small, so that whoever only
//! asks curves has an answer a few milliseconds after the import; everything else is in `c2c-wasm`, which is
//! compiled when it is first called.

mod as_2017;
mod curve;
#[path = "../../c2c-wasm/src/error.rs"]
mod error;
