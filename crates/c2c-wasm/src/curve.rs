//! Liquidity curves. Many numbers cross at once, as flat arrays: x0, y0, x1, y1, …

use c2c::curve::{Curve, CurveError, Merged, merge};
use wasm_bindgen::prelude::*;

use crate::error::failure;

/// A curve that stays inside; JavaScript holds a handle.
#[wasm_bindgen]
pub struct RawCurve(Curve);

#[wasm_bindgen]
impl RawCurve {
    /// Reads x0, y0, x1, y1, …
    #[wasm_bindgen(js_name = fromPoints)]
    pub fn from_points(flat: &[u64]) -> Result<RawCurve, JsValue> {
        let (pairs, rest) = flat.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(failure(
                "CURVE_POINTS",
                format!("{} numbers are not whole points.", flat.len()),
                "Give an x and a y for each point.",
            ));
        }
        Curve::from_points(pairs.iter().map(|[x, y]| (*x, *y)))
            .map(RawCurve)
            .map_err(refused)
    }

    /// Reads the binary form of the wire.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8]) -> Result<RawCurve, JsValue> {
        Curve::from_bytes(bytes).map(RawCurve).map_err(refused)
    }

    /// Reads base64 of the binary form.
    #[wasm_bindgen(js_name = fromBase64)]
    pub fn from_base64(text: &str) -> Result<RawCurve, JsValue> {
        Curve::from_base64(text).map(RawCurve).map_err(refused)
    }

    /// What comes out for `x` going in.
    #[wasm_bindgen(js_name = amountAt)]
    pub fn amount_at(&self, x: u64) -> u64 {
        self.0.amount_at(x)
    }

    /// The least that must go in for `y` to come out, or nothing where that much never comes out.
    #[wasm_bindgen(js_name = leastSourceFor)]
    pub fn least_source_for(&self, y: u64) -> Option<u64> {
        self.0.least_source_for(y)
    }

    /// The same rounded down, as ilp-routing 10.1.0 answered.
    #[wasm_bindgen(js_name = amountReverse)]
    pub fn amount_reverse(&self, y: u64) -> Option<u64> {
        self.0.amount_reverse(y)
    }

    /// x0, y0, x1, y1, …
    pub fn points(&self) -> Box<[u64]> {
        self.0.points().iter().flat_map(|p| [p.x, p.y]).collect()
    }

    /// The binary form of the wire.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// base64 of the binary form.
    #[wasm_bindgen(js_name = toBase64)]
    pub fn to_base64(&self) -> String {
        self.0.to_base64()
    }
}

/// Parallel curves on their way to be merged.
#[wasm_bindgen]
#[derive(Default)]
pub struct RawMerge(Vec<Curve>);

#[wasm_bindgen]
impl RawMerge {
    /// No curve yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> RawMerge {
        Self::default()
    }

    /// One more. Of equal offers the one added earlier wins.
    pub fn add(&mut self, curve: &RawCurve) {
        self.0.push(curve.0.clone());
    }

    /// The best of them; nothing of none.
    pub fn finish(self) -> Option<RawMerged> {
        let curves: Vec<&Curve> = self.0.iter().collect();
        merge(&curves).map(RawMerged)
    }
}

/// The best of several curves.
#[wasm_bindgen]
pub struct RawMerged(Merged);

#[wasm_bindgen]
impl RawMerged {
    /// The merged curve.
    pub fn curve(&self) -> RawCurve {
        RawCurve(self.0.curve.clone())
    }

    /// First amount, last amount and winner of each section, flat.
    pub fn segments(&self) -> Box<[u64]> {
        self.0
            .segments
            .iter()
            .flat_map(|section| [section.from, section.to, section.winner as u64])
            .collect()
    }
}

impl From<Curve> for RawCurve {
    fn from(curve: Curve) -> Self {
        Self(curve)
    }
}

fn refused(error: CurveError) -> JsValue {
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
