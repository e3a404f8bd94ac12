//! Four hundred programs do in Rust what they do in Go.

use std::path::Path;

#[test]
fn four_hundred_programs_do_what_they_do_in_go() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let report = difftest::search(&folder, 400, 1).expect("programs are built and run");
    println!("oracle: {}", report.oracle);
    for failure in &report.failures {
        println!("{failure}");
    }
    assert!(report.failures.is_empty(), "{} programs do something else", report.failures.len());
}
