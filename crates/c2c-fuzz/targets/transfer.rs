//! Fuzzes `c2c_fuzz::transfer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| c2c_fuzz::transfer(bytes));
