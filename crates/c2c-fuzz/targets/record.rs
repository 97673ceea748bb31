//! Fuzzes `c2c_fuzz::record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| c2c_fuzz::record(bytes));
