//! The laws of curves, each held against the slow twin.
//!
//! `cargo test` runs some thousand cases of each; `cargo xtask laws` a million, or as many as told
//! (environment variable `C2C_LAW_CASES`). The small world – every pair of curves of up to three
//! points on a grid of 0 to 6 – is gone through completely each time.

mod twin;
mod world;

use c2c::curve::{Curve, Rounding, Segment, merge};
use world::Dice;

/// How many cases of each law: told, or enough for every day.
#[allow(clippy::disallowed_methods)] // a test has an environment
fn cases() -> u64 {
    std::env::var("C2C_LAW_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(5_000)
}

/// Runs `case` with numbered dice, says how many there were, and fails if one of them did.
fn law(name: &str, mut case: impl FnMut(&mut Dice)) {
    let cases = cases();
    let mut failures = 0;
    for number in 0..cases {
        let run = std::panic::AssertUnwindSafe(|| case(&mut Dice::new(number)));
        failures += u64::from(std::panic::catch_unwind(run).is_err());
        if failures == 10 {
            println!("law {name}: gave up after {} of {cases} cases", number + 1);
            break;
        }
    }
    println!("law {name}: {cases} cases, {failures} failures");
    assert_eq!(failures, 0, "law {name}");
}

fn make(points: &[(u64, u64)]) -> Curve {
    Curve::from_points(points.iter().copied()).expect("a curve")
}

fn list(curve: &Curve) -> Vec<(u64, u64)> {
    curve.points().iter().map(|p| (p.x, p.y)).collect()
}

/// Merged is at every amount at most the best of its inputs and at most one unit below.
fn check_merged(inputs: &[&[(u64, u64)]], merged: &Curve, x: u64) {
    let best = inputs
        .iter()
        .map(|c| twin::amount(c, x))
        .max()
        .expect("one");
    let got = merged.amount_at(x);
    assert!(
        got <= best && best - got <= 1,
        "merged {inputs:?} to {merged:?}: {got} at {x}, the best is {best}"
    );
}

/// The winner of each section is the first of the curves with the largest exact height.
fn check_winner(inputs: &[&[(u64, u64)]], segments: &[Segment], end: u64, x: u64) {
    let start = inputs.iter().map(|c| c[0].0).min().expect("one");
    let found: Vec<&Segment> = segments
        .iter()
        .filter(|s| s.from <= x && x <= s.to)
        .collect();
    if x < start || x > end {
        assert!(found.is_empty(), "{inputs:?} {segments:?} at {x}");
        return;
    }
    assert_eq!(found.len(), 1, "{inputs:?} {segments:?} at {x}");
    let mut winner = None;
    for (index, curve) in inputs.iter().enumerate().filter(|(_, c)| c[0].0 <= x) {
        let height = twin::height(curve, x);
        if winner.is_none_or(|(_, best)| height > best) {
            winner = Some((index, height));
        }
    }
    let (winner, _) = winner.expect("one has begun");
    assert_eq!(found[0].winner, winner, "{inputs:?} {segments:?} at {x}");
}

/// Joined is at most tail(head(x)), and at least tail(head(x) − 1) − 1.
fn check_joined(head: &[(u64, u64)], tail: &[(u64, u64)], joined: Option<&Curve>, x: u64) {
    let middle = twin::amount(head, x);
    let most = twin::amount(tail, middle);
    let least = middle.checked_sub(1).map_or(0, |m| twin::amount(tail, m));
    let got = joined.map_or(0, |c| c.amount_at(x));
    assert!(
        got <= most && least.saturating_sub(got) <= 1,
        "joined {head:?} and {tail:?} to {joined:?}: {got} at {x}, step by step {most}, one less {least}"
    );
}

/// The amounts that matter for these curves, and the points of the result.
fn around(curves: &[&[(u64, u64)]]) -> Vec<u64> {
    let mut amounts: Vec<u64> = curves
        .iter()
        .flat_map(|c| c.iter())
        .flat_map(|p| [p.0.saturating_sub(1), p.0, p.0.saturating_add(1)])
        .collect();
    amounts.push(u64::MAX);
    amounts.sort_unstable();
    amounts.dedup();
    amounts
}

#[test]
fn law_1_merged_is_the_best_of_its_inputs_up_to_one_unit() {
    law(
        "1 merged is the best of its inputs up to one unit",
        |dice| {
            let (a, b) = (world::curve(dice), world::curve(dice));
            let (ca, cb) = (make(&a), make(&b));
            let both: [&[(u64, u64)]; 2] = [&a, &b];
            let combined = ca.combine(&cb, Rounding::Sound);
            let merged = merge(&[&ca, &cb]).expect("two");
            let points = list(&combined);
            let mut amounts = around(&[&a, &b, &points]);
            amounts.extend((0..8).map(|_| world::amount(dice, &both)));
            for &x in &amounts {
                check_merged(&both, &combined, x);
                check_merged(&both, &merged.curve, x);
                check_winner(&both, &merged.segments, merged.curve.capacity().x, x);
            }
        },
    );
}

#[test]
fn law_1_merging_many_is_as_good_as_merging_two() {
    law("1 merging many is as good as merging two", |dice| {
        let curves: Vec<_> = (0..=dice.below(6)).map(|_| world::curve(dice)).collect();
        let inputs: Vec<&[(u64, u64)]> = curves.iter().map(Vec::as_slice).collect();
        let made: Vec<Curve> = curves.iter().map(|c| make(c)).collect();
        let merged = merge(&made.iter().collect::<Vec<_>>()).expect("some");
        let points = list(&merged.curve);
        let mut amounts = around(&[&points, &curves[0]]);
        amounts.extend((0..12).map(|_| world::amount(dice, &inputs)));
        for &x in &amounts {
            check_merged(&inputs, &merged.curve, x);
            check_winner(&inputs, &merged.segments, merged.curve.capacity().x, x);
        }
    });
}

#[test]
fn law_1_merging_commutes_associates_and_repeats_up_to_one_unit() {
    law(
        "1 merging commutes, associates and repeats up to one unit",
        |dice| {
            let points = [world::curve(dice), world::curve(dice), world::curve(dice)];
            let [a, b, c] = [make(&points[0]), make(&points[1]), make(&points[2])];
            let sound = |p: &Curve, q: &Curve| p.combine(q, Rounding::Sound);
            let near = |p: &Curve, q: &Curve, most: u64, dice: &mut Dice| {
                for _ in 0..12 {
                    let x = world::amount(dice, &[&points[0], &points[1], &points[2]]);
                    let (left, right) = (p.amount_at(x), q.amount_at(x));
                    assert!(
                        left.abs_diff(right) <= most,
                        "{points:?} at {x}: {left}, {right}"
                    );
                }
            };
            near(&sound(&a, &b), &sound(&b, &a), 1, dice);
            // At once, the groups make no difference; step by step each step may cost its unit.
            let once = |p: &Curve, q: &Curve, r: &Curve| merge(&[p, q, r]).expect("three").curve;
            near(&once(&a, &b, &c), &once(&c, &a, &b), 1, dice);
            near(&sound(&sound(&a, &b), &c), &once(&a, &b, &c), 2, dice);
            near(&sound(&a, &sound(&b, &c)), &once(&a, &b, &c), 2, dice);
            for x in around(&[&points[0]]) {
                assert_eq!(
                    sound(&a, &a).amount_at(x),
                    a.amount_at(x),
                    "{points:?} at {x}"
                );
            }
        },
    );
}

#[test]
fn law_2_joined_never_exceeds_going_step_by_step() {
    law("2 joined never exceeds going step by step", |dice| {
        let (head, tail) = (world::curve(dice), world::curve(dice));
        let joined = Curve::join(&make(&head), &make(&tail), Rounding::Sound);
        let points = joined.as_ref().map(list).unwrap_or_default();
        let mut amounts = around(&[&head, &points]);
        amounts.extend((0..12).map(|_| world::amount(dice, &[&head])));
        // And where the tail turns.
        amounts.extend(tail.iter().filter_map(|p| twin::least_source(&head, p.0)));
        for &x in &amounts {
            check_joined(&head, &tail, joined.as_ref(), x);
        }
    });
}

/// Simplified is at no amount above the original, keeps both ends and has few enough points.
fn check_simplified(points: &[(u64, u64)], simple: &Curve, most: usize) {
    let after = list(simple);
    assert!(
        after.len() <= most.max(3),
        "{points:?} to {most}: {after:?}"
    );
    assert_eq!(after.first(), points.first(), "{points:?} to {most}");
    assert_eq!(after.last(), points.last(), "{points:?} to {most}");
    // Straight lines: below at every corner of either is below everywhere.
    for &(x, _) in points.iter().chain(&after) {
        let (was, is) = (twin::height(points, x), twin::height(&after, x));
        assert!(
            is <= was,
            "{points:?} to {most}: {after:?}: {is:?} at {x}, was {was:?}"
        );
    }
}

#[test]
fn law_3_simplified_never_exceeds_the_original() {
    law("3 simplified never exceeds the original", |dice| {
        let mut points = world::curve(dice);
        // Long ones too, which are thinned first.
        while dice.below(3) > 0 && points.len() < 300 {
            let end = *points.last().expect("a point");
            let more = world::curve(dice);
            points.extend(more.iter().filter_map(|&(x, y)| {
                let x = end.0.checked_add(x)?.checked_add(1)?;
                Some((x, end.1.checked_add(y)?))
            }));
        }
        let most = usize::try_from(dice.below(14)).expect("small");
        let simple = make(&points).simplify(most, Rounding::Sound);
        check_simplified(&points, &simple, most);
    });
}

/// The least doubled area that is lost by keeping `most` of the points, both ends among them, and by
/// never exceeding what was; None where no choice of points does that.
fn least_lost_by_choice(points: &[(u64, u64)], most: usize) -> Option<u128> {
    let n = points.len();
    // What a straight line from i to j loses, if it is nowhere above.
    let chord = |i: usize, j: usize| {
        let line = [points[i], points[j]];
        let below = points[i..=j]
            .iter()
            .all(|p| twin::height(&line, p.0) <= twin::height(points, p.0));
        below.then(|| doubled_area(&points[i..=j]) - doubled_area(&line))
    };
    let mut best: Vec<Option<u128>> = vec![None; n];
    best[0] = Some(0);
    let mut least = None;
    for _ in 1..most {
        let reach = |j| (0..j).filter_map(|i| Some(best[i]? + chord(i, j)?)).min();
        let next: Vec<Option<u128>> = (0..n).map(reach).collect();
        least = [least, next[n - 1]].into_iter().flatten().min();
        best = next;
    }
    least
}

#[test]
fn law_3_simplified_loses_little_more_than_the_best_choice_of_points() {
    let (mut thousandths, mut count) = (0, 0);
    law("3 simplified loses little", |dice| {
        let (bits, length) = (1 + dice.below(30), 5 + dice.below(12));
        let bend = dice.below(3);
        let mut points = vec![(0, 0)];
        for i in 0..length {
            let (x, y) = points[points.len() - 1];
            let steep = [length - i, 1 + i, 1][usize::try_from(bend).expect("small")];
            points.push((x + 1 + dice.below(1 << bits), y + dice.below(steep << bits)));
        }
        let most = 3 + usize::try_from(dice.below(8)).expect("small");
        let Some(best) = least_lost_by_choice(&points, most) else {
            return;
        };
        let simple = make(&points).simplify(most, Rounding::Sound);
        let lost = doubled_area(&points) - doubled_area(&list(&simple));
        // What the documentation of `Curve::simplify` says.
        assert!(
            lost <= 8 * best,
            "{lost} for {best}: {points:?} to {most}: {simple:?}"
        );
        if let Some(ratio) = (lost * 1000).checked_div(best) {
            thousandths += ratio;
            count += 1;
        }
    });
    let mean = thousandths / count;
    println!("law 3, on average: {mean} thousandths of the best choice of points, {count} cases");
    assert!(mean <= 800, "{mean}");
}

#[test]
fn law_4_reverse_delivers_and_one_unit_less_does_not() {
    law("4 reverse delivers and one unit less does not", |dice| {
        let points = world::curve(dice);
        let curve = make(&points);
        for _ in 0..8 {
            let swapped: Vec<_> = points.iter().map(|p| (p.1, p.0)).collect();
            let y = world::amount(dice, &[&swapped]);
            let least = curve.least_source_for(y);
            assert_eq!(least, twin::least_source(&points, y), "{points:?} for {y}");
            if let Some(x) = least {
                assert!(curve.amount_at(x) >= y, "{points:?} for {y}");
                assert!(x == 0 || curve.amount_at(x - 1) < y, "{points:?} for {y}");
            }
            let x = world::amount(dice, &[&points]);
            assert_eq!(
                curve.amount_at(x),
                twin::amount(&points, x),
                "{points:?} at {x}"
            );
        }
    });
}

#[test]
fn law_5_what_is_written_is_read_and_no_bytes_do_harm() {
    law("5 what is written is read and no bytes do harm", |dice| {
        let curve = make(&world::curve(dice));
        assert_eq!(Curve::from_bytes(&curve.to_bytes()), Ok(curve.clone()));
        assert_eq!(Curve::from_base64(&curve.to_base64()), Ok(curve.clone()));
        let mut bytes = curve.to_bytes();
        for _ in 0..=dice.below(3) {
            let at = usize::try_from(dice.below(bytes.len() as u64)).expect("small");
            match dice.below(3) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes.truncate(at.max(1)),
                _ => bytes.push(bytes[at]),
            }
        }
        if let Ok(read) = Curve::from_bytes(&bytes) {
            assert_eq!(read.to_bytes(), bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(read) = Curve::from_base64(&text) {
            assert_eq!(Curve::from_base64(&read.to_base64()), Ok(read));
        }
    });
}

#[test]
fn small_world_laws_1_and_2_hold_for_every_pair() {
    let curves = world::small_world();
    let made: Vec<Curve> = curves.iter().map(|c| make(c)).collect();
    let amounts: Vec<Vec<u64>> = curves
        .iter()
        .map(|c| (0..8).map(|x| twin::amount(c, x)).collect())
        .collect();
    let check = |from: usize, step: usize| {
        for a in (from..curves.len()).step_by(step) {
            for b in 0..curves.len() {
                let merged = made[a].combine(&made[b], Rounding::Sound);
                let joined = Curve::join(&made[a], &made[b], Rounding::Sound);
                for x in 0..8u8 {
                    let at = usize::from(x);
                    let best = amounts[a][at].max(amounts[b][at]);
                    let got = merged.amount_at(x.into());
                    if got > best || got + 1 < best {
                        check_merged(&[&curves[a], &curves[b]], &merged, x.into());
                    }
                    let middle = usize::try_from(amounts[a][at]).expect("small");
                    let most = amounts[b][middle];
                    let least = middle.checked_sub(1).map_or(0, |m| amounts[b][m]);
                    let got = joined.as_ref().map_or(0, |c| c.amount_at(x.into()));
                    if got > most || got + 1 < least {
                        check_joined(&curves[a], &curves[b], joined.as_ref(), x.into());
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| check(1, 2));
        check(0, 2);
    });
    let pairs = curves.len() * curves.len();
    println!("small world, laws 1 and 2: {pairs} pairs of curves, 0 failures");
}

#[test]
fn small_world_law_4_holds_for_every_curve() {
    let curves = world::small_world();
    for points in &curves {
        let curve = make(points);
        for y in 0..8 {
            assert_eq!(
                curve.least_source_for(y),
                twin::least_source(points, y),
                "{points:?} {y}"
            );
            assert_eq!(
                curve.amount_at(y),
                twin::amount(points, y),
                "{points:?} {y}"
            );
        }
    }
    println!("small world, law 4: {} curves, 0 failures", curves.len());
}

/// Twice the area under a curve.
fn doubled_area(points: &[(u64, u64)]) -> u128 {
    let side =
        |w: &[(u64, u64)]| u128::from(w[1].0 - w[0].0) * (u128::from(w[0].1) + u128::from(w[1].1));
    points.windows(2).map(side).sum()
}

/// The most area under any curve with the ends of `points`, up to `inner` points of whole
/// coordinates between, and nowhere above `points`.
fn most_area(points: &[(u64, u64)], inner: usize) -> Option<u128> {
    fn grow(
        points: &[(u64, u64)],
        made: &mut Vec<(u64, u64)>,
        inner: usize,
        most: &mut Option<u128>,
    ) {
        let (last, end) = (made[made.len() - 1], points[points.len() - 1]);
        made.push(end);
        let below = made
            .iter()
            .chain(points)
            .all(|p| twin::height(made, p.0) <= twin::height(points, p.0));
        if below {
            *most = (*most).max(Some(doubled_area(made)));
        }
        made.pop();
        if inner == 0 {
            return;
        }
        for x in last.0 + 1..end.0 {
            for y in last.1..=twin::amount(points, x) {
                made.push((x, y));
                grow(points, made, inner - 1, most);
                made.pop();
            }
        }
    }
    let mut most = None;
    grow(points, &mut vec![points[0]], inner, &mut most);
    most
}

#[test]
fn small_world_law_3_loses_little_more_than_it_must() {
    let (mut count, mut lost, mut least) = (0u64, 0, 0);
    let mut worst = (0, 1, Vec::new(), 0);
    for points in world::grid_curves(7, 6) {
        for most in [3, 4] {
            if points.len() <= most {
                continue;
            }
            let simple = make(&points).simplify(most, Rounding::Sound);
            check_simplified(&points, &simple, most);
            let best = most_area(&points, most - 2).expect("ours, if no other");
            let whole = doubled_area(&points);
            let (ours, theirs) = (whole - doubled_area(&list(&simple)), whole - best);
            (count, lost, least) = (count + 1, lost + ours, least + theirs);
            if ours * worst.1 > worst.0 * theirs {
                worst = (ours, theirs, points.clone(), most);
            }
        }
    }
    let (ours, theirs, points, most) = worst;
    // What the documentation of `Curve::simplify` says.
    assert!(
        ours <= 5 * theirs,
        "{ours} for {theirs}: {points:?} to {most}"
    );
    assert!(lost * 100 <= least * 103, "{lost} where {least} must be");
    println!(
        "small world, law 3: {count} curves, {lost} lost where {least} must be; \
         worst {ours} for {theirs}: {points:?} to {most}"
    );
}
