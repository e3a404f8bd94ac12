//! What rustc and clippy say of a function with `#[with_defer]` is what they say of it without: code, place and text.
//!
//! Each file in `sources/` is compiled twice: as it is, and with spaces in the place of `#[with_defer]` and `defer!`. What
//! differs is in the lists below, with the reason. They belong to one compiler.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;

use serde_json::Value;

mod lints;

/// The compiler whose messages the lists hold.
const RUSTC: &str = "rustc 1.95.0 ";

/// The library for programs to compile against, built by Cargo if need be.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let output = Command::new(env!("CARGO"))
        .args([
            "build",
            "--offline",
            "--package",
            "with_defer",
            "--lib",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built: Vec<Value> = lines(&output.stdout);
    let names = built
        .iter()
        .filter(|message| message["target"]["name"] == "with_defer")
        .flat_map(|message| message["filenames"].as_array().unwrap());
    let mut files = names.filter_map(Value::as_str).map(PathBuf::from);
    files.find(|file| file.extension().is_some_and(|extension| extension == "rlib")).unwrap()
});

fn lines(text: &[u8]) -> Vec<Value> {
    str::from_utf8(text).unwrap().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What a compiler says of the functions of a program: function, and "line:column-line:column code message". Lines count
/// from that of the function's name.
type Said = BTreeSet<(String, String)>;

fn say(compiler: &str, name: &str, source: &str, options: &[&str]) -> Said {
    // Tests run side by side, each in a thread that has its name.
    let thread = thread::current().name().unwrap().replace("::", "_");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(thread).join(name);
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("main.rs");
    fs::write(&file, source).unwrap();
    let library = &*LIBRARY;
    let dependencies = library.parent().unwrap().join("deps");
    let output = Command::new(compiler)
        .args(["--crate-type=lib", "--emit=metadata", "--error-format=json", "--out-dir"])
        .arg(&directory)
        .arg("-L")
        .arg(format!("dependency={}", dependencies.display()))
        .arg("--extern")
        .arg(format!("with_defer={}", library.display()))
        .args(options)
        .arg(&file)
        .output()
        .unwrap();
    assert_ne!(
        output.status.code(),
        Some(101),
        "{compiler} has panicked: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut said = Said::new();
    for message in lines(&output.stderr) {
        let spans = message["spans"].as_array().unwrap();
        let text = message["message"].as_str().unwrap();
        let Some(span) = spans.iter().find(|span| span["is_primary"] == true) else { continue };
        let code = message["code"]["code"].as_str().unwrap_or("no code");
        let [line, column, last, end] =
            ["line_start", "column_start", "line_end", "column_end"].map(|key| span[key].as_u64().unwrap());
        let (function, first) = function(source, line);
        said.insert((function, format!("{}:{column}-{}:{end} {code} {text}", line - first, last - first)));
    }
    said
}

/// The name of the function that a line belongs to, and its line.
fn function(source: &str, line: u64) -> (String, u64) {
    let name = |line: &str| {
        let (before, rest) = line.split_once("fn ")?;
        (!before.starts_with(' ')).then(|| rest.split(['(', '<']).next().unwrap().to_owned())
    };
    let functions = (1..).zip(source.lines()).filter_map(|(number, line)| Some((name(line)?, number)));
    functions.take_while(|(_, number)| *number <= line).last().unwrap_or_default()
}

/// The program without `with_defer`, every other token in its place.
fn plain(source: &str) -> String {
    let blank = |line: &str| match line.split_once("defer!(") {
        Some((before, call)) => {
            let (call, after) = call.rsplit_once(')').unwrap();
            format!("{before}       {call} {after}\n")
        }
        None => line.replace("defer! {", "       {") + "\n",
    };
    let lines = source.lines();
    lines
        .map(|line| {
            if line == "#[with_defer]" || line.starts_with("use with_defer") {
                "\n".to_owned()
            } else {
                blank(line)
            }
        })
        .collect()
}

/// What a compiler says only with the attribute, and what only without.
fn differences(compiler: &str, name: &str, options: &[&str]) -> [Vec<String>; 2] {
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("sources").join(name)).unwrap();
    let with = say(compiler, &format!("{name}_with"), &source, options);
    let without = say(compiler, &format!("{name}_without"), &plain(&source), options);
    let functions = source.lines().filter(|line| *line == "#[with_defer]").count();
    if name != "clean.rs" {
        let faulty: BTreeSet<_> = without.iter().map(|(function, _)| function).collect();
        assert_eq!(faulty.len(), functions, "every function has a fault");
    }
    let only =
        |a: &Said, b: &Said| a.difference(b).map(|(function, text)| format!("{function} {text}")).collect();
    [only(&with, &without), only(&without, &with)]
}

/// Skips what belongs to another compiler.
fn is_the_compiler() -> bool {
    let version = Command::new("rustc").arg("--version").output().unwrap().stdout;
    let is_it = version.starts_with(RUSTC.as_bytes());
    if !is_it {
        eprintln!("skipped: the messages are those of {RUSTC}");
    }
    is_it
}

#[test]
fn errors_of_types_and_names() {
    if !is_the_compiler() {
        return;
    }
    let [with, without] = differences("rustc", "errors.rs", &["--edition=2024"]);
    // The rest of the body is a closure.
    assert_eq!(
        with,
        [
            "break_outside_a_loop 3:9-3:14 E0267 `break` inside of a closure",
            "question_mark_in_a_function_that_returns_none 2:30-2:31 E0277 the `?` operator can only be used in a closure that returns `Result` or `Option` (or another type that implements `FromResidual`)",
        ]
    );
    assert_eq!(
        without,
        [
            "break_outside_a_loop 3:9-3:14 E0268 `break` outside of a loop or labeled block",
            "question_mark_in_a_function_that_returns_none 2:30-2:31 E0277 the `?` operator can only be used in a function that returns `Result` or `Option` (or another type that implements `FromResidual`)",
        ]
    );
}

#[test]
fn errors_of_the_borrow_checker() {
    if !is_the_compiler() {
        return;
    }
    let [with, without] = differences("rustc", "borrows.rs", &["--edition=2024"]);
    assert_eq!(
        with,
        [
            // The closure borrows what its statements change; a label points at the statement.
            "changed_behind_a_shared_reference 0:1-0:37 E0596 cannot borrow `*list` as mutable, as it is behind a `&` reference",
            "closure_that_outlives 0:1-0:55 E0373 closure may outlive the current function, but it borrows `n`, which is owned by the current function",
            "deferred_change_behind_a_shared_reference 1:5-1:10 E0596 cannot borrow `*list` as mutable, as it is behind a `&` reference",
            // To a closure a parameter is a variable outside.
            "parameter_assigned_though_immutable 2:5-2:11 E0594 cannot assign to `n`, as it is not declared as mutable",
            "reference_to_a_parameter_returned 2:6-2:10 E0597 `text` does not live long enough",
        ]
    );
    assert_eq!(
        without,
        [
            "changed_behind_a_shared_reference 2:5-2:9 E0596 cannot borrow `*list` as mutable, as it is behind a `&` reference",
            "closure_that_outlives 2:14-2:16 E0373 closure may outlive the current function, but it borrows `n`, which is owned by the current function",
            "deferred_change_behind_a_shared_reference 2:9-2:13 E0596 cannot borrow `*list` as mutable, as it is behind a `&` reference",
            "parameter_assigned_though_immutable 2:5-2:11 E0384 cannot assign to immutable argument `n`",
            "reference_to_a_parameter_returned 2:5-2:10 E0515 cannot return reference to function parameter `text`",
        ]
    );
}

/// `dead_code`, `unused_*`, `unreachable_code`, `must_use` and clippy's lints fire on what the user wrote, where it stands.
#[test]
fn warnings() {
    if !is_the_compiler() {
        return;
    }
    let [with, without] = differences("clippy-driver", "warnings.rs", &["--edition=2024"]);
    assert_eq!(with, [""; 0]);
    assert_eq!(
        without,
        [
            // What stands behind a `defer!` is a block of its own.
            "inner_function_never_used 2:5-2:18 clippy::items_after_statements adding items after statements is confusing, since items exist from the start of the scope",
            // The call stands in a closure.
            "recursion 0:1-0:19 unconditional_recursion function cannot return without recursing",
            // To a closure a parameter is a variable outside, which it cannot use up.
            "redundant_clone 2:21-2:29 clippy::redundant_clone redundant clone",
            "unused_import 2:5-2:18 clippy::items_after_statements adding items after statements is confusing, since items exist from the start of the scope",
            // A closure assigns to a variable outside, which others could read.
            "value_assigned_and_never_read 0:38-0:43 unused_variables variable `n` is assigned to, but never used",
            "value_assigned_and_never_read 3:5-3:10 unused_assignments value assigned to `n` is never read",
        ]
    );
}
