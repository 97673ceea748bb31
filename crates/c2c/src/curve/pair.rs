//! The curve of a local pair: two ledgers on which the connector itself has accounts.

use std::fmt;

use crate::amount::Scale;

use super::{Curve, Point, Ratio, U192};

/// Where a pair ends that nothing limits: 10^14 base units on the side with more of them, as in 2017.
const UNLIMITED: u64 = 100_000_000_000_000;

/// The terms of a local pair: how many destination units one source unit gives, exactly.
///
/// ```
/// use c2c::amount::Scale;
/// use c2c::curve::{Curve, PairTerms, Ratio};
/// let terms = PairTerms::new(Ratio::ONE, "0.002".parse()?, Scale::KIT, Scale::new(6)?)?;
/// // Room for 1251 more units on the source ledger; 1.248498 would come out.
/// let curve = terms.curve(Some(1251), None).expect("there is room");
/// assert_eq!(curve, Curve::from_points([(0, 0), (1251, 1)])?);
/// assert_eq!(terms.curve(Some(0), None), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairTerms {
    rate: Ratio,
}

impl PairTerms {
    /// Terms for `rate` units of the destination currency for one of the source currency, less the
    /// share `spread`, on ledgers of these scales.
    pub fn new(
        rate: Ratio,
        spread: Ratio,
        source: Scale,
        destination: Scale,
    ) -> Result<Self, PairError> {
        if rate == Ratio::ZERO {
            return Err(PairError::NoRate);
        }
        let kept = spread
            .rest_of_one()
            .filter(|kept| *kept != Ratio::ZERO)
            .ok_or(PairError::Spread { spread })?;
        let scales = Ratio::new(
            destination.units_per_one().into(),
            source.units_per_one().into(),
        );
        let rate = scales
            .and_then(|scales| rate.times(kept)?.times(scales))
            .ok_or(PairError::TooFine { rate, spread })?;
        Ok(Self { rate })
    }

    /// Destination base units for one source base unit, after the spread.
    pub fn rate(&self) -> Ratio {
        self.rate
    }

    /// The curve, where at most `source_room` base units can come in on the source ledger and at most
    /// `destination_room` go out on the destination ledger; a side without a limit has none.
    ///
    /// From the origin straight to the end of what both ledgers allow, and flat beyond. The end is
    /// rounded up in x and down in y, and capped at 2^64 − 1. None where nothing can come in or go
    /// out. Without any limit, the end is at 10^14 units of the side with more units.
    ///
    /// DIFFERENCE: the backends of 2017 round half up, wrap at 2^64, look at the destination only if
    /// its ledger tells a least balance, and answer a flat curve where there is no room.
    pub fn curve(&self, source_room: Option<u64>, destination_room: Option<u64>) -> Option<Curve> {
        let (mut x, mut y) = match source_room {
            Some(0) => return None,
            Some(room) => (room, self.forward(room)),
            None => (u64::MAX, u64::MAX),
        };
        let out = match (source_room, destination_room) {
            (_, Some(0)) => return None,
            (_, Some(room)) => room,
            (Some(_), None) => u64::MAX,
            (None, None) if self.rate > Ratio::ONE => UNLIMITED,
            (None, None) => self.forward(UNLIMITED),
        };
        if source_room.is_none() || self.back(out) < x {
            x = self.back(out);
            y = out;
        }
        if source_room.is_none() && destination_room.is_none() && self.rate <= Ratio::ONE {
            x = UNLIMITED;
        }
        // Where x had to be capped, less comes out.
        y = y.min(self.forward(x));
        Some(Curve::known(vec![Point::default(), Point { x, y }]))
    }

    /// Whether [`PairTerms::curve`] has anything come out: what it takes is one division, and no curve.
    pub fn gives(&self, source_room: Option<u64>, destination_room: Option<u64>) -> bool {
        let most = match (source_room, destination_room) {
            (Some(0), _) | (_, Some(0)) => return false,
            (Some(room), _) => room,
            (None, Some(_)) => u64::MAX,
            (None, None) => UNLIMITED,
        };
        self.forward(most) > 0
    }

    /// What `amount` gives by the rate alone, rounded down and capped at 2^64 − 1. The curve of a limited
    /// pair ends in whole units, and lies below this by less than what one source unit gives.
    pub fn amount_at(&self, amount: u64) -> u64 {
        self.forward(amount)
    }

    /// What `x` gives, rounded down and capped.
    fn forward(&self, x: u64) -> u64 {
        U192::product(self.rate.numerator(), x).divide(self.rate.denominator())
    }

    /// What gives `y`, rounded up and capped.
    fn back(&self, y: u64) -> u64 {
        let product = U192::product(self.rate.denominator(), y);
        let down = product.divide(self.rate.numerator());
        let exact = U192::product(self.rate.numerator(), down) == product;
        down.saturating_add(u64::from(!exact))
    }
}

/// How much more an account can take: `limit − balance`, nothing where it is over the limit already.
///
/// For the source side of a pair `limit` is the most the balance may be; for the destination side
/// turn both signs: `room(-least, -balance)`.
pub fn room(limit: i128, balance: i128) -> u64 {
    let room = limit.saturating_sub(balance).max(0);
    u64::try_from(room).unwrap_or(u64::MAX)
}

/// Why there are no terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairError {
    /// A rate of zero.
    NoRate,
    /// A spread of one or more leaves nothing.
    Spread {
        /// The spread.
        spread: Ratio,
    },
    /// Rate, spread and scales together take more than 128 bits.
    TooFine {
        /// The rate.
        rate: Ratio,
        /// The spread.
        spread: Ratio,
    },
}

impl fmt::Display for PairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRate => write!(f, "The rate is zero. Give a rate above zero, or no pair."),
            Self::Spread { spread } => write!(
                f,
                "A spread of {spread} leaves nothing. It is a share below 1, such as 0.002."
            ),
            Self::TooFine { rate, spread } => write!(
                f,
                "Rate {rate} with spread {spread} has too many digits. Shorten either."
            ),
        }
    }
}

impl std::error::Error for PairError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(
        rate: &str,
        spread: &str,
        source: u8,
        destination: u8,
    ) -> Result<PairTerms, PairError> {
        PairTerms::new(
            rate.parse().unwrap(),
            spread.parse().unwrap(),
            Scale::new(source).unwrap(),
            Scale::new(destination).unwrap(),
        )
    }

    fn end(curve: Option<Curve>) -> (u64, u64) {
        let end = curve.unwrap().capacity();
        (end.x, end.y)
    }

    #[test]
    fn the_nearer_limit_ends_the_curve() {
        let terms = terms("2", "0", 0, 0).unwrap();
        assert_eq!(end(terms.curve(Some(10), Some(100))), (10, 20));
        assert_eq!(end(terms.curve(Some(10), Some(7))), (4, 7));
        assert_eq!(end(terms.curve(None, Some(7))), (4, 7));
        assert_eq!(terms.curve(Some(10), Some(0)), None);
        assert_eq!(terms.curve(Some(0), Some(10)), None);
    }

    #[test]
    fn amounts_are_capped_at_64_bits() {
        let dear = terms("3", "0", 0, 18).unwrap();
        let (x, y) = end(dear.curve(Some(u64::MAX), None));
        assert_eq!((x, y), (7, u64::MAX));
        let cheap = terms("0.1", "0", 18, 0).unwrap();
        assert_eq!(end(cheap.curve(None, Some(u64::MAX))), (u64::MAX, 1));
        assert_eq!(end(cheap.curve(None, None)), (UNLIMITED, 0));
    }

    #[test]
    fn whether_anything_comes_out_is_known_without_the_curve() {
        let rooms = [
            0,
            1,
            2,
            999,
            1_000_000_000,
            UNLIMITED,
            u64::MAX - 1,
            u64::MAX,
        ];
        let rooms = || rooms.into_iter().map(Some).chain([None]);
        for rate in ["1", "0.5", "3", "0.000000001", "1000000000"] {
            for (source, destination) in [(9, 9), (0, 18), (18, 0), (9, 6)] {
                for spread in ["0", "0.002"] {
                    let terms = terms(rate, spread, source, destination).unwrap();
                    for (comes, goes) in rooms().flat_map(|a| rooms().map(move |b| (a, b))) {
                        let curve = terms.curve(comes, goes);
                        let gives = curve.is_some_and(|curve| curve.capacity().y > 0);
                        assert_eq!(terms.gives(comes, goes), gives, "{rate} {comes:?} {goes:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn terms_that_give_nothing_are_refused() {
        assert_eq!(terms("0", "0", 9, 9), Err(PairError::NoRate));
        assert!(matches!(
            terms("1", "1", 9, 9),
            Err(PairError::Spread { .. })
        ));
        assert!(matches!(
            terms("1", "1.5", 9, 9),
            Err(PairError::Spread { .. })
        ));
        let long = format!("1.{}1", "0".repeat(34));
        assert!(matches!(
            terms(&long, "0.0001", 0, 9),
            Err(PairError::TooFine { .. })
        ));
        assert_eq!(room(10, -5), 15);
        assert_eq!(room(10, 11), 0);
        assert_eq!(room(i128::MAX, i128::MIN), u64::MAX);
    }
}
