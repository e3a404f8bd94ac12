//! Puts deferred statements into the sample, for `tests/modes.rs`.

#[path = "src/lib.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library elsewhere")]
mod graft;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src/lib.rs");
    println!("cargo::rerun-if-changed=sample.rs");
    let sample = fs::read_to_string("sample.rs").unwrap();
    let out = env::var("OUT_DIR").unwrap();
    for (name, mode) in graft::Mode::ALL {
        let grafted = graft::graft(&sample, mode, 1, &BTreeSet::new()).unwrap();
        fs::write(Path::new(&out).join(format!("{name}.rs")), grafted.text).unwrap();
    }
}
