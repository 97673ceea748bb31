//! The binary form of a curve, and base64 of it.
//!
//! Sixteen bytes a point: x, then y, each as its **high** 32-bit word and then its low one, each word
//! little-endian (npm ilp-routing, `serializePoints`). JSON carries it in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Curve, CurveError, Point};

#[cfg(target_feature = "simd128")]
mod lanes;

/// How many bytes a point takes.
const POINT: usize = 16;

impl Curve {
    /// Reads the binary form.
    ///
    /// ```
    /// # use c2c::curve::Curve;
    /// let curve = Curve::from_base64("AAAAAAAAAAAAAAAAAAAAAAAAAAAKAAAAAAAAAAkBAAA=")?;
    /// assert_eq!(curve, Curve::from_points([(0, 0), (10, 265)])?);
    /// assert_eq!(Curve::from_bytes(&curve.to_bytes())?, curve);
    /// # Ok::<(), c2c::curve::CurveError>(())
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CurveError> {
        let (points, rest) = bytes.as_chunks::<POINT>();
        if !rest.is_empty() {
            return Err(CurveError::Length { bytes: bytes.len() });
        }
        // Checked while they are read, without a way out: faults are looked for if there are any. The first
        // point is held against itself, which is the one fault that a valid curve has.
        let mut before = points.first().map_or_else(Point::default, read_point);
        let mut faults = 0_usize;
        let points = points
            .iter()
            .map(|bytes| {
                let point = read_point(bytes);
                faults += usize::from((before.x >= point.x) | (before.y > point.y));
                before = point;
                point
            })
            .collect();
        if faults == 1 {
            return Ok(Self { points });
        }
        Self::check(points)
    }

    /// Writes the binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.points().iter().flat_map(write).collect()
    }

    /// Reads base64 of the binary form.
    ///
    /// As in 2017, either alphabet will do, padding may be missing, and line breaks are passed over.
    /// DIFFERENCE: any other character is an error, where the decoder of 2017 passes it over too.
    pub fn from_base64(text: &str) -> Result<Self, CurveError> {
        Self::from_base64_bytes(text.as_bytes())
    }

    /// [`from_base64`](Self::from_base64) of a text that stands in bytes.
    pub fn from_base64_bytes(text: &[u8]) -> Result<Self, CurveError> {
        let (mut points, read) = decode_blocks(text);
        let rest = decode_rest(text, read)?;
        let (last, over) = rest.as_chunks::<POINT>();
        if !over.is_empty() {
            let bytes = points.len() * POINT + rest.len();
            return Err(CurveError::Length { bytes });
        }
        points.extend(last.iter().map(read_point));
        Self::check(points.into())
    }

    /// Whether `text` is base64 of this curve with its padding, without making anything of it.
    pub(crate) fn is_base64(&self, text: &[u8]) -> bool {
        let points = self.points();
        if text.len() != (points.len() * POINT).div_ceil(3) * 4 {
            return false;
        }
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let (known, last) = points.as_chunks::<BLOCK_POINTS>();
        let same = known
            .iter()
            .zip(blocks)
            .all(|(known, block)| decode_block(block).is_some_and(|told| told == *known));
        if !same || last.is_empty() {
            return same;
        }
        // One or two points: with zeros behind them they make a block too.
        let padding = 3 - last.len() * POINT % 3;
        let (plain, equals) = rest.split_at(rest.len() - padding);
        let mut block = [b'A'; BLOCK];
        block[..plain.len()].copy_from_slice(plain);
        let mut filled = [Point::default(); BLOCK_POINTS];
        filled[..last.len()].copy_from_slice(last);
        equals.iter().all(|byte| *byte == b'=') && decode_block(&block) == Some(filled)
    }

    /// Writes standard base64 with padding of the binary form.
    pub fn to_base64(&self) -> String {
        let (blocks, rest) = self.points().as_chunks::<BLOCK_POINTS>();
        let rest: Vec<u8> = rest.iter().flat_map(write).collect();
        let mut text = vec![0; blocks.len() * BLOCK];
        let (written, _) = text.as_chunks_mut::<BLOCK>();
        for (points, block) in blocks.iter().zip(written) {
            encode_block(points, block);
        }
        // The alphabet is plain ASCII.
        let mut text = String::from_utf8(text).expect("only base64 is written");
        STANDARD.encode_string(rest, &mut text);
        text
    }
}

/// How many points end where a character of base64 ends too.
const BLOCK_POINTS: usize = 3;

/// How many characters they take.
const BLOCK: usize = BLOCK_POINTS * POINT / 3 * 4;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What each character stands for; [`OTHER`] where it is not base64.
const VALUES: [u8; 256] = {
    let mut values = [OTHER; 256];
    let mut value: u8 = 0;
    while value < 64 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// The mark of a character that is not base64.
const OTHER: u8 = 0x80;

/// What each character contributes to three bytes, by its place among four: the first byte lowest.
/// The highest bit marks one that is not base64.
#[cfg(not(target_feature = "simd128"))]
static PARTS: [[u32; 256]; 4] = {
    let mut parts = [[1 << 31; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let value = VALUES[byte] as u32;
        if VALUES[byte] != OTHER {
            parts[0][byte] = value << 2;
            parts[1][byte] = value >> 4 | (value & 15) << 12;
            parts[2][byte] = value >> 2 << 8 | (value & 3) << 22;
            parts[3][byte] = value << 16;
        }
        byte += 1;
    }
    parts
};

/// The two characters for twelve bits, the first one lowest.
#[cfg(not(target_feature = "simd128"))]
static PAIRS: [u16; 4096] = {
    let mut pairs = [0; 4096];
    let mut bits = 0;
    while bits < 4096 {
        pairs[bits] = u16::from_le_bytes([ALPHABET[bits >> 6], ALPHABET[bits & 63]]);
        bits += 1;
    }
    pairs
};

/// Reads base64 as long as there are whole blocks of plain characters, and tells how many characters
/// that was.
fn decode_blocks(text: &[u8]) -> (Vec<Point>, usize) {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let mut points = Vec::with_capacity(text.len().div_ceil(BLOCK) * BLOCK_POINTS);
    for block in blocks {
        let Some(read) = decode_block(block) else {
            break;
        };
        points.extend(read);
    }
    let read = points.len() / BLOCK_POINTS * BLOCK;
    (points, read)
}

/// Reads three points; none if a character is not base64.
#[inline]
fn decode_block(block: &[u8; BLOCK]) -> Option<[Point; BLOCK_POINTS]> {
    let (quarters, _) = block.as_chunks::<16>();
    let mut words = [0; 12];
    for (quarter, three) in quarters.iter().zip(words.as_chunks_mut::<3>().0) {
        *three = three_words(quarter)?;
    }
    let amount = |i: usize| u64::from(words[i]) << 32 | u64::from(words[i + 1]);
    let points = [0, 4, 8].map(|i| Point {
        x: amount(i),
        y: amount(i + 2),
    });
    Some(points)
}

/// Sixteen characters as three words; none if one of them is not base64.
#[cfg(not(target_feature = "simd128"))]
#[inline]
fn three_words(characters: &[u8; 16]) -> Option<[u32; 3]> {
    let (fours, _) = characters.as_chunks::<4>();
    let [p, q, r, s] = [fours[0], fours[1], fours[2], fours[3]].map(three_bytes);
    let words = [p | q << 24, q >> 8 | r << 16, r >> 16 | s << 8];
    ((p | q | r | s) >> 31 == 0).then_some(words)
}

#[cfg(target_feature = "simd128")]
use lanes::words as three_words;

/// Four characters as three bytes, the first one lowest; marked if one is not base64.
#[cfg(not(target_feature = "simd128"))]
fn three_bytes(characters: [u8; 4]) -> u32 {
    let [a, b, c, d] = characters.map(usize::from);
    PARTS[0][a] | PARTS[1][b] | PARTS[2][c] | PARTS[3][d]
}

/// Writes three points.
fn encode_block(points: &[Point; BLOCK_POINTS], block: &mut [u8; BLOCK]) {
    let [a, b, c] = points.map(halves);
    let (quarters, _) = block.as_chunks_mut::<16>();
    write_characters(&mut quarters[0], a[0], a[1], a[2]);
    write_characters(&mut quarters[1], a[3], b[0], b[1]);
    write_characters(&mut quarters[2], b[2], b[3], c[0]);
    write_characters(&mut quarters[3], c[1], c[2], c[3]);
}

/// The four words of a point.
#[allow(clippy::cast_possible_truncation)] // the halves
fn halves(point: Point) -> [u32; 4] {
    let Point { x, y } = point;
    [(x >> 32) as u32, x as u32, (y >> 32) as u32, y as u32]
}

#[cfg(target_feature = "simd128")]
use lanes::write_characters;

/// Three words as sixteen characters.
#[cfg(not(target_feature = "simd128"))]
#[inline(always)]
fn write_characters(place: &mut [u8; 16], p: u32, q: u32, r: u32) {
    // Of three bytes, the first one lowest.
    let four = |bytes: u32| {
        let first = (bytes & 0xff) << 4 | bytes >> 12 & 0xf;
        let second = bytes & 0xf00 | bytes >> 16 & 0xff;
        let pair = |bits: u32| u32::from(PAIRS[bits as usize]);
        (pair(first) | pair(second) << 16).to_le_bytes()
    };
    let (fours, _) = place.as_chunks_mut::<4>();
    fours[0] = four(p);
    fours[1] = four(p >> 24 | q << 8);
    fours[2] = four(q >> 16 | r << 16);
    fours[3] = four(r >> 8);
}

/// Reads what follows the plain blocks: a part of one, padding, line breaks, errors.
fn decode_rest(text: &[u8], from: usize) -> Result<Vec<u8>, CurveError> {
    let mut bytes = Vec::with_capacity((text.len() - from) / 4 * 3 + 2);
    let (mut bits, mut count) = (0u16, 0);
    let mut padded = false;
    for (offset, &byte) in text.iter().enumerate().skip(from) {
        match VALUES[usize::from(byte)] {
            OTHER => match byte {
                b'=' => padded = true,
                b'\n' | b'\r' => {}
                _ => return Err(CurveError::Base64 { offset, byte }),
            },
            _ if padded => return Err(CurveError::Base64 { offset, byte }),
            value => {
                bits = bits << 6 | u16::from(value);
                count += 6;
                if count >= 8 {
                    count -= 8;
                    let [_, byte] = (bits >> count).to_be_bytes();
                    bytes.push(byte);
                }
            }
        }
    }
    if count == 6 {
        return Err(CurveError::Base64Length {
            characters: text.len(),
        });
    }
    Ok(bytes)
}

fn read_point(bytes: &[u8; POINT]) -> Point {
    let both = u128::from_le_bytes(*bytes);
    #[allow(clippy::cast_possible_truncation)] // the two halves
    let (x, y) = (both as u64, (both >> 64) as u64);
    Point {
        x: x.rotate_left(32),
        y: y.rotate_left(32),
    }
}

fn write(point: &Point) -> [u8; POINT] {
    let x = u128::from(point.x.rotate_left(32));
    let y = u128::from(point.y.rotate_left(32));
    (x | y << 64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_knows_its_own_base64_and_no_other() {
        for count in 1..14 {
            let curve = |over: u64| {
                let points = (0..count).map(|i| (i * 3_000_000_000, i * 70_000_000_000 + over));
                Curve::from_points(points).unwrap()
            };
            let text = curve(1).to_base64();
            assert!(curve(1).is_base64(text.as_bytes()));
            assert!(!curve(2).is_base64(text.as_bytes()));
            for end in 0..text.len() {
                assert!(!curve(1).is_base64(&text.as_bytes()[..end]));
            }
            for place in 0..text.len() {
                let mut other = text.clone().into_bytes();
                other[place] ^= 4;
                let same = Curve::from_base64_bytes(&other) == Ok(curve(1));
                assert!(!curve(1).is_base64(&other) || same, "{place}");
            }
        }
    }
}
