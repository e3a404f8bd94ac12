//! A generic function as the callee in an inner block, with what only exists at exit as its argument.

mod common;

use std::fmt::Display;
use std::fs::{remove_file, write};

use common::Log;
use with_defer::{defer, with_defer};

#[test]
fn reference_to_an_inner_variable() {
    fn show(log: &Log, value: impl Display) {
        log.add(value);
    }
    #[with_defer]
    fn f(log: &Log) {
        for i in 0..2 {
            let mut text = format!("t{i}");
            defer!(show(log, &text));
            text.push('!');
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "body t1! t0!");
}

#[test]
fn file_of_each_turn_is_removed() {
    #[with_defer]
    fn f(names: &[&str]) -> std::io::Result<usize> {
        let mut seen = 0;
        for name in names {
            let path = std::env::temp_dir().join(format!("with_defer_{name}_{}", std::process::id()));
            write(&path, "text")?;
            defer!(remove_file(&path)?);
            seen += usize::from(path.exists());
        }
        for name in names {
            let path = std::env::temp_dir().join(format!("with_defer_{name}_{}", std::process::id()));
            seen += usize::from(path.exists());
        }
        Ok(seen)
    }
    assert_eq!(f(&["callee_a", "callee_b"]).unwrap(), 4);
    let path = std::env::temp_dir().join(format!("with_defer_callee_a_{}", std::process::id()));
    assert!(!path.exists());
}

#[test]
fn closure_that_uses_an_inner_variable() {
    fn run(f: impl FnOnce() -> i32, log: &Log) {
        log.add(f());
    }
    #[with_defer]
    fn f(log: &Log) {
        let mut outer = 0;
        for i in 1..3 {
            let mut inner = i;
            defer!(run(|| outer + inner, log));
            defer!(run(move || inner, log));
            inner *= 10;
            outer += inner;
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "2 50 1 40");
}

#[test]
fn function_that_is_generic_over_a_reference_to_an_outer_variable() {
    fn show(log: &Log, value: impl Display) {
        log.add(value);
    }
    #[with_defer]
    fn f(log: &Log) {
        let mut text = String::from("t");
        for _ in 0..2 {
            defer!(show(log, &text));
            text.push('!');
        }
        text.push('.');
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "t!!. t!!.");
}
