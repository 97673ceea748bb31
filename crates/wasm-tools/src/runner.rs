//! Runs the tests of a wasm program in Node, or in a browser where the test asks for one. `cargo
//! test` calls it by `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-test-runner: {error:#}");
            ExitCode::FAILURE
        }
    }
}
