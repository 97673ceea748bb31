//! Whether a change of a curve is too small to be told.

use crate::curve::{Curve, Point};

/// Whether what was `told` may stand although `now` is true: `now` delivers nowhere less, ends nowhere
/// sooner, and delivers nowhere more than so many hundredths of a percent above what was told.
///
/// A peer then believes in a little too little for a while, and never in too much. In doubt about a
/// fraction of a unit the answer is no.
pub(super) fn is_small(told: &Curve, now: &Curve, basis_points: u64) -> bool {
    let (end, new_end) = (told.capacity(), now.capacity());
    if new_end.x < end.x {
        return false;
    }
    let known = told.points();
    let stands = |point: &Point| {
        let exact = point.x >= end.x || known.binary_search(point).is_ok();
        let before = told.amount_at(point.x);
        point.y > before || exact && point.y == before || point.x < told.origin().x
    };
    // Between two places at which either bends, both are straight.
    let origins = [told.origin().x, now.origin().x].map(|x| x.saturating_sub(1));
    let bends = known.iter().chain(now.points()).map(|point| point.x);
    now.points().iter().all(stands)
        && bends.chain(origins).all(|x| {
            let (before, after) = (told.amount_at(x), now.amount_at(x));
            let most = u128::from(before) * (10_000 + u128::from(basis_points));
            after >= before && u128::from(after) * 10_000 <= most
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(points: &[(u64, u64)]) -> Curve {
        Curve::from_points(points.iter().copied()).unwrap()
    }

    #[test]
    fn worse_is_never_small_and_better_only_up_to_the_threshold() {
        let told = curve(&[(0, 0), (1000, 1000)]);
        let small = |points: &[(u64, u64)]| is_small(&told, &curve(points), 100);
        assert!(small(&[(0, 0), (1000, 1010)]));
        assert!(!small(&[(0, 0), (1000, 1011)]));
        assert!(!small(&[(0, 0), (1000, 999)]));
        assert!(!small(&[(0, 0), (999, 1000)]), "it carries less");
        assert!(small(&[(0, 0), (1005, 1005)]));
        assert!(!small(&[(0, 0), (1020, 1020)]));
        assert!(!small(&[(0, 0), (500, 490), (1000, 1000)]));
        assert!(!small(&[(10, 10), (1000, 1000)]), "less for little");
    }

    proptest! {
        #[test]
        fn prop_what_was_told_stays_true(
            steps in proptest::collection::vec((1u64..40, 0u64..40, 0u64..3), 1..6),
            shift in 0u64..3,
            basis_points in 0u64..3000,
        ) {
            let (mut x, mut y) = (0, 0);
            let mut told = vec![(0, 0)];
            let mut now = vec![(0, shift)];
            for (dx, dy, more) in steps {
                x += dx;
                y += dy;
                told.push((x, y));
                now.push((x + more / 2, y + shift + more));
            }
            now.dedup_by_key(|point| point.0);
            let (Ok(told), Ok(now)) = (Curve::from_points(told), Curve::from_points(now)) else {
                return Ok(());
            };
            if is_small(&told, &now, basis_points) {
                for x in 0..=told.capacity().x + 5 {
                    prop_assert!(now.amount_at(x) >= told.amount_at(x), "{x}: {told:?} {now:?}");
                }
            }
        }
    }
}
