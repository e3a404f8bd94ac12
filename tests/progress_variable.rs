//! A variable that only deferred code reads is not "never read": rustc says nothing about it.

#![deny(warnings)]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use caught::caught;
use log::Log;
use with_defer::{defer, with_defer};

fn work(step: u8, fails_at: u8) {
    assert_ne!(step, fails_at, "while working");
}

#[test]
fn a_local_variable() {
    #[with_defer]
    fn f(fails_at: u8, log: &Log) {
        let mut step = 0;
        defer! { log.add(format!("reached {step}")) }
        step = 1;
        work(1, fails_at);
        step = 2;
        work(2, fails_at);
    }

    let log = Log::new();
    assert!(caught(|| f(1, &log)).to_string().contains("while working"));
    f(9, &log);
    assert_eq!(log.text(), "reached 1 reached 2");
}

#[test]
fn behind_a_reference() {
    #[with_defer]
    fn f(fails_at: u8, step: &mut u8, log: &Log) {
        defer! { log.add(format!("reached {step}")) }
        *step = 1;
        work(1, fails_at);
        *step = 2;
        work(2, fails_at);
    }

    let (log, mut step) = (Log::new(), 0);
    assert!(caught(|| f(1, &mut step, &log)).to_string().contains("while working"));
    f(9, &mut step, &log);
    assert_eq!(log.text(), "reached 1 reached 2");
}

#[test]
fn in_a_loop() {
    #[with_defer]
    fn f(fails_at: u8, log: &Log) {
        for turn in 0..2 {
            let mut step = 0;
            defer! { log.add(format!("reached {step}")) }
            work(turn, fails_at);
            step = turn + 1;
        }
    }

    let log = Log::new();
    assert!(caught(|| f(1, &log)).to_string().contains("while working"));
    assert_eq!(log.text(), "reached 0 reached 1");
}
