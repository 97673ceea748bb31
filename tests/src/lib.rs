//! Tools that several tests share. Native, and in wasm under Node.

pub mod pair;
pub mod setting;
pub mod vectors;
