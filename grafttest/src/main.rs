//! Fetches crates, puts deferred statements into all their functions, and runs their unit tests.
//!
//! `cargo run -p grafttest -- [--mode MODE,…] [--seed N] [--cargo ARGUMENT]… CRATE[@VERSION]…`
//!
//! What the compiler does not accept is documented under "Limits": functions with such errors are counted and left
//! alone, and the rest is tried again. Any other error, a test that fails only with deferred statements, or a warning
//! that is there only with them, is a bug.

mod project;

use std::collections::BTreeSet;
use std::io;
use std::process::ExitCode;

use grafttest::Mode;
use project::{Project, Source, Workshop};

fn main() -> ExitCode {
    let mut modes = Vec::new();
    let mut seed = 1;
    let mut cargo = Vec::new();
    let mut crates = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| usage(&argument));
        match argument.as_str() {
            "--mode" => modes.extend(value().split(',').map(|name| mode(name))),
            "--seed" => seed = value().parse().unwrap_or_else(|_| usage("--seed")),
            "--cargo" => cargo.push(value()),
            name if name.starts_with('-') => usage(name),
            _ => crates.push(argument),
        }
    }
    if modes.is_empty() {
        modes.extend(Mode::ALL);
    }
    if cargo.is_empty() {
        cargo.push("--lib".to_owned());
    }
    let workshop = Workshop::new(cargo);
    let mut bugs = 0;
    for name in &crates {
        bugs += workshop
            .fetch(name)
            .and_then(|source| check(&workshop, &source, &modes, seed))
            .unwrap_or_else(|error| {
                println!("{name}: {error}");
                1
            });
    }
    if bugs == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn mode(name: &str) -> (&'static str, Mode) {
    Mode::ALL.into_iter().find(|(known, _)| *known == name).unwrap_or_else(|| usage(name))
}

fn usage(wrong: &str) -> ! {
    let modes = Mode::ALL.map(|(name, _)| name).join(",");
    eprintln!(
        "unexpected: {wrong}\nusage: grafttest [--mode {modes}] [--seed N] [--cargo ARGUMENT]… CRATE[@VERSION]…"
    );
    std::process::exit(2);
}

/// Runs a crate as it is, and in each mode. Says how many bugs were found.
fn check(workshop: &Workshop, source: &Source, modes: &[(&str, Mode)], seed: u64) -> io::Result<usize> {
    let plain = Project::copy(workshop, source, "plain")?;
    let before = plain.build()?;
    if let Some(error) = before.errors.first() {
        println!("{} does not compile as it is: {error}", source.name);
        return Ok(0);
    }
    let tests = plain.test(&before)?;
    println!("{}: {tests}", source.name);
    plain.remove()?;
    let mut bugs = 0;
    for (name, mode) in modes {
        let mut project = Project::copy(workshop, source, name)?;
        let (mut without, mut documented, mut found) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (build, functions) = loop {
            let functions = project.graft(*mode, seed, &without)?;
            let build = project.build()?;
            let known = without.len();
            for error in &build.errors {
                without.extend(error.functions.iter().cloned());
                if error.is_documented() {
                    documented.extend(error.functions.iter().cloned());
                } else {
                    found.insert(error.to_string());
                }
            }
            if build.errors.is_empty() || without.len() == known {
                break (build, functions);
            }
        };
        for (lint, count) in &build.warnings {
            let count = count.saturating_sub(before.warnings.get(lint).copied().unwrap_or_default());
            if count > 0 {
                found.insert(format!("{count} more warnings: {lint}"));
            }
        }
        print!("    {name}: {functions} functions, {} more with documented errors; ", documented.len());
        if build.errors.is_empty() {
            let grafted = project.test(&build)?;
            println!("{grafted}");
            bugs += usize::from(grafted != tests);
        } else {
            println!("does not compile");
        }
        bugs += found.len();
        for found in &found {
            println!("        {found}");
        }
        project.remove()?;
    }
    Ok(bugs)
}
