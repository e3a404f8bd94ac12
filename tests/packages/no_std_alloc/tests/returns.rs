//! The functions do what they do with `std`, as long as they return.

use with_defer_test_no_std_alloc::{Log, looped, stack};

#[test]
fn statements_in_loops_run_last_in_first_out() {
    let log = Log::default();
    assert_eq!(looped(&log, 6), Ok(()));
    assert_eq!(
        log.take(),
        ["end", "5", "close 5", "close 4", "3", "close 3", "close 2", "1", "close 1", "close 0"]
    );
}

#[test]
fn statements_in_loops_run_on_an_early_return() {
    let log = Log::default();
    assert_eq!(looped(&log, 20), Err("eleven".to_owned()));
    let entries = log.take();
    assert_eq!(entries.len(), 17);
    assert_eq!(entries[..3], ["close 10", "9", "close 9"]);
    assert_eq!(entries[14..], ["close 1", "close 0", "failed"]);
}

#[test]
fn a_stack_runs_what_helpers_added() {
    let mut numbers = Vec::new();
    stack(&mut numbers);
    assert_eq!(numbers, [1, 1, 5]);
}
