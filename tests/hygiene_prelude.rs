//! Without a prelude, and beside items that have the names of ours.
#![no_implicit_prelude]
#![allow(non_camel_case_types, dead_code, reason = "names that must not be picked up")]

use ::std::assert_eq;
use ::std::string::ToString as _;

/// Nothing is in scope but the macros, and nothing is needed.
mod nothing_in_scope {
    use ::std::iter::Iterator as _;
    use ::with_defer::{defer, defer_on_failure, defer_on_success, recover, with_defer};

    type Log = ::std::cell::RefCell<::std::string::String>;

    fn add(log: &Log, entry: &str) {
        log.borrow_mut().push_str(entry);
    }

    #[with_defer]
    pub(super) fn direct(log: &Log) -> i32 {
        defer!(add(log, "call "));
        defer! {
            add(log, "block ");
        }
        add(log, "body ");
        1
    }

    #[with_defer]
    pub(super) fn nested(log: &Log, turns: i32) -> i32 {
        for turn in 0..turns {
            let text = if turn == 0 { "first " } else { "other " };
            defer!(add(log, text));
            if turn == 1 {
                defer! {
                    add(log, "second ");
                }
            }
        }
        #[defer_scope]
        {
            defer!(add(log, "scope "));
        }
        add(log, "body ");
        turns
    }

    #[with_defer(result = ::std::result::Result::Ok(0))]
    pub(super) fn results(log: &Log, fail: bool) -> ::std::result::Result<i32, ::std::num::ParseIntError> {
        defer_on_failure!(add(log, "failure "));
        defer_on_success!(add(log, "success "));
        defer! {
            if let ::std::result::Result::Ok(n) = result {
                *n += 1;
            }
        }
        defer! {
            if fail {
                "x".parse::<i32>()?;
            }
        }
        let n = "7".parse::<i32>()?;
        ::std::result::Result::Ok(n)
    }

    #[with_defer]
    pub(super) fn recovers(log: &Log) -> ::std::string::String {
        defer! {
            if let ::std::option::Option::Some(panic) = recover!() {
                add(log, panic.message().unwrap_or("no text"));
            }
        }
        defer!(::std::println!("formatted {}", 1));
        ::std::panic!("panic ");
    }

    #[with_defer]
    pub(super) fn closures(log: &Log, list: &[i32]) -> i32 {
        defer!(add(log, "outer "));
        list.iter()
            .map(|n| {
                defer!(add(log, "inner "));
                n * 2
            })
            .sum()
    }

    #[with_defer]
    pub(super) async fn suspends(log: &Log) -> ::std::option::Option<i32> {
        defer_on_failure!(add(log, "failure "));
        for _ in 0..2 {
            defer!(add(log, "turn "));
            ::std::future::ready(()).await;
        }
        defer! {
            ::std::future::ready(()).await;
            add(log, "awaited ");
        }
        ::std::option::Option::None?
    }
}

#[test]
fn no_prelude() {
    use ::std::future::Future;
    use ::std::task::{Context, Poll, Waker};

    let log = <::std::cell::RefCell<::std::string::String> as ::std::default::Default>::default();
    assert_eq!(nothing_in_scope::direct(&log), 1);
    assert_eq!(log.take(), "body block call ");
    assert_eq!(nothing_in_scope::nested(&log, 3), 3);
    assert_eq!(log.take(), "scope body other second other first ");
    assert_eq!(nothing_in_scope::results(&log, false), ::std::result::Result::Ok(8));
    assert_eq!(
        nothing_in_scope::results(&log, true).unwrap_err().to_string(),
        "invalid digit found in string"
    );
    assert_eq!(log.take(), "success failure ");
    assert_eq!(nothing_in_scope::recovers(&log), "");
    assert_eq!(log.take(), "panic ");
    assert_eq!(nothing_in_scope::closures(&log, &[1, 2]), 6);
    assert_eq!(log.take(), "inner inner outer ");
    let future = ::std::pin::pin!(nothing_in_scope::suspends(&log));
    let ready = future.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(ready, Poll::Ready(::std::option::Option::None));
    assert_eq!(log.take(), "awaited turn turn failure ");
}

/// Types, modules and functions of the user's with the names that generated code or its paths could use.
mod shadowed {
    use ::with_defer::{defer, defer_on_failure, recover, with_defer};

    type Log = ::std::cell::RefCell<::std::vec::Vec<i32>>;

    struct core;
    struct std;
    struct alloc;
    struct Ok;
    struct Err;
    struct Some;
    struct None;
    struct Result;
    struct Option;
    struct Box;
    struct Vec;
    struct Slot;
    struct Stack;
    struct Exit;
    struct Ty;
    struct Panic;
    struct Fallible;
    struct Either;
    struct Poll;
    struct Future;
    struct Default;
    struct From;
    struct rt;
    struct __rt_0_1_0;
    struct with_defer_runtime;
    fn exit() {}
    fn guard() {}
    fn level() {}
    fn attempt() {}
    fn take() {}

    fn add(log: &Log, n: i32) {
        log.borrow_mut().push(n);
    }

    #[with_defer]
    pub(super) fn all_kinds(
        log: &Log,
        list: &[i32],
    ) -> ::std::result::Result<i32, ::std::num::ParseIntError> {
        let (exit, guard, slot, record) = (1, 2, 3, 4);
        defer_on_failure!(add(log, exit));
        defer!(add(log, guard + 1));
        for n in list {
            let turn = *n;
            defer! {
                add(log, turn + 1);
            }
        }
        #[defer_scope]
        for n in list {
            defer!(add(log, n * 100));
        }
        defer! {
            "x".parse::<i32>()?;
        }
        add(log, slot + record);
        ::std::result::Result::Ok(1)
    }

    #[with_defer(exit = 5)]
    pub(super) fn recovers(log: &Log) -> i32 {
        defer! {
            *exit += 1;
            if recover!().is_some() {
                add(log, *exit);
            }
        }
        ::std::panic!("stop");
    }

    #[with_defer]
    pub(super) fn owned(log: &Log) -> i32 {
        let result = 1;
        let defer = 2;
        let with_defer = 3;
        defer!(add(log, result + defer));
        if with_defer == 3 {
            defer!(add(log, with_defer));
        }
        result
    }
}

#[test]
fn shadowed_names() {
    let log = <::std::cell::RefCell<::std::vec::Vec<i32>> as ::std::default::Default>::default();
    assert_eq!(shadowed::all_kinds(&log, &[1, 2]).unwrap_err().to_string(), "invalid digit found in string");
    assert_eq!(log.take(), [100, 200, 7, 3, 2, 3, 1]);
    assert_eq!(shadowed::recovers(&log), 6);
    assert_eq!(log.take(), [6]);
    assert_eq!(shadowed::owned(&log), 1);
    assert_eq!(log.take(), [3, 3]);
}

/// Two attributes in one module, and in one another's functions.
mod two_in_one_module {
    use ::with_defer::{defer, with_defer};

    #[with_defer]
    pub(super) fn outer(log: &mut ::std::vec::Vec<i32>) -> i32 {
        #[with_defer]
        fn inner(log: &mut ::std::vec::Vec<i32>) -> i32 {
            defer!(log.push(1));
            log.push(2);
            3
        }
        defer!(log.push(4));
        inner(log)
    }

    #[with_defer]
    pub(super) fn other(log: &mut ::std::vec::Vec<i32>) -> i32 {
        defer!(log.push(5));
        outer(log)
    }
}

#[test]
fn two_attributes() {
    let mut log = ::std::vec::Vec::new();
    assert_eq!(two_in_one_module::other(&mut log), 3);
    assert_eq!(log, [2, 1, 4, 5]);
}
