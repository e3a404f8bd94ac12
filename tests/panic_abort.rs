//! The package `panic_abort` in `tests/packages`, built with `panic = "abort"`: every way out but a panic runs deferred
//! statements.

#![cfg(not(miri))]

use std::env;
use std::path::Path;
use std::process::Command;

/// Whether the program succeeds, and what it prints.
fn run(way: &str) -> (bool, String) {
    // What `no_std.rs` has built is of use here.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_std");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "with_defer_test_panic_abort", "--target-dir"])
        .arg(target)
        .args(["--", way])
        .env("CARGO_PROFILE_DEV_PANIC", "abort")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(way == "panic" || output.status.success(), "{errors}");
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_panic_skips_deferred_statements_and_cannot_be_recovered() {
    assert_eq!(run("panic"), (false, "body\n".to_owned()));
}

#[test]
fn an_early_return_runs_them() {
    assert_eq!(run("return"), (true, "body\ndeferred\nend\n".to_owned()));
}

#[test]
fn a_cancellation_runs_them() {
    assert_eq!(run("cancel"), (true, "body\ndeferred\nend\n".to_owned()));
}
