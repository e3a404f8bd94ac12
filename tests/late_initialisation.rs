//! `let x;` before a nested statement, assigned behind it or in the same block.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
#[allow(clippy::needless_late_init, reason = "the point")]
fn assigned_in_the_branch_that_defers() {
    #[with_defer]
    fn f(log: &Log, condition: bool) -> i32 {
        let total;
        if condition {
            defer!(log.add("then"));
            total = 1;
        } else {
            defer!(log.add("else"));
            total = 2;
        }
        total
    }
    let log = Log::default();
    assert_eq!((f(&log, true), f(&log, false)), (1, 2));
    assert_eq!(log.text(), "then else");
}

#[test]
#[allow(clippy::needless_late_init, reason = "the point")]
fn assigned_behind_the_branch_that_defers() {
    #[with_defer]
    fn f(log: &Log, condition: bool) -> usize {
        let total;
        let list: Vec<i32>;
        if condition {
            defer!(log.add("then"));
        }
        list = vec![1];
        total = list.len();
        total
    }
    let log = Log::default();
    assert_eq!((f(&log, true), f(&log, false)), (1, 1));
    assert_eq!(log.text(), "then");
}
