//! `bind INPUT.wasm FOLDER NAME`: writes `NAME.js` and `NAME_bg.wasm` for the web into FOLDER.
//!
//! The glue never guesses where its wasm lies: the caller hands the bytes or a URL to it.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, folder, name] = arguments.as_slice() else {
        eprintln!("usage: bind INPUT.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let bound = bindgen
        .input_path(input)
        .out_name(name)
        .typescript(false)
        // Nobody reads the names of functions, and they are a tenth of the whole.
        .remove_name_section(true)
        .omit_default_module_path(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder));
    match bound {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bind: {input}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
