//! Deferred statements while a panic passes through, and how they stop it.

use with_defer::{defer_keyword, recover, with_defer};

defer_keyword! {
    pub(crate) fn panics() {
        defer { println!("recovered: {}", recover!().unwrap()); }
        defer println!("second");
        defer println!("first");
        panic!("out of paper");
    }

    pub(crate) fn f() {
        defer {
            if let Some(panic) = recover!() {
                println!("Recovered in f {panic}");
            }
        }
        println!("Calling g.");
        g(0);
        println!("Returned normally from g.");
    }

    fn g(i: i32) {
        if i > 3 {
            println!("Panicking!");
            panic!("{i}");
        }
        defer println!("Defer in g {i}");
        println!("Printing in g {i}");
        g(i + 1);
    }

    pub(crate) fn replaced() {
        defer { println!("recovered: {}", recover!().unwrap()); }
        defer println!("still runs");
        defer { panic!("two"); }
        panic!("one");
    }

    #[with_defer(result = Ok(()))]
    pub(crate) fn parse(text: &str) -> Result<(), String> {
        defer {
            if let Some(panic) = recover!() {
                *result = Err(format!("parse {text}: {panic}"));
            }
        }
        panic!("unexpected end");
    }
}
