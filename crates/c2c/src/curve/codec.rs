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

    /// Reads standard base64 with padding of the binary form.
    pub fn from_base64(text: &str) -> Result<Self, CurveError> {
        let bytes = STANDARD.decode(text).map_err(|error| match error {
            base64::DecodeError::InvalidByte(offset, byte) => CurveError::Base64 { offset, byte },
            base64::DecodeError::InvalidLastSymbol { offset, symbol, .. } => CurveError::Base64 {
                offset,
                byte: symbol,
            },
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                CurveError::Base64Length {
                    characters: text.len(),
                }
            }
        })?;
        Self::from_bytes(&bytes)
    }

    /// Writes standard base64 with padding of the binary form.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_bytes())
    }
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
