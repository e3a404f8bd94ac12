//! Return types that nobody can write down, and large ones.
#![allow(clippy::needless_return, reason = "every way out is written")]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use std::fmt::{Debug, Display};
use std::future::Future;
use std::iter::Peekable;

use caught::caught;
use log::Log;
use with_defer::{defer, defer_on_success, recover, with_defer};

// `impl Fn(…)`: the closure that is returned knows its parameter.

#[test]
fn impl_fn_of_a_reference() {
    #[with_defer]
    fn length(log: &Log, extra: usize) -> impl Fn(&str) -> usize + use<> {
        defer!(log.add("deferred"));
        move |text| text.len() + extra
    }

    #[with_defer]
    fn early(log: &Log, extra: usize) -> impl Fn(&str) -> usize + use<> {
        defer!(log.add("deferred"));
        log.add("body");
        return move |text| text.trim().len() + extra;
    }

    let log = Log::new();
    assert_eq!(length(&log, 1)("four"), 5);
    assert_eq!(early(&log, 2)(" four "), 6);
    assert_eq!(log.text(), "deferred body deferred");
}

#[test]
fn impl_fn_with_types_of_the_impl() {
    struct Scale<T> {
        factor: T,
    }

    impl<T: Copy + std::ops::Mul<Output = T> + PartialOrd> Scale<T> {
        #[with_defer]
        fn scaler(&self, log: &Log) -> impl Fn(&T) -> T + use<T> {
            defer!(log.add("scaler"));
            let factor = self.factor;
            move |value| *value * factor
        }

        #[with_defer]
        fn compare(log: &Log) -> impl Fn(&Self, &Self) -> bool + use<T> {
            defer!(log.add("compare"));
            |a, b| a.factor < b.factor
        }
    }

    let log = Log::new();
    let (two, three) = (Scale { factor: 2 }, Scale { factor: 3 });
    assert_eq!(two.scaler(&log)(&21), 42);
    assert!(Scale::compare(&log)(&two, &three));
    assert_eq!(log.text(), "scaler compare");
}

#[test]
fn impl_fn_once_and_mut() {
    #[with_defer]
    fn once(text: String, log: &Log) -> impl FnOnce(&mut String) + use<> {
        defer!(log.add("once"));
        move |out| out.push_str(&text)
    }

    #[with_defer]
    fn counter(log: &Log) -> impl FnMut(&[u8]) -> usize + use<> {
        defer!(log.add("counter"));
        let mut count = 0;
        move |bytes| {
            count += bytes.len();
            count
        }
    }

    let (log, mut out) = (Log::new(), String::from("a"));
    once("b".to_owned(), &log)(&mut out);
    assert_eq!(out, "ab");
    let mut count = counter(&log);
    count(&[1, 2]);
    assert_eq!(count(&[3]), 3);
    assert_eq!(log.text(), "once counter");
}

// `impl Trait` elsewhere.

#[test]
fn impl_trait_at_any_depth() {
    #[with_defer]
    fn whole(log: &Log) -> impl Iterator<Item = u32> + use<> {
        defer!(log.add(1));
        (0..10).filter(|n| n % 4 == 1)
    }

    #[with_defer]
    fn boxed(log: &Log) -> Box<impl Display + use<>> {
        defer!(log.add(2));
        Box::new(5)
    }

    #[with_defer]
    fn nested(
        log: &Log,
        empty: bool,
    ) -> Option<Result<(impl Debug + use<>, Vec<impl Display + use<>>), String>> {
        defer!(log.add(3));
        if empty {
            return None;
        }
        Some(Ok(((1, 'x'), vec!["text"])))
    }

    #[with_defer]
    fn of_an_impl(numbers: impl Iterator<Item = u32>, log: &Log) -> Peekable<impl Iterator<Item = u32>> {
        defer!(log.add(4));
        numbers.map(|n| n * 2).peekable()
    }

    #[with_defer]
    fn future(log: &Log) -> impl Future<Output = u8> + use<> {
        defer!(log.add(5));
        std::future::ready(6)
    }

    let log = Log::new();
    assert_eq!(whole(&log).collect::<Vec<_>>(), [1, 5, 9]);
    assert_eq!(boxed(&log).to_string(), "5");
    let (debug, display) = nested(&log, false).expect("some").expect("ok");
    assert_eq!(format!("{debug:?} {}", display[0]), "(1, 'x') text");
    assert!(nested(&log, true).is_none());
    assert_eq!(of_an_impl(1..3, &log).peek(), Some(&2));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let future = std::pin::pin!(future(&log));
    assert_eq!(future.poll(&mut context), std::task::Poll::Ready(6));
    assert_eq!(log.text(), "1 2 3 3 4 5");
}

// Closures: what they return is inferred from where they are passed.

#[test]
fn a_closure_that_returns_a_boxed_trait_object() {
    fn call(f: impl Fn(bool) -> Box<dyn Display>) -> String {
        format!("{} {}", f(true), f(false))
    }

    #[with_defer]
    fn f(log: &Log) -> String {
        call(|early| {
            defer!(log.add("closure"));
            if early {
                return Box::new(1);
            }
            Box::new("x")
        })
    }

    let log = Log::new();
    assert_eq!(f(&log), "1 x");
    assert_eq!(log.text(), "closure closure");
}

#[test]
fn a_closure_whose_result_is_coerced() {
    fn slice<'a>(f: impl FnOnce() -> &'a [u8]) -> usize {
        f().len()
    }

    fn pointer(f: impl Fn() -> fn(i32) -> i32) -> i32 {
        f()(-4)
    }

    fn closed(f: impl FnOnce() -> Box<dyn Fn(i32) -> i32>) -> i32 {
        f()(10)
    }

    #[with_defer]
    fn f(log: &Log) -> (usize, i32, i32) {
        let length = slice(|| {
            defer!(log.add(1));
            &[1, 2, 3]
        });
        let absolute = pointer(|| {
            defer!(log.add(2));
            i32::abs
        });
        let added = closed(|| {
            defer!(log.add(3));
            let n = 5;
            Box::new(move |m| n + m)
        });
        (length, absolute, added)
    }

    let log = Log::new();
    assert_eq!(f(&log), (3, 4, 15));
    assert_eq!(log.text(), "1 2 3");
}

#[test]
fn a_closure_with_a_default() {
    #[with_defer]
    fn f(log: &Log) -> Vec<u8> {
        let halve = |number: u8| {
            defer! { log.add(recover!().is_some()) }
            assert!(number % 2 == 0, "odd");
            number / 2
        };
        [4, 5].map(halve).to_vec()
    }

    let log = Log::new();
    assert_eq!(f(&log), [2, 0]);
    assert_eq!(log.text(), "false true");
}

#[test]
fn a_closure_that_never_returns() {
    #[with_defer]
    fn f(number: Option<u8>, log: &Log) -> u8 {
        number.unwrap_or_else(|| {
            defer!(log.add("closure"));
            panic!("nothing there")
        })
    }

    let log = Log::new();
    assert_eq!(f(Some(1), &log), 1);
    assert_eq!(caught(|| f(None, &log)).message(), Some("nothing there"));
    assert_eq!(log.text(), "closure");
}

#[test]
fn a_function_that_never_returns() {
    #[with_defer]
    fn f(log: &Log) -> ! {
        defer!(log.add("first"));
        log.add("body");
        defer!(log.add("second"));
        panic!("always");
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("always"));
    assert_eq!(log.text(), "body second first");
}

// Deferred code that never returns.

#[test]
fn deferred_code_that_never_returns() {
    fn give_up(reason: &str) -> ! {
        panic!("{reason}");
    }

    #[with_defer]
    fn f(gives_up: bool, log: &Log) -> u8 {
        defer!(log.add("last"));
        defer! {
            if gives_up {
                give_up("the block");
            }
        }
        defer! {
            if !gives_up {
                return;
            }
            give_up("before");
        }
        3
    }

    #[with_defer]
    fn call(log: &Log) -> u8 {
        defer!(log.add("last"));
        defer!(give_up("the call"));
        3
    }

    let log = Log::new();
    assert_eq!(f(false, &log), 3);
    assert_eq!(caught(|| f(true, &log)).message(), Some("the block"));
    assert_eq!(caught(|| call(&log)).message(), Some("the call"));
    assert_eq!(log.text(), "last last last");
}

// Large ones.

const LARGE: usize = 65_536;

#[test]
#[expect(clippy::large_stack_arrays, reason = "results go over the stack")]
fn large() {
    #[with_defer]
    fn passed_on(fill: u8, log: &Log) -> [u8; LARGE] {
        defer!(log.add("third"));
        defer!(log.add("second"));
        log.add("body");
        defer!(log.add("first"));
        [fill; LARGE]
    }

    #[with_defer]
    fn replaced(fails: bool, log: &Log) -> Result<[u8; LARGE], String> {
        defer_on_success!(log.add("success"));
        defer! {
            if fails {
                Err("deferred")?;
            }
        }
        Ok([1; LARGE])
    }

    #[with_defer]
    fn in_a_closure(log: &Log) -> usize {
        let make = |fill: u8| {
            defer!(log.add("closure"));
            [fill; LARGE]
        };
        make(2).iter().map(|&byte| usize::from(byte)).sum()
    }

    let log = Log::new();
    assert!(passed_on(7, &log).iter().all(|&byte| byte == 7));
    assert_eq!(log.text(), "body first second third");
    let log = Log::new();
    assert_eq!(replaced(false, &log).expect("a value").len(), LARGE);
    assert_eq!(replaced(true, &log), Err("deferred".to_owned()));
    assert_eq!(log.text(), "success");
    assert_eq!(in_a_closure(&log), 2 * LARGE);
}

/// A closure would only borrow a variable that a pattern looks into.
mod references_out_of_patterns {
    use super::*;

    enum Either {
        Left(u8),
        Both(u8, u8),
        Neither,
    }

    impl Either {
        #[with_defer]
        fn left(&mut self, log: &Log) -> &mut u8 {
            defer!(log.add("left"));
            match self {
                Self::Left(left) | Self::Both(left, _) => left,
                Self::Neither => {
                    *self = Self::Left(1);
                    if let Self::Left(left) = self { left } else { unreachable!() }
                }
            }
        }

        #[with_defer]
        fn both(&mut self, log: &Log) -> Option<(&mut u8, &mut u8)> {
            defer!(log.add("first"));
            *self = Self::Both(2, 3);
            defer!(log.add("second"));
            if let Self::Both(left, right) = self { Some((left, right)) } else { None }
        }

        #[with_defer]
        fn right(&mut self, log: &Log, turns: u8) -> Option<&mut u8> {
            for turn in 0..turns {
                defer!(log.add(turn));
            }
            let Self::Both(_, right) = self else { return None };
            Some(right)
        }
    }

    #[with_defer]
    fn filled<'a>(option: &'a mut Option<u8>, log: &Log) -> &'a mut u8 {
        defer!(log.add("filled"));
        if let Some(value) = option {
            return value;
        }
        *option = Some(4);
        match option {
            Some(value) => value,
            None => unreachable!(),
        }
    }

    #[test]
    fn are_returned() {
        let log = Log::default();
        let mut either = Either::Neither;
        *either.left(&log) += 1;
        assert!(matches!(either, Either::Left(2)));
        assert_eq!(either.both(&log), Some((&mut 2, &mut 3)));
        *either.right(&log, 2).unwrap() += 1;
        assert!(matches!(either, Either::Both(2, 4)));
        *filled(&mut None, &log) += 1;
        assert_eq!(log.text(), "left second first 1 0 filled");
    }
}
