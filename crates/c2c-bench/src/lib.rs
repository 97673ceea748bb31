//! The same operations in wasm, for `curve.mjs` and `table.mjs` to call. Curves stay inside, by number.

#![allow(missing_docs, unsafe_code, clippy::cast_possible_truncation)]
// The exports have plain names, and memory is handed out to be written from outside.

mod table;

use std::cell::RefCell;

use c2c::curve::{Curve, Rounding, merge};

thread_local! {
    static CURVES: RefCell<Vec<Curve>> = const { RefCell::new(Vec::new()) };
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static AMOUNTS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A place for `length` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(length: usize) -> *mut u8 {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.resize(length, 0);
        buffer.as_mut_ptr()
    })
}

/// A place for `length` amounts.
#[unsafe(no_mangle)]
pub extern "C" fn amounts(length: usize) -> *mut u64 {
    AMOUNTS.with_borrow_mut(|amounts| {
        amounts.resize(length, 0);
        amounts.as_mut_ptr()
    })
}

/// Keeps the curve whose binary form is in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn keep() -> usize {
    let curve = BUFFER.with_borrow(|bytes| Curve::from_bytes(bytes));
    CURVES.with_borrow_mut(|curves| {
        curves.extend(curve);
        curves.len() - 1
    })
}

fn with<T>(work: impl FnOnce(&[Curve]) -> T) -> T {
    CURVES.with_borrow(|curves| work(curves))
}

fn size(curve: &Curve) -> usize {
    curve.points().len()
}

#[unsafe(no_mangle)]
pub extern "C" fn decode_bytes() -> usize {
    BUFFER.with_borrow(|bytes| Curve::from_bytes(bytes).map_or(0, |c| size(&c)))
}

#[unsafe(no_mangle)]
pub extern "C" fn decode_base64() -> usize {
    BUFFER.with_borrow(|bytes| Curve::from_base64_bytes(bytes).map_or(0, |c| size(&c)))
}

/// Writes base64 to a place of its own and answers where; its length follows from the curve's.
#[unsafe(no_mangle)]
pub extern "C" fn encode_base64(a: usize) -> *const u8 {
    let text = with(|curves| curves[a].to_base64());
    BUFFER.with_borrow_mut(|buffer| {
        *buffer = text.into_bytes();
        buffer.as_ptr()
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn combine(a: usize, b: usize) -> usize {
    with(|curves| size(&curves[a].combine(&curves[b], Rounding::Sound)))
}

#[unsafe(no_mangle)]
pub extern "C" fn join(a: usize, b: usize) -> usize {
    with(|curves| Curve::join(&curves[a], &curves[b], Rounding::Sound).map_or(0, |c| size(&c)))
}

#[unsafe(no_mangle)]
pub extern "C" fn merge_many(from: usize, count: usize) -> usize {
    with(|curves| {
        let curves: Vec<&Curve> = curves[from..from + count].iter().collect();
        merge(&curves).map_or(0, |m| size(&m.curve))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn amount_at(a: usize, x: u64) -> u64 {
    with(|curves| curves[a].amount_at(x))
}

#[unsafe(no_mangle)]
pub extern "C" fn amounts_at(a: usize) -> usize {
    AMOUNTS.with_borrow(|amounts| with(|curves| curves[a].amounts_at(amounts).len()))
}

#[unsafe(no_mangle)]
pub extern "C" fn simplify(a: usize, most: usize) -> usize {
    with(|curves| size(&curves[a].simplify(most, Rounding::Sound)))
}
