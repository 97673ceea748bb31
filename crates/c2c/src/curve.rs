//! Liquidity curves: how much comes out of a path for how much goes in.
//!
//! A [`Curve`] is a list of points (x, y), where x is an amount going in and y the amount that then
//! comes out, with straight lines between and a flat line beyond the last point. It stands in route
//! broadcasts and quotes (spec, Route broadcasts; npm ilp-routing 10.1.0, `LiquidityCurve`).
//!
//! Everything here is exact for every coordinate from 0 to 2^64 − 1, and nothing here promises more
//! than can be delivered. ilp-routing rounds some results up; where a caller needs its very answers,
//! the operation takes [`Rounding::Reference`].
//!
//! # In pictures
//!
//! [`Curve::combine`], and [`merge`] for any number, follow the better curve at every amount.
//! Here the cheaper way ends at 50, and from 60 on the larger one gives more:
//!
#![doc = include_str!("curve/combine.svg")]
//!
//! [`Curve::join`] goes through one curve and then through another. It stays below going step by
//! step, where whole units change hands in the middle, by up to one unit of the middle ledger:
//!
#![doc = include_str!("curve/join.svg")]
//!
//! [`Curve::simplify`] keeps both ends, and never promises more than before:
//!
#![doc = include_str!("curve/simplify.svg")]

mod codec;
mod error;
mod evaluate;
mod join;
mod line;
mod merge;
mod pair;
mod ratio;
mod reference;
mod shift;
mod simplify;

use std::fmt;
use std::sync::Arc;

pub use error::CurveError;
pub use merge::{Merged, Segment, merge};
pub use pair::{PairError, PairTerms, room};
pub use ratio::{Ratio, RatioError};

// What the children share goes through here; none of them knows another.
use line::{Line, U192, low, quotient, wide};
use reference::{combine as combine_as_2017, join as join_as_2017, simplify as simplify_as_2017};

/// One corner of a curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C)]
pub struct Point {
    /// What goes in, in base units of the source ledger.
    pub x: u64,
    /// What comes out, in base units of the destination ledger.
    pub y: u64,
}

impl From<(u64, u64)> for Point {
    fn from((x, y): (u64, u64)) -> Self {
        Self { x, y }
    }
}

/// How a result that does not fall on whole units is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// So that the result never promises more than its inputs deliver.
    #[default]
    Sound,
    /// As ilp-routing 10.1.0 answered, which may promise too much.
    Reference,
}

/// A liquidity curve: at least one point, x rising strictly, y never falling.
///
/// The points are shared: a clone costs one counter. A curve of n points takes 16 n bytes and a
/// constant.
///
/// ```
/// use c2c::curve::Curve;
/// let curve = Curve::from_points([(0, 0), (1000, 998)])?;
/// assert_eq!(curve.amount_at(500), 499);
/// assert_eq!(curve.amount_at(5000), 998, "flat beyond the last point");
/// assert_eq!(curve.least_source_for(499), Some(500));
/// assert_eq!(curve.least_source_for(999), None);
///
/// let wrong = Curve::from_points([(0, 0), (7, 5), (7, 6)]).unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "point 2: x is 7, but point 1 has x 7 already. Each x must exceed the one before: write 8 or more."
/// );
/// # Ok::<(), c2c::curve::CurveError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Curve {
    points: Arc<[Point]>,
}

impl Curve {
    /// A curve through `points`, given in order of x.
    ///
    /// An error names the first point that is wrong, and how.
    pub fn from_points<I, P>(points: I) -> Result<Self, CurveError>
    where
        I: IntoIterator<Item = P>,
        P: Into<Point>,
    {
        Self::check(points.into_iter().map(Into::into).collect())
    }

    /// The points, in order; never none.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The smallest amount that can go in, and what then comes out.
    pub fn origin(&self) -> Point {
        self.points[0]
    }

    /// The last point: the most that comes out, and the amount going in from which on it does.
    pub fn capacity(&self) -> Point {
        self.points[self.points.len() - 1]
    }

    /// Makes a curve of points that come from outside.
    fn check(points: Arc<[Point]>) -> Result<Self, CurveError> {
        if points.is_empty() {
            return Err(CurveError::Empty);
        }
        // One pass without a way out is several times faster than stopping at the first fault; a
        // second pass names it.
        let valid = points
            .windows(2)
            .fold(true, |ok, w| ok & (w[0].x < w[1].x) & (w[0].y <= w[1].y));
        if valid {
            return Ok(Self { points });
        }
        Err(CurveError::in_points(&points))
    }

    /// Makes a curve of points that are right by construction.
    fn known(points: Vec<Point>) -> Self {
        debug_assert!(
            !points.is_empty()
                && points
                    .windows(2)
                    .all(|w| w[0].x < w[1].x && w[0].y <= w[1].y),
            "{points:?}"
        );
        Self {
            points: points.into(),
        }
    }
}

impl fmt::Debug for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Curve")?;
        f.debug_list()
            .entries(self.points.iter().map(|p| (p.x, p.y)))
            .finish()
    }
}
