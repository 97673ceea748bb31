//! Tools that several tests share. Native, and in wasm under Node.

pub mod network;
pub mod pair;
pub mod vectors;
