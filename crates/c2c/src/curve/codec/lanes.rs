//! Base64 sixteen characters at a time, where wasm has vectors.
//!
//! A character is told by its two halves: its upper four bits say which row of ASCII it stands in,
//! and each row has its own distance from character to value.

use core::arch::wasm32::{
    i8x16, i8x16_add, i8x16_all_true, i8x16_eq, i8x16_shuffle, i8x16_splat, i8x16_swizzle,
    i16x8_shl, i32x4_shl, u8x16_shr, u16x8_shr, u16x8_splat, u32x4_extract_lane, u32x4_shr,
    u32x4_splat, u64x2, v128, v128_and, v128_or,
};

/// Sixteen characters as three words; none if one of them is not base64.
#[inline]
pub(super) fn words(characters: &[u8; 16]) -> Option<[u32; 3]> {
    let both = u128::from_le_bytes(*characters);
    #[allow(clippy::cast_possible_truncation)] // the two halves
    let text = u64x2(both as u64, (both >> 64) as u64);
    let values = values(text)?;
    // The first of two is the upper one; then the first two of four.
    let pairs = v128_or(
        i16x8_shl(v128_and(values, u16x8_splat(0xff)), 6),
        u16x8_shr(values, 8),
    );
    let fours = v128_or(
        i32x4_shl(v128_and(pairs, u32x4_splat(0xffff)), 12),
        u32x4_shr(pairs, 16),
    );
    // The upper one of three bytes comes first.
    let bytes = i8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 3, 3, 3>(fours, fours);
    Some([
        u32x4_extract_lane::<0>(bytes),
        u32x4_extract_lane::<1>(bytes),
        u32x4_extract_lane::<2>(bytes),
    ])
}

/// What sixteen characters stand for.
#[inline]
fn values(text: v128) -> Option<v128> {
    let row = u8x16_shr(text, 4);
    let column = v128_and(text, i8x16_splat(15));
    // One bit for each row that has base64; for each column the rows in which it is.
    let rows = i8x16(0, 0, 1, 2, 4, 8, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0);
    let columns = i8x16(
        42, 62, 62, 62, 62, 62, 62, 62, 62, 62, 60, 21, 20, 21, 20, 29,
    );
    let known = v128_and(i8x16_swizzle(rows, row), i8x16_swizzle(columns, column));
    if !i8x16_all_true(known) {
        return None;
    }
    let by_row = i8x16(0, 0, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    // In the row of signs each has its own distance, of which + is the measure: - and /.
    let signs = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -2, 0, -3);
    let sign = v128_and(i8x16_eq(row, i8x16_splat(2)), i8x16_swizzle(signs, column));
    // And _ stands in the row of letters.
    let underscore = v128_and(i8x16_eq(text, i8x16_splat(95)), i8x16_splat(33));
    let distance = i8x16_add(i8x16_swizzle(by_row, row), i8x16_add(sign, underscore));
    Some(i8x16_add(text, distance))
}
