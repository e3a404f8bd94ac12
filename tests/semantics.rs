//! Every test that `docs/semantics.md` and `docs/behaviours.md` name is there, runs and passes.
//!
//! A name stands in the last column of a table: `file::module::test` for a test in `tests/`, or the path of a case of
//! the package `ui-tests`. The tests are run again, in the programs that Cargo has just built, so that one that is
//! ignored, or left out by a `cfg`, does not count.

#![cfg(not(miri))]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Stands in the place of a test.
const NO_TEST: &str = "—";

/// What the cell before `NO_TEST` says is the reason.
const REASON: &str = "Not here: ";

#[test]
fn every_test_that_the_documents_name_passes() {
    let documents = ["docs/semantics.md", "docs/behaviours.md"];
    let texts = documents.map(|document| fs::read_to_string(root().join(document)).unwrap());
    let names = texts.iter().flat_map(|text| names(text).unwrap()).collect();
    assert_eq!(failures(&names), [""; 0]);
}

#[test]
fn a_name_of_nothing_fails() {
    let names = [
        "go_evaluation::arg_snapshot",
        "go_evaluation::arg_snapshots",
        "go_evaluations::arg_snapshot",
        "defer_scope::block_scope_assign",
        "defer_scope::order::block_scope_assign",
        "ui-tests/block_form/break_out.rs",
        "ui-tests/block_form/break_outs.rs",
        "ui-tests/accepted/empty_block.rs",
        "ui-tests/ui.rs",
        "arg_snapshot",
    ];
    assert_eq!(
        failures(&names.into()),
        [
            "arg_snapshot: neither `file::test` nor `ui-tests/folder/case.rs`",
            "defer_scope::block_scope_assign: did not pass",
            "go_evaluation::arg_snapshots: did not pass",
            "go_evaluations::arg_snapshot: there is no tests/go_evaluations.rs",
            "ui-tests/block_form/break_outs.rs: no such case",
            "ui-tests/ui.rs: no such case",
        ]
    );
}

#[test]
fn a_test_that_is_ignored_or_fails_did_not_pass() {
    let output = "
running 5 tests
test fails ... FAILED
test module::passes ... ok
test passes ... ok
test panics - should panic ... ok
test waits ... ignored, takes long
";
    assert_eq!(passed(output), ["module::passes", "panics", "passes"].into());
}

#[test]
fn names_stand_in_the_last_column_of_a_table() {
    let document = "
A `word` and a | pipe.

| Go | here | test |
|---|---|---|
| a `rule` | the same | `a::b`, `ui-tests/a/b.rs` |
| another | Not here: a reason. | — |
";
    assert_eq!(names(document), Ok(["a::b", "ui-tests/a/b.rs"].into()));
    let row =
        |row: &str| names(&format!("| Go | here | test |\n|---|---|---|\n{row}")).map(|_| ()).unwrap_err();
    assert_eq!(row("| a rule | the same | — |"), "no reason: | a rule | the same | — |");
    assert_eq!(row("| a rule | the same | |"), "no test: | a rule | the same | |");
    assert_eq!(
        row("| a rule | the same | `a::b` and so on |"),
        "no test: | a rule | the same | `a::b` and so on |"
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names in the document, or the row that is not as it should be.
fn names(document: &str) -> Result<BTreeSet<&str>, String> {
    let mut names = BTreeSet::new();
    let lines: Vec<&str> = document.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let head = lines.get(number + 1).is_some_and(|next| next.starts_with("|--"));
        if !line.starts_with('|') || line.starts_with("|--") || head {
            continue;
        }
        let mut cells = line.trim_end_matches('|').rsplit('|').map(str::trim);
        let (last, before) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        if last == NO_TEST {
            if !before.starts_with(REASON) {
                return Err(format!("no reason: {line}"));
            }
            continue;
        }
        for name in last.split(", ") {
            let name = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
            names.insert(name.filter(|name| !name.contains('`')).ok_or_else(|| format!("no test: {line}"))?);
        }
    }
    Ok(names)
}

/// The names that are not those of tests that pass, each with what is wrong.
fn failures(names: &BTreeSet<&str>) -> Vec<String> {
    let mut failures = Vec::new();
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        if name.starts_with("ui-tests/") {
            if !is_case(name) {
                failures.push(format!("{name}: no such case"));
            }
        } else if let Some((file, test)) = name.split_once("::") {
            files.entry(file).or_default().push(test);
        } else {
            failures.push(format!("{name}: neither `file::test` nor `ui-tests/folder/case.rs`"));
        }
    }
    for (file, tests) in files {
        let source = format!("tests/{file}.rs");
        if !root().join(&source).exists() {
            failures.extend(tests.iter().map(|test| format!("{file}::{test}: there is no {source}")));
            continue;
        }
        let program =
            program(&source).unwrap_or_else(|failure| panic!("{failure}: `cargo test --workspace`"));
        let output = Command::new(program).arg("--exact").args(&tests).output().unwrap();
        let passed = passed(std::str::from_utf8(&output.stdout).unwrap());
        let missing = tests.iter().filter(|test| !passed.contains(**test));
        failures.extend(missing.map(|test| format!("{file}::{test}: did not pass")));
    }
    failures.sort();
    failures
}

/// The tests that passed, by what the program printed.
fn passed(output: &str) -> BTreeSet<&str> {
    let tests = output.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... ok"));
    tests.map(|test| test.trim_end_matches(" - should panic")).collect()
}

/// Whether it is a case that `ui-tests/ui.rs` runs: a file in a folder, with messages unless it is accepted.
fn is_case(path: &str) -> bool {
    let case = root().join(path);
    path.split('/').count() == 3
        && case.extension() == Some(OsStr::new("rs"))
        && case.exists()
        && (path.starts_with("ui-tests/accepted/") || case.with_extension("stderr").exists())
}

#[test]
fn the_cases_of_ui_tests_run() {
    let Ok(program) = program("ui-tests/ui.rs") else {
        let _ = writeln!(io::stderr(), "skipped: the package ui-tests has not been built");
        return;
    };
    let list = |arguments: &[&str]| {
        let output = Command::new(&program).arg("--list").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(list(&[]).lines().any(|line| line == "each_misuse_prints_its_message: test"));
    assert!(!list(&["--ignored"]).contains("each_misuse_prints_its_message"));
}

/// The program that Cargo has made of this file, beside this one: the newest, if features or flags have changed.
fn program(source: &str) -> Result<PathBuf, String> {
    let this = env::current_exe().unwrap();
    let entries = fs::read_dir(this.parent().unwrap()).unwrap();
    let prefix = format!("{}-", Path::new(source).file_stem().unwrap().to_string_lossy());
    let programs = entries.map(|entry| entry.unwrap().path()).filter(|path| {
        path.extension().unwrap_or_default() == env::consts::EXE_EXTENSION
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
            && sources(path).iter().any(|name| name == source)
    });
    let program =
        programs.max_by_key(|path| changed(path)).ok_or_else(|| format!("{source} has not been built"))?;
    let built = changed(&program);
    match sources(&program).iter().find(|name| changed(&root().join(name)) > built) {
        Some(name) => Err(format!("{source} has been built before {name} was changed")),
        None => Ok(program),
    }
}

/// The files that a program is made of, as rustc has listed them, relative to the workspace.
fn sources(program: &Path) -> Vec<String> {
    let list = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let files = list.lines().filter_map(|line| line.strip_suffix(':'));
    files.map(|file| file.replace('\\', "/")).collect()
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
