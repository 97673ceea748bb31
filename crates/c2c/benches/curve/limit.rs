//! The limit that the engine is held against: the plain way in u128, one pass where one is enough,
//! without any of the engine's laws.

type Points = Vec<(u64, u64)>;

fn at(a: (u64, u64), b: (u64, u64), x: u64) -> u64 {
    let product = u128::from(b.1 - a.1) * u128::from(x - a.0);
    a.1 + u64::try_from(product / u128::from(b.0 - a.0)).expect("at most b.1 - a.1")
}

/// The height at `x`, of which `passed` points are at or before.
fn height(points: &[(u64, u64)], passed: usize, x: u64) -> u64 {
    match (passed.checked_sub(1).map(|i| points[i]), points.get(passed)) {
        (None, _) => 0,
        (Some(a), None) => a.1,
        (Some(a), Some(&b)) => at(a, b, x),
    }
}

/// A linear merge: the larger height at every corner, and a point where the order changes between.
pub fn combine(a: &[(u64, u64)], b: &[(u64, u64)]) -> Points {
    let mut points = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    let mut before: Option<(u64, i128)> = None;
    while i < a.len() || j < b.len() {
        let x = match (a.get(i), b.get(j)) {
            (Some(p), Some(q)) => p.0.min(q.0),
            (Some(p), None) | (None, Some(p)) => p.0,
            (None, None) => break,
        };
        i += usize::from(a.get(i).is_some_and(|p| p.0 == x));
        j += usize::from(b.get(j).is_some_and(|p| p.0 == x));
        let (ya, yb) = (height(a, i, x), height(b, j, x));
        let gap = i128::from(ya) - i128::from(yb);
        if let Some((from, last)) = before
            && last.signum() * gap.signum() < 0
        {
            let run = u128::from(x - from) * last.unsigned_abs()
                / (last.unsigned_abs() + gap.unsigned_abs());
            let run = u64::try_from(run).expect("at most x - from");
            let middle = from + run + 1;
            if middle < x {
                let (y, end) = (points.last().map_or(0, |p: &(u64, u64)| p.1), ya.max(yb));
                points.push((middle, at((from, y), (x, end), middle).min(end)));
            }
        }
        points.push((x, ya.max(yb)));
        before = Some((x, gap));
    }
    points
}

/// A tournament of linear merges.
pub fn merge(curves: &[Points]) -> Points {
    match curves {
        [] => Vec::new(),
        [one] => one.clone(),
        several => {
            let (left, right) = several.split_at(several.len() / 2);
            combine(&merge(left), &merge(right))
        }
    }
}

/// A linear merge of the head's corners seen through the tail, and the tail's through the head.
pub fn join(head: &[(u64, u64)], tail: &[(u64, u64)]) -> Points {
    let mut points: Points = Vec::with_capacity(head.len() + tail.len());
    let mut j = 0;
    for (i, &(x, y)) in head.iter().enumerate() {
        while let Some(&(middle, out)) = tail.get(j).filter(|p| p.0 <= y) {
            if let Some(&a) = i.checked_sub(1).and_then(|i| head.get(i)) {
                let rise = u128::from(x - a.0) * u128::from(middle - a.1);
                let run = rise.checked_div(u128::from(y - a.1)).unwrap_or(0);
                let at = a.0 + u64::try_from(run).expect("at most x - a.0");
                if points.last().is_none_or(|p| p.0 < at) {
                    points.push((at, out));
                }
            }
            j += 1;
        }
        if points.last().is_none_or(|p| p.0 < x) {
            points.push((x, height(tail, j, y)));
        }
    }
    points
}

/// Look-up by halving.
pub fn amount_at(points: &[(u64, u64)], x: u64) -> u64 {
    height(points, points.partition_point(|p| p.0 <= x), x)
}

/// The binary form, read number by number.
pub fn decode(bytes: &[u8]) -> Points {
    let word = |i: usize| {
        u64::from(u32::from_le_bytes(
            bytes[i..i + 4].try_into().expect("four"),
        ))
    };
    let points: Points = (0..bytes.len() / 16)
        .map(|i| i * 16)
        .map(|i| {
            (
                word(i) << 32 | word(i + 4),
                word(i + 8) << 32 | word(i + 12),
            )
        })
        .collect();
    assert!(
        points
            .windows(2)
            .all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1)
    );
    points
}

/// The binary form, written number by number.
pub fn encode(points: &[(u64, u64)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(points.len() * 16);
    for &(x, y) in points {
        for value in [x, y] {
            bytes.extend(((value >> 32) as u32).to_le_bytes());
            bytes.extend((value as u32).to_le_bytes());
        }
    }
    bytes
}
