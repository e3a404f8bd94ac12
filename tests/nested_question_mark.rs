//! `?` in a deferred statement that stands in deferred code: its failure becomes that of the deferred code, and so
//! the function's.

#[path = "support/log.rs"]
mod log;

use log::Log;
use with_defer::{defer, with_defer};

/// Says that it ran, and fails if the name starts with `!`.
fn close(name: &'static str, log: &Log) -> Result<(), &'static str> {
    log.add(name);
    if name.starts_with('!') { Err(name) } else { Ok(()) }
}

#[test]
fn in_the_inner_statement_only() {
    #[with_defer]
    fn f(name: &'static str, log: &Log) -> Result<(), &'static str> {
        defer! {
            defer!(close(name, log)?);
            log.add("deferred");
        }
        Ok(())
    }

    let log = Log::new();
    assert_eq!(f("file", &log), Ok(()));
    assert_eq!(f("!file", &log), Err("!file"));
    assert_eq!(log.text(), "deferred file deferred !file");
}

#[test]
fn in_both() {
    #[with_defer]
    fn f(inner: &'static str, outer: &'static str, log: &Log) -> Result<u8, &'static str> {
        defer!(log.add("last"));
        defer! {
            defer!(close(inner, log)?);
            close(outer, log)?;
        }
        Ok(1)
    }

    let log = Log::new();
    assert_eq!(f("inner", "outer", &log), Ok(1));
    assert_eq!(log.text(), "outer inner last");
    let log = Log::new();
    assert_eq!(f("!inner", "outer", &log), Err("!inner"));
    assert_eq!(log.text(), "outer !inner last");
    let log = Log::new();
    assert_eq!(f("!inner", "!outer", &log), Err("!outer"));
    assert_eq!(log.text(), "!outer !inner last");
}

#[test]
fn in_the_outer_statement_only() {
    #[with_defer]
    fn f(name: &'static str, log: &Log) -> Option<u8> {
        defer! {
            defer!(log.add("inner"));
            close(name, log).ok()?;
            log.add("closed");
        }
        Some(1)
    }

    let log = Log::new();
    assert_eq!(f("file", &log), Some(1));
    assert_eq!(f("!file", &log), None);
    assert_eq!(log.text(), "file closed inner !file inner");
}

#[test]
fn with_a_named_result() {
    #[with_defer(result = Ok(0))]
    fn f(name: &'static str, log: &Log) -> Result<u8, &'static str> {
        defer! {
            if let Ok(number) = result {
                *number += 1;
            }
        }
        defer! {
            defer! {
                defer!(close(name, log)?);
                log.add("inner");
            }
            if let Ok(number) = result {
                *number += 10;
            }
        }
        Ok(1)
    }

    let log = Log::new();
    assert_eq!(f("file", &log), Ok(12));
    assert_eq!(f("!file", &log), Err("!file"));
    assert_eq!(log.text(), "inner file inner !file");
}
