//! The binary form of a curve, and base64 of it.
//!
//! Sixteen bytes a point: x, then y, each as its **high** 32-bit word and then its low one, each word
//! little-endian (npm ilp-routing, `serializePoints`). JSON carries it in base64.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Curve, CurveError, Point};

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
        let points: Arc<[Point]> = points.iter().map(read).collect();
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
        Self::from_bytes(&decode(text)?)
    }

    /// Writes standard base64 with padding of the binary form.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_bytes())
    }
}

/// What each character stands for; [`OTHER`] where it is not base64.
const VALUES: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [OTHER; 256];
    let mut value: u8 = 0;
    while value < 64 {
        values[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// The mark of a character that is not base64.
const OTHER: u8 = 0x80;

/// Reads base64, fours of plain characters as long as there are any.
fn decode(text: &[u8]) -> Result<Vec<u8>, CurveError> {
    let mut bytes = vec![0; text.len() / 4 * 3];
    let (fours, _) = text.as_chunks::<4>();
    let (threes, _) = bytes.as_chunks_mut::<3>();
    let mut plain = fours.len();
    for (index, (four, three)) in fours.iter().zip(threes).enumerate() {
        let [a, b, c, d] = four.map(|byte| VALUES[usize::from(byte)]);
        if (a | b | c | d) & OTHER != 0 {
            plain = index;
            break;
        }
        *three = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    }
    bytes.truncate(plain * 3);
    decode_rest(text, plain * 4, &mut bytes)?;
    Ok(bytes)
}

/// Reads what follows the plain fours: padding, line breaks, errors.
fn decode_rest(text: &[u8], from: usize, bytes: &mut Vec<u8>) -> Result<(), CurveError> {
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
    Ok(())
}

fn read(bytes: &[u8; POINT]) -> Point {
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
