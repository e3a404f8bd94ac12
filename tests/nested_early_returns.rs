//! What stands outside of an inner block may be returned from it, though the block has a variable that deferred code names.

#![deny(warnings)]

mod common;

use std::io;
use std::sync::Mutex;

use common::Log;
use with_defer::{defer, recover, with_defer};

#[test]
fn outer_variable_returned_from_a_loop() {
    #[with_defer]
    fn f(log: &Log, numbers: &[u32]) -> Vec<u32> {
        let mut seen = vec![];
        for &number in numbers {
            let kept = number;
            defer! {
                log.add(kept);
            }
            if kept == 0 {
                return seen;
            }
            seen.push(kept);
        }
        seen
    }
    let log = Log::default();
    assert_eq!(f(&log, &[1, 2, 0, 3]), [1, 2]);
    assert_eq!(log.text(), "0 2 1");
}

#[test]
fn value_without_a_default_returned_from_a_loop() {
    #[with_defer]
    fn f(log: &Log, numbers: &[u32], error: io::Error) -> io::Result<u32> {
        for number in numbers {
            let kept = *number;
            defer! {
                log.add(kept);
            }
            if kept == 0 {
                return Err(error);
            }
        }
        Ok(1)
    }
    let log = Log::default();
    assert_eq!(f(&log, &[1, 0], io::ErrorKind::NotFound.into()).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(f(&log, &[1], io::ErrorKind::NotFound.into()).unwrap(), 1);
    assert_eq!(log.text(), "0 1 1");
}

#[test]
fn outer_variable_broken_out_of_a_loop() {
    #[with_defer]
    fn f(log: &Log, numbers: &[u32]) -> String {
        let text = String::from("text");
        'found: {
            for number in numbers {
                let kept = *number;
                defer! {
                    log.add(kept);
                }
                if kept == 0 {
                    break 'found text;
                }
            }
            String::new()
        }
    }
    let log = Log::default();
    assert_eq!(f(&log, &[1, 0]), "text");
    assert_eq!(log.text(), "0 1");
}

#[test]
fn inner_variable_returned_from_a_loop() {
    #[with_defer]
    fn f(log: &Log, numbers: &[u32]) -> Option<u32> {
        for &number in numbers {
            let kept = number + 1;
            defer! {
                log.add(kept);
            }
            let double = kept * 2;
            if double > 4 {
                return Some(double);
            }
        }
        None
    }
    let log = Log::default();
    assert_eq!(f(&log, &[1, 2, 3]), Some(6));
    assert_eq!(log.text(), "3 2");
}

#[test]
fn the_mut_of_a_variable_that_only_deferred_code_changes_is_used() {
    #[with_defer]
    fn f(log: &Log, locks: &[Mutex<Vec<i32>>]) {
        for lock in locks {
            let mut list = lock.lock().unwrap();
            defer!(list.push(1));
        }
        for mut number in 0..2 {
            defer! {
                number += 1;
                log.add(number);
            }
        }
        if let Some(mut list) = Some(vec![1]) {
            defer! {
                list.push(2);
                log.add(list.len());
            }
            log.add(list.len());
        }
    }
    let log = Log::default();
    let locks = [Mutex::new(vec![])];
    f(&log, &locks);
    assert_eq!(log.text(), "1 2 2 1");
    assert_eq!(*locks[0].lock().unwrap(), [1]);
}

#[test]
fn a_panic_recovered_in_a_deferred_block_that_may_fail() {
    #[with_defer]
    fn f(log: &Log, panics: bool) -> Result<(), String> {
        defer! {
            defer! {
                log.add(recover!().is_some());
            }
            assert!(!panics, "in deferred code");
            Err("late")?;
        }
        Ok(())
    }
    let log = Log::default();
    assert_eq!(f(&log, false), Err("late".to_owned()));
    assert_eq!(f(&log, true), Ok(()));
    assert_eq!(log.text(), "false true");
}

#[test]
fn a_deferred_closure_that_never_ends() {
    #[with_defer]
    fn f(log: &Log) {
        defer!((|text: &str| {
            defer! {
                if let Some(panic) = recover!() {
                    log.add(panic);
                    return;
                }
                log.add("not reached");
            }
            panic!("{text}");
        })("deferred"));
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "deferred");
}

#[test]
fn a_name_that_code_deferred_in_deferred_code_declares() {
    #[with_defer]
    fn f(log: &Log, given: Option<String>) -> Option<String> {
        if let Some(text) = given {
            defer! {
                defer! {
                    let text = 1;
                    log.add(text);
                }
            }
            return Some(text);
        }
        None
    }
    let log = Log::default();
    assert_eq!(f(&log, Some("given".to_owned())), Some("given".to_owned()));
    assert_eq!(log.text(), "1");
}
