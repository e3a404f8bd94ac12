//! The packages `no_std_bare` and `no_std_alloc` in `tests/packages`, each built alone: together with others, Cargo
//! would unite their features, and `std` would be there.

#![cfg(not(miri))]

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

const BARE: &str = "with_defer_test_no_std_bare";
const ALLOC: &str = "with_defer_test_no_std_alloc";
const BARE_METAL: &str = "thumbv7m-none-eabi";

#[track_caller]
fn cargo(arguments: &[&str]) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_std");
    let output = Command::new(cargo)
        .args(arguments)
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn everything_that_returns_works_without_std() {
    cargo(&["test", "--package", BARE]);
    cargo(&["test", "--package", ALLOC]);
}

#[test]
fn a_panic_skips_deferred_statements_without_std() {
    cargo(&["test", "--package", BARE, "--features", "alone", "--test", "alone"]);
}

#[test]
fn the_crate_builds_for_bare_metal() {
    let mut rustc = Command::new("rustc");
    let library = rustc.args(["--print", "target-libdir", "--target", BARE_METAL]).output().unwrap().stdout;
    if !Path::new(String::from_utf8(library).unwrap().trim_end()).exists() {
        let _ = writeln!(io::stderr(), "skipped: {BARE_METAL} is not installed");
        return;
    }
    cargo(&["build", "--package", BARE, "--target", BARE_METAL]);
    cargo(&["build", "--package", ALLOC, "--target", BARE_METAL]);
}
