//! Sixteen characters at a time, where wasm has vectors.

use core::arch::wasm32::{
    u8x16, u8x16_bitmask, u8x16_eq, u8x16_shr, u8x16_splat, u8x16_swizzle, u64x2, v128, v128_and,
};

/// How many of the first bytes are of a kind, of which `columns` tells for each column of ASCII the rows:
/// up to the first that is not, or to the last whole sixteen.
#[inline]
pub(super) fn run(bytes: &[u8], columns: &[u8; 16]) -> usize {
    let columns = vector(columns);
    // One bit for each row of ASCII.
    let rows = u8x16(1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0);
    let (blocks, _) = bytes.as_chunks::<16>();
    let mut at = 0;
    for block in blocks {
        let text = vector(block);
        let row = u8x16_swizzle(rows, u8x16_shr(text, 4));
        let column = u8x16_swizzle(columns, v128_and(text, u8x16_splat(15)));
        let foreign = u8x16_bitmask(u8x16_eq(v128_and(row, column), u8x16_splat(0)));
        if foreign != 0 {
            return at + foreign.trailing_zeros() as usize;
        }
        at += 16;
    }
    at
}

#[inline]
fn vector(bytes: &[u8; 16]) -> v128 {
    let both = u128::from_le_bytes(*bytes);
    #[allow(clippy::cast_possible_truncation)] // the two halves
    u64x2(both as u64, (both >> 64) as u64)
}
