//! `let` chains: `if let … && let … { defer!(…) }`.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
fn variables_of_a_chain() {
    #[with_defer]
    fn f(log: &Log, a: Option<&str>, b: Result<i32, &str>) -> i32 {
        if let Some(text) = a
            && let Ok(mut n) = b
            && n > 1
        {
            let length = text.len();
            defer! {
                log.add(format_args!("{text}{n}{length}"));
            }
            n += 1;
            defer!(log.add(n));
            n += 1;
        }
        log.add("body");
        1
    }
    let log = Log::default();
    assert_eq!(f(&log, Some("ab"), Ok(5)), 1);
    assert_eq!(log.text(), "body 6 ab72");
    let log = Log::default();
    f(&log, Some("ab"), Ok(1));
    f(&log, None, Ok(5));
    f(&log, Some("ab"), Err("b"));
    assert_eq!(log.text(), "body body body");
}

#[test]
fn chain_in_a_while_loop_and_at_the_end() {
    #[with_defer]
    fn f(log: &Log, mut list: Vec<i32>) -> &'static str {
        let mut left = list.len();
        while let Some(n) = list.pop()
            && n > 0
        {
            left -= 1;
            defer! {
                log.add(n);
            }
        }
        defer!(log.add(left));
        if let [first, ..] = list[..]
            && first == 7
        {
            defer!(log.add("seven"));
            "seven"
        } else {
            defer!(log.add("other"));
            "other"
        }
    }
    let log = Log::default();
    assert_eq!(f(&log, vec![7, 0, 1, 2]), "seven");
    assert_eq!(log.text(), "seven 2 1 2");
    let log = Log::default();
    assert_eq!(f(&log, vec![]), "other");
    assert_eq!(log.text(), "other 0");
}

#[test]
fn chain_without_statements_in_it() {
    #[with_defer]
    fn f(log: &Log, a: Option<i32>, b: Option<i32>) -> i32 {
        defer!(log.add("deferred"));
        if let Some(a) = a
            && let Some(b) = b
        {
            return a + b;
        }
        0
    }
    let log = Log::default();
    assert_eq!((f(&log, Some(1), Some(2)), f(&log, Some(1), None)), (3, 0));
    assert_eq!(log.text(), "deferred deferred");
}
