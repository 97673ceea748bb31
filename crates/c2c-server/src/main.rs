//! The native connector.
fn main() {}
