//! Builds and runs many programs at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::ast::Program;
use crate::interpret::Trace;
use crate::{go, interpret, rust};

/// What one side makes of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The lines that it printed.
    Ran(Vec<String>),
    /// The compiler's words.
    Rejected(String),
}

/// What a program must do: as a function, as an async one, and when its future is dropped half-way.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// What the function does.
    pub(crate) events: Vec<String>,
    /// After how many polls the future is dropped, and what it has done then.
    pub(crate) dropped: Vec<(usize, Vec<String>)>,
    /// What it has tried.
    pub(crate) notes: BTreeSet<String>,
}

/// At most about so many.
const DROPS: usize = 12;

impl Expected {
    /// What the interpreter says, or nothing if that is too long.
    pub(crate) fn new(program: &Program) -> Option<Self> {
        let Trace { events, pauses, mut notes } = interpret::run(program)?;
        let mut dropped = Vec::new();
        for polls in (0..=pauses).step_by(1 + pauses / DROPS) {
            let mut trace = interpret::cancel(program, polls)?;
            notes.append(&mut trace.notes);
            dropped.push((polls, trace.events));
        }
        Some(Self { events, dropped, notes })
    }

    pub(crate) fn polls(&self) -> Vec<usize> {
        self.dropped.iter().map(|(polls, _)| *polls).collect()
    }

    /// All lines that the Rust program prints.
    pub(crate) fn lines(&self, program: &Program) -> Vec<String> {
        let mut lines = self.events.clone();
        if !program.has_twin {
            return lines;
        }
        lines.push("async".to_owned());
        lines.extend_from_slice(&self.events);
        for (polls, events) in &self.dropped {
            lines.push(format!("dropped after {polls}"));
            lines.extend_from_slice(events);
        }
        lines
    }
}

/// What the programs must do, and who says so.
pub(crate) fn oracle(folder: &Path, programs: &[Program]) -> io::Result<(&'static str, Vec<Expected>)> {
    let expected: Vec<_> = programs.iter().map(|p| Expected::new(p).expect("programs are short")).collect();
    let Some(theirs) = run_go(folder, programs)? else {
        return Ok(("the interpreter, because there is no go", expected));
    };
    for (i, (ours, theirs)) in expected.iter().zip(&theirs).enumerate() {
        assert_eq!(&ours.events, theirs, "the interpreter differs from Go:\n{}", go::print(&programs[i], i));
    }
    Ok(("go, and for dropped futures the interpreter", expected))
}

/// What Go prints for each; nothing where there is no Go.
fn run_go(folder: &Path, programs: &[Program]) -> io::Result<Option<Vec<Vec<String>>>> {
    if Command::new("go").arg("version").output().is_err() {
        return Ok(None);
    }
    let folder = fresh(folder, "go")?;
    fs::write(folder.join("go.mod"), "module difftest\n\ngo 1.18\n")?;
    fs::write(folder.join("support.go"), go::SUPPORT)?;
    let mut main = "package main\n\nfunc main() {\n".to_owned();
    for (i, program) in programs.iter().enumerate() {
        fs::write(
            folder.join(format!("p{i}.go")),
            format!("package main\n\nimport \"fmt\"\n\nvar _ = fmt.Println\n\n{}", go::print(program, i)),
        )?;
        let entry = go::entry(program, i);
        _ = writeln!(main, "\trun({i}, func() (int64, error) {{ return {entry} }})");
    }
    fs::write(folder.join("main.go"), main + "}\n")?;
    let build = Command::new("go").args(["build", "-o", "programs", "."]).current_dir(&folder).output()?;
    assert!(build.status.success(), "Go rejects a program:\n{}", String::from_utf8_lossy(&build.stderr));
    let ran = Command::new(folder.join("programs")).output()?;
    let mut traces = split(&String::from_utf8_lossy(&ran.stdout));
    Ok(Some((0..programs.len()).map(|i| traces.remove(&i).unwrap_or_default()).collect()))
}

/// A package with a module for each program.
fn write_rust(folder: &Path, programs: &[Program]) -> io::Result<PathBuf> {
    let folder = fresh(folder, "rust")?;
    let with_defer = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"programs\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             with_defer = {{ path = '{}' }}\n\n[profile.dev]\ndebug = false\nincremental = false\n\
             overflow-checks = false\n",
            with_defer.display()
        ),
    )?;
    fs::copy(with_defer.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/support.rs"), rust::SUPPORT)?;
    for (i, program) in programs.iter().enumerate() {
        fs::write(
            folder.join(format!("src/p{i}.rs")),
            format!("use crate::support::*;\n\n{}", rust::print(program)),
        )?;
    }
    Ok(folder)
}

/// What Rust makes of each.
pub(crate) fn run_rust(folder: &Path, programs: &[Program]) -> io::Result<Vec<Outcome>> {
    let folder = write_rust(folder, programs)?;
    let mut rejected = BTreeMap::new();
    loop {
        let more = compile(&folder, "rustc", &FLAGS, programs, &rejected)?;
        if more.is_empty() {
            break;
        }
        rejected.extend(more);
    }
    let ran = Command::new(folder.join("target/debug/programs")).output()?;
    let mut traces = split(&String::from_utf8_lossy(&ran.stdout));
    Ok((0..programs.len())
        .map(|i| match rejected.remove(&i) {
            Some(text) => Outcome::Rejected(text),
            None => Outcome::Ran(traces.remove(&i).unwrap_or_default()),
        })
        .collect())
}

/// Which the Rust compiler rejects; all others count as run.
pub(crate) fn check_rust(folder: &Path, programs: &[Program]) -> io::Result<Vec<Outcome>> {
    let folder = write_rust(folder, programs)?;
    let mut rejected = compile(&folder, "check", &[], programs, &BTreeMap::new())?;
    let outcome = |i| rejected.remove(&i).map_or(Outcome::Ran(Vec::new()), Outcome::Rejected);
    Ok((0..programs.len()).map(outcome).collect())
}

/// Inlining in debug builds takes a quarter of the time.
const FLAGS: [&str; 2] = ["--", "-Cno-prepopulate-passes"];

/// The errors in programs other than those `rejected` before.
fn compile(
    folder: &Path,
    verb: &str,
    flags: &[&str],
    programs: &[Program],
    rejected: &BTreeMap<usize, String>,
) -> io::Result<BTreeMap<usize, String>> {
    let mut main = "#![allow(warnings)]\n#![recursion_limit = \"1024\"]\nmod support;\n".to_owned();
    let accepted = || (0..programs.len()).filter(|i| !rejected.contains_key(i));
    for i in accepted() {
        _ = writeln!(main, "mod p{i};");
    }
    main += "\nfn main() {\n    std::panic::set_hook(Box::new(|_| {}));\n";
    for i in accepted() {
        let polls = Expected::new(&programs[i]).expect("programs are short").polls();
        _ = writeln!(main, "    {}", rust::entry(&programs[i], i, &polls));
    }
    fs::write(folder.join("src/main.rs"), main + "}\n")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .args([verb, "--quiet", "--offline", "--target-dir", "target"])
        .args(flags)
        .env_remove("CARGO_TARGET_DIR")
        .env("RUSTFLAGS", "")
        .current_dir(folder)
        .output()?;
    let text = String::from_utf8_lossy(&done.stderr);
    let errors = errors(&text);
    assert!(done.status.success() || !errors.is_empty(), "cargo fails:\n{text}");
    Ok(errors)
}

/// A folder of that name whose programs are gone; what was built besides them stays.
fn fresh(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let folder = folder.join(name);
    for part in [folder.clone(), folder.join("src")] {
        for entry in fs::read_dir(part).into_iter().flatten() {
            let path = entry?.path();
            if path.is_file() {
                fs::remove_file(path)?;
            }
        }
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The lines of each program.
fn split(text: &str) -> BTreeMap<usize, Vec<String>> {
    let mut traces = BTreeMap::<usize, Vec<String>>::new();
    let mut current = usize::MAX;
    for line in text.lines() {
        match line.strip_prefix("program ").and_then(|n| n.parse().ok()) {
            Some(n) => {
                current = n;
                traces.insert(n, Vec::new());
            }
            None => traces.entry(current).or_default().push(line.to_owned()),
        }
    }
    traces
}

/// The first error of each file `p1.rs`.
fn errors(text: &str) -> BTreeMap<usize, String> {
    let mut errors = BTreeMap::new();
    for message in text.split("\n\n") {
        let place = message.lines().find_map(|line| line.trim_start().strip_prefix("--> src/p"));
        let number = place.and_then(|place| place.split('.').next()?.parse().ok());
        if let (true, Some(number)) = (message.starts_with("error"), number) {
            errors.entry(number).or_insert_with(|| message.to_owned());
        }
    }
    errors
}
