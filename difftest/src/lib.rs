//! Random programs, printed in Go and in Rust with `with_defer`, must do the same.
//!
//! A program is a few functions of a small language (`ast`), made from a seed (`generate`). Its trace, what it prints, ends
//! with what the first function returns, and with the number of values that nobody has dropped. Rust runs it
//!
//! - as functions, whose trace must be Go's;
//! - as async functions that are polled to the end, whose trace must be the same;
//! - as async functions whose future is dropped after some polls, once for each number of polls or about a dozen of them,
//!   every other time by a panic. Go has nothing like that: the trace must be the interpreter's.
//!
//! The interpreter (`interpret`) is written from the rules, not from the crate, and must do what Go does too. It is the only
//! oracle where there is no `go`. `check` says what both languages accept, and `moves` where Rust lets a value move. A
//! program that fails is made smaller (`shrink`), and shown beside its twin.

mod ast;
mod check;
mod frame;
mod generate;
mod go;
mod interpret;
mod moves;
mod random;
mod run;
mod rust;
mod shrink;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;

use crate::ast::Program;
use crate::run::{Expected, Outcome};

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

/// Compares the programs of `seed` with these numbers, every so many of them with its async twin too. Of those that fail alike the first is kept and made smaller.
///
/// # Errors
///
/// If `folder` cannot be written, or a program of the toolchain cannot be started.
pub fn search(folder: &Path, seed: u64, numbers: Range<u64>, twins: u64) -> io::Result<Report> {
    let program = |i| Program { has_twin: i % twins == 0, ..generate::generate((seed << 32) + i) };
    let programs: Vec<_> = numbers.map(program).collect();
    let (oracle, expected) = run::oracle(folder, &programs)?;
    let mut failures = Vec::new();
    let outcomes = run::run_rust(folder, &programs)?;
    for ((program, expected), outcome) in programs.into_iter().zip(expected).zip(outcomes) {
        if outcome != Outcome::Ran(expected.lines(&program)) {
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

/// What the programs of `seed` with these numbers try: how many of them do that when they run to their end, or when
/// their futures are dropped.
#[must_use]
pub fn tried(seed: u64, numbers: Range<u64>) -> BTreeMap<String, usize> {
    let programs = numbers.map(|i| generate::generate((seed << 32) + i));
    let mut tried = BTreeMap::new();
    for note in programs.filter_map(|program| Expected::new(&program)).flat_map(|expected| expected.notes) {
        *tried.entry(note).or_default() += 1;
    }
    tried
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
        let expected = Expected::new(&self.program).expect("programs are short");
        let (expected, got) = match &self.outcome {
            Outcome::Ran(events) => section(&expected.lines(&self.program), events),
            Outcome::Rejected(text) => (expected.events.join("\n"), text.clone()),
        };
        beside(f, &go::print(&self.program, 0), &rust::print(&self.program))?;
        writeln!(f, "{}", "-".repeat(100))?;
        beside(f, &expected, &got)
    }
}

/// The first run that differs.
fn section(expected: &[String], got: &[String]) -> (String, String) {
    let is_title = |line: &&String| *line == "async" || line.starts_with("dropped after");
    let first = expected.iter().zip(got).position(|(a, b)| a != b).unwrap_or(expected.len().min(got.len()));
    let start = expected[..first].iter().rposition(|line| is_title(&line)).unwrap_or(0);
    let run = |lines: &[String]| {
        let rest = lines.get(start + 1..).unwrap_or_default();
        let end = rest.iter().position(|line| is_title(&line)).map_or(lines.len(), |end| start + 1 + end);
        lines[start..end].join("\n")
    };
    (run(expected), run(got))
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
