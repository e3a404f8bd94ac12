//! Random programs, printed in Go and in Rust with `with_defer`, must do the same.

mod ast;
mod check;
mod generate;
mod go;
mod interpret;
mod random;
mod run;
mod rust;
mod shrink;

use std::fmt;
use std::io;
use std::path::Path;

use crate::ast::Program;
use crate::run::Outcome;

/// The result of a search.
#[derive(Debug)]
pub struct Report {
    /// Who said what the programs must do.
    pub oracle: &'static str,
    /// What Rust does otherwise.
    pub failures: Vec<Failure>,
}

/// A program that Rust runs otherwise, or rejects.
#[derive(Debug)]
pub struct Failure {
    program: Program,
    outcome: Outcome,
}

/// Compares `count` programs. Of those that fail alike the first is kept and made smaller.
///
/// # Errors
///
/// If `folder` cannot be written, or a program of the toolchain cannot be started.
pub fn search(folder: &Path, count: u64, seed: u64) -> io::Result<Report> {
    let programs: Vec<_> = (0..count).map(|i| generate::generate((seed << 32) + i)).collect();
    let (oracle, expected) = run::oracle(folder, &programs)?;
    let mut failures = Vec::new();
    let outcomes = run::run_rust(folder, &programs)?;
    for ((program, expected), outcome) in programs.into_iter().zip(expected).zip(outcomes) {
        if outcome != Outcome::Ran(expected) {
            failures.push(Failure { program, outcome });
        }
    }
    failures.sort_by_key(Failure::kind);
    failures.dedup_by_key(|failure| failure.kind());
    for failure in &mut failures {
        let (program, outcome) = shrink::shrink(folder, failure.program.clone(), failure.outcome.clone())?;
        *failure = Failure { program, outcome };
    }
    Ok(Report { oracle, failures })
}

impl Failure {
    /// The compiler's first line.
    fn kind(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Ran(_) => None,
            Outcome::Rejected(text) => text.lines().next().map(str::to_owned),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = interpret::run_and_cut(&self.program).expect("programs are short").join("\n");
        let got = match &self.outcome {
            Outcome::Ran(events) => events.join("\n"),
            Outcome::Rejected(text) => text.clone(),
        };
        beside(f, &go::print(&self.program, 0), &rust::print(&self.program))?;
        writeln!(f, "{}", "-".repeat(100))?;
        beside(f, &expected, &got)
    }
}

/// Two columns.
fn beside(f: &mut fmt::Formatter<'_>, left: &str, right: &str) -> fmt::Result {
    let width = left.lines().map(|line| line.chars().count()).max().unwrap_or(0).max(30);
    let (mut left, mut right) = (left.lines(), right.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ok(()),
            (l, r) => writeln!(f, "{:width$} | {}", l.unwrap_or(""), r.unwrap_or(""))?,
        }
    }
}
