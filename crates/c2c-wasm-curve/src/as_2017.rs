//! What ilp-routing 10.1.0 answered, rounding included, for the drop-in in `entry/ilp-routing`.

use c2c::curve::{Curve, Rounding};
use wasm_bindgen::prelude::*;

use crate::curve::{put, put_some, with, with_two};

/// 2^53: below it a `number` says every whole amount exactly.
const EXACT: u64 = 1 << 53;

/// `amountAt` of a whole amount below 2^53, without a `bigint` on the way; -1 where the answer is not
/// below 2^53.
#[wasm_bindgen(js_name = amountAtNumber)]
pub fn amount_at_number(at: usize, x: f64) -> f64 {
    with(at, |curve| number(curve.amount_at(whole(x))))
}

/// The same of `amountReverse`; infinite where so much never comes out.
#[wasm_bindgen(js_name = amountReverseNumber)]
pub fn amount_reverse_number(at: usize, y: f64) -> f64 {
    let found = with(at, |curve| curve.amount_reverse(whole(y)));
    found.map_or(f64::INFINITY, number)
}

/// The same curve at another place.
#[wasm_bindgen(js_name = copyCurve)]
pub fn copy_curve(at: usize, into: usize) -> usize {
    put(into, with(at, Curve::clone))
}

/// `LiquidityCurve.combine`.
#[wasm_bindgen(js_name = combineAs2017)]
pub fn combine_as_2017(a: usize, b: usize, into: usize) -> usize {
    put(
        into,
        with_two(a, b, |a, b| a.combine(b, Rounding::Reference)),
    )
}

/// `LiquidityCurve.join`; 0 for the curve without points.
#[wasm_bindgen(js_name = joinAs2017)]
pub fn join_as_2017(head: usize, tail: usize, into: usize) -> usize {
    let joined = with_two(head, tail, |head, tail| {
        Curve::join(head, tail, Rounding::Reference)
    });
    put_some(into, joined)
}

/// `LiquidityCurve.simplify`.
#[wasm_bindgen(js_name = simplifyAs2017)]
pub fn simplify_as_2017(at: usize, most: usize, into: usize) -> usize {
    put(
        into,
        with(at, |curve| curve.simplify(most, Rounding::Reference)),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "JavaScript hands over whole amounts below 2^53 only"
)]
fn whole(amount: f64) -> u64 {
    amount as u64
}

#[expect(clippy::cast_precision_loss, reason = "below 2^53 there is no loss")]
fn number(amount: u64) -> f64 {
    if amount < EXACT { amount as f64 } else { -1.0 }
}
