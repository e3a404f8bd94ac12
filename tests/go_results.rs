//! What Go's own tests, and the tools around Go, demand of results.

#![allow(clippy::redundant_closure_call, reason = "a closure as callee is Go's `defer func(s) { … }(s)`")]

#[path = "support/log.rs"]
mod log;

use std::panic::panic_any;

use log::Log;
use with_defer::{Panic, defer, recover, with_defer};

// G091
#[test]
fn unnamed_not_changed() {
    #[with_defer]
    fn unnamed(seen: &Log) -> i32 {
        let mut x = 10;
        defer! {
            x += 10;
            seen.add(x);
        }
        x
    }

    #[with_defer(x = 0)]
    fn named(seen: &Log) -> i32 {
        *x = 10;
        defer! {
            *x += 10;
            seen.add(*x);
        }
        *x
    }

    let seen = Log::new();
    assert_eq!(unnamed(&seen), 10);
    assert_eq!(named(&seen), 20);
    assert_eq!(seen.text(), "20 20");
}

// G093
#[test]
fn lifo_on_result_51() {
    #[with_defer(r = 0)]
    fn f() -> i32 {
        defer! { *r += 1 }
        defer! { *r *= 10 }
        5
    }

    assert_eq!(f(), 51);
}

// G095
#[test]
fn both_return_styles() {
    #[with_defer((x, y) = (0, 0))]
    fn bare(seen: &Log) -> (i32, i32) {
        defer! {
            seen.add(*x);
            seen.add(*y);
            (*x, *y) = (3, 4);
        }
        *x = 1;
        *y = 2;
        return;
    }

    #[with_defer((x, y) = (0, 0))]
    fn explicit(seen: &Log) -> (i32, i32) {
        defer! {
            seen.add(*x);
            seen.add(*y);
            (*x, *y) = (3, 4);
        }
        (1, 2)
    }

    let seen = Log::new();
    assert_eq!(bare(&seen), (3, 4));
    assert_eq!(explicit(&seen), (3, 4));
    assert_eq!(seen.text(), "1 2 1 2");
}

// G097
#[test]
fn deferred_call_sets_default() {
    #[with_defer(x = T::default())]
    fn attempt<T: Default + 'static>(g: impl FnOnce(), default: T) -> T {
        defer! {
            if let Some(panic) = recover!() {
                *x = *panic.downcast::<T>().expect("a payload of the result's type");
            }
        }
        defer!(g());
        default
    }

    assert_eq!(attempt(|| panic_any(5), 55), 5);
    assert_eq!(attempt(|| (), 55), 55);
    assert_eq!(attempt(|| panic_any("five"), "hi"), "five");
    assert_eq!(attempt(|| (), "hi"), "hi");
}

// G099
#[test]
fn zero_after_recover() {
    #[with_defer]
    fn f() -> (i32, String) {
        defer! { recover!(); }
        panic!("gone")
    }

    assert_eq!(f(), (0, String::new()));
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Four {
    a: u8,
    b: u16,
    c: u32,
    d: u64,
}

// G101
#[test]
fn mixed_types_kept() {
    #[with_defer((number, text, _, four, array) = Default::default())]
    fn f() -> (i32, &'static str, i32, Four, [u64; 2]) {
        defer! { recover!(); }
        *number = 10;
        *text = "hello";
        *four = Four { a: 1, b: 2, c: 3, d: 4 };
        *array = [111, 222];
        panic!("after all is set")
    }

    assert_eq!(f(), (10, "hello", 0, Four { a: 1, b: 2, c: 3, d: 4 }, [111, 222]));
}

struct Large {
    counter: u32,
    bytes: Vec<u8>,
    array: [u8; 65_536],
}

impl Default for Large {
    #[expect(clippy::large_stack_arrays, reason = "results go over the stack")]
    fn default() -> Self {
        Self { counter: 0, bytes: Vec::new(), array: [0; 65_536] }
    }
}

// G103
#[test]
fn large_result_modified() {
    #[with_defer(large)]
    fn f() -> Large {
        defer! {
            large.counter += 1;
            large.array[65_535] = 7;
        }
        large.counter = 1;
        large.bytes.push(9);
        return;
    }

    let large = f();
    assert_eq!(large.counter, 2);
    assert_eq!(large.array[65_535], 7);
    assert_eq!(large.array[..65_535].iter().max(), Some(&0));
    assert_eq!(large.bytes, [9]);
}

// G105
#[test]
fn partial_assignment_panics() {
    #[with_defer((bad, number) = (false, 0))]
    fn assigns(numbers: &[i32]) -> (bool, i32) {
        defer! { recover!(); }
        (*bad, *number) = (true, numbers[3]);
        return;
    }

    #[with_defer((bad, _) = (false, 0))]
    fn returns(numbers: &[i32]) -> (bool, i32) {
        defer! {
            recover!();
            assert!(!*bad);
        }
        (true, numbers[3])
    }

    assert_eq!(assigns(&[]), (false, 0));
    assert_eq!(returns(&[]), (false, 0));
    assert_eq!(assigns(&[1, 2, 3, 4]), (true, 4));
}

// G107
#[test]
fn deferred_overrides_return() {
    #[with_defer(result = "")]
    fn f() -> &'static str {
        let mut s = "set by the deferred call";
        defer!((|s| *result = s)(s));
        s = "returned";
        s
    }

    assert_eq!(f(), "set by the deferred call");
}

// G109
#[test]
fn panic_to_error() {
    #[with_defer((v, error) = (0, None))]
    fn two_results() -> (i32, Option<String>) {
        *v = 7;
        defer! {
            if let Some(panic) = recover!() {
                *error = Some(format!("wrapped: {panic}"));
            }
        }
        panic!("boom")
    }

    #[with_defer(result = Ok(0))]
    fn one_result() -> Result<i32, (i32, String)> {
        *result = Ok(7);
        defer! {
            if let Some(panic) = recover!() {
                *result = Err((result.as_ref().copied().unwrap_or(0), format!("wrapped: {panic}")));
            }
        }
        panic!("boom")
    }

    assert_eq!(two_results(), (7, Some("wrapped: boom".to_owned())));
    assert_eq!(one_result(), Err((7, "wrapped: boom".to_owned())));
}

// G111: the address of a result can be named, and is looked at when the call is made
#[test]
fn result_address_argument() {
    fn wrap(error: &mut Result<u32, String>, depth: u32) {
        if let Err(text) = error {
            *text = format!("{text} {depth}");
        }
    }

    fn junk(level: u32) -> u64 {
        let numbers = [u64::from(level); 64];
        if level == 0 { numbers.iter().sum() } else { junk(level - 1) + numbers[0] }
    }

    #[with_defer(result = Ok(0))]
    fn descend(depth: u32, fails: bool) -> Result<u32, String> {
        if depth % 200 == 0 {
            defer!(wrap(&mut *result, depth));
        }
        defer! { assert_eq!(junk(5), 15) }
        if depth < 999 {
            return descend(depth + 1, fails);
        }
        if fails { Err("at".to_owned()) } else { Ok(depth) }
    }

    let both = || (descend(0, false), descend(0, true));
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(both).expect("a thread");
    let (succeeded, failed) = thread.join().expect("no panic");
    assert_eq!(succeeded, Ok(999));
    assert_eq!(failed, Err("at 800 600 400 200 0".to_owned()));
}

// G113
#[test]
fn recovered_as_result() {
    #[with_defer(payload = None)]
    fn panic_value(run: impl FnOnce()) -> Option<Panic> {
        defer! { *payload = recover!() }
        run();
        None
    }

    let panic = panic_value(|| panic_any(25_u8)).expect("a panic");
    assert_eq!(*panic.downcast::<u8>().expect("a `u8`"), 25);
    assert!(panic_value(|| ()).is_none());
}
