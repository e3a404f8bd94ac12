//! Everything works under the other name.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use with_defer_test_renamed::{
    Device, Log, asynchronous, everything, keyword, keyword_with_result, recovered, stack,
};

#[test]
fn every_statement_works() {
    let log = Log::default();
    assert_eq!(everything(&log, false), Ok(()));
    assert_eq!(log.take(), "2 3 closure close branch 1 0 outer inner success");
    assert_eq!(everything(&log, true), Err("failed".to_owned()));
    assert_eq!(log.take(), "2 3 closure close branch 1 0 outer inner failure");
}

#[test]
fn a_panic_is_recovered() {
    assert_eq!(recovered().unwrap().message(), Some("stopped"));
}

#[test]
fn async_functions_work() {
    let log = Log::default();
    let poll = pin!(asynchronous(&log)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Ready(()));
    assert_eq!(log.take(), "body deferred");
}

#[test]
fn an_impl_hands_the_path_to_its_functions() {
    let log = Log::default();
    Device(&log).send();
    assert_eq!(log.take(), "send sent");
    assert_eq!(Device(&log).count(), 2);
}

#[test]
fn the_keyword_finds_the_crate_by_itself() {
    let log = Log::default();
    keyword(&log);
    assert_eq!(log.take(), "end 1 0");
    assert_eq!(keyword_with_result(), 2);
}

#[test]
fn a_stack_works() {
    let mut log = Vec::new();
    stack(&mut log);
    assert_eq!(log, [1]);
}
