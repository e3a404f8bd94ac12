//! Edition 2024.

const EDITION: u32 = 2024;

#[path = "../cases.rs"]
mod cases;
#[path = "../parts.rs"]
mod parts;

use cases::Log;
use with_defer::{defer, with_defer};

/// Temporaries of a chain live as long as without the attribute.
#[test]
fn let_chains() {
    fn plain(log: &Log, yes: bool) {
        if let Some(name) = log.noisy("first").first(yes)
            && let Some(length) = log.noisy("second").first(name.len() == 5)
        {
            log.add(length);
        } else {
            log.add("else");
        }
        log.add("end");
    }
    #[with_defer]
    fn deferring(log: &Log, yes: bool) {
        if let Some(name) = log.noisy("first").first(yes)
            && let Some(length) = log.noisy("second").first(name.len() == 5)
        {
            let both = name.len() + length.len();
            defer!(log.add(both));
            log.add(length);
        } else {
            defer!(log.add("deferred"));
            log.add("else");
        }
        log.add("end");
    }
    let log = Log::default();
    let order = |f: fn(&Log, bool), yes| {
        f(&log, yes);
        log.take()
    };
    assert_eq!(order(plain, true), "second second first end", "no attribute");
    assert_eq!(order(deferring, true), "second second first end 11", "as without the attribute");
    assert_eq!(order(plain, false), "first else end", "no attribute");
    assert_eq!(order(deferring, false), "first else end deferred", "as without the attribute");
}

/// An `async` closure is a frame.
#[test]
fn async_closures() {
    #[with_defer]
    async fn f(log: &Log) -> usize {
        defer!(log.add("outer"));
        let closure = async |name: &'static str| {
            defer!(log.add("inner"));
            log.noisy(name).first(true).map_or(0, str::len)
        };
        closure("one").await + closure("three").await
    }
    let log = Log::default();
    assert_eq!(cases::poll(f(&log), 1), Some(8), "the result");
    assert_eq!(log.take(), "one inner three inner outer", "the order");
}
