//! From values to pixels and back.

/// How an axis spreads its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// Equal steps are equally long.
    #[default]
    Linear,
    /// Equal ratios are equally long.
    Log,
}

/// One axis of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    spread: Spread,
    low: f64,
    high: f64,
    low_px: f64,
    high_px: f64,
    /// One by how long the axis is, in values or in their logarithms.
    share: f64,
}

impl Axis {
    /// An axis on which `low` stands at `low_px` and `high` at `high_px`. On a logarithmic one the
    /// lowest value is 1 or more; what is smaller stands where the lowest does.
    pub fn new(spread: Spread, (low, high): (f64, f64), (low_px, high_px): (f64, f64)) -> Self {
        let low = if spread == Spread::Log {
            low.max(1.0)
        } else {
            low
        };
        let high = if high > low {
            high
        } else {
            low + low.abs().max(1.0)
        };
        let length = match spread {
            Spread::Linear => high - low,
            Spread::Log => (high / low).ln(),
        };
        Self {
            spread,
            low,
            high,
            low_px,
            high_px,
            share: 1.0 / length,
        }
    }

    /// Whether straight lines stay straight on this axis.
    pub fn is_linear(&self) -> bool {
        self.spread == Spread::Linear
    }

    /// The two ends in pixels.
    pub fn range(&self) -> (f64, f64) {
        (self.low_px, self.high_px)
    }

    /// Where `value` stands. Values outside the axis are put a little beyond its ends, so that a
    /// line through them leaves the chart in the right direction.
    pub fn at(&self, value: f64) -> f64 {
        let part = match self.spread {
            Spread::Linear => (value - self.low) * self.share,
            Spread::Log => (value.max(self.low) / self.low).ln() * self.share,
        };
        self.low_px + part.clamp(-0.5, 1.5) * (self.high_px - self.low_px)
    }

    /// The whole number that stands nearest to `px`, within the axis.
    pub fn units_at(&self, px: f64) -> u64 {
        let part = ((px - self.low_px) / (self.high_px - self.low_px)).clamp(0.0, 1.0);
        to_units(match self.spread {
            Spread::Linear => self.low + part * (self.high - self.low),
            Spread::Log => self.low * (self.high / self.low).powf(part),
        })
    }

    /// The roundest whole number that stands within the pixel at `px`: what a pointer means, which
    /// points no finer than a pixel.
    pub fn round_units_at(&self, px: f64) -> u64 {
        let (low, high) = (self.units_at(px - 0.5), self.units_at(px + 0.5));
        let mut step = 1;
        while let Some(next) = u64::checked_mul(step, 10)
            && next <= (high - low).max(1)
        {
            step = next;
        }
        let near = self.units_at(px);
        (near / step + u64::from(near % step > step / 2))
            .checked_mul(step)
            .unwrap_or(near)
    }

    /// Round values along the axis, at most about `most` of them.
    pub fn ticks(&self, most: u32) -> Vec<f64> {
        let most = f64::from(most.max(1));
        match self.spread {
            Spread::Linear => self.round_steps(most),
            Spread::Log => self.powers_of_ten(most),
        }
    }

    fn round_steps(&self, most: f64) -> Vec<f64> {
        let rough = (self.high - self.low) / most;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|part| part * power)
            .into_iter()
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(power * 10.0);
        std::iter::successors(Some((self.low / step).ceil()), |at| Some(at + 1.0))
            .map(|at| at * step)
            .take_while(|value| *value <= self.high + step * 1e-9)
            .take(64)
            .collect()
    }

    fn powers_of_ten(&self, most: f64) -> Vec<f64> {
        let (first, last) = (self.low.log10().ceil(), self.high.log10().floor());
        let every = ((last - first + 1.0) / most).ceil().max(1.0);
        std::iter::successors(Some(first), |power| Some(power + every))
            .take_while(|power| *power <= last)
            .map(|power| 10f64.powf(power))
            .collect()
    }
}

/// A number of units as a position: what a double rounds is far below one pixel.
#[allow(clippy::cast_precision_loss)]
pub fn from_units(units: u64) -> f64 {
    units as f64
}

/// The nearest whole number of units. `as` saturates at both ends, which is what a pointer beyond
/// the chart should give.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn to_units(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_units_are_inverse() {
        for spread in [Spread::Linear, Spread::Log] {
            let axis = Axis::new(spread, (1.0, 1e12), (60.0, 860.0));
            for px in [260.0, 461.5, 859.0, 860.0] {
                let back = axis.at(from_units(axis.units_at(px)));
                assert!((back - px).abs() < 0.01, "{spread:?}: {px} became {back}");
            }
            assert_eq!(axis.units_at(-50.0), 1);
            assert_eq!(axis.units_at(5000.0), 1_000_000_000_000);
        }
    }

    #[test]
    fn a_pointer_means_the_roundest_number_under_it() {
        let axis = Axis::new(Spread::Linear, (0.0, 1.625e12), (62.0, 1062.0));
        assert_eq!(axis.round_units_at(262.2), 325_000_000_000);
        assert_eq!(axis.round_units_at(0.0), 0);
        let small = Axis::new(Spread::Linear, (0.0, 10.0), (0.0, 1000.0));
        assert_eq!(small.round_units_at(512.0), 5);
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let axis = Axis::new(Spread::Linear, (0.0, 1_234.0), (0.0, 500.0));
        assert_eq!(axis.ticks(6), [0.0, 500.0, 1000.0]);
        let axis = Axis::new(Spread::Linear, (0.91, 0.92), (0.0, 500.0));
        assert_eq!(axis.ticks(2).len(), 3);
        let axis = Axis::new(Spread::Log, (1.0, 5e12), (0.0, 500.0));
        assert_eq!(axis.ticks(5), [1.0, 1e3, 1e6, 1e9, 1e12]);
    }

    #[test]
    fn an_axis_of_one_value_still_has_a_length() {
        let axis = Axis::new(Spread::Linear, (0.0, 0.0), (0.0, 100.0));
        assert!(axis.at(0.0).is_finite());
        assert_eq!(axis.units_at(0.0), 0);
    }
}
