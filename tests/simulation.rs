//! The simulator gives the same natively and in wasm.

use c2c_sim::play;
use c2c_tests::setting::setting;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// How many seeds are compared.
const SEEDS: u64 = 12;

/// What the first seeds end with: `SEED:DIGEST`, as `c2c-simulate --digests` writes it.
fn digests() -> String {
    let digests: Vec<String> = (0..SEEDS)
        .map(|seed| format!("{seed}:{}", play(seed, 8).digest))
        .collect();
    digests.join(",")
}

/// `C2C_DIGESTS` holds what they end with natively. Natively they are only played twice.
#[test]
fn the_first_seeds_end_alike_natively_and_in_wasm() {
    let expected = match setting("C2C_DIGESTS") {
        Some(expected) => expected,
        None if cfg!(target_arch = "wasm32") => panic!("C2C_DIGESTS is not set"),
        None => digests(),
    };
    assert_eq!(digests(), expected);
}
