//! Attributes beside `#[with_defer]`, on parameters, in the body and on deferred statements.
#![deny(warnings)]

mod common;

use std::panic::Location;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

#[test]
fn cfg_before_and_after() {
    #[cfg(any())]
    #[with_defer]
    fn gone(log: &Log) -> Unknown {
        defer!(log.add("gone"));
    }
    #[with_defer]
    #[cfg(any())]
    fn gone(log: &Log) -> Unknown {
        defer!(log.add("gone"));
    }
    #[with_defer]
    #[cfg(not(any()))]
    fn there(log: &Log, #[cfg(any())] gone: Unknown) -> i32 {
        defer!(log.add("deferred"));
        #[cfg(any())]
        defer!(gone.add("gone"));
        #[cfg(not(any()))]
        defer!(log.add("there"));
        log.add("body");
        #[cfg(any())]
        {
            2
        }
        #[cfg(not(any()))]
        {
            1
        }
    }
    #[cfg_attr(all(), with_defer)]
    fn conditional(log: &Log) {
        defer!(log.add("deferred"));
        log.add("body");
    }
    let log = Log::default();
    assert_eq!(there(&log), 1);
    conditional(&log);
    assert_eq!(log.text(), "body there deferred body deferred");
}

#[test]
fn allow_covers_body_and_deferred_code() {
    #[with_defer]
    #[allow(
        unused_variables,
        unused_mut,
        unused_must_use,
        unreachable_code,
        path_statements,
        reason = "the point"
    )]
    fn after(log: &Log, n: i32) -> i32 {
        let mut first = 1;
        defer! {
            let mut second = 2;
            log.value("deferred", Err::<(), ()>(()));
        }
        let mut third = 3;
        log.value("body", Err::<(), ()>(()));
        log;
        return 4;
        5
    }
    #[allow(unused_variables, reason = "the point")]
    #[with_defer]
    fn before(log: &Log, n: i32) {
        defer! {
            let first = 1;
            log.add("deferred");
        }
        let second = 2;
    }
    #[with_defer]
    fn within(log: &Log) {
        #![allow(unused_variables, reason = "the point")]
        //! An inner doc comment.
        defer! {
            let first = 1;
            log.add("deferred");
        }
        let second = 2;
    }
    #[with_defer]
    fn within_the_deferred_block(log: &Log, n: u8) {
        defer! {
            #![allow(unused_variables, reason = "the point")]
            let first = 1;
            log.add("direct");
        }
        if n > 0 {
            defer! {
                #![allow(unused_variables, reason = "the point")]
                let second = 2;
                defer!(log.add("last"));
                log.add("nested");
            }
        }
    }
    let log = Log::default();
    assert_eq!(after(&log, 1), 4);
    before(&log, 1);
    within(&log);
    within_the_deferred_block(&log, 1);
    assert_eq!(log.text(), "body deferred deferred deferred nested last direct");
}

/// `#[expect]` is fulfilled where the function's would be: a lint that fires twice or not at all shows here.
#[test]
fn expect_is_fulfilled() {
    #[with_defer]
    #[expect(unused_variables, reason = "the point")]
    fn body(log: &Log) {
        defer!(log.add("deferred"));
        let unused = 1;
    }
    #[with_defer]
    #[expect(unused_variables, reason = "the point")]
    fn parameter(log: &Log, unused: i32) {
        defer!(log.add("deferred"));
    }
    #[expect(unused_variables, reason = "the point")]
    #[with_defer]
    fn deferred(log: &Log) {
        defer! {
            let unused = 1;
            log.add("deferred");
        }
    }
    #[with_defer]
    #[expect(unused_must_use, reason = "the point")]
    fn nested(log: &Log, yes: bool) {
        if yes {
            defer!(log.value("deferred", Err::<(), ()>(())));
        }
    }
    #[with_defer]
    fn statement(log: &Log) {
        #[expect(unused_must_use, reason = "the point")]
        defer! {
            log.value("first", Err::<(), ()>(()));
        }
        #[expect(unused_must_use, reason = "the point")]
        let () = {
            log.value("body", Err::<(), ()>(()));
        };
    }
    #[with_defer]
    #[expect(dead_code, reason = "the point")]
    fn never_called(log: &Log) {
        defer!(log.add("deferred"));
    }
    let log = Log::default();
    body(&log);
    parameter(&log, 1);
    deferred(&log);
    nested(&log, true);
    statement(&log);
    assert_eq!(log.text(), "deferred deferred deferred deferred body first");
}

/// Doc comments, also on parameters' side: see `warnings.rs` of the diagnostics for what `must_use` and `deprecated` say.
#[test]
fn documented_inline_cold_must_use_and_deprecated_functions() {
    /// Says what it does.
    #[doc = "And more."]
    #[inline]
    #[must_use = "it is a number"]
    #[with_defer]
    fn first(log: &Log) -> i32 {
        /* a comment */
        defer!(log.add("first")); // another
        1
    }
    #[with_defer]
    /// Behind the attribute.
    #[inline(always)]
    #[deprecated(since = "1.0.0", note = "for the test")]
    #[allow(clippy::inline_always, reason = "the point")]
    fn second(log: &Log) -> i32 {
        defer!(log.add("second"));
        2
    }
    #[with_defer]
    #[inline(never)]
    #[cold]
    #[doc(hidden)]
    fn third(log: &Log) -> i32 {
        defer!(log.add("third"));
        3
    }
    let log = Log::default();
    #[expect(deprecated, reason = "the point")]
    let sum = first(&log) + second(&log) + third(&log);
    assert_eq!(sum, 6);
    assert_eq!(log.text(), "first second third");
}

#[test]
#[with_defer]
fn test_before() {
    let log = Log::default();
    defer!(assert_eq_text(&log, "body"));
    log.add("body");
}

#[with_defer]
#[test]
fn test_behind() -> Result<(), String> {
    let log = Log::default();
    defer! {
        if log.text() != "body" {
            Err(log.text())?;
        }
    }
    log.add("body");
    Ok(())
}

#[with_defer]
#[test]
#[should_panic(expected = "a deferred panic")]
fn test_that_should_panic() {
    defer! {
        panic!("a deferred panic");
    }
}

fn assert_eq_text(log: &Log, text: &str) {
    assert_eq!(log.text(), text);
}

/// The limit that is documented: what stands behind a `defer!`, and what is deferred, reports itself.
#[test]
fn track_caller_ends_at_the_first_statement() {
    #[track_caller]
    #[with_defer]
    fn lines(deferred: &mut [u32; 2]) -> (u32, [u32; 2]) {
        let before = Location::caller().line();
        defer! {
            *deferred = [Location::caller().line(), line!()];
        }
        let behind = [Location::caller().line(), line!()];
        (before, behind)
    }
    #[with_defer]
    #[track_caller]
    fn panics(log: &Log, none: Option<i32>) -> i32 {
        defer!(log.add("deferred"));
        none.expect("a number")
    }
    let mut deferred = [0; 2];
    let ((before, behind), here) = (lines(&mut deferred), line!());
    assert_eq!(before, here);
    assert_eq!(behind[0], behind[1]);
    assert_eq!(deferred[0], deferred[1]);
    assert_ne!(deferred[0], 0);
    let log = Log::default();
    assert_eq!(panic_message(|| panics(&log, None)), "a number");
    assert_eq!(log.text(), "deferred");
}

/// The rest of the body and the deferred code have the features of the function, so a call of `wide` is safe there. That it
/// compiles is the test: not every processor could run it.
#[cfg(target_arch = "x86_64")]
#[expect(dead_code, reason = "only compiled")]
mod target_feature {
    use super::{Log, defer, with_defer};

    #[target_feature(enable = "avx2")]
    fn wide(log: &Log, entry: &str) {
        log.add(entry);
    }

    #[with_defer]
    #[target_feature(enable = "avx2")]
    fn deferring(log: &Log, yes: bool) {
        defer!(wide(log, "call"));
        defer! {
            wide(log, "block");
        }
        if yes {
            defer!(wide(log, "nested"));
        }
        wide(log, "body");
    }
}

#[test]
fn attributes_on_methods_parameters_and_generics() {
    struct Counter<'a>(&'a Log);

    impl Counter<'_> {
        #[must_use]
        #[with_defer]
        fn count<#[allow(non_camel_case_types, reason = "the point")] number: Into<i32>>(
            &self,
            #[allow(unused_variables, reason = "the point")] unused: i32,
            #[allow(unused_mut, reason = "the point")] mut n: number,
        ) -> i32 {
            let n = n.into();
            defer!(self.0.add(n));
            n + 1
        }
    }
    let log = Log::default();
    assert_eq!(Counter(&log).count(1, 2), 3);
    assert_eq!(log.text(), "2");
}

/// Several blocks are the value of the function, and a `#[cfg]` chooses one: each of them ends when the function does.
#[test]
fn cfg_chooses_the_value_of_the_function() {
    #[with_defer]
    fn f(log: &Log, n: u8) -> Option<u8> {
        defer!(log.add("first"));
        #[cfg(any())]
        {
            Some(n)
        }
        #[cfg(test)]
        {
            let doubled = n * 2;
            defer!(log.add(doubled));
            log.add("body");
            Some(doubled)
        }
        #[cfg(not(any(test, any())))]
        {
            defer!(log.add("not there"));
            Some(n)
        }
        #[cfg(all(test, any()))]
        if n > 0 { Some(n) } else { None }
    }
    let log = Log::default();
    assert_eq!(f(&log, 2), Some(4));
    assert_eq!(log.text(), "body 4 first");
}
