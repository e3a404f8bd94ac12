//! Deferred statements that are never reached compile, and never run.
#![allow(clippy::reversed_empty_ranges, clippy::single_match, clippy::never_loop, reason = "the point")]

mod common;

use common::Log;
use with_defer::{defer, with_defer};

// G047
#[test]
fn dead_defers_compile() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        if false {
            defer!(log.add("false constant"));
        }
        while false {
            defer!(log.add("while false"));
        }
        for i in 0..0 {
            defer!(log.add(i));
        }
        if cfg!(any()) {
            defer!(log.add("other system"));
        }
        match 1 {
            2 => {
                defer!(log.add("no such case"));
            }
            _ => {}
        }
        log.add("body");
        7
    }
    let log = Log::default();
    assert_eq!(f(&log), 7);
    assert_eq!(log.text(), "body");
}

// G047
#[test]
#[expect(unreachable_code, reason = "the point")]
fn dead_defers_behind_a_return() {
    #[with_defer]
    fn with_a_value(log: &Log) -> i32 {
        log.add("body");
        return 1;
        defer!(log.add("meow"));
    }
    #[with_defer]
    fn in_front_of_a_value(log: &Log) -> i32 {
        log.add("body");
        return 2;
        defer!(log.add("meow"));
        3
    }
    #[with_defer]
    fn behind_a_panic(log: &Log, stop: bool) -> String {
        let _: &Log = log;
        if stop {
            return String::from("stopped");
        }
        panic!("no way");
        defer!(log.add("meow"));
    }
    #[with_defer]
    fn behind_a_loop(log: &Log) -> i32 {
        let _: &Log = log;
        loop {
            return 4;
        }
        defer! {
            log.add("meow");
        }
    }
    #[with_defer]
    fn in_a_branch(log: &Log, condition: bool) -> i32 {
        if condition {
            return 5;
            defer!(log.add("meow"));
        }
        6
    }
    let log = Log::default();
    assert_eq!((with_a_value(&log), in_front_of_a_value(&log), behind_a_loop(&log)), (1, 2, 4));
    assert_eq!(behind_a_panic(&log, true), "stopped");
    assert_eq!((in_a_branch(&log, true), in_a_branch(&log, false)), (5, 6));
    assert_eq!(log.text(), "body body");
}
