//! Items of an inner block are visible in what is deferred there.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
fn constants_functions_and_imports() {
    #[with_defer]
    fn f(log: &Log) {
        for i in 0..2 {
            const STEP: i32 = 5;
            fn twice(n: i32) -> i32 {
                n * 2
            }
            use std::cmp::max as larger;
            defer! {
                log.add(larger(twice(i) + STEP, 6));
            }
            log.add(twice(i));
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "0 2 7 6");
}

#[test]
fn types_and_their_methods() {
    #[with_defer]
    fn f(log: &Log, condition: bool) {
        if condition {
            struct Local(i32);
            impl Local {
                fn shown(&self) -> String {
                    format!("local{}", self.0)
                }
            }
            let mut local = Local(1);
            defer! {
                log.add(local.shown());
                log.add(Local(9).shown());
            }
            local.0 += 1;
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log, true);
    assert_eq!(log.text(), "body local2 local9");
}

#[test]
fn macros() {
    #[with_defer]
    fn f(log: &Log, condition: bool) {
        if condition {
            macro_rules! twice {
                ($n:expr) => {
                    $n * 2
                };
            }
            let n = twice!(5);
            defer! {
                log.add(twice!(n));
            }
            defer!(log.add(twice!(n + 1)));
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log, true);
    assert_eq!(log.text(), "body 22 20");
}

#[test]
fn function_of_the_deferred_block_named_like_a_variable() {
    #[with_defer]
    fn f(log: &Log, condition: bool) {
        if condition {
            let moved = String::from("moved");
            defer! {
                fn moved(n: i32) -> i32 {
                    n + 1
                }
                log.add(moved(7));
            }
            log.add(moved + "!");
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log, true);
    assert_eq!(log.text(), "moved! body 8");
}

/// They are there only where the block is.
#[test]
fn items_of_a_block_with_a_cfg() {
    #[with_defer]
    fn f(log: &Log, n: u8) {
        #[cfg(any())]
        {
            use nowhere::Helper;
            defer!(Helper::help(n));
        }
        if n > 0 {
            #[cfg(not(all()))]
            {
                use nowhere::helper;
                defer! {
                    helper(n);
                }
            }
            #[cfg(test)]
            {
                fn twice(n: u8) -> u8 {
                    n * 2
                }
                defer! {
                    log.add(twice(n));
                }
            }
        }
        match n {
            #[cfg(any())]
            9 => {
                use nowhere::ninth;
                defer!(ninth(n));
            }
            _ => log.add("body"),
        }
    }
    let log = Log::default();
    f(&log, 2);
    assert_eq!(log.text(), "body 4");
}

#[test]
fn a_macro_that_deferred_code_does_not_name_stays_in_its_loop() {
    #[with_defer]
    fn f(log: &Log) {
        'turns: for i in 0..3 {
            macro_rules! next_turn {
                () => {
                    continue 'turns
                };
            }
            if i == 1 {
                defer!(log.add("deferred"));
                next_turn!();
            }
            log.add(i);
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "0 2 deferred");
}
