//! How long the compiler takes for a function with sixty deferred statements.
//!
//! On an idle machine of two cores it checks one in 0.1 s and compiles it in 0.3 s (neighbours) or 2 s (with other
//! statements between them). The limits leave room for a slower and busier one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use with_defer_benches::cargo::build;

const CHECKED: Duration = Duration::from_secs(5);
const COMPILED: Duration = Duration::from_secs(20);

fn function(separated: bool) -> String {
    let mut source = String::from(
        "use with_defer::{defer, with_defer};\n\n\
         #[with_defer]\n\
         pub fn f(log: &mut Vec<u64>, step: fn(u64) -> u64) -> Result<u64, String> {\n    let x0 = step(0);\n",
    );
    for number in 0..60 {
        if separated {
            writeln!(source, "    let x{} = step(x{number});", number + 1).expect("strings take all");
            writeln!(source, "    defer! {{ log.push(x{}) }}", number + 1).expect("strings take all");
        } else {
            writeln!(source, "    defer! {{ log.push(x0 + {number}) }}").expect("strings take all");
        }
    }
    source + "    if x0 == 1 {\n        return Err(String::from(\"one\"));\n    }\n    Ok(x0)\n}\n"
}

/// Runs the compiler on a source file and returns how long that took.
fn rustc(source: &Path, with_defer: &Path, arguments: &[&str]) -> Duration {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition", "2024", "--crate-type", "lib"])
        .args(arguments)
        .arg("-L")
        .arg(format!("dependency={}", with_defer.with_file_name("deps").display()))
        .arg("--extern")
        .arg(format!("with_defer={}", with_defer.display()))
        .arg("--out-dir")
        .arg(source.with_extension("out"))
        .arg(source);
    let start = Instant::now();
    let status = rustc.status().expect("rustc runs");
    let took = start.elapsed();
    assert!(status.success(), "{} compiles", source.display());
    took
}

fn sixty_statements(name: &str, separated: bool) {
    let source = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("rs");
    fs::write(&source, function(separated)).expect("the source can be written");
    let with_defer = build("with_defer", true);
    let checked = rustc(&source, &with_defer, &["--emit", "metadata"]);
    let compiled = rustc(&source, &with_defer, &["-C", "opt-level=3"]);
    println!("{name}: checked in {checked:.2?}, compiled in {compiled:.2?}");
    assert!(checked < CHECKED, "checked in {checked:?}");
    assert!(compiled < COMPILED, "compiled in {compiled:?}");
}

#[test]
fn sixty_neighbours() {
    sixty_statements("sixty_neighbours", false);
}

#[test]
fn sixty_statements_with_others_between_them() {
    sixty_statements("sixty_statements_with_others_between_them", true);
}
