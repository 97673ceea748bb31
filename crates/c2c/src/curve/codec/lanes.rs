//! Base64 sixteen characters at a time, where wasm has vectors.
//!
//! A character is told by its two halves: its upper four bits say which row of ASCII it stands in,
//! and each row has its own distance from character to value.

use core::arch::wasm32::{
    i8x16, i8x16_add, i8x16_all_true, i8x16_eq, i8x16_shuffle, i8x16_splat, i8x16_swizzle,
    i16x8_shl, i32x4_shl, u8x16_lt, u8x16_shr, u8x16_splat, u8x16_sub_sat, u16x8_shr, u16x8_splat,
    u32x4, u32x4_extract_lane, u32x4_shl, u32x4_shr, u32x4_splat, u64x2, u64x2_extract_lane, v128,
    v128_and, v128_or,
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

/// Three words as sixteen characters.
#[inline]
pub(super) fn write_characters(place: &mut [u8; 16], p: u32, q: u32, r: u32) {
    // Three bytes a lane, of which the first is the upper one; then six bits a byte, the upper ones first.
    let words = u32x4(p, q, r, 0);
    let threes = i8x16_shuffle::<2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16>(
        words,
        u32x4_splat(0),
    );
    let part = |bits, mask| v128_and(bits, u32x4_splat(mask));
    let first_two = v128_or(u32x4_shr(threes, 18), part(u32x4_shr(threes, 4), 0x3f00));
    let last_two = v128_or(
        part(u32x4_shl(threes, 10), 0x3f_0000),
        part(u32x4_shl(threes, 24), 0x3f00_0000),
    );
    let values = v128_or(first_two, last_two);
    // Small letters have row 0, digits the next ten, the two signs one each, capital letters the last.
    let capital = v128_and(u8x16_lt(values, u8x16_splat(26)), u8x16_splat(13));
    let row = v128_or(u8x16_sub_sat(values, u8x16_splat(51)), capital);
    let distances = i8x16(
        71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0,
    );
    let text = i8x16_add(values, i8x16_swizzle(distances, row));
    let both =
        u128::from(u64x2_extract_lane::<1>(text)) << 64 | u128::from(u64x2_extract_lane::<0>(text));
    *place = both.to_le_bytes();
}
