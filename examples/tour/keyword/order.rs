//! When deferred statements run, and in which order.

use std::num::ParseIntError;

use with_defer::defer_keyword;

defer_keyword! {
    pub(crate) fn hello() {
        defer println!("world");
        println!("hello");
    }

    pub(crate) fn lifo() {
        defer println!("first");
        defer println!("second");
        defer println!("third");
    }

    pub(crate) fn early(n: i32) {
        defer println!("done with {n}");
        if n == 0 {
            return;
        }
        defer println!("was not zero");
        println!("using {n}");
    }

    pub(crate) fn parse(text: &str) -> Result<i32, ParseIntError> {
        defer println!("looked at {text}");
        let n = text.parse()?;
        println!("found {n}");
        Ok(n)
    }

    fn trace(s: &str) -> impl FnOnce() {
        println!("entering: {s}");
        move || println!("leaving: {s}")
    }

    fn a() {
        defer trace("a")();
        println!("in a");
    }

    pub(crate) fn b() {
        defer trace("b")();
        println!("in b");
        a();
    }

    pub(crate) fn frames() {
        defer println!("function ends");
        let closure = || {
            defer println!("closure ends");
            println!("in the closure");
        };
        closure();
        println!("after the closure");
    }

    pub(crate) fn nested() {
        defer {
            defer println!("four");
            println!("two");
            defer println!("three");
        }
        println!("one");
    }
}
