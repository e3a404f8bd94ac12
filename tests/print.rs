//! The print macros in call form: formatted at the statement, written at the exit.

mod common;

use std::fmt;
use std::process::Command;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

/// Says when it is formatted.
struct Noisy<'a>(&'a Log, &'static str);

impl fmt::Display for Noisy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.add(self.1);
        f.write_str(self.1)
    }
}

#[test]
fn text_is_formatted_now() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(print!("{}", Noisy(log, "print")));
        defer!(println!("{}", Noisy(log, "println")));
        defer!(eprint!("{}", Noisy(log, "eprint")));
        defer!(eprintln!("{}", Noisy(log, "eprintln")));
        log.add("body");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "print println eprint eprintln body");
}

#[test]
fn text_is_formatted_at_exit_in_block_form() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            println!("{}", Noisy(log, "println"));
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "body println");
}

#[test]
fn argument_that_panics_defers_nothing() {
    #[with_defer]
    fn f(log: &Log, nil: Option<i32>) {
        defer!(log.add("earlier"));
        defer!(println!("{}", nil.expect("nothing")));
        log.add("body");
    }
    let log = Log::default();
    assert_eq!(panic_message(|| f(&log, None)), "nothing");
    assert_eq!(log.text(), "earlier");
}

#[with_defer]
fn program() {
    let mut n = 1;
    let mut name = String::from("a");
    defer!(print!("p{n}\n"));
    defer!(println!("{n}:{name:>3}"));
    defer!(println!("{0}-{0}-{last}", n, last = name));
    defer!(std::println!("{{}} {}%", n));
    defer!(println!());
    defer!(println!("plain"));
    defer!(println!("{{}}"));
    defer!(eprint!("error{n} "));
    defer!(eprintln!("ERROR{n}"));
    defer! {
        println!("live {n}");
    }
    n += 1;
    name.push('b');
    println!("body {n}{name}");
}

#[test]
fn text_is_written_at_exit() {
    const VARIABLE: &str = "WITH_DEFER_PRINT";
    if std::env::var_os(VARIABLE).is_some() {
        program();
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "text_is_written_at_exit", "--nocapture", "--quiet"])
        .env(VARIABLE, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = stdout.lines().skip_while(|line| !line.starts_with("body")).take(9).collect();
    assert_eq!(lines, ["body 2ab", "live 2", "{}", "plain", "", "{} 1%", "1-1-a", "1:  a", "p1"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("ERROR1\nerror1 "), "{stderr}");
}
