//! Why something is not a curve.

use std::fmt;

use super::Point;

/// Why points, bytes or a text are not a curve: which point, which coordinate, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurveError {
    /// No points at all. (ilp-routing decodes such a curve, and fails when it is asked anything.)
    Empty,
    /// An x that does not exceed the x before it.
    NotRising {
        /// Which point, counted from 0.
        index: usize,
        /// Its x.
        x: u64,
        /// The x of the point before.
        previous: u64,
    },
    /// A y below the y before it.
    Falling {
        /// Which point, counted from 0.
        index: usize,
        /// Its y.
        y: u64,
        /// The y of the point before.
        previous: u64,
    },
    /// Bytes that are not 16 for each point.
    Length {
        /// How many bytes there are.
        bytes: usize,
    },
    /// A character that base64 does not have, or has not there.
    Base64 {
        /// Where, in bytes from 0.
        offset: usize,
        /// The byte there.
        byte: u8,
    },
    /// Base64 whose length or padding is wrong: it must be a multiple of four characters.
    Base64Length {
        /// How many characters there are.
        characters: usize,
    },
}

impl CurveError {
    /// The first fault of `points`, which have one.
    pub(super) fn in_points(points: &[Point]) -> Self {
        for (i, w) in points.windows(2).enumerate() {
            let (before, point) = (w[0], w[1]);
            if point.x <= before.x {
                return Self::NotRising {
                    index: i + 1,
                    x: point.x,
                    previous: before.x,
                };
            }
            if point.y < before.y {
                return Self::Falling {
                    index: i + 1,
                    y: point.y,
                    previous: before.y,
                };
            }
        }
        Self::Empty
    }

    /// The point at fault, counted from 0, where it is one point's fault.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::NotRising { index, .. } | Self::Falling { index, .. } => Some(*index),
            Self::Empty | Self::Length { .. } | Self::Base64 { .. } | Self::Base64Length { .. } => {
                None
            }
        }
    }

    /// The coordinate at fault, `x` or `y`, and its value.
    pub fn coordinate(&self) -> Option<(char, u64)> {
        match self {
            Self::NotRising { x, .. } => Some(('x', *x)),
            Self::Falling { y, .. } => Some(('y', *y)),
            Self::Empty | Self::Length { .. } | Self::Base64 { .. } | Self::Base64Length { .. } => {
                None
            }
        }
    }
}

impl fmt::Display for CurveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                write!(f, "There are no points. A curve needs at least one.")
            }
            Self::NotRising { index, x, previous } => {
                let before = index.saturating_sub(1);
                if x == previous {
                    write!(
                        f,
                        "point {index}: x is {x}, but point {before} has x {x} already."
                    )?;
                } else {
                    write!(
                        f,
                        "point {index}: x is {x}, below the {previous} of point {before}."
                    )?;
                }
                match previous.checked_add(1) {
                    Some(least) => write!(
                        f,
                        " Each x must exceed the one before: write {least} or more."
                    ),
                    None => write!(f, " Nothing can follow an x of {previous}: drop the point."),
                }
            }
            Self::Falling { index, y, previous } => write!(
                f,
                "point {index}: y is {y}, below the {previous} of point {}. More going in never gives less: write {previous} or more.",
                index.saturating_sub(1)
            ),
            Self::Length { bytes } => write!(
                f,
                "{bytes} bytes are not a whole number of points. Each point takes 16: send {} or {}.",
                bytes / 16 * 16,
                (bytes / 16).saturating_add(1).saturating_mul(16)
            ),
            Self::Base64 { offset, byte } => write!(
                f,
                "character {offset} is {:?}, which base64 does not have there. It has A–Z, a–z, 0–9, + and /, padded with =.",
                char::from(*byte)
            ),
            Self::Base64Length { characters } => write!(
                f,
                "{characters} characters are not whole base64. It comes in fours: pad with = to {}.",
                characters.div_ceil(4).saturating_mul(4)
            ),
        }
    }
}

impl std::error::Error for CurveError {}
