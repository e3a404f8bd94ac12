//! The functions do what they do with `std`.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use with_defer_test_no_std_bare::{
    CloseError, Device, Error, Log, asynchronous, closure, fallible, keyword, named, nested, order, scoped,
};

#[test]
fn deferred_statements_run_last_in_first_out() {
    let log = Log::default();
    assert_eq!(order(&log, 1, false), 3);
    assert_eq!(log.take(), 921);
    assert_eq!(order(&log, 1, true), 2);
    assert_eq!(log.take(), 21);
}

#[test]
fn failure_and_success_are_told_apart() {
    let log = Log::default();
    assert_eq!(fallible(&log, Ok(7), true), Ok(7));
    assert_eq!(log.take(), 452);
    assert_eq!(fallible(&log, Err(Error::Asked), false), Err(Error::Asked));
    assert_eq!(log.take(), 51);
    assert_eq!(fallible(&log, Ok(7), false), Err(Error::Close(CloseError(5))));
    assert_eq!(log.take(), 451);
}

#[test]
fn the_result_has_a_name() {
    assert_eq!(named(3), 13);
}

#[test]
fn statements_in_branches_and_blocks_run_at_the_end() {
    let log = Log::default();
    for (n, expected) in [(0, 90), (1, 901), (2, 921)] {
        nested(&log, n);
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn a_scope_runs_its_statements_each_turn() {
    let log = Log::default();
    scoped(&log);
    assert_eq!(log.take(), 10030);
}

#[test]
fn closures_impls_and_the_keyword_work() {
    let log = Log::default();
    assert_eq!(closure(&log), 127);
    Device(&log).send(4);
    assert_eq!(log.take(), 40);
    keyword(&log);
    assert_eq!(log.take(), 12);
}

#[test]
fn async_functions_work() {
    let log = Log::default();
    let poll = pin!(asynchronous(&log)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Ready(3));
    assert_eq!(log.take(), 12);
}
