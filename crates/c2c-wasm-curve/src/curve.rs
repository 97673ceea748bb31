//! Liquidity curves. They stay inside, at numbered places that JavaScript gives out and takes back, so
//! that nothing here waits for a garbage collector. Many numbers cross at once, as flat arrays: x0, y0,
//! x1, y1, …

use std::cell::RefCell;

use c2c::curve::{Curve, CurveError, Rounding, merge};
use wasm_bindgen::prelude::*;

use crate::error::failure;

thread_local! {
    static PLACES: RefCell<Vec<Option<Curve>>> = const { RefCell::new(Vec::new()) };
}

/// Puts a curve at a place in place of what was there, and answers how many points it has.
pub fn put(at: usize, curve: Curve) -> usize {
    let size = curve.points().len();
    PLACES.with_borrow_mut(|places| {
        if places.len() <= at {
            places.resize(at + 1, None);
        }
        places[at] = Some(curve);
    });
    size
}

/// Works with the curve at a place.
///
/// # Panics
/// If there is none: `entry/places.js` asks for none that it did not put there.
pub fn with<T>(at: usize, work: impl FnOnce(&Curve) -> T) -> T {
    PLACES.with_borrow(|places| work(found(places, at)))
}

/// Works with two of them.
pub fn with_two<T>(a: usize, b: usize, work: impl FnOnce(&Curve, &Curve) -> T) -> T {
    PLACES.with_borrow(|places| work(found(places, a), found(places, b)))
}

fn found(places: &[Option<Curve>], at: usize) -> &Curve {
    places
        .get(at)
        .and_then(Option::as_ref)
        .expect("JavaScript keeps the list of places that are taken")
}

/// Puts what an operation may give at a place; 0 where it gave nothing.
pub fn put_some(at: usize, curve: Option<Curve>) -> usize {
    curve.map_or(0, |curve| put(at, curve))
}

/// Frees a place.
#[wasm_bindgen(js_name = dropCurve)]
pub fn drop_curve(at: usize) {
    PLACES.with_borrow_mut(|places| places[at] = None);
}

/// Reads x0, y0, x1, y1, …; answers how many points there are, as everything does that puts a curve.
#[wasm_bindgen(js_name = curveFromPoints)]
pub fn curve_from_points(flat: &[u64], into: usize) -> Result<usize, JsValue> {
    let (pairs, rest) = flat.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(failure(
            "CURVE_POINTS",
            format!("{} numbers are not whole points.", flat.len()),
            "Give an x and a y for each point.",
        ));
    }
    Curve::from_points(pairs.iter().map(|[x, y]| (*x, *y)))
        .map(|curve| put(into, curve))
        .map_err(|error| refused(&error))
}

/// Reads the binary form of the wire.
#[wasm_bindgen(js_name = curveFromBytes)]
pub fn curve_from_bytes(bytes: &[u8], into: usize) -> Result<usize, JsValue> {
    Curve::from_bytes(bytes)
        .map(|curve| put(into, curve))
        .map_err(|error| refused(&error))
}

/// Reads base64 of the binary form, as bytes: text crosses a character at a time, bytes at once.
#[wasm_bindgen(js_name = curveFromBase64)]
pub fn curve_from_base64(text: &[u8], into: usize) -> Result<usize, JsValue> {
    Curve::from_base64_bytes(text)
        .map(|curve| put(into, curve))
        .map_err(|error| refused(&error))
}

/// How many points there are; 0 where there is no curve.
#[wasm_bindgen(js_name = curveSize)]
pub fn curve_size(at: usize) -> usize {
    PLACES.with_borrow(|places| {
        let curve = places.get(at).and_then(Option::as_ref);
        curve.map_or(0, |curve| curve.points().len())
    })
}

/// What comes out for `x` going in.
#[wasm_bindgen(js_name = amountAt)]
pub fn amount_at(at: usize, x: u64) -> u64 {
    with(at, |curve| curve.amount_at(x))
}

/// The same for many amounts.
#[wasm_bindgen(js_name = amountsAt)]
pub fn amounts_at(at: usize, xs: &[u64]) -> Vec<u64> {
    with(at, |curve| curve.amounts_at(xs))
}

/// The least that must go in for `y` to come out, or nothing where that much never comes out.
#[wasm_bindgen(js_name = leastSourceFor)]
pub fn least_source_for(at: usize, y: u64) -> Option<u64> {
    with(at, |curve| curve.least_source_for(y))
}

/// The same rounded down, as ilp-routing 10.1.0 answered.
#[wasm_bindgen(js_name = amountReverse)]
pub fn amount_reverse(at: usize, y: u64) -> Option<u64> {
    with(at, |curve| curve.amount_reverse(y))
}

/// x0, y0, x1, y1, …
#[wasm_bindgen(js_name = curvePoints)]
pub fn curve_points(at: usize) -> Vec<u64> {
    with(at, |curve| {
        curve.points().iter().flat_map(|p| [p.x, p.y]).collect()
    })
}

/// The binary form of the wire.
#[wasm_bindgen(js_name = curveBytes)]
pub fn curve_bytes(at: usize) -> Vec<u8> {
    with(at, Curve::to_bytes)
}

/// base64 of the binary form.
#[wasm_bindgen(js_name = curveBase64)]
pub fn curve_base64(at: usize) -> String {
    with(at, Curve::to_base64)
}

/// The better of two at every amount, never promising more than that.
#[wasm_bindgen(js_name = combineCurves)]
pub fn combine_curves(a: usize, b: usize, into: usize) -> usize {
    put(into, with_two(a, b, |a, b| a.combine(b, Rounding::Sound)))
}

/// Goes through one and then the other, never promising more than going step by step gives; 0 where
/// nothing can.
#[wasm_bindgen(js_name = joinCurves)]
pub fn join_curves(head: usize, tail: usize, into: usize) -> usize {
    let joined = with_two(head, tail, |head, tail| {
        Curve::join(head, tail, Rounding::Sound)
    });
    put_some(into, joined)
}

/// Fewer points, and never more than before.
#[wasm_bindgen(js_name = simplifyCurve)]
pub fn simplify_curve(at: usize, most: usize, into: usize) -> usize {
    put(
        into,
        with(at, |curve| curve.simplify(most, Rounding::Sound)),
    )
}

/// Moved right and up by whole units, or left and down; 0 where nothing is left.
#[wasm_bindgen(js_name = shiftCurve)]
pub fn shift_curve(at: usize, dx: i64, dy: i64, into: usize) -> usize {
    let shifted = with(at, |curve| {
        curve
            .shift_x(dx.into())?
            .shift_y(dy.into(), Rounding::Sound)
    });
    put_some(into, shifted)
}

/// The best of several; first amount, last amount and winner of each section, flat.
#[wasm_bindgen(js_name = mergeCurves)]
pub fn merge_curves(given: &[usize], into: usize) -> Vec<u64> {
    let merged = PLACES.with_borrow(|places| {
        let curves: Vec<&Curve> = given.iter().map(|at| found(places, *at)).collect();
        merge(&curves)
    });
    let Some(merged) = merged else {
        return Vec::new();
    };
    put(into, merged.curve);
    let sections = merged.segments.iter();
    sections
        .flat_map(|section| [section.from, section.to, section.winner as u64])
        .collect()
}

/// What JavaScript is told of a curve that is none.
fn refused(error: &CurveError) -> JsValue {
    let (code, hint) = match error {
        CurveError::Empty => ("CURVE_EMPTY", "Leave the curve out where there is none."),
        CurveError::NotRising { .. } => {
            ("CURVE_NOT_RISING", "Sort the points by x, one for each x.")
        }
        CurveError::Falling { .. } => (
            "CURVE_FALLING",
            "Give each point at least the y of the one before.",
        ),
        CurveError::Length { .. } => ("CURVE_LENGTH", "Give 16 bytes a point."),
        CurveError::Base64 { .. } | CurveError::Base64Length { .. } => {
            ("CURVE_BASE64", "Give standard base64 with padding.")
        }
    };
    failure(code, error, hint)
}
