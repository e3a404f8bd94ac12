//! This crate depends on one that hands on `with_defer`, and not on `with_defer` itself.

use with_defer_test_reexporting::cleanup::prelude::*;
use with_defer_test_reexporting::{cleanup, traced, traced_by_keyword};

/// What ran.
pub type Log = Vec<&'static str>;

/// The attribute needs the path.
///
/// # Errors
///
/// If it is not `Some`.
#[with_defer(crate = cleanup)]
pub fn by_path(log: &mut Log, value: Option<u8>) -> Result<u8, &'static str> {
    defer!(log.push("always"));
    defer_on_failure!(log.push("failure"));
    for _ in 0..2 {
        defer! {
            log.push("loop");
        }
    }
    value.ok_or("nothing")
}

#[with_defer(crate = with_defer_test_reexporting::cleanup, result = "body")]
fn named() -> &'static str {
    defer! {
        *result = "deferred";
    }
    result
}

/// The name of the result.
#[must_use]
pub fn by_long_path() -> &'static str {
    named()
}

cleanup::defer_keyword! {
    /// The keyword finds the path itself.
    pub fn by_keyword(log: &mut Log) {
        defer log.push("deferred");
        log.push("body");
    }

    /// An `impl`.
    #[with_defer]
    impl Owner {
        /// Adds something.
        pub fn add(&mut self) {
            defer self.0.push("deferred");
            self.0.push("body");
        }
    }
}

/// Has methods.
#[derive(Debug, Default)]
pub struct Owner(pub Log);

traced! {
    /// From a macro of the other crate.
    pub fn by_a_macro(log: &mut Log) -> usize {
        log.push("body");
        log.len()
    }
}

traced_by_keyword! {
    /// From another.
    pub fn by_a_macro_with_keyword(log: &mut Log) {
        defer log.push("own");
        log.push("body");
    }
}
