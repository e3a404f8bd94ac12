//! Generated code sees nothing of the user's names, and the user's code nothing of its.
#![allow(dead_code, unused_macros, unused_macro_rules, reason = "names that must not be picked up")]

use with_defer::with_defer;

/// A prelude that is somebody else's.
mod shadowed {
    use ::std::result::Result as StdResult;
    use with_defer::{defer, recover, with_defer};

    enum Option {}
    enum Result {}
    enum Box {}
    enum Vec {}
    enum String {}
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Default;
    struct Exit;
    struct Slot;
    struct Ty;
    struct FnOnce;
    trait Sized {}
    trait Drop {}
    trait Fallible {}
    trait Panic {}
    mod core {}
    mod std {}
    mod alloc {}
    mod with_defer_runtime {}
    mod __rt_0_1_0 {}
    fn drop() {}
    fn guard() {}
    fn defer() {}
    fn after() {}
    fn recover() {}
    fn leave() {}
    macro_rules! panic {
        () => {};
    }
    macro_rules! format {
        () => {};
    }
    macro_rules! format_args {
        () => {};
    }

    #[with_defer]
    pub(super) fn plain(log: &mut ::std::vec::Vec<i32>) -> i32 {
        let mut n = 1;
        defer!(log.push(n));
        defer! {
            log.push(n);
        }
        n += 1;
        n
    }

    #[with_defer]
    pub(super) fn formatted(n: i32) {
        defer!(println!("{n}"));
        ::std::panic::panic_any(n);
    }

    #[with_defer]
    pub(super) fn recovered(n: i32) -> i32 {
        defer! {
            recover!();
        }
        ::std::panic::panic_any(n);
    }

    #[with_defer(result = StdResult::Ok(1))]
    pub(super) fn named(text: &str) -> StdResult<i32, ::std::num::ParseIntError> {
        defer! {
            if let StdResult::Ok(n) = result {
                *n += 1;
            }
        }
        defer!(text.parse::<u8>()?);
        let n = text.parse()?;
        StdResult::Ok(n)
    }
}

#[test]
fn shadowed_prelude() {
    let mut log = vec![];
    assert_eq!(shadowed::plain(&mut log), 2);
    assert_eq!(log, [2, 1]);
    assert_eq!(shadowed::recovered(5), 0);
    assert_eq!(std::panic::catch_unwind(|| shadowed::formatted(5)).unwrap_err().downcast_ref(), Some(&5));
    assert_eq!(shadowed::named("7"), Ok(8));
    assert_eq!(shadowed::named("300").unwrap_err().to_string(), "number too large to fit in target type");
}

/// `use`s in the body are the user's own.
#[test]
fn imports_in_the_body() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) -> i32 {
        use std::mem as core;
        use with_defer::defer;
        defer!(log.push(1));
        {
            use std::fmt::Error as Ok;
            let _ = Ok;
        }
        let mut n = 5;
        core::replace(&mut n, 6)
    }
    let mut log = vec![];
    assert_eq!(f(&mut log), 5);
    assert_eq!(log, [1]);
}

/// A variable of the deferred block is not the function's.
#[test]
fn variables_of_a_deferred_block_stay_in_it() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) -> i32 {
        use with_defer::defer;
        let n = 1;
        defer! {
            let n = n + 10;
            log.push(n);
        }
        defer! {
            let inner = n + 20;
            log.push(inner);
        }
        let inner = 5;
        n + inner
    }
    let mut log = vec![];
    assert_eq!(f(&mut log), 6);
    assert_eq!(log, [21, 11]);
}
