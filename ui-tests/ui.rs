//! What rustc prints for misuses: one folder per subject, one defect per file, and the messages beside it.
//!
//! After a change of a message, `TRYBUILD=overwrite cargo test -p with_defer_ui_tests` writes the `.stderr` files anew;
//! read each one before it is committed.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler whose messages the `.stderr` files hold.
const RUSTC: &str = "rustc 1.95.0 ";

/// Looks like a misuse, and compiles without a warning.
const ACCEPTED: &str = "accepted";

/// Cases with more errors than one, and why.
const MORE_THAN_ONE: [(&str, usize); 14] = [
    // rustc allows no attribute macro on expressions, and says so first.
    ("attribute/on_block", 3),
    ("attribute/on_closure", 3),
    // Each part of generated code looks for the runtime.
    ("attribute/crate_that_is_another", 2),
    // The same function without the attribute has as many.
    ("block_form/not_initialised", 2),
    // No attribute, so rustc looks at each word by itself.
    ("keyword/attribute_that_is_not_imported", 2),
    ("stray/keyword_with_block", 2),
    ("stray/macro_as_attribute", 2),
    ("stray/missing_import_of_the_attribute", 2),
    ("stray/missing_imports", 2),
    // Several defects, all reported at once.
    ("impls/errors_in_two_functions", 2),
    ("several/block_forms", 5),
    ("several/call_forms", 6),
    ("several/functions", 2),
    ("several/with_errors_of_rustc", 3),
];

/// Cases whose messages name something generated, and why.
const NAMES_GLUE: [&str; 3] = [
    // It has no runtime.
    "attribute/crate_that_is_another",
    // rustc says what type the value has that was taken, and calls it by its name.
    "call_form/call_of_a_call",
    "call_form/not_callable",
];

#[test]
fn each_misuse_prints_its_message() {
    if !has_pinned_compiler() {
        let _ = writeln!(io::stderr(), "skipped: the messages are those of {RUSTC}");
        return;
    }
    let tests = trybuild::TestCases::new();
    for case in files("rs") {
        if case.starts_with(ACCEPTED) { tests.pass(case) } else { tests.compile_fail(case) }
    }
}

#[test]
fn each_misuse_is_one_error() {
    let expected: BTreeMap<&str, usize> = MORE_THAN_ONE.into();
    let mut wrong = Vec::new();
    for (case, stderr) in messages() {
        let expected = expected.get(case.as_str()).copied().unwrap_or(1);
        let found = errors(&stderr).count();
        if found != expected {
            wrong.push(format!("{case}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "cases with another number of errors:\n{}", wrong.join("\n"));
}

#[test]
fn no_error_points_at_the_whole_attribute() {
    let mut wrong = Vec::new();
    for (case, stderr) in messages() {
        let source = fs::read_to_string(root().join(&case).with_extension("rs")).expect("a case can be read");
        let lines: Vec<&str> = source.lines().collect();
        for error in errors(&stderr) {
            let (line, column) = position(error).expect("an error has a position");
            if column == 1 && lines[line - 1].starts_with("#[with_defer") {
                wrong.push(case.clone());
            }
        }
    }
    assert!(wrong.is_empty(), "cases with an error at the attribute itself:\n{}", wrong.join("\n"));
}

#[test]
fn no_message_names_a_generated_variable() {
    let mut wrong = Vec::new();
    for (case, stderr) in messages() {
        if stderr.contains("`__") && !NAMES_GLUE.contains(&case.as_str()) {
            wrong.push(case);
        }
    }
    assert!(wrong.is_empty(), "cases that name a generated variable:\n{}", wrong.join("\n"));
}

#[test]
fn each_case_has_its_messages() {
    let cases = files("rs").into_iter().filter(|case| !case.starts_with(ACCEPTED));
    let cases: Vec<PathBuf> = cases.map(|case| case.with_extension("stderr")).collect();
    assert_eq!(files("stderr"), cases);
}

fn has_pinned_compiler() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    version.stdout.starts_with(RUSTC.as_bytes())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with this extension in the folders of cases, relative to the package, in order.
fn files(extension: &str) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("a folder can be read");
        entries.map(|entry| entry.expect("an entry can be read").path()).collect::<Vec<_>>()
    };
    let folders = entries(root()).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| entries(&folder))
        .filter(|path| path.extension() == Some(OsStr::new(extension)))
        .map(|path| path.strip_prefix(root()).expect("a case stands in the package").to_owned())
        .collect();
    files.sort();
    files
}

/// The name of each case, and its messages.
fn messages() -> impl Iterator<Item = (String, String)> {
    files("stderr").into_iter().map(|path| {
        let stderr = fs::read_to_string(root().join(&path)).expect("messages can be read");
        let name: Vec<_> =
            path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        (name.join("/"), stderr)
    })
}

/// The errors in what rustc printed, each with its notes; warnings are left out.
fn errors(stderr: &str) -> impl Iterator<Item = &str> {
    stderr.split("\n\n").filter(|message| message.starts_with("error"))
}

/// Line and column that an error points at: ` --> folder/case.rs:6:5`
fn position(error: &str) -> Option<(usize, usize)> {
    let place = error.lines().find_map(|line| line.trim_start().strip_prefix("--> "))?;
    let mut parts = place.rsplit(':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some((line, column))
}
