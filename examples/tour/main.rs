//! Go's classics of `defer`, in Rust: `cargo run --example tour`.
//!
//! Shows each Go program beside what its Rust twin printed, and fails if that is not what Go prints. The twins are in
//! the files of this directory, one file a chapter; `cargo run --example tour -- NAME` runs one of them alone.
//!
//! The same programs in the form that `defer_keyword!` takes, `defer f(x);`, are in the directory `keyword`:
//! `cargo run --example tour -- keyword`, or `-- keyword NAME`.

mod keyword;
mod loops;
mod order;
mod panics;
mod results;
mod values;

use std::env;
use std::io::{self, IsTerminal};
use std::process::{Command, ExitCode};

struct Chapter {
    title: &'static str,
    classics: &'static [Classic],
}

struct Classic {
    name: &'static str,
    shows: &'static str,
    /// Functions, then what `main` does with them.
    go: &'static str,
    rust: fn(),
    /// The twin that says `defer f(x);`, in the directory `keyword`.
    keyword: fn(),
    prints: &'static str,
}

const CHAPTERS: [Chapter; 5] =
    [order::CHAPTER, values::CHAPTER, loops::CHAPTER, results::CHAPTER, panics::CHAPTER];

fn main() -> ExitCode {
    let classics = || CHAPTERS.iter().flat_map(|chapter| chapter.classics);
    let mut arguments = env::args().skip(1).peekable();
    let keyword = arguments.next_if_eq("keyword").is_some();
    if let Some(name) = arguments.next() {
        let Some(classic) = classics().find(|classic| classic.name == name) else {
            eprintln!("no program has this name; choose one of:");
            classics().for_each(|classic| eprintln!("  {:12}{}", classic.name, classic.shows));
            return ExitCode::from(2);
        };
        (if keyword { classic.keyword } else { classic.rust })();
        return ExitCode::SUCCESS;
    }

    let style = Style::of_terminal();
    let width = classics().flat_map(|classic| classic.go.lines()).map(str::len).max().unwrap_or(0);
    let directory = if keyword { "examples/tour/keyword" } else { "examples/tour" };
    println!("Left: Go. Right: what the same program in Rust printed. The Rust is in {directory}.\n");
    let mut right = 0;
    for chapter in &CHAPTERS {
        style.chapter(chapter.title);
        for classic in chapter.classics {
            let printed = run(classic.name, keyword);
            style.classic(classic, &printed, width);
            if printed == classic.prints {
                right += 1;
            } else {
                style.expected(classic.prints);
            }
        }
    }
    let all = classics().count();
    println!("{right} of {all} programs printed what their Go original prints");
    if right == all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a classic prints, as a process of its own.
fn run(name: &str, keyword: bool) -> String {
    let program = env::current_exe().expect("this program has a path");
    let arguments = keyword.then_some("keyword").into_iter().chain([name]);
    let output = Command::new(program).args(arguments).output().expect("this program can be run");
    let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        printed.push_str(&output.status.to_string());
    }
    printed
}

/// How the terminal shows things; nothing but text if it is a file.
struct Style {
    heading: &'static str,
    faint: &'static str,
    wrong: &'static str,
    plain: &'static str,
}

impl Style {
    fn of_terminal() -> Self {
        if io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none() {
            Self { heading: "\x1b[1m", faint: "\x1b[2m", wrong: "\x1b[31m", plain: "\x1b[m" }
        } else {
            Self { heading: "", faint: "", wrong: "", plain: "" }
        }
    }

    fn chapter(&self, title: &str) {
        let Self { heading, plain, .. } = self;
        println!("{heading}━━ {title} {:━<1$}{plain}\n", "", 76 - title.len());
    }

    fn classic(&self, classic: &Classic, printed: &str, width: usize) {
        let Self { heading, faint, plain, .. } = self;
        let Classic { name, shows, go, .. } = classic;
        println!("{heading}{name}{plain}: {shows}\n");
        let (mut go, mut printed) = (go.trim().lines(), printed.lines());
        loop {
            match (go.next(), printed.next()) {
                (None, None) => break,
                (Some(code), None) => println!("    {code:width$} {faint}│{plain}"),
                (code, Some(text)) => println!("    {:width$} {faint}│{plain} {text}", code.unwrap_or("")),
            }
        }
        println!();
    }

    fn expected(&self, prints: &str) {
        let Self { wrong, plain, .. } = self;
        println!("{wrong}It should have printed:{plain}\n{prints}");
    }
}
