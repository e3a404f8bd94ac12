//! `#[defer_scope]` on the block of a match arm, which needs no comma.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

// O015, C031
#[test]
fn match_arms() {
    #[with_defer]
    fn f(log: &Log, n: i32) -> i32 {
        let value = match n {
            0 =>
            #[defer_scope]
            {
                defer!(log.add("zero"));
                log.add("in0");
                10
            }
            1 => {
                defer!(log.add("function"));
                11
            }
            _ => 12,
        };
        log.add("after the match");
        value
    }
    let log = Log::default();
    assert_eq!([f(&log, 0), f(&log, 1), f(&log, 2)], [10, 11, 12]);
    assert_eq!(log.text(), "in0 zero after the match after the match function after the match");
}
