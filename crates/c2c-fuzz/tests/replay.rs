//! The kept inputs, without a fuzzer.

use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("kept")
        .join(target);
    let mut count = 0;
    for file in std::fs::read_dir(&folder).expect("a folder of kept inputs") {
        let path = file.expect("a file").path();
        run(&std::fs::read(&path).expect("a readable file"));
        count += 1;
    }
    assert!(count > 0, "no inputs in {}", folder.display());
}

#[test]
fn decode() {
    replay("decode", c2c_fuzz::decode);
}

#[test]
fn json() {
    replay("json", c2c_fuzz::json);
}

#[test]
fn merge() {
    replay("merge", c2c_fuzz::merge);
}

#[test]
fn join() {
    replay("join", c2c_fuzz::join);
}

#[test]
fn simplify() {
    replay("simplify", c2c_fuzz::simplify);
}

#[test]
fn packet() {
    replay("packet", c2c_fuzz::packet);
}

#[test]
fn envelope() {
    replay("envelope", c2c_fuzz::envelope);
}

#[test]
fn transfer() {
    replay("transfer", c2c_fuzz::transfer);
}

#[test]
fn record() {
    replay("record", c2c_fuzz::record);
}

#[test]
fn invitation() {
    replay("invitation", c2c_fuzz::invitation);
}

#[test]
fn configuration() {
    replay("configuration", c2c_fuzz::configuration);
}

#[test]
fn http() {
    replay("http", c2c_fuzz::http);
}
