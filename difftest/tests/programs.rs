//! Four hundred programs do in Rust what they do in Go, and when their futures are dropped what they should.

use std::path::Path;

#[test]
fn four_hundred_programs_do_what_they_do_in_go() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    for batch in [0..200, 200..400] {
        let report = difftest::search(&folder, 1, batch, 1).expect("programs are built and run");
        println!("oracle: {}", report.oracle);
        for failure in &report.failures {
            println!("{failure}");
        }
        assert!(report.failures.is_empty(), "{} programs do something else", report.failures.len());
    }
}

const PLACES: [&str; 4] = ["a function", "a closure", "a scope", "deferred code"];

const STATEMENTS: [&str; 32] = [
    "`?`",
    "assignment",
    "await",
    "block",
    "break",
    "change through an address",
    "closure",
    "closure called twice",
    "counter",
    "defer",
    "block form",
    "block form in a loop",
    "call form",
    "call form in a loop",
    "end of a block",
    "for",
    "if",
    "if let",
    "let",
    "let else",
    "log",
    "loop",
    "match",
    "move",
    "panic",
    "scope",
    "temporary",
    "value of a block",
    "while",
    "a panic",
    "an error",
    "success",
];

const DEFERRED: [&str; 51] = [
    "assignment of an error in a function",
    "assignment of an error in deferred code",
    "break with a value in a function",
    "break with a value in a scope",
    "conditional deferred block",
    "continue in a function",
    "continue in a scope",
    "continue in deferred code",
    "conditional deferred call",
    "deferred `?` fails the frame",
    "deferred `?` is too late",
    "deferred `?` succeeds",
    "`?` in a deferred block fails the frame",
    "`?` in a deferred block is too late",
    "deferred block",
    "deferred call",
    "deferred call of a callee that is called now",
    "deferred call of an argument with `?`",
    "deferred call that changes an address",
    "deferred call that reads a temporary",
    "deferred call that reads an address",
    "deferred call that takes a temporary",
    "deferred call that takes a variable",
    "deferred call with `?`",
    "deferred closure",
    "deferred code is cut",
    "deferred code of a closure runs on the drop of the future",
    "deferred code of a function runs on the drop of the future",
    "deferred code of a function runs on a panic while the future is dropped",
    "deferred code of a scope runs on the drop of the future",
    "deferred code of deferred code runs on the drop of the future",
    "deferred log",
    "deferred print",
    "failure runs on a panic",
    "failure runs on an error",
    "failure runs on the drop of the future",
    "panic runs on a panic",
    "panic of deferred code on a panic",
    "panic of deferred code on an error",
    "panic of deferred code on success",
    "panic of deferred code on the drop of the future",
    "recover and panic again in deferred code",
    "recover in deferred code",
    "recover on a panic",
    "recover on a panic while the future is dropped",
    "recover on success",
    "recover on the drop of the future",
    "return of an error in a function",
    "return of an error in a scope",
    "return without a value in deferred code",
    "success runs on success",
];

#[test]
fn four_hundred_programs_try_everything() {
    let tried = difftest::tried(1, 0..400);
    for (what, n) in &tried {
        println!("{n:3} {what}");
    }
    let everywhere = STATEMENTS.iter().flat_map(|what| {
        PLACES.map(|place| match *what {
            "a panic" | "an error" | "success" => format!("deferred code of {place} runs on {what}"),
            _ => format!("{what} in {place}"),
        })
    });
    let missing: Vec<_> =
        everywhere.chain(DEFERRED.map(str::to_owned)).filter(|what| !tried.contains_key(what)).collect();
    assert_eq!(missing, [""; 0]);
}
