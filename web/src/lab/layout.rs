//! Where connectors are drawn: those that peer near each other, all others apart. Springs and charges, cooled
//! down, from a fixed beginning, so that the same network looks the same.

use std::f64::consts::TAU;

/// How often everything is moved.
const ROUNDS: u32 = 220;

/// A place across and down for each of `count` connectors, in thousandths.
pub fn places(count: usize, links: &[(usize, usize)]) -> Vec<(u32, u32)> {
    let number = |of: usize| u32::try_from(of).map_or(f64::MAX, f64::from);
    let all = number(count.max(1));
    // A circle to begin with; a little inward by turns, so that nothing lies on one line.
    let mut at: Vec<(f64, f64)> = (0..count)
        .map(|place| {
            let turn = TAU * number(place) / all;
            let far = 0.5 - 0.04 * number(place % 3);
            (far * turn.cos(), far * turn.sin())
        })
        .collect();
    // As far apart as they would stand if they shared the area evenly.
    let apart = (1.0 / all).sqrt();
    for round in 0..ROUNDS {
        let mut push = vec![(0.0, 0.0); count];
        for one in 0..count {
            for other in one + 1..count {
                let (dx, dy) = between(at[one], at[other]);
                let far = (dx * dx + dy * dy).max(1e-6);
                let (x, y) = (dx * apart * apart / far, dy * apart * apart / far);
                shift(&mut push[one], -x, -y);
                shift(&mut push[other], x, y);
            }
        }
        for (one, other) in links {
            let (dx, dy) = between(at[*one], at[*other]);
            let far = (dx * dx + dy * dy).sqrt();
            let (x, y) = (dx * far / apart, dy * far / apart);
            shift(&mut push[*one], x, y);
            shift(&mut push[*other], -x, -y);
        }
        let heat = 0.1 * f64::from(ROUNDS - round) / f64::from(ROUNDS);
        for (place, (x, y)) in at.iter_mut().zip(push) {
            let far = (x * x + y * y).sqrt().max(1e-9);
            let step = far.min(heat) / far;
            shift(place, x * step, y * step);
        }
    }
    fitted(&at)
}

/// The places stretched over the whole of the drawing.
fn fitted(at: &[(f64, f64)]) -> Vec<(u32, u32)> {
    let ends = |of: fn(&(f64, f64)) -> f64| {
        let least = at.iter().map(of).fold(f64::MAX, f64::min);
        let most = at.iter().map(of).fold(f64::MIN, f64::max);
        (least, most - least)
    };
    let ((left, wide), (top, high)) = (ends(|place| place.0), ends(|place| place.1));
    // Between 0 and 1000, whatever it was.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let part = |at: f64, least: f64, size: f64| {
        if size < 1e-6 {
            500
        } else {
            ((at - least) / size * 1000.0).round() as u32
        }
    };
    at.iter()
        .map(|(x, y)| (part(*x, left, wide), part(*y, top, high)))
        .collect()
}

fn between(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    (other.0 - one.0, other.1 - one.1)
}

fn shift(place: &mut (f64, f64), x: f64, y: f64) {
    place.0 += x;
    place.1 += y;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_stand_nearer_than_others_and_nobody_on_another() {
        let links: Vec<(usize, usize)> = (1..12).map(|place| (place - 1, place)).collect();
        let at = places(12, &links);
        assert_eq!(at, places(12, &links));
        let far = |one: usize, other: usize| {
            let (dx, dy) = (
                at[one].0.abs_diff(at[other].0),
                at[one].1.abs_diff(at[other].1),
            );
            dx.pow(2) + dy.pow(2)
        };
        assert!(
            links
                .iter()
                .all(|(one, other)| far(*one, *other) < far(0, 11))
        );
        for one in 0..12 {
            assert!((one + 1..12).all(|other| far(one, other) > 900), "{at:?}");
            assert!(at[one].0 <= 1000 && at[one].1 <= 1000);
        }
        assert_eq!(places(1, &[]), [(500, 500)]);
        assert_eq!(places(0, &[]), []);
    }
}
